"""What all connections share: addresses, proxy settings, and time that is shared out."""

import asyncio
import time

import pytest
from PySide6.QtNetwork import QNetworkProxy
from reach_lab import LabNetwork, lab_context

from natwizard.model.address import HostPort
from natwizard.model.profile import Targets
from natwizard.probes.connection.trace import Budget, find_proxy
from natwizard.probes.connection.web_address import WebAddress
from natwizard.probes.printable import printable
from natwizard.probes.rate_limiter import RateLimiter
from natwizard.system.network import first_usable


class SlowSettings(LabNetwork):
    """A proxy script that thinks for longer than anyone waits."""

    def proxy_for(self, url: str) -> str:  # noqa: ARG002 - the same for all
        time.sleep(1)
        return "http://127.0.0.1:9"


def test_proxy_settings_that_hang_are_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("natwizard.probes.connection.trace.PROXY_SETTINGS_TIMEOUT_S", 0.1)
    context = lab_context(Targets(), SlowSettings())
    started = time.perf_counter()
    assert asyncio.run(find_proxy(context, "https://example.com/")) is None
    assert time.perf_counter() - started < 0.8
    assert "proxy settings" in context.log[0]


@pytest.mark.parametrize(
    ("text", "proxy"),
    [
        ("", None),
        ("http://proxy.example.com:3128", HostPort("proxy.example.com", 3128)),
        ("http://proxy.example.com", HostPort("proxy.example.com", 80)),
        ("http://[2001:db8::1]:8080", HostPort("2001:db8::1", 8080)),
        ("http://no proxy", None),
    ],
)
def test_a_proxy_is_a_host_and_a_port(text: str, proxy: HostPort | None) -> None:
    context = lab_context(Targets(), LabNetwork(proxy=text))
    assert asyncio.run(find_proxy(context, "https://example.com/")) == proxy


def test_the_system_s_proxy_is_found_off_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    from natwizard.system.network import SystemNetwork

    monkeypatch.setattr(SystemNetwork, "proxy_for", lambda _self, url: f"http://for-{url}")
    found = asyncio.run(SystemNetwork().find_proxy("x", timeout_s=5))
    assert found == "http://for-x"


@pytest.mark.parametrize(
    ("kinds", "found"),
    [
        ((), ""),
        (("HttpProxy",), "http://proxy0.example.com:3128"),
        (("NoProxy", "HttpProxy"), ""),
        (("Socks5Proxy", "HttpProxy"), "http://proxy1.example.com:3128"),
        (("Socks5Proxy", "NoProxy"), ""),
    ],
)
def test_the_first_proxy_that_can_be_used_is_taken_and_direct_is_one(
    kinds: tuple[str, ...], found: str
) -> None:
    """A script may answer "DIRECT; PROXY ..."."""
    proxies = [
        QNetworkProxy(QNetworkProxy.ProxyType[kind], f"proxy{number}.example.com", 3128)
        for number, kind in enumerate(kinds)
    ]
    assert first_usable(proxies) == found


def test_waiting_for_a_turn_costs_no_time_of_one_s_own() -> None:
    async def scene() -> float:
        rate_limiter = RateLimiter(in_flight=1)
        budget = Budget(0.3)
        holding = asyncio.Event()

        async def hold() -> None:
            async with rate_limiter.flow():
                holding.set()
                await asyncio.sleep(0.6)

        async def use() -> float:
            await holding.wait()
            async with budget.place(rate_limiter):
                return budget.at_most(10)

        async with asyncio.TaskGroup() as group:
            group.create_task(hold())
            used = group.create_task(use())
        return used.result()

    assert asyncio.run(scene()) > 0.15


def test_a_budget_that_is_spent_still_leaves_a_moment() -> None:
    assert 0 < Budget(-1).at_most(3) < 0.1
    assert Budget(100).at_most(3) == 3


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
    assert address.proxied_as.startswith("https://" if secure else "http://")


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
