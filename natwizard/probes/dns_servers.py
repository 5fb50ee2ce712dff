"""What each resolver answers, and what the way to it lets through: plain, EDNS, large, TCP."""

import asyncio
import re
import secrets
import socket
import struct
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_network
from itertools import islice
from typing import NamedTuple
from urllib.parse import urlsplit

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
from dns.edns import OptionType
from msgspec import Struct
from msgspec.structs import replace

from natwizard.model.address import (
    HostPort,
    canonical_host,
    canonical_ip,
    is_literal,
    parse_host_port,
)
from natwizard.model.language import N_
from natwizard.model.outcome import Attempt, Failure, FailureCode
from natwizard.model.privacy import NetworkName, PublicText, ServerText
from natwizard.model.profile import PublicUse, Targets
from natwizard.probes.base import Phase, Probe, ProbeContext
from natwizard.probes.connection.reachability import LOOKUP_TIMEOUT_S, side_by_side
from natwizard.probes.connection.web_address import read_target
from natwizard.probes.detached import run_detached
from natwizard.probes.failures import BadAnswer, CannotGather
from natwizard.probes.host import Host
from natwizard.probes.media.arrival import next_datagram
from natwizard.probes.network import Endpoint
from natwizard.probes.printable import printable

RETRY_AFTER_S = 1.0
TOGETHER_S = 0.2
"""Answers to two of one's questions that are no further apart were given at once."""
# One lost datagram, on the way there or back, is no silence
TRIES = 3
TCP_TIMEOUT_S = 3.0
# Somebody who guesses IDs sends thousands; fifty are enough to know
JUNK_LIMIT = 50
# The largest that UDP has: Windows calls one that is cut off an error
DATAGRAM_LIMIT_BYTES = 65_535
# A name may have hundreds of them; a report compares a few
ADDRESSES = 32
ADDRESS_KINDS: Mapping[int, type[IPv4Address] | type[IPv6Address]] = {
    dns.rdatatype.A: IPv4Address,
    dns.rdatatype.AAAA: IPv6Address,
}


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

    rcode: PublicText
    has_opt: bool
    edns_version: int
    truncated: bool
    size_bytes: int
    records: int
    addresses: tuple[ServerText, ...] = ()
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
    async with context.rate_limiter.flow():
        datagrams = context.network.open_udp(_family(resolver))
        try:
            await loop.sock_connect(datagrams, (resolver.host, resolver.port))
            asking = _Asking(query)
            for _number in range(TRIES):
                await loop.sock_sendall(datagrams, asking.next_question())
                answer = await asking.answer_within(datagrams)
                if answer is not None:
                    return await asking.earlier_one(datagrams, answer)
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
        try:
            async with asyncio.timeout(RETRY_AFTER_S):
                while len(self.junk) < JUNK_LIMIT:
                    wire = await next_datagram(datagrams, DATAGRAM_LIMIT_BYTES)
                    try:
                        return self._read(wire)
                    except BadAnswer as error:
                        self.junk.append(str(error))
        except TimeoutError:
            return None
        raise BadAnswer(f"{len(self.junk)} datagrams that answer nothing")

    async def earlier_one(self, datagrams: socket.socket, answer: DnsAnswer) -> DnsAnswer:
        """The answer to an earlier question, where it comes together with that to a later one.

        Then none got lost: who is slow to find a name answers all who asked for it at once.
        """
        if len(self._sent_at) < 2 or (answer.waited_s or 0.0) > RETRY_AFTER_S:
            return answer
        loop = asyncio.get_running_loop()
        with suppress(TimeoutError, BadAnswer, OSError):
            async with asyncio.timeout(TOGETHER_S):
                other = self._read(await loop.sock_recv(datagrams, DATAGRAM_LIMIT_BYTES))
                return max((answer, other), key=lambda each: each.waited_s or 0.0)
        return answer

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
    async with context.rate_limiter.flow():
        ends = loop.time() + TCP_TIMEOUT_S
        # not in one timeout with the rest: who ended a silent connection is asked after its own
        connection = await context.network.connect_tcp(endpoint, timeout_s=TCP_TIMEOUT_S)
        with connection:
            async with asyncio.timeout_at(ends):
                await loop.sock_sendall(connection, len(wire).to_bytes(2, "big") + wire)
                length = int.from_bytes(await _read_exactly(connection, 2), "big")
                return read_answer(await _read_exactly(connection, length), query, sends=1)


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
        skimmed = _skim(wire)
        message = dns.message.from_wire(skimmed.head, raise_on_truncation=False)
        if not query.is_response(message):
            raise BadAnswer(f"{len(wire)} bytes that answer another question")
        return DnsAnswer(
            rcode=dns.rcode.to_text(message.rcode()),
            has_opt=message.edns >= 0,
            edns_version=message.edns,
            truncated=bool(message.flags & dns.flags.TC),
            size_bytes=len(wire),
            records=skimmed.records,
            addresses=skimmed.addresses,
            sends=sends,
        )
    except (dns.exception.DNSException, ValueError, IndexError, KeyError, struct.error) as error:
        if isinstance(error, BadAnswer):
            raise
        words = printable(f"{type(error).__name__} {error}")
        raise BadAnswer(f"{len(wire)} bytes that are no DNS message: {words}") from error


