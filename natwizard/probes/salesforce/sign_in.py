"""Signs a person in to Salesforce in their own browser, for one access token.

Sources: "OAuth 2.0 Web Server Flow for Web App Integration" in Salesforce Help (authorize and
token endpoints, PKCE; the callback address has to be the app's to the letter), RFC 6749, RFC 7636,
RFC 8252 (loopback redirect). The scope is `api` alone: no refresh token, nothing to keep.
"""

import asyncio
import errno
from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

import httpx
from msgspec import Struct

from natwizard import __version__
from natwizard.model.outcome import FailureCode
from natwizard.model.profile import Targets
from natwizard.probes.base import require_target
from natwizard.probes.browser_page.server import LoopbackServer
from natwizard.probes.detached import run_detached
from natwizard.probes.failures import BadAnswer, CannotGather, failure_from
from natwizard.probes.network import Network
from natwizard.probes.salesforce.callback import Callback
from natwizard.probes.salesforce.decoding import decode_json
from natwizard.probes.salesforce.hosts import login_address, require_salesforce
from natwizard.probes.salesforce.pkce import Proof, new_proof
from natwizard.probes.salesforce.session import SalesforceSession
from natwizard.probes.secure_web import (
    bounded_body,
    proxy_address,
    reachable_address,
    system_trust,
    translated,
    web_failure,
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

    Raises CannotGather: NO_TARGET without a client ID, SIGN_IN_REFUSED, TIMED_OUT, ...
    """
    times = times or SignInTimes()
    client_id = require_target(targets.salesforce_client_id, "targets.salesforce_client_id")
    login = login_address(targets)
    proof = new_proof()
    try:
        code = await _ask_person(targets, login, proof, client_id, show, times.person_s)
        async with asyncio.timeout(times.token_s):
            return await _redeem(network, targets, login, proof, code)
    except OSError as error:
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            taken = f"{targets.salesforce_callback} is taken by another program"
            raise web_failure(FailureCode.SIGN_IN_REFUSED, "listen", taken) from error
        raise CannotGather(failure_from(error, "sign_in")) from error
    except ValueError as error:
        raise CannotGather(failure_from(error, "sign_in")) from error


async def _ask_person(
    targets: Targets,
    login: httpx.URL,
    proof: Proof,
    client_id: str,
    show: Callable[[str], object],
    person_s: float,
) -> str:
    address = targets.salesforce_callback
    callback = Callback(address=address, state=proof.state)
    page = authorize_address(login, proof, client_id, address)
    try:
        async with _listening(callback) as _server, asyncio.timeout(person_s):
            await run_detached(lambda: show(page), name="open the sign-in")
            return await callback.code()
    except TimeoutError as error:
        raise web_failure(FailureCode.TIMED_OUT, "sign_in", f"{person_s:g} s") from error


def _listening(callback: Callback) -> LoopbackServer:
    port = urlsplit(callback.address).port or 80
    return LoopbackServer(port=port, answering=callback.answer)


def authorize_address(login: httpx.URL, proof: Proof, client_id: str, callback: str) -> str:
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
    network: Network, targets: Targets, login: httpx.URL, proof: Proof, code: str
) -> SalesforceSession:
    """The code for a token, at the host that the profile names and at no other."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "client_id": targets.salesforce_client_id,
        "redirect_uri": targets.salesforce_callback,
        "code_verifier": proof.verifier,
    }
    status, body = await _post(network, targets, login.join("/services/oauth2/token"), form)
    if status != httpx.codes.OK:
        raise web_failure(FailureCode.SIGN_IN_REFUSED, "sign_in", f"HTTP {status} {_why(body)}")
    try:
        token = decode_json(body, _Token)
    except BadAnswer as error:
        raise BadAnswer("no token in the answer") from error
    return SalesforceSession(require_salesforce(token.instance_url, login), token.access_token)


def _why(body: bytes) -> str:
    try:
        refused = decode_json(body, _Refused)
    except BadAnswer:
        return ""
    return f"{refused.error} {refused.error_description}".strip()


async def _post(
    network: Network, targets: Targets, url: httpx.URL, form: dict[str, str]
) -> tuple[int, bytes]:
    """One form to one address; redirects are not followed, for the code is a secret too."""
    trust = await system_trust(targets.extra_roots)
    proxy = await proxy_address(network, url, timeout_s=5.0)
    at = url
    if not proxy:
        endpoint = await reachable_address(network, url, timeout_s=5.0)
        at = url.copy_with(host=endpoint.address, port=endpoint.port)
    headers = {
        "Host": url.netloc.decode("ascii"),
        "Accept": "application/json",
        "User-Agent": f"natwizard/{__version__}",
    }
    try:
        async with (
            httpx.AsyncClient(verify=trust, proxy=proxy or None, trust_env=False) as client,
            client.stream(
                "POST", at, data=form, headers=headers, extensions={"sni_hostname": url.host}
            ) as response,
        ):
            return response.status_code, await bounded_body(response, ANSWER_LIMIT_BYTES, "sign_in")
    except httpx.HTTPError as error:
        raise translated(error, "sign_in") from error
