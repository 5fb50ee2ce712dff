"""STAMP bytes: field by field as RFC 8762 draws them."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from natwizard.wire import stamp
from natwizard.wire.error import WireError

SENDER_HEX = (
    "00000007"  # sequence
    "ee112233" "80000000"  # timestamp, NTP
    "1b01"  # error estimate
    "beef"  # session identifier (RFC 8972)
    + "00" * 28
)  # fmt: skip
REFLECTOR_HEX = (
    "00000005"  # the reflector's own sequence
    "ee112234" "40000000"  # sent
    "1b01"
    "beef"
    "ee112234" "20000000"  # received
    "00000007"  # sender's sequence
    "ee112233" "80000000"  # sender's timestamp
    "1b01"
    "0000"
    "3f"  # sender's TTL: 63
    "000000"
)  # fmt: skip

SENDER = stamp.SenderPacket(sequence=7, sent=0xEE11_2233_8000_0000, session=0xBEEF)
REFLECTOR = stamp.ReflectorPacket(
    sequence=5,
    sent=0xEE11_2234_4000_0000,
    received=0xEE11_2234_2000_0000,
    sender_sequence=7,
    sender_sent=0xEE11_2233_8000_0000,
    sender_error_estimate=0x1B01,
    session=0xBEEF,
    sender_ttl=63,
)


def test_the_sender_packet_is_as_drawn_in_the_rfc() -> None:
    assert stamp.encode_sender(SENDER, size=44).hex() == SENDER_HEX
    assert stamp.decode_sender(bytes.fromhex(SENDER_HEX)) == SENDER


def test_the_reflector_packet_is_as_drawn_in_the_rfc() -> None:
    assert stamp.encode_reflector(REFLECTOR).hex() == REFLECTOR_HEX
    assert stamp.decode_reflector(bytes.fromhex(REFLECTOR_HEX)) == REFLECTOR


def test_an_answer_is_told_from_a_question() -> None:
    assert stamp.looks_reflected(bytes.fromhex(REFLECTOR_HEX))
    assert stamp.looks_reflected(bytes.fromhex(REFLECTOR_HEX)[:41] + bytes(131))  # TWAMP-light
    assert not stamp.looks_reflected(stamp.encode_sender(SENDER, size=172))
    assert not stamp.looks_reflected(bytes(172))  # a sender without a clock
    assert not stamp.looks_reflected(bytes.fromhex(SENDER_HEX)[:14] + b"\xa5" * 100)
    assert not stamp.looks_reflected(bytes.fromhex(REFLECTOR_HEX)[:43])


@pytest.mark.parametrize("size", [44, 45, 47, 48, 172, 1472])
def test_a_packet_has_the_size_asked_for(size: int) -> None:
    packet = stamp.encode_sender(SENDER, size=size)
    assert len(packet) == size
    assert stamp.decode_sender(packet) == SENDER
    mirrored = stamp.encode_reflector(REFLECTOR, padding=packet[44:])
    assert len(mirrored) == size


@pytest.mark.parametrize(
    ("size", "filling"),
    [
        (44, ""), (47, "000000"), (48, "80010000"), (49, "8001000100"),
        (172, "8001007c" + "00" * 124),
    ],
)  # fmt: skip
def test_the_filling_is_an_extra_padding_tlv_where_its_head_has_room(
    size: int, filling: str
) -> None:
    assert stamp.encode_sender(SENDER, size=size)[44:].hex() == filling


@pytest.mark.parametrize("size", [43, 1473])
def test_a_size_out_of_bounds_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="44 to 1472"):
        stamp.encode_sender(SENDER, size=size)
    with pytest.raises(WireError):
        stamp.decode_sender(bytes(size))


@pytest.mark.parametrize("size", [0, 40, 1473])
def test_an_answer_out_of_bounds_is_refused(size: int) -> None:
    with pytest.raises(WireError):
        stamp.decode_reflector(bytes(size))


@pytest.mark.parametrize("size", [41, 42, 43])
def test_an_answer_may_end_with_the_ttl_as_rfc_5357_has_it(size: int) -> None:
    """TWAMP-light has no zeros after the TTL, and answers with as few as 41 bytes."""
    assert stamp.decode_reflector(bytes.fromhex(REFLECTOR_HEX)[:size]) == REFLECTOR


def test_padding_of_a_twamp_sender_is_no_session() -> None:
    """RFC 5357, 4.1.2: its padding may differ in each packet, where STAMP has an identifier."""
    padded = bytes.fromhex(SENDER_HEX)[:14] + b"\xbe\xef" + b"\xa5" * 28
    assert stamp.decode_sender(padded) == msgspec.structs.replace(SENDER, session=0)


NOW_S = 0xEE11_2233
WINDOW = {"earliest_s": NOW_S - 1000, "latest_s": NOW_S + 1000}


@pytest.mark.parametrize(
    ("sent_s", "padding", "plausible"),
    [
        (0x7777_7777, b"\0", True),  # STAMP: zeros, whatever its clock says
        (NOW_S, b"\xa5", True),
        (NOW_S - 1000, b"\xa5", True),
        (NOW_S - 1001, b"\xa5", False),
        (NOW_S + 1000, b"\xa5", True),
        (NOW_S + 1001, b"\xa5", False),
        (0, b"\xa5", True),
        (stamp.UPTIME_S, b"\xa5", False),
        (stamp.NTP_EPOCH_S, b"\xa5", True),
        (stamp.NTP_EPOCH_S + stamp.UPTIME_S, b"\xa5", False),
        (stamp.NTP_EPOCH_S - 1, b"\xa5", False),
    ],
)
def test_what_a_sender_may_have_sent_is_told_from_other_bytes(
    sent_s: int, padding: bytes, plausible: bool
) -> None:
    packet = bytes(4) + sent_s.to_bytes(4, "big") + bytes(6) + padding * 158
    assert stamp.may_be_sent(packet, **WINDOW) is plausible


def test_one_byte_that_is_not_zero_makes_padding_of_zeros() -> None:
    packet = bytearray(stamp.encode_sender(stamp.SenderPacket(sequence=1, sent=1 << 63), size=172))
    assert stamp.may_be_sent(bytes(packet), **WINDOW)
    for place in range(16, 44):
        changed = packet.copy()
        changed[place] = 1
        assert not stamp.may_be_sent(bytes(changed), **WINDOW)


@pytest.mark.parametrize("size", [0, 43, 1473])
def test_no_sender_sends_packets_of_other_sizes(size: int) -> None:
    assert not stamp.may_be_sent(bytes(size), **WINDOW)


@pytest.mark.parametrize(
    ("unix_ns", "ntp_hex"),
    [
        (0, "83aa7e8000000000"),
        (500_000_000, "83aa7e8080000000"),
        (1_700_000_000_250_000_000, "e8fe6f8040000000"),
        # the last second of NTP era 0, and the first of era 1
        (2_085_978_495_000_000_000, "ffffffff00000000"),
        (2_085_978_496_000_000_000, "0000000000000000"),
    ],
)
def test_unix_times_become_ntp_times(unix_ns: int, ntp_hex: str) -> None:
    assert stamp.ntp_from_unix_ns(unix_ns) == int(ntp_hex, 16)


@given(st.integers(0, 1 << 62), st.integers(-(10**15), 10**15))
def test_differences_are_right_to_a_nanosecond_across_the_wrap(start: int, step: int) -> None:
    later, earlier = (stamp.ntp_from_unix_ns(value) for value in (start + step, start))
    if start + step >= 0:
        assert abs(stamp.ntp_difference_ns(later, earlier) - step) <= 1


@given(st.binary(max_size=1600))
def test_junk_is_a_wire_error_or_a_packet(junk: bytes) -> None:
    for decode in (stamp.decode_sender, stamp.decode_reflector):
        try:
            packet = decode(junk)
        except WireError:
            assert not 44 <= len(junk) <= 1472  # from 41 for an answer
        else:
            assert 0 <= packet.sequence < stamp.SEQUENCE_MODULUS


def test_numbers_go_as_far_as_their_32_bits() -> None:
    """So that who counts on after the last one, at 0 again, says what the packet can hold."""
    last = stamp.decode_sender(b"\xff" * 4 + stamp.encode_sender(SENDER, size=172)[4:])
    assert last.sequence + 1 == stamp.SEQUENCE_MODULUS


@pytest.mark.parametrize("head", [b"", b"\x40\x00\x00\xac"])
def test_a_packet_that_is_filled_in_again_is_the_one_that_would_be_made_anew(head: bytes) -> None:
    buffer = stamp.SenderBuffer(size=172, session=0xBEEF, head=head)
    for sequence, sent in ((0, 0), (7, 0xEE11_2233_8000_0000), ((1 << 32) - 1, (1 << 64) - 1)):
        packet = stamp.SenderPacket(sequence=sequence, sent=sent, session=0xBEEF)
        made = head + stamp.encode_sender(packet, size=172)
        assert bytes(buffer.fill(sequence, sent)) == made
