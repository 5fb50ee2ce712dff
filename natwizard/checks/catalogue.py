"""Every check, in report order. Adding one is a line here."""

from natwizard.checks.base import Rulebook
from natwizard.checks.computer_ram import COMPUTER_RAM
from natwizard.probes.base import Probe

CHECKS: tuple[Rulebook, ...] = (COMPUTER_RAM,)


def probes_of(checks: tuple[Rulebook, ...]) -> tuple[Probe[object], ...]:
    """The probes that some checks need, each once, in the order they are first needed."""
    return tuple({probe.name: probe for check in checks for probe in check.needs}.values())
