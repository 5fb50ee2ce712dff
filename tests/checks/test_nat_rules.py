"""Address mapping and internet lines, judged from STUN evidence made by hand."""

import msgspec
import pytest
from cases.udp_cases import LOCAL, attempt, case, flow, missed, stun

from natwizard.checks import nat_load_balancing, nat_mapping
from natwizard.checks.base import EvidenceMissing, NoLimits
from natwizard.checks.nat_load_balancing import BalancingLimits
from natwizard.model.finding import Status
from natwizard.model.outcome import FailureCode
from natwizard.probes.stun.binding import (
    EarlierAddress,
    FilteringTry,
    NatFiltering,
    StunEvidence,
    StunFlow,
)

A, A2, B, C = "198.51.100.1:3478", "198.51.100.1:3479", "198.51.100.2:3478", "198.51.100.3:3478"
ONE, TWO, THREE = "203.0.113.7 4000", "203.0.113.7 4001", "203.0.113.7 4002"

MAPPINGS = [
    (stun(flow(A, public=ONE), flow(B, public=ONE)), Status.PASS, "endpoint-independent"),
    (
        stun(flow(A, public="192.168.1.5 4000"), flow(B, public="192.168.1.5 4000")),
        Status.PASS,
        "not translated",
    ),
    (
        stun(flow(A, public=ONE), flow(A2, public=TWO), flow(B, public=THREE)),
        Status.WARN,
        "address- and port-dependent",
    ),
    (
        stun(flow(A, public=ONE), flow(A2, public=ONE), flow(B, public=THREE)),
        Status.WARN,
        "address-dependent",
    ),
    (
        stun(flow(A, public=ONE), flow(B, public=TWO)),
        Status.WARN,
        "address-dependent or address- and port-dependent",
    ),
    (stun(flow(A, public=ONE), flow(B)), Status.UNKNOWN, "too few servers to tell"),
    (stun(flow(A, public=ONE), flow(A2, public=ONE)), Status.UNKNOWN, "too few servers to tell"),
    # other sockets have other mappings; they say nothing of the first
    (
        stun(flow(A, public=ONE), flow(B, public=ONE), flow(A, public=TWO, number=1)),
        Status.PASS,
        "endpoint-independent",
    ),
]


@pytest.mark.parametrize(("evidence", "status", "kind"), MAPPINGS)
def test_mapping_is_told_in_the_words_of_rfc_4787(
    evidence: StunEvidence, status: Status, kind: str
) -> None:
    judgement = nat_mapping.judge(case({"stun": evidence}), NoLimits())
    assert judgement.status is status
    assert judgement.measured[0].value == kind
    assert len(judgement.summary.split()) <= 12
    assert (judgement.remedy is None) == (status is Status.PASS)


def test_a_symmetric_router_is_told_with_its_counts() -> None:
    evidence = stun(flow(A, public=ONE), flow(B, public=TWO), flow(C, public=THREE))
    judgement = nat_mapping.judge(case({"stun": evidence}), NoLimits())
    assert judgement.summary == "Your router gives each call partner another address."
    assert judgement.observed == "symmetric: 3 mappings for 3 servers"


def test_filtering_is_told_where_a_server_could_tell() -> None:
    told = FilteringTry(
        target=A,
        ip_version=4,
        attempt=attempt(NatFiltering.ADDRESS_DEPENDENT),
    )
    silent = FilteringTry(target=B, ip_version=6, attempt=attempt(code=FailureCode.TIMED_OUT))
    seen = msgspec.structs.replace(
        stun(flow(A, public=ONE), flow(B, public=ONE)), filtering=(told, silent)
    )
    details = nat_mapping.judge(case({"stun": seen}), NoLimits()).details
    assert [each.text for each in details if each.label.startswith("Filtering")] == [
        "address-dependent"
    ]


def test_the_worse_family_decides_the_mapping() -> None:
    six = {"ip_version": 6}
    evidence = stun(
        flow(A, public=ONE),
        flow(B, public=ONE),
        flow("[2001:db8::1]:3478", public="2001:db8:1::5 5000", **six),
        flow("[2001:db8::2]:3478", public="2001:db8:1::5 5001", **six),
    )
    judgement = nat_mapping.judge(case({"stun": evidence}), NoLimits())
    assert judgement.status is Status.WARN
    assert [quantity.name for quantity in judgement.measured] == ["mapping_ipv4", "mapping_ipv6"]


def test_a_rewritten_plain_address_is_mentioned() -> None:
    evidence = stun(flow(A, public=ONE, plain="192.168.1.5 4000"), flow(B, public=ONE))
    judgement = nat_mapping.judge(case({"stun": evidence}), NoLimits())
    assert any(detail.label == "Rewritten on the way" for detail in judgement.details)


