"""STUN bytes against the vectors of RFC 5769, an independent codec, and junk."""

import aioice.stun
import pytest
from hypothesis import given
from hypothesis import strategies as st

from natwizard.model.address import HostPort, canonical_host
from natwizard.wire import stun
from natwizard.wire.error import WireError

TRANSACTION = bytes.fromhex("b7e7a701bc34d686fa87dfae")

# RFC 5769, 2.2 and 2.3
IPV4_RESPONSE = bytes.fromhex(
    "0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220"
    "002000080001a147e112a643"
    "000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96"
)
IPV6_RESPONSE = bytes.fromhex(
    "010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220"
    "002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9"
    "00080014a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c"
)


@pytest.mark.parametrize(
    ("datagram", "host"),
    [
        (IPV4_RESPONSE, "192.0.2.1"),
        (IPV6_RESPONSE, "2001:db8:1234:5678:11:2233:4455:6677"),
    ],
)
def test_the_answers_of_rfc_5769_are_read(datagram: bytes, host: str) -> None:
    answer = stun.decode(datagram)
    assert isinstance(answer, stun.BindingSuccess)
    assert answer.transaction_id == TRANSACTION
    assert answer.mapped == HostPort(host, 32853)
    assert answer.software == "test vector"


def test_a_bare_request_is_twenty_bytes() -> None:
    assert stun.encode_request(TRANSACTION).hex() == "000100002112a442" + TRANSACTION.hex()


@pytest.mark.parametrize("size", [36, 44, 45, 60, 148])
def test_a_padded_request_is_long_enough_and_means_the_same(size: int) -> None:
    request = stun.encode_request(TRANSACTION, size=size)
    assert size <= len(request) <= size + 4
    assert stun.decode(request) == stun.BindingRequest(transaction_id=TRANSACTION)


def test_a_change_request_is_as_drawn_in_the_rfc() -> None:
    """RFC 5780, 7.2: bits A (address) and B (port) of 32."""
    transaction = bytes(range(12))
    both = stun.encode_request(transaction, changes=stun.CHANGE_ADDRESS | stun.CHANGE_PORT)
    assert both.hex() == "000100082112a442" + transaction.hex() + "0003000400000006"
    assert stun.decode(both) == stun.BindingRequest(
        transaction_id=transaction, unknown_required=(3,), changes=6
    )
    port = stun.decode(stun.encode_request(transaction, size=80, changes=stun.CHANGE_PORT))
    assert isinstance(port, stun.BindingRequest)
    assert port.changes == stun.CHANGE_PORT
    with pytest.raises(WireError):
        stun.decode(both[:3] + b"\x0c" + both[4:22] + b"\x00\x08" + both[24:] + bytes(4))


def test_an_answer_has_the_expected_bytes() -> None:
    answer = stun.encode_success(TRANSACTION, HostPort("192.0.2.1", 32853), size_limit=0)
    assert answer.hex() == ("0101000c2112a442" + TRANSACTION.hex() + "002000080001a147e112a643")


@pytest.mark.parametrize(("room", "length"), [(0, 32), (43, 32), (44, 44), (56, 56), (500, 56)])
def test_an_answer_holds_what_fits_and_no_more(room: int, length: int) -> None:
    answer = stun.encode_success(
        TRANSACTION,
        HostPort("192.0.2.1", 32853),
        size_limit=room,
        other=HostPort("192.0.2.9", 3479),
        origin=HostPort("192.0.2.8", 3478),
    )
    assert len(answer) == length
    decoded = stun.decode(answer)
    assert isinstance(decoded, stun.BindingSuccess)
    assert (decoded.other is not None) == (length >= 44)
    assert (decoded.origin is not None) == (length >= 56)


@pytest.mark.parametrize("host", ["198.51.100.7", "2001:db8::7"])
def test_another_implementation_reads_our_answer_and_we_read_its(host: str) -> None:
    ours = stun.encode_success(
        TRANSACTION, HostPort(host, 4242), size_limit=500, other=HostPort(host, 5)
    )
    theirs = aioice.stun.parse_message(ours)
    assert theirs.attributes["XOR-MAPPED-ADDRESS"] == (host, 4242)
    assert theirs.attributes["OTHER-ADDRESS"] == (host, 5)
    theirs.add_fingerprint()
    read = stun.decode(bytes(theirs))
    assert isinstance(read, stun.BindingSuccess)
    assert (read.mapped, read.other) == (HostPort(host, 4242), HostPort(host, 5))


