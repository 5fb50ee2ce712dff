"""CONNECT through a web proxy, on the socket itself. Source: RFC 9110, section 9.3.6."""

import asyncio
import socket

import h11

from natwizard.model.address import HostPort
from natwizard.model.outcome import Failure, FailureCode
from natwizard.probes.failures import BadAnswer, CannotGather
from natwizard.probes.printable import printable

ANSWER_LIMIT_BYTES = 32 * 1024
PROXY_AUTHENTICATION_REQUIRED = 407


async def open_tunnel(connection: socket.socket, target: HostPort, *, timeout_s: float) -> int:
    """Ask the proxy behind `connection` for a way to `target`; the status it allowed it with.

    Raises CannotGather (PROXY_AUTHENTICATION, HTTP_STATUS, TOO_LARGE), BadAnswer, EOFError,
    OSError, TimeoutError.
    """
    loop = asyncio.get_running_loop()
    http = h11.Connection(h11.CLIENT, max_incomplete_event_size=ANSWER_LIMIT_BYTES)
    request = h11.Request(method="CONNECT", target=str(target), headers=[("Host", str(target))])
    async with asyncio.timeout(timeout_s):
        await loop.sock_sendall(connection, http.send(request) or b"")
        await loop.sock_sendall(connection, http.send(h11.EndOfMessage()) or b"")
        received = 0
        while True:
            event = next_event(http)
            if isinstance(event, h11.Response):
                return _allowed(event, http)
            if event is h11.NEED_DATA:
                data = await loop.sock_recv(connection, 4096)
                received += len(data)
                if not data:
                    raise EOFError("the proxy hung up")
                if received > ANSWER_LIMIT_BYTES:
                    raise too_large("open_tunnel", f"over {ANSWER_LIMIT_BYTES} bytes")
                http.receive_data(data)


def next_event(http: h11.Connection) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
    """The next event of a peer that may send anything: its faults become BadAnswer, TOO_LARGE."""
    try:
        return http.next_event()
    except h11.RemoteProtocolError as error:
        if error.error_status_hint == 431:
            raise too_large("read_headers", str(error)) from error
        raise BadAnswer(printable(str(error))) from error


def too_large(operation: str, detail: str) -> CannotGather:
    """The failure of an answer that goes over its bounds."""
    return CannotGather(Failure(code=FailureCode.TOO_LARGE, operation=operation, detail=detail))


def _allowed(answer: h11.Response, http: h11.Connection) -> int:
    if answer.status_code == PROXY_AUTHENTICATION_REQUIRED:
        schemes = [value.decode("latin-1") for name, value in answer.headers
                   if name == b"proxy-authenticate"]  # fmt: skip
        raise CannotGather(
            Failure(
                code=FailureCode.PROXY_AUTHENTICATION,
                operation="open_tunnel",
                detail=printable(", ".join(schemes)),
            )
        )
    if not 200 <= answer.status_code < 300:
        raise CannotGather(
            Failure(
                code=FailureCode.HTTP_STATUS,
                operation="open_tunnel",
                detail=f"HTTP {answer.status_code}",
            )
        )
    if http.trailing_data[0]:
        raise BadAnswer("the proxy spoke before the tunnel was used")
    return answer.status_code
