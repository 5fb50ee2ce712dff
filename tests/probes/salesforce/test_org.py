"""The reading of an org, against a server that answers as Salesforce documents it."""

import asyncio
import json
import logging
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import httpx
import msgspec
import pytest
from computers.probe_context import make_context
from computers.recorded_host import HOSTS, RecordedHost
from hypothesis import given
from hypothesis import strategies as st
from servers.salesforce_org import (
    ADMIN_PROFILE,
    AUDIT_PERMISSIONS,
    DATA,
    HOST,
    TOKEN,
    Org,
    ProfileSessionSetting,
    admin,
    agents,
    soap_fault,
)
from servers.salesforce_server import NamesHere, Reply, SalesforceServer, refused

from natwizard.model.address import HostPort
from natwizard.model.outcome import Failure, FailureCode
from natwizard.probes.base import ProbeContext
from natwizard.probes.failures import BadAnswer, CannotGather
from natwizard.probes.network import Endpoint
from natwizard.probes.salesforce.budget import MOST_CALLS, TYPICAL_CALLS, CallBudget
from natwizard.probes.salesforce.client import Timeouts
from natwizard.probes.salesforce.decoding import decode_json
from natwizard.probes.salesforce.evidence import (
    AddressRange,
    CtiUser,
    OrgAllowance,
    SalesforceEvidence,
)
from natwizard.probes.salesforce.org import parse, read_everything
from natwizard.probes.salesforce.refusals import refusal
from natwizard.probes.salesforce.session import SalesforceSession

NO_ACCESS = soap_fault("sf:INSUFFICIENT_ACCESS", "insufficient access rights")[1].encode()
PARTS = ("org", "limits", "account", "cti_users", "security", "login_ranges")
WINDOWS = RecordedHost(HOSTS / "windows-office")


@pytest.fixture
def server() -> Iterator[SalesforceServer]:
    with SalesforceServer() as running:
        yield running


def read(
    server: SalesforceServer,
    *,
    host: str = HOST,
    timeouts: Timeouts | None = None,
    log: list[str] | None = None,
    **targets: object,
) -> SalesforceEvidence:
    context = make_context(WINDOWS, server.network(), targets=server.targets(**targets))
    context = signed_in(context, SalesforceSession(httpx.URL(f"https://{host}"), TOKEN))
    evidence = asyncio.run(read_everything(context, timeouts or Timeouts()))
    if log is not None:
        log.extend(context.log)
    return evidence


def signed_in(context: ProbeContext, session: SalesforceSession) -> ProbeContext:
    return replace(context, salesforce=session)


def failures(evidence: SalesforceEvidence) -> dict[str, FailureCode | None]:
    attempts = {name: getattr(evidence, name) for name in PARTS}
    return {name: each.failure and each.failure.code for name, each in attempts.items()}


def test_a_healthy_org_is_read_whole_and_every_call_is_counted(server: SalesforceServer) -> None:
    server.org.trusted = (("192.0.2.0", "192.0.2.255"),)
    evidence = read(server)
    assert set(failures(evidence).values()) == {None}
    assert evidence.org.value.edition == "Enterprise Edition"
    assert evidence.limits.value.data_storage_mb == OrgAllowance(most=10_240, left=9_000)
    account = evidence.account.value
    assert (account.user_name, account.profile) == ("admin@acme.example", "System Administrator")
    assert account.api_enabled
    assert account.view_all_custom_settings
    assert account.modify_all_data
    assert evidence.cti_users.value.count == 3
    assert evidence.security.value.session_timeout == "EightHours"
    assert evidence.security.value.trusted == (AddressRange(start="192.0.2.0", end="192.0.2.255"),)
    assert [each.profile for each in evidence.login_ranges.value.profiles] == [
        "System Administrator",
        "Service Agent",
    ]
    assert evidence.calls_used == server.calls() <= TYPICAL_CALLS
    assert {each.method for each in server.asked if "Soap" not in each.path} == {"GET"}


def test_the_evidence_survives_json_and_never_holds_the_token(server: SalesforceServer) -> None:
    server.org.edition = f"Enterprise Edition {TOKEN}"  # a server that echoes what it was given
    log: list[str] = []
    evidence = read(server, log=log)
    encoded = msgspec.json.encode(evidence)
    assert msgspec.json.decode(encoded, type=SalesforceEvidence) == evidence
    assert TOKEN.encode() not in encoded
    assert TOKEN not in "".join(log)
    assert "***" in evidence.org.value.edition


