"""One row from its evidence: whose trouble it is, and what is kept of a strange report."""

import dataclasses

import msgspec
import pytest
from msgspec import Struct

from natwizard.checks.base import Inputs
from natwizard.checks.port_web_pages import PORT_TCP443
from natwizard.checks.shared.connection_outcome import ConnectionFacts, ConnectionStep
from natwizard.model.finding import Judgement, Status
from natwizard.model.outcome import Failure, FailureCode, Gathered, Missed
from natwizard.model.profile import Answers
from natwizard.model.report import ProbeRecord
from natwizard.probes.web import WEB, WebEvidence
from natwizard.profiles.read import shipped_profile
from natwizard.run.judging import Judged, decode_outcomes, encode_evidence, facts_of, judge_row
from natwizard.run.plan import PlannedRow, make_plan

ROW_TEXT = 300


def row_of(judgement: Judgement) -> PlannedRow:
    """The row of port 443, whose rule comes to this."""
    plan = make_plan(shipped_profile(), Answers(), location="", only=frozenset({PORT_TCP443.name}))
    [row] = plan.rows
    return dataclasses.replace(row, judge=lambda _inputs: judgement)


def ended(status: Status, code: FailureCode | None) -> Judgement:
    facts = ConnectionFacts(port=443, step=ConnectionStep.CONNECTION, code=code)
    return Judgement(status=status, summary="As measured.", observed="o", expected="e", facts=facts)


@pytest.mark.parametrize(
    ("status", "code", "told"),
    [
        # this computer's own firewall, or no turn: nothing was tried on the way
        (Status.FAIL, FailureCode.BLOCKED_HERE, Status.UNKNOWN),
        (Status.WARN, FailureCode.MACHINE_BUSY, Status.UNKNOWN),
        (Status.FAIL, FailureCode.OTHER, Status.UNKNOWN),
        # what others did stands
        (Status.FAIL, FailureCode.TIMED_OUT, Status.FAIL),
        (Status.FAIL, FailureCode.CONNECTION_REFUSED, Status.FAIL),
        (Status.PASS, FailureCode.BLOCKED_HERE, Status.PASS),
        (Status.FAIL, None, Status.FAIL),
    ],
)
def test_a_connection_that_ended_on_this_computer_is_laid_on_nobody(
    status: Status, code: FailureCode | None, told: Status
) -> None:
    judged = judge_row(row_of(ended(status, code)), Inputs(outcomes={}))
    assert judged.finding.status is told
    assert (judged.finding.summary == "As measured.") is (told is status)


def test_a_rule_that_reads_no_silence_is_believed_unless_it_got_no_turn() -> None:
    """Which would send somebody to mend a connection that nobody had time to try."""

    def told(status: Status, code: FailureCode) -> str:
        row = row_of(ended(status, code))
        row = dataclasses.replace(row, check=dataclasses.replace(row.check, reads_silence=False))
        return judge_row(row, Inputs(outcomes={})).finding.summary

    assert told(Status.UNKNOWN, FailureCode.MACHINE_BUSY) != "As measured."
    assert told(Status.FAIL, FailureCode.MACHINE_BUSY) == "As measured."
    assert told(Status.UNKNOWN, FailureCode.BLOCKED_HERE) == "As measured."
    assert told(Status.UNKNOWN, FailureCode.TIMED_OUT) == "As measured."


def test_facts_of_other_kinds_name_no_culprit() -> None:
    class Other(Struct, frozen=True):
        code: FailureCode = FailureCode.BLOCKED_HERE

    judgement = msgspec.structs.replace(ended(Status.FAIL, None), facts=Other())
    judged = judge_row(row_of(judgement), Inputs(outcomes={}))
    assert judged.finding.status is Status.FAIL
    assert facts_of((judged, Judged(finding=judged.finding))) == {PORT_TCP443.name: Other()}


def record(evidence: bytes, failure: Failure | None = None) -> ProbeRecord:
    return ProbeRecord(
        probe=WEB.name, started_s=0.0, duration_s=1.0, evidence=msgspec.Raw(evidence),
        failure=failure,
    )  # fmt: skip


def test_evidence_comes_back_as_it_was_kept() -> None:
    brought = Gathered[object](evidence=WebEvidence(http=(), https=()))
    evidence, failure = encode_evidence(brought)
    assert decode_outcomes([record(bytes(evidence), failure)], [WEB]) == {WEB.name: brought}
    missed = Missed(failure=Failure(code=FailureCode.STOPPED, operation="x"))
    evidence, failure = encode_evidence(missed)
    assert decode_outcomes([record(bytes(evidence), failure)], [WEB]) == {WEB.name: missed}
    assert decode_outcomes([record(b"{}")], []) == {}


def test_evidence_that_cannot_be_read_is_missing_and_its_error_is_short() -> None:
    """Somebody else wrote the report: an error quotes what stands there, however long it is."""
    failure = {"code": "x" * 100_000, "operation": "o"}
    lookup = {"operation": "o", "target": "t", "started_s": 0, "duration_s": 0, "failure": failure}
    odd = msgspec.json.encode({"http": [{"url": "http://x/", "lookup": lookup}]})
    for evidence in (odd, b"[]", b'{"http": 5}', b"\xff"):
        outcome = decode_outcomes([record(evidence)], [WEB])[WEB.name]
        assert isinstance(outcome, Missed)
        assert outcome.failure.code is FailureCode.BAD_ANSWER
        assert 0 < len(outcome.failure.detail) <= ROW_TEXT
