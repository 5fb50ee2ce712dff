"""dns.edns: do modern name lookups (EDNS) come back whole? Source: RFC 6891."""

from collections.abc import Sequence
from enum import IntEnum

from natwizard.checks.base import Case, Check, NoLimits
from natwizard.checks.resolver_words import (
    address_of,
    answer_words,
    attempts_of,
    control_of,
    is_local,
    own,
    usable,
)
from natwizard.checks.wording import tried_lines, with_unit
from natwizard.model.finding import Detail, Judgement, Owner, Page, Remedy, Status
from natwizard.model.language import N_, _
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.dns_servers import DNS_SERVERS, Asked, ResolverAnswers

NOT_UNDERSTOOD = {"FORMERR", "NOTIMP"}


class Kind(IntEnum):
    """How a resolver handles EDNS, best first."""

    WHOLE = 0
    ODD_LOST = 1
    LARGE_LOST = 2
    CUT_SHORT = 3
    STRIPPED = 4
    NOT_UNDERSTOOD = 5
    FAILS = 6
    DROPPED = 7
    SILENT = 8


ADVICE = {Kind.ODD_LOST, Kind.LARGE_LOST, Kind.CUT_SHORT}


def kind_of(resolver: ResolverAnswers) -> Kind:
    """How one resolver handles EDNS; SILENT where not even a plain question is answered."""
    if not resolver.plain.ok or resolver.edns is None:
        return Kind.SILENT
    answer = resolver.edns.value
    if answer is None:
        return Kind.DROPPED
    if answer.rcode in NOT_UNDERSTOOD:
        return Kind.NOT_UNDERSTOOD
    if usable(resolver.plain) is not None and usable(resolver.edns) is None:
        return Kind.FAILS
    if not answer.has_opt:
        return Kind.STRIPPED
    if resolver.large is not None and resolver.large.value is None:
        return Kind.LARGE_LOST
    if _cut_short(resolver):
        return Kind.CUT_SHORT
    odd = (resolver.edns_large_buffer, resolver.unknown_option)
    lost = any(asked is not None and not _comes_back(asked) for asked in odd)
    return Kind.ODD_LOST if lost else Kind.WHOLE


def _comes_back(asked: Asked) -> bool:
    answer = asked.value
    return answer is not None and answer.has_opt and answer.rcode not in NOT_UNDERSTOOD


def _cut_short(resolver: ResolverAnswers) -> bool:
    """A large answer that comes truncated has to come whole over TCP."""
    large, over_tcp = resolver.large, resolver.large_tcp
    truncated = large is not None and large.value is not None and large.value.truncated
    return truncated and (over_tcp is None or not over_tcp.ok)


def judge(case: Case, _limits: NoLimits) -> Judgement:
    """The first resolver that answers is the one in use and decides; others are advice."""
    evidence = case.evidence(DNS_SERVERS)
    resolvers, control = own(evidence.resolvers), control_of(evidence.resolvers)
    answering = [each for each in resolvers if kind_of(each) is not Kind.SILENT]
    first = answering[0] if answering else resolvers[0]
    worse = [each for each in answering[1:] if kind_of(each) not in {Kind.WHOLE, *ADVICE}]
    if kind_of(first) is Kind.WHOLE and worse:
        status, summary, remedy = _other_resolver(worse[0])
        shown = worse[0]
    else:
        status, summary, remedy = _say(first, control)
        shown = first
    return Judgement(
        status=status,
        summary=summary,
        observed=_observed(shown, control),
        expected=_("an answer with EDNS, large ones too"),
        measured=_measured(first, answering),
        remedy=remedy,
        details=_details(evidence.resolvers, evidence.stub),
        tried=tried_lines(attempts_of(evidence.resolvers)),
    )


def _say(
    resolver: ResolverAnswers, control: ResolverAnswers | None
) -> tuple[Status, str, Remedy | None]:
    router = is_local(resolver)
    match kind_of(resolver):
        case Kind.WHOLE:
            return Status.PASS, _("Modern name lookups come back whole."), None
        case Kind.ODD_LOST:
            return (
                Status.WARN,
                _("Unusual name lookups get lost on the way."),
                _ask(_("Ask to let lookups with EDNS options pass unchanged.")),
            )
        case Kind.LARGE_LOST:
            return (
                Status.WARN,
                _("Long answers to name lookups get lost on the way."),
                _ask(_("Allow UDP fragments and TCP 53.")),
            )
        case Kind.CUT_SHORT:
            return (
                Status.WARN,
                _("Long answers come cut short; the rest cannot be fetched."),
                _ask(_("Allow TCP 53 to the name server.")),
            )
        case Kind.DROPPED:
            summary = (
                _("Your router drops modern name lookups.")
                if router
                else _("Modern name lookups get lost on the way.")
            )
        case Kind.NOT_UNDERSTOOD:
            summary = _("Your name server does not understand modern name lookups.")
        case Kind.STRIPPED:
            summary = _("Something strips modern name lookups down to old ones.")
        case Kind.FAILS:
            summary = _("Modern name lookups fail where old ones work.")
        case _:
            return (
                Status.UNKNOWN,
                _("No name server answered, so lookups could not be compared."),
                Remedy(text=_("Connect to the internet, then run again."), owner=Owner.AGENT),
            )
    return Status.FAIL, summary, _remedy(control)


