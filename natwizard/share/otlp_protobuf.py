"""What a collector says of the records that it took, where it answers JSON with protobuf: some know
no other form. Three fields of two messages (ExportLogsServiceResponse, ExportLogsPartialSuccess).
Pure.
"""

from collections.abc import Iterator

MEDIA_TYPES = frozenset({"application/x-protobuf", "application/protobuf"})
PARTIAL_SUCCESS = 1
REJECTED_LOG_RECORDS, ERROR_MESSAGE = 1, 2
# Wire types (protobuf.dev, "Encoding"); groups, 3 and 4, are in no message of OTLP
VARINT, EIGHT_BYTES, BYTES, FOUR_BYTES = 0, 1, 2, 5
FIXED = {EIGHT_BYTES: 8, FOUR_BYTES: 4}
LARGEST = (1 << 63) - 1
"""Of a signed number; what is above stands for a negative one."""


def rejected_of(content: bytes) -> tuple[int, str]:
    """How many records were rejected, and why. Raises ValueError where it is no such message."""
    rejected, reason = 0, b""
    for field, partial in _fields(content):
        if field != PARTIAL_SUCCESS:
            continue
        if not isinstance(partial, bytes):
            raise ValueError("a message is expected")
        for inner, value in _fields(partial):
            if inner == REJECTED_LOG_RECORDS and isinstance(value, int):
                rejected = value if value <= LARGEST else 0
            elif inner == ERROR_MESSAGE and isinstance(value, bytes):
                reason = value
    return rejected, reason.decode()


def _fields(content: bytes) -> Iterator[tuple[int, int | bytes]]:
    place = 0
    while place < len(content):
        key, place = _varint(content, place)
        field, kind = key >> 3, key & 7
        if kind == VARINT:
            number, place = _varint(content, place)
            yield field, number
            continue
        if kind == BYTES:
            length, place = _varint(content, place)
        elif kind in FIXED:
            length = FIXED[kind]
        else:
            raise ValueError("no such kind of field")
        if field < 1 or place + length > len(content):
            raise ValueError("the end is missing")
        yield field, content[place : place + length]
        place += length


def _varint(content: bytes, place: int) -> tuple[int, int]:
    """A number of up to ten bytes, and where the next one begins."""
    number = 0
    for shift in range(0, 70, 7):
        if place >= len(content):
            break
        byte = content[place]
        place += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, place
    raise ValueError("a number does not end")
