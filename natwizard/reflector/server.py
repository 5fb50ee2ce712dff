"""The far end as one thing: starts every service, knows where they listen, stops them."""

import asyncio
import socket
import ssl
import sys
from collections.abc import Callable, Coroutine, Sequence
from typing import Self

from natwizard.model.address import HostPort
from natwizard.model.profile import Targets
from natwizard.reflector.certificates import CertificateFiles, make_certificate, own_context
from natwizard.reflector.dns import DnsTcp, DnsUdp, own_zone
from natwizard.reflector.faults import FaultLog
from natwizard.reflector.limits import ConnectionLimits, ConnectionTable, MessageLimit
from natwizard.reflector.ports import (
    bind_udp,
    free_udp_port,
    listen_tcp,
    listen_tcp_beside_udp,
    port_of,
    spread_range,
    stands_beside,
)
from natwizard.reflector.profile import ReflectorEndpoints, targets_of, write_profile
from natwizard.reflector.settings import ReflectorSettings
from natwizard.reflector.sip import SipMirror
from natwizard.reflector.stats import Stats, Tally
from natwizard.reflector.streams import Conversation, StreamService
from natwizard.reflector.udp import UdpReflector
from natwizard.reflector.websocket import (
    FRAME_BURST,
    FRAMES_PER_S,
    LONGEST_CONNECTION_S,
    OPEN_S,
    WebConversation,
)

# Offices sit behind one address: room for a hundred people who check at the same time
CONNECTIONS_PER_SOURCE = 128
# Decision 60, which also says who makes room for whom
CONNECTIONS = 4096
# SIP and DNS, for each source: an office behind one address is one
MESSAGES_PER_S = 50.0
MESSAGE_BURST = 500.0
# Of SIP and DNS; a websocket may stay for a day (websocket.LONGEST_CONNECTION_S)
CONVERSATION_OPEN_S, LONGEST_CONVERSATION_S = 10.0, 60.0
START_TRIES = 3
FILES_BESIDE = 160
"""Open beside the connections: UDP ports above all, on two addresses."""


