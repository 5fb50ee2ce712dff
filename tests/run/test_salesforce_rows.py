"""The rows of a Salesforce org in a plan: asked until somebody signs in, and of nobody else."""

import msgspec
import pytest

from natwizard.checks.base import Inputs
from natwizard.checks.shared.line import LineFacts
from natwizard.model.finding import Finding, Status
from natwizard.model.outcome import Attempt, Failure, FailureCode, Gathered, Missed
from natwizard.model.profile import Answers, LimitValue, Profile, Role
from natwizard.model.report import Readiness
from natwizard.probes.salesforce.evidence import (
    AddressRange,
    LoginRanges,
    ProfileRanges,
    SalesforceEvidence,
    SecurityFacts,
)
from natwizard.probes.salesforce.org import SALESFORCE
from natwizard.profiles.read import shipped_profile
from natwizard.run.conclusion import conclude
from natwizard.run.judging import judge_row
from natwizard.run.plan import RunPlan, make_plan
from natwizard.run.root_cause import root_cause_of

ADMINISTRATOR = Answers(role=Role.ADMINISTRATOR)
SIGNED_OUT = Missed(failure=Failure(code=FailureCode.NOT_SIGNED_IN, operation="read_salesforce"))


def salesforce_plan(profile: Profile | None = None, answers: Answers = ADMINISTRATOR) -> RunPlan:
    used = profile or shipped_profile()
    rows = frozenset(row.id for row in used.requirements if row.id.startswith("salesforce."))
    return make_plan(used, answers, location="test", only=rows)


def found(plan: RunPlan, outcome: Gathered[SalesforceEvidence] | Missed) -> tuple[Finding, ...]:
    inputs = Inputs(outcomes={SALESFORCE.name: outcome}, answers=plan.answers)
    judged = (judge_row(row, inputs) for row in plan.rows)
    return tuple(each.finding for each in judged)


def all_failed(code: FailureCode, **parts: Attempt[object]) -> SalesforceEvidence:
    failure = Failure(code=code, operation="ask_salesforce", detail="HTTP 401")
    attempt: Attempt[object] = Attempt(
        operation="read", target="org", started_s=0, duration_s=0, failure=failure
    )
    fields = ("org", "limits", "account", "cti_users", "security", "login_ranges")
    return SalesforceEvidence(
        host="acme.my.salesforce.com", calls_used=1, **dict.fromkeys(fields, attempt) | parts
    )


def test_nobody_signed_in_is_a_question_with_both_ways_to_answer_it() -> None:
    plan = salesforce_plan()
    findings = found(plan, SIGNED_OUT)
    assert len(findings) == 8
    for finding, row in zip(findings, plan.rows, strict=True):
        assert finding.status is Status.MANUAL
        assert finding.summary == row.requirement.text
        assert finding.observed == "not signed in to Salesforce"
        assert finding.remedy.text.startswith(row.requirement.question.text)
        assert finding.remedy.text.endswith("Or sign in to Salesforce, then run again.")
        assert finding.title == row.check.title == row.requirement.title


def test_nobody_signed_in_holds_no_verdict_back() -> None:
    concluded = conclude(found(salesforce_plan(), SIGNED_OUT), {}, LineFacts())
    assert concluded.verdict is Readiness.READY
    assert concluded.root_cause is None


def test_a_row_without_a_question_still_says_what_settles_it() -> None:
    shipped = shipped_profile()
    bare = tuple(msgspec.structs.replace(row, question=None) for row in shipped.requirements
                 if row.id == "salesforce.api")  # fmt: skip
    profile = msgspec.structs.replace(shipped, requirements=bare)
    (finding,) = found(salesforce_plan(profile), SIGNED_OUT)
    assert finding.status is Status.MANUAL
    assert finding.remedy.text == "Sign in to Salesforce, then run again."


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_these_rows_are_nobody_elses_business(role: Role) -> None:
    plan = make_plan(shipped_profile(), Answers(role=role), location="test")
    assert not [row for row in plan.rows if row.requirement.id.startswith("salesforce.")]
    assert SALESFORCE not in plan.probes()


