"""What one source may have, and that remembering sources has an end."""

import time
from dataclasses import dataclass, field

import pytest

from natwizard.reflector.limits import (
    SOURCES_REMEMBERED,
    ConnectionLimits,
    ConnectionTable,
    MessageLimit,
    Place,
    Stage,
    source_of,
)


@pytest.mark.parametrize(
    ("peer", "source"),
    [
        (("192.0.2.7", 5060), "192.0.2.7"),
        (("::ffff:192.0.2.7", 5060, 0, 0), "192.0.2.7"),
        (("2001:db8:1:2:3:4:5:6", 5060, 0, 0), "2001:db8:1:2::/64"),
        (("2001:db8:1:2::1", 9, 0, 0), "2001:db8:1:2::/64"),
        (("fe80::1%eth0", 9, 0, 2), "fe80::/64"),
        ("/run/socket", ""),
        (None, ""),
        ((), ""),
    ],
)
def test_a_source_is_an_ipv4_address_or_an_ipv6_network(peer: object, source: str) -> None:
    assert source_of(peer) == source


def test_a_source_gets_its_burst_and_no_more() -> None:
    limit = MessageLimit(per_s=0.001, burst=3)
    assert [limit.admit("a") for _ in range(5)] == [True, True, True, False, False]
    assert limit.admit("b")


def test_a_source_gets_more_as_time_goes_by() -> None:
    limit = MessageLimit(per_s=1e9, burst=1)
    for _ in range(5):
        assert limit.admit("a")
        time.sleep(0.02)  # Windows' clock ticks every 16 ms


def test_sources_are_forgotten_in_the_order_they_were_seen() -> None:
    limit = MessageLimit(per_s=0.001, burst=1)
    assert limit.admit("first")
    assert limit.admit("kept")
    for number in range(SOURCES_REMEMBERED - 2):
        limit.admit(str(number))
    assert not limit.admit("kept")
    limit.admit("one too many")
    assert limit.admit("first")
    assert not limit.admit("kept")


def test_what_was_served_already_is_paid_back_before_the_next(clock: list[float]) -> None:
    limit = MessageLimit(per_s=50, burst=1000)
    assert limit.wait_s("a") == 0
    limit.charge("a", 999)
    assert limit.wait_s("a") == 0  # one is left
    limit.charge("a", 651)
    assert limit.wait_s("a") == pytest.approx(651 / 50)
    assert not limit.admit("a")
    assert limit.wait_s("b") == 0
    clock[0] += 651 / 50 + 1e-6
    assert limit.wait_s("a") == 0


@dataclass
class Crowd:
    """A table, the names of who is in it, and who was dropped from it in order."""

    table: ConnectionTable
    places: dict[str, Place] = field(default_factory=dict)
    dropped: list[str] = field(default_factory=list)

    def enter(self, name: str, source: str = "", *, proven: bool = False) -> bool:
        place = self.table.enter(source or name, lambda: self.dropped.append(name))
        if place is None:
            return False
        self.places[name] = place
        if proven:
            self.table.heard(place)
        return True


def crowd(*, per_source: int = 100, total: int = 100, held_bytes: int = 1000) -> Crowd:
    return Crowd(
        ConnectionTable(
            ConnectionLimits(
                per_source=per_source, total=total, held_bytes=held_bytes, new_burst=1e6
            )
        )
    )


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that stands until its only number is changed."""
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


@pytest.mark.usefixtures("clock")
def test_a_source_whose_connections_are_all_at_work_gets_no_more() -> None:
    office = crowd(per_source=2)
    assert [office.enter(name, "a") for name in ("1", "2", "3")] == [True, True, False]
    assert office.enter("other", "b")
    office.table.leave(office.places["1"])
    assert office.enter("4", "a")
    assert office.dropped == []
    assert len(office.table) == 3


def test_a_source_at_its_limit_loses_its_own_idle_connection(clock: list[float]) -> None:
    office = crowd(per_source=3)
    office.enter("held", "a", proven=True)
    office.enter("silent", "a")
    office.enter("stranger", "b")
    clock[0] += 3
    office.enter("young", "a", proven=True)
    clock[0] += 3
    assert office.enter("new", "a")
    assert office.dropped == ["silent"]  # it never asked anything
    assert office.enter("newer", "a")
    assert office.dropped == ["silent", "held"]
    assert not office.enter("too many", "a")


def staged(full: Crowd, **stages: Stage) -> None:
    for name, stage in stages.items():
        full.enter(name)
        full.table.advance(full.places[name], stage)


def test_who_used_up_most_of_its_patience_makes_room(clock: list[float]) -> None:
    """A second of silence, three for a handshake, five after a request, 90 after a word."""
    full = crowd(total=5)
    staged(
        full,
        silent=Stage.SILENT,
        hello=Stage.BEGUN,
        tls=Stage.SECURED,
        page=Stage.PROVEN,
        held=Stage.TALKED,
    )
    clock[0] += 76
    for number in range(5):
        assert full.enter(f"{number}")
        clock[0] += 0.1
    assert full.dropped == ["silent", "hello", "tls", "page", "held"]


@pytest.mark.parametrize(
    ("first", "seconds", "second", "dropped"),
    [
        (Stage.SILENT, 0.9, Stage.BEGUN, "first"),
        (Stage.BEGUN, 2.0, Stage.SILENT, "first"),
        (Stage.TALKED, 76.0, Stage.SILENT, "second"),
        (Stage.TALKED, 10.0, Stage.PROVEN, "second"),
        (Stage.PROVEN, 1.0, Stage.TALKED, "first"),
    ],
)
def test_a_step_is_waited_for_longer_than_the_first_word(
    clock: list[float], first: Stage, seconds: float, second: Stage, dropped: str
) -> None:
    full = crowd(total=2)
    staged(full, first=first)
    clock[0] += seconds
    staged(full, second=second)
    clock[0] += 0.9
    assert full.enter("new")
    assert full.dropped == [dropped]


def test_in_a_flood_newcomers_are_not_dropped_for_each_other(clock: list[float]) -> None:
    """They come many at once, and a desk's first byte is read a moment after it was accepted."""
    full = crowd(total=20)
    for number in range(19):
        staged(full, **{f"slow {number}": Stage.BEGUN})
    clock[0] += 0.4
    full.enter("desk")
    clock[0] += 0.01
    for number in range(10):
        assert full.enter(f"new {number}")
    assert full.dropped == [f"slow {number}" for number in range(10)]


