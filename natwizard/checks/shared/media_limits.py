"""What every rule on voice packets asks first: did any come back, on a computer that kept time?"""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct, structs

from natwizard.checks.base import EvidenceMissing
from natwizard.checks.shared.fault_location import path_stops
from natwizard.checks.shared.number_format import (
    beside,
    digits_beside,
    limit_with_unit,
    milliseconds,
    number,
    tried_lines,
    with_unit,
)
from natwizard.checks.verdict import Verdict
from natwizard.model.finding import Chart, Detail, Gauge, Judgement, Status
from natwizard.model.language import N_, _, ngettext
from natwizard.model.outcome import Failure, FailureCode
from natwizard.model.quantity import Interval, Quantity, Unit
from natwizard.probes.media.figures import Jitter, RoundTrip
from natwizard.probes.media.liveness import LivenessCheck
from natwizard.probes.media.path import PathAttempts
from natwizard.probes.media.stream import MediaEvidence, MediaFigures

# Of the packets; fewer are left out of every count, and the rest still is a stream (decision 12)
UNSENT_SHARE = 0.05
# Each reads as a loss of the line: a tenth of the 1 % that `quality.loss` allows
OVERFLOWED_SHARE = 0.001
# Where more datagrams answer nothing, the far end is broken and not the line (decision 9)
STRAYS_SHARE = 0.05


class MediaLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When figures are void, in ms: packets left, or answers were read, later than this (p95)."""

    # a quarter of the 20 ms of jitter: what is late here would read as the line's
    send_late_p95_ms: float = 5.0
    lag_p95_ms: float = 5.0


FEWEST_PACKETS = 50
"""A second of voice. A stream has ten; where so little of it is left, this computer stood still for
the rest, and with none lost of a few all between nothing and a third may be."""


def stray_words(target: str, strays: int) -> str:
    """What is wrong with a far end that sends what nobody asked for."""
    return ngettext(
        "{target} sent {count} datagram that answers nothing",
        "{target} sent {count} datagrams that answer nothing",
        strays,
    ).format(target=target, count=number(strays))


def usable_figures(evidence: MediaEvidence, limits: MediaLimits) -> MediaFigures:
    """The figures, unless this computer spoilt them. Raises EvidenceMissing."""
    if evidence.figures is None:
        raise EvidenceMissing("media", path_failure(evidence.path))
    machine = evidence.figures.machine
    late = machine.send_late_p95_ms > limits.send_late_p95_ms
    if late or machine.lag_p95_ms > limits.lag_p95_ms:
        detail = _(
            "packets left {sent_late} late, answers were read {read_late} late"
            " (95\u00a0% of them were faster)"
        ).format(
            sent_late=with_unit(machine.send_late_p95_ms, "ms", 1),
            read_late=with_unit(machine.lag_p95_ms, "ms", 1),
        )
        raise EvidenceMissing(
            "media", Failure(code=FailureCode.MACHINE_BUSY, operation="send_media", detail=detail)
        )
    if machine.overflowed > OVERFLOWED_SHARE * evidence.figures.counted.sent:
        detail = ngettext(
            "this computer dropped {count} answer that had arrived",
            "this computer dropped {count} answers that had arrived",
            machine.overflowed,
        ).format(count=number(machine.overflowed))
        raise EvidenceMissing(
            "media",
            Failure(code=FailureCode.MACHINE_BUSY, operation="receive_media", detail=detail),
        )
    tried = evidence.figures.counted.sent + machine.unsent
    if machine.unsent > UNSENT_SHARE * tried and machine.send_failure is not None:
        raise EvidenceMissing("media", machine.send_failure)
    if evidence.figures.counted.sent < FEWEST_PACKETS:
        raise EvidenceMissing(
            "media", Failure(code=FailureCode.STOOD_STILL, operation="send_media")
        )
    strays = evidence.figures.strays
    if strays > STRAYS_SHARE * evidence.figures.counted.sent:
        detail = stray_words(evidence.path.target, strays)
        raise EvidenceMissing(
            "media", Failure(code=FailureCode.BAD_ANSWER, operation="receive_media", detail=detail)
        )
    require_live_far_end(evidence.liveness, evidence.path, "media")
    return evidence.figures


def require_live_far_end(liveness: LivenessCheck | None, path: PathAttempts, probe: str) -> None:
    """Raises EvidenceMissing where the test server fell silent, so that loss is not the line's."""
    if liveness is not None and liveness.is_ill:
        detail = " ".join(filter(None, (path.target, liveness.witness)))
        silent = Failure(code=FailureCode.FAR_END_SILENT, operation="greet_again", detail=detail)
        raise EvidenceMissing(probe, silent)


def measured_round_trip(figures: MediaFigures) -> RoundTrip:
    """Round-trip times. Raises EvidenceMissing if nothing came back after the greeting."""
    if figures.round_trip is None:
        failure = Failure(code=FailureCode.TIMED_OUT, operation="receive_media")
        raise EvidenceMissing("media", failure)
    return figures.round_trip


