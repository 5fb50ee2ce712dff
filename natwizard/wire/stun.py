"""STUN binding messages as bytes; no sockets. Source: RFC 8489 (5, 6, 14) and RFC 5780 (7)."""

import binascii
import ipaddress
from collections.abc import Iterator
from enum import IntEnum
from struct import Struct as Layout
from typing import TypeAlias

from msgspec import Struct

from natwizard.model.address import HostPort, canonical_host, canonical_ip
from natwizard.wire.error import WireError

# The magic cookie at offset 4 (RFC 8489, 5)
COOKIE = bytes.fromhex("2112a442")
# RFC 8489, 5: type, length, magic cookie, transaction ID
HEADER_BYTES = 20
TRANSACTION_ID_BYTES = 12
# An Ethernet frame: messages over UDP have to fit the way's MTU (RFC 8489, 6.1)
MESSAGE_LIMIT_BYTES = 1500
# SOFTWARE and a reason phrase have fewer than 128 characters (RFC 8489, 14.8 and 14.14)
TEXT_LIMIT = 128
# "STUN": tells the CRC from one that another protocol puts there (RFC 8489, 14.7)
FINGERPRINT_XOR = 0x5354554E

REQUEST, SUCCESS, ERROR = 0x0001, 0x0101, 0x0111

CHANGE_ADDRESS, CHANGE_PORT = 0x4, 0x2
"""Flags of CHANGE-REQUEST (RFC 5780, 7.2)."""

_HEADER = Layout("!HH4s12s")
_ATTRIBUTE = Layout("!HH")
_PORT = Layout("!H")
_WORD = Layout("!I")
_FAMILIES = {1: 4, 2: 16}
"""Address family on the wire -> bytes of an address."""


class AttributeType(IntEnum):
    """Attributes read or written here; those below 0x8000 must be understood (RFC 8489, 14)."""

    MAPPED_ADDRESS = 0x0001
    CHANGE_REQUEST = 0x0003
    ERROR_CODE = 0x0009
    UNKNOWN_ATTRIBUTES = 0x000A
    MESSAGE_INTEGRITY = 0x0008
    MESSAGE_INTEGRITY_SHA256 = 0x001C
    XOR_MAPPED_ADDRESS = 0x0020
    SOFTWARE = 0x8022
    FINGERPRINT = 0x8028
    RESPONSE_ORIGIN = 0x802B
    OTHER_ADDRESS = 0x802C


_INTEGRITY = {AttributeType.MESSAGE_INTEGRITY, AttributeType.MESSAGE_INTEGRITY_SHA256}

# An answer may carry these without harm, although a request may not: nothing to do about them.
# USERNAME, REALM and NONCE with what goes beside them (RFC 8489), PRIORITY and USE-CANDIDATE of ICE
_REQUEST_UNDERSTOOD = _INTEGRITY | {0x0006, 0x0014, 0x0015, 0x001D, 0x001E, 0x0024, 0x0025}


class BindingRequest(Struct, frozen=True, kw_only=True):
    """A client asks how it looks from outside.

    Attributes:
        unknown_required: attributes a server must understand; CHANGE-REQUEST is one of them,
            for only a server with two addresses understands it.
        changes: where the answer is to come from, CHANGE_ADDRESS and CHANGE_PORT together.
    """

    transaction_id: bytes
    unknown_required: tuple[int, ...] = ()
    changes: int = 0


class BindingSuccess(Struct, frozen=True, kw_only=True):
    """A server tells a client how it looks from outside.

    Attributes:
        mapped: the client's address as the server saw it (XOR-MAPPED-ADDRESS where present).
        mapped_plain: MAPPED-ADDRESS, which some middleboxes rewrite; None where absent.
        origin: where the server says it answered from (RFC 5780).
        other: a second address and port of the same server, for mapping tests (RFC 5780).
    """

    transaction_id: bytes
    mapped: HostPort
    mapped_plain: HostPort | None = None
    origin: HostPort | None = None
    other: HostPort | None = None
    software: str = ""


class BindingError(Struct, frozen=True, kw_only=True):
    """A server refuses; `code` is 300 to 699."""

    transaction_id: bytes
    code: int
    reason: str


BindingMessage: TypeAlias = BindingRequest | BindingSuccess | BindingError


def looks_like_stun(datagram: bytes) -> bool:
    """Whether the magic cookie is where STUN has it; tells it from other protocols on a port."""
    # the two highest bits of a STUN message are zero (RFC 8489, 5)
    return len(datagram) >= HEADER_BYTES and datagram[4:8] == COOKIE and datagram[0] < 0x40


