"""Targets as people write them."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natwizard.model.address import (
    HostPort,
    behind_translation,
    canonical_host,
    host_port_of_url,
    parse_host_port,
    parse_ports,
    possible_ipv4,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("phone.example.com:10062", HostPort("phone.example.com", 10062)),
        ("phone.example.com", HostPort("phone.example.com", 443)),
        ("192.0.2.7:80", HostPort("192.0.2.7", 80)),
        ("[2001:db8::7]:80", HostPort("2001:db8::7", 80)),
        ("[2001:db8::7]", HostPort("2001:db8::7", 443)),
        ("_sip._tcp.example.com:1", HostPort("_sip._tcp.example.com", 1)),
    ],
)
def test_a_target_is_read_as_written(text: str, expected: HostPort) -> None:
    assert parse_host_port(text, default_port=443) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "two words",
        "host:0",
        "host:65536",
        "host:",
        "2001:db8::7:80",
        "[no]:1",
        "a" * 300,
        "-x:1",
    ],
)
def test_what_is_no_target_is_refused_with_what_was_expected(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected|[Aa]ddress|permitted|At least"):
        parse_host_port(text, default_port=443)


def test_a_port_must_be_there_where_none_is_implied() -> None:
    with pytest.raises(ValueError, match="without a port"):
        parse_host_port("phone.example.com")


@given(st.text(max_size=60))
def test_any_text_is_a_target_or_a_value_error(text: str) -> None:
    try:
        target = parse_host_port(text, default_port=1)
    except ValueError:
        return
    assert parse_host_port(str(target)) == target


def test_ports_are_single_or_ranges_with_both_ends() -> None:
    assert parse_ports(("5000-5002", "64000")) == (range(5000, 5003), range(64000, 64001))


@pytest.mark.parametrize("text", ["", "5002-5000", "0-7", "x", "1-", "1-2-3", "70000"])
def test_ports_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        parse_ports((text,))


@pytest.mark.parametrize(
    ("pasted", "host"),
    [
        ("https://webphone.example.com/", "webphone.example.com"),
        ("https://webphone.example.com:10062/calls?x=1#top", "webphone.example.com:10062"),
        ("WSS://webphone.example.com", "webphone.example.com"),
        ("https://[2001:db8::1]:443/", "[2001:db8::1]:443"),
        ("https://somebody@webphone.example.com/", "webphone.example.com"),
        ("  webphone.example.com ", "webphone.example.com"),
        ("ftp://files.example.com/", "ftp://files.example.com/"),
        ("webphone.example.com:10062", "webphone.example.com:10062"),
        ("phone.example.com/agent", "phone.example.com"),
        ("<https://phone.example.com>", "phone.example.com"),
        ("stun:stun.example.com:3478", "stun.example.com:3478"),
        ("turn:turn.example.com?transport=udp", "turn.example.com"),
        ("sip:kim@sip.example.com;transport=tls", "sip.example.com"),
        ("stun:3478", "stun:3478"),  # a host of that name
        ("kim@sip.example.com", "kim@sip.example.com"),  # no address of a server
    ],
)
def test_a_pasted_web_address_is_taken_by_its_host(pasted: str, host: str) -> None:
    assert host_port_of_url(pasted) == host


@pytest.mark.parametrize(
    ("text", "one"),
    [
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("::FFFF:c000:207", "192.0.2.7"),
        ("192.0.2.7", "192.0.2.7"),
        ("2001:DB8:0:0::7", "2001:db8::7"),
        ("fe80::1%eth0", "fe80::1%eth0"),
        ("webphone.example.com", "webphone.example.com"),
        ("64:ff9b::192.0.2.7", "64:ff9b::c000:207"),  # who has IPv6 alone connects to this
    ],
)
def test_an_address_has_one_spelling(text: str, one: str) -> None:
    assert canonical_host(text) == one


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("64:ff9b::192.0.2.7", "192.0.2.7"),
        ("2002:c000:207::1", "192.0.2.7"),
        ("2001:db8::7", "2001:db8::7"),
        ("192.0.2.7", "192.0.2.7"),
    ],
)
def test_a_translated_address_stands_for_its_ipv4_address(text: str, meant: str) -> None:
    assert str(behind_translation(ip_address(text))) == meant


@pytest.mark.parametrize(
    "text",
    # the table of RFC 6052, 2.4
    [
        "2001:db8:c000:221::",
        "2001:db8:1c0:2:21::",
        "2001:db8:122:c000:2:2100::",
        "2001:db8:122:3c0:0:221::",
        "2001:db8:122:344:c0:2:2100::",
        "2001:db8:122:344::192.0.2.33",
    ],
)
def test_every_prefix_length_of_rfc_6052_is_known(text: str) -> None:
    assert IPv4Address("192.0.2.33") in tuple(possible_ipv4(IPv6Address(text)))
