"""What a mirror sends back, and the differences that it shows."""

import base64
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natwizard.model.address import HostPort
from natwizard.wire.error import WireError
from natwizard.wire.sip import Dialogue, Transport, build_invite
from natwizard.wire.sip_mirror import (
    REQUEST_BYTES,
    ChangedLine,
    SipReflection,
    changed_lines,
    decode_reflection,
    encode_reflection,
)

SOURCE = HostPort("198.51.100.4", 61000)
INVITE = build_invite(
    Dialogue(
        server=HostPort("192.0.2.9", 5060),
        local=HostPort("10.0.0.7", 40000),
        transport=Transport.UDP,
        token="0123456789abcdef",
    ),
    size=REQUEST_BYTES,
)


def rewritten(*pairs: tuple[bytes, bytes]) -> bytes:
    message = INVITE
    for old, new in pairs:
        assert old in message
        message = message.replace(old, new, 1)
    return message


@given(st.binary(max_size=4096))
def test_any_request_survives_the_way_back(request: bytes) -> None:
    reflection = SipReflection(source=SOURCE, request=request)
    assert decode_reflection(encode_reflection(reflection)) == reflection


def test_an_ipv6_source_survives_the_way_back() -> None:
    reflection = SipReflection(source=HostPort("2001:db8::1", 5060), request=INVITE)
    assert decode_reflection(encode_reflection(reflection)).source == reflection.source


def test_no_line_of_the_request_can_be_read_on_the_way_back() -> None:
    body = encode_reflection(SipReflection(source=SOURCE, request=INVITE))
    assert b"10.0.0.7" not in body
    assert len(body) < REQUEST_BYTES * 2 / 3


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"hello",
        b"\xff\xfe",
        base64.b64encode(b"not compressed"),
        base64.b64encode(zlib.compress(b"no source")),
        base64.b64encode(zlib.compress(b"no port\r\nx")),
        base64.b64encode(zlib.compress(b"\xff:1\r\nx")),
        base64.b64encode(zlib.compress(b"a" * 200 + b":1\r\nx")),
        base64.b64encode(zlib.compress(b"192.0.2.1:5\r\n" + b"x" * 10_000_000)),
        base64.b64encode(zlib.compress(INVITE)[:-5]),
        encode_reflection(SipReflection(source=SOURCE, request=INVITE)) + b"=x",
    ],
)
def test_what_is_no_reflection_is_refused(body: bytes) -> None:
    with pytest.raises(WireError):
        decode_reflection(body)


@given(st.binary(max_size=100))
def test_junk_is_refused(junk: bytes) -> None:
    for body in (junk, base64.b64encode(junk), base64.b64encode(zlib.compress(junk))):
        try:
            decode_reflection(body)
        except WireError as error:
            str(error).encode()


def test_a_request_that_arrives_as_sent_has_no_changed_line() -> None:
    assert changed_lines(INVITE, INVITE) == ()


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        (
            rewritten((b"UDP 10.0.0.7:40000", b"UDP 198.51.100.4:61000")),
            [
                (
                    "Via",
                    "SIP/2.0/UDP 10.0.0.7:40000;rport;branch=z9hG4bK0123456789abcdefinvite",
                    "SIP/2.0/UDP 198.51.100.4:61000;rport;branch=z9hG4bK0123456789abcdefinvite",
                )
            ],
        ),
        (
            rewritten(
                (b"natwizard@10.0.0.7:40000", b"natwizard@198.51.100.4:61000"),
                (b"c=IN IP4 10.0.0.7", b"c=IN IP4 198.51.100.4"),
                (b"o=natwizard 1 1 IN IP4 10.0.0.7", b"o=natwizard 1 1 IN IP4 198.51.100.4"),
                (b"m=audio 40002", b"m=audio 7078"),
                (b"Content-Length: 152", b"Content-Length: 159"),
            ),
            [
                (
                    "Contact",
                    "<sip:natwizard@10.0.0.7:40000;transport=udp>",
                    "<sip:natwizard@198.51.100.4:61000;transport=udp>",
                ),
                ("Content-Length", "152", "159"),
                ("o=", "o=natwizard 1 1 IN IP4 10.0.0.7", "o=natwizard 1 1 IN IP4 198.51.100.4"),
                ("c=", "c=IN IP4 10.0.0.7", "c=IN IP4 198.51.100.4"),
                ("m=", "m=audio 40002 RTP/AVP 0 8", "m=audio 7078 RTP/AVP 0 8"),
            ],
        ),
        (
            rewritten((b"Via: ", b"Via: SIP/2.0/UDP 192.0.2.77;branch=z9hG4bKa\r\nVia: ")),
            [("Via", "", "SIP/2.0/UDP 192.0.2.77;branch=z9hG4bKa")],
        ),
        (rewritten((b"User-Agent: natwizard\r\n", b"")), [("User-Agent", "natwizard", "")]),
        (rewritten((b"Max-Forwards: 70", b"Max-Forwards: 69")), [("Max-Forwards", "70", "69")]),
        (
            rewritten((b"INVITE sip:mirror@192.0.2.9:5060", b"INVITE sip:mirror@192.0.2.8")),
            [
                (
                    "Request line",
                    "INVITE sip:mirror@192.0.2.9:5060",
                    "INVITE sip:mirror@192.0.2.8",
                )
            ],
        ),
        (
            rewritten((b"Max-Forwards: 70", b"Max-Forwards:  70")),
            [("Spacing", "1150 bytes", "1151 bytes")],
        ),
        (
            rewritten((b"Contact: ", b"m: ")),
            [("Spacing", "1150 bytes", "1144 bytes")],
        ),
    ],
)
def test_every_change_is_named_with_both_sides(
    received: bytes, expected: list[tuple[str, str, str]]
) -> None:
    assert changed_lines(INVITE, received) == tuple(
        ChangedLine(name=name, sent=sent, received=text) for name, sent, text in expected
    )


def test_lines_that_come_twice_are_paired_one_to_one() -> None:
    first, second = "a=rtpmap:0 PCMU/8000", "a=rtpmap:8 PCMA/8000"
    received = rewritten((second.encode(), first.encode()))
    assert changed_lines(INVITE, received) == (ChangedLine(name="a=", sent=second, received=first),)


def test_changed_lines_hold_nothing_that_a_terminal_would_obey() -> None:
    received = rewritten((b"User-Agent: natwizard", b"User-Agent: \x1b[31m\xff" + b"x" * 900))
    (line,) = changed_lines(INVITE, received)
    assert line.received.isprintable()
    assert len(line.received) <= 300
    line.received.encode()


@given(st.integers(0, len(INVITE) - 1), st.binary(min_size=1, max_size=2))
def test_no_change_goes_unseen(place: int, damage: bytes) -> None:
    received = INVITE[:place] + damage + INVITE[place + 1 :]
    try:
        lines = changed_lines(INVITE, received)
    except WireError:
        return
    assert bool(lines) == (received != INVITE)


def test_lines_that_come_twice_on_both_sides_are_no_change() -> None:
    twice = rewritten((b"Max-Forwards: 70", b"X-A: 1\r\nX-A: 1\r\nMax-Forwards: 70"))
    received = twice.replace(b"Max-Forwards: 70", b"Max-Forwards: 69")
    changed = (ChangedLine(name="Max-Forwards", sent="70", received="69"),)
    assert changed_lines(twice, received) == changed
    once = twice.replace(b"X-A: 1\r\n", b"", 1)
    missing = (ChangedLine(name="X-A", sent="1", received=""),)
    assert changed_lines(twice, once) == missing
