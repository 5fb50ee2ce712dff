"""The page and its server on real sockets, with a hand-made browser that does what it likes."""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection, HTTPResponse
from queue import Queue
from urllib.parse import urljoin, urlsplit

import msgspec
import pytest
from cases.page_cases import INSTANCE
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from servers.udp_lab import make_context, run

from natwizard.model.outcome import FailureCode
from natwizard.model.profile import Targets
from natwizard.probes.browser_check import (
    PATIENCE_S,
    BrowserCheckEvidence,
    gather,
    stun_servers,
)
from natwizard.probes.browser_page.server import (
    BODY_LIMIT_BYTES,
    CONNECTIONS,
    LoopbackServer,
)
from natwizard.probes.browser_page.site import PageResponse, Request
from natwizard.probes.browser_page.visit import PageState
from natwizard.probes.failures import CannotGather

OTHER_TAB = "f" * 32
WORKS = {"works": True, "error": ""}
STORES = {"cookie": WORKS, "partitioned_cookie": WORKS, "local": WORKS, "session": WORKS}
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:158.0) Gecko/20100101 Firefox/158.0"


@dataclass
class HandMadeBrowser:
    """Speaks to the page's server as a browser would; `answers` keeps every status."""

    url: str
    answers: list[int] = field(default_factory=list)
    visit_cookie: str = ""

    def arrive(self) -> HTTPResponse:
        """Open the address as it stood on the command line, and go where that leads."""
        response = self.ask()
        self.answers.pop()
        if response.status == 303:
            self.url = urljoin(self.url, response.headers["Location"])
            self.visit_cookie = response.headers["Set-Cookie"].partition(";")[0]
        return response

    def ask(
        self,
        method: str = "GET",
        path: str = "",
        *,
        body: bytes | None = None,
        name: str = "127.0.0.1",
        **headers: str,
    ) -> HTTPResponse:
        place = urlsplit(self.url)
        assert place.port is not None
        with closing(HTTPConnection("127.0.0.1", place.port, timeout=5)) as connection:
            whole = path if path.startswith("/") else place.path + path
            sent = {"Host": f"{name}:{place.port}"} | {
                key.title(): text for key, text in headers.items()
            }
            if self.visit_cookie and name == "127.0.0.1":
                sent["Cookie"] = f"{self.visit_cookie}; {sent.get('Cookie', '')}"
            connection.request(method, whole, body=body, headers=sent)
            response = connection.getresponse()
            response.content = response.read()  # type: ignore[attr-defined]
            self.answers.append(response.status)
            return response

    def post(
        self,
        step: str,
        *,
        instance: str = INSTANCE,
        name: str = "127.0.0.1",
        sent_cookie: str = "",
        **parts: object,
    ) -> HTTPResponse:
        body = json.dumps({"step": step, "instance": instance, **parts}).encode()
        origin = f"http://{name}:{urlsplit(self.url).port}"
        return self.ask("POST", "steps", body=body, name=name, origin=origin, cookie=sent_cookie)

    def hello(self, instance: str = INSTANCE) -> HTTPResponse:
        return self.post("hello", instance=instance, user_agent=AGENT)

    def all_of_it(self) -> None:
        """A whole visit that finds everything in order."""
        self.ask()
        self.hello()
        own, embedded = f"natwizard_own={INSTANCE}", f"natwizard_embedded={INSTANCE}"
        self.post("site", embedded=False, sent_cookie=own, **STORES)
        self.post("site", embedded=True, sent_cookie=embedded, name="localhost", **STORES)
        self.post("devices", peer_connection=True, microphone_api=True, permission="prompt")
        found = {"kind": "srflx", "protocol": "udp", "address": "203.0.113.5"}
        self.post("gathering", candidates=[found], complete=True, duration_ms=140)
        self.post("done")


Behaviour = Callable[[HandMadeBrowser], None]