@pytest.mark.parametrize(
    ("code", "settles"),
    [
        (FailureCode.SESSION_EXPIRED, "Sign in to Salesforce again"),
        (FailureCode.ACCESS_DENIED, "Sign in as a System Administrator"),
        (FailureCode.ALLOWANCE_USED_UP, "when the org has API calls left"),
        (FailureCode.LED_ELSEWHERE, "targets.salesforce_login"),
        (FailureCode.TIMED_OUT, "Run this check again"),
        (FailureCode.HTTP_STATUS, "Run this check again"),
    ],
)
def test_an_org_that_was_asked_in_vain_is_could_not_tell(code: FailureCode, settles: str) -> None:
    findings = found(salesforce_plan(), Gathered(evidence=all_failed(code)))
    assert {finding.status for finding in findings} == {Status.UNKNOWN}
    assert all(settles in finding.remedy.text for finding in findings)
    assert conclude(findings, {}, LineFacts()).verdict is Readiness.COULD_NOT_TELL


def test_an_api_that_is_off_is_one_problem_and_seven_unknowns() -> None:
    findings = found(salesforce_plan(), Gathered(evidence=all_failed(FailureCode.API_DISABLED)))
    problems = [finding.check for finding in findings if finding.status is Status.FAIL]
    assert problems == ["salesforce.api"]
    assert {f.status for f in findings if f.check not in problems} == {Status.UNKNOWN}


def test_troubles_of_an_org_are_no_troubles_of_the_network() -> None:
    findings = found(salesforce_plan(), Gathered(evidence=all_failed(FailureCode.TIMED_OUT)))
    assert root_cause_of(findings, {}, LineFacts()) is None


def with_limits(**rows: dict[str, LimitValue]) -> Profile:
    shipped = shipped_profile()
    changed = tuple(
        msgspec.structs.replace(row, limits=row.limits | rows.get(row.id.replace(".", "_"), {}))
        for row in shipped.requirements
    )
    return msgspec.structs.replace(shipped, requirements=changed)


def judged_ranges(profile: Profile, **parts: Attempt[object]) -> Status:
    ranges = LoginRanges(
        profiles=(ProfileRanges(profile="Agent",
                                ranges=(AddressRange(start="192.0.2.0", end="192.0.2.255"),)),)
    )  # fmt: skip
    attempt = Attempt(operation="read", target="org", started_s=0, duration_s=0, value=ranges)
    evidence = all_failed(FailureCode.ACCESS_DENIED, login_ranges=attempt, **parts)
    findings = found(salesforce_plan(profile), Gathered(evidence=evidence))
    return next(each.status for each in findings if each.check == "salesforce.ip_ranges")


def test_the_vendors_ranges_are_those_of_the_profiles_ip_ranges() -> None:
    assert judged_ranges(shipped_profile()) is Status.FAIL
    one = with_limits(ip_ranges={"ranges": ("192.0.2.8",)})
    trusted = (AddressRange(start="192.0.2.8", end="192.0.2.8"),)
    security = SecurityFacts(session_timeout=None, force_logout=None, locked_to_ip=None,
                             clickjack_with_headers=None, clickjack_headerless=None,
                             ranges_every_request=None, trusted=trusted)  # fmt: skip
    attempt = Attempt(operation="read", target="org", started_s=0, duration_s=0, value=security)
    assert judged_ranges(one, security=attempt) is Status.PASS
    # Network Access was not shown
    assert judged_ranges(one) is Status.UNKNOWN


def test_a_row_may_still_have_ranges_of_its_own() -> None:
    own = with_limits(ip_ranges={"ranges": ("192.0.2.8",)},
                      salesforce_ip_ranges={"ranges": ("198.51.100.1",)})  # fmt: skip
    assert judged_ranges(own) is Status.FAIL


def test_what_the_org_has_to_carry_is_set_once() -> None:
    plan = salesforce_plan(with_limits(salesforce_storage={"users": 7}))
    by_name = {row.check.name: row for row in plan.rows}
    assert by_name["salesforce.api"].check.shares_limits_of == "salesforce.storage"
    assert by_name["salesforce.api"].check.limits is by_name["salesforce.storage"].check.limits
