"""Allocates an address on a TURN server, over UDP. Source: RFC 8656; messages by aioice.

Not aioice's own client: it owns its socket and reads it in the event loop, while media needs the
socket itself, blocking, in a thread that keeps time.
"""

import asyncio
import secrets
import socket
from dataclasses import dataclass
from struct import Struct as Layout
from struct import error as struct_error

from aioice import stun
from aioice.turn import make_integrity_key

from natwizard.model.address import HostPort
from natwizard.model.outcome import Failure, FailureCode
from natwizard.probes.failures import BadAnswer, CannotGather
from natwizard.probes.media.arrival import next_datagram
from natwizard.probes.stun.client import WAITS_S
from natwizard.wire import stamp
from natwizard.wire.error import WireError

# REQUESTED-TRANSPORT: protocol number 17 in the first of four bytes (RFC 8656)
UDP_TRANSPORT = 17 << 24
LIFETIME_S = 600
"""Longer than any run, so that nothing has to be refreshed."""

# Channels are 0x4000 to 0x4FFF (RFC 8656, 12)
FIRST_CHANNEL = 0x4000
# The first refusal brings realm and nonce; the nonce may be stale once more
TRIES = 4
UNAUTHORIZED, WRONG_CREDENTIALS, STALE_NONCE = 401, 441, 438
ALLOCATION_MISMATCH = 437
# Allocation Quota Reached (of this user), Insufficient Capacity (of the server)
NO_ROOM = {486, 508}
# A server's own words, for a report
REASON_LIMIT = 80

_CHANNEL_DATA = Layout("!HH")


class FlowInUse(BadAnswer):
    """The server still keeps an allocation for this socket's address and port (437).

    The system, or a NAT on the way, gave a new socket the port of an older one whose allocation
    was not given back, or whose last words were lost; another socket gets another port, as
    RFC 8656, section 7.4 advises.
    """


