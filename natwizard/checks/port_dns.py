"""port.dns: do name servers answer over UDP 53 and TCP 53?"""

from collections.abc import Sequence

from msgspec import Struct

from natwizard.checks.base import Check, Inputs
from natwizard.checks.shared.number_format import milliseconds, tried_by
from natwizard.checks.shared.resolver_texts import (
    RESOLVES,
    address_of,
    answer_words,
    control_of,
    own,
)
from natwizard.model.finding import Detail, Judgement, Owner, Page, Remedy, Status
from natwizard.model.language import N_, _
from natwizard.model.outcome import FailureCode
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.dns_servers import DNS_SERVERS, ResolverAnswers


class LookupLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How fast a name server has to be.

    Attributes:
        first_answer_ms: the first answer has to come within this; every page waits for it.
    """

    first_answer_ms: float = 1000.0


def judge(inputs: Inputs, limits: LookupLimits) -> Judgement:
    """An answer over each; silence over one counts where the other is answered."""
    evidence = inputs.evidence(DNS_SERVERS)
    resolvers, control = own(evidence.resolvers), control_of(evidence.resolvers)
    status, summary, remedy = _say(resolvers, control)
    first = _first_answering(resolvers) or resolvers[0]
    if status is Status.PASS and _waited_s(first) * 1000 >= limits.first_answer_ms:
        status, summary, remedy = _slow(limits)
    return Judgement(
        status=status,
        summary=summary,
        observed=_words(first),
        expected=_("an answer over UDP and over TCP"),
        measured=_measured(resolvers, first),
        remedy=remedy,
        details=tuple(
            Detail(label=address_of(each), text=_words(each)) for each in evidence.resolvers
        ),
        tried=tried_by(evidence.resolvers),
    )


def _first_answering(resolvers: Sequence[ResolverAnswers]) -> ResolverAnswers | None:
    return next((each for each in resolvers if each.plain.ok or each.tcp.ok), None)


def _waited_s(resolver: ResolverAnswers) -> float:
    """For an answer over UDP; a question that got lost and was asked again is no slowness.

    The shorter of two: a name that the resolver must ask for itself is slow once.
    """
    asked = (resolver.plain, resolver.cross_check)
    waits_s = [
        each.value.waited_s if each.value.waited_s is not None else each.duration_s
        for each in asked
        if each is not None and each.value is not None
    ]
    return min(waits_s, default=resolver.plain.duration_s)


def _say(
    resolvers: Sequence[ResolverAnswers], control: ResolverAnswers | None
) -> tuple[Status, str, Remedy | None]:
    if not any(each.plain.ok or each.tcp.ok for each in resolvers):
        return _nothing(resolvers, control)
    udp, tcp = any(each.plain.ok for each in resolvers), any(each.tcp.ok for each in resolvers)
    if not udp:
        return (
            Status.FAIL,
            _("Short name lookups get no answer."),
            _ask(
                _("Ask to allow outgoing UDP 53, or use another name server."),
                _(
                    "Please allow outgoing UDP 53 to the name servers, beside TCP, or give out a "
                    "name server that answers over UDP."
                ),
            ),
        )
    if not tcp and control is not None and control.tcp.ok:
        return (
            Status.WARN,
            _("Your name server does not answer long lookups; others do."),
            _ask(
                _("Ask to switch on TCP 53 on the name server, or use another."),
                _(
                    "Please switch on TCP 53 on this network's name server, beside UDP: long "
                    "answers need it (RFC 7766). Another one answered this computer over TCP."
                ),
            ),
        )
    if not tcp:
        return (
            Status.FAIL,
            _("Long name lookups get no answer."),
            _ask(
                _("Ask to allow outgoing TCP 53, or use another name server."),
                _(
                    "Please allow outgoing TCP 53 to the name servers, beside UDP: long answers "
                    "need it (RFC 7766)."
                ),
            ),
        )
    return _both_answer(resolvers)


def _slow(limits: LookupLimits) -> tuple[Status, str, Remedy | None]:
    return (
        Status.WARN,
        _("Your name server takes long to give its first answer."),
        _ask(
            _("Ask for a name server that answers within {time}.").format(
                time=milliseconds(limits.first_answer_ms)
            ),
            _(
                "Please see why the name server takes so long for a first answer, or give out one "
                "that answers within {time}."
            ).format(time=milliseconds(limits.first_answer_ms)),
        ),
    )


def _both_answer(resolvers: Sequence[ResolverAnswers]) -> tuple[Status, str, Remedy | None]:
    dead = [each for each in resolvers if not each.plain.ok]
    if dead:
        return (
            Status.WARN,
            _("One of your name servers does not answer."),
            _ask(
                _("Take {address} out of the settings, or repair it.").format(
                    address=address_of(dead[0])
                ),
                _(
                    "Please repair the name server {address}, or take it out of what this computer "
                    "is given (DHCP): programs wait for it in vain."
                ).format(address=address_of(dead[0])),
            ),
        )
    answers = [each.plain.value for each in resolvers if each.plain.value is not None]
    if all(answer.rcode not in RESOLVES for answer in answers):
        return (
            Status.WARN,
            _("Your name servers answer, but cannot look names up."),
            _ask(
                _("Ask what is wrong with the name server."),
                _("Please look at the name server: it answers every lookup with an error."),
            ),
        )
    return Status.PASS, _("Name lookups are answered."), None


def _nothing(
    resolvers: Sequence[ResolverAnswers], control: ResolverAnswers | None
) -> tuple[Status, str, Remedy | None]:
    """No resolver of this computer answered at all."""
    if control is not None and (control.plain.ok or control.tcp.ok):
        return (
            Status.FAIL,
            _("Your name servers do not answer; others do."),
            _ask(
                _("Use another name server, or repair this one."),
                _(
                    "Please repair the name servers that this computer is given, or give it "
                    "others: they answered nothing, while one outside did."
                ),
            ),
        )
    codes = {each.plain.failure.code for each in resolvers if each.plain.failure is not None}
    if FailureCode.CONNECTION_REFUSED in codes:
        return (
            Status.FAIL,
            _("Your name server turns lookups away."),
            _ask(
                _("Ask to start the name server, or use another."),
                _(
                    "Please start the name service on the server that this computer is given: its "
                    "port 53 turns lookups away."
                ),
            ),
        )
    if FailureCode.BAD_ANSWER in codes:
        return (
            Status.FAIL,
            _("Something that is no name server answers lookups."),
            _ask(
                _("Ask what answers on UDP 53 in the name server's place."),
                _(
                    "Please find out what answers on UDP 53 in the name server's place: what comes "
                    "back is no DNS message."
                ),
            ),
        )
    return (
        Status.UNKNOWN,
        _("No name server answered, so the port could not be tested."),
        Remedy(text=_("Connect to the internet, then run again."), owner=Owner.AGENT),
    )


def _ask(text: str, request: str) -> Remedy:
    return Remedy(text=text, owner=Owner.NETWORK_TEAM, request=request)


def _words(resolver: ResolverAnswers) -> str:
    return _("{address}: UDP {udp}; TCP {tcp}").format(
        address=address_of(resolver),
        udp=answer_words(resolver.plain),
        tcp=answer_words(resolver.tcp),
    )


def _measured(resolvers: Sequence[ResolverAnswers], first: ResolverAnswers) -> tuple[Quantity, ...]:
    found = [
        Quantity(name="resolvers", value=len(resolvers), unit=Unit.COUNT),
        Quantity(name="answering_udp", value=sum(e.plain.ok for e in resolvers), unit=Unit.COUNT),
        Quantity(name="answering_tcp", value=sum(e.tcp.ok for e in resolvers), unit=Unit.COUNT),
    ]
    found += [
        Quantity(name=name, value=round(asked.duration_s * 1000, 2), unit=Unit.MILLISECOND)
        for name, asked in (("udp", first.plain), ("tcp", first.tcp))
        if asked.ok
    ]
    return tuple(found)


PORT_DNS = Check(
    name="port.dns",
    title=N_("Name lookups (port 53)"),
    page=Page.FIREWALL_PORTS,
    needs=(DNS_SERVERS,),
    limits=LookupLimits,
    judge=judge,
)