class _Skimmed(NamedTuple):
    """What is looked at of a message.

    Attributes:
        head: header, question and OPT record, as a message without other records.
        records: in the answer section, equal ones once.
    """

    head: bytes
    records: int
    addresses: tuple[str, ...]


_COUNTS = struct.Struct("!4H")
_FIXED = struct.Struct("!HHIH")  # type, class, TTL and length, behind each record's name
HEADER_BYTES = 12
POINTER, LONGEST_LABEL = 0xC0, 0x3F


def _skim(wire: bytes) -> _Skimmed:
    """Pass over all names but the question's (RFC 1035, section 4.1).

    Two bytes can point to a name of 127 labels, and 64 kB hold thousands of them: dnspython, which
    spells each out, would take minutes. Raises struct.error, IndexError or ValueError.
    """
    questions, answers, authority, additional = _COUNTS.unpack_from(wire, 4)
    if questions > 1:
        raise ValueError("more than one question")
    place = HEADER_BYTES
    if questions:
        place = _after_name(wire, place) + 4
    question = wire[HEADER_BYTES:place]
    found: dict[tuple[int, int, bytes], None] = {}
    options: list[bytes] = []
    for number in range(answers + authority + additional):
        start = _after_name(wire, place)
        kind, of_class, _ttl, length = _FIXED.unpack_from(wire, start)
        start += _FIXED.size
        end = start + length
        if end > len(wire):
            raise ValueError("cut off")
        if kind == dns.rdatatype.OPT:
            if number < answers + authority or wire[place] != 0:
                raise ValueError("OPT in the wrong place")
            options.append(wire[place:end])
        elif number < answers:
            found[kind, of_class, wire[start:end]] = None
        place = end
    counts = _COUNTS.pack(questions, 0, 0, len(options))
    addresses = (
        str(ADDRESS_KINDS[kind](content)) for kind, _class, content in found
        if kind in ADDRESS_KINDS
    )  # fmt: skip
    return _Skimmed(
        head=b"".join((wire[:4], counts, question, *options)),
        records=len(found),
        addresses=tuple(islice(addresses, ADDRESSES)),
    )


def _after_name(wire: bytes, place: int) -> int:
    """The place behind a name, which ends in a zero or a pointer to what came before it."""
    begins = place
    while length := wire[place]:
        if length >= POINTER:
            if (length << 8 | wire[place + 1]) & ~(POINTER << 8) >= begins:
                raise ValueError("a pointer that leads nowhere")
            return place + 2
        if length > LONGEST_LABEL:
            raise ValueError("a label of an unknown kind")
        place += 1 + length
    return place + 1


