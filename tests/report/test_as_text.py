"""The report as plain text: nothing is wider than asked, nothing steers a terminal."""

import unicodedata

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report.samples import not_ready, overlong, ready

from natwizard.model.report import Report
from natwizard.report.as_text import copy_for_helpdesk, display_width, report_text
from natwizard.report.plain import plain, plain_paragraphs
from natwizard.report.redact import redact

REPORTS = {"not_ready": not_ready(), "ready": ready(), "overlong": overlong()}


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
@pytest.mark.parametrize("width", [1, 24, 50, 71, 72, 80, 100, 200])
def test_no_line_is_wider_than_asked(report: Report, width: int) -> None:
    lines = report_text(report, width).splitlines()
    assert max(map(display_width, lines)) <= max(width, 24)


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_every_check_and_the_run_code_are_told(report: Report) -> None:
    wide = " ".join(report_text(report, 400).split())
    assert report.run_code in wide
    assert all(" ".join(plain(finding.title).split()) in wide for finding in report.findings)


def test_the_answer_comes_first() -> None:
    text = report_text(not_ready(), 100)
    places = [
        text.index(part)
        for part in (
            "NOT READY",
            "Calls would not work here yet.",
            "Fix first",
            "1. Your network blocks",
            "Network team: Allow outgoing",
            "and 4 more",
            "Result",
            "2 problems",
            "22 Nov 2026, 14:06 (UTC+1)",
            "Run code: maple river copper lamp",
        )
    ]
    assert places == sorted(places)


def test_columns_stand_under_their_names() -> None:
    lines = report_text(not_ready(), 100).splitlines()
    head = next(line for line in lines if line.startswith("Result"))
    row = next(line for line in lines if "Packet loss" in line)
    assert row.index("Packet loss") == head.index("Check")
    assert row.index("0.87") == head.index("Measured")
    assert row.index("under 1 %") == head.index("Needed")


def test_wide_characters_count_twice() -> None:
    report = msgspec.structs.replace(
        not_ready(),
        findings=tuple(
            msgspec.structs.replace(finding, title="日本語の検査項目" * 6, observed="é" * 90)
            for finding in not_ready().findings
        ),
    )
    assert max(map(display_width, report_text(report, 80).splitlines())) <= 80


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
