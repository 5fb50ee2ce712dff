"""The web probe against real servers: good, broken and hostile."""

import asyncio
import gzip
import socket
import sys
import time
from collections.abc import Callable

import pytest
from servers.reach_lab import (
    ALLOWED,
    Handler,
    LabNetwork,
    alerting,
    answering,
    closed_port,
    dripping,
    full_backlog,
    hanging_up,
    huge_header,
    lab_context,
    make_authority,
    page,
    resetting,
    server_context,
    serving,
    silent,
    tunnelling,
)

from natwizard.model.outcome import Failure, FailureCode
from natwizard.model.profile import Targets
from natwizard.probes.connection.handshake import Stream
from natwizard.probes.connection.reachability import SMALL_SEGMENT_BYTES, SegmentTrial
from natwizard.probes.failures import CannotGather
from natwizard.probes.network import Endpoint
from natwizard.probes.web import PageTry, WebEvidence, gather
from natwizard.reflector.background import BackgroundReflector

PHRASE = "the real page"
REAL = page(f"<p>{PHRASE}</p>".encode())


async def fetch(
    handler: Handler, *, network: LabNetwork | None = None, expected: str = PHRASE
) -> PageTry:
    async with serving(handler) as port:
        targets = Targets(http=f"http://127.0.0.1:{port}/", http_expect=expected)
        return (await gather(lab_context(targets, network))).http[0]


def failure_of(page_try: PageTry) -> Failure:
    (address,) = page_try.addresses
    failure = address.page.failure if address.page is not None else address.reach.failure
    assert failure is not None
    return failure


def test_the_page_of_the_reflector_comes_both_ways(reflector: BackgroundReflector) -> None:
    evidence = asyncio.run(gather(lab_context(reflector.targets())))
    for (page_try,) in (evidence.http, evidence.https):
        (address,) = page_try.addresses
        assert address.page is not None
        assert address.page.value is not None
        assert address.page.value.status == 200
        assert address.page.value.holds_expected
    assert evidence.https[0].addresses[0].reach.tls is not None
    assert evidence.https[0].addresses[0].reach.tls.ok


def test_without_a_page_there_is_nothing_to_look_at() -> None:
    with pytest.raises(CannotGather) as missed:
        asyncio.run(gather(lab_context(Targets())))
    assert missed.value.failure == Failure(
        code=FailureCode.NO_TARGET, operation="read_profile", detail="targets.http"
    )


@pytest.mark.parametrize("url", ["http://", "http://[::1", "http://a:0/", "http://a b/"])
def test_an_address_that_is_none_names_its_setting(url: str) -> None:
    with pytest.raises(CannotGather, match=r"targets\.http") as missed:
        asyncio.run(gather(lab_context(Targets(http=url))))
    assert missed.value.failure.code is FailureCode.BAD_ANSWER


def test_a_root_that_is_no_certificate_is_a_fault_of_the_profile() -> None:
    with pytest.raises(CannotGather, match=r"targets\.extra_roots"):
        asyncio.run(gather(lab_context(Targets(http="http://127.0.0.1/", extra_roots=("junk",)))))


TAKEN_IN_SILENCE = FailureCode.UNANSWERED if sys.platform == "linux" else FailureCode.TIMED_OUT
"""Linux tells that a server has acknowledged the question."""


