"""dns.edns: do modern name lookups (EDNS) come back whole? Source: RFC 6891."""

from collections.abc import Sequence
from enum import IntEnum

from natwizard.checks.base import Check, Inputs, NoLimits
from natwizard.checks.shared.number_format import tried_by, with_unit
from natwizard.checks.shared.resolver_texts import (
    address_of,
    answer_words,
    control_of,
    is_local,
    own,
    usable,
)
from natwizard.model.finding import Detail, Judgement, Owner, Page, Remedy, Status
from natwizard.model.language import N_, _
from natwizard.model.outcome import FailureCode
from natwizard.model.quantity import Quantity, Unit
from natwizard.model.writing import labelled
from natwizard.probes.dns_servers import DNS_SERVERS, Asked, ResolverAnswers

NOT_UNDERSTOOD = {"FORMERR", "NOTIMP"}
REFUSALS = {"NOTIMP", "REFUSED"}


BAD_ANSWER = FailureCode.BAD_ANSWER


# what every network carries in one piece (DNS Flag Day 2020)
UNFRAGMENTED_BYTES = 1232


PLAIN_LIMIT_BYTES = 512


class EdnsKind(IntEnum):
    """How a resolver handles EDNS, best first."""

    WHOLE = 0
    VERSION_LOST = 1
    OPTION_LOST = 2
    BUFFER_LOST = 3
    DNSSEC_LOST = 4
    FRAGMENTS_LOST = 5
    LARGE_LOST = 6
    LARGE_FAILS = 7
    CUT_SHORT = 8
    STRIPPED = 9
    NOT_UNDERSTOOD = 10
    FAILS = 11
    DROPPED = 12
    SILENT = 13


ADVICE = {kind for kind in EdnsKind if EdnsKind.WHOLE < kind < EdnsKind.STRIPPED}


ODD_ONES = {
    EdnsKind.VERSION_LOST,
    EdnsKind.OPTION_LOST,
    EdnsKind.BUFFER_LOST,
    EdnsKind.DNSSEC_LOST,
    EdnsKind.LARGE_FAILS,
}


def kind_of(resolver: ResolverAnswers) -> EdnsKind:
    """How one resolver handles EDNS; SILENT where not even a plain question is answered."""
    if not resolver.plain.ok or resolver.edns is None:
        return EdnsKind.SILENT
    answer = resolver.edns.value
    if answer is None:
        junk = resolver.edns.failure is not None and resolver.edns.failure.code is BAD_ANSWER
        return EdnsKind.FAILS if junk else EdnsKind.DROPPED
    if answer.rcode in NOT_UNDERSTOOD:
        return EdnsKind.NOT_UNDERSTOOD
    if usable(resolver.plain) is not None and usable(resolver.edns) is None:
        return EdnsKind.FAILS
    if not answer.has_opt:
        return EdnsKind.STRIPPED
    return _kind_of_more(resolver)


def _kind_of_more(resolver: ResolverAnswers) -> EdnsKind:
    """What gets lost where a common question with EDNS comes back; the worst of it."""
    if _stopped(resolver.edns_dnssec):
        return EdnsKind.DNSSEC_LOST
    if _stopped(resolver.edns_large_buffer):
        return EdnsKind.BUFFER_LOST
    large = _kind_of_large(resolver)
    if large is not EdnsKind.WHOLE:
        return large
    if _stopped(resolver.unknown_option):
        return EdnsKind.OPTION_LOST
    # any answer will do: not all resolvers know BADVERS, but what drops it knows no EDNS
    lost = resolver.version_1 is not None and resolver.version_1.value is None
    return EdnsKind.VERSION_LOST if lost else EdnsKind.WHOLE


def _stopped(asked: Asked | None) -> bool:
    """Asked, but there came nothing, a complaint, or an answer whose OPT record is gone."""
    if asked is None:
        return False
    answer = asked.value
    return answer is None or not answer.has_opt or answer.rcode in NOT_UNDERSTOOD


def _kind_of_large(resolver: ResolverAnswers) -> EdnsKind:
    """How an answer over 512 bytes fares; WHOLE also where nothing tells."""
    if resolver.large is None or _withholds_long_name(resolver):
        return EdnsKind.WHOLE
    answer, over_tcp = resolver.large.value, resolver.large_tcp
    if answer is None:
        known = over_tcp.value if over_tcp is not None else None
        fragments = known is not None and known.size_bytes > UNFRAGMENTED_BYTES
        return EdnsKind.FRAGMENTS_LOST if fragments else EdnsKind.LARGE_LOST
    if usable(resolver.edns) is not None and usable(resolver.large) is None:
        return EdnsKind.LARGE_FAILS
    truncated_for_good = answer.truncated and (over_tcp is None or not over_tcp.ok)
    return EdnsKind.CUT_SHORT if truncated_for_good else EdnsKind.WHOLE


