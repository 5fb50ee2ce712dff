"""SIP messages as bytes; no sockets. Source: RFC 3261 (7, 8.1.1, 18.3, 20), RFC 3581, RFC 8866."""

import re
from enum import StrEnum

from msgspec import Struct

from natwizard.model.address import HostPort
from natwizard.wire.error import WireError

# What one unfinished message can make us hold; our own to a mirror have 1,150 (REQUEST_BYTES)
MESSAGE_LIMIT_BYTES = 4096
HEADER_LIMIT = 64
# Above our own longest line, the padding: a mirror refuses longer ones
LINE_LIMIT_BYTES = 1024
# With the header's name and the token it stays within LINE_LIMIT_BYTES, else a mirror refuses it
PADDING_LIMIT_BYTES = 900
# A name has at most 255 octets (RFC 1035, 2.3.4); what a server writes here is not bounded
LONGEST_HOST = 255
LAST_PORT = 65535

PADDING_HEADER = "Natwizard-Padding"
"""An extension header, which every element must ignore and pass on (RFC 3261, 7.3.2)."""

# How every branch of RFC 3261 begins; without it servers match requests as RFC 2543 did (8.1.1.7)
BRANCH_COOKIE = "z9hG4bK"

_REQUEST_LINE = re.compile(r"(?P<method>[A-Z]{1,20}) (?P<uri>sips?:[\x21-\x7e]{1,256}) SIP/2\.0")
_STATUS_LINE = re.compile(r"SIP/2\.0 (?P<code>[1-6]\d\d)(?: (?P<reason>.{0,200}))?")
_NAME = re.compile(r"[A-Za-z0-9!%*_+`'~.-]{1,64}")
_DIGITS = re.compile(r"[0-9]{1,10}")  # CSeq: up to 2**31 - 1 (RFC 3261, 8.1.1.5)
_END_OF_HEADERS = b"\r\n\r\n"

# RFC 3261, 7.3.3 and 20; a middlebox may write either form without changing the meaning
_FULL_NAMES = {
    "c": "content-type",
    "e": "content-encoding",
    "f": "from",
    "i": "call-id",
    "k": "supported",
    "l": "content-length",
    "m": "contact",
    "s": "subject",
    "t": "to",
    "v": "via",
}
_REQUIRED = ("via", "from", "to", "call-id", "cseq")


class Transport(StrEnum):
    """As the Via header writes it."""

    UDP = "UDP"
    TCP = "TCP"
    TLS = "TLS"


class SipHeader(Struct, frozen=True):
    """One header line: `name` in lower case and in full, `value` without outer blanks."""

    name: str
    value: str


class SipMessage(Struct, frozen=True, kw_only=True):
    """What requests and responses share; headers in their order."""

    headers: tuple[SipHeader, ...]
    body: bytes

    def first(self, name: str) -> str:
        """The first value of a header (full name, lower case), or empty."""
        return next((header.value for header in self.headers if header.name == name), "")


class SipRequest(SipMessage, frozen=True, kw_only=True):
    """A well-formed request: it has a Via, From, To, Call-ID and CSeq."""

    method: str
    uri: str


class SipResponse(SipMessage, frozen=True, kw_only=True):
    """A response; `status_code` is 100 to 699."""

    status_code: int
    reason: str


class Dialogue(Struct, frozen=True, kw_only=True):
    """Who asks whom, how, and under which random token (letters and digits)."""

    server: HostPort
    local: HostPort
    transport: Transport
    token: str


def build_options(dialogue: Dialogue, *, size: int = 0) -> bytes:
    """An OPTIONS request, filled up to `size` bytes where it is shorter."""
    return _build(dialogue, "OPTIONS", ("Accept: application/sdp",), b"", size)


def build_invite(dialogue: Dialogue, *, size: int = 0) -> bytes:
    """An INVITE with an SDP offer of one G.711 stream, as a desk phone sends it.

    Only for a mirror that has answered before: a real server might ring someone.
    """
    host = dialogue.local.host
    version = "IP6" if ":" in host else "IP4"
    body = "\r\n".join(
        (
            "v=0",
            f"o=natwizard 1 1 IN {version} {host}",
            "s=-",
            f"c=IN {version} {host}",
            "t=0 0",
            # 0 and 8 are the static payload types of G.711, mu-law and A-law (RFC 3551, 6)
            f"m=audio {_media_port(dialogue.local.port)} RTP/AVP 0 8",
            "a=rtpmap:0 PCMU/8000",
            "a=rtpmap:8 PCMA/8000",
            "a=sendrecv",
            "",
        )
    ).encode("ascii")
    return _build(dialogue, "INVITE", ("Content-Type: application/sdp",), body, size)


