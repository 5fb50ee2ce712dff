"""The few facts every view shows of a run: which computer, when, for whom, how long."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from natwizard.model.finding import Finding, Page, Status
from natwizard.model.language import N_, _, ngettext
from natwizard.model.line_change import LineChange, LineChangeKind
from natwizard.model.outcome import FailureCode
from natwizard.model.report import HandoverOutcome, Report
from natwizard.model.writing import date_words as date_words
from natwizard.model.writing import moment_words as moment_words
from natwizard.model.writing import read_moment as read_moment
from natwizard.model.writing import with_unit
from natwizard.report.plain import Sanitised, isolated
from natwizard.report.words import DOT, NBSP, role_words

TITLES_SHOWN = 4
"""Of rows that were not tested for one kind of reason; the table names all."""


class Facts(Sanitised, frozen=True, kw_only=True):
    """One short line each, in words.

    Attributes:
        foot: program, profile, masking, and whom it was sent to, for the foot of a page.
        untested: what no measurement stands behind; empty where everything was tested.
    """

    workstation: str
    tested: str
    role: str
    took: str
    masking: str
    foot: str
    untested: tuple[str, ...]


def report_facts(report: Report) -> Facts:
    """Collect the facts of a run."""
    masking = _("names and addresses masked") if report.redacted else _("names and addresses shown")
    program = f"natwizard {report.app_version}"
    profile = _("profile {name} {version}").format(
        name=isolated(report.profile.name), version=isolated(report.profile.version)
    )
    return Facts(
        workstation=_workstation(report),
        tested=moment_words(report.started_at),
        role=role_words(report.answers.role),
        took=_took(report),
        masking=masking,
        foot=DOT.join((program, profile, masking, *handover_words(report))),
        untested=untested(report),
    )


def handover_words(report: Report) -> tuple[str, ...]:
    """Whether the run has reached whoever it was to be sent to; empty where nobody was named."""
    texts = {
        HandoverOutcome.SENT: _("sent to {recipient}"),
        HandoverOutcome.WAITING: _("to be sent to {recipient} with the next run"),
        HandoverOutcome.REFUSED: _("not taken by {recipient}"),
        HandoverOutcome.LOST: _("not sent to {recipient}"),
    }
    return tuple(
        texts[each.outcome].format(recipient=isolated(each.recipient))
        for each in report.handed_over
    )


def clock_after(report: Report, seconds: float) -> str:
    """Time of day, to the millisecond, that many seconds into the run: "14:06:12.402"."""
    started = read_moment(report.started_at)
    if started is None:
        return with_unit(seconds, "s", 3)
    try:
        when = started + timedelta(seconds=seconds)
    except (OverflowError, ValueError):
        return with_unit(seconds, "s", 3)
    return f"{when:%H:%M:%S}.{when.microsecond // 1000:03}"


def untested(report: Report) -> tuple[str, ...]:
    """A line each: what was not run, could not be told, waits for a person, has no need.

    Titles alone: the table has a row for each cause, with its reason.
    """
    role = role_words(report.answers.role)
    left_out = ", ".join(each.title for each in report.left_out)
    partial = ngettext(
        "{count} check was not run: {titles}",
        "{count} checks were not run: {titles}",
        len(report.left_out),
    ).format(count=len(report.left_out), titles=left_out)
    lines = (
        partial if left_out else "",
        _told(_("Could not tell: {titles}"), report, Status.UNKNOWN),
        _told(_("Not set up: {titles}"), report, Status.NOT_SET_UP),
        _told(_("A person has to confirm: {titles}"), report, Status.MANUAL),
        _told(_("Not needed for “{role}”: {titles}"), report, Status.NOT_APPLICABLE, role=role),
    )
    return tuple(filter(None, lines))


def _told(text: str, report: Report, status: Status, **more: str) -> str:
    """A line, or an empty one where no finding has the status; many of one kind are counted."""
    found = [finding.title for finding in report.findings if finding.status is status]
    rest = len(found) - TITLES_SHOWN
    if rest > 1:
        counted = ngettext("{count} more", "{count} more", rest).format(count=rest)
        found = [*found[:TITLES_SHOWN], counted]
    return text.format(titles=", ".join(found), **more) if found else ""


def page_finding(findings: Iterable[Finding], page: Page) -> Finding | None:
    """The finding whose measurement is the one to show where its page has one line."""
    return next((each for each in findings if each.page is page and each.stands_for_page), None)


def _workstation(report: Report) -> str:
    machine = report.machine
    bits = _("64-bit") if "64" in machine.architecture else machine.architecture
    computer = page_finding(report.findings, Page.COMPUTER)
    memory = computer.observed if computer is not None and computer.measured else ""
    return ", ".join(filter(None, (machine.system, bits, memory)))


def _took(report: Report) -> str:
    count = len(report.findings)  # as the window counted them while they ran
    checks = ngettext("{count} check", "{count} checks", count).format(count=count)
    seconds = seconds_taken(report)
    took = duration_words(seconds) if seconds is not None else ""
    return ", ".join(
        filter(None, (took, checks, _("stopped early") if was_stopped(report) else ""))
    )


def was_stopped(report: Report) -> bool:
    """Whether the person ended the run before every probe had brought its evidence."""
    failures = (record.failure for record in report.outcomes)
    return any(failure is not None and failure.code is FailureCode.STOPPED for failure in failures)


def seconds_taken(report: Report) -> float | None:
    """From the run's start to its end; None where its moments cannot be read."""
    started, finished = read_moment(report.started_at), read_moment(report.finished_at)
    try:
        seconds = (finished - started).total_seconds() if started and finished else None
    except TypeError:
        return None
    return seconds if seconds is not None and seconds >= 0 else None


def duration_words(seconds: float) -> str:
    """ "47 s", "2 min 5 s"."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole}{NBSP}s"
    return f"{whole // 60}{NBSP}min {whole % 60}{NBSP}s"


LINE_CHANGE_WORDS: Mapping[LineChangeKind, str] = {
    LineChangeKind.DOWN: N_("The connection went down ({interface})."),
    LineChangeKind.UP: N_("The connection came up ({interface})."),
    LineChangeKind.INTERRUPTED: N_("The connection was interrupted ({interface})."),
    LineChangeKind.OTHER_INTERFACE: N_(
        "Another connection took over, such as a VPN, Wi-Fi or a cable: {interface} in place of"
        " {before}."
    ),
    LineChangeKind.OTHER_ADDRESS: N_("This computer got another address ({interface})."),
    LineChangeKind.SUSPENDED: N_("This computer slept."),
    LineChangeKind.STOOD_STILL: N_("This computer stood still: no program got a turn."),
}


def line_change_words(change: LineChange) -> str:
    """What happened to the connection, in one sentence."""
    unnamed = _("no name")
    return _(LINE_CHANGE_WORDS[change.kind]).format(
        interface=change.interface or unnamed, before=change.was_interface or unnamed
    )