@pytest.mark.parametrize(
    ("handler", "code"),
    [
        (silent, TAKEN_IN_SILENCE),
        (dripping, TAKEN_IN_SILENCE),
        (huge_header, FailureCode.TOO_LARGE),
        (hanging_up, FailureCode.CLOSED_EARLY),
        (resetting, FailureCode.CONNECTION_RESET),
        (answering(b"220 mail.example.com ESMTP\r\n\r\n"), FailureCode.BAD_ANSWER),
        (answering(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhi"), FailureCode.CLOSED_EARLY),
        (answering(b"HTTP/1.1 100 Continue\r\n\r\n" * 12_000), FailureCode.TOO_LARGE),
        (answering(b"\x00\xff" * 50_000), FailureCode.BAD_ANSWER),
    ],
    ids=["silent", "dripping", "huge", "hang-up", "reset", "mail", "cut", "continue", "junk"],
)
def test_a_server_that_misbehaves_is_a_failure_of_its_own_kind(
    handler: Handler, code: FailureCode
) -> None:
    started = time.perf_counter()
    page_try = asyncio.run(fetch(handler))
    assert failure_of(page_try).code is code
    assert time.perf_counter() - started < 12  # and once more in small segments


def test_a_body_without_end_is_read_as_far_as_64_kib() -> None:
    body = b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 200_000
    (address,) = asyncio.run(fetch(answering(body))).addresses
    assert address.page is not None
    assert address.page.value is not None
    assert address.page.value.body_bytes == 64 * 1024
    assert not address.page.value.holds_expected


def test_redirects_without_end_are_followed_three_times() -> None:
    onward = page(b"", "302 Found", "Location: /again")
    (address,) = asyncio.run(fetch(answering(onward))).addresses
    assert len(address.redirects) == 3
    assert address.page is not None
    assert address.page.value is not None
    assert address.page.value.status == 302


def test_a_redirect_to_another_host_is_not_followed_and_shown_without_control_characters() -> None:
    onward = page(b"", "302 Found", "Location: http://login.example.com/\x80?u=1")
    (address,) = asyncio.run(fetch(answering(onward))).addresses
    assert address.redirects == ()
    assert address.page is not None
    assert address.page.value is not None
    assert address.page.value.location == "http://login.example.com/\\x80?u=1"


def test_a_refused_port_and_a_dropped_one_differ() -> None:
    async def scene() -> WebEvidence:
        async with full_backlog() as dropped:
            targets = Targets(
                http=f"http://127.0.0.1:{closed_port()}/", https=f"https://127.0.0.1:{dropped}/"
            )
            return await gather(lab_context(targets))

    evidence = asyncio.run(scene())
    assert failure_of(evidence.http[0]).code is FailureCode.CONNECTION_REFUSED
    assert failure_of(evidence.https[0]).code is FailureCode.TIMED_OUT


def test_a_name_that_does_not_exist_is_no_silence() -> None:
    evidence = asyncio.run(gather(lab_context(Targets(http="http://nowhere.test/"))))
    lookup = evidence.http[0].lookup
    assert lookup.failure is not None
    assert lookup.failure.code is FailureCode.NAME_NOT_FOUND
    assert evidence.http[0].addresses == ()


@pytest.mark.parametrize(
    ("handler", "code"),
    [
        (silent, FailureCode.TIMED_OUT),
        (resetting, FailureCode.CONNECTION_RESET),
        (hanging_up, FailureCode.CLOSED_EARLY),
        (alerting, FailureCode.TLS_FAILED),
        (answering(page(b"plain")), FailureCode.TIMED_OUT),
    ],
    ids=["silent", "reset", "hang-up", "alert", "waits-for-a-head"],
)
def test_a_handshake_fails_in_different_ways(handler: Handler, code: FailureCode) -> None:
    async def scene() -> WebEvidence:
        async with serving(handler) as port:
            return await gather(lab_context(Targets(https=f"https://127.0.0.1:{port}/")))

    evidence = asyncio.run(scene())
    failure = failure_of(evidence.https[0])
    assert failure.code is code
    assert failure.operation == "start_tls"


def test_an_untrusted_certificate_is_noted_and_the_page_still_fetched() -> None:
    async def scene() -> WebEvidence:
        async with serving(answering(REAL), server_context(make_authority())) as port:
            targets = Targets(https=f"https://127.0.0.1:{port}/", https_expect=PHRASE)
            return await gather(lab_context(targets))

    (address,) = asyncio.run(scene()).https[0].addresses
    assert address.reach.certificate_failed
    assert address.reach.failure is None
    assert address.reach.unverified_tls is not None
    assert address.reach.unverified_tls.value is not None
    assert not address.reach.unverified_tls.value.verified
    assert address.page is not None
    assert address.page.value is not None
    assert address.page.value.holds_expected


def test_a_root_of_the_profile_counts_as_public() -> None:
    async def scene() -> WebEvidence:
        authority = make_authority()
        async with serving(answering(REAL), server_context(authority)) as port:
            return await gather(
                lab_context(
                    Targets(https=f"https://127.0.0.1:{port}/", extra_roots=(authority.pem,))
                )
            )

    (address,) = asyncio.run(scene()).https[0].addresses
    assert address.reach.tls is not None
    assert address.reach.tls.value is not None
    assert address.reach.tls.value.verified


ASKS = b"HTTP/1.1 407 Sign in\r\nProxy-Authenticate: Negotiate\r\nContent-Length: 0\r\n\r\n"


async def secure_page_through(answer: bytes) -> PageTry:
    authority = make_authority()
    async with (
        serving(answering(REAL), server_context(authority)) as port,
        tunnelling(answer) as proxy,
    ):
        targets = Targets(
            https=f"https://127.0.0.1:{port}/",
            https_expect=PHRASE,
            extra_roots=(authority.pem,),
        )
        context = lab_context(targets, LabNetwork(proxy=f"http://127.0.0.1:{proxy}"))
        direct, proxied = (await gather(context)).https
    assert direct.proxy == ""
    assert direct.addresses[0].page is not None
    assert direct.addresses[0].page.ok
    assert proxied.proxy == f"127.0.0.1:{proxy}"
    return proxied


def test_secure_pages_come_through_a_proxy() -> None:
    (address,) = asyncio.run(secure_page_through(ALLOWED)).addresses
    assert address.reach.tunnel is not None
    assert address.reach.tunnel.value == 200
    assert address.page is not None
    assert address.page.ok


@pytest.mark.parametrize(
    ("answer", "code", "detail"),
    [
        (ASKS, FailureCode.PROXY_AUTHENTICATION, "Negotiate"),
        (b"HTTP/1.1 403 No\r\n\r\n", FailureCode.HTTP_STATUS, "HTTP 403"),
        (b"HTTP/1.1 502 Gone\r\n\r\n", FailureCode.PROXY_FOUND_NOBODY, "HTTP 502"),
        (b"HTTP/1.1 503 Gone\r\n\r\n", FailureCode.PROXY_FOUND_NOBODY, "HTTP 503"),
        (ALLOWED + b"junk", FailureCode.BAD_ANSWER, "the proxy spoke before the tunnel was used"),
        (b"", FailureCode.CLOSED_EARLY, "the proxy hung up"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000, FailureCode.TOO_LARGE, ""),
    ],
    ids=["password", "refused", "bad-gateway", "no-gateway", "talks-first", "hangs-up", "huge"],
)
def test_a_proxy_that_does_not_let_through_says_how(
    answer: bytes, code: FailureCode, detail: str
) -> None:
    failure = failure_of(asyncio.run(secure_page_through(answer)))
    assert failure.code is code
    assert detail in failure.detail


def test_plain_pages_are_asked_of_the_proxy_by_their_whole_address() -> None:
    asked: list[bytes] = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(REAL)

    async def scene() -> WebEvidence:
        async with serving(proxy) as port:
            network = LabNetwork(proxy=f"http://127.0.0.1:{port}")
            targets = Targets(http="http://nowhere.test/start?now=1", http_expect=PHRASE)
            return await gather(lab_context(targets, network))

    direct, proxied = asyncio.run(scene()).http
    assert not direct.lookup.ok
    assert proxied.addresses[0].page is not None
    assert proxied.addresses[0].page.ok
    assert asked[0].startswith(b"GET http://nowhere.test:80/start?now=1 HTTP/1.1\r\n")


def test_proxy_settings_that_make_no_sense_are_left_out() -> None:
    page_try = asyncio.run(fetch(answering(REAL), network=LabNetwork(proxy="http://not a host")))
    assert page_try.addresses[0].page is not None
    assert page_try.addresses[0].page.ok


@pytest.mark.parametrize("handler", [silent, dripping])
def test_stopping_takes_no_time(handler: Handler) -> None:
    async def scene() -> float:
        async with serving(handler) as port:
            targets = Targets(http=f"http://127.0.0.1:{port}/", https=f"https://127.0.0.1:{port}/")
            started = time.perf_counter()
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.3):
                    await gather(lab_context(targets))
            return time.perf_counter() - started

    assert asyncio.run(scene()) < 0.8


PORTAL = b"Location: http://portal.example/login"
PORTALS = {
    "plain": b"HTTP/1.1 302 Found\r\n%s\r\nContent-Length: 0\r\n\r\n",
    "blank before the colon": b"HTTP/1.1 302 Found\r\nA : b\r\n%s\r\nContent-Length : 0\r\n\r\n",
    "no reason": b"HTTP/1.1 302\r\n%s\r\nContent-Length: 0\r\n\r\n",
    "bare line feeds": b"HTTP/1.0 302 Moved\n%s\n\n",
    "folded": b"HTTP/1.1 302 Found\r\nSet-Cookie: a=1;\r\n path=/\r\n%s\r\n\r\n",
    "controls": b"HTTP/1.1 302 Found\r\nSet-Cookie: caf\xc3\xa9\x01\r\n%s\r\n\r\n",
    "no name": b"HTTP/1.1 302 Found\r\n: x\r\n%s\r\nContent-Length: 0\r\n\r\n",
    "no colon": b"HTTP/1.1 302 Found\r\nX-Portal\r\n%s\r\nContent-Length: 0\r\n\r\n",
    "no empty line": b"HTTP/1.1 302 Found\r\n%s\r\n",
    "longer than it says": b"HTTP/1.1 302 Found\r\n%s\r\nContent-Length: 99\r\n\r\ncut",
    "two lengths": b"HTTP/1.1 302 Found\r\n%s\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
}


@pytest.mark.parametrize("answer", PORTALS.values(), ids=PORTALS)
def test_a_portal_is_one_however_it_writes_its_headers(answer: bytes) -> None:
    page_try = asyncio.run(fetch(answering(answer % PORTAL)))
    answered = page_try.addresses[0].page
    assert answered is not None
    assert answered.value is not None, answered
    assert (answered.value.status, answered.value.location) == (302, "http://portal.example/login")


EXPECTED = b"all well"
PAGES = {
    "chunks": b"Transfer-Encoding: chunked\r\n\r\n8 \r\nall well\r\n0\r\n\r\n",
    "chunks in other letters": b"transfer-encoding : Chunked\r\n\r\n8\r\nall well\r\n0\r\n\r\n",
    "a length that is none": b"Content-Length: many\r\n\r\nall well",
    "the same length twice": b"Content-Length: 8\r\nContent-Length: 8\r\n\r\nall well",
    "packed, unasked": b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(EXPECTED),
    "shorter than it says": b"Content-Length: 99\r\n\r\nall well",
    "no length": b"X-Page\r\n\r\nall well",
}


@pytest.mark.parametrize("answer", PAGES.values(), ids=PAGES)
def test_the_page_is_found_however_it_is_framed(answer: bytes) -> None:
    page_try = asyncio.run(fetch(answering(b"HTTP/1.1 200 OK\r\n" + answer), expected="all well"))
    answered = page_try.addresses[0].page
    assert answered is not None
    assert answered.value is not None, answered
    assert answered.value.holds_expected


def test_a_page_without_a_head_is_a_page() -> None:
    page_try = asyncio.run(fetch(answering(b"<html>sign in</html>")))
    answered = page_try.addresses[0].page
    assert answered is not None
    assert answered.value is not None
    assert answered.value.status == 200


LetsThrough = Callable[[int, int], bool]
"""Whether a server's packets arrive: by the most bytes in one, and the connection's number."""


class PacketsThatGetLost:
    """A web server of whose answers the large packets get lost on the way, as without ICMP.

    It knows from the client's SYN how large its own segments would be (tcp(7), TCP_MAXSEG).
    """

    def __init__(self, lets_through: LetsThrough, *, secure: bool) -> None:
        self._lets_through = lets_through
        self._tls = server_context(AUTHORITY) if secure else None
        self.sizes: list[int] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        size = 0  # where nobody tells it: no answer is small enough
        if sys.platform == "linux":
            accepted = writer.get_extra_info("socket")
            size = accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG)
        self.sizes.append(size)
        if not self._lets_through(size, len(self.sizes)):
            await silent(reader, writer)
            return
        if self._tls is not None:
            await writer.start_tls(self._tls)
        await answering(REAL)(reader, writer)


