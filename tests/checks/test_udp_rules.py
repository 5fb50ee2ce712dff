"""STUN ports and the UDP range, judged from evidence made by hand."""

import pytest
from cases.reach_cases import secure_page
from cases.udp_cases import (
    UDP_SILENT,
    UDP_WORKS,
    at_its_address,
    attempt,
    case,
    figures,
    flow,
    media,
    missed,
    path,
    stun,
)
from msgspec.structs import replace

from natwizard.checks import udp_range, udp_stun
from natwizard.checks.base import EvidenceMissing, NoLimits
from natwizard.checks.udp_stun import StunLimits
from natwizard.model.finding import Owner, Status
from natwizard.model.outcome import Attempt, FailureCode
from natwizard.probes.public_udp import PublicUdpEvidence, PublicUdpPort
from natwizard.probes.stun.binding import StunEvidence, StunFlow, StunWay
from natwizard.probes.stun.udp_range import PortResult, PortSpan, RangeEvidence
from natwizard.probes.web import WebEvidence

S5060, S3479 = "192.0.2.1:5060", "192.0.2.1:3479"
CONTROL, CONTROL_5060 = "198.51.100.1:19302", "198.51.100.1:5060"
PUBLIC = "203.0.113.7 4000"

OPEN = flow(S5060, public=PUBLIC, service=True)
OPEN_TOO = flow(S3479, public=PUBLIC, service=True)
SILENT = flow(S5060, service=True)
REFUSING = flow(S5060, service=True, code=FailureCode.BAD_ANSWER)

STUN_CASES = [
    (stun(OPEN, OPEN_TOO), Status.PASS, "The ports that calls start on are open."),
    (stun(REFUSING, OPEN_TOO), Status.PASS, "The ports that calls start on are open."),
    (stun(SILENT, OPEN_TOO), Status.FAIL, "Your network blocks a port that calls start on, 5060."),
    (
        stun(SILENT, flow(CONTROL, public=PUBLIC)),
        Status.FAIL,
        "Your network blocks a port that calls start on, 5060.",
    ),
    (
        stun(SILENT, flow(CONTROL_5060, public=PUBLIC)),
        Status.UNKNOWN,
        "The service does not answer, but your network lets it through.",
    ),
    (
        stun(SILENT, flow(CONTROL)),
        Status.UNKNOWN,
        "Nothing answered, so these ports could not be tested.",
    ),
    (
        stun(flow(CONTROL, public=PUBLIC), nameless=("stun.example.com:5060",)),
        Status.UNKNOWN,
        "The name of the service's server could not be looked up.",
    ),
    (
        stun(flow(CONTROL, public=PUBLIC)),
        Status.NOT_SET_UP,
        "Your network lets calls out. The service was not tested.",
    ),
    (
        stun(flow(CONTROL)),
        Status.NOT_SET_UP,
        "Not set up: this computer does not have the service's addresses.",
    ),
]


@pytest.mark.parametrize(("evidence", "status", "summary"), STUN_CASES)
def test_stun_ports_are_judged_against_what_else_answered(
    evidence: StunEvidence, status: Status, summary: str
) -> None:
    judgement = udp_stun.judge(case({"stun": evidence}), StunLimits())
    assert (judgement.status, judgement.summary) == (status, summary)
    assert len(summary.split()) <= 12
    assert (judgement.remedy is None) == (status is Status.PASS)


@pytest.mark.parametrize(
    ("code", "summary", "owner"),
    [
        (FailureCode.NAME_NOT_FOUND, STUN_CASES[6][2], Owner.HELPDESK),
        # one question got lost, or the name server is slow: the address that is set may be right
        (FailureCode.TIMED_OUT, "A name could not be looked up in time.", Owner.NETWORK_TEAM),
        (FailureCode.NAME_LOOKUP_FAILED, "A name could not be looked up in time.",
         Owner.NETWORK_TEAM),
    ],
)  # fmt: skip
def test_an_address_is_doubted_only_where_its_name_is_denied(
    code: FailureCode, summary: str, owner: Owner
) -> None:
    evidence = stun(flow(CONTROL, public=PUBLIC), nameless=("stun.example.com:5060",))
    servers = (
        replace(each, lookup=attempt(code=code)) if each.is_service else each
        for each in evidence.servers
    )
    evidence = replace(evidence, servers=tuple(servers))
    judgement = udp_stun.judge(case({"stun": evidence}), StunLimits())
    assert (judgement.status, judgement.summary) == (Status.UNKNOWN, summary)
    assert judgement.remedy is not None
    assert judgement.remedy.owner is owner