def test_a_word_makes_a_connection_young_again(clock: list[float]) -> None:
    full = crowd(total=3)
    staged(full, a=Stage.PROVEN, b=Stage.PROVEN, c=Stage.PROVEN)
    assert not full.enter("too early")  # all at work
    clock[0] += 4
    full.table.heard(full.places["a"])
    assert full.enter("new")
    assert full.dropped == ["b"]


def test_bytes_that_are_no_message_do_not_keep_a_place(clock: list[float]) -> None:
    full = crowd(total=2)
    staged(full, slow=Stage.BEGUN, desk=Stage.TALKED)
    clock[0] += 3
    assert full.places["slow"].patience_used(clock[0]) == 1
    assert full.enter("new")
    assert full.dropped == ["slow"]


@pytest.mark.usefixtures("clock")
def test_who_has_far_more_than_a_share_is_not_at_work_with_all_of_it() -> None:
    full = crowd(total=90)
    full.enter("desk", proven=True)
    for number in range(89):
        full.enter(f"many {number}", "hostile", proven=True)
    for number in range(3):
        assert full.enter(f"new {number}", proven=True)
    assert full.dropped == ["many 0", "many 1", "many 2"]


def test_eight_sources_cannot_take_all_places(clock: list[float]) -> None:
    """Each with as many idle websockets as it may have; twenty desks come after them."""
    full = crowd(per_source=128, total=1024)
    for source in range(8):
        for number in range(128):
            assert full.enter(f"{source} {number}", f"hostile {source}", proven=True)
    clock[0] += 10
    for desk in range(20):
        for number in range(4):
            assert full.enter(f"desk {desk} {number}", f"desk {desk}", proven=True)
    assert len(full.dropped) == 80
    assert not any(name.startswith("desk") for name in full.dropped)


@pytest.mark.usefixtures("clock")
def test_a_source_gets_only_so_many_new_connections_a_second() -> None:
    limits = ConnectionLimits(per_source=100, total=100, new_per_s=1, new_burst=5)
    hasty = Crowd(ConnectionTable(limits))
    for number in range(5):
        assert hasty.enter(str(number), "a")
        hasty.table.leave(hasty.places[str(number)])
    assert not hasty.enter("one more", "a")
    assert hasty.enter("another", "b")


def test_who_has_held_memory_longest_makes_room() -> None:
    full = crowd(held_bytes=100)
    for name in ("a", "b", "c"):
        full.enter(name, proven=True)
    full.table.hold(full.places["b"], 40)
    full.table.hold(full.places["a"], 40)
    full.table.hold(full.places["b"], 60)
    assert (full.table.held_bytes, full.dropped) == (100, [])
    full.table.hold(full.places["c"], 1)
    assert (full.table.held_bytes, full.dropped) == (41, ["b"])
    full.table.hold(full.places["a"], 0)
    full.table.hold(full.places["c"], 101)
    assert (full.table.held_bytes, full.dropped) == (0, ["b", "c"])
    full.table.hold(full.places["c"], 7)  # it is gone, and holds nothing any more
    assert full.table.held_bytes == 0


def test_a_place_is_given_back_once_and_nothing_is_left_behind() -> None:
    table = crowd().table
    place = table.enter("a", lambda: None)
    assert place is not None
    table.hold(place, 10)
    table.heard(place)
    for _time in range(2):
        table.leave(place)
    assert (len(table), table.held_bytes, table._of_source) == (0, 0, {})
    assert not table._holders
    assert not table.make_room()
