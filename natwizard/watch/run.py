"""Watches a connection: a test call and an open websocket, until the time is up or somebody stops.

Only the profile's own reflector or TURN server and its websocket server are asked: one call's
packets, stretch by stretch, and a ping now and then.
"""

import asyncio
import logging
import sys
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

import msgspec

from natwizard import __version__
from natwizard.checks.quality_latency import QUALITY_LATENCY
from natwizard.model.finding import ChartColumn
from natwizard.model.language import _
from natwizard.model.outcome import Attempt, FailureCode
from natwizard.model.profile import Answers, Profile
from natwizard.model.watch import (
    WATCH_SCHEMA_VERSION,
    BadKind,
    BadMoment,
    WatchLimits,
    WatchRecord,
)
from natwizard.probes.base import ProbeContext, ReportProgress
from natwizard.probes.connection.public_roots import trusting_public
from natwizard.probes.connection.reachability import look_up, spread
from natwizard.probes.connection.trace import Budget, ConnectionPath, choose_proxy
from natwizard.probes.connection.web_address import WebAddress, read_address
from natwizard.probes.connection.websocket_client import (
    Echoed,
    WebsocketClient,
    offer_of,
    reach_websocket,
)
from natwizard.probes.failures import CannotGather
from natwizard.probes.media.stream import MediaEvidence, make_media_probe
from natwizard.probes.network import Endpoint
from natwizard.probes.rate_limiter import RateLimiter
from natwizard.run.plan import run_code
from natwizard.run.runner import Environment
from natwizard.watch.call import HeldCall
from natwizard.watch.tally import CallTally, WatchTally

PING_EVERY_S = 5.0
PONG_S = 5.0


async def watch_websocket(
    context: ProbeContext, tally: WatchTally, elapsed_s: Callable[[], float], *, every_s: float
) -> None:
    """Until it is cancelled: by the way browsers take, through the system's proxy if it has one."""
    urls = context.targets.websocket
    # secured first, as the webphone's own is
    url = next((each for each in urls if each.startswith("wss")), urls[0])
    address = read_address(url, "targets.websocket", ("ws", "wss"))
    held = _Held(
        context=context, tally=tally, elapsed_s=elapsed_s, address=address, every_s=every_s
    )
    while True:
        asked_s = elapsed_s()
        for endpoint, way in await held.ways():
            if await held.hold(endpoint, way):
                break
        else:
            tally.websocket_lost(asked_s, BadKind.WEBSOCKET_SILENT)
        context.log.clear()  # hours of attempts are nobody's to read
        await asyncio.sleep(every_s)


@dataclass(slots=True, kw_only=True)
class _Held:
    context: ProbeContext
    tally: WatchTally
    elapsed_s: Callable[[], float]
    address: WebAddress
    every_s: float

    async def ways(self) -> list[tuple[Endpoint, ConnectionPath]]:
        """One address of each family."""
        trust = trusting_public(self.context.targets.extra_roots) if self.address.secure else None
        way = ConnectionPath(target=self.address.target, trust=trust)
        choice = await choose_proxy(self.context, str(self.address), self.address.target)
        if choice.proxy is not None:
            way = replace(way, proxy=choice.proxy, tunnel=True)
        lookup = await look_up(self.context, way.first_hop)
        return [(endpoint, way) for endpoint in spread(lookup.value or (), 1)]

    async def hold(self, endpoint: Endpoint, way: ConnectionPath) -> bool:
        """Hold it as long as it lasts; False where it never opened."""
        reached = await reach_websocket(
            self.context, endpoint, self.address, way, self._ping, offer_of(self.context.targets)
        )
        return reached.upgraded

    async def _ping(self, talk: WebsocketClient, _budget: Budget) -> tuple[Attempt[Echoed], ...]:
        self.tally.websocket_open(self.elapsed_s())
        asked_s = self.elapsed_s()
        try:
            while True:
                await talk.stay_idle(self.every_s)
                asked_s = self.elapsed_s()
                await talk.ping(timeout_s=PONG_S)
        except TimeoutError:
            self.tally.websocket_lost(asked_s, BadKind.WEBSOCKET_SILENT)
        except (OSError, EOFError, ValueError):
            self.tally.websocket_lost(self.elapsed_s(), BadKind.WEBSOCKET_CUT)
        return ()


LOG = logging.getLogger(__name__)

# A stretch that this computer spoilt is not judged as a whole, so it is short (decision 36)
STRETCH_S = 10.0
# A shorter rest of the time is not worth a greeting of its own
SHORTEST_STRETCH_S = 1.0
STRAGGLERS_S = 1.0
"""What a stretch takes beyond its packets: greeting, and waiting for the last answers."""

# Beside the 2.5 s that a greeting takes which finds nobody (decision 9)
AFTER_SILENCE_S = 2.0
SLEPT_S = 15.0
"""No computer that is awake holds up a program for so long."""

# To make the record of a long watch costs time that its packets need
TELL_EVERY_S = 1.0

