"""The glossary: each word once, one plain sentence, found where a finding uses it."""

import pytest
from gui.example_run import bad_findings, good_findings
from msgspec import structs

from natwizard.report.glossary import Term, terms, terms_in

FINDINGS = {one.check: one for one in (*good_findings(), *bad_findings())}


@pytest.mark.parametrize("term", terms(), ids=lambda term: term.word)
def test_a_meaning_is_one_plain_sentence(term: Term) -> None:
    assert term.meaning.endswith((".", "?"))
    assert len(term.meaning.split()) <= 15
    known = {other.word for other in terms() if other.word.isupper()} - {term.word, "IPv6"}
    assert not known & set(term.meaning.replace(".", "").split()), "no word explains another"


def test_each_word_stands_once() -> None:
    words = [term.word for term in terms()]
    assert len(words) == len(set(words))


@pytest.mark.parametrize(
    ("check", "words"),
    [
        ("port.webphone", ["port", "websocket", "TCP", "proxy"]),
        ("filter.tls_interception", ["certificate", "TLS"]),
        ("computer.ram", []),
        ("dns.edns", ["resolver", "EDNS"]),
    ],
)
def test_the_words_of_a_finding_are_explained_in_their_order(check: str, words: list[str]) -> None:
    assert [term.word for term in terms_in(FINDINGS[check])] == words


def test_a_longer_word_is_not_explained_by_its_part() -> None:
    finding = structs.replace(FINDINGS["computer.ram"], summary="SIP ALG; packet loss; endSIP.")
    assert [term.word for term in terms_in(finding)] == ["SIP ALG", "packet loss"]
