"""The way to a target, step by step: TCP, proxy, TLS, each timed and bounded."""

import dataclasses
import socket
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Annotated

from msgspec import Struct
from msgspec.structs import replace

from natwizard.model.address import HostPort
from natwizard.model.outcome import Attempt, Failure, FailureCode
from natwizard.model.privacy import Quoting, QuotingText
from natwizard.probes.base import ProbeContext
from natwizard.probes.connection.handshake import (
    Stream,
    TlsSession,
    session_of,
    start_plain,
    start_tls,
)
from natwizard.probes.connection.page_exchange import open_tunnel
from natwizard.probes.connection.public_roots import trusting_anyone
from natwizard.probes.connection.reachability import (
    LOOKUP_TIMEOUT_S,
    SMALL_SEGMENT_BYTES,
    Reachability,
    SegmentTrial,
    attempt_opening,
    family_name,
    is_silent,
    spread,
)
from natwizard.probes.failures import CannotGather
from natwizard.probes.network import DIRECT, Endpoint, ProxyEntry, ProxyList, ProxyScript
from natwizard.probes.rate_limiter import RateLimiter

# A lost SYN is sent again after one second (RFC 6298, 2.1): a single loss is no silence
STAGE_TIMEOUT_S = 3.0
# A busy machine's gsettings needs over a second (system.proxy.desktop_proxy.ASK_S)
PROXY_SETTINGS_TIMEOUT_S = 3.0
PROXY_ANSWER_TIMEOUT_S = 12.0
"""Browsers give a proxy 30 s and more: it looks the name up, connects and scans on their behalf."""
PROXY_CONNECT_TIMEOUT_S = 2.5
"""A lost SYN is sent again after one second; a proxy stands near."""
CHOOSING_S = 8.0
"""For all entries of a list; what is left to try then gets a moment each."""
# A script may name as many as it likes, and each dead one costs PROXY_CONNECT_TIMEOUT_S
ENTRIES_AT_MOST = 10
# With nothing left, a step would be cancelled before it is tried
SHORTEST_TIMEOUT_S = 0.05
TELLS_SOMETHING_S = 1.0
"""A wait that is cut below this, and below what is due, is no silence of the far end."""
TRIAL_S = 7.0
"""For one try with another size of segments: its connection, its handshake and an answer."""
# Two for the handshake and two for its certificates on a thin line (decision 112)
HANDSHAKE_ROUND_TRIPS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionPath:
    """How to get to a target.

    Attributes:
        target: whom TLS and a proxy are asked for.
        trust: whom TLS trusts; None for a plain connection.
        proxy: connect to this one instead, and
        tunnel: ask it to CONNECT to the target.
        tries: TCP tries; only silence is tried again.
        segment_bytes: the most in one TCP segment; 0 leaves it to the system.
        doubts_size: a silent handshake is tried with small segments, see `SegmentTrial`. Not
            through a proxy, who has the way to the target in his hands.
    """

    target: HostPort
    trust: ssl.SSLContext | None = None
    proxy: HostPort | None = None
    tunnel: bool = False
    tries: int = 1
    segment_bytes: int = 0
    doubts_size: bool = False

    @property
    def first_hop(self) -> HostPort:
        """Whom the socket connects to."""
        return self.proxy or self.target


