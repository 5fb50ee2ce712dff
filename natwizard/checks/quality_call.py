"""quality.call: what would a caller hear? A real call from the browser through the relay."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from natwizard.checks.audio_microphone import not_tried
from natwizard.checks.base import Check, EvidenceMissing, Inputs
from natwizard.checks.browser_page import product_lines
from natwizard.checks.quality_mos import BASIC, delay_impairment, loss_impairment, mos_of
from natwizard.checks.shared.media_limits import MediaLimits, usable_figures
from natwizard.checks.shared.number_format import milliseconds, number, with_unit
from natwizard.checks.verdict import Verdict, VerdictTable, passed, unknown, warned
from natwizard.model.address import RELAY_TRANSPORTS, RelayTransport
from natwizard.model.finding import (
    Chart,
    ChartColumn,
    ChartKind,
    Detail,
    Judgement,
    Owner,
    Page,
    Status,
)
from natwizard.model.language import N_, _
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.browser_check import BROWSER_CHECK
from natwizard.probes.browser_page.load import ComputerLoad
from natwizard.probes.browser_page.steps import CallDirection, Called, Dropout, RelayTried
from natwizard.probes.headset import HEADSET, HeadsetEvidence
from natwizard.probes.media.stream import MEDIA


class CallLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a good call is like.

    Attributes:
        most_concealed: share of what was played, 0 to 1, that the browser made up.
        most_delay_ms: from mouth to ear. ITU-T G.114 plans for 150 at most and allows 400 at all.
        most_lag_ms: how late the page's clock may tick on a computer that keeps up; most_stood_ms:
            how long its sound may stand still, or a program wait; most_busy: the share of all
            cores, 0 to 1, that may be in use.
        least_level_db: of what was heard against what was said; a browser leaves it as it is.
        line_loss: packet loss of the line, 0 to 1, under which it is not what made gaps.
    """

    most_concealed: float = 0.03
    most_delay_ms: float = 400
    most_lag_ms: float = 100
    most_stood_ms: float = 200
    most_busy: float = 0.9
    least_level_db: float = -20
    line_loss: float = 0.01


class CallState(VerdictTable):
    """What became of the call."""

    GOOD = passed(N_("A test call sounded good."))
    NOT_TRIED = not_tried(N_("Do callers hear you well?"))
    NO_RELAY = Verdict(
        status=Status.NOT_APPLICABLE, summary=N_("There is no media server for a test call.")
    )
    NO_CALL = unknown(
        N_("A test call did not come about."),
        N_("Ask whether voice may leave your network to this server: {server}."),
        N_(
            "Please see whether UDP and TCP to {server}, and TCP 443, leave this network, and"
            " whether its account in the profile is right. A browser got no call through it."
        ),
    )
    ONE_WAY = warned(
        N_("One side of a test call heard nothing."),
        N_("Ask whether voice may pass both ways to this server: {server}."),
        N_(
            "Please see whether packets to and from {server}, by {transport}, pass in both"
            " directions for as long as a call lasts. Of a test call through it one end heard the"
            " other, which got no packet."
        ),
    )
    FAINT = warned(
        N_("Your voice came out far too soft in a test call."),
        N_("Close the browser, open it again, then try again."),
    )
    COMPUTER_TOO_SLOW = warned(
        N_("Your computer could not keep up with a test call."),
        N_("Close programs you do not need, then try again."),
    )
    BROWSER_LOSES = warned(
        N_("Your browser loses voice that your line carries."),
        N_("See whether a VPN or security software treats the browser in its own way."),
        owner=Owner.HELPDESK,
    )
    GAPS = warned(
        N_("Parts of your voice were lost in a test call."),
        N_("Fix the connection first: see packet loss and jitter."),
    )
    HELD_UP = warned(
        N_("A test call came late or unevenly, though little was lost."),
        N_("Close programs you do not need, then try again, with a cable if you can."),
    )
    LATE = warned(
        N_("Your voice came late in a test call."),
        N_("Fix the connection first: see the round trip."),
    )
    UDP_NOW_AND_THEN = unknown(
        N_("The direct way for voice works only at times."),
        N_("Close programs you do not need, then try again."),
    )
    NO_UDP = warned(
        N_("Calls will work, but worse: voice takes a detour."),
        N_("Ask for voice to be let out directly."),
        N_(
            "Please allow UDP to {server} from this network. A test call got through over"
            " {transport} only, where every lost packet holds up those behind it: what would be a"
            " click becomes a gap, and delay grows."
        ),
    )
    NO_UDP_HEARD = warned(
        N_("Voice takes a detour, and came late or with gaps."),
        N_("Ask for voice to be let out directly."),
        N_(
            "Please allow UDP to {server} from this network. A test call got through over"
            " {transport} only, where every lost packet holds up those behind it, and what came"
            " of it was late or had gaps."
        ),
    )


