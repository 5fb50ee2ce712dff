"""The eight rules of a Salesforce org, each as a table of what was read and what is said."""

from typing import TypeVar

import msgspec
import pytest

from natwizard.checks.base import AnyCheck, EvidenceMissing, Inputs
from natwizard.checks.catalogue import CHECKS
from natwizard.checks.ip_ranges import VENDOR_RANGES, RangeLimits
from natwizard.checks.salesforce_session import HOURS
from natwizard.checks.salesforce_storage import StorageRoom, _room
from natwizard.checks.shared.salesforce_parts import OrgUseLimits
from natwizard.model.finding import Judgement, Status
from natwizard.model.outcome import Attempt, Failure, FailureCode, Gathered
from natwizard.model.profile import LimitValue
from natwizard.probes.salesforce.evidence import (
    Account,
    AddressRange,
    CtiGroup,
    CtiUser,
    CtiUsers,
    LoginRanges,
    OrgAllowance,
    OrgFacts,
    OrgLimits,
    ProfileRanges,
    ProfileSession,
    SalesforceEvidence,
    SecurityFacts,
)
from natwizard.probes.salesforce.org import SALESFORCE

T = TypeVar("T")


def read(value: T) -> Attempt[T]:
    return Attempt(operation="read", target="org", started_s=0, duration_s=0.1, value=value)


def failed(code: FailureCode) -> Attempt[T]:
    failure = Failure(code=code, operation="ask_salesforce", detail="HTTP 403")
    return Attempt(operation="read", target="org", started_s=0, duration_s=0.1, failure=failure)


def group(**changes: object) -> CtiGroup:
    fields = {"profile": "Service Agent", "profile_id": "00e2", "licence": "SFDC",
              "view_all_custom_settings": True, "api_enabled": True, "users": 50,
              "some": (CtiUser(user_name="a@acme.example"),)} | changes  # fmt: skip
    return CtiGroup(**fields)  # type: ignore[arg-type]


def account(**changes: object) -> Account:
    fields = {"user_name": "admin@acme.example", "signed_in": True, "api_enabled": True,
              "profile": "System Administrator", "profile_id": "00e1", "manage_users": True,
              "view_all_custom_settings": True, "modify_all_data": True,
              "customize_application": True} | changes  # fmt: skip
    return Account(**fields)  # type: ignore[arg-type]


def security(**changes: object) -> SecurityFacts:
    fields = {"session_timeout": "EightHours", "force_logout": True, "locked_to_ip": False,
              "clickjack_with_headers": False, "clickjack_headerless": False,
              "ranges_every_request": False} | changes  # fmt: skip
    return SecurityFacts(**fields)  # type: ignore[arg-type]


def own(profile: str, minutes: int | None, logout: bool | None = None) -> ProfileSession:
    return ProfileSession(profile=profile, timeout_min=minutes, force_logout=logout)


Pair = tuple[int, int] | None


def limits(daily: Pair = (100_000, 90_000), storage: Pair = (10_240, 9_000)) -> OrgLimits:
    made = [None if pair is None else OrgAllowance(most=pair[0], left=pair[1])
            for pair in (daily, storage)]  # fmt: skip
    return OrgLimits(daily_requests=made[0], data_storage_mb=made[1])


def ranges(*profiles: tuple[tuple[str, str], ...], left_out: int = 0) -> LoginRanges:
    return LoginRanges(
        profiles=tuple(
            ProfileRanges(
                profile=f"Profile {number}",
                ranges=tuple(AddressRange(start=low, end=high) for low, high in pairs),
            )
            for number, pairs in enumerate(profiles)
        ),
        left_out=left_out,
    )


def org(**parts: Attempt[object]) -> SalesforceEvidence:
    healthy = SalesforceEvidence(
        host="acme.my.salesforce.com",
        org=read(OrgFacts(edition="Enterprise Edition", sandbox=False)),
        limits=read(limits()),
        account=read(account()),
        cti_users=read(CtiUsers(groups=(group(),))),
        security=read(security()),
        login_ranges=read(ranges((), ())),
        calls_used=11,
    )
    return msgspec.structs.replace(healthy, **parts)


