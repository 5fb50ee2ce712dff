"""What one source may have, and that remembering sources has an end."""

import time

import pytest

from natwizard.reflector.limits import (
    SOURCES_REMEMBERED,
    ConnectionLimit,
    MessageLimit,
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


def test_connections_are_counted_for_each_source_and_for_all() -> None:
    limit = ConnectionLimit(per_source=2, total=3)
    assert [limit.enter("a") for _ in range(3)] == [True, True, False]
    assert limit.enter("b")
    assert not limit.enter("c")
    limit.leave("a")
    assert limit.enter("c")
    for source in ("a", "b", "c"):
        limit.leave(source)
    assert limit._open == {}
