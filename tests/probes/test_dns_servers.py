"""The name server probe against unbound, and against servers that misbehave in every way."""

import asyncio
import os
import socket
import struct
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from shutil import which
from typing import cast

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import msgspec
import pytest
from cases.reach_cases import case_of
from computers.recorded_host import Facts, RecordedHost, record
from hypothesis import given
from hypothesis import strategies as st
from servers.free_ports import free_port
from servers.reach_lab import LabNetwork, closed_port, lab_context, serving

from natwizard.checks import dns_edns, port_dns
from natwizard.checks.base import NoLimits
from natwizard.checks.port_dns import LookupLimits
from natwizard.model.address import HostPort
from natwizard.model.finding import Status
from natwizard.model.outcome import FailureCode
from natwizard.model.profile import Targets
from natwizard.probes.base import ProbeContext
from natwizard.probes.dns_servers import (
    DNS_SERVERS,
    RULES_BY_POLICY,
    RULES_OF_COMPUTER,
    Asked,
    DnsAnswer,
    DnsEvidence,
    NameRule,
    ResolverAnswers,
    ask_udp,
    gather,
    name_rules,
    read_answer,
)
from natwizard.probes.failures import BadAnswer, CannotGather
from natwizard.probes.network import Endpoint
from natwizard.reflector.background import BackgroundReflector
from natwizard.system.network import hosts_file_addresses, resolv_conf_servers

NAME, LARGE = "lab.test.", "large.lab.test."

UNBOUND = which("unbound") or "/usr/sbin/unbound"
UNBOUND_CONFIG = """
server:
  directory: "{folder}"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  logfile: "{folder}/log"
  do-daemonize: no
  interface: 127.0.0.1@{port}
  do-ip6: no
  num-threads: 1
  module-config: "iterator"
  local-zone: "lab.test." static
  local-data: "lab.test. A 192.0.2.1"
  local-data: 'large.lab.test. TXT {large}'
remote-control:
  control-enable: no
"""


