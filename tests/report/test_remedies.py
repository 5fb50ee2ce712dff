"""No remedy sends anybody on an errand that the report itself shows to be in vain."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from natwizard.checks.shared.number_format import failure_words
from natwizard.model.finding import Finding, Owner, Remedy, Status
from natwizard.model.outcome import FailureCode
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
CORRECT = re.compile(
    r"\b(?:correct|check) (?:`targets|the (?:address|name|service))", re.IGNORECASE
)
PLACEHOLDER = re.compile(r"\{\w*\}")
OF_THIS_COMPUTER = (FailureCode.BLOCKED_HERE, FailureCode.MACHINE_BUSY, FailureCode.OTHER)
CONNECTED = {"encryption", "exchange", "done"}
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
        if works and CONNECT.search(remedy.text):
            yield f"{finding.check} tells somebody to connect, while {works[0]} passes"
        if LOOK_ELSEWHERE.search(remedy.text):
            yield f"{finding.check} sends somebody to another page: {remedy.text}"
        if remedy.owner is Owner.HELPDESK and ASK_HELPDESK.search(remedy.text):
            yield f"{finding.check} tells the helpdesk to ask the helpdesk"
        if finding.status is Status.PASS:
            yield f"{finding.check} passes, and has something to do: {remedy.text}"
        if finding.depends_on in found and found[finding.depends_on].status is Status.PASS:
            yield f"{finding.check} waits for {finding.depends_on}, which passes"
        if PLACEHOLDER.search(f"{remedy.text} {remedy.request}"):
            yield f"{finding.check} left a blank in its words: {remedy.text} {remedy.request}"
        yield from _of_this_computer(finding)
        yield from _correct_already(finding, found)
        yield from _set_already(finding, report)
        yield from _open_already(finding, found)


def _of_this_computer(finding: Finding) -> Iterator[str]:
    """Nobody on the way can open what this computer itself would not try."""
    remedy = finding.remedy
    if remedy is None or remedy.owner is not Owner.NETWORK_TEAM or finding.depends_on:
        return
    for code in OF_THIS_COMPUTER:
        if finding.observed == failure_words(code):
            yield f"{finding.check} sends somebody else, for: {finding.observed}"


def _correct_already(finding: Finding, found: dict[str, Finding]) -> Iterator[str]:
    """Whose name cannot be looked up since none can be has no mistake in its profile."""
    dns = found.get("port.dns")
    fails = dns is not None and dns.status in {Status.FAIL, Status.WARN}
    if fails and finding.remedy and CORRECT.search(finding.remedy.text):
        pages = (found.get("port.tcp80"), found.get("port.tcp443"))
        if not any(page and page.status is Status.PASS for page in pages):
            yield f"{finding.check} asks to correct the profile, while no name can be looked up"


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
    if check not in found:
        return
    reached = {each.value for each in found[check].measured if each.name == "reached"}
    if found[check].status is Status.PASS or reached & CONNECTED:
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