Told = Callable[[WatchRecord], None]


def clock_through_sleep() -> float:
    """Seconds that pass while a computer sleeps, too, and that no time server moves.

    `time.perf_counter` stands still in a sleep of Linux and macOS, not of Windows.
    """
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    if sys.platform == "darwin":
        return time.clock_gettime(time.CLOCK_MONOTONIC)
    return time.perf_counter()


@dataclass(slots=True, kw_only=True)
class Watch:
    """One watch. Use it once.

    Attributes:
        told: told about once a second what is known so far, in the thread of the event loop.
        duration_s: how long it should last; `stretch_s`: of one stretch of the call.
        limits: None takes the profile's.
        ping_every_s: on the websocket, and how soon it is opened again.
        holds_call: the person's browser holds a call, too; it takes an environment that opens
            pages. clock: seconds, those of sleep too.
    """

    profile: Profile
    environment: Environment
    told: Told
    duration_s: float
    answers: Answers = field(default_factory=Answers)
    limits: WatchLimits | None = None
    stretch_s: float = STRETCH_S
    ping_every_s: float = PING_EVERY_S
    holds_call: bool = False
    clock: Callable[[], float] = clock_through_sleep
    _call: HeldCall | None = field(init=False)
    _tally: WatchTally = field(init=False)
    _id: uuid.UUID = field(default_factory=uuid.uuid4)
    _started_at: datetime = field(default_factory=lambda: datetime.now().astimezone())
    _run_started: float = field(default_factory=time.perf_counter)
    _started: float = 0.0
    _stopped: asyncio.Event = field(default_factory=asyncio.Event)
    _notes: list[str] = field(default_factory=list)
    _rate_limiter: RateLimiter = field(default_factory=RateLimiter)

    def __post_init__(self) -> None:
        self._tally = WatchTally(self.limits or limits_of(self.profile))
        self._started = self.clock()
        self._call = self._held_call()

    def stop(self) -> None:
        """End early; what was seen so far stays. Call in the loop."""
        self._stopped.set()

    async def execute(self) -> WatchRecord:
        """Watch until the time is up or somebody stops; the record of all of it."""
        self._started_at, self._started = datetime.now().astimezone(), self.clock()
        self._run_started = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            works = [
                group.create_task(self._media(), name="watch media"),
                group.create_task(self._websocket(), name="watch websocket"),
            ]
            if self._call is not None:
                works.append(group.create_task(self._call.hold(), name="hold call"))
            sleep = group.create_task(self._note_sleep(), name="note sleep")
            tell = group.create_task(self._tell(), name="tell")
            stop = group.create_task(self._stopped.wait(), name="stop")
            await self._wait_for_end(works, stop)
            if self._call is not None:
                await self._call.end()
            for task in (*works, sleep, tell, stop):
                task.cancel()
        self._tally.finish()
        record = self.record()
        self.told(record)
        return record

    def record(self) -> WatchRecord:
        """What is known so far."""
        now_s, targets = self._elapsed_s(), self.profile.targets
        return WatchRecord(
            schema_version=WATCH_SCHEMA_VERSION,
            app_version=__version__,
            run_id=str(self._id),
            run_code=run_code(self._id),
            started_at=self._started_at.isoformat(timespec="milliseconds"),
            planned_s=self.duration_s,
            lasted_s=round(min(now_s, self.duration_s), 3),
            profile=f"{self.profile.name} {self.profile.version}",
            machine=self.environment.machine,
            media=targets.media or targets.turn,
            websocket=next(iter(targets.websocket), ""),
            limits=self._tally.limits,
            figures=self._tally.figures(now_s),
            column_s=self._tally.columns.width_s,
            columns=self._tally.columns.all(),
            moments=self._all_moments(now_s),
            call=self._call.tally.figures(now_s) if self._call is not None else None,
            note=" ".join(self._notes),
        )

    async def _wait_for_end(
        self, works: list[asyncio.Task[None]], stop: "asyncio.Task[Literal[True]]"
    ) -> None:
        """The time is up, somebody stopped, or there is nothing left to watch."""
        pending = {*works}
        while pending:
            done, _pending = await asyncio.wait(
                (stop, *pending), timeout=self._left_s(), return_when=asyncio.FIRST_COMPLETED
            )
            if not done or stop in done:
                return
            pending.difference_update(done)

    def _held_call(self) -> HeldCall | None:
        targets, open_page = self.profile.targets, self.environment.open_page
        if not self.holds_call:
            return None
        if not targets.turn or open_page is None:
            reason = _("the profile sets no media server for it")
            if targets.turn:
                reason = _("no browser is opened here")
            self._notes.append(_("No call is held: {reason}.").format(reason=reason))
            return None
        tally = CallTally(self._tally.limits, self._tally.moments, targets.turn)
        return HeldCall(
            targets=targets,
            tally=tally,
            elapsed_s=self._elapsed_s,
            open_page=open_page,
            duration_s=self.duration_s,
            host=self.environment.host,
        )

    def _all_moments(self, now_s: float) -> tuple[BadMoment, ...]:
        still_out = self._call.tally.still_out(now_s) if self._call is not None else ()
        moments = (*self._tally.all_moments(now_s), *still_out)
        return tuple(sorted(moments, key=lambda moment: moment.start_s))

    async def _note_sleep(self) -> None:
        """A second that takes much longer was a sleep."""
        before_s = self._elapsed_s()
        while True:
            await asyncio.sleep(TELL_EVERY_S)
            now_s = self._elapsed_s()
            if now_s - before_s > SLEPT_S:
                self._tally.slept(before_s, now_s - before_s)
            before_s = now_s

    async def _tell(self) -> None:
        while True:
            await asyncio.sleep(TELL_EVERY_S)
            self.told(self.record())

    async def _media(self) -> None:
        """Stretch after stretch of a call; a far end that is silent is asked again."""
        silent_since_s: float | None = None
        while (left_s := self._left_s() - STRAGGLERS_S) > SHORTEST_STRETCH_S:
            began_s = self._elapsed_s()
            stretch = _Stretch(self._tally, self._elapsed_s, min(self.stretch_s, left_s))
            try:
                evidence = await stretch.measure(self._context(stretch))
            except CannotGather as missed:
                self._notes.append(_no_media(missed))
                return
            if evidence.figures is not None:
                silent_since_s = None
                continue
            silent_since_s = began_s if silent_since_s is None else silent_since_s
            self._tally.no_answer(silent_since_s, self._elapsed_s())
            await self._pause(AFTER_SILENCE_S)

    async def _websocket(self) -> None:
        if not self.profile.targets.websocket:
            self._notes.append(_("No websocket is watched: the profile sets no address for one."))
            return
        context = self._context(_no_progress)
        await watch_websocket(context, self._tally, self._elapsed_s, every_s=self.ping_every_s)

    async def _pause(self, seconds: float) -> None:
        await asyncio.sleep(min(seconds, self._left_s()))

    def _context(self, progress: ReportProgress) -> ProbeContext:
        # without public servers: hours of packets are nothing to ask of strangers (decision 36)
        return ProbeContext(
            targets=self.profile.targets,
            feeds=self.profile.feeds,
            answers=self.answers,
            network=self.environment.network,
            host=self.environment.host,
            rate_limiter=self._rate_limiter,
            progress=progress,
            run_started=self._run_started,
        )

    def _left_s(self) -> float:
        return max(0.0, self.duration_s - self._elapsed_s())

    def _elapsed_s(self) -> float:
        return self.clock() - self._started