def _family(resolver: HostPort) -> socket.AddressFamily:
    return socket.AF_INET6 if canonical_ip(resolver.host).version == 6 else socket.AF_INET


DNS_PORT = 53
# Each gets a dozen questions; resolver libraries use the first three (resolv.conf(5))
RESOLVERS = 6
# resolvers on the computer itself that only pass questions on, and where those whom they ask are
# written: systemd-resolved (systemd-resolved.service(8), "/etc/resolv.conf"), and NetworkManager's
# dnsmasq as Debian has it (NetworkManager.conf(5); at 127.0.0.1 it could be any server)
UPSTREAMS = {
    "127.0.0.53": "/run/systemd/resolve/resolv.conf",
    "127.0.0.54": "/run/systemd/resolve/resolv.conf",
    "127.0.1.1": "/run/NetworkManager/no-stub-resolv.conf",
}

# Windows lists these where IPv6 has no resolver; nobody answers there (deprecated, RFC 3879)
PLACEHOLDERS = ip_network("fec0::/10")

RESOLVING = frozenset({"NOERROR", "NXDOMAIN"})
"""Codes of an answer that settles the question."""

UNKNOWN_OPTION = 65_001  # RFC 6891, section 9: local or experimental use

Asked = Attempt[DnsAnswer]


class ResolverAnswers(Struct, frozen=True, kw_only=True):
    """One resolver. Those after `tcp` are None where neither of the first two was answered.

    Attributes:
        resolver: address:port.
        control: from targets.resolver_control: not one this computer uses.
        plain: over UDP, without EDNS: the address of a name of the service, where one is set
            and answered; else `targets.dns_name`.
        tcp: the same over TCP.
        cross_check: over UDP, the short question that was not taken for `plain`.
        edns: with an OPT record, buffer 1232.
        edns_large_buffer: buffer 4096.
        edns_dnssec: buffer 1232 and the DO bit.
        unknown_option: with an option that nobody knows, which must be ignored.
        version_1: with EDNS version 1, which must be answered BADVERS.
        large: a question with an answer over 512 bytes, buffer 4096 and the DO bit.
        large_plain: the same without EDNS: must come truncated.
        large_tcp: the same over TCP.
    """

    resolver: ServerText
    control: bool = False
    plain: Asked
    tcp: Asked
    cross_check: Asked | None = None
    edns: Asked | None = None
    edns_large_buffer: Asked | None = None
    edns_dnssec: Asked | None = None
    unknown_option: Asked | None = None
    version_1: Asked | None = None
    large: Asked | None = None
    large_plain: Asked | None = None
    large_tcp: Asked | None = None

    def attempts(self) -> Iterator[Attempt[object]]:
        """All of them, in the order of the attributes."""
        options = (self.edns, self.edns_large_buffer, self.edns_dnssec, self.unknown_option,
                   self.version_1)  # fmt: skip
        sizes = (self.large, self.large_plain, self.large_tcp)
        asked = (self.plain, self.tcp, self.cross_check, *options, *sizes)
        yield from (attempt for attempt in asked if attempt is not None)


class NameRule(Struct, frozen=True, kw_only=True):
    """A rule of Windows' name resolution policy (NRPT): other servers for some names.

    Attributes:
        names: suffixes with a dot in front, whole names without; "." is for all names.
        servers: addresses, in order; none exempts the names from what a wider rule says.
    """

    names: tuple[NetworkName, ...]
    servers: tuple[ServerText, ...]

    def closeness(self, name: str) -> int:
        """How closely it fits a name, 0 if not at all: Windows follows the closest rule alone."""
        asked = name.rstrip(".").lower()
        return max((_closeness(rule.lower(), asked) for rule in self.names), default=0)


def _closeness(rule: str, asked: str) -> int:
    """A whole name before any suffix, a longer suffix before a shorter one, "." last."""
    if rule == asked:
        return len(asked) + 2
    return len(rule) if rule.startswith(".") and (rule == "." or f".{asked}".endswith(rule)) else 0


