"""quality.loss: do voice packets arrive at all?"""

from natwizard.checks.base import Check, EvidenceMissing, Inputs
from natwizard.checks.shared.fault_location import fault_line, fault_of_loss
from natwizard.checks.shared.media_limits import (
    MediaLimits,
    how_measured,
    likelier_side,
    likely,
    path_failure,
    status_against,
    usable_figures,
)
from natwizard.checks.shared.number_format import milliseconds, number, tried_lines, with_unit
from natwizard.model.finding import Detail, Gauge, Judgement, Owner, Page, Remedy, Status
from natwizard.model.language import N_, _, ngettext
from natwizard.model.outcome import FailureCode
from natwizard.model.quantity import Interval, Quantity, Unit
from natwizard.model.statistics import clustered_interval
from natwizard.probes.link.route import LINK
from natwizard.probes.media.figures import Counted
from natwizard.probes.media.path import GREETINGS, PathAttempts
from natwizard.probes.media.router_probe import PathRouters
from natwizard.probes.media.stream import MEDIA, MediaFigures
from natwizard.probes.stun.binding import STUN

TURNED_AWAY = {FailureCode.CONNECTION_REFUSED, FailureCode.CONNECTION_RESET}


class LossLimits(MediaLimits, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Less than this must be lost, in percent."""

    loss_percent: float = 1.0


def judge(inputs: Inputs, limits: LossLimits) -> Judgement:
    """Compare the share lost; its interval decides, for 0 of 100 may still be 3.7 %,
    and one gap of ten packets tells less than ten packets lost one by one.

    Nothing at all is judged by what else came back over UDP.
    """
    evidence = inputs.evidence(MEDIA)
    expected = _("under {limit}").format(limit=with_unit(limits.loss_percent, "%"))
    if evidence.figures is None:
        return _judge_silence(inputs, evidence.path, expected)
    figures = usable_figures(evidence, limits)
    counted = figures.counted
    lost = counted.sent - counted.received
    interval_of = clustered_interval(lost, counted.gaps, counted.sent)
    low, high = (100 * bound for bound in interval_of)
    percent = 100 * lost / max(1, counted.sent)
    status = status_against(percent, low, high, limits.loss_percent)
    interval = Interval(low=low, high=high, unit=Unit.PERCENT)
    return Judgement(
        status=status,
        summary=_summary(status, counted),
        observed=_observed(status, percent, interval, figures, limits.loss_percent),
        expected=expected,
        measured=_quantities(percent, figures),
        interval=interval,
        remedy=_remedy(status, evidence.path.target, percent, counted),
        details=(
            *fault_line(
                inputs, evidence, fault_of_loss(figures, evidence.hops or PathRouters()), status
            ),
            *_details(figures),
            *how_measured(figures, evidence.path),
        ),
        tried=tried_lines(evidence.path.attempts()),
        gauge=Gauge(
            title=_("Loss"),
            value=percent,
            unit="%",
            limit=limits.loss_percent,
            interval=interval,
            digits=2,
        ),
    )


def _judge_silence(inputs: Inputs, path: PathAttempts, expected: str) -> Judgement:
    failure = path_failure(path)
    stun = inputs.evidence_or_none(STUN)
    udp_works = stun is not None and stun.came_back
    if failure.code in TURNED_AWAY:
        status = Status.UNKNOWN
        summary = _("The test server turns voice packets away.")
        observed = _("{target} is not listening").format(target=path.target)
        remedy = Remedy(
            text=_("Check that the media server runs, then run again."), owner=Owner.HELPDESK
        )
    elif failure.code is not FailureCode.TIMED_OUT:
        raise EvidenceMissing("media", failure)
    elif udp_works:
        status = Status.FAIL
        summary = _("Voice packets leave, but none come back.")
        observed = _("no answer from {target}; other UDP answers do come").format(
            target=path.target
        )
        remedy = Remedy(
            text=_("Ask to allow UDP to {target}, and its answers.").format(target=path.target),
            owner=Owner.NETWORK_TEAM,
            request=_(
                "Please allow outgoing UDP to {target} and the answers to it. Nothing came back"
                " for {tries} packets, while STUN servers did answer over UDP."
            ).format(target=path.target, tries=GREETINGS),
        )
    else:
        status = Status.UNKNOWN
        summary = _("We could not see whether voice packets come back.")
        observed = _("no answer from {target}, nor from anyone else over UDP").format(
            target=path.target
        )
        remedy = Remedy(
            text=_("Set a second UDP server (targets.stun_control), then run again."),
            owner=Owner.HELPDESK,
        )
    return Judgement(
        status=status,
        summary=summary,
        observed=observed,
        expected=expected,
        remedy=remedy,
        details=(Detail(label=_("Why we say so"), text=f"{failure.operation}: {failure.detail}"),),
        tried=tried_lines(path.attempts()),
    )


def _summary(status: Status, counted: Counted) -> str:
    match status:
        case Status.PASS:
            return _("Voice packets arrive.")
        case Status.BORDERLINE:
            return _("A few voice packets get lost; it is close.")
        case _ if (counted.lost_back or 0) > (counted.lost_out or 0):
            return _("Parts of what your caller says would be lost.")
        case _:
            return _("Parts of what you say would be lost.")


def _observed(
    status: Status, percent: float, interval: Interval, figures: MediaFigures, limit: float
) -> str:
    share = with_unit(percent, "%", 2)
    between = likely(interval.low, interval.high)
    parts = [f"{share}, {between}"]
    if figures.counted.longest_gap:
        gap = milliseconds(figures.counted.longest_gap * figures.interval_ms)
        parts.append(_("longest gap {gap}").format(gap=gap))
    if status is Status.BORDERLINE:
        parts.append(likelier_side(percent, limit))
    return "; ".join(parts)


def _remedy(status: Status, target: str, percent: float, counted: Counted) -> Remedy | None:
    match status:
        case Status.PASS:
            return None
        case Status.BORDERLINE:
            return Remedy(text=_("Use a cable, then run again."), owner=Owner.AGENT)
        case _:
            return Remedy(
                text=_("Send this report to your internet provider."),
                owner=Owner.NETWORK_TEAM,
                request=_(
                    "Please find out where UDP packets to and from {target} get lost:"
                    " {lost} of {sent} ({share}) did not come back."
                ).format(
                    target=target,
                    lost=number(counted.sent - counted.received),
                    sent=number(counted.sent),
                    share=with_unit(percent, "%", 2),
                ),
            )


def _quantities(percent: float, figures: MediaFigures) -> tuple[Quantity, ...]:
    counted = figures.counted
    gap_ms = counted.longest_gap * figures.interval_ms
    return (
        Quantity(name="loss", value=percent, unit=Unit.PERCENT),
        Quantity(name="sent", value=counted.sent, unit=Unit.COUNT),
        Quantity(name="received", value=counted.received, unit=Unit.COUNT),
        Quantity(name="gaps", value=counted.gaps, unit=Unit.COUNT),
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
    title=N_("Packet loss"),
    page=Page.UDP_MEDIA,
    needs=(MEDIA, STUN, LINK),
    limits=LossLimits,
    judge=judge,
)