@pytest.mark.parametrize(("size", "pages"), [(2000, 1), (2, 2), (1, 3)])
def test_pages_are_followed(server: SalesforceServer, size: int, pages: int) -> None:
    server.org.page_size = size
    evidence = read(server)
    assert evidence.cti_users.value.count == 3
    assert evidence.calls_used == server.calls() == 12 + 3 * (pages - 1) + (size == 1)


def test_an_org_with_too_many_pages_is_too_large_and_stays_within_the_price(
    server: SalesforceServer,
) -> None:
    server.org.users = [admin(), *agents(30)]
    server.org.page_size = 2
    evidence = read(server)
    assert failures(evidence)["cti_users"] is FailureCode.TOO_LARGE
    assert evidence.calls_used == server.calls() <= MOST_CALLS


def test_never_more_calls_than_were_announced() -> None:
    budget = CallBudget(most=2)
    budget.spend()
    budget.spend()
    with pytest.raises(CannotGather) as caught:
        budget.spend()
    assert caught.value.failure.code is FailureCode.TOO_LARGE
    assert budget.spent == 2


def test_my_domain_is_followed_once_and_kept(server: SalesforceServer) -> None:
    server.instead[f"na1.salesforce.com{DATA}/query"] = Reply(
        status=302, headers={"Location": f"https://{HOST}{DATA}/query?q=SELECT+OrganizationType,"
                                         "+IsSandbox+FROM+Organization"})  # fmt: skip
    evidence = read(server, host="na1.salesforce.com")
    assert set(failures(evidence).values()) == {None}
    assert evidence.host == HOST
    assert [each.host for each in server.asked][:2] == ["na1.salesforce.com", HOST]
    assert "na1.salesforce.com" not in [each.host for each in server.asked][2:]


@pytest.mark.parametrize(
    "location",
    [
        "https://elsewhere.example.com/services/data/v60.0/limits",
        "https://acme.my.salesforce.com.example.com/",
        "https://evilsalesforce.com/",
        f"https://{HOST}:8443/services/data/",
        "https://login.salesforce.com@elsewhere.example.com/",
        "https://customer.force.com/steal",
    ],
)
def test_the_token_goes_to_no_foreign_host(server: SalesforceServer, location: str) -> None:
    server.instead[f"{DATA}/query"] = Reply(status=302, headers={"Location": location})
    evidence = read(server)
    assert set(failures(evidence).values()) == {FailureCode.LED_ELSEWHERE}
    assert {each.host for each in server.asked} == {HOST}
    assert server.calls() == 1


@pytest.mark.parametrize("location", [f"http://{HOST}/", "ftp://x", "//", "https://", "\\\\"])
def test_nothing_but_https_is_followed(server: SalesforceServer, location: str) -> None:
    server.instead[f"{DATA}/query"] = Reply(status=302, headers={"Location": location})
    code = failures(read(server))["org"]
    assert code in {FailureCode.BAD_ANSWER, FailureCode.LED_ELSEWHERE, FailureCode.ACCESS_DENIED}
    assert {each.host for each in server.asked} == {HOST}


def test_a_session_for_a_foreign_host_is_not_used_at_all(server: SalesforceServer) -> None:
    with pytest.raises(CannotGather) as caught:
        read(server, host="elsewhere.example.com")
    assert caught.value.failure.code is FailureCode.LED_ELSEWHERE
    assert server.asked == []


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (refused(401, "INVALID_SESSION_ID", "Session expired or invalid"),
         FailureCode.SESSION_EXPIRED),
        (refused(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
         FailureCode.ALLOWANCE_USED_UP),
        (refused(403, "API_DISABLED_FOR_ORG", "The REST API is not enabled for this Organization."),
         FailureCode.API_DISABLED),
    ],
)  # fmt: skip
def test_what_stands_for_all_costs_one_call(
    server: SalesforceServer, reply: Reply, code: FailureCode
) -> None:
    server.instead[DATA] = reply
    evidence = read(server)
    assert set(failures(evidence).values()) == {code}
    assert evidence.calls_used == server.calls() == 1


