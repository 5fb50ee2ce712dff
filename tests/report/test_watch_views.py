"""What a watch says: the answer, its text, its table, its PDF and its schema."""

import csv
import io
import json
from pathlib import Path
from typing import Literal

import msgspec
import pytest
from pypdf import PdfReader
from report.schema_check import mismatches
from report.watch_samples import watch, watch_with_call

from natwizard.model.finding import Status
from natwizard.model.watch import WatchColumn, WatchedCall, WatchFigures, WatchRecord
from natwizard.report.as_json import watch_json
from natwizard.report.as_pdf import write_watch_pdf
from natwizard.report.pdf.text import PageSize
from natwizard.report.schema import watch_schema
from natwizard.report.watch_charts import watch_chart
from natwizard.report.watch_files import masked_watch, watch_csv, write_watch
from natwizard.report.watch_words import span_words, watch_answer, watch_text

EMPTY = msgspec.structs.replace(watch(0), columns=(), figures=WatchFigures(), lasted_s=12)
SLOW_ONLY = msgspec.structs.replace(watch(1))


@pytest.mark.parametrize(
    ("record", "status", "title"),
    [
        (watch(0), Status.PASS, "Steady"),
        (SLOW_ONLY, Status.WARN, "1 bad moment"),
        (watch(4), Status.FAIL, "4 bad moments"),
        (watch(5), Status.FAIL, "4 bad moments"),
        (EMPTY, Status.UNKNOWN, "Could not tell"),
    ],
)
def test_the_answer_counts_what_is_the_lines(
    record: WatchRecord, status: Status, title: str
) -> None:
    answer = watch_answer(record)
    assert (answer.status, answer.title) == (status, title)
    assert answer.sentence.endswith(".")


def test_the_text_has_each_moment_at_its_time_of_day() -> None:
    text = watch_text(watch(4))
    assert "14:26:12  Nothing came back, 1\u00a0min, 3,000 packets" in text
    assert "maple river copper lamp" in text


def test_the_table_names_what_was_wrong_in_each_row() -> None:
    rows = list(csv.DictReader(io.StringIO(watch_csv(watch(4)).decode())))
    assert len(rows) == len(watch(4).columns)
    silent = [row for row in rows if row["bad"] == "no_answer"]
    assert {row["answered"] for row in silent} == {"0"}
    assert {row["median_ms"] for row in silent} == {""}
    assert rows[0]["time"] == "2026-11-22T14:06:12+01:00"


def test_the_table_has_what_the_call_counted_beside_the_line() -> None:
    record = watch_with_call()
    rows = list(csv.DictReader(io.StringIO(watch_csv(record).decode())))
    assert len(rows) == len(record.columns)
    lossy = next(row for row in rows if row["second"] == "2400")
    assert (lossy["lost"], lossy["call_lost"]) == ("7", "7")
    assert lossy["call_made_up_ms"] == "320.000"
    assert lossy["call_most_made_up_ms"] == "384.000"
    assert float(lossy["call_delay_ms"]) > 60
    assert lossy["call_round_trip_ms"] == "31.000"
    assert lossy["call_jitter_ms"] == "3.000"
    assert set(lossy["bad"].split()) == {"lost", "call_gaps"}
    assert "call_lost" not in watch_csv(watch(4)).decode()


@pytest.mark.parametrize(("line_s", "call_s", "row_s"), [(1.0, 8.0, 8.0), (8.0, 1.0, 8.0)])
def test_a_call_and_its_line_may_have_columns_of_other_widths(
    line_s: float, call_s: float, row_s: float
) -> None:
    """What is in the finer ones is put together: nothing is lost, and nothing counted twice."""

    def columns(width_s: float) -> tuple[WatchColumn, ...]:
        return tuple(
            WatchColumn(start_s=start * width_s, low=1, median=2, high=3, answered=49, lost=1)
            for start in range(int(64 / width_s))
        )

    call = WatchedCall(target="", column_s=call_s, made_up=columns(call_s), delays=columns(call_s))
    record = msgspec.structs.replace(watch(0), column_s=line_s, columns=columns(line_s), call=call)
    rows = list(csv.DictReader(io.StringIO(watch_csv(record).decode())))
    assert [float(row["second"]) for row in rows] == [row_s * place for place in range(8)]
    assert sum(int(row["lost"]) for row in rows) == len(record.columns)
    assert sum(int(row["call_lost"]) for row in rows) == len(call.made_up)