def rule(name: str) -> AnyCheck:
    return next(check for check in CHECKS if check.name == f"salesforce.{name}")


def judge(name: str, evidence: SalesforceEvidence, **profile_limits: LimitValue) -> Judgement:
    case = Inputs(outcomes={SALESFORCE.name: Gathered(evidence=evidence)})
    return rule(name).bind(profile_limits)(case)


NAMES = ("edition", "api", "oauth_user", "cti_profiles", "session", "clickjack", "ip_ranges",
         "storage")  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_healthy_org_passes_with_nothing_to_do(name: str) -> None:
    told = judge(name, org())
    assert (told.status, told.remedy) == (Status.PASS, None)
    assert len(told.summary.split()) <= 12
    assert any("acme.my.salesforce.com, with 11 API calls" in d.text for d in told.details)


PART_OF = {"edition": "org", "api": "limits", "oauth_user": "account", "cti_profiles": "cti_users",
           "session": "security", "clickjack": "security", "ip_ranges": "login_ranges",
           "storage": "limits"}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "code",
    [
        FailureCode.SESSION_EXPIRED,
        FailureCode.ALLOWANCE_USED_UP,
        FailureCode.ACCESS_DENIED,
        FailureCode.TIMED_OUT,
        FailureCode.HTTP_STATUS,
        FailureCode.LED_ELSEWHERE,
        FailureCode.BAD_ANSWER,
    ],
)
def test_what_could_not_be_read_is_never_a_problem(name: str, code: FailureCode) -> None:
    with pytest.raises(EvidenceMissing) as caught:
        judge(name, org(**{PART_OF[name]: failed(code)}))
    assert caught.value.failure.code is code


@pytest.mark.parametrize(
    ("edition", "status"),
    [
        ("Enterprise Edition", Status.PASS),
        ("Unlimited Edition", Status.PASS),
        ("Performance Edition", Status.PASS),
        ("UNLIMITED EDITION".title(), Status.PASS),
        ("Professional Edition", Status.FAIL),
        ("Team Edition", Status.FAIL),
        ("Developer Edition", Status.FAIL),
        ("", Status.FAIL),
    ],
)
def test_editions(edition: str, status: Status) -> None:
    told = judge("edition", org(org=read(OrgFacts(edition=edition, sandbox=True))))
    assert told.status is status
    assert told.details[0].text == "yes"


def test_an_administrator_may_allow_more_editions() -> None:
    evidence = org(org=read(OrgFacts(edition="Developer Edition", sandbox=False)))
    assert judge("edition", evidence, editions=("Developer",)).status is Status.PASS


@pytest.mark.parametrize(
    ("daily", "groups", "status", "says"),
    [
        # 50 people with 40 calls: 2,000 calls take 10,000, 20 changes of availability each
        # take 1,000, and 50 changes of settings
        ((11_050, 11_050), (group(),), Status.PASS, "with enough calls"),
        ((11_049, 11_049), (group(),), Status.FAIL, "too few API calls"),
        ((50_000, 11_049), (group(),), Status.WARN, "Other programs"),
        ((50_000, 50_000), (group(api_enabled=False, users=2),), Status.FAIL, "2 people"),
        ((50_000, 50_000), (group(api_enabled=False, users=1),), Status.FAIL, "1 person"),
        ((50_000, 50_000), (), Status.UNKNOWN, "not known"),
    ],
)
def test_api_calls_of_a_day(
    daily: tuple[int, int], groups: tuple[CtiGroup, ...], status: Status, says: str
) -> None:
    people = read(CtiUsers(groups=groups))
    told = judge("api", org(limits=read(limits(daily=daily)), cti_users=people))
    assert told.status is status
    assert says in told.summary


