"""Outcomes -> findings -> verdict. Pure: saved evidence is judged again by the same code."""

import logging
from collections.abc import Iterable, Mapping

import msgspec
from msgspec import Struct

from natwizard.checks.base import EvidenceMissing, Inputs
from natwizard.checks.shared.connection_outcome import ConnectionFacts
from natwizard.checks.shared.far_end import judge_by_far_end
from natwizard.checks.shared.missing_evidence import judge_missing, judge_not_signed_in
from natwizard.checks.shared.own_trouble import OWN_TROUBLE, own_trouble_of, without_blame
from natwizard.model.finding import FarEnd, Finding, Judgement, Status
from natwizard.model.language import _
from natwizard.model.outcome import Failure, FailureCode, Gathered, Missed, Outcome
from natwizard.model.report import ProbeRecord, Readiness
from natwizard.probes.base import Probe
from natwizard.run.plan import PlannedRow


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


LOG = logging.getLogger(__name__)

ADVICE_INSTEAD = {Status.FAIL: Status.WARN}


class Judged(Struct, frozen=True, kw_only=True):
    """A finding, and the facts of the rule that other checks' conclusions rest on."""

    finding: Finding
    facts: Struct | None = None


def facts_of(judged: Iterable[Judged]) -> dict[str, Struct]:
    """The facts by check, as conclusions ask for them."""
    return {each.finding.check: each.facts for each in judged if each.facts is not None}


def judge_row(row: PlannedRow, inputs: Inputs) -> Judged:
    """Settle one row; a rule that breaks is a defect of ours and reads as UNKNOWN."""
    judgement = _judgement(row, inputs)
    status = judgement.status
    if not row.required:
        status = ADVICE_INSTEAD.get(status, status)
    finding = Finding(
        check=row.check.name,
        requirement=row.requirement.id,
        title=_(row.check.title),
        page=row.check.page,
        required=row.required,
        source=row.source,
        status=status,
        summary=judgement.summary,
        observed=judgement.observed,
        expected=judgement.expected,
        measured=judgement.measured,
        interval=judgement.interval,
        remedy=judgement.remedy,
        details=judgement.details,
        stages=judgement.stages,
        path=judgement.path,
        tried=judgement.tried,
        gauge=judgement.gauge,
        chart=judgement.chart,
        far_end=judgement.far_end,
        untried=judgement.untried,
        term=row.requirement.term or row.check.term,
        meaning=_(row.check.meaning),
        method=_(row.check.method),
        headline=row.check.headline,
        stands_for_page=row.check.stands_for_page,
        about_service=row.check.about_service,
    )
    return Judged(finding=finding, facts=judgement.facts)


def _judgement(row: PlannedRow, inputs: Inputs) -> Judgement:
    if not row.applies:
        return Judgement(
            status=Status.NOT_APPLICABLE,
            summary=_("{title}: not needed for the way you take calls.").format(
                title=_(row.check.title)
            ),
            observed=_("not needed"),
            expected=_(row.requirement.text),
        )
    try:
        return _by_rule(row, inputs)
    except Exception as error:
        LOG.exception("the rule of %s broke", row.check.name)
        failure = Failure(
            code=FailureCode.DEFECT, operation="judge", detail=f"{type(error).__name__}: {error}"
        )
        return judge_missing(_(row.check.title), _(row.requirement.text), failure)


def _by_rule(row: PlannedRow, inputs: Inputs) -> Judgement:
    try:
        judged = judge_by_far_end(row.check.name, row.judge, inputs)
    except EvidenceMissing as missing:
        if missing.failure.code is FailureCode.NOT_SIGNED_IN:
            return judge_not_signed_in(_(row.requirement.text), row.requirement.question)
        return judge_missing(
            _(row.check.title),
            _(row.requirement.text),
            missing.failure,
            connected=inputs.line.leads_out,
        )
    code = _ended_here(judged) or own_trouble_of(row.check.needs, inputs.outcomes)
    # who could tell nothing for want of a turn has no connection to mend first
    starved = judged.status is Status.UNKNOWN and code is FailureCode.MACHINE_BUSY
    if not row.check.reads_silence and not starved:
        return judged
    return without_blame(judged, row.check.name, _(row.check.title), code)


def _ended_here(judged: Judgement) -> FailureCode | None:
    """What of this computer's own ended the connection that the row is about, if anything did."""
    code = judged.facts.code if isinstance(judged.facts, ConnectionFacts) else None
    return code if code in OWN_TROUBLE else None


MEASURED = {Status.PASS, Status.BORDERLINE, Status.WARN, Status.FAIL}


def verdict_of(findings: tuple[Finding, ...], *, partial: bool = False) -> Readiness:
    """The one answer. Only a required check can hold it back; unknown is never read as bad.

    `partial`: rows that concern this role were left out, so it is never READY.
    """
    required = {finding.status for finding in findings if finding.required}
    # a failure stands, whatever else could not be told
    if Status.FAIL in required:
        return Readiness.NOT_READY
    to_public = any(
        finding.far_end is FarEnd.PUBLIC and finding.status in MEASURED for finding in findings
    )
    unset = Status.NOT_SET_UP in required
    if Status.UNKNOWN in required or (unset and not to_public):
        return Readiness.COULD_NOT_TELL
    if partial:
        # nothing failed, but what was left out might have (decision 120); and a part in which
        # nothing was measured has found nothing fine (decision 290)
        measured = any(finding.status in MEASURED for finding in findings)
        return Readiness.PARTLY_CHECKED if measured else Readiness.COULD_NOT_TELL
    if to_public:
        return Readiness.READY_TO_PUBLIC
    if any(finding.status in {Status.WARN, Status.BORDERLINE} for finding in findings):
        return Readiness.READY_WITH_ADVICE
    return Readiness.READY
