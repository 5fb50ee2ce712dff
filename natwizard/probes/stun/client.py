"""Asks STUN servers from one socket. Source: RFC 8489, 6.2.1, with a shorter schedule.

The RFC repeats seven times over 39.5 s, which is for calls that must be set up at any price.
A person waits for us: three tries, the first two 0.5 s and 1 s apart, and 2 s in all.
"""

import asyncio
import secrets
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Self

from msgspec import Struct

from natwizard.model.address import HostPort, canonical_ip
from natwizard.model.privacy import Personal, PersonalKind, Server
from natwizard.probes.failures import BadAnswer
from natwizard.probes.media.arrival import DATAGRAM_BYTES
from natwizard.probes.network import Endpoint
from natwizard.wire import stun
from natwizard.wire.error import WireError

WAITS_S = (0.5, 1.0, 0.5)
"""How long to wait after each try; an answer to an earlier try counts as well."""

DATAGRAMS_A_TURN = 64

REQUEST_BYTES = 80
"""As long as a full answer, so that a server that refuses to amplify can give one."""


class StunMapping(Struct, frozen=True, kw_only=True):
    """How a server saw one of our sockets.

    Attributes:
        server: who answered, an address and port.
        local_port: the port our socket has on this computer.
        public: address and port as the server saw them.
        plain: the same from MAPPED-ADDRESS, which some middleboxes rewrite; None where absent.
        other: a second address of the server, for mapping tests (RFC 5780); None where absent.
        tries: requests sent until the answer came.
    """

    server: Annotated[HostPort, Server()]
    local_port: int
    public: Annotated[HostPort, Personal(PersonalKind.ADDRESS)]
    plain: Annotated[HostPort, Personal(PersonalKind.ADDRESS)] | None = None
    other: Annotated[HostPort, Server()] | None = None
    tries: int = 1


@dataclass(slots=True)
class _Asked:
    server: HostPort
    answer_from: HostPort
    answer: asyncio.Future[stun.BindingMessage]

    def expects(self, message: stun.BindingMessage, source: tuple[str, int]) -> bool:
        """A server refuses from its own address, wherever its answer was to come from."""
        refused = isinstance(message, stun.BindingError)
        expected = self.server if refused else self.answer_from
        return _place(expected.host, expected.port) == _place(*source[:2])


def _place(host: str, port: int) -> HostPort:
    """Without zone and spelling, for the system writes both in its own way."""
    return HostPort(str(canonical_ip(host)), port)


@dataclass(slots=True)
class StunSocket:
    """One datagram socket, owned and closed by this; asks any number of servers at once.

    Attributes:
        strays: datagrams that were no answer to any question.
    """

    datagrams: socket.socket
    strays: int = 0
    _connected: bool = False
    _asked: dict[bytes, _Asked] = field(default_factory=dict)

    def __enter__(self) -> Self:
        asyncio.get_running_loop().add_reader(self.datagrams, self._read)
        return self

    def __exit__(self, *_error: object) -> None:
        asyncio.get_running_loop().remove_reader(self.datagrams)
        self.datagrams.close()

    def connect(self, server: Endpoint) -> None:
        """Ask this server only; then the system tells us if packets are turned away (ICMP)."""
        self.datagrams.connect((server.address, server.port))
        self._connected = True

    async def ask(
        self,
        server: Endpoint,
        waits_s: Sequence[float] = WAITS_S,
        *,
        changes: int = 0,
        answer_from: HostPort | None = None,
    ) -> StunMapping:
        """How this server sees the socket. Raises OSError, TimeoutError, BadAnswer.

        With `changes` (RFC 5780) the answer is to come from `answer_from` instead of the server.
        """
        transaction_id = secrets.token_bytes(stun.TRANSACTION_ID_BYTES)
        request = stun.encode_request(transaction_id, size=REQUEST_BYTES, changes=changes)
        answer: asyncio.Future[stun.BindingMessage] = asyncio.get_running_loop().create_future()
        place = HostPort(server.address, server.port)
        self._asked[transaction_id] = _Asked(place, answer_from or place, answer)
        try:
            for tries, wait_s in enumerate(waits_s, start=1):
                self._send(request, server)
                await asyncio.wait((answer,), timeout=wait_s)
                if answer.done():
                    return self._reflection(server, answer.result(), tries)
        finally:
            del self._asked[transaction_id]
            answer.cancel()
        raise TimeoutError(f"no answer to {len(waits_s)} requests in {sum(waits_s):g} s")

    def _send(self, request: bytes, server: Endpoint) -> None:
        if self._connected:
            self.datagrams.send(request)
        else:
            self.datagrams.sendto(request, (server.address, server.port))

    def _reflection(
        self, server: Endpoint, message: stun.BindingMessage, tries: int
    ) -> StunMapping:
        if not isinstance(message, stun.BindingSuccess):
            code = message.code if isinstance(message, stun.BindingError) else 0
            raise BadAnswer(f"STUN error {code}")
        return StunMapping(
            server=HostPort(server.address, server.port),
            local_port=int(self.datagrams.getsockname()[1]),
            public=message.mapped,
            plain=message.mapped_plain,
            other=message.other,
            tries=tries,
        )

    def _read(self) -> None:
        """Take in what has come; what is not an answer to a question is counted only.

        The loop calls again for what is left, in a turn of its own: who sends without end would
        stop all else otherwise, time limits first.
        """
        for _datagram in range(DATAGRAMS_A_TURN):
            try:
                datagram, source = self.datagrams.recvfrom(DATAGRAM_BYTES)
            except BlockingIOError:
                return
            except OSError as error:
                self._fail(error)
                return
            try:
                message = stun.decode(datagram)
            except WireError:
                self.strays += 1
                continue
            asked = self._asked.get(message.transaction_id)
            if asked is None or asked.answer.done() or not asked.expects(message, source):
                self.strays += 1
            elif isinstance(message, stun.BindingRequest):
                self.strays += 1  # our own question, thrown back
            else:
                asked.answer.set_result(message)

    def _fail(self, error: OSError) -> None:
        """An error report (ICMP) names no question: only a lone question can be meant.

        Windows reports one on unconnected sockets too, for any earlier packet.
        """
        waiting = [asked.answer for asked in self._asked.values() if not asked.answer.done()]
        if len(waiting) == 1:
            waiting[0].set_exception(error)