@pytest.mark.parametrize(
    ("path", "reply", "part", "code"),
    [
        (f"{DATA}/limits", refused(403, "INSUFFICIENT_ACCESS", "insufficient access rights"),
         "limits", FailureCode.ACCESS_DENIED),
        (f"{DATA}/limits", refused(500, "UNKNOWN_EXCEPTION", "An unexpected error occurred."),
         "limits", FailureCode.HTTP_STATUS),
        (f"{DATA}/limits", Reply(status=503, body=b"<html>busy</html>"),
         "limits", FailureCode.HTTP_STATUS),
        (f"{DATA}/limits", Reply(body=b"<html>a proxy's page</html>"),
         "limits", FailureCode.BAD_ANSWER),
        (f"{DATA}/limits", Reply(body=b'{"DailyApiRequests": {"Max": "many"}}'),
         "limits", FailureCode.BAD_ANSWER),
        (f"{DATA}/limits", Reply(body=b" " * (5 * 1024 * 1024)), "limits", FailureCode.TOO_LARGE),
        (f"{DATA}/tooling", refused(404, "NOT_FOUND", ""), "login_ranges",
         FailureCode.ACCESS_DENIED),
        (f"{DATA}/tooling", Reply(body=b'{"Name": "x", "Metadata": null}'), "login_ranges",
         FailureCode.ACCESS_DENIED),
        ("/services/Soap", Reply(status=500, body=NO_ACCESS), "security",
         FailureCode.ACCESS_DENIED),
        ("/services/Soap", Reply(body=b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"), "security",
         FailureCode.BAD_ANSWER),
        ("/services/Soap", Reply(body=b"<a"), "security", FailureCode.BAD_ANSWER),
        ("/services/Soap", Reply(body=b"<a/>"), "security", FailureCode.BAD_ANSWER),
        ("/services/Soap", Reply(status=502, body=b"bad gateway"), "security",
         FailureCode.HTTP_STATUS),
    ],
)  # fmt: skip
def test_one_part_fails_alone(
    server: SalesforceServer, path: str, reply: Reply, part: str, code: FailureCode
) -> None:
    server.instead[path] = reply
    found = failures(read(server))
    assert found.pop(part) is code
    assert set(found.values()) == {None}


@pytest.mark.parametrize(
    ("field", "parts"),
    [
        ("PermissionsViewAllCustomSettings", {"account", "cti_users", "login_ranges"}),
        ("CallCenterId", {"cti_users"}),
    ],
)
def test_a_field_that_the_user_may_not_see_is_told_apart(
    server: SalesforceServer, field: str, parts: set[str]
) -> None:
    server.org.hidden_fields = (field,)
    found = failures(read(server))
    assert {name for name, code in found.items() if code is FailureCode.ACCESS_DENIED} == parts
    assert {code for name, code in found.items() if name not in parts} == {None}


def test_a_field_that_is_simply_absent_is_the_same(server: SalesforceServer) -> None:
    body = {"done": True, "records": [{"IsSandbox": False}]}
    server.instead[f"{DATA}/query?q=SELECT+OrganizationType"] = Reply(
        body=json.dumps(body).encode()
    )
    assert failures(read(server))["org"] is FailureCode.ACCESS_DENIED


def test_limits_that_are_left_out_are_not_read_as_none_left(server: SalesforceServer) -> None:
    del server.org.limits["DataStorageMB"]
    limits = read(server).limits.value
    assert limits.data_storage_mb is None
    assert limits.daily_requests is not None


def test_a_stall_ends_at_the_deadline_and_costs_no_further_call(server: SalesforceServer) -> None:
    server.instead[f"{DATA}/limits"] = Reply(stall_s=30)
    found = failures(read(server, timeouts=Timeouts(call_s=0.4, total_s=20)))
    assert found.pop("org") is None
    assert set(found.values()) == {FailureCode.TIMED_OUT}
    assert server.calls() == 2


def test_the_whole_reading_has_a_deadline_too(server: SalesforceServer) -> None:
    server.instead[f"{DATA}/limits"] = Reply(stall_s=30)
    found = failures(read(server, timeouts=Timeouts(call_s=20, total_s=0.6)))
    assert set(list(found.values())[1:]) == {FailureCode.TIMED_OUT}
    assert server.calls() <= 2


def test_named_people_are_asked_for_by_name(server: SalesforceServer) -> None:
    names = ("agent0001@acme.example", "o'brien@acme.example", "gone@acme.example")
    server.org.users[2].username = names[0]
    people = read(server, salesforce_cti_users=names).cti_users.value
    assert people.named
    assert people.count == 1
    assert CtiUser(user_name="gone@acme.example") in people.not_found


def test_the_connected_account_may_be_another_than_who_signed_in(server: SalesforceServer) -> None:
    server.org.users.append(admin(id="005000000000009AAA", username="link@acme.example",
                                  permissions=("PermissionsApiEnabled",)))  # fmt: skip
    account = read(server, salesforce_user="link@acme.example").account.value
    assert not account.signed_in
    assert account.api_enabled
    assert not account.modify_all_data
    missing = failures(read(server, salesforce_user="nobody@acme.example"))
    assert missing["account"] is missing["login_ranges"] is FailureCode.ACCESS_DENIED


@pytest.mark.parametrize(
    ("expires", "held"),
    [(None, True), ("2126-01-01T00:00:00.000+0000", True), ("2020-01-01T00:00:00.000+0000", False)],
)
def test_an_assignment_that_expired_gives_nothing(
    server: SalesforceServer, expires: str | None, held: bool
) -> None:
    for user in server.org.users:
        user.expires = expires
    evidence = read(server)
    assert evidence.account.value.api_enabled is held
    groups = evidence.cti_users.value.groups
    assert [group.view_all_custom_settings for group in groups] == [held]


@pytest.mark.parametrize(
    ("changes", "policies", "held"),
    [
        ({}, False, True),
        ({"set_active": False}, False, False),
        ({"set_revoked": True}, True, False),
        ({"set_revoked": True}, False, True),  # an org without policies has no such field
        # what the profile gives is not assigned, and cannot be inactive
        ({"set_active": False, "by_profile": True}, False, True),
    ],
)
def test_an_assignment_that_is_not_active_gives_nothing(
    server: SalesforceServer, changes: dict[str, object], policies: bool, held: bool
) -> None:
    server.org.has_access_policies = policies
    for user in server.org.users:
        for name, value in changes.items():
            setattr(user, name, value)
    evidence = read(server)
    assert evidence.account.value.api_enabled is held
    assert [group.view_all_custom_settings for group in evidence.cti_users.value.groups] == [held]


@pytest.mark.parametrize(("salesforce_year", "held"), [(2019, True), (2021, False)])
def test_an_assignment_expires_by_the_clock_of_salesforce(
    server: SalesforceServer, salesforce_year: int, held: bool
) -> None:
    server.date = f"Wed, 01 Jul {salesforce_year} 10:00:00 GMT"
    for user in server.org.users:
        user.expires = "2020-01-01T00:00:00.000+0000"
    evidence = read(server)
    assert evidence.account.value.api_enabled is held
    assert [group.view_all_custom_settings for group in evidence.cti_users.value.groups] == [held]


@pytest.mark.parametrize("date", ["", "soon", "Wed, 99 Jul 2019 10:00:00 GMT", "\t"])
def test_a_clock_that_is_none_is_not_believed(server: SalesforceServer, date: str) -> None:
    server.date = date
    assert set(failures(read(server)).values()) == {None}


def test_a_deactivated_or_frozen_account_is_seen(server: SalesforceServer) -> None:
    server.org.users.append(admin(id="005000000000009AAA", username="link@acme.example",
                                  active=False, frozen=True))  # fmt: skip
    account = read(server, salesforce_user="link@acme.example").account.value
    assert (account.is_active, account.is_frozen) == (False, True)
    own = read(server).account.value
    assert (own.is_active, own.is_frozen) == (True, False)


def test_who_may_not_see_frozen_users_reads_all_else(server: SalesforceServer) -> None:
    server.org.shows_logins = False
    evidence = read(server, salesforce_user="admin@acme.example")
    assert set(failures(evidence).values()) == {None}
    assert evidence.account.value.is_frozen is None


@pytest.mark.parametrize(("switched_on", "held"), [(True, True), (False, None)])
def test_what_an_account_without_administration_holds(
    server: SalesforceServer, switched_on: bool, held: bool | None
) -> None:
    server.org.has_audit_permissions = switched_on
    server.org.users[0] = admin(
        permissions=("PermissionsApiEnabled", *AUDIT_PERMISSIONS),
        set_names=("NBVC_Administrator_PermissionSet",),
    )
    account = read(server).account.value
    assert (account.create_audit_fields, account.update_with_inactive_owners) == (held, held)
    assert "NBVC_Administrator_PermissionSet" in account.permission_sets


@pytest.mark.parametrize("count", [0, 1, 11])
def test_session_settings_of_profiles_are_read(server: SalesforceServer, count: int) -> None:
    server.org.profile_sessions = [
        ProfileSessionSetting(full_name=f"p{number}", profile=f"Profile {number}",
                              minutes=120, force_logout=number % 2 == 0)
        for number in range(count)
    ]  # fmt: skip
    evidence = read(server)
    profiles = evidence.security.value.profiles
    assert [each.profile for each in profiles] == [f"Profile {n}" for n in range(count)]
    assert {each.timeout_min for each in profiles} <= {120}
    assert evidence.calls_used == server.calls() <= TYPICAL_CALLS


def test_profiles_that_keep_their_sessions_to_themselves_end_nothing(
    server: SalesforceServer,
) -> None:
    server.org.profile_sessions = [ProfileSessionSetting(full_name="p", profile="<broken>")]
    evidence = read(server)
    assert evidence.security.value.profiles is None
    assert evidence.security.value.session_timeout == "EightHours"


def test_a_time_that_is_none_is_a_bad_answer(server: SalesforceServer) -> None:
    server.org.users[0].expires = "soon"
    assert failures(read(server))["account"] is FailureCode.BAD_ANSWER


def test_login_ranges_come_profile_by_profile(server: SalesforceServer) -> None:
    server.org.profile(ADMIN_PROFILE).ranges = (("192.0.2.1", "192.0.2.9"),)
    first, second = read(server).login_ranges.value.profiles
    assert first.ranges == (AddressRange(start="192.0.2.1", end="192.0.2.9"),)
    assert second.ranges == ()


def test_an_untrusted_certificate_gets_no_token(server: SalesforceServer) -> None:
    found = failures(read_without_root(server))
    assert set(found.values()) == {FailureCode.CERTIFICATE_UNTRUSTED}
    assert server.asked == []


def read_without_root(server: SalesforceServer) -> SalesforceEvidence:
    context = make_context(WINDOWS, server.network())
    context = signed_in(context, SalesforceSession(httpx.URL(f"https://{HOST}"), TOKEN))
    return asyncio.run(read_everything(context, Timeouts()))


def test_where_one_family_leads_nowhere_the_other_is_taken(server: SalesforceServer) -> None:
    class TwoFamilies(NamesHere):
        async def resolve(self, target: HostPort, *, timeout_s: float) -> tuple[Endpoint, ...]:
            dead = Endpoint(family=socket.AF_INET6, address="::1", port=1)
            return (dead, *await super().resolve(target, timeout_s=timeout_s))

    context = make_context(WINDOWS, TwoFamilies(server.port), targets=server.targets())
    context = signed_in(context, SalesforceSession(httpx.URL(f"https://{HOST}"), TOKEN))
    evidence = asyncio.run(read_everything(context, Timeouts()))
    assert set(failures(evidence).values()) == {None}


def test_the_token_is_in_no_log_whatever_its_level(
    server: SalesforceServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    read(server)
    assert "httpcore" in {record.name.split(".")[0] for record in caplog.records}
    assert TOKEN not in caplog.text


@given(st.binary(max_size=200))
def test_any_bytes_are_a_value_a_refusal_or_a_bad_answer(junk: bytes) -> None:
    code, detail = refusal(503, junk)
    assert isinstance(code, FailureCode)
    assert "HTTP 503" in detail
    with suppress(BadAnswer):
        parse(junk)
    with suppress(BadAnswer):
        decode_json(junk, SalesforceEvidence)


@pytest.mark.parametrize(
    "body",
    [b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", b'[{"message": "\xff"}]', b"", b"[]"],
)
def test_json_that_is_none_ends_in_one_way(body: bytes) -> None:
    assert refusal(500, body)[0] is FailureCode.HTTP_STATUS
    with pytest.raises(BadAnswer):
        decode_json(body, SalesforceEvidence)


@pytest.mark.parametrize(
    "body",
    [
        b"<!DOCTYPE a><a/>",
        b"<a><!-- fine elsewhere --></a>",
        b"<?xml version='1.0'?>",
        b"\xff\xfe<a/>",
    ],
)
def test_xml_with_declarations_of_its_own_is_refused(body: bytes) -> None:
    with pytest.raises(BadAnswer):
        parse(body)


def test_nobody_signed_in_asks_nobody(server: SalesforceServer) -> None:
    context = make_context(WINDOWS, server.network(), targets=server.targets())
    with pytest.raises(CannotGather) as caught:
        asyncio.run(read_everything(context, Timeouts()))
    assert caught.value.failure == Failure(
        code=FailureCode.NOT_SIGNED_IN, operation="read_salesforce"
    )
    assert server.asked == []


def test_orgs_of_the_tests_do_not_share_state() -> None:
    assert Org().users is not Org().users