def _withholds_long_name(resolver: ResolverAnswers) -> bool:
    """Whether the long question is turned away whatever its size: its type or name, not its length.

    Some resolvers know addresses only, and drop or refuse all other types.
    """
    asked = (resolver.large, resolver.large_plain, resolver.large_tcp)
    if any(usable(each) is not None for each in asked):
        return False
    codes = {each.value.rcode for each in asked if each is not None and each.value is not None}
    if not codes or codes & REFUSALS:
        return True
    return resolver.cross_check is not None and usable(resolver.cross_check) is None


def advice(kind: EdnsKind, *, router: bool) -> tuple[str, Remedy]:
    """What works for most lookups, and fails for some."""
    request = _request(kind)
    match kind:
        case EdnsKind.VERSION_LOST:
            summary = _("Name lookups of a later kind get lost on the way.")
            remedy = _("Ask what drops lookups with EDNS version 1, and to let them pass.")
        case EdnsKind.OPTION_LOST:
            summary = _("Unusual name lookups get lost on the way.")
            remedy = _("Ask to let lookups with EDNS options pass unchanged.")
        case EdnsKind.BUFFER_LOST:
            summary = _("Lookups that allow long answers get lost on the way.")
            remedy = _("Ask what stops lookups with an EDNS buffer of 4096 bytes.")
        case EdnsKind.DNSSEC_LOST:
            summary = _("Lookups that ask for signed answers get lost on the way.")
            remedy = _("Ask what stops lookups with the DO bit (DNSSEC).")
        case EdnsKind.FRAGMENTS_LOST:
            summary = _("Long answers to name lookups get lost on the way.")
            remedy = _("Allow UDP fragments and TCP 53.")
        case EdnsKind.LARGE_LOST:
            summary = (
                _("Your router drops long answers to name lookups.")
                if router
                else _("Answers to name lookups over 512 bytes get lost.")
            )
            remedy = _("Allow DNS answers over 512 bytes on UDP 53.")
        case EdnsKind.LARGE_FAILS:
            summary = _("Your name server fails on long answers.")
            remedy = _("Ask whether the name server gets answers over 512 bytes itself.")
        case _:
            summary = _("Long answers come cut short; the rest cannot be fetched.")
            remedy = _("Allow TCP 53 to the name server.")
    return summary, _ask(remedy, request)


def _request(kind: EdnsKind) -> str:
    match kind:
        case EdnsKind.VERSION_LOST:
            return _(
                "Please let lookups with EDNS version 1 pass on UDP 53: whoever knows version "
                "0 only has to say so, not to stay silent (RFC 6891, section 6.1.3)."
            )
        case EdnsKind.OPTION_LOST:
            return _(
                "Please let lookups with unknown EDNS options pass unchanged on UDP 53: name "
                "servers ignore what they do not know (RFC 6891, section 6.1.2)."
            )
        case EdnsKind.BUFFER_LOST:
            return _(
                "Please let lookups pass on UDP 53 that allow answers of 4096 bytes (EDNS "
                "buffer size)."
            )
        case EdnsKind.DNSSEC_LOST:
            return _("Please let lookups with the DO bit (DNSSEC, RFC 3225) pass on UDP 53.")
        case EdnsKind.FRAGMENTS_LOST:
            return _("Please let fragments of UDP answers from port 53 through, and allow TCP 53.")
        case EdnsKind.LARGE_LOST:
            return _(
                "Please allow DNS answers over 512 bytes on UDP 53; older firewalls and "
                "routers have a limit for them."
            )
        case EdnsKind.LARGE_FAILS:
            return _(
                "Please see whether the name server itself gets answers over 512 bytes from "
                "outside, by UDP and by TCP 53."
            )
        case _:
            return _(
                "Please allow TCP 53 to the name server: long answers come cut short by UDP, "
                "and the rest is fetched by TCP (RFC 7766)."
            )


def remedy_for(control: ResolverAnswers | None) -> Remedy:
    if control is not None and kind_of(control) not in {EdnsKind.WHOLE, EdnsKind.SILENT, *ADVICE}:
        return _ask(
            _("Ask what changes lookups on UDP 53: another resolver fares no better."),
            _(
                "Please find out what changes lookups on UDP 53 on their way out: EDNS (RFC 6891) "
                "gets lost with this network's name server and with one outside."
            ),
        )
    return _ask(
        _("Update the router's software, or use another resolver."),
        _(
            "Please update the software of the router or name server, or give out another one: "
            "lookups with EDNS (RFC 6891) do not come back whole."
        ),
    )


