"""quality.loss: do voice packets arrive at all?"""

from collections.abc import Mapping
from typing import Final

from natwizard.checks.base import Check, EvidenceMissing, Inputs
from natwizard.checks.shared.fault_location import fault_line, fault_of_loss
from natwizard.checks.shared.media_limits import (
    LimitedValue,
    MediaLimits,
    judge_against_limit,
    path_failure,
    usable_figures,
)
from natwizard.checks.shared.number_format import (
    limit_with_unit,
    milliseconds,
    number,
    tried_lines,
)
from natwizard.checks.verdict import Verdict, VerdictTable, failed, passed, unknown
from natwizard.model.finding import Detail, Judgement, Owner, Page, Status
from natwizard.model.language import N_, _, ngettext
from natwizard.model.outcome import FailureCode
from natwizard.model.quantity import Quantity, Unit
from natwizard.model.statistics import clustered_interval
from natwizard.probes.link.route import LINK
from natwizard.probes.media.path import GREETINGS, PathAttempts
from natwizard.probes.media.router_probe import PathRouters
from natwizard.probes.media.stream import MEDIA, MediaFigures
from natwizard.probes.stun.binding import STUN

TURNED_AWAY = {FailureCode.CONNECTION_REFUSED, FailureCode.CONNECTION_RESET}


class LossLimits(MediaLimits, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Less than this must be lost, in percent."""

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
    NO_CONTROL = unknown(
        N_("We could not see whether voice packets come back."),
        N_("Set a second UDP server (targets.stun_control), then run again."),
        owner=Owner.HELPDESK,
    )
    """Nobody answers over UDP: the network or the line."""


SILENT_OBSERVED: Final[Mapping[Silence, str]] = {
    Silence.SERVER_REFUSES: N_("{target} is not listening"),
    Silence.BLOCKED: N_("no answer from {target}; other UDP answers do come"),
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
    lost = counted.sent - counted.received
    low, high = (100 * bound for bound in clustered_interval(lost, counted.gaps, counted.sent))
    percent = 100 * lost / max(1, counted.sent)
    measured = LimitedValue(
        value=percent, low=low, high=high, limit=limits.loss_percent, unit=Unit.PERCENT
    )
    share = measured.written(2)
    observed = f"{share}, {measured.likely}"
    if counted.longest_gap:
        gap = milliseconds(counted.longest_gap * figures.interval_ms)
        observed = f"{observed}; {_('longest gap {gap}').format(gap=gap)}"
    back = (counted.lost_back or 0) > (counted.lost_out or 0)
    fault = fault_of_loss(figures, evidence.hops or PathRouters())
    return judge_against_limit(
        {**VERDICTS, Status.FAIL: MORE_LOST_BACK} if back else VERDICTS,
        measured,
        evidence,
        figures,
        title=_("Loss"),
        digits=2,
        observed=observed,
        quantities=_quantities(percent, figures),
        details=(*fault_line(inputs, evidence, fault, measured.status), *_details(figures)),
        texts={
            "target": evidence.path.target,
            "lost": number(lost),
            "sent": number(counted.sent),
            "share": share,
        },
    )


def _judge_silence(inputs: Inputs, path: PathAttempts, limits: LossLimits) -> Judgement:
    failure = path_failure(path)
    stun = inputs.evidence_or_none(STUN)
    if failure.code in TURNED_AWAY:
        silence = Silence.SERVER_REFUSES
    elif failure.code is not FailureCode.TIMED_OUT:
        raise EvidenceMissing("media", failure)
    else:
        udp_works = stun is not None and stun.came_back
        silence = Silence.BLOCKED if udp_works else Silence.NO_CONTROL
    return silence.verdict.judgement(
        texts={"target": path.target, "tries": GREETINGS},
        observed=_(SILENT_OBSERVED[silence]).format(target=path.target),
        expected=_("under {limit}").format(limit=limit_with_unit(limits.loss_percent, "%")),
        details=(Detail(label=_("Why we say so"), text=f"{failure.operation}: {failure.detail}"),),
        tried=tried_lines(path.attempts()),
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
    term="Packet loss",
    page=Page.UDP_MEDIA,
    headline="loss",
    method=N_(
        "Share of packets never answered, with its Wilson 95 % interval, wider for bursts; "
        "borderline when the limit lies inside"
    ),
    needs=(MEDIA, STUN, LINK),
    limits=LossLimits,
    judge=judge,
)
