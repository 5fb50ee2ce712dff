"""The findings of a run as the recognisers of root causes ask for them."""

from collections.abc import Iterable
from dataclasses import dataclass

from natwizard.model.finding import Finding, Status

ACROSS_THE_NETWORK = ("port.", "udp.", "quality.", "dns.", "websocket.", "filter.", "nat.")
ASIDE = {Status.NOT_APPLICABLE, Status.MANUAL}
NOT_MEASURED = {Status.FAIL, Status.UNKNOWN}
PAGES = ("port.tcp80", "port.tcp443")
SECURE = ("filter.tls_interception", "port.tcp443", "port.webphone", "websocket.open")
BY_RESOLVER = ("port.dns", "dns.")
BY_UDP = ("udp.", "nat.", "quality.", "browser.webrtc")


@dataclass(frozen=True, slots=True)
class Sight:
    """The findings of a run, asked by check."""

    findings: tuple[Finding, ...]

    def status(self, check: str) -> Status | None:
        """How a check stands; None where it was not in the plan."""
        finding = self._find(check)
        return finding.status if finding else None

    def value(self, check: str, name: str) -> float | int | str | bool | None:
        """A measured value by its name, or None."""
        finding = self._find(check)
        measured = finding.measured if finding else ()
        return next((quantity.value for quantity in measured if quantity.name == name), None)

    def network(self) -> tuple[Finding, ...]:
        """What was measured across the network for this role."""
        return tuple(
            finding
            for finding in self.findings
            if finding.check.startswith(ACROSS_THE_NETWORK) and finding.status not in ASIDE
        )

    def troubled(self, *prefixes: str) -> tuple[str, ...]:
        """Checks that are not as they should be, by the beginning of their names."""
        fine = {Status.PASS, *ASIDE}
        return tuple(
            finding.check
            for finding in self.findings
            if finding.check.startswith(prefixes) and finding.status not in fine
        )

    def stuck(self, step: str, checks: Iterable[str]) -> tuple[str, ...]:
        """Those of these checks whose connection came to its end at a step."""
        return tuple(check for check in checks if self.value(check, "reached") == step)

    def _find(self, check: str) -> Finding | None:
        return next((finding for finding in self.findings if finding.check == check), None)
