"""The SIP probe against servers that answer, keep silent, hang up, and lie."""

import asyncio
import contextlib
import socket
import ssl
import time
from collections.abc import Callable

import msgspec
import pytest
from servers.sip_lab import babble, hang_up, mute, reset, tcp_server, udp_server
from servers.udp_lab import closed_port, make_context, run

from natwizard.model.address import HostPort
from natwizard.model.outcome import FailureCode
from natwizard.model.profile import Targets
from natwizard.probes.failures import CannotGather
from natwizard.probes.network import Endpoint
from natwizard.probes.sip import SIP, SipEvidence, SipTry
from natwizard.reflector.background import BackgroundReflector
from natwizard.reflector.certificates import make_certificate, own_context
from natwizard.system.network import SystemNetwork
from natwizard.wire.sip import Transport, build_response, parse_request

SOURCE = HostPort("127.0.0.1", 5060)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorter waits, where it is not the waiting that is tested."""
    monkeypatch.setattr("natwizard.probes.sip.WAITS_S", (0.1, 0.1, 0.1))
    monkeypatch.setattr("natwizard.probes.sip.ANSWER_S", 0.5)


def gather(targets: Targets) -> SipEvidence:
    return run(SIP.gather(make_context(targets)))


def only_try(targets: Targets, transport: Transport) -> SipTry:
    (found,) = (each for each in gather(targets).tries if each.transport is transport)
    return found


def failure_code(each: SipTry) -> FailureCode | None:
    return each.attempt.failure.code if each.attempt.failure else None


def respond(status: str):  # noqa: ANN201
    return lambda request: build_response(
        parse_request(request), status, source=SOURCE, to_tag="a", extra=("Server: Example 1",)
    )


def test_every_port_of_the_reflector_answers(
    reflector: BackgroundReflector, demo_targets: Targets
) -> None:
    evidence = gather(demo_targets)
    asked = [(each.target.port, each.transport, each.control) for each in evidence.tries]
    plain = [place.port for place in reflector.places.sip]
    secure = reflector.places.sip_tls.port
    assert asked == [
        *((port, transport, False) for port in plain for transport in ("UDP", "TCP")),
        (secure, "UDP", False),
        (secure, "TLS", False),
    ]
    assert [each.attempt.value.status_code for each in evidence.tries] == [200] * len(asked)
    assert [attempt.ok for attempt in evidence.line] == [True]


def test_the_evidence_survives_a_report(demo_targets: Targets) -> None:
    evidence = gather(demo_targets)
    assert msgspec.json.decode(msgspec.json.encode(evidence), type=SipEvidence) == evidence


def test_the_mirror_of_another_host_is_asked_for_comparison(demo_targets: Targets) -> None:
    with udp_server(respond("200 OK")) as (place, _got):
        targets = Targets(sip=demo_targets.sip[:1], sip_mirror=str(place))
        control = [each for each in gather(targets).tries if each.control]
    assert [each.transport for each in control] == [Transport.UDP, Transport.TCP]
    assert [each.attempt.ok for each in control] == [True, False]


@pytest.mark.parametrize("status", ["200 OK", "401 Unauthorized", "503 Service Unavailable"])
def test_any_sip_answer_is_an_answer(status: str) -> None:
    with udp_server(respond(status)) as (place, got):
        found = only_try(Targets(sip=(str(place),)), Transport.UDP)
    assert found.attempt.value is not None
    assert f"{found.attempt.value.status_code} {found.attempt.value.reason}" == status
    assert found.attempt.value.server == "Example 1"
    assert len(got) == 1


def test_a_lost_datagram_is_sent_again() -> None:
    lost: list[bytes] = []

    def answer(request: bytes) -> bytes | None:
        lost.append(request)
        return respond("200 OK")(request) if len(lost) == 3 else None

    with udp_server(answer) as (place, got):
        assert only_try(Targets(sip=(str(place),)), Transport.UDP).attempt.ok
    assert got[0] == got[1] == got[2]


def test_a_silent_udp_port_is_a_time_out_within_its_bounds() -> None:
    with udp_server(lambda _request: None) as (place, got):
        started_s = time.monotonic()
        found = only_try(Targets(sip=(str(place),)), Transport.UDP)
    assert failure_code(found) is FailureCode.TIMED_OUT
    assert len(got) == 3
    assert 2.9 < time.monotonic() - started_s < 8


def test_a_closed_port_is_refused_on_both_transports() -> None:
    evidence = gather(Targets(sip=(f"127.0.0.1:{closed_port()}",)))
    assert {failure_code(each) for each in evidence.tries} == {FailureCode.CONNECTION_REFUSED}


@pytest.mark.parametrize(
    "junk",
    [
        b"",
        b"hello",
        b"SIP/2.0 200 OK\r\n\r\n",
        b"SIP/2.0 200 OK\r\nCall-ID: somebody-else\r\n\r\n",
        b"\xff" * 5000,
    ],
)
def test_junk_over_udp_is_a_bad_answer(
    junk: bytes,
    hurried: None,  # noqa: ARG001
) -> None:
    with udp_server(lambda _request: junk) as (place, _got):
        found = only_try(Targets(sip=(str(place),)), Transport.UDP)
    assert failure_code(found) is FailureCode.BAD_ANSWER


def test_an_answer_after_junk_still_counts() -> None:
    def answer(request: bytes) -> bytes:
        return (
            b"junk" if not seen.append(request) and len(seen) == 1 else respond("200 OK")(request)
        )

    seen: list[bytes] = []
    with udp_server(answer) as (place, _got):
        assert only_try(Targets(sip=(str(place),)), Transport.UDP).attempt.ok


@pytest.mark.parametrize(
    ("talk", "code", "silence"),
    [
        (mute, None, FailureCode.TIMED_OUT),
        (hang_up, None, FailureCode.CLOSED_EARLY),
        (reset, FailureCode.CONNECTION_RESET, None),
        (babble, FailureCode.BAD_ANSWER, None),
    ],
)
def test_a_stream_tells_how_far_it_came(
    talk: Callable[[socket.socket], None],
    code: FailureCode | None,
    silence: FailureCode | None,
    hurried: None,  # noqa: ARG001
) -> None:
    with tcp_server(talk) as place:
        found = only_try(Targets(sip=(str(place),)), Transport.TCP)
    assert failure_code(found) is code
    if code is None:
        assert found.attempt.value is not None
        assert (found.attempt.value.status_code, found.attempt.value.silence) == (0, silence)


def test_tls_to_a_plain_server_fails_as_tls() -> None:
    with tcp_server(babble) as place:
        found = only_try(Targets(sip_tls=str(place)), Transport.TLS)
    assert failure_code(found) is FailureCode.TLS_FAILED


def test_a_tls_server_that_keeps_silent_has_an_open_port() -> None:
    context: ssl.SSLContext = own_context(make_certificate(("127.0.0.1",)))
    with tcp_server(hang_up, context) as place:
        found = only_try(Targets(sip_tls=str(place)), Transport.TLS)
    assert found.attempt.value is not None
    assert found.attempt.value.silence is FailureCode.CLOSED_EARLY


class Nameless(SystemNetwork):
    """A network whose resolver knows nobody."""

    async def resolve(self, target: HostPort, *, timeout_s: float) -> tuple[Endpoint, ...]:
        raise socket.gaierror(socket.EAI_NONAME, f"no {target} in {timeout_s} s")


def test_a_name_that_does_not_exist_fails_every_transport() -> None:
    context = make_context(Targets(sip=("sip.example.com",)), network=Nameless())
    evidence = run(SIP.gather(context))
    assert [failure_code(each) for each in evidence.tries] == [FailureCode.NAME_NOT_FOUND] * 2
    assert {each.target for each in evidence.tries} == {HostPort("sip.example.com", 5060)}


def test_without_a_target_the_setting_is_named() -> None:
    with pytest.raises(CannotGather, match=r"targets\.sip"):
        gather(Targets())


def test_stopping_takes_no_time_and_leaves_nothing_open() -> None:
    async def stop_soon(targets: Targets) -> float:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(SIP.gather(make_context(targets)))
            await asyncio.sleep(0.3)
            started_s = time.monotonic()
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        return time.monotonic() - started_s

    with udp_server(lambda _request: None) as (silent, _got), tcp_server(mute) as place:
        targets = Targets(sip=(str(silent), str(place)), sip_tls=str(place))
        assert run(stop_soon(targets)) < 0.5


def test_a_port_whose_server_wants_the_phones_certificate_is_open() -> None:
    certificate = make_certificate(("127.0.0.1",))
    context = own_context(certificate)
    context.load_verify_locations(cadata=certificate.authority_pem)
    context.verify_mode = ssl.CERT_REQUIRED
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with tcp_server(mute, context) as place:
        found = only_try(Targets(sip_tls=str(place)), Transport.TLS)
    assert found.attempt.value is not None
    assert found.attempt.value.silence is FailureCode.CERTIFICATE_WANTED
