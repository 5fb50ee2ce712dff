"""Newest versions: live from an https server on loopback, from the cache, from the shipped list."""

import asyncio
import gzip
import json
import socket
import threading
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from computers.probe_context import make_context
from computers.recorded_host import HOSTS, RecordedHost
from msgspec import structs
from servers.feed_server import Answer, FeedServer
from servers.reach_lab import proxy_entries

from natwizard.model.address import HostPort
from natwizard.model.outcome import FailureCode
from natwizard.model.profile import Feeds, Targets
from natwizard.probes.browsers import newest_versions
from natwizard.probes.browsers.browser_copy import BrowserFamily
from natwizard.probes.browsers.newest_versions import (
    CACHE_NAME,
    NEWEST_VERSIONS,
    CachedRelease,
    NewestVersionsEvidence,
    Origin,
    ReleaseCache,
    ReleaseSnapshot,
    ShippedRelease,
    look_up,
    read_cache,
    shipped_snapshot,
    write_cache,
)
from natwizard.probes.browsers.release_feeds import Release
from natwizard.probes.https.client import DOWNLOAD
from natwizard.probes.network import Endpoint, ProxyList
from natwizard.profiles.read import shipped_profile
from natwizard.system.network import SystemNetwork

TODAY = date(2026, 11, 22)
SNAPSHOT = ReleaseSnapshot(
    as_of="2026-11-01",
    chrome=ShippedRelease(version="157", released_on="2026-11-03", at_least="155"),
    edge=ShippedRelease(version="156", released_on="2026-11-02", at_least="154"),
    firefox=ShippedRelease(
        version="159", released_on="2026-10-27", at_least="155", long_term=("153.6.0",)
    ),
)


def chrome_list(version: str, start: str = "2026-11-17T18:00:00Z") -> bytes:
    row = {"version": version, "fraction": 1, "serving": {"startTime": start}}
    return json.dumps({"releases": [row]}).encode()


def edge_list(version: str) -> bytes:
    row = {
        "Platform": "Linux",
        "Architecture": "x64",
        "ProductVersion": version,
        "PublishedTime": "2026-11-16T20:00:00",
    }
    return json.dumps([{"Product": "Stable", "Releases": [row]}]).encode()


def firefox_list(version: str) -> bytes:
    return json.dumps(
        {
            "LATEST_FIREFOX_VERSION": version,
            "FIREFOX_ESR": "153.7.0esr",
            "LAST_RELEASE_DATE": "2026-11-10",
        }
    ).encode()