def _remedy(control: ResolverAnswers | None) -> Remedy:
    if control is not None and kind_of(control) not in {Kind.WHOLE, Kind.SILENT, *ADVICE}:
        return _ask(_("Ask what changes lookups on UDP 53: another resolver fares no better."))
    return _ask(_("Update the router's software, or use another resolver."))


def _other_resolver(resolver: ResolverAnswers) -> tuple[Status, str, Remedy | None]:
    return (
        Status.WARN,
        _("One of your name servers cannot do modern lookups."),
        _ask(_("Replace or update {address}.").format(address=address_of(resolver))),
    )


def _ask(text: str) -> Remedy:
    return Remedy(text=text, owner=Owner.NETWORK_TEAM)


def _observed(resolver: ResolverAnswers, control: ResolverAnswers | None) -> str:
    address, kind = address_of(resolver), kind_of(resolver)
    if kind is Kind.LARGE_LOST:
        words = _("{address}: {size} answer lost over UDP; over TCP {tcp}").format(
            address=address,
            size=_size(resolver.large_tcp),
            tcp=answer_words(resolver.large_tcp),
        )
    elif kind is Kind.CUT_SHORT:
        words = _("{address}: large answers come truncated; over TCP {tcp}").format(
            address=address, tcp=answer_words(resolver.large_tcp)
        )
    elif kind is Kind.SILENT:
        words = _("{address}: plain {plain}").format(
            address=address, plain=answer_words(resolver.plain)
        )
    else:
        words = _("{address}: plain {plain}, with EDNS {edns}").format(
            address=address, plain=answer_words(resolver.plain), edns=_edns_words(resolver)
        )
    if control is None or kind is Kind.WHOLE:
        return words
    if kind_of(control) is Kind.WHOLE:
        return _("{words}; the control resolver answers").format(words=words)
    return _("{words}; the control resolver: {control}").format(
        words=words, control=_edns_words(control)
    )


def _edns_words(resolver: ResolverAnswers) -> str:
    if kind_of(resolver) is Kind.STRIPPED:
        return _("answered without it")
    asked = resolver.edns if resolver.edns is not None else resolver.plain
    return answer_words(asked)


def _size(asked: Asked | None) -> str:
    if asked is None or asked.value is None:
        return _("large")
    return with_unit(asked.value.size_bytes, "B")


def _measured(first: ResolverAnswers, answering: Sequence[ResolverAnswers]) -> tuple[Quantity, ...]:
    found = [
        Quantity(name="resolvers_answering", value=len(answering), unit=Unit.COUNT),
        Quantity(name="edns", value=kind_of(first).name.lower(), unit=Unit.TEXT),
    ]
    for name, asked in (("plain", first.plain), ("with_edns", first.edns)):
        if asked is not None and asked.ok:
            time = round(asked.duration_s * 1000, 2)
            found.append(Quantity(name=name, value=time, unit=Unit.MILLISECOND))
    if first.large is not None and first.large.value is not None:
        size = first.large.value.size_bytes
        found.append(Quantity(name="large_answer", value=size, unit=Unit.BYTE))
    return tuple(found)


def _details(resolvers: Sequence[ResolverAnswers], stub: str) -> tuple[Detail, ...]:
    lines = []
    if stub:
        text = _("{stub} on this computer; these are the servers behind it").format(stub=stub)
        lines.append(Detail(label=_("Asked through"), text=text))
    for each in resolvers:
        name = address_of(each)
        lines.append(
            Detail(label=name, text=_("plain: {words}").format(words=answer_words(each.plain)))
        )
        lines += [
            Detail(label=name, text=f"{question}: {_line(asked)}")
            for question, asked in (
                (_("EDNS, buffer 1232"), each.edns),
                (_("EDNS, buffer 4096 and DO"), each.edns_large_buffer),
                (_("unknown option"), each.unknown_option),
                (_("version 1"), each.version_1),
                (_("large answer"), each.large),
                (_("large answer without EDNS"), each.large_plain),
                (_("large answer over TCP"), each.large_tcp),
            )
            if asked is not None
        ]
    return tuple(lines)


def _line(asked: Asked) -> str:
    answer = asked.value
    if answer is None:
        return answer_words(asked)
    words = [answer.rcode, with_unit(answer.size_bytes, "B")]
    if answer.has_opt:
        words.append("OPT")
    if answer.truncated:
        words.append(_("truncated"))
    return ", ".join(words)


DNS_EDNS = Check(
    name="dns.edns",
    title=N_("Modern name lookups"),
    page=Page.EDNS,
    needs=(DNS_SERVERS,),
    limits=NoLimits,
    judge=judge,
)