OBSERVED: Final = N_("{share} made up, {delay} from mouth to ear")
OBSERVED_DETOUR: Final = N_("{share} made up, {delay} from mouth to ear, over {transport}")


class HeardCall(Struct, frozen=True, kw_only=True):
    """A call that came about, and how busy this computer was in it; None where nobody looked."""

    called: Called
    load: ComputerLoad | None

    def was_woken_late(self, limits: CallLimits) -> bool:
        """Whether programs waited: then packets may have gone missing in here, too."""
        late_ms = self.load.late_ms if self.load is not None else 0.0
        return (
            self.called.lag_ms > limits.most_lag_ms
            or max(self.called.stood_ms, late_ms) > limits.most_stood_ms
        )

    def is_busy(self, limits: CallLimits) -> bool:
        """Whether the computer did not keep up: unevenness and delay may be its own."""
        busy_share = self.load.busy_share if self.load is not None else 0.0
        return self.was_woken_late(limits) or busy_share > limits.most_busy


def _made(tested: HeadsetEvidence) -> list[HeardCall]:
    loads = (*tested.loads, *(None for _each in tested.calls))
    return [
        HeardCall(called=called, load=load)
        for called, load in zip(tested.calls, loads, strict=False)
        if called.directions
    ]


def judge(inputs: Inputs, limits: CallLimits) -> Judgement:
    """The worst direction of the calls that came about; without one, why there was none."""
    tested = inputs.evidence_or_none(HEADSET)
    if tested is None or not tested.calls:
        return _not_made(inputs, tested)
    heard = _made(tested)
    made = [each.called for each in heard]
    if not made:
        return CallState.NO_CALL.verdict.judgement(
            texts={"server": tested.call_target},
            observed=_("no call"),
            expected=_expected(limits),
            details=(*_ways(tested.calls[0].tried), *product_lines(tested.product)),
        )
    directions = [direction for call in made for direction in call.directions]
    concealed = max(map(concealed_share, directions))
    delay_ms = max(direction.delay_ms for direction in directions)
    transport = made[0].tried[-1].transport
    state = _state(inputs, limits, heard, concealed, delay_ms)
    return state.verdict.judgement(
        texts={"server": tested.call_target, "transport": _(RELAY_TRANSPORTS[transport])},
        observed=_(OBSERVED if transport == "udp" else OBSERVED_DETOUR).format(
            share=with_unit(100 * concealed, "%", 1),
            delay=milliseconds(delay_ms),
            transport=_(RELAY_TRANSPORTS[transport]),
        ),
        expected=_expected(limits),
        measured=(
            Quantity(name="concealed_share", value=round(concealed, 5), unit=Unit.FRACTION),
            Quantity(name="mouth_to_ear", value=round(delay_ms, 1), unit=Unit.MILLISECOND),
            Quantity(name="relay_transport", value=transport, unit=Unit.TEXT),
            *_mos(made),
        ),
        details=(
            *(line for each in heard for line in _call_lines(each)),
            *_ways(made[0].tried),
            *_ways(tested.fallbacks, carried=_("a call would come about: connected in {time}")),
            *_detour(transport),
            *_beside(inputs),
            *product_lines(tested.product),
        ),
        chart=_chart(max(directions, key=concealed_share), limits),
    )