class _Stretch:
    """One stretch of the call: tells the tally each quarter second as it settles."""

    def __init__(
        self, tally: WatchTally, elapsed_s: Callable[[], float], duration_s: float
    ) -> None:
        self._tally, self._elapsed_s, self._duration_s = tally, elapsed_s, duration_s
        self._first_packet_s: float | None = None
        self._told = 0

    async def measure(self, context: ProbeContext) -> MediaEvidence:
        """Send for so long. Raises CannotGather where there is no target."""
        probe = make_media_probe(
            self._duration_s,
            self._duration_s,
            hops=False,
            await_quiet=False,
            doubts_silence=False,
        )
        evidence = await probe.gather(context)
        if evidence.figures is not None:
            start_s = self._first_packet_s
            if start_s is None:
                start_s = self._elapsed_s() - evidence.figures.duration_s
            self._take(evidence.figures.columns[self._told :], start_s)
            self._tally.stretch(evidence.figures, start_s)
        return evidence

    def __call__(
        self,
        fraction: float,
        text: str,  # noqa: ARG002 - said for people who watch one run
        columns: tuple[ChartColumn, ...] = (),
    ) -> None:
        if self._first_packet_s is None:
            self._first_packet_s = max(0.0, self._elapsed_s() - fraction * self._duration_s)
        self._take(columns, self._first_packet_s)

    def _take(self, columns: tuple[ChartColumn, ...], start_s: float) -> None:
        for column in columns:
            self._tally.quarter(start_s + column.start_s, column)
        self._told += len(columns)


def _no_progress(
    fraction: float,
    text: str,
    columns: tuple[ChartColumn, ...] = (),
) -> None:
    """The tally is told instead."""


def limits_of(profile: Profile) -> WatchLimits:
    """The profile's own limit for round trips; the other two belong to hearing, not to a line."""
    rows: Mapping[str, object] = next(
        (row.limits for row in profile.requirements if row.id == QUALITY_LATENCY.name), {}
    )
    limit = rows.get("round_trip_ms", WatchLimits().round_trip_ms)
    return WatchLimits(round_trip_ms=msgspec.convert(limit, type=float))


def _no_media(missed: CannotGather) -> str:
    if missed.failure.code is FailureCode.NO_TARGET:
        text = _("No call is watched: the profile does not set {setting}.")
        return text.format(setting=missed.failure.detail)
    return _("No call is watched: {reason}.").format(reason=missed.failure.code)
