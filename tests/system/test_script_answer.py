"""What goes into a proxy script and what comes out, as tables; where a network may name one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natwizard.model.address import parse_host_port
from natwizard.system.proxy.proxy_scripts import (
    addresses_in,
    handed_over,
    read_answer,
    without_user,
)


@pytest.mark.parametrize(
    ("answer", "proxy", "passed_over", "followed"),
    [
        ("", "", (), True),
        ("DIRECT", "", (), True),
        ("direct ;", "", (), True),
        ("PROXY a.example.com:8080", "http://a.example.com:8080", (), True),
        ("proxy a:8080; DIRECT", "http://a:8080", (), True),
        ("HTTP a:8080", "http://a:8080", (), True),
        ("PROXY a", "http://a:80", (), True),
        ("PROXY [2001:db8::1]:3128", "http://[2001:db8::1]:3128", (), True),
        ("DIRECT; PROXY a:8080", "", (), True),
        ("SOCKS5 s:1080; PROXY a:8080", "http://a:8080", ("SOCKS5",), True),
        ("HTTPS b:443; SOCKS c; PROXY a:8080", "http://a:8080", ("HTTPS", "SOCKS"), True),
        ("SOCKS s:1080", "", ("SOCKS",), False),
        ("HTTPS b:443; DIRECT", "", ("HTTPS",), False),
        ("PROXY a b; PROXY c:1", "http://c:1", (), True),
        ("PROXY a:99999; DIRECT", "", (), True),
        ("http://proxy.example.com:8080", "", (), False),
        ("PROXY", "", (), False),
        ("<html>", "", (), False),
        ("PROXY a\x00:80", "", (), False),
    ],
)
def test_an_answer_is_read_as_browsers_do(
    answer: str, proxy: str, passed_over: tuple[str, ...], *, followed: bool
) -> None:
    choice = read_answer(answer)
    assert (choice.proxy, choice.passed_over, choice.followed) == (proxy, passed_over, followed)


@given(st.text(max_size=200))
def test_any_text_is_an_answer_of_some_kind(answer: str) -> None:
    proxy = read_answer(answer).proxy
    if proxy:
        assert parse_host_port(proxy.removeprefix("http://"))


@pytest.mark.parametrize(
    ("url", "given_url", "host"),
    [
        ("https://www.example.com:443/a?b=c#d", "https://www.example.com/", "www.example.com"),
        ("https://phone.example.com:10062/x", "https://phone.example.com:10062/",
         "phone.example.com"),
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
