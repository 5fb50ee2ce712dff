"""Whether SIP servers answer, over UDP, TCP and TLS."""

import asyncio
import secrets
import socket
from collections.abc import Callable
from typing import Annotated, TypeVar
from urllib.parse import urlsplit

from msgspec import Struct

from natwizard.model.address import HostPort, parse_host_port
from natwizard.model.language import N_
from natwizard.model.outcome import Attempt, FailureCode
from natwizard.model.privacy import QuotingText, Server
from natwizard.probes.base import Phase, Probe, ProbeContext, require_target
from natwizard.probes.connection.handshake import (
    Stream,
    certificate_wanted,
    start_plain,
    start_tls,
)
from natwizard.probes.connection.public_roots import trusting_anyone
from natwizard.probes.connection.reachability import look_up, side_by_side, spread
from natwizard.probes.failures import BadAnswer, CannotGather, failure_from
from natwizard.probes.media.arrival import next_datagram
from natwizard.probes.network import Endpoint
from natwizard.probes.printable import printable
from natwizard.wire.error import WireError
from natwizard.wire.sip import (
    Dialogue,
    SipResponse,
    Transport,
    build_options,
    message_bytes,
    parse_response,
)

WAITS_S = (0.5, 1.0, 1.5)
"""How long to wait after each datagram; an answer to an earlier one counts as well."""

DEFAULT_PORT = 5060
# A lost SYN is sent again after one second
CONNECT_S = 3.0
# A chain of certificates takes this long on a line of 64 kbit/s, beside the other probes'
# packets; the port took the connection, so that few lines make anybody wait for it
ENCRYPT_S = 5.0
ANSWER_S = 3.0
CHUNK_BYTES = 2048
# 64 bits: Call-ID, tag and branch have to be unique (RFC 3261, 8.1.1 and 19.3)
TOKEN_BYTES = 8
DATAGRAM_BYTES = 65_535  # Windows cuts off nothing: a datagram too large is an error (10040)

BuildRequest = Callable[[Dialogue], bytes]


class SipExchange(Struct, frozen=True, kw_only=True):
    """A request as it was sent, and its answer, or how an opened stream kept silent instead."""

    request: bytes
    local: HostPort
    response: SipResponse | None = None
    silence: FailureCode | None = None


async def exchange(
    context: ProbeContext,
    endpoint: Endpoint,
    server: HostPort,
    transport: Transport,
    build: BuildRequest,
) -> SipExchange:
    """Ask one address of a server. Raises OSError, TimeoutError, EOFError, BadAnswer."""
    async with context.rate_limiter.flow():
        if transport is Transport.UDP:
            return await _exchange_datagrams(context, endpoint, server, build)
        return await _exchange_stream(context, endpoint, server, transport, build)


def operation_of(transport: Transport) -> str:
    """The name of an exchange in evidence: "sip_udp"."""
    return f"sip_{transport.lower()}"


def _dialogue(connection: socket.socket, server: HostPort, transport: Transport) -> Dialogue:
    address, port = connection.getsockname()[:2]
    local = HostPort(str(address).partition("%")[0], port)
    token = secrets.token_hex(TOKEN_BYTES)
    return Dialogue(server=server, local=local, transport=transport, token=token)


async def _exchange_datagrams(
    context: ProbeContext, endpoint: Endpoint, server: HostPort, build: BuildRequest
) -> SipExchange:
    loop = asyncio.get_running_loop()
    with context.network.open_udp(endpoint.family) as datagrams:
        await loop.sock_connect(datagrams, (endpoint.address, endpoint.port))
        dialogue = _dialogue(datagrams, server, Transport.UDP)
        request = build(dialogue)
        junk = ""
        for wait_s in WAITS_S:
            await loop.sock_sendall(datagrams, request)
            try:
                async with asyncio.timeout(wait_s):
                    while True:
                        datagram = await next_datagram(datagrams, DATAGRAM_BYTES)
                        try:
                            response = _parse(datagram, dialogue)
                        except WireError as error:
                            junk = str(error)
                        else:
                            return SipExchange(
                                request=request, local=dialogue.local, response=response
                            )
            except TimeoutError:
                continue
    if junk:
        raise BadAnswer(junk)
    raise TimeoutError(f"no answer to {len(WAITS_S)} requests in {sum(WAITS_S):g} s")


