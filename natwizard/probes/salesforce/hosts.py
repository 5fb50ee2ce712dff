"""Which servers may be given an access token: Salesforce's own, and the one the profile names.

Source: "My Domain URL Formats" in Salesforce Help. Orgs answer at MyDomainName.my.salesforce.com
(government: salesforce.mil; Alibaba Cloud: sfcrmproducts.cn). Names under force.com and
salesforce-sites.com are left out: customers serve pages of their own there, and no API answers.
"""

import httpx

from natwizard.model.outcome import FailureCode
from natwizard.model.profile import Targets
from natwizard.probes.failures import BadAnswer
from natwizard.probes.https.client import https_address, web_failure

FAMILY = ("salesforce.com", "salesforce.mil", "sfcrmproducts.cn")
FOR_EVERYBODY = frozenset(("login", "test", "welcome"))
"""First labels of hosts where people sign in, and that hold no org."""


def login_address(targets: Targets) -> httpx.URL:
    """Where the profile has people sign in. Raises CannotGather that names the setting."""
    try:
        return https_address(targets.salesforce_login)
    except BadAnswer as error:
        detail = f"targets.salesforce_login: {error}"
        raise web_failure(FailureCode.BAD_ANSWER, "read_profile", detail) from error


def require_salesforce(text: str, login: httpx.URL, base: httpx.URL | None = None) -> httpx.URL:
    """An address that may be given the token. Raises CannotGather (LED_ELSEWHERE), BadAnswer."""
    url = https_address(text, base)
    if not is_salesforce(url, login):
        raise web_failure(FailureCode.LED_ELSEWHERE, "check_host", url.host)
    return url


def is_salesforce(url: httpx.URL, login: httpx.URL) -> bool:
    """Whether a host is Salesforce's, or to the letter the one the profile signs in at."""
    if url.scheme != "https":
        return False
    if (url.host, url.port or 443) == (login.host, login.port or 443):
        return True
    standard_port = url.port in (None, 443)
    return standard_port and any(
        url.host == name or url.host.endswith(f".{name}") for name in FAMILY
    )


def holds_an_org(url: httpx.URL) -> bool:
    """Whether an address can be an org's own, and not one where everybody signs in."""
    first, _, rest = url.host.partition(".")
    return not (first in FOR_EVERYBODY and rest in FAMILY)


def origin(url: httpx.URL) -> httpx.URL:
    """Scheme, host and port alone."""
    return httpx.URL(scheme=url.scheme, host=url.host, port=url.port)