class SizedAnswer(Struct, frozen=True, kw_only=True):
    """An answer of known size: `frame_bytes` is that of the Ethernet frame it would fill."""

    frame_bytes: int
    asked: Asked


class DnsEvidence(Struct, frozen=True, kw_only=True):
    """Every resolver, in the system's order; then the control, if there is one.

    Attributes:
        stub: address of a stub on this computer that stands before them, or empty.
        rules: which names Windows asks elsewhere.
        sizes: answers of known sizes from a public server, asked of the first resolver.
    """

    resolvers: tuple[ResolverAnswers, ...]
    stub: ServerText = ""
    rules: tuple[NameRule, ...] = ()
    sizes: tuple[SizedAnswer, ...] = ()


async def gather(context: ProbeContext) -> DnsEvidence:
    """All resolvers side by side, each on its own; at most six, and the control."""
    rules = await run_detached(lambda: name_rules(context.host), name="name rules")
    stub, resolvers = _resolvers(context, rules)
    if not resolvers:
        raise CannotGather(
            Failure(code=FailureCode.NO_RESOLVER, operation="read_resolvers", detail=stub)
        )
    questions = _Questions(context)
    # the control's name may have to be looked up first: nobody waits for that
    async with asyncio.TaskGroup() as group:
        compared = group.create_task(_ask_control(context, questions), name="ask the control")
        sizes = group.create_task(_ask_sizes(context, resolvers[0], questions), name="ask sizes")
        asked = await side_by_side(
            _ask_all(context, resolver, questions, control=False) for resolver in resolvers
        )
    return DnsEvidence(
        resolvers=(*asked, *compared.result()),
        stub=stub,
        rules=tuple(rule for rule in rules if rule.servers),
        sizes=sizes.result(),
    )


async def _ask_control(
    context: ProbeContext, questions: "_Questions"
) -> tuple[ResolverAnswers, ...]:
    control = await control_resolver(context)
    if control is None:
        return ()
    return (await _ask_all(context, control, questions, control=True),)


SIZES = (512, 1280, 1472, 1528)
"""Around what middleboxes drop: 512 bytes of DNS, IPv6's least, a frame with PPPoE, a fragment."""


async def _ask_sizes(
    context: ProbeContext, resolver: HostPort, questions: "_Questions"
) -> tuple[SizedAnswer, ...]:
    """From the first public server that the profile names for it; all sizes at once."""
    servers = context.public_for(PublicUse.EDNS_SIZES)[:1]
    if not servers:
        return ()
    zone = parse_host_port(servers[0].address, default_port=DNS_PORT).host

    async def ask(size: int) -> SizedAnswer:
        async def work() -> DnsAnswer:
            try:
                query = questions.sized(f"{size}.4.{zone}")
            except dns.exception.DNSException as error:
                raise BadAnswer(f"{zone[:80]}: {error}") from error
            return await ask_udp(context, resolver, query)

        asked = await context.attempt(f"ask_size_by {size} bytes", resolver, work)
        return SizedAnswer(frame_bytes=size, asked=asked)

    return await side_by_side(ask(size) for size in SIZES)


async def control_resolver(context: ProbeContext) -> HostPort | None:
    """The resolver that the profile names to compare with, by address; None without one."""
    text = context.targets.resolver_control
    if not text:
        return None
    return await _address_of(
        context, read_target(text, "targets.resolver_control", default_port=DNS_PORT)
    )


RULES_BY_POLICY = r"HKLM\SOFTWARE\Policies\Microsoft\Windows NT\DNSClient\DnsPolicyConfig"
RULES_OF_COMPUTER = r"HKLM\SYSTEM\CurrentControlSet\Services\Dnscache\Parameters\DnsPolicyConfig"
RULES_AT_MOST, NAMES_AT_MOST = 64, 16