AT_ENCRYPTION = "start_tls"
"""The operation of a failure that came after the connection."""


async def _exchange_stream(
    context: ProbeContext,
    endpoint: Endpoint,
    server: HostPort,
    transport: Transport,
    build: BuildRequest,
) -> SipExchange:
    connection = await context.network.connect_tcp(endpoint, timeout_s=CONNECT_S)
    dialogue = _dialogue(connection, server, transport)
    request = build(dialogue)
    if transport is Transport.TLS:
        # whether the port is open is the question here; whose certificate it is, another check's
        trust = trusting_anyone()
        try:
            stream = await start_tls(connection, trust, server.host, timeout_s=ENCRYPT_S)
        except CannotGather as error:
            # a server that lets in only phones with a certificate: the port is open
            wanted = error.failure.code
            return SipExchange(request=request, local=dialogue.local, silence=wanted)
        except (OSError, EOFError) as error:
            # the port took the connection: whoever reads this must not call it blocked
            raise CannotGather(failure_from(error, AT_ENCRYPTION)) from error
    else:
        stream = await start_plain(connection)
    try:
        async with asyncio.timeout(ANSWER_S):
            with certificate_wanted(stream.certificate_requests, "sip_tls"):
                stream.writer.write(request)
                await stream.writer.drain()
                response = _parse(await _read_message(stream), dialogue)
            return SipExchange(request=request, local=dialogue.local, response=response)
    except TimeoutError:
        silence = FailureCode.TIMED_OUT
    except CannotGather as error:
        silence = error.failure.code
    except EOFError:
        silence = FailureCode.CLOSED_EARLY
    finally:
        stream.close()
    return SipExchange(request=request, local=dialogue.local, silence=silence)


async def _read_message(stream: Stream) -> bytes:
    """One whole message. Raises EOFError, WireError, OSError."""
    received = b""
    while True:
        received = received.lstrip(b"\r\n")
        length = message_bytes(received)
        if length is not None and length <= len(received):
            return received[:length]
        chunk = await stream.reader.read(CHUNK_BYTES)
        if not chunk:
            raise EOFError("hung up")
        received += chunk


def _parse(message: bytes, dialogue: Dialogue) -> SipResponse:
    response = parse_response(message)
    if dialogue.token not in response.first("call-id") + response.first("via"):
        raise WireError("an answer to somebody else's request")
    return response


E = TypeVar("E")

DEFAULT_TLS_PORT = 5061
HTTPS_PORT = 443
# A server's own words are shown on one line
TEXT_LIMIT = 80
ADDRESSES_PER_FAMILY = 1


class SipAnswer(Struct, frozen=True, kw_only=True):
    """What came back, or `silence`: how a stream that opened ended without an answer.

    Attributes:
        status_code: 100 to 699; 0 for silence.
        reason: the server's words.
        server: how it calls itself, if it does.
    """

    status_code: int
    reason: QuotingText = ""
    server: QuotingText = ""
    silence: FailureCode | None = None


class SipTry(Struct, frozen=True, kw_only=True):
    """One request to one address, or the failed look-up of its name.

    Attributes:
        target: host:port as the profile has it.
        control: whether this is the mirror, asked for comparison only.
    """

    target: Annotated[HostPort, Server()]
    transport: Transport
    control: bool
    attempt: Attempt[SipAnswer]


class SipEvidence(Struct, frozen=True, kw_only=True):
    """OPTIONS to every SIP server of the profile, in its order, then to the mirror.

    Attributes:
        line: a connection to the web page of the profile, which shows that the line works;
            empty where the profile has none.
    """

    tries: tuple[SipTry, ...]
    line: tuple[Attempt[Endpoint], ...] = ()


class _Job(Struct, frozen=True, kw_only=True):
    target: HostPort
    transport: Transport
    control: bool = False


