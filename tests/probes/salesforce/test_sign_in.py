"""The whole sign-in against an authorisation server, with a browser that follows its redirect."""

import asyncio
import base64
import hashlib
import json
import pickle
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from servers.free_ports import free_port
from servers.salesforce_org import HOST, TOKEN
from servers.salesforce_server import CLIENT_ID, LOGIN, Reply, SalesforceServer

from natwizard.checks.shared.missing_evidence import judge_missing
from natwizard.model.outcome import FailureCode
from natwizard.model.profile import Targets
from natwizard.probes.browser_page.site import Request
from natwizard.probes.failures import CannotGather
from natwizard.probes.salesforce.session import SalesforceSession
from natwizard.probes.salesforce.sign_in import (
    Callback,
    SignInTimes,
    UnusableToken,
    new_proof,
    session_from_environment,
    session_from_text,
    sign_in,
)

PATIENCE_S = 60.0
"""Longer than a busy machine takes for what is there; who is to be waited for in vain says less."""


@pytest.fixture
def server() -> Iterator[SalesforceServer]:
    with SalesforceServer(callback=f"http://localhost:{free_port()}/callback") as running:
        yield running


class Browser:
    """Opens the page, is redirected, and delivers the answer to the loopback address."""

    def __init__(
        self, server: SalesforceServer, *, change: Callable[[str], str] = lambda address: address
    ) -> None:
        self.server, self.change = server, change
        self.opened = ""
        self.back: list[httpx.Response] = []

    def __call__(self, page: str) -> None:
        self.opened = page
        asked = urlsplit(page)
        assert asked.netloc == LOGIN
        local = f"https://127.0.0.1:{self.server.port}{asked.path}?{asked.query}"
        with httpx.Client(verify=False, trust_env=False) as client:  # noqa: S501 - a test's own
            answer = client.get(local, headers={"Host": LOGIN})
            if answer.status_code == httpx.codes.FOUND:
                self.back.append(client.get(self.change(answer.headers["Location"])))


def sign_in_with(
    server: SalesforceServer,
    browser: Callable[[str], object],
    *,
    person_s: float = PATIENCE_S,
    **changes: object,
) -> SalesforceSession:
    targets = server.targets(
        **{"salesforce_client_id": CLIENT_ID, "salesforce_callback": server.callback} | changes
    )
    times = SignInTimes(person_s=person_s, token_s=PATIENCE_S)
    return asyncio.run(sign_in(server.network(), targets, browser, times))


def failure_of(server: SalesforceServer, browser: Callable[[str], object], **changes: object):  # noqa: ANN201
    with pytest.raises(CannotGather) as caught:
        sign_in_with(server, browser, **changes)
    return caught.value.failure


def test_a_person_signs_in_and_the_page_says_so(server: SalesforceServer) -> None:
    browser = Browser(server)
    session = sign_in_with(server, browser)
    assert session.authorization() == f"Bearer {TOKEN}"
    assert session.org.host == HOST
    assert "You are signed in" in browser.back[0].text
    assert "default-src 'none'" in browser.back[0].headers["Content-Security-Policy"]
    fields = parse_qs(urlsplit(browser.opened).query)
    assert fields["scope"] == ["api"]
    assert fields["code_challenge_method"] == ["S256"]


def test_a_page_that_stays_open_does_not_hold_up_the_sign_in(server: SalesforceServer) -> None:
    """As where a browser that is started ends only when the person closes it."""
    browser, closed = Browser(server), threading.Event()

    def show(page: str) -> None:
        browser(page)
        closed.wait(60)

    try:
        assert sign_in_with(server, show).authorization() == f"Bearer {TOKEN}"
    finally:
        closed.set()


def test_a_page_that_cannot_be_shown_ends_the_sign_in(server: SalesforceServer) -> None:
    def show(_page: str) -> None:
        raise FileNotFoundError("no browser")

    failure = failure_of(server, show)
    assert "no browser" in failure.detail


def test_twice_in_a_row_uses_fresh_secrets(server: SalesforceServer) -> None:
    first, second = Browser(server), Browser(server)
    sign_in_with(server, first)
    sign_in_with(server, second)
    one, two = (parse_qs(urlsplit(each.opened).query) for each in (first, second))
    assert one["state"] != two["state"]
    assert one["code_challenge"] != two["code_challenge"]


def test_what_is_opened_holds_neither_verifier_nor_token(server: SalesforceServer) -> None:
    browser = Browser(server)
    sign_in_with(server, browser)
    fields = parse_qs(urlsplit(browser.opened).query)
    assert set(fields) == {"response_type", "client_id", "redirect_uri", "scope", "state",
                           "code_challenge", "code_challenge_method"}  # fmt: skip


