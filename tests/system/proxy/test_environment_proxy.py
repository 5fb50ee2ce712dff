"""Proxies of the environment: what each spelling means was asked of Chromium 156, and is again."""

import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from computers.platforms import linux_only

from natwizard.probes.network import ScriptDecides
from natwizard.system.network import SystemNetwork
from natwizard.system.proxy.desktop_proxy import environment_rules
from natwizard.system.proxy.proxy_rules import goes_past

HTTP, HTTPS, WSS = "http://a.example/", "https://a.example/", "wss://a.example:10062/"
FOUR, SIX = "http://10.1.2.3/", "http://[2001:db8::1]/"
P = "http://127.0.0.1:4001"
USED = {"http_proxy": P}
DIRECT = ""

# URL, variables, and what Chromium did: the proxy it asked, or the direct way
SPELLINGS: tuple[tuple[str, Mapping[str, str], str], ...] = (
    (HTTP, {"http_proxy": P}, P),
    (HTTP, {"HTTP_PROXY": P}, P),
    (HTTPS, {"https_proxy": P}, P),
    (HTTPS, {"HTTPS_PROXY": P}, P),
    (HTTPS, {"http_proxy": P}, DIRECT),
    (HTTP, {"https_proxy": P}, DIRECT),
    (HTTP, {"ftp_proxy": P}, DIRECT),
    (HTTP, {"all_proxy": P}, P),
    (HTTPS, {"ALL_PROXY": P}, P),
    (HTTP, {"all_proxy": "http://127.0.0.1:9", "http_proxy": P}, "http://127.0.0.1:9"),
    (HTTP, {"all_proxy": "direct://", "http_proxy": P}, P),
    (HTTP, {"all_proxy": "", "http_proxy": P}, P),
    (HTTP, {"http_proxy": "", "HTTP_PROXY": P}, DIRECT),
    (HTTP, {"http_proxy": "http://127.0.0.1:9", "HTTP_PROXY": P}, "http://127.0.0.1:9"),
    # how a proxy may be written
    (HTTP, {"http_proxy": "127.0.0.1:4001"}, P),
    (HTTP, {"http_proxy": "//127.0.0.1:4001"}, DIRECT),
    (HTTP, {"http_proxy": "HTTP://127.0.0.1:4001"}, P),
    (HTTP, {"http_proxy": "https://127.0.0.1:4001"}, P),
    (HTTP, {"http_proxy": "http://user:pw@127.0.0.1:4001/"}, P),
    (HTTP, {"http_proxy": " http://127.0.0.1:4001 "}, P),
    (HTTP, {"http_proxy": "http://127.0.0.1:4001/path"}, DIRECT),
    (HTTP, {"http_proxy": "http://127.0.0.1:4001#f"}, DIRECT),
    (HTTP, {"http_proxy": "127.0.0.1:4001;http://x"}, "http://x:80"),
    (HTTP, {"http_proxy": "http://127.0.0.1:99999"}, DIRECT),
    (HTTP, {"http_proxy": "http://[::1]:4001"}, "http://[::1]:4001"),
    (HTTP, {"http_proxy": "http://127.0.0.1"}, "http://127.0.0.1:80"),
    # what goes past it
    (HTTP, {**USED, "no_proxy": "a.example"}, DIRECT),
    (HTTP, {**USED, "no_proxy": "example"}, DIRECT),
    (HTTP, {**USED, "no_proxy": "ample"}, DIRECT),
    (HTTP, {**USED, "no_proxy": ".example"}, DIRECT),
    (HTTP, {**USED, "no_proxy": "*.example"}, DIRECT),
    (HTTP, {**USED, "no_proxy": "*"}, DIRECT),
    (HTTP, {**USED, "no_proxy": "A.EXAMPLE"}, DIRECT),
    (HTTP, {**USED, "no_proxy": "a.*"}, DIRECT),
    (HTTP, {**USED, "no_proxy": "?.example"}, DIRECT),
    (HTTP, {**USED, "no_proxy": "b.example, a.example"}, DIRECT),
    (HTTP, {**USED, "no_proxy": "b.example;a.example"}, DIRECT),
    (HTTP, {**USED, "no_proxy": "b.example a.example"}, P),
    (HTTP, {**USED, "no_proxy": "a.example:80"}, DIRECT),
    (HTTP, {**USED, "no_proxy": "a.example:443"}, P),
    (HTTP, {**USED, "no_proxy": "http://a.example"}, DIRECT),
    (HTTP, {**USED, "no_proxy": "https://a.example"}, P),
    (HTTP, {**USED, "no_proxy": "a.example/"}, P),
    (HTTP, {**USED, "NO_PROXY": "a.example"}, DIRECT),
    (HTTP, {**USED, "no_proxy": "", "NO_PROXY": "a.example"}, P),
    (HTTP, {**USED, "no_proxy": "<local>"}, P),
    ("http://aexample/", {**USED, "no_proxy": "<local>"}, DIRECT),
    (FOUR, {**USED, "no_proxy": "10.0.0.0/8"}, DIRECT),
    (FOUR, {**USED, "no_proxy": "http://10.0.0.0/8"}, DIRECT),
    (FOUR, {**USED, "no_proxy": "10.0.0.0/255.0.0.0"}, P),
    (FOUR, {**USED, "no_proxy": "10.0.0.0/8:80"}, P),
    (FOUR, {**USED, "no_proxy": "10.1.2.3"}, DIRECT),
    (FOUR, {**USED, "no_proxy": "10.1.2.3:80"}, DIRECT),
    (FOUR, {**USED, "no_proxy": "10.*"}, DIRECT),
    (FOUR, {**USED, "no_proxy": "1.2.3"}, P),
    (SIX, {**USED, "no_proxy": "2001:db8::/32"}, DIRECT),
    (SIX, {**USED, "no_proxy": "2001:db8::1"}, P),
    (SIX, {**USED, "no_proxy": "[2001:db8::1]"}, DIRECT),
    (SIX, {**USED, "no_proxy": "[2001:db8::1]:80"}, DIRECT),
    # websockets
    (WSS, {"http_proxy": P}, P),
    (WSS, {"http_proxy": "http://127.0.0.1:9", "https_proxy": P}, P),
    (WSS, {**USED, "no_proxy": "a.example:10062"}, DIRECT),
    (WSS, {**USED, "no_proxy": "https://a.example"}, P),
    (WSS, {**USED, "no_proxy": "wss://a.example"}, DIRECT),
)


