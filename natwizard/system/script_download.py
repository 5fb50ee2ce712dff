"""Fetches a proxy script (PAC): directly, bounded in time, size and redirects.

Source of the bounds: Chromium (pac_file_fetcher_impl.cc): 1 MB, status 200 and no other, never
through a proxy, ISO-8859-1 where nobody says otherwise. It waits 30 s, where we do not.
"""

import asyncio
import codecs
import os
import stat
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx

from natwizard import __version__
from natwizard.model.outcome import FailureCode
from natwizard.probes.failures import BadAnswer, CannotGather
from natwizard.probes.network import Network
from natwizard.probes.secure_web import (
    addresses_of,
    bounded_body,
    system_trust,
    translated,
    web_failure,
)
from natwizard.system.script_answer import without_user

FETCH_S = 6.0
SIZE_LIMIT_BYTES = 1024 * 1024
REDIRECTS_AT_MOST = 3
OPERATION = "fetch_script"
MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_BE, "utf-16-be"),
         (codecs.BOM_UTF16_LE, "utf-16-le"))  # fmt: skip
ENCODINGS = {"utf-8", "utf8", "us-ascii", "utf-16-le", "utf-16-be", "windows-1252"}
OTHERWISE = "iso-8859-1"


async def download_script(network: Network, address: str) -> str:
    """The script behind an http, https or file address.

    Raises CannotGather (HTTP_STATUS, TOO_LARGE, ...), BadAnswer, OSError, TimeoutError.
    """
    if address.startswith("file:"):
        return decoded(_file(unquote(urlsplit(address).path)), "")
    async with asyncio.timeout(FETCH_S):
        url = web_address(address)
        for _redirect in range(REDIRECTS_AT_MOST + 1):
            answer = await _get(network, url)
            if not isinstance(answer, httpx.URL):
                return answer
            url = answer
    raise BadAnswer(f"more than {REDIRECTS_AT_MOST} redirects")


def web_address(text: str, base: httpx.URL | None = None) -> httpx.URL:
    """An address of the settings, or of a redirect, which never leads to a file. BadAnswer."""
    try:
        # httpx would sign in by itself with what stands before an @, and browsers do not
        url = base.join(without_user(text)) if base else httpx.URL(without_user(text))
    except httpx.InvalidURL as error:
        raise BadAnswer(f"no web address: {text[:100]!r}") from error
    if url.scheme not in {"http", "https"} or not url.host:
        raise BadAnswer(f"expected an http or https address, got {text[:100]!r}")
    return url


def decoded(content: bytes, charset: str) -> str:
    """As the server says, as its first bytes say, or else as ISO-8859-1."""
    if charset.lower() in ENCODINGS:
        return content.decode(charset, errors="replace").removeprefix("\ufeff")
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, errors="replace")
    return content.decode(OTHERWISE)


def _file(path: str) -> bytes:
    """Of a real file: a pipe or a device may have no end."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    with open(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise BadAnswer(f"{Path(path).name} is no file")
        content = file.read(SIZE_LIMIT_BYTES + 1)
    if len(content) > SIZE_LIMIT_BYTES:
        raise web_failure(FailureCode.TOO_LARGE, OPERATION, f"over {SIZE_LIMIT_BYTES} bytes")
    return content


async def _get(network: Network, url: httpx.URL) -> str | httpx.URL:
    """The script, or where a redirect leads; from the first address that gives it."""
    last: CannotGather | None = None
    for endpoint in await addresses_of(network, url, timeout_s=FETCH_S):
        try:
            return await _ask(url, url.copy_with(host=endpoint.address))
        except CannotGather as failed:
            last = failed
    raise last or BadAnswer(f"{url.host} has no address")


async def _ask(url: httpx.URL, at: httpx.URL) -> str | httpx.URL:
    """Ask for `url` at the address `at`; certificate and Host are those of the name."""
    headers = {
        "Host": url.netloc.decode("ascii"),
        "Accept": "*/*",
        "Accept-Encoding": "gzip",
        "User-Agent": f"natwizard/{__version__}",
    }
    verify = await system_trust(()) if url.scheme == "https" else False
    async with httpx.AsyncClient(
        verify=verify, trust_env=False, timeout=httpx.Timeout(FETCH_S, connect=FETCH_S / 2)
    ) as client:
        try:
            async with client.stream(
                "GET", at, headers=headers, extensions={"sni_hostname": url.host}
            ) as response:
                if response.is_redirect:
                    return web_address(response.headers.get("location", ""), url)
                if response.status_code != httpx.codes.OK:
                    status = f"HTTP {response.status_code}"
                    raise web_failure(FailureCode.HTTP_STATUS, OPERATION, status)
                body = await bounded_body(response, SIZE_LIMIT_BYTES, OPERATION)
                return decoded(body, response.charset_encoding or "")
        except httpx.HTTPError as error:
            raise translated(error, OPERATION) from error