def decode(datagram: bytes) -> BindingMessage:
    """Read one binding message. Raises WireError for everything else."""
    if not HEADER_BYTES <= len(datagram) <= MESSAGE_LIMIT_BYTES:
        raise WireError(f"expected a STUN message of 20 to 1500 bytes, got {len(datagram)}")
    kind, length, cookie, transaction_id = _HEADER.unpack_from(datagram)
    if cookie != COOKIE:
        raise WireError(f"expected the STUN cookie, got {cookie.hex()}")
    # attributes are padded to 4 bytes, so the two lowest bits of the length are zero (RFC 8489, 5)
    if length != len(datagram) - HEADER_BYTES or length % 4:
        raise WireError(f"STUN length says {length} of {len(datagram) - HEADER_BYTES} bytes")
    attributes = list(_attributes(datagram))
    match kind:
        case 0x0001:
            return BindingRequest(
                transaction_id=transaction_id,
                unknown_required=_unknown(attributes),
                changes=_changes(attributes),
            )
        case 0x0101:
            return _success(transaction_id, attributes)
        case 0x0111:
            return _error(transaction_id, attributes)
        case _:
            raise WireError(f"expected a STUN binding message, got type {kind:#06x}")


def encode_request(transaction_id: bytes, *, size: int = HEADER_BYTES, changes: int = 0) -> bytes:
    """A binding request of at least `size` bytes.

    `changes` asks for an answer from elsewhere (RFC 5780, 7.2); 0 leaves the attribute out.

    It is filled up with SOFTWARE, which every server may ignore, so that the answer need not be
    longer than the question: servers that refuse to amplify can then answer in full.
    """
    body = _attribute(AttributeType.CHANGE_REQUEST, _WORD.pack(changes)) if changes else b""
    if size > HEADER_BYTES:
        text = b"natwizard".ljust(min(max(9, size - HEADER_BYTES - 4), TEXT_LIMIT - 4))
        body += _attribute(AttributeType.SOFTWARE, text)
    return _message(REQUEST, transaction_id, body)


def encode_success(
    transaction_id: bytes,
    mapped: HostPort,
    *,
    size_limit: int,
    other: HostPort | None = None,
    origin: HostPort | None = None,
) -> bytes:
    """The shortest answer with XOR-MAPPED-ADDRESS, then what else fits into `size_limit` bytes.

    Never shorter than 32 bytes (IPv4) or 44 (IPv6), whatever the limit.
    """
    address = _pack_address(mapped, transaction_id)
    message = _message(
        SUCCESS, transaction_id, _attribute(AttributeType.XOR_MAPPED_ADDRESS, address)
    )
    # mapping tests need OTHER-ADDRESS: where the room is short, RESPONSE-ORIGIN is left out
    for kind, value in (
        (AttributeType.OTHER_ADDRESS, other),
        (AttributeType.RESPONSE_ORIGIN, origin),
    ):
        if value is not None:
            extra = _attribute(kind, _pack_address(value))
            if len(message) + len(extra) <= size_limit:
                message = _message(SUCCESS, transaction_id, message[HEADER_BYTES:] + extra)
    return message


