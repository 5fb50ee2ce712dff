"""A run as OpenTelemetry log records, in the JSON of OTLP/HTTP. Pure.

Source: opentelemetry-proto 1.x, logs/v1 and "JSON Protobuf Encoding" of the OTLP specification:
keys in lowerCamelCase, 64-bit integers as texts, a value under the name of its kind.
"""

import math
from datetime import datetime, timedelta
from typing import TypeAlias

import msgspec
from msgspec import Struct

from natwizard.model.finding import Finding, Status
from natwizard.model.profile import Targets
from natwizard.model.report import ComputerSummary, Readiness
from natwizard.model.shared import Seat, SharedReport
from natwizard.model.watch import NOT_THE_LINE, BadMoment, WatchRecord

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json]"
Value: TypeAlias = str | int | float | bool

RUN_EVENT = "natwizard.run"
FINDING_EVENT = "natwizard.finding"
WATCH_EVENT = "natwizard.watch"
WATCH_MOMENT_EVENT = "natwizard.watch_moment"
# As many as a watch keeps (watch.tally): a file from elsewhere may have more
MOST_MOMENTS = 500
SCOPE = "natwizard"
# Texts of a finding have a line or two; a collector's record stays small whatever they hold
LONGEST_TEXT = 400
# SeverityNumber: the first of the four of each range (logs/v1)
INFO, WARN, ERROR = 9, 13, 17
SEVERITY_TEXTS = {INFO: "INFO", WARN: "WARN", ERROR: "ERROR"}

BY_STATUS = {
    Status.PASS: INFO,
    Status.NOT_APPLICABLE: INFO,
    Status.MANUAL: INFO,
    Status.NOT_SET_UP: INFO,
    Status.BORDERLINE: WARN,
    Status.WARN: WARN,
    Status.UNKNOWN: WARN,
    Status.FAIL: ERROR,
}
BY_VERDICT = {
    Readiness.READY: INFO,
    Readiness.READY_TO_PUBLIC: INFO,
    Readiness.PARTLY_CHECKED: INFO,
    Readiness.READY_WITH_ADVICE: WARN,
    Readiness.COULD_NOT_TELL: WARN,
    Readiness.NOT_READY: ERROR,
}


def logs_body(report: SharedReport) -> bytes:
    """An ExportLogsServiceRequest: one record for the run, one for each requirement.

    The same run always gives the same bytes, so that sending it again can be recognised by its
    `natwizard.run_id` and `natwizard.requirement`. One that changed afterwards has a later time.
    """
    nanoseconds = _nanoseconds(report.amended_at or report.finished_at)
    records = [
        _run_record(report, nanoseconds),
        *(_finding_record(report, finding, nanoseconds) for finding in report.findings),
    ]
    return _request(_resource(report), records, report.app_version)


def watch_body(record: WatchRecord, seat: Seat) -> bytes:
    """The same of a watch: one record for it, one for each stretch in which something was wrong.

    Nothing in it is text from outside but the server's address.
    """
    resource = _of_seat(seat, record.machine, record.app_version)
    resource["natwizard.profile"] = record.profile
    ended = _nanoseconds(record.started_at, record.lasted_s)
    records = [_watch_record(record, ended)]
    for number, moment in enumerate(record.moments[:MOST_MOMENTS]):
        at = _nanoseconds(record.started_at, moment.start_s)
        records.append(_moment_record(record, number, moment, at))
    return _request(resource, records, record.app_version)


class _Scope(Struct, rename="camel"):
    log_records: list[msgspec.Raw]


class _OfResource(Struct, rename="camel"):
    scope_logs: list[_Scope]


class _Request(Struct, rename="camel"):
    resource_logs: list[_OfResource]


def records_in(body: bytes) -> int:
    """How many log records a body of ours has."""
    request = msgspec.json.decode(body, type=_Request)
    return sum(
        len(scope.log_records) for each in request.resource_logs for scope in each.scope_logs
    )


def _request(resource: dict[str, Value], records: list[Json], version: str) -> bytes:
    """An ExportLogsServiceRequest."""
    body = {
        "resourceLogs": [
            {
                "resource": {"attributes": _attributes(_filled(resource))},
                "scopeLogs": [
                    {"scope": {"name": SCOPE, "version": version}, "logRecords": records}
                ],
            }
        ]
    }
    return msgspec.json.encode(body)


def _watch_record(record: WatchRecord, nanoseconds: int) -> Json:
    told: dict[str, Value] = {
        "event.name": WATCH_EVENT,
        "natwizard.run_id": record.run_id,
        "natwizard.run_code": record.run_code,
        "natwizard.started_at": record.started_at,
        "natwizard.media": record.media,
        "natwizard.websocket": record.websocket,
        "value.lasted": record.lasted_s,
        "unit.lasted": "s",
        "value.times_bad": record.times_bad,
    }
    for name, value in msgspec.structs.asdict(record.figures).items():
        if value is not None:
            told[f"value.{name}"] = value
    severity = WARN if record.line_moments else INFO
    return _record(severity, f"{record.times_bad} bad moments", told, nanoseconds)


