"""The way to a reflector: which address is greeted, what is an answer, when a line is quiet."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from types import SimpleNamespace

import pytest
from servers.udp_lab import make_context, reflecting, run, silent_port

from natwizard.model.address import HostPort
from natwizard.model.profile import Targets
from natwizard.probes.media import path as path_module
from natwizard.probes.media.beacons import GREETING_WAIT_S as BEACON_WAIT_S
from natwizard.probes.media.beacons import echo_once
from natwizard.probes.media.path import (
    MediaPath,
    ReflectorFlow,
    ReflectorGreeting,
    connect_lane,
    greet,
    new_session,
    open_media_path,
    wait_until_quiet,
)
from natwizard.probes.network import Endpoint
from natwizard.probes.stun.turn_client import FlowInUse
from natwizard.wire import stamp

SESSION = 5


def v4(last: int) -> Endpoint:
    return Endpoint(family=socket.AF_INET, address=f"192.0.2.{last}", port=862)


def v6(last: int) -> Endpoint:
    return Endpoint(family=socket.AF_INET6, address=f"2001:db8::{last}", port=862)


def test_two_addresses_of_each_family_are_greeted_in_the_systems_order_of_families() -> None:
    found = (v6(1), v6(2), v6(3), v4(1), v4(2), v4(3), v4(4))
    drawn = {path_module._by_chance(found) for _desk in range(200)}
    for chosen in drawn:
        assert [each.family for each in chosen] == [socket.AF_INET6] * 2 + [socket.AF_INET] * 2
        assert set(chosen) <= set(found)
    # an owner spreads the load over all of them
    assert {each for chosen in drawn for each in chosen} == set(found)
    assert path_module._by_chance((v4(1),)) == (v4(1),)
    assert path_module._by_chance(()) == ()


def test_a_session_has_sixteen_bits_and_is_never_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """0 says that there is none (RFC 8972, section 3)."""
    for draw, session in ((lambda _below: 0, 1), (lambda below: below - 1, 65_535)):
        monkeypatch.setattr(path_module, "secrets", SimpleNamespace(randbelow=draw))
        assert new_session() == session


@pytest.fixture
def ends() -> Iterator[tuple[ReflectorFlow, socket.socket]]:
    """A flow and its far end, which is this test."""
    with ExitStack() as stack:
        near, far = (
            stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            for _each in range(2)
        )
        for each in (near, far):
            each.bind(("127.0.0.1", 0))
            each.setblocking(False)
        near.connect(far.getsockname())
        far.connect(near.getsockname())
        yield ReflectorFlow(out=near, back=near, session=SESSION), far


Ends = tuple[ReflectorFlow, socket.socket]


def answer(packet: stamp.SenderPacket, **changed: int) -> bytes:
    told = {
        "sequence": 41,
        "sent": 1,
        "received": 1,
        "sender_sequence": packet.sequence,
        "sender_sent": packet.sent,
        "sender_error_estimate": 1,
        "session": packet.session,
    }
    return stamp.encode_reflector(stamp.ReflectorPacket(**(told | changed)))


def greeted(ends: Ends, answers: Callable[[stamp.SenderPacket], list[bytes]]) -> ReflectorGreeting:
    flow, far = ends

    async def scene() -> ReflectorGreeting:
        loop = asyncio.get_running_loop()

        def take() -> None:
            for datagram in answers(stamp.decode_sender(far.recv(4096))):
                far.send(datagram)

        loop.add_reader(far, take)
        try:
            return await greet(flow)
        finally:
            loop.remove_reader(far)

    return run(scene())


def test_only_an_answer_to_one_of_the_greetings_is_one(ends: Ends) -> None:
    """All the others come first, and each would name another number."""

    def answers(packet: stamp.SenderPacket) -> list[bytes]:
        return [
            b"junk",
            answer(packet, sender_sent=packet.sent + 1, sequence=1),
            answer(packet, sender_sequence=1, sequence=2),
            answer(packet, session=SESSION + 1, sequence=3),
            answer(packet),
        ]

    told = ReflectorGreeting(sent=1, answered=0, reflector_sequence=41)
    assert greeted(ends, answers) == told
    # a reflector older than RFC 8972 names no session
    assert greeted(ends, lambda packet: [answer(packet, session=0)]) == told


def test_a_late_answer_to_the_first_greeting_tells_which_one_it_was(
    ends: Ends, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reflector counts the others, too: the media that follows is compared with its numbers."""
    monkeypatch.setattr(path_module, "GREETING_WAIT_S", 0.05)
    came: list[stamp.SenderPacket] = []

    def answers(packet: stamp.SenderPacket) -> list[bytes]:
        came.append(packet)
        return [answer(came[0])] if len(came) == 3 else []

    found = greeted(ends, answers)
    assert found.answered == 0
    assert found.sent >= 3
    assert [packet.sequence for packet in came] == list(range(len(came)))


def test_silence_costs_two_and_a_half_seconds_an_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert path_module.GREETINGS * path_module.GREETING_WAIT_S == 2.5
    assert BEACON_WAIT_S == 0.5
    assert 1 / BEACON_WAIT_S < 3  # a second and socket, which is what a beacon answers
    monkeypatch.setattr(path_module, "GREETING_WAIT_S", 0.01)
    with silent_port() as port:
        here = Endpoint(family=socket.AF_INET, address="127.0.0.1", port=port)

        async def scene() -> None:
            flow = connect_lane(make_context(Targets()), here, SESSION)
            try:
                await greet(flow)
            finally:
                flow.out.close()

        with pytest.raises(TimeoutError, match=r"5 packets in 0\.05 s"):
            run(scene())


