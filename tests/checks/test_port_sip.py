"""port.sip: a table of what servers and their controls did, and what follows from it."""

import msgspec
import pytest
from cases.reach_cases import case_of, page_try, secure_page
from cases.udp_cases import UDP_SILENT, UDP_WORKS
from msgspec.structs import replace

from natwizard.checks.base import EvidenceMissing, Inputs
from natwizard.checks.port_sip import PORT_SIP, SipLimits, judge
from natwizard.model.address import HostPort
from natwizard.model.finding import Judgement, Owner, Status
from natwizard.model.outcome import Attempt, Failure, FailureCode, Gathered, Missed
from natwizard.probes.network import Endpoint
from natwizard.probes.sip import AT_ENCRYPTION, SIP, SipAnswer, SipEvidence, SipTry
from natwizard.probes.stun.binding import STUN, StunEvidence
from natwizard.probes.web import WEB, WebEvidence
from natwizard.wire.sip import Transport

A, B, MIRROR = "sip-a.example.com", "sip-b.example.com", "mirror.example.net"
SAME_AS_A = "sip.example.com"

OK = SipAnswer(status_code=200, reason="OK")
DENIED = SipAnswer(status_code=403, reason="Forbidden")
MUTE = SipAnswer(status_code=0, silence=FailureCode.TIMED_OUT)
LOST = FailureCode.TIMED_OUT
REFUSED = FailureCode.CONNECTION_REFUSED
RESET = FailureCode.CONNECTION_RESET
NAMELESS = FailureCode.NAME_NOT_FOUND
NO_TLS = FailureCode.TLS_FAILED
SWALLOWED = Failure(code=LOST, operation=AT_ENCRYPTION)

Tried = tuple[str, str, int, SipAnswer | FailureCode | Failure]


ADDRESSES = {A: "192.0.2.1", B: "192.0.2.2", MIRROR: "192.0.2.3", SAME_AS_A: "192.0.2.1"}


def attempt(
    result: SipAnswer | FailureCode | Failure, target: str = "192.0.2.1:5060"
) -> Attempt[SipAnswer]:
    if isinstance(result, FailureCode):
        result = Failure(code=result, operation="sip_udp")
    failed = isinstance(result, Failure)
    return Attempt(
        operation="sip_udp",
        target=target,
        started_s=0.1,
        duration_s=0.021,
        value=None if failed else result,
        failure=result if failed else None,
    )


def one(host: str, transport: str, port: int, result: SipAnswer | FailureCode | Failure) -> SipTry:
    return SipTry(
        target=HostPort(host, port),
        transport=Transport(transport),
        control=host == MIRROR,
        attempt=attempt(result, f"{ADDRESSES[host]}:{port}"),
    )


def line(*, works: bool) -> tuple[Attempt[Endpoint], ...]:
    failure = None if works else Failure(code=LOST, operation="connect_tcp")
    tried: Attempt[Endpoint] = Attempt(
        operation="connect_tcp", target="x:443", started_s=0, duration_s=0.1, failure=failure
    )
    return (tried,)


def judged(*tried: Tried, works: bool = True, limits: SipLimits | None = None) -> Judgement:
    """By what the service named here offers, where no other limits are given."""
    ports = tuple(dict.fromkeys(str(port) for _host, _transport, port, _result in tried))
    evidence = SipEvidence(tries=tuple(one(*each) for each in tried), line=line(works=works))
    inputs = Inputs(outcomes={SIP.name: Gathered(evidence=evidence)})
    return judge(inputs, limits or SipLimits(ports=ports))


