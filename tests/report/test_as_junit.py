"""The report as JUnit XML."""

import xml.etree.ElementTree as ET

import msgspec
import pytest
from report.samples import not_ready, overlong, ready

from natwizard.model.finding import Status
from natwizard.model.report import Report
from natwizard.report.as_junit import report_junit


def suite_of(report: Report) -> ET.Element:
    suite = ET.fromstring(report_junit(report)).find("testsuite")  # noqa: S314 - our own bytes
    assert suite is not None
    return suite


@pytest.mark.parametrize("report", [not_ready(), ready(), overlong()])
def test_every_finding_is_a_case_and_the_totals_add_up(report: Report) -> None:
    suite = suite_of(report)
    assert int(suite.attrib["tests"]) == len(suite.findall("testcase")) == len(report.findings)
    for total, outcome in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert int(suite.attrib[total]) == len(suite.findall(f"testcase/{outcome}"))


@pytest.mark.parametrize(
    ("status", "required", "outcome"),
    [
        (Status.FAIL, True, "failure"),
        (Status.UNKNOWN, True, "error"),
        (Status.UNKNOWN, False, "skipped"),
        (Status.MANUAL, True, "skipped"),
        (Status.NOT_APPLICABLE, True, "skipped"),
        (Status.WARN, True, None),
        (Status.BORDERLINE, True, None),
        (Status.PASS, True, None),
    ],
)
def test_statuses_become_outcomes(status: Status, required: bool, outcome: str | None) -> None:
    finding = msgspec.structs.replace(ready().findings[0], status=status, required=required)
    case = suite_of(msgspec.structs.replace(ready(), findings=(finding,))).find("testcase")
    assert case is not None
    assert {child.tag for child in case} == {"system-out", *([outcome] if outcome else [])}


def test_the_suite_names_run_and_computer() -> None:
    suite = suite_of(not_ready())
    named = {each.attrib["name"]: each.attrib["value"] for each in suite.iter("property")}
    assert named["run_code"] == "maple river copper lamp"
    assert named["verdict"] == "not_ready"
    assert suite.attrib["time"] == "47.200"


def test_texts_no_xml_may_hold_are_escaped() -> None:
    finding = msgspec.structs.replace(
        not_ready().findings[0], status=Status.FAIL, summary="\x00\x1b\ufffe ]]> <&\"'>"
    )
    case = suite_of(msgspec.structs.replace(not_ready(), findings=(finding,))).find("*/failure")
    assert case is not None
    assert case.attrib["message"] == "\\x00\\x1b\\ufffe ]]> <&\"'>"
