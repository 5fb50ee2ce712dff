"""Which UDP ports of a range come through: a sample first, then the exact ends of what does not.

Every port is asked from a socket of its own: where a middlebox sends a whole range to one port
of the server, it must give new source ports to flows that would else look alike, and the
answers to one socket would get mixed up. 400 flows, at most 100 new ones a second, so that a
home router's table survives, and 100 more where some are silent; a thorough run, which the person
asks for, takes 2,000 and 400.
"""

import asyncio
import ipaddress
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from itertools import pairwise
from typing import Final

from msgspec import Struct, structs

from natwizard.model.address import HostPort, parse_host_port, parse_ports
from natwizard.model.language import N_, _
from natwizard.model.outcome import Attempt, Failure, FailureCode
from natwizard.model.privacy import ServerText
from natwizard.model.statistics import quantile
from natwizard.probes.base import Phase, Probe, ProbeContext, require_target
from natwizard.probes.connection.reachability import (
    Looked,
    look_up,
    side_by_side,
    signs_of_life,
    spread,
)
from natwizard.probes.failures import BadAnswer, failure_from
from natwizard.probes.network import Endpoint
from natwizard.probes.stun.client import WAITS_S, StunSocket


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
    """About `wanted` ports, in order: both ends of each span, and as many evenly between.

    Evenly and not by chance: then no block as long as the step can lie between two of them.
    """
    total = sum(span.size for span in spans)
    if total <= wanted:
        return tuple(port for span in spans for port in range(span.low, span.high + 1))
    if len(spans) > wanted:
        spans = [spans[place * len(spans) // wanted] for place in range(wanted)]
    chosen: list[int] = []
    for span in spans:
        share = max(2, round(wanted * span.size / total)) if span.size > 1 else 1
        chosen += _evenly(span, min(share, span.size))
    return tuple(chosen)


def _evenly(span: PortSpan, number: int) -> list[int]:
    if number == 1:
        return [span.low]
    return [span.low + place * (span.size - 1) // (number - 1) for place in range(number)]


def certain_block(spans: Sequence[PortSpan], tried: Collection[int]) -> int:
    """A block of so many ports, or more, cannot lie between those that were tried."""
    return max(
        right - left
        for span in spans
        for left, right in pairwise(
            (span.low - 1, *sorted(p for p in tried if span.low <= p <= span.high), span.high + 1)
        )
    )


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


IN_FLIGHT = 48
"""Fewer than a run may have open: a sweep of hundreds of ports leaves room for all other probes."""

# Enough to see which family answers, before hundreds of ports wait for one that is silent
PILOT = 4
FLOWS_PER_EDGE = 8
"""Halving a step of 148 ports down to one. Where there are more edges than flows for them, the
silence is scattered, and the first ones tell as much."""

WITNESSES = 2
"""Ports that answered, asked once more at the end; kept back of the flows for it."""

# Below it a busy computer would read as a silent port
SHORTEST_WAIT_S = 0.15
# As long as the first wait of a question that is in no hurry (WAITS_S)
LONGEST_WAIT_S = 0.5


class SamplingBudget(Struct, frozen=True, kw_only=True):
    """How many ports to sample at first, and how many more flows its silent ones may take."""

    sample: int = 400
    more: int = 100

    @property
    def flows(self) -> int:
        """All that a run opens at most."""
        return self.sample + self.more


# 20 s at 100 new flows a second, which the person asked for; a block of 30 ports shows
THOROUGH = SamplingBudget(sample=2000, more=400)


OWN_FAILURES: Final = {
    FailureCode.OTHER,
    FailureCode.MACHINE_BUSY,
    FailureCode.BLOCKED_HERE,
    FailureCode.NOT_SUPPORTED,
}
"""This computer would not open a socket, or not send: no word about the port."""


class PortResult(Struct, frozen=True, kw_only=True):
    """How one port answered; `failure` is None where it did.

    Attributes:
        started_s: seconds since the run began.
        tries: requests sent, over all times this port was asked.
        by_router: a router on the way reported the failure (ICMP). Without it
            NETWORK_UNREACHABLE is this computer's own word: it had no way to send at all, which
            tells nothing about the port.
    """

    port: int
    started_s: float
    duration_ms: float
    tries: int
    failure: FailureCode | None = None
    by_router: bool = False

    @property
    def not_sent(self) -> bool:
        """Whether nothing left this computer: then the port was not tried."""
        if self.failure is FailureCode.NETWORK_UNREACHABLE:
            return not self.by_router
        return self.failure in OWN_FAILURES


class RangeEvidence(Struct, frozen=True, kw_only=True):
    """Ports of `targets.udp_range`.

    Attributes:
        address: the address that was asked; empty where the name has none.
        listed: where the server listens, by the profile.
        results: one for each port that was asked, in order.
        blocked: runs of ports that did not answer, with their ends; empty if none answered.
        flows: sockets used.
        still_answers: whether a port that had answered did so once more at the end; None where
            nobody asked, because all of them answered or none.
        signs: connections to it over TCP, where not one port answered: a server that is down
            answers nothing by any way.
        old_flow_answers: where it did not, whether the first flow of all is answered still: then
            the server is well, and something on the way takes no new flow.
    """

    target: ServerText
    lookup: Looked
    listed: tuple[PortSpan, ...]
    address: ServerText = ""
    results: tuple[PortResult, ...] = ()
    blocked: tuple[PortSpan, ...] = ()
    flows: int = 0
    still_answers: bool | None = None
    old_flow_answers: bool | None = None
    signs: tuple[Attempt[Endpoint], ...] = ()

    @property
    def flows_used_up(self) -> bool:
        """Whether something on the way allows no more flows than there are."""
        return self.still_answers is False and self.old_flow_answers is True

    @property
    def answered(self) -> int:
        """Ports that answered."""
        return sum(result.failure is None for result in self.results)

    @property
    def certain_block(self) -> int:
        """A block of so many ports or more would have been seen; 1 where all were tried."""
        return certain_block(self.listed, {result.port for result in self.results})

    @property
    def not_sent(self) -> int:
        """Ports that could not be asked, because this computer had no way out just then."""
        return sum(result.not_sent for result in self.results)


class _Sweep:
    """The ports of one address, and what is known of them so far."""

    def __init__(self, context: ProbeContext, endpoint: Endpoint, flows_at_most: int) -> None:
        self.results: dict[int, PortResult] = {}
        self.flows = 0
        self.waits_s: tuple[float, ...] = WAITS_S
        self._context = context
        self._endpoint = endpoint
        self._old_flow: tuple[StunSocket, Endpoint] | None = None
        self._kept = ExitStack()
        self._flows_at_most = flows_at_most - WITNESSES
        self._room = asyncio.Semaphore(IN_FLIGHT)
        self._front = asyncio.Lock()

    @property
    def address(self) -> str:
        return self._endpoint.address

    @property
    def answered(self) -> dict[int, bool]:
        return {port: result.failure is None for port, result in self.results.items()}

    @property
    def heard(self) -> dict[int, bool]:
        """As `answered`, less the ports that nothing was sent to."""
        return {port: ok for port, ok in self.answered.items() if not self.results[port].not_sent}

    async def ask_all(self, ports: tuple[int, ...]) -> None:
        await side_by_side([self.ask(port) for port in ports])

    async def ask(self, port: int) -> bool:
        """Whether a port answers; False without a packet once the flows are used up."""
        if self.flows >= self._flows_at_most:
            return False
        self.flows += 1
        before = self.results.get(port)
        async with self._flow():
            started_s = self._context.elapsed_s()
            tries, failure, by_router = await self._ask_once(port)
            duration_s = self._context.elapsed_s() - started_s
        if failure is FailureCode.TIMED_OUT:
            silence = Failure(code=failure, operation="ask_stun")
            failure = self._context.unless_starved(silence, duration_s).code
        self.results[port] = PortResult(
            port=port,
            started_s=round(started_s, 4),
            duration_ms=round(duration_s * 1000, 3),
            tries=tries + (before.tries if before else 0),
            failure=failure,
            by_router=by_router,
        )
        return failure is None

    @asynccontextmanager
    async def _flow(self) -> AsyncIterator[None]:
        """One at a time waits for its turn, so that the flows of other probes come in between."""
        async with AsyncExitStack() as held:
            await held.enter_async_context(self._room)
            async with self._front:
                await held.enter_async_context(self._context.rate_limiter.flow())
            yield

    async def still_answers(self) -> bool | None:
        """Ask up to two ports that answered once more; None where that would tell nothing.

        A test server that dies in mid-sample, or bars who asks too much, looks like a network
        that blocks all ports that came later. What was found of the ports stays as it was.
        """
        found = dict(self.results)
        good = [port for port, ok in self.answered.items() if ok]
        if not good or len(good) == len(found):
            return None
        self.waits_s = WAITS_S
        self._flows_at_most += WITNESSES
        try:
            return any([await self.ask(port) for port in good[-WITNESSES:]])
        finally:
            self.results = found

    async def old_flow_answers(self) -> bool | None:
        """Ask by the first flow that was answered, which has been open ever since."""
        if self._old_flow is None:
            return None
        asking, place = self._old_flow
        try:
            await asking.ask(place, WAITS_S)
        except BadAnswer:
            return True
        except OSError:
            return False
        return True

    def close(self) -> None:
        """End the flow that was kept."""
        self._kept.close()

    async def _ask_once(self, port: int) -> tuple[int, FailureCode | None, bool]:
        place = Endpoint(family=self._endpoint.family, address=self._endpoint.address, port=port)
        try:
            with ExitStack() as open_flow:
                datagrams = self._context.network.open_udp(place.family)
                asking = open_flow.enter_context(StunSocket(datagrams))
                asking.connect(place)
                tries = (await asking.ask(place, self.waits_s)).tries
                if self._old_flow is None:
                    self._old_flow = asking, place
                    self._kept.push(open_flow.pop_all())
                return tries, None, False
        except BadAnswer:  # the server refused in its own words: the port came through
            return 1, None, False
        except TimeoutError:
            return len(self.waits_s), FailureCode.TIMED_OUT, False
        except OSError as error:
            # the system's error is the same for a router's report (ICMP) and for no way to send
            has_way = self._context.network.route_to(place) is not None
            return 1, failure_from(error, "ask_stun").code, has_way

    async def find_edge(self, left: int, right: int) -> None:
        """Ask in the middle until two neighbours differ."""
        while right - left > 1 and self.flows < self._flows_at_most:
            middle = (left + right) // 2
            answers = await self.ask(middle)
            if middle in self.results and self.results[middle].not_sent:
                return  # the line is gone: any end found now would be made up
            if answers == self.answered[left]:
                left = middle
            else:
                right = middle

    def hurry(self) -> None:
        """Wait for answers as long as this server's need, not as the slowest might."""
        times = sorted(r.duration_ms / 1000 for r in self.results.values() if r.failure is None)
        # four times what nearly all answers took: a queue may be longer the second time
        wait_s = min(LONGEST_WAIT_S, max(SHORTEST_WAIT_S, 4 * quantile(times, 0.95)))
        self.waits_s = (wait_s,) * len(WAITS_S)


async def gather(context: ProbeContext) -> RangeEvidence:
    """Sample the listed ports, ask the silent ones again, then find where silence begins."""
    text = require_target(context.targets.udp_range, "targets.udp_range")
    ports = require_target(context.targets.udp_range_ports, "targets.udp_range_ports")
    listed = spans_of(parse_ports(ports))
    lookup = await look_up(context, _host(text))
    nothing = RangeEvidence(target=text, lookup=lookup, listed=listed)
    effort = THOROUGH if context.answers.thorough else SamplingBudget()
    chosen = choose_ports(listed, effort.sample)
    sweep = await _first_that_answers(context, lookup, chosen, effort)
    if sweep is None:
        return nothing
    try:
        return await _look(context, sweep, chosen, effort, nothing)
    finally:
        sweep.close()


async def _look(
    context: ProbeContext,
    sweep: _Sweep,
    chosen: tuple[int, ...],
    effort: SamplingBudget,
    nothing: RangeEvidence,
) -> RangeEvidence:
    """The rest of the sample, by the address that answers."""
    listed = nothing.listed
    context.progress(0.1, _("Trying {count} ports").format(count=len(chosen)))
    await sweep.ask_all(tuple(port for port in chosen if port not in sweep.results))
    if any(sweep.answered.values()) and not all(sweep.answered.values()):
        sweep.hurry()
        context.progress(0.5, _("Asking the silent ports again"))
        silent = tuple(port for port, ok in sweep.answered.items() if not ok)
        await sweep.ask_all(silent[: effort.more // 2])
        context.progress(0.6, _("Finding where the silence begins and ends"))
        edges = edges_to_find(listed, sweep.heard)[: effort.more // FLOWS_PER_EDGE]
        await side_by_side([sweep.find_edge(left, right) for left, right in edges])
    timed_out = any(each.failure is FailureCode.TIMED_OUT for each in sweep.results.values())
    all_silent = timed_out and not any(sweep.answered.values())
    signs = await signs_of_life(context, sweep.address) if all_silent else ()
    still_answers = await sweep.still_answers()
    heard = sweep.heard
    return structs.replace(
        nothing,
        address=sweep.address,
        results=tuple(sweep.results[port] for port in sorted(sweep.results)),
        blocked=blocked_spans(listed, heard) if any(heard.values()) else (),
        flows=sweep.flows,
        signs=signs,
        still_answers=still_answers,
        old_flow_answers=await sweep.old_flow_answers() if still_answers is False else None,
    )


async def _first_that_answers(
    context: ProbeContext, lookup: Looked, chosen: tuple[int, ...], effort: SamplingBudget
) -> _Sweep | None:
    """A few ports of each family; the first family where one answers, else the first there is."""
    sweeps = [_Sweep(context, endpoint, effort.flows) for endpoint in spread(lookup.value or (), 1)]
    step = max(1, len(chosen) // PILOT)
    for sweep in sweeps:
        await sweep.ask_all(chosen[step // 2 :: step])
        if any(sweep.answered.values()):
            return sweep
    return sweeps[0] if sweeps else None


def _host(text: str) -> HostPort:
    """A host; any port written with it does not matter here. An IPv6 address may be bare."""
    try:
        return HostPort(str(ipaddress.ip_address(text)), 1)
    except ValueError:
        return parse_host_port(text, default_port=1)


UDP_RANGE = Probe(
    name="udp_range",
    title=N_("Trying UDP ports that calls use"),
    evidence=RangeEvidence,
    phase=Phase.REACHABILITY,
    typical_s=5.0,
    # a thorough run of a silent range takes 63 s: 2,000 ports, 2 s each (WAITS_S), 64 at once
    deadline_s=150.0,
    shares_line=True,
    gather=gather,
)
