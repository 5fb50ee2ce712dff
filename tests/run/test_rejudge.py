"""A report judged again: masked or not, what was measured gives the same verdicts."""

from itertools import product

import msgspec
import pytest
from report.samples import not_ready
from report.typed_report import typed_report

from natwizard.languages import language_of
from natwizard.model.address import HostPort
from natwizard.model.finding import Status
from natwizard.model.outcome import Attempt, Failure, FailureCode
from natwizard.model.profile import Answers, Role
from natwizard.model.report import ProbeRecord, Report
from natwizard.probes.salesforce.evidence import (
    AddressRange,
    LoginRanges,
    ProfileRanges,
    SalesforceEvidence,
)
from natwizard.probes.salesforce.org import SALESFORCE
from natwizard.probes.stun.binding import STUN, StunEvidence, StunFlow
from natwizard.probes.stun.client import StunMapping
from natwizard.profiles.read import shipped_profile
from natwizard.report.redact import redact
from natwizard.run.plan import RunPlan, make_plan
from natwizard.run.rejudge import in_current_language, rejudge

SEEDS = 6


def plan_of(role: Role, *only: str) -> RunPlan:
    rows = frozenset(only) or None
    return make_plan(shipped_profile(), Answers(role=role), location="test", only=rows)


@pytest.mark.parametrize("role", [Role.WEBPHONE, Role.ADMINISTRATOR])
@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_masked_report_is_judged_the_same(seed: int, role: Role) -> None:
    report, _maker = typed_report(seed, not_ready(), full=False)
    plain, masked = rejudge(report, plan_of(role)), rejudge(redact(report), plan_of(role))
    for before, after in zip(plain.findings, masked.findings, strict=True):
        assert (after.check, after.status) == (before.check, before.status)
        assert after.measured == before.measured
    assert masked.verdict is plain.verdict
    assert masked.root_cause == plain.root_cause


def seen_as(*publics: str) -> Report:
    flows = tuple(
        StunFlow(
            target=f"stun{number % 2}.example.com:3478",
            is_service=True,
            ip_version=6 if ":" in public else 4,
            socket=number,
            local_address="192.168.1.20",
            attempt=Attempt(
                operation="ask_stun",
                target=f"203.0.113.{number % 2}:3478",
                started_s=0,
                duration_s=0,
                value=StunMapping(
                    server=HostPort(f"203.0.113.{number % 2}", 3478),
                    local_port=5000 + number,
                    public=HostPort(public, 6000 + number),
                ),
            ),
        )
        for number, public in enumerate(publics)
    )
    evidence = msgspec.json.encode(StunEvidence(servers=(), flows=flows))
    record = ProbeRecord(probe=STUN.name, started_s=0, duration_s=1, evidence=msgspec.Raw(evidence))
    return msgspec.structs.replace(not_ready(), outcomes=(record,))


@pytest.mark.parametrize(
    ("publics", "status"),
    [
        (("198.51.100.7",) * 8, Status.PASS),
        (("198.51.100.7", "198.51.100.8") * 4, Status.FAIL),
        (("198.51.100.7", "203.0.112.8") * 4, Status.FAIL),
        (("2001:db8::1", "2001:db8::2") * 4, Status.PASS),
        (("2001:db8::1", "2001:db8:0:1::2") * 4, Status.FAIL),
    ],
)
def test_two_lines_stay_two_behind_masks(publics: tuple[str, ...], status: Status) -> None:
    masked = redact(seen_as(*publics))
    assert not any(public in bytes(masked.outcomes[0].evidence).decode() for public in publics)
    for report in (seen_as(*publics), masked):
        (found,) = rejudge(report, plan_of(Role.WEBPHONE, "nat.load_balancing")).findings
        assert found.status is status


RANGES = (
    ("185.185.76.0", "185.185.79.255"),
    ("54.228.110.191", "54.228.110.191"),
    ("93.184.216.34", "93.184.216.34"),
    ("93.184.216.35", "93.184.216.40"),
    ("10.0.0.1", "10.0.0.2"),
    ("54.228.110.128", "54.228.110.255"),
)


