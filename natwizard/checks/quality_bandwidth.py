"""quality.bandwidth: does the line carry the calls that people make at once?"""

from msgspec import Struct

from natwizard.checks.base import Check, EvidenceMissing, Inputs
from natwizard.checks.shared.media_limits import (
    STRAYS_SHARE,
    path_failure,
    require_live_far_end,
    stray_words,
)
from natwizard.checks.shared.number_format import milliseconds, number, tried_lines, with_unit
from natwizard.checks.verdict import VerdictTable, failed, passed, unknown
from natwizard.model.finding import Detail, Gauge, Judgement, Page
from natwizard.model.language import N_, _, ngettext, ngettext_noop
from natwizard.model.outcome import Failure, FailureCode
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.media.call_load import StepFigures
from natwizard.probes.media.calls import CALLS, CallsEvidence
from natwizard.probes.media.stream import MEDIA

TILE_TITLE = N_("Calls at once")


class BandwidthLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one call counts for, each way, in kbit/s (G.711 with everything around it)."""

    # the vendor's "Technical Prerequisites": 100 kbit/s for each call at a time
    call_kbit_s: float = 100.0


class CallsOutcome(VerdictTable):
    """How the line bears the calls, best first."""

    ENOUGH = passed(
        ngettext_noop(
            "Your line carries the call you need.", "Your line carries the {calls} calls you need."
        )
    )
    ENOUGH_BUT_LOSSY = passed(
        N_("There is room for your calls; loss has its own row."),
    )
    """Packets get lost at any rate, so that more bandwidth would help nobody."""
    NOT_ALL_TRIED = unknown(
        N_("Your line carries {calls} calls; more were not tried."),
        N_("Run this check again with the number of calls you need."),
    )
    THIN = failed(
        N_("This line carries {arrived}; a call needs {call}."),
        N_("Ask for a faster line, or stop what else uses it and run again."),
        N_(
            "Please provide {rate} each way for calls: of the packets of one call, {arrived} came"
            " back from {target}, and the rest waited or got lost."
        ),
    )
    TOO_FEW = failed(
        ngettext_noop(
            "Your line carries {carried} calls at once, not the one you need.",
            "Your line carries {carried} calls at once, not the {wanted} you need.",
        ),
        N_("Ask for more bandwidth, or give calls priority."),
        N_(
            "Please provide {rate} each way for calls, or give voice traffic priority. The line"
            " carried {carried} of {wanted} calls at once to {target}."
        ),
    )


def judge(inputs: Inputs, limits: BandwidthLimits) -> Judgement:
    """Compare the calls that were carried with the calls that are wanted."""
    evidence = inputs.evidence(CALLS)
    if not evidence.tried:
        raise EvidenceMissing("calls", path_failure(evidence.path))
    wanted = max(1, inputs.answers.concurrent_calls)
    carried = evidence.carried
    if carried < wanted and evidence.limited_by_computer:
        detail = ngettext(
            "{count} call was carried before this computer fell behind",
            "{count} calls were carried before this computer fell behind",
            carried,
        ).format(count=number(carried))
        busy = Failure(code=FailureCode.MACHINE_BUSY, operation="send_calls", detail=detail)
        raise EvidenceMissing("calls", busy)
    strays = sum(step.strays for step in evidence.tried)
    if carried < wanted and strays > STRAYS_SHARE * sum(step.sent for step in evidence.tried):
        detail = stray_words(evidence.path.target, strays)
        nonsense = Failure(code=FailureCode.BAD_ANSWER, operation="receive_calls", detail=detail)
        raise EvidenceMissing("calls", nonsense)
    if carried < wanted:
        require_live_far_end(evidence.liveness, evidence.path, "calls")
    rate = with_unit(wanted * limits.call_kbit_s, "kbit/s")
    arrived = with_unit(evidence.arrived_kbit_s or 0.0, "kbit/s")
    outcome = _outcome(evidence, wanted)
    return outcome.verdict.judgement(
        count=wanted,
        texts={
            "calls": number(carried if outcome is CallsOutcome.NOT_ALL_TRIED else wanted),
            "carried": number(carried),
            "wanted": number(wanted),
            "rate": rate,
            "arrived": arrived,
            "call": with_unit(limits.call_kbit_s, "kbit/s"),
            "target": evidence.path.target,
        },
        observed=_observed(evidence, arrived),
        expected=_("{rate} each way").format(rate=rate),
        measured=(
            Quantity(name="calls_carried", value=carried, unit=Unit.COUNT),
            Quantity(name="calls_wanted", value=wanted, unit=Unit.COUNT),
            Quantity(
                name="bandwidth",
                value=round(evidence.arrived_kbit_s or 0.0, 1),
                unit=Unit.KILOBIT_PER_SECOND,
            ),
        ),
        details=(
            *_lossy_line(evidence, arrived),
            *(_step_line(step) for step in evidence.tried),
            *_alone_line(inputs),
        ),
        tried=tried_lines(evidence.path.attempts()),
        gauge=Gauge(
            title=_(TILE_TITLE),
            value=carried,
            unit="",
            limit=wanted,
            higher_is_better=True,
            digits=0,
        ),
    )


def _outcome(evidence: CallsEvidence, wanted: int) -> CallsOutcome:
    if evidence.carried >= wanted:
        return CallsOutcome.ENOUGH_BUT_LOSSY if evidence.lossy else CallsOutcome.ENOUGH
    if not evidence.line_full:
        return CallsOutcome.NOT_ALL_TRIED
    return CallsOutcome.TOO_FEW if evidence.carried else CallsOutcome.THIN


def _observed(evidence: CallsEvidence, arrived: str) -> str:
    if evidence.line_full or evidence.lossy:
        return arrived
    return _("{rate} or more").format(rate=arrived)


def _lossy_line(evidence: CallsEvidence, arrived: str) -> tuple[Detail, ...]:
    """What got through where loss, and not the rate, is what the line lacks."""
    room = [step for step in evidence.uncrowded if step is not evidence.idle]
    if not evidence.lossy or evidence.line_full or not room:
        return ()
    sent = with_unit(max(step.sent_kbit_s for step in room), "kbit/s")
    text = _("{arrived} of {sent} came back; as much was lost of a few packets as of many").format(
        arrived=arrived, sent=sent
    )
    return (Detail(label=_("What got through"), text=text),)


def _step_line(step: StepFigures) -> Detail:
    lost = step.sent - step.received
    median = "" if step.round_trip_ms is None else milliseconds(step.round_trip_ms)
    return Detail(
        label=ngettext("{calls} call", "{calls} calls", step.calls).format(calls=step.calls),
        text=_("{lost} of {sent} packets lost, {late} too late; round trip {median}").format(
            lost=number(lost), sent=number(step.sent), late=number(step.late), median=median
        ),
    )


def _alone_line(inputs: Inputs) -> tuple[Detail, ...]:
    media = inputs.evidence_or_none(MEDIA)
    if media is None or media.figures is None or media.figures.round_trip is None:
        return ()
    median = milliseconds(media.figures.round_trip.median_ms)
    return (Detail(label=_("One call alone"), text=_("round trip {median}").format(median=median)),)


# MEDIA first: the picture of the line comes before it is loaded with calls
QUALITY_BANDWIDTH = Check(
    name="quality.bandwidth",
    meaning=N_(
        "How many calls your line carries at the same time, each way. Where there are too "
        "few, all calls get worse at once."
    ),
    title=N_("Bandwidth: calls at once"),
    term="Bandwidth",
    page=Page.UDP_MEDIA,
    headline="calls_carried",
    tile_title=TILE_TITLE,
    method=N_("Calls carried at 100 kbit/s each way; not a speed test"),
    reads_silence=True,
    needs=(MEDIA, CALLS),
    limits=BandwidthLimits,
    judge=judge,
)
