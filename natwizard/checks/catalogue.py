"""Every check, in report order. Adding one is a line here."""

from natwizard.checks.audio_devices import AUDIO_DEVICES
from natwizard.checks.base import Rulebook
from natwizard.checks.browser_bits import BROWSER_BITS
from natwizard.checks.browser_version import BROWSER_VERSION
from natwizard.checks.computer_cpu import COMPUTER_CPU
from natwizard.checks.computer_os_bits import COMPUTER_OS_BITS
from natwizard.checks.computer_ram import COMPUTER_RAM
from natwizard.checks.computer_ram_available import COMPUTER_RAM_AVAILABLE
from natwizard.checks.link_wired import LINK_WIRED
from natwizard.checks.screen_resolution import SCREEN_RESOLUTION
from natwizard.probes.base import Probe

CHECKS: tuple[Rulebook, ...] = (
    BROWSER_VERSION,
    BROWSER_BITS,
    COMPUTER_CPU,
    COMPUTER_RAM,
    COMPUTER_RAM_AVAILABLE,
    COMPUTER_OS_BITS,
    SCREEN_RESOLUTION,
    AUDIO_DEVICES,
    LINK_WIRED,
)


def probes_of(checks: tuple[Rulebook, ...]) -> tuple[Probe[object], ...]:
    """The probes that some checks need, each once, in the order they are first needed."""
    return tuple({probe.name: probe for check in checks for probe in check.needs}.values())