def name_rules(host: Host) -> tuple[NameRule, ...]:
    """Windows' rules for names; where a policy has any, the computer's own do not count.

    Source: [MS-GPNRPT], 2.2.2 (Name, GenericDNSServers, DirectAccessDNSServers).
    """
    for key in (RULES_BY_POLICY, RULES_OF_COMPUTER):
        entries = [host.registry_values(rf"{key}\{name}") for name in host.registry_subkeys(key)][
            :RULES_AT_MOST
        ]
        if entries:
            return tuple(rule for entry in entries if (rule := _name_rule(entry)) is not None)
    return ()


def _name_rule(entry: dict[str, str | int]) -> NameRule | None:
    names = tuple(printable(name, 253) for name in str(entry.get("Name", "")).split())
    told = (str(entry.get(value, "")) for value in ("GenericDNSServers", "DirectAccessDNSServers"))
    servers = tuple(
        canonical_host(each) for each in re.split(r"[;,\s]+", " ".join(told)) if _is_usable(each)
    )[:RESOLVERS]
    return NameRule(names=names[:NAMES_AT_MOST], servers=servers) if names else None


def _resolvers(
    context: ProbeContext, rules: tuple[NameRule, ...]
) -> tuple[str, tuple[HostPort, ...]]:
    """The profile's; those of a rule for the service's names; or the system's, and in a stub's
    place those that the stub asks.
    """
    if context.targets.resolvers:
        texts = context.targets.resolvers[:RESOLVERS]
        return "", tuple(
            read_target(text, "targets.resolvers", default_port=DNS_PORT) for text in texts
        )
    service = str(_service_name(context.targets) or "")
    rule = max(rules, key=lambda each: each.closeness(service), default=None)
    if rule is not None and rule.closeness(service) and rule.servers:
        return "", tuple(HostPort(address, DNS_PORT) for address in rule.servers)
    addresses = context.network.resolvers()
    behind = {
        address: _stub_upstreams(context, UPSTREAMS[address])
        for address in addresses
        if address in UPSTREAMS
    }
    stub = next((address for address, upstreams in behind.items() if upstreams), "")
    real = (each for address in addresses for each in behind.get(address) or (address,))
    usable = [address for address in dict.fromkeys(real) if _is_usable(address)]
    return stub, tuple(HostPort(address, DNS_PORT) for address in usable[:RESOLVERS])


def _stub_upstreams(context: ProbeContext, path: str) -> tuple[str, ...]:
    try:
        content = context.host.read_bytes(path, limit=64 * 1024)
    except OSError as error:
        context.log.append(f"{path}: {error}")
        return ()
    lines = (line.split() for line in content.decode("utf-8", "replace").splitlines())
    found = (words[1] for words in lines if len(words) > 1 and words[0] == "nameserver")
    return tuple(dict.fromkeys(address for address in found if _is_usable(address)))


def _is_usable(text: str) -> bool:
    try:
        address = canonical_ip(text)
    except ValueError:
        return False
    return not (address.version == 6 and address in PLACEHOLDERS)


async def _address_of(context: ProbeContext, resolver: HostPort) -> HostPort | None:
    if _is_usable(resolver.host):
        return resolver
    try:
        found = await context.network.resolve(resolver, timeout_s=LOOKUP_TIMEOUT_S)
    except OSError as error:
        context.log.append(f"look_up {resolver}: {error}")
        return None
    return HostPort(found[0].address, resolver.port) if found else None


ROOT_SERVER = dns.name.from_text("a.root-servers.net")
"""A name with an address that every resolver can find (RFC 7720), for networks without targets."""


class _ShortQuestion(NamedTuple):
    """What every resolver answers in one small datagram."""

    name: dns.name.Name
    type: dns.rdatatype.RdataType


