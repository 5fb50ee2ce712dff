"""A report as JSON, its schema, and the golden report.

After a deliberate change of the format, write the golden report anew:
PYTHONPATH=tests .venv/bin/python -m report.make_golden
"""

import re
import sys
from pathlib import Path

import msgspec
import pytest
from report.samples import not_ready, overlong, ready
from report.schema_check import mismatches

from natwizard.model.report import Report
from natwizard.report.as_json import report_json, write_json
from natwizard.report.open_report import open_report
from natwizard.report.redact import redact
from natwizard.report.schema import report_schema

GOLDEN = Path(__file__).parents[1] / "golden" / "report.json"
REPORTS = {"not_ready": not_ready(), "ready": ready(), "overlong": overlong()}


def test_the_golden_report_has_not_changed() -> None:
    text, golden = report_json(not_ready()).decode(), GOLDEN.read_text("utf-8")
    if sys.platform != "linux":  # logarithms of other C libraries differ in the tenth digit
        text, golden = (
            re.sub(r"\d+\.\d+", lambda found: f"{float(found[0]):.6f}", each)
            for each in (text, golden)
        )
    assert text == golden


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_a_report_comes_back_as_it_was(report: Report, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    write_json(report, path)
    again = open_report(path)
    # evidence is compared as values: its white space is the file's
    assert report_json(again) == report_json(report)
    assert again.findings == report.findings
    assert path.read_bytes().endswith(b"}\n")


@pytest.mark.parametrize(
    "report", [*REPORTS.values(), redact(not_ready())], ids=[*REPORTS, "redacted"]
)
def test_every_report_keeps_to_the_schema(report: Report) -> None:
    schema = msgspec.json.decode(report_schema())
    problems = list(mismatches(msgspec.json.decode(report_json(report)), schema, schema))
    assert problems == []


def test_the_schema_introduces_itself() -> None:
    schema = msgspec.json.decode(report_schema())
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == "urn:natwizard:report:1"
    assert {"title", "description"} <= schema.keys()
    assert set(schema["$defs"]["Report"]["required"]) >= {"schema_version", "verdict", "findings"}
    assert schema["$defs"]["ProbeRecord"]["properties"]["evidence"] == {}


def test_the_schema_check_of_these_tests_finds_mistakes() -> None:
    schema = msgspec.json.decode(report_schema())
    broken = msgspec.json.decode(report_json(ready()))
    broken["verdict"] = "splendid"
    broken["findings"][0]["title"] = 7
    del broken["run_code"]
    assert len(list(mismatches(broken, schema, schema))) == 3


def test_the_golden_report_names_nobody_real() -> None:
    text = GOLDEN.read_text("utf-8")
    addresses = set(re.findall(r"\b\d{1,3}(?:\.\d{1,3}){3}\b", text))
    assert all(address.startswith(("203.0.113.", "198.51.100.")) for address in addresses)
