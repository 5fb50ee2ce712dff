"""The report as one HTML file: complete, closed, inert."""

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest
from msgspec.structs import replace
from report.samples import not_ready, overlong, ready

from natwizard.model.finding import Status
from natwizard.model.report import Report
from natwizard.report.as_html import report_html
from natwizard.report.html.markup import element
from natwizard.report.plain import plain

REPORTS = {"not_ready": not_ready(), "ready": ready(), "overlong": overlong()}
VOID = {"meta", "br"}
HARMLESS = {
    "html", "head", "meta", "title", "style", "body", "main", "header", "footer", "section", "div",
    "span", "p", "b", "strong", "h1", "h2", "h3", "dl", "dt", "dd", "ul", "li", "table", "thead",
    "tbody", "tr", "th", "td", "br", "a", "svg", "path", "circle", "line", "polyline", "polygon",
    "text",
}  # fmt: skip


class Reader(HTMLParser):
    """Collects texts and elements, and checks that what opens is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _value in attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.texts.append(data)


def read(report: Report) -> Reader:
    reader = Reader()
    reader.feed(report_html(report))
    reader.close()
    assert reader.open == []
    return reader


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_only_harmless_elements_are_used(report: Report) -> None:
    reader = read(report)
    assert reader.tags <= HARMLESS
    assert not any(name.startswith("on") for name in reader.attributes)
    assert reader.attributes.isdisjoint({"src", "style", "action", "target", "ping"})


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_every_text_is_there_and_only_as_text(report: Report) -> None:
    texts = " ".join(read(report).texts)
    for finding in report.findings:
        for text in (finding.title, finding.observed, finding.expected):
            assert plain(text) in texts


def test_the_order_is_that_of_the_pdf() -> None:
    page = report_html(not_ready())
    titles = re.findall(r"<h[12]>(.*?)</h[12]>", page)
    assert titles == [
        "Not ready", "Fix first", "All results", "The test call",
        "Problem 1 in detail: Webphone port TCP 10062", "Also worth knowing",
        "Text for the network team", "What each row means", "How this was measured",
    ]  # fmt: skip


def test_the_policy_allows_its_own_style_and_nothing_else() -> None:
    page = report_html(ready())
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert "default-src &#x27;none&#x27;" in page
    assert f"sha256-{digest}" in page
    assert "url(" not in style[1]
    assert "@import" not in style[1]


def test_it_is_dark_where_the_reader_is_and_light_on_paper() -> None:
    page = report_html(ready())
    assert "@media screen and (prefers-color-scheme:dark)" in page
    assert "@media print" in page


def test_every_status_has_glyph_and_word() -> None:
    told = not_ready()
    unset = replace(told.findings[0], status=Status.NOT_SET_UP)
    page = report_html(replace(told, findings=(*told.findings, unset)))
    rows = re.findall(r'<tr class="(\w+)"><td><svg .*?</svg> ([\w ]+)</td>', page)
    assert {status for status, _word in rows} == {status.value for status in Status}


def test_a_glyph_without_a_word_beside_it_is_spoken() -> None:
    page = report_html(not_ready()).partition("What each row means")[0]
    headings = re.findall(r"<h3>(.*?)</h3>", page)
    cards = re.findall(r'<div class="fix \w+">(.*?)<div>', page)
    assert len(headings) > 0
    assert len(cards) == 3
    assert all('role="img" aria-label="' in each for each in (*headings, *cards))


def test_markup_from_outside_stays_text() -> None:
    built = element("p", "<script>alert(1)</script>", title='"><img src=x onerror=y>')
    assert built == (
        '<p title="&quot;&gt;&lt;img src=x onerror=y&gt;">&lt;script&gt;alert(1)&lt;/script&gt;</p>'
    )
