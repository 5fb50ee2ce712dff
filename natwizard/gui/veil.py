"""Hides names and addresses in what the window shows, for a shared screen."""

from msgspec.structs import replace

from natwizard.model.finding import Finding
from natwizard.model.profile import Answers, Targets
from natwizard.model.report import SCHEMA_VERSION, Machine, ProfileUsed, Report, Verdict

NOBODY = Machine(host_name="", user_name="", system="", architecture="")


class Veil:
    """Gives values as they are, or masked while `hidden`; each is masked once."""

    def __init__(self) -> None:
        self.hidden = False
        self._machine, self._targets = NOBODY, Targets()
        self._reports: tuple[Report, Report] | None = None
        self._findings: dict[str, tuple[Finding, Finding]] = {}

    def know(self, machine: Machine, targets: Targets) -> None:
        """Whose names to hide before there is a report, and which servers may stay."""
        self._machine, self._targets = machine, targets

    def report(self, report: Report | None) -> Report | None:
        """A report as it may be seen; the same object as long as nothing changes."""
        if report is None or not self.hidden or report.redacted:
            return report
        if self._reports is None or self._reports[0] is not report:
            self._reports = (report, _redacted(report))
        return self._reports[1]

    def any_report(self, report: Report) -> Report:
        """Any other report as it may be seen."""
        return _redacted(report) if self.hidden and not report.redacted else report

    def finding(self, finding: Finding, report: Report | None) -> Finding:
        """A finding as it may be seen, with what the whole report knows once there is one."""
        if not self.hidden:
            return finding
        known = self._findings.get(finding.check)
        if known is None or known[0] is not finding:
            known = (finding, self._masked(finding, report))
            self._findings[finding.check] = known
        return known[1]

    def _masked(self, finding: Finding, report: Report | None) -> Finding:
        shown = self.report(report)
        if report is not None and shown is not None:
            for raw, masked in zip(report.findings, shown.findings, strict=True):
                if raw is finding:
                    return masked
        return _redacted(replace(self._alone(), findings=(finding,))).findings[0]

    def _alone(self) -> Report:
        """A report of one finding, for the same masks as any other."""
        profile = ProfileUsed(name="", version="", location="", targets=self._targets)
        return Report(
            schema_version=SCHEMA_VERSION, app_version="", run_id="", run_code="", started_at="",
            finished_at="", profile=profile, answers=Answers(), machine=self._machine,
            verdict=Verdict.READY, root_cause=None, findings=(), outcomes=(),
        )  # fmt: skip


def _redacted(report: Report) -> Report:
    from natwizard.report.redact import redact  # late: most people never hide anything

    return redact(report)
