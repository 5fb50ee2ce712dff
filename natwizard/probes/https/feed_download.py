"""Fetches one vendor's list over https: bounded in time, size and redirects."""

import asyncio
import ssl

import httpx

from natwizard import __version__
from natwizard.model.outcome import FailureCode
from natwizard.probes.base import ProbeContext
from natwizard.probes.failures import BadAnswer, CannotGather
from natwizard.probes.https.secure_web import (
    ADDRESSES_AT_MOST,
    addresses_of,
    bounded_body,
    https_address,
    proxy_address,
    system_trust,
    translated,
    web_failure,
)

TIMEOUT_S = 4.0
SIZE_LIMIT_BYTES = 4 * 1024 * 1024
REDIRECTS_AT_MOST = 3
OPERATION = "download"


async def download(context: ProbeContext, url: str) -> bytes:
    """The body behind an https address, through the system's proxy where it has one.

    Raises CannotGather (HTTP_STATUS, TOO_LARGE, ...), BadAnswer, OSError, TimeoutError.
    """
    async with asyncio.timeout(TIMEOUT_S):
        trust = await system_trust(context.targets.extra_roots)
        address = https_address(url)
        for _redirect in range(REDIRECTS_AT_MOST + 1):
            answer = await _get(context, address, trust)
            if isinstance(answer, bytes):
                return answer
            address = https_address(answer, address)
    raise BadAnswer(f"more than {REDIRECTS_AT_MOST} redirects")


async def _get(context: ProbeContext, url: httpx.URL, trust: ssl.SSLContext) -> bytes | str:
    """The body, or where a redirect leads."""
    through = await proxy_address(context.network, url, timeout_s=TIMEOUT_S)
    if through:
        return await _ask(url, url, trust, through)
    last: CannotGather | None = None
    for endpoint in await addresses_of(context.network, url, timeout_s=TIMEOUT_S):
        try:
            return await _ask(url, url.copy_with(host=endpoint.address), trust, None)
        except CannotGather as failed:
            last = failed
    raise last or BadAnswer(f"{url.host} has no address")


async def _ask(
    url: httpx.URL, at: httpx.URL, trust: ssl.SSLContext, proxy: str | None
) -> bytes | str:
    """Ask for `url` at the address `at`; certificate and Host are those of the name."""
    headers = {
        "Host": url.netloc.decode("ascii"),
        "Accept": "application/json",
        "Accept-Encoding": "gzip",
        "User-Agent": f"natwizard/{__version__}",
    }
    async with httpx.AsyncClient(
        verify=trust,
        proxy=proxy,
        trust_env=False,
        timeout=httpx.Timeout(TIMEOUT_S, connect=TIMEOUT_S / ADDRESSES_AT_MOST),
    ) as client:
        try:
            async with client.stream(
                "GET", at, headers=headers, extensions={"sni_hostname": url.host}
            ) as response:
                if response.is_redirect:
                    return str(response.headers.get("location", ""))
                if response.status_code != httpx.codes.OK:
                    raise web_failure(
                        FailureCode.HTTP_STATUS, OPERATION, f"HTTP {response.status_code}"
                    )
                return await bounded_body(response, SIZE_LIMIT_BYTES, OPERATION)
        except httpx.HTTPError as error:
            raise translated(error, OPERATION) from error