class _Questions:
    """Makes the queries, each with an ID of its own."""

    def __init__(self, context: ProbeContext) -> None:
        targets = context.targets
        try:
            name = dns.name.from_text(targets.dns_name)
            self._large_name = dns.name.from_text(targets.dns_large_name)
            self._large_type = dns.rdatatype.from_text(targets.dns_large_type)
        except (dns.exception.DNSException, ValueError) as error:
            raise CannotGather(
                Failure(
                    code=FailureCode.BAD_ANSWER,
                    operation="read_profile",
                    detail=f"targets.dns_name, dns_large_name, dns_large_type: {error}"[:300],
                )
            ) from error
        self.short = _short_questions(name, _service_name(targets))

    def plain(self, short: _ShortQuestion) -> dns.message.Message:
        return dns.message.make_query(short.name, short.type)

    def edns(
        self,
        short: _ShortQuestion,
        *,
        # what no path has to fragment: 1280 bytes, IPv6's least, less its headers (DNS flag day
        # 2020)
        buffer: int = 1232,
        version: int = 0,
        dnssec: bool = False,
        option: bool = False,
    ) -> dns.message.Message:
        message = self.plain(short)
        options: list[dns.edns.Option] | None = None
        if option:
            options = [dns.edns.GenericOption(OptionType.make(UNKNOWN_OPTION), b"natwizard")]
        flags = int(dns.flags.EDNSFlag.DO) if dnssec else 0
        message.use_edns(version, flags, buffer, options=options)
        return message

    def sized(self, name: str) -> dns.message.Message:
        """A TXT record. Raises DNSException for what is no name."""
        message = dns.message.make_query(name, dns.rdatatype.TXT)
        # room for all sizes: whether they come through is the question
        message.use_edns(0, 0, 4096)
        return message

    def large(self, *, edns: bool) -> dns.message.Message:
        message = dns.message.make_query(self._large_name, self._large_type)
        if edns:
            message.use_edns(0, int(dns.flags.EDNSFlag.DO), 4096)
        return message


def _short_questions(
    name: dns.name.Name, service: dns.name.Name | None
) -> tuple[_ShortQuestion, ...]:
    """Two at most, the deciding one first.

    Browsers ask for addresses, and for names of the service: resolvers of telephones, VPN
    programs and virtual machines know address records and are silent to all else. The second
    question tells a resolver that is silent from one that withholds a name or a type.
    """
    is_root = name == dns.name.root
    general = _ShortQuestion(name, dns.rdatatype.NS if is_root else dns.rdatatype.A)
    if service is not None:
        return _ShortQuestion(service, dns.rdatatype.A), general
    if is_root:
        return general, _ShortQuestion(ROOT_SERVER, dns.rdatatype.A)
    return (general,)


def _service_name(targets: Targets) -> dns.name.Name | None:
    """The first target that is a name; an address needs no resolver."""
    web = (urlsplit(url).netloc for url in (targets.https, targets.http) if url)
    for text in (targets.webphone, *targets.stun, targets.media, *targets.sip, *targets.tls, *web):
        with suppress(ValueError, dns.exception.DNSException):
            host = parse_host_port(text, default_port=1).host
            if not is_literal(host) and host != "localhost":
                return dns.name.from_text(host)
    return None


Basics = tuple[tuple[Asked, ...], tuple[Asked, ...]]
"""The short questions over UDP, and over TCP."""