def _media_port(sip_port: int) -> int:
    """An even port (RFC 3550, 11) that a phone might use; nothing listens there."""
    return sip_port + 2 - sip_port % 2 if sip_port < 65000 else 40000


def _build(
    dialogue: Dialogue, method: str, extra: tuple[str, ...], body: bytes, size: int
) -> bytes:
    local, server, token = dialogue.local, dialogue.server, dialogue.token
    transport = dialogue.transport
    lines = [
        f"{method} sip:mirror@{server} SIP/2.0",
        f"Via: SIP/2.0/{transport} {local};rport;branch={BRANCH_COOKIE}{token}{method.lower()}",
        # the value that RFC 3261 (8.1.1.6) recommends
        "Max-Forwards: 70",
        f"From: <sip:natwizard@{server}>;tag={token}",
        f"To: <sip:mirror@{server}>",
        f"Call-ID: {token}{method.lower()}",
        f"CSeq: 1 {method}",
        f"Contact: <sip:natwizard@{local};transport={transport.lower()}>",
        "User-Agent: natwizard",
        *extra,
        f"Content-Length: {len(body)}",
    ]
    bare = _join(lines, body)
    missing = size - len(bare) - len(f"{PADDING_HEADER}: {token} \r\n")
    if missing > 0:
        lines.insert(-1, f"{PADDING_HEADER}: {token} {'x' * min(missing, PADDING_LIMIT_BYTES)}")
    return _join(lines, body)


def build_response(
    request: SipRequest,
    status: str,
    *,
    source: HostPort,
    to_tag: str,
    extra: tuple[str, ...] = (),
    body: bytes = b"",
) -> bytes:
    """An answer ("200 OK") with the headers that RFC 3261 (8.2.6.2) and 3581 ask for."""
    vias = [header.value for header in request.headers if header.name == "via"]
    to = request.first("to")
    return _join(
        [
            f"SIP/2.0 {status}",
            f"Via: {_with_source(vias[0], source)}",
            *(f"Via: {via}" for via in vias[1:]),
            f"From: {request.first('from')}",
            f"To: {to}" if ";tag=" in to.lower() else f"To: {to};tag={to_tag}",
            f"Call-ID: {request.first('call-id')}",
            f"CSeq: {request.first('cseq')}",
            *extra,
            f"Content-Length: {len(body)}",
        ],
        body,
    )


def _with_source(via: str, source: HostPort) -> str:
    """The topmost Via with where the request came from (RFC 3581, 4)."""
    top, comma, others = via.partition(",")
    if re.search(r";\s*rport\s*(;|$)", top, re.IGNORECASE):
        top = re.sub(r";\s*rport\s*(?=;|$)", f";rport={source.port}", top, flags=re.IGNORECASE)
    return f"{top};received={source.host}{comma}{others}"


def via_source(via: str) -> HostPort | None:
    """Where a server says in the topmost Via that a request came from; None if it does not."""
    received, rport, top = None, None, via.partition(",")[0]
    for parameter in top.split(";")[1:]:
        name, _, value = parameter.strip().partition("=")
        match name.strip().lower():
            case "received":
                received = value.strip().strip("[]")
            case "rport":
                rport = value.strip()
    if not received or not rport or not _DIGITS.fullmatch(rport):
        return None
    port = int(rport)
    return HostPort(received[:LONGEST_HOST], port) if 1 <= port <= LAST_PORT else None


def _join(lines: list[str], body: bytes) -> bytes:
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + _END_OF_HEADERS + body


