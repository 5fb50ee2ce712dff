"""A report as JUnit XML, for pipelines that watch a fleet of computers.

One test case a finding. A problem is a failure. "Could not tell" is an error where the check is
required (the test did not work, which is not the same as failing) and skipped where it is only
advice. Questions for a person and rows for other roles are skipped. Advice and borderline results
pass, with their sentence as output, as they do not hold the verdict back.
"""

import xml.etree.ElementTree as ET

from natwizard.model.finding import Finding, Status
from natwizard.model.language import _
from natwizard.model.report import LeftOut, Report
from natwizard.report.checklist_words import result_word
from natwizard.report.facts import read_moment
from natwizard.report.plain import plain
from natwizard.report.words import far_end_words


def report_junit(report: Report) -> bytes:
    """UTF-8 XML with its declaration; control characters are escaped as \\x1b."""
    suite = ET.Element("testsuite", _totals(report))
    properties = ET.SubElement(suite, "properties")
    for name, value in _properties(report):
        ET.SubElement(properties, "property", {"name": name, "value": plain(value)})
    for finding in report.findings:
        _add_case(suite, finding)
    for left_out in report.left_out:
        _add_left_out(suite, left_out)
    suites = ET.Element("testsuites")
    suites.append(suite)
    ET.indent(suites)
    content: bytes = ET.tostring(suites, encoding="utf-8", xml_declaration=True)
    return content + b"\n"


def _totals(report: Report) -> dict[str, str]:
    outcomes = [_outcome(finding) for finding in report.findings]
    totals = {
        "name": "natwizard",
        "tests": str(len(outcomes) + len(report.left_out)),
        "failures": str(outcomes.count("failure")),
        "errors": str(outcomes.count("error")),
        "skipped": str(outcomes.count("skipped") + len(report.left_out)),
        "time": f"{_took_s(report):.3f}",
        "timestamp": report.started_at,
        "hostname": report.machine.host_name,
    }
    return {key: plain(value) for key, value in totals.items()}


def _took_s(report: Report) -> float:
    started, finished = read_moment(report.started_at), read_moment(report.finished_at)
    try:
        return max(0.0, (finished - started).total_seconds()) if started and finished else 0.0
    except TypeError:
        return 0.0


def _properties(report: Report) -> tuple[tuple[str, str], ...]:
    return (
        ("verdict", report.verdict.value),
        ("run_code", report.run_code),
        ("run_id", report.run_id),
        ("app_version", report.app_version),
        ("profile", f"{report.profile.name} {report.profile.version}"),
        ("role", report.answers.role.value),
    )


def _outcome(finding: Finding) -> str:
    match finding.status:
        case Status.FAIL:
            return "failure"
        case Status.UNKNOWN if finding.required:
            return "error"
        case Status.UNKNOWN | Status.MANUAL | Status.NOT_SET_UP | Status.NOT_APPLICABLE:
            return "skipped"
        case _:
            return ""


def _add_case(suite: ET.Element, finding: Finding) -> None:
    name = plain(f"{finding.check} {finding.title}")
    case = ET.SubElement(suite, "testcase", {"classname": finding.page.value, "name": name})
    outcome = _outcome(finding)
    if outcome:
        kind = {"type": finding.status.value, "message": plain(finding.summary)}
        ET.SubElement(case, outcome, kind).text = _body(finding)
    ET.SubElement(case, "system-out").text = _body(finding)


def _add_left_out(suite: ET.Element, left_out: LeftOut) -> None:
    """A dashboard that counts tests must not take a part of a run for a whole one."""
    name = plain(f"{left_out.check} {left_out.title}")
    case = ET.SubElement(suite, "testcase", {"classname": left_out.page.value, "name": name})
    ET.SubElement(case, "skipped", {"type": "not_run", "message": _("This check was not run.")})


def _body(finding: Finding) -> str:
    """What was measured and what was needed, then what to do."""
    lines = [
        f"{result_word(finding)}: {finding.summary}",
        f"measured: {finding.observed}",
        f"needed: {finding.expected}",
    ]
    if finding.far_end is not None:
        lines.append(f"measured to: {far_end_words(finding.far_end)}")
    if finding.remedy is not None:
        lines.append(f"{finding.remedy.owner.value}: {finding.remedy.text}")
    return "\n".join(plain(line) for line in lines)
