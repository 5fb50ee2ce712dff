"""port.dns: do name servers answer over UDP 53 and TCP 53?"""

from collections.abc import Sequence

from msgspec import Struct

from natwizard.checks.base import Check, Inputs
from natwizard.checks.shared.connection_outcome import LOSSY_REMEDY, LOSSY_REQUEST
from natwizard.checks.shared.number_format import milliseconds, tried_by
from natwizard.checks.shared.own_trouble import OWN_TROUBLE
from natwizard.checks.shared.resolver_texts import (
    ANSWER_BY_UDP,
    ANSWER_BY_UDP_REQUEST,
    address_of,
    answer_words,
    control_of,
    own,
    usable,
)
from natwizard.checks.verdict import VerdictTable, failed, passed, unknown, warned
from natwizard.model.finding import Detail, Judgement, Page
from natwizard.model.language import N_, _
from natwizard.model.outcome import FailureCode
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.dns_servers import DNS_SERVERS, DnsAnswer, NameRule, ResolverAnswers

RULES_SHOWN = 8
NO_SUCH_NAME, NO_ERROR = "NXDOMAIN", "NOERROR"


class LookupLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How fast a name server has to be.

    Attributes:
        first_answer_ms: the first answer has to come within this; every page waits for it.
    """

    first_answer_ms: float = 1000.0


class LookupKind(VerdictTable):
    """How name servers answer."""

    ANSWERED = passed(N_("Name lookups are answered."))
    SLOW = warned(
        N_("Your name server takes long to give its first answer."),
        N_("Ask for a name server that answers within {time}."),
        N_(
            "Please see why the name server takes so long for a first answer, or give out one "
            "that answers within {time}."
        ),
    )
    ONE_DEAD = warned(
        N_("One of your name servers does not answer."),
        N_("Take {address} out of the settings, or repair it."),
        N_(
            "Please repair the name server {address}, or take it out of what this computer "
            "is given (DHCP): programs wait for it in vain."
        ),
    )
    FIRST_DEAD = warned(
        N_("Your first name server does not answer, so names are late."),
        N_("Take {address} out of the settings, or repair it."),
        N_(
            "Please repair the name server {address}, or take it out of what this computer is"
            " given (DHCP): it is asked first and does not answer, so that every name waits for"
            " it in vain."
        ),
    )
    """Another one answers, but only after the system has given the first one up."""
    ONLY_ERRORS = warned(
        N_("Your name servers answer, but cannot look names up."),
        N_("Ask what is wrong with the name server."),
        N_("Please look at the name server: it answers every lookup with an error."),
    )
    NAMES_LATE = warned(
        N_("Name servers answer, but addresses do not come in time."),
        N_("Ask whether the name server answers every kind of question, and how fast."),
        N_(
            "Please see why this computer gets no addresses in time: its name server answers a"
            " plain question, but looking a name up (A and AAAA) takes longer than 2 s. Some"
            " servers and filters drop questions for AAAA (RFC 4074)."
        ),
    )
    NO_TCP_OTHERS_DO = warned(
        N_("Your name server does not answer long lookups; others do."),
        N_("Ask to switch on TCP 53 on the name server, or use another."),
        N_(
            "Please switch on TCP 53 on this network's name server, beside UDP: long "
            "answers need it (RFC 7766). Another one answered this computer over TCP."
        ),
    )
    NO_TCP = failed(
        N_("Long name lookups get no answer."),
        N_("Ask to allow outgoing TCP 53, or use another name server."),
        N_(
            "Please allow outgoing TCP 53 to the name servers, beside UDP: long answers "
            "need it (RFC 7766)."
        ),
    )
    ONLY_TCP = warned(
        N_("Names are looked up, but only by the slower of two ways."),
        ANSWER_BY_UDP,
        ANSWER_BY_UDP_REQUEST,
    )
    NO_UDP = failed(
        N_("Short name lookups get no answer."),
        N_("Ask to allow outgoing UDP 53, or use another name server."),
        N_(
            "Please allow outgoing UDP 53 to the name servers, beside TCP, or give out a "
            "name server that answers over UDP."
        ),
    )
    FOUND_OTHERWISE = warned(
        N_("Names are found, but not by the name servers that are set."),
        N_("Ask whether {address} is still in use, or take it out of the settings."),
        N_(
            "Please see whether the name server {address} is still in use, and take it out of what"
            " this computer is given (DHCP) if not: it does not answer on port 53. Names are found"
            " all the same, by a cache or another way (encrypted DNS, a VPN)."
        ),
    )
    """The system looks names up by another way, or remembers them: nothing fails yet."""
    NOTHING_OTHERS_DO = failed(
        N_("Your name servers do not answer; others do."),
        N_("Use another name server, or repair this one."),
        N_(
            "Please repair the name servers that this computer is given, or give it "
            "others: they answered nothing, while one outside did."
        ),
    )
    TURNED_AWAY = failed(
        N_("Your name server turns lookups away."),
        N_("Ask to start the name server, or use another."),
        N_(
            "Please start the name service on the server that this computer is given: its "
            "port 53 turns lookups away."
        ),
    )
    NO_NAME_SERVER = failed(
        N_("Something that is no name server answers lookups."),
        N_("Ask what answers on UDP 53 in the name server's place."),
        N_(
            "Please find out what answers on UDP 53 in the name server's place: what comes "
            "back is no DNS message."
        ),
    )
    """Something answers that is none."""
    NOTHING_HERE = failed(
        N_("No name server answers this computer."),
        N_("Ask for a name server that answers, or to allow port 53 to it."),
        N_(
            "Please give this computer name servers that answer, or allow UDP and TCP 53 to them:"
            " none answers, while other traffic gets out."
        ),
    )
    LOSSY = unknown(
        N_("Too many packets get lost here to test name lookups."), LOSSY_REMEDY, LOSSY_REQUEST
    )
    NOTHING = unknown(
        N_("No name server answered, so the port could not be tested."),
        N_("Connect to the internet, then run again."),
    )


ANSWERS_UDP = {
    LookupKind.ANSWERED,
    LookupKind.SLOW,
    LookupKind.ONE_DEAD,
    LookupKind.NO_TCP,
    LookupKind.NO_TCP_OTHERS_DO,
}
"""Where no name comes in time, this matters more; and TCP may only be as late as they are."""


BY_ONE_SILENCE = {LookupKind.NO_TCP, LookupKind.NO_TCP_OTHERS_DO, LookupKind.ONE_DEAD}
"""Of one question over one of two ways, while others are answered."""


def judge(inputs: Inputs, limits: LookupLimits) -> Judgement:
    """An answer over each; silence over one counts where the other is answered."""
    evidence = inputs.evidence(DNS_SERVERS)
    resolvers, control = _asked(own(evidence.resolvers)), control_of(evidence.resolvers)
    kind = _kind(
        resolvers,
        control,
        connected=inputs.line.leads_out,
        names_work=bool(inputs.line.pages_answered),
        names_found=inputs.line.names_found,
        names_all_found=inputs.line.names_all_found,
    )
    if kind in BY_ONE_SILENCE and inputs.line.loses_much and not _is_refused(resolvers):
        kind = LookupKind.LOSSY
    first = _first_answering(resolvers) or resolvers[0]
    if kind is LookupKind.ANSWERED and _is_slow(first, limits):
        # where another server takes as long, the line or this computer is slow, and not this one
        others_too = control is not None and control.plain.ok and _is_slow(control, limits)
        kind = LookupKind.ANSWERED if others_too else LookupKind.SLOW
    if kind in ANSWERS_UDP and inputs.line.names_late and not _loses_edns(resolvers):
        first_dead = kind is LookupKind.ONE_DEAD and not resolvers[0].plain.ok
        late = LookupKind.ONLY_ERRORS if inputs.line.names_refused else LookupKind.NAMES_LATE
        kind = LookupKind.FIRST_DEAD if first_dead else late
    dead = next((each for each in resolvers if not each.plain.ok), first)
    return kind.verdict.judgement(
        texts={"address": address_of(dead), "time": milliseconds(limits.first_answer_ms)},
        observed=_words(first),
        expected=_("an answer over UDP and over TCP"),
        measured=_measured(resolvers, first),
        details=(
            *(Detail(label=address_of(each), text=_words(each)) for each in evidence.resolvers),
            *(_rule_line(rule) for rule in evidence.rules[:RULES_SHOWN]),
        ),
        tried=tried_by(evidence.resolvers),
    )


def _asked(resolvers: Sequence[ResolverAnswers]) -> Sequence[ResolverAnswers]:
    """Those that this computer could ask; all of them where it could ask none.

    An address of the link without its zone, as some routers give it out (RFC 4007, 11), is one
    that nobody can ask: the system goes on to the next one at once.
    """
    asked = [each for each in resolvers if not _could_not_ask(each)]
    return asked or resolvers


def _is_refused(resolvers: Sequence[ResolverAnswers]) -> bool:
    """Whether any was more than silent, so that it is no matter of what gets lost."""
    failures = (each.failure for one in resolvers for each in (one.plain, one.tcp))
    return any(each is not None and each.code is not FailureCode.TIMED_OUT for each in failures)


def _could_not_ask(resolver: ResolverAnswers) -> bool:
    failures = (resolver.plain.failure, resolver.tcp.failure)
    return all(failure is not None and failure.code in OWN_TROUBLE for failure in failures)


def _loses_edns(resolvers: Sequence[ResolverAnswers]) -> bool:
    """A system that asks with EDNS waits for what gets lost: `dns.edns` is why, and tells it."""
    return any(each.plain.ok and each.edns is not None and not each.edns.ok for each in resolvers)


def _rule_line(rule: NameRule) -> Detail:
    names = _("all names") if "." in rule.names else ", ".join(rule.names)
    text = _("Windows asks {servers} for {names}").format(
        servers=", ".join(rule.servers), names=names
    )
    return Detail(label=_("Rule of this computer"), text=text)


def _first_answering(resolvers: Sequence[ResolverAnswers]) -> ResolverAnswers | None:
    return next((each for each in resolvers if each.plain.ok or each.tcp.ok), None)


def _is_slow(resolver: ResolverAnswers, limits: LookupLimits) -> bool:
    return _waited_s(resolver) * 1000 >= limits.first_answer_ms


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


def _kind(
    resolvers: Sequence[ResolverAnswers],
    control: ResolverAnswers | None,
    *,
    connected: bool,
    names_work: bool,
    names_found: bool,
    names_all_found: bool,
) -> LookupKind:
    udp, tcp = any(each.plain.ok for each in resolvers), any(each.tcp.ok for each in resolvers)
    tried = all(map(_both_tried, resolvers))
    if not udp and not tcp and names_all_found and connected and tried:
        return LookupKind.FOUND_OTHERWISE
    if not udp and not tcp:
        return _kind_of_nothing(resolvers, control, connected=connected)
    if _only_errors(resolvers, names_work=names_work):
        return LookupKind.ONLY_ERRORS
    if not udp:
        codes = {each.plain.failure.code for each in resolvers if each.plain.failure is not None}
        junk = FailureCode.BAD_ANSWER in codes
        if junk:
            return LookupKind.NO_NAME_SERVER
        return LookupKind.ONLY_TCP if names_found else LookupKind.NO_UDP
    if not tcp:
        others = control is not None and control.tcp.ok
        return LookupKind.NO_TCP_OTHERS_DO if others else LookupKind.NO_TCP
    if not all(each.plain.ok for each in resolvers):
        return LookupKind.ONE_DEAD
    return LookupKind.ANSWERED


def _both_tried(resolver: ResolverAnswers) -> bool:
    failures = (resolver.plain.failure, resolver.tcp.failure)
    return not any(failure is not None and failure.code in OWN_TROUBLE for failure in failures)


def _only_errors(resolvers: Sequence[ResolverAnswers], *, names_work: bool) -> bool:
    """Before anything is said of one transport: a server that looks nothing up tells nothing of
    the ports on the way to it.
    """
    answering = [each for each in resolvers if each.plain.value is not None]
    return bool(answering) and all(
        usable(each.plain) is None or (not names_work and _denies_all(each)) for each in answering
    )


def _denies_all(resolver: ResolverAnswers) -> bool:
    """Whether there is no such name as any that was asked for, as on networks that lead nowhere:
    a wrong address in a profile is one name, and the other one has nothing to do with it.
    """
    asked = (resolver.plain.value, resolver.cross_check.value if resolver.cross_check else None)
    return all(answer is not None and _denies(answer) for answer in asked)


def _denies(answer: DnsAnswer) -> bool:
    """There is no such name, or nothing in the answer (RFC 2308, 2.2)."""
    return answer.rcode == NO_SUCH_NAME or (answer.rcode == NO_ERROR and answer.records == 0)


def _kind_of_nothing(
    resolvers: Sequence[ResolverAnswers], control: ResolverAnswers | None, *, connected: bool
) -> LookupKind:
    """No resolver of this computer answered at all."""
    if control is not None and (control.plain.ok or control.tcp.ok):
        return LookupKind.NOTHING_OTHERS_DO
    codes = {each.plain.failure.code for each in resolvers if each.plain.failure is not None}
    if FailureCode.CONNECTION_REFUSED in codes:
        return LookupKind.TURNED_AWAY
    if FailureCode.BAD_ANSWER in codes:
        return LookupKind.NO_NAME_SERVER
    return LookupKind.NOTHING_HERE if connected else LookupKind.NOTHING


def _denial_words(resolver: ResolverAnswers) -> str:
    answer = resolver.plain.value
    by_code = answer is not None and answer.rcode == NO_SUCH_NAME
    return NO_SUCH_NAME if by_code else _("an answer with nothing in it")


def _words(resolver: ResolverAnswers) -> str:
    return _("{address}: UDP {udp}; TCP {tcp}").format(
        address=address_of(resolver),
        udp=_denial_words(resolver) if _denies_all(resolver) else answer_words(resolver.plain),
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
    meaning=N_(
        "Names are turned into addresses by name servers. If they do not answer, no page and "
        "no service is found."
    ),
    title=N_("DNS port 53 (name lookups)"),
    term="port 53",
    page=Page.FIREWALL_PORTS,
    settings=("resolver_control",),
    reads_silence=True,
    needs=(DNS_SERVERS,),
    limits=LookupLimits,
    judge=judge,
)
