"""SIP messages: what we send is what RFC 3261 asks for, and nothing hostile is taken in."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natwizard.model.address import HostPort
from natwizard.wire.error import WireError
from natwizard.wire.sip import (
    LINE_LIMIT_BYTES,
    MESSAGE_LIMIT_BYTES,
    Dialogue,
    Transport,
    build_invite,
    build_options,
    build_response,
    message_bytes,
    parse_request,
    parse_response,
    via_source,
)

PHONE = Dialogue(
    server=HostPort("192.0.2.9", 5060),
    local=HostPort("10.0.0.7", 40001),
    transport=Transport.UDP,
    token="0123456789abcdef",
)
PHONE_IPV6 = Dialogue(
    server=HostPort("2001:db8::9", 5060),
    local=HostPort("2001:db8::7", 40001),
    transport=Transport.TCP,
    token="0123456789abcdef",
)

OPTIONS = (
    b"OPTIONS sip:mirror@192.0.2.9:5060 SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 10.0.0.7:40001;rport;branch=z9hG4bK0123456789abcdefoptions\r\n"
    b"Max-Forwards: 70\r\n"
    b"From: <sip:natwizard@192.0.2.9:5060>;tag=0123456789abcdef\r\n"
    b"To: <sip:mirror@192.0.2.9:5060>\r\n"
    b"Call-ID: 0123456789abcdefoptions\r\n"
    b"CSeq: 1 OPTIONS\r\n"
    b"Contact: <sip:natwizard@10.0.0.7:40001;transport=udp>\r\n"
    b"User-Agent: natwizard\r\n"
    b"Accept: application/sdp\r\n"
    b"Content-Length: 0\r\n"
    b"\r\n"
)


def changed(old: bytes, new: bytes) -> bytes:
    assert old in OPTIONS
    return OPTIONS.replace(old, new)


def test_an_options_request_is_byte_for_byte_what_the_standard_asks_for() -> None:
    assert build_options(PHONE) == OPTIONS


def test_an_invite_offers_one_voice_stream_at_the_phones_own_address() -> None:
    request = parse_request(build_invite(PHONE))
    assert request.method == "INVITE"
    assert request.first("content-type") == "application/sdp"
    assert request.body.splitlines() == [
        b"v=0",
        b"o=natwizard 1 1 IN IP4 10.0.0.7",
        b"s=-",
        b"c=IN IP4 10.0.0.7",
        b"t=0 0",
        b"m=audio 40002 RTP/AVP 0 8",
        b"a=rtpmap:0 PCMU/8000",
        b"a=rtpmap:8 PCMA/8000",
        b"a=sendrecv",
    ]
    assert int(request.first("content-length")) == len(request.body)


@pytest.mark.parametrize("build", [build_options, build_invite])
@pytest.mark.parametrize("phone", [PHONE, PHONE_IPV6])
def test_a_request_is_filled_up_to_the_size_asked_for(
    build: Callable[..., bytes], phone: Dialogue
) -> None:
    padded = build(phone, size=1150)
    assert len(padded) == 1150
    assert parse_request(padded).first("natwizard-padding").startswith(phone.token)
    assert parse_request(padded).body == parse_request(build(phone)).body


def test_a_response_carries_what_ties_it_to_its_request() -> None:
    request = parse_request(OPTIONS)
    answer = build_response(
        request, "200 OK", source=HostPort("198.51.100.4", 61000), to_tag="ab12", body=b"hello"
    )
    response = parse_response(answer)
    assert (response.status_code, response.reason) == (200, "OK")
    assert response.first("via").startswith("SIP/2.0/UDP 10.0.0.7:40001;rport=61000;branch=")
    assert via_source(response.first("via")) == HostPort("198.51.100.4", 61000)
    assert response.first("to") == "<sip:mirror@192.0.2.9:5060>;tag=ab12"
    for name in ("from", "call-id", "cseq"):
        assert response.first(name) == request.first(name)
    assert response.body == b"hello"


def test_compact_and_folded_headers_are_the_headers_they_stand_for() -> None:
    message = changed(b"Via: SIP/2.0/UDP 10.0.0.7:40001;rport;", b"v : SIP/2.0/UDP h\r\n ;rport;")
    assert parse_request(message).first("via") == (
        "SIP/2.0/UDP h ;rport;branch=z9hG4bK0123456789abcdefoptions"
    )


@pytest.mark.parametrize(
    ("via", "source"),
    [
        ("SIP/2.0/UDP a:1;received=192.0.2.1;rport=7", HostPort("192.0.2.1", 7)),
        ("SIP/2.0/UDP a:1; Received = 192.0.2.1 ; RPORT=7", HostPort("192.0.2.1", 7)),
        ("SIP/2.0/UDP a:1;received=[2001:db8::1];rport=7", HostPort("2001:db8::1", 7)),
        ("SIP/2.0/UDP a:1;rport=7", None),
        ("SIP/2.0/UDP a:1;received=192.0.2.1;rport", None),
        ("SIP/2.0/UDP a:1;received=192.0.2.1;rport=x", None),
        ("SIP/2.0/UDP a:1;received=192.0.2.1;rport=0", None),
        ("SIP/2.0/UDP a:1;received=192.0.2.1;rport=65535", HostPort("192.0.2.1", 65535)),
        ("SIP/2.0/UDP a:1;received=192.0.2.1;rport=65536", None),
        ("SIP/2.0/UDP a:1,SIP/2.0/UDP b;received=192.0.2.1;rport=7", None),
        ("", None),
    ],
)
def test_the_source_in_a_via_is_read_where_it_is_whole(via: str, source: HostPort | None) -> None:
    assert via_source(via) == source


@pytest.mark.parametrize(
    ("message", "complaint"),
    [
        (b"", "blank line"),
        (b"OPTIONS sip:a SIP/2.0\r\n", "blank line"),
        (changed(b"SIP/2.0\r\nVia", b"SIP/3.0\r\nVia"), "request line"),
        (changed(b"OPTIONS sip:", b"GET /"), "request line"),
        (changed(b"OPTIONS sip:mirror", b"options sip:mirror"), "request line"),
        (changed(b"Call-ID: 0123456789abcdefoptions\r\n", b""), "without call-id"),
        (changed(b"CSeq: 1 OPTIONS", b"CSeq: 1 INVITE"), "CSeq"),
        (changed(b"CSeq: 1 OPTIONS", b"CSeq: x OPTIONS"), "CSeq"),
        (changed(b"CSeq: 1 OPTIONS", "CSeq: \u0661 OPTIONS".encode()), "CSeq"),
        (changed(b"Content-Length: 0", b"Content-Length: 1"), "Content-Length says 1"),
        (changed(b"Content-Length: 0", b"Content-Length: -1"), "digits"),
        (changed(b"Content-Length: 0", b"Content-Length: 0\r\nl: 1"), "two different"),
        (changed(b"Max-Forwards: 70", b"Max-Forwards 70"), "header"),
        (changed(b"Max-Forwards", b"Max Forwards"), "header"),
        (changed(b"Max-Forwards: 70", b"A: " + b"x" * LINE_LIMIT_BYTES), "line of"),
        (changed(b"Max-Forwards: 70", b"\r\n".join([b"A: x"] * 60)), "more than 64"),
        (changed(b"Max-Forwards: 70", b"A: x\ny"), "control"),
        (changed(b"Max-Forwards: 70", b"A: x\0y"), "control"),
        (changed(b"Max-Forwards: 70", b"A: x\r\n y\nB: z"), "control"),
        (changed(b"Max-Forwards: 70", b"A: x\r\n\ty\0"), "control"),
        (OPTIONS + b"x" * MESSAGE_LIMIT_BYTES, "within 4096"),
    ],
)
def test_what_is_no_request_is_refused_with_the_reason(message: bytes, complaint: str) -> None:
    with pytest.raises(WireError, match=complaint):
        parse_request(message)


@pytest.mark.parametrize("line", [b"SIP/2.0 99 x", b"SIP/2.0 700 x", b"HTTP/1.1 200 OK", b""])
def test_what_is_no_response_is_refused(line: bytes) -> None:
    with pytest.raises(WireError, match="status line"):
        parse_response(line + b"\r\nCSeq: 1 OPTIONS\r\n\r\n")


@pytest.mark.parametrize(
    ("received", "length"),
    [
        (b"", None),
        (OPTIONS[:-1], None),
        (OPTIONS, len(OPTIONS)),
        (OPTIONS + OPTIONS, len(OPTIONS)),
        (changed(b"Content-Length: 0", b"l: 9"), len(OPTIONS) - 13),
    ],
)
def test_a_stream_is_cut_where_its_message_ends(received: bytes, length: int | None) -> None:
    expected = None if length is None else length + (9 if b"l: 9" in received else 0)
    assert message_bytes(received) == expected


@pytest.mark.parametrize(
    ("received", "complaint"),
    [
        (b"x" * (MESSAGE_LIMIT_BYTES + 1), "headers within"),
        (changed(b"Content-Length: 0\r\n", b""), "one Content-Length"),
        (changed(b"Content-Length: 0", b"Content-Length: 99999"), "message within"),
    ],
)
def test_a_stream_without_end_is_refused(received: bytes, complaint: str) -> None:
    with pytest.raises(WireError, match=complaint):
        message_bytes(received)


@given(st.binary(max_size=300))
def test_junk_is_refused_and_nothing_else(junk: bytes) -> None:
    for message in (junk, b"SIP/2.0 200 OK\r\n" + junk, OPTIONS[:42] + junk, OPTIONS[:-2] + junk):
        for read in (parse_request, parse_response, message_bytes):
            try:
                read(message)
            except WireError as error:
                str(error).encode()


@given(st.integers(0, len(OPTIONS) - 1), st.binary(min_size=1, max_size=3))
def test_a_damaged_request_is_read_or_refused_and_answered_well_formed(
    place: int, damage: bytes
) -> None:
    try:
        request = parse_request(OPTIONS[:place] + damage + OPTIONS[place + 1 :])
    except WireError:
        return
    answer = build_response(request, "200 OK", source=HostPort("192.0.2.1", 5), to_tag="a")
    assert parse_response(answer).status_code == 200


def test_the_largest_sequence_number_is_one() -> None:
    assert parse_request(changed(b"CSeq: 1 OPTIONS", b"CSeq: 2147483647 OPTIONS"))


@pytest.mark.parametrize("build", [build_options, build_invite])
@pytest.mark.parametrize("size", [0, 500, 1150, 2000, 4000])
def test_no_padding_makes_a_line_that_a_mirror_refuses(
    build: Callable[..., bytes], size: int
) -> None:
    request = build(PHONE, size=size)
    assert max(map(len, request.split(b"\r\n"))) <= LINE_LIMIT_BYTES
    assert parse_request(request).method in {"OPTIONS", "INVITE"}


@pytest.mark.parametrize("build", [build_options, build_invite])
def test_padding_begins_where_one_letter_of_it_has_room(build: Callable[..., bytes]) -> None:
    bare = build(PHONE)
    head = len(f"Natwizard-Padding: {PHONE.token} \r\n")
    for more in (0, 1, head, head + 1, head + 2, head + 900):
        padded = build(PHONE, size=len(bare) + more)
        assert len(padded) == len(bare) + (more if more > head else 0)
    assert len(build(PHONE, size=len(bare) + head + 901)) == len(bare) + head + 900


def test_padding_is_the_last_header_but_the_length() -> None:
    lines = build_options(PHONE, size=1150).split(b"\r\n")
    names = [line.partition(b":")[0] for line in lines[-5:]]
    assert names == [b"Accept", b"Natwizard-Padding", b"Content-Length", b"", b""]


def test_a_response_goes_back_through_every_via() -> None:
    request = parse_request(changed(b"Max-Forwards", b"Via: b;branch=2\r\nv: c\r\nMax-Forwards"))
    answer = build_response(request, "200 OK", source=HostPort("192.0.2.1", 7), to_tag="a")
    vias = [each.value for each in parse_response(answer).headers if each.name == "via"]
    top = "SIP/2.0/UDP 10.0.0.7:40001;rport=7;branch=z9hG4bK0123456789abcdefoptions"
    assert vias == [
        f"{top};received=192.0.2.1",
        "b;branch=2",
        "c",
    ]


@pytest.mark.parametrize("port", [1, 65535])
def test_the_first_and_the_last_port_are_ports(port: int) -> None:
    found = via_source(f"SIP/2.0/UDP a:1;received=192.0.2.1;rport={port}")
    assert found == HostPort("192.0.2.1", port)


def test_a_stream_that_begins_with_an_empty_message_is_refused() -> None:
    """Not waited for: nothing that comes later makes it one."""
    with pytest.raises(WireError, match="one Content-Length"):
        message_bytes(b"\r\n\r\n")


def test_the_first_line_does_not_go_on_in_the_next() -> None:
    with pytest.raises(WireError, match="expected a SIP header"):
        parse_request(changed(b"SIP/2.0\r\nVia", b"SIP/2.0\r\n x: y\r\nVia"))
