"""Changes valid messages as somebody would who knows the protocol: whole parts, not random bytes.

Random bytes seldom get past a magic number, a length or a checksum. These take a message apart,
change, double, drop and swap its parts, and put it together again, mostly with lengths and
checksums that fit.
"""

import base64
import binascii
import zlib
from collections.abc import Callable, Sequence
from random import Random
from typing import TypeVar

from natwizard.wire import stamp, stun

T = TypeVar("T")

Mutator = Callable[[bytes, Random], bytes]

EDGES = (0, 1, 2, 3, 4, 7, 8, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF)


def change_bytes(data: bytes, chance: Random) -> bytes:
    """One to four bytes, or a piece cut out, doubled or put in."""
    changed = bytearray(data)
    for _time in range(chance.randint(1, 4)):
        place = chance.randint(0, len(changed))
        match chance.randrange(5):
            case 0 if place < len(changed):
                changed[place] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
            case 1 if place < len(changed):
                changed[place] ^= 1 << chance.randrange(8)
            case 2:
                del changed[place : place + chance.randint(1, 16)]
            case 3:
                changed[place:place] = changed[place : place + chance.randint(1, 64)]
            case _:
                changed[place:place] = chance.randbytes(chance.randint(1, 8))
    return bytes(changed)


def _rearrange(parts: list[T], chance: Random) -> None:
    """Drop, double, swap or repeat parts, in place."""
    if not parts:
        return
    place, other = chance.randrange(len(parts)), chance.randrange(len(parts))
    match chance.randrange(5):
        case 0:
            del parts[place]
        case 1:
            parts.insert(other, parts[place])
        case 2:
            parts[place], parts[other] = parts[other], parts[place]
        case 3:
            parts[place:place] = [parts[place]] * chance.choice((2, 8, 70))
        case _:
            return


# STUN: a header of 20 bytes, then attributes of type, length, value and padding

STUN_KINDS = (*stun.AttributeType, 0x0006, 0x0014, 0x0015, 0x001D, 0x001E, 0x0024, 0x0025, 0x8023)
STUN_TYPES = (stun.REQUEST, stun.SUCCESS, stun.ERROR, 0x0011, 0x0002, 0x4001, 0xFFFF)


def mutate_stun(data: bytes, chance: Random) -> bytes:
    """Attributes and their lengths, families and flags; the header's length and the fingerprint
    mostly fit again.
    """
    header = bytearray(data[:20].ljust(20, b"\0"))
    attributes = _stun_attributes(data)
    for _time in range(chance.randint(1, 3)):
        match chance.randrange(5):
            case 0:
                _rearrange(attributes, chance)
            case 1:
                place = chance.randint(0, len(attributes))
                attributes.insert(place, (chance.choice(STUN_KINDS), _stun_value(chance)))
            case 2 if attributes:
                place = chance.randrange(len(attributes))
                attributes[place] = (attributes[place][0], _stun_value(chance))
            case 3 if attributes:
                place = chance.randrange(len(attributes))
                kind, value = attributes[place]
                attributes[place] = (kind, change_bytes(value, chance))
            case _:
                header[0:2] = chance.choice(STUN_TYPES).to_bytes(2, "big")
    body = b"".join(
        kind.to_bytes(2, "big") + len(value).to_bytes(2, "big") + value + bytes(-len(value) % 4)
        for kind, value in attributes
    )[:65_535]
    header[4:8] = stun.COOKIE if chance.random() < 0.95 else chance.randbytes(4)
    return _with_fingerprint(bytes(header), body, chance)


def _stun_attributes(data: bytes) -> list[tuple[int, bytes]]:
    attributes, place = [], 20
    while place + 4 <= len(data):
        kind, size = (int.from_bytes(data[at : at + 2], "big") for at in (place, place + 2))
        attributes.append((kind, data[place + 4 : place + 4 + size]))
        place += 4 + size + -size % 4
    return [(kind, value) for kind, value in attributes if kind != stun.AttributeType.FINGERPRINT]


