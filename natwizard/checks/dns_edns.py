"""dns.edns: do modern name lookups (EDNS) come back whole? Source: RFC 6891."""

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from natwizard.checks.base import Check, Inputs, NoLimits
from natwizard.checks.shared.connection_outcome import LOSSY_REMEDY, LOSSY_REQUEST
from natwizard.checks.shared.line import ASKED_AGAIN_SHARE
from natwizard.checks.shared.number_format import DOT, tried_by, with_unit
from natwizard.checks.shared.resolver_texts import (
    ANSWER_BY_UDP,
    ANSWER_BY_UDP_REQUEST,
    address_of,
    answer_words,
    control_of,
    is_local,
    own,
    usable,
)
from natwizard.checks.verdict import Verdict, VerdictTable, failed, passed, unknown, warned
from natwizard.model.finding import Detail, Judgement, Page, Status
from natwizard.model.language import N_, _
from natwizard.model.outcome import FailureCode
from natwizard.model.quantity import Quantity, Unit
from natwizard.model.writing import labelled
from natwizard.probes.dns_servers import DNS_SERVERS, Asked, ResolverAnswers, SizedAnswer

# What a server that knows no EDNS answers: FORMERR by RFC 6891, section 7; older ones NOTIMP
NOT_UNDERSTOOD = {"FORMERR", "NOTIMP"}
# Answers to the type or the name of a question, whatever the size of what it would bring
REFUSALS = {"NOTIMP", "REFUSED"}

# what every network carries in one piece (DNS Flag Day 2020)
UNFRAGMENTED_BYTES = 1232
# What UDP carries without EDNS (RFC 1035, 2.3.4): an answer within it proves nothing
PLAIN_LIMIT_BYTES = 512

UPDATE = N_("Update the router's software, or use another resolver.")
UPDATE_REQUEST = N_(
    "Please update the software of the router or name server, or give out another one: "
    "lookups with EDNS (RFC 6891) do not come back whole."
)


class EdnsKind(VerdictTable):
    """How a resolver handles EDNS, best first."""

    WHOLE = passed(N_("Modern name lookups come back whole."))
    VERSION_LOST = warned(
        N_("Name lookups of a later kind get lost on the way."),
        N_("Ask what drops lookups with EDNS version 1, and to let them pass."),
        N_(
            "Please let lookups with EDNS version 1 pass on UDP 53: whoever knows version "
            "0 only has to say so, not to stay silent (RFC 6891, section 6.1.3)."
        ),
    )
    OPTION_LOST = warned(
        N_("Unusual name lookups get lost on the way."),
        N_("Ask to let lookups with EDNS options pass unchanged."),
        N_(
            "Please let lookups with unknown EDNS options pass unchanged on UDP 53: name "
            "servers ignore what they do not know (RFC 6891, section 6.1.2)."
        ),
    )
    BUFFER_LOST = warned(
        N_("Lookups that allow long answers get lost on the way."),
        N_("Ask what stops lookups with an EDNS buffer of 4096 bytes."),
        N_(
            "Please let lookups pass on UDP 53 that allow answers of 4096 bytes (EDNS buffer size)."
        ),
    )
    DNSSEC_LOST = warned(
        N_("Lookups that ask for signed answers get lost on the way."),
        N_("Ask what stops lookups with the DO bit (DNSSEC)."),
        N_("Please let lookups with the DO bit (DNSSEC, RFC 3225) pass on UDP 53."),
    )
    FRAGMENTS_LOST = warned(
        N_("Long answers to name lookups get lost on the way."),
        N_("Allow UDP fragments and TCP 53."),
        N_("Please let fragments of UDP answers from port 53 through, and allow TCP 53."),
    )
    LARGE_LOST = warned(
        N_("Answers to name lookups over 512 bytes get lost."),
        N_("Allow DNS answers over 512 bytes on UDP 53."),
        N_(
            "Please allow DNS answers over 512 bytes on UDP 53; older firewalls and "
            "routers have a limit for them."
        ),
    )
    LARGE_FAILS = warned(
        N_("Your name server fails on long answers."),
        N_("Ask whether the name server gets answers over 512 bytes itself."),
        N_(
            "Please see whether the name server itself gets answers over 512 bytes from "
            "outside, by UDP and by TCP 53."
        ),
    )
    CUT_SHORT = warned(
        N_("Long answers come cut short; the rest cannot be fetched."),
        N_("Allow TCP 53 to the name server."),
        N_(
            "Please allow TCP 53 to the name server: long answers come cut short by UDP, "
            "and the rest is fetched by TCP (RFC 7766)."
        ),
    )
    STRIPPED = failed(
        N_("Something strips modern name lookups down to old ones."), UPDATE, UPDATE_REQUEST
    )
    NOT_UNDERSTOOD = failed(
        N_("Your name server does not understand modern name lookups."), UPDATE, UPDATE_REQUEST
    )
    FAILS = failed(N_("Modern name lookups fail where old ones work."), UPDATE, UPDATE_REQUEST)
    DROPPED = failed(N_("Modern name lookups get lost on the way."), UPDATE, UPDATE_REQUEST)
    SILENT = unknown(
        N_("No name server answered, so lookups could not be compared."),
        N_("Run again once name lookups are answered."),
    )