def test_all_udp_silent_while_web_pages_work_is_blocked() -> None:
    outcomes = {"stun": stun(SILENT, flow(CONTROL)), "web": WebEvidence(https=(secure_page(),))}
    judgement = udp_stun.judge(case(outcomes), StunLimits())
    assert judgement.status is Status.FAIL
    assert judgement.summary == "Your network blocks the way that calls take."


def test_a_port_without_a_server_is_named_as_not_tested() -> None:
    judgement = udp_stun.judge(case({"stun": stun(OPEN)}), StunLimits())
    assert [detail.text for detail in judgement.details if detail.label == "Not tested"] == [
        "UDP 3479: no server is set for it"
    ]


@pytest.mark.parametrize(
    ("evidence", "observed"),
    [
        (stun(OPEN, OPEN_TOO), [f"{S5060}: answered in 21\u00a0ms", f"{S3479}: answered in 21"]),
        (stun(SILENT, OPEN_TOO), [f"{S5060}: no answer", f"{S3479}: answered in 21\u00a0ms"]),
        (
            stun(SILENT, flow(CONTROL_5060, public=PUBLIC)),
            [f"{S5060}: silent; a control server answers on this port"],
        ),
        (
            stun(flow(CONTROL, public=PUBLIC), nameless=("stun.example.com:5060",)),
            ["stun.example.com:5060: the name could not be looked up"],
        ),
    ],
)
def test_each_server_is_told_with_what_it_did(evidence: StunEvidence, observed: list[str]) -> None:
    judgement = udp_stun.judge(case({"stun": evidence}), StunLimits())
    told = judgement.observed.split("; ") if len(observed) > 1 else [judgement.observed]
    assert [each.startswith(words) for each, words in zip(told, observed, strict=True)] == [
        True for _each in observed
    ], judgement.observed


def test_where_this_computer_could_not_ask_its_first_trouble_is_told() -> None:
    busy = flow(S5060, service=True, code=FailureCode.MACHINE_BUSY)
    with pytest.raises(EvidenceMissing) as missing:
        udp_stun.judge(case({"stun": stun(busy)}), StunLimits())
    assert missing.value.failure.code is FailureCode.MACHINE_BUSY


def test_missing_evidence_is_passed_on() -> None:
    gone = missed(FailureCode.NO_TARGET, "targets.stun")
    with pytest.raises(EvidenceMissing):
        udp_stun.judge(case({"stun": gone}), StunLimits())
    with pytest.raises(EvidenceMissing):
        udp_range.judge(case({"udp_range": gone}), NoLimits())


def ports(
    answered: int, silent: int, *, code: FailureCode = FailureCode.TIMED_OUT, exact: bool = True
) -> RangeEvidence:
    """Ports 5000 and up: first those that answered, then those that did not."""
    results = tuple(
        PortResult(
            port=5000 + place,
            started_s=0.1,
            duration_ms=20.0,
            tries=1,
            failure=None if place < answered else code,
        )
        for place in range(answered + silent)
    )
    blocked = (PortSpan(low=5000 + answered, high=5000 + answered + silent - 1, exact=exact),)
    return RangeEvidence(
        target="ports.example.com",
        lookup=attempt(()),
        listed=(PortSpan(low=5000, high=64000),),
        address="192.0.2.1",
        results=results,
        blocked=blocked if answered and silent else (),
        flows=answered + silent,
    )


REFUSED = FailureCode.CONNECTION_REFUSED
SAMPLED = "sampled: a block of 58,882 ports or more would have been seen"


@pytest.mark.parametrize(
    ("evidence", "other", "status", "observed"),
    [
        (
            ports(120, 0),
            UDP_WORKS,
            Status.PASS,
            f"120 of 120 ports answered; {SAMPLED}",
        ),
        (
            ports(100, 20),
            UDP_SILENT,
            Status.FAIL,
            "blocked: 5100\u20135119; 100 of 120 ports answered",
        ),
        (ports(10, 1), UDP_WORKS, Status.FAIL, "blocked: 5010; 10 of 11 ports answered"),
        (ports(0, 120), UDP_WORKS, Status.FAIL, "0 of 120 ports answered"),
        (ports(0, 120), UDP_SILENT, Status.UNKNOWN, "0 of 120 ports answered"),
        (
            ports(0, 120),
            missed(FailureCode.NO_TARGET, "targets.stun"),
            Status.UNKNOWN,
            "0 of 120 ports answered",
        ),
        (ports(0, 5, code=REFUSED), UDP_WORKS, Status.UNKNOWN, "0 of 5 ports answered"),
    ],
)
def test_ports_are_judged_against_each_other_and_against_a_control(
    evidence: RangeEvidence, other: object, status: Status, observed: str
) -> None:
    judgement = udp_range.judge(case({"udp_range": evidence, "stun": other}), NoLimits())
    assert (judgement.status, judgement.observed) == (status, observed)
    assert len(judgement.summary.split()) <= 12
    assert (judgement.remedy is None) == (status is Status.PASS)


