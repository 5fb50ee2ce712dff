"""What is allowed to the last byte, and not one more."""

import base64
import binascii
import zlib
from collections.abc import Callable

import pytest

from natwizard.model.address import HostPort
from natwizard.wire import sip, sip_mirror, stamp, stun
from natwizard.wire.error import WireError

TRANSACTION = bytes(range(12))
OPTIONS = sip.build_options(
    sip.Dialogue(
        server=HostPort("192.0.2.9", 5060),
        local=HostPort("10.0.0.7", 40001),
        transport=sip.Transport.UDP,
        token="a1b2",
    )
)


def stun_message(kind: int, body: bytes) -> bytes:
    return kind.to_bytes(2) + len(body).to_bytes(2) + stun.COOKIE + TRANSACTION + body


def attribute(kind: int, value: bytes) -> bytes:
    return kind.to_bytes(2) + len(value).to_bytes(2) + value + bytes(-len(value) % 4)


@pytest.mark.parametrize(("size", "read"), [(20, True), (1500, True), (1504, False)])
def test_a_stun_message_fills_a_packet_and_no_more(size: int, read: bool) -> None:
    filling = attribute(0x8022, bytes(size - 24)) if size > 20 else b""
    message = stun_message(stun.REQUEST, filling)
    assert len(message) == size
    if read:
        assert stun.decode(message) == stun.BindingRequest(transaction_id=TRANSACTION)
    else:
        with pytest.raises(WireError):
            stun.decode(message)


