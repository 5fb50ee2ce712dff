"""Asks routers on the way by the system's own ping command, where sockets may not."""

import ipaddress
import re

from natwizard.probes.detached import run_detached
from natwizard.probes.host import Host

ONE_S = 2.0
_ADDRESS = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])")
_TIME = re.compile(r"[=<]\s*(\d{1,6}(?:[.,]\d{1,3})?)\s*ms", re.IGNORECASE)


async def ping_router(host: Host, address: str, hops: int) -> str:
    """Who ends one packet to an IPv4 address after so many hops; empty if nobody says so."""
    limit = ("-n", "1", "-w", "1000", "-i") if host.platform == "windows" else ("-c", "1", "-m")
    output = await _run(host, ("ping", *limit, str(hops), address), ONE_S)
    return first_other(output, address)


async def ping_times(host: Host, address: str, count: int) -> tuple[float, ...]:
    """Round trips in ms of those of `count` pings that came back, one a second."""
    number = "-n" if host.platform == "windows" else "-c"
    return times_in(await _run(host, ("ping", number, str(count), address), count + ONE_S))


async def _run(host: Host, command: tuple[str, ...], timeout_s: float) -> str:
    """What it printed; nothing where there is no such command."""
    try:
        found = await run_detached(lambda: host.run(command, timeout_s=timeout_s), name="ping")
    except (OSError, TimeoutError):
        return ""
    return found.output[:20_000]


def first_other(output: str, target: str) -> str:
    """The first address in ping's words, of any language, that is not the target's."""
    for found in _ADDRESS.findall(output):
        try:
            address = str(ipaddress.ip_address(found))
        except ValueError:
            continue
        if address != target:
            return address
    return ""


def times_in(output: str) -> tuple[float, ...]:
    """Times of the lines of answers: only those tell a TTL, in every language."""
    lines = [line for line in output.splitlines() if "ttl" in line.lower()]
    found = [match for line in lines if (match := _TIME.search(line))]
    return tuple(float(match[1].replace(",", ".")) for match in found)