OVER_TCP: Final = warned(
    N_("Lookups come by the slower way alone, where length is no matter."),
    ANSWER_BY_UDP,
    ANSWER_BY_UDP_REQUEST,
)
# a resolver with a private address is the router itself
BY_ROUTER: Final[Mapping[EdnsKind, str]] = {
    EdnsKind.DROPPED: N_("Your router drops modern name lookups."),
    EdnsKind.LARGE_LOST: N_("Your router drops long answers to name lookups."),
}
# where another resolver fares no better, updating this one would not help
ON_THE_WAY = N_("Ask what changes lookups on UDP 53: another resolver fares no better.")
ON_THE_WAY_REQUEST = N_(
    "Please find out what changes lookups on UDP 53 on their way out: EDNS (RFC 6891) "
    "gets lost with this network's name server and with one outside."
)
ANOTHER_FAILS = warned(
    N_("One of your name servers cannot do modern lookups."),
    N_("Replace or update {address}."),
    N_(
        "Please update the name server {address}, or give out another in its place: it "
        "does not know EDNS (RFC 6891), the first one does."
    ),
)

ODD_ONES = {
    EdnsKind.VERSION_LOST,
    EdnsKind.OPTION_LOST,
    EdnsKind.BUFFER_LOST,
    EdnsKind.DNSSEC_LOST,
    EdnsKind.LARGE_FAILS,
}
BY_SIZE = {EdnsKind.LARGE_LOST, EdnsKind.FRAGMENTS_LOST, EdnsKind.LARGE_FAILS}
"""What says that answers are lost for their size."""


UNANSWERED = {
    EdnsKind.VERSION_LOST,
    EdnsKind.OPTION_LOST,
    EdnsKind.BUFFER_LOST,
    EdnsKind.DNSSEC_LOST,
    EdnsKind.LARGE_LOST,
    EdnsKind.FRAGMENTS_LOST,
    EdnsKind.CUT_SHORT,
    EdnsKind.DROPPED,
}
"""What a line without room for the answers looks like, too."""


LOSES = unknown(
    N_("So many lookups get lost here that their kinds cannot be compared."),
    LOSSY_REMEDY,
    LOSSY_REQUEST,
)


class EdnsFacts(Struct, frozen=True, kw_only=True):
    """How the resolver in use handles EDNS."""

    kind: EdnsKind

    @property
    def unanswered(self) -> bool:
        """Whether this rests on answers that did not come."""
        return self.kind in UNANSWERED


def kind_of(resolver: ResolverAnswers) -> EdnsKind:
    """How one resolver handles EDNS; SILENT where not even a plain question is answered."""
    if not resolver.plain.ok or resolver.edns is None:
        return EdnsKind.SILENT
    answer = resolver.edns.value
    if answer is None:
        failure = resolver.edns.failure
        junk = failure is not None and failure.code is FailureCode.BAD_ANSWER
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


def judge(inputs: Inputs, _limits: NoLimits) -> Judgement:
    """The first resolver that answers is the one in use and decides; others are advice."""
    evidence = inputs.evidence(DNS_SERVERS)
    in_use, control = own(evidence.resolvers), control_of(evidence.resolvers)
    resolvers = (_without_disproved(in_use[0], evidence.sizes), *in_use[1:])
    answering = [each for each in resolvers if kind_of(each) is not EdnsKind.SILENT]
    first = answering[0] if answering else resolvers[0]
    worse = [each for each in answering[1:] if _fails(each)]
    if not answering and first.tcp.ok and inputs.line.names_found:
        shown, verdict = first, OVER_TCP
    elif kind_of(first) in UNANSWERED and loses_much(first):
        shown, verdict = first, LOSES
    elif kind_of(first) is EdnsKind.WHOLE and worse:
        shown, verdict = worse[0], ANOTHER_FAILS
    else:
        shown, verdict = first, _verdict(first, control)
    return verdict.judgement(
        texts={"address": address_of(shown)},
        observed=_observed(shown, control),
        expected=_("an answer with EDNS, large ones too"),
        measured=_measured(first, answering),
        details=(*_details(evidence.resolvers, evidence.stub), *_sizes(evidence.sizes)),
        tried=tried_by(evidence.resolvers),
        facts=EdnsFacts(kind=EdnsKind.SILENT if verdict is LOSES else kind_of(first)),
    )


