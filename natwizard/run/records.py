"""Outcomes as the report keeps them, and back."""

from collections.abc import Iterable, Mapping

import msgspec

from natwizard.model.outcome import Failure, FailureCode, Gathered, Missed, Outcome
from natwizard.model.report import ProbeRecord
from natwizard.probes.base import Probe


def encode_evidence(outcome: Outcome[object]) -> tuple[msgspec.Raw, Failure | None]:
    """The two fields of a record that hold the outcome."""
    match outcome:
        case Gathered(evidence=evidence):
            return msgspec.Raw(msgspec.json.encode(evidence)), None
        case Missed(failure=failure):
            return msgspec.Raw(b"null"), failure


def decode_outcomes(
    records: Iterable[ProbeRecord], probes: Iterable[Probe[object]]
) -> Mapping[str, Outcome[object]]:
    """The records of these probes as outcomes; one that this version cannot read is Missed."""
    evidence = {probe.name: probe.evidence for probe in probes}
    return {
        record.probe: _decode(record, evidence[record.probe])
        for record in records
        if record.probe in evidence
    }


def _decode(record: ProbeRecord, evidence: type[object]) -> Outcome[object]:
    if record.failure is not None:
        return Missed(failure=record.failure)
    try:
        return Gathered(evidence=msgspec.json.decode(record.evidence, type=evidence))
    except msgspec.MsgspecError as error:
        failure = Failure(
            code=FailureCode.BAD_ANSWER, operation="read_evidence", detail=str(error)[:300]
        )
        return Missed(failure=failure)
