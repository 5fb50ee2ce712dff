"""Choosing ports and finding runs of silence."""

from bisect import bisect
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natwizard.probes.stun.udp_range import (
    PortSpan,
    blocked_spans,
    certain_block,
    choose_ports,
    edges_to_find,
    spans_of,
)


def span(low: int, high: int, *, exact: bool = True) -> PortSpan:
    return PortSpan(low=low, high=high, exact=exact)


@pytest.mark.parametrize(
    ("ranges", "spans"),
    [
        ([range(5000, 5101)], [(5000, 5100)]),
        ([range(7, 8), range(5, 6), range(6, 7)], [(5, 7)]),
        ([range(1, 5), range(3, 10), range(20, 21)], [(1, 9), (20, 20)]),
        ([range(1, 10), range(2, 3), range(10, 12)], [(1, 11)]),
    ],
)
def test_ranges_that_touch_are_one(ranges: list[range], spans: list[tuple[int, int]]) -> None:
    assert [(found.low, found.high) for found in spans_of(ranges)] == spans


def test_a_small_list_is_tried_whole() -> None:
    assert choose_ports([span(5, 8), span(100, 100)], 120) == (5, 6, 7, 8, 100)


def test_a_large_range_is_sampled_evenly_with_its_ends() -> None:
    chosen = choose_ports([span(5000, 64000)], 120)
    assert len(chosen) == 120
    assert (chosen[0], chosen[-1]) == (5000, 64000)
    assert max(b - a for a, b in pairwise(chosen)) < 1100


@pytest.mark.parametrize(
    ("spans", "wanted", "block"),
    [([(5000, 64000)], 400, 148), ([(5000, 64000)], 2000, 30), ([(1, 400)], 400, 1)],
)
def test_no_block_of_so_many_ports_lies_between_those_that_are_tried(
    spans: list[tuple[int, int]], wanted: int, block: int
) -> None:
    listed = [span(low, high) for low, high in spans]
    chosen = choose_ports(listed, wanted)
    assert certain_block(listed, chosen) == block
    for low, high in spans:
        for first in range(low, high - block + 2):
            assert any(
                first <= port < first + block for port in chosen[bisect(chosen, first) - 1 :][:2]
            )


@given(
    st.lists(st.tuples(st.integers(1, 65000), st.integers(0, 500)), min_size=1, max_size=300),
    st.integers(1, 150),
)
def test_a_sample_is_ordered_listed_and_bounded(raw: list[tuple[int, int]], wanted: int) -> None:
    spans = spans_of([range(low, min(65535, low + more) + 1) for low, more in raw])
    chosen = choose_ports(spans, wanted)
    assert list(chosen) == sorted(set(chosen))
    assert 1 <= len(chosen) <= 3 * wanted
    assert all(any(s.low <= port <= s.high for s in spans) for port in chosen)


@pytest.mark.parametrize(
    ("answered", "edges", "blocked"),
    [
        ({1: True, 50: True, 100: True}, [], []),
        ({1: True, 50: False, 100: True}, [(1, 50), (50, 100)], [span(50, 50, exact=False)]),
        (
            {1: True, 39: True, 40: False, 60: False, 61: True, 100: True},
            [],
            [span(40, 60)],
        ),
        ({1: False, 50: False, 51: True, 100: False}, [(51, 100)], [
            span(1, 50), span(100, 100, exact=False)
        ]),
    ],
)  # fmt: skip
def test_runs_of_silence_have_ends(
    answered: dict[int, bool], edges: list[tuple[int, int]], blocked: list[PortSpan]
) -> None:
    spans = [span(1, 100)]
    assert list(edges_to_find(spans, answered)) == edges
    assert list(blocked_spans(spans, answered)) == blocked


def test_single_ports_have_no_edges_between_them() -> None:
    spans, answered = [span(10, 10), span(20, 20)], {10: True, 20: False}
    assert edges_to_find(spans, answered) == ()
    assert blocked_spans(spans, answered) == (span(20, 20),)
