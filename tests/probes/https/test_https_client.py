"""The one https client: every user of it ends at its deadline, and goes browsers' way."""

import asyncio
import gzip
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import httpx
import pytest
from servers.feed_server import Answer, FeedServer
from servers.reach_lab import LabNetwork, closed_port, lab_context
from servers.salesforce_org import HOST, TOKEN
from servers.tls_server import TlsServer

from natwizard.model.address import HostPort
from natwizard.model.outcome import FailureCode
from natwizard.model.profile import Profile, Targets, Updates
from natwizard.probes.failures import BadAnswer, CannotGather
from natwizard.probes.https.client import HttpsLimits, download, https_address
from natwizard.probes.network import Endpoint, ProxyList
from natwizard.probes.salesforce import sign_in as sign_in_module
from natwizard.probes.salesforce.budget import CallBudget
from natwizard.probes.salesforce.client import OrgClient, Timeouts
from natwizard.probes.salesforce.hosts import login_address
from natwizard.probes.salesforce.session import SalesforceSession
from natwizard.profiles.find import load_profile
from natwizard.profiles.mistake import ProfileMistake
from natwizard.run import newest_version
from natwizard.run.newest_version import CannotTell, ask_newest
from natwizard.system import profile_download
from natwizard.system.environment import real_environment
from natwizard.system.proxy import proxy_scripts

DEADLINE_S = 1.2
SLACK_S = 15.0
"""For a busy machine; the drip itself goes on for a minute."""
DRIPS = 60


class Dripping(BaseHTTPRequestHandler):
    """One byte a second, from the path's place on: of the head or of the body."""

    protocol_version = "HTTP/1.1"
    stopped = threading.Event()

    def do_GET(self) -> None:
        start = b"HTTP/1.1 200 OK\r\n" + (b"\r\n" if "body" in self.path else b"X-Long: ")
        try:
            self.wfile.write(start)
            for _drip in range(DRIPS):
                self.wfile.write(b" ")
                if self.stopped.wait(1.0):
                    return
        except OSError:
            return
        finally:
            self.close_connection = True

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_arguments: object) -> None:
        pass


@dataclass(frozen=True, kw_only=True)
class Dripper:
    """The server; its names all lead to loopback."""

    port: int
    authority_pem: str

    def network(self, proxy: str = "") -> LabNetwork:
        here = ("127.0.0.1",)
        return Here(names={"feeds.test": here, HOST: here}, proxy=proxy, port=self.port)

    def url(self, where: str) -> str:
        return f"https://localhost:{self.port}/{where}"


@dataclass
class Here(LabNetwork):
    """Whatever port of Salesforce is asked for, it is the test's own."""

    port: int = 0

    async def resolve(self, target: HostPort, *, timeout_s: float) -> tuple[Endpoint, ...]:
        port = self.port if target.host in self.names else target.port
        return await super().resolve(HostPort(target.host, port), timeout_s=timeout_s)


@pytest.fixture(scope="module")
def dripper() -> Iterator[Dripper]:
    Dripping.stopped.clear()
    server = TlsServer(("localhost", "127.0.0.1", "feeds.test", HOST), Dripping)
    server.begin()
    yield Dripper(port=server.port, authority_pem=server.authority_pem)
    Dripping.stopped.set()
    server.end()


Use = Callable[[Dripper, str, pytest.MonkeyPatch], None]