GOOD = {
    "/chrome/linux": Answer(body=chrome_list("158.0.8145.22")),
    "/edge": Answer(body=edge_list("157.0.4377.31")),
    "/firefox": Answer(body=firefox_list("160.0")),
}


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow this machine is, an answer is waited for; two tests are of the real deadline."""
    limits = structs.replace(DOWNLOAD, deadline_s=100)
    monkeypatch.setattr(newest_versions, "DOWNLOAD", limits)


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer(GOOD) as running:
        yield running


class LoopbackNetwork(SystemNetwork):
    """The real network with one name that leads to loopback, and a proxy if one is set."""

    proxy = ""

    async def resolve(self, target: HostPort, *, timeout_s: float) -> tuple[Endpoint, ...]:
        if target.host == "feeds.example.com":
            return (Endpoint(family=socket.AF_INET, address="127.0.0.1", port=target.port),)
        return await super().resolve(target, timeout_s=timeout_s)

    def proxy_for(self, url: str) -> ProxyList:  # noqa: ARG002
        return proxy_entries(self.proxy)


def look(
    server: FeedServer,
    folder: Path,
    *,
    today: date = TODAY,
    feeds: Feeds | None = None,
    snapshot: ReleaseSnapshot = SNAPSHOT,
    network: LoopbackNetwork | None = None,
    trusted: bool = True,
) -> NewestVersionsEvidence:
    context = make_context(
        RecordedHost(HOSTS / "linux-debian", cache=folder),
        network or LoopbackNetwork(),
        targets=Targets(extra_roots=(server.authority_pem,) if trusted else ()),
        feeds=feeds or all_feeds(server),
    )
    return asyncio.run(look_up(context, today, snapshot))


def all_feeds(server: FeedServer) -> Feeds:
    return Feeds(
        chrome=server.url("/chrome/{platform}"),
        edge=server.url("/edge"),
        firefox=server.url("/firefox"),
    )


@pytest.mark.parametrize(
    ("history", "first_day"),
    [
        (Answer(body=b'{"160.0": "2026-11-10", "159.0": "2026-10-27"}'), "2026-11-10"),
        (Answer(status=503), ""),
        (Answer(body=b"<html>a portal</html>"), ""),
    ],
)
def test_the_history_of_firefox_dates_its_major(
    server: FeedServer, tmp_path: Path, history: Answer, first_day: str
) -> None:
    server.answers["/firefox"] = Answer(body=firefox_list("160.0.2"))
    server.answers["/history"] = history
    feeds = Feeds(firefox=server.url("/firefox"), firefox_history=server.url("/history"))
    evidence = look(server, tmp_path, feeds=feeds)
    newest = evidence.of(BrowserFamily.FIREFOX)
    assert newest is not None
    assert (newest.version, newest.released_on, newest.origin) == (
        "160.0.2", first_day, Origin.LIVE
    )  # fmt: skip
    assert len(evidence.attempts) == 1


def test_a_history_that_is_slow_costs_no_version(
    server: FeedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(newest_versions, "DOWNLOAD", DOWNLOAD)
    server.answers["/history"] = Answer(stall_s=30, body=b"{}")
    feeds = Feeds(firefox=server.url("/firefox"), firefox_history=server.url("/history"))
    newest = look(server, tmp_path, feeds=feeds).of(BrowserFamily.FIREFOX)
    assert newest is not None
    assert newest.origin is Origin.LIVE


def test_the_shipped_profile_asks_for_the_whole_history() -> None:
    feeds = shipped_profile().feeds
    assert "fraction" not in feeds.chrome
    assert "endtime" not in feeds.chrome
    assert feeds.firefox_history.startswith("https://product-details.mozilla.org/")


def chrome_only(server: FeedServer) -> Feeds:
    return Feeds(chrome=server.url("/chrome/{platform}"))


def told(evidence: NewestVersionsEvidence) -> dict[BrowserFamily, tuple[str, Origin, str]]:
    return {each.family: (each.version, each.origin, each.as_of) for each in evidence.newest}


def keep(folder: Path, server: FeedServer, version: str, as_of: str) -> None:
    release = Release(version=version, released_on="2026-11-15")
    cached = CachedRelease(feed=server.url("/chrome/linux"), as_of=as_of, release=release)
    write_cache(str(folder), ReleaseCache(answers={BrowserFamily.CHROME: cached}))


def test_vendors_are_asked_and_their_answers_kept(server: FeedServer, tmp_path: Path) -> None:
    evidence = look(server, tmp_path / "new" / "folder")
    assert told(evidence) == {
        BrowserFamily.CHROME: ("158.0.8145.22", Origin.LIVE, "2026-11-22"),
        BrowserFamily.EDGE: ("157.0.4377.31", Origin.LIVE, "2026-11-22"),
        BrowserFamily.FIREFOX: ("160.0", Origin.LIVE, "2026-11-22"),
    }
    assert evidence.looked_on == "2026-11-22"
    assert evidence.of(BrowserFamily.CHROMIUM) == evidence.of(BrowserFamily.CHROME)
    assert [attempt.value for attempt in evidence.attempts] == [
        "158.0.8145.22", "157.0.4377.31", "160.0"
    ]  # fmt: skip
    kept = read_cache(str(tmp_path / "new" / "folder"), TODAY)
    assert kept.answers[BrowserFamily.FIREFOX].release.long_term == ("153.7.0",)
    assert [path.name for path in (tmp_path / "new" / "folder").iterdir()] == [CACHE_NAME]


def test_the_name_of_the_server_is_asked_for_and_proven(server: FeedServer, tmp_path: Path) -> None:
    feeds = Feeds(firefox=server.url("/firefox", host="feeds.example.com"))
    evidence = look(server, tmp_path, feeds=feeds)
    assert evidence.newest[2].origin is Origin.LIVE
    assert server.asked == [(f"feeds.example.com:{server.port}", "/firefox")]


def test_a_server_that_nobody_vouches_for_changes_nothing(
    server: FeedServer, tmp_path: Path
) -> None:
    evidence = look(server, tmp_path, trusted=False)
    codes = {attempt.failure and attempt.failure.code for attempt in evidence.attempts}
    assert codes == {FailureCode.CERTIFICATE_UNTRUSTED}
    assert {each.origin for each in evidence.newest} == {Origin.SNAPSHOT}
    assert server.asked == []


def test_feeds_that_are_off_ask_nobody(server: FeedServer, tmp_path: Path) -> None:
    evidence = look(server, tmp_path, feeds=Feeds(edge=server.url("/edge")))
    assert [path for _host, path in server.asked] == ["/edge"]
    assert told(evidence)[BrowserFamily.CHROME] == ("157", Origin.SNAPSHOT, "2026-11-01")
    assert len(evidence.attempts) == 1


BOMB = gzip.compress(bytes(64 * 1024 * 1024))


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer(), FailureCode.BAD_ANSWER),
        (Answer(body=b"<html>Please sign in</html>"), FailureCode.BAD_ANSWER),
        (Answer(body=b'{"releases": []}'), FailureCode.BAD_ANSWER),
        (Answer(body=chrome_list("99.0.1.1")), FailureCode.BAD_ANSWER),
        (Answer(body=chrome_list("9999.0.1.1")), FailureCode.BAD_ANSWER),
        (Answer(body=b" " * 65536, repeat=65), FailureCode.TOO_LARGE),
        (Answer(body=BOMB, headers={"Content-Encoding": "gzip"}), FailureCode.TOO_LARGE),
        (Answer(body=b"no", headers={"Content-Encoding": "gzip"}), FailureCode.BAD_ANSWER),
        (Answer(status=503), FailureCode.HTTP_STATUS),
        (Answer(status=302, headers={"Location": "http://127.0.0.1/"}), FailureCode.BAD_ANSWER),
        (Answer(status=302, headers={"Location": "/chrome/linux"}), FailureCode.BAD_ANSWER),
        (Answer(status=302, headers={"Location": "http://[::1"}), FailureCode.BAD_ANSWER),
        (Answer(status=302), FailureCode.BAD_ANSWER),
    ],
)
def test_a_bad_answer_changes_nothing(
    answer: Answer, code: FailureCode, server: FeedServer, tmp_path: Path
) -> None:
    server.answers["/chrome/linux"] = answer
    evidence = look(server, tmp_path, feeds=chrome_only(server))
    [attempt] = evidence.attempts
    assert attempt.failure is not None
    assert attempt.failure.code is code
    assert told(evidence)[BrowserFamily.CHROME] == ("157", Origin.SNAPSHOT, "2026-11-01")
    assert not (tmp_path / CACHE_NAME).exists()


def test_a_packed_answer_is_read(server: FeedServer, tmp_path: Path) -> None:
    packed = gzip.compress(chrome_list("158.0.8145.22"))
    server.answers["/chrome/linux"] = Answer(body=packed, headers={"Content-Encoding": "gzip"})
    evidence = look(server, tmp_path, feeds=chrome_only(server))
    assert evidence.newest[0].origin is Origin.LIVE


def test_a_redirect_within_https_is_followed(server: FeedServer, tmp_path: Path) -> None:
    target = server.url("/elsewhere", host="feeds.example.com")
    server.answers["/chrome/linux"] = Answer(status=301, headers={"Location": target})
    server.answers["/elsewhere"] = GOOD["/chrome/linux"]
    evidence = look(server, tmp_path, feeds=chrome_only(server))
    assert evidence.newest[0].version == "158.0.8145.22"


def test_a_plain_http_feed_is_refused(server: FeedServer, tmp_path: Path) -> None:
    evidence = look(server, tmp_path, feeds=Feeds(chrome=f"http://127.0.0.1:{server.port}/chrome"))
    [attempt] = evidence.attempts
    assert attempt.failure is not None
    assert "https" in attempt.failure.detail
    assert server.asked == []


def test_nobody_listening_is_a_failure_of_that_feed(server: FeedServer, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    evidence = look(server, tmp_path, feeds=Feeds(chrome=f"https://127.0.0.1:{port}/"))
    [attempt] = evidence.attempts
    assert attempt.failure is not None
    assert attempt.failure.code is FailureCode.CONNECTION_REFUSED


@pytest.mark.parametrize(
    ("kept_on", "live", "version", "origin"),
    [
        ("2026-11-20", "158.0.8145.22", "158.0.8145.22", Origin.LIVE),
        ("2026-11-20", None, "158.0.8145.9", Origin.CACHE),
        ("2026-11-20", "157.0.8110.58", "158.0.8145.9", Origin.CACHE),  # older than the kept one
        ("2026-10-01", "157.0.8110.58", "157.0.8110.58", Origin.LIVE),  # too old to object
        ("2026-10-01", None, "157", Origin.SNAPSHOT),  # the shipped list is younger
        ("2026-12-24", None, "157", Origin.SNAPSHOT),  # from the future: a clock was wrong
    ],
)
def test_live_comes_before_kept_and_kept_before_shipped(
    kept_on: str,
    live: str | None,
    version: str,
    origin: Origin,
    server: FeedServer,
    tmp_path: Path,
) -> None:
    keep(tmp_path, server, "158.0.8145.9", kept_on)
    server.answers["/chrome/linux"] = Answer(body=chrome_list(live)) if live else Answer(status=500)
    newest = look(server, tmp_path, feeds=chrome_only(server)).newest[0]
    assert (newest.version, newest.origin) == (version, origin)


def test_the_first_day_of_a_version_is_remembered(server: FeedServer, tmp_path: Path) -> None:
    keep(tmp_path, server, "158.0.8145.9", "2026-11-16")
    newest = look(server, tmp_path, feeds=chrome_only(server)).newest[0]
    assert newest.released_on == "2026-11-15", "the list dates the newest patch only"


def test_what_another_feed_said_does_not_count(server: FeedServer, tmp_path: Path) -> None:
    keep(tmp_path, server, "158.0.8145.9", "2026-11-20")
    server.answers["/other"] = Answer(status=500)
    newest = look(server, tmp_path, feeds=Feeds(chrome=server.url("/other"))).newest[0]
    assert newest.origin is Origin.SNAPSHOT


@pytest.mark.parametrize("junk", [b"", b"{", b"[]", b'{"format": 2}', b"\xff" * 100, b"x" * 70000])
def test_a_damaged_cache_is_as_good_as_none(
    junk: bytes, server: FeedServer, tmp_path: Path
) -> None:
    (tmp_path / CACHE_NAME).write_bytes(junk)
    evidence = look(server, tmp_path, feeds=chrome_only(server))
    assert evidence.newest[0].origin is Origin.LIVE
    assert read_cache(str(tmp_path), TODAY).answers[BrowserFamily.CHROME].as_of == "2026-11-22"


def test_a_folder_that_cannot_be_written_costs_only_the_next_time(
    server: FeedServer, tmp_path: Path
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    evidence = look(server, blocked / "cache", feeds=chrome_only(server))
    assert evidence.newest[0].origin is Origin.LIVE


def test_the_proxy_of_the_system_is_used(server: FeedServer, tmp_path: Path) -> None:
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        thread = threading.Thread(target=serve_one_tunnel, args=(proxy, asked), daemon=True)
        thread.start()
        network = LoopbackNetwork()
        network.proxy = f"http://localhost:{proxy.getsockname()[1]}"
        feeds = Feeds(firefox=server.url("/firefox", host="feeds.example.com"))
        evidence = look(server, tmp_path, feeds=feeds, network=network)
        thread.join(5)
    assert asked[0].startswith(f"CONNECT feeds.example.com:{server.port} ".encode())
    assert evidence.newest[2].origin is Origin.LIVE


def serve_one_tunnel(proxy: socket.socket, asked: list[bytes]) -> None:
    """A proxy that opens one tunnel to the port it is asked for, on loopback."""
    client, _address = proxy.accept()
    with client:
        request = client.recv(4096)
        asked.append(request)
        port = int(request.split(b" ")[1].rpartition(b":")[2])
        with socket.create_connection(("127.0.0.1", port)) as upstream:
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=pump, args=(upstream, client), daemon=True)
            back.start()
            pump(client, upstream)
            back.join(5)


def pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        return


def test_stopping_in_the_middle_takes_no_time(server: FeedServer, tmp_path: Path) -> None:
    server.answers["/chrome/linux"] = Answer(body=b"x", stall_s=30)
    context = make_context(
        RecordedHost(HOSTS / "linux-debian", cache=tmp_path),
        LoopbackNetwork(),
        targets=Targets(extra_roots=(server.authority_pem,)),
        feeds=chrome_only(server),
    )

    async def stop_soon() -> float:
        async with asyncio.timeout(0.5):
            await look_up(context, TODAY, SNAPSHOT)
        return 0.0

    started = time.perf_counter()
    with pytest.raises(TimeoutError):
        asyncio.run(stop_soon())
    assert time.perf_counter() - started < 20


def test_a_silent_server_is_given_up_within_the_deadline(
    server: FeedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(newest_versions, "DOWNLOAD", DOWNLOAD)
    server.answers["/chrome/linux"] = Answer(body=b"x", stall_s=30)
    started = time.perf_counter()
    [attempt] = look(server, tmp_path, feeds=chrome_only(server)).attempts
    assert attempt.failure is not None
    assert attempt.failure.code is FailureCode.TIMED_OUT
    assert time.perf_counter() - started < 20


def test_the_probe_itself_needs_no_network_to_have_a_list(tmp_path: Path) -> None:
    context = make_context(
        RecordedHost(HOSTS / "linux-debian", cache=tmp_path), LoopbackNetwork(), feeds=Feeds()
    )
    evidence = asyncio.run(NEWEST_VERSIONS.gather(context))
    assert {each.origin for each in evidence.newest} == {Origin.SNAPSHOT}


def test_the_shipped_list_says_what_is_certain() -> None:
    snapshot = shipped_snapshot()
    date.fromisoformat(snapshot.as_of)
    for shipped in (snapshot.chrome, snapshot.edge, snapshot.firefox):
        assert shipped.at_least
        assert int(shipped.at_least.split(".")[0]) <= int(shipped.version.split(".")[0])
        assert date.fromisoformat(shipped.released_on) <= date.fromisoformat(snapshot.as_of)
