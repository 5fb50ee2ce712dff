"""Standard streams that every print can rely on, whatever the program was started with.

There may be none (pythonw, Task Scheduler, a service, `>&-`), or one of 8 bits that lacks our
marks and letters (pip's Windows programs when redirected, an ISO-8859-1 locale).
"""

import codecs
import io
import os
import sys
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

ERROR_HANDLER: Final = "natwizard.plainer"
PLAINER: Final = {
    "\u2714": "+", "\u2716": "x", "\u25b2": "!", "\u25d0": "~", "\u2026": "...", "\u2212": "-",
    "\u2013": "-", "\u2014": "-", "\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"',
    "\u201e": '"', "\u2022": "*", "\u00b7": "-", "\u00d7": "x", "\u00a0": " ", "\u202f": " ",
    "\u2192": "->", "\u2190": "<-", "\u2264": "<=", "\u2265": ">=", "\u20ac": "EUR", "\u00b1": "+-",
    "\u2009": " ", "\u2011": "-", "\u2068": "", "\u2069": "", "\u0153": "oe", "\u0152": "OE",
}  # fmt: skip
STANDARD: Final = 3
"""File descriptors 0 to 2; what is opened where one of them is closed would take its place."""


def prepare_streams() -> None:
    """Give the program three streams that take any text. Call it before anything is opened."""
    _fill_closed_descriptors()
    codecs.register_error(ERROR_HANDLER, _plainer)
    sys.stdout = _prepared(sys.stdout)
    sys.stderr = _heard_or_not(_prepared(sys.stderr))


def _fill_closed_descriptors() -> None:
    """A report's file as descriptor 1 would take in what a library prints."""
    while True:
        try:
            opened = os.open(os.devnull, os.O_RDWR)
        except OSError:
            return
        if opened >= STANDARD:
            os.close(opened)
            return


def _prepared(stream: TextIO | None) -> TextIO:
    if stream is None:  # it stays open as long as the program runs, as the real one would
        return open(os.devnull, "w", encoding="utf-8")
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors=ERROR_HANDLER)
    return stream


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person is at the other end of a stream.

    Windows' C library says so of NUL as well, which scripts and services give programs to read
    from: only a console has a mode.
    """
    if stream is None or not stream.isatty():
        return False
    if sys.platform == "win32":
        import msvcrt
        from ctypes import byref, c_int, c_uint32, c_void_p

        from natwizard.windows_functions import windows_function

        ask = windows_function("kernel32", "GetConsoleMode", c_int, c_void_p, c_void_p)
        return bool(ask(msvcrt.get_osfhandle(stream.fileno()), byref(c_uint32())))
    return True


class _Unheard(io.RawIOBase):
    """Standard error that may have no reader or no room: what is told there ends nothing.

    Python would end with 1, "not ready", where the words on what was wrong cannot be written.
    """

    def __init__(self, inner: io.RawIOBase) -> None:
        self._inner = inner

    def write(self, content: "ReadableBuffer") -> int | None:
        try:
            return self._inner.write(content)
        except OSError:
            return memoryview(content).nbytes

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return self._inner.isatty()

    def fileno(self) -> int:
        return self._inner.fileno()


def _heard_or_not(stream: TextIO) -> TextIO:
    raw = getattr(stream.buffer, "raw", stream.buffer)  # unbuffered (PYTHONUNBUFFERED) it is raw
    if not (isinstance(stream, io.TextIOWrapper) and isinstance(raw, io.RawIOBase)):
        return stream
    stream.flush()
    return io.TextIOWrapper(
        io.BufferedWriter(_Unheard(raw)),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=True,
    )


def _plainer(error: UnicodeError) -> tuple[str | bytes, int]:
    """A sign of ASCII in place of one that the stream has not; a question mark at the worst."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    return "".join(PLAINER.get(sign, "?") for sign in text), error.end