def profile(dripper: Dripper, where: str, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(profile_download, "FETCH_TIMEOUT_S", DEADLINE_S)
    with pytest.raises(ProfileMistake, match="cannot be fetched"):
        load_profile(dripper.url(where), profile_download.fetch_profile)


def feed(dripper: Dripper, where: str, _patch: pytest.MonkeyPatch) -> None:
    limits = HttpsLimits(deadline_s=DEADLINE_S, body_bytes=1000)
    with pytest.raises(TimeoutError):
        asyncio.run(
            download(dripper.network(), dripper.url(where), limits, (dripper.authority_pem,))
        )


def newer_version(dripper: Dripper, where: str, patch: pytest.MonkeyPatch) -> None:
    limits = HttpsLimits(deadline_s=DEADLINE_S, body_bytes=1000)
    patch.setattr(newest_version, "DOWNLOAD", limits)
    asked = Profile(
        schema_version=1, name="t", version="1", sources={}, requirements=(),
        targets=Targets(extra_roots=(dripper.authority_pem,)),
        updates=Updates(address=dripper.url(where)),
    )  # fmt: skip
    with pytest.raises(CannotTell, match="no answer in time"):
        asyncio.run(ask_newest(asked, real_environment()))


def proxy_script(dripper: Dripper, where: str, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(proxy_scripts, "FETCH_S", DEADLINE_S)
    with pytest.raises(TimeoutError):
        asyncio.run(proxy_scripts.download_script(dripper.network(), dripper.url(where)))


def salesforce(dripper: Dripper, where: str, _patch: pytest.MonkeyPatch) -> None:
    targets = Targets(extra_roots=(dripper.authority_pem,))
    context = lab_context(targets, dripper.network())

    async def read() -> None:
        org = OrgClient(
            context=context,
            session=SalesforceSession(httpx.URL(f"https://{HOST}"), TOKEN),
            login=login_address(targets),
            budget=CallBudget(),
            timeouts=Timeouts(call_s=DEADLINE_S),
        )
        async with org:
            await org.read(f"/{where}", dict)

    with pytest.raises(CannotGather) as failed:
        asyncio.run(read())
    assert failed.value.failure.code is FailureCode.TIMED_OUT


def sign_in(dripper: Dripper, where: str, _patch: pytest.MonkeyPatch) -> None:
    targets = Targets(extra_roots=(dripper.authority_pem,))
    post: Callable[..., Awaitable[tuple[int, bytes]]] = sign_in_module._post
    url = https_address(dripper.url(where))
    with pytest.raises(TimeoutError):
        asyncio.run(_awaited(post(dripper.network(), targets, url, {"code": "x"}, DEADLINE_S)))


async def _awaited(work: Awaitable[object]) -> object:
    return await work


@pytest.mark.parametrize("where", ["head", "body"])
@pytest.mark.parametrize(
    "use",
    [profile, feed, newer_version, proxy_script, salesforce, sign_in],
    ids=lambda use: str(use.__name__),
)
def test_a_server_that_drips_ends_at_the_deadline(
    use: Use, where: str, dripper: Dripper, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    roots = tmp_path / "roots.pem"
    roots.write_text(dripper.authority_pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(roots))  # this computer's own store, to OpenSSL
    begun = time.monotonic()
    use(dripper, where, monkeypatch)
    assert time.monotonic() - begun < DEADLINE_S + SLACK_S


class Proxy(threading.Thread):
    """Opens tunnels to loopback; `asked` holds the first line of each request."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.asked: list[str] = []
        self.start()

    def run(self) -> None:
        while True:
            try:
                client, _address = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client: socket.socket) -> None:
        request = client.recv(4096).decode("latin-1")
        if not request:  # somebody only looked whether we are there
            client.close()
            return
        self.asked.append(request.splitlines()[0])
        port = int(request.split()[1].rpartition(":")[2])
        with client, socket.create_connection(("127.0.0.1", port), 5) as server:
            client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            back = threading.Thread(target=pass_on, args=(server, client), daemon=True)
            back.start()
            pass_on(client, server)
            back.join(5)


def pass_on(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while data := one.recv(65536):
            other.sendall(data)
        other.shutdown(socket.SHUT_WR)


@pytest.mark.parametrize(
    ("listed", "by_proxy"),
    [
        ("http://127.0.0.1:{dead}; http://127.0.0.1:{good}", True),
        ("http://nobody.test:1; http://127.0.0.1:{good}; direct", True),
        ("socks5://127.0.0.1:{dead}; http://127.0.0.1:{good}", True),
        ("http://127.0.0.1:{dead}; direct", False),
        ("direct; http://127.0.0.1:{dead}", False),
        ("", False),
    ],
)
def test_a_list_of_proxies_is_gone_through(listed: str, *, by_proxy: bool) -> None:
    proxy = Proxy()
    with FeedServer({"/list": Answer(body=b"well", headers={"Content-Length": "4"})}) as server:
        network = LabNetwork(proxy=listed.format(dead=closed_port(), good=proxy.port))
        roots = (server.authority_pem,)
        limits = HttpsLimits(deadline_s=10, body_bytes=10)
        body = asyncio.run(download(network, server.url("/list"), limits, roots))
        assert body == b"well"
        assert proxy.asked == ([f"CONNECT localhost:{server.port} HTTP/1.1"] if by_proxy else [])
    proxy.listener.close()


def test_where_no_proxy_of_a_list_answers_the_last_one_tells_why() -> None:
    network = LabNetwork(proxy=f"http://127.0.0.1:{closed_port()}; http://nobody.test:1")
    limits = HttpsLimits(deadline_s=5, body_bytes=10)
    with pytest.raises(OSError, match="not known"):
        asyncio.run(download(network, "https://localhost:1/", limits))


@pytest.mark.parametrize(
    ("location", "problem"),
    [
        ("http://localhost/", "https"),
        ("file:///etc/passwd", "http"),
        ("/again", "redirects"),
    ],
)
def test_redirects_stay_on_https_and_have_an_end(location: str, problem: str) -> None:
    answer = Answer(status=302, headers={"Location": location, "Content-Length": "0"})
    with FeedServer({"/list": answer, "/again": answer}) as server:
        limits = HttpsLimits(deadline_s=10, body_bytes=10)
        with pytest.raises(BadAnswer, match=problem):
            asyncio.run(
                download(LabNetwork(), server.url("/list"), limits, (server.authority_pem,))
            )


def test_a_small_packed_answer_does_not_grow_past_its_bounds() -> None:
    bomb = Answer(body=gzip.compress(bytes(5_000_000)), headers={"Content-Encoding": "gzip"})
    with FeedServer({"/list": bomb}) as server:
        limits = HttpsLimits(deadline_s=10, body_bytes=1000)
        with pytest.raises(CannotGather, match="too_large"):
            asyncio.run(
                download(LabNetwork(), server.url("/list"), limits, (server.authority_pem,))
            )


LIMITS = HttpsLimits(deadline_s=10, body_bytes=10)


def code_of(url: str, roots: tuple[str, ...] = ()) -> FailureCode:
    with pytest.raises(CannotGather) as caught:
        asyncio.run(download(LabNetwork(), url, LIMITS, roots))
    return caught.value.failure.code


def closes_its_door(listener: socket.socket, answer: bytes) -> None:
    with suppress(OSError):
        while True:
            client, _address = listener.accept()
            with client:
                client.recv(4096)
                client.sendall(answer)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        # fatal, "certificate required" (RFC 8446, section 6): it is not the server's that is wrong
        (b"\x15\x03\x03\x00\x02\x02\x74", FailureCode.TLS_FAILED),
        (b"HTTP/1.1 400 certificate\r\n\r\n", FailureCode.TLS_FAILED),
        (b"", FailureCode.CLOSED_EARLY),
    ],
    ids=["asks for a certificate", "speaks no TLS", "hangs up"],
)
def test_what_ends_a_handshake_is_told_apart(answer: bytes, code: FailureCode) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=closes_its_door, args=(listener, answer), daemon=True).start()
        told = code_of(f"https://localhost:{listener.getsockname()[1]}/")
    assert told in {code, FailureCode.CONNECTION_RESET} if not answer else told is code


def test_a_certificate_that_nobody_vouches_for_and_a_closed_port_are_told_apart() -> None:
    with FeedServer({"/list": Answer(body=b"well")}) as server:
        assert code_of(server.url("/list")) is FailureCode.CERTIFICATE_UNTRUSTED
    assert code_of(f"https://localhost:{closed_port()}/") is FailureCode.CONNECTION_REFUSED


def test_settings_that_give_no_answer_mean_no_proxy() -> None:
    class Silent(LabNetwork):
        async def find_proxies(self, url: str, *, timeout_s: float) -> ProxyList:
            raise TimeoutError(f"{url}: {timeout_s} s")

    with FeedServer({"/list": Answer(body=b"well", headers={"Content-Length": "4"})}) as server:
        roots = (server.authority_pem,)
        assert asyncio.run(download(Silent(), server.url("/list"), LIMITS, roots)) == b"well"
