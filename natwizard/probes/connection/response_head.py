"""The head of an HTTP response, read as leniently as browsers do, and no more.

What RFC 9112 refuses and browsers forgive: bare line feeds, a missing reason, header lines without
a colon or a name (left out), blanks before the colon, folded lines, controls in values. Source:
Chromium's net/http/http_response_headers.cc and http_util.cc. h11 and llhttp, also where it is told
to be lenient, refuse some of these, and captive portals send them; so the head is put right
here, and h11 reads the rest.
"""

import re

from msgspec import Struct

from natwizard.model.outcome import Failure, FailureCode
from natwizard.probes.failures import BadAnswer, CannotGather
from natwizard.probes.printable import printable

# Decision 96: what has no end within this is no head
HEAD_LIMIT_BYTES = 64 * 1024
SLOP_BYTES = 4
"""Browsers pass over so many bytes before "HTTP": the end of an earlier body, mostly."""
END = re.compile(rb"\r?\n\r?\n")
STATUS_LINE = re.compile(
    r"HTTP(/(?P<version>\d+\.\d+))?\s*(?P<status>\d*)\s*(?P<reason>.*)", re.IGNORECASE
)
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
START = b"HTTP"


class ResponseHead(Struct, frozen=True, kw_only=True):
    """Status and headers, names in lower case; `rest` is what came after them."""

    status: int
    version: str = "1.1"
    reason: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    rest: bytes = b""

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a header, in order; `name` in lower case."""
        return tuple(value for each, value in self.headers if each == name)

    def first(self, name: str) -> str:
        """The first value of a header, or empty."""
        return next(iter(self.all(name)), "")

    def strict(self, *names: str) -> bytes:
        """The head as RFC 9112 wants it, with these headers alone."""
        lines = [f"HTTP/{self.version} {self.status} {_visible(self.reason)}"]
        lines += [f"{name}: {_visible(value)}" for name, value in self.headers if name in names]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")


def split_head(received: bytes) -> ResponseHead | None:
    """The head at the start of what came; None where it is not whole yet.

    Raises BadAnswer where it is no HTTP, CannotGather (TOO_LARGE) where it has no end in bounds.
    """
    start = received[: SLOP_BYTES + len(START)].upper().find(START)
    if start < 0:
        if len(received) < SLOP_BYTES + len(START):
            return None
        raise BadAnswer(f"not HTTP: {printable(received[:60].decode('latin-1'))}")
    end = END.search(received, start)
    if end is None:
        if len(received) > HEAD_LIMIT_BYTES:
            raise _endless()
        return None
    if end.end() > HEAD_LIMIT_BYTES:
        raise _endless()
    return _parse(received[start : end.start()], received[end.end() :])


def head_at_end(received: bytes) -> ResponseHead | None:
    """What a peer that has hung up left: browsers take a head without its empty line, too."""
    if START not in received[: SLOP_BYTES + len(START)].upper():
        return None
    return split_head(received.rstrip(b"\r\n") + b"\r\n\r\n")


def _parse(head: bytes, rest: bytes) -> ResponseHead:
    lines = [line.rstrip("\r") for line in head.decode("latin-1").split("\n")]
    status_line = STATUS_LINE.match(lines[0])
    if status_line is None:
        raise BadAnswer(f"not HTTP: {printable(lines[0][:60])}")
    headers: list[tuple[str, str]] = []
    for line in lines[1:]:
        if line[:1] in {" ", "\t"}:  # a folded line goes on with the one before
            if headers:
                name, value = headers[-1]
                headers[-1] = (name, f"{value} {line.strip()}".strip())
            continue
        name, colon, value = line.partition(":")
        if colon and TOKEN.fullmatch(name.strip()):
            headers.append((name.strip().lower(), value.strip()))
    status = status_line["status"][:3]
    return ResponseHead(
        # Chromium takes a status that is none for 200
        status=int(status) if len(status) == 3 else 200,
        version="1.0" if status_line["version"] in {None, "0.9", "1.0"} else "1.1",
        reason=status_line["reason"],
        headers=tuple(headers),
        rest=rest,
    )


def _visible(text: str) -> str:
    """Without the controls that strict readers refuse."""
    return "".join(sign for sign in text if sign == "\t" or sign.isprintable())


def _endless() -> CannotGather:
    return CannotGather(
        Failure(
            code=FailureCode.TOO_LARGE,
            operation="read_headers",
            detail=f"headers without end in {HEAD_LIMIT_BYTES} bytes",
        )
    )