def flows(*publics: str) -> StunEvidence:
    """Three sockets, each asking A and B, with these public addresses in turn."""
    return stun(
        *(
            flow(server, public=publics[place % len(publics)], number=place // 2)
            for place, server in enumerate((A, B) * 3)
        )
    )


LINES = [
    (flows("203.0.113.7 1"), Status.PASS, "1 public address in 6 flows"),
    (flows("203.0.113.7 1", "203.0.113.8 1"), Status.FAIL, "2 public addresses in 6 flows"),
    (
        flows("203.0.113.7 1", "203.0.113.8 1", "203.0.113.9 1"),
        Status.FAIL,
        "3 public addresses in 6 flows",
    ),
    (
        stun(*(flow(A, public=ONE, number=place) for place in range(6))),
        Status.UNKNOWN,
        "1 public address in 6 flows",
    ),
    # a router that takes its lines in turn may give three flows the same one
    (
        stun(flow(A, public=ONE), flow(B, public=ONE), flow(A, public=TWO, number=1)),
        Status.UNKNOWN,
        "1 public address in 3 flows",
    ),
    (
        stun(*(flow(server, public=ONE, number=n) for n in range(2) for server in (A, B))),
        Status.PASS,
        "1 public address in 4 flows",
    ),
    (stun(flow(A), flow(B)), Status.UNKNOWN, "no server answered"),
]


@pytest.mark.parametrize(("evidence", "status", "observed"), LINES)
def test_lines_are_counted_by_public_address(
    evidence: StunEvidence, status: Status, observed: str
) -> None:
    judgement = nat_load_balancing.judge(case({"stun": evidence}), BalancingLimits())
    assert judgement.status is status
    assert judgement.observed == observed
    assert len(judgement.summary.split()) <= 12


def earlier(public: str, local: str = LOCAL, *, day: str = "2026-11-24") -> EarlierAddress:
    return EarlierAddress(
        seen_at=f"{day}T09:00:00+01:00", ip_version=4, local_address=local, public=public
    )


@pytest.mark.parametrize(
    ("before", "words"),
    [
        ((), ""),
        ((earlier("203.0.113.7"),), ""),
        ((earlier("198.51.100.77"),), "198.51.100.77 on 24 Nov 2026, from the same network"),
        # the newest from here counts: it was another address once, and no longer
        ((earlier("203.0.113.7"), earlier("198.51.100.77", day="2026-11-20")), ""),
        # at home one has another address than at work
        ((earlier("198.51.100.77", "10.0.0.9"),), ""),
        (
            (earlier("198.51.100.1", "10.0.0.9"), earlier("198.51.100.77", "192.168.1.250")),
            "198.51.100.77 on 24 Nov 2026, from the same network",
        ),
        ((earlier("198.51.100.77", "nonsense"),), ""),
        # the next network of the same site is another one, as far as its own address says
        ((earlier("198.51.100.77", "192.168.0.250"),), ""),
        ((earlier("198.51.100.77", "192.168.2.5"),), ""),
    ],
)
def test_an_address_that_changed_since_an_earlier_run_is_shown(
    before: tuple[EarlierAddress, ...], words: str
) -> None:
    evidence = msgspec.structs.replace(flows("203.0.113.7 1"), earlier=before)
    judgement = nat_load_balancing.judge(case({"stun": evidence}), BalancingLimits())
    assert judgement.status is Status.PASS
    told = [detail.text for detail in judgement.details if detail.label == "Before"]
    assert [text.partition(":")[0] for text in told] == ([words] if words else [])
    assert judgement.observed.endswith("; another one on 24 Nov 2026") is bool(words)


def test_two_lines_are_told_in_words() -> None:
    evidence = flows("203.0.113.7 1", "203.0.113.8 1")
    judgement = nat_load_balancing.judge(case({"stun": evidence}), BalancingLimits())
    assert judgement.summary == "Your traffic leaves under two public addresses."
    assert judgement.remedy is not None
    assert judgement.remedy.text == "Ask to send all of the service's traffic under one address."


def test_ipv6_addresses_of_one_network_are_one_line() -> None:
    evidence = stun(
        *(
            flow(
                f"[2001:db8::{server}]:3478",
                public=f"2001:db8:1::{number} 5000",
                number=number,
                ip_version=6,
            )
            for server in (1, 2)
            for number in range(3)
        )
    )
    judgement = nat_load_balancing.judge(case({"stun": evidence}), BalancingLimits())
    assert judgement.status is Status.PASS


def test_missing_evidence_is_passed_on() -> None:
    for judge, limits in (
        (nat_mapping.judge, NoLimits()),
        (nat_load_balancing.judge, BalancingLimits()),
    ):
        with pytest.raises(EvidenceMissing):
            judge(case({"stun": missed(FailureCode.NO_TARGET, "targets.stun")}), limits)


SAME_ADDRESS = [
    "::ffff:203.0.113.7 4000",  # a server on [::]
    "64:ff9b::203.0.113.7 4000",  # one behind NAT64 or SIIT
    "2001:db8:122:344::203.0.113.7 4000",  # the same under a prefix of its network's own
    "2002:cb00:7107::1 4000",  # 6to4
]


@pytest.mark.parametrize("public", SAME_ADDRESS)
def test_one_address_in_two_spellings_is_one_line_and_one_mapping(public: str) -> None:
    flows = [flow(A, public=ONE), flow(B, public=public), flow(C, public=ONE)]
    flows += [flow(B, public=public, number=1)]
    evidence = case({"stun": stun(*flows)})
    assert nat_load_balancing.judge(evidence, BalancingLimits()).status is Status.PASS
    mapping = nat_mapping.judge(evidence, NoLimits())
    assert (mapping.status, mapping.measured[0].value) == (Status.PASS, "endpoint-independent")


def test_an_address_of_another_kind_that_stands_for_none_is_not_compared() -> None:
    """Such as of a server that stands behind a translator we know nothing of."""
    flows = [flow(A, public=ONE), flow(B, public="2001:db8::1 4000"), flow(C, public=ONE)]
    flows += [flow(A, public=ONE, number=1), flow(C, public=ONE, number=1)]
    judged = nat_load_balancing.judge(case({"stun": stun(*flows)}), BalancingLimits())
    assert judged.status is Status.PASS


def test_native_ipv6_beside_nat64_is_one_line() -> None:
    six = {"ip_version": 6}
    native, translated = "2001:db8:1::5 5000", "203.0.113.7 5000"
    flows = [flow("[2001:db8::1]:3478", public=native, number=each, **six) for each in range(2)] + [
        flow("[2001:db8::2]:3478", public=native, number=each, **six) for each in range(2)
    ]
    flows += [flow("[64:ff9b::c633:6401]:3478", public=translated, **six)]
    evidence = case({"stun": stun(*flows)})
    assert nat_load_balancing.judge(evidence, BalancingLimits()).status is Status.PASS
    assert nat_mapping.judge(evidence, NoLimits()).status is Status.PASS


@pytest.mark.parametrize("untried", [True, False])
def test_a_test_that_was_left_out_is_told_as_such(untried: bool) -> None:
    evidence = msgspec.structs.replace(
        stun(flow(A, public=ONE), flow(B, public=ONE)), filtering_untried=untried
    )
    judgement = nat_mapping.judge(case({"stun": evidence}), NoLimits())
    assert judgement.status is Status.PASS
    labels = [line.label for line in judgement.details]
    assert ("Filtering" in labels) is untried


TUNNEL = "10.8.0.2"


def by_tunnel(target: str, public: str, *, service: bool = False, number: int = 0) -> StunFlow:
    """Asked by this computer's other connection, a VPN for some of the routes."""
    seen = flow(target, public=public, service=service, number=number)
    return msgspec.structs.replace(seen, local_address=TUNNEL)


PAST_THE_TUNNEL = tuple(flow(A, public=ONE, service=True, number=number) for number in range(3))
OTHERS_IN_IT = tuple(by_tunnel(B, "198.51.100.9 5000", number=number) for number in range(3))


@pytest.mark.parametrize(
    ("flows_seen", "lines", "mapping"),
    [
        # the service past the VPN, as its vendor asks for, and the controls in it
        ((*PAST_THE_TUNNEL, *OTHERS_IN_IT), Status.PASS, Status.UNKNOWN),
        (
            (*PAST_THE_TUNNEL, flow(C, public=ONE), *OTHERS_IN_IT),
            Status.PASS,
            Status.PASS,
        ),
        # its servers by both
        (
            (*PAST_THE_TUNNEL, by_tunnel(B, "198.51.100.9 5000", service=True), *OTHERS_IN_IT),
            Status.WARN,
            Status.UNKNOWN,
        ),
        # the router balances, whatever the VPN does
        (
            (*PAST_THE_TUNNEL, flow(C, public="203.0.113.8 4000"), *OTHERS_IN_IT),
            Status.FAIL,
            Status.WARN,
        ),
    ],
)
def test_a_vpn_for_some_of_the_routes_is_none_of_the_routers_lines(
    flows_seen: tuple[StunFlow, ...], lines: Status, mapping: Status
) -> None:
    evidence = case({"stun": stun(*flows_seen)})
    assert nat_load_balancing.judge(evidence, BalancingLimits()).status is lines
    seen = nat_mapping.judge(evidence, NoLimits())
    assert seen.status is mapping
    if mapping is Status.UNKNOWN:
        assert seen.remedy is not None
        assert "VPN" in seen.remedy.text
