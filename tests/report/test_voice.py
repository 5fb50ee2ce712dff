"""What a report shows of a voice: small pictures of its level and of what a call made up."""

import re
from pathlib import Path

import pytest
from msgspec import structs
from pypdf import PdfReader
from report.samples import not_ready, record, wavy_chart

from natwizard.drawing.chart_scale import ChartScale, chart_sentence, top_of
from natwizard.model.finding import Chart, ChartColumn, ChartKind, Detail, Status
from natwizard.model.report import Report
from natwizard.report.as_html import report_html
from natwizard.report.as_json import report_json
from natwizard.report.as_pdf import write_pdf
from natwizard.report.as_text import document_text
from natwizard.report.document import Picture, report_document
from natwizard.report.redact import redact

DEVICE = "Jabra Evolve2 40"


def chart(title: str, unit: str, *values: float, base: float = 0.0, limit: float = 3) -> Chart:
    columns = tuple(
        ChartColumn(start_s=place / 10, low=value, median=value, high=value)
        for place, value in enumerate(values)
    )
    return Chart(
        title=title, kind=ChartKind.VOICE, unit=unit, base=base, span=-base, limit_ms=limit,
        length_s=4, columns=columns,
    )  # fmt: skip


LEVEL = chart("Level of the microphone", "dBFS", 0, 38, 40, 2, base=-60, limit=20)
MADE_UP = chart("Voice that the browser had to make up", "%", 0, 0, 24.4, 1)


@pytest.fixture
def report() -> Report:
    microphone, call, line, *others = not_ready().findings
    kind = Detail(label="Kind of device", text="a USB headset")
    findings = (
        structs.replace(
            microphone,
            status=Status.WARN,
            chart=LEVEL,
            details=(kind, Detail(label="Name", text=DEVICE)),
        ),
        structs.replace(call, status=Status.WARN, chart=MADE_UP),
        structs.replace(line, chart=wavy_chart()),
        *(structs.replace(each, chart=None) for each in others),
    )
    heard = {"state": "finished", "recorded": {"device": DEVICE}}
    return structs.replace(not_ready(), findings=findings, outcomes=(record("headset", heard),))


def test_both_pictures_stand_together_apart_from_the_line(report: Report, tmp_path: Path) -> None:
    sections = {
        section.heading: [each for each in section.blocks if isinstance(each, Picture)]
        for section in report_document(report).sections
    }
    assert [each.chart for each in sections["Your voice in the browser"]] == [LEVEL, MADE_UP]
    assert [each.chart for each in sections["The test call"]] == [wavy_chart()]
    text = document_text(report_document(report)).replace("\u00a0", " ")
    assert "Level of the microphone: between \u221260 dBFS and \u221220 dBFS over 4 s." in text
    assert "Voice that the browser had to make up: between 0 % and 24 % over 4 s." in text
    write_pdf(report, tmp_path / "r.pdf")
    printed = "".join(page.extract_text() for page in PdfReader(tmp_path / "r.pdf").pages)
    assert "Your voice in the browser" in printed


def test_the_pictures_of_a_voice_share_a_row_on_paper(report: Report, tmp_path: Path) -> None:
    write_pdf(report, tmp_path / "r.pdf")
    heights: dict[str, float] = {}

    def seen(text: str, _user: object, matrix: list[float], _font: object, _size: float) -> None:
        for title in ("Level of the microphone", "Voice that the browser had to make up"):
            if title in text:
                heights[title] = round(matrix[5], 1)

    for page in PdfReader(tmp_path / "r.pdf").pages:
        page.extract_text(visitor_text=seen)
    assert len(heights) == 2
    assert len(set(heights.values())) == 1


def test_the_page_draws_them_in_their_own_units(report: Report) -> None:
    drawn = re.findall(r"<svg[^>]*class=\"chart\".*?</svg>", report_html(report), re.DOTALL)
    level, made_up = (
        next(each for each in drawn if chart_sentence(of) in each) for of in (LEVEL, MADE_UP)
    )
    assert "0\u00a0dBFS</text>" in level
    assert ">\u221240</text>" in level
    assert "limit \u221240\u00a0dBFS" in level
    assert "limit 3\u00a0%" in made_up
    assert not [each for each in (level, made_up) if " ms<" in each]


def test_an_axis_with_a_span_of_its_own_shows_all_of_it() -> None:
    assert top_of(LEVEL) == 60
    scale = ChartScale(
        left=0, right=100, top=0, bottom=60, length_s=4, top_ms=60, unit="dBFS", base=-60
    )
    assert next(label for _value, label in scale.value_ticks()) == "\u221260"
    assert scale.y(40) == 20


def test_a_masked_report_names_the_kind_of_device_alone(report: Report) -> None:
    whole, masked = report_json(report).decode(), report_json(redact(report)).decode()
    assert DEVICE in whole
    assert DEVICE not in masked
    assert "a USB headset" in masked
