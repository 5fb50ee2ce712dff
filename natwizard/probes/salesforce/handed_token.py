"""An access token that somebody got elsewhere, as Salesforce's own command line prints it.

Sources: `sf org display --json` (result.accessToken, result.instanceUrl). Since May 2026 (CLI
2.136.8, forcedotcom/cli issue 3560) it prints "[REDACTED] Use 'sf org auth show-access-token' to
view" in place of the token; `sf org auth show-access-token --json` prints result.accessToken
alone. SF_ACCESS_TOKEN and SF_ORG_INSTANCE_URL are the variables that `sf org login access-token`
itself reads.
"""

import re
from collections.abc import Mapping

import httpx
from msgspec import Struct

from natwizard.model.profile import Targets
from natwizard.probes.failures import BadAnswer, CannotGather
from natwizard.probes.salesforce.decoding import decode_json
from natwizard.probes.salesforce.hosts import holds_an_org, login_address, require_salesforce
from natwizard.probes.salesforce.session import SalesforceSession

TOKEN_VARIABLE = "SF_ACCESS_TOKEN"  # noqa: S105 - the name of a variable
ORG_VARIABLE = "SF_ORG_INSTANCE_URL"
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
