"""Each address of a profile asked once, and which answered: for whoever writes one.

Not a measurement: one connection, or one small question, a target. The requests are those of the
checks, so what they are and where they are described is told there.
"""

import asyncio
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, TypeVar

import dns.message
from msgspec import structs

from natwizard.model.address import WEBPHONE_PORT, HostPort, parse_host_port, parse_ports
from natwizard.model.language import N_, _
from natwizard.model.outcome import FailureCode
from natwizard.model.profile import Answers, Profile, PublicServer, PublicUse, UdpService
from natwizard.probes.base import ProbeContext
from natwizard.probes.connection.handshake import Stream, start_plain, start_tls
from natwizard.probes.connection.page_exchange import fetch_page
from natwizard.probes.connection.public_roots import trusting_public
from natwizard.probes.connection.reachability import spread
from natwizard.probes.connection.web_address import WebAddress
from natwizard.probes.connection.websocket_client import WebsocketClient, offer_of
from natwizard.probes.dns_servers import DNS_PORT, ask_udp
from natwizard.probes.failures import BadAnswer, CannotGather, failure_from
from natwizard.probes.media.beacons import echo_once
from natwizard.probes.media.path import connect_lane, greet, new_session
from natwizard.probes.network import Endpoint
from natwizard.probes.rate_limiter import RateLimiter
from natwizard.probes.sip import exchange
from natwizard.probes.stun.client import StunSocket
from natwizard.profiles.read import shipped_profile
from natwizard.run.runner import Environment
from natwizard.wire.sip import Transport, build_options

# A profile comes from elsewhere: it shall not make this computer ask a crowd of strangers
MOST_TARGETS: Final = 100
AT_ONCE: Final = 8
EACH_S: Final = 12.0
"""At most, for one target; with `AT_ONCE` side by side, all of them take 2.5 minutes at worst."""
# Steps at their end leave room for others within `EACH_S`: a lookup, one family's address, the
# other's, an answer
STEP_S: Final = 3.0
FAMILY_S: Final = 4.0
ANSWERS: Final = N_("answers")
# It may quote what a server said
LONGEST_DETAIL: Final = 120

