"""What technical words mean, one plain sentence each; found in the texts of a finding."""

import re

from msgspec import Struct

from natwizard.model.finding import Finding
from natwizard.model.language import _


class Term(Struct, frozen=True, kw_only=True):
    """A word as texts of this language write it."""

    word: str
    meaning: str


def terms() -> tuple[Term, ...]:
    """The whole glossary, in the language of now."""
    return (*_terms_of_calls(), *_terms_of_networks(), *_terms_of_filters())


def _terms_of_calls() -> tuple[Term, ...]:
    gaps = _("Parts of a voice that never arrive; you hear gaps.")
    return (
        Term(
            word=_("jitter"),
            meaning=_("How unevenly the parts of a voice arrive; too much sounds chopped."),
        ),
        Term(word=_("packet loss"), meaning=gaps),
        Term(word=_("loss"), meaning=gaps),
        Term(
            word=_("round trip"),
            meaning=_("The time until an answer is back; from 100 ms on, people interrupt."),
        ),
        Term(
            word=_("median"),
            meaning=_("The middle of all values: half are smaller, half are larger."),
        ),
        Term(word="MOS", meaning=_("A mark for how a call sounds, from 1 (bad) to 5 (perfect).")),
        Term(
            word="kbit/s",
            meaning=_("How much a line carries each second; one call takes about 100."),
        ),
        Term(word="WebRTC", meaning=_("What browsers make calls with.")),
        Term(
            word="UDP",
            meaning=_("The fast way to send voices: each part travels alone, nobody waits."),
        ),
        Term(word="SIP", meaning=_("The language in which desk phones set up calls.")),
        Term(
            word="SIP ALG",
            meaning=_("A feature of routers that rewrites messages of desk phones, often badly."),
        ),
    )


def _terms_of_networks() -> tuple[Term, ...]:
    return (
        Term(
            word="EDNS",
            meaning=_("A way for name lookups to ask for more, and to get longer answers."),
        ),
        Term(
            word=_("resolver"),
            meaning=_("The server that turns names into addresses; often your router."),
        ),
        Term(
            word=_("name server"),
            meaning=_("The server that turns names into addresses; often your router."),
        ),
        Term(
            word=_("websocket"),
            meaning=_("A connection that stays open, so that calls can be announced at once."),
        ),
        Term(
            word="STUN",
            meaning=_("A question to a server outside: under which address do you see me?"),
        ),
        Term(
            word="TURN",
            meaning=_("A server that passes voices on where they find no direct way."),
        ),
        Term(
            word="TCP",
            meaning=_("The careful way to send data: whatever gets lost is sent again."),
        ),
        Term(
            word="NAT",
            meaning=_("What a router does when many computers share one public address."),
        ),
        Term(
            word=_("mapping"), meaning=_("The public address that a router lends to a connection.")
        ),
        Term(
            word=_("symmetric"),
            meaning=_("The router shows another public address to each call partner."),
        ),
        Term(word=_("port"), meaning=_("A numbered door of a computer; each service has its own.")),
        Term(word="IPv6", meaning=_("The newer kind of internet address, beside IPv4.")),
        Term(
            word=_("control server"),
            meaning=_("Another server that we ask too, to tell your network from theirs."),
        ),
    )


def _terms_of_filters() -> tuple[Term, ...]:
    return (
        Term(word="TLS", meaning=_("The encryption that keeps others from reading along.")),
        Term(
            word=_("certificate"),
            meaning=_("A server\u2019s proof of identity, issued by somebody browsers trust."),
        ),
        Term(
            word=_("proxy"),
            meaning=_("A server of your company that passes web traffic on, and may hold it up."),
        ),
        Term(
            word=_("proxy script"),
            meaning=_("A file of your company that tells browsers which pages go by which proxy."),
        ),
        Term(
            word=_("firewall"),
            meaning=_("What decides which connections may leave your network."),
        ),
        Term(word="VPN", meaning=_("A detour through another network, often your company\u2019s.")),
        Term(word=_("deep inspection"), meaning=_("A firewall that opens traffic and reads it.")),
        Term(word=_("policy"), meaning=_("A setting that your company fixes for everybody.")),
    )


def terms_in(finding: Finding) -> tuple[Term, ...]:
    """The words of the glossary that a finding uses, in the order they are met."""
    remedy = finding.remedy.text if finding.remedy is not None else ""
    details = (detail.text for detail in finding.details)
    text = " ".join((finding.summary, finding.observed, finding.expected, remedy, *details))
    met: list[tuple[int, Term]] = []
    taken: set[int] = set()
    # a pattern costs far more to make than to look whether its word is there at all
    small = text.lower()
    used = [term for term in terms() if term.word in (small if term.word.islower() else text)]
    for term in sorted(used, key=lambda term: -len(term.word)):
        for match in _pattern(term.word).finditer(text):
            letters = range(*match.span())
            if taken.isdisjoint(letters):
                taken.update(letters)
                met.append((match.start(), term))
    by_meaning: dict[str, Term] = {}
    for _at, term in sorted(met, key=lambda each: each[0]):
        by_meaning.setdefault(term.meaning, term)
    return tuple(by_meaning.values())


def _pattern(word: str) -> re.Pattern[str]:
    """The word by itself, with a plural s; acronyms only as they are written."""
    flags = re.IGNORECASE if word.islower() else re.NOFLAG
    return re.compile(rf"(?<![\w-]){re.escape(word)}s?(?![\w-])", flags)
