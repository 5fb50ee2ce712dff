"""Signs a person in to Salesforce in their own browser, for one access token.

Sources: "OAuth 2.0 Web Server Flow for Web App Integration" in Salesforce Help (authorize and
token endpoints, PKCE; the callback address has to be the app's to the letter), RFC 6749, RFC 7636,
RFC 8252 (loopback redirect). The scope is `api` alone: no refresh token, nothing to keep.
"""

import asyncio
import base64
import errno
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
from msgspec import Struct

from natwizard.model.language import _
from natwizard.model.outcome import FailureCode
from natwizard.model.profile import Targets
from natwizard.probes.base import require_target
from natwizard.probes.browser_page.server import LoopbackServer
from natwizard.probes.browser_page.site import PageResponse, Request
from natwizard.probes.detached import run_detached
from natwizard.probes.failures import BadAnswer, CannotGather, failure_from
from natwizard.probes.https.client import (
    HttpsClient,
    HttpsLimits,
    web_failure,
)
from natwizard.probes.network import Network
from natwizard.probes.salesforce.decoding import decode_json
from natwizard.probes.salesforce.hosts import holds_an_org, login_address, require_salesforce
from natwizard.probes.salesforce.session import SalesforceSession

PAGE = """<!doctype html>
<html><head><meta charset="utf-8"><title>natwizard</title></head>
<body><p>{text}</p></body></html>
"""
HEADERS = (
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
)


@dataclass(slots=True, kw_only=True)
class Callback:
    """What the browser brings back.

    Attributes:
        address: the callback address of the app, to the letter.
        state: what only the page of our own sign-in knows.
    """

    address: str
    state: str
    _code: "asyncio.Future[str]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    async def code(self) -> str:
        """The authorisation code. Raises CannotGather (SIGN_IN_REFUSED, APP_BLOCKED)."""
        return await self._code

    def answer(self, request: Request) -> PageResponse:
        """Settle with the first request that is ours; others learn nothing and change nothing."""
        expected, got = urlsplit(self.address), urlsplit(request.target)
        ours = request.headers.get("host", "").lower() == expected.netloc.lower()
        if request.method != "GET" or got.path != expected.path or not ours:
            return PageResponse(status=404)
        try:
            fields = parse_qs(got.query, max_num_fields=20)
        except ValueError:
            return PageResponse(status=400)
        if not hmac.compare_digest(_first(fields, "state").encode(), self.state.encode()):
            return PageResponse(status=400)
        if self._code.done():
            return PageResponse(status=410)
        return self._settle(fields)

    def _settle(self, fields: dict[str, list[str]]) -> PageResponse:
        code = _first(fields, "code")
        if code:
            self._code.set_result(code)
            return _page(_("You are signed in. You can close this page and go back to natwizard."))
        error = _first(fields, "error")
        reason = f"{error} {_first(fields, 'error_description')}".strip()
        self._code.set_exception(
            web_failure(_refusal(error), "sign_in", reason or "no code came back")
        )
        with suppress(Exception):  # it is told by `code`, to whoever still waits for it
            self._code.exception()
        return _page(_("Salesforce refused the sign-in. Go back to natwizard."))


BLOCKED = frozenset(("OAUTH_APP_BLOCKED", "OAUTH_APP_ACCESS_DENIED", "OAUTH_EC_APP_NOT_FOUND"))
"""Errors of an app that is blocked, or not installed, in the org. Sources: "Prepare for Connected
App Usage Restrictions Change" (apps that are not installed are blocked since September 2025) in
Salesforce Help; the names as orgs send them."""


def _refusal(error: str) -> FailureCode:
    return FailureCode.APP_BLOCKED if error.upper() in BLOCKED else FailureCode.SIGN_IN_REFUSED


def _first(fields: dict[str, list[str]], name: str) -> str:
    return fields.get(name, [""])[0]


def _page(text: str) -> PageResponse:
    return PageResponse(status=200, content=PAGE.format(text=text).encode(), headers=HEADERS)


