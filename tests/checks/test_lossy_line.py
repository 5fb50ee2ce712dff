"""Where much is lost, one silence proves nothing; where little is, it does as before."""

import pytest
from cases.reach_cases import FOUND, page_try, reached, websocket
from cases.udp_cases import UDP_WORKS, figures, media
from checks.test_port_sip import LOST, A, B, one
from checks.test_port_sip import OK as SIP_OK
from checks.test_resolver_rules import GOOD, SILENT, answer
from msgspec.structs import replace

from natwizard.checks import dns_edns, port_dns, port_sip, port_web_pages, udp_range, websocket_open
from natwizard.checks import port_webphone as webphone_port
from natwizard.checks.base import EvidenceMissing, Inputs, NoLimits
from natwizard.checks.port_dns import LookupLimits
from natwizard.checks.port_sip import SipLimits
from natwizard.checks.port_webphone import WebphoneFacts
from natwizard.checks.shared.line import LineFacts, line_facts
from natwizard.checks.websocket_open import WebsocketLimits
from natwizard.model.finding import Judgement, Status
from natwizard.model.outcome import Failure, FailureCode, Gathered, Outcome
from natwizard.probes.connection.trace import ProxyChoice
from natwizard.probes.connection.websocket_client import WebsocketReachability
from natwizard.probes.dns_servers import DNS_SERVERS, Asked, DnsEvidence, ResolverAnswers
from natwizard.probes.media.stream import MEDIA
from natwizard.probes.sip import SIP, SipEvidence
from natwizard.probes.stun.binding import STUN
from natwizard.probes.stun.udp_range import UDP_RANGE, PortResult, PortSpan, RangeEvidence
from natwizard.probes.web import WEB, WebEvidence
from natwizard.probes.webphone import WEBPHONE, WebphoneEvidence, WebphoneTry
from natwizard.probes.websocket import WEBSOCKET, WebsocketAttempt, WebsocketEvidence

TIMED_OUT = FailureCode.TIMED_OUT
PORTS = range(5000, 5020)


def ranged(*, silent: int = 1, asked_again: int = 0) -> RangeEvidence:
    """Twenty ports: the last ones silent, the first ones answering only when asked again."""
    results = tuple(
        PortResult(
            port=port,
            started_s=1.0,
            duration_ms=20.0,
            tries=6 if place >= len(PORTS) - silent else 2 if place < asked_again else 1,
            failure=TIMED_OUT if place >= len(PORTS) - silent else None,
        )
        for place, port in enumerate(PORTS)
    )
    return RangeEvidence(
        target="media.example.com",
        lookup=FOUND,
        listed=(PortSpan(low=PORTS[0], high=PORTS[-1]),),
        results=results,
        blocked=(PortSpan(low=PORTS[-silent], high=PORTS[-1]),) if silent else (),
        still_answers=True,
    )


CLEAN, LOSSY = ranged(), ranged(asked_again=6)
PAGE = WebEvidence(
    http=(page_try(),),
    https=(page_try(reached(connect=TIMED_OUT), url="https://www.example.com:443/"),),
)


def inputs(ports: RangeEvidence, *more: tuple[str, object]) -> Inputs:
    brought = {UDP_RANGE.name: ports, WEB.name: PAGE, STUN.name: UDP_WORKS, **dict(more)}
    outcomes: dict[str, Outcome[object]] = {
        name: Gathered(evidence=each) for name, each in brought.items()
    }
    return Inputs(outcomes=outcomes)


def webphone(reach: WebsocketReachability) -> WebphoneEvidence:
    direct = WebphoneTry(target="phone.example.com:10062", lookup=FOUND, addresses=(reach,))
    return WebphoneEvidence(port=10062, direct=direct, choice=ProxyChoice())


def sip(evidence: Inputs) -> Judgement:
    ports = ("5060", "5050")
    return port_sip.judge(evidence, SipLimits(ports=ports))


SIP_TRIES = SipEvidence(
    tries=(one(A, "UDP", 5060, SIP_OK), one(A, "TCP", 5060, SIP_OK), one(A, "UDP", 5050, LOST))
)
WEBSOCKETS = {
    "large lost": websocket(reached(), echo=TIMED_OUT),
    "held back": websocket(
        reached(tls=FailureCode.CERTIFICATE_UNTRUSTED), echo=FailureCode.HELD_BACK
    ),
    "upgrade lost": websocket(reached(), upgrade=TIMED_OUT),
}