@dataclass(slots=True)
class TurnSocket:
    """A socket connected to a TURN server, and what the server gave it. The caller closes it."""

    datagrams: socket.socket
    user: str
    password: str
    _realm: str = ""
    _nonce: bytes = b""
    _key: bytes = b""

    async def allocate(self) -> HostPort:
        """An address on the server; what reaches it is sent to this socket.

        Raises OSError, TimeoutError, BadAnswer (FlowInUse, which another socket may mend),
        CannotGather (CREDENTIALS_REFUSED, SERVER_FULL).
        """
        answer = await self._ask(
            stun.Method.ALLOCATE,
            {"LIFETIME": LIFETIME_S, "REQUESTED-TRANSPORT": UDP_TRANSPORT},
        )
        relayed = answer.attributes.get("XOR-RELAYED-ADDRESS")
        if not relayed or not 1 <= relayed[1] <= 65535:
            raise BadAnswer("the TURN server gave no address")
        return HostPort(relayed[0], relayed[1])

    async def bind(self, peer: HostPort) -> int:
        """A channel to and from a peer; returns its number. Raises as `allocate` does."""
        address = (peer.host, peer.port)
        await self._ask(
            stun.Method.CHANNEL_BIND,
            {"CHANNEL-NUMBER": FIRST_CHANNEL, "XOR-PEER-ADDRESS": address},
        )
        return FIRST_CHANNEL

    def release(self) -> bytes:
        """The request that gives the address back."""
        return bytes(self._request(stun.Method.REFRESH, {"LIFETIME": 0}))

    async def _ask(
        self, method: stun.Method, attributes: dict[str, int | tuple[str, int]]
    ) -> stun.Message:
        """Ask until the server is content with who we are; it may change its nonce once."""
        for _try in range(TRIES):
            answer = await self._exchange(self._request(method, attributes))
            if answer.message_class == stun.Class.RESPONSE:
                return answer
            self._take_challenge(answer)
        raise BadAnswer("the TURN server keeps asking for credentials")

    def _take_challenge(self, answer: stun.Message) -> None:
        """Learn realm and nonce from a refusal; any other refusal is final (RFC 8489, 9.2.5)."""
        code = answer.error_code
        known, nonce = bool(self._key), answer.attributes.get("NONCE", b"")
        realm = answer.attributes.get("REALM", self._realm)
        if code == WRONG_CREDENTIALS or (code == UNAUTHORIZED and known):
            raise CannotGather(
                Failure(
                    code=FailureCode.CREDENTIALS_REFUSED,
                    operation="allocate_turn",
                    detail="targets.turn_user, targets.turn_password",
                )
            )
        if code not in (UNAUTHORIZED, STALE_NONCE) or not nonce or not realm:
            reason = answer.attributes.get("ERROR-CODE", (0, "no reason"))[1]
            if code in NO_ROOM:
                raise CannotGather(
                    Failure(
                        code=FailureCode.SERVER_FULL,
                        operation="allocate_turn",
                        detail=f"{code} {reason[:REASON_LIMIT]}",
                    )
                )
            refused = FlowInUse if code == ALLOCATION_MISMATCH else BadAnswer
            raise refused(f"TURN error {code}: {reason[:REASON_LIMIT]}")
        self._realm, self._nonce = realm, nonce
        self._key = make_integrity_key(self.user, realm, self.password)

    def _request(
        self, method: stun.Method, attributes: dict[str, int | tuple[str, int]]
    ) -> stun.Message:
        request = stun.Message(
            message_method=method,
            message_class=stun.Class.REQUEST,
            transaction_id=secrets.token_bytes(12),
            attributes=dict(attributes),
        )
        if self._key:
            request.attributes |= {
                "USERNAME": self.user, "REALM": self._realm, "NONCE": self._nonce
            }  # fmt: skip
            request.add_message_integrity(self._key)
        return request

    async def _exchange(self, request: stun.Message) -> stun.Message:
        """Send until an answer comes, with the schedule of `stun.client`."""
        for wait_s in WAITS_S:
            self.datagrams.send(bytes(request))
            try:
                async with asyncio.timeout(wait_s):
                    return await self._answer_to(request)
            except TimeoutError:
                continue
        raise TimeoutError(f"no answer to {len(WAITS_S)} requests in {sum(WAITS_S):g} s")

    async def _answer_to(self, request: stun.Message) -> stun.Message:
        while True:
            message = _parsed(await next_datagram(self.datagrams))
            if message is None or message.transaction_id != request.transaction_id:
                continue
            if message.message_class == stun.Class.ERROR or (
                message.message_class == stun.Class.RESPONSE
                and (not self._key or message.check_message_integrity(self._key))
            ):
                return message


def _parsed(datagram: bytes) -> stun.Message | None:
    """None for what aioice cannot read."""
    try:
        return stun.parse_message(datagram)
    except (ValueError, struct_error, IndexError, KeyError):
        return None


def channel_head(channel: int, size: int) -> bytes:
    """What goes before `size` bytes of data on a channel (RFC 8656, 12.4)."""
    return _CHANNEL_DATA.pack(channel, size)


def read_looped(datagram: bytes) -> stamp.ReflectorPacket:
    """Our own packet, come round on the channel: no reflector numbered or stamped it.

    Raises WireError.
    """
    if len(datagram) < _CHANNEL_DATA.size:
        raise WireError("too short for channel data")
    channel, size = _CHANNEL_DATA.unpack_from(datagram)
    if channel != FIRST_CHANNEL or size > len(datagram) - _CHANNEL_DATA.size:
        raise WireError(f"expected data of channel {FIRST_CHANNEL:#x}, got {channel:#x}")
    packet = stamp.decode_sender(datagram[_CHANNEL_DATA.size : _CHANNEL_DATA.size + size])
    return stamp.ReflectorPacket(
        sequence=packet.sequence,
        sent=0,
        received=0,
        sender_sequence=packet.sequence,
        sender_sent=packet.sent,
        sender_error_estimate=packet.error_estimate,
        session=packet.session,
    )
