"""nat.sip_alg: does the router rewrite desk-phone messages?"""

from collections.abc import Sequence

from natwizard.checks.base import Check, EvidenceMissing, Inputs, NoLimits
from natwizard.checks.shared.connection_outcome import LOSSY_REMEDY, LOSSY_REQUEST
from natwizard.checks.shared.missing_evidence import judge_not_set_up
from natwizard.checks.shared.number_format import DOT, failure_words, tried_lines
from natwizard.checks.verdict import VerdictTable, failed, passed, unknown
from natwizard.model.finding import Detail, Judgement, Owner, Page
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

SWITCH_OFF = N_("Switch SIP ALG off.")
SWITCH_OFF_REQUEST = N_(
    "Please switch off SIP ALG (also called SIP helper, SIP inspection or SIP fixup) on "
    "the router. It changes SIP messages on their way out."
)
NOT_SEEN = N_("We could not see whether your router changes phone messages.")


class AlgKind(VerdictTable):
    """What became of SIP messages on their way to the mirror."""

    UNCHANGED = passed(N_("Your router leaves desk-phone messages alone."))
    REWRITES = failed(
        N_("Your router rewrites desk-phone messages."), SWITCH_OFF, SWITCH_OFF_REQUEST
    )
    SWALLOWS = failed(
        N_("Your router swallows desk-phone call messages."), SWITCH_OFF, SWITCH_OFF_REQUEST
    )
    LOSSY = unknown(NOT_SEEN, LOSSY_REMEDY, LOSSY_REQUEST)
    """A message that got lost, where many do."""
    NO_MIRROR_THERE = unknown(
        NOT_SEEN,
        N_("Point `targets.sip_mirror` at a mirror, then run again."),
        owner=Owner.HELPDESK,
    )
    """Something answers that is none."""
    MIRROR_SILENT = unknown(
        NOT_SEEN,
        N_("Check that the mirror runs and UDP 5060 is open, then run again."),
        owner=Owner.HELPDESK,
    )


def judge(inputs: Inputs, _limits: NoLimits) -> Judgement:
    """A line that arrives changed settles it; all is well if UDP, as phones use it, was seen."""
    try:
        tries = inputs.evidence(SIP_MIRROR).tries
    except EvidenceMissing as missing:
        if missing.failure.code is not FailureCode.NO_TARGET:
            raise
        return judge_not_set_up(_("unchanged"), missing.failure.detail)
    changed = tuple(line for each in tries for line in _changed(each))
    return _kind(tries, changed, lossy=inputs.line.loses_much).verdict.judgement(
        observed=_observed(tries, changed),
        expected=_("unchanged"),
        measured=(
            Quantity(
                name="changed_lines", value=len({line.name for line in changed}), unit=Unit.COUNT
            ),
        ),
        details=tuple(detail for each in tries for detail in _details(each)),
        tried=tried_lines([each.attempt for each in tries]),
    )


def _changed(each: MirrorTry) -> tuple[ChangedLine, ...]:
    return each.attempt.value.changed if each.attempt.value is not None else ()


def _kind(tries: Sequence[MirrorTry], changed: Sequence[ChangedLine], *, lossy: bool) -> AlgKind:
    if changed:
        return AlgKind.REWRITES
    if any(_swallowed(each) for each in tries):
        return AlgKind.LOSSY if lossy else AlgKind.SWALLOWS
    datagrams = [each for each in tries if each.transport is Transport.UDP]
    if datagrams and all(each.attempt.ok for each in datagrams):
        return AlgKind.UNCHANGED
    if any(_answered_otherwise(each) for each in tries):
        return AlgKind.NO_MIRROR_THERE
    return AlgKind.MIRROR_SILENT


def _swallowed(each: MirrorTry) -> bool:
    """An INVITE is only sent after the mirror has answered OPTIONS the same way."""
    failure = each.attempt.failure
    lost = LOST.get(each.transport, set())
    return each.method == "INVITE" and failure is not None and failure.code in lost


def _answered_otherwise(each: MirrorTry) -> bool:
    failure = each.attempt.failure
    return failure is not None and failure.code is FailureCode.BAD_ANSWER


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
    meaning=N_(
        "Some routers rewrite the messages of desk phones, which is meant to help and does "
        "not: calls ring without an answer, or only one side hears."
    ),
    title=N_("SIP ALG"),
    term="SIP ALG",
    page=Page.FIREWALL_PORTS,
    settings=("sip_mirror",),
    needs=(SIP_MIRROR,),
    limits=NoLimits,
    judge=judge,
)