async def gather(context: ProbeContext) -> SipEvidence:
    """Ask every server at once; each address family for itself."""
    targets = context.targets
    require_target(targets.sip or targets.sip_tls or targets.sip_mirror, "targets.sip")
    jobs = _jobs(targets.sip, targets.sip_tls, targets.sip_mirror)
    async with asyncio.TaskGroup() as group:
        line = group.create_task(_try_line(context, targets.https))
        done = await side_by_side(_ask(context, job) for job in jobs)
    return SipEvidence(tries=tuple(each for tries in done for each in tries), line=line.result())


async def _try_line(context: ProbeContext, url: str) -> tuple[Attempt[Endpoint], ...]:
    if not url:
        return ()
    address = urlsplit(url)
    target = HostPort(address.hostname or "", address.port or HTTPS_PORT)
    looked = await look_up(context, target)
    if looked.value is None:
        return (_as(looked),)
    return await side_by_side(
        _connect(context, endpoint) for endpoint in spread(looked.value, ADDRESSES_PER_FAMILY)
    )


async def _connect(context: ProbeContext, endpoint: Endpoint) -> Attempt[Endpoint]:
    async def work() -> Endpoint:
        (await context.network.connect_tcp(endpoint, timeout_s=CONNECT_S)).close()
        return endpoint

    async with context.rate_limiter.flow():
        return await context.attempt("connect_tcp", endpoint, work)


def _jobs(sip: tuple[str, ...], sip_tls: str, mirror: str) -> tuple[_Job, ...]:
    """What to ask. A server that is there for TLS too speaks plain SIP over UDP alone."""
    plain = [parse_host_port(text, default_port=DEFAULT_PORT) for text in sip]
    secure = [parse_host_port(sip_tls, default_port=DEFAULT_TLS_PORT)] if sip_tls else []
    control = [parse_host_port(mirror, default_port=DEFAULT_PORT)] if mirror else []
    jobs = []
    for target in plain:
        jobs.append(_Job(target=target, transport=Transport.UDP))
        if target not in secure:
            jobs.append(_Job(target=target, transport=Transport.TCP))
    jobs += [_Job(target=target, transport=Transport.TLS) for target in secure]
    jobs += [
        _Job(target=target, transport=transport, control=True)
        for target in control
        if target not in plain
        for transport in (Transport.UDP, Transport.TCP)
    ]
    return tuple(dict.fromkeys(jobs))


async def _ask(context: ProbeContext, job: _Job) -> tuple[SipTry, ...]:
    looked = await look_up(context, job.target)
    if looked.value is None:
        return (_try(job, _as(looked)),)
    endpoints = spread(looked.value, ADDRESSES_PER_FAMILY)
    attempts = await side_by_side(_options(context, job, endpoint) for endpoint in endpoints)
    return tuple(_try(job, attempt) for attempt in attempts)


def _try(job: _Job, attempt: Attempt[SipAnswer]) -> SipTry:
    return SipTry(target=job.target, transport=job.transport, control=job.control, attempt=attempt)


async def _options(context: ProbeContext, job: _Job, endpoint: Endpoint) -> Attempt[SipAnswer]:
    async def work() -> SipAnswer:
        return _answer(await exchange(context, endpoint, job.target, job.transport, build_options))

    return await context.attempt(operation_of(job.transport), endpoint, work)


def _answer(exchanged: SipExchange) -> SipAnswer:
    response = exchanged.response
    if response is None:
        return SipAnswer(status_code=0, silence=exchanged.silence)
    return SipAnswer(
        status_code=response.status_code,
        reason=printable(response.reason, TEXT_LIMIT),
        server=printable(response.first("server") or response.first("user-agent"), TEXT_LIMIT),
    )


def _as(failed: Attempt[object]) -> Attempt[E]:
    """A failed attempt, in place of one that could not be made because of it."""
    return Attempt(
        operation=failed.operation,
        target=failed.target,
        started_s=failed.started_s,
        duration_s=failed.duration_s,
        failure=failed.failure,
    )


SIP = Probe(
    name="sip",
    title=N_("Asking SIP servers for an answer"),
    evidence=SipEvidence,
    phase=Phase.REACHABILITY,
    typical_s=0.5,
    deadline_s=15.0,
    shares_line=True,
    gather=gather,
)