def _stun_value(chance: Random) -> bytes:
    """An address of any family and length, flags, an error code, text or nothing."""
    family = chance.choice((0, 1, 2, 3, 255))
    size = chance.choice((0, 1, 3, 4, 8, 15, 16, 17))
    return chance.choice(
        (
            bytes((0, family)) + chance.randbytes(2) + chance.randbytes(size),
            chance.choice(EDGES).to_bytes(4, "big"),
            bytes((0, 0, chance.randrange(256), chance.randrange(256))) + chance.randbytes(size),
            chance.randbytes(chance.choice((0, 1, 4, 20, 32, 127, 128, 129, 700))),
            "\u202e\x1b[2J \u0663".encode(),
        )
    )


def _with_fingerprint(header: bytes, body: bytes, chance: Random) -> bytes:
    signed = chance.random() < 0.4
    length = len(body) + 8 * signed
    if chance.random() < 0.1:
        length = max(0, length + chance.choice((-4, -1, 1, 4, 0xFFFF)))
    message = header[:2] + (length & 0xFFFF).to_bytes(2, "big") + header[4:] + body
    if not signed:
        return message
    crc = binascii.crc32(message) ^ stun.FINGERPRINT_XOR
    fingerprint = b"\x80\x28\0\4" + crc.to_bytes(4, "big")
    if chance.random() < 0.1:
        fingerprint = change_bytes(fingerprint, chance)
    return message + fingerprint


# STAMP: fields at fixed places, then TLVs of flags, type, length and value (RFC 8972)

STAMP_FIELDS = ((0, 4), (4, 8), (12, 2), (14, 2), (16, 8), (24, 4), (28, 8), (36, 2), (40, 1))
STAMP_SIZES = (0, 13, 14, 40, 41, 42, 43, 44, 45, 47, 48, 172, 1471, 1472, 1473)


