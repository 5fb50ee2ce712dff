"""The resolver of the demo, asked by dnspython over real sockets."""

import socket
import time

import dns.edns
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import pytest
from hypothesis import given
from hypothesis import strategies as st

from natwizard.model.address import HostPort
from natwizard.reflector.background import BackgroundReflector
from natwizard.reflector.dns import LARGE_NAME, LARGE_TYPE, ZONE_NAME, own_zone

TIMEOUT_S = 5.0
RESPONDER = own_zone(("127.0.0.1", "::1"))


@pytest.fixture
def resolver(reflector: BackgroundReflector) -> HostPort:
    return reflector.places.dns[0]


def ask(resolver: HostPort, query: dns.message.Message) -> dns.message.Message:
    return dns.query.udp(query, resolver.host, TIMEOUT_S, resolver.port)


@pytest.mark.parametrize(
    ("name", "kind", "rcode", "answers"),
    [
        (ZONE_NAME, "A", dns.rcode.NOERROR, 1),
        (ZONE_NAME, "TXT", dns.rcode.NOERROR, 1),
        (ZONE_NAME, "SOA", dns.rcode.NOERROR, 1),
        (ZONE_NAME.upper(), "A", dns.rcode.NOERROR, 1),
        (ZONE_NAME, "MX", dns.rcode.NOERROR, 0),
        ("nobody." + ZONE_NAME, "A", dns.rcode.NXDOMAIN, 0),
        ("example.com.", "A", dns.rcode.REFUSED, 0),
        (".", "DNSKEY", dns.rcode.REFUSED, 0),
    ],
)
def test_the_zone_is_answered_over_udp_and_tcp(
    reflector: BackgroundReflector, name: str, kind: str, rcode: dns.rcode.Rcode, answers: int
) -> None:
    for place in (*reflector.places.dns, *reflector.places.dns_control):
        for transport in (dns.query.udp, dns.query.tcp):
            query = dns.message.make_query(name, kind)
            answer = transport(query, place.host, TIMEOUT_S, place.port)
            assert answer.rcode() == rcode
            assert len(answer.answer) == answers
            assert answer.edns == -1


def test_edns_comes_back_with_the_do_bit_as_asked(resolver: HostPort) -> None:
    for wanted in (True, False):
        query = dns.message.make_query(ZONE_NAME, "A", use_edns=0, want_dnssec=wanted)
        answer = ask(resolver, query)
        assert answer.edns == 0
        assert bool(answer.ednsflags & dns.flags.DO) is wanted


def test_a_later_version_of_edns_is_answered_with_badvers(resolver: HostPort) -> None:
    answer = ask(resolver, dns.message.make_query(ZONE_NAME, "A", use_edns=1))
    assert answer.rcode() == dns.rcode.BADVERS
    assert answer.edns == 0


def test_an_option_nobody_knows_is_ignored(resolver: HostPort) -> None:
    option = dns.edns.GenericOption(65001, b"hello")
    answer = ask(resolver, dns.message.make_query(ZONE_NAME, "A", use_edns=0, options=[option]))
    assert answer.rcode() == dns.rcode.NOERROR
    assert answer.options == ()


@pytest.mark.parametrize(
    ("edns", "payload", "truncated"),
    [(-1, 0, True), (0, 512, True), (0, 100, True), (0, 1232, False), (0, 4096, False)],
)
def test_a_large_answer_is_truncated_to_what_the_asker_can_take(
    resolver: HostPort, edns: int, payload: int, truncated: bool
) -> None:
    query = dns.message.make_query(LARGE_NAME, LARGE_TYPE, use_edns=edns, payload=payload)
    answer = ask(resolver, query)
    assert bool(answer.flags & dns.flags.TC) is truncated
    whole = dns.query.tcp(query, resolver.host, TIMEOUT_S, resolver.port)
    assert not whole.flags & dns.flags.TC
    assert 512 < len(whole.to_wire()) < 1232


def test_a_connection_takes_several_queries(resolver: HostPort) -> None:
    with socket.create_connection((resolver.host, resolver.port), timeout=TIMEOUT_S) as opened:
        for _number in range(3):
            query = dns.message.make_query(ZONE_NAME, "A")
            dns.query.send_tcp(opened, query)
            answer, _at = dns.query.receive_tcp(opened, time.time() + TIMEOUT_S)
            assert answer.id == query.id


@pytest.mark.parametrize(
    "junk", [b"\xff\xff", b"\x00\x03abc", b"\x00\x00", b"\x04\x01" + b"x" * 1025]
)
def test_a_connection_with_junk_is_hung_up_on(resolver: HostPort, junk: bytes) -> None:
    with socket.create_connection((resolver.host, resolver.port), timeout=TIMEOUT_S) as opened:
        opened.sendall(junk)
        assert opened.recv(100) == b""


@given(st.binary(max_size=80))
def test_junk_is_not_answered_with_a_crash(junk: bytes) -> None:
    query = dns.message.make_query(ZONE_NAME, "A", use_edns=0).to_wire()
    for wire in (junk, query[:12] + junk, query + junk, query[: len(junk)] + junk):
        RESPONDER.answer(wire, over_udp=True)


@pytest.mark.parametrize(
    "make",
    [
        lambda query: query.to_wire()[:2] + b"\x80" + query.to_wire()[3:],
        lambda query: query.to_wire() + b"x" * 2000,
    ],
)
def test_answers_and_oversized_queries_are_dropped(make) -> None:  # noqa: ANN001
    assert RESPONDER.answer(make(dns.message.make_query(ZONE_NAME, "A")), over_udp=True) is None


def test_other_operations_are_not_implemented_here() -> None:
    query = dns.message.make_query(ZONE_NAME, "A")
    query.set_opcode(2)
    answer = RESPONDER.answer(query.to_wire(), over_udp=True)
    assert answer is not None
    assert dns.message.from_wire(answer).rcode() == dns.rcode.NOTIMP


def test_ipv6_addresses_are_in_the_zone_too() -> None:
    wire = RESPONDER.answer(dns.message.make_query(ZONE_NAME, "AAAA").to_wire(), over_udp=True)
    assert wire is not None
    assert dns.message.from_wire(wire).answer[0][0].to_text() == "::1"