def test_a_few_gaps_are_told_one_by_one() -> None:
    def told(gaps: int) -> str:
        blocked = tuple(PortSpan(low=low, high=low) for low in range(6000, 6000 + 100 * gaps, 100))
        seen = replace(ports(400 - gaps, gaps), blocked=blocked)
        return udp_range.judge(case({"udp_range": seen, "stun": UDP_WORKS}), NoLimits()).observed

    assert told(6).startswith("blocked: 6000, 6100, 6200, 6300, 6400, 6500; ")
    assert told(7).startswith("many small gaps between 6000 and 6600; ")


def test_many_small_gaps_are_told_as_one() -> None:
    blocked = tuple(PortSpan(low=low, high=low) for low in range(6000, 7000, 100))
    scattered = replace(ports(390, 10), blocked=blocked)
    judgement = udp_range.judge(case({"udp_range": scattered, "stun": UDP_WORKS}), NoLimits())
    assert judgement.status is Status.FAIL
    assert judgement.observed.startswith("many small gaps between 6000 and 6900")
    assert judgement.remedy is not None
    assert "5000\u201364000" in judgement.remedy.text
    assert "6000" not in judgement.remedy.request


def test_ends_that_are_not_exact_are_said_to_be() -> None:
    evidence = ports(100, 20, exact=False)
    judgement = udp_range.judge(case({"udp_range": evidence, "stun": UDP_WORKS}), NoLimits())
    assert any(detail.label == "Note" for detail in judgement.details)


def test_a_name_without_an_address_is_missing_evidence() -> None:
    evidence = RangeEvidence(
        target="ports.example.com",
        lookup=attempt(code=FailureCode.NAME_NOT_FOUND),
        listed=(PortSpan(low=5000, high=64000),),
    )
    with pytest.raises(EvidenceMissing) as missing:
        udp_range.judge(case({"udp_range": evidence, "stun": UDP_WORKS}), NoLimits())
    assert missing.value.failure.code is FailureCode.NAME_NOT_FOUND


def test_a_range_that_was_asked_whole_is_no_sample() -> None:
    whole = replace(ports(10, 0), listed=(PortSpan(low=5000, high=5009),))
    told = udp_range.judge(case({"udp_range": whole, "stun": UDP_WORKS}), NoLimits())
    assert (told.status, told.observed) == (Status.PASS, "10 of 10 ports answered")
    sampled = replace(whole, listed=(PortSpan(low=5000, high=5010),))
    other = udp_range.judge(case({"udp_range": sampled, "stun": UDP_WORKS}), NoLimits())
    assert other.summary != told.summary
    assert other.observed.endswith("sampled: a block of 2 ports or more would have been seen")


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (6, ", 5500\u20135501"),
        (7, "5500\u20135501 and 1 more"),
        (10, "5500\u20135501 and 4 more"),
    ],
)  # fmt: skip
def test_six_ranges_are_told_and_the_others_counted(count: int, words: str) -> None:
    listed = tuple(PortSpan(low=5000 + 100 * n, high=5001 + 100 * n) for n in range(count))
    seen = replace(ports(1, 0), listed=listed)
    [tried] = [
        each.text
        for each in udp_range.judge(case({"udp_range": seen}), NoLimits()).details
        if each.label == "Tried"
    ]
    assert tried.endswith(words)


def test_a_name_with_no_address_behind_it_is_told_as_one() -> None:
    nothing = replace(ports(1, 0), results=())
    with pytest.raises(EvidenceMissing) as missing:
        udp_range.judge(case({"udp_range": nothing}), NoLimits())
    failure = missing.value.failure
    assert (failure.code, failure.detail) == (FailureCode.NAME_NOT_FOUND, "ports.example.com")


def test_strangers_that_were_not_asked_say_nothing_of_a_range() -> None:
    gone = missed(FailureCode.NO_TARGET, "targets.udp_range")
    with pytest.raises(EvidenceMissing):
        udp_range.judge(case({"udp_range": gone, "public_udp": PublicUdpEvidence()}), NoLimits())


