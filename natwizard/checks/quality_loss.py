"""quality.loss: do voice packets arrive at all?"""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from natwizard.checks.base import Check, EvidenceMissing, Inputs
from natwizard.checks.shared.fault_location import Fault, fault_line, fault_of_loss
from natwizard.checks.shared.flow_limit import ASK_FLOWS, ASK_FLOWS_REQUEST, FLOWS_USED_UP
from natwizard.checks.shared.line import LineFacts
from natwizard.checks.shared.media_limits import (
    STOP_OTHER_USE,
    LimitedValue,
    MediaLimits,
    judge_against_limit,
    path_failure,
    usable_figures,
    waits_in_a_queue,
)
from natwizard.checks.shared.number_format import (
    limit_with_unit,
    milliseconds,
    number,
    tried_lines,
    why_it_failed,
    with_unit,
)
from natwizard.checks.verdict import Verdict, VerdictTable, failed, passed, unknown
from natwizard.model.finding import Detail, Judgement, Owner, Page, Status
from natwizard.model.language import N_, _, ngettext
from natwizard.model.outcome import FailureCode
from natwizard.model.quantity import Quantity, Unit
from natwizard.model.statistics import clustered_interval
from natwizard.probes.link.route import LINK
from natwizard.probes.media.calls import CALLS
from natwizard.probes.media.path import GREETINGS, PathAttempts
from natwizard.probes.media.router_probe import PathRouters
from natwizard.probes.media.stream import MEDIA, MediaFigures
from natwizard.probes.stun.binding import STUN

# Told by something on the way; what `TURNED_AWAY` holds is the server's own word
TILE_TITLE = N_("Loss")
REJECTED = {FailureCode.NETWORK_UNREACHABLE, FailureCode.NOT_PERMITTED}
TURNED_AWAY = {FailureCode.CONNECTION_REFUSED, FailureCode.CONNECTION_RESET}