def by_number() -> list[object]:
    return [
        pytest.param(url, given, listed, id=f"{number}-{url.partition(':')[0]}")
        for number, (url, given, listed) in enumerate(SPELLINGS)
    ]


from_environment = linux_only("elsewhere browsers take no proxy from the environment")


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Nobody's proxies, on no desktop."""
    for name in (*os.environ,):
        if "proxy" in name.lower():
            monkeypatch.delenv(name)
    for name in ("XDG_CURRENT_DESKTOP", "DESKTOP_SESSION", "KDE_FULL_SESSION", "SOCKS_SERVER"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@from_environment
@pytest.mark.parametrize(("url", "given", "listed"), by_number())
def test_the_environment_means_what_chromium_makes_of_it(
    bare: pytest.MonkeyPatch, url: str, given: Mapping[str, str], listed: str
) -> None:
    for name, value in given.items():
        bare.setenv(name, value)
    assert str(SystemNetwork().proxy_for(url)) == listed


@pytest.mark.parametrize(
    ("given", "listed"),
    [
        ({"all_proxy": "socks://s.example:1081"}, "socks5://s.example:1081"),
        ({"all_proxy": "socks5://s.example"}, "socks5://s.example:1080"),
        ({"https_proxy": "socks5h://s.example"}, "socks5://s.example:1080"),
        ({"all_proxy": "socks4://s.example"}, "socks4://s.example:1080"),
        ({"SOCKS_SERVER": "s.example"}, "socks5://s.example:1080"),
        ({"SOCKS_SERVER": "s.example:9", "SOCKS_VERSION": "4"}, "socks4://s.example:9"),
        ({"SOCKS_SERVER": "s.example", "https_proxy": P}, P),
    ],
)
def test_a_socks_server_is_called_one(given: Mapping[str, str], listed: str) -> None:
    """Chromium speaks HTTP to it in the first four, which no SOCKS server answers."""
    rules = environment_rules(given.get)
    assert rules is not None
    assert str(rules.proxies_for(HTTPS)) == listed


@from_environment
@pytest.mark.parametrize(("value", "address"), [("http://x.example/p.pac", None), ("", "")])
def test_a_script_may_be_named(bare: pytest.MonkeyPatch, value: str, address: str | None) -> None:
    bare.setenv("auto_proxy", value)
    with pytest.raises(ScriptDecides) as decides:
        SystemNetwork().proxy_for(HTTP)
    assert decides.value.address == (value if address is None else address)


@from_environment
@pytest.mark.parametrize("url", ["http://localhost/", "http://x.localhost/", "http://127.9.9.9/",
                                 "https://[::1]/", "http://169.254.1.1/"])  # fmt: skip
def test_this_computer_itself_has_no_proxy(bare: pytest.MonkeyPatch, url: str) -> None:
    bare.setenv("all_proxy", P)
    assert str(SystemNetwork().proxy_for(url)) == ""


@pytest.fixture
def asked() -> Iterator[tuple[int, list[str]]]:
    """A proxy on loopback that refuses all, and the first lines it was asked with."""
    lines: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    client, _address = listener.accept()
                except OSError:
                    return
                with client:
                    client.settimeout(5)
                    try:
                        lines.append(client.recv(4096).decode("latin-1").partition("\r\n")[0])
                        client.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
                    except OSError:
                        continue

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1], lines


