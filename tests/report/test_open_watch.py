"""A saved watch is read back as it was, told apart from a report; anything else is one line."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from report.pdf_maker import pdf_with, stream
from report.samples import not_ready
from report.watch_samples import watch

from natwizard.model.watch import BadMoment, WatchColumn, WatchRecord
from natwizard.report.as_json import report_json, watch_json, write_json
from natwizard.report.files import UnreadableReport
from natwizard.report.open_report import open_report, open_saved, parse_any
from natwizard.report.watch_charts import watch_chart
from natwizard.report.watch_files import masked_watch, watch_csv, write_watch
from natwizard.report.watch_words import (
    watch_answer,
    watch_facts,
    watch_methods,
    watch_text,
)

JSON = watch_json(watch(5))


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("suffix", ["json", "pdf"])
@pytest.mark.parametrize("record", [watch(0), watch(5), masked_watch(watch(5))])
def test_a_watch_is_read_back_as_it_was(tmp_path: Path, suffix: str, record: WatchRecord) -> None:
    path = tmp_path / f"w.{suffix}"
    write_watch(record, path)
    assert open_saved(path) == record


def test_a_report_is_still_a_report_and_a_watch_is_none(tmp_path: Path) -> None:
    write_json(not_ready(), tmp_path / "r.json")
    assert report_json(not_ready()) == report_json(open_report(tmp_path / "r.json"))
    write_watch(watch(5), tmp_path / "w.json")
    with pytest.raises(UnreadableReport, match=r"w\.json: this is a watch of a connection"):
        open_report(tmp_path / "w.json")


def changed(**fields: object) -> bytes:
    table = msgspec.json.decode(JSON)
    table.update(fields)
    return msgspec.json.encode(table)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (JSON[:-100], "not a natwizard report"),
        (JSON + b"{}", "not a natwizard report"),
        (changed(columns="many"), "not a natwizard report"),
        (changed(kind="walk"), "not a natwizard report"),
        (changed(schema_version=2), "newer natwizard (format 2)"),
        (changed(note="x" * 5_000_000), "larger than 5 MB"),
        (pdf_with(stream(JSON[:-100]), b"watch.json"), "not a natwizard report"),
        (pdf_with(stream(JSON), b"walk.json"), "holds no natwizard report"),
        (pdf_with(stream(bytes(10**8), repeats=1), b"watch.json"), "damaged or incomplete"),
        (b'{"kind":"watch","schema_version":1,"x":' + b"[" * 10**6 + b"]" * 10**6 + b"}", "not a"),
    ],
)
def test_what_is_no_watch_is_told_in_one_line(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "w"
    path.write_bytes(content)
    with pytest.raises(UnreadableReport) as told:
        open_saved(path)
    assert reason in str(told.value)
    assert "\n" not in str(told.value)
    assert len(str(told.value)) < len(str(path)) + 250


@pytest.mark.parametrize(
    "fields",
    [
        {"lasted_s": 1e300},
        {"planned_s": -1},
        {"column_s": 0},
        {"started_at": "9999-12-31T23:00:00+00:00"},
        {"columns": [{"start_s": 0, "low": 3, "median": 2, "high": 1, "answered": 1, "lost": 0}]},
        {"columns": [{"start_s": -5, "low": 1, "median": 2, "high": 3, "answered": 1, "lost": 0}]},
        {"moments": [{"kind": "lost", "start_s": 0, "duration_s": 1e200}]},
        {"moments": [{"kind": "lost", "start_s": 0, "duration_s": 1, "times": 0}]},
        {"moments": [{"kind": "lost", "start_s": 0, "duration_s": 1, "worst": -4}]},
        {"moments": [{"kind": "lost", "start_s": 0, "duration_s": 1}] * 10_001},
        {"limits": {"lost_in_second": 10**18}},
        {"limits": {"busy_share": -1}},
        {"call": {"target": "t", "column_s": 0}},
        {"call": {"target": "t", "held_s": 1e300}},
        {"call": {"target": "t", "made_up_share": 7}},
        {"call": {"target": "t", "lost": -1}},
        {"call": {"target": "t", "delay_ms": 1e200}},
        {"call": {"target": "t", "transport": "pigeon"}},
        *(
            {"call": {"target": "t", name: columns}}
            for name in ("made_up", "delays", "round_trips", "jitters")
            for columns in (
                [{"start_s": 0, "low": 3, "median": 2, "high": 1, "answered": 1, "lost": 0}],
                [{"start_s": -5, "low": 1, "median": 2, "high": 3, "answered": 1, "lost": 0}],
                [{"start_s": 0, "low": 1, "median": 2, "high": 3, "answered": 1, "lost": 0}]
                * 10_001,
            )
        ),
    ],
)
def test_values_that_no_watch_can_bring_are_refused(fields: dict[str, object]) -> None:
    with pytest.raises(UnreadableReport):
        parse_any(changed(**fields), Path("w"))


NUMBERS = st.floats(-1e13, 1e13) | st.floats() | st.integers(-(10**19), 10**19)
Show = Callable[[WatchRecord], object]
VIEWS: tuple[Show, ...] = (
    watch_answer, watch_chart, watch_facts, watch_text, watch_csv, watch_methods, masked_watch,
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)
@given(NUMBERS, NUMBERS, NUMBERS, NUMBERS, st.text(max_size=40))
def test_whatever_is_let_in_can_be_shown(
    start_s: float, duration_s: float, low: float, lasted_s: float, text: str
) -> None:
    moment = {"kind": "late", "start_s": start_s, "duration_s": duration_s, "worst": low}
    column = {"start_s": start_s, "low": low, "median": low, "high": low, "answered": 3, "lost": 0}
    try:
        content = changed(
            moments=[moment], columns=[column], lasted_s=lasted_s, started_at=text, note=text,
            run_code=text, profile=text,
        )  # fmt: skip
        record = parse_any(content, Path("w"))
    except (UnreadableReport, msgspec.MsgspecError, OverflowError):
        return
    assert isinstance(record, WatchRecord)
    assert isinstance(record.moments[0], BadMoment)
    assert isinstance(record.columns[0], WatchColumn)
    for view in VIEWS:
        assert view(record)
