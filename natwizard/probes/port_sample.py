"""Which ports of a range to try, and which runs of them are blocked. Pure but for chance."""

import secrets
from collections.abc import Mapping, Sequence
from itertools import pairwise

from msgspec import Struct


class PortSpan(Struct, frozen=True, kw_only=True):
    """Ports `low` to `high`, both included.

    Attributes:
        exact: whether the ports next to the ends are known to differ; else the ends are those
            of the sample.
    """

    low: int
    high: int
    exact: bool = True

    @property
    def size(self) -> int:
        """How many ports."""
        return self.high - self.low + 1


def spans_of(ranges: Sequence[range]) -> tuple[PortSpan, ...]:
    """Ranges in order, with those that touch or overlap made one."""
    spans: list[PortSpan] = []
    for ports in sorted(ranges, key=lambda ports: ports.start):
        low, high = ports.start, ports.stop - 1
        if spans and low <= spans[-1].high + 1:
            spans[-1] = PortSpan(low=spans[-1].low, high=max(high, spans[-1].high))
        else:
            spans.append(PortSpan(low=low, high=high))
    return tuple(spans)


def choose_ports(spans: Sequence[PortSpan], wanted: int) -> tuple[int, ...]:
    """About `wanted` ports, in order: both ends of each span, and one by chance of each stratum.

    By chance, so that rules which repeat with a step are found by some run.
    """
    total = sum(span.size for span in spans)
    if total <= wanted:
        return tuple(port for span in spans for port in range(span.low, span.high + 1))
    if len(spans) > wanted:
        spans = [spans[place * len(spans) // wanted] for place in range(wanted)]
    chosen: list[int] = []
    for span in spans:
        share = max(2, round(wanted * span.size / total)) if span.size > 1 else 1
        chosen += _stratified(span, min(share, span.size))
    return tuple(chosen)


def _stratified(span: PortSpan, number: int) -> list[int]:
    if number == 1:
        return [span.low]
    strata, first, size = number - 2, span.low + 1, span.size - 2
    bounds = [first + place * size // strata for place in range(strata + 1)] if strata else []
    middle = [start + secrets.randbelow(end - start) for start, end in pairwise(bounds)]
    return [span.low, *middle, span.high]


def edges_to_find(
    spans: Sequence[PortSpan], answered: Mapping[int, bool]
) -> tuple[tuple[int, int], ...]:
    """Neighbouring sampled ports of one span, not next to each other, of which one answered."""
    return tuple(
        (left, right)
        for span in spans
        for left, right in _neighbours(span, answered)
        if answered[left] != answered[right] and right - left > 1
    )


def blocked_spans(spans: Sequence[PortSpan], answered: Mapping[int, bool]) -> tuple[PortSpan, ...]:
    """Runs of ports that did not answer, within each span."""
    blocked = []
    for span in spans:
        known = [port for port in sorted(answered) if span.low <= port <= span.high]
        run: list[int] = []
        for place, port in enumerate(known):
            if not answered[port]:
                run.append(port)
            if run and (answered[port] or place == len(known) - 1):
                blocked.append(_span_of(run, span, answered))
                run = []
    return tuple(blocked)


def _span_of(run: list[int], span: PortSpan, answered: Mapping[int, bool]) -> PortSpan:
    low, high = run[0], run[-1]
    exact = (low == span.low or low - 1 in answered) and (high == span.high or high + 1 in answered)
    return PortSpan(low=low, high=high, exact=exact)


def _neighbours(span: PortSpan, answered: Mapping[int, bool]) -> list[tuple[int, int]]:
    known = [port for port in sorted(answered) if span.low <= port <= span.high]
    return list(pairwise(known))
