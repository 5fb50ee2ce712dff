"""nat.sip_alg: a table of what came back from the mirror, and what follows from it."""

import pytest

from natwizard.checks.base import EvidenceMissing, Inputs, NoLimits
from natwizard.checks.nat_sip_alg import judge
from natwizard.model.address import HostPort
from natwizard.model.finding import Judgement, Owner, Status
from natwizard.model.outcome import Attempt, Failure, FailureCode, Gathered, Missed
from natwizard.probes.connection.reachability import Looked
from natwizard.probes.sip_mirror import SIP_MIRROR, MirroredRequest, MirrorTry, SipMirrorEvidence
from natwizard.probes.stun.udp_range import PortResult, RangeEvidence
from natwizard.wire.sip import Transport
from natwizard.wire.sip_mirror import ChangedLine

LOST = FailureCode.TIMED_OUT
RESET = FailureCode.CONNECTION_RESET
REFUSED = FailureCode.CONNECTION_REFUSED
NO_MIRROR = FailureCode.BAD_ANSWER

Result = tuple[str, ...] | FailureCode
SAME: Result = ()

NOT_SEEN = "We could not see whether your router changes phone messages."


def one(transport: str, method: str, result: Result) -> MirrorTry:
    mirrored, failure = None, None
    if isinstance(result, FailureCode):
        failure = Failure(code=result, operation="sip_udp")
    else:
        mirrored = MirroredRequest(
            local=HostPort("10.0.0.7", 40000),
            seen=HostPort("203.0.113.77", 61000),
            changed=tuple(
                ChangedLine(name=name, sent="10.0.0.7", received="203.0.113.77") for name in result
            ),
        )
    attempt: Attempt[MirroredRequest] = Attempt(
        operation="sip_udp",
        target="192.0.2.9:5060",
        started_s=0.1,
        duration_s=0.02,
        value=mirrored,
        failure=failure,
    )
    return MirrorTry(transport=Transport(transport), method=method, attempt=attempt)


def judged(udp: list[Result], tcp: list[Result]) -> Judgement:
    tries = [
        one(transport, method, result)
        for transport, results in (("UDP", udp), ("TCP", tcp))
        for method, result in zip(("OPTIONS", "INVITE"), results, strict=False)
    ]
    evidence = SipMirrorEvidence(tries=tuple(tries))
    return judge(Inputs(outcomes={SIP_MIRROR.name: Gathered(evidence=evidence)}), NoLimits())


@pytest.mark.parametrize(
    ("udp", "tcp", "status", "summary", "observed"),
    [
        (
            [SAME, SAME],
            [SAME, SAME],
            Status.PASS,
            "Your router leaves desk-phone messages alone.",
            "UDP: unchanged \u00b7 TCP: unchanged",
        ),
        (
            [SAME, SAME],
            [REFUSED],
            Status.PASS,
            "Your router leaves desk-phone messages alone.",
            "UDP: unchanged \u00b7 TCP: turned away",
        ),
        (
            [SAME, ("Contact", "c=")],
            [SAME, SAME],
            Status.FAIL,
            "Your router rewrites desk-phone messages.",
            "2 lines changed: Contact, c=",
        ),
        (
            [LOST],
            [("Via",), SAME],
            Status.FAIL,
            "Your router rewrites desk-phone messages.",
            "1 line changed: Via",
        ),
        (
            [SAME, ("Via", "Contact", "o=", "c=")],
            [SAME, SAME],
            Status.FAIL,
            "Your router rewrites desk-phone messages.",
            "4 lines changed: Via, Contact, o=, c=",
        ),
        (
            [("Via", "Contact"), ("Via", "Contact", "o=", "c=", "m=")],
            [SAME, SAME],
            Status.FAIL,
            "Your router rewrites desk-phone messages.",
            "5 lines changed: Via, Contact, o=, c=, ...",
        ),
        (
            [SAME, LOST],
            [SAME, SAME],
            Status.FAIL,
            "Your router swallows desk-phone call messages.",
            "UDP: INVITE no answer \u00b7 TCP: unchanged",
        ),
        (
            [SAME, SAME],
            [SAME, RESET],
            Status.FAIL,
            "Your router swallows desk-phone call messages.",
            "UDP: unchanged \u00b7 TCP: INVITE cut off",
        ),
        # the connection itself may have failed before the message was sent
        (
            [SAME, SAME],
            [SAME, LOST],
            Status.PASS,
            "Your router leaves desk-phone messages alone.",
            "UDP: unchanged \u00b7 TCP: INVITE no answer",
        ),
        ([LOST], [LOST], Status.UNKNOWN, NOT_SEEN, "UDP: no answer \u00b7 TCP: no answer"),
        # phones use UDP, and that is where messages are rewritten
        ([LOST], [SAME, SAME], Status.UNKNOWN, NOT_SEEN, "UDP: no answer \u00b7 TCP: unchanged"),
        (
            [SAME, NO_MIRROR],
            [SAME, SAME],
            Status.UNKNOWN,
            NOT_SEEN,
            "UDP: INVITE an answer that makes no sense \u00b7 TCP: unchanged",
        ),
        (
            [NO_MIRROR],
            [REFUSED],
            Status.UNKNOWN,
            NOT_SEEN,
            "UDP: an answer that makes no sense \u00b7 TCP: turned away",
        ),
    ],
)
def test_what_the_mirror_saw_decides(
    udp: list[Result], tcp: list[Result], status: Status, summary: str, observed: str
) -> None:
    judgement = judged(udp, tcp)
    assert (judgement.status, judgement.summary, judgement.observed) == (status, summary, observed)
    assert judgement.expected == "unchanged"
    assert len(summary.split()) <= 12
    assert (judgement.remedy is None) == (status is Status.PASS)


