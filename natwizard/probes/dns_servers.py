"""What each resolver answers, and what the way to it lets through: plain, EDNS, large, TCP."""

from collections.abc import Awaitable, Callable, Iterator
from ipaddress import ip_address, ip_network

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rdatatype
from dns.edns import OptionType
from msgspec import Struct

from natwizard.model.address import HostPort
from natwizard.model.language import N_
from natwizard.model.outcome import Attempt, Failure, FailureCode
from natwizard.probes.base import Phase, Probe, ProbeContext
from natwizard.probes.dns_exchange import DnsAnswer, ask_tcp, ask_udp
from natwizard.probes.failures import CannotGather
from natwizard.probes.reach import LOOKUP_TIMEOUT_S, side_by_side
from natwizard.probes.targets import read_target

DNS_PORT = 53
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

UNKNOWN_OPTION = 65_001  # RFC 6891, section 9: local or experimental use

Asked = Attempt[DnsAnswer]


class ResolverAnswers(Struct, frozen=True, kw_only=True):
    """One resolver. Those after `tcp` are None where neither of the first two was answered.

    Attributes:
        resolver: address:port.
        control: from targets.resolver_control: not one this computer uses.
        plain: over UDP, without EDNS.
        tcp: the same over TCP.
        edns: with an OPT record, buffer 1232.
        edns_large_buffer: buffer 4096.
        edns_dnssec: buffer 1232 and the DO bit.
        unknown_option: with an option that nobody knows, which must be ignored.
        version_1: with EDNS version 1, which must be answered BADVERS.
        large: a question with an answer over 512 bytes, buffer 4096 and the DO bit.
        large_plain: the same without EDNS: must come truncated.
        large_tcp: the same over TCP.
    """

    resolver: str
    control: bool = False
    plain: Asked
    tcp: Asked
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
        asked = (self.plain, self.tcp, *options, *sizes)
        yield from (attempt for attempt in asked if attempt is not None)


class DnsEvidence(Struct, frozen=True, kw_only=True):
    """Every resolver, in the system's order; then the control, if there is one.

    Attributes:
        stub: address of a stub on this computer that stands before them, or empty.
    """

    resolvers: tuple[ResolverAnswers, ...]
    stub: str = ""


async def gather(context: ProbeContext) -> DnsEvidence:
    """All resolvers side by side; at most six, and the control."""
    stub, resolvers = _resolvers(context)
    if not resolvers:
        raise CannotGather(
            Failure(code=FailureCode.NO_RESOLVER, operation="read_resolvers", detail=stub)
        )
    questions = _Questions(context)
    asked = [_ask_all(context, resolver, questions, control=False) for resolver in resolvers]
    control = await control_resolver(context)
    if control is not None:
        asked.append(_ask_all(context, control, questions, control=True))
    return DnsEvidence(resolvers=await side_by_side(asked), stub=stub)


async def control_resolver(context: ProbeContext) -> HostPort | None:
    """The resolver that the profile names to compare with, by address; None without one."""
    text = context.targets.resolver_control
    if not text:
        return None
    return await _address_of(
        context, read_target(text, "targets.resolver_control", default_port=DNS_PORT)
    )


def _resolvers(context: ProbeContext) -> tuple[str, tuple[HostPort, ...]]:
    """The profile's, or the system's; in a stub's place, those that the stub asks."""
    if context.targets.resolvers:
        texts = context.targets.resolvers[:RESOLVERS]
        return "", tuple(
            read_target(text, "targets.resolvers", default_port=DNS_PORT) for text in texts
        )
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
        address = ip_address(text)
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


class _Questions:
    """Makes the queries, each with an ID of its own."""

    def __init__(self, context: ProbeContext) -> None:
        targets = context.targets
        try:
            self._name = dns.name.from_text(targets.dns_name)
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
        is_root = self._name == dns.name.root
        self._type = dns.rdatatype.NS if is_root else dns.rdatatype.A

    def plain(self) -> dns.message.Message:
        return dns.message.make_query(self._name, self._type)

    def edns(
        self, *, buffer: int = 1232, version: int = 0, dnssec: bool = False, option: bool = False
    ) -> dns.message.Message:
        message = dns.message.make_query(self._name, self._type)
        options: list[dns.edns.Option] | None = None
        if option:
            options = [dns.edns.GenericOption(OptionType.make(UNKNOWN_OPTION), b"natwizard")]
        flags = int(dns.flags.EDNSFlag.DO) if dnssec else 0
        message.use_edns(version, flags, buffer, options=options)
        return message

    def large(self, *, edns: bool) -> dns.message.Message:
        message = dns.message.make_query(self._large_name, self._large_type)
        if edns:
            message.use_edns(0, int(dns.flags.EDNSFlag.DO), 4096)
        return message


async def _ask_all(
    context: ProbeContext, resolver: HostPort, questions: _Questions, *, control: bool
) -> ResolverAnswers:
    async def by_udp(name: str, query: dns.message.Message) -> Asked:
        return await _asked(context, name, resolver, lambda: ask_udp(context, resolver, query))

    async def by_tcp(name: str, query: dns.message.Message) -> Asked:
        return await _asked(context, name, resolver, lambda: ask_tcp(context, resolver, query))

    plain, tcp = await side_by_side(
        (by_udp("ask_plain", questions.plain()), by_tcp("ask_tcp", questions.plain()))
    )
    if not (plain.ok or tcp.ok):
        return ResolverAnswers(resolver=str(resolver), control=control, plain=plain, tcp=tcp)
    (
        edns,
        large_buffer,
        dnssec,
        option,
        version_1,
        large,
        large_plain,
        large_tcp,
    ) = await side_by_side(
        (
            by_udp("ask_edns", questions.edns()),
            by_udp("ask_edns_4096", questions.edns(buffer=4096)),
            by_udp("ask_dnssec", questions.edns(dnssec=True)),
            by_udp("ask_unknown_option", questions.edns(option=True)),
            by_udp("ask_version_1", questions.edns(version=1)),
            by_udp("ask_large", questions.large(edns=True)),
            by_udp("ask_large_plain", questions.large(edns=False)),
            by_tcp("ask_large_tcp", questions.large(edns=True)),
        )
    )
    return ResolverAnswers(
        resolver=str(resolver),
        control=control,
        plain=plain,
        tcp=tcp,
        edns=edns,
        edns_large_buffer=large_buffer,
        edns_dnssec=dnssec,
        unknown_option=option,
        version_1=version_1,
        large=large,
        large_plain=large_plain,
        large_tcp=large_tcp,
    )


async def _asked(
    context: ProbeContext,
    name: str,
    resolver: HostPort,
    work: Callable[[], Awaitable[DnsAnswer]],
) -> Asked:
    return await context.attempt(name, resolver, work)


DNS_SERVERS = Probe(
    name="dns_servers",
    title=N_("Asking your name servers"),
    evidence=DnsEvidence,
    phase=Phase.REACHABILITY,
    typical_s=0.6,
    deadline_s=12.0,
    gather=gather,
)
