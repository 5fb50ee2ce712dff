"""A saved report judged again: facts are not in it, and its causes are the same all the same."""

import msgspec
import pytest
from cases.reach_cases import FOUND, SILENT_WEB, WORKING_WEB, page_try, reached, websocket
from report.samples import report_of

from natwizard.model.outcome import FailureCode, Gathered
from natwizard.model.profile import Answers
from natwizard.model.report import ProbeRecord, Readiness, Report
from natwizard.probes.web import WEB, WebEvidence
from natwizard.probes.webphone import WEBPHONE, WebphoneEvidence, WebphoneTry
from natwizard.profiles.read import shipped_profile
from natwizard.report.as_json import report_json
from natwizard.run.judging import encode_evidence
from natwizard.run.plan import make_plan
from natwizard.run.rejudge import rejudge

PORTAL = "http://login.example.net/?to=www.example.com"
LOGIN = WebEvidence(http=(page_try(status=302, location=PORTAL),), https=SILENT_WEB.https)


def webphone(*, silent: bool, control_silent: bool) -> WebphoneEvidence:
    def one(shut: bool) -> WebphoneTry:
        timed_out = FailureCode.TIMED_OUT
        reach = reached(connect=timed_out, tries=3) if shut else reached()
        return WebphoneTry(target="phone.example.com:10062", lookup=FOUND,
                           addresses=(websocket(reach),))  # fmt: skip

    return WebphoneEvidence(port=10062, direct=one(silent), control=one(control_silent))


def saved(**brought: object) -> Report:
    """A report with evidence and no findings, as a file holds it."""
    probes = {probe.name: probe for probe in (WEB, WEBPHONE)}
    records = tuple(
        ProbeRecord(
            probe=probes[name].name,
            started_s=0.0,
            duration_s=1.0,
            evidence=encode_evidence(Gathered(evidence=evidence))[0],
        )
        for name, evidence in brought.items()
    )
    report = msgspec.structs.replace(report_of((), Readiness.READY), outcomes=records)
    return msgspec.json.decode(report_json(report), type=Report)


@pytest.mark.parametrize(
    ("report", "cause"),
    [
        (saved(web=LOGIN), "captive_portal"),
        (saved(web=WORKING_WEB, webphone=webphone(silent=True, control_silent=False)),
         "service_down"),
        (saved(web=WORKING_WEB, webphone=webphone(silent=True, control_silent=True)), ""),
        (saved(web=WORKING_WEB, webphone=webphone(silent=False, control_silent=False)), ""),
    ],
)  # fmt: skip
def test_the_same_evidence_has_the_same_cause(report: Report, cause: str) -> None:
    profile = shipped_profile()
    only = frozenset(("port.tcp80", "port.tcp443", "port.webphone"))
    plan = make_plan(profile, Answers(), location="test", only=only)
    once = rejudge(report, plan)
    assert (once.root_cause.code if once.root_cause else "") == cause
    again = rejudge(msgspec.json.decode(report_json(once), type=Report), plan)
    assert again == once


def test_facts_are_no_part_of_a_report() -> None:
    profile = shipped_profile()
    plan = make_plan(profile, Answers(), location="test", only=frozenset({"port.tcp80"}))
    written = report_json(rejudge(saved(web=WORKING_WEB), plan))
    assert b'"facts"' not in written
    assert b'"port.tcp80"' in written
