"""The report as plain text: complete, and nothing in it steers a terminal."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report.samples import not_ready, overlong, ready
from report.views import report_text

from natwizard.model.report import Report
from natwizard.report.as_text import copy_for_helpdesk
from natwizard.report.plain import plain, plain_paragraphs
from natwizard.report.redact import redact

REPORTS = {"not_ready": not_ready(), "ready": ready(), "overlong": overlong()}


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_every_check_and_the_run_code_are_told(report: Report) -> None:
    lines = report_text(report).splitlines()
    assert any(report.run_code in line for line in lines)
    for finding in report.findings:
        title, observed = plain(finding.title), plain(finding.observed)
        assert any(title in line and observed in line for line in lines)


def test_the_answer_comes_first() -> None:
    text = report_text(not_ready())
    places = [
        text.index(part)
        for part in (
            "Not ready: Calls would not work here yet.",
            "22 Nov 2026, 14:06 (UTC+1)",
            "Fix first",
            "1. Your network blocks",
            "Network team does this",
            "4 more below",
            "2 problems",
            "Result",
            "Also worth knowing",
        )
    ]
    assert places == sorted(places)


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
@pytest.mark.parametrize("view", [report_text, copy_for_helpdesk])
def test_no_control_character_gets_through(report: Report, view: object) -> None:
    assert callable(view)
    text = view(report)
    assert {unicodedata.category(character) for character in text.replace("\n", "")}.isdisjoint(
        {"Cc", "Cf", "Cs"}
    )


def test_the_copy_for_the_helpdesk_holds_all_they_ask_for() -> None:
    text = copy_for_helpdesk(redact(not_ready()))
    for part in (
        "Not ready: Calls would not work here yet. Two things need your network team.",
        "1. Your network blocks",
        "7. Does the site",
        "Problem: Webphone port TCP 10062: no answer in 3 × 3 s (needed: open websocket)",  # noqa: RUF001
        "OK: Browser is the newest version",
        "Windows 11",
        "names and addresses masked",
        "Run code: maple river copper lamp",
    ):
        assert part in text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("tab\tbell\x07", "tab\\x09bell\\x07"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("a\u2028b", "a\\u2028b"),
        ("\U000e0041", "\\U000e0041"),
        ("\ufffe", "\\ufffe"),
        ("5\u00a0ms, 20\u2009%", "5\u00a0ms, 20\u2009%"),
        ("日本", "日本"),
        ("", ""),
    ],
)
def test_plain_shows_what_hides(text: str, shown: str) -> None:
    assert plain(text) == shown


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_plain_text_is_one_line_and_stays_as_it_is(text: str) -> None:
    shown = plain(text)
    assert len(shown.splitlines()) <= 1
    assert plain(shown) == shown


def test_paragraphs_keep_their_line_breaks() -> None:
    assert plain_paragraphs("a\r\nb\x00\nc") == "a\nb\\x00\nc"
