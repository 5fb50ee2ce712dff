"""Servers on loopback for probes of TCP, TLS and HTTP: good ones and hostile ones, all real."""

import asyncio
import datetime as dt
import ipaddress
import socket
import ssl
import struct
import tempfile
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from servers.free_ports import free_port
from servers.udp_lab import make_context

from natwizard.model.address import HostPort, parse_host_port
from natwizard.model.profile import Targets
from natwizard.probes.base import ProbeContext
from natwizard.probes.network import Endpoint, ProxyEntry, ProxyKind, ProxyList
from natwizard.system.network import SystemNetwork

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

DAY = dt.timedelta(days=1)

ALLOWED = b"HTTP/1.1 200 Connection established\r\n\r\n"


def common_name(text: str, organization: str = "") -> x509.Name:
    """A name of any length and content: what forgers write is what tests are about."""
    texts = {NameOID.COMMON_NAME: text, NameOID.ORGANIZATION_NAME: organization}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return x509.Name(
            [
                x509.NameAttribute(oid, value, _validate=False)
                for oid, value in texts.items()
                if value
            ]
        )


@dataclass(frozen=True, kw_only=True)
class Authority:
    """An authority of the test's own."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()


def make_authority(name: x509.Name | None = None) -> Authority:
    name = name or common_name("natwizard test authority")
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        _builder(name, name, key.public_key(), 0, 30)
        .add_extension(x509.BasicConstraints(ca=True, path_length=1), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    return Authority(certificate=certificate, key=key)


def make_intermediate(root: Authority, name: x509.Name) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        _builder(name, root.certificate.subject, key.public_key(), 0, 30)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(root.key.public_key()),
            critical=False,
        )
        .sign(root.key, hashes.SHA256())
    )
    return Authority(certificate=certificate, key=key)


def server_context(
    authority: Authority | None,
    *,
    names: tuple[str, ...] = ("127.0.0.1", "::1", "localhost"),
    days: tuple[int, int] = (-1, 30),
    send: tuple[Authority, ...] = (),
    subject: x509.Name | None = None,
    lax: bool = False,
) -> ssl.SSLContext:
    """A server's context with a certificate and key by `server_pem`."""
    pem = server_pem(authority, names=names, days=days, send=send, subject=subject, lax=lax)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "both.pem")
        path.write_bytes(pem)
        context.load_cert_chain(path)
    return context


def server_pem(
    authority: Authority | None,
    *,
    names: tuple[str, ...],
    days: tuple[int, int] = (-1, 30),
    send: tuple[Authority, ...] = (),
    subject: x509.Name | None = None,
    lax: bool = False,
) -> bytes:
    """A chain and its key; without an authority the certificate signs itself.

    Args:
        days: first and last day of its validity, from today.
        send: further certificates of the chain.
        lax: leave out what strict verifiers ask for and browsers do not.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    subject = subject or common_name("test server")
    issuer = _subject_of(authority) if authority else subject
    signer = authority.key if authority else key
    builder = _builder(subject, issuer, key.public_key(), *days, with_ski=not lax).add_extension(
        x509.SubjectAlternativeName([_general(name) for name in names]), critical=False
    )
    if not lax:
        builder = (
            builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()),
                critical=False,
            )
        )
    certificate = builder.sign(signer, hashes.SHA256())
    chain = b"".join(
        each.public_bytes(serialization.Encoding.PEM)
        for each in (certificate, *(other.certificate for other in send))
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return chain + secret


def _subject_of(authority: Authority) -> x509.Name:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # names of forbidden length are what the test is about
        return authority.certificate.subject


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    first_day: int,
    last_day: int,
    *,
    with_ski: bool = True,
) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + first_day * DAY - DAY)
        .not_valid_after(now + last_day * DAY)
    )
    if with_ski:
        builder = builder.add_extension(
            x509.SubjectKeyIdentifier.from_public_key(key), critical=False
        )
    return builder


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


@asynccontextmanager
async def serving(
    handler: Handler, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1", port: int = 0
) -> AsyncIterator[int]:
    """A server, on a free port unless told one; what a handler still does is ended with it."""
    talking: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talking[task] = writer
        try:
            with suppress(OSError, EOFError, asyncio.LimitOverrunError):
                await handler(reader, writer)
                await writer.drain()
        finally:
            if not writer.is_closing():  # a second close breaks abort() before Python 3.11.5
                writer.close()
            writer.transport.abort()

    server = await asyncio.start_server(accept, host, port, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        # whoever has been accepted is handed to `accept` some turns of the loop later
        for _turn in range(4):
            await asyncio.sleep(0)
        for writer in talking.values():
            writer.transport.abort()
        if talking:
            await asyncio.wait(talking, timeout=2)


def answering(*answers: bytes) -> Handler:
    """Reads one request head, then sends these bytes and hangs up."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for answer in answers:
            writer.write(answer)
            await writer.drain()

    return handler