ORACLE = (0, 3, 4, 9, 12, 14, 17, 20, 27, 37, 38, 50, 55, 57)
"""A few of the table: a start of the browser each."""


@pytest.mark.timeout(400)
@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs chromium")
def test_chromium_itself_does_the_same(tmp_path: Path, asked: tuple[int, list[str]]) -> None:
    port, lines = asked
    bare = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    bare.pop("XDG_CURRENT_DESKTOP", None)
    for number in ORACLE:
        url, given, listed = SPELLINGS[number]
        here = {name: value.replace("4001", str(port)) for name, value in given.items()}
        lines.clear()
        subprocess.run(
            ("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync",
             f"--user-data-dir={tmp_path / str(number)}", "--dump-dom", url),
            env=bare | here, capture_output=True, timeout=90, check=False,
        )  # fmt: skip
        host = url.split("/")[2]
        by_proxy = any(host in line for line in lines)
        assert by_proxy is (listed == P), (url, given, lines)


@pytest.mark.parametrize(
    ("pattern", "past"),
    [
        ("*a*.ex*le", True),
        ("*m*a*", False),
        ("**a**", True),
        ("*.?xample", True),
        ("*a*a*a*", True),
        ("*a*a*a*a*", False),
    ],
)
def test_stars_match_whatever_is_between(pattern: str, past: bool) -> None:
    assert goes_past("http://aa.example/", [pattern]) is past


def test_exceptions_of_many_stars_or_digits_cost_no_time() -> None:
    """One that is tried anew at each letter for each star would never end."""
    url = f"http://{'a' * 60}.{'a' * 60}.{'a' * 60}.example/"
    assert not goes_past(url, ["*a" * 100 + "*b"])
    assert goes_past(url, ["*a" * 180 + "*"])
    assert not goes_past(url, [f"*.example:{'9' * 5000}"])