@pytest.mark.parametrize(
    ("tried", "status", "summary"),
    [
        (
            [(A, "UDP", 5060, OK), (A, "TCP", 5060, OK), (A, "TLS", 5061, OK)],
            Status.PASS,
            "Desk phones can reach their servers.",
        ),
        # any SIP answer, or an open stream, is a way through
        ([(A, "UDP", 5060, DENIED), (A, "TCP", 5060, MUTE)], Status.PASS, "can reach"),
        # a silent mirror is no fault of the service
        ([(A, "UDP", 5060, OK), (MIRROR, "UDP", 5060, LOST)], Status.PASS, "can reach"),
        # the same server is alive elsewhere
        (
            [(A, "UDP", 5060, LOST), (A, "TCP", 5060, OK)],
            Status.FAIL,
            "Your network blocks a port of desk phones, 5060.",
        ),
        (
            [(A, "UDP", 5060, LOST), (A, "UDP", 5050, LOST), (A, "TCP", 5060, OK)],
            Status.FAIL,
            "Your network blocks ports of desk phones, 5060 and 5050.",
        ),
        (
            [(A, "UDP", port, LOST) for port in (5060, 5050, 5061)] + [(A, "TCP", 5060, OK)],
            Status.FAIL,
            "Your network blocks 3 ports of desk phones.",
        ),
        ([(A, "TLS", 5061, RESET), (A, "TCP", 5060, OK)], Status.FAIL, "phones, 5061."),
        # the port took the connection: nobody has to allow it
        (
            [(A, "TLS", 5061, SWALLOWED), (A, "UDP", 5060, OK)],
            Status.FAIL,
            "A port of desk phones, 5061, is open, but cannot be encrypted.",
        ),
        (
            [(A, "TLS", 5061, Failure(code=RESET, operation=AT_ENCRYPTION)), (A, "UDP", 5060, OK)],
            Status.FAIL,
            "A port of desk phones, 5061, is open, but cannot be encrypted.",
        ),
        ([(A, "TLS", 5061, SWALLOWED)], Status.UNKNOWN, "cannot tell why"),
        # an open stream that says nothing is no sign of life of a SIP server
        ([(A, "UDP", 5060, LOST), (A, "TCP", 5060, MUTE)], Status.UNKNOWN, "cannot tell why"),
        # two servers keep silent while the line works
        (
            [(A, "UDP", 5060, LOST), (MIRROR, "UDP", 5060, LOST)],
            Status.FAIL,
            "Your network blocks a port of desk phones, 5060.",
        ),
        ([(A, "UDP", 5060, LOST), (B, "UDP", 5060, LOST)], Status.FAIL, "blocks"),
        # two names of one server are one server, which may be down
        (
            [(A, "UDP", 5060, LOST), (SAME_AS_A, "UDP", 5060, LOST)],
            Status.UNKNOWN,
            "cannot tell why",
        ),
        (
            [(A, "TCP", 5060, REFUSED), (SAME_AS_A, "TCP", 5060, REFUSED)],
            Status.UNKNOWN,
            "by whom",
        ),
        # a port that the mirror was not asked for proves nothing
        (
            [(A, "UDP", 5050, LOST), (MIRROR, "UDP", 5060, OK)],
            Status.UNKNOWN,
            "cannot tell why",
        ),
        # the same door is open for another server
        (
            [(A, "UDP", 5060, LOST), (MIRROR, "UDP", 5060, OK)],
            Status.UNKNOWN,
            "The phone service does not answer, but your network lets calls out.",
        ),
        ([(A, "UDP", 5060, LOST), (B, "UDP", 5060, OK)], Status.UNKNOWN, "lets calls out"),
        # silence alone
        ([(A, "UDP", 5060, LOST)], Status.UNKNOWN, "cannot tell why"),
        ([(A, "UDP", 5060, LOST), (A, "TCP", 5060, LOST)], Status.UNKNOWN, "cannot tell why"),
        # refusals: one may be the server's own, two are not
        ([(A, "TCP", 5060, REFUSED), (A, "UDP", 5060, OK)], Status.UNKNOWN, "by whom"),
        (
            [(A, "TCP", 5060, REFUSED), (MIRROR, "TCP", 5060, REFUSED)],
            Status.FAIL,
            "A port of desk phones, 5060, is turned away.",
        ),
        # names and protocols
        ([(A, "UDP", 5060, NAMELESS)], Status.UNKNOWN, "name of the phone service"),
        ([(A, "UDP", 5060, LOST), (B, "UDP", 5060, NAMELESS)], Status.UNKNOWN, "name"),
        ([(A, "TLS", 5061, NO_TLS), (A, "UDP", 5060, OK)], Status.UNKNOWN, "not as a phone"),
        # the worst comes first
        (
            [(A, "UDP", 5060, LOST), (A, "TCP", 5060, OK), (B, "UDP", 5061, NAMELESS)],
            Status.FAIL,
            "blocks",
        ),
        # only the mirror is known
        (
            [(MIRROR, "UDP", 5060, OK), (MIRROR, "TCP", 5060, OK)],
            Status.UNKNOWN,
            "We do not know the address of your phone service yet.",
        ),
        ([(MIRROR, "UDP", 5060, LOST), (MIRROR, "TCP", 5060, OK)], Status.FAIL, "phones, 5060."),
        ([(MIRROR, "UDP", 5060, LOST), (MIRROR, "TCP", 5060, LOST)], Status.UNKNOWN, "know"),
    ],
)
def test_a_port_is_judged_by_what_others_did(
    tried: list[Tried], status: Status, summary: str
) -> None:
    judgement = judged(*tried)
    assert (judgement.status, summary in judgement.summary) == (status, True), judgement.summary
    assert len(judgement.summary.split()) <= 12
    assert (judgement.remedy is None) == (status is Status.PASS)


