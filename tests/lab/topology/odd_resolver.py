"""A name server that handles EDNS as broken ones do, before a good one.

Usage: odd_resolver.py PORT MODE GOOD_ADDRESS; modes: formerr, strip, slow, fails_large,
withhold, sink, behind, empty, rewrite, aaaa_servfail, aaaa_slow, mostly_dead, and those of DROPS
"""

import asyncio
import sys
from collections.abc import Callable
from typing import cast

import dns.asyncquery
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

SLOW_S = 1.5
AAAA_SLOW_S = 3.0
ADVERTS = "198.51.100.11"
OLD_ADDRESS = "192.0.2.1"
FORGETS_AFTER_S = 5.0
# where nobody is, though the way there leads out
DEAD_SERVERS = tuple(f"198.51.100.{number}" for number in range(200, 205))

# what a firewall that does not know it lets go, over UDP
DROPS: dict[str, Callable[[dns.message.Message], bool]] = {
    "drop_dnssec": lambda query: query.edns == 0 and bool(query.ednsflags & dns.flags.DO),
    "drop_4096": lambda query: query.payload == 4096 and not query.ednsflags & dns.flags.DO,
    "drop_option": lambda query: bool(query.options),
    "drop_version": lambda query: query.edns > 0,
}


class OddResolver(asyncio.DatagramProtocol):
    """Answers over UDP and TCP; what it cannot answer, it lets go."""

    def __init__(self, mode: str, good: str) -> None:
        self._mode = mode
        self._good = good
        self._found_at: dict[dns.name.Name, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str | int, ...]) -> None:
        async def answer() -> None:
            drops = DROPS.get(self._mode)
            if drops is None or not drops(dns.message.from_wire(data)):
                self._transport.sendto(await self._answer(data, over_tcp=False), addr)

        task = asyncio.get_running_loop().create_task(answer())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        query = await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big"))
        answer = await self._answer(query, over_tcp=True)
        writer.write(len(answer).to_bytes(2, "big") + answer)
        await writer.drain()
        writer.close()

    async def _answer(self, data: bytes, *, over_tcp: bool) -> bytes:
        query = dns.message.from_wire(data)
        if self._mode == "formerr" and query.edns >= 0:
            refused = dns.message.make_response(query)
            refused.use_edns(False)
            refused.set_rcode(dns.rcode.FORMERR)
            return refused.to_wire()
        if self._mode == "fails_large" and query.question[0].name.labels[0] == b"large":
            return _failed(query).to_wire()
        if self._mode == "empty":
            nothing = dns.message.make_response(query, recursion_available=True)
            return nothing.to_wire()  # NOERROR, and no answer in it
        of_phone = query.question[0].name.labels[0] == b"phone"
        if self._mode in {"withhold", "sink", "behind"} and of_phone:
            return _filtered(query, self._mode).to_wire()
        if self._mode == "aaaa_servfail" and query.question[0].rdtype == dns.rdatatype.AAAA:
            return _failed(query).to_wire()  # as old forwarders and load balancers (RFC 4074)
        if self._mode == "aaaa_slow" and query.question[0].rdtype == dns.rdatatype.AAAA:
            await asyncio.sleep(AAAA_SLOW_S)
        if self._mode == "slow" and not over_tcp and query.edns < 0:
            await self._find(query.question[0].name)
        ask = dns.asyncquery.tcp if over_tcp else dns.asyncquery.udp
        answer = await ask(query, self._good, timeout=3)
        if self._mode == "rewrite" and answer.rcode() is dns.rcode.NXDOMAIN:
            return _rewritten(query).to_wire()
        _alter(answer, self._mode)
        return answer.to_wire(max_size=65535)

    async def _find(self, name: dns.name.Name) -> None:
        """Slow to find a name, then quick until it is forgotten."""
        now = asyncio.get_running_loop().time()
        found_at = self._found_at.get(name, -FORGETS_AFTER_S)
        if now - found_at >= FORGETS_AFTER_S:
            found_at = self._found_at[name] = now + SLOW_S
        await asyncio.sleep(max(0.0, found_at - now))


def _filtered(query: dns.message.Message, mode: str) -> dns.message.Message:
    """As filters of names do it: there is no such name, or it leads to 0.0.0.0. One that is behind
    knows where the server was.
    """
    answer = dns.message.make_response(query)
    question = query.question[0]
    if mode == "withhold":
        answer.set_rcode(dns.rcode.NXDOMAIN)
    elif question.rdtype == dns.rdatatype.A:
        led_to = OLD_ADDRESS if mode == "behind" else "0.0.0.0"
        answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", "A", led_to))
    return answer


def _failed(query: dns.message.Message) -> dns.message.Message:
    answer = dns.message.make_response(query)
    answer.set_rcode(dns.rcode.SERVFAIL)
    return answer


def _alter(answer: dns.message.Message, mode: str) -> None:
    if mode == "mostly_dead":
        _with_dead_servers(answer)
    if mode == "strip":
        answer.use_edns(False)


def _with_dead_servers(answer: dns.message.Message) -> None:
    """The webphone and its pages have many servers, and one of them is up."""
    name = answer.question[0].name
    if name.labels[0] not in {b"phone", b"www"}:
        return
    for found in answer.answer:
        if found.rdtype == dns.rdatatype.A:
            dead = dns.rrset.from_text(name, found.ttl, "IN", "A", *DEAD_SERVERS)
            for each in dead:
                found.add(each)


def _rewritten(query: dns.message.Message) -> dns.message.Message:
    """As some providers do it: names that do not exist lead to a page of adverts."""
    answer = dns.message.make_response(query)
    question = query.question[0]
    if question.rdtype == dns.rdatatype.A:
        answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", "A", ADVERTS))
    return answer


async def main(port: int, mode: str, good: str) -> None:
    loop = asyncio.get_running_loop()
    odd = OddResolver(mode, good)
    await loop.create_datagram_endpoint(lambda: odd, local_addr=("0.0.0.0", port))
    server = await asyncio.start_server(odd.converse, "0.0.0.0", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], sys.argv[3]))