def test_a_person_who_declines_is_a_refusal(server: SalesforceServer) -> None:
    server.person_agrees = False
    failure = failure_of(server, Browser(server))
    assert failure.code is FailureCode.SIGN_IN_REFUSED
    assert "end-user denied authorization" in failure.detail


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("OAUTH_APP_BLOCKED", FailureCode.APP_BLOCKED),
        ("OAUTH_EC_APP_NOT_FOUND", FailureCode.APP_BLOCKED),
        ("oauth_app_access_denied", FailureCode.APP_BLOCKED),
        ("access_denied", FailureCode.SIGN_IN_REFUSED),
        ("", FailureCode.SIGN_IN_REFUSED),
    ],
)
def test_an_app_that_is_blocked_is_told_from_a_person_who_declines(
    server: SalesforceServer, error: str, code: FailureCode
) -> None:
    server.person_agrees = False
    renamed = Browser(server, change=lambda url: url.replace("access_denied", error))
    failure = failure_of(server, renamed)
    assert failure.code is code
    told = judge_missing("", "", failure)
    assert told.remedy is not None
    assert ("not installed since September 2025" in told.remedy.text) is (
        code is FailureCode.APP_BLOCKED
    )


def test_a_token_that_is_refused_for_the_app_says_so(server: SalesforceServer) -> None:
    server.instead["/services/oauth2/token"] = Reply(
        status=400, body=b'{"error": "OAUTH_APP_BLOCKED", "error_description": "by admin"}'
    )
    assert failure_of(server, Browser(server)).code is FailureCode.APP_BLOCKED


def test_a_sign_in_that_nobody_ends_says_where_the_app_may_be_blocked(
    server: SalesforceServer,
) -> None:
    told = judge_missing("", "", failure_of(server, lambda _page: None, person_s=0.8))
    assert told.remedy is not None
    assert "External Client Apps" in told.remedy.text


def test_an_answer_with_another_state_is_nobodys(server: SalesforceServer) -> None:
    wrong = Browser(server, change=lambda url: re.sub(r"state=[^&]+", "state=guessed", url))
    failure = failure_of(server, wrong, person_s=5)
    assert failure.code is FailureCode.TIMED_OUT
    assert wrong.back[0].status_code == httpx.codes.BAD_REQUEST


def test_a_stranger_cannot_spoil_the_sign_in(server: SalesforceServer) -> None:
    def browser(page: str) -> None:
        stranger = f"{server.callback}?{urlencode({'code': 'theirs', 'state': 'guessed'})}"
        answer = httpx.get(stranger, trust_env=False, timeout=PATIENCE_S)
        assert answer.status_code == httpx.codes.BAD_REQUEST
        elsewhere = server.callback.replace("/callback", "/other")
        answer = httpx.get(elsewhere, trust_env=False, timeout=PATIENCE_S)
        assert answer.status_code == httpx.codes.NOT_FOUND
        Browser(server)(page)

    assert sign_in_with(server, browser).org.host == HOST


def test_a_code_that_was_swapped_is_refused_by_its_proof(server: SalesforceServer) -> None:
    server.codes["stolen"] = {"redirect_uri": server.callback, "code_challenge": "another"}
    swapped = Browser(server, change=lambda url: re.sub(r"code=[^&]+", "code=stolen", url))
    failure = failure_of(server, swapped)
    assert failure.code is FailureCode.SIGN_IN_REFUSED
    assert "invalid_grant" in failure.detail


def test_nobody_signs_in_and_time_is_up(server: SalesforceServer) -> None:
    assert failure_of(server, lambda _page: None, person_s=0.8).code is FailureCode.TIMED_OUT


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"salesforce_client_id": ""}, FailureCode.NO_TARGET),
        ({"salesforce_login": "https://"}, FailureCode.BAD_ANSWER),
        ({"salesforce_login": "http://login.salesforce.com"}, FailureCode.BAD_ANSWER),
    ],
)
def test_settings_that_cannot_work_say_so(
    server: SalesforceServer, changes: dict[str, object], code: FailureCode
) -> None:
    assert failure_of(server, lambda _page: None, **changes).code is code


def test_a_port_that_is_taken_says_so(server: SalesforceServer) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", urlsplit(server.callback).port or 0))
        taken.listen()
        failure = failure_of(server, Browser(server))
    assert failure.code is FailureCode.SIGN_IN_REFUSED
    assert "taken by another program" in failure.detail


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (Reply(status=500, body=b"<html>"), FailureCode.SIGN_IN_REFUSED),
        (Reply(body=b"not json"), FailureCode.BAD_ANSWER),
        (Reply(status=302, headers={"Location": "https://elsewhere.example.com/"}),
         FailureCode.SIGN_IN_REFUSED),
        (Reply(body=b"x" * 100_000), FailureCode.TOO_LARGE),
        (Reply(body=json.dumps({"access_token": TOKEN,
                                "instance_url": "https://elsewhere.example.com"}).encode()),
         FailureCode.LED_ELSEWHERE),
    ],
)  # fmt: skip
def test_a_token_endpoint_that_misbehaves_gives_no_session(
    server: SalesforceServer, reply: Reply, code: FailureCode
) -> None:
    server.instead["/services/oauth2/token"] = reply
    assert failure_of(server, Browser(server)).code is code
    assert "elsewhere.example.com" not in {each.host for each in server.asked}


