"""What all connections share: addresses, proxy settings, and time that is shared out."""

import asyncio
import errno
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import pytest
from cases.reach_cases import failed, ok
from PySide6.QtNetwork import QNetworkProxy
from servers.reach_lab import (
    LabNetwork,
    answering,
    lab_context,
    make_authority,
    page,
    proxy_entries,
    server_context,
    serving,
)

from natwizard.model.outcome import FailureCode
from natwizard.model.profile import Targets
from natwizard.probes import web, webphone, websocket
from natwizard.probes.base import ProbeContext
from natwizard.probes.connection.reachability import (
    Reachability,
    by_addresses,
    family_name,
    signs_of_life,
)
from natwizard.probes.connection.trace import Budget, find_proxies
from natwizard.probes.connection.web_address import WebAddress
from natwizard.probes.failures import CannotGather
from natwizard.probes.network import Endpoint, ProxyList
from natwizard.probes.printable import printable
from natwizard.probes.rate_limiter import RateLimiter
from natwizard.system.network import SystemNetwork, proxy_list

PROBES: dict[str, Callable[[ProbeContext], Awaitable[object]]] = {
    "web": web.gather,
    "webphone": webphone.gather,
    "websocket": websocket.gather,
}


class SlowSettings(LabNetwork):
    """A proxy script that thinks for longer than anyone waits."""

    def __init__(self) -> None:
        super().__init__()
        self.asked_enough = threading.Event()

    def proxy_for(self, url: str) -> ProxyList:  # noqa: ARG002 - the same for all
        self.asked_enough.wait(60)
        return proxy_entries("http://127.0.0.1:9")


def test_proxy_settings_that_hang_are_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("natwizard.probes.connection.trace.PROXY_SETTINGS_TIMEOUT_S", 0.1)
    settings = SlowSettings()
    context = lab_context(Targets(), settings)

    async def found() -> ProxyList:
        try:
            return await find_proxies(context, "https://example.com/")
        finally:
            settings.asked_enough.set()

    started = time.perf_counter()
    assert str(asyncio.run(found())) == ""
    assert time.perf_counter() - started < 30
    assert "proxy settings" in context.log[0]


def test_the_system_s_proxy_is_found_off_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    from natwizard.system.network import SystemNetwork

    monkeypatch.setattr(SystemNetwork, "proxy_for", lambda _self, url: proxy_entries(url))
    found = asyncio.run(SystemNetwork().find_proxies("http://x:1", timeout_s=5))
    assert str(found) == "http://x:1"


@pytest.mark.parametrize(
    ("kinds", "listed"),
    [
        ((), ""),
        (("HttpProxy",), "http://proxy0.example.com:3128"),
        (("NoProxy", "HttpProxy"), "direct; http://proxy1.example.com:3128"),
        (("Socks5Proxy", "HttpProxy", "NoProxy"),
         "socks5://proxy0.example.com:3128; http://proxy1.example.com:3128; direct"),
        (("HttpCachingProxy", "NoProxy"), "http://proxy0.example.com:3128; direct"),
        (("FtpCachingProxy", "NoProxy"), ""),
    ],
)  # fmt: skip
def test_qt_s_list_is_kept_in_its_order(kinds: tuple[str, ...], listed: str) -> None:
    """Windows and macOS hand over what their settings and scripts say."""
    proxies = [
        QNetworkProxy(QNetworkProxy.ProxyType[kind], f"proxy{number}.example.com", 3128)
        for number, kind in enumerate(kinds)
    ]
    assert str(proxy_list(proxies)) == listed


@pytest.mark.parametrize(
    ("kind", "port", "listed"),
    [
        ("HttpProxy", 0, "http://p.example.com:80"),
        ("HttpProxy", 65535, "http://p.example.com:80"),
        ("Socks5Proxy", 65535, "socks5://p.example.com:1080"),
        ("HttpProxy", 65534, "http://p.example.com:65534"),
    ],
)
def test_a_port_that_qt_makes_up_is_the_usual_one(kind: str, port: int, listed: str) -> None:
    proxy = QNetworkProxy(QNetworkProxy.ProxyType[kind], "p.example.com", port)
    assert str(proxy_list([proxy])) == listed


@dataclass(frozen=True)
class Reached:
    address: str
    reach: Reachability


def tried(addresses: str, *, failures: Mapping[str, FailureCode | None]) -> list[str]:
    """Which of these are reached, two of each family first; None for one that takes ours."""

    async def reach(endpoint: Endpoint) -> Reached:
        code = failures[endpoint.address]
        attempt = ok(endpoint, "connect_tcp") if code is None else failed(code, "connect_tcp")
        family = family_name(endpoint)
        return Reached(endpoint.address, Reachability(family=family, connects=(attempt,)))

    def place(address: str) -> Endpoint:
        family = socket.AF_INET6 if address.startswith("6") else socket.AF_INET
        return Endpoint(family=family, address=address, port=443)

    found = asyncio.run(by_addresses(tuple(map(place, addresses.split())), 2, reach))
    return [each.address for each in found]


SILENT, SHUT = FailureCode.TIMED_OUT, FailureCode.CONNECTION_REFUSED
NO_WAY, BUSY = FailureCode.NETWORK_UNREACHABLE, FailureCode.MACHINE_BUSY