def test_a_name_that_came_late_is_nobodys_mistake_in_the_profile() -> None:
    failure = Failure(code=LOST, operation="look_up")
    late = replace(one(A, "TLS", 5061, LOST), attempt=replace(attempt(LOST), failure=failure))
    evidence = SipEvidence(tries=(one(A, "UDP", 5060, OK), late), line=line(works=True))
    judgement = judge(case_of((SIP, evidence)), SipLimits(ports=("5060",)))
    assert judgement.status is Status.UNKNOWN
    assert judgement.remedy is not None
    assert "targets" not in judgement.remedy.text


def test_without_a_working_line_nothing_is_blamed() -> None:
    silent = [(A, "UDP", 5060, LOST), (MIRROR, "UDP", 5060, LOST)]
    assert judged(*silent, works=False).status is Status.UNKNOWN


def test_one_address_family_that_works_is_enough() -> None:
    judgement = judged((A, "UDP", 5060, FailureCode.NETWORK_UNREACHABLE), (A, "UDP", 5060, OK))
    assert judgement.status is Status.PASS
    assert [quantity.value for quantity in judgement.measured] == [1, 1, 1]


def test_the_finding_says_what_was_seen_on_each_port() -> None:
    judgement = judged(
        (A, "UDP", 5060, OK), (A, "TCP", 5060, LOST), (A, "TLS", 5061, LOST), (A, "UDP", 5050, OK)
    )
    assert judgement.observed == "UDP 5060, UDP 5050 answered; TCP 5060, TLS 5061: no answer"
    assert judgement.remedy is not None
    assert judgement.remedy.owner is Owner.NETWORK_TEAM
    assert judgement.remedy.request.startswith("Please allow outgoing TCP 5060, TLS 5061")
    assert judgement.details[0].label == f"UDP 5060 {A}"
    assert "SIP 200 OK" in judgement.details[0].text
    assert len(judgement.tried) == 5


def test_the_remedy_for_silence_depends_on_whether_there_is_a_mirror() -> None:
    alone = judged((A, "UDP", 5050, LOST))
    compared = judged((A, "UDP", 5050, LOST), (MIRROR, "UDP", 5060, LOST))
    assert alone.remedy is not None
    assert compared.remedy is not None
    assert "targets.sip_mirror" in alone.remedy.text
    assert "targets.sip_mirror" not in compared.remedy.text


def test_missing_evidence_is_left_to_the_run() -> None:
    missed = Missed(failure=Failure(code=FailureCode.NO_TARGET, operation="read_profile"))
    with pytest.raises(EvidenceMissing):
        judge(Inputs(outcomes={SIP.name: missed}), SipLimits())