AUTHORITY = make_authority()
needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="needs TCP_MAXSEG both ways")


async def fetch_from(
    server: PacketsThatGetLost, network: LabNetwork | None = None, *, secure: bool
) -> tuple[PageTry, SegmentTrial | None]:
    async with serving(server) as port:
        url = f"{'https' if secure else 'http'}://localhost:{port}/"
        targets = (
            Targets(https=url, https_expect=PHRASE, extra_roots=(AUTHORITY.pem,))
            if secure
            else Targets(http=url, http_expect=PHRASE)
        )
        network = network or LabNetwork(names={"localhost": ("127.0.0.1",)})
        evidence = await gather(lab_context(targets, network))
    page_try = (evidence.https or evidence.http)[0]
    (address,) = page_try.addresses
    return page_try, address.reach.segments if secure else address.segments


def small_alone(size: int, _number: int) -> bool:
    return 0 < size <= SMALL_SEGMENT_BYTES


@needs_linux
@pytest.mark.parametrize("secure", [True, False])
def test_packets_of_full_size_that_get_lost_are_told_from_silence(secure: bool) -> None:
    server = PacketsThatGetLost(small_alone, secure=secure)
    page_try, trial = asyncio.run(fetch_from(server, secure=secure))
    assert failure_of(page_try).code is (FailureCode.TIMED_OUT if secure else TAKEN_IN_SILENCE)
    assert trial is not None
    assert trial.large_are_lost
    first, small, again = server.sizes
    assert small <= SMALL_SEGMENT_BYTES < first == again
    made = [each.operation for each in page_try.attempts()]
    assert made[-2:] == ["try_small_segments", "try_usual_segments"]


