"""What is fuzzed: each decoder that reads what strangers send, with what it promises."""

import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

import dns.message
import dns.rrset
from fuzz import mutators

from natwizard.model.address import HostPort
from natwizard.probes.connection.response_head import head_at_end, split_head
from natwizard.probes.dns_servers import ADDRESSES, read_answer
from natwizard.probes.failures import BadAnswer, CannotGather
from natwizard.probes.media.arrival import Arrival
from natwizard.reflector.dns import LARGEST_PAYLOAD_BYTES, own_zone
from natwizard.reflector.flood_filter import FloodGuard
from natwizard.reflector.limits import MessageLimit
from natwizard.reflector.sip import SipMirror
from natwizard.reflector.stats import Tally
from natwizard.reflector.udp import ReflectorLimits, UdpReflector
from natwizard.reflector.udp_port import UdpPort
from natwizard.wire import sip, sip_mirror, stamp, stun
from natwizard.wire.error import WireError

CORPUS = Path(__file__).with_name("corpus")

SOURCE = HostPort("192.0.2.7", 40001)
TEXT_LIMIT = 300
BARE_EXTRA_BYTES = 24
ENDLESS = 1e12

STAMP_SENT = stamp.ntp_from_unix_ns(1_800_000_000_000_000_000)
DIALOGUE = sip.Dialogue(
    server=HostPort("192.0.2.1", 5060), local=SOURCE, transport=sip.Transport.UDP, token="a1b2c3"
)
OPTIONS = sip.build_options(DIALOGUE, size=700)
INVITE = sip.build_invite(DIALOGUE, size=sip_mirror.REQUEST_BYTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One decoder or answering machine.

    Attributes:
        run: raises nothing at all, whatever it gets; it asserts what the code promises.
        seeds: valid messages to begin with; found ones are in the corpus.
    """

    run: Callable[[bytes], None]
    seeds: tuple[bytes, ...]
    mutators: tuple[mutators.Mutator, ...]

    def corpus(self, name: str) -> tuple[bytes, ...]:
        """Seeds, and what fuzzing has found to go other ways through the code."""
        found = sorted((CORPUS / name).glob("*"))
        return (*self.seeds, *(path.read_bytes() for path in found))


def read_stun(data: bytes) -> None:
    stun.looks_like_stun(data)
    with suppress(WireError):
        message = stun.decode(data)
        assert len(message.transaction_id) == stun.TRANSACTION_ID_BYTES
        if isinstance(message, stun.BindingSuccess):
            for address in (message.mapped, message.mapped_plain, message.origin, message.other):
                assert address is None or 0 <= address.port <= 0xFFFF
            assert message.software.isprintable()
            again = stun.decode(
                stun.encode_success(message.transaction_id, message.mapped, size_limit=0)
            )
            assert isinstance(again, stun.BindingSuccess)
            assert again.mapped == message.mapped
        elif isinstance(message, stun.BindingError):
            assert 300 <= message.code <= 699
            assert message.reason.isprintable()


def read_stamp(data: bytes) -> None:
    stamp.looks_reflected(data)
    stamp.may_be_sent(data, earliest_s=3_900_000_000, latest_s=4_200_000_000)
    with suppress(WireError):
        packet = stamp.decode_sender(data)
        assert 0 <= packet.session <= 0xFFFF
        assert stamp.decode_sender(stamp.encode_sender(packet, size=len(data))) == packet
    with suppress(WireError):
        answer = stamp.decode_reflector(data)
        assert stamp.decode_reflector(stamp.encode_reflector(answer)) == answer
        assert abs(stamp.ntp_difference_ns(answer.sent, answer.received)) < 1 << 62


def read_sip(data: bytes) -> None:
    with suppress(WireError):
        length = sip.message_bytes(data)
        assert length is None or 4 <= length <= sip.MESSAGE_LIMIT_BYTES
    with suppress(WireError):
        response = sip.parse_response(data)
        assert 100 <= response.status_code <= 699
        assert response.reason.isprintable()
        source = sip.via_source(response.first("via"))
        assert source is None or 1 <= source.port <= 0xFFFF
    with suppress(WireError):
        request = sip.parse_request(data)
        answer = sip.build_response(request, "200 OK", source=SOURCE, to_tag="t")
        # what we answer to whatever we read can be read again, as one message
        response = sip.parse_response(answer)
        assert response.first("call-id") == request.first("call-id")


def read_mirror(data: bytes) -> None:
    with suppress(WireError):
        reflection = sip_mirror.decode_reflection(data)
        limit = sip_mirror.SOURCE_LIMIT_BYTES + sip.MESSAGE_LIMIT_BYTES
        assert len(reflection.request) <= limit
        assert 1 <= reflection.source.port <= 0xFFFF
        compare_lines(reflection.request)


def compare_lines(data: bytes) -> None:
    with suppress(WireError):
        lines = sip_mirror.changed_lines(INVITE, data)
        assert bool(lines) == (data != INVITE)
        for line in lines:
            assert (line.sent + line.received).isprintable()
            assert max(len(line.sent), len(line.received)) <= TEXT_LIMIT


class _Deaf:
    """A socket that nothing is sent on: the kernel is not what is tested."""

    def sendto(self, _data: bytes, _address: object) -> int:
        return 0

    def setsockopt(self, *_option: object) -> None:
        raise OSError("no filter here")

    getsockopt = setsockopt


def _answering() -> Callable[[bytes], None]:
    """The whole of what one datagram sets off in the reflector."""
    limits = ReflectorLimits(longer_per_s=ENDLESS, texts_per_s=ENDLESS)
    mirror = SipMirror(MessageLimit(per_s=ENDLESS, burst=ENDLESS), Tally())
    reflector = UdpReflector(limits=limits, text_handler=mirror.answer_datagram)
    longer = MessageLimit(per_s=ENDLESS, burst=ENDLESS)
    here, there = HostPort("192.0.2.1", 5060), HostPort("192.0.2.2", 3479)
    deaf: socket.socket = _Deaf()  # type: ignore[assignment]
    port = UdpPort(deaf, here, there, FloodGuard(deaf))

    def run(data: bytes) -> None:
        port.flood.may_be_ours(data)
        arrival = Arrival(data, (SOURCE.host, SOURCE.port), 1, None, 64)
        answer = reflector._answer(port, arrival, longer)
        if answer is not None and len(answer) > len(data):
            assert stun.looks_like_stun(data)
            assert len(answer) - len(data) <= BARE_EXTRA_BYTES

    return run


def _resolving() -> Callable[[bytes], None]:
    responder = own_zone(("127.0.0.1", "::1"))

    def run(data: bytes) -> None:
        for over_udp in (True, False):
            answer = responder.answer(data, over_udp=over_udp)
            assert answer is None or len(answer) <= (LARGEST_PAYLOAD_BYTES if over_udp else 65_535)

    return run


QUESTION = dns.message.make_query("natwizard.test", "TXT", use_edns=0, id=0x1234)


def read_dns_answer(data: bytes) -> None:
    with suppress(BadAnswer):
        answer = read_answer(data, QUESTION, sends=1)
        assert answer.size_bytes == len(data)
        assert len(answer.addresses) <= ADDRESSES
        for address in answer.addresses:
            ip_address(address)


def read_http_head(data: bytes) -> None:
    for read in (split_head, head_at_end):
        with suppress(BadAnswer, CannotGather):
            head = read(data)
            if head is None:
                continue
            assert 0 <= head.status <= 999
            assert len(head.rest) < len(data)
            names = {name for name, _value in head.headers}
            assert all(name == name.lower().strip() for name in names)
            strict = head.strict(*names)
            assert strict.endswith(b"\r\n\r\n")
            assert strict.count(b"\r\n") == len(head.headers) + 2


def _answer(kind: str, text: str) -> bytes:
    message = dns.message.make_response(QUESTION)
    message.answer.append(dns.rrset.from_text("natwizard.test.", 60, "IN", kind, text))
    return message.to_wire()


STUN_SEEDS = (
    stun.encode_request(bytes(12)),
    stun.encode_request(bytes(12), size=80, changes=stun.CHANGE_PORT),
    stun.encode_success(bytes(12), SOURCE, size_limit=500, other=SOURCE, origin=SOURCE),
    stun.encode_success(bytes(12), HostPort("2001:db8::1", 1), size_limit=500),
    stun.encode_error(bytes(12), 420, reason="Unknown Attribute", unknown=(3,)),
)
STAMP_SEEDS = (
    stamp.encode_sender(stamp.SenderPacket(sequence=1, sent=STAMP_SENT, session=9), size=172),
    stamp.encode_sender(stamp.SenderPacket(sequence=1, sent=STAMP_SENT), size=44),
    stamp.encode_reflector(
        stamp.ReflectorPacket(
            sequence=1,
            sent=STAMP_SENT,
            received=STAMP_SENT - 5,
            sender_sequence=2,
            sender_sent=STAMP_SENT,
            sender_error_estimate=1,
        )
    ),
)
SIP_SEEDS = (
    OPTIONS,
    INVITE,
    sip.build_response(
        sip.parse_request(OPTIONS), "200 OK", source=SOURCE, to_tag="t", body=b"x" * 20
    ),
)
MIRROR_SEEDS = (
    sip_mirror.encode_reflection(sip_mirror.SipReflection(source=SOURCE, request=INVITE)),
)
DNS_SEEDS = (
    bytes.fromhex("12340100000100000000000109") + b"natwizard\x04test\0\0\1\0\1"
    + bytes.fromhex("000029 04d0 00000000 0000"),
    bytes.fromhex("12340100000100000000000005") + b"large\x09natwizard\x04test\0\0\x10\0\1",
)  # fmt: skip
ANSWER_SEEDS = (
    *(
        _answer(kind, text)
        for kind, text in (
            ("A", "192.0.2.1"),
            ("AAAA", "2001:db8::1"),
            ("TXT", '"abc" "def"'),
            ("CNAME", "other.natwizard.test."),
            ("MX", "10 mail.natwizard.test."),
            ("SVCB", "1 . alpn=h2 ipv4hint=192.0.2.1"),
            ("NAPTR", '1 1 "s" "SIP+D2U" "" _sip._udp.natwizard.test.'),
            ("NSEC", "natwizard.test. A TXT"),
        )
    ),
)
HEAD_SEEDS = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nxx",
    b"HTTP/1.0 302\nLocation : http://portal.example.com/\n folded\nno colon\n\n<html>",
)

TARGETS = {
    "stun": Target(run=read_stun, seeds=STUN_SEEDS, mutators=(mutators.mutate_stun,)),
    "stamp": Target(run=read_stamp, seeds=STAMP_SEEDS, mutators=(mutators.mutate_stamp,)),
    "sip": Target(run=read_sip, seeds=SIP_SEEDS, mutators=(mutators.mutate_sip,)),
    "mirror": Target(run=read_mirror, seeds=MIRROR_SEEDS, mutators=(mutators.mutate_mirror,)),
    "lines": Target(run=compare_lines, seeds=(INVITE,), mutators=(mutators.mutate_sip,)),
    "udp": Target(
        run=_answering(),
        seeds=(*STUN_SEEDS, *STAMP_SEEDS, *SIP_SEEDS),
        mutators=(mutators.mutate_stun, mutators.mutate_stamp, mutators.mutate_sip),
    ),
    "dns": Target(run=_resolving(), seeds=DNS_SEEDS, mutators=(mutators.mutate_dns,)),
    "answer": Target(run=read_dns_answer, seeds=ANSWER_SEEDS, mutators=(mutators.mutate_dns,)),
    "head": Target(run=read_http_head, seeds=HEAD_SEEDS, mutators=(mutators.mutate_sip,)),
}