def org_with(*ranges: tuple[str, str]) -> Report:
    failed: Attempt[object] = Attempt(
        operation="read", target="org", started_s=0, duration_s=0,
        failure=Failure(code=FailureCode.ACCESS_DENIED, operation="read"),
    )  # fmt: skip
    found = tuple(AddressRange(start=start, end=end) for start, end in ranges)
    read = LoginRanges(profiles=(ProfileRanges(profile="Agents", ranges=found),), left_out=0)
    parts = ("org", "limits", "account", "cti_users", "security")
    evidence = SalesforceEvidence(
        host="acme.my.salesforce.com",
        calls_used=1,
        login_ranges=msgspec.structs.replace(failed, value=read, failure=None),
        **dict.fromkeys(parts, failed),
    )
    record = ProbeRecord(
        probe=SALESFORCE.name, started_s=0, duration_s=1,
        evidence=msgspec.Raw(msgspec.json.encode(evidence)),
    )  # fmt: skip
    report = msgspec.structs.replace(not_ready(), outcomes=(record,))
    return rejudge(report, plan_of(Role.ADMINISTRATOR, "ip.ranges", "salesforce.ip_ranges"))


@pytest.mark.parametrize(("first", "second"), product(RANGES, RANGES))
def test_login_ranges_are_judged_the_same(first: tuple[str, str], second: tuple[str, str]) -> None:
    plain = org_with(first, second)
    masked = redact(plain)
    evidence = bytes(masked.outcomes[0].evidence).decode()
    assert "93.184.216" not in evidence
    assert "acme" not in evidence
    plan = plan_of(Role.ADMINISTRATOR, "ip.ranges", "salesforce.ip_ranges")
    before, after = rejudge(plain, plan).findings[1], rejudge(masked, plan).findings[1]
    assert before.status in {Status.PASS, Status.FAIL}
    assert (after.status, after.observed) == (before.status, before.observed)
    assert redact(masked) == masked


SEEN = typed_report(1, not_ready(), full=False)[0]


def test_a_report_in_another_language_is_shown_in_this_one_with_its_own_verdicts() -> None:
    """Two runs side by side are compared by their texts, so both have to be in one language."""
    plan = plan_of(Role.WEBPHONE)
    with language_of("de"):
        german = rejudge(SEEN, plan)
    english = rejudge(SEEN, plan)
    assert german.language == "de"
    assert {one.title for one in german.findings} != {one.title for one in english.findings}
    shown = in_current_language(german, plan.profile)
    assert shown.language == "en"
    assert [one.title for one in shown.findings] == [one.title for one in english.findings]
    assert [one.status for one in shown.findings] == [one.status for one in german.findings]
    assert in_current_language(english, plan.profile) is english


def test_a_finding_that_would_be_judged_otherwise_today_stays_as_it_was() -> None:
    plan = plan_of(Role.WEBPHONE, "computer.ram")
    with language_of("de"):
        german = rejudge(SEEN, plan)
    (ram,) = german.findings
    other = Status.WARN if ram.status is not Status.WARN else Status.FAIL
    changed = msgspec.structs.replace(
        german, findings=(msgspec.structs.replace(ram, status=other),)
    )
    assert in_current_language(changed, plan.profile).findings == changed.findings


def test_a_row_that_the_profile_of_now_does_not_have_stays_as_it_was() -> None:
    with language_of("de"):
        german = rejudge(SEEN, plan_of(Role.WEBPHONE, "computer.ram", "computer.cpu"))
    profile = shipped_profile()
    fewer = msgspec.structs.replace(
        profile, requirements=tuple(r for r in profile.requirements if r.id != "computer.cpu")
    )
    shown = {one.check: one for one in in_current_language(german, fewer).findings}
    before = {one.check: one for one in german.findings}
    assert shown.keys() == before.keys() == {"computer.ram", "computer.cpu"}
    assert shown["computer.cpu"] == before["computer.cpu"]
    assert shown["computer.ram"].title != before["computer.ram"].title