def _not_made(inputs: Inputs, tested: HeadsetEvidence | None) -> Judgement:
    page = inputs.evidence_or_none(BROWSER_CHECK)
    target = tested.call_target if tested is not None else page.relay_target if page else ""
    state = CallState.NOT_TRIED if target else CallState.NO_RELAY
    judged = state.verdict.judgement(observed=_("not tried"), expected=_("a call in the browser"))
    return judged if target else replace(judged, observed=_("no media server set"))


def _state(
    inputs: Inputs,
    limits: CallLimits,
    made: Sequence[HeardCall],
    concealed: float,
    delay_ms: float,
) -> CallState:
    """What excuses others comes first: a busy computer, then the browser, then the line."""
    gaps, late = concealed > limits.most_concealed, delay_ms > limits.most_delay_ms
    busy = any(each.is_busy(limits) for each in made)
    if any(_is_one_way(each.called, limits) for each in made):
        return CallState.ONE_WAY
    if made[0].called.tried[-1].transport != "udp":
        if _udp_worked(inputs):
            return CallState.UDP_NOW_AND_THEN
        # whatever the line lost came late, and the stream's packets went another way
        return CallState.NO_UDP_HEARD if (gaps or late) and not busy else CallState.NO_UDP
    loss = _line_loss(inputs)
    calls = [each.called for each in made]
    is_lost = gaps and _explained_by_loss(calls, limits)
    woken_late = any(each.was_woken_late(limits) for each in made)
    lossy = loss is not None and loss >= limits.line_loss
    if is_lost and (lossy or not woken_late) and _counted_lost(calls, limits):
        # a computer with much to do loses no packets while it wakes its programs in time
        return CallState.GAPS if lossy or loss is None else CallState.BROWSER_LOSES
    if late and not gaps and _line_is_slow(calls, limits):
        return CallState.LATE
    if (gaps or late) and busy:
        return CallState.COMPUTER_TOO_SLOW
    if gaps and not is_lost:
        return CallState.HELD_UP
    if gaps:
        return CallState.BROWSER_LOSES if loss is not None else CallState.GAPS
    if late:
        # a busy computer lets the browser's buffer grow, whatever the line does
        return CallState.HELD_UP
    heard = (direction.level_db for call in calls for direction in call.directions)
    return CallState.FAINT if min(heard) < limits.least_level_db else CallState.GOOD


def _is_one_way(call: Called, limits: CallLimits) -> bool:
    """Whether one end got not one packet while the other heard well."""
    silent = [each for each in call.directions if _got_nothing(each)]
    well = [each for each in call.directions if concealed_share(each) <= limits.most_concealed]
    return bool(silent and well)


def _got_nothing(direction: CallDirection) -> bool:
    seconds = direction.seconds
    return len(seconds) > 2 and seconds[-1].received == seconds[0].received


def _udp_worked(inputs: Inputs) -> bool:
    """Whether the browser check of the same run got through to the same server by UDP."""
    page = inputs.evidence_or_none(BROWSER_CHECK)
    return page is not None and page.relay is not None and bool(page.relay.round_trips_ms)


def concealed_share(direction: CallDirection) -> float:
    """What the browser made up of all it played, 0 to 1, from the first count to the last."""
    if len(direction.seconds) < 2:
        return 0.0
    first, last = direction.seconds[0], direction.seconds[-1]
    played = last.samples - first.samples
    return min(1.0, max(0, last.concealed - first.concealed) / played) if played > 0 else 1.0


def _explained_by_loss(made: Sequence[Called], limits: CallLimits) -> bool:
    """Whether packets went missing where voice had to be made up. What only came late may have
    been held up on the line, by the browser, or by a computer with too much to do.
    """
    gappy = [
        direction
        for call in made
        for direction in call.directions
        if concealed_share(direction) > limits.most_concealed
    ]
    return any(lost_share(each) > concealed_share(each) / MOSTLY for each in gappy)


