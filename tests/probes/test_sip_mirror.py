"""The SIP mirror probe through middleboxes that leave messages alone, rewrite and swallow them."""

import msgspec
import pytest
from servers.sip_lab import Rewrite, udp_middlebox, udp_server
from servers.udp_lab import closed_port, make_context, run

from natwizard.model.address import HostPort
from natwizard.model.outcome import FailureCode
from natwizard.model.profile import Targets
from natwizard.probes.failures import CannotGather
from natwizard.probes.sip_mirror import SIP_MIRROR, MirrorTry, SipMirrorEvidence
from natwizard.reflector.background import BackgroundReflector
from natwizard.wire.sip import Transport, build_response, parse_request

PUBLIC = b"203.0.113.77"


def gather(mirror: str) -> SipMirrorEvidence:
    return run(SIP_MIRROR.gather(make_context(Targets(sip_mirror=mirror))))


def through(reflector: BackgroundReflector, onward: Rewrite, **back: Rewrite) -> list[MirrorTry]:
    with udp_middlebox(reflector.places.sip[0], onward=onward, **back) as place:
        evidence = gather(str(place))
    return [each for each in evidence.tries if each.transport is Transport.UDP]


def names(each: MirrorTry) -> list[str]:
    assert each.attempt.value is not None, each.attempt.failure
    return [line.name for line in each.attempt.value.changed]


def rewrite_addresses(request: bytes) -> bytes:
    """As an ALG does it: every address of the inside, and the length that follows from it."""
    head, _, body = request.replace(b"127.0.0.1", PUBLIC).partition(b"\r\n\r\n")
    lines = [
        f"Content-Length: {len(body)}".encode() if line.startswith(b"Content-Length") else line
        for line in head.split(b"\r\n")
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def only_contact(request: bytes) -> bytes:
    return request.replace(b"Contact: <sip:natwizard@127.0.0.1", b"Contact: <sip:x@" + PUBLIC)


def test_a_straight_way_changes_nothing_on_either_transport(demo_targets: Targets) -> None:
    evidence = gather(demo_targets.sip_mirror)
    assert [(each.transport, each.method) for each in evidence.tries] == [
        ("UDP", "OPTIONS"),
        ("UDP", "INVITE"),
        ("TCP", "OPTIONS"),
        ("TCP", "INVITE"),
    ]
    for each in evidence.tries:
        assert names(each) == []
        assert each.attempt.value is not None
        assert each.attempt.value.local == each.attempt.value.seen
    assert msgspec.json.decode(msgspec.json.encode(evidence), type=SipMirrorEvidence) == evidence


def test_a_middlebox_that_only_passes_on_changes_nothing(reflector: BackgroundReflector) -> None:
    options, invite = through(reflector, lambda request: request)
    assert names(options) == names(invite) == []
    assert options.attempt.value is not None
    assert options.attempt.value.seen != options.attempt.value.local


def test_one_rewritten_line_is_named(reflector: BackgroundReflector) -> None:
    options, invite = through(reflector, only_contact)
    assert names(options) == names(invite) == ["Contact"]


def test_a_whole_alg_is_seen_in_headers_and_voice_addresses(reflector: BackgroundReflector) -> None:
    _options, invite = through(reflector, rewrite_addresses)
    assert {"Via", "Contact", "Content-Length", "o=", "c="} <= set(names(invite))


def test_an_alg_that_translates_its_answers_back_gives_itself_away(
    reflector: BackgroundReflector,
) -> None:
    def hide(answer: bytes) -> bytes:
        return answer.replace(b"received=127.0.0.1", b"received=10.0.0.7")

    options, _invite = through(reflector, lambda request: request, back=hide)
    assert names(options) == ["Via of the answer"]


def test_a_call_that_gets_lost_where_a_question_does_not_is_told_apart(
    reflector: BackgroundReflector,
) -> None:
    options, invite = through(
        reflector, lambda request: None if request.startswith(b"INVITE") else request
    )
    assert options.attempt.ok
    assert invite.attempt.failure is not None
    assert invite.attempt.failure.code is FailureCode.TIMED_OUT


def test_a_server_that_is_no_mirror_is_never_sent_a_call() -> None:
    def answer(request: bytes) -> bytes:
        source = HostPort("127.0.0.1", 1)
        return build_response(parse_request(request), "200 OK", source=source, to_tag="a")

    with udp_server(answer) as (place, got):
        evidence = gather(str(place))
    assert [request.split(b" ")[0] for request in got] == [b"OPTIONS"]
    failure = evidence.tries[0].attempt.failure
    assert failure is not None
    assert failure.code is FailureCode.BAD_ANSWER


def test_a_mirror_that_is_not_there_is_refused() -> None:
    evidence = gather(f"127.0.0.1:{closed_port()}")
    codes = [each.attempt.failure.code for each in evidence.tries if each.attempt.failure]
    assert codes == [FailureCode.CONNECTION_REFUSED] * 2


def test_without_a_mirror_the_setting_is_named() -> None:
    with pytest.raises(CannotGather, match=r"targets\.sip_mirror"):
        gather("")
