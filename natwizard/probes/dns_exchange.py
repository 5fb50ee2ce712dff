"""Raw questions to one resolver over UDP and TCP. Source: RFC 1035, 6891, 7766."""

import asyncio
import socket
from ipaddress import ip_address

import dns.exception
import dns.flags
import dns.message
import dns.rcode
from msgspec import Struct

from natwizard.model.address import HostPort
from natwizard.probes.base import ProbeContext
from natwizard.probes.failures import BadAnswer
from natwizard.probes.network import Endpoint
from natwizard.probes.printable import printable

RETRY_AFTER_S = 1.0
TRIES = 3
TCP_TIMEOUT_S = 3.0
JUNK_LIMIT = 50
DATAGRAM_LIMIT_BYTES = 65_535


class DnsAnswer(Struct, frozen=True, kw_only=True):
    """An answer to one question.

    Attributes:
        rcode: as in the registry ("NOERROR", "FORMERR", "BADVERS").
        has_opt: whether an OPT record came back (EDNS).
        edns_version: of that record; -1 without one.
        truncated: the TC flag.
        size_bytes: of the message.
        records: in the answer section.
        sends: how often it was asked before the answer came; 1 over TCP.
    """

    rcode: str
    has_opt: bool
    edns_version: int
    truncated: bool
    size_bytes: int
    records: int
    sends: int = 1


async def ask_udp(
    context: ProbeContext, resolver: HostPort, query: dns.message.Message
) -> DnsAnswer:
    """Ask at most three times, a second apart, on one socket; the last wait is a second too.

    The socket is connected: what others send never arrives, and a closed port is a refusal.
    Raises OSError, TimeoutError; BadAnswer if nothing but junk came.
    """
    loop = asyncio.get_running_loop()
    wire = query.to_wire()
    datagrams = context.network.open_udp(_family(resolver))
    try:
        await loop.sock_connect(datagrams, (resolver.host, resolver.port))
        junk: list[str] = []
        for sends in range(1, TRIES + 1):
            async with context.pace.flow():
                await loop.sock_sendall(datagrams, wire)
            answer = await _answer_within(datagrams, query, sends, junk)
            if answer is not None:
                return answer
        if junk:
            raise BadAnswer(junk[-1])
        raise TimeoutError(f"no answer to {TRIES} tries in {TRIES * RETRY_AFTER_S:.0f} s")
    finally:
        datagrams.close()


async def _answer_within(
    datagrams: socket.socket, query: dns.message.Message, sends: int, junk: list[str]
) -> DnsAnswer | None:
    """The answer to the query; what is not one is noted and passed over (RFC 5452, section 9)."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(RETRY_AFTER_S):
            while len(junk) < JUNK_LIMIT:
                wire = await loop.sock_recv(datagrams, DATAGRAM_LIMIT_BYTES)
                try:
                    return read_answer(wire, query, sends=sends)
                except BadAnswer as error:
                    junk.append(str(error))
    except TimeoutError:
        return None
    raise BadAnswer(f"{len(junk)} datagrams that answer nothing")


async def ask_tcp(
    context: ProbeContext, resolver: HostPort, query: dns.message.Message
) -> DnsAnswer:
    """Ask over TCP, with the length before each message. Raises as `ask_udp`, and EOFError."""
    loop = asyncio.get_running_loop()
    endpoint = Endpoint(family=_family(resolver), address=resolver.host, port=resolver.port)
    wire = query.to_wire()
    async with context.pace.flow(), asyncio.timeout(TCP_TIMEOUT_S):
        connection = await context.network.connect_tcp(endpoint, timeout_s=TCP_TIMEOUT_S)
        try:
            await loop.sock_sendall(connection, len(wire).to_bytes(2, "big") + wire)
            length = int.from_bytes(await _read_exactly(connection, 2), "big")
            return read_answer(await _read_exactly(connection, length), query, sends=1)
        finally:
            connection.close()


async def _read_exactly(connection: socket.socket, count: int) -> bytes:
    loop = asyncio.get_running_loop()
    received = bytearray()
    while len(received) < count:
        data = await loop.sock_recv(connection, count - len(received))
        if not data:
            raise EOFError(f"hung up after {len(received)} of {count} bytes")
        received += data
    return bytes(received)


def read_answer(wire: bytes, query: dns.message.Message, *, sends: int) -> DnsAnswer:
    """Bytes of a stranger as an answer to this query. BadAnswer if they are none."""
    try:
        message = dns.message.from_wire(wire, ignore_trailing=True, raise_on_truncation=False)
        if not query.is_response(message):
            raise BadAnswer(f"{len(wire)} bytes that answer another question")
        return DnsAnswer(
            rcode=dns.rcode.to_text(message.rcode()),
            has_opt=message.edns >= 0,
            edns_version=message.edns,
            truncated=bool(message.flags & dns.flags.TC),
            size_bytes=len(wire),
            records=sum(len(rrset) for rrset in message.answer),
            sends=sends,
        )
    except (dns.exception.DNSException, ValueError, IndexError, KeyError) as error:
        if isinstance(error, BadAnswer):
            raise
        words = printable(f"{type(error).__name__} {error}")
        raise BadAnswer(f"{len(wire)} bytes that are no DNS message: {words}") from error


def _family(resolver: HostPort) -> socket.AddressFamily:
    return socket.AF_INET6 if ip_address(resolver.host).version == 6 else socket.AF_INET
