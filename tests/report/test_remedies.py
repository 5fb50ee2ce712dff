"""No remedy sends anybody on an errand that the report itself shows to be in vain."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from natwizard.model.finding import Finding, Owner, Remedy, Status
from natwizard.model.report import Report
from natwizard.report.details import fixes_of

GOLDEN = Path(__file__).parents[1] / "golden"
LAB_REPORTS = os.environ.get("NATWIZARD_LAB_REPORTS", "")
"""A folder of reports that `python -m lab.reports` wrote, to be held to the same rules."""

CONNECT = re.compile(r"\bconnect (?:this computer )?to (?:the internet|a network)\b", re.IGNORECASE)
LOOK_ELSEWHERE = re.compile(r"\b(?:look at|see) the [\w ]*(?:page|row)\b", re.IGNORECASE)
ASK_HELPDESK = re.compile(r"\b(?:tell|ask|to) your helpdesk\b", re.IGNORECASE)
SETTING = re.compile(r"\bset .*\btargets\.(\w+)", re.IGNORECASE)
ALLOW_PORT = re.compile(r"\ballow outgoing TCP (\d+)\b")
GETS_OUT = ("port.tcp80", "port.tcp443", "port.webphone", "udp.stun", "udp.range")


def faults_of(report: Report) -> Iterator[str]:
    """What is wrong with the remedies of one report, one line each."""
    found = {finding.check: finding for finding in report.findings}
    works = [check for check in GETS_OUT if check in found and found[check].status is Status.PASS]
    told = {fix.finding.check for fix in fixes_of(report)}
    for finding in report.findings:
        remedy = finding.remedy
        if remedy is None or (finding.check not in told and finding.depends_on):
            continue
        if works and finding.check != "browser.version" and CONNECT.search(remedy.text):
            yield f"{finding.check} tells somebody to connect, while {works[0]} passes"
        if LOOK_ELSEWHERE.search(remedy.text):
            yield f"{finding.check} sends somebody to another page: {remedy.text}"
        if remedy.owner is Owner.HELPDESK and ASK_HELPDESK.search(remedy.text):
            yield f"{finding.check} tells the helpdesk to ask the helpdesk"
        yield from _set_already(finding, report)
        yield from _open_already(finding, found)


def _set_already(finding: Finding, report: Report) -> Iterator[str]:
    wanted = SETTING.search(finding.remedy.text if finding.remedy else "")
    is_second = "second" in (finding.remedy.text if finding.remedy else "")
    if wanted is None:
        return
    value = getattr(report.profile.targets, wanted[1], None)
    several = isinstance(value, tuple) and len(value) > 0
    if value and (several or not is_second):
        yield f"{finding.check} asks to set targets.{wanted[1]}, which is set"


def _open_already(finding: Finding, found: dict[str, Finding]) -> Iterator[str]:
    wanted = ALLOW_PORT.search(finding.remedy.text if finding.remedy else "")
    check = {"80": "port.tcp80", "443": "port.tcp443", "10062": "port.webphone"}.get(
        wanted[1] if wanted else ""
    )
    if check in found and found[check].status is Status.PASS:
        yield f"{finding.check} asks to allow a port that {check} saw open"


def reports() -> list[Path]:
    folders = [GOLDEN, *([Path(LAB_REPORTS)] if LAB_REPORTS else [])]
    return [path for folder in folders for path in sorted(folder.glob("*.json"))]


@pytest.mark.parametrize("path", reports(), ids=lambda path: path.stem)
def test_remedies_are_of_use(path: Path) -> None:
    assert list(faults_of(msgspec.json.decode(path.read_bytes(), type=Report))) == []


def test_the_rule_finds_what_it_looks_for() -> None:
    """A rule that finds nothing anywhere would be no rule."""
    report = msgspec.json.decode((GOLDEN / "report.json").read_bytes(), type=Report)
    page = msgspec.structs.replace(report.findings[0], check="port.tcp80")
    bad = {
        "Connect to the internet, then run again.": Owner.AGENT,
        "Look at the ports page, then run again.": Owner.AGENT,
        "Tell your helpdesk: the service may be down.": Owner.HELPDESK,
        "Ask to allow outgoing TCP 80.": Owner.AGENT,
    }

    for text, owner in bad.items():
        fine = msgspec.structs.replace(page, status=Status.PASS)
        wrong = msgspec.structs.replace(
            page,
            check="port.dns",
            status=Status.FAIL,
            depends_on="",
            remedy=Remedy(text=text, owner=owner),
        )
        spoilt = msgspec.structs.replace(report, findings=(fine, wrong), root_cause=None)
        assert list(faults_of(spoilt)), text
