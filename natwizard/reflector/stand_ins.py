"""The public servers that a profile names, played on loopback: for the demo and for tests.

Each listens on a free port; `system.mapped_network` leads there whoever asks for the real one.
They hold the limits that their operators document.
"""

import asyncio
import base64
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager

from msgspec import Struct

from natwizard.model.address import HostPort, is_literal, parse_host_port
from natwizard.model.profile import Profile, PublicServer, PublicUse, UdpService
from natwizard.probes.connection.web_address import WebAddress
from natwizard.probes.dns_servers import SIZES
from natwizard.reflector.background import BackgroundServer
from natwizard.reflector.beacon import Beacon, serving_beacons
from natwizard.reflector.certificates import make_certificate, own_context
from natwizard.reflector.dns import DnsTcp, DnsUdp, Responder, zone_records
from natwizard.reflector.faults import FaultLog
from natwizard.reflector.limits import ConnectionLimits, ConnectionTable, MessageLimit
from natwizard.reflector.ports import bind_udp, listen_tcp, listen_tcp_beside_udp, port_of
from natwizard.reflector.settings import LOOPBACK
from natwizard.reflector.stats import Tally
from natwizard.reflector.streams import Conversation, StreamService
from natwizard.reflector.udp import UdpReflector
from natwizard.reflector.websocket import (
    FRAME_BURST,
    FRAMES_PER_S,
    LONGEST_CONNECTION_S,
    OPEN_S,
    WebConversation,
)

RESOLVER = "192.0.2.53"
"""Stands for this computer's own resolver; an address that nobody has (RFC 5737)."""

DNS_PORT = 53
GREETS = "echo.websocket.org"
# Public echo servers are sent no more (probes.websocket.PUBLIC_FRAGMENTED_BYTES)
LARGEST_PUBLIC_MESSAGE_BYTES = 1024
BEACON_DELAYS_S = (0.018, 0.012, 0.021, 0.088, 0.262, 0.139)
"""Round trips from the middle of England to the shipped profile's locations, in its order."""

KEYS, KEY_BYTES = 3, 260
"""As many as the root zone has, about as large; together they do not fit 512 bytes."""

MESSAGES_PER_S = 500.0


class StandIns(Struct, frozen=True, kw_only=True):
    """Where the servers of a profile listen.

    Attributes:
        places: what the profile names -> port on loopback.
        resolvers: addresses that stand for this computer's resolvers; `places` has them too.
        authority_pem: signed the certificates of all of them.
    """

    places: dict[HostPort, int]
    resolvers: tuple[str, ...]
    authority_pem: str


@contextmanager
def background_stand_ins(profile: Profile) -> Iterator[StandIns]:
    """Serve them on a thread and event loop of their own. Raises OSError, TimeoutError."""

    async def serve(ready: Callable[[StandIns], None], stop: asyncio.Event) -> None:
        async with serving_stand_ins(profile) as stand_ins:
            ready(stand_ins)
            await stop.wait()

    server = BackgroundServer(serve, name="stand-ins")
    try:
        yield server.start()
    finally:
        server.close()


@asynccontextmanager
async def serving_stand_ins(
    profile: Profile, beacons: Sequence[Beacon] = ()
) -> AsyncIterator[StandIns]:
    """Serve on the running event loop, beacons in a thread; `beacons` replaces them, in order."""
    async with AsyncExitStack() as opened:
        servers = _StandInServers(profile, opened)
        yield await servers.start(beacons)


