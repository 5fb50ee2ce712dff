"""Whatever it is asked over UDP, the reflector answers with no more bytes than it got.

The one exception is in docs/decisions/0009: a STUN request too short for the shortest answer.
"""

import random
import socket
import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from natwizard.model.address import HostPort
from natwizard.reflector.background import BackgroundReflector
from natwizard.wire import stamp, stun
from natwizard.wire.sip import Dialogue, Transport, build_invite, build_options

BARE_EXTRA_BYTES = 12
"""XOR-MAPPED-ADDRESS of IPv4: 32 bytes for a request of 20."""

HERE = HostPort("127.0.0.1", 5060)
DIALOGUE = Dialogue(local=HERE, server=HERE, transport=Transport.UDP, token="a1b2")


def damaged(whole: bytes) -> st.SearchStrategy[bytes]:
    """The message, cut off, with bytes changed, or with more behind it."""

    def damage(cut: int, more: bytes, seed: int, changes: int) -> bytes:
        chance, message = random.Random(seed), bytearray(whole[:cut])
        for _change in range(min(changes, len(message))):
            message[chance.randrange(len(message))] = chance.randrange(256)
        return bytes(message) + more

    return st.builds(
        damage,
        st.integers(0, len(whole)) | st.just(len(whole)),
        st.just(b"") | st.binary(max_size=200),
        st.integers(0, 1 << 30),
        st.integers(0, 3),
    )


SIP = (
    build_options(DIALOGUE),
    build_options(DIALOGUE, size=700),
    build_options(DIALOGUE, size=1150),
    build_invite(DIALOGUE, size=1150),
)
STUN = (
    stun.encode_request(bytes(12)),
    stun.encode_request(bytes(12), size=80),
    stun.encode_request(bytes(12))[:2] + b"\x00\x08" + stun.encode_request(bytes(12))[4:]
    + b"\x00\x03\x00\x04\x00\x00\x00\x06",  # CHANGE-REQUEST
)  # fmt: skip
STAMP = (
    stamp.encode_sender(stamp.SenderPacket(sequence=1, sent=1), size=44),
    stamp.encode_sender(stamp.SenderPacket(sequence=1, sent=1, session=9), size=172),
)
DATAGRAMS = st.one_of(
    st.binary(max_size=1500), *(damaged(whole) for whole in (*SIP, *STUN, *STAMP))
)


@pytest.fixture(scope="module")
def client(reflector: BackgroundReflector) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        target = reflector.targets().sip_mirror
        host, _colon, port = target.rpartition(":")
        datagrams.connect((host, int(port)))
        datagrams.settimeout(5)
        yield datagrams


def answers_to(client: socket.socket, datagram: bytes, marker: int) -> list[bytes]:
    """All that comes back before the answer to a STAMP packet that is sent after it."""
    client.send(datagram)
    packet = stamp.SenderPacket(sequence=marker, sent=marker, session=0x7777)
    client.send(stamp.encode_sender(packet, size=44))
    answers = []
    while True:
        answer = client.recv(65_535)
        if answer[24:36] == packet.sequence.to_bytes(4, "big") + packet.sent.to_bytes(8, "big"):
            return answers
        answers.append(answer)


@settings(max_examples=300, deadline=None)
@given(datagram=DATAGRAMS, marker=st.integers(1 << 16, (1 << 30) - 1))
def test_no_answer_is_longer_than_its_question(
    client: socket.socket, datagram: bytes, marker: int
) -> None:
    answers = answers_to(client, datagram, marker)
    assert len(answers) <= 1
    returned = sum(map(len, answers))
    if returned > len(datagram):
        assert isinstance(stun.decode(datagram), stun.BindingRequest)
        assert returned - len(datagram) <= BARE_EXTRA_BYTES


@pytest.mark.parametrize("datagram", [*SIP[2:], *STUN[1:2], *STAMP])
def test_what_is_asked_well_is_answered(client: socket.socket, datagram: bytes) -> None:
    """So that the law above is not kept by silence."""
    (answer,) = answers_to(client, datagram, 7)
    assert 0 < len(answer) <= len(datagram)


@pytest.mark.parametrize("sequence", [0x41424344, 0x5A000000, 0xFFFFFFFF])
def test_a_sender_may_begin_with_any_number(client: socket.socket, sequence: int) -> None:
    """The first bytes of such a packet read as letters."""
    now = stamp.ntp_from_unix_ns(time.time_ns())
    packet = stamp.SenderPacket(sequence=sequence, sent=now)
    (answer,) = answers_to(client, stamp.encode_sender(packet, size=172), 10)
    assert stamp.decode_reflector(answer).sender_sequence == sequence


def test_nothing_that_a_server_says_is_answered(client: socket.socket) -> None:
    """Two reflectors, each the forged source of the other's packet, must not talk for ever."""
    for question in (STAMP[1], STUN[1], SIP[2]):
        (answer,) = answers_to(client, question, 8)
        assert answers_to(client, answer, 9) == []