def test_a_rewriting_router_is_the_network_teams_and_each_line_is_shown() -> None:
    judgement = judged([SAME, ("Contact",)], [SAME, SAME])
    assert judgement.remedy is not None
    assert (judgement.remedy.text, judgement.remedy.owner) == (
        "Switch SIP ALG off.",
        Owner.NETWORK_TEAM,
    )
    shown = {detail.label: detail.text for detail in judgement.details}
    assert shown["INVITE UDP Contact"] == "sent 10.0.0.7, arrived as 203.0.113.77"


def test_an_address_that_is_no_mirror_is_told_apart_from_a_silent_one() -> None:
    wrong, silent = judged([NO_MIRROR], [NO_MIRROR]), judged([LOST], [LOST])
    assert wrong.remedy is not None
    assert silent.remedy is not None
    assert wrong.remedy.text.startswith("Point `targets.sip_mirror` at a mirror")
    assert silent.remedy.text.startswith("Check that the mirror runs")


def test_without_a_mirror_nobody_knows() -> None:
    failure = Failure(
        code=FailureCode.NO_TARGET, operation="read_profile", detail="targets.sip_mirror"
    )
    case = Inputs(outcomes={SIP_MIRROR.name: Missed(failure=failure)})
    judgement = judge(case, NoLimits())
    assert judgement.status is Status.NOT_SET_UP
    assert judgement.observed == "not set up"
    assert [detail.text for detail in judgement.details] == ["targets.sip_mirror"]


def test_other_missing_evidence_is_left_to_the_run() -> None:
    missed = Missed(failure=Failure(code=FailureCode.STOPPED, operation="run"))
    with pytest.raises(EvidenceMissing):
        judge(Inputs(outcomes={SIP_MIRROR.name: missed}), NoLimits())


def test_a_message_that_got_lost_where_many_do_was_swallowed_by_nobody() -> None:
    tries = tuple(
        one("UDP", method, result) for method, result in (("OPTIONS", SAME), ("INVITE", LOST))
    )
    inputs = {SIP_MIRROR.name: Gathered(evidence=SipMirrorEvidence(tries=tries))}
    again = tuple(
        PortResult(port=port, started_s=0.0, duration_ms=1.0, tries=2) for port in range(5)
    )
    lookup: Looked = Attempt(
        operation="look_up", target="t", started_s=0.0, duration_s=0.0, value=()
    )
    ports = RangeEvidence(target="t", lookup=lookup, listed=(), results=again)
    assert judge(Inputs(outcomes=inputs), NoLimits()).status is Status.FAIL
    lossy = Inputs(outcomes={**inputs, "udp_range": Gathered(evidence=ports)})
    assert judge(lossy, NoLimits()).status is Status.UNKNOWN
