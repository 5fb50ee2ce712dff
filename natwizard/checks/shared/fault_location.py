"""Where a line goes wrong: routers on the way, seen at the same moments, against the whole way."""

from collections.abc import Sequence
from enum import StrEnum

from natwizard.checks.base import Inputs
from natwizard.checks.shared.number_format import milliseconds, number, with_unit
from natwizard.model.finding import Detail, PathStop, Status
from natwizard.model.language import _
from natwizard.model.statistics import quantile, wilson_interval
from natwizard.probes.link.kind import LinkKind
from natwizard.probes.link.route import LINK
from natwizard.probes.media.beacon_figures import BeaconFigures
from natwizard.probes.media.router_probe import PathRouter, PathRouters
from natwizard.probes.media.stream import MediaEvidence, MediaFigures

ANSWERS_AT_LEAST = 5
"""A median or a spread of fewer answers may be that of one hiccup."""
MOST_OF_IT = 0.5
"""Less than half would blame one part for what the others add together."""
LITTLE_OF_IT = 0.25
"""Routers that are not this calm leave room for doubt: then nobody is named."""
LOST_AT_LEAST = 2
"""Routers ration such answers (decision 9), so that one that is missing proves nothing."""
WOULD_HAVE_SHOWN = 0.05
"""How likely a loss of this size stays unseen in a router's few packets, at most."""


class Fault(StrEnum):
    """On which part of the way."""

    BUILDING = "building"
    PROVIDER = "provider"
    FAR_END = "far_end"
    UNKNOWN = "unknown"


def fault_of_delay(figures: MediaFigures, hops: PathRouters) -> Fault:
    """The part that takes at least half of the median round trip."""
    if figures.round_trip is None:
        return Fault.UNKNOWN
    whole_ms = figures.round_trip.median_ms
    return _largest(whole_ms, _median(hops.gateway, whole_ms), _median(hops.public, whole_ms))


def fault_of_jitter(figures: MediaFigures, hops: PathRouters) -> Fault:
    """The part that has at least half of the spread; spread, for jitter depends on the pace."""
    times = figures.round_trip
    if times is None:
        return Fault.UNKNOWN
    whole_ms = times.p95_ms - times.lowest_ms
    gateway_ms, public_ms = _spread(hops.gateway), _spread(hops.public)
    if gateway_ms is not None and gateway_ms >= MOST_OF_IT * whole_ms:
        return Fault.BUILDING
    if gateway_ms is None or public_ms is None:
        return Fault.UNKNOWN
    if public_ms >= MOST_OF_IT * whole_ms:
        return Fault.PROVIDER
    calm = max(gateway_ms, public_ms) <= LITTLE_OF_IT * whole_ms
    return Fault.FAR_END if calm else Fault.UNKNOWN


def fault_of_loss(figures: MediaFigures, hops: PathRouters) -> Fault:
    """The first part that loses packets, as far as a packet a second can show."""
    counted = figures.counted
    share = (counted.sent - counted.received) / max(1, counted.sent)
    gateway, public = _loses(hops.gateway, share), _loses(hops.public, share)
    match gateway, public:
        case True, _:
            return Fault.BUILDING
        case False, True:
            return Fault.PROVIDER
        case False, False:
            return Fault.FAR_END
        case _:
            return Fault.UNKNOWN


def fault_line(
    inputs: Inputs, evidence: MediaEvidence, fault: Fault, status: Status
) -> tuple[Detail, ...]:
    """One sentence for a finding that is not well; nothing for one that is."""
    if status is Status.PASS or evidence.hops is None:
        return ()
    return (Detail(label=_("Where"), text=_sentence(inputs, evidence.hops, fault)),)


def path_stops(evidence: MediaEvidence) -> tuple[PathStop, ...]:
    """The way that a call takes, as far as somebody on it answered; empty where nobody did.

    Routers ration their answers, so theirs are counted as answers and not as losses.
    """
    hops, figures = evidence.hops, evidence.figures
    if hops is None or figures is None or (hops.gateway is None and hops.public is None):
        return ()
    stops = [PathStop(name=_("This computer"), at="", figures="")]
    if hops.gateway is not None:
        stops.append(_router(_("Router here"), hops.gateway))
    if hops.public is not None and hops.public != hops.gateway:
        stops.append(_router(_("Internet provider"), hops.public))
    counted, times = figures.counted, figures.round_trip
    lost = _("{lost} of {sent} lost").format(
        lost=number(counted.sent - counted.received), sent=number(counted.sent)
    )
    told = (milliseconds(times.median_ms) if times is not None else "", lost)
    far_end = PathStop(
        name=_("Far end"), at=_far_end_words(evidence), figures=", ".join(filter(None, told))
    )
    return (*stops, far_end)


