"""Which of a list of proxies is gone through: Chromium's rule, for every probe that connects."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import pytest
from cases.reach_cases import case_of
from servers.reach_lab import (
    Handler,
    LabNetwork,
    answering,
    closed_port,
    full_backlog,
    lab_context,
    make_authority,
    page,
    server_context,
    serving,
    tunnelling,
)

from natwizard.checks import port_web_pages, port_webphone, websocket_open
from natwizard.checks.base import NoLimits
from natwizard.checks.websocket_open import WebsocketLimits
from natwizard.model.address import HostPort
from natwizard.model.finding import Judgement, Status
from natwizard.model.profile import Targets
from natwizard.probes import tls_floor, web, webphone, websocket, websocket_hold
from natwizard.probes.base import ProbeContext
from natwizard.probes.connection import tls_chain
from natwizard.probes.connection.trace import STAGE_TIMEOUT_S, ProxyChoice, choose_proxy

URL, TARGET = "https://service.test/", HostPort("service.test", 443)


def chosen(listed: str, *, target_answers: bool = False) -> ProxyChoice:
    """For a list with {good}, {dead} and {silent} in it; names under .test lead nowhere."""

    async def scene() -> ProxyChoice:
        async with contextlib.AsyncExitStack() as stack:
            good = await stack.enter_async_context(serving(answering(b"")))
            quiet = await stack.enter_async_context(full_backlog())
            places = {
                "good": f"127.0.0.1:{good}",
                "dead": f"127.0.0.1:{closed_port()}",
                "silent": f"127.0.0.1:{quiet}",
                "nobody": "nobody.test:3128",
            }
            network = LabNetwork(proxy=listed.format(**places))
            target = HostPort("127.0.0.1", good) if target_answers else TARGET
            found = await choose_proxy(lab_context(Targets(), network), URL, target)
            return replace_places(found, places)

    return asyncio.run(scene())


def replace_places(choice: ProxyChoice, places: dict[str, str]) -> ProxyChoice:
    def named(text: str) -> str:
        for name, place in places.items():
            text = text.replace(place, name)
        return text

    return ProxyChoice(
        proxy=None if choice.proxy is None else HostPort(named(str(choice.proxy)), 1),
        passed_over=tuple(map(named, choice.passed_over)),
        unspoken=named(choice.unspoken),
    )


@pytest.mark.parametrize(
    ("listed", "proxy", "passed_over", "unspoken"),
    [
        ("", "", (), ""),
        ("direct", "", (), ""),
        ("http://{good}", "good", (), ""),
        ("http://{dead}", "dead", (), ""),
        ("http://{dead}; http://{good}", "good", ("http://dead",), ""),
        ("http://{nobody}; http://{good}; direct", "good", ("http://nobody",), ""),
        ("http://{silent}; http://{good}", "good", ("http://silent",), ""),
        ("http://{good}; http://{dead}", "good", (), ""),
        ("http://{dead}; http://{nobody}; http://{good}", "good",
         ("http://dead", "http://nobody"), ""),
        ("direct; http://{good}", "good", (), ""),
        ("http://{dead}; direct; http://{good}", "good", ("http://dead",), ""),
        # nothing takes a connection: the first proxy is told of
        ("http://{dead}; http://{nobody}", "dead", (), ""),
        ("http://{dead}; direct", "dead", (), ""),
        ("direct; http://{dead}", "dead", (), ""),
        # what is not spoken is known to stand before, or to be all that is left
        ("socks5://{good}", "", (), "socks5://good"),
        ("socks5://{good}; http://{good}", "good", (), "socks5://good"),
        ("https://{good}; direct", "", (), "https://good"),
        ("http://{good}; socks4://{good}", "good", (), ""),
        ("http://{dead}; socks5://{good}; http://{nobody}", "dead", (), "socks5://good"),
        ("http://{dead}; socks5://{good}; http://{good}", "good", ("http://dead",),
         "socks5://good"),
    ],
)  # fmt: skip
def test_the_first_way_that_takes_a_connection_is_gone(
    listed: str, proxy: str, passed_over: tuple[str, ...], unspoken: str
) -> None:
    choice = chosen(listed)
    assert (choice.proxy.host if choice.proxy else "") == proxy
    assert choice.passed_over == passed_over
    assert choice.unspoken == unspoken


@pytest.mark.parametrize(
    ("listed", "passed_over"),
    [
        ("http://{dead}; direct", ("http://dead",)),
        ("direct; http://{good}", ()),
        ("http://{nobody}; direct; http://{good}", ("http://nobody",)),
    ],
)
def test_the_direct_way_is_an_entry_like_others(listed: str, passed_over: tuple[str, ...]) -> None:
    choice = chosen(listed, target_answers=True)
    assert (choice.proxy, choice.passed_over) == (None, passed_over)


Gather = Callable[[ProbeContext], Awaitable[object]]
PROBES: dict[str, Gather] = {
    "web": web.gather,
    "webphone": webphone.gather,
    "websocket": websocket.gather,
    "websocket_hold": websocket_hold.make_hold_probe(0.2).gather,
    "tls_chain": tls_chain.gather,
    "tls_floor": tls_floor.gather,
}


def gathered_by_proxy(probe: str, listed: Callable[[str], str], *, thinks_s: float = 0.0) -> str:
    """What a probe finds of a service that only a proxy leads to.

    `listed` makes the list of proxies of that one's address.
    """

    async def scene() -> object:
        authority = make_authority()
        tls = server_context(authority)
        async with (
            serving(answering(page(b"all well")), tls=tls) as port,
            tunnelling(divert_to=port, thinks_s=thinks_s) as proxy,
        ):
            place = f"127.0.0.1:{closed_port()}"
            targets = Targets(
                https=f"https://{place}/", webphone=place, websocket=(f"wss://{place}/",),
                tls=(place,), extra_roots=(authority.pem,),
            )  # fmt: skip
            network = LabNetwork(proxy=listed(f"http://127.0.0.1:{proxy}"))
            return await PROBES[probe](lab_context(targets, network))

    return str(asyncio.run(scene()))


@pytest.mark.parametrize("probe", PROBES)
def test_every_probe_goes_on_to_the_second_proxy(probe: str) -> None:
    """The service takes no connection here: only the proxy knows the way."""

    dead = f"http://127.0.0.1:{closed_port()}"
    found = gathered_by_proxy(probe, lambda good: f"{dead}; {good}; direct")
    assert "TLSv1.3" in found


LONGER_THAN_A_STEP_S = STAGE_TIMEOUT_S + 0.5


@pytest.mark.parametrize("probe", ["web", "tls_floor", "websocket_hold"])
def test_a_proxy_that_takes_its_time_is_waited_for(probe: str) -> None:
    """Longer than any server on the direct way: it looks the name up, connects, and scans."""

    found = gathered_by_proxy(probe, lambda slow: slow, thinks_s=LONGER_THAN_A_STEP_S)
    assert "TLSv1.3" in found


def test_a_plain_page_is_waited_for_where_a_proxy_takes_its_time() -> None:
    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(web.PAGE_TIMEOUT_S + 0.5)
        await answering(page(b"all well"))(reader, writer)

    async def scene() -> web.WebEvidence:
        async with serving(slow) as proxy:
            targets = Targets(http="http://service.test/", http_expect="all well")
            network = LabNetwork(proxy=f"http://127.0.0.1:{proxy}")
            return await web.gather(lab_context(targets, network))

    _direct, proxied = asyncio.run(scene()).http
    (address,) = proxied.addresses
    assert address.page is not None
    assert address.page.ok


async def _no_answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


@pytest.mark.parametrize(
    "handler", [answering(page(b"", "502 Bad Gateway")), _no_answer], ids=["502", "hangs up"]
)
def test_a_proxy_that_answers_decides_whatever_it_answers(handler: Handler) -> None:
    """As in Chromium: some scripts block with a proxy that says no."""

    async def scene() -> webphone.WebphoneEvidence:
        async with serving(handler) as first, tunnelling() as second:
            network = LabNetwork(proxy=f"http://127.0.0.1:{first}; http://127.0.0.1:{second}")
            targets = Targets(webphone=f"127.0.0.1:{closed_port()}")
            evidence = await webphone.gather(lab_context(targets, network))
            assert evidence.proxied is not None
            assert evidence.proxied.proxy == f"127.0.0.1:{first}"
            return evidence

    asyncio.run(scene())


@pytest.mark.parametrize("probe", ["web", "webphone", "websocket"])
@pytest.mark.parametrize(
    "listed",
    ["socks5://s.example:1080", "socks5://s.example:1080; http://127.0.0.1:{dead}",
     "https://s.example:443; direct"],
)  # fmt: skip
def test_nobody_is_accused_where_browsers_have_a_way_that_we_have_not(
    probe: str, listed: str
) -> None:
    async def gather() -> object:
        dead = closed_port()
        targets = Targets(
            http=f"http://127.0.0.1:{dead}/", webphone=f"127.0.0.1:{dead}",
            websocket=(f"wss://127.0.0.1:{dead}/",),
        )  # fmt: skip
        context = lab_context(targets, LabNetwork(proxy=listed.format(dead=dead)))
        return await PROBES[probe](context)

    evidence = asyncio.run(gather())
    judged: Judgement
    if isinstance(evidence, web.WebEvidence):
        judged = port_web_pages.judge_tcp80(case_of((web.WEB, evidence)), NoLimits())
    elif isinstance(evidence, webphone.WebphoneEvidence):
        judged = port_webphone.judge(case_of((webphone.WEBPHONE, evidence)), NoLimits())
    else:
        judged = websocket_open.judge(case_of((websocket.WEBSOCKET, evidence)), WebsocketLimits())
    assert judged.status is Status.UNKNOWN
    assert "proxy, which this program cannot use" in judged.summary