def encode_error(
    transaction_id: bytes, code: int, *, reason: str = "", unknown: tuple[int, ...] = ()
) -> bytes:
    """An error answer; `unknown` lists the attributes that led to code 420."""
    value = bytes((0, 0, code // 100, code % 100)) + reason.encode()[:TEXT_LIMIT]
    body = _attribute(AttributeType.ERROR_CODE, value)
    if unknown:
        packed = b"".join(_PORT.pack(kind) for kind in unknown)
        body += _attribute(AttributeType.UNKNOWN_ATTRIBUTES, packed)
    return _message(ERROR, transaction_id, body)


def _message(kind: int, transaction_id: bytes, body: bytes) -> bytes:
    if len(transaction_id) != TRANSACTION_ID_BYTES:
        raise ValueError(f"transaction id is {len(transaction_id)} bytes, not 12")
    return _HEADER.pack(kind, len(body), COOKIE, transaction_id) + body


def _attribute(kind: int, value: bytes) -> bytes:
    # the length tells the value alone, without its padding to 4 bytes (RFC 8489, 14)
    return _ATTRIBUTE.pack(kind, len(value)) + value + bytes(-len(value) % 4)


def _attributes(datagram: bytes) -> Iterator[tuple[int, bytes]]:
    offset, sealed = HEADER_BYTES, False
    while offset < len(datagram):
        kind, length = _ATTRIBUTE.unpack_from(datagram, offset)
        start, end = offset + 4, offset + 4 + length
        offset = end + -length % 4
        if offset > len(datagram):
            raise WireError(f"STUN attribute {kind:#06x} is cut off")
        if kind == AttributeType.FINGERPRINT:
            _check_fingerprint(datagram, start - 4, datagram[start:end])
        elif not sealed or kind in _INTEGRITY:
            # what else follows an integrity attribute must be ignored: nobody vouches for it, and
            # whoever is on the way may have added it (RFC 8489, 14.5 and 14.6)
            yield kind, datagram[start:end]
        sealed = sealed or kind in _INTEGRITY


def _check_fingerprint(datagram: bytes, start: int, value: bytes) -> None:
    if start + 8 != len(datagram) or len(value) != 4:
        raise WireError("the STUN fingerprint is not the last attribute")
    expected = binascii.crc32(datagram[:start]) ^ FINGERPRINT_XOR
    if _WORD.unpack(value)[0] != expected:
        raise WireError("the STUN fingerprint does not match its message")


def _unknown(attributes: list[tuple[int, bytes]]) -> tuple[int, ...]:
    """At most eight, each once: they go back into an answer."""
    unknown = (
        kind for kind, _value in attributes if kind < 0x8000 and kind not in _REQUEST_UNDERSTOOD
    )
    return tuple(dict.fromkeys(unknown))[:8]


def _changes(attributes: list[tuple[int, bytes]]) -> int:
    value = dict(reversed(attributes)).get(AttributeType.CHANGE_REQUEST)
    if value is None:
        return 0
    if len(value) != _WORD.size:
        raise WireError(f"expected a STUN change request of 4 bytes, got {len(value)}")
    flags: int = _WORD.unpack(value)[0]
    return flags & (CHANGE_ADDRESS | CHANGE_PORT)


def _success(transaction_id: bytes, attributes: list[tuple[int, bytes]]) -> BindingSuccess:
    # where an attribute comes twice, the first counts (RFC 8489, 14)
    values = dict(reversed(attributes))
    xored = _address(values.get(AttributeType.XOR_MAPPED_ADDRESS), transaction_id)
    plain = _address(values.get(AttributeType.MAPPED_ADDRESS))
    # servers of RFC 3489 send the plain one alone
    mapped = xored or plain
    if mapped is None:
        raise WireError("a STUN success without a mapped address")
    return BindingSuccess(
        transaction_id=transaction_id,
        mapped=mapped,
        mapped_plain=plain,
        origin=_address(values.get(AttributeType.RESPONSE_ORIGIN)),
        other=_address(values.get(AttributeType.OTHER_ADDRESS)),
        software=_text(values.get(AttributeType.SOFTWARE, b"")),
    )


def _error(transaction_id: bytes, attributes: list[tuple[int, bytes]]) -> BindingError:
    value = dict(reversed(attributes)).get(AttributeType.ERROR_CODE, b"")
    if len(value) < 4:
        raise WireError("a STUN error without its code")
    # the class is in 3 bits, what is before them is reserved (RFC 8489, 14.8)
    code = (value[2] & 7) * 100 + value[3]
    if not 300 <= code <= 699:
        raise WireError(f"expected a STUN error code from 300 to 699, got {code}")
    return BindingError(transaction_id=transaction_id, code=code, reason=_text(value[4:]))


def _text(value: bytes) -> str:
    text = value[:TEXT_LIMIT].decode("utf-8", "replace")
    return "".join(character for character in text if character.isprintable()).strip()


def _mask(transaction_id: bytes | None) -> bytes:
    return bytes(16) if transaction_id is None else COOKIE + transaction_id


def _xor(value: bytes, mask: bytes) -> bytes:
    return bytes(left ^ right for left, right in zip(value, mask, strict=False))


def _pack_address(address: HostPort, transaction_id: bytes | None = None) -> bytes:
    packed = canonical_ip(address.host).packed
    mask = _mask(transaction_id)
    family = 1 if len(packed) == 4 else 2
    return bytes((0, family)) + _xor(_PORT.pack(address.port), mask) + _xor(packed, mask)


def _address(value: bytes | None, transaction_id: bytes | None = None) -> HostPort | None:
    if value is None:
        return None
    # an unknown family has no length that could be right, not even that of an empty address
    if len(value) < 4 or len(value) - 4 != _FAMILIES.get(value[1]):
        raise WireError(f"expected a STUN address, got {value[:24].hex()}")
    mask = _mask(transaction_id)
    port: int = _PORT.unpack(_xor(value[2:4], mask))[0]
    # a server on [::] tells an IPv4 client ::ffff:a.b.c.d: one address, one spelling
    return HostPort(canonical_host(str(ipaddress.ip_address(_xor(value[4:], mask)))), port)
