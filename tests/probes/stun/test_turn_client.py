"""The TURN client against servers that do not behave. The one that does is in tests/lab."""

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable

import pytest
from aioice import stun
from hypothesis import given
from hypothesis import strategies as st
from servers.udp_lab import make_context, run, silent_port

from natwizard.model.address import HostPort
from natwizard.model.outcome import FailureCode
from natwizard.model.profile import Targets
from natwizard.probes.failures import BadAnswer, CannotGather
from natwizard.probes.media.path import PAYLOAD_BYTES
from natwizard.probes.media.stream import MediaEvidence, Schedule, gather
from natwizard.probes.stun.turn_client import TurnSocket, _parsed, channel_head, read_looped
from natwizard.wire import stamp
from natwizard.wire.error import WireError

SHORT = Schedule(duration_s=0.3, longest_s=0.3, await_quiet=False)
NONCE = b"some nonce"


def refusal(code: int, *, challenges: bool = True) -> Callable[[stun.Message], bytes]:
    def answer(request: stun.Message) -> bytes:
        message = stun.Message(
            message_method=request.message_method,
            message_class=stun.Class.ERROR,
            transaction_id=request.transaction_id,
        )
        message.attributes["ERROR-CODE"] = (code, "No")
        if challenges:
            message.attributes |= {"NONCE": NONCE, "REALM": "example.com"}
        return bytes(message)

    return answer


def success(request: stun.Message) -> bytes:
    """A success that nobody signed, so that it may be anyone's."""
    message = stun.Message(
        message_method=request.message_method,
        message_class=stun.Class.RESPONSE,
        transaction_id=request.transaction_id,
    )
    message.attributes["LIFETIME"] = 600
    message.attributes["XOR-RELAYED-ADDRESS"] = ("127.0.0.1", 9)
    return bytes(message)


def cut_off(request: stun.Message) -> bytes:
    return success(request)[:-5]


def look(port: int) -> MediaEvidence:
    targets = Targets(turn=f"127.0.0.1:{port}", turn_user="u", turn_password="p")
    return run(gather(make_context(targets), SHORT))


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ((refusal(401), refusal(401)), FailureCode.CREDENTIALS_REFUSED),
        ((refusal(401), refusal(441)), FailureCode.CREDENTIALS_REFUSED),
        ((refusal(401), refusal(486)), FailureCode.SERVER_FULL),
        ((refusal(401), refusal(508)), FailureCode.SERVER_FULL),
        ((refusal(401), refusal(437)), FailureCode.BAD_ANSWER),
        ((refusal(401), refusal(400)), FailureCode.BAD_ANSWER),
        ((refusal(401), refusal(438)), FailureCode.BAD_ANSWER),
        ((refusal(401, challenges=False),), FailureCode.BAD_ANSWER),
        ((refusal(300),), FailureCode.BAD_ANSWER),
        ((refusal(401), success), FailureCode.TIMED_OUT),
        ((cut_off,), FailureCode.TIMED_OUT),
        ((lambda _request: b"\x01",), FailureCode.TIMED_OUT),
        ((lambda _request: b"\xff" * 2000,), FailureCode.TIMED_OUT),
    ],
)
def test_a_server_that_gives_nothing_ends_the_stream_before_it_begins(
    answers: tuple[Callable[[stun.Message], bytes], ...], code: FailureCode
) -> None:
    async def scene() -> MediaEvidence:
        class Server(asyncio.DatagramProtocol):
            asked = 0

            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                self.transport = transport

            def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
                answer = answers[min(self.asked, len(answers) - 1)]
                self.asked += 1
                self.transport.sendto(answer(stun.parse_message(data)), addr)  # type: ignore[attr-defined]

        loop = asyncio.get_running_loop()
        transport, _server = await loop.create_datagram_endpoint(Server, ("127.0.0.1", 0))
        try:
            port = transport.get_extra_info("sockname")[1]
            targets = Targets(turn=f"127.0.0.1:{port}", turn_user="u", turn_password="p")
            return await gather(make_context(targets), SHORT)
        finally:
            transport.close()
            await asyncio.sleep(0)

    evidence = run(scene())
    assert evidence.figures is None
    failure = evidence.path.allocations[-1].failure
    assert failure is not None
    assert failure.code is code


@pytest.mark.parametrize(
    ("relayed", "is_one"),
    [
        (("192.0.2.7", 1), True),
        (("2001:db8::7", 65535), True),
        (("192.0.2.7", 0), False),  # of which nothing can be sent
        (None, False),
    ],
)
def test_only_an_address_with_a_port_is_one(
    relayed: tuple[str, int] | None, *, is_one: bool
) -> None:
    class Granting(TurnSocket):
        async def _ask(self, method: stun.Method, _attributes: dict[str, object]) -> stun.Message:
            answer = stun.Message(message_method=method, message_class=stun.Class.RESPONSE)
            if relayed is not None:
                answer.attributes["XOR-RELAYED-ADDRESS"] = relayed
            return answer

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        granting = Granting(datagrams, "u", "p")
        if relayed is not None and is_one:
            assert run(granting.allocate()) == HostPort(*relayed)
            return
        with pytest.raises(BadAnswer, match="gave no address"):
            run(granting.allocate())


def test_a_server_that_is_silent_costs_two_seconds() -> None:
    with silent_port() as port:
        started = time.perf_counter()
        evidence = look(port)
        assert time.perf_counter() - started < 4
    assert evidence.path.allocations[0].failure is not None
    assert evidence.path.greetings == ()


@pytest.mark.parametrize("setting", ["turn_user", "turn_password"])
def test_credentials_that_are_missing_are_named(setting: str) -> None:
    given_ = {"turn": "127.0.0.1:9", "turn_user": "u", "turn_password": "p"} | {setting: ""}
    with pytest.raises(CannotGather) as missed:
        run(gather(make_context(Targets(**given_)), SHORT))
    assert missed.value.failure.detail == f"targets.{setting}"


def test_a_reflector_goes_before_a_turn_server() -> None:
    with silent_port() as port, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as unasked:
        unasked.bind(("127.0.0.1", 0))
        unasked.setblocking(False)
        turn = f"127.0.0.1:{unasked.getsockname()[1]}"
        targets = Targets(media=f"127.0.0.1:{port}", turn=turn, turn_user="u", turn_password="p")
        assert run(gather(make_context(targets), SHORT)).path.allocations == ()
        with pytest.raises(BlockingIOError):
            unasked.recv(2048)


def test_what_comes_round_is_our_own_packet() -> None:
    packet = stamp.encode_sender(stamp.SenderPacket(sequence=7, sent=99, session=5), size=172)
    read = read_looped(channel_head(0x4000, PAYLOAD_BYTES) + packet)
    assert (read.sender_sequence, read.sender_sent, read.session) == (7, 99, 5)
    for junk in (b"", packet, channel_head(0x4001, 172) + packet, channel_head(0x4000, 500)):
        with pytest.raises(WireError):
            read_looped(junk)


@given(st.binary(max_size=300))
def test_junk_is_never_worse_than_a_wire_error(junk: bytes) -> None:
    for datagram in (junk, bytes.fromhex("4000") + junk, bytes.fromhex("400000ac") + junk):
        with contextlib.suppress(WireError):
            read_looped(datagram)


@given(st.binary(max_size=120))
def test_no_message_of_a_server_crashes_the_client(junk: bytes) -> None:
    _parsed(junk)
    size = len(junk).to_bytes(2, "big")
    _parsed(bytes.fromhex("0103") + size + bytes.fromhex("2112a442") + bytes(12) + junk)
