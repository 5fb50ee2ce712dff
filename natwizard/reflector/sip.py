"""A SIP server that mirrors: its answer holds the request exactly as it arrived. RFC 3261.

Over UDP, where a source can be forged, no answer is ever longer than its request: a request
that is too short for its reflection is answered without one, and one too short even for that
is dropped. Only OPTIONS and INVITE that are well-formed and small are answered at all.
"""

import asyncio
import secrets

from natwizard.model.address import HostPort
from natwizard.reflector.connections import Connection
from natwizard.reflector.limits import MessageLimit, source_of
from natwizard.reflector.stats import Tally
from natwizard.wire.error import WireError
from natwizard.wire.sip import MESSAGE_LIMIT_BYTES, build_response, message_bytes, parse_request
from natwizard.wire.sip_mirror import CONTENT_TYPE, SipReflection, encode_reflection

SILENCE_S = 10.0
REQUESTS_PER_CONNECTION = 16
CHUNK_BYTES = 2048

# An INVITE is never accepted: there is nobody to talk to, and a 200 would have to be repeated
STATUS = {"OPTIONS": "200 OK", "INVITE": "488 Not Acceptable Here"}
SERVER = "Server: natwizard mirror"


class SipMirror:
    """Answers requests of any transport. Not for use in two threads at once."""

    def __init__(self, messages: MessageLimit, tally: Tally) -> None:
        self._messages = messages
        self._tally = tally

    def answer_datagram(self, datagram: bytes, address: tuple[str | int, ...]) -> bytes | None:
        """The answer to a datagram, never longer than it; None to stay silent."""
        answer = self._answer(datagram, address, size_limit=len(datagram))
        self._count(answer)
        return answer

    async def converse(self, connection: Connection) -> None:
        """Answer a few requests of one connection, then hang up."""
        peer = (connection.peer.host, connection.peer.port)
        received = b""
        for _request in range(REQUESTS_PER_CONNECTION):
            request, received = await _read_message(connection, received)
            # a source cannot be forged over TCP: the answer may be longer than the request
            answer = self._answer(request, peer, size_limit=2 * MESSAGE_LIMIT_BYTES)
            self._count(answer)
            if answer is None:
                raise WireError("not a request for a mirror")
            connection.heard()
            await connection.send(answer)

    def _answer(
        self, message: bytes, peer: tuple[str | int, ...], *, size_limit: int
    ) -> bytes | None:
        if not self._messages.admit(source_of(peer)):
            return None
        try:
            request = parse_request(message)
        except WireError:
            return None
        status = STATUS.get(request.method)
        if status is None:
            return None
        source = HostPort(str(peer[0]).partition("%")[0], int(peer[1]))
        # 32 bits of chance, the least that RFC 3261 (19.3) wants in a tag
        tag = secrets.token_hex(4)
        mirrored = build_response(
            request,
            status,
            source=source,
            to_tag=tag,
            extra=(SERVER, f"Content-Type: {CONTENT_TYPE}"),
            body=encode_reflection(SipReflection(source=source, request=message)),
        )
        plain = build_response(request, status, source=source, to_tag=tag)
        return next((answer for answer in (mirrored, plain) if len(answer) <= size_limit), None)

    def _count(self, answer: bytes | None) -> None:
        if answer is None:
            self._tally.sip_dropped += 1
        else:
            self._tally.sip_answered += 1


async def _read_message(connection: Connection, received: bytes) -> tuple[bytes, bytes]:
    """One message off a stream, and what came after it. Raises WireError, EOFError, OSError."""
    async with asyncio.timeout(SILENCE_S):
        while True:
            received = received.lstrip(b"\r\n")  # keep-alives (RFC 5626, 3.5.1)
            length = message_bytes(received)
            if length is not None and length <= len(received):
                return received[:length], received[length:]
            chunk = await connection.receive(CHUNK_BYTES)
            if not chunk:
                raise EOFError("hung up")
            received += chunk
