"""Sends one SIP request and waits for its answer, over UDP, TCP or TLS. Source: RFC 3261, 17.1.2.

The RFC repeats a datagram for 32 s; a person waits for us, so there are three tries in 3 s.
"""

import asyncio
import secrets
import socket
from collections.abc import Callable

from msgspec import Struct

from natwizard.model.address import HostPort
from natwizard.model.outcome import FailureCode
from natwizard.probes.base import ProbeContext
from natwizard.probes.failures import BadAnswer
from natwizard.probes.handshake import Stream, start_plain, start_tls
from natwizard.probes.network import Endpoint
from natwizard.probes.public_roots import trusting_anyone
from natwizard.wire.error import WireError
from natwizard.wire.sip import (
    Dialogue,
    SipResponse,
    Transport,
    message_bytes,
    parse_response,
)

WAITS_S = (0.5, 1.0, 1.5)
"""How long to wait after each datagram; an answer to an earlier one counts as well."""

DEFAULT_PORT = 5060
CONNECT_S = 3.0
ANSWER_S = 3.0
CHUNK_BYTES = 2048
DATAGRAM_BYTES = 65_535  # Windows cuts off nothing: a datagram too large is an error (10040)
TOKEN_BYTES = 8

BuildRequest = Callable[[Dialogue], bytes]


class Exchange(Struct, frozen=True, kw_only=True):
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
) -> Exchange:
    """Ask one address of a server. Raises OSError, TimeoutError, EOFError, BadAnswer."""
    async with context.pace.flow():
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
) -> Exchange:
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
                        datagram = await loop.sock_recv(datagrams, DATAGRAM_BYTES)
                        try:
                            response = _parse(datagram, dialogue)
                        except WireError as error:
                            junk = str(error)
                        else:
                            return Exchange(
                                request=request, local=dialogue.local, response=response
                            )
            except TimeoutError:
                continue
    if junk:
        raise BadAnswer(junk)
    raise TimeoutError(f"no answer to {len(WAITS_S)} requests in {sum(WAITS_S):g} s")


async def _exchange_stream(
    context: ProbeContext,
    endpoint: Endpoint,
    server: HostPort,
    transport: Transport,
    build: BuildRequest,
) -> Exchange:
    connection = await context.network.connect_tcp(endpoint, timeout_s=CONNECT_S)
    dialogue = _dialogue(connection, server, transport)
    request = build(dialogue)
    if transport is Transport.TLS:
        # whether the port is open is the question here; whose certificate it is, another check's
        trust = trusting_anyone()
        stream = await start_tls(connection, trust, server.host, timeout_s=CONNECT_S)
    else:
        stream = await start_plain(connection)
    try:
        async with asyncio.timeout(ANSWER_S):
            stream.writer.write(request)
            await stream.writer.drain()
            response = _parse(await _read_message(stream), dialogue)
            return Exchange(request=request, local=dialogue.local, response=response)
    except TimeoutError:
        silence = FailureCode.TIMED_OUT
    except EOFError:
        silence = FailureCode.CLOSED_EARLY
    finally:
        stream.close()
    return Exchange(request=request, local=dialogue.local, silence=silence)


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
