"""One table from the errors of the operating system and the libraries to failure codes."""

import errno
import socket
import ssl
from collections.abc import Mapping

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
    errno.EADDRNOTAVAIL: FailureCode.NETWORK_UNREACHABLE,
    errno.EACCES: FailureCode.NOT_PERMITTED,
    errno.EPERM: FailureCode.NOT_PERMITTED,
    errno.EAFNOSUPPORT: FailureCode.NOT_SUPPORTED,
    # Windows reports its own numbers where the C library has none
    10051: FailureCode.NETWORK_UNREACHABLE,
    10053: FailureCode.CONNECTION_RESET,
    10054: FailureCode.CONNECTION_RESET,
    10060: FailureCode.TIMED_OUT,
    10061: FailureCode.CONNECTION_REFUSED,
    10065: FailureCode.NETWORK_UNREACHABLE,
}

# getaddrinfo tells "no such name" and "could not ask" apart
NAME_NOT_FOUND = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}

# OpenSSL's words for a chain of certificates over 100 kB (SSL_CTX_set_max_cert_list(3))
TOO_LARGE = {"EXCESSIVE_MESSAGE_SIZE"}

BY_TYPE: tuple[tuple[type[BaseException], FailureCode], ...] = (
    (ssl.SSLCertVerificationError, FailureCode.CERTIFICATE_UNTRUSTED),
    (ssl.SSLEOFError, FailureCode.CLOSED_EARLY),
    (ssl.SSLError, FailureCode.TLS_FAILED),
    (TimeoutError, FailureCode.TIMED_OUT),
    (ConnectionRefusedError, FailureCode.CONNECTION_REFUSED),
    (ConnectionResetError, FailureCode.CONNECTION_RESET),
    (EOFError, FailureCode.CLOSED_EARLY),
    (PermissionError, FailureCode.NOT_PERMITTED),
    (ValueError, FailureCode.BAD_ANSWER),
)


def failure_from(error: BaseException, operation: str) -> Failure:
    """Translate an expected error; one that the table does not know is raised again."""
    if isinstance(error, CannotGather):
        return error.failure
    code = _code(error)
    if code is None:
        raise error
    return Failure(code=code, operation=operation, detail=str(error)[:DETAIL_LENGTH])


def _code(error: BaseException) -> FailureCode | None:
    if isinstance(error, socket.gaierror):
        known = error.errno in NAME_NOT_FOUND
        return FailureCode.NAME_NOT_FOUND if known else FailureCode.NAME_LOOKUP_FAILED
    if isinstance(error, ssl.SSLError) and error.reason in TOO_LARGE:
        return FailureCode.TOO_LARGE
    for kind, code in BY_TYPE:
        if isinstance(error, kind):
            return code
    return BY_ERRNO.get(error.errno or 0) if isinstance(error, OSError) else None
