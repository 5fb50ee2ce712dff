"""A proxy script from a real server to the answer: how often it is fetched, and what goes wrong."""

import asyncio
import os
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from computers.platforms import linux_only
from servers.reach_lab import LabNetwork

from natwizard.probes.network import ProxyList, ProxyScript, ScriptDecides, ScriptTrouble
from natwizard.system.proxy import proxy_scripts
from natwizard.system.proxy.proxy_scripts import ProxyScripts

pytestmark = linux_only("elsewhere the system itself runs proxy scripts")

URL = "https://www.example.com:443/"
BY_PROXY = "function FindProxyForURL(url, host) { return 'PROXY proxy.example.com:8080'; }"
UMLAUT = "function FindProxyForURL(url, host) { return 'PROXY pr\u00f6xy:' + '\u00f6'.length; }"

BODIES = {
    "large": b" " * (proxy_scripts.SIZE_LIMIT_BYTES + 1),
    "login": b"<html>Please sign in</html>",
    "latin": UMLAUT.encode("latin-1"),
    "utf": UMLAUT.encode(),
    "marked": UMLAUT.encode("utf-8-sig"),
}


class Pages(BaseHTTPRequestHandler):
    """A web server with scripts of all kinds, good and bad."""

    asked: list[str]

    def do_GET(self) -> None:
        type(self).asked.append(self.path)
        page = self.path.strip("/")
        if page.startswith("to-"):
            self.reply(302, location=f"/{page.removeprefix('to-')}")
        elif page in ("loop", "file"):
            self.reply(302, location={"loop": "/loop", "file": "file:///etc/passwd"}[page])
        elif page == "hangs":
            time.sleep(5)
        elif page == "drips":
            self.drip()
        elif page == "who":
            script = f"function FindProxyForURL() {{ return 'PROXY {self.headers['Host']}' }}"
            self.reply(200, script.encode())
        else:
            self.reply(
                404 if page == "missing" else 200,
                BODIES.get(page, BY_PROXY.encode()),
                kind="text/plain; charset=utf-8" if page == "utf" else "text/plain",
            )

    def reply(
        self, status: int, body: bytes = b"", *, location: str = "", kind: str = "text/plain"
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(body)

    def drip(self) -> None:
        """A byte now and then: never silent for long, and never done."""
        self.send_response(200)
        self.end_headers()
        for _byte in range(40):
            try:
                self.wfile.write(b" ")
                self.wfile.flush()
            except OSError:
                return
            time.sleep(0.2)

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.fixture
def scripts() -> ProxyScripts:
    Pages.asked = []
    return ProxyScripts(LabNetwork(names={"scripts.test": ("127.0.0.1",)}))


def ask_address(scripts: ProxyScripts, address: str) -> tuple[ProxyScript, str]:
    """What the script said, and the list as settings would show it."""
    found = scripts.ask(address, URL)
    assert found.script is not None
    return found.script, str(found)


def ask(scripts: ProxyScripts, port: int, page: str) -> ProxyScript:
    return ask_address(scripts, f"http://scripts.test:{port}/{page}")[0]


def test_a_script_is_fetched_once_for_many_addresses(scripts: ProxyScripts, port: int) -> None:
    found = ask(scripts, port, "good")
    assert found == ProxyScript(
        address=f"http://scripts.test:{port}/good",
        answer="PROXY proxy.example.com:8080",
    )
    assert ask(scripts, port, "good") == found
    assert Pages.asked == ["/good"]


def test_after_a_while_it_is_fetched_again(
    scripts: ProxyScripts, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proxy_scripts, "KEPT_S", -1.0)
    ask(scripts, port, "good")
    ask(scripts, port, "good")
    assert Pages.asked == ["/good", "/good"]


@pytest.mark.parametrize(
    ("page", "proxy"),
    [
        ("to-good", "http://proxy.example.com:8080"),
        ("to-to-to-good", "http://proxy.example.com:8080"),
    ],
)
def test_a_few_redirects_are_followed(
    scripts: ProxyScripts, port: int, page: str, proxy: str
) -> None:
    address = f"http://scripts.test:{port}/{page}"
    assert ask_address(scripts, address)[1] == proxy


def test_the_server_is_asked_by_its_name(scripts: ProxyScripts, port: int) -> None:
    assert ask(scripts, port, "who").answer == f"PROXY scripts.test:{port}"


@pytest.mark.parametrize("page", ["latin", "utf", "marked"])
def test_letters_come_as_the_server_means_them(scripts: ProxyScripts, port: int, page: str) -> None:
    assert ask(scripts, port, page).answer == "PROXY pr\u00f6xy:1"


@pytest.mark.parametrize(
    ("page", "trouble", "detail"),
    [
        ("missing", ScriptTrouble.NOT_FETCHED, "HTTP 404"),
        ("large", ScriptTrouble.NOT_FETCHED, "too_large"),
        ("loop", ScriptTrouble.NOT_FETCHED, "redirects"),
        ("file", ScriptTrouble.NOT_FETCHED, "http"),
        ("hangs", ScriptTrouble.NO_ANSWER, "timed_out"),
        ("drips", ScriptTrouble.NO_ANSWER, "timed_out"),
        ("login", ScriptTrouble.SYNTAX, "line 1"),
    ],
)
def test_what_cannot_be_fetched_is_the_direct_way(
    scripts: ProxyScripts,
    port: int,
    monkeypatch: pytest.MonkeyPatch,
    page: str,
    trouble: ScriptTrouble,
    detail: str,
) -> None:
    if trouble is ScriptTrouble.NO_ANSWER:
        monkeypatch.setattr(proxy_scripts, "FETCH_S", 1.0)
    begun = time.monotonic()
    found, listed = ask_address(scripts, f"http://scripts.test:{port}/{page}")
    assert (found.trouble, listed) == (trouble, "")
    assert detail in found.detail
    assert trouble is not ScriptTrouble.NO_ANSWER or time.monotonic() - begun < 4


@pytest.mark.parametrize(
    ("address", "trouble"),
    [
        ("http://nobody.test/p.pac", ScriptTrouble.NO_ANSWER),
        ("http://127.0.0.1:1/p.pac", ScriptTrouble.NOT_FETCHED),
        ("ftp://scripts.test/p.pac", ScriptTrouble.NOT_FETCHED),
        ("proxy.pac", ScriptTrouble.NOT_FETCHED),
        ("http://", ScriptTrouble.NOT_FETCHED),
        ("file:///no/such/file", ScriptTrouble.NOT_FETCHED),
        ("file:///dev/zero", ScriptTrouble.NOT_FETCHED),
        ("file:///etc", ScriptTrouble.NOT_FETCHED),
    ],
)
def test_an_address_that_leads_nowhere(
    scripts: ProxyScripts, address: str, trouble: ScriptTrouble
) -> None:
    assert ask_address(scripts, address)[0].trouble is trouble


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
def test_a_pipe_is_no_script_and_nobody_waits_for_it(scripts: ProxyScripts, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "p.pac")
    script, _listed = ask_address(scripts, f"file://{tmp_path}/p.pac")
    assert script.trouble is ScriptTrouble.NOT_FETCHED


def test_a_file_is_read_and_a_password_is_not_told(
    scripts: ProxyScripts, tmp_path: Path, port: int
) -> None:
    (tmp_path / "proxy script.pac").write_text(BY_PROXY)
    address = f"file://{tmp_path}/proxy%20script.pac"
    assert ask_address(scripts, address)[1] == "http://proxy.example.com:8080"
    found, _listed = ask_address(scripts, f"http://me:secret@scripts.test:{port}/good")
    assert (found.address, found.trouble) == (f"http://scripts.test:{port}/good", None)


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        ("SOCKS5 socks.example.com:1080", ScriptTrouble.OTHER_KIND),
        ("proxy.example.com:8080", ScriptTrouble.NONSENSE),
    ],
)
def test_an_answer_that_cannot_be_followed_is_kept(
    scripts: ProxyScripts, tmp_path: Path, answer: str, trouble: ScriptTrouble
) -> None:
    file = tmp_path / "p.pac"
    file.write_text(f"function FindProxyForURL() {{ return '{answer}'; }}")
    found, _listed = ask_address(scripts, f"file://{file}")
    assert (found.trouble, found.answer) == (trouble, answer)