TOKEN_VARIABLE = "SF_ACCESS_TOKEN"  # noqa: S105 - the name of a variable
ORG_VARIABLE = "SF_ORG_INSTANCE_URL"
# Of what `sf` prints, or of a token file: whatever else was named there may have no end
SIZE_LIMIT_BYTES = 64 * 1024
TOKEN = re.compile(r"[A-Za-z0-9!._~+/=-]{15,4000}")
REDACTED = "[REDACTED]"


class UnusableToken(ValueError):
    """What was handed over opens no org; `str()` is one clear line without the token."""


class _Result(Struct, frozen=True, rename="camel"):
    access_token: str = ""
    instance_url: str = ""


class _Printed(Struct, frozen=True):
    result: _Result = _Result()


def session_from_text(
    text: str, targets: Targets, environment: Mapping[str, str]
) -> SalesforceSession:
    """A token alone, or what `sf` printed with --json. Raises UnusableToken."""
    stripped = text.strip()
    found = _printed(stripped) if stripped.startswith("{") else _Result(access_token=stripped)
    if found.access_token.startswith(REDACTED):
        raise UnusableToken(
            "sf hides the access token; use the output of: sf org auth show-access-token --json"
        )
    if not TOKEN.fullmatch(found.access_token):
        raise UnusableToken("expected an access token, or what sf prints with --json")
    org = found.instance_url or environment.get(ORG_VARIABLE, "") or targets.salesforce_login
    return SalesforceSession(_org_address(org, targets), found.access_token)


def session_from_environment(environment: Mapping[str, str], targets: Targets) -> SalesforceSession:
    """The token of SF_ACCESS_TOKEN. Raises UnusableToken."""
    token = environment.get(TOKEN_VARIABLE, "")
    if not token:
        raise UnusableToken(f"{TOKEN_VARIABLE} is not set")
    return session_from_text(token, targets, environment)


def _printed(text: str) -> _Result:
    try:
        return decode_json(text, _Printed).result
    except BadAnswer as error:
        raise UnusableToken("expected the JSON that sf prints with --json") from error


def _org_address(org: str, targets: Targets) -> httpx.URL:
    try:
        url = require_salesforce(org, login_address(targets))
    except (BadAnswer, CannotGather) as error:
        raise UnusableToken(f"{org[:100]} is no address of a Salesforce org") from error
    if not holds_an_org(url):
        raise UnusableToken(
            f"which org? Set {ORG_VARIABLE}, or targets.salesforce_login, to its own address"
        )
    return url


VERIFIER_BYTES = 48
"""64 characters; RFC 7636 asks for 43 to 128."""
# 192 bits (decision 43)
STATE_BYTES = 24


class PkceProof(Struct, frozen=True):
    """Drawn anew for each sign-in. `verifier` is a secret until the token is asked for."""

    verifier: str
    state: str

    def __repr__(self) -> str:
        return "PkceProof(***)"

    @property
    def challenge(self) -> str:
        """S256: base64url of the SHA-256 of the verifier, without padding."""
        digest = hashlib.sha256(self.verifier.encode("ascii")).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def new_proof() -> PkceProof:
    """From the system's random numbers."""
    return PkceProof(
        verifier=secrets.token_urlsafe(VERIFIER_BYTES), state=secrets.token_urlsafe(STATE_BYTES)
    )


SCOPE = "api"
ANSWER_LIMIT_BYTES = 64 * 1024


class SignInTimes(Struct, frozen=True, kw_only=True):
    """How long the person may take in the browser, and how long Salesforce for the token."""

    person_s: float = 300.0
    token_s: float = 15.0


class _Token(Struct, frozen=True):
    access_token: str
    instance_url: str


class _Refused(Struct, frozen=True):
    error: str = ""
    error_description: str = ""