def test_a_call_without_a_line_has_its_rows() -> None:
    record = msgspec.structs.replace(watch_with_call(), columns=(), column_s=1.0)
    rows = list(csv.DictReader(io.StringIO(watch_csv(record).decode())))
    assert len(rows) == len(watch_with_call().columns)
    assert {row["median_ms"] for row in rows} == {""}


@pytest.mark.parametrize(
    ("transport", "words"),
    [("udp", "Opus over UDP,"), ("tls", "Opus over TLS on port 443,"), ("", "Opus over -,")],
)
def test_the_way_of_a_call_is_told_as_in_a_report(
    transport: Literal["udp", "tls", ""], words: str
) -> None:
    record = watch_with_call()
    assert record.call is not None
    call = msgspec.structs.replace(record.call, transport=transport)
    assert words in watch_text(msgspec.structs.replace(record, call=call))


def test_json_follows_the_published_schema_and_reads_back() -> None:
    content = watch_json(watch(5))
    schema = json.loads(watch_schema())
    assert list(mismatches(json.loads(content), schema, schema)) == []
    assert msgspec.json.decode(content, type=WatchRecord) == watch(5)


def test_masks_leave_out_who_and_which_computer(tmp_path: Path) -> None:
    shown = masked_watch(watch(4, machine_name="KIMS-DESK"))
    for suffix in ("json", "csv", "pdf"):
        write_watch(shown, tmp_path / f"w.{suffix}")
        assert b"KIMS-DESK" not in (tmp_path / f"w.{suffix}").read_bytes()
    attached = PdfReader(tmp_path / "w.pdf").attachments["watch.json"][0]
    assert b"KIMS-DESK" not in attached
    assert b"media.example.com" in attached


def test_the_pdf_repeats_its_table_head_and_stays_small(tmp_path: Path) -> None:
    path = tmp_path / "watch.pdf"
    write_watch_pdf(watch(100), path, page_size=PageSize.LETTER)
    pages = [page.extract_text() for page in PdfReader(path).pages]
    assert len(pages) == 3
    assert all("How long" in page for page in pages)
    assert "Continued on page 2." in pages[0]
    assert path.stat().st_size < 300_000


def test_a_call_stands_beside_the_line(tmp_path: Path) -> None:
    record = watch_with_call()
    assert watch_answer(record).title == "5 bad moments"
    text = watch_text(record).replace("\u00a0", " ")
    assert "14:46:13  Speech was missing in the call, 2 s, 640 ms made up" in text
    assert "1.81 % made up, 0.85 % lost, 84 ms late, at most 310 ms, for 59 min" in text
    assert "through turn.example.com:3478, by Opus over UDP" in text
    assert "turn.example.com:3478" in watch_json(masked_watch(record)).decode()
    path = tmp_path / "watch.pdf"
    write_watch_pdf(record, path)
    assert "The call in the browser" in "".join(
        page.extract_text() for page in PdfReader(path).pages
    )


def test_silence_does_not_pull_the_chart_down() -> None:
    chart = watch_chart(watch(0))
    assert min(column.median for column in chart.columns) > 20
    assert chart.length_s == 3600


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.5, "0.5 s"), (47, "47 s"), (60, "1 min"), (125, "2 min 5 s"), (3600, "1 h"),
     (3900, "1 h 5 min"), (9.0, "9 s")],
)  # fmt: skip
def test_spans_are_short(seconds: float, words: str) -> None:
    assert span_words(seconds).replace("\u00a0", " ") == words