class _Resolver:
    """One resolver, and the questions that it is asked."""

    def __init__(self, context: ProbeContext, resolver: HostPort, questions: _Questions) -> None:
        self._context, self._resolver, self._questions = context, resolver, questions
        # the first question was settled over UDP or TCP, or nothing more can be
        self._settled = asyncio.Event()

    async def basics(self) -> Basics:
        """The short questions, all at once."""
        places = range(len(self._questions.short))
        try:
            by_datagram, by_stream = await side_by_side(
                (
                    side_by_side(self._plain(self._udp, "ask_plain", each) for each in places),
                    side_by_side(self._plain(self._tcp, "ask_tcp", each) for each in places),
                )
            )
            return by_datagram, by_stream
        finally:
            self._settled.set()

    async def details(self, basics: asyncio.Task[Basics]) -> tuple[Asked, ...] | None:
        """All else, as soon as somebody is there: the silence of one way is waited for once.

        None where nobody is.
        """
        await self._settled.wait()
        early = None if basics.done() else await self._ask_details(self._questions.short[0])
        by_datagram, by_stream = await basics
        place, over_tcp = _best(by_datagram), _best(by_stream)
        if not by_datagram[place].ok:
            if not by_stream[over_tcp].ok:
                return None
            place = over_tcp
        if early is not None and place == 0:
            return early
        return await self._ask_details(self._questions.short[place])

    async def _plain(
        self,
        ask: Callable[[str, dns.message.Message], Awaitable[Asked]],
        name: str,
        place: int,
    ) -> Asked:
        attempt = await ask(name, self._questions.plain(self._questions.short[place]))
        if place == 0 and attempt.value is not None and attempt.value.rcode in RESOLVING:
            self._settled.set()
        return attempt

    async def _ask_details(self, short: _ShortQuestion) -> tuple[Asked, ...]:
        questions = self._questions
        return await side_by_side(
            (
                self._udp("ask_edns", questions.edns(short)),
                self._udp("ask_edns_4096", questions.edns(short, buffer=4096)),
                self._udp("ask_dnssec", questions.edns(short, dnssec=True)),
                self._udp("ask_unknown_option", questions.edns(short, option=True)),
                self._udp("ask_version_1", questions.edns(short, version=1)),
                self._udp("ask_large", questions.large(edns=True)),
                self._udp("ask_large_plain", questions.large(edns=False)),
                self._tcp("ask_large_tcp", questions.large(edns=True)),
            )
        )

    async def _udp(self, name: str, query: dns.message.Message) -> Asked:
        return await self._context.attempt(
            name, self._resolver, lambda: ask_udp(self._context, self._resolver, query)
        )

    async def _tcp(self, name: str, query: dns.message.Message) -> Asked:
        return await self._context.attempt(
            name, self._resolver, lambda: ask_tcp(self._context, self._resolver, query)
        )


async def _ask_all(
    context: ProbeContext, resolver: HostPort, questions: _Questions, *, control: bool
) -> ResolverAnswers:
    asking = _Resolver(context, resolver, questions)
    async with asyncio.TaskGroup() as group:
        basics = group.create_task(asking.basics(), name=f"ask {resolver}")
        more = group.create_task(asking.details(basics), name=f"ask {resolver} for details")
    by_datagram, by_stream = basics.result()
    deciding = _best(by_datagram)
    others = (each for place, each in enumerate(by_datagram) if place != deciding)
    answers = ResolverAnswers(
        resolver=str(resolver),
        control=control,
        plain=by_datagram[deciding],
        tcp=by_stream[_best(by_stream)],
        cross_check=next(others, None),
    )
    asked = more.result()
    if asked is None:
        return answers
    edns, large_buffer, dnssec, option, version_1, large, large_plain, large_tcp = asked
    return replace(
        answers,
        edns=edns,
        edns_large_buffer=large_buffer,
        edns_dnssec=dnssec,
        unknown_option=option,
        version_1=version_1,
        large=large,
        large_plain=large_plain,
        large_tcp=large_tcp,
    )


def _best(tries: Sequence[Asked]) -> int:
    """Place of the first that resolves, else of the first that is answered, else 0."""

    def worth(place: int) -> int:
        answer = tries[place].value
        return 0 if answer is None else 2 if answer.rcode in RESOLVING else 1

    return max(range(len(tries)), key=worth)


DNS_SERVERS = Probe(
    name="dns_servers",
    title=N_("Asking your name servers"),
    evidence=DnsEvidence,
    phase=Phase.REACHABILITY,
    typical_s=0.6,
    deadline_s=12.0,
    shares_line=True,
    gather=gather,
)