def test_an_api_that_is_off_is_a_problem_that_was_seen() -> None:
    told = judge("api", org(limits=failed(FailureCode.API_DISABLED)))
    assert told.status is Status.FAIL
    assert "API Enabled" in told.remedy.text


def test_people_named_in_the_profile_are_reckoned_with_where_salesforce_shows_none() -> None:
    evidence = org(cti_users=failed(FailureCode.ACCESS_DENIED))
    assert judge("api", evidence).status is Status.UNKNOWN
    assert judge("api", evidence, users=10).status is Status.PASS
    assert judge("storage", evidence, users=10).status is Status.PASS


# "Reauthorizing your data connector": what does where no administrator is given
LEAST: dict[str, object] = {
    "profile": "Integration", "manage_users": False, "is_active": True, "is_frozen": False,
    "create_audit_fields": True, "update_with_inactive_owners": True,
    "permission_sets": ("NBVC_Administrator_PermissionSet", "NBVC_BasicUser_PermissionSet"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "status", "says"),
    [
        ({"profile": "Systemadministrator"}, Status.PASS, "all that is needed"),
        ({"api_enabled": False}, Status.FAIL, "not do enough"),
        ({"view_all_custom_settings": False}, Status.FAIL, "not do enough"),
        ({"modify_all_data": False, "profile": "Integration"}, Status.FAIL, "not do enough"),
        ({"modify_all_data": False, "customize_application": False}, Status.FAIL,
         "not do enough"),
        ({"is_active": False}, Status.FAIL, "deactivated"),
        ({"is_active": True, "is_frozen": True}, Status.FAIL, "frozen"),
        ({"is_active": True, "is_frozen": False}, Status.PASS, "all that is needed"),
        ({"is_active": False, "is_frozen": True, "api_enabled": False}, Status.FAIL, "deactivated"),
        (LEAST, Status.PASS, "the least"),
        (LEAST | {"permission_sets": ("NBVC_Administrator_PermissionSet",)}, Status.WARN,
         "may lack something"),
        (LEAST | {"create_audit_fields": False}, Status.WARN, "may lack something"),
        (LEAST | {"update_with_inactive_owners": None}, Status.WARN, "may lack something"),
        (LEAST | {"customize_application": False}, Status.FAIL, "not do enough"),
        (LEAST | {"is_frozen": True}, Status.FAIL, "frozen"),
    ],
)  # fmt: skip
def test_the_connected_account(changes: dict[str, object], status: Status, says: str) -> None:
    told = judge("oauth_user", org(account=read(account(**changes))))
    assert told.status is status
    assert says in told.summary


def test_an_account_of_which_nobody_sees_whether_it_is_frozen_is_not_called_fine() -> None:
    with pytest.raises(EvidenceMissing):
        judge("oauth_user", org(account=read(account(is_active=True, is_frozen=None))))
    lacking = account(is_active=True, is_frozen=None, api_enabled=False)
    assert judge("oauth_user", org(account=read(lacking))).status is Status.FAIL


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"customize_application": False}, "Customize Application"),
        ({"modify_all_data": False, "view_all_custom_settings": False},
         "View All Custom Settings, Modify All Data"),
        ({"create_audit_fields": False}, "Set Audit Fields upon Record Creation"),
        ({"permission_sets": ()}, "NBVC Administrator, NBVC BasicUser"),
        ({"permission_sets": ("NBVC_BasicUser_PermissionSet",)}, "NBVC Administrator"),
    ],
)  # fmt: skip
def test_what_is_missing_of_the_least_is_named(changes: dict[str, object], missing: str) -> None:
    told = judge("oauth_user", org(account=read(account(**LEAST | changes))))
    assert told.remedy.text.endswith(f": {missing}.")
    assert missing in told.observed


def test_what_the_account_lacks_is_named() -> None:
    told = judge("oauth_user", org(account=read(account(view_all_custom_settings=False))))
    assert told.remedy.text == "Give the connected account: View All Custom Settings."