@pytest.mark.parametrize("preferred", [True, False])
def test_each_way_out_is_told_with_what_it_let_through(preferred: bool) -> None:
    ways = tuple(
        StunWay(
            interface=name,
            local_address=address,
            preferred=preferred and name == "eth0",
            attempt=tried,
        )
        for name, address, tried in (
            ("eth0", "192.168.1.5", attempt(None)),
            ("wlan0", "192.168.2.5", attempt(code=FailureCode.TIMED_OUT)),
        )
    )
    told = udp_stun.judge(case({"stun": replace(stun(OPEN), ways=ways)}), StunLimits())
    lines = {each.label: each.text.replace("\u00a0", " ") for each in told.details}
    carries = "; this one carries your calls" if preferred else ""
    assert lines["By eth0"] == f"192.168.1.5: answered in 21 ms{carries}"
    assert lines["By wlan0"] == "192.168.2.5: no answer"


def test_a_test_server_that_shows_no_sign_of_life_is_down_and_nothing_is_blocked() -> None:
    silent = replace(connect := attempt(code=FailureCode.TIMED_OUT), operation="connect_tcp")
    down = replace(ports(0, 120), signs=(replace(silent, target="192.0.2.1:80"),))
    judgement = udp_range.judge(case({"udp_range": down, "stun": UDP_WORKS}), NoLimits())
    assert judgement.status is Status.UNKNOWN
    assert judgement.summary == "The test server gives no answer of any kind."
    there = replace(connect, failure=None, operation="connect_tcp", target="192.0.2.1:80")
    alive = replace(ports(0, 120), signs=(there,))
    blocked = udp_range.judge(case({"udp_range": alive, "stun": UDP_WORKS}), NoLimits())
    assert blocked.status is Status.FAIL
    # nobody answers over UDP: that is no matter of one server
    web = WebEvidence(https=(secure_page(),))
    control = at_its_address(flow(CONTROL))
    asked = {"udp_range": down, "stun": stun(control), "web": web}
    assert udp_range.judge(case(asked), NoLimits()).status is Status.FAIL


def down(*targets: str) -> StunEvidence:
    """The service's STUN servers silent, over TCP as well; beside them whatever else is asked."""
    flows = [at_its_address(flow(target, service=True)) for target in targets]
    addresses = dict.fromkeys(target.rpartition(":")[0] for target in targets)
    return replace(
        stun(*flows),
        signs=tuple(tried(f"{address}:80", FailureCode.TIMED_OUT) for address in addresses),
        asked_alone=tuple(each.attempt for each in flows),
    )


def beside(evidence: StunEvidence, *others: StunFlow) -> StunEvidence:
    """The same with more servers."""
    more = stun(*map(at_its_address, others))
    return replace(
        evidence, servers=evidence.servers + more.servers, flows=evidence.flows + more.flows
    )


def tried(target: str, code: FailureCode | None, operation: str = "connect_tcp") -> Attempt[object]:
    return replace(attempt(None, code=code), operation=operation, target=target)


WEB_WORKS = WebEvidence(https=(secure_page(),))
NO_LIFE = "The service's server gives no answer of any kind."
OWN_ASKED = "Only the service's servers were asked, and all are silent."
WHO = "The service or a firewall rejects what calls start on."
ALL = "Your network blocks the way that calls take."
BOTH = "Your network blocks ports that calls start on, 5060, 3479."
SILENT_HOST = down(S5060, S3479)
OTHER_SILENT = flow(CONTROL)
MEDIA_AT_IT = replace(
    media(code=FailureCode.TIMED_OUT),
    path=replace(
        path(FailureCode.TIMED_OUT),
        greetings=(tried("192.0.2.1:18620", FailureCode.TIMED_OUT, "greet_reflector"),),
    ),
)
MEDIA_ELSEWHERE = replace(
    MEDIA_AT_IT,
    path=replace(
        MEDIA_AT_IT.path,
        greetings=(tried("192.0.2.9:18620", FailureCode.TIMED_OUT, "greet_reflector"),),
    ),
)


def public_udp(value: str) -> PublicUdpEvidence:
    asked = replace(attempt(value), operation="ask_udp_port")
    port = PublicUdpPort(server="198.51.100.9", port=5000, lookup=attempt(()), asked=asked)
    return PublicUdpEvidence(ports=(port,))


