"""The SIP mirror: returns what it got, never more than that, and nothing to those who babble."""

import contextlib
import socket
import ssl
from collections.abc import Iterator

import pytest

from natwizard.model.address import HostPort
from natwizard.reflector.background import BackgroundReflector
from natwizard.reflector.limits import MessageLimit
from natwizard.reflector.server import MESSAGE_BURST
from natwizard.reflector.sip import SipMirror
from natwizard.reflector.stats import Tally
from natwizard.wire.sip import (
    Dialogue,
    Transport,
    build_invite,
    build_options,
    message_bytes,
    parse_response,
    via_source,
)
from natwizard.wire.sip_mirror import REQUEST_BYTES, SipReflection, decode_reflection

TIMEOUT_S = 5.0
SHORT_S = 0.3

BUILDERS = {"OPTIONS": build_options, "INVITE": build_invite}
STATUS = {"OPTIONS": 200, "INVITE": 488}


@contextlib.contextmanager
def datagrams(place: HostPort) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.settimeout(TIMEOUT_S)
        opened.connect((place.host, place.port))
        yield opened


def dialogue(opened: socket.socket, place: HostPort, transport: Transport) -> Dialogue:
    return Dialogue(
        server=place,
        local=HostPort(*opened.getsockname()[:2]),
        transport=transport,
        token="0123456789abcdef",
    )


def read_message(opened: socket.socket) -> bytes:
    received = b""
    while (length := message_bytes(received)) is None or length > len(received):
        chunk = opened.recv(4096)
        if not chunk:
            raise EOFError(received)
        received += chunk
    return received[:length]


@pytest.mark.parametrize("method", BUILDERS)
def test_a_datagram_comes_back_exactly_as_it_was(
    reflector: BackgroundReflector, method: str
) -> None:
    place = reflector.places.sip[0]
    with datagrams(place) as opened:
        asking = dialogue(opened, place, Transport.UDP)
        request = BUILDERS[method](asking, size=REQUEST_BYTES)
        opened.send(request)
        answer = opened.recv(4096)
        response = parse_response(answer)
        assert response.status_code == STATUS[method]
        assert decode_reflection(response.body) == SipReflection(
            source=asking.local, request=request
        )
        assert via_source(response.first("via")) == asking.local
        assert len(answer) <= len(request)


def test_every_sip_port_answers_a_plain_options_with_no_more_than_it_got(
    reflector: BackgroundReflector,
) -> None:
    for place in (*reflector.places.sip, reflector.places.sip_tls):
        with datagrams(place) as opened:
            request = build_options(dialogue(opened, place, Transport.UDP))
            opened.send(request)
            answer = opened.recv(4096)
            assert parse_response(answer).status_code == 200
            assert len(answer) <= len(request)


def test_a_stream_answers_one_request_after_the_other(reflector: BackgroundReflector) -> None:
    place = reflector.places.sip[0]
    with socket.create_connection((place.host, place.port), timeout=TIMEOUT_S) as opened:
        asking = dialogue(opened, place, Transport.TCP)
        for method, build in BUILDERS.items():
            request = build(asking)
            opened.sendall(b"\r\n\r\n" + request[:50])
            opened.sendall(request[50:])
            response = parse_response(read_message(opened))
            assert response.status_code == STATUS[method]
            assert decode_reflection(response.body).request == request


def test_options_are_answered_over_tls(reflector: BackgroundReflector) -> None:
    place = reflector.places.sip_tls
    roots = "\n".join(reflector.targets().extra_roots)
    trust = ssl.create_default_context(cadata=roots)
    with (
        socket.create_connection((place.host, place.port), timeout=TIMEOUT_S) as plain,
        trust.wrap_socket(plain, server_hostname=place.host) as opened,
    ):
        opened.sendall(build_options(dialogue(opened, place, Transport.TLS)))
        assert parse_response(read_message(opened)).status_code == 200


OPTIONS = build_options(
    Dialogue(
        server=HostPort("192.0.2.9", 5060),
        local=HostPort("10.0.0.7", 40001),
        transport=Transport.UDP,
        token="0123456789abcdef",
    ),
    size=REQUEST_BYTES,
)