class LossLimits(MediaLimits, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Less than this must be lost, in percent."""

    # the vendor's "Technical Prerequisites": under 1 %
    loss_percent: float = 1.0


PROVIDER = N_("Send this report to your internet provider.")
PROVIDER_REQUEST = N_(
    "Please find out where UDP packets to and from {target} get lost:"
    " {lost} of {sent} ({share}) did not come back."
)
VERDICTS: Final[Mapping[Status, Verdict]] = {
    Status.PASS: passed(N_("Voice packets arrive.")),
    Status.BORDERLINE: Verdict(
        status=Status.BORDERLINE,
        summary=N_("A few voice packets get lost; it is close."),
        remedy=N_("Use a cable, then run again."),
        owner=Owner.AGENT,
    ),
    Status.FAIL: failed(N_("Parts of what you say would be lost."), PROVIDER, PROVIDER_REQUEST),
}
MORE_LOST_BACK = failed(
    N_("Parts of what your caller says would be lost."), PROVIDER, PROVIDER_REQUEST
)
IN_FULL_LINE = failed(N_("Parts of what you say would be lost."), STOP_OTHER_USE, owner=Owner.AGENT)
MORE_LOST_BACK_IN_FULL_LINE = failed(
    N_("Parts of what your caller says would be lost."), STOP_OTHER_USE, owner=Owner.AGENT
)
"""What does not fit into a queue is dropped: nobody else has to look for that."""


class Silence(VerdictTable):
    """Why nothing at all came back."""

    SERVER_REFUSES = unknown(
        N_("The test server turns voice packets away."),
        N_("Check that the media server runs, then run again."),
        owner=Owner.HELPDESK,
    )
    BLOCKED = failed(
        N_("Voice packets leave, but none come back."),
        N_("Ask to allow UDP to {target}, and its answers."),
        N_(
            "Please allow outgoing UDP to {target} and the answers to it. Nothing came back"
            " for {tries} packets, while STUN servers did answer over UDP."
        ),
    )
    REJECTED = failed(
        N_("A router or firewall says no to voice packets."),
        N_("Ask to allow UDP to {target}, and its answers."),
        N_(
            "Please allow outgoing UDP to {target} and the answers to it. Something on the way"
            " reports that there is no way there (ICMP), while other traffic gets out."
        ),
    )
    SERVER_DOWN = unknown(
        N_("The test server gives no answer of any kind."),
        N_("Check that the test server runs, then run again."),
        owner=Owner.HELPDESK,
    )
    """It answered nothing else either, while others answer over UDP."""
    SERVERS_SILENT = unknown(
        N_("We could not see whether voice packets come back."),
        N_("Ask whether this network lets UDP out, then run again."),
        N_(
            "Please see whether UDP to the internet, and the answers, are allowed: neither {target}"
            " nor any STUN server answered this computer."
        ),
    )
    """A second UDP server is set, and does not answer either."""
    FLOWS_USED_UP = unknown(FLOWS_USED_UP, ASK_FLOWS, ASK_FLOWS_REQUEST)
    """Not one more flow was let through, this one's included."""
    NO_CONTROL = unknown(
        N_("We could not see whether voice packets come back."),
        N_("Set a second UDP server (targets.stun_control), then run again."),
        owner=Owner.HELPDESK,
    )
    """Nobody answers over UDP: the network or the line."""


class LossFacts(Struct, frozen=True, kw_only=True):
    """That nothing came back, and why; a stream that came back brings no facts."""

    silence: Silence


SILENT_OBSERVED: Final[Mapping[Silence, str]] = {
    Silence.SERVER_REFUSES: N_("{target} is not listening"),
    Silence.BLOCKED: N_("no answer from {target}; other UDP answers do come"),
    Silence.SERVER_DOWN: N_("no answer from {target} by any way; others answer"),
    Silence.REJECTED: N_("there is no way to {target}, by a report from the way"),
    Silence.FLOWS_USED_UP: N_("no answer from {target} to a new flow; an old one is answered"),
    Silence.SERVERS_SILENT: N_("no answer from {target}, nor from anyone else over UDP"),
    Silence.NO_CONTROL: N_("no answer from {target}, nor from anyone else over UDP"),
}


def judge(inputs: Inputs, limits: LossLimits) -> Judgement:
    """Compare the share lost; its interval decides, for 0 of 100 may still be 3.7 %,
    and one gap of ten packets tells less than ten packets lost one by one.

    Nothing at all is judged by what else came back over UDP.
    """
    evidence = inputs.evidence(MEDIA)
    if evidence.figures is None:
        return _judge_silence(inputs, evidence.path, limits)
    figures = usable_figures(evidence, limits)
    counted = figures.counted
    stream = Losses(sent=counted.sent, lost=counted.sent - counted.received, gaps=counted.gaps)
    calls = _losses_of_calls(inputs)
    apart = disagree(stream, calls, limits.loss_percent)
    every = stream + calls
    low, high = every.interval
    if apart:
        low, high = min(stream.interval[0], calls.interval[0]), max(high, calls.interval[1])
    sent, lost, percent = every.sent, every.lost, every.percent
    measured = LimitedValue(
        value=percent, low=low, high=high, limit=limits.loss_percent, unit=Unit.PERCENT
    )
    share = measured.written(2)
    observed = f"{share}, {measured.likely}"
    if counted.longest_gap:
        gap = milliseconds(counted.longest_gap * figures.interval_ms)
        observed = "; ".join((observed, _("longest gap {gap}").format(gap=gap)))
    back = (counted.lost_back or 0) > (counted.lost_out or 0)
    fault = fault_of_loss(figures, evidence.hops or PathRouters())
    # the provider's network, or one beyond, may be as full
    here = fault in {Fault.UNKNOWN, Fault.BUILDING}
    if here and waits_in_a_queue(figures.round_trip):
        lost_in_it = MORE_LOST_BACK_IN_FULL_LINE if back else IN_FULL_LINE
    else:
        lost_in_it = MORE_LOST_BACK if back else VERDICTS[Status.FAIL]
    return judge_against_limit(
        {**VERDICTS, Status.FAIL: lost_in_it},
        measured,
        evidence,
        figures,
        title=_(TILE_TITLE),
        digits=2,
        observed=observed,
        quantities=_quantities(percent, figures, calls),
        details=(
            *fault_line(inputs, evidence, fault, measured.status),
            *_details(figures),
            *_stream_lines(stream, calls, apart=apart),
        ),
        texts={
            "target": evidence.path.target,
            "lost": number(lost),
            "sent": number(sent),
            "share": share,
        },
    )


def _is_lifeless(path: PathAttempts, line: LineFacts) -> bool:
    """Whether all its addresses showed no sign of life, whoever asked."""
    addresses = {endpoint.address for endpoint in path.lookup.value or ()}
    return bool(addresses) and addresses <= line.lifeless


def _judge_silence(inputs: Inputs, path: PathAttempts, limits: LossLimits) -> Judgement:
    failure = path_failure(path)
    line = inputs.line
    if path.lookup.failure is not None:  # no packet was sent, so none can have got lost
        raise EvidenceMissing("media", path.lookup.failure)
    if failure.code in TURNED_AWAY:
        silence = Silence.SERVER_REFUSES
    elif failure.code in REJECTED and line.leads_out:
        silence = Silence.REJECTED
    elif failure.code is not FailureCode.TIMED_OUT:
        raise EvidenceMissing("media", failure)
    else:
        others = Silence.SERVERS_SILENT if line.stun_hosts > 1 else Silence.NO_CONTROL
        silence = Silence.BLOCKED if line.udp_leads_out else others
        if line.flows_used_up:
            silence = Silence.FLOWS_USED_UP
        elif line.udp_leads_out and _is_lifeless(path, line):
            silence = Silence.SERVER_DOWN
    return silence.verdict.judgement(
        texts={"target": path.target, "tries": GREETINGS},
        observed=_(SILENT_OBSERVED[silence]).format(target=path.target),
        expected=_("under {limit}").format(limit=limit_with_unit(limits.loss_percent, "%")),
        details=(Detail(label=_("Why we say so"), text=why_it_failed(failure)),),
        tried=tried_lines(path.attempts()),
        facts=LossFacts(silence=silence),
    )


class Losses(Struct, frozen=True, kw_only=True):
    """What one or several streams of voice packets lost; `gaps` counts the runs of it."""

    sent: int = 0
    lost: int = 0
    gaps: int = 0

    def __add__(self, other: "Losses") -> "Losses":
        """Both together."""
        return Losses(
            sent=self.sent + other.sent, lost=self.lost + other.lost, gaps=self.gaps + other.gaps
        )

    @property
    def percent(self) -> float:
        """The share that was lost."""
        return 100 * self.lost / max(1, self.sent)

    @property
    def interval(self) -> tuple[float, float]:
        """Its 95 % interval in percent; one gap of ten packets tells less than ten of one."""
        low, high = clustered_interval(self.lost, self.gaps, self.sent)
        return 100 * low, 100 * high


def _losses_of_calls(inputs: Inputs) -> Losses:
    """Of the call test, as far as there was room for its packets: burst losses may fall into it
    and not into the stream's ten seconds.
    """
    calls = inputs.evidence_or_none(CALLS)
    steps = calls.uncrowded if calls is not None else ()
    return Losses(
        sent=sum(step.sent for step in steps),
        lost=sum(step.sent - step.received for step in steps),
        gaps=sum(step.gaps for step in steps),
    )


def disagree(one: Losses, other: Losses, limit_percent: float) -> bool:
    """Whether two looks at one line differ beyond chance, on different sides of the limit."""
    if not one.sent or not other.sent:
        return False
    first, second = sorted((one, other), key=lambda losses: losses.percent)
    apart = first.interval[1] < second.interval[0]
    return apart and first.percent < limit_percent <= second.percent


def _stream_lines(stream: Losses, calls: Losses, *, apart: bool) -> tuple[Detail, ...]:
    if not calls.sent:
        return ()
    text = _("{stream} of one call alone, {calls} while calls were tried").format(
        stream=with_unit(stream.percent, "%", 2), calls=with_unit(calls.percent, "%", 2)
    )
    if apart:
        text = _("{text}: it comes and goes, which chance does not explain").format(text=text)
    return (Detail(label=_("Lost"), text=text),)


def _quantities(percent: float, figures: MediaFigures, calls: Losses) -> tuple[Quantity, ...]:
    counted = figures.counted
    gap_ms = counted.longest_gap * figures.interval_ms
    return (
        Quantity(name="loss", value=percent, unit=Unit.PERCENT),
        Quantity(name="sent", value=counted.sent + calls.sent, unit=Unit.COUNT),
        Quantity(
            name="received",
            value=counted.received + calls.sent - calls.lost,
            unit=Unit.COUNT,
        ),
        Quantity(name="gaps", value=counted.gaps + calls.gaps, unit=Unit.COUNT),
        Quantity(name="longest_gap", value=gap_ms, unit=Unit.MILLISECOND),
        Quantity(name="reordered", value=counted.reordered, unit=Unit.COUNT),
        Quantity(name="duplicates", value=counted.duplicates, unit=Unit.COUNT),
    )


def _details(figures: MediaFigures) -> tuple[Detail, ...]:
    counted = figures.counted
    lost = counted.sent - counted.received
    if counted.lost_out is None or counted.lost_back is None:
        ways = _("{lost} lost; the test server does not tell on which way").format(
            lost=number(lost)
        )
    else:
        ways = _("{lost} lost: {out} on the way there, {back} on the way back").format(
            lost=number(lost), out=number(counted.lost_out), back=number(counted.lost_back)
        )
    order = _("{reordered} overtaken, {duplicates} came twice").format(
        reordered=number(counted.reordered), duplicates=number(counted.duplicates)
    )
    details = [Detail(label=_("Packets"), text=ways), Detail(label=_("Order"), text=order)]
    if figures.machine.unsent:
        text = ngettext(
            "It could not send {count} packet, which does not count as lost.",
            "It could not send {count} packets, which do not count as lost.",
            figures.machine.unsent,
        ).format(count=number(figures.machine.unsent))
        details.append(Detail(label=_("This computer"), text=text))
    if figures.machine.stalls:
        text = _("It stood still {times} times while packets were on their way.").format(
            times=figures.machine.stalls
        )
        details.append(Detail(label=_("This computer"), text=text))
    return tuple(details)


QUALITY_LOSS = Check(
    name="quality.loss",
    meaning=N_(
        "Parts of a voice that never arrive. One in a hundred is heard as a click or a gap, "
        "more of them as missing words."
    ),
    title=N_("Packet loss"),
    term="Packet loss",
    page=Page.UDP_MEDIA,
    headline="loss",
    tile_title=TILE_TITLE,
    method=N_(
        "Share of packets never answered, with its Wilson 95 % interval, wider for bursts; "
        "borderline when the limit lies inside"
    ),
    reads_silence=True,
    needs=(MEDIA, STUN, LINK),
    limits=LossLimits,
    judge=judge,
)