def _far_end_words(evidence: MediaEvidence) -> str:
    """Three long names of servers tell a person less than where they stand."""
    return beacon_words(evidence.beacons) if evidence.beacons else evidence.path.target


def beacon_words(beacons: Sequence[BeaconFigures]) -> str:
    """ "public servers in Ireland, London"; by name where the profile names no place."""
    places = [each.place or each.location.target for each in beacons]
    return _("public servers in {places}, not the service").format(
        places=", ".join(dict.fromkeys(places))
    )


def _router(name: str, hop: PathRouter) -> PathStop:
    at = ", ".join(filter(None, (hop.network, hop.address)))
    answers = _("{answered} of {sent} answered").format(answered=len(hop.times_ms), sent=hop.sent)
    median = [milliseconds(quantile(sorted(hop.times_ms), 0.5))] if hop.times_ms else []
    return PathStop(name=name, at=at, figures=", ".join((*median, answers)))


def _sentence(inputs: Inputs, hops: PathRouters, fault: Fault) -> str:
    gateway = hops.gateway.address if hops.gateway else ""
    public = hops.public.address if hops.public else ""
    match fault:
        case Fault.BUILDING:
            text = _("Inside this building: between this computer and its router, {router}.")
            return f"{text.format(router=gateway)} {_wifi(inputs)}".strip()
        case Fault.PROVIDER:
            text = _("At the internet provider: between {router} and {public}.")
            return text.format(router=gateway, public=public)
        case Fault.FAR_END:
            return _("Towards the far end: beyond {public}.").format(public=public)
        case _ if hops.gateway is None and hops.public is None:
            return _("We cannot tell: no router on the way answered.")
        case _:
            return _("We cannot tell: the routers on the way answered too little.")


def _wifi(inputs: Inputs) -> str:
    """The signal, where the way starts with Wi-Fi and the system tells it."""
    link = inputs.evidence_or_none(LINK)
    if link is None or link.radio is None:
        return ""
    wifi = [each for each in (link.link, *link.below) if each and each.kind is LinkKind.WIFI]
    if wifi and link.radio.signal_percent is not None:
        return _("Wi-Fi signal {signal}.").format(signal=with_unit(link.radio.signal_percent, "%"))
    if wifi and link.radio.signal_dbm is not None:
        return _("Wi-Fi signal {signal}.").format(signal=with_unit(link.radio.signal_dbm, "dBm"))
    return ""


def _median(hop: PathRouter | None, whole_ms: float) -> float | None:
    """A router's time; one that takes longer than the whole way is slow at answering only."""
    if hop is None or len(hop.times_ms) < ANSWERS_AT_LEAST:
        return None
    median_ms = quantile(sorted(hop.times_ms), 0.5)
    return median_ms if median_ms <= whole_ms else None


def _largest(whole_ms: float, gateway_ms: float | None, public_ms: float | None) -> Fault:
    if gateway_ms is not None and gateway_ms >= MOST_OF_IT * whole_ms:
        return Fault.BUILDING
    if public_ms is not None and whole_ms - public_ms >= MOST_OF_IT * whole_ms:
        return Fault.FAR_END
    if gateway_ms is None or public_ms is None:
        return Fault.UNKNOWN
    between = public_ms - gateway_ms >= MOST_OF_IT * whole_ms
    return Fault.PROVIDER if between else Fault.UNKNOWN


def _spread(hop: PathRouter | None) -> float | None:
    """From the fastest to where nine of ten are."""
    if hop is None or len(hop.times_ms) < ANSWERS_AT_LEAST:
        return None
    ordered = sorted(hop.times_ms)
    return quantile(ordered, 0.9) - ordered[0]


def _loses(hop: PathRouter | None, share: float) -> bool | None:
    """Whether packets get lost as far as this router; None where its answers cannot tell.

    One that loses clearly more than the whole way rations its answers.
    """
    if hop is None or len(hop.times_ms) < ANSWERS_AT_LEAST:
        return None
    lost = hop.sent - len(hop.times_ms)
    low, _high = wilson_interval(lost, hop.sent)
    if low > share:
        return None
    if lost >= LOST_AT_LEAST:
        return True
    shows = (1 - share) ** hop.sent <= WOULD_HAVE_SHOWN
    return False if lost == 0 and shows else None
