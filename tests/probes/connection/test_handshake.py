"""Servers that want a certificate of ours, and end: told apart from somebody who cuts."""

import asyncio
import contextlib
import socket
import ssl
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from servers.reach_lab import make_authority, server_pem
from servers.udp_lab import run

from natwizard.model.outcome import FailureCode
from natwizard.probes.connection.handshake import start_tls
from natwizard.probes.connection.public_roots import trusting_anyone
from natwizard.probes.failures import CannotGather

NAME = "tls.example.com"
TIMEOUT_S = 20.0
ALERT = 21
ONE_TWO, ONE_THREE = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
HEADER_BYTES = 5


def context_of(version: ssl.TLSVersion, *, wants: bool) -> ssl.SSLContext:
    authority = make_authority()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "server.pem")
        file.write_bytes(server_pem(authority, names=(NAME,)))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
    context.minimum_version = context.maximum_version = version
    context.load_verify_locations(cadata=authority.pem)
    context.verify_mode = ssl.CERT_REQUIRED if wants else ssl.CERT_NONE
    return context


async def pass_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, but_alerts: bool
) -> None:
    """Record by record (RFC 8446, 5.1), until an alert is due, or the end."""
    with contextlib.suppress(OSError, asyncio.IncompleteReadError):
        while True:
            header = await reader.readexactly(HEADER_BYTES)
            body = await reader.readexactly(int.from_bytes(header[3:]))
            if but_alerts and header[0] == ALERT:
                break
            writer.write(header + body)
            await writer.drain()
    writer.close()


@contextlib.asynccontextmanager
async def server(context: ssl.SSLContext, *, without_alerts: bool) -> AsyncIterator[int]:
    """OpenSSL's server; behind a relay that ends where it would have sent an alert, if asked."""

    async def reading(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            await reader.read()
        writer.close()

    real = await asyncio.start_server(reading, "127.0.0.1", 0, ssl=context)
    port = real.sockets[0].getsockname()[1]

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, on = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(
            pass_on(reader, on, but_alerts=False), pass_on(back, writer, but_alerts=without_alerts)
        )

    front = await asyncio.start_server(relay, "127.0.0.1", 0)
    async with real, front:
        yield front.sockets[0].getsockname()[1]


async def outcome_of(port: int) -> FailureCode | None:
    """How a handshake and what is asked after it end; None for an end without words."""
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setblocking(False)
    try:
        stream = await start_tls(connection, trusting_anyone(), NAME, timeout_s=TIMEOUT_S)
    except CannotGather as error:
        return error.failure.code
    except EOFError:
        return None
    try:
        with stream.explaining_silence("ask"):
            stream.writer.write(b"a question")
            if not await stream.reader.read(1):
                raise EOFError("hung up")
    except CannotGather as error:
        return error.failure.code
    except EOFError:
        return None
    finally:
        stream.close()
    return None


@pytest.mark.parametrize(
    ("version", "without_alerts"),
    # in TLS 1.3 an alert is encrypted: a relay cannot tell it from other records
    [(ONE_TWO, False), (ONE_TWO, True), (ONE_THREE, False)],
)
def test_a_server_that_wants_a_certificate_is_told_by_its_asking(
    version: ssl.TLSVersion, without_alerts: bool
) -> None:
    async def try_it() -> FailureCode | None:
        context = context_of(version, wants=True)
        async with server(context, without_alerts=without_alerts) as port:
            return await outcome_of(port)

    assert run(try_it()) is FailureCode.CERTIFICATE_WANTED


async def hang_up_after_hello(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)
    writer.close()


def test_whoever_ends_without_having_asked_for_one_is_told_as_before() -> None:
    async def try_it() -> FailureCode | None:
        front = await asyncio.start_server(hang_up_after_hello, "127.0.0.1", 0)
        async with front:
            connection = socket.create_connection(front.sockets[0].getsockname())
            connection.setblocking(False)
            try:
                await start_tls(connection, trusting_anyone(), NAME, timeout_s=TIMEOUT_S)
            except (EOFError, ConnectionError, ssl.SSLError):
                return None
        raise AssertionError("nothing was encrypted here")

    assert run(try_it()) is None


def test_two_connections_by_one_context_know_of_their_own_server_alone() -> None:
    async def try_it() -> tuple[FailureCode | None, int]:
        trust = trusting_anyone()
        async with (
            server(context_of(ONE_TWO, wants=True), without_alerts=True) as wanting,
            server(context_of(ONE_TWO, wants=False), without_alerts=False) as plain,
        ):

            async def shake(port: int) -> FailureCode | int:
                connection = socket.create_connection(("127.0.0.1", port))
                connection.setblocking(False)
                try:
                    stream = await start_tls(connection, trust, NAME, timeout_s=TIMEOUT_S)
                except CannotGather as error:
                    return error.failure.code
                stream.close()
                return len(stream.certificate_requests)

            return await asyncio.gather(shake(wanting), shake(plain))

    assert list(run(try_it())) == [FailureCode.CERTIFICATE_WANTED, 0]
