"""One table from the errors of the operating system and the libraries to failure codes."""

import errno
import socket
import ssl
from collections.abc import Iterator, Mapping

from natwizard.model.outcome import Failure, FailureCode

DETAIL_LENGTH = 300


class CannotGather(Exception):
    """Nothing could be looked at; carries the reason. Also the way to fail one attempt."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(f"{failure.operation}: {failure.code} {failure.detail}")
        self.failure = failure


class BadAnswer(ValueError):
    """The peer answered with something its protocol does not allow."""


BY_ERRNO: Mapping[int, FailureCode] = {
    errno.ECONNREFUSED: FailureCode.CONNECTION_REFUSED,
    errno.ECONNRESET: FailureCode.CONNECTION_RESET,
    errno.ECONNABORTED: FailureCode.CONNECTION_RESET,
    errno.EPIPE: FailureCode.CONNECTION_RESET,
    errno.ETIMEDOUT: FailureCode.TIMED_OUT,
    errno.ENETUNREACH: FailureCode.NETWORK_UNREACHABLE,
    errno.EHOSTUNREACH: FailureCode.NETWORK_UNREACHABLE,
    errno.ENETDOWN: FailureCode.NETWORK_UNREACHABLE,
    # Linux and macOS: nobody answers at that address of the own network; Windows has no name for it
    getattr(errno, "EHOSTDOWN", 10064): FailureCode.NETWORK_UNREACHABLE,
    errno.EADDRNOTAVAIL: FailureCode.NETWORK_UNREACHABLE,
    errno.EACCES: FailureCode.NOT_PERMITTED,
    errno.EPERM: FailureCode.BLOCKED_HERE,
    errno.EAFNOSUPPORT: FailureCode.NOT_SUPPORTED,
    # this computer could not take the packet, or has no room for one more socket
    errno.ENOBUFS: FailureCode.MACHINE_BUSY,
    errno.ENOMEM: FailureCode.MACHINE_BUSY,
    errno.EMFILE: FailureCode.MACHINE_BUSY,
    errno.ENFILE: FailureCode.MACHINE_BUSY,
    # Windows reports its own numbers where the C library has none
    # WSAENOBUFS, WSAENETUNREACH, WSAECONNABORTED, WSAECONNRESET, WSAETIMEDOUT, WSAECONNREFUSED,
    # WSAENETDOWN, WSAEHOSTDOWN, WSAEHOSTUNREACH
    10055: FailureCode.MACHINE_BUSY,
    10051: FailureCode.NETWORK_UNREACHABLE,
    10052: FailureCode.CONNECTION_RESET,  # WSAENETRESET: keep-alive found the connection broken
    10053: FailureCode.CONNECTION_RESET,
    10054: FailureCode.CONNECTION_RESET,
    10060: FailureCode.TIMED_OUT,
    10061: FailureCode.CONNECTION_REFUSED,
    10050: FailureCode.NETWORK_UNREACHABLE,
    10064: FailureCode.NETWORK_UNREACHABLE,
    10065: FailureCode.NETWORK_UNREACHABLE,
    10101: FailureCode.CONNECTION_RESET,  # WSAEDISCON: the peer is shutting down
}

# getaddrinfo tells "no such name" and "could not ask" apart. Windows has a number of its own for
# a name that is there and has no address (WSANO_DATA, 11004).
NAME_NOT_FOUND = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME), 11004}

# OpenSSL's words for a chain of certificates over 100 kB (SSL_CTX_set_max_cert_list(3))
TOO_LARGE = {"EXCESSIVE_MESSAGE_SIZE"}

# In this order: the particular ones before those that they derive from
BY_TYPE: tuple[tuple[type[BaseException], FailureCode], ...] = (
    (ssl.SSLCertVerificationError, FailureCode.CERTIFICATE_UNTRUSTED),
    (ssl.SSLEOFError, FailureCode.CLOSED_EARLY),
    (ssl.SSLZeroReturnError, FailureCode.CLOSED_EARLY),  # what Python 3.11.2 makes of the same
    (ssl.SSLError, FailureCode.TLS_FAILED),
    (TimeoutError, FailureCode.TIMED_OUT),
    (ConnectionRefusedError, FailureCode.CONNECTION_REFUSED),
    (ConnectionResetError, FailureCode.CONNECTION_RESET),
    (EOFError, FailureCode.CLOSED_EARLY),
    (PermissionError, FailureCode.NOT_PERMITTED),
    (UnicodeError, FailureCode.OTHER),  # of a name or a text of this computer's, not of a peer's
    (ValueError, FailureCode.BAD_ANSWER),
)


def failure_from(error: BaseException, operation: str) -> Failure:
    """Translate what the system or a peer did; what is neither is a defect, and raised again.

    An error of the system that the tables do not know is a failure all the same: OTHER, with
    its number's name. A group of such errors (asyncio.TaskGroup) is told by its first.
    """
    if isinstance(error, BaseExceptionGroup):
        return _of_group(error, operation)
    if isinstance(error, CannotGather):
        return error.failure
    code = _code(error)
    if code is None:
        raise error
    return Failure(code=code, operation=operation, detail=_detail(error, code))


def _of_group(group: BaseExceptionGroup[BaseException], operation: str) -> Failure:
    """Its first failure; one that is a defect makes the whole group one."""
    unknown = [
        each
        for each in _leaves(group)
        if not isinstance(each, CannotGather) and _code(each) is None
    ]
    if unknown:
        raise group
    return failure_from(next(_leaves(group)), operation)


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for each in group.exceptions:
        if isinstance(each, BaseExceptionGroup):
            yield from _leaves(each)
        else:
            yield each


def _detail(error: BaseException, code: FailureCode) -> str:
    words = str(error)
    if code is FailureCode.OTHER:
        number = error.errno if isinstance(error, OSError) else 0
        name = errno.errorcode.get(number or 0, type(error).__name__)
        words = f"{name}: {words}"
    return words[:DETAIL_LENGTH]


WINDOWS_ACCESS = 10013
"""WSAEACCES, for a socket: Windows' own firewall, or a program that filters, says no."""


def _is_barred_here(error: BaseException) -> bool:
    """Whether this computer itself would not send. EACCES may be a report from the way: Linux
    makes it of "administratively prohibited" (ICMPv6, RFC 4443, 3.1).
    """
    number = getattr(error, "winerror", 0) or getattr(error, "errno", 0)
    return isinstance(error, PermissionError) and number in {errno.EPERM, WINDOWS_ACCESS}


def _code(error: BaseException) -> FailureCode | None:
    if _is_barred_here(error):
        return FailureCode.BLOCKED_HERE
    if isinstance(error, socket.gaierror):
        known = error.errno in NAME_NOT_FOUND
        return FailureCode.NAME_NOT_FOUND if known else FailureCode.NAME_LOOKUP_FAILED
    if isinstance(error, ssl.SSLError) and error.reason in TOO_LARGE:
        return FailureCode.TOO_LARGE
    for kind, code in BY_TYPE:
        if isinstance(error, kind):
            return code
    if not isinstance(error, OSError):
        return None
    return BY_ERRNO.get(error.errno or 0, FailureCode.OTHER)