class Reflector:
    """One reflector, in one event loop. Use it once, as an async context manager.

    Raises OSError where a port cannot be had, ssl.SSLError for a certificate that does not fit.
    """

    def __init__(self, settings: ReflectorSettings) -> None:
        self.settings = settings
        self._tally = Tally()
        self._connections = ConnectionTable(
            ConnectionLimits(
                per_source=CONNECTIONS_PER_SOURCE, total=_within_the_system(CONNECTIONS)
            )
        )
        self._faults = FaultLog()
        self._streams: list[StreamService] = []
        self._dns_messages = MessageLimit(per_s=MESSAGES_PER_S, burst=MESSAGE_BURST)
        self._frames = MessageLimit(per_s=FRAMES_PER_S, burst=FRAME_BURST)
        self._mirror = SipMirror(
            MessageLimit(per_s=MESSAGES_PER_S, burst=MESSAGE_BURST), self._tally
        )
        self._udp = UdpReflector()
        self._authority_pem = ""
        self._certificate: CertificateFiles | None = None
        self._places: ReflectorEndpoints | None = None
        self._closers: list[Callable[[], Coroutine[None, None, None]]] = []

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.close()

    async def start(self) -> None:
        """Listen everywhere; if one service cannot start, none is left running."""
        asyncio.get_running_loop().set_exception_handler(self._note_fault)
        for tries_left in reversed(range(START_TRIES if self.settings.fall_back else 1)):
            try:
                self._places = await self._start()
            except BaseException as error:
                await self.close()
                # a port that was free a moment ago may be gone: choose again
                if not tries_left or not isinstance(error, OSError):
                    raise
            else:
                return

    async def close(self) -> None:
        """Stop everything, side by side; takes less than a second."""
        closers, self._closers = self._closers, []
        async with asyncio.TaskGroup() as group:
            for closer in closers:
                group.create_task(closer())

    @property
    def places(self) -> ReflectorEndpoints:
        """Where everything listens. Raises RuntimeError before the start."""
        if self._places is None:
            raise RuntimeError("the reflector has not been started")
        return self._places

    def targets(self) -> Targets:
        """This reflector as the targets of a profile."""
        return targets_of(self.places, self.settings, self._authority_pem)

    def profile_text(self) -> str:
        """A whole profile (TOML) that points at this reflector."""
        return write_profile(self.targets(), self.settings)

    def stats(self) -> Stats:
        """What has been done so far."""
        return self._tally.snapshot(
            self._udp.counters(),
            self._connections,
            faults=self._faults.count,
            illness=self.illness(),
        )

    def _note_fault(self, _loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        """A callback of the loop failed: counted, and logged once a minute instead of each time."""
        error = context.get("exception")
        told = error if isinstance(error, BaseException) else RuntimeError(context.get("message"))
        self._faults.note("the event loop", told)

    def look(self) -> str:
        """`illness()`, after a look at what only shows over time; once a second."""
        self._udp.look()
        if self._certificate is not None:
            self._certificate.look()
        return self.illness()

    def illness(self) -> str:
        """Why this reflector cannot serve, in a few words; empty while it can."""
        illnesses = (self._udp.illness(), *(stream.illness() for stream in self._streams))
        return next(filter(None, illnesses), "")

    async def _start(self) -> ReflectorEndpoints:
        settings = self.settings
        tls, addresses = self._tls(), self._addresses()
        # SIP first: STUN may share the numbers of its ports
        sip = [await self._start_sip(port, addresses) for port in settings.sip_ports]
        sip_tls = await self._start_sip(settings.sip_tls_port, addresses, tls)
        stun = [self._stun_port(port, sip, addresses) for port in settings.stun_ports]
        media = free_udp_port(addresses, settings.media_port, fall_back=settings.fall_back)
        udp = tuple(dict.fromkeys((*stun, *sip, sip_tls, media)))
        ranged = settings.range_ports or (*udp, *spread_range(addresses, udp))
        stun_control = await self._start_udp(udp, ranged, addresses)
        webphone = await self._start_web(settings.bind, settings.webphone_port, tls)
        dns = [await self._start_dns(settings.bind, port) for port in settings.dns_ports]
        return ReflectorEndpoints(
            webphone=webphone,
            webphone_control=tuple(
                [
                    await self._start_web(address, webphone.port, tls, other=True)
                    for address in self._control(addresses)
                ]
            ),
            http=tuple([await self._start_web(settings.bind, p) for p in settings.http_ports]),
            https=tuple(
                [await self._start_web(settings.bind, p, tls) for p in settings.https_ports]
            ),
            stun=self._named(stun),
            stun_control=stun_control,
            media=HostPort(settings.name, media),
            range_ports=tuple(sorted(ranged)),
            sip=self._named(sip),
            sip_tls=HostPort(settings.name, sip_tls),
            dns=self._named(dns),
            dns_control=tuple(
                [
                    HostPort(address, await self._start_dns(address, port, other=True))
                    for port in dns[:1]
                    for address in self._control(addresses)
                ]
            ),
        )

    def _addresses(self) -> tuple[str, ...]:
        """The address to serve, and the control's where this computer has it."""
        settings = self.settings
        if not settings.control_bind:
            return (settings.bind,)
        if settings.fall_back and not stands_beside(settings.control_bind, settings.bind):
            return (settings.bind,)
        return settings.bind, settings.control_bind

    def _control(self, addresses: tuple[str, ...]) -> tuple[str, ...]:
        """Where the control is: the other address, or other ports of the only one in a demo."""
        return addresses[-1:] if len(addresses) > 1 or self.settings.fall_back else ()

    def _named(self, ports: Sequence[int]) -> tuple[HostPort, ...]:
        return tuple(HostPort(self.settings.name, port) for port in ports)

    def _tls(self) -> ssl.SSLContext:
        settings = self.settings
        if settings.certificate:
            self._certificate = CertificateFiles(settings.certificate, settings.key)
            return self._certificate.context
        names = (settings.name, settings.bind, settings.control_bind)
        own = make_certificate(tuple(dict.fromkeys(filter(None, names))))
        self._authority_pem = own.authority_pem
        return own_context(own)

    def _stun_port(self, port: int, sip: list[int], addresses: tuple[str, ...]) -> int:
        """STUN shares its socket with SIP where both want the same number, as the service does."""
        if port and port in self.settings.sip_ports:
            return sip[self.settings.sip_ports.index(port)]
        return free_udp_port(addresses, port, fall_back=self.settings.fall_back)

    async def _start_sip(
        self, port: int, addresses: tuple[str, ...], tls: ssl.SSLContext | None = None
    ) -> int:
        """Streams only; the UDP port of the same number is kept free for `_start_udp`."""
        listener = listen_tcp_beside_udp(addresses, port, fall_back=self.settings.fall_back)
        number = port_of(listener)
        await self._start_stream(listener, self._mirror.converse, tls=tls)
        return number

    async def _start_udp(
        self, ports: tuple[int, ...], ranged: tuple[int, ...], addresses: tuple[str, ...]
    ) -> tuple[HostPort, ...]:
        """Serve STUN, STAMP and SIP datagrams; returns where the control's STUN is."""
        messages = MessageLimit(per_s=MESSAGES_PER_S, burst=MESSAGE_BURST)
        # datagrams are answered in a thread of their own, so they get a mirror of their own
        self._udp = UdpReflector(text_handler=SipMirror(messages, Tally()).answer_datagram)
        self._closers.append(self._udp.close)
        wanted = tuple(dict.fromkeys((*ports, *ranged)))
        if len(addresses) > 1:
            await self._udp.start(addresses[0], wanted, other_address=addresses[1])
            return (HostPort(addresses[1], ports[0]),)
        if not self._control(addresses):
            await self._udp.start(addresses[0], wanted)
            return ()
        bound = await self._udp.start(addresses[0], (*wanted, 0))
        return (HostPort(self.settings.name, bound[-1]),)

    async def _start_web(
        self, address: str, port: int, tls: ssl.SSLContext | None = None, *, other: bool = False
    ) -> HostPort:
        """`other`: the control of a service that has the port already, maybe on this address."""
        own = address == self.settings.bind
        listener = listen_tcp(
            address, 0 if other and own else port, fall_back=other or self.settings.fall_back
        )
        number = port_of(listener)
        web = WebConversation(self._tally, self.illness, self._frames)
        await self._start_stream(
            listener, web.converse, open_s=OPEN_S, longest_s=LONGEST_CONNECTION_S, tls=tls
        )
        return HostPort(self.settings.name if own else address, number)

    async def _start_dns(self, address: str, port: int, *, other: bool = False) -> int:
        own = address == self.settings.bind
        listener = listen_tcp_beside_udp(
            (address,), 0 if other and own else port, fall_back=other or self.settings.fall_back
        )
        number = port_of(listener)
        responder = own_zone((self.settings.bind,))
        udp = DnsUdp(responder, self._dns_messages, self._tally)
        self._closers.append(udp.close)
        await udp.start(bind_udp(address, number))
        tcp = DnsTcp(responder, self._dns_messages, self._tally)
        await self._start_stream(listener, tcp.converse)
        return number

    async def _start_stream(
        self,
        listener: socket.socket,
        conversation: Conversation,
        *,
        open_s: float = CONVERSATION_OPEN_S,
        longest_s: float = LONGEST_CONVERSATION_S,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        service = StreamService(
            conversation,
            open_s=open_s,
            longest_s=longest_s,
            connections=self._connections,
            tally=self._tally,
            faults=self._faults,
        )
        self._closers.append(service.close)
        self._streams.append(service)
        await service.start(listener, tls)


def _within_the_system(connections: int) -> int:
    """No more than this process may open files: the rest would be accepted and stuck.

    `select`, which Windows' event loop waits with, takes 512 sockets there.
    """
    if sys.platform == "win32":
        # FD_SETSIZE as CPython is built there
        return min(connections, 512 - FILES_BESIDE)
    import resource

    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return connections
    return max(1, min(connections, soft - FILES_BESIDE))