def worst_jitter(figures: MediaFigures) -> tuple[Jitter, str]:
    """The worse of both ways, or of the round trip where the ways cannot be told apart.

    Raises EvidenceMissing for fewer than two packets.
    """
    ways = (
        (figures.jitter.out, _("from you to the other side")),
        (figures.jitter.back, _("from the other side to you")),
    )
    known = [(jitter, words) for jitter, words in ways if jitter is not None]
    if not known and figures.jitter.round_trip is not None:
        known = [(figures.jitter.round_trip, _("there and back"))]
    if not known:
        failure = Failure(code=FailureCode.TIMED_OUT, operation="receive_media")
        raise EvidenceMissing("media", failure)
    return max(known, key=lambda way: way[0].mean_ms)


def path_failure(path: PathAttempts) -> Failure:
    """Why no greeting came back."""
    failures = [attempt.failure for attempt in path.attempts() if attempt.failure is not None]
    if failures:
        return failures[-1]
    return Failure(code=FailureCode.NAME_NOT_FOUND, operation="look_up", detail=path.target)


class LimitedValue(Struct, frozen=True, kw_only=True):
    """A measured value with its 95 % interval, and the limit that it has to stay under."""

    value: float
    low: float
    high: float
    limit: float
    unit: Unit

    @property
    def status(self) -> Status:
        """Under the limit or not; borderline where the interval holds it."""
        if self.low < self.limit <= self.high:
            return Status.BORDERLINE
        return Status.PASS if self.value < self.limit else Status.FAIL

    @property
    def likely(self) -> str:
        """The interval in words."""
        return likely(self.low, self.high, 1, self.limit)

    def written(self, digits: int) -> str:
        """The value and its unit; more digits where these would hide its side of the limit."""
        return beside(self.value, self.unit, digits, self.limit)

    @property
    def likelier_side(self) -> str:
        """For the borderline: which side of the limit is likelier; else nothing."""
        if self.status is not Status.BORDERLINE:
            return ""
        if self.value < self.limit:
            return _("more likely within the limit")
        return _("more likely over the limit")

    @property
    def expected(self) -> str:
        """What would pass."""
        return _("under {limit}").format(limit=limit_with_unit(self.limit, self.unit))


STOP_OTHER_USE: Final = N_("Use a cable, stop what else uses the line, then run again.")
QUEUE_AT_LEAST_MS = 50.0
"""Of waiting; less of it is no trouble, and chance on a very short way."""


def waits_in_a_queue(times: RoundTrip | None) -> bool:
    """Whether packets take so long because others are before them: some came in half the time, so
    that the way itself is short. A detour is as long for each of them.
    """
    if times is None:
        return False
    waited_ms = times.median_ms - times.lowest_ms
    return waited_ms >= QUEUE_AT_LEAST_MS and waited_ms >= times.lowest_ms


def judge_against_limit(
    verdicts: Mapping[Status, Verdict],
    measured: LimitedValue,
    evidence: MediaEvidence,
    figures: MediaFigures,
    *,
    title: str,
    digits: int,
    observed: str,
    quantities: tuple[Quantity, ...],
    details: tuple[Detail, ...],
    texts: Mapping[str, object] | None = None,
    chart: Chart | None = None,
) -> Judgement:
    """The row of a table that has one for each of PASS, BORDERLINE and FAIL.

    Args:
        title: of the gauge; `digits`: of its value.
        details: come before how it was measured.
    """
    interval = Interval(low=measured.low, high=measured.high, unit=measured.unit)
    judgement = verdicts[measured.status].judgement(
        texts=texts,
        observed="; ".join(filter(None, (observed, measured.likelier_side))),
        expected=measured.expected,
        measured=quantities,
        interval=interval,
        details=(*details, *how_measured(figures, evidence.path)),
        tried=tried_lines(evidence.path.attempts()),
        gauge=Gauge(
            title=title,
            value=measured.value,
            unit=measured.unit,
            limit=measured.limit,
            interval=interval,
            digits=digits_beside(measured.value, digits, measured.limit),
        ),
        chart=chart,
    )
    return structs.replace(judgement, path=path_stops(evidence))


def likely(low: float, high: float, digits: int, limit: float) -> str:
    """An interval in words; more digits where these would hide whether it holds the limit."""
    return _("likely {low} to {high}").format(
        low=beside(low, "", digits, limit), high=beside(high, "", digits, limit)
    )


def how_measured(figures: MediaFigures, path: PathAttempts) -> tuple[Detail, ...]:
    """Where to, how many, and how well this computer kept time."""
    machine = figures.machine
    return (
        Detail(
            label=_("Tried"),
            text=_("{sent} packets of {size} bytes to {target}, one every {interval}").format(
                sent=number(figures.counted.sent),
                size=figures.payload_bytes,
                target=path.target,
                interval=milliseconds(figures.interval_ms),
            ),
        ),
        Detail(
            label=_("This computer"),
            text=_(
                "packets left {late} late at most, {p95} for 95 % of them; it was {busy} busy"
            ).format(
                late=with_unit(machine.send_late_max_ms, "ms", 1),
                p95=with_unit(machine.send_late_p95_ms, "ms", 1),
                busy=with_unit(100 * machine.busy_share, "%"),
            ),
        ),
    )