@pytest.fixture(scope="module")
def unbound(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real resolver on a free port of loopback."""
    if os.name != "posix" or not Path(UNBOUND).exists():  # wine would start Linux's own
        pytest.skip("unbound is not installed")
    folder = tmp_path_factory.mktemp("unbound")
    port = closed_port()
    large = " ".join('"' + f"{number:02d}" * 50 + '"' for number in range(8))
    config = folder / "unbound.conf"
    config.write_text(UNBOUND_CONFIG.format(folder=folder, port=port, large=large))
    with subprocess.Popen([UNBOUND, "-c", str(config)]) as server:
        _wait_for(port)
        yield f"127.0.0.1:{port}"
        server.terminate()


def _wait_for(port: int) -> None:
    for _number in range(100):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise TimeoutError("unbound did not start")


def ask(*resolvers: str, control: str = "") -> DnsEvidence:
    targets = Targets(
        resolvers=resolvers,
        resolver_control=control,
        dns_name=NAME,
        dns_large_name=LARGE,
        dns_large_type="TXT",
    )
    return asyncio.run(gather(lab_context(targets)))


def rcode(asked: Asked | None) -> str:
    assert asked is not None
    return asked.value.rcode if asked.value is not None else ""


def code(asked: Asked | None) -> FailureCode | None:
    assert asked is not None
    return asked.failure.code if asked.failure is not None else None


def test_unbound_answers_every_question(unbound: str) -> None:
    (answers,) = ask(unbound).resolvers
    assert answers.resolver == unbound
    assert rcode(answers.plain) == rcode(answers.tcp) == "NOERROR"
    modern = (answers.edns, answers.edns_large_buffer, answers.edns_dnssec, answers.unknown_option)
    for asked in modern:
        assert asked is not None
        assert asked.value is not None
        assert asked.value.has_opt
    assert answers.plain.value is not None
    assert not answers.plain.value.has_opt
    assert rcode(answers.version_1) == "BADVERS"
    assert answers.large is not None
    assert answers.large.value is not None
    assert answers.large.value.size_bytes > 512
    assert answers.large_plain is not None
    assert answers.large_plain.value is not None
    assert answers.large_plain.value.truncated
    assert answers.large_tcp is not None
    assert answers.large_tcp.value is not None
    assert not answers.large_tcp.value.truncated


def test_the_reflector_answers_every_question(reflector: BackgroundReflector) -> None:
    evidence = asyncio.run(gather(lab_context(reflector.targets())))
    assert [answers.control for answers in evidence.resolvers] == [False, True]
    for answers in evidence.resolvers:
        assert rcode(answers.edns) == "NOERROR"
        assert rcode(answers.version_1) == "BADVERS"
        assert rcode(answers.large_tcp) == "NOERROR"


Respond = Callable[[dns.message.Message, bytes], bytes | None]


@asynccontextmanager
async def responding(respond: Respond, *, tcp: bool = True, udp: bool = True) -> AsyncIterator[str]:
    """A name server of the test's own; None leaves a question unanswered."""

    class Datagrams(asyncio.DatagramProtocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport = cast("asyncio.DatagramTransport", transport)

        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            answer = respond(dns.message.from_wire(data), data)
            if answer is not None and udp:
                self.transport.sendto(answer, addr)

    async def stream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        size = int.from_bytes(await reader.readexactly(2), "big")
        data = await reader.readexactly(size)
        answer = respond(dns.message.from_wire(data), data)
        if answer is not None and tcp:
            writer.write(len(answer).to_bytes(2, "big") + answer)
        else:
            await reader.read()

    # one number for both transports: of those that no other socket gets by chance
    async with serving(stream, port=free_port(socket.SOCK_DGRAM)) as port:
        loop = asyncio.get_running_loop()
        transport, _protocol = await loop.create_datagram_endpoint(
            Datagrams, local_addr=("127.0.0.1", port)
        )
        try:
            yield f"127.0.0.1:{port}"
        finally:
            transport.close()


def good(query: dns.message.Message, _wire: bytes) -> bytes:
    response = dns.message.make_response(query)
    response.answer.append(dns.rrset.from_text(query.question[0].name, 60, "IN", "A", "192.0.2.1"))
    return response.to_wire()


def without_opt(query: dns.message.Message, wire: bytes) -> bytes:
    return good(dns.message.make_query(query.question[0].name, "A", id=query.id), wire)


def drops_edns(query: dns.message.Message, wire: bytes) -> bytes | None:
    return good(query, wire) if query.edns < 0 else None


def refuses_edns(query: dns.message.Message, wire: bytes) -> bytes:
    if query.edns < 0:
        return good(query, wire)
    return wire[:2] + bytes.fromhex("8181 0000 0000 0000 0000")


def compression_loop(query: dns.message.Message, wire: bytes) -> bytes:
    """An owner name whose pointer points at itself."""
    question_end = 12 + len(query.question[0].name.to_wire()) + 4
    header = wire[:2] + bytes.fromhex("8180 0001 0001 0000 0000")
    pointer = (0xC000 | question_end).to_bytes(2, "big")
    return (
        header + wire[12:question_end] + pointer + bytes.fromhex("0001 0001 0000003c 0004 c0000201")
    )


def junk(_query: dns.message.Message, wire: bytes) -> bytes:
    return wire[:2] + b"\xff" * 40


def wrong_id(query: dns.message.Message, wire: bytes) -> bytes:
    return bytes([wire[0] ^ 1]) + good(query, wire)[1:]


def wrong_question(query: dns.message.Message, wire: bytes) -> bytes:
    other = dns.message.make_query("other.test.", "A", id=query.id)
    return good(other, wire)


def nothing(_query: dns.message.Message, _wire: bytes) -> None:
    return None


def ask_own(respond: Respond, *, tcp: bool = True, udp: bool = True) -> ResolverAnswers:
    async def scene() -> ResolverAnswers:
        async with responding(respond, tcp=tcp, udp=udp) as place:
            targets = Targets(
                resolvers=(place,), dns_name=NAME, dns_large_name=LARGE, dns_large_type="A"
            )
            return (await gather(lab_context(targets))).resolvers[0]

    return asyncio.run(scene())


def test_edns_that_is_dropped_is_silence_only_with_opt() -> None:
    answers = ask_own(drops_edns)
    assert rcode(answers.plain) == "NOERROR"
    for asked in (answers.edns, answers.unknown_option, answers.version_1, answers.large):
        assert code(asked) is FailureCode.TIMED_OUT
    assert rcode(answers.large_plain) == "NOERROR"


def test_edns_that_is_not_understood_is_an_answer() -> None:
    assert rcode(ask_own(refuses_edns).edns) == "FORMERR"


def test_an_answer_without_opt_is_seen_as_such() -> None:
    answers = ask_own(without_opt)
    assert answers.edns is not None
    assert answers.edns.value is not None
    assert not answers.edns.value.has_opt
    assert answers.edns.value.edns_version == -1


@pytest.mark.parametrize("respond", [compression_loop, junk, wrong_id, wrong_question])
def test_what_is_no_answer_is_passed_over_and_told(respond: Respond) -> None:
    answers = ask_own(respond)
    assert code(answers.plain) is FailureCode.BAD_ANSWER
    assert code(answers.tcp) is FailureCode.BAD_ANSWER
    assert answers.edns is None


class FirstTry:
    """A server that does something else with a question's first try."""

    def __init__(self, respond: Respond) -> None:
        self._respond = respond
        self._seen: set[bytes] = set()

    def __call__(self, query: dns.message.Message, wire: bytes) -> bytes | None:
        if wire[2:] in self._seen:
            return good(query, wire)
        self._seen.add(wire[2:])
        return self._respond(query, wire)


def test_a_forged_answer_does_not_hide_the_real_one() -> None:
    """A first datagram with another ID is passed over; the one that fits counts."""
    answers = ask_own(FirstTry(wrong_id))
    assert answers.plain.value is not None
    assert answers.plain.value.sends == 2


def test_a_question_that_got_lost_does_not_make_the_answer_slow() -> None:
    answers = ask_own(FirstTry(nothing))
    assert answers.plain.value is not None
    assert answers.plain.value.waited_s is not None
    assert answers.plain.duration_s > answers.plain.value.waited_s + 0.9
    case = case_of((DNS_SERVERS, DnsEvidence(resolvers=(replace_tcp(answers),))))
    assert port_dns.judge(case, LookupLimits()).status is Status.PASS


def replace_tcp(answers: ResolverAnswers) -> ResolverAnswers:
    """TCP loses nothing: here it was the test's server that stayed silent."""
    return msgspec.structs.replace(answers, tcp=answers.plain)


@pytest.mark.parametrize("order", [1, -1])
def test_answers_to_both_questions_at_once_count_from_the_first(order: int) -> None:
    """Nothing got lost: the server was slow, whichever of its answers comes first."""

    async def scene() -> DnsAnswer | None:
        loop = asyncio.get_running_loop()

        class Together(asyncio.DatagramProtocol):
            asked: list[bytes]

            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                self.asked = []
                self.transport = cast("asyncio.DatagramTransport", transport)

            def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
                self.asked.append(data)
                if len(self.asked) == 2:
                    for each in self.asked[::order]:
                        self.transport.sendto(good(dns.message.from_wire(each), each), addr)

        transport, _protocol = await loop.create_datagram_endpoint(
            Together, local_addr=("127.0.0.1", 0)
        )
        try:
            place = HostPort("127.0.0.1", transport.get_extra_info("sockname")[1])
            query = dns.message.make_query(NAME, "A")
            return await ask_udp(lab_context(Targets()), place, query)
        finally:
            transport.close()

    answer = asyncio.run(scene())
    assert answer is not None
    assert answer.waited_s is not None
    assert answer.waited_s > 0.9


def test_a_late_answer_is_counted_from_its_own_question() -> None:
    """After 1.2 seconds, when the question has been asked again."""

    async def scene() -> DnsAnswer | None:
        loop = asyncio.get_running_loop()

        class Late(asyncio.DatagramProtocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                self.transport = cast("asyncio.DatagramTransport", transport)

            def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
                answer = good(dns.message.from_wire(data), data)
                loop.call_later(1.2, self.transport.sendto, answer, addr)

        transport, _protocol = await loop.create_datagram_endpoint(
            Late, local_addr=("127.0.0.1", 0)
        )
        try:
            place = HostPort("127.0.0.1", transport.get_extra_info("sockname")[1])
            query = dns.message.make_query(NAME, "A")
            return await ask_udp(lab_context(Targets()), place, query)
        finally:
            transport.close()

    answer = asyncio.run(scene())
    assert answer is not None
    assert answer.sends == 2
    assert answer.waited_s is not None
    assert answer.waited_s > 1.1


def test_silence_everywhere_asks_nothing_further() -> None:
    started = time.perf_counter()
    answers = ask_own(nothing)
    assert time.perf_counter() - started < 5
    assert code(answers.plain) is FailureCode.TIMED_OUT
    assert code(answers.tcp) is FailureCode.TIMED_OUT
    assert answers.edns is None


def test_tcp_that_is_silent_is_told_apart_from_udp() -> None:
    answers = ask_own(good, tcp=False)
    assert rcode(answers.plain) == "NOERROR"
    assert code(answers.tcp) is FailureCode.TIMED_OUT


def test_silence_over_udp_is_waited_for_once_and_not_question_by_question() -> None:
    answers = ask_own(good, udp=False)
    assert code(answers.plain) is FailureCode.TIMED_OUT
    assert answers.tcp.ok
    assert answers.edns is not None
    assert code(answers.edns) is FailureCode.TIMED_OUT
    silence_known_s = answers.plain.started_s + answers.plain.duration_s
    assert all(each.started_s < silence_known_s for each in answers.attempts())


def test_nobody_waits_for_the_name_of_the_control() -> None:
    class SlowNames(LabNetwork):
        async def resolve(self, target: HostPort, *, timeout_s: float) -> tuple[Endpoint, ...]:
            await asked.wait()
            return await super().resolve(target, timeout_s=timeout_s)

    def answering(query: dns.message.Message, wire: bytes) -> bytes:
        asked.set()
        return good(query, wire)

    async def scene() -> DnsEvidence:
        async with responding(answering) as place:
            targets = Targets(resolvers=(place,), resolver_control=f"localhost:{place[10:]}",
                              dns_name=NAME, dns_large_name=LARGE, dns_large_type="A")  # fmt: skip
            async with asyncio.timeout(60):
                return await gather(lab_context(targets, network=SlowNames()))

    asked = asyncio.Event()
    # whoever looked the control up first would wait for ever
    evidence = asyncio.run(scene())
    assert [each.control for each in evidence.resolvers] == [False, True]
    assert all(each.plain.ok for each in evidence.resolvers)


def test_a_port_that_nobody_listens_on_refuses() -> None:
    (answers,) = ask(f"127.0.0.1:{closed_port()}").resolvers
    assert code(answers.plain) is code(answers.tcp) is FailureCode.CONNECTION_REFUSED


def test_ipv6_resolvers_are_asked_as_well() -> None:
    (answers,) = ask(f"[::1]:{closed_port()}").resolvers
    assert code(answers.plain) is FailureCode.CONNECTION_REFUSED


@pytest.mark.parametrize(
    ("resolvers", "used"),
    [
        ((), None),
        (("fec0:0:0:ffff::1",), None),
        (("127.0.0.9", "not an address"), ["127.0.0.9:53"]),
    ],
)
def test_the_resolvers_of_the_system_are_used_as_far_as_they_are_any(
    resolvers: tuple[str, ...], used: list[str] | None
) -> None:
    context = lab_context(Targets(), LabNetwork(own_resolvers=resolvers))
    if used is None:
        with pytest.raises(CannotGather) as missed:
            asyncio.run(gather(context))
        assert missed.value.failure.code is FailureCode.NO_RESOLVER
    else:
        evidence = asyncio.run(gather(context))
        assert [answers.resolver for answers in evidence.resolvers] == used


@pytest.mark.parametrize(
    ("stub", "file"),
    [
        ("127.0.0.53", "run/systemd/resolve/resolv.conf"),
        ("127.0.0.54", "run/systemd/resolve/resolv.conf"),
        ("127.0.1.1", "run/NetworkManager/no-stub-resolv.conf"),
    ],
)
def test_behind_a_stub_those_that_it_asks_are_tested(tmp_path: Path, stub: str, file: str) -> None:
    upstream = tmp_path / "files" / file
    upstream.parent.mkdir(parents=True)
    upstream.write_text("# by systemd\nnameserver 127.0.0.8\nnameserver\nsearch x\nnameserver x\n")
    evidence = asyncio.run(gather(behind(stub, tmp_path)))
    assert evidence.stub == stub
    assert [answers.resolver for answers in evidence.resolvers] == ["127.0.0.8:53"]


def test_a_stub_that_does_not_say_whom_it_asks_is_tested_itself(tmp_path: Path) -> None:
    evidence = asyncio.run(gather(behind("127.0.0.53", tmp_path)))
    assert evidence.stub == ""
    assert [answers.resolver for answers in evidence.resolvers] == ["127.0.0.53:53"]


def test_name_servers_beside_a_stub_are_asked_too(tmp_path: Path) -> None:
    upstream = tmp_path / "files" / "run/systemd/resolve/resolv.conf"
    upstream.parent.mkdir(parents=True)
    upstream.write_text("nameserver 127.0.0.8\nnameserver 127.0.0.9\n")
    evidence = asyncio.run(gather(behind("127.0.0.53", tmp_path, "127.0.0.9", "127.0.0.7")))
    assert evidence.stub == "127.0.0.53"
    assert [answers.resolver for answers in evidence.resolvers] == [
        "127.0.0.8:53",
        "127.0.0.9:53",
        "127.0.0.7:53",
    ]


def behind(stub: str, folder: Path, *more: str) -> ProbeContext:
    (folder / "host.json").write_text(
        '{"platform": "linux", "system": "Debian", "home": "/home/agent"}'
    )
    context = lab_context(Targets(), LabNetwork(own_resolvers=(stub, *more)))
    return replace(context, host=RecordedHost(folder))


@pytest.mark.parametrize(
    "targets",
    [
        Targets(resolvers=("127.0.0.1:0",)),
        Targets(resolvers=("127.0.0.1",), dns_name="a..b"),
        Targets(resolvers=("127.0.0.1",), dns_large_type="NOSUCH"),
    ],
)
def test_questions_that_are_none_are_a_fault_of_the_profile(targets: Targets) -> None:
    with pytest.raises(CannotGather) as missed:
        asyncio.run(gather(lab_context(targets)))
    assert missed.value.failure.code is FailureCode.BAD_ANSWER
    assert "targets." in missed.value.failure.detail


@given(st.binary(max_size=300))
def test_junk_is_no_answer(wire: bytes) -> None:
    query = dns.message.make_query(NAME, "A", id=4711)
    with pytest.raises(BadAnswer):
        read_answer(wire, query, sends=1)


@given(st.binary(max_size=300))
def test_junk_behind_a_fitting_head_never_breaks_the_reader(tail: bytes) -> None:
    query = dns.message.make_query(NAME, "A", id=4711)
    wire = bytes.fromhex("1267 8180 0001 0001 0000 0001") + query.to_wire()[12:] + tail
    with suppress(BadAnswer):
        read_answer(wire, query, sends=1)


def test_stopping_takes_no_time() -> None:
    async def scene() -> float:
        async with responding(nothing) as place:
            started = time.perf_counter()
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.3):
                    await gather(lab_context(Targets(resolvers=(place,))))
            return time.perf_counter() - started

    assert asyncio.run(scene()) < 0.8


def addresses_only(rest: Callable[[dns.message.Message], bytes | None]) -> Respond:
    """Resolvers of telephones, VPN programs and virtual machines."""

    def respond(query: dns.message.Message, wire: bytes) -> bytes | None:
        asked = query.question[0].rdtype
        return good(query, wire) if asked == dns.rdatatype.A else rest(query)

    return respond


def with_code(code: dns.rcode.Rcode) -> Callable[[dns.message.Message], bytes]:
    def answer(query: dns.message.Message) -> bytes:
        response = dns.message.make_response(query)
        response.set_rcode(code)
        return response.to_wire()

    return answer


OTHER_TYPES = {
    "silence": lambda _query: None,
    "nothing known": with_code(dns.rcode.NOERROR),
    "not implemented": with_code(dns.rcode.NOTIMP),
    "refused": with_code(dns.rcode.REFUSED),
    "failing": with_code(dns.rcode.SERVFAIL),
    "no such name": with_code(dns.rcode.NXDOMAIN),
}


@pytest.mark.parametrize("webphone", ["", "phone.example.com:10062", "192.0.2.7:10062"])
@pytest.mark.parametrize("rest", OTHER_TYPES)
def test_a_resolver_is_judged_by_addresses(rest: str, webphone: str) -> None:
    async def scene() -> DnsEvidence:
        async with responding(addresses_only(OTHER_TYPES[rest])) as place:
            return await gather(lab_context(Targets(resolvers=(place,), webphone=webphone)))

    case = case_of((DNS_SERVERS, asyncio.run(scene())))
    assert port_dns.judge(case, LookupLimits()).status is Status.PASS
    assert dns_edns.judge(case, NoLimits()).status is Status.PASS


def test_a_name_that_a_resolver_withholds_does_not_make_it_silent() -> None:
    def respond(query: dns.message.Message, wire: bytes) -> bytes | None:
        return None if "phone" in str(query.question[0].name) else good(query, wire)

    async def scene() -> DnsEvidence:
        async with responding(respond) as place:
            targets = Targets(resolvers=(place,), webphone="phone.example.com:10062", dns_name=NAME)
            return await gather(lab_context(targets))

    judged = port_dns.judge(case_of((DNS_SERVERS, asyncio.run(scene()))), LookupLimits())
    assert judged.status is Status.PASS


def test_one_resolver_that_cannot_be_asked_spoils_no_other() -> None:
    """A link-local address without its zone: the system says EINVAL, which is no silence."""
    context = lab_context(
        Targets(), LabNetwork(own_resolvers=("fe80::8e3b:adff:fead:7bf6", "127.0.0.3"))
    )
    evidence = asyncio.run(gather(context))
    assert [answers.resolver for answers in evidence.resolvers] == [
        "[fe80::8e3b:adff:fead:7bf6]:53",
        "127.0.0.3:53",
    ]
    assert code(evidence.resolvers[0].plain) in {
        FailureCode.OTHER,
        FailureCode.NETWORK_UNREACHABLE,
        FailureCode.TIMED_OUT,
    }


ODD_LINES = [
    b"nameserver foo\n",
    b"nameserver\n",
    b"search a..b\n",
    b"search \xff\xfe.example.com\n",
    b"options ndots:x timeout:\n",
    b"# caf\xe9\n",
    b"\xef\xbb\xbf# a mark\n",
    b"domain " + b"a" * 400 + b"\n",
    b"\0\0\0\n",
    b"nameserver 999.1.1.1\r\n",
]


@pytest.mark.parametrize("odd", [*ODD_LINES, b"".join(ODD_LINES)])
def test_an_odd_line_of_resolv_conf_spoils_no_other(odd: bytes, tmp_path: Path) -> None:
    path = tmp_path / "resolv.conf"
    good_lines = b"nameserver 192.0.2.53\r\nnameserver fe80::1%eth0\nnameserver ::ffff:192.0.2.54\n"
    path.write_bytes(odd + good_lines)
    assert resolv_conf_servers(path) == ("192.0.2.53", "fe80::1%eth0", "192.0.2.54")


def test_a_resolv_conf_that_is_not_there_lists_nobody(tmp_path: Path) -> None:
    assert resolv_conf_servers(tmp_path / "none") == ()


@pytest.mark.parametrize("odd", [*ODD_LINES, b"".join(ODD_LINES)])
def test_an_odd_line_of_a_hosts_file_spoils_no_other(odd: bytes, tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    good_lines = (
        b"127.0.0.1 localhost\r\n192.0.2.1\tother.example.com Phone.Example.com. # phone\n"
        b"::ffff:192.0.2.1 phone.example.com\n2001:db8::7 phone.example.com\n"
        b"# 192.0.2.3 phone.example.com\n192.0.2.4 #phone.example.com\n"
        b"192.0.2.5 telephone.example.com\n192.0.2.999 phone.example.com\n"
    )
    path.write_bytes(odd + good_lines)
    assert hosts_file_addresses(path, "phone.example.com") == ("192.0.2.1", "2001:db8::7")
    assert hosts_file_addresses(path, "example.com") == ()


def test_a_hosts_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        hosts_file_addresses(tmp_path / "none", "phone.example.com")


POLICY_RULE, OWN_RULE = rf"{RULES_BY_POLICY}\{{1}}", rf"{RULES_OF_COMPUTER}\{{2}}"


@pytest.mark.parametrize(
    ("registry", "rules"),
    [
        ({}, ()),
        (
            {OWN_RULE: {"Name": ".corp.test\nhost.test", "GenericDNSServers": "10.1.1.1;10.1.1.2"}},
            (NameRule(names=(".corp.test", "host.test"), servers=("10.1.1.1", "10.1.1.2")),),
        ),
        # a policy's rules stand in place of the computer's own
        (
            {
                OWN_RULE: {"Name": ".own.test", "GenericDNSServers": "10.1.1.1"},
                POLICY_RULE: {"Name": ".", "DirectAccessDNSServers": "2001:DB8::1"},
            },
            (NameRule(names=(".",), servers=("2001:db8::1",)),),
        ),
        # rules that only ask for DNSSEC, and servers that nobody can read: no others are asked
        (
            {OWN_RULE: {"Name": ".sec.test", "DNSSECValidationRequired": 1}},
            (NameRule(names=(".sec.test",), servers=()),),
        ),
        (
            {OWN_RULE: {"Name": ".odd.test", "GenericDNSServers": ";; ,"}},
            (NameRule(names=(".odd.test",), servers=()),),
        ),
        ({OWN_RULE: {"Name": "", "GenericDNSServers": "10.1.1.1"}}, ()),
    ],
)
def test_windows_rules_for_names_are_read(
    registry: dict[str, dict[str, str | int]], rules: tuple[NameRule, ...], tmp_path: Path
) -> None:
    facts = Facts(platform="windows", system="", home="C:\\")
    assert name_rules(RecordedHost(record(tmp_path, facts, registry={"64": registry}))) == rules


@pytest.mark.parametrize(
    ("rule", "name", "covered"),
    [
        (".corp.test", "phone.corp.test", True),
        (".corp.test", "Phone.CORP.test.", True),
        (".corp.test", "corp.test", True),
        (".corp.test", "othercorp.test", False),
        ("phone.test", "phone.test.", True),
        ("phone.test", "a.phone.test", False),
        (".", "anything.test", True),
    ],
)
def test_a_rule_is_for_a_suffix_or_for_one_name(rule: str, name: str, covered: bool) -> None:
    assert bool(NameRule(names=(rule,), servers=("10.1.1.1",)).closeness(name)) is covered


@pytest.mark.parametrize(
    ("rules", "asked"),
    [
        # DirectAccess: everything by the company, but for names that it exempts
        ({".": "127.0.0.77", ".lab.test": ""}, "127.0.0.78"),
        ({".": "127.0.0.77", "phone.lab.test": "127.0.0.79"}, "127.0.0.79"),
        ({".test": "127.0.0.77", ".lab.test": "127.0.0.79"}, "127.0.0.79"),
        ({".lab.test": "127.0.0.77", "phone.lab.test": "127.0.0.79"}, "127.0.0.79"),
        ({".other.test": "127.0.0.77", ".": "127.0.0.79"}, "127.0.0.79"),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_the_closest_rule_counts_whichever_stands_first(
    rules: dict[str, str], asked: str, turned: bool, tmp_path: Path
) -> None:
    names = sorted(rules, reverse=turned)
    registry = {
        rf"{RULES_OF_COMPUTER}\{{{place}}}": {"Name": name, "GenericDNSServers": rules[name]}
        for place, name in enumerate(names)
    }
    facts = Facts(platform="windows", system="", home="C:\\")
    host = RecordedHost(record(tmp_path, facts, registry={"64": registry}))
    network = LabNetwork(own_resolvers=("127.0.0.78",))
    context = lab_context(Targets(webphone="phone.lab.test:443"), network)
    evidence = asyncio.run(gather(replace(context, host=host)))
    assert [each.resolver for each in evidence.resolvers] == [f"{asked}:53"]
    assert all(rule.servers for rule in evidence.rules)


@pytest.mark.parametrize(("suffix", "asked"), [(".lab.test", "127.0.0.77"), (".other.test", "")])
def test_a_rule_for_the_service_s_name_decides_who_is_asked(
    suffix: str, asked: str, tmp_path: Path
) -> None:
    facts = Facts(platform="windows", system="", home="C:\\")
    registry = {"64": {OWN_RULE: {"Name": suffix, "GenericDNSServers": "127.0.0.77"}}}
    host = RecordedHost(record(tmp_path, facts, registry=registry))
    network = LabNetwork(own_resolvers=("127.0.0.78",))
    context = lab_context(Targets(webphone="phone.lab.test:443"), network)
    evidence = asyncio.run(gather(replace(context, host=host)))
    assert [each.resolver for each in evidence.resolvers] == [f"{asked or '127.0.0.78'}:53"]
    judged = port_dns.judge(case_of((DNS_SERVERS, evidence)), LookupLimits())
    assert any(suffix in line.text and "127.0.0.77" in line.text for line in judged.details)


QUESTION = dns.message.make_query("www.example.com", "A", id=7)


def crafted(*records: tuple[int, bytes], name: bytes = b"\xc0\x0c", options: bytes = b"") -> bytes:
    """An answer to QUESTION with records of these types and contents, all of one name."""
    asked = QUESTION.to_wire()
    counts = struct.pack("!4H", 1, len(records), 0, int(bool(options)))
    rows = (name + struct.pack("!HHIH", kind, 1, 60, len(held)) + held for kind, held in records)
    return asked[:2] + b"\x81\x80" + counts + asked[12:] + b"".join(rows) + options


A, CNAME, AAAA, OPT = 1, 5, 28, 41


def test_addresses_come_in_order_and_equal_records_count_once() -> None:
    first, second, sixth = b"\xc0\x00\x02\x09", b"\xc0\x00\x02\x01", bytes(15) + b"\x01"
    wire = crafted((CNAME, b"\xc0\x10"), (A, first), (A, second), (AAAA, sixth), (A, first))
    answer = read_answer(wire, QUESTION, sends=1)
    assert answer.addresses == ("192.0.2.9", "192.0.2.1", "::1")
    assert (answer.records, answer.size_bytes, answer.has_opt) == (4, len(wire), False)


def test_what_edns_says_is_read_beside_any_answer() -> None:
    told = b"\0" + struct.pack("!HHBBHH", OPT, 1232, 1, 3, 0x8000, 0)  # BADVERS, version 3
    answer = read_answer(crafted((A, bytes(4)), options=told), QUESTION, sends=1)
    assert (answer.has_opt, answer.edns_version, answer.rcode) == (True, 3, "BADVERS")


@pytest.mark.parametrize(
    "wire",
    [
        b"",
        bytes(11),
        crafted((A, bytes(4)))[:-1],
        crafted((A, bytes(3))),
        crafted((AAAA, bytes(4))),
        crafted((OPT, b""), name=b"\0"),
        crafted((A, bytes(4)), name=b"\x80\0"),
        crafted((A, bytes(4)), name=b"\x3fx"),
        crafted((A, bytes(4)), name=struct.pack("!H", 0xC000 | len(crafted()))),
        crafted(options=b"\xc0\x0c" + struct.pack("!HHIH", OPT, 1232, 0, 0)),
        crafted().replace(b"\0\x01\0\0\0\0\0\0", b"\0\x02\0\0\0\0\0\0"),
        crafted().replace(b"\0\x01\0\0\0\0\0\0", b"\0\x01\xff\xff\0\0\0\0"),
        crafted().replace(b"\x07example", b"\x07exemple"),
    ],
)
def test_bytes_that_are_no_answer_are_refused(wire: bytes) -> None:
    with pytest.raises(BadAnswer):
        read_answer(wire, QUESTION, sends=1)


def test_names_that_point_to_long_names_cost_no_more_than_others() -> None:
    """Two bytes point to 120 labels: spelled out for each record, they would take minutes."""
    tick_s = 0.016  # Windows counts a thread's time in ticks of a 64th of a second
    long_name = b"\1a" * 120 + b"\0"
    place = struct.pack("!H", 0xC000 | len(crafted()) + 10 + 2)

    def seconds(name: bytes) -> float:
        wire = crafted((16, long_name), *((CNAME, name),) * 1000)
        began = time.thread_time()
        read_answer(wire, QUESTION, sends=1)
        return time.thread_time() - began

    short = b"\xc0\x0c"
    trials = (seconds(place) / max(seconds(short), tick_s) for _trial in range(3))
    assert min(trials) < 10