def _counted_lost(made: Sequence[Called], limits: CallLimits) -> bool:
    """Whether numbers of packets (RFC 3550) are missing, or nothing came at all: what a busy
    computer sends late or not at all leaves no such hole.
    """
    return any(
        not each.seconds or each.seconds[-1].lost - each.seconds[0].lost > 0 or _got_nothing(each)
        for call in made
        for each in call.directions
        if concealed_share(each) > limits.most_concealed
    )


def _line_is_slow(made: Sequence[Called], limits: CallLimits) -> bool:
    """Whether half of the most delay, or more, was on the way: RTCP tells of the way there and
    back, of which a voice goes one.
    """
    trips = (
        second.round_trip_ms
        for call in made
        for direction in call.directions
        for second in direction.seconds
    )
    return max(trips, default=0.0) / 2 > limits.most_delay_ms / 2


PACKETS_PER_S = 50
"""Both codecs send 20 ms in each packet, as browsers do."""

MOSTLY = 4
"""Runs of losses are made up for longer than they last, and a part of them is stretched away."""


def lost_share(direction: CallDirection) -> float:
    """Packets that never came, 0 to 1, from the first count to the last."""
    if len(direction.seconds) < 2:
        return 0.0
    first, last = direction.seconds[0], direction.seconds[-1]
    received = last.received - first.received
    # after the last packet that came nothing counts those that did not; the last count follows
    # the one before it at once
    due = PACKETS_PER_S * (len(direction.seconds) - 2)
    lost = max(0, last.lost - first.lost, due - received)
    return lost / max(1, lost + received)


def _chart(direction: CallDirection, limits: CallLimits) -> Chart | None:
    """How much of each second was made up, in the direction that lost most."""
    seconds = direction.seconds
    columns = []
    for start, (before, after) in enumerate(pairwise(seconds)):
        played = after.samples - before.samples
        if played > 0:
            share = min(1.0, max(0, after.concealed - before.concealed) / played)
            lost = max(0, after.lost - before.lost)
            made_up = 100 * share
            columns.append(
                ChartColumn(start_s=start, low=made_up, median=made_up, high=made_up, lost=lost)
            )
    if not columns:
        return None
    return Chart(
        title=_("Voice that the browser had to make up"),
        kind=ChartKind.VOICE,
        unit="%",
        limit_ms=100 * limits.most_concealed,
        length_s=len(columns),
        columns=tuple(columns),
    )


def _line_loss(inputs: Inputs) -> float | None:
    """What the packet stream lost, 0 to 1; None where it did not run."""
    evidence = inputs.evidence_or_none(MEDIA)
    if evidence is None:
        return None
    try:
        counted = usable_figures(evidence, MediaLimits()).counted
    except EvidenceMissing:
        return None
    return (counted.sent - counted.received) / max(1, counted.sent)


def _mos(made: Sequence[Called]) -> tuple[Quantity, ...]:
    """Of the G.711 call: G.113 has no values for Opus."""
    found = [_rating(each) for call in made if call.codec == "pcmu" for each in call.directions]
    if not found:
        return ()
    return (Quantity(name="mos", value=round(mos_of(min(found)), 2), unit=Unit.MOS),)


def _rating(direction: CallDirection) -> float:
    lost = loss_impairment(100 * concealed_share(direction))
    return max(0.0, BASIC - delay_impairment(direction.delay_ms) - lost)


def _expected(limits: CallLimits) -> str:
    return _("at most {share} made up, {delay} from mouth to ear").format(
        share=with_unit(100 * limits.most_concealed, "%", 0),
        delay=milliseconds(limits.most_delay_ms),
    )


CODECS = {"opus": "Opus", "pcmu": "G.711 (PCMU)"}