@pytest.mark.parametrize(
    ("groups", "status", "says"),
    [
        ((group(),), Status.PASS, "Everybody"),
        ((group(), group(view_all_custom_settings=False, users=2)), Status.FAIL,
         "read the settings"),
        ((group(), group(licence="AUL", users=7)), Status.FAIL, "no full licence"),
        ((group(licence="PID_CHATTER", view_all_custom_settings=False),), Status.FAIL,
         "no full licence"),
        ((), Status.UNKNOWN, "nobody who takes calls"),
        ((group(), group(licence="PID_Customer_Community_Plus")), Status.WARN, "community licence"),
        ((group(licence="PID_Partner_Community_Login"),), Status.WARN, "community licence"),
        ((group(licence="PID_Customer_Portal_Basic"),), Status.WARN, "community licence"),
        ((group(licence="PID_Customer_Community", view_all_custom_settings=False),), Status.FAIL,
         "read the settings"),
        ((group(licence="PID_Customer_Community"), group(licence="AUL")), Status.FAIL,
         "no full licence"),
    ],
)  # fmt: skip
def test_people_who_take_calls(groups: tuple[CtiGroup, ...], status: Status, says: str) -> None:
    told = judge("cti_profiles", org(cti_users=read(CtiUsers(groups=groups))))
    assert told.status is status
    assert says in told.summary


def test_a_permission_is_given_to_a_profile_and_a_licence_to_people() -> None:
    bare = group(view_all_custom_settings=False, profile="Sales")
    told = judge("cti_profiles", org(cti_users=read(CtiUsers(groups=(bare,)))))
    assert told.remedy.text == "Give View All Custom Settings to the profile Sales."
    unlicensed = group(licence="AUL", users=9)
    told = judge("cti_profiles", org(cti_users=read(CtiUsers(groups=(unlicensed,)))))
    assert told.remedy.text == "Give a full Salesforce licence to a@acme.example and 8 more."


def test_an_org_too_large_to_read_says_how_to_ask_for_less() -> None:
    told = judge("cti_profiles", org(cti_users=failed(FailureCode.TOO_LARGE)))
    assert told.status is Status.UNKNOWN
    assert "targets.salesforce_cti_users" in told.remedy.text


def test_a_name_that_nobody_has_is_not_passed_over() -> None:
    people = CtiUsers(groups=(group(),), named=True, not_found=(CtiUser(user_name="gone@x"),))
    told = judge("cti_profiles", org(cti_users=read(people)))
    assert told.status is Status.UNKNOWN
    assert "gone@x" in told.remedy.text


@pytest.mark.parametrize(
    ("changes", "status", "says"),
    [
        ({"locked_to_ip": True}, Status.FAIL, "address changes"),
        ({"session_timeout": "FourHours"}, Status.WARN, "before the working day"),
        ({"session_timeout": "FifteenMinutes"}, Status.WARN, "before the working day"),
        ({"force_logout": False}, Status.WARN, "not signed out"),
        ({"session_timeout": "TwelveHours"}, Status.WARN, "longer than"),
        ({"locked_to_ip": True, "session_timeout": None}, Status.FAIL, "address changes"),
        # people with the profile "Service Agent" take calls
        ({"profiles": (own("service agent", 120),)}, Status.WARN, "before the working day"),
        ({"profiles": (own("Service Agent", 480, False),)}, Status.WARN, "not signed out"),
        ({"profiles": (own("Service Agent", 1440),)}, Status.WARN, "longer than"),
        ({"profiles": (own("Service Agent", None),)}, Status.PASS, "a working day"),
        ({"profiles": (own("admin", 15),)}, Status.PASS, "a working day"),
        ({"profiles": ()}, Status.PASS, "a working day"),
        ({"profiles": (own("Service Agent", 480),), "session_timeout": "TwoHours"}, Status.PASS,
         "a working day"),
    ],
)  # fmt: skip
def test_sessions(changes: dict[str, object], status: Status, says: str) -> None:
    told = judge("session", org(security=read(security(**changes))))
    assert told.status is status
    assert says in told.summary


