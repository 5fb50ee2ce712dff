"""What goes into a proxy script and what comes out, as tables; where a network may name one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natwizard.model.address import parse_host_port
from natwizard.probes.network import ProxyList
from natwizard.system.proxy.proxy_scripts import (
    addresses_in,
    handed_over,
    read_answer,
    without_user,
)


@pytest.mark.parametrize(
    ("answer", "listed", "followed"),
    [
        ("", "", True),
        ("DIRECT", "", True),
        ("direct ;", "", True),
        ("PROXY a.example.com:8080", "http://a.example.com:8080", True),
        ("proxy a:8080; DIRECT", "http://a:8080; direct", True),
        ("  PROXY   a:8080 ; ;DIRECT", "http://a:8080; direct", True),
        ("HTTP a:8080", "", False),  # Firefox has it, Chromium goes directly
        ("FOO b:1; PROXY a:8080", "http://a:8080", True),
        ("PROXY a", "http://a:80", True),
        ("PROXY [2001:db8::1]:3128", "http://[2001:db8::1]:3128", True),
        ("DIRECT; PROXY a:8080", "direct; http://a:8080", True),
        ("SOCKS5 s:1080; PROXY a:8080", "socks5://s:1080; http://a:8080", True),
        ("HTTPS b; SOCKS c; PROXY a:8080", "https://b:443; socks4://c:1080; http://a:8080", True),
        ("SOCKS s:1080", "socks4://s:1080", False),
        ("HTTPS b:443; DIRECT", "https://b:443; direct", False),
        ("QUIC q:443; PROXY a:1", "quic://q:443; http://a:1", True),
        ("PROXY a b; PROXY c:1", "http://c:1", True),
        ("PROXY a:0; PROXY c:1", "http://c:1", True),
        ("PROXY a:99999; DIRECT", "", True),
        ("PROXY http://a:8080", "", False),
        ("PROXY me@a:8080", "", False),
        ("PROXY a:8080/", "", False),
        ("http://proxy.example.com:8080", "", False),
        ("PROXY", "", False),
        ("<html>", "", False),
        ("PROXY a\x00:80", "", False),
    ],
)
def test_an_answer_is_read_as_chromium_does(answer: str, listed: str, *, followed: bool) -> None:
    choice = read_answer(answer)
    assert str(ProxyList(entries=choice.entries)) == listed
    assert (choice.followed and choice.understood) is followed


@given(st.text(max_size=200))
def test_any_text_is_an_answer_of_some_kind(answer: str) -> None:
    for entry in read_answer(answer).entries:
        assert entry.server is None or parse_host_port(str(entry.server)) == entry.server


@pytest.mark.parametrize(
    ("url", "given_url", "host"),
    [
        ("https://www.example.com:443/a?b=c#d", "https://www.example.com/", "www.example.com"),
        ("https://phone.example.com:10062/x", "https://phone.example.com:10062/",
         "phone.example.com"),
        ("wss://phone.example.com:10062/x?y", "wss://phone.example.com:10062/",
         "phone.example.com"),
        ("ws://www.example.com:80/x?y", "ws://www.example.com/x?y", "www.example.com"),
        ("http://www.example.com:80/a?b=c#d", "http://www.example.com/a?b=c", "www.example.com"),
        ("http://www.example.com", "http://www.example.com/", "www.example.com"),
        ("https://me:secret@WWW.example.com/", "https://www.example.com/", "www.example.com"),
        ("https://[2001:db8::1]:443/", "https://[2001:db8::1]/", "2001:db8::1"),
    ],
)  # fmt: skip
def test_a_script_is_told_nothing_private(url: str, given_url: str, host: str) -> None:
    assert handed_over(url) == (given_url, host)


def test_a_password_in_an_address_is_not_shown() -> None:
    assert without_user("http://me:secret@example.com/p.pac") == "http://example.com/p.pac"
    assert without_user("http://example.com/p@c") == "http://example.com/p@c"


@pytest.mark.parametrize(
    ("domains", "addresses"),
    [
        ((), ()),
        (("office.example.com",), ("http://wpad.office.example.com/wpad.dat",)),
        (("example.com.", "EXAMPLE.com"), ("http://wpad.example.com/wpad.dat",)),
        (("com", "lan", "", "."), ()),  # wpad.com is no organisation's own
        (("a.test.example", "b.test.example", "c.test.example", "d.test.example"),
         tuple(f"http://wpad.{each}.test.example/wpad.dat" for each in "abc")),
    ],
)  # fmt: skip
def test_wpad_stays_within_the_domains_of_the_network(
    domains: tuple[str, ...], addresses: tuple[str, ...]
) -> None:
    assert addresses_in(domains) == addresses