def _moment_record(record: WatchRecord, number: int, moment: BadMoment, nanoseconds: int) -> Json:
    """Idempotent by the watch and the number of the moment in it."""
    told: dict[str, Value] = {
        "event.name": WATCH_MOMENT_EVENT,
        "natwizard.run_id": record.run_id,
        "natwizard.moment": number,
        "natwizard.kind": moment.kind.value,
        "value.duration": moment.duration_s,
        "unit.duration": "s",
        "value.worst": moment.worst,
        "value.times": moment.times,
    }
    severity = INFO if moment.kind in NOT_THE_LINE else WARN
    return _record(severity, moment.kind.value, told, nanoseconds)


def _resource(report: SharedReport) -> dict[str, Value]:
    told = _of_seat(report.seat, report.machine, report.app_version)
    return told | {
        "natwizard.profile": f"{report.profile.name} {report.profile.version}".strip(),
        "natwizard.role": report.answers.role.value,
        "natwizard.far_end": far_end(report.profile.targets),
    }


def _of_seat(seat: Seat, machine: ComputerSummary, version: str) -> dict[str, Value]:
    """Names from OpenTelemetry's semantic conventions where there is one."""
    return {
        "service.name": "natwizard",
        "service.version": version,
        "host.id": seat.host_id,
        "host.name": seat.host_name,
        "host.arch": machine.architecture,
        "os.description": machine.system,
        "natwizard.site": seat.site,
        "natwizard.subnet": seat.subnet,
        "natwizard.provider": seat.provider,
        "natwizard.name_id": seat.name_id,
    }


def _filled(told: dict[str, Value]) -> dict[str, Value]:
    return {key: value for key, value in told.items() if value != ""}


def far_end(targets: Targets) -> str:
    """Against what was measured: the service itself, a server of one's own, or public ones."""
    if targets.webphone or targets.stun:
        return "service"
    return "own" if targets.media or targets.turn or targets.udp_range else "public"


def _run_record(report: SharedReport, nanoseconds: int) -> Json:
    cause = report.root_cause
    told: dict[str, Value] = {
        "event.name": RUN_EVENT,
        "natwizard.run_id": report.run_id,
        "natwizard.run_code": report.run_code,
        "natwizard.verdict": report.verdict.value,
        "natwizard.started_at": report.started_at,
        "natwizard.root_cause": cause.code if cause else "",
    }
    body = cause.summary if cause else report.verdict.value
    return _record(BY_VERDICT[report.verdict], body, told, nanoseconds)


def _finding_record(report: SharedReport, finding: Finding, nanoseconds: int) -> Json:
    told: dict[str, Value] = {
        "event.name": FINDING_EVENT,
        "natwizard.run_id": report.run_id,
        "natwizard.started_at": report.started_at,
        "natwizard.requirement": finding.requirement,
        "natwizard.title": finding.title,
        "natwizard.page": finding.page.value,
        "natwizard.status": finding.status.value,
        "natwizard.required": finding.required,
        "natwizard.owner": finding.remedy.owner.value if finding.remedy else "",
        "natwizard.depends_on": finding.depends_on,
    }
    for quantity in finding.measured:
        told[f"value.{quantity.name}"] = quantity.value
        told[f"unit.{quantity.name}"] = quantity.unit.value
    if finding.interval is not None:
        told["interval.low"] = finding.interval.low
        told["interval.high"] = finding.interval.high
        told["interval.unit"] = finding.interval.unit.value
    if finding.gauge is not None:
        told["headline.value"] = finding.gauge.value
        told["headline.limit"] = finding.gauge.limit
        told["headline.unit"] = finding.gauge.unit
    return _record(BY_STATUS[finding.status], finding.summary, told, nanoseconds)


def _record(severity: int, body: str, told: dict[str, Value], nanoseconds: int) -> Json:
    return {
        "timeUnixNano": str(nanoseconds),
        "observedTimeUnixNano": str(nanoseconds),
        "severityNumber": severity,
        "severityText": SEVERITY_TEXTS[severity],
        "body": {"stringValue": body[:LONGEST_TEXT]},
        "attributes": _attributes(_filled(told)),
    }


def _attributes(told: dict[str, Value]) -> list[Json]:
    """Numbers are doubles, whole ones too: a column must not change its kind from run to run."""
    attributes: list[Json] = []
    for key, value in told.items():
        kind: dict[str, Json]
        if isinstance(value, bool):
            kind = {"boolValue": value}
        elif isinstance(value, str):
            kind = {"stringValue": value[:LONGEST_TEXT]}
        elif math.isfinite(value):
            kind = {"doubleValue": float(value)}
        else:
            continue  # JSON has no word for it
        attributes.append({"key": key, "value": kind})
    return attributes


def _nanoseconds(moment: str, later_s: float = 0.0) -> int:
    """Of the Unix epoch, to the microsecond; 0 ("unknown") where the moment cannot be read."""
    try:
        when = datetime.fromisoformat(moment) + timedelta(seconds=later_s)
        return round(when.timestamp() * 1_000_000) * 1000
    except (ValueError, OverflowError, OSError):
        return 0