@pytest.mark.parametrize(
    "junk",
    [
        b"OPTIONS",
        b"hello " * 50,
        OPTIONS.replace(b"OPTIONS", b"REGISTER"),
        OPTIONS.replace(b"OPTIONS", b"ACK"),
        OPTIONS.replace(b"Via:", b"Vya:"),
        OPTIONS.replace(b"Content-Length: 0", b"Content-Length: 9"),
        b"SIP/2.0 200 OK" + OPTIONS[OPTIONS.index(b"\r\n") :],
    ],
)
def test_nobody_answers_to_what_is_no_request(reflector: BackgroundReflector, junk: bytes) -> None:
    place = reflector.places.sip[0]
    with datagrams(place) as opened:
        opened.settimeout(SHORT_S)
        opened.send(junk)
        with pytest.raises(TimeoutError):
            opened.recv(4096)
    with socket.create_connection((place.host, place.port), timeout=TIMEOUT_S) as opened:
        opened.sendall(junk)
        opened.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionError):
            assert opened.recv(4096) == b""


def test_an_answer_that_would_be_larger_than_its_request_is_not_given() -> None:
    mirror = SipMirror(MessageLimit(per_s=1000, burst=1000), Tally())
    request = (
        b"OPTIONS sip:a SIP/2.0\r\nv: x;rport\r\nf: x\r\nt: x\r\ni: x\r\nCSeq: 1 OPTIONS\r\n\r\n"
    )
    assert mirror.answer_datagram(request, ("192.0.2.1", 5060)) is None
    incompressible = bytes(range(33, 127)).replace(b":", b"").replace(b"\\", b"")
    stuffed = request.replace(b"i: x", b"i: x\r\nA: " + incompressible * 3)
    answer = mirror.answer_datagram(stuffed, ("192.0.2.1", 5060))
    assert answer is not None
    assert len(answer) <= len(stuffed)


@pytest.mark.parametrize(
    "local", [HostPort("10.0.0.7", 5060), HostPort("2001:db8:aaaa:bbbb::7", 65000)]
)
@pytest.mark.parametrize("seen", ["203.0.113.200", "2001:db8:1234:5678:9abc:def0:1234:5678"])
def test_a_filled_up_request_leaves_room_for_its_reflection(local: HostPort, seen: str) -> None:
    mirror = SipMirror(MessageLimit(per_s=1000, burst=1000), Tally())
    asking = Dialogue(
        server=HostPort("mirror.with-a-rather-long-name.example.com", 5060),
        local=local,
        transport=Transport.UDP,
        token="0123456789abcdef",
    )
    for build in BUILDERS.values():
        request = build(asking, size=REQUEST_BYTES)
        answer = mirror.answer_datagram(request, (seen, 61234))
        assert answer is not None
        assert decode_reflection(parse_response(answer).body).request == request


def test_a_source_that_asks_too_much_is_left_waiting() -> None:
    mirror = SipMirror(MessageLimit(per_s=0.001, burst=2), Tally())
    answers = [mirror.answer_datagram(OPTIONS, ("192.0.2.1", port)) for port in range(1, 5)]
    assert [answer is not None for answer in answers] == [True, True, False, False]
    assert mirror.answer_datagram(OPTIONS, ("192.0.2.2", 1)) is not None
    assert MESSAGE_BURST >= 100


def test_the_counts_tell_what_was_answered_and_what_was_dropped() -> None:
    with BackgroundReflector() as own:
        place = own.places.sip[0]
        with socket.create_connection((place.host, place.port), timeout=TIMEOUT_S) as opened:
            opened.sendall(OPTIONS)
            read_message(opened)
            opened.sendall(OPTIONS.replace(b"OPTIONS", b"PUBLISH"))
            assert opened.recv(1) == b""
        with datagrams(place) as opened:
            opened.send(OPTIONS)
            opened.recv(4096)
        stats = own.stats()
    assert (stats.connections, stats.sip_answered, stats.sip_dropped) == (1, 1, 1)
    assert stats.udp.text_answered == 1