@pytest.mark.parametrize(
    ("first", "second", "reached"),
    [
        (None, None, "4a 4b"),
        (SILENT, None, "4a 4b"),
        (SHUT, None, "4a 4b"),
        (SILENT, SILENT, "4a 4b 4c 4d"),
        (SHUT, SILENT, "4a 4b 4c 4d"),
        # no other address would fare better
        (NO_WAY, NO_WAY, "4a 4b"),
        (BUSY, SILENT, "4a 4b"),
    ],
)
def test_further_addresses_are_tried_where_the_first_ones_are_dead(
    first: FailureCode | None, second: FailureCode | None, reached: str
) -> None:
    failures = {"4a": first, "4b": second, "4c": SILENT, "4d": None}
    assert tried("4a 4b 4c 4d", failures=failures) == reached.split()


def test_each_family_is_a_matter_of_its_own() -> None:
    failures = {"6a": None, "6b": None, "6c": None, "4a": SILENT, "4b": SHUT, "4c": None}
    assert tried("6a 6b 6c 4a 4b 4c", failures=failures) == ["6a", "6b", "4a", "4b", "4c"]


def test_a_name_has_so_many_addresses_at_most() -> None:
    names = [f"4-{number}" for number in range(40)]
    assert tried(" ".join(names), failures=dict.fromkeys(names, SHUT)) == names[:10]


@pytest.mark.parametrize("probe", ["web", "webphone", "websocket"])
def test_a_name_whose_first_servers_are_dead_is_reached_at_the_others(probe: str) -> None:
    """As browsers do: nobody on the way has closed anything."""

    async def scene() -> object:
        authority = make_authority()
        tls = server_context(authority, names=("service.test",))
        async with serving(answering(page(b"all well")), tls=tls, host="127.0.0.1") as port:
            place = f"service.test:{port}"
            targets = Targets(
                https=f"https://{place}/", webphone=place, websocket=(f"wss://{place}/",),
                extra_roots=(authority.pem,),
            )  # fmt: skip
            dead = tuple(f"127.0.0.{number}" for number in range(2, 6))
            network = LabNetwork(names={"service.test": (*dead, "127.0.0.1")})
            return await PROBES[probe](lab_context(targets, network))

    assert "TLSv1.3" in str(asyncio.run(scene()))


def test_waiting_for_a_turn_costs_no_time_of_one_s_own() -> None:
    async def scene() -> float:
        rate_limiter = RateLimiter(in_flight=1)
        budget = Budget(3)
        holding = asyncio.Event()

        async def hold() -> None:
            async with rate_limiter.flow():
                holding.set()
                await asyncio.sleep(3)

        async def use() -> float:
            await holding.wait()
            async with budget.place(rate_limiter):
                return budget.at_most(10)

        async with asyncio.TaskGroup() as group:
            group.create_task(hold())
            used = group.create_task(use())
        return used.result()

    assert asyncio.run(scene()) > 1.5


def test_a_budget_that_is_spent_is_this_computer_s_and_no_silence_of_the_line() -> None:
    assert Budget(100).at_most(3) == 3
    assert 1 < Budget(2).at_most(3) <= 2
    for spent in (Budget(-1), Budget(0.5)):
        with pytest.raises(CannotGather) as raised:
            spent.at_most(3)
        assert raised.value.failure.code is FailureCode.MACHINE_BUSY
    assert 0 < Budget(-1).a_moment_at_least(3) < 0.1


def test_a_socket_that_no_time_is_left_for_is_closed() -> None:
    with socket.socket() as connection:
        with pytest.raises(CannotGather), Budget(-1).or_close(connection):
            Budget(-1).at_most(3)
        assert connection.fileno() == -1


def test_an_answer_begins_the_time_anew() -> None:
    budget = Budget(5)
    budget.renew(1)
    assert budget.at_most(60) > 4
    budget.renew()
    assert budget.at_most(60) > 4
    budget.renew(100)
    assert budget.at_most(60) == 60


@pytest.mark.parametrize(
    ("url", "shown", "host", "secure"),
    [
        ("http://example.com", "http://example.com:80/", "example.com", False),
        ("wss://example.com/a?b=c", "wss://example.com:443/a?b=c", "example.com", True),
        ("https://example.com:8443/", "https://example.com:8443/", "example.com:8443", True),
        ("ws://[2001:db8::1]/", "ws://[2001:db8::1]:80/", "[2001:db8::1]", False),
    ],
)
def test_a_web_address_is_taken_apart(url: str, shown: str, host: str, secure: bool) -> None:
    address = WebAddress.parse(url)
    assert str(address) == shown
    assert address.host_header() == host
    assert address.secure is secure


@pytest.mark.parametrize(
    "url",
    ["", "example.com", "ftp://example.com/", "http:///x", "http://a\r\nb/", "http://ä.example/"],
)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        WebAddress.parse(url)


def test_text_of_strangers_is_cut_and_spelled_out() -> None:
    assert printable("a\x1b\u202eb", 10) == "a\\x1b\\u202eb"
    assert printable("x" * 20, 10) == "x" * 10 + "..."
    assert printable("grün 例", 10) == "grün 例"


@pytest.mark.parametrize(
    ("address", "family"),
    [
        ("192.0.2.1", socket.AF_INET),
        ("2001:db8::1", socket.AF_INET6),
        ("fe80::1%lo", socket.AF_INET6),
    ],
)
def test_signs_of_a_silent_address_are_looked_for_in_its_own_family(
    address: str, family: socket.AddressFamily
) -> None:
    asked: list[Endpoint] = []

    class Refusing(SystemNetwork):
        async def connect_tcp(self, endpoint: Endpoint, *, timeout_s: float) -> socket.socket:
            assert timeout_s < 5
            asked.append(endpoint)
            raise ConnectionRefusedError(errno.ECONNREFUSED, "refused")

    tried = asyncio.run(signs_of_life(lab_context(Targets(), Refusing()), address))
    assert len(tried) == len(asked) > 1
    assert {(each.address, each.family) for each in asked} == {(address, family)}