class Budget:
    """Time for one path of steps that follow each other: silence at each still ends in time.

    Waiting for a turn does not count: a probe that sweeps ports may hold all places for
    seconds, and a step cut short for that would read as silence of the line.
    """

    def __init__(self, total_s: float) -> None:
        self._total_s = total_s
        self._ends = time.perf_counter() + total_s

    @asynccontextmanager
    async def place(self, rate_limiter: RateLimiter) -> AsyncIterator[None]:
        """Hold the place of one socket: whoever makes a journey does, for as long as it is open."""
        asked = time.perf_counter()
        async with rate_limiter.place():
            self._ends += time.perf_counter() - asked
            yield

    async def turn(self, rate_limiter: RateLimiter) -> None:
        """Wait for the turn of a new flow."""
        asked = time.perf_counter()
        await rate_limiter.turn()
        self._ends += time.perf_counter() - asked

    def renew(self, total_s: float | None = None) -> None:
        """Begin anew, for the far end has answered: it is silence that has to end in time.

        Args:
            total_s: with so much; else with what there was at first.
        """
        total_s = self._total_s if total_s is None else total_s
        self._ends = max(self._ends, time.perf_counter() + total_s)

    def at_most(self, timeout_s: float) -> float:
        """This much, or what is left. Call it within the attempt.

        Raises CannotGather (MACHINE_BUSY) where too little is left: every step ends within its
        time limit, so that only a computer which gave this program no turn can have spent it.
        """
        left_s = self._ends - time.perf_counter()
        if left_s < min(timeout_s, TELLS_SOMETHING_S):
            detail = f"{max(0.0, left_s):.2f} s were left of {timeout_s:g} s"
            raise CannotGather(
                Failure(code=FailureCode.MACHINE_BUSY, operation="wait", detail=detail)
            )
        return min(timeout_s, left_s)

    @contextmanager
    def or_close(self, connection: socket.socket) -> Iterator[None]:
        """Close a socket that nobody has taken over yet where no time is left for it."""
        try:
            yield
        except CannotGather:
            connection.close()
            raise

    def a_moment_at_least(self, timeout_s: float) -> float:
        """This much, or what is left, which may be next to nothing: for what is tried in a row."""
        return max(SHORTEST_TIMEOUT_S, min(timeout_s, self._ends - time.perf_counter()))


class ProxyChoice(Struct, frozen=True, kw_only=True):
    """Which of the listed ways to a URL browsers would go, as far as this program can follow.

    Attributes:
        proxy: the proxy to go through; None for the direct way.
        listed: the settings' list, as `ProxyList` shows it; empty for the direct way alone.
        passed_over: proxies before it that take no connection.
        unspoken: the first before it that this program cannot use ("socks5://a:1080"), or empty.
        script: what a proxy script (PAC) said, where this program ran one.
    """

    proxy: Annotated[HostPort, Quoting()] | None = None
    listed: QuotingText = ""
    passed_over: tuple[QuotingText, ...] = ()
    unspoken: QuotingText = ""
    script: ProxyScript | None = None


async def find_proxies(context: ProbeContext, url: str) -> ProxyList:
    """The system's proxies for a URL; none where its settings give no answer."""
    try:
        return await context.network.find_proxies(url, timeout_s=PROXY_SETTINGS_TIMEOUT_S)
    except (TimeoutError, ValueError) as error:
        context.log.append(f"proxy settings for {url}: {type(error).__name__} {error}")
        return ProxyList()


async def choose_proxy(context: ProbeContext, url: str, target: HostPort) -> ProxyChoice:
    """The first listed way that takes a connection.

    Chromium goes on to the next entry where a proxy, or the target itself for "direct", cannot be
    looked up or connected to, and for nothing else (net/http/proxy_fallback.cc): a proxy that
    answers CONNECT with an error, or hangs up, decides. Where nothing takes a connection, the
    first proxy is what to tell of.
    """
    listed = await find_proxies(context, url)
    choice = ProxyChoice(listed=str(listed), script=listed.script)
    entries = listed.entries[:ENTRIES_AT_MOST]
    followed = [entry for entry in entries if entry.spoken]
    tried: list[ProxyEntry] = []
    budget = Budget(CHOOSING_S)
    for entry in followed:
        only_one = len(followed) == 1
        if only_one or await _takes_connections(context, entry.server or target, budget):
            return _chosen(choice, entries, entry, tried)
        tried.append(entry)
    dead = next((entry for entry in followed if entry.server is not None), DIRECT)
    # none of them connects, so an entry that cannot be tried may be what browsers use
    unspoken = next((str(entry) for entry in entries if not entry.spoken), "")
    return replace(choice, proxy=dead.server, unspoken=unspoken)