@pytest.mark.parametrize("kind", [0x0020, 0x0001, 0x802B, 0x802C])
@pytest.mark.parametrize("family", [0, 3, 255])
@pytest.mark.parametrize("size", [4, 8, 20])
def test_an_address_of_an_unknown_family_is_refused(kind: int, family: int, size: int) -> None:
    """Four bytes once passed as an empty address of a family that nobody knows."""
    value = bytes((0, family, 0x80, 0x55)) + bytes(size - 4)
    good = bytes.fromhex("0001000800018055c0000201")
    body = kind.to_bytes(2) + size.to_bytes(2) + value + good
    with pytest.raises(WireError, match="address"):
        stun.decode(b"\x01\x01" + len(body).to_bytes(2) + stun.COOKIE + TRANSACTION + body)


@pytest.mark.parametrize(("kind", "size"), [(0x0008, 20), (0x001C, 32)])
def test_what_follows_an_integrity_attribute_is_ignored(kind: int, size: int) -> None:
    """RFC 8489, 14.5 and 14.6: whoever is on the way could have added it."""
    seal = kind.to_bytes(2) + size.to_bytes(2) + bytes(size)
    mapped, forged = (bytes.fromhex(f"0001000800018055c00002{last}") for last in ("01", "02"))
    for body, host in ((mapped + seal + forged, "192.0.2.1"), (seal + forged, None)):
        message = b"\x01\x01" + len(body).to_bytes(2) + stun.COOKIE + TRANSACTION + body
        if host is None:
            with pytest.raises(WireError, match="without a mapped address"):
                stun.decode(message)
        else:
            answer = stun.decode(message)
            assert isinstance(answer, stun.BindingSuccess)
            assert answer.mapped.host == host
            assert answer.other is None
    change_request = bytes.fromhex("0003000400000006")
    body = seal + change_request
    request = stun.decode(b"\x00\x01" + len(body).to_bytes(2) + stun.COOKIE + TRANSACTION + body)
    assert request == stun.BindingRequest(transaction_id=TRANSACTION)


def test_another_implementation_seals_and_what_is_added_after_it_is_ignored() -> None:
    message = aioice.stun.Message(
        aioice.stun.Method.BINDING, aioice.stun.Class.RESPONSE, TRANSACTION
    )
    message.attributes["XOR-MAPPED-ADDRESS"] = ("192.0.2.1", 4242)
    message.add_message_integrity(b"key")
    sealed = bytes(message)[:-8]  # aioice adds a fingerprint too
    other = bytes.fromhex("802c000800010007c0000209")
    longer = len(sealed) - 20 + len(other)
    answer = stun.decode(sealed[:2] + longer.to_bytes(2) + sealed[4:] + other)
    assert isinstance(answer, stun.BindingSuccess)
    assert (answer.mapped, answer.other) == (HostPort("192.0.2.1", 4242), None)


def test_a_sealed_message_may_still_be_fingerprinted() -> None:
    """RFC 5769's answer ends with both; a wrong fingerprint after a seal is still wrong."""
    assert isinstance(stun.decode(IPV4_RESPONSE), stun.BindingSuccess)
    with pytest.raises(WireError, match="fingerprint"):
        stun.decode(IPV4_RESPONSE[:-1] + b"\x97")


def test_a_plain_mapped_address_is_enough() -> None:
    body = bytes.fromhex("00010008" + "00018055c0000201")
    answer = stun.decode(b"\x01\x01\x00\x0c" + stun.COOKIE + TRANSACTION + body)
    assert isinstance(answer, stun.BindingSuccess)
    assert answer.mapped == answer.mapped_plain == HostPort("192.0.2.1", 32853)


def test_the_first_of_two_equal_attributes_counts() -> None:
    body = bytes.fromhex("0001000800018055c00002010001000800018055c0000202")
    answer = stun.decode(b"\x01\x01\x00\x18" + stun.COOKIE + TRANSACTION + body)
    assert isinstance(answer, stun.BindingSuccess)
    assert answer.mapped.host == "192.0.2.1"


def test_an_unknown_attribute_that_must_be_understood_is_named() -> None:
    change_request = bytes.fromhex("0003000400000006")
    request = stun.decode(b"\x00\x01\x00\x08" + stun.COOKIE + TRANSACTION + change_request)
    assert request == stun.BindingRequest(
        transaction_id=TRANSACTION, unknown_required=(3,), changes=6
    )


