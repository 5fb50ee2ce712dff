"""What a measurement to public beacons may claim: applied to every rule that rests on it.

A stranger owes nobody an answer. So a problem needs two witnesses (two locations, or one and a
router on the way), what only one location or one of several paths shows is laid there, and silence
is never a problem. The rules themselves know nothing of it.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from natwizard.checks.base import EvidenceMissing, Inputs
from natwizard.checks.shared.fault_location import (
    Fault,
    beacon_words,
    fault_of_jitter,
    fault_of_loss,
)
from natwizard.checks.shared.media_limits import (
    MediaLimits,
    how_measured,
    path_failure,
    usable_figures,
    waits_in_a_queue,
)
from natwizard.checks.shared.number_format import milliseconds, number, tried_lines, with_unit
from natwizard.checks.verdict import Verdict, VerdictTable, not_set_up, passed, unknown, warned
from natwizard.model.finding import Detail, FarEnd, Judgement, Owner, Status
from natwizard.model.language import N_, _
from natwizard.model.outcome import FailureCode, Gathered
from natwizard.model.quantity import Quantity, Unit
from natwizard.model.statistics import wilson_interval
from natwizard.model.writing import labelled
from natwizard.probes.connection.websocket_client import WebsocketReachability
from natwizard.probes.media.beacon_figures import BeaconFigures
from natwizard.probes.media.calls import CarriedLimits
from natwizard.probes.media.figures import Counted, Directions
from natwizard.probes.media.router_probe import PathRouters
from natwizard.probes.media.stream import MEDIA, MediaEvidence, MediaFigures
from natwizard.probes.stun.binding import STUN
from natwizard.probes.web import WEB
from natwizard.probes.websocket import WEBSOCKET, WebsocketAttempt, WebsocketEvidence

LATENCY, JITTER, LOSS, ESTIMATE, BANDWIDTH, UNDER_LOAD = (
    "quality.latency", "quality.jitter", "quality.loss", "quality.mos", "quality.bandwidth",
    "quality.latency_under_load",
)  # fmt: skip

WEBSOCKETS = "websocket.open"
OF_THE_SERVICE = {"port.webphone", "udp.stun", "udp.range", "websocket.open", "port.sip"}
MEASURED = {Status.PASS, Status.BORDERLINE, Status.WARN, Status.FAIL}

PATHS_AT_MOST = 3
"""Of 24 sockets: more than these are not one of several paths, but the line."""
MOST_OF_LOSSES = 0.9
"""The rest is chance: a broken path does not keep other sockets from losing a packet."""
PHASE_LOCKED = 0.8
"""Of five losses at random moments, fewer than one in twenty is so close to one phase."""
PHASE_LOCKED_MANY, PHASE_WEIGHT = 0.65, 24.0
"""Less will do where many packets of several locations show it: what a limit takes drifts while
others begin and end. Random ones come to this weight (the sum of n R squared, Rayleigh's test) once
in ten thousand times, even where half of all are lost."""
PHASES_AT_LEAST = 5
"""Of fewer losses, random ones are close to one phase more often than `PHASE_LOCKED` allows."""
BROKE_OFF_SHARE = 0.5
"""Of the stream, in which a location said nothing while the others went on."""
BALANCED_SOCKET_LOSS = 0.5
"""A broken path loses most of what takes it; a socket that lost one packet is no path."""
ALIKE = 0.5
"""Of the whole's share of losses, which a location must show to bear it out."""
JITTER_FACTOR, JITTER_LEAST_MS = 2.0, 5.0
"""Without the least, 0.5 ms beside 0.2 ms would lay a steady location aside."""

OWN_SERVER = N_("Set up a test server of your own to be sure.")


class PublicVerdict(VerdictTable):
    """What takes the place of a rule's own verdict."""

    SILENT = unknown(
        N_("No public test server answered voice packets."),
        N_("Nothing to do if your firewall opens UDP only for the service."),
        N_(
            "Please allow outgoing UDP to {target} for a test, or confirm that UDP leaves this"
            " network only to the service's own ranges: then this result is right."
        ),
    )
    SILENT_UDP_WORKS = unknown(
        N_("Voice packets to public test servers are not let out."),
        N_("Nothing to do if your firewall opens UDP only for the service."),
        N_(
            "Please allow outgoing UDP to {target} for a test, or confirm that UDP leaves this"
            " network only to the service's own ranges: then this result is right. Other UDP"
            " servers do answer."
        ),
    )
    BUSY = unknown(N_("The public test servers were busy."), N_("Run again in a few minutes."))
    ONE_PATH = warned(
        N_("One of several ways out of this network loses voice packets."),
        N_("Ask which of your lines loses packets."),
        N_(
            "Please look for a line or balancer path that loses UDP: {lost} of {sent} packets got"
            " lost, nearly all of them on {paths} of {sockets} flows; the other flows lost none."
        ),
    )
    BEYOND = warned(
        N_("Voice packets get lost beyond your internet provider's first router."),
        OWN_SERVER,
        owner=Owner.HELPDESK,
    )
    ONE_WITNESS = warned(
        N_("One public test server saw trouble; nothing else confirms it."),
        OWN_SERVER,
        owner=Owner.HELPDESK,
    )
    FAR_AWAY = warned(
        N_("The nearest public test server is far away."),
        N_("Ask whether traffic takes a detour (VPN, proxy)."),
        N_(
            "Please look at the way of voice traffic (UDP) to {target}: does it go through a VPN,"
            " a proxy or a distant site? The round trip to {place} takes {median} (median)."
        ),
    )
    NO_WEBSOCKET = warned(
        N_("No public test server took a lasting connection."),
        N_("Nothing to do if your firewall lets only the service's addresses out."),
        N_(
            "Please see whether a filter stops websockets (RFC 6455), and let those to the service"
            " pass: no public test server took one, which may be their own fault."
        ),
    )
    NO_WEBSOCKET_NAME = unknown(
        N_("No public server for lasting connections could be looked up."),
        N_("Connect to the internet, then run again."),
    )
    NO_WEBSOCKET_ANSWER = unknown(
        N_("No public server for lasting connections answered."),
        N_("Connect to the internet, then run again."),
    )
    ONE_CALL = passed(N_("Your line carries one call."))
    ONE_CALL_OF_MORE = not_set_up(
        N_("Your line carries one call; more need a server of your own."),
        N_("Set up a test server of your own to try {wanted} calls at once."),
    )
    CALL_LOST = warned(
        N_("Too many packets got lost to tell what your line carries."),
        N_("Settle the packet loss, then run again."),
    )


class NoBeaconAnswered(Struct, frozen=True):
    """Facts of the loss row where not one public server answered a voice packet."""


def judge_by_far_end(check: str, judge: Callable[[Inputs], Judgement], inputs: Inputs) -> Judgement:
    """Judge, and where public beacons took the place of a far end, claim no more than they show.

    Raises EvidenceMissing.
    """
    media = inputs.evidence_or_none(MEDIA)
    strangers = inputs.evidence_or_none(WEBSOCKET) if check == WEBSOCKETS else None
    if strangers is not None and strangers.far_end is FarEnd.PUBLIC:
        return _websockets(judge, inputs, strangers)
    if check in OF_THE_SERVICE:
        judged = judge(inputs)
        measured = judged.status in MEASURED and judged.far_end is None
        return replace(judged, far_end=FarEnd.SERVICE) if measured else judged
    if check not in _RULES or media is None:
        return judge(inputs)
    if media.far_end is not FarEnd.PUBLIC:
        return replace(judge(inputs), far_end=media.far_end)
    if media.figures is None:
        if check == LOSS:
            return _silent(inputs, media)
        raise EvidenceMissing(MEDIA.name, path_failure(media.path))
    heard = without_theirs(media)
    seen = dataclasses.replace(
        inputs, outcomes={**inputs.outcomes, MEDIA.name: Gathered(evidence=heard)}
    )
    judged = _RULES[check](judge, seen, heard)
    laid = tuple(_laid_aside(media, heard))
    return replace(
        judged,
        observed=_("{figures}, to public servers").format(figures=judged.observed),
        details=(*laid, _measured_to(heard), *judged.details),
        far_end=FarEnd.PUBLIC,
    )


def _measured_to(media: MediaEvidence) -> Detail:
    return Detail(label=_("Measured to"), text=beacon_words(media.beacons))


def _silent(inputs: Inputs, media: MediaEvidence) -> Judgement:
    """Not one beacon answered a greeting. Raises EvidenceMissing where nothing was even sent."""
    failure = path_failure(media.path)
    if failure.code is not FailureCode.TIMED_OUT:
        raise EvidenceMissing(MEDIA.name, failure)
    stun = inputs.evidence_or_none(STUN)
    works = stun is not None and stun.came_back
    verdict = PublicVerdict.SILENT_UDP_WORKS if works else PublicVerdict.SILENT
    return replace(
        verdict.verdict.judgement(
            texts={"target": media.path.target},
            observed=_("no answer from {target}").format(target=media.path.target),
            expected=_("an answer"),
            tried=tried_lines(media.path.attempts()),
            facts=NoBeaconAnswered(),
        ),
        far_end=FarEnd.PUBLIC,
    )


# whose trouble it is -------------------------------------------------------------------------


def without_theirs(media: MediaEvidence) -> MediaEvidence:
    """The same without a location that alone shows loss or jitter: that is its own."""
    theirs = _theirs(media.beacons)
    if theirs is None or media.figures is None:
        return media
    rest = tuple(each for each in media.beacons if each is not theirs)
    jitters = [each.jitter for each in rest if each.jitter is not None]
    times = [each.round_trip for each in rest if each.round_trip is not None]
    figures = replace(
        media.figures,
        counted=_together(rest),
        round_trip=min(times, key=lambda each: each.median_ms, default=None),
        jitter=Directions(round_trip=max(jitters, key=lambda each: each.mean_ms, default=None)),
    )
    return replace(media, figures=figures, beacons=rest)


def _theirs(beacons: tuple[BeaconFigures, ...]) -> BeaconFigures | None:
    """The one location that is worse than the others together; None for none."""
    if len(beacons) < 2:
        return None
    for each in beacons:
        rest = tuple(other for other in beacons if other is not each)
        if _loses_alone(each, rest) or _varies_alone(each, rest):
            return each
    return None


def _loses_alone(each: BeaconFigures, rest: tuple[BeaconFigures, ...]) -> bool:
    if broken_sockets((each,)):
        return False  # one path of several, wherever it leads
    others = _together(rest)
    low, _high = wilson_interval(each.counted.sent - each.counted.received, each.counted.sent)
    return low > wilson_interval(others.sent - others.received, others.sent)[1]


def _varies_alone(each: BeaconFigures, rest: tuple[BeaconFigures, ...]) -> bool:
    others = [other.jitter.high_ms for other in rest if other.jitter is not None]
    if each.jitter is None or len(others) != len(rest):
        return False
    return each.jitter.low_ms > max(JITTER_LEAST_MS, JITTER_FACTOR * max(others))


def _together(beacons: tuple[BeaconFigures, ...]) -> Counted:
    counted = [each.counted for each in beacons]
    return Counted(
        sent=sum(each.sent for each in counted),
        received=sum(each.received for each in counted),
        duplicates=sum(each.duplicates for each in counted),
        reordered=sum(each.reordered for each in counted),
        longest_gap=max((each.longest_gap for each in counted), default=0),
        gaps=sum(each.gaps for each in counted),
    )


def broken_sockets(beacons: tuple[BeaconFigures, ...]) -> int:
    """How many sockets hold nearly all losses, where they are few enough for single paths; or 0."""
    sockets = [each for beacon in beacons for each in beacon.location.sockets if each.sent]
    losses = sum(each.sent - each.received for each in sockets)
    broken = [each for each in sockets
              if each.sent - each.received >= BALANCED_SOCKET_LOSS * each.sent]  # fmt: skip
    theirs = sum(each.sent - each.received for each in broken)
    few = 0 < len(broken) <= PATHS_AT_MOST and len(broken) < len(sockets)
    return len(broken) if few and theirs >= MOST_OF_LOSSES * losses else 0


def _keep_to_a_part_of_each_second(losing: Sequence[BeaconFigures]) -> bool:
    """Whether what these locations answer, or lose, is a part of each second and not of chance."""
    if not losing:
        return False
    least = min(each.lost_phase for each in losing)
    weight = sum(
        min(each.counted.received, each.counted.sent - each.counted.received) * each.lost_phase**2
        for each in losing
    )
    return least >= PHASE_LOCKED or (least >= PHASE_LOCKED_MANY and weight >= PHASE_WEIGHT)


def was_busy(beacons: tuple[BeaconFigures, ...], duration_s: float) -> bool:
    """Whether answers break off as a limit of packets a second makes them, or stop for good."""
    losing = [each for each in beacons if each.counted.received < each.counted.sent]
    counted = [each for each in losing
               if each.counted.sent - each.counted.received >= PHASES_AT_LEAST]  # fmt: skip
    by_second = _keep_to_a_part_of_each_second(counted)
    stopped = bool(losing) and all(
        each.location.longest_silence_s >= BROKE_OFF_SHARE * duration_s for each in losing
    )
    return by_second or (stopped and len(losing) < len(beacons))


def _laid_aside(media: MediaEvidence, heard: MediaEvidence) -> list[Detail]:
    left = [each for each in media.beacons if each not in heard.beacons]
    text = _("{lost} of {sent} packets lost, while the other locations show no such trouble")
    return [
        Detail(
            label=_("Not counted"),
            text=labelled(
                each.place or each.location.target,
                text.format(
                    lost=number(each.counted.sent - each.counted.received),
                    sent=number(each.counted.sent),
                ),
            ),
        )
        for each in left
    ]


# websockets ----------------------------------------------------------------------------------


def _websockets(
    judge: Callable[[Inputs], Judgement], inputs: Inputs, seen: WebsocketEvidence
) -> Judgement:
    """One of the public servers suffices. All silent are nobody's fault, unless something on the
    way answered in their place: a proxy that refuses, or whoever opens the encryption. Whoever
    opens theirs and leaves secure pages alone knows them by name, and does nothing to the service.
    """
    urls = [each.url for each in seen.tries if _works(each)]
    if urls:
        kept = tuple(each for each in seen.tries if each.url == urls[0])
        seen = replace(seen, tries=kept)
    judged = judge(
        dataclasses.replace(
            inputs, outcomes={**inputs.outcomes, WEBSOCKET.name: Gathered(evidence=seen)}
        )
    )
    named = ", ".join(dict.fromkeys(each.url for each in seen.tries))
    judged = replace(
        judged,
        observed=_("{figures}, by a public server").format(figures=judged.observed),
        details=(Detail(label=_("Measured to"), text=named), *judged.details),
        far_end=FarEnd.PUBLIC,
    )
    if not any(each.lookup.ok for each in seen.tries):
        return _in_words(judged, PublicVerdict.NO_WEBSOCKET_NAME.verdict, {})
    unspoken = any(each.choice is not None and each.choice.unspoken for each in seen.tries)
    in_their_place = _answered_in_their_place(seen) and not _only_theirs(inputs, seen)
    if urls or unspoken or in_their_place:
        return judged
    if judged.status is Status.UNKNOWN and not inputs.line.leads_out:
        return _in_words(judged, PublicVerdict.NO_WEBSOCKET_ANSWER.verdict, {})
    if judged.status in {Status.UNKNOWN, Status.FAIL}:
        return _in_words(judged, PublicVerdict.NO_WEBSOCKET.verdict, {})
    return judged


def _works(each: WebsocketAttempt) -> bool:
    return any(
        address.upgraded
        and not address.reach.certificate_failed
        and all(echo.ok for echo in address.echoes)
        for address in each.addresses
    )


def _answered_in_their_place(seen: WebsocketEvidence) -> bool:
    """Every server's connection was answered by someone else."""
    return all(
        any(_is_someone_else(address) for each in seen.tries if each.url == url
            for address in each.addresses)
        for url in {each.url for each in seen.tries}
    )  # fmt: skip


def _only_theirs(inputs: Inputs, seen: WebsocketEvidence) -> bool:
    """Whether nothing upgraded, and the secure page shows that its encryption is left alone."""
    web = inputs.evidence_or_none(WEB)
    pages = [each.reach for tried in web.https for each in tried.addresses] if web else []
    sealed = any(each.tls is not None and each.tls.ok for each in pages)
    opened = [address for each in seen.tries for address in each.addresses]
    return sealed and not any(
        each.upgraded or (each.reach.tunnel is not None and not each.reach.tunnel.ok)
        for each in opened
    )


def _is_someone_else(address: WebsocketReachability) -> bool:
    tunnel = address.reach.tunnel
    refused = (
        tunnel is not None
        and tunnel.failure is not None
        and (tunnel.failure.code is FailureCode.HTTP_STATUS)
    )
    return refused or address.reach.certificate_failed


# the rules -----------------------------------------------------------------------------------

Rule = Callable[[Inputs], Judgement]
BAD = {Status.FAIL, Status.BORDERLINE}


def _latency(judge: Rule, inputs: Inputs, media: MediaEvidence) -> Judgement:
    judged = judge(inputs)
    if judged.status is not Status.FAIL or media.figures is None:
        return judged
    times = media.figures.round_trip
    if waits_in_a_queue(times):
        waiting = sum(waits_in_a_queue(each.round_trip) for each in media.beacons)
        return judged if waiting >= 2 else _in_words(judged, PublicVerdict.ONE_WITNESS.verdict, {})
    nearest = min(
        (each for each in media.beacons if each.round_trip is not None),
        key=lambda each: each.round_trip.median_ms if each.round_trip else 0.0,
    )
    texts = {
        "target": nearest.location.target,
        "place": nearest.place or nearest.location.target,
        "median": milliseconds(times.median_ms) if times else "",
    }
    return _in_words(judged, PublicVerdict.FAR_AWAY.verdict, texts)


def _jitter(judge: Rule, inputs: Inputs, media: MediaEvidence) -> Judgement:
    judged = judge(inputs)
    if judged.status is not Status.FAIL or judged.gauge is None:
        return judged
    limit = judged.gauge.limit
    over = sum(each.jitter is not None and each.jitter.mean_ms >= limit for each in media.beacons)
    by_router = _fault(fault_of_jitter, media) in {Fault.BUILDING, Fault.PROVIDER}
    if over >= 2 or (over and by_router):
        return judged
    return _in_words(judged, PublicVerdict.ONE_WITNESS.verdict, {})


def _loss(judge: Rule, inputs: Inputs, media: MediaEvidence) -> Judgement:
    judged = judge(inputs)
    figures = media.figures
    if figures is None or judged.status not in BAD:
        return judged
    counted = figures.counted
    texts = {
        "lost": number(counted.sent - counted.received),
        "sent": number(counted.sent),
        "paths": number(broken_sockets(media.beacons)),
        "sockets": number(sum(len(each.location.sockets) for each in media.beacons)),
    }
    verdict = _of_loss(judged.status, media, figures)
    return judged if verdict is None else _in_words(judged, verdict.verdict, texts)


def _of_loss(status: Status, media: MediaEvidence, figures: MediaFigures) -> PublicVerdict | None:
    """What to say in place of the rule; None where two witnesses bear it out."""
    if broken_sockets(media.beacons):
        return PublicVerdict.ONE_PATH
    if was_busy(media.beacons, figures.duration_s):
        return PublicVerdict.BUSY
    if status is not Status.FAIL:
        return None
    fault = _fault(fault_of_loss, media)
    if fault in {Fault.BUILDING, Fault.PROVIDER}:
        return None
    if fault is Fault.FAR_END:
        return PublicVerdict.BEYOND
    if figures.counted.received == 0:
        return PublicVerdict.BUSY  # they greeted, and then were silent: no witness against a line
    share = _lost_share(figures.counted)
    alike = [each for each in media.beacons if _lost_share(each.counted) >= ALIKE * share]
    return None if len(alike) >= 2 else PublicVerdict.ONE_WITNESS


def _lost_share(counted: Counted) -> float:
    return (counted.sent - counted.received) / max(1, counted.sent)


def _fault(of: Callable[[MediaFigures, PathRouters], Fault], media: MediaEvidence) -> Fault:
    return (
        Fault.UNKNOWN if media.figures is None else of(media.figures, media.hops or PathRouters())
    )


def _as_it_is(judge: Rule, inputs: Inputs, _media: MediaEvidence) -> Judgement:
    return judge(inputs)


def _bandwidth(judge: Rule, inputs: Inputs, media: MediaEvidence) -> Judgement:
    """One call's share came and went in the stream itself, as far as it was not lost."""
    try:
        return judge(inputs)
    except EvidenceMissing as missing:
        figures = media.figures
        if missing.failure.code is not FailureCode.NO_TARGET or figures is None:
            raise
    usable_figures(media, MediaLimits())
    counted, wanted = figures.counted, max(1, inputs.answers.concurrent_calls)
    low, _high = wilson_interval(counted.sent - counted.received, counted.sent)
    carried = low <= CarriedLimits().loss_share
    verdict = PublicVerdict.ONE_CALL if wanted == 1 else PublicVerdict.ONE_CALL_OF_MORE
    kbit_s = figures.payload_bytes * 8 / figures.interval_ms
    return (verdict if carried else PublicVerdict.CALL_LOST).verdict.judgement(
        texts={"wanted": number(wanted)},
        observed=_("{rate} each way").format(rate=with_unit(kbit_s, "kbit/s")),
        expected=_("{rate} each way").format(rate=with_unit(wanted * kbit_s, "kbit/s")),
        measured=(
            Quantity(name="calls_carried", value=int(carried), unit=Unit.COUNT),
            Quantity(name="calls_wanted", value=wanted, unit=Unit.COUNT),
        ),
        details=how_measured(figures, media.path),
        tried=tried_lines(media.path.attempts()),
    )


_RULES: Final[Mapping[str, Callable[[Rule, Inputs, MediaEvidence], Judgement]]] = {
    LATENCY: _latency,
    JITTER: _jitter,
    LOSS: _loss,
    ESTIMATE: _as_it_is,
    BANDWIDTH: _bandwidth,
    UNDER_LOAD: _as_it_is,  # not measured: nobody loads a stranger's server
}


def _in_words(judged: Judgement, verdict: Verdict, texts: Mapping[str, object]) -> Judgement:
    """The measurement as it was, with the row of this table in place of the rule's own."""
    said = verdict.judgement(texts=texts, observed=judged.observed, expected=judged.expected)
    return replace(judged, status=said.status, summary=said.summary, remedy=said.remedy)