def _chosen(
    choice: ProxyChoice,
    entries: tuple[ProxyEntry, ...],
    entry: ProxyEntry,
    tried: list[ProxyEntry],
) -> ProxyChoice:
    before = entries[: entries.index(entry)]
    return replace(
        choice,
        proxy=entry.server,
        passed_over=tuple(str(each) for each in tried if each.server is not None),
        unspoken=next((str(each) for each in before if not each.spoken), ""),
    )


async def _takes_connections(context: ProbeContext, place: HostPort, budget: Budget) -> bool:
    """Whether a TCP connection comes about; it is closed at once."""
    try:
        found = await context.network.resolve(
            place, timeout_s=budget.a_moment_at_least(LOOKUP_TIMEOUT_S)
        )
        for endpoint in spread(found, 1):
            async with context.rate_limiter.flow():
                try:
                    connection = await context.network.connect_tcp(
                        endpoint, timeout_s=budget.a_moment_at_least(PROXY_CONNECT_TIMEOUT_S)
                    )
                except OSError:  # TimeoutError is one, too
                    continue
            connection.close()
            return True
    except OSError:
        pass
    return False


async def open_stream(
    context: ProbeContext, endpoint: Endpoint, way: ConnectionPath, budget: Budget
) -> tuple[Stream | None, Reachability]:
    """Go as far as it goes to one address. The caller closes the stream, and holds its place."""
    trace_connection = ConnectionTrace(context=context, endpoint=endpoint, way=way, budget=budget)
    stream = await trace_connection.go()
    return stream, Reachability(
        family=family_name(endpoint),
        proxy=str(way.proxy) if way.proxy else "",
        connects=tuple(trace_connection.connects),
        tunnel=trace_connection.tunnel,
        tls=trace_connection.tls,
        unverified_tls=trace_connection.unverified_tls,
        segments=trace_connection.segments,
    )


async def try_segments(
    context: ProbeContext, target: object, budget: Budget, step: Callable[[int], Awaitable[None]]
) -> SegmentTrial:
    """Whether a step that fell silent comes through in small segments, and in others not.

    Args:
        step: does it with segments of so many bytes at most (0: as usual); raises where it fails,
            as the work of an attempt does. It has as much time as the first one had.
    """

    async def with_segments(size_bytes: int) -> int:
        budget.renew(TRIAL_S)
        await step(size_bytes)
        return size_bytes

    small = await context.attempt(
        "try_small_segments", target, lambda: with_segments(SMALL_SEGMENT_BYTES)
    )
    if not small.ok:
        return SegmentTrial(small=small)
    ordinary = await context.attempt("try_usual_segments", target, lambda: with_segments(0))
    return SegmentTrial(small=small, ordinary=ordinary)


