"""nat.sip_alg: does the router rewrite desk-phone messages?"""

from collections.abc import Sequence

from natwizard.checks.base import Check, EvidenceMissing, Inputs, NoLimits
from natwizard.checks.shared.number_format import DOT, failure_words, tried_lines
from natwizard.model.finding import Detail, Judgement, Owner, Page, Remedy, Status
from natwizard.model.language import N_, _, ngettext
from natwizard.model.outcome import FailureCode
from natwizard.model.quantity import Quantity, Unit
from natwizard.model.writing import labelled
from natwizard.probes.sip_mirror import SIP_MIRROR, MirrorTry
from natwizard.wire.sip import Transport
from natwizard.wire.sip_mirror import ChangedLine

NAMED_AT_MOST = 4

# How a message ends that something on the way does not like. Silence on TCP is not among them:
# there the connection may have failed, and the message never been sent.
LOST = {
    Transport.UDP: {FailureCode.TIMED_OUT},
    Transport.TCP: {FailureCode.CONNECTION_RESET, FailureCode.CLOSED_EARLY},
}


def judge(inputs: Inputs, _limits: NoLimits) -> Judgement:
    """A line that arrives changed settles it; all is well if UDP, as phones use it, was seen."""
    try:
        tries = inputs.evidence(SIP_MIRROR).tries
    except EvidenceMissing as missing:
        if missing.failure.code is FailureCode.NO_TARGET:
            return _no_mirror()
        raise
    changed = tuple(line for each in tries for line in _changed(each))
    status, summary, remedy = _verdict(tries, changed)
    return Judgement(
        status=status,
        summary=summary,
        observed=_observed(tries, changed),
        expected=_("unchanged"),
        measured=(
            Quantity(
                name="changed_lines", value=len({line.name for line in changed}), unit=Unit.COUNT
            ),
        ),
        remedy=remedy,
        details=tuple(detail for each in tries for detail in _details(each)),
        tried=tried_lines([each.attempt for each in tries]),
    )


def _changed(each: MirrorTry) -> tuple[ChangedLine, ...]:
    return each.attempt.value.changed if each.attempt.value is not None else ()


def _no_mirror() -> Judgement:
    return Judgement(
        status=Status.UNKNOWN,
        summary=_not_seen(),
        observed=_("no mirror server set"),
        expected=_("unchanged"),
        remedy=Remedy(text=_("Set `targets.sip_mirror`, then run again."), owner=Owner.HELPDESK),
    )


def _not_seen() -> str:
    return _("We could not see whether your router changes phone messages.")


def _verdict(
    tries: Sequence[MirrorTry], changed: Sequence[ChangedLine]
) -> tuple[Status, str, Remedy | None]:
    if changed:
        return Status.FAIL, _("Your router rewrites desk-phone messages."), _switch_off()
    if any(_swallowed(each) for each in tries):
        return Status.FAIL, _("Your router swallows desk-phone call messages."), _switch_off()
    datagrams = [each for each in tries if each.transport is Transport.UDP]
    if datagrams and all(each.attempt.ok for each in datagrams):
        return Status.PASS, _("Your router leaves desk-phone messages alone."), None
    if any(_answered_otherwise(each) for each in tries):
        return (
            Status.UNKNOWN,
            _not_seen(),
            Remedy(
                text=_("Point `targets.sip_mirror` at a mirror, then run again."),
                owner=Owner.HELPDESK,
            ),
        )
    return (
        Status.UNKNOWN,
        _not_seen(),
        Remedy(
            text=_("Check that the mirror runs and UDP 5060 is open, then run again."),
            owner=Owner.HELPDESK,
        ),
    )


def _swallowed(each: MirrorTry) -> bool:
    """An INVITE is only sent after the mirror has answered OPTIONS the same way."""
    failure = each.attempt.failure
    lost = LOST.get(each.transport, set())
    return each.method == "INVITE" and failure is not None and failure.code in lost


def _answered_otherwise(each: MirrorTry) -> bool:
    failure = each.attempt.failure
    return failure is not None and failure.code is FailureCode.BAD_ANSWER


def _switch_off() -> Remedy:
    return Remedy(
        text=_("Switch SIP ALG off."),
        owner=Owner.NETWORK_TEAM,
        request=_(
            "Please switch off SIP ALG (also called SIP helper, SIP inspection or SIP fixup) on "
            "the router. It changes SIP messages on their way out."
        ),
    )


def _observed(tries: Sequence[MirrorTry], changed: Sequence[ChangedLine]) -> str:
    if changed:
        names = tuple(dict.fromkeys(line.name for line in changed))
        more = ", ..." if len(names) > NAMED_AT_MOST else ""
        return ngettext(
            "{count} line changed: {names}", "{count} lines changed: {names}", len(names)
        ).format(count=len(names), names=", ".join(names[:NAMED_AT_MOST]) + more)
    return DOT.join(
        labelled(str(transport), _outcome([each for each in tries if each.transport is transport]))
        for transport in dict.fromkeys(each.transport for each in tries)
    )


def _outcome(tries: Sequence[MirrorTry]) -> str:
    """How a transport fared: by what went wrong, if anything did."""
    for each in tries:
        if each.attempt.failure is not None:
            words = failure_words(each.attempt.failure.code)
            return words if each.method == "OPTIONS" else f"{each.method} {words}"
    return _("unchanged")


def _details(each: MirrorTry) -> tuple[Detail, ...]:
    label = f"{each.method} {each.transport}"
    mirrored = each.attempt.value
    if mirrored is None:
        code = each.attempt.failure.code if each.attempt.failure else FailureCode.NOT_RUN
        return (Detail(label=label, text=failure_words(code)),)
    way = _("sent from {local}, seen as {seen}").format(local=mirrored.local, seen=mirrored.seen)
    lines = tuple(
        Detail(
            label=f"{label} {line.name}",
            text=_("sent {sent}, arrived as {received}").format(
                sent=line.sent or _("nothing"), received=line.received or _("nothing")
            ),
        )
        for line in mirrored.changed
    )
    return (Detail(label=label, text=way), *lines)


NAT_SIP_ALG = Check(
    name="nat.sip_alg",
    title=N_("Desk-phone messages"),
    page=Page.FIREWALL_PORTS,
    needs=(SIP_MIRROR,),
    limits=NoLimits,
    judge=judge,
)