@pytest.mark.parametrize(
    ("code", "read"), [(299, False), (300, True), (420, True), (699, True), (700, False)]
)
def test_an_error_code_is_from_300_to_699(code: int, read: bool) -> None:
    message = stun_message(stun.ERROR, attribute(9, bytes((0, 0, code // 100, code % 100))))
    if read:
        assert stun.decode(message) == stun.BindingError(
            transaction_id=TRANSACTION, code=code, reason=""
        )
    else:
        with pytest.raises(WireError):
            stun.decode(message)


def test_eight_unknown_attributes_are_named_each_once() -> None:
    kinds = [0x0030 + number for number in (0, 0, *range(1, 12))]
    request = stun.decode(
        stun_message(stun.REQUEST, b"".join(attribute(kind, b"") for kind in kinds))
    )
    assert isinstance(request, stun.BindingRequest)
    assert request.unknown_required == tuple(range(0x0030, 0x0038))


@pytest.mark.parametrize(("kind", "named"), [(0x7FFF, (0x7FFF,)), (0x8000, ())])
def test_attributes_from_8000_need_not_be_understood(kind: int, named: tuple[int, ...]) -> None:
    request = stun.decode(stun_message(stun.REQUEST, attribute(kind, b"")))
    assert isinstance(request, stun.BindingRequest)
    assert request.unknown_required == named


@pytest.mark.parametrize("kind", [0x0006, 0x0008, 0x0014, 0x0015, 0x001C, 0x001D, 0x001E, 0x0024])
def test_what_a_client_of_ice_adds_is_understood(kind: int) -> None:
    request = stun.decode(stun_message(stun.REQUEST, attribute(kind, bytes(4))))
    assert request == stun.BindingRequest(transaction_id=TRANSACTION)


def test_text_is_cut_at_its_limit() -> None:
    address = attribute(1, bytes.fromhex("00018055c0000201"))
    answer = stun.decode(stun_message(stun.SUCCESS, address + attribute(0x8022, b"x" * 129)))
    assert isinstance(answer, stun.BindingSuccess)
    assert answer.software == "x" * stun.TEXT_LIMIT


@pytest.mark.parametrize(
    ("datagram", "looks"),
    [
        (stun_message(0x3FFF, b""), True),
        (stun_message(0x4000, b""), False),
        (stun_message(1, b"")[:19], False),
    ],
)
def test_stun_is_told_by_its_first_bits_cookie_and_size(datagram: bytes, looks: bool) -> None:
    assert stun.looks_like_stun(datagram) is looks


def test_half_the_range_of_a_clock_is_the_past() -> None:
    second = 1 << 32
    assert stamp.ntp_difference_ns(second, 0) == 10**9
    assert stamp.ntp_difference_ns(0, second) == -(10**9)
    assert stamp.ntp_difference_ns((1 << 63) - second, 0) > 0
    assert stamp.ntp_difference_ns(1 << 63, 0) < 0


@pytest.mark.parametrize(
    ("apart_ns", "reflected"), [(9_999_999_999, True), (10_000_000_001, False)]
)
def test_an_answer_left_within_ten_seconds(apart_ns: int, reflected: bool) -> None:
    base_ns = 1_800_000_000 * 10**9
    for sent_ns, received_ns in ((base_ns + apart_ns, base_ns), (base_ns, base_ns + apart_ns)):
        packet = stamp.ReflectorPacket(
            sequence=1,
            sent=stamp.ntp_from_unix_ns(sent_ns),
            received=stamp.ntp_from_unix_ns(received_ns),
            sender_sequence=1,
            sender_sent=1,
            sender_error_estimate=1,
        )
        assert stamp.looks_reflected(stamp.encode_reflector(packet)) is reflected


def test_a_ttl_that_is_not_known_is_255() -> None:
    packet = stamp.ReflectorPacket(
        sequence=1, sent=1, received=1, sender_sequence=1, sender_sent=1, sender_error_estimate=1
    )
    assert stamp.encode_reflector(packet)[40] == 255


def with_line(line: bytes) -> bytes:
    return OPTIONS.replace(b"Max-Forwards: 70", line)


@pytest.mark.parametrize(
    ("message", "read"),
    [
        (with_line(b"A: " + b"x" * (sip.LINE_LIMIT_BYTES - 3)), True),
        (with_line(b"A: " + b"x" * (sip.LINE_LIMIT_BYTES - 2)), False),
        (with_line(b"\r\n".join([b"A: x"] * (sip.HEADER_LIMIT - 10))), True),
        (with_line(b"\r\n".join([b"A: x"] * (sip.HEADER_LIMIT - 9))), False),
        (with_line(b"A" * 64 + b": x"), True),
        (with_line(b"A" * 65 + b": x"), False),
        (OPTIONS + b"x" * (sip.MESSAGE_LIMIT_BYTES - len(OPTIONS)), True),
        (OPTIONS + b"x" * (sip.MESSAGE_LIMIT_BYTES + 1 - len(OPTIONS)), False),
    ],
)
def test_a_sip_message_may_be_so_large_and_no_larger(message: bytes, read: bool) -> None:
    lines = message.partition(b"\r\n\r\n")[0].count(b"\r\n") + 1
    if read:
        assert lines <= sip.HEADER_LIMIT
        assert sip.parse_request(message).method == "OPTIONS"
    else:
        with pytest.raises(WireError):
            sip.parse_request(message)


@pytest.mark.parametrize(("extra", "read"), [(0, True), (1, False)])
def test_a_stream_is_read_up_to_the_limit_of_a_message(extra: int, read: bool) -> None:
    def with_body(size: int) -> bytes:
        return OPTIONS.replace(b"Content-Length: 0", b"Content-Length: %d" % size)

    room = sip.MESSAGE_LIMIT_BYTES - len(with_body(1000)) + extra
    if read:
        assert sip.message_bytes(with_body(room)) == sip.MESSAGE_LIMIT_BYTES
    else:
        with pytest.raises(WireError):
            sip.message_bytes(with_body(room))
    headless = b"x" * (sip.MESSAGE_LIMIT_BYTES + extra)
    if read:
        assert sip.message_bytes(headless) is None
    else:
        with pytest.raises(WireError):
            sip.message_bytes(headless)


@pytest.mark.parametrize(
    ("local", "media"), [(5060, 5062), (5061, 5062), (64999, 65000), (65000, 40000)]
)
def test_voice_is_offered_at_an_even_port(local: int, media: int) -> None:
    invite = sip.build_invite(
        sip.Dialogue(
            server=HostPort("192.0.2.9", 5060),
            local=HostPort("10.0.0.7", local),
            transport=sip.Transport.UDP,
            token="a1b2",
        )
    )
    assert b"m=audio %d RTP/AVP" % media in invite


def mirrored(source: bytes, request: bytes) -> bytes:
    return base64.b64encode(zlib.compress(source + b"\r\n" + request))


@pytest.mark.parametrize(("size", "read"), [(80, True), (81, False)])
def test_a_source_has_room_for_any_address(size: int, read: bool) -> None:
    source = (b"[fe80::1%" + b"x" * 80)[: size - 3] + b"]:1"
    assert len(source) == size
    if read:
        assert sip_mirror.decode_reflection(mirrored(source, b"")).source.port == 1
    else:
        with pytest.raises(WireError):
            sip_mirror.decode_reflection(mirrored(source, b""))


@pytest.mark.parametrize(("extra", "read"), [(0, True), (1, False)])
def test_a_mirrored_request_unpacks_to_so_much_and_no_more(extra: int, read: bool) -> None:
    source = b"192.0.2.1:5060"
    limit = sip_mirror.SOURCE_LIMIT_BYTES + sip.MESSAGE_LIMIT_BYTES
    request = bytes(limit - len(source) - 2 + extra)
    if read:
        assert sip_mirror.decode_reflection(mirrored(source, request)).request == request
    else:
        with pytest.raises(WireError):
            sip_mirror.decode_reflection(mirrored(source, request))


def test_the_length_of_a_stream_s_message_may_stand_first() -> None:
    message = b"OPTIONS sip:a SIP/2.0\r\nContent-Length: 3\r\n\r\nabcdef"
    assert sip.message_bytes(message) == len(message) - 3


LONG_CSEQ = OPTIONS.replace(b"CSeq: 1 OPTIONS", b"CSeq: 1 " + b"X" * 900)
LONG_LENGTH = OPTIONS.replace(b"Content-Length: 0", b"Content-Length: " + b"9" * 900)


@pytest.mark.parametrize(
    ("message", "read"),
    [
        (b"OPTIONS sip:" + b"x" * 900 + b"\r\n\r\n", sip.parse_request),
        (b"SIP/2.0 7" + b"x" * 900 + b"\r\n\r\n", sip.parse_response),
        (LONG_CSEQ, sip.parse_request),
        *(
            (message, read)
            for message in (with_line(b"A" * 900 + b": x"), with_line(b"A" * 900), LONG_LENGTH)
            for read in (sip.parse_request, sip.parse_response, sip.message_bytes)
        ),
    ],
)
def test_a_refusal_quotes_the_beginning_of_what_was_sent_and_no_more(
    message: bytes, read: Callable[[bytes], object]
) -> None:
    """It goes into a log and into a report, whoever wrote it."""
    with pytest.raises(WireError) as refused:
        read(message)
    assert len(str(refused.value)) < 160  # 80 of theirs


@pytest.mark.parametrize(
    ("size", "length", "text"),
    [
        (20, 20, None),
        (21, 36, b"natwizard"),
        (33, 36, b"natwizard"),
        (34, 36, b"natwizard "),
        (36, 36, b"natwizard   "),
        (37, 40, b"natwizard    "),
        # 124 characters are the most, whatever size is asked for
        (148, 148, b"natwizard".ljust(124)),
        (149, 148, b"natwizard".ljust(124)),
        (1500, 148, b"natwizard".ljust(124)),
    ],
)
def test_a_request_is_filled_with_the_name_of_who_asks(
    size: int, length: int, text: bytes | None
) -> None:
    request = stun.encode_request(TRANSACTION, size=size)
    assert len(request) == length
    assert request[20:] == (b"" if text is None else attribute(0x8022, text))


@pytest.mark.parametrize(
    ("code", "reason", "unknown", "body"),
    [
        (300, "", (), "0009000400000300"),
        (420, "No", (3, 0x7FFF), "00090006000004144e6f0000000a000400037fff"),
        (699, "x" * 129, (), "0009008400000663" + "78" * 128),
    ],
)
def test_an_error_answer_is_as_drawn_in_the_rfc(
    code: int, reason: str, unknown: tuple[int, ...], body: str
) -> None:
    """RFC 8489, 14.8: 21 reserved bits of zero, the class, the number, the reason."""
    message = stun.encode_error(TRANSACTION, code, reason=reason, unknown=unknown)
    assert message == stun_message(stun.ERROR, bytes.fromhex(body))


@pytest.mark.parametrize("junk", [b"\n", b"!", b" ", b"\r\n"])
def test_what_comes_between_the_letters_of_a_mirrored_request_is_refused(junk: bytes) -> None:
    body = mirrored(b"192.0.2.1:5060", OPTIONS)
    assert sip_mirror.decode_reflection(body).request == OPTIONS
    with pytest.raises(WireError, match="expected a mirrored request"):
        sip_mirror.decode_reflection(body[:8] + junk + body[8:])


def fingerprinted(message: bytes, *, value_bytes: int = 4) -> bytes:
    """With a fingerprint that is right for what stands before it."""
    longer = len(message) - 20 + 4 + value_bytes
    message = message[:2] + longer.to_bytes(2) + message[4:]
    crc = (binascii.crc32(message) ^ stun.FINGERPRINT_XOR).to_bytes(4)
    return message + attribute(0x8028, crc.ljust(value_bytes, b"\0"))


def test_a_fingerprint_is_the_last_attribute_and_has_four_bytes() -> None:
    bare = stun_message(stun.REQUEST, b"")
    assert stun.decode(fingerprinted(bare)) == stun.BindingRequest(transaction_id=TRANSACTION)
    more = attribute(0x8022, b"more")
    sealed = fingerprinted(bare)
    longer = (len(sealed) - 20 + len(more)).to_bytes(2)
    crc = (binascii.crc32(b"\0\x01" + longer + bare[4:]) ^ stun.FINGERPRINT_XOR).to_bytes(4)
    followed = b"\0\x01" + longer + bare[4:] + attribute(0x8028, crc) + more
    for message in (followed, fingerprinted(bare, value_bytes=8)):
        with pytest.raises(WireError, match="not the last attribute"):
            stun.decode(message)


def test_a_length_that_is_not_true_is_told_beside_the_true_one() -> None:
    message = stun_message(stun.REQUEST, attribute(0x8022, b"test"))
    with pytest.raises(WireError, match="STUN length says 12 of 8 bytes"):
        stun.decode(message[:3] + b"\x0c" + message[4:])


def test_an_address_that_is_none_is_quoted_by_its_beginning() -> None:
    message = stun_message(stun.SUCCESS, attribute(0x0020, b"\0\3" + bytes(998)))
    with pytest.raises(WireError) as refused:
        stun.decode(message)
    assert str(refused.value) == f"expected a STUN address, got 0003{'00' * 22}"
