"""ip.ranges: inside, outside, and addresses of your own."""

import msgspec
import pytest
from cases.reach_cases import assert_plain, case_of, failed, ok

from natwizard.checks.ip_ranges import IP_RANGES, RangeLimits, judge
from natwizard.model.finding import Judgement, Status
from natwizard.model.outcome import FailureCode
from natwizard.probes.service_addresses import (
    SERVICE_ADDRESSES,
    ServiceAddressesEvidence,
    ServiceName,
)


def name(
    host: str,
    *addresses: str,
    control: tuple[str, ...] | None = None,
    code: FailureCode = FailureCode.NAME_NOT_FOUND,
) -> ServiceName:
    found = ok(addresses, "look_up") if addresses else failed(code)
    elsewhere = ok(control, "ask_control") if control is not None else None
    return ServiceName(host=host, settings=("targets.stun",), addresses=found, control=elsewhere)


def said(*names: ServiceName, limits: RangeLimits | None = None) -> Judgement:
    evidence = ServiceAddressesEvidence(names=names)
    judgement = judge(case_of((SERVICE_ADDRESSES, evidence)), limits or RangeLimits())
    assert_plain(judgement)
    return judgement


INSIDE = "The service's addresses lie in the ranges to allow."
OUTSIDE = "The service uses addresses outside the ranges to allow."
HIDDEN = "Something hides the service's servers from this computer."
OWN = "Only servers of your own are set; they need no opening."


@pytest.mark.parametrize(
    ("names", "status", "summary", "observed"),
    [
        (
            (name("a.example.com", "185.185.76.0", "185.185.79.255"),),
            Status.PASS,
            INSIDE,
            "1 name, 2 addresses, 2 inside",
        ),
        (
            (name("a.example.com", "103.73.187.255"), name("b.example.com", "52.16.243.39")),
            Status.PASS,
            INSIDE,
            "2 names, 2 addresses, 2 inside",
        ),
        (
            (name("a.example.com", "185.185.80.0"),),
            Status.WARN,
            OUTSIDE,
            "1 name, 1 address, 0 inside, 1 outside (a.example.com 185.185.80.0)",
        ),
        (
            (name("a.example.com", "185.185.76.1", "2606:4700::1"),),
            Status.WARN,
            OUTSIDE,
            "1 name, 2 addresses, 1 inside, 1 outside (a.example.com 2606:4700::1)",
        ),
        (
            (name("127.0.0.1", "127.0.0.1"), name("10.1.2.3", "10.1.2.3")),
            Status.PASS,
            OWN,
            "2 names, 2 addresses, 0 inside, 2 your own",
        ),
        (
            (name("127.0.0.1", "127.0.0.1"), name("a.example.com", "185.185.76.1")),
            Status.PASS,
            INSIDE,
            "2 names, 2 addresses, 1 inside, 1 your own",
        ),
        (
            (name("a.example.com", "0.0.0.0", "::"), name("b.example.com", "185.185.76.1")),
            Status.FAIL,
            HIDDEN,
            "2 names, 1 address, 1 inside, 1 hidden (a.example.com)",
        ),
        (
            (name("a.example.com", "127.0.0.1"),),
            Status.FAIL,
            HIDDEN,
            "1 name, 0 addresses, 0 inside, 1 hidden (a.example.com)",
        ),
        (
            (name("a.example.com", control=("185.185.76.1",)),),
            Status.FAIL,
            HIDDEN,
            "1 name, 0 addresses, 0 inside, 1 hidden (a.example.com)",
        ),
        (
            (name("a.example.com", "10.1.1.1", control=("185.185.76.1",)),),
            Status.FAIL,
            HIDDEN,
            "1 name, 0 addresses, 0 inside, 1 hidden (a.example.com)",
        ),
        # other name servers know no other place, or one of your own too, or an outage hides it
        (
            (name("a.example.com", control=()),),
            Status.UNKNOWN,
            "No name of the service could be looked up.",
            "1 name, 0 addresses, 0 inside",
        ),
        (
            (name("a.example.com", "10.1.1.1", control=("10.1.1.1",)),),
            Status.PASS,
            OWN,
            "1 name, 1 address, 0 inside, 1 your own",
        ),
        (
            (
                name(
                    "a.example.com",
                    control=("185.185.76.1",),
                    code=FailureCode.NAME_LOOKUP_FAILED,
                ),
            ),
            Status.UNKNOWN,
            "No name of the service could be looked up.",
            "1 name, 0 addresses, 0 inside",
        ),
        # networks of content lead everybody elsewhere
        (
            (name("a.example.com", "185.185.76.1", control=("185.185.79.2",)),),
            Status.PASS,
            INSIDE,
            "1 name, 1 address, 1 inside",
        ),
        (
            (name("a.example.com"),),
            Status.UNKNOWN,
            "No name of the service could be looked up.",
            "1 name, 0 addresses, 0 inside",
        ),
    ],
)
def test_where_addresses_lie_decides(
    names: tuple[ServiceName, ...], status: Status, summary: str, observed: str
) -> None:
    judgement = said(*names)
    assert (judgement.status, judgement.summary) == (status, summary)
    assert judgement.observed == observed


def test_the_profile_s_ranges_count() -> None:
    limits = RangeLimits(ranges=("2001:db8::/32", "192.0.2.7"))
    assert said(name("a.example.com", "2001:db8::1", "192.0.2.7"), limits=limits).summary == INSIDE


@pytest.mark.parametrize("text", ["10.0.0.1/8", "300.0.0.0/8", "example.com", "10.0.0.0/33"])
def test_a_range_that_is_none_is_a_fault_of_the_profile(text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        IP_RANGES.bind({"ranges": (text,)})


def test_who_runs_the_name_filter_reads_what_was_answered() -> None:
    remedy = said(name("a.example.com", "10.1.1.1", control=("185.185.76.1",))).remedy
    assert remedy is not None
    assert remedy.text == "Ask to take a.example.com off the name filter."
    assert "a.example.com: 10.1.1.1 (another name server: 185.185.76.1)" in remedy.request


@pytest.mark.parametrize(
    "address",
    [
        "64:ff9b::185.185.76.9",  # NAT64, the well-known prefix
        "2001:db8:122:344::185.185.76.9",  # a prefix of the network's own (RFC 6052)
        "2001:db8:122:344:b9:b94c:900::",  # the same, of 64 bits
        "::ffff:185.185.76.9",
        "2002:b9b9:4c09::1",  # 6to4
    ],
)
def test_an_address_behind_a_translator_lies_where_its_ipv4_address_lies(address: str) -> None:
    judged = said(name("a.example.com", address, "185.185.76.9"))
    assert (judged.status, judged.summary) == (Status.PASS, INSIDE)
    assert judged.observed == "1 name, 1 address, 1 inside"


def test_an_address_to_allow_is_named_as_a_firewall_knows_it() -> None:
    judged = said(name("a.example.com", "64:ff9b::203.0.113.7"))
    assert judged.status is Status.PASS  # documentation's: of their own
    judged = said(name("a.example.com", "64:ff9b::8.8.8.8", "8.8.8.8"))
    assert judged.remedy is not None
    assert "Allow 8.8.8.8 too" in judged.remedy.text