def test_a_beacon_is_asked_three_times_and_only_the_same_bytes_are_its_answer(
    ends: Ends, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow, far = ends
    monkeypatch.setattr("natwizard.probes.media.beacons.GREETING_WAIT_S", 0.02)
    came: list[bytes] = []

    async def asked(answers: Callable[[bytes], list[bytes]]) -> float:
        loop = asyncio.get_running_loop()

        def take() -> None:
            came.append(far.recv(4096))
            for datagram in answers(came[-1]):
                far.send(datagram)

        loop.add_reader(far, take)
        try:
            return await echo_once(flow.out)
        finally:
            loop.remove_reader(far)

    with pytest.raises(TimeoutError):
        run(asked(lambda datagram: [datagram[::-1], datagram[:-1], datagram + b"\x00"]))
    assert len(set(came)) == len(came) == 3
    assert {len(datagram) for datagram in came} == {8}
    monkeypatch.undo()
    assert 0 < run(asked(lambda datagram: [b"junk", datagram])) < 500


@pytest.mark.parametrize(
    ("round_trips_ms", "asked"),
    [
        # what stood in the queue has left: two in a row that are no shorter
        ([20, 20, 20], 3),
        ([500, 300, 150, 20, 20, 20], 6),
        # shorter by a tenth and 5 ms is no longer getting shorter
        ([100, 85.1, 85.1, 85.1], 3),
        ([100, 84.9, 84.9, 84.9], 4),
        # a line that never comes to rest is waited for four seconds
        ([1000 * 0.8**place for place in range(40)], 7),
    ],
    ids=["calm", "a queue", "nearly calm", "not yet", "never"],
)
def test_a_stream_begins_once_round_trips_get_no_shorter(
    round_trips_ms: list[float], asked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    waiting = iter(round_trips_ms)
    greetings: list[ReflectorFlow] = []

    async def reflector(flow: ReflectorFlow) -> None:
        greetings.append(flow)
        clock[0] += next(waiting) / 1000

    async def sleep(seconds: float) -> None:
        assert 0 < seconds <= 0.1
        clock[0] += seconds

    monkeypatch.setattr(path_module, "greet", reflector)
    monkeypatch.setattr(path_module, "time", SimpleNamespace(perf_counter=lambda: clock[0]))
    monkeypatch.setattr(path_module, "asyncio", SimpleNamespace(sleep=sleep))
    with silent_port() as port:
        here = Endpoint(family=socket.AF_INET, address="127.0.0.1", port=port)
        context = make_context(Targets())
        flow = connect_lane(context, here, SESSION)
        greeting = ReflectorGreeting(sent=1, answered=0, reflector_sequence=0)
        run(wait_until_quiet(context, MediaPath(flow=flow, endpoint=here, greeting=greeting)))
        flow.out.close()
    assert len(greetings) == asked
    # a flow of its own, closed after it: the reflector counts the packets of the stream's
    assert len(set(greetings)) == 1
    assert greetings[0].out is not flow.out
    assert greetings[0].out.fileno() == -1
    assert clock[0] - 100 <= 4 + 1.1


def test_a_path_says_goodbye_and_frees_its_sockets() -> None:
    async def scene() -> None:
        async with reflecting() as (_reflector, ports):
            path, tried = await open_media_path(
                make_context(Targets(media=f"127.0.0.1:{ports[0]}"))
            )
            assert path is not None
            assert tried.greeted
            assert [attempt.ok for attempt in tried.attempts()] == [True, True]
            with silent_port() as port, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
                out.connect(("127.0.0.1", port))
                MediaPath(
                    flow=path.flow,
                    endpoint=path.endpoint,
                    greeting=path.greeting,
                    farewells=((out, b"bye"), (path.flow.out, b"bye")),
                ).close()
            assert path.flow.out.fileno() == -1

    run(scene())


@pytest.mark.parametrize(("taken", "allocated"), [(0, True), (1, True), (2, True), (3, False)])
def test_a_turn_server_that_keeps_an_old_port_is_asked_from_three(
    taken: int, allocated: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those in vain stay open until another is found, or the system would give the same again."""
    asked: list[socket.socket] = []
    open_meanwhile: list[int] = []

    class Side:
        def __init__(self, datagrams: socket.socket, user: str, password: str) -> None:
            assert (user, password) == ("u", "p")
            self.datagrams = datagrams

        async def allocate(self) -> HostPort:
            asked.append(self.datagrams)
            open_meanwhile.append(sum(each.fileno() != -1 for each in asked))
            if len(asked) <= taken:
                raise FlowInUse("kept")
            return HostPort("192.0.2.50", 49_152)

        def release(self) -> bytes:
            return b"bye"

    monkeypatch.setattr(path_module, "TurnSocket", Side)
    pair: list[tuple[object, HostPort]] = []
    with silent_port() as port:
        here = Endpoint(family=socket.AF_INET, address="127.0.0.1", port=port)
        targets = Targets(turn=f"127.0.0.1:{port}", turn_user="u", turn_password="p")

        async def scene() -> bool:
            with ExitStack() as opened:
                attempt = await path_module._allocate(make_context(targets), here, opened, pair)  # type: ignore[arg-type]
                if attempt.ok:
                    assert [each.fileno() != -1 for each in asked] == [False] * taken + [True]
            return attempt.ok

        assert run(scene()) is allocated
    tries = min(taken + 1, 3)
    assert len(set(asked)) == len(asked) == tries
    assert open_meanwhile == list(range(1, tries + 1))
    assert all(each.fileno() == -1 for each in asked)
    assert [str(address) for _side, address in pair] == ["192.0.2.50:49152"] * allocated