def mutate_stamp(data: bytes, chance: Random) -> bytes:
    """Fields to their edges, sizes to those that RFC 5357, 8762 and 8972 know, TLVs behind."""
    packet = bytearray(data)
    for _time in range(chance.randint(1, 3)):
        match chance.randrange(4):
            case 0:
                place, size = chance.choice(STAMP_FIELDS)
                most = (1 << 8 * size) - 1
                value = chance.choice((0, 1, most // 2, most // 2 + 1, most - 1, most))
                if len(packet) >= place + size:
                    packet[place : place + size] = value.to_bytes(size, "big")
            case 1:
                size = chance.choice(STAMP_SIZES)
                packet = packet[:size].ljust(size, chance.choice((b"\0", b"\xa5", b"\xff")))
            case 2:
                flags, kind = chance.choice((0, 0x80, 0xFF)), chance.choice((0, 1, 2, 8, 255))
                value = chance.randbytes(chance.choice((0, 1, 4, 124)))
                told = len(value) if chance.random() < 0.8 else chance.choice(EDGES)
                packet[stamp.BASE_BYTES :] = bytes((flags, kind)) + told.to_bytes(2, "big") + value
            case _:
                # both times close together, as an answer has them
                packet[16:24] = packet[4:12]
    return bytes(packet)


# SIP: lines, of which those of the head have names, and a body of a told length

SIP_LINES = (
    b"Via: SIP/2.0/UDP a;rport",
    b"v: SIP/2.0/TCP [::1]:1;received=x;rport=0;branch=z9hG4bK",
    b"From: <sip:a>;tag=1",
    b"To: <sip:b>",
    b"Call-ID: x",
    b"CSeq: 1 OPTIONS",
    "CSeq: \u0663 OPTIONS".encode(),
    b"Content-Length: 0",
    b"l: 5",
    b"Content-Length: 99999999999",
    "Content-Length: \u0665".encode(),
    b" folded",
    b"\tfolded \0",
    b" ",
    b"",
    b":",
    b"X" * 65 + b": x",
    b"A: " + b"x" * 1024,
    b"A: \xff\xfe\x1b[31m",
    "A: \u202e\u2028\ud7ff".encode(),
)
SIP_ENDS = (b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"\0")


def mutate_sip(data: bytes, chance: Random) -> bytes:
    """Header lines by name, compact or folded; the told length mostly fits its body again."""
    head, _blank, body = data.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    for _time in range(chance.randint(1, 3)):
        match chance.randrange(6):
            case 0:
                _rearrange(lines, chance)
            case 1:
                lines.insert(chance.randint(0, len(lines)), chance.choice(SIP_LINES))
            case 2 if lines:
                place = chance.randrange(len(lines))
                lines[place] = change_bytes(lines[place], chance)
            case 3 if lines:
                place = chance.randrange(len(lines))
                name, colon, value = lines[place].partition(b":")
                lines[place] = name.swapcase() + b" " * chance.randint(0, 2) + colon + value
            case 4:
                parts = body.split(b"\r\n")
                _rearrange(parts, chance)
                body = b"\r\n".join(parts)
            case _:
                body = change_bytes(body, chance)
    if chance.random() < 0.7:
        lines = [
            b"Content-Length: %d" % len(body) if line[:15].lower() == b"content-length:" else line
            for line in lines
        ]
    end = chance.choice(SIP_ENDS) if chance.random() < 0.1 else b"\r\n"
    return end.join(lines) + b"\r\n\r\n" + body


# The mirror's body: base64 of a zlib stream of a source line and a SIP request

MIRROR_SOURCES = (
    b"192.0.2.1:5060",
    b"[2001:db8::1]:5060",
    b"[fe80::1%eth0]:1",
    b"[::1%" + b"x" * 60 + b"]:1",
    b"[:::::]:1",
    b"192.0.2.1:0",
    b"192.0.2.1:99999",
    b"host",
    b"",
    "host\u0663:1".encode(),
    b"x" * 81,
)


def mutate_mirror(data: bytes, chance: Random) -> bytes:
    """What is inside, or one of its wrappings: cut off, with more behind it, or a bomb."""
    try:
        plain = zlib.decompressobj().decompress(base64.b64decode(data), 8192)
    except (binascii.Error, zlib.error):
        plain = b"192.0.2.1:5060\r\n" + data
    source, _end, request = plain.partition(b"\r\n")
    match chance.randrange(4):
        case 0:
            source = chance.choice(MIRROR_SOURCES)
        case 1:
            source = change_bytes(source, chance)
        case 2:
            request = mutate_sip(request, chance)
        case _:
            request = bytes((chance.randrange(256),)) * chance.choice((0, 4096, 4097, 100_000))
    packed = zlib.compress(source + chance.choice((b"\r\n", b"\n", b"")) + request)
    match chance.randrange(6):
        case 0:
            packed = change_bytes(packed, chance)
        case 1:
            packed = packed[: chance.randint(0, len(packed))]
        case 2:
            packed += packed
        case _:
            pass
    encoded = base64.b64encode(packed)
    return change_bytes(encoded, chance) if chance.random() < 0.1 else encoded


# DNS: a header of counts, names of labels that may point back, records with lengths

DNS_PIECES = (
    b"\xc0\x0c",
    b"\xc0\xff",
    b"\xff\xff",
    b"\x3f" + b"a" * 63,
    b"\0\0\x29\x04\xd0\0\0\0\0\0\0",
    b"\0\0\x29\0\0\xff\xff\x80\0\0\4\0\x0a\0\xff",
    b"\5large\x09natwizard\4test\0\0\x10\0\1",
    b"\0\0\xff\0\xff",
)


def mutate_dns(data: bytes, chance: Random) -> bytes:
    """Counts that lie, pointers that go round, options without an end."""
    message = bytearray(data.ljust(12, b"\0"))
    for _time in range(chance.randint(1, 3)):
        match chance.randrange(3):
            case 0:
                place = chance.choice((2, 4, 6, 8, 10))
                message[place : place + 2] = chance.choice(EDGES).to_bytes(2, "big")
            case 1:
                place = chance.randint(12, len(message))
                message[place:place] = chance.choice(DNS_PIECES)
            case _:
                message[12:] = change_bytes(bytes(message[12:]), chance)
    return bytes(message)


def mutate_any(mutators: Sequence[Mutator], data: bytes, chance: Random) -> bytes:
    """By one of these, or, one time in five, byte by byte."""
    if chance.random() < 0.2:
        return change_bytes(data, chance)
    return chance.choice(mutators)(data, chance)
