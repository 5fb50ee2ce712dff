"""Two routers on the way of a stream, looked at while it runs: the gateway and the provider's.

At most eight packets find them, then each gets one small packet a second: routers ration such
answers (Linux: one a second), and more would read as loss.
"""

import asyncio
import ipaddress
import socket
from contextlib import ExitStack
from dataclasses import dataclass, field

from msgspec import Struct

from natwizard.probes.base import ProbeContext
from natwizard.probes.hop_ping import ping_router, ping_times
from natwizard.probes.hop_udp import HopSocket
from natwizard.probes.network import Endpoint
from natwizard.probes.reach import side_by_side

HOPS_AT_MOST = 8
ANSWER_S = 0.9
EVERY_S = 1.0
PINGS_AT_ONCE = 3
PINGS_AT_MOST = 90

# Addresses that no router of the internet has: RFC 1918, 6598, 3927, 4193, 4291
INSIDE = tuple(
    ipaddress.ip_network(network)
    for network in (
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16",
        "127.0.0.0/8", "fc00::/7", "fe80::/10", "::1/128",
    )
)  # fmt: skip


class Hop(Struct, frozen=True, kw_only=True):
    """One router.

    Attributes:
        number: hops from this computer, from 1.
        sent: packets it was to answer; `times_ms`: round trips of those it did, in order.
    """

    number: int
    address: str
    sent: int
    times_ms: tuple[float, ...]


class Hops(Struct, frozen=True, kw_only=True):
    """What routers on the way answered; None where the router did not, or was not found.

    Attributes:
        gateway: the first hop.
        public: the first with an address of the internet; the gateway itself may be it.
    """

    gateway: Hop | None = None
    public: Hop | None = None


@dataclass(slots=True)
class _Watched:
    number: int
    address: str
    sent: int = 0
    times_ms: list[float] = field(default_factory=list)

    def result(self) -> Hop:
        return Hop(
            number=self.number,
            address=self.address,
            sent=self.sent,
            times_ms=tuple(round(time_ms, 3) for time_ms in self.times_ms),
        )


async def watch_hops(context: ProbeContext, endpoint: Endpoint, over: asyncio.Event) -> Hops:
    """Look until `over` is set; ends within a second of it. Raises nothing for what it lacks."""
    if ipaddress.ip_address(endpoint.address.partition("%")[0]).is_loopback:
        return Hops()
    if context.host.platform == "linux":
        with ExitStack() as opened:
            return await _watch_by_udp(context, endpoint, over, opened)
    if endpoint.family == socket.AF_INET:
        return await _watch_by_ping(context, endpoint.address, over)
    return Hops()


async def no_hops() -> Hops:
    """For streams that go on for hours: strangers' routers are not asked that long."""
    return Hops()


def is_inside(address: str) -> bool:
    """Whether an address belongs to a private network, and not to the internet."""
    parsed = ipaddress.ip_address(address)
    return any(parsed in network for network in INSIDE)


async def _watch_by_udp(
    context: ProbeContext, endpoint: Endpoint, over: asyncio.Event, opened: ExitStack
) -> Hops:
    asking: dict[int, HopSocket] = {}
    for number in range(1, HOPS_AT_MOST + 1):
        try:
            asking[number] = HopSocket(context.network, endpoint, number)
        except OSError:
            return Hops()
        opened.callback(asking[number].close)
    answers = await side_by_side([asking[number].ask(ANSWER_S) for number in asking])
    found = {number: answer[0] for number, answer in zip(asking, answers, strict=True) if answer}
    watched = _worth_watching(found)

    async def watch(hop: _Watched) -> None:
        while not over.is_set():
            hop.sent += 1
            answer = await asking[hop.number].ask(ANSWER_S)
            if answer is not None and answer[0] == hop.address:
                hop.times_ms.append(answer[1])
            await _pause(over, EVERY_S - (answer[1] / 1000 if answer else ANSWER_S))

    await side_by_side([watch(hop) for hop in watched])
    return _hops(watched)


async def _watch_by_ping(context: ProbeContext, address: str, over: asyncio.Event) -> Hops:
    numbers = range(1, HOPS_AT_MOST + 1)
    routers = await side_by_side([ping_router(context.host, address, number) for number in numbers])
    watched = _worth_watching(
        {number: router for number, router in zip(numbers, routers, strict=True) if router}
    )

    if not watched:
        return Hops()

    async def watch(hop: _Watched) -> None:
        while not over.is_set() and hop.sent < PINGS_AT_MOST:
            hop.sent += PINGS_AT_ONCE
            hop.times_ms += await ping_times(context.host, hop.address, PINGS_AT_ONCE)

    async with asyncio.TaskGroup() as group:
        works = [group.create_task(watch(hop)) for hop in watched]
        ended = group.create_task(over.wait())
        await asyncio.wait((ended, *works), return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
        for hop, work in zip(watched, works, strict=True):
            if not work.done():  # what is still out does not count
                hop.sent -= PINGS_AT_ONCE
                work.cancel()
    return _hops(watched)


def _worth_watching(found: dict[int, str]) -> tuple[_Watched, ...]:
    """The first hop, and the first that is on the internet."""
    numbers = {number for number in found if number == 1}
    numbers.update([number for number in sorted(found) if not is_inside(found[number])][:1])
    return tuple(_Watched(number, found[number]) for number in sorted(numbers))


def _hops(watched: tuple[_Watched, ...]) -> Hops:
    found = [hop.result() for hop in watched]
    return Hops(
        gateway=next((hop for hop in found if hop.number == 1), None),
        public=next((hop for hop in found if not is_inside(hop.address)), None),
    )


async def _pause(over: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(max(0.05, seconds)):
            await over.wait()
    except TimeoutError:
        return
