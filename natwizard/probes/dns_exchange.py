"""Raw questions to one resolver over UDP and TCP. Source: RFC 1035, 6891, 7766."""

import asyncio
import secrets
import socket
import time
from ipaddress import ip_address
from itertools import islice

import dns.exception
import dns.flags
import dns.message
import dns.rcode
from dns.rdtypes.IN.A import A
from dns.rdtypes.IN.AAAA import AAAA
from msgspec import Struct
from msgspec.structs import replace

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
ADDRESSES = 32


class DnsAnswer(Struct, frozen=True, kw_only=True):
    """An answer to one question.

    Attributes:
        rcode: as in the registry ("NOERROR", "FORMERR", "BADVERS").
        has_opt: whether an OPT record came back (EDNS).
        edns_version: of that record; -1 without one.
        truncated: the TC flag.
        size_bytes: of the message.
        records: in the answer section.
        addresses: those of its A and AAAA records, in order; at most 32.
        sends: how often it was asked before the answer came; 1 over TCP.
        waited_s: from the sending of the question that was answered, of all that were sent, to
            the answer: what was lost on the way counts for nothing here. None if not known.
    """

    rcode: str
    has_opt: bool
    edns_version: int
    truncated: bool
    size_bytes: int
    records: int
    addresses: tuple[str, ...] = ()
    sends: int = 1
    waited_s: float | None = None


async def ask_udp(
    context: ProbeContext, resolver: HostPort, query: dns.message.Message
) -> DnsAnswer:
    """Ask at most three times, a second apart, on one socket; the last wait is a second too.

    The socket is connected: what others send never arrives, and a closed port is a refusal.
    Every time the question has another ID, so that an answer tells which one it is to.
    Raises OSError, TimeoutError; BadAnswer if nothing but junk came.
    """
    loop = asyncio.get_running_loop()
    async with context.pace.flow():
        datagrams = context.network.open_udp(_family(resolver))
        try:
            await loop.sock_connect(datagrams, (resolver.host, resolver.port))
            asking = _Asking(query)
            for _number in range(TRIES):
                await loop.sock_sendall(datagrams, asking.next_question())
                answer = await asking.answer_within(datagrams)
                if answer is not None:
                    return answer
        finally:
            datagrams.close()
    if asking.junk:
        raise BadAnswer(asking.junk[-1])
    raise TimeoutError(f"no answer to {TRIES} tries in {TRIES * RETRY_AFTER_S:.0f} s")


class _Asking:
    """One question, asked again and again."""

    def __init__(self, query: dns.message.Message) -> None:
        self.junk: list[str] = []
        self._query = query
        self._wire = query.to_wire()
        self._sent_at: dict[bytes, float] = {}

    def next_question(self) -> bytes:
        """With an ID that it did not have before."""
        number = secrets.token_bytes(2)
        while number in self._sent_at:
            number = secrets.token_bytes(2)
        self._sent_at[number] = time.perf_counter()
        return number + self._wire[2:]

    async def answer_within(self, datagrams: socket.socket) -> DnsAnswer | None:
        """An answer to any of them; what is none is noted and passed over (RFC 5452, section 9)."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(RETRY_AFTER_S):
                while len(self.junk) < JUNK_LIMIT:
                    wire = await loop.sock_recv(datagrams, DATAGRAM_LIMIT_BYTES)
                    try:
                        return self._read(wire)
                    except BadAnswer as error:
                        self.junk.append(str(error))
        except TimeoutError:
            return None
        raise BadAnswer(f"{len(self.junk)} datagrams that answer nothing")

    def _read(self, wire: bytes) -> DnsAnswer:
        sent_at = self._sent_at.get(wire[:2])
        if sent_at is None:
            raise BadAnswer(f"{len(wire)} bytes that answer another question")
        answer = read_answer(self._wire[:2] + wire[2:], self._query, sends=len(self._sent_at))
        return replace(answer, waited_s=time.perf_counter() - sent_at)


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
            addresses=_addresses(message),
            sends=sends,
        )
    except (dns.exception.DNSException, ValueError, IndexError, KeyError) as error:
        if isinstance(error, BadAnswer):
            raise
        words = printable(f"{type(error).__name__} {error}")
        raise BadAnswer(f"{len(wire)} bytes that are no DNS message: {words}") from error


def _addresses(message: dns.message.Message) -> tuple[str, ...]:
    found = (
        record.address
        for rrset in message.answer
        for record in rrset
        if isinstance(record, A | AAAA)
    )
    return tuple(islice(found, ADDRESSES))


def _family(resolver: HostPort) -> socket.AddressFamily:
    return socket.AF_INET6 if ip_address(resolver.host).version == 6 else socket.AF_INET
