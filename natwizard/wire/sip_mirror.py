"""How a mirror returns a SIP request as it arrived, and how that differs from what was sent.

The request comes back compressed and in base64, so that nothing on the way can read and change
it. Compression also keeps the answer below the request in size: a mirror never amplifies, and
whoever wants an answer fills the request up with a header that is ignored (design, Security).
Source: our own; headers and SDP lines as in RFC 3261 (7.3) and RFC 8866 (5).
"""

import base64
import binascii
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest

from msgspec import Struct

from natwizard.model.address import HostPort, parse_host_port
from natwizard.model.privacy import PublicText, QuotingText
from natwizard.wire.error import WireError
from natwizard.wire.sip import MESSAGE_LIMIT_BYTES, parse_request

CONTENT_TYPE = "application/octet-stream"
REQUEST_BYTES = 1150
"""Size of a request to a mirror: room for the answer, within one packet anywhere (1280 in IPv6)."""

# An IPv6 address in brackets with its port has 53 characters at most
SOURCE_LIMIT_BYTES = 80
# A changed line is shown to people, and whoever answers can make it as long as a message
TEXT_LIMIT = 300

_NAMES = {"call-id": "Call-ID", "cseq": "CSeq", "via": "Via"}


class SipReflection(Struct, frozen=True, kw_only=True):
    """A request as the mirror received it, and the address that it came from."""

    source: HostPort
    request: bytes


class ChangedLine(Struct, frozen=True, kw_only=True):
    """One line that differs; empty where it is missing on that side.

    Attributes:
        name: "Via", "Contact", "c=", "Request line", "Length", "Spacing".
    """

    name: PublicText
    sent: QuotingText
    received: QuotingText


def encode_reflection(reflection: SipReflection) -> bytes:
    """The body of a mirror's answer."""
    plain = f"{reflection.source}\r\n".encode("ascii") + reflection.request
    # as small as it gets: over UDP an answer that is longer than its request is not sent
    return base64.b64encode(zlib.compress(plain, 9))


def decode_reflection(body: bytes) -> SipReflection:
    """Read the body of a mirror's answer. Raises WireError."""
    limit = SOURCE_LIMIT_BYTES + MESSAGE_LIMIT_BYTES
    try:
        inflate = zlib.decompressobj()
        plain = inflate.decompress(base64.b64decode(body, validate=True), limit)
    except (binascii.Error, zlib.error) as error:
        raise WireError(f"expected a mirrored request: {error}") from error
    if not inflate.eof:
        raise WireError("a mirrored request that is too large or cut off")
    source, separator, request = plain.partition(b"\r\n")
    if not separator or len(source) > SOURCE_LIMIT_BYTES:
        raise WireError("a mirrored request without its source")
    try:
        return SipReflection(source=parse_host_port(source.decode("ascii")), request=request)
    except ValueError as error:
        raise WireError(f"expected a mirrored source: {error}") from error


def changed_lines(sent: bytes, received: bytes) -> tuple[ChangedLine, ...]:
    """What was changed on the way, line by line; empty only if every byte is the same.

    Raises WireError if either is no SIP request.
    """
    if sent == received:
        return ()
    before, after = _lines_by_name(sent), _lines_by_name(received)
    changes = [
        change
        for name in dict.fromkeys((*before, *after))
        for change in _changes(name, before.get(name, ()), after.get(name, ()))
    ]
    if not changes:
        changes.append(
            ChangedLine(
                name="Spacing", sent=f"{len(sent)} bytes", received=f"{len(received)} bytes"
            )
        )
    return tuple(changes)


def _lines_by_name(message: bytes) -> Mapping[str, Sequence[str]]:
    request = parse_request(message)
    lines: defaultdict[str, list[str]] = defaultdict(list)
    lines["Request line"].append(f"{request.method} {request.uri}")
    for header in request.headers:
        lines[_NAMES.get(header.name, header.name.title())].append(header.value)
    for line in request.body.decode("utf-8", "backslashreplace").splitlines():
        lines[f"{line[:1]}=" if line[1:2] == "=" else "Body"].append(line)
    return lines


def _changes(name: str, before: Sequence[str], after: Sequence[str]) -> Iterable[ChangedLine]:
    """Pair up what is left of two lists once equal values are taken out of both."""
    for old, new in zip_longest(_without(before, after), _without(after, before), fillvalue=""):
        yield ChangedLine(name=name, sent=_readable(old), received=_readable(new))


def _without(lines: Sequence[str], others: Sequence[str]) -> list[str]:
    """What is left of lines, in order, once each of the others has taken one equal line away.

    Counted, since whoever answers may send thousands of lines.
    """
    others_left = Counter(others)
    left = []
    for line in lines:
        if others_left[line] > 0:
            others_left[line] -= 1
        else:
            left.append(line)
    return left


def _readable(text: str) -> str:
    plain = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return "".join(letter for letter in plain if letter.isprintable())[:TEXT_LIMIT]
