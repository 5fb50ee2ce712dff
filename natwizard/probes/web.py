"""Whether web pages come through on ports 80 and 443: directly, and through the system's proxy."""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace

from msgspec import Struct

from natwizard.model.language import N_
from natwizard.model.outcome import Attempt
from natwizard.model.privacy import QuotingText, ServerText
from natwizard.model.profile import PublicServer, PublicUse
from natwizard.probes.base import Phase, Probe, ProbeContext, require_target
from natwizard.probes.connection.page_exchange import PageResponseHead, fetch_page
from natwizard.probes.connection.public_roots import trusting_public
from natwizard.probes.connection.reachability import (
    Looked,
    Reachability,
    SegmentTrial,
    attempts_from,
    by_addresses,
    is_silent,
    look_up,
    side_by_side,
    trial_attempts,
)
from natwizard.probes.connection.trace import (
    PROXY_ANSWER_TIMEOUT_S,
    Budget,
    ConnectionPath,
    ProxyChoice,
    choose_proxy,
    open_stream,
    try_segments,
)
from natwizard.probes.connection.web_address import WebAddress, read_address
from natwizard.probes.failures import CannotGather
from natwizard.probes.network import Endpoint

PAGE_TIMEOUT_S = 4.0
# Connection, handshake and page of one address, redirects among them
BUDGET_S = 9.5
REDIRECTS = 3


class PageReachability(Struct, frozen=True, kw_only=True):
    """How far one address of a page came; `page` is None where the connection did not stand.

    Attributes:
        redirects: further answers of the same server on the way to `page`, in order.
        segments: where no answer came, whether the size of packets is why; None where not asked.
    """

    reach: Reachability
    page: Attempt[PageResponseHead] | None = None
    redirects: tuple[Attempt[PageResponseHead], ...] = ()
    segments: SegmentTrial | None = None

    def attempts(self) -> Iterator[Attempt[object]]:
        """All of them: the connection first."""
        yield from self.reach.attempts()
        yield from self.redirects
        if self.page is not None:
            yield self.page
        yield from trial_attempts(self.segments)


class PageTry(Struct, frozen=True, kw_only=True):
    """One page by one way; `proxy` is empty for the direct one."""

    url: ServerText
    proxy: QuotingText = ""
    lookup: Looked
    addresses: tuple[PageReachability, ...] = ()

    def attempts(self) -> Iterator[Attempt[object]]:
        """All of them: the name first, then address by address."""
        return attempts_from(self.lookup, self.addresses)


class WebEvidence(Struct, frozen=True, kw_only=True):
    """Pages that were asked for. Empty where the profile names none.

    Attributes:
        http: the plain page directly, then through the proxy where one is set.
        https: the same over TLS.
        http_is_public: the plain page is a stranger's, who owes nobody an answer.
        http_control: a plain page of somebody else, by the same ways, asked where the first one
            did not come; empty where it came, or where no public server may be asked.
        http_choice, https_choice: how their proxy was chosen, or that there is none; None where
            the profile names no such page.
    """

    http: tuple[PageTry, ...] = ()
    https: tuple[PageTry, ...] = ()
    http_is_public: bool = False
    http_control: tuple[PageTry, ...] = ()
    http_choice: ProxyChoice | None = None
    https_choice: ProxyChoice | None = None


async def gather(context: ProbeContext) -> WebEvidence:
    """Fetch both pages by every way at once."""
    targets = context.targets
    require_target(targets.http or targets.https, "targets.http")
    trust = trusting_public(targets.extra_roots)
    plain = read_address(targets.http, "targets.http", ("http",)) if targets.http else None
    secure = read_address(targets.https, "targets.https", ("https",)) if targets.https else None
    (http, http_choice), (https, https_choice) = await side_by_side(
        (
            _by_all_ways(context, plain, targets.http_expect, None),
            _by_all_ways(context, secure, targets.https_expect, trust),
        )
    )
    strangers = context.public_for(PublicUse.WEB_PAGE)
    return WebEvidence(
        http=http,
        https=https,
        http_is_public=targets.http in {server.address for server in strangers},
        http_control=await _control(context, http, strangers),
        http_choice=http_choice,
        https_choice=https_choice,
    )


async def _control(
    context: ProbeContext, tries: tuple[PageTry, ...], strangers: tuple[PublicServer, ...]
) -> tuple[PageTry, ...]:
    """A page of another server, where the page that was asked for did not come by any way."""
    others = [server for server in strangers if server.address != context.targets.http]
    if not tries or not others or any(_came(each) for each in tries):
        return ()
    address = read_address(others[0].address, "public", ("http",))
    pages, _choice = await fetch_by_all_ways(context, address, others[0].expect, None)
    return pages


def _came(page_try: PageTry) -> bool:
    pages = (each.page.value for each in page_try.addresses if each.page is not None)
    return any(page is not None and page.holds_expected for page in pages)


async def _by_all_ways(
    context: ProbeContext, address: WebAddress | None, expected: str, trust: ssl.SSLContext | None
) -> tuple[tuple[PageTry, ...], ProxyChoice | None]:
    if address is None:
        return (), None
    return await fetch_by_all_ways(context, address, expected, trust)