def _without_disproved(asked: ResolverAnswers, sizes: Sequence[SizedAnswer]) -> ResolverAnswers:
    """Without a long answer that was lost, where others as long came by the same way.

    Answers of known sizes are the control of the one long answer that is asked for: of a stranger's
    server, so that those that stay away prove nothing; but those that come whole prove that this
    resolver fetches such answers, and that nothing between it and this computer drops them.
    """
    lost = _kind_of_large(asked)
    if lost not in BY_SIZE:
        return asked
    answers = [each.asked.value for each in sizes if _came_whole(each)]
    arrived = max((answer.size_bytes for answer in answers if answer is not None), default=0)
    over_tcp = asked.large_tcp.value if asked.large_tcp is not None else None
    length = over_tcp.size_bytes if over_tcp is not None and usable(asked.large_tcp) else 0
    return replace(asked, large=None) if arrived >= max(length, PLAIN_LIMIT_BYTES + 1) else asked


def loses_much(resolver: ResolverAnswers) -> bool:
    """Whether questions of every kind had to be asked again: then those that were asked in vain
    tell nothing of their kind. A server that is slow answers the first that it was asked.
    """
    asked = (
        resolver.plain, resolver.cross_check, resolver.edns, resolver.edns_large_buffer,
        resolver.edns_dnssec, resolver.unknown_option, resolver.version_1, resolver.large,
        resolver.large_plain,
    )  # fmt: skip
    answers = [each.value for each in asked if each is not None and each.value is not None]
    again = sum(each.sends > 1 for each in answers)
    return again >= 2 and again >= ASKED_AGAIN_SHARE * len(answers)


def _fails(resolver: ResolverAnswers) -> bool:
    return kind_of(resolver).verdict.status is Status.FAIL


def _verdict(resolver: ResolverAnswers, control: ResolverAnswers | None) -> Verdict:
    kind = kind_of(resolver)
    verdict = kind.verdict
    if kind in BY_ROUTER and is_local(resolver):
        verdict = replace(verdict, summary=BY_ROUTER[kind])
    if verdict.status is Status.FAIL and control is not None and _fails(control):
        return replace(verdict, remedy=ON_THE_WAY, request=ON_THE_WAY_REQUEST)
    return verdict


def _observed(resolver: ResolverAnswers, control: ResolverAnswers | None) -> str:
    address, kind = address_of(resolver), kind_of(resolver)
    if kind in {EdnsKind.LARGE_LOST, EdnsKind.FRAGMENTS_LOST}:
        words = _("{address}: {size} answer lost over UDP; over TCP {tcp}").format(
            address=address, size=_size(resolver.large_tcp), tcp=answer_words(resolver.large_tcp)
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
        lines += [Detail(label=name, text=text) for text in _with_edns(each)]
        if each.large is not None and _withholds_long_name(each):
            text = _("not tested: `targets.dns_large_name` is not answered here, short or long")
            lines.append(Detail(label=name, text=text))
        elif _has_nothing_large(each):
            text = _("not tested: `targets.dns_large_name` has no answer over 512 bytes")
            lines.append(Detail(label=name, text=text))
    return tuple(lines)


def _with_edns(resolver: ResolverAnswers) -> list[str]:
    """What came of each question; those that met with the same share a line."""
    asked = (
        (_("EDNS, buffer 1232"), resolver.edns),
        (_("EDNS, buffer 4096"), resolver.edns_large_buffer),
        (_("EDNS, DO bit"), resolver.edns_dnssec),
        (_("unknown option"), resolver.unknown_option),
        (_("version 1"), resolver.version_1),
        (_("large answer"), resolver.large),
        (_("large answer without EDNS"), resolver.large_plain),
        (_("large answer over TCP"), resolver.large_tcp),
    )
    questions: dict[str, list[str]] = {}
    for question, answer in asked:
        if answer is not None:
            questions.setdefault(_line(answer), []).append(question)
    return [labelled(DOT.join(alike), met) for met, alike in questions.items()]


def _sizes(sizes: Sequence[SizedAnswer]) -> tuple[Detail, ...]:
    """What came of answers of known sizes; a stranger's sleep proves nothing."""
    if not sizes:
        return ()
    whole = [each for each in sizes if _came_whole(each)]
    if not whole:
        text = _("none came, which proves nothing: the server may be asleep")
        return (Detail(label=_("Answers of known sizes"), text=text),)
    words = [
        labelled(with_unit(each.frame_bytes, "B"), _("came") if each in whole else _("lost"))
        for each in sizes
    ]
    return (Detail(label=_("Answers of known sizes"), text="; ".join(words)),)


def _came_whole(each: SizedAnswer) -> bool:
    answer = each.asked.value
    return answer is not None and bool(answer.records) and not answer.truncated


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
    meaning=N_(
        "Name servers give longer and safer answers by EDNS. Where a router drops them, names "
        "are found slowly, or not at all."
    ),
    title=N_("EDNS name lookups"),
    term="EDNS",
    page=Page.EDNS,
    stands_for_page=True,
    settings=("resolvers",),
    method=N_("Questions with and without EDNS (RFC 6891), sent straight to the resolver"),
    reads_silence=True,
    needs=(DNS_SERVERS,),
    limits=NoLimits,
    judge=judge,
)