def message_bytes(received: bytes) -> int | None:
    """How long the message at the start of a stream is; None while its headers are not whole.

    Raises WireError for a message that is too large or has no Content-Length (RFC 3261, 18.3).
    """
    end = received.find(_END_OF_HEADERS)
    if end < 0:
        if len(received) > MESSAGE_LIMIT_BYTES:
            raise WireError(f"expected SIP headers within {MESSAGE_LIMIT_BYTES} bytes")
        return None
    headers = _headers(_lines(received[:end])[1:])
    lengths = {header.value for header in headers if header.name == "content-length"}
    if len(lengths) != 1:
        raise WireError("expected one Content-Length on a stream")
    total = end + len(_END_OF_HEADERS) + _length(lengths.pop())
    if total > MESSAGE_LIMIT_BYTES:
        raise WireError(f"expected a SIP message within {MESSAGE_LIMIT_BYTES} bytes, got {total}")
    return total


def parse_request(message: bytes) -> SipRequest:
    """Read one whole request. Raises WireError."""
    start, headers, body = _split(message)
    match = _REQUEST_LINE.fullmatch(start)
    if match is None:
        raise WireError(f"expected a SIP request line, got {start[:80]!r}")
    request = SipRequest(headers=headers, body=body, method=match["method"], uri=match["uri"])
    for name in _REQUIRED:
        if not request.first(name):
            raise WireError(f"a SIP request without {name}")
    number, _, method = request.first("cseq").partition(" ")
    if not _DIGITS.fullmatch(number) or method.strip() != request.method:
        raise WireError(f"expected CSeq of {request.method}, got {request.first('cseq')[:80]!r}")
    return request


def parse_response(message: bytes) -> SipResponse:
    """Read one whole response. Raises WireError."""
    start, headers, body = _split(message)
    match = _STATUS_LINE.fullmatch(start)
    if match is None:
        raise WireError(f"expected a SIP status line, got {start[:80]!r}")
    reason = "".join(letter for letter in match["reason"] or "" if letter.isprintable())
    return SipResponse(headers=headers, body=body, status_code=int(match["code"]), reason=reason)


def _split(message: bytes) -> tuple[str, tuple[SipHeader, ...], bytes]:
    if len(message) > MESSAGE_LIMIT_BYTES:
        raise WireError(f"expected a SIP message within {MESSAGE_LIMIT_BYTES} bytes")
    head, separator, rest = message.partition(_END_OF_HEADERS)
    if not separator:
        raise WireError("expected a blank line after the SIP headers")
    lines = _lines(head)
    headers = _headers(lines[1:])
    lengths = {header.value for header in headers if header.name == "content-length"}
    if len(lengths) > 1:
        raise WireError("two different Content-Length headers")
    # over UDP the length may be left out: the body then ends with the datagram (RFC 3261, 18.3)
    length = _length(lengths.pop()) if lengths else len(rest)
    if length > len(rest):
        raise WireError(f"Content-Length says {length} of {len(rest)} bytes")
    # what a datagram holds beyond its Content-Length is thrown away (RFC 3261, 18.3)
    return lines[0], headers, rest[:length]


def _lines(head: bytes) -> list[str]:
    """Header lines; bytes that are not UTF-8 survive as they are."""
    lines: list[str] = []
    for line in head.split(b"\r\n"):
        if len(line) > LINE_LIMIT_BYTES:
            raise WireError(f"a SIP line of {len(line)} bytes")
        text = line.decode("utf-8", "surrogateescape")
        if any(letter in text for letter in "\r\n\0"):
            raise WireError("a control character in a SIP line")
        # a header may go on in the next line, if that begins with a blank (RFC 3261, 7.3.1)
        if text[:1] in {" ", "\t"} and len(lines) > 1:
            lines[-1] += f" {text.strip()}"
        else:
            lines.append(text)
    if len(lines) > HEADER_LIMIT:
        raise WireError(f"more than {HEADER_LIMIT} SIP headers")
    return lines


def _headers(lines: list[str]) -> tuple[SipHeader, ...]:
    headers = []
    for line in lines:
        name, colon, value = line.partition(":")
        name = name.rstrip(" \t")
        if not colon or not _NAME.fullmatch(name):
            raise WireError(f"expected a SIP header, got {line[:80]!r}")
        headers.append(SipHeader(_FULL_NAMES.get(name.lower(), name.lower()), value.strip()))
    return tuple(headers)


def _length(text: str) -> int:
    if not _DIGITS.fullmatch(text):
        raise WireError(f"expected a Content-Length in digits, got {text[:80]!r}")
    return int(text)