@pytest.mark.parametrize(
    ("kind", "understood"),
    [
        *((kind, True) for kind in (0x06, 0x08, 0x14, 0x15, 0x1C, 0x1D, 0x1E, 0x24, 0x25)),
        *((kind, False) for kind in (0x07, 0x0A, 0x13, 0x16, 0x1F, 0x23, 0x26, 0x7FFF)),
        (0x8000, True),  # from here on whoever does not know it may ignore it
    ],
)
def test_what_a_request_may_carry_is_understood_and_nothing_beside_it(
    kind: int, understood: bool
) -> None:
    attribute = kind.to_bytes(2, "big") + b"\x00\x04abcd"
    request = stun.decode(b"\x00\x01\x00\x08" + stun.COOKIE + TRANSACTION + attribute)
    assert isinstance(request, stun.BindingRequest)
    assert request.unknown_required == (() if understood else (kind,))


def test_an_error_answer_is_written_and_read() -> None:
    error = stun.encode_error(TRANSACTION, 420, reason="Unknown Attribute", unknown=(3,))
    assert stun.decode(error) == stun.BindingError(
        transaction_id=TRANSACTION, code=420, reason="Unknown Attribute"
    )


@pytest.mark.parametrize(
    "datagram",
    [
        b"",
        IPV4_RESPONSE[:19],
        IPV4_RESPONSE[:-4],
        IPV4_RESPONSE + bytes(4),
        IPV4_RESPONSE[:-1] + b"\x97",
        b"\x01\x01" + IPV4_RESPONSE[2:4] + b"\x21\x12\xa4\x43" + IPV4_RESPONSE[8:],
        b"\x01\x01\x00\x00" + stun.COOKIE + TRANSACTION,
        b"\x01\x11\x00\x00" + stun.COOKIE + TRANSACTION,
        b"\x00\x11\x00\x00" + stun.COOKIE + TRANSACTION,
        b"\x01\x01\x00\x08" + stun.COOKIE + TRANSACTION + bytes.fromhex("00200008000180 55"),
        b"\x01\x01\x00\x08" + stun.COOKIE + TRANSACTION + bytes.fromhex("0020000400018055"),
        b"\x01\x11\x00\x08" + stun.COOKIE + TRANSACTION + bytes.fromhex("0009000400000100"),
        b"\x00\x01\x0f\xa0" + stun.COOKIE + TRANSACTION + bytes(4000),
    ],
)
def test_what_stun_does_not_allow_is_refused(datagram: bytes) -> None:
    with pytest.raises(WireError):
        stun.decode(datagram)


@given(st.binary(max_size=200))
def test_junk_is_a_wire_error_or_a_message(junk: bytes) -> None:
    for datagram in (junk, _with_header(0x0001, junk), _with_header(0x0101, junk)):
        stun.looks_like_stun(datagram)
        try:
            message = stun.decode(datagram)
        except WireError:
            continue
        assert len(message.transaction_id) == 12


@given(st.integers(0, len(IPV6_RESPONSE) - 1), st.integers(0, 255))
def test_one_changed_byte_never_passes_the_fingerprint_unseen(place: int, value: int) -> None:
    changed = IPV6_RESPONSE[:place] + bytes((value,)) + IPV6_RESPONSE[place + 1 :]
    if changed == IPV6_RESPONSE:
        return
    try:
        answer = stun.decode(changed)
    except WireError:
        return
    # only a fingerprint that is no longer called one can be changed unseen
    assert 84 <= place < 86
    assert isinstance(answer, stun.BindingSuccess)


@given(st.ip_addresses(), st.integers(0, 65535), st.binary(min_size=12, max_size=12))
def test_every_address_survives_the_round_trip(
    address: object, port: int, transaction: bytes
) -> None:
    mapped = HostPort(str(address), port)
    answer = stun.decode(stun.encode_success(transaction, mapped, size_limit=0))
    assert isinstance(answer, stun.BindingSuccess)
    assert answer.mapped == HostPort(canonical_host(str(address)), port)


def _with_header(kind: int, body: bytes) -> bytes:
    body = body[: len(body) // 4 * 4]
    return kind.to_bytes(2) + len(body).to_bytes(2) + stun.COOKIE + TRANSACTION + body


def test_an_ipv4_mapped_address_is_the_ipv4_address() -> None:
    """As a server on [::] tells it to an IPv4 client."""
    mapped = (
        bytes([0, 2]) + (4000).to_bytes(2, "big") + bytes(10) + b"\xff\xff" + bytes((10, 9, 0, 2))
    )
    body = (0x0001).to_bytes(2, "big") + len(mapped).to_bytes(2, "big") + mapped
    answer = stun.decode(
        bytes.fromhex("0101") + len(body).to_bytes(2, "big") + stun.COOKIE + TRANSACTION + body
    )
    assert isinstance(answer, stun.BindingSuccess)
    assert answer.mapped == HostPort("10.9.0.2", 4000)
    told = stun.encode_success(TRANSACTION, HostPort("::ffff:10.9.0.2", 4000), size_limit=64)
    assert len(told) == 32