def opened(reach: WebsocketReachability) -> tuple[str, WebsocketEvidence]:
    entry = WebsocketAttempt(
        url="wss://echo.example.com/", secure=True, lookup=FOUND, addresses=(reach,)
    )
    return WEBSOCKET.name, WebsocketEvidence(tries=(entry,))


CASES = {
    "udp.range": lambda ports: udp_range.judge(inputs(ports), NoLimits()),
    "port.sip": lambda ports: sip(inputs(ports, (SIP.name, SIP_TRIES))),
    "port.tcp443": lambda ports: port_web_pages.judge_tcp443(inputs(ports), NoLimits()),
    "port.webphone": lambda ports: webphone_port.judge(
        inputs(ports, (WEBPHONE.name, webphone(websocket(reached(connect=TIMED_OUT))))), NoLimits()
    ),
    "port.dns over TCP": lambda ports: port_dns.judge(
        inputs(ports, (DNS_SERVERS.name, DnsEvidence(resolvers=(replace(GOOD, tcp=SILENT),)))),
        LookupLimits(),
    ),
    **{
        f"websocket.open {name}": lambda ports, reach=reach: websocket_open.judge(
            inputs(ports, opened(reach)), WebsocketLimits()
        )
        for name, reach in WEBSOCKETS.items()
    },
}


@pytest.mark.parametrize("case", CASES)
def test_a_silence_accuses_somebody_only_where_little_is_lost(case: str) -> None:
    clean, lossy = CASES[case](CLEAN), CASES[case](LOSSY)
    assert clean.status is Status.FAIL
    assert lossy.status is Status.UNKNOWN
    assert lossy.remedy is not None
    assert "allow" not in f"{lossy.remedy.text} {lossy.remedy.request}".lower()


def test_a_service_that_is_silent_by_chance_is_not_said_to_be_down() -> None:
    silent = webphone(websocket(reached(connect=TIMED_OUT)))
    control = WebphoneTry(
        target="control.example.net:10062", lookup=FOUND, addresses=(websocket(reached()),)
    )
    evidence = (WEBPHONE.name, replace(silent, control=control))
    clean = webphone_port.judge(inputs(CLEAN, evidence), NoLimits())
    lossy = webphone_port.judge(inputs(LOSSY, evidence), NoLimits())
    assert clean.summary == "The service does not answer, but your network lets calls out."
    assert lossy.summary == "Too many packets get lost here to test port 10062."
    assert isinstance(lossy.facts, WebphoneFacts)
    assert not lossy.facts.service_down


def test_a_phone_server_that_is_silent_by_chance_is_not_said_to_be_down() -> None:
    tries = SipEvidence(tries=(one(A, "TCP", 5060, SIP_OK), one(B, "TCP", 5060, LOST)))
    down = sip(inputs(CLEAN, (SIP.name, tries)))
    assert down.summary == "The phone service does not answer, but your network lets calls out."
    lost = sip(inputs(LOSSY, (SIP.name, tries)))
    assert lost.summary == "Too many packets get lost here to test desk-phone ports."


def test_a_block_that_chance_does_not_explain_is_told_on_a_lossy_line_too() -> None:
    found = udp_range.judge(inputs(ranged(silent=8, asked_again=6)), NoLimits())
    assert found.status is Status.FAIL


@pytest.mark.parametrize(
    ("facts", "much"),
    [
        (LineFacts(), False),
        (LineFacts(asked_first=1, asked_again=1), False),  # the first packet of all is often lost
        (LineFacts(asked_first=400, asked_again=12), False),
        (LineFacts(asked_first=20, asked_again=4), True),
        (LineFacts(asked_first=46, asked_again=3, connects_first=15, connects_again=3), True),
        (LineFacts(asked_first=46, asked_again=3, connects_first=16, connects_again=3), False),
        (LineFacts(asked_first=46, asked_again=1, connects_first=5, connects_again=1), False),
        (LineFacts(packets_sent=500, packets_lost=40), False),
        (LineFacts(packets_sent=500, packets_lost=80), True),
    ],
)
def test_how_much_is_much(facts: LineFacts, *, much: bool) -> None:
    assert facts.loses_much is much


def test_a_voice_stream_that_loses_much_is_a_witness_too() -> None:
    lossy = {MEDIA.name: Gathered(evidence=media(figures(sent=500, lost=100)))}
    assert line_facts(lossy).loses_much


