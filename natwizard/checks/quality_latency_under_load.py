"""quality.latency_under_load: does the delay stay short while calls load the line?

What the field calls latency under load, working latency or bufferbloat: a queue on the way that
fills before it drops anything (RFC 9097, section 8; draft-ietf-ippm-responsiveness). The line is
loaded with the calls of the call test and with nothing else: a download fills it more.
"""

from msgspec import Struct

from natwizard.checks.base import Check, EvidenceMissing, Inputs
from natwizard.checks.shared.media_limits import path_failure
from natwizard.checks.shared.number_format import (
    beside,
    digits_beside,
    limit_with_unit,
    milliseconds,
    number,
    tried_lines,
    with_unit,
)
from natwizard.checks.verdict import VerdictTable, passed, warned
from natwizard.model.finding import Detail, Gauge, Judgement, Page
from natwizard.model.language import N_, _, ngettext
from natwizard.model.outcome import Failure, FailureCode
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.media.call_load import StepFigures
from natwizard.probes.media.calls import CALLS, CallsEvidence, CarriedLimits, is_spoilt
from natwizard.probes.media.figures import RoundTrip
from natwizard.probes.media.stream import MEDIA

ENOUGH_PACKETS = 50
"""A second of one call: the median of fewer may be that of one hiccup."""


class UnderLoadLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Median round trips in ms: how long under load, and how much of it load has to have added.

    ITU-T G.114 has 150 ms from mouth to ear; a packet and the smallest jitter buffer take 60 of
    them, which leaves 90 ms each way. A delay that load hardly adds to is `quality.latency`'s.
    """

    round_trip_ms: float = 180.0
    added_ms: float = 30.0


class UnderLoad(VerdictTable):
    """What load does to the delay. Never a problem: what is known is a delay, not its cause."""

    SHORT = passed(N_("The delay stays short while calls load the line."))
    LONG_ANYWAY = passed(N_("The delay is long, but not because of calls."))
    QUEUE = warned(
        N_("A busy line makes callers wait: packets queue on the way."),
        N_("Ask to switch on queue management (SQM) on the router."),
        N_(
            "Please switch on queue management on the router (FQ-CoDel, RFC 8290, or CAKE; often"
            " called SQM), set a little below the line's rate, or give voice traffic a queue of its"
            " own. With {load} to {target} the round trip grew from {idle} to {busy}."
        ),
    )


def judge(inputs: Inputs, limits: UnderLoadLimits) -> Judgement:
    """Compare the median round trip at the highest rate that the line carried with the idle one."""
    evidence = inputs.evidence(CALLS)
    if not evidence.steps:
        return _judge_stream(inputs, evidence, limits)
    idle_ms = _idle_ms(inputs, evidence)
    step, busy_ms = _loaded(evidence, idle_ms)
    added_ms = max(0.0, busy_ms - idle_ms)
    load = _load_words(evidence, step)
    busy = _busy_words(busy_ms, limits)
    outcome = _outcome(busy_ms, added_ms, limits)
    named = (("idle", idle_ms), ("under_load", busy_ms), ("added", added_ms))
    return outcome.verdict.judgement(
        texts={
            "idle": milliseconds(idle_ms),
            "busy": busy,
            "load": load,
            "target": evidence.path.target,
        },
        observed=_("{busy} with {load}, {idle} with an idle line").format(
            busy=busy, load=load, idle=milliseconds(idle_ms)
        ),
        expected=_expected(limits),
        measured=(
            *(
                Quantity(name=f"round_trip_{name}", value=value, unit=Unit.MILLISECOND)
                for name, value in named
            ),
            Quantity(name="calls", value=step.calls, unit=Unit.COUNT),
        ),
        details=(*_load_details(evidence), *_full_line(evidence, step)),
        tried=tried_lines(evidence.path.attempts()),
        gauge=_gauge(busy_ms, limits),
    )


def _judge_stream(inputs: Inputs, evidence: CallsEvidence, limits: UnderLoadLimits) -> Judgement:
    """Who calls alone had one call on the line, that of the stream. Raises EvidenceMissing.

    A call that fills a queue makes its own packets later and later: where the fastest of them was
    hardly faster than the median, a long delay is not its doing; else that is not known.
    """
    step = evidence.stream
    if step is None:
        raise EvidenceMissing("calls", path_failure(evidence.path))
    if step.round_trip_ms is None:
        raise _one_call_only()
    times = _stream_times(inputs)
    added_ms = step.round_trip_ms if times is None else step.round_trip_ms - times.lowest_ms
    outcome = _outcome(step.round_trip_ms, added_ms, limits)
    if outcome is UnderLoad.QUEUE:
        raise _one_call_only()
    busy = _busy_words(step.round_trip_ms, limits)
    return outcome.verdict.judgement(
        observed=_("{busy} with {load}").format(busy=busy, load=_load_words(evidence, step)),
        expected=_expected(limits),
        measured=(
            Quantity(name="round_trip_under_load", value=step.round_trip_ms, unit=Unit.MILLISECOND),
            Quantity(name="calls", value=step.calls, unit=Unit.COUNT),
        ),
        details=_full_line(evidence, step),
        tried=tried_lines(evidence.path.attempts()),
        gauge=_gauge(step.round_trip_ms, limits),
    )


def _one_call_only() -> EvidenceMissing:
    alone = Failure(code=FailureCode.NOT_RUN, operation="send_calls", detail=_("one call only"))
    return EvidenceMissing("calls", alone)


def _stream_times(inputs: Inputs) -> RoundTrip | None:
    media = inputs.evidence_or_none(MEDIA)
    return media.figures.round_trip if media is not None and media.figures is not None else None


def _busy_words(busy_ms: float, limits: UnderLoadLimits) -> str:
    return beside(busy_ms, Unit.MILLISECOND, 1 if busy_ms < 10 else 0, limits.round_trip_ms)


def _expected(limits: UnderLoadLimits) -> str:
    limit = limit_with_unit(limits.round_trip_ms, Unit.MILLISECOND)
    return _("under {limit}").format(limit=limit)


def _gauge(busy_ms: float, limits: UnderLoadLimits) -> Gauge:
    return Gauge(
        title=_("Round trip under load"),
        value=busy_ms,
        unit=Unit.MILLISECOND,
        limit=limits.round_trip_ms,
        digits=digits_beside(busy_ms, 0, limits.round_trip_ms),
    )


def _loaded(evidence: CallsEvidence, idle_ms: float) -> tuple[StepFigures, float]:
    """The step to judge and its round trip, in ms. Raises EvidenceMissing.

    The median; on a full line that of the last third, for half of a step may pass before a queue
    of 400 ms is full, and the median then tells when it filled and not how deep it is.
    """
    step = evidence.heaviest
    if step is None or (step.calls < 2 and not evidence.line_full):
        raise _one_call_only()
    if is_spoilt(step, CarriedLimits()):
        busy = Failure(code=FailureCode.MACHINE_BUSY, operation="send_calls")
        raise EvidenceMissing("calls", busy)
    if step.round_trip_ms is None or step.received < ENOUGH_PACKETS:
        few = Failure(code=FailureCode.TIMED_OUT, operation="receive_calls")
        raise EvidenceMissing("calls", few)
    if evidence.line_full and step.waiting_ms is not None:
        return step, max(step.round_trip_ms, idle_ms + step.waiting_ms)
    return step, step.round_trip_ms


def _idle_ms(inputs: Inputs, evidence: CallsEvidence) -> float:
    """Of the one stream before, which had many more packets, else of those before the ramp.

    Raises EvidenceMissing.
    """
    times = _stream_times(inputs)
    if times is not None:
        return times.median_ms
    unloaded = evidence.unloaded
    if unloaded is None or unloaded.round_trip_ms is None:
        nothing = Failure(code=FailureCode.TIMED_OUT, operation="receive_calls")
        raise EvidenceMissing("calls", nothing)
    return unloaded.round_trip_ms


def _outcome(busy_ms: float, added_ms: float, limits: UnderLoadLimits) -> UnderLoad:
    if busy_ms < limits.round_trip_ms:
        return UnderLoad.SHORT
    return UnderLoad.LONG_ANYWAY if added_ms < limits.added_ms else UnderLoad.QUEUE


def _load_words(evidence: CallsEvidence, step: StepFigures) -> str:
    if evidence.line_full and evidence.arrived_kbit_s is not None:
        rate = with_unit(evidence.arrived_kbit_s, "kbit/s")
        return _("the line full ({rate})").format(rate=rate)
    return ngettext("{calls} call at once", "{calls} calls at once", step.calls).format(
        calls=number(step.calls)
    )


def _load_details(evidence: CallsEvidence) -> tuple[Detail, ...]:
    return tuple(
        Detail(
            label=ngettext("{calls} call", "{calls} calls", step.calls).format(calls=step.calls),
            text=_("round trip {median}, 95 % under {p95}").format(
                median=milliseconds(step.round_trip_ms), p95=milliseconds(step.p95_ms)
            ),
        )
        for step in evidence.steps
        if step.round_trip_ms is not None and step.p95_ms is not None
    )


def _full_line(evidence: CallsEvidence, step: StepFigures) -> tuple[Detail, ...]:
    """How long the queue had become, or that calls did not fill the line."""
    if not evidence.line_full:
        text = _("a download or a video may fill the line more than these calls did")
        return (Detail(label=_("Not tested"), text=text),)
    if step.waiting_ms is None:
        return ()
    waited = milliseconds(max(0.0, step.waiting_ms))
    text = _("packets waited {time} at the end").format(time=waited)
    return (Detail(label=_("Queue"), text=text),)


# MEDIA first: the idle round trip is measured before the line is loaded
QUALITY_LATENCY_UNDER_LOAD = Check(
    name="quality.latency_under_load",
    meaning=N_(
        "How much longer your voice takes while the line is busy. Where packets queue in the "
        "router (bufferbloat), every download makes callers wait."
    ),
    title=N_("Latency under load"),
    term="Latency under load",
    page=Page.UDP_MEDIA,
    method=N_("Median round trip at the highest rate that the calls reached, once it has settled"),
    reads_silence=True,
    needs=(MEDIA, CALLS),
    limits=UnderLoadLimits,
    judge=judge,
)
