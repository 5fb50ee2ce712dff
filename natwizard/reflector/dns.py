"""A small resolver for demo and tests: one fixed zone, EDNS, truncation. RFC 1035, 6891, 7766.

Its answers may be larger than the questions, which over UDP makes an amplifier: settings allow
it on loopback only.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Iterable
from struct import Struct as Layout

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdatatype
import dns.rrset

from natwizard.reflector.connections import Connection
from natwizard.reflector.limits import MessageLimit, source_of
from natwizard.reflector.stats import Tally

ZONE_NAME = "natwizard.test."
LARGE_NAME = "large.natwizard.test."
LARGE_TYPE = "TXT"
# Over 512 bytes, and below 1232: with EDNS it comes whole, without it comes truncated
LARGE_STRINGS, LARGE_STRING_BYTES = 9, 100

TTL_S = 60
# Without EDNS (RFC 1035, 4.2.1); a smaller EDNS size counts as this (RFC 6891, 6.2.3)
PLAIN_PAYLOAD_BYTES = 512
# The starting point that RFC 6891 (6.2.5) recommends
LARGEST_PAYLOAD_BYTES = 4096
# A question has one name of at most 255 bytes (RFC 1035, 2.3.4), and some options of EDNS
LARGEST_QUERY_BYTES = 1024
# RFC 7766 (6.2.3) wants an idle connection closed after seconds
SILENCE_S = 10.0
QUERIES_PER_CONNECTION = 32

_LENGTH = Layout("!H")


class Responder:
    """Answers for one zone; everything else is REFUSED."""

    def __init__(self, zone: str, records: tuple[dns.rrset.RRset, ...]) -> None:
        self._zone = dns.name.from_text(zone)
        self._records = records

    def answer(self, wire: bytes, *, over_udp: bool) -> bytes | None:
        """The answer to one query; None for what deserves none."""
        if len(wire) > LARGEST_QUERY_BYTES:
            return None
        try:
            query = dns.message.from_wire(wire)
            # two servers that answer each other's answers would never end
            if query.flags & dns.flags.QR:
                return None
            return self._encode(query, over_udp=over_udp)
        except (dns.exception.DNSException, ValueError):
            return None

    def _encode(self, query: dns.message.Message, *, over_udp: bool) -> bytes:
        response = dns.message.make_response(
            query, recursion_available=True, our_payload=LARGEST_PAYLOAD_BYTES, pad=0
        )
        if query.edns >= 0:
            response.use_edns(0, query.ednsflags & dns.flags.DO, LARGEST_PAYLOAD_BYTES)
        self._fill(query, response)
        # the two bytes of length before a message over TCP (RFC 1035, 4.2.2) count no further
        largest = 65535
        if over_udp:
            asked = query.payload if query.edns >= 0 else PLAIN_PAYLOAD_BYTES
            largest = min(max(asked, PLAIN_PAYLOAD_BYTES), LARGEST_PAYLOAD_BYTES)
        try:
            return response.to_wire(max_size=largest)
        except dns.exception.TooBig:
            response.answer.clear()
            response.flags |= dns.flags.TC
            return response.to_wire(max_size=largest)

    def _fill(self, query: dns.message.Message, response: dns.message.Message) -> None:
        # the version of EDNS: there is only 0, and others are answered so (RFC 6891, 6.1.3)
        if query.edns > 0:
            response.set_rcode(dns.rcode.BADVERS)
        elif query.opcode() != dns.opcode.QUERY:
            response.set_rcode(dns.rcode.NOTIMP)
        elif len(query.question) != 1:
            response.set_rcode(dns.rcode.FORMERR)
        elif not query.question[0].name.is_subdomain(self._zone):
            response.set_rcode(dns.rcode.REFUSED)
        else:
            question = query.question[0]
            named = [records for records in self._records if records.name == question.name]
            wanted = {question.rdtype, dns.rdatatype.CNAME}
            response.answer.extend(records for records in named if records.rdtype in wanted)
            if not named:
                response.set_rcode(dns.rcode.NXDOMAIN)


def own_zone(addresses: tuple[str, ...]) -> Responder:
    """The zone `natwizard.test` of a reflector at these addresses."""
    versions = [(ipaddress.ip_address(address).version, address) for address in addresses]
    ipv4 = [address for version, address in versions if version == 4]
    ipv6 = [address for version, address in versions if version == 6]
    large = [f'"{chr(ord("a") + place) * LARGE_STRING_BYTES}"' for place in range(LARGE_STRINGS)]
    soa = f"{ZONE_NAME} hostmaster.{ZONE_NAME} 1 3600 600 86400 60"
    rows = [
        (ZONE_NAME, "SOA", [soa]),
        (ZONE_NAME, "NS", [ZONE_NAME]),
        (ZONE_NAME, "A", ipv4),
        (ZONE_NAME, "AAAA", ipv6),
        (ZONE_NAME, "TXT", ['"natwizard reflector"']),
        (LARGE_NAME, LARGE_TYPE, large),
    ]
    return Responder(ZONE_NAME, zone_records(rows))


def zone_records(rows: Iterable[tuple[str, str, list[str]]]) -> tuple[dns.rrset.RRset, ...]:
    """Record sets of name, type and texts; those without a text are left out."""
    return tuple(
        dns.rrset.from_text_list(name, TTL_S, "IN", kind, texts)
        for name, kind, texts in rows
        if texts
    )


class DnsUdp(asyncio.DatagramProtocol):
    """The responder on one UDP socket."""

    def __init__(self, responder: Responder, messages: MessageLimit, tally: Tally) -> None:
        self._responder = responder
        self._messages = messages
        self._tally = tally
        self._transport: asyncio.DatagramTransport | None = None

    async def start(self, bound: socket.socket) -> None:
        """Serve on a bound socket, which now belongs to this service."""
        loop = asyncio.get_running_loop()
        self._transport, _protocol = await loop.create_datagram_endpoint(lambda: self, sock=bound)

    async def close(self) -> None:
        """Stop listening."""
        if self._transport is not None:
            self._transport.abort()

    def datagram_received(self, data: bytes, addr: tuple[str | int, ...]) -> None:
        """Answer one query."""
        answer = None
        if self._messages.admit(source_of(addr)):
            answer = self._responder.answer(data, over_udp=True)
        if answer is None or self._transport is None:
            self._tally.dns_dropped += 1
            return
        self._tally.dns_answered += 1
        self._transport.sendto(answer, addr)

    def error_received(self, exc: Exception) -> None:
        """A client that is gone (ICMP) is nobody's trouble."""


class DnsTcp:
    """Holds the conversation of one TCP connection: length-prefixed queries (RFC 7766)."""

    def __init__(self, responder: Responder, messages: MessageLimit, tally: Tally) -> None:
        self._responder = responder
        self._messages = messages
        self._tally = tally

    async def converse(self, connection: Connection) -> None:
        """Answer a few queries, then hang up."""
        source = source_of((connection.peer.host, connection.peer.port))
        for _query in range(QUERIES_PER_CONNECTION):
            async with asyncio.timeout(SILENCE_S):
                (length,) = _LENGTH.unpack(await connection.receive_exactly(_LENGTH.size))
                if length > LARGEST_QUERY_BYTES:
                    raise ValueError(f"a query of {length} bytes")
                query = await connection.receive_exactly(length)
            answer = None
            if self._messages.admit(source):
                answer = self._responder.answer(query, over_udp=False)
            if answer is None:
                self._tally.dns_dropped += 1
                raise ValueError("not a query, or too many")
            self._tally.dns_answered += 1
            connection.heard()
            await connection.send(_LENGTH.pack(len(answer)) + answer)