EVERY_PORT: list[Tried] = [
    (A, "UDP", 5060, OK), (A, "TCP", 5060, OK), (A, "UDP", 5050, OK), (A, "TCP", 5050, OK),
    (A, "UDP", 5061, OK), (A, "TLS", 5061, OK),
]  # fmt: skip


@pytest.mark.parametrize(
    ("tried", "status", "untried", "pairs"),
    [
        (EVERY_PORT, Status.PASS, "", ""),
        # TLS has its port to itself: the pair is named, the port is tried
        ([each for each in EVERY_PORT if each[1:3] != ("UDP", 5061)], Status.PASS, "", "UDP 5061"),
        (EVERY_PORT[:1], Status.UNKNOWN, "5050, 5061",
         "UDP 5050, UDP 5061, TCP 5060, TCP 5050, TCP 5061"),
        (EVERY_PORT[:2], Status.UNKNOWN, "5050, 5061", "UDP 5050, UDP 5061, TCP 5050, TCP 5061"),
        (EVERY_PORT[:4], Status.UNKNOWN, "5061", "UDP 5061, TCP 5061"),
        # what answers on other ports, or for comparison, says nothing of these
        ([*EVERY_PORT[:4], (A, "TCP", 5062, OK)], Status.UNKNOWN, "5061", "UDP 5061, TCP 5061"),
        ([*EVERY_PORT[:4], (MIRROR, "TCP", 5061, OK)], Status.UNKNOWN, "5061",
         "UDP 5061, TCP 5061"),
    ],
)  # fmt: skip
def test_a_pass_needs_every_port_of_the_source_and_names_each_pair_left_out(
    tried: list[Tried], status: Status, untried: str, pairs: str
) -> None:
    judgement = judged(*tried, limits=SipLimits())
    assert judgement.status is status
    if untried:
        assert judgement.remedy is not None
        assert f"ports {untried} to `targets.sip`" in judgement.remedy.text
    named = [each.text for each in judgement.details if each.label == "Not tried"]
    assert named == ([f"{pairs}: the profile names no server there"] if pairs else [])


def test_what_is_shut_is_told_before_what_was_not_tried() -> None:
    judgement = judged((A, "UDP", 5060, LOST), (A, "TCP", 5060, OK), limits=SipLimits())
    assert judgement.status is Status.FAIL
    assert judgement.details[-1].label == "Not tried"


def test_a_profile_says_which_ports_its_server_offers() -> None:
    assert judged((A, "UDP", 5060, OK), limits=SipLimits(ports=("5060",))).status is Status.PASS


@pytest.mark.parametrize("ports", [("0",), ("5060-5061",), ("sip",), ("70000",)])
def test_a_port_that_is_none_is_refused(ports: tuple[str, ...]) -> None:
    with pytest.raises(msgspec.ValidationError):
        PORT_SIP.bind({"ports": ports})


@pytest.mark.parametrize(
    ("silence", "words"),
    [
        (FailureCode.CLOSED_EARLY, "open; then hung up before answering"),
        (None, "open; then no answer"),
    ],
)
def test_an_open_port_is_told_with_what_came_after_it(
    silence: FailureCode | None, words: str
) -> None:
    judgement = judged((A, "TCP", 5060, SipAnswer(status_code=0, silence=silence)))
    assert judgement.details[0].text == words


@pytest.mark.parametrize(
    ("answered", "transport", "status"),
    [
        (UDP_SILENT, "UDP", Status.FAIL),
        (UDP_WORKS, "UDP", Status.UNKNOWN),
        (UDP_SILENT, "TCP", Status.UNKNOWN),
    ],
)
def test_where_no_server_answers_over_udp_one_phone_server_need_not_be_down(
    answered: StunEvidence, transport: str, status: Status
) -> None:
    sip = SipEvidence(tries=(one(A, transport, 5060, LOST),), line=line(works=True))
    web = WebEvidence(http=(page_try(),), https=(secure_page(),))
    inputs = case_of((SIP, sip), (STUN, answered), (WEB, web))
    assert judge(inputs, SipLimits(ports=("5060",))).status is status