@pytest.mark.parametrize(
    ("domains", "trouble", "address"),
    [
        (("scripts.test",), None, "http://wpad.scripts.test:{port}/wpad.dat"),
        (("elsewhere.test", "scripts.test"), None, "http://wpad.scripts.test:{port}/wpad.dat"),
        (("elsewhere.test",), ScriptTrouble.NONE_NAMED, ""),
        ((), ScriptTrouble.NONE_NAMED, ""),
    ],
)
def test_the_network_may_name_a_script(
    monkeypatch: pytest.MonkeyPatch,
    port: int,
    domains: tuple[str, ...],
    trouble: ScriptTrouble | None,
    address: str,
) -> None:
    """By its name server (WPAD); the lab has it on port 80, where it belongs."""
    places = tuple(f"http://wpad.{each}:{port}/wpad.dat" for each in domains)
    monkeypatch.setattr(proxy_scripts, "wpad_addresses", lambda: places)
    Pages.asked = []
    asked = ProxyScripts(LabNetwork(names={"wpad.scripts.test": ("127.0.0.1",)}))
    found, _listed = ask_address(asked, "")
    assert (found.trouble, found.address) == (trouble, address.format(port=port))


@pytest.mark.parametrize(
    "odd",
    [
        "nameserver foo",
        "nameserver",
        "search",
        "search \udcff.example.com",
        "search a..b",
        "search evil.example/@host",
        "domain " + "a" * 400,
        "options ndots:x timeout:",
        "sortlist 1.2.3.4/99",
        "\0\0",
    ],
)
def test_an_odd_line_of_resolv_conf_takes_no_domain_away(odd: str, tmp_path: Path) -> None:
    path = tmp_path / "resolv.conf"
    good = "search Desks.example.com a..b example.org\nnameserver 192.0.2.53\n"
    odd_bytes = odd.encode("utf-8", "surrogateescape") + b"\n"
    for content in (odd_bytes + good.encode(), good.encode() + odd_bytes):
        path.write_bytes(content)
        assert proxy_scripts.search_domains(path) == ("Desks.example.com", "example.org")
    assert proxy_scripts.search_domains(tmp_path / "none") == ()


class ByScript(LabNetwork):
    """Settings that name a script."""

    address: str = ""

    def proxy_for(self, url: str) -> ProxyList:  # noqa: ARG002 - one script for everything
        raise ScriptDecides(self.address)


def test_the_proxy_of_a_script_is_the_system_s_proxy(port: int) -> None:
    Pages.asked = []
    network = ByScript(names={"scripts.test": ("127.0.0.1",)})
    network.address = f"http://scripts.test:{port}/good"

    async def both() -> tuple[ProxyList, ProxyList]:
        async with asyncio.TaskGroup() as group:
            one = group.create_task(network.find_proxies(URL, timeout_s=5))
            other = group.create_task(network.find_proxies(URL, timeout_s=5))
        return one.result(), other.result()

    one, other = asyncio.run(both())
    assert one == other
    assert str(one) == "http://proxy.example.com:8080"
    assert one.script is not None
    assert one.script.answer == "PROXY proxy.example.com:8080"
    assert Pages.asked == ["/good"]


def test_a_script_that_does_not_work_is_the_direct_way() -> None:
    network = ByScript()
    network.address = "file:///no/such/file"
    assert str(asyncio.run(network.find_proxies(URL, timeout_s=5))) == ""