def test_the_proof_is_that_of_the_standard() -> None:
    proof = new_proof()
    assert 43 <= len(proof.verifier) <= 128
    expected = base64.urlsafe_b64encode(hashlib.sha256(proof.verifier.encode()).digest())
    assert proof.challenge == expected.decode().rstrip("=")
    assert proof.verifier not in repr(proof)


def request(target: str, *, method: str = "GET", host: str = "localhost:8717") -> Request:
    return Request(method=method, target=target, headers={"host": host})


def test_the_callback_answers_once() -> None:
    async def run() -> None:
        callback = Callback(address="http://localhost:8717/callback", state="s")
        asked = request("/callback?state=s&code=c")
        assert callback.answer(request("/callback?state=s&code=c", method="POST")).status == 404
        assert callback.answer(request("/callback?state=s&code=c", host="evil.test")).status == 404
        assert callback.answer(request("/callback?code=c")).status == 400
        assert callback.answer(request("/callback?state=s&" + "&".join(["a=b"] * 30))).status == 400
        assert callback.answer(asked).status == 200
        assert callback.answer(asked).status == 410
        assert await callback.code() == "c"

    asyncio.run(run())


@settings(max_examples=50)
@given(st.text(max_size=200))
def test_the_callback_survives_any_address(target: str) -> None:
    async def run() -> None:
        callback = Callback(address="http://localhost:8717/callback", state="s")
        assert callback.answer(request(target)).status in {400, 404}

    asyncio.run(run())


# tokens from elsewhere

ORG = f"https://{HOST}"


@pytest.mark.parametrize(
    ("text", "environment"),
    [
        (json.dumps({"status": 0, "result": {"id": "00D", "accessToken": TOKEN, "instanceUrl": ORG,
                                             "username": "a@acme.example"}}), {}),
        (json.dumps({"status": 0, "result": {"accessToken": TOKEN}}), {"SF_ORG_INSTANCE_URL": ORG}),
        (f"  {TOKEN}\n", {"SF_ORG_INSTANCE_URL": ORG}),
    ],
)  # fmt: skip
def test_what_sf_prints_opens_the_org(text: str, environment: dict[str, str]) -> None:
    session = session_from_text(text, Targets(), environment)
    assert (session.org.host, session.authorization()) == (HOST, f"Bearer {TOKEN}")


def test_the_profile_may_name_the_org() -> None:
    assert session_from_text(TOKEN, Targets(salesforce_login=ORG), {}).org.host == HOST
    environment = {"SF_ACCESS_TOKEN": TOKEN}
    session = session_from_environment(environment, Targets(salesforce_login=ORG))
    assert session.org.host == HOST


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (json.dumps({"result": {"accessToken": "[REDACTED] Use 'sf org auth show-access-token' to"
                                " view", "instanceUrl": ORG}}), "show-access-token --json"),
        ("", "expected an access token"),
        ("two words of no token", "expected an access token"),
        ("{", "expected the JSON"),
        ('{"result": []}', "expected the JSON"),
        (TOKEN, "which org?"),
        (json.dumps({"result": {"accessToken": TOKEN, "instanceUrl": "https://example.com"}}),
         "no address of a Salesforce org"),
        (json.dumps({"result": {"accessToken": TOKEN, "instanceUrl": f"http://{HOST}"}}),
         "no address of a Salesforce org"),
    ],
)  # fmt: skip
def test_a_token_that_opens_nothing_says_why_without_itself(text: str, says: str) -> None:
    with pytest.raises(UnusableToken, match=re.escape(says)) as caught:
        session_from_text(text, Targets(), {})
    assert TOKEN not in str(caught.value)


def test_no_variable_no_token() -> None:
    with pytest.raises(UnusableToken, match="SF_ACCESS_TOKEN is not set"):
        session_from_environment({}, Targets())


@given(st.text(max_size=300))
def test_any_text_is_a_session_or_unusable(text: str) -> None:
    with suppress(UnusableToken):
        assert session_from_text(text, Targets(salesforce_login=ORG), {}).org.host == HOST


def test_a_session_does_not_show_its_token() -> None:
    session = SalesforceSession(httpx.URL(ORG), TOKEN)
    assert TOKEN not in repr(session) + str(session) + f"{session!r}"
    with pytest.raises(TypeError):
        pickle.dumps(session)
    assert session.scrub(f"a{TOKEN}b".encode()) == b"a***b"
