"""What is copied for IT: whoever can change something gets a paragraph written for them."""

import re
import sys
from collections.abc import Iterator, Mapping

import pytest

from natwizard.checks.catalogue import CHECKS
from natwizard.checks.verdict import Verdict, VerdictTable, passed
from natwizard.model.finding import Owner, Page, Status
from natwizard.model.language import ngettext_noop


def verdicts() -> Iterator[tuple[str, Verdict]]:
    """Every row of every table, and those that stand beside the tables."""
    assert CHECKS, "all modules of checks are loaded"
    for module in [name for name in sys.modules if name.startswith("natwizard.checks.")]:
        for name, value in vars(sys.modules[module]).items():
            if isinstance(value, Verdict):
                yield f"{module}.{name}", value
            elif isinstance(value, Mapping):
                rows = ((key, row) for key, row in value.items() if isinstance(row, Verdict))
                yield from ((f"{module}.{name}[{key}]", row) for key, row in rows)
            elif isinstance(value, type) and issubclass(value, VerdictTable):
                yield from ((f"{module}.{row}", row.verdict) for row in value)


ROWS = dict(verdicts())


@pytest.mark.parametrize("place", ROWS)
def test_a_row_says_what_to_do_and_asks_whoever_has_to_do_it(place: str) -> None:
    row = ROWS[place]
    if row.status is Status.PASS:
        assert (row.remedy, row.request) == ("", "")
    if row.owner is Owner.NETWORK_TEAM:
        assert row.request, "the network team gets a request of its own"
    if row.request:
        assert row.remedy
        assert row.request.startswith(("Please ", "To our account team at Natterbox: please "))


def test_tables_are_found() -> None:
    assert len(ROWS) > 300


CALLED: dict[Owner, str] = {
    Owner.AGENT: r"\bthe agent\b",
    Owner.HELPDESK: r"\bhelpdesk\b",
    Owner.NETWORK_TEAM: r"\bnetwork team\b",
    Owner.INTERNET_PROVIDER: r"\binternet provider\b",
    Owner.SALESFORCE_ADMINISTRATOR: r"\bSalesforce administrator\b",
}


@pytest.mark.parametrize("place", ROWS)
def test_nobody_is_told_to_turn_to_themselves(place: str) -> None:
    row = ROWS[place]
    assert not re.search(CALLED[row.owner], row.remedy, re.IGNORECASE), row.remedy


def test_a_summary_in_the_plural_speaks_of_one_unless_it_is_told_how_many() -> None:
    lines = passed(ngettext_noop("One line.", "{count} lines."))
    told = lines.judgement(texts={"count": 3}, observed="", expected="", count=3)
    assert told.summary == "3 lines."
    assert lines.judgement(observed="", expected="").summary == "One line."


def test_a_page_of_one_line_shows_one_measurement_and_for_voice_its_mark() -> None:
    standing: dict[Page, list[str]] = {}
    for check in CHECKS:
        if check.stands_for_page:
            standing.setdefault(check.page, []).append(check.name)
    assert all(len(names) == 1 for names in standing.values())
    assert standing[Page.UDP_MEDIA] == ["quality.mos"]
