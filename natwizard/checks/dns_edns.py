"""dns.edns: do modern name lookups (EDNS) come back whole? Source: RFC 6891."""

from collections.abc import Sequence

from natwizard.checks.base import Case, Check, NoLimits
from natwizard.checks.edns_kinds import (
    ADVICE,
    ODD_ONES,
    PLAIN_LIMIT_BYTES,
    Kind,
    kind_of,
)
from natwizard.checks.edns_remedies import advice, other_resolver, remedy_for
from natwizard.checks.resolver_words import (
    address_of,
    answer_words,
    control_of,
    is_local,
    own,
)
from natwizard.checks.wording import tried_by, with_unit
from natwizard.model.finding import Detail, Judgement, Owner, Page, Remedy, Status
from natwizard.model.language import N_, _
from natwizard.model.quantity import Quantity, Unit
from natwizard.model.writing import labelled
from natwizard.probes.dns_servers import DNS_SERVERS, Asked, ResolverAnswers


def judge(case: Case, _limits: NoLimits) -> Judgement:
    """The first resolver that answers is the one in use and decides; others are advice."""
    evidence = case.evidence(DNS_SERVERS)
    resolvers, control = own(evidence.resolvers), control_of(evidence.resolvers)
    answering = [each for each in resolvers if kind_of(each) is not Kind.SILENT]
    first = answering[0] if answering else resolvers[0]
    worse = [each for each in answering[1:] if kind_of(each) not in {Kind.WHOLE, *ADVICE}]
    if kind_of(first) is Kind.WHOLE and worse:
        status, summary, remedy = other_resolver(worse[0])
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
        tried=tried_by(evidence.resolvers),
    )


def _say(
    resolver: ResolverAnswers, control: ResolverAnswers | None
) -> tuple[Status, str, Remedy | None]:
    kind = kind_of(resolver)
    if kind in ADVICE:
        return Status.WARN, *advice(kind, router=is_local(resolver))
    router = is_local(resolver)
    match kind:
        case Kind.WHOLE:
            return Status.PASS, _("Modern name lookups come back whole."), None
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
    return Status.FAIL, summary, remedy_for(control)


def _observed(resolver: ResolverAnswers, control: ResolverAnswers | None) -> str:
    address, kind = address_of(resolver), kind_of(resolver)
    if kind in {Kind.LARGE_LOST, Kind.FRAGMENTS_LOST}:
        words = _("{address}: {size} answer lost over UDP; over TCP {tcp}").format(
            address=address,
            size=_size(resolver.large_tcp),
            tcp=answer_words(resolver.large_tcp),
        )
    elif kind is Kind.CUT_SHORT:
        words = _("{address}: large answers come truncated; over TCP {tcp}").format(
            address=address, tcp=answer_words(resolver.large_tcp)
        )
    elif kind in ODD_ONES:
        name, asked = _odd_one(resolver, kind)
        words = _("{address}: with EDNS {edns}, with {question} {answer}").format(
            address=address, edns=answer_words(resolver.edns), question=name, answer=_line(asked)
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


def _odd_one(resolver: ResolverAnswers, kind: Kind) -> tuple[str, Asked]:
    """The question that fared worse than the common one, and how it fared."""
    name, asked = {
        Kind.VERSION_LOST: (_("version 1"), resolver.version_1),
        Kind.OPTION_LOST: (_("an unknown option"), resolver.unknown_option),
        Kind.BUFFER_LOST: (_("buffer 4096"), resolver.edns_large_buffer),
        Kind.DNSSEC_LOST: (_("the DO bit"), resolver.edns_dnssec),
        Kind.LARGE_FAILS: (_("a long answer"), resolver.large),
    }[kind]
    return name, asked or resolver.plain


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
            Detail(label=name, text=labelled(question, _line(asked)))
            for question, asked in (
                (_("EDNS, buffer 1232"), each.edns),
                (_("EDNS, buffer 4096"), each.edns_large_buffer),
                (_("EDNS, DO bit"), each.edns_dnssec),
                (_("unknown option"), each.unknown_option),
                (_("version 1"), each.version_1),
                (_("large answer"), each.large),
                (_("large answer without EDNS"), each.large_plain),
                (_("large answer over TCP"), each.large_tcp),
            )
            if asked is not None
        ]
        if _has_nothing_large(each):
            text = _("not tested: `targets.dns_large_name` has no answer over 512 bytes")
            lines.append(Detail(label=name, text=text))
    return tuple(lines)


def _has_nothing_large(resolver: ResolverAnswers) -> bool:
    """Whether the name that should have a long answer has none, so that nothing was proved."""
    answers = [asked.value for asked in (resolver.large, resolver.large_tcp) if asked is not None]
    sizes = [answer.size_bytes for answer in answers if answer is not None]
    whole = not any(answer.truncated for answer in answers if answer is not None)
    return bool(sizes) and whole and max(sizes) <= PLAIN_LIMIT_BYTES


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
