"""A report as rows of tables: what one file says, bounded, with nothing else kept."""

import re
from datetime import UTC, datetime
from functools import cache
from pathlib import PurePath

import msgspec
from msgspec import Struct

from natwizard.languages import known_code, language_of
from natwizard.model.finding import Owner, Page, Status
from natwizard.model.language import N_, _
from natwizard.model.profile import Role
from natwizard.model.report import SCHEMA_VERSION, Readiness

MOST_FINDINGS = 1000
"""No run has so many, and each would be a row of the tables (decision 71)."""
MOST_VALUES = 200
"""Of one finding, and of a hostile file: the rest is not loaded."""
LONGEST_TEXT = 300
"""Texts are told in a line (`wording.LONGEST`); longer ones only fill the tables."""
LARGEST_VALUE = 1e18
"""Beyond any that is measured (bytes of a disk have 13 digits); sums of it stay finite."""
EARLIEST_S = 1_767_225_600.0
"""2026, in which this program was first made. A computer whose battery is empty begins at the date
of its firmware, often years after 2001."""
BROWSER = "browser"
NEWER = N_("made by a newer natwizard; update to read it")
CUT_OFF = "Input data was truncated"
"""As msgspec words it that the content ends too early."""
# As a run is named in a drop folder: host ID, then run ID
SHARED_NAME = re.compile(r"(?P<host>[0-9a-f]{32})-")