def other_resolver(resolver: ResolverAnswers) -> tuple[Status, str, Remedy | None]:
    return (
        Status.WARN,
        _("One of your name servers cannot do modern lookups."),
        _ask(
            _("Replace or update {address}.").format(address=address_of(resolver)),
            _(
                "Please update the name server {address}, or give out another in its place: it "
                "does not know EDNS (RFC 6891), the first one does."
            ).format(address=address_of(resolver)),
        ),
    )


def _ask(text: str, request: str) -> Remedy:
    return Remedy(text=text, owner=Owner.NETWORK_TEAM, request=request)


def judge(inputs: Inputs, _limits: NoLimits) -> Judgement:
    """The first resolver that answers is the one in use and decides; others are advice."""
    evidence = inputs.evidence(DNS_SERVERS)
    resolvers, control = own(evidence.resolvers), control_of(evidence.resolvers)
    answering = [each for each in resolvers if kind_of(each) is not EdnsKind.SILENT]
    first = answering[0] if answering else resolvers[0]
    worse = [each for each in answering[1:] if kind_of(each) not in {EdnsKind.WHOLE, *ADVICE}]
    if kind_of(first) is EdnsKind.WHOLE and worse:
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
        case EdnsKind.WHOLE:
            return Status.PASS, _("Modern name lookups come back whole."), None
        case EdnsKind.DROPPED:
            summary = (
                _("Your router drops modern name lookups.")
                if router
                else _("Modern name lookups get lost on the way.")
            )
        case EdnsKind.NOT_UNDERSTOOD:
            summary = _("Your name server does not understand modern name lookups.")
        case EdnsKind.STRIPPED:
            summary = _("Something strips modern name lookups down to old ones.")
        case EdnsKind.FAILS:
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
    if kind in {EdnsKind.LARGE_LOST, EdnsKind.FRAGMENTS_LOST}:
        words = _("{address}: {size} answer lost over UDP; over TCP {tcp}").format(
            address=address,
            size=_size(resolver.large_tcp),
            tcp=answer_words(resolver.large_tcp),
        )
    elif kind is EdnsKind.CUT_SHORT:
        words = _("{address}: large answers come truncated; over TCP {tcp}").format(
            address=address, tcp=answer_words(resolver.large_tcp)
        )
    elif kind in ODD_ONES:
        name, asked = _odd_one(resolver, kind)
        words = _("{address}: with EDNS {edns}, with {question} {answer}").format(
            address=address, edns=answer_words(resolver.edns), question=name, answer=_line(asked)
        )
    elif kind is EdnsKind.SILENT:
        words = _("{address}: plain {plain}").format(
            address=address, plain=answer_words(resolver.plain)
        )
    else:
        words = _("{address}: plain {plain}, with EDNS {edns}").format(
            address=address, plain=answer_words(resolver.plain), edns=_edns_words(resolver)
        )
    if control is None or kind is EdnsKind.WHOLE:
        return words
    if kind_of(control) is EdnsKind.WHOLE:
        return _("{words}; the control resolver answers").format(words=words)
    return _("{words}; the control resolver: {control}").format(
        words=words, control=_edns_words(control)
    )


def _odd_one(resolver: ResolverAnswers, kind: EdnsKind) -> tuple[str, Asked]:
    """The question that fared worse than the common one, and how it fared."""
    name, asked = {
        EdnsKind.VERSION_LOST: (_("version 1"), resolver.version_1),
        EdnsKind.OPTION_LOST: (_("an unknown option"), resolver.unknown_option),
        EdnsKind.BUFFER_LOST: (_("buffer 4096"), resolver.edns_large_buffer),
        EdnsKind.DNSSEC_LOST: (_("the DO bit"), resolver.edns_dnssec),
        EdnsKind.LARGE_FAILS: (_("a long answer"), resolver.large),
    }[kind]
    return name, asked or resolver.plain


def _edns_words(resolver: ResolverAnswers) -> str:
    if kind_of(resolver) is EdnsKind.STRIPPED:
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
        if each.cross_check is not None:
            text = _("cross-check: {words}").format(words=answer_words(each.cross_check))
            lines.append(Detail(label=name, text=text))
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
        if each.large is not None and _withholds_long_name(each):
            text = _("not tested: `targets.dns_large_name` is not answered here, short or long")
            lines.append(Detail(label=name, text=text))
        elif _has_nothing_large(each):
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