def _call_lines(heard: HeardCall) -> tuple[Detail, ...]:
    lines, call = [], heard.called
    ways = (_("{codec}, to the other side"), _("{codec}, from the other side"))
    for label, direction in zip(ways, call.directions, strict=False):
        last = direction.seconds[-1] if direction.seconds else None
        text = _("{share} made up, {delay} from mouth to ear, level {level}").format(
            share=with_unit(100 * concealed_share(direction), "%", 2),
            delay=milliseconds(direction.delay_ms),
            level=with_unit(direction.level_db, Unit.DECIBEL, 1),
        )
        if last is not None:
            text += _("; {lost} lost, jitter {jitter}, buffer {buffer}, round trip {trip}").format(
                lost=number(last.lost),
                jitter=milliseconds(last.jitter_ms),
                buffer=milliseconds(last.buffer_ms),
                trip=milliseconds(last.round_trip_ms),
            )
        if call.codec == "pcmu":
            text += _("; MOS {mos}").format(mos=number(mos_of(_rating(direction)), 2))
        lines.append(Detail(label=label.format(codec=CODECS[call.codec]), text=text))
        if direction.dropouts:
            lines.append(Detail(label=_("Speech missing"), text=_dropouts(direction.dropouts)))
    late = with_unit(call.lag_ms, "ms", 0)
    told = [Detail(label=_("The page's clock"), text=_("up to {late} late").format(late=late))]
    if heard.load is not None:
        text = _("{busy} busy; sound stood still for {stood}, programs waited {late}, at most")
        words = text.format(
            busy=with_unit(100 * heard.load.busy_share, "%", 0),
            stood=milliseconds(call.stood_ms),
            late=milliseconds(heard.load.late_ms),
        )
        told.append(Detail(label=_("This computer"), text=words))
    return (*lines, *told)


MOST_TOLD = 8


def _dropouts(dropouts: Sequence[Dropout]) -> str:
    told = ", ".join(
        _("{length} at {start}").format(
            length=milliseconds(1000 * each.length_s), start=with_unit(each.start_s, "s", 1)
        )
        for each in dropouts[:MOST_TOLD]
    )
    return told + ", ..." if len(dropouts) > MOST_TOLD else told


def _ways(tried: Sequence[RelayTried], carried: str = "") -> tuple[Detail, ...]:
    connected = carried or _("connected in {time}")
    return tuple(
        Detail(
            label=_("By {transport}").format(transport=_(RELAY_TRANSPORTS[each.transport])),
            text=connected.format(time=milliseconds(each.setup_ms))
            if each.connected
            else _("no call: {error}").format(error=each.error),
        )
        for each in tried
    )


def _detour(transport: RelayTransport) -> tuple[Detail, ...]:
    """What it means for a call that it does not go by UDP."""
    if transport == "udp":
        return ()
    text = _(
        "The browser fell back to {transport}, as the webphone would. There a lost packet holds up"
        " all behind it: what would be a click becomes a gap, and delay grows."
    )
    return (
        Detail(label=_("Without UDP"), text=text.format(transport=_(RELAY_TRANSPORTS[transport]))),
    )


def _beside(inputs: Inputs) -> tuple[Detail, ...]:
    loss = _line_loss(inputs)
    if loss is None:
        return ()
    text = _("{loss} lost").format(loss=with_unit(100 * loss, "%", 2))
    return (Detail(label=_("Packets without browser"), text=text),)


QUALITY_CALL = Check(
    name="quality.call",
    title=N_("Test call (WebRTC)"),
    term="WebRTC",
    page=Page.UDP_MEDIA,
    reads_silence=True,
    needs=(HEADSET, BROWSER_CHECK, MEDIA),
    limits=CallLimits,
    judge=judge,
    meaning=N_(
        "A real call in your own browser, to yourself: what gets lost on the line is covered up by"
        " the browser as far as it can, and this tells what is left of your voice."
    ),
    method=N_(
        "Ten seconds of the recording each way through TURN, by Opus and G.711: concealed"
        " samples (W3C webrtc-stats), delay and gaps by comparing sent and heard"
    ),
)