def test_a_profile_with_sessions_of_its_own_is_named() -> None:
    found = security(profiles=(own("Service Agent", 120), own("admin", 30)))
    told = judge("session", org(security=read(found)))
    assert "the profile Service Agent" in told.remedy.text
    assert [detail.label for detail in told.details][:2] == [
        "Profile Service Agent",
        "Profile admin",
    ]


def test_a_shipped_profile_is_known_by_both_its_names() -> None:
    people = CtiUsers(groups=(group(profile="System Administrator"),))
    found = security(profiles=(own("admin", 120),))
    told = judge("session", org(cti_users=read(people), security=read(found)))
    assert told.status is Status.WARN


def test_where_nobody_is_known_to_take_calls_every_profile_counts() -> None:
    found = security(profiles=(own("Sales", 120),))
    told = judge("session", org(cti_users=read(CtiUsers(groups=())), security=read(found)))
    assert told.status is Status.WARN


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("session", {"locked_to_ip": None}),
        ("session", {"force_logout": None}),
        ("session", {"session_timeout": None}),
        ("session", {"session_timeout": "SomeNewTime"}),
        ("clickjack", {"clickjack_headerless": None}),
        ("clickjack", {"clickjack_with_headers": None}),
    ],
)
def test_a_setting_that_is_not_shown_is_not_guessed(name: str, changes: dict[str, object]) -> None:
    with pytest.raises(EvidenceMissing) as caught:
        judge(name, org(security=read(security(**changes))))
    assert caught.value.failure.code is FailureCode.ACCESS_DENIED


@pytest.mark.parametrize(
    ("with_headers", "headerless"), [(True, False), (False, True), (True, True), (True, None)]
)
def test_any_clickjack_protection_of_visualforce_pages_is_in_the_way(
    with_headers: bool, headerless: bool | None
) -> None:
    found = security(clickjack_with_headers=with_headers, clickjack_headerless=headerless)
    assert judge("clickjack", org(security=read(found))).status is Status.FAIL


WHOLE = (("0.0.0.0", "255.255.255.255"),)
VENDOR = tuple((str(network[0]), str(network[-1])) for network in RangeLimits().networks())


@pytest.mark.parametrize(
    ("found", "status", "says"),
    [
        (ranges((), ()), Status.PASS, "any address"),
        (ranges(WHOLE), Status.PASS, "among those allowed"),
        (ranges(VENDOR, ()), Status.PASS, "among those allowed"),
        (ranges((*VENDOR, ("192.0.2.1", "192.0.2.1"))), Status.PASS, "among those allowed"),
        (ranges(VENDOR[1:], ()), Status.FAIL, "may not sign in"),
        (ranges((), (("192.0.2.1", "192.0.2.9"),)), Status.FAIL, "may not sign in"),
        (ranges((("2001:db8::", "2001:db8::ffff"),)), Status.FAIL, "may not sign in"),
        # the first /22 in two halves, then short by its last address
        (ranges((("185.185.76.0", "185.185.77.255"), ("185.185.78.0", "185.185.79.255"),
                 *VENDOR[1:])), Status.PASS, "among those allowed"),
        (ranges((("185.185.76.0", "185.185.79.254"), *VENDOR[1:])), Status.FAIL, "may not"),
        (ranges((), left_out=3), Status.UNKNOWN, "more profiles"),
        (ranges(VENDOR[1:], left_out=3), Status.FAIL, "may not sign in"),
    ],
)  # fmt: skip
def test_login_ranges(found: LoginRanges, status: Status, says: str) -> None:
    all_trusted = security(trusted=tuple(AddressRange(start=a, end=b) for a, b in VENDOR))
    told = judge("ip_ranges", org(login_ranges=read(found), security=read(all_trusted)))
    assert told.status is status
    assert says in told.summary