def page(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    head = "".join(
        f"{line}\r\n"
        for line in (f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "")
    )
    return head.encode("latin-1") + body


async def silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Accepts and never speaks; ends when the peer hangs up."""
    while await reader.read(4096):
        pass


async def dripping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One byte of a header a second, without end."""
    writer.write(b"HTTP/1.1 200 OK\r\nX: ")
    while not reader.at_eof():
        writer.write(b"a")
        await writer.drain()
        await asyncio.sleep(1)


async def huge_header(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Ten megabytes of one header."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nX: ")
    for _number in range(160):
        writer.write(b"a" * 65536)
        await writer.drain()


async def hanging_up(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Listens, and closes in order without a word."""
    await reader.read(65536)


async def resetting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A TCP reset as soon as anything arrives (RST after ClientHello)."""
    await reader.read(1)
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


async def alerting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A fatal TLS alert, protocol_version, to whatever arrives."""
    await reader.read(4096)
    writer.write(bytes.fromhex("15 0301 0002 02 46"))
    await writer.drain()
    await reader.read(4096)


@asynccontextmanager
async def tunnelling(
    answer: bytes = ALLOWED, divert_to: int | None = None, *, thinks_s: float = 0.0
) -> AsyncIterator[int]:
    """A proxy that answers CONNECT with this, and then passes bytes both ways.

    Args:
        divert_to: a port of loopback it really connects to, as one that inspects TLS does.
        thinks_s: how long it takes to answer.
    """

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = (await reader.readuntil(b"\r\n\r\n")).decode()
        await asyncio.sleep(thinks_s)
        writer.write(answer)
        await writer.drain()
        if b" 200 " not in answer or not request.startswith("CONNECT "):
            return
        host, port = request.split()[1].rsplit(":", 1)
        onward_reader, onward_writer = await asyncio.open_connection(host, divert_to or int(port))
        try:
            async with asyncio.TaskGroup() as group:
                onward = group.create_task(pump(reader, onward_writer))
                await pump(onward_reader, writer)
                onward.cancel()
        except* OSError:
            pass
        finally:
            onward_writer.transport.abort()

    async with serving(handler) as port:
        yield port


@asynccontextmanager
async def full_backlog() -> AsyncIterator[int]:
    """A port that drops every SYN, as a firewall would: its queue of connections is full."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        async with AsyncExitStack() as stack:
            for _number in range(3):
                filler = stack.enter_context(socket.socket())
                filler.setblocking(False)
                with suppress(BlockingIOError):
                    filler.connect(listener.getsockname())
            await asyncio.sleep(0.05)
            yield listener.getsockname()[1]


def closed_port() -> int:
    """A port that refuses, and goes on to: no other test's socket is given it by chance."""
    return free_port()


@dataclass
class LabNetwork(SystemNetwork):
    """The real stack, with names, proxy settings and resolvers of the test's own."""

    names: dict[str, tuple[str, ...]] = field(default_factory=dict)
    proxy: str = ""
    own_resolvers: tuple[str, ...] = ()

    async def resolve(self, target: HostPort, *, timeout_s: float) -> tuple[Endpoint, ...]:
        if target.host not in self.names:
            if target.host.endswith(".test"):
                raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
            return await super().resolve(target, timeout_s=timeout_s)
        return tuple(
            Endpoint(
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                address=address,
                port=target.port,
            )
            for address in self.names[target.host]
        )

    def proxy_for(self, url: str) -> ProxyList:  # noqa: ARG002 - one list for everything
        return proxy_entries(self.proxy)

    def resolvers(self) -> tuple[str, ...]:
        return self.own_resolvers


def proxy_entries(text: str) -> ProxyList:
    """ "http://a:1; socks5://b:2; direct" as settings would name it."""
    entries = []
    for each in filter(None, (part.strip() for part in text.split(";"))):
        kind, _mark, place = each.partition("://")
        server = parse_host_port(place, default_port=80) if place else None
        entries.append(ProxyEntry(kind=ProxyKind(kind), server=server))
    return ProxyList(entries=tuple(entries))


def lab_context(targets: Targets, network: LabNetwork | None = None) -> ProbeContext:
    return make_context(targets, network=network or LabNetwork())