async def sign_in(
    network: Network,
    targets: Targets,
    show: Callable[[str], object],
    times: SignInTimes | None = None,
) -> SalesforceSession:
    """Have the person sign in. `show` opens an address in their browser; it may block.

    Raises CannotGather: NO_TARGET without a client ID, SIGN_IN_REFUSED, APP_BLOCKED, TIMED_OUT...
    """
    times = times or SignInTimes()
    client_id = require_target(targets.salesforce_client_id, "targets.salesforce_client_id")
    login = login_address(targets)
    proof = new_proof()
    try:
        code = await _ask_person(targets, login, proof, client_id, show, times.person_s)
        return await _redeem(network, targets, login, proof, code, times.token_s)
    except OSError as error:
        # Windows says EACCES for a port that another program holds exclusively
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            taken = f"{targets.salesforce_callback} is taken by another program"
            raise web_failure(FailureCode.SIGN_IN_REFUSED, "listen", taken) from error
        raise CannotGather(failure_from(error, "sign_in")) from error
    except ValueError as error:
        raise CannotGather(failure_from(error, "sign_in")) from error


async def _ask_person(
    targets: Targets,
    login: httpx.URL,
    proof: PkceProof,
    client_id: str,
    show: Callable[[str], object],
    person_s: float,
) -> str:
    address = targets.salesforce_callback
    callback = Callback(address=address, state=proof.state)
    page = authorize_address(login, proof, client_id, address)
    try:
        async with _listening(callback) as _server, asyncio.timeout(person_s):
            async with asyncio.TaskGroup() as group:
                # where showing a page takes until the browser is closed, the code comes first
                shown = group.create_task(run_detached(lambda: show(page), name="open the sign-in"))
                code = await callback.code()
                shown.cancel()
            return code
    except ExceptionGroup as group:
        raise CannotGather(failure_from(group, "sign_in")) from group
    except TimeoutError as error:
        raise web_failure(FailureCode.TIMED_OUT, "sign_in", f"{person_s:g} s") from error


def _listening(callback: Callback) -> LoopbackServer:
    port = urlsplit(callback.address).port or 80
    return LoopbackServer(port=port, answering=callback.answer)


def authorize_address(login: httpx.URL, proof: PkceProof, client_id: str, callback: str) -> str:
    """The page where people sign in. Nothing in it is a secret."""
    fields = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": callback,
        "scope": SCOPE,
        "state": proof.state,
        "code_challenge": proof.challenge,
        "code_challenge_method": "S256",
    }
    return str(login.join(f"/services/oauth2/authorize?{urlencode(fields)}"))


async def _redeem(
    network: Network,
    targets: Targets,
    login: httpx.URL,
    proof: PkceProof,
    code: str,
    token_s: float,
) -> SalesforceSession:
    """The code for a token, at the host that the profile names and at no other."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "client_id": targets.salesforce_client_id,
        "redirect_uri": targets.salesforce_callback,
        "code_verifier": proof.verifier,
    }
    address = login.join("/services/oauth2/token")
    status, body = await _post(network, targets, address, form, token_s)
    if status != httpx.codes.OK:
        refused = _refused(body)
        why = f"{refused.error} {refused.error_description}".strip()
        raise web_failure(_refusal(refused.error), "sign_in", f"HTTP {status} {why}")
    try:
        token = decode_json(body, _Token)
    except BadAnswer as error:
        raise BadAnswer("no token in the answer") from error
    return SalesforceSession(require_salesforce(token.instance_url, login), token.access_token)


def _refused(body: bytes) -> _Refused:
    """Empty where the answer is no refusal as OAuth writes it."""
    try:
        return decode_json(body, _Refused)
    except BadAnswer:
        return _Refused()


async def _post(
    network: Network, targets: Targets, url: httpx.URL, form: dict[str, str], token_s: float
) -> tuple[int, bytes]:
    """One form to one address; redirects are not followed, for the code is a secret too."""
    client = HttpsClient(network=network, operation="sign_in", extra_roots=targets.extra_roots)
    limits = HttpsLimits(deadline_s=token_s, body_bytes=ANSWER_LIMIT_BYTES, redirects=0)
    async with client:
        answer = await client.request(
            "POST",
            url,
            limits,
            content=urlencode(form).encode("ascii"),
            headers={
                "Accept": "application/json",
                "Content-Type": "application/x-www-form-urlencoded",
            },
        )
    return answer.status, answer.body