def visited(
    behaviour: Behaviour, targets: Targets | None = None, *, arrives: bool = True
) -> tuple[BrowserCheckEvidence, HandMadeBrowser]:
    """Have the page opened in a browser that behaves like this."""
    browser = HandMadeBrowser("")
    broke: list[BaseException] = []
    threads: list[threading.Thread] = []

    def open_page(url: str) -> bool:
        browser.url = url

        def behave() -> None:
            try:
                if arrives:
                    browser.arrive()
                behaviour(browser)
            except BaseException as error:  # noqa: BLE001 - raised again in the test's thread
                broke.append(error)

        threads.append(threading.Thread(target=behave))
        threads[-1].start()
        return True

    context = replace(make_context(targets or Targets()), open_page=open_page)
    evidence = run(gather(context))
    for thread in threads:
        thread.join(10)
    if broke:
        raise broke[0]
    return evidence, browser


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same states, only faster."""
    for state, seconds in tuple(PATIENCE_S.items()):
        monkeypatch.setitem(PATIENCE_S, state, seconds / 5)
    monkeypatch.setitem(PATIENCE_S, PageState.CLOSED_EARLY, 0.8)


def test_a_whole_visit_brings_everything() -> None:
    targets = Targets(stun=("stun.example.com:3478",), websocket=("wss://ws.example.com/",))
    evidence, browser = visited(HandMadeBrowser.all_of_it, targets)
    assert evidence.state is PageState.FINISHED
    assert evidence.product is not None
    assert (evidence.product.name, evidence.product.version) == ("Firefox", "158.0")
    assert evidence.own is not None
    assert evidence.own.keeps_cookies
    assert evidence.embedded is not None
    assert evidence.embedded.keeps_cookies
    assert evidence.gathering is not None
    assert evidence.gathering.candidates[0].kind == "srflx"
    assert evidence.stun_asked == targets.stun
    assert evidence.websocket_target == targets.websocket[0]
    assert set(browser.answers) == {200, 204}


@pytest.mark.parametrize(
    ("tls_floor", "address"),
    [
        ("", ""),
        ("floor.example.com", "https://floor.example.com:443/"),
        ("[2001:db8::7]:8443", "https://[2001:db8::7]:8443/"),
        # browsers refuse to talk to this port
        ("floor.example.com:6000", ""),
    ],
)
def test_the_page_is_sent_to_the_tls_reference_server(tls_floor: str, address: str) -> None:
    def behaviour(browser: HandMadeBrowser) -> None:
        browser.ask()
        tasks.append(json.loads(browser.hello().content))  # type: ignore[attr-defined]
        browser.post("secure", reached=True, duration_ms=4.5)
        browser.post("done")

    tasks: list[dict[str, object]] = []
    evidence, _browser = visited(behaviour, Targets(tls_floor=tls_floor))
    assert tasks[0]["secure"] == evidence.secure_target == address
    assert evidence.secure is not None
    assert evidence.secure.reached


TURN = Targets(turn="turn.example.com", turn_user="agent", turn_password="secret")


@pytest.mark.parametrize(
    ("targets", "told"),
    [
        (
            TURN,
            {
                "urls": "turn:turn.example.com:3478?transport=udp",
                "username": "agent",
                "credential": "secret",
            },
        ),
        (structs.replace(TURN, turn="[2001:db8::7]:5060"), None),
        (structs.replace(TURN, turn_user=""), None),
        (Targets(), None),
    ],
)
def test_the_page_gets_the_relay_and_its_account_and_evidence_does_not(
    targets: Targets, told: dict[str, str] | None
) -> None:
    def behaviour(browser: HandMadeBrowser) -> None:
        browser.ask()
        tasks.append(json.loads(browser.hello().content))  # type: ignore[attr-defined]
        browser.post("relay", opened=True, sent=2, round_trips_ms=[20.5, 30], duration_ms=900)
        browser.post("done")

    tasks: list[dict[str, object]] = []
    evidence, _browser = visited(behaviour, targets)
    assert tasks[0]["turn"] == told
    assert evidence.relay_target == (targets.turn if told else "")
    assert evidence.relay is not None
    assert evidence.relay.round_trips_ms == (20.5, 30)
    assert b"secret" not in msgspec.json.encode(evidence)


def test_the_server_is_gone_after_use() -> None:
    _evidence, browser = visited(HandMadeBrowser.all_of_it)
    with pytest.raises(ConnectionRefusedError):
        browser.ask()


def test_a_cookie_that_does_not_come_along_is_told_from_one_that_does() -> None:
    def behaviour(browser: HandMadeBrowser) -> None:
        browser.hello()
        cookie = "other=1; natwizard_own=0123"
        browser.post("site", embedded=False, sent_cookie=cookie, **STORES)
        browser.post("done")

    evidence, _browser = visited(behaviour)
    assert evidence.own is not None
    assert evidence.own.cookie.works
    assert not evidence.own.cookie_sent


@pytest.mark.parametrize(
    ("paths", "state"),
    [
        ((), PageState.NEVER_CAME),
        (("/", "/wrong-token/", "/favicon.ico"), PageState.NEVER_CAME),
        (("", "page.js"), PageState.SILENT),
        (("", "noscript.css"), PageState.NO_JAVASCRIPT),
        (("", "old.js", "too-old?123"), PageState.TOO_OLD),
    ],
)
def test_each_way_to_stay_silent_has_its_state(paths: tuple[str, ...], state: PageState) -> None:
    def behaviour(browser: HandMadeBrowser) -> None:
        for path in paths:
            browser.ask(path=path)

    evidence, _browser = visited(behaviour)
    assert evidence.state is state
    assert evidence.product is None


def test_a_closed_tab_keeps_what_it_brought() -> None:
    def behaviour(browser: HandMadeBrowser) -> None:
        browser.ask()
        browser.hello()
        browser.post("devices", peer_connection=True, microphone_api=True)
        browser.post("closed")

    evidence, _browser = visited(behaviour)
    assert evidence.state is PageState.CLOSED_EARLY
    assert evidence.devices is not None


def test_a_page_that_stops_midway_ends_as_running() -> None:
    evidence, _browser = visited(lambda browser: void(browser.ask(), browser.hello()))
    assert evidence.state is PageState.RUNNING


def test_a_reloaded_page_starts_over() -> None:
    def behaviour(browser: HandMadeBrowser) -> None:
        browser.hello()
        browser.post("devices", peer_connection=False, microphone_api=False)
        browser.post("closed")
        browser.hello(OTHER_TAB)
        browser.post("done", instance=OTHER_TAB)

    evidence, browser = visited(behaviour)
    assert evidence.state is PageState.FINISHED
    assert evidence.devices is None
    assert 409 not in browser.answers


def test_a_second_tab_is_told_and_spoils_nothing() -> None:
    statuses: list[int] = []

    def behaviour(browser: HandMadeBrowser) -> None:
        browser.hello()
        statuses.append(browser.hello(OTHER_TAB).status)
        statuses.append(browser.post("done", instance=OTHER_TAB).status)
        browser.post("devices", peer_connection=True, microphone_api=True)
        browser.post("done")

    evidence, _browser = visited(behaviour)
    assert statuses == [409, 409]
    assert evidence.devices is not None


def test_nobody_gets_in_without_the_token_the_name_and_the_origin() -> None:
    statuses: dict[str, int] = {}

    def behaviour(browser: HandMadeBrowser) -> None:
        step = json.dumps({"step": "hello", "instance": INSTANCE, "user_agent": AGENT}).encode()
        own = f"http://127.0.0.1:{urlsplit(browser.url).port}"
        secret = urlsplit(browser.url).path

        def posted(**options: str) -> int:
            return browser.ask("POST", "steps", body=step, **options).status

        statuses["rebound name"] = browser.ask(name="page.example.com").status
        statuses["no token"] = browser.ask(path="/page.js").status
        statuses["wrong token"] = browser.ask(path=f"/{'x' * len(secret)}/page.js").status
        statuses["climbing out"] = browser.ask(path=f"{secret}../../pyproject.toml").status
        statuses["other file"] = browser.ask(path=f"{secret}page.html").status
        statuses["no origin"] = posted()
        statuses["foreign origin"] = posted(origin="https://page.example.com")
        statuses["hidden origin"] = posted(origin="null")
        statuses["origin of the frame"] = posted(origin=own.replace("127.0.0.1", "localhost"))
        statuses["hello from the frame"] = posted(
            name="localhost", origin=own.replace("127.0.0.1", "localhost")
        )
        statuses["other method"] = browser.ask("PUT", origin=own).status
        assert browser.ask(path="page.js").status == 200
        browser.all_of_it()

    evidence, _browser = visited(behaviour)
    assert statuses == {
        "rebound name": 404,
        "no token": 404,
        "wrong token": 404,
        "climbing out": 404,
        "other file": 404,
        "no origin": 403,
        "foreign origin": 403,
        "hidden origin": 403,
        "origin of the frame": 403,
        "hello from the frame": 403,
        "other method": 405,
    }
    assert evidence.state is PageState.FINISHED


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"\xff\xfe", 400),
        (b"[" * 5000, 400),
        (b'{"step": "unknown", "instance": "00112233445566778899aabbccddeeff"}', 400),
        (b'{"step": "done", "instance": "../../etc/passwd"}', 400),
        (b'{"step": "done", "instance": "00112233445566778899aabbccddeeff", "more": 1}', 400),
        (b" " * (BODY_LIMIT_BYTES + 1), 413),
    ],
)
def test_a_step_that_makes_no_sense_is_refused_and_changes_nothing(
    body: bytes, status: int
) -> None:
    refused: list[int] = []

    def behaviour(browser: HandMadeBrowser) -> None:
        browser.hello()
        origin = f"http://127.0.0.1:{urlsplit(browser.url).port}"
        refused.append(browser.ask("POST", "steps", body=body, origin=origin).status)
        browser.post("done")

    evidence, _browser = visited(behaviour)
    assert refused == [status]
    assert evidence.state is PageState.FINISHED
    assert evidence.own is None


def test_the_address_is_worth_nothing_once_it_was_used() -> None:
    statuses: dict[str, int] = {}
    bodies: list[bytes] = []

    def behaviour(browser: HandMadeBrowser) -> None:
        step = json.dumps({"step": "hello", "instance": INSTANCE, "user_agent": AGENT}).encode()
        own = f"http://127.0.0.1:{urlsplit(browser.url).port}"
        told = browser.url  # what every user of this computer reads on the command line
        statuses["head"] = browser.ask("HEAD").status
        statuses["files before"] = browser.ask(path="page.js").status
        statuses["hello before"] = browser.ask("POST", "steps", body=step, origin=own).status
        first = browser.arrive()
        statuses["first"] = first.status
        bodies.append(first.content)  # type: ignore[attr-defined]
        assert urlsplit(told).path.strip("/") not in browser.url
        assert "HttpOnly" in first.headers["Set-Cookie"]
        assert f"Path={urlsplit(browser.url).path};" in first.headers["Set-Cookie"]
        page = browser.ask()
        statuses["page"] = page.status
        bodies.append(page.content)  # type: ignore[attr-defined]
        browser.hello()
        other = HandMadeBrowser(told)
        statuses["again"] = other.ask().status
        statuses["files by it"] = other.ask(path="page.js").status
        statuses["hello by it"] = other.ask("POST", "steps", body=step, origin=own).status
        # the secret path alone, as read off a shared screen
        other.url = browser.url
        statuses["page without the cookie"] = other.ask().status
        statuses["hello without the cookie"] = other.hello().status
        other.visit_cookie = "natwizard_visit=guessed"
        statuses["hello with another cookie"] = other.hello().status
        browser.post("done")

    evidence, _browser = visited(behaviour, TURN, arrives=False)
    assert statuses == {
        "head": 405,
        "files before": 404,
        "hello before": 404,
        "first": 303,
        "page": 200,
        "again": 410,
        "files by it": 404,
        "hello by it": 404,
        "page without the cookie": 403,
        "hello without the cookie": 403,
        "hello with another cookie": 403,
    }
    assert b"secret" not in b"".join(bodies)
    assert evidence.state is PageState.FINISHED


def test_a_browser_without_cookies_is_tested_all_the_same() -> None:
    def behaviour(browser: HandMadeBrowser) -> None:
        browser.arrive()
        browser.visit_cookie = ""
        browser.all_of_it()

    evidence, browser = visited(behaviour, arrives=False)
    assert evidence.state is PageState.FINISHED
    assert set(browser.answers) == {200, 204}


def test_no_password_is_given_away_once_somebody_else_has_brought_the_address() -> None:
    tasks: list[dict[str, object]] = []

    def behaviour(browser: HandMadeBrowser) -> None:
        told = browser.url
        browser.arrive()
        assert HandMadeBrowser(told).ask().status == 410
        browser.ask()
        tasks.append(json.loads(browser.hello().content))  # type: ignore[attr-defined]
        browser.post("done")

    visited(behaviour, TURN, arrives=False)
    assert tasks[0]["turn"] is None


def test_documents_carry_a_strict_policy() -> None:
    targets = Targets(
        websocket=("wss://ws.example.com:8443/path",), tls_floor="floor.example.com:8444"
    )
    policies: list[str] = []

    def behaviour(browser: HandMadeBrowser) -> None:
        response = browser.ask()
        policies.append(response.headers["Content-Security-Policy"])
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        policies.append(
            browser.ask(path="frame.html", name="localhost").headers["Content-Security-Policy"]
        )
        browser.all_of_it()

    visited(behaviour, targets)
    page, frame = policies
    assert "default-src 'none'" in page
    assert "connect-src 'self' wss://ws.example.com:8443 https://floor.example.com:8444;" in page
    assert "frame-ancestors 'none'" in page
    assert "frame-ancestors http://127.0.0.1:" in frame
    assert "unsafe" not in page + frame


def test_without_leave_to_open_a_browser_nothing_is_served() -> None:
    with pytest.raises(CannotGather) as missed:
        run(gather(make_context(Targets())))
    assert missed.value.failure.code is FailureCode.NOT_RUN


@pytest.mark.parametrize("refusal", [lambda _url: False, lambda _url: raise_os_error()])
def test_a_system_without_a_browser_is_a_state_of_its_own(
    refusal: Callable[[str], bool],
) -> None:
    started = time.monotonic()
    evidence = run(gather(replace(make_context(Targets()), open_page=refusal)))
    assert evidence.state is PageState.NOT_OPENED
    assert time.monotonic() - started < 10


def test_stopping_the_run_ends_the_page_at_once() -> None:
    never = threading.Event()

    async def stop_it() -> float:
        context = replace(make_context(Targets()), open_page=lambda _url: never.wait(20))
        loop = asyncio.get_running_loop()
        async with asyncio.TaskGroup() as group:
            task = group.create_task(gather(context))
            await asyncio.sleep(0.1)
            began = loop.time()
            task.cancel()
            await asyncio.wait([task])
            return loop.time() - began

    assert run(stop_it()) < 0.5
    never.set()


def test_servers_on_ports_that_browsers_never_use_are_left_out() -> None:
    targets = Targets(
        stun=("a.example.com:5060", "b.example.com:3479", "c.example.com:3480", "d.example.com:1"),
        stun_control=("e.example.com:19302", "f.example.com:53"),
    )
    asked, left_out = stun_servers(targets)
    assert asked == ("b.example.com:3479", "c.example.com:3480", "e.example.com:19302")
    assert left_out == ("a.example.com:5060", "d.example.com:1", "f.example.com:53")


@contextmanager
def listening(answer: PageResponse) -> Iterator[int]:
    """The bare server, on an event loop in a thread of its own."""
    loop, stop = asyncio.new_event_loop(), asyncio.Event()
    ports: Queue[int] = Queue()

    async def serve() -> None:
        async with LoopbackServer() as server:
            server.answering = lambda _request: answer
            ports.put(server.port)
            await stop.wait()

    with closing(loop):
        thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
        thread.start()
        try:
            yield ports.get(timeout=5)
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join(5)
            assert not thread.is_alive()


def test_more_connections_than_a_browser_needs_are_turned_away() -> None:
    with listening(PageResponse(status=204)) as port:
        idle = [HTTPConnection("127.0.0.1", port, timeout=5) for _number in range(CONNECTIONS)]
        for connection in idle:
            connection.connect()
        with pytest.raises(ConnectionError):
            status_of(port)
        for connection in idle:
            connection.close()


def status_of(port: int) -> int:
    with closing(HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
        connection.request("GET", "/")
        return connection.getresponse().status


def test_a_head_without_end_is_refused() -> None:
    with (
        listening(PageResponse(status=204)) as port,
        closing(HTTPConnection("127.0.0.1", port, timeout=5)) as connection,
    ):
        connection.connect()
        connection.sock.sendall(b"GET / HTTP/1.1\r\nX: " + b"a" * 20000)
        assert connection.sock.recv(100).startswith(b"HTTP/1.1 400")


@given(junk=st.binary(max_size=200))
def test_junk_never_reaches_the_answering_side(junk: bytes) -> None:
    from natwizard.probes.browser_page.server import _Connection

    seen: list[Request] = []

    async def feed() -> None:
        server = LoopbackServer(
            answering=lambda request: seen.append(request) or PageResponse(status=404)
        )
        connection = _Connection(server)
        connection.connection_made(Sink())
        connection.data_received(b"\x00" + junk)
        connection.connection_lost(None)

    asyncio.run(feed())
    assert seen == []


class Sink(asyncio.Transport):
    """A transport that swallows everything."""

    def write(self, data: object) -> None:
        pass

    def close(self) -> None:
        pass

    def abort(self) -> None:
        pass


def void(*_things: object) -> None:
    """For lambdas that do several things."""


def raise_os_error() -> bool:
    raise OSError("no such program")