@pytest.mark.parametrize(
    ("trusted", "status"), [(VENDOR, Status.PASS), (WHOLE, Status.PASS), ((), Status.FAIL),
                            (VENDOR[1:], Status.FAIL)],
)  # fmt: skip
def test_where_login_ranges_are_enforced_network_access_has_to_hold_the_vendors_too(
    trusted: tuple[tuple[str, str], ...], status: Status
) -> None:
    found = security(trusted=tuple(AddressRange(start=a, end=b) for a, b in trusted))
    told = judge("ip_ranges", org(login_ranges=read(ranges(VENDOR)), security=read(found)))
    assert told.status is status
    if status is Status.FAIL:
        assert "Network Access" in told.summary
        assert VENDOR_RANGES[0] in told.remedy.text
    # nothing is enforced: nothing has to be allowed
    assert judge("ip_ranges", org(security=read(found))).status is Status.PASS


def test_the_ranges_that_are_missing_are_listed() -> None:
    told = judge("ip_ranges", org(login_ranges=read(ranges(VENDOR[2:]))))
    assert told.details[0].text == f"missing: {VENDOR_RANGES[0]}, {VENDOR_RANGES[1]}"


def test_masked_ranges_of_a_shared_report_cannot_be_judged() -> None:
    with pytest.raises(EvidenceMissing):
        judge("ip_ranges", org(login_ranges=read(ranges((("192.0.*.*", "192.0.*.*"),)))))


def test_trusted_ranges_are_told_but_decide_nothing() -> None:
    trusted = tuple(AddressRange(start=low, end=high) for low, high in VENDOR[:3])
    told = judge("ip_ranges", org(security=read(security(trusted=trusted))))
    assert told.status is Status.PASS
    assert "3 of the vendor's 12 ranges are trusted" in told.details[0].text


@pytest.mark.parametrize(
    ("left_mb", "status", "says"),
    [
        # the page's example: 50 people need 2.5 MB once, then 8 + 2.4 MB a day
        (3_799, Status.PASS, "enough room"),
        (3_798, Status.WARN, "within a year"),
        (315, Status.WARN, "within a year"),
        (314, Status.FAIL, "no room"),
        (0, Status.FAIL, "no room"),
    ],
)
def test_storage_lasts_as_the_planner_says(left_mb: int, status: Status, says: str) -> None:
    told = judge("storage", org(limits=read(limits(storage=(10_240, left_mb)))))
    assert told.status is status
    assert says in told.summary


def test_contact_center_takes_more() -> None:
    evidence = org(limits=read(limits(storage=(10_240, 4_000))))
    assert judge("storage", evidence).status is Status.PASS
    # 13.36 MB a day
    told = judge("storage", evidence, contact_center=True)
    assert told.status is Status.WARN
    assert "13.36\u00a0MB a day" in told.details[0].text


@pytest.mark.parametrize("name", ["api", "storage"])
def test_a_limit_that_is_left_out_is_told_apart_from_none_left(name: str) -> None:
    with pytest.raises(EvidenceMissing) as caught:
        judge(name, org(limits=read(limits(daily=None, storage=None))))
    assert caught.value.failure.code is FailureCode.ACCESS_DENIED


def test_the_planner_and_the_check_reckon_alike() -> None:
    from natwizard.planner.storage import ContactCenter, StorageInputs, plan_storage

    planned = plan_storage(
        StorageInputs(users=50, calls=2000, contact_center=ContactCenter(), allowance_mb=4000)
    )
    told = judge("storage", org(limits=read(limits(storage=(10_240, 4_000)))), contact_center=True)
    days = next(quantity.value for quantity in told.measured if quantity.name == "days")
    assert days == pytest.approx(planned.allowance.days, abs=0.1)


def test_limits_below_nothing_are_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="expected 0 or more"):
        rule("storage").bind({"calls_per_user": -1.0})