@dataclass(slots=True, kw_only=True)
class ConnectionTrace:
    """One path to one address, and what was seen on it so far."""

    context: ProbeContext
    endpoint: Endpoint
    way: ConnectionPath
    budget: Budget
    connects: list[Attempt[Endpoint]] = field(default_factory=list)
    tunnel: Attempt[int] | None = None
    tls: Attempt[TlsSession] | None = None
    unverified_tls: Attempt[TlsSession] | None = None
    segments: SegmentTrial | None = None

    async def go(self) -> Stream | None:
        """To the end: a stream, verified or not."""
        connection = await self.dial(self.way.tries)
        if connection is None:
            return None
        if self.way.trust is None:
            return await start_plain(connection)
        stream, self.tls = await self.shake_hands(connection, self.way.trust)
        if is_silent(self.tls) and self.way.doubts_size and self.way.proxy is None:
            stream = await self._with_other_segments(self.way.trust)
        if not _untrusted(self.tls):
            return stream
        connection = await self.dial(1)
        if connection is None:
            return None
        stream, self.unverified_tls = await self.shake_hands(connection, trusting_anyone())
        return stream

    async def _with_other_segments(self, trust: ssl.SSLContext) -> Stream | None:
        """Where segments of the usual size come through after all, the first were only late, and
        this handshake stands for it.
        """
        live: list[Stream] = []

        async def shake(size_bytes: int) -> None:
            way = dataclasses.replace(self.way, segment_bytes=size_bytes, tries=1)
            once_more = dataclasses.replace(
                self, way=way, connects=[], tunnel=None, tls=None, segments=None
            )
            connection = await once_more.dial()
            if connection is None:
                raise CannotGather(once_more.failure())
            stream, tls = await once_more.shake_hands(connection, trust)
            if stream is not None and size_bytes:
                stream.close()
            elif stream is not None:
                live.append(stream)
            if not size_bytes and not is_silent(tls):
                self.tls = tls
            if tls.failure is not None and not _untrusted(tls):
                raise CannotGather(tls.failure)

        self.segments = await try_segments(self.context, self.way.target, self.budget, shake)
        return live[0] if live else None

    async def dial(self, tries: int = 1) -> socket.socket | None:
        """A socket with the target at its other end; the caller owns it."""
        for _number in range(tries):
            connection = await self._connect_tcp()
            if connection is not None:
                return await self._through_proxy(connection)
            last = self.connects[-1].failure
            if last is None or last.code is not FailureCode.TIMED_OUT:
                return None
        return None

    def failure(self) -> Failure:
        """Why `dial` brought no socket."""
        last = self.tunnel or self.connects[-1]
        return last.failure or Failure(code=FailureCode.NOT_RUN, operation="dial")

    async def _connect_tcp(self) -> socket.socket | None:
        async def work() -> tuple[socket.socket, Endpoint]:
            timeout_s = self.budget.at_most(STAGE_TIMEOUT_S)
            opened = await self.context.network.connect_tcp(
                self.endpoint, timeout_s=timeout_s, segment_bytes=self.way.segment_bytes
            )
            return opened, self.endpoint

        await self.budget.turn(self.context.rate_limiter)
        connection, attempt = await attempt_opening(
            self.context, "connect_tcp", self.endpoint, work
        )
        self.connects.append(attempt)
        if attempt.ok:
            self.budget.renew()
        return connection

    async def _through_proxy(self, connection: socket.socket) -> socket.socket | None:
        if not self.way.tunnel:
            return connection
        self.budget.renew(PROXY_ANSWER_TIMEOUT_S)
        try:
            self.tunnel = await self.context.attempt(
                "open_tunnel",
                self.way.target,
                lambda: open_tunnel(
                    connection,
                    self.way.target,
                    timeout_s=self.budget.at_most(PROXY_ANSWER_TIMEOUT_S),
                ),
            )
        except BaseException:
            connection.close()
            raise
        if self.tunnel.ok:
            self.budget.renew()
            return connection
        connection.close()
        return None

    async def shake_hands(
        self, connection: socket.socket, trust: ssl.SSLContext
    ) -> tuple[Stream | None, Attempt[TlsSession]]:
        """TLS on a socket, which it owns from here on."""

        async def work() -> tuple[Stream, TlsSession]:
            with self.budget.or_close(connection):
                timeout_s = self.budget.at_most(self._patience_s())
            stream = await start_tls(connection, trust, self.way.target.host, timeout_s=timeout_s)
            return stream, session_of(stream)

        stream, attempt = await attempt_opening(self.context, "start_tls", self.way.target, work)
        if attempt.ok:
            self.budget.renew()
        return stream, attempt

    def _patience_s(self) -> float:
        """Longer where the connection itself took long: a handshake is two round trips more, and
        its certificates come one after the other on a thin line.
        """
        came = [attempt.duration_s for attempt in self.connects if attempt.ok]
        return STAGE_TIMEOUT_S + HANDSHAKE_ROUND_TRIPS * (came[-1] if came else 0.0)


def _untrusted(attempt: Attempt[TlsSession]) -> bool:
    return attempt.failure is not None and attempt.failure.code is FailureCode.CERTIFICATE_UNTRUSTED