@needs_linux
@pytest.mark.parametrize("secure", [True, False])
def test_a_server_that_is_only_late_once_lost_no_packets(secure: bool) -> None:
    server = PacketsThatGetLost(lambda _size, number: number > 1, secure=secure)
    page_try, trial = asyncio.run(fetch_from(server, secure=secure))
    assert trial is not None
    assert not trial.large_are_lost
    (address,) = page_try.addresses
    assert address.page is not None
    assert address.page.value is not None
    assert address.page.value.holds_expected


@needs_linux
@pytest.mark.parametrize("secure", [True, False])
def test_a_server_that_is_silent_whatever_the_size_lost_no_packets(secure: bool) -> None:
    server = PacketsThatGetLost(lambda _size, _number: False, secure=secure)
    page_try, trial = asyncio.run(fetch_from(server, secure=secure))
    assert failure_of(page_try).code is (FailureCode.TIMED_OUT if secure else TAKEN_IN_SILENCE)
    assert trial is not None
    assert trial.ordinary is None
    assert not trial.large_are_lost
    assert not trial.could_not_be_made


class WithoutSegmentSizes(LabNetwork):
    """A system that cannot limit segments, as Windows and macOS."""

    async def connect_tcp(
        self, endpoint: Endpoint, *, timeout_s: float, segment_bytes: int = 0
    ) -> socket.socket:
        if segment_bytes:
            raise CannotGather(Failure(code=FailureCode.NOT_SUPPORTED, operation="limit_segments"))
        return await super().connect_tcp(endpoint, timeout_s=timeout_s)


def test_a_system_that_cannot_limit_segments_proves_nothing() -> None:
    server = PacketsThatGetLost(small_alone, secure=True)
    network = WithoutSegmentSizes(names={"localhost": ("127.0.0.1",)})
    page_try, trial = asyncio.run(fetch_from(server, network, secure=True))
    assert failure_of(page_try).code is FailureCode.TIMED_OUT
    assert trial is not None
    assert trial.could_not_be_made


@needs_linux
def test_what_nobody_acknowledged_may_have_been_swallowed() -> None:
    """A peer whose system takes nothing more in, as where packets are dropped on the way."""

    async def full(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        reader._transport.pause_reading()  # type: ignore[attr-defined]
        await silent(reader, writer)

    async def scene() -> tuple[bool, bool]:
        async with serving(full) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            stream = Stream(reader, writer)
            writer.write(b"a question")
            await asyncio.sleep(0.2)
            small = stream.all_arrived()
            writer.write(bytes(8_000_000))
            await asyncio.sleep(0.2)
            large = stream.all_arrived()
            stream.close(drop=True)
            return small, large

    assert asyncio.run(scene()) == (True, False)