@pytest.mark.parametrize(
    ("outcomes", "status", "summary"),
    [
        # something else gets out over UDP: the server may be down
        ({"stun": beside(SILENT_HOST, flow(CONTROL, public=PUBLIC))}, Status.UNKNOWN, NO_LIFE),
        ({"stun": SILENT_HOST, "media": media(figures())}, Status.UNKNOWN, NO_LIFE),
        ({"stun": SILENT_HOST, "udp_range": ports(120, 0)}, Status.UNKNOWN, NO_LIFE),
        ({"stun": SILENT_HOST, "public_udp": public_udp("echo")}, Status.UNKNOWN, NO_LIFE),
        # its host is there, and does not answer on these ports alone
        (
            {
                "stun": replace(
                    beside(SILENT_HOST, flow(CONTROL, public=PUBLIC)),
                    signs=(tried("192.0.2.1:80", FailureCode.CONNECTION_REFUSED),),
                )
            },
            Status.FAIL,
            BOTH,
        ),
        (
            {
                "stun": replace(SILENT_HOST, signs=(tried("192.0.2.1:443", None),)),
                "media": media(figures()),
            },
            Status.FAIL,
            BOTH,
        ),
        # it, or a firewall, says that nobody is at the ports
        (
            {
                "stun": replace(
                    beside(SILENT_HOST, flow(CONTROL, public=PUBLIC)),
                    signs=(),
                    asked_alone=(
                        tried(S5060, FailureCode.CONNECTION_REFUSED, "ask_stun"),
                        tried(S3479, FailureCode.CONNECTION_REFUSED, "ask_stun"),
                    ),
                )
            },
            Status.UNKNOWN,
            WHO,
        ),
        # that of two owners' servers at once
        (
            {
                "stun": replace(
                    beside(SILENT_HOST, OTHER_SILENT),
                    asked_alone=tuple(
                        tried(each, FailureCode.CONNECTION_REFUSED, "ask_stun")
                        for each in (S5060, S3479, CONTROL)
                    ),
                ),
                "web": WEB_WORKS,
            },
            Status.FAIL,
            ALL,
        ),
        # nothing else is known of UDP
        ({"stun": SILENT_HOST, "web": WEB_WORKS}, Status.UNKNOWN, OWN_ASKED),
        (
            {"stun": replace(SILENT_HOST, signs=(tried("192.0.2.1:80", None),)), "web": WEB_WORKS},
            Status.UNKNOWN,
            OWN_ASKED,
        ),
        # all of the service's own that were asked may be down together
        (
            {"stun": SILENT_HOST, "media": MEDIA_AT_IT, "web": WEB_WORKS},
            Status.UNKNOWN,
            OWN_ASKED,
        ),
        (
            {"stun": SILENT_HOST, "media": MEDIA_ELSEWHERE, "web": WEB_WORKS},
            Status.UNKNOWN,
            OWN_ASKED,
        ),
        # but one of them is there over TCP, by another protocol of its own over UDP as silent
        (
            {
                "stun": replace(SILENT_HOST, signs=(tried("192.0.2.1:80", None),)),
                "media": MEDIA_AT_IT,
                "web": WEB_WORKS,
            },
            Status.FAIL,
            ALL,
        ),
        # one of somebody else is silent, too
        ({"stun": beside(SILENT_HOST, OTHER_SILENT), "web": WEB_WORKS}, Status.FAIL, ALL),
        (
            {
                "stun": beside(SILENT_HOST, OTHER_SILENT),
                "public_udp": public_udp("dns"),
                "web": WEB_WORKS,
            },
            Status.FAIL,
            ALL,
        ),
        # nothing leads out at all
        (
            {"stun": SILENT_HOST},
            Status.UNKNOWN,
            "Nothing answered, so these ports could not be tested.",
        ),
        # an answer to the second question is one
        (
            {"stun": replace(SILENT_HOST, asked_alone=(tried(S5060, None, "ask_stun"),))},
            Status.FAIL,
            "Your network blocks a port that calls start on, 3479.",
        ),
    ],
)
def test_a_stun_server_that_may_be_down_is_no_network_that_blocks(
    outcomes: dict[str, object], status: Status, summary: str
) -> None:
    judgement = udp_stun.judge(case(outcomes), StunLimits())
    assert (judgement.status, judgement.summary) == (status, summary)
    assert judgement.remedy is not None
    assert judgement.remedy.owner is (
        Owner.NETWORK_TEAM
        if status is Status.FAIL
        else Owner.AGENT
        if summary.startswith("Nothing")
        else Owner.HELPDESK
    )