class _StandInServers:
    """Starts one server after the other, and closes them in the reverse order."""

    def __init__(self, profile: Profile, opened: AsyncExitStack) -> None:
        self._profile = profile
        self._opened = opened
        self._places: dict[HostPort, int] = {}
        self._tally, self._faults = Tally(), FaultLog()
        # on loopback everybody is one source
        self._connections = ConnectionTable(ConnectionLimits(per_source=512, total=512))

    async def start(self, beacons: Sequence[Beacon]) -> StandIns:
        targets = self._profile.targets
        named = [self._public(use) for use in PublicUse]
        self._start_beacons(self._public(PublicUse.MEDIA_BEACON), beacons)
        pages = _pages_of(self._profile)
        echoes = [WebAddress.parse(each.address) for each in self._public(PublicUse.WEBSOCKET)]
        secured = {each.target.host for each in (*pages, *echoes) if each.secure}
        own = make_certificate(tuple(sorted(secured)))
        tls = own_context(own)
        for address, text in pages.items():
            await self._start_web(address, tls, page=text)
        for address in echoes:
            await self._start_web(address, tls, echoes=True)
        samples = self._public(PublicUse.UDP_SAMPLE)
        by_stun = [each.address for each in samples if each.speaks is UdpService.STUN]
        by_dns = [each for each in samples if each.speaks is UdpService.DNS]
        stun = dict.fromkeys(map(parse_host_port, (*targets.stun_control, *by_stun)))
        await self._start_stun(list(stun))
        hosts = {place.host for place in self._places} | {
            parse_host_port(each.address).host
            for servers in named
            for each in servers
            if "://" not in each.address
        }
        # the computer's own comes first: the control and the public ones are compared with it
        resolvers = [HostPort(RESOLVER, DNS_PORT)]
        if targets.resolver_control:
            control = parse_host_port(targets.resolver_control, default_port=DNS_PORT)
            resolvers.append(control)
        resolvers += [parse_host_port(each.address) for each in by_dns]
        sized = [parse_host_port(each.address) for each in self._public(PublicUse.EDNS_SIZES)]
        resolvers += sized
        responder = _root_zone(
            hosts, {each.dns_name for each in by_dns} - {"."}, {each.host for each in sized}
        )
        for resolver in resolvers:
            await self._start_dns(resolver, responder)
        return StandIns(
            places=dict(self._places), resolvers=(RESOLVER,), authority_pem=own.authority_pem
        )

    def _public(self, use: PublicUse) -> list[PublicServer]:
        return [server for server in self._profile.public if server.use is use]

    def _start_beacons(self, servers: Sequence[PublicServer], beacons: Sequence[Beacon]) -> None:
        made = beacons or [
            Beacon(delay_s=_steady(BEACON_DELAYS_S[place % len(BEACON_DELAYS_S)]))
            for place in range(len(servers))
        ]
        self._opened.enter_context(serving_beacons(*made))
        for server, beacon in zip(servers, made, strict=True):
            self._places[parse_host_port(server.address)] = beacon.port

    async def _start_web(
        self, address: WebAddress, tls: ssl.SSLContext, *, page: str = "", echoes: bool = False
    ) -> None:
        greeting = f"Request served by {GREETS}" if address.target.host == GREETS else ""
        web = WebConversation(
            self._tally,
            lambda: "",
            MessageLimit(per_s=FRAMES_PER_S, burst=FRAME_BURST),
            page=page or "This is a stand-in.\n",
            greeting=greeting if echoes else "",
            largest_message_bytes=LARGEST_PUBLIC_MESSAGE_BYTES,
        )
        listener = listen_tcp(LOOPBACK, 0, fall_back=True)
        self._places[address.target] = port_of(listener)
        await self._start_stream(listener, web.converse, tls if address.secure else None)

    async def _start_stun(self, servers: Sequence[HostPort]) -> None:
        reflector = UdpReflector()
        self._opened.push_async_callback(reflector.close)
        ports = await reflector.start(LOOPBACK, (0,) * max(1, len(servers)))
        self._places.update(zip(servers, ports, strict=False))

    async def _start_dns(self, place: HostPort, responder: Responder) -> None:
        """UDP and TCP on one port, as a resolver has it."""
        messages = MessageLimit(per_s=MESSAGES_PER_S, burst=MESSAGES_PER_S)
        listener = listen_tcp_beside_udp((LOOPBACK,), 0, fall_back=True)
        number = self._places[place] = port_of(listener)
        udp = DnsUdp(responder, messages, self._tally)
        self._opened.push_async_callback(udp.close)
        await udp.start(bind_udp(LOOPBACK, number))
        await self._start_stream(listener, DnsTcp(responder, messages, self._tally).converse, None)

    async def _start_stream(
        self, listener: socket.socket, conversation: Conversation, tls: ssl.SSLContext | None
    ) -> None:
        service = StreamService(
            conversation,
            open_s=OPEN_S,
            longest_s=LONGEST_CONNECTION_S,
            connections=self._connections,
            tally=self._tally,
            faults=self._faults,
        )
        self._opened.push_async_callback(service.close)
        await service.start(listener, tls)


def _steady(delay_s: float) -> Callable[[int], float]:
    return lambda _number: delay_s


def _pages_of(profile: Profile) -> dict[WebAddress, str]:
    """What a web page at each address must hold."""
    targets = profile.targets
    named = [(targets.http, targets.http_expect), (targets.https, targets.https_expect)]
    named += [(f"https://{text}/", "") for text in (*targets.tls, *targets.tls_control)]
    for server in profile.public:
        if server.use is PublicUse.WEB_PAGE:
            named.append((server.address, server.expect))
        if server.use is PublicUse.WEBPHONE_PORT:
            named += [(f"http://{text}/", server.expect)
                      for text in (server.address, server.witness) if text]  # fmt: skip
    pages: dict[WebAddress, str] = {}
    for url, text in named:
        if url:
            address = WebAddress.parse(url)
            root = WebAddress(scheme=address.scheme, target=address.target, resource="/")
            pages[root] = pages.get(root) or text
    return pages


def _root_zone(hosts: set[str], texts: set[str], sized: set[str]) -> Responder:
    """All that a run asks a resolver: the root's servers and keys, and the names of a profile.

    Addresses are of a range for documentation (RFC 5737): whoever asks by hand is led nowhere.
    """
    keys = [base64.b64encode(bytes([at]) * KEY_BYTES).decode() for at in range(KEYS)]
    names = sorted(host for host in hosts if not is_literal(host))
    rows = [(".", "NS", ["a.root-servers.net."])]
    rows += [(".", "DNSKEY", [f"256 3 8 {key}" for key in keys])]
    rows += [("a.root-servers.net.", "A", ["192.0.2.4"])]
    rows += [(f"{name}.", "TXT", ['"DNSC"']) for name in sorted(texts)]
    for zone in sorted(sized):
        rows += [(f"{size}.4.{zone}.", "TXT", _texts_of(size)) for size in SIZES]
    rows += [(f"{name}.", "A", [f"192.0.2.{100 + at}"]) for at, name in enumerate(names)]
    return Responder(".", zone_records(rows))


# A text has at most 255 bytes (RFC 1035, 3.3); around them come headers, question and OPT
TXT_BYTES, AROUND_TEXTS = 200, 140


def _texts_of(frame_bytes: int) -> list[str]:
    """One record set, about as large as fills a frame with all that is around it."""
    left = frame_bytes - AROUND_TEXTS
    pieces = [min(TXT_BYTES, left - at) for at in range(0, left, TXT_BYTES)]
    return [" ".join(f'"{"x" * piece}"' for piece in pieces)]
