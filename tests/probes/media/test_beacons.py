"""Media to public beacons: inside their documented limits, and each loss laid where it belongs."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import msgspec
import pytest
from servers.udp_lab import make_context, run

from natwizard.model.profile import Targets
from natwizard.probes.media.beacons import (
    GREETING_WAIT_S,
    INTERVAL_S,
    LOCATIONS,
    PAYLOAD_BYTES,
    SOCKETS,
    BeaconGreeting,
    BeaconLocation,
    BeaconPath,
    BeaconStream,
    locations_of,
    open_beacon_paths,
    relative_round_trips_ms,
)
from natwizard.reflector.beacon import Beacon, serving_beacons

SECONDS = 3.0
SLOTS = round(SECONDS / INTERVAL_S)
STRAGGLERS_S = 0.6
TESTS = Path(__file__).parents[2]


async def stream_to(
    targets: tuple[str, ...], slots: int = SLOTS
) -> tuple[BeaconStream, tuple[BeaconLocation, ...], tuple[BeaconGreeting, ...]]:
    with ExitStack() as opened:
        paths, greetings = await open_beacon_paths(make_context(Targets()), targets, opened)
        stream = BeaconStream(paths, slots=slots)
        with stream:
            while stream.sending:  # noqa: ASYNC110 - a thread, which sets no asyncio.Event
                await asyncio.sleep(0.05)
            await asyncio.sleep(STRAGGLERS_S)
        locations = locations_of(stream, paths) if paths else ()
    # the fastest comes first, which on a busy machine may be any of them
    in_order = sorted(locations, key=lambda location: targets.index(location.target))
    return stream, tuple(in_order), greetings


def lost(location: BeaconLocation) -> int:
    return location.sent - location.received


def test_a_healthy_line_loses_nothing_and_stays_within_the_limits() -> None:
    beacons = [Beacon() for _each in range(6)]
    with serving_beacons(*beacons) as targets:
        stream, locations, _greetings = run(stream_to(targets))
    assert len(locations) == LOCATIONS
    assert sum(location.sent for location in locations) == len(stream.sent_ns)
    assert len(stream.sent_ns) + stream.dropped_slots == SLOTS
    assert [lost(location) for location in locations] == [0, 0, 0]
    assert all(len(location.sockets) == SOCKETS // LOCATIONS for location in locations)
    assert sum(beacon.dropped_by_limit for beacon in beacons) == 0
    assert stream.strays == 0
    # 100 kbit/s of payload each way, what a call is counted with
    assert PAYLOAD_BYTES * 8 / INTERVAL_S == 100_000


@pytest.mark.parametrize("answering", [1, 2])
def test_fewer_locations_are_asked_within_their_limits_too(answering: int) -> None:
    beacons = [Beacon(answers=lambda _n, place=place: place < answering) for place in range(3)]
    with serving_beacons(*beacons) as targets:
        stream, locations, _greetings = run(stream_to(targets))
    assert len(locations) == answering
    assert len(stream.flows) == SOCKETS
    assert [lost(location) for location in locations] == [0] * answering
    assert sum(beacon.dropped_by_limit for beacon in beacons) == 0


def test_the_three_nearest_carry_the_stream() -> None:
    far = Beacon(delay_s=lambda _n: 0.4), Beacon(delay_s=lambda _n: 0.4)
    with serving_beacons(Beacon(), far[0], Beacon(), far[1], Beacon()) as targets:
        _stream, locations, _greetings = run(stream_to(targets, slots=24))
    assert [location.target for location in locations] == [targets[0], targets[2], targets[4]]


def test_what_one_location_loses_is_laid_there() -> None:
    beacons = [
        Beacon(),
        Beacon(),
        Beacon(answers=lambda number: number == 0 or number % 3 != 0),
    ]
    with serving_beacons(*beacons) as targets:
        _stream, locations, _greetings = run(stream_to(targets))
    assert [lost(location) > 5 for location in locations] == [False, False, True]


def test_one_lossy_path_of_several_shows_in_its_socket() -> None:
    """A balancer sends flows over several paths, one of which is broken."""
    beacons = [
        Beacon(answers_flow=lambda flow: flow != 3),
        Beacon(),
        Beacon(),
    ]
    with serving_beacons(*beacons) as targets:
        _stream, locations, _greetings = run(stream_to(targets))
    dead = [
        socket
        for location in locations
        for socket in location.sockets
        if socket.sent and not socket.received
    ]
    assert len(dead) == 1
    assert sum(lost(location) for location in locations) == dead[0].sent


def test_a_beacon_that_dies_leaves_one_long_silence() -> None:
    beacons = [
        Beacon(dies_after=20),
        Beacon(),
        Beacon(),
    ]
    with serving_beacons(*beacons) as targets:
        _stream, locations, _greetings = run(stream_to(targets))
    died, *others = locations
    assert died.longest_silence_s > SECONDS / 4
    assert all(other.longest_silence_s < died.longest_silence_s for other in others)


def test_garbage_and_strangers_are_no_answers() -> None:
    beacons = [
        Beacon(),
        Beacon(),
        Beacon(body=lambda body: body if len(body) < 20 else body[::-1]),
    ]
    with serving_beacons(*beacons) as targets:
        stream, locations, _greetings = run(stream_to(targets))
    assert locations[2].received == 0
    assert stream.strays == locations[2].sent
    assert [lost(location) for location in locations[:2]] == [0, 0]


def test_paths_of_different_length_are_no_jitter() -> None:
    beacons = [Beacon(delay_s=lambda _n, place=place: 0.2 * place) for place in range(3)]
    with serving_beacons(*beacons) as targets:
        stream, _locations, _greetings = run(stream_to(targets))
    relative = sorted(relative_round_trips_ms(stream))
    assert len(relative) == len(stream.sent_ns)
    assert relative[0] == 0
    assert relative[len(relative) // 2] < 100, "200 ms would show as jitter otherwise"


def test_where_nobody_answers_nothing_is_sent_at_the_rate_of_a_call() -> None:
    beacons = [Beacon(answers=lambda _number: False) for _each in range(6)]
    with serving_beacons(*beacons) as targets:
        began = time.monotonic()
        stream, locations, greetings = run(stream_to(targets, slots=0))
    assert locations == ()
    assert stream.sent_ns == []
    assert len(greetings) == 6
    assert all(attempt.failure is not None for each in greetings for attempt in each.tries)
    assert max(beacon.came for beacon in beacons) <= 3
    assert time.monotonic() - began >= GREETING_WAIT_S


PROGRAM = """
import sys, msgspec
sys.path.insert(0, sys.argv[1])
from probes.media.test_beacons import stream_to
from servers.udp_lab import run
print("ready", flush=True)
stream, locations, _greetings = run(stream_to(tuple(sys.argv[2:]), slots=300))
print(msgspec.json.encode((stream.dropped_slots, locations)).decode())
"""


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="no way to stop a process here")
def test_a_process_that_stood_still_for_three_seconds_loses_nothing() -> None:
    """The slots it slept through are dropped, not caught up: a burst would run into the limit."""
    beacons = [Beacon() for _each in range(3)]
    with serving_beacons(*beacons) as targets:
        program = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(TESTS), *targets], stdout=subprocess.PIPE, text=True
        )
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
        while sum(beacon.came for beacon in beacons) < 60:
            time.sleep(0.02)
        os.kill(program.pid, signal.SIGSTOP)
        time.sleep(3)
        os.kill(program.pid, signal.SIGCONT)
        told, _errors = program.communicate(timeout=60)
    dropped, locations = msgspec.json.decode(
        told.encode(), type=tuple[int, tuple[BeaconLocation, ...]]
    )
    assert dropped > 100, "three seconds are 150 slots"
    assert [lost(location) for location in locations] == [0, 0, 0]
    assert sum(beacon.dropped_by_limit for beacon in beacons) == 0


@pytest.mark.parametrize("desks", [3, 4])
def test_too_many_desks_behind_one_address_meet_the_limit_of_an_address(desks: int) -> None:
    """In small: a location that takes 52 packets a second an address serves three desks."""
    beacons = [Beacon(limit_an_address=56) for _each in range(3)]

    async def all_desks(targets: tuple[str, ...]) -> list[int]:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(stream_to(targets)) for _desk in range(desks)]
        return [sum(map(lost, task.result()[1])) for task in tasks]

    with serving_beacons(*beacons) as targets:
        losses = run(all_desks(targets))
    assert (sum(losses) > 0) == (desks == 4)


def test_a_path_knows_where_it_leads() -> None:
    with serving_beacons(Beacon()) as targets:

        async def open_one() -> BeaconPath:
            with ExitStack() as opened:
                paths, _greetings = await open_beacon_paths(
                    make_context(Targets()), targets, opened
                )
                return paths[0]

        path = run(open_one())
    assert path.target == targets[0]
    assert str(path.endpoint) == targets[0]


def test_six_are_greeted_and_the_fastest_three_are_told_with_their_greetings() -> None:
    """Of those that stand first in a profile; whoever answered soonest comes first."""
    beacons = [Beacon() for _each in range(8)]

    async def greet(targets: tuple[str, ...]) -> tuple[list[BeaconPath], list[BeaconGreeting]]:
        with ExitStack() as opened:
            context = make_context(Targets())
            paths, greetings = await open_beacon_paths(context, targets, opened)
            assert [len(path.sockets) for path in paths] == [8, 8, 8]
            assert not any(each.getblocking() for path in paths for each in path.sockets)
            return list(paths), list(greetings)

    with serving_beacons(*beacons) as targets:
        paths, greetings = run(greet(targets))
    assert [greeting.target for greeting in greetings] == list(targets[:6])
    took_ms = {greeting.target: greeting.tries[-1].value for greeting in greetings}
    fastest = sorted(took_ms, key=lambda target: took_ms[target] or 0.0)[:3]
    assert [(path.target, path.greeting_ms) for path in paths] == [
        (target, took_ms[target]) for target in fastest
    ]
    assert all(0 < path.greeting_ms < 30_000 for path in paths)
    assert [beacon.came > 0 for beacon in beacons] == [True] * 6 + [False] * 2
    for greeting in greetings:
        assert [attempt.ok for attempt in greeting.attempts()] == [True, True]
    assert all(each.fileno() == -1 for path in paths for each in path.sockets)


def test_no_port_is_guessed_for_a_beacon_that_names_none() -> None:
    """A profile that forgot it is not read; what got past its reader goes to no other port."""

    async def greet() -> None:
        with ExitStack() as opened:
            await open_beacon_paths(make_context(Targets()), ("127.0.0.1",), opened)

    with pytest.raises(ExceptionGroup) as refused:
        run(greet())
    assert [type(error) for error in refused.value.exceptions] == [ValueError]