def edns(resolver: ResolverAnswers) -> Judgement:
    evidence = {DNS_SERVERS.name: Gathered(evidence=DnsEvidence(resolvers=(resolver,)))}
    return dns_edns.judge(Inputs(outcomes=evidence), NoLimits())


def again(asked: Asked) -> Asked:
    assert asked.value is not None
    return replace(asked, value=replace(asked.value, sends=2, waited_s=0.01))


@pytest.mark.parametrize("lost", ["edns", "edns_large_buffer", "edns_dnssec", "large", "version_1"])
def test_a_kind_of_lookup_is_said_to_be_stopped_only_where_others_need_no_second_try(
    lost: str,
) -> None:
    one_lost = replace(GOOD, **{lost: SILENT})
    assert edns(one_lost).status in {Status.FAIL, Status.WARN}
    lossy = replace(one_lost, plain=again(GOOD.plain), unknown_option=again(answer()))
    assert edns(lossy).status is Status.UNKNOWN


def test_udp_that_brings_junk_is_no_closed_port() -> None:
    junk: Asked = replace(
        GOOD.plain, value=None, failure=Failure(code=FailureCode.BAD_ANSWER, operation="ask_plain")
    )
    resolver = replace(GOOD, plain=junk)
    evidence = {DNS_SERVERS.name: Gathered(evidence=DnsEvidence(resolvers=(resolver,)))}
    found = port_dns.judge(Inputs(outcomes=evidence), LookupLimits())
    assert found.summary == "Something that is no name server answers lookups."


LATE = replace(FOUND, value=None, failure=Failure(code=TIMED_OUT, operation="look_up"))


@pytest.mark.parametrize("code", [FailureCode.TIMED_OUT, FailureCode.NAME_LOOKUP_FAILED])
@pytest.mark.parametrize("tcp", [GOOD.tcp, SILENT])
def test_names_that_never_come_are_told_where_a_plain_question_is_answered(
    code: FailureCode, tcp: Asked
) -> None:
    """Such as of a server that drops AAAA, or on a line where each answer takes seconds."""
    late = replace(LATE, failure=Failure(code=code, operation="look_up"))
    web = WebEvidence(
        http=(page_try(lookup=replace(late, target="www.example.com:80")),),
        https=(page_try(lookup=replace(late, target="www.example.com:443")),),
    )
    resolver = replace(GOOD, tcp=tcp)
    outcomes: dict[str, Outcome[object]] = {
        DNS_SERVERS.name: Gathered(evidence=DnsEvidence(resolvers=(resolver,))),
        WEB.name: Gathered(evidence=web),
    }
    found = port_dns.judge(Inputs(outcomes=outcomes), LookupLimits())
    assert found.status is Status.WARN
    assert found.remedy is not None
    assert "allow" not in found.remedy.text


def test_a_phone_service_whose_name_came_too_late_is_not_said_to_be_down() -> None:
    late = one(A, "UDP", 5050, LOST)
    late = replace(
        late,
        attempt=replace(late.attempt, failure=Failure(code=TIMED_OUT, operation="look_up")),
    )
    mirror = one("mirror.example.net", "UDP", 5050, SIP_OK)
    evidence = SipEvidence(tries=(late, mirror))
    found = port_sip.judge(
        Inputs(outcomes={SIP.name: Gathered(evidence=evidence)}), SipLimits(ports=("5050",))
    )
    assert found.status is Status.UNKNOWN
    assert "down" not in f"{found.summary} {found.remedy.text if found.remedy else ''}"


@pytest.mark.parametrize(("silent", "status"), [(4, Status.UNKNOWN), (5, Status.FAIL)])
def test_a_fifth_of_the_ports_may_be_silent_by_chance(silent: int, status: Status) -> None:
    """Of twenty."""
    found = udp_range.judge(inputs(ranged(silent=silent, asked_again=6)), NoLimits())
    assert found.status is status


@pytest.mark.parametrize("code", [FailureCode.NETWORK_UNREACHABLE, FailureCode.MACHINE_BUSY])
def test_ports_that_could_not_be_asked_are_told_with_the_reason(code: FailureCode) -> None:
    whole = ranged()
    unsent = replace(whole.results[-1], failure=code)
    evidence = replace(whole, results=(*whole.results[:-1], unsent))
    with pytest.raises(EvidenceMissing) as missing:
        udp_range.judge(inputs(evidence), NoLimits())
    failure = missing.value.failure
    assert (failure.code, failure.detail) == (code, "1/20")