Ask = Callable[[ProbeContext], Awaitable[str]]
"""Asks once and says what the answer was. Raises as a probe's attempt does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveTarget:
    """One address of a profile, and how it is asked."""

    name: str
    address: str
    ask: Ask


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveAnswer:
    """What came of one; `words` is the answer, or why there is none."""

    target: LiveTarget
    answered: bool
    words: str
    duration_s: float


def live_targets(profile: Profile, *, shipped_too: bool) -> tuple[LiveTarget, ...]:
    """Every address that a profile names, in its order; without those of the shipped one."""
    shipped = {(each.name, each.address) for each in _targets_of(shipped_profile(whole=False))}
    found = _targets_of(profile)
    return tuple(each for each in found if shipped_too or (each.name, each.address) not in shipped)


async def ask_all(
    profile: Profile, environment: Environment, targets: tuple[LiveTarget, ...]
) -> tuple[LiveAnswer, ...]:
    """Ask each once, a few side by side; `MOST_TARGETS` at most."""
    places = asyncio.Semaphore(AT_ONCE)
    context = ProbeContext(
        targets=environment.targets_of(profile),
        feeds=profile.feeds,
        answers=Answers(),
        network=environment.network,
        host=environment.host,
        rate_limiter=RateLimiter(),
        progress=lambda _fraction, _text, _columns=(): None,
        run_started=time.perf_counter(),
    )

    async def ask(target: LiveTarget) -> LiveAnswer:
        async with places:
            return await _ask_one(target, replace(context, log=[]))

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(ask(target)) for target in targets[:MOST_TARGETS]]
    return tuple(task.result() for task in tasks)


async def _ask_one(target: LiveTarget, context: ProbeContext) -> LiveAnswer:
    began = time.perf_counter()
    answered, words = False, ""
    try:
        async with asyncio.timeout(EACH_S):
            words = await target.ask(context)
        answered = True
    except CannotGather as failed:
        words = _failure_words(failed.failure.code, failed.failure.detail)
    except (OSError, EOFError, ValueError) as error:
        failure = failure_from(error, "ask")
        words = _failure_words(failure.code, failure.detail)
    return LiveAnswer(
        target=target,
        answered=answered,
        words=words,
        duration_s=time.perf_counter() - began,
    )


def _failure_words(code: FailureCode, detail: str) -> str:
    words = {
        FailureCode.TIMED_OUT: _("no answer"),
        FailureCode.NAME_NOT_FOUND: _("the name is not found"),
        FailureCode.CONNECTION_REFUSED: _("nothing listens there"),
        FailureCode.CERTIFICATE_UNTRUSTED: _("its certificate is by no public authority"),
    }
    return words.get(code) or f"{code}: {detail}"[:LONGEST_DETAIL]


def _targets_of(profile: Profile) -> Iterator[LiveTarget]:
    for key, value in structs.asdict(profile.targets).items():
        make = ASKS.get(key)
        if make is None:
            continue
        for text in filter(None, (value,) if isinstance(value, str) else value):
            yield LiveTarget(name=f"targets.{key}", address=text, ask=make(text))
    if profile.targets.udp_range and profile.targets.udp_range_ports:
        port = parse_ports(profile.targets.udp_range_ports)[0].start
        place = f"{profile.targets.udp_range}:{port}"
        yield LiveTarget(name="targets.udp_range", address=place, ask=_by_stun(place))
    for server in profile.public_in_use:
        yield from _public_targets(server)
    feeds = {f"feeds.{key}": url for key, url in structs.asdict(profile.feeds).items()}
    pages = {**feeds, "updates.address": profile.updates.address}
    for name, url in pages.items():
        if url:
            address = url.replace("{platform}", "linux")
            yield LiveTarget(name=name, address=address, ask=_by_page(address))
    if profile.share.otlp:
        place = profile.share.otlp
        yield LiveTarget(name="share.otlp", address=place, ask=_by_connecting(place))


def _public_targets(server: PublicServer) -> Iterator[LiveTarget]:
    name = f"public {server.use.value}"
    match server.use:
        case PublicUse.MEDIA_BEACON:
            ask = _by_echo(server.address)
        case PublicUse.WEB_PAGE:
            ask = _by_page(server.address, server.expect)
        case PublicUse.WEBPHONE_PORT:
            ask = _by_page(f"http://{server.address}/", server.expect)
        case PublicUse.WEBSOCKET:
            ask = _by_websocket(server.address)
        case PublicUse.EDNS_SIZES:
            ask = _by_dns(server.address, name=f"512.4.{parse_host_port(server.address).host}")
        case PublicUse.UDP_SAMPLE:
            ask = _udp_ask(server)
    yield LiveTarget(name=name, address=server.address, ask=ask)
    if server.witness:
        witness = _by_page(f"http://{server.witness}/")
        yield LiveTarget(name=name, address=server.witness, ask=witness)


def _udp_ask(server: PublicServer) -> Ask:
    match server.speaks:
        case UdpService.STUN:
            return _by_stun(server.address)
        case UdpService.ECHO:
            return _by_echo(server.address)
        case UdpService.DNS:
            return _by_dns(server.address, name=server.dns_name)


T = TypeVar("T")
FAILURES = (CannotGather, OSError, EOFError, ValueError)


async def _at_either(
    context: ProbeContext, place: HostPort, work: Callable[[Endpoint], Awaitable[T]]
) -> T:
    """What comes of the first address of a family, else of the other's: browsers go on likewise,
    and a way without IPv6 is no fault of the target. Raises as `work` does, or OSError.
    """
    found = spread(await context.network.resolve(place, timeout_s=STEP_S), 1)
    if not found:
        raise socket.gaierror(socket.EAI_NONAME, "no address")
    failed: list[Exception] = []
    for endpoint in found:
        last = endpoint is found[-1]
        try:
            async with asyncio.timeout(None if last else FAMILY_S):
                return await work(endpoint)
        except FAILURES as error:
            failed.append(error)
    reached = [each for each in failed if not _went_nowhere(each)]
    raise (reached or failed)[0]


def _went_nowhere(error: Exception) -> bool:
    """This computer has no way to such an address: that tells nothing of who has it."""
    code = failure_from(error, "connect").code
    return code in {FailureCode.NETWORK_UNREACHABLE, FailureCode.NOT_SUPPORTED}


def _by_page(url: str, expected: str = "") -> Ask:
    """A page of any status: whether something speaks HTTP there is the question."""
    address = WebAddress.parse(url)

    async def ask(context: ProbeContext) -> str:
        trust = trusting_public(context.targets.extra_roots) if address.secure else None
        stream = await _stream(context, address.target, trust)
        try:
            page = await fetch_page(
                stream,
                host=address.host_header(),
                resource=address.resource,
                expected=expected,
                timeout_s=STEP_S,
            )
        finally:
            stream.close()
        return _("answers, HTTP {status}").format(status=page.status)

    return ask


async def _stream(context: ProbeContext, place: HostPort, trust: ssl.SSLContext | None) -> Stream:
    async def connect(endpoint: Endpoint) -> Stream:
        connection = await context.network.connect_tcp(endpoint, timeout_s=STEP_S)
        if trust is None:
            return await start_plain(connection)
        return await start_tls(connection, trust, place.host, timeout_s=STEP_S)

    return await _at_either(context, place, connect)


def _by_connecting(url: str) -> Ask:
    """TCP and, for https and wss, TLS with a public certificate; nothing is sent."""
    address = WebAddress.parse(url)

    async def ask(context: ProbeContext) -> str:
        trust = trusting_public(context.targets.extra_roots) if address.secure else None
        (await _stream(context, address.target, trust)).close()
        return _("answers, with a public certificate") if address.secure else _(ANSWERS)

    return ask


def _by_tls(default_port: int) -> Callable[[str], Ask]:
    return lambda text: _by_connecting(
        f"https://{parse_host_port(text, default_port=default_port)}/"
    )


def _by_websocket(url: str) -> Ask:
    address = WebAddress.parse(url)

    async def ask(context: ProbeContext) -> str:
        trust = trusting_public(context.targets.extra_roots) if address.secure else None
        stream = await _stream(context, address.target, trust)
        try:
            client = WebsocketClient(stream, address, offer_of(context.targets))
            await client.upgrade(timeout_s=STEP_S)
            await client.echo(b"natwizard", frames=1, timeout_s=STEP_S)
        finally:
            stream.close()
        return _("answers, and sends messages back")

    return ask


def _by_stun(text: str) -> Ask:
    place = parse_host_port(text, default_port=TURN_PORT)

    async def ask(context: ProbeContext) -> str:
        async def bind(endpoint: Endpoint) -> None:
            with StunSocket(context.network.open_udp(endpoint.family)) as asking:
                asking.connect(endpoint)
                await asking.ask(endpoint)

        await _at_either(context, place, bind)
        return _("answers STUN")

    return ask


def _by_stamp(text: str) -> Ask:
    place = parse_host_port(text)

    async def ask(context: ProbeContext) -> str:
        async def hail(endpoint: Endpoint) -> None:
            flow = connect_lane(context, endpoint, new_session())
            with flow.out:
                await greet(flow)

        await _at_either(context, place, hail)
        return _("answers test packets")

    return ask


def _by_echo(text: str) -> Ask:
    """One datagram that has to come back as it is."""
    place = parse_host_port(text)

    async def ask(context: ProbeContext) -> str:
        async def send(endpoint: Endpoint) -> None:
            with context.network.open_udp(endpoint.family) as datagrams:
                datagrams.connect((endpoint.address, endpoint.port))
                await echo_once(datagrams)

        await _at_either(context, place, send)
        return _("answers, unchanged")

    return ask


def _by_dns(text: str, *, name: str = ".") -> Ask:
    place = parse_host_port(text, default_port=DNS_PORT)

    question = dns.message.make_query(name, "NS" if name == "." else "TXT")

    async def ask(context: ProbeContext) -> str:
        answer = await _at_either(
            context,
            place,
            lambda endpoint: ask_udp(context, HostPort(endpoint.address, endpoint.port), question),
        )
        return _("answers, {code}").format(code=answer.rcode)

    return ask


def _by_sip(text: str) -> Ask:
    place = parse_host_port(text, default_port=SIP_PORT)

    async def ask(context: ProbeContext) -> str:
        async def talk(endpoint: Endpoint) -> int:
            answer = await exchange(context, endpoint, place, Transport.UDP, build_options)
            if answer.response is None:
                raise BadAnswer("no answer")
            return answer.response.status_code

        status = await _at_either(context, place, talk)
        return _("answers SIP, {status}").format(status=status)

    return ask


TURN_PORT, SIP_PORT, SIP_TLS_PORT, HTTPS_PORT = 3478, 5060, 5061, 443

ASKS: Final[Mapping[str, Callable[[str], Ask]]] = {
    "webphone": _by_tls(WEBPHONE_PORT),
    "webphone_control": _by_tls(WEBPHONE_PORT),
    "http": _by_page,
    "https": _by_page,
    "stun": _by_stun,
    "stun_control": _by_stun,
    "media": _by_stamp,
    "turn": _by_stun,
    "resolvers": _by_dns,
    "resolver_control": _by_dns,
    "websocket": _by_websocket,
    "tls": _by_tls(HTTPS_PORT),
    "tls_control": _by_tls(HTTPS_PORT),
    "tls_floor": _by_tls(HTTPS_PORT),
    "sip": _by_sip,
    "sip_tls": _by_tls(SIP_TLS_PORT),
    "sip_mirror": _by_sip,
    "salesforce_login": _by_page,
}
"""By target: how it is asked. `udp_range` goes with its ports; the others are no addresses."""