async def fetch_by_all_ways(
    context: ProbeContext,
    address: WebAddress,
    expected: str,
    trust: ssl.SSLContext | None,
    *,
    tunnel: bool = False,
) -> tuple[tuple[PageTry, ...], ProxyChoice]:
    """The page directly, then through the system's proxy where one is set, and how it was chosen.

    Args:
        tunnel: go through a proxy as a websocket would, also without encryption.
    """
    direct = ConnectionPath(target=address.target, trust=trust, doubts_size=True)

    async def through_proxy() -> tuple[ProxyChoice, PageTry | None]:
        choice = await choose_proxy(context, str(address), address.target)
        if choice.proxy is None:
            return choice, None
        way = replace(direct, proxy=choice.proxy, tunnel=tunnel or address.secure)
        return choice, await _fetch(context, address, expected, way)

    async with asyncio.TaskGroup() as group:
        first = group.create_task(_fetch(context, address, expected, direct))
        second = group.create_task(through_proxy())
    choice, proxied = second.result()
    return (first.result(), *((proxied,) if proxied is not None else ())), choice


@dataclass(frozen=True, kw_only=True)
class _PageRequest:
    """One page to ask one address for, by one way, within what is left of its time."""

    context: ProbeContext
    endpoint: Endpoint
    address: WebAddress
    expected: str
    way: ConnectionPath
    budget: Budget


async def _fetch(
    context: ProbeContext, address: WebAddress, expected: str, way: ConnectionPath
) -> PageTry:
    lookup = await look_up(context, way.first_hop)

    async def fetch(endpoint: Endpoint) -> PageReachability:
        return await _fetch_from(
            _PageRequest(
                context=context,
                endpoint=endpoint,
                address=address,
                expected=expected,
                way=way,
                budget=Budget(BUDGET_S),
            )
        )

    reached = await by_addresses(lookup.value or (), 1, fetch)
    return PageTry(
        url=str(address),
        proxy=str(way.proxy) if way.proxy else "",
        lookup=lookup,
        addresses=reached,
    )


async def _fetch_from(request: _PageRequest) -> PageReachability:
    """The page from one address; redirects that stay on the server are followed, up to three."""
    reach, answer = await _ask(request)
    redirects: list[Attempt[PageResponseHead]] = []
    while answer is not None and len(redirects) < REDIRECTS:
        onward = _same_server(request.address, answer.value)
        if onward is None:
            break
        request = replace(request, address=onward)
        _reach, next_answer = await _ask(request)
        if next_answer is None:
            break
        redirects.append(answer)
        answer = next_answer
    segments = None
    if is_silent(answer) and request.way.proxy is None:
        segments, late = await _try_segments(request)
        answer = late or answer
    return PageReachability(reach=reach, page=answer, redirects=tuple(redirects), segments=segments)


async def _try_segments(
    request: _PageRequest,
) -> tuple[SegmentTrial, Attempt[PageResponseHead] | None]:
    """The page once more in small segments and in usual ones, and what came in these."""
    came: list[Attempt[PageResponseHead]] = []

    async def ask(size_bytes: int) -> None:
        way = replace(request.way, segment_bytes=size_bytes, doubts_size=False)
        reach, answer = await _ask(replace(request, way=way))
        failure = reach.failure if answer is None else answer.failure
        if failure is not None:
            raise CannotGather(failure)
        if answer is not None and not size_bytes:
            came.append(answer)

    trial = await try_segments(request.context, request.address, request.budget, ask)
    return trial, came[0] if came else None


async def _ask(
    request: _PageRequest,
) -> tuple[Reachability, Attempt[PageResponseHead] | None]:
    context, address, way, budget = request.context, request.address, request.way, request.budget
    async with budget.place(context.rate_limiter):
        stream, reach = await open_stream(context, request.endpoint, way, budget)
        if stream is None:
            return reach, None
        asks_proxy = way.proxy is not None and not way.tunnel
        patience_s = PROXY_ANSWER_TIMEOUT_S if asks_proxy else PAGE_TIMEOUT_S
        if asks_proxy:
            budget.renew(patience_s)

        async def work() -> PageResponseHead:
            with stream.explaining_silence("fetch_page") if way.proxy is None else nullcontext():
                return await fetch_page(
                    stream,
                    host=address.host_header(),
                    resource=str(address) if asks_proxy else address.resource,
                    expected=request.expected,
                    timeout_s=budget.at_most(patience_s),
                )

        try:
            answer = await context.attempt("fetch_page", address, work)
        finally:
            stream.close()
        return reach, answer


def _same_server(address: WebAddress, page: PageResponseHead | None) -> WebAddress | None:
    """Where a redirect leads, if it stays with the same server and scheme."""
    if page is None or not 300 <= page.status < 400 or not page.location:
        return None
    location = page.location
    if location.startswith("/") and not location.startswith("//"):
        location = f"{address.scheme}://{address.target}{location}"
    try:
        onward = WebAddress.parse(location)
    except ValueError:
        return None
    stays = onward.scheme == address.scheme and onward.target == address.target
    return onward if stays else None


WEB = Probe(
    name="web",
    title=N_("Fetching web pages"),
    evidence=WebEvidence,
    phase=Phase.REACHABILITY,
    typical_s=0.8,
    deadline_s=75.0,
    shares_line=True,
    gather=gather,
)