def test_every_timeout_is_as_long_as_its_name_says() -> None:
    """The names of Salesforce's Metadata API (SessionSettings, sessionTimeout)."""
    assert HOURS == {
        "FifteenMinutes": 15 / 60,
        "ThirtyMinutes": 30 / 60,
        "SixtyMinutes": 1,
        "NinetyMinutes": 90 / 60,
        "TwoHours": 2,
        "FourHours": 4,
        "EightHours": 8,
        "TwelveHours": 12,
        "TwentyFourHours": 24,
    }


@pytest.mark.parametrize(
    ("days", "room"),
    [
        (29.9, StorageRoom.NONE), (30, StorageRoom.LESS_THAN_A_YEAR),
        (364.9, StorageRoom.LESS_THAN_A_YEAR), (365, StorageRoom.ENOUGH),
    ],
)  # fmt: skip
def test_room_for_just_a_year_is_enough(days: float, room: StorageRoom) -> None:
    assert _room(days, OrgUseLimits()) is room


@pytest.mark.parametrize(
    "pairs",
    [
        # a part of another range, whichever ends first
        (("185.185.76.100", "185.185.76.101"), ("185.185.76.0", "185.185.79.255")),
        (("185.185.76.0", "185.185.79.255"), ("185.185.78.0", "185.185.78.9")),
        (("185.185.76.0", "185.185.78.9"), ("185.185.77.0", "185.185.79.255")),
    ],
)
def test_ranges_that_overlap_are_one(pairs: tuple[tuple[str, str], ...]) -> None:
    all_trusted = security(trusted=tuple(AddressRange(start=a, end=b) for a, b in VENDOR))
    found = read(ranges((*pairs, *VENDOR[1:], ("2001:db8::", "2001:db8::1"))))
    told = judge("ip_ranges", org(login_ranges=found, security=read(all_trusted)))
    assert told.status is Status.PASS
    apart = (("185.185.76.0", "185.185.77.255"), ("185.185.78.1", "185.185.79.255"))
    found = read(ranges((*apart, *VENDOR[1:])))
    told = judge("ip_ranges", org(login_ranges=found, security=read(all_trusted)))
    assert told.status is Status.FAIL


@pytest.mark.parametrize(("profile", "told"), [("Agent", "Agent"), ("", "no profile shown")])
def test_a_profile_is_told_by_its_name_where_it_has_one(profile: str, told: str) -> None:
    owner = judge("oauth_user", org(account=read(account(profile=profile))))
    assert owner.observed.startswith(told)
    people = CtiUsers(groups=(group(profile=profile, licence="SFDC"),))
    lines = judge("cti_profiles", org(cti_users=read(people))).details
    assert told in {each.label for each in lines}
    assert any("licence SFDC;" in each.text for each in lines)
    unlicensed = CtiUsers(groups=(group(profile=profile, licence=""),))
    lines = judge("cti_profiles", org(cti_users=read(unlicensed))).details
    assert any("licence ?;" in each.text for each in lines)


def test_each_kind_of_use_adds_to_what_a_day_takes() -> None:
    """By the rules of docs/planner.md: calls, missed rings, and what a contact center logs."""

    def daily_mb(**profile_limits: LimitValue) -> float:
        evidence = org(limits=read(limits(storage=(10_240, 4_000))))
        text = judge("storage", evidence, **profile_limits).details[0].text.replace("\u00a0", " ")
        return float(text.partition("once, then ")[2].partition(" MB")[0])

    plain = daily_mb()
    assert plain == 10.4
    for more in (
        {"calls_per_user": 41.0},
        {"missed_rings_per_user": 5.0},
        {"contact_center": True},
    ):
        assert daily_mb(**more) > plain
    center = daily_mb(contact_center=True)
    for more in ({"changes_per_user": 21.0}, {"queues": 30}):
        assert daily_mb(contact_center=True, **more) > center