class NotARun(Exception):
    """A file holds no run that can be counted.

    Attributes:
        reason: why, for `_` to translate where it is shown; `detail` fills its "{detail}".
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason.format(detail=detail))
        self.reason = reason
        self.detail = detail


class RunRow(Struct, frozen=True, kw_only=True):
    """One run. `at_s` is UTC seconds of the Unix epoch, `offset_s` what local time adds.

    Attributes:
        seat: what tells one desk from others: its `host_id` where there is one.
        finished_s: when this form of the run was made, UTC seconds; 0 where nobody can read it.
    """

    run_id: str
    run_code: str
    seat: str
    host_name: str
    name_id: str
    site: str
    subnet: str
    provider: str
    browser: str
    role: str
    system: str
    app_version: str
    profile: str
    at_s: float
    offset_s: float
    finished_s: float
    verdict: str
    file: str


class FindingRow(Struct, frozen=True, kw_only=True):
    """One requirement in one run; `headline` is the value that stands against a limit.

    Attributes:
        place: on which part of the way the fault lies, where the report says so.
        position: where it stands in its report, from 0.
    """

    run_id: str
    position: int
    requirement: str
    title: str
    page: str
    status: str
    owner: str
    required: bool
    depends_on: str
    summary: str
    place: str
    headline: float | None
    headline_unit: str
    headline_limit: float | None
    file: str


class ValueRow(Struct, frozen=True, kw_only=True):
    """One number that was measured for a requirement that has a headline."""

    run_id: str
    requirement: str
    name: str
    value: float
    unit: str
    file: str


class Rows(Struct, frozen=True, kw_only=True):
    """What one report gives."""

    run: RunRow
    findings: list[FindingRow]
    values: list[ValueRow]


# Just what is counted: the rest of a report, most of its bytes, is skipped and not built.


class _Remedy(Struct, gc=False):
    owner: Owner


class _Quantity(Struct, gc=False):
    name: str
    value: float | int | str | bool
    unit: str


class _Gauge(Struct, gc=False):
    value: float
    unit: str
    limit: float


class _Detail(Struct, gc=False):
    label: str
    text: str


class _Finding(Struct):
    requirement: str
    title: str
    page: Page
    status: Status
    required: bool
    summary: str
    measured: list[_Quantity] = []
    remedy: _Remedy | None = None
    gauge: _Gauge | None = None
    details: list[_Detail] = []
    depends_on: str = ""


class _Seat(Struct):
    host_id: str = ""
    name_id: str = ""
    host_name: str = ""
    site: str = ""
    subnet: str = ""
    provider: str = ""


class _Machine(Struct):
    host_name: str = ""
    system: str = ""


class _Profile(Struct):
    name: str = ""
    version: str = ""


class _Answers(Struct):
    role: Role = Role.WEBPHONE


class _Report(Struct):
    schema_version: int
    app_version: str
    run_id: str
    run_code: str
    started_at: str
    finished_at: str
    verdict: Readiness
    findings: list[_Finding]
    profile: _Profile
    machine: _Machine
    answers: _Answers = msgspec.field(default_factory=_Answers)
    seat: _Seat = msgspec.field(default_factory=_Seat)
    language: str = "en"
    redacted: bool = False
    kind: str = ""
    amended_at: str = ""


class _Age(Struct):
    schema_version: int


_DECODER = msgspec.json.Decoder(_Report)
_AGE_DECODER = msgspec.json.Decoder(_Age)
_WATCH = re.compile(rb'"kind"\s*:\s*"watch"')


def rows_of(content: bytes, file: str) -> Rows:
    """One report as rows; `file` is its place within the folder. Raises NotARun."""
    try:
        report = _DECODER.decode(content)
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError, OverflowError) as error:
        raise _why_not(content, error) from error
    except (RecursionError, MemoryError) as error:
        raise NotARun(N_("not a natwizard report")) from error
    if report.schema_version > SCHEMA_VERSION:
        raise NotARun(NEWER)
    if len(report.findings) > MOST_FINDINGS:
        raise NotARun(N_("more than {detail} findings: no run has so many"), str(MOST_FINDINGS))
    if not report.run_id:
        raise NotARun(N_("the run has no ID"))
    run = _run_row(report, file)
    findings, values = [], []
    where = _where_label(known_code(report.language))
    # a run has each requirement once; more would be counted as further seats
    once = {_short(finding.requirement): finding for finding in reversed(report.findings)}
    for position, finding in enumerate(reversed(once.values())):
        findings.append(_finding_row(run.run_id, position, finding, where, file))
        if finding.gauge is not None:
            values += _value_rows(run.run_id, finding, file)
    return Rows(run=run, findings=findings, values=values)


def _why_not(content: bytes, error: Exception) -> NotARun:
    """Half of a report, a newer one, a watch, or something else?"""
    try:
        # what a newer one says may be of another kind than all that we know
        version = _AGE_DECODER.decode(content).schema_version
    except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError):
        version = 0
        begun = content.lstrip().startswith(b"{")
        if begun and (not content.rstrip().endswith(b"}") or str(error) == CUT_OFF):
            return NotARun(N_("half-written: the end is missing"))
    if _WATCH.search(content[:200]):
        return NotARun(N_("a watch of a connection, not a run of the checks"))
    if version > SCHEMA_VERSION:
        return NotARun(NEWER)
    detail = " ".join(str(error).split())
    return NotARun(N_("not a natwizard report ({detail})"), _short(detail, 120))


def _run_row(report: _Report, file: str) -> RunRow:
    at_s, offset_s = _moment(report.started_at)
    seat = report.seat
    run_id = _short(report.run_id, 64)
    host_name = seat.host_name or ("" if report.redacted else report.machine.host_name)
    return RunRow(
        run_id=run_id,
        run_code=_short(report.run_code),
        seat=_short(seat.host_id, 64) or _seat_without_id(file, host_name, run_id),
        host_name=_short(host_name),
        name_id=_short(seat.name_id, 64),
        site=_short(seat.site),
        subnet=_short(seat.subnet),
        provider=_short(seat.provider),
        browser=_browser(report.findings),
        role=report.answers.role.value,
        system=_short(report.machine.system),
        app_version=_short(report.app_version),
        profile=_short(f"{report.profile.name} {report.profile.version}"),
        at_s=at_s,
        offset_s=offset_s,
        finished_s=_finished(report.amended_at or report.finished_at),
        verdict=report.verdict.value,
        file=file,
    )


def _seat_without_id(file: str, host_name: str, run_id: str) -> str:
    """Of a report saved by hand: by the name of its file, of its computer, or for itself."""
    named = SHARED_NAME.match(PurePath(file).name)
    if named:
        return named["host"]
    return f"name:{_short(host_name).lower()}" if host_name else f"run:{run_id}"


def _moment(text: str) -> tuple[float, float]:
    try:
        when = datetime.fromisoformat(text)
        offset = when.utcoffset()
        # without an offset it is nobody's local time, least of all that of whoever reads it
        at_s = when.replace(tzinfo=when.tzinfo or UTC).timestamp()
    except (ValueError, OverflowError, OSError) as error:
        raise NotARun(N_("nobody can read when it was")) from error
    if at_s < EARLIEST_S:
        raise NotARun(N_("older than any run can be: that computer's clock was wrong"))
    return at_s, offset.total_seconds() if offset is not None else 0.0


def _finished(text: str) -> float:
    """Computers move between time zones: texts would sort by the clock on the wall."""
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError):
        return 0.0


def _browser(findings: list[_Finding]) -> str:
    """The browser that a check found, whichever check that is."""
    for finding in findings:
        for quantity in finding.measured[:MOST_VALUES]:
            if quantity.name == BROWSER and isinstance(quantity.value, str):
                return _short(quantity.value)
    return ""


@cache
def _where_label(language: str) -> str:
    """What the line is called that says on which part of the way a fault lies."""
    with language_of(language):
        return _("Where")


def _finding_row(
    run_id: str, position: int, finding: _Finding, where: str, file: str
) -> FindingRow:
    gauge = finding.gauge
    if gauge is not None and max(abs(gauge.value), abs(gauge.limit)) > LARGEST_VALUE:
        gauge = None
    # a hostile finding may have as many as a file holds
    place = next((each.text for each in finding.details[:20] if each.label == where), "")
    return FindingRow(
        run_id=run_id,
        position=position,
        requirement=_short(finding.requirement),
        title=_short(finding.title),
        page=finding.page.value,
        status=finding.status.value,
        owner=finding.remedy.owner.value if finding.remedy else "",
        required=finding.required,
        depends_on=_short(finding.depends_on),
        summary=_short(finding.summary),
        place=_short(place),
        headline=gauge.value if gauge else None,
        headline_unit=_short(gauge.unit, 20) if gauge else "",
        headline_limit=gauge.limit if gauge else None,
        file=file,
    )


def _value_rows(run_id: str, finding: _Finding, file: str) -> list[ValueRow]:
    return [
        ValueRow(
            run_id=run_id,
            requirement=_short(finding.requirement),
            name=_short(quantity.name, 80),
            value=value,
            unit=_short(quantity.unit, 20),
            file=file,
        )
        for quantity in finding.measured[:MOST_VALUES]
        if (value := _number_in(quantity)) is not None
    ]


def _number_in(quantity: _Quantity) -> float | None:
    """A number that something can have; JSON allows any number of digits."""
    value = quantity.value
    if isinstance(value, str | bool) or abs(value) > LARGEST_VALUE:
        return None
    return float(value)


def _short(text: str, length: int = LONGEST_TEXT) -> str:
    return text if len(text) <= length else text[:length]
