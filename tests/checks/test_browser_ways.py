"""browser.webrtc and udp.browsers: what the page found, against what the program did."""

import pytest
from cases.page_cases import (
    GOOD_DEVICES,
    INSTANCE,
    LOCAL_ONLY,
    NO_WAYS,
    SERVER,
    TCP_ONLY,
    WAY_OUT,
    Brought,
    finished,
    gathering,
    judged,
)
from cases.reach_cases import SILENT_WEB, WORKING_WEB
from cases.udp_cases import flow, stun
from msgspec.structs import replace

from natwizard.checks.browser_webrtc import BROWSER_WEBRTC
from natwizard.checks.shared.ice_candidates import CandidateCounts, ways_quantities
from natwizard.checks.udp_browsers import UDP_BROWSERS
from natwizard.model.finding import Owner, Status
from natwizard.model.outcome import FailureCode
from natwizard.probes.browser_page.steps import Devices, IceGathering, RelayTry
from natwizard.probes.stun.binding import STUN
from natwizard.probes.web import WEB

PASS, WARN, FAIL, UNKNOWN = Status.PASS, Status.WARN, Status.FAIL, Status.UNKNOWN
NOT_SET_UP = Status.NOT_SET_UP

PUBLIC = "203.0.113.5 4000"
SAME: Brought = (STUN, stun(flow(SERVER, public=PUBLIC)))
LOOPBACK: Brought = (STUN, stun(flow(SERVER, public=PUBLIC, server="127.0.0.1:3478")))
OTHER: Brought = (STUN, stun(flow("other.example.com:3478", public=PUBLIC)))
SILENT: Brought = (STUN, stun(flow(SERVER, code=FailureCode.TIMED_OUT)))
PAGES: Brought = (WEB, WORKING_WEB)
NO_PAGES: Brought = (WEB, SILENT_WEB)
NO_CALLS = replace(GOOD_DEVICES, peer_connection=False)
NO_MICROPHONE_API = replace(GOOD_DEVICES, microphone_api=False)
DENIED = replace(GOOD_DEVICES, permission="denied")


@pytest.mark.parametrize(
    ("devices", "ways", "program", "webrtc", "udp"),
    [
        (GOOD_DEVICES, WAY_OUT, (SAME, PAGES), PASS, PASS),
        (GOOD_DEVICES, WAY_OUT, (SILENT, PAGES), PASS, PASS),
        (GOOD_DEVICES, gathering("relay/udp"), (SAME, PAGES), PASS, PASS),
        (DENIED, WAY_OUT, (SAME, PAGES), WARN, PASS),
        # a firewall of this computer, the network, or nothing to compare with
        (GOOD_DEVICES, LOCAL_ONLY, (SAME, PAGES), WARN, FAIL),
        (GOOD_DEVICES, LOCAL_ONLY, (SILENT, PAGES), WARN, FAIL),
        (GOOD_DEVICES, LOCAL_ONLY, (SILENT, NO_PAGES), WARN, UNKNOWN),
        (GOOD_DEVICES, LOCAL_ONLY, (OTHER, PAGES), WARN, UNKNOWN),
        # Firefox keeps calls off loopback: a server there accuses no firewall
        (GOOD_DEVICES, LOCAL_ONLY, (LOOPBACK, PAGES), NOT_SET_UP, NOT_SET_UP),
        (GOOD_DEVICES, WAY_OUT, (LOOPBACK, PAGES), PASS, PASS),
        (GOOD_DEVICES, LOCAL_ONLY, (), WARN, UNKNOWN),
        # nothing over UDP at all: a setting, if the program gets out
        (GOOD_DEVICES, NO_WAYS, (SAME, PAGES), FAIL, UNKNOWN),
        (GOOD_DEVICES, TCP_ONLY, (OTHER, PAGES), FAIL, UNKNOWN),
        (GOOD_DEVICES, NO_WAYS, (SILENT, PAGES), UNKNOWN, UNKNOWN),
        (GOOD_DEVICES, NO_WAYS, (), UNKNOWN, UNKNOWN),
        # switched off
        (NO_CALLS, None, (SAME, PAGES), FAIL, UNKNOWN),
        (NO_MICROPHONE_API, WAY_OUT, (SAME, PAGES), FAIL, PASS),
        (GOOD_DEVICES, None, (SAME, PAGES), UNKNOWN, UNKNOWN),
    ],
)
def test_the_program_is_the_control_of_the_browser(
    devices: Devices,
    ways: IceGathering | None,
    program: tuple[Brought, ...],
    webrtc: Status,
    udp: Status,
) -> None:
    page = finished(devices=devices, gathering=ways)
    assert judged(BROWSER_WEBRTC, page, *program).status is webrtc
    assert judged(UDP_BROWSERS, page, *program).status is udp


def test_a_firewall_that_tells_programs_apart_is_named_with_its_browser() -> None:
    finding = judged(UDP_BROWSERS, finished(gathering=LOCAL_ONLY), SAME, PAGES)
    assert finding.remedy is not None
    assert finding.remedy.owner is Owner.HELPDESK
    assert "Chrome" in finding.remedy.text
    assert SERVER in finding.remedy.request
    counts = {quantity.name: quantity.value for quantity in finding.measured}
    assert counts["udp_local_candidates"] == 2
    assert counts["udp_public_candidates"] == 0
    assert counts["program_answered"] is True


def test_without_a_server_that_browsers_may_ask_nothing_is_said() -> None:
    left_out = ("stun.example.com:5060",)
    page = finished(gathering=LOCAL_ONLY, stun_asked=(), stun_left_out=left_out)
    for rule in (BROWSER_WEBRTC, UDP_BROWSERS):
        finding = judged(rule, page, SILENT, PAGES)
        assert finding.status is NOT_SET_UP
        assert finding.remedy is not None
        # who sits at the screen reads no name of a setting; administrators find it in the details
        assert "targets." not in f"{finding.summary} {finding.remedy.text}"
        assert any(detail.text == "targets.stun" for detail in finding.details)
        assert any("5060" in detail.text for detail in finding.details)


def test_every_count_of_ways_is_measured_and_times_have_one_digit() -> None:
    ways = CandidateCounts(host=1, public=2, relayed=3, tcp=4, duration_ms=123.456)
    assert {each.name: each.value for each in ways_quantities(ways)} == {
        "udp_local_candidates": 1,
        "udp_public_candidates": 2,
        "udp_relay_candidates": 3,
        "tcp_candidates": 4,
        "gathering_time": 123.5,
    }


@pytest.mark.parametrize(
    ("tried", "words", "measured_ms"),
    [
        (RelayTry(instance=INSTANCE, opened=True, sent=4, round_trips_ms=(80.0, 90.0, 100.0),
                  duration_ms=900), "round trip 45 ms; 3 of 4 messages came back", 45.0),
        (RelayTry(instance=INSTANCE, opened=True, sent=4, duration_ms=900),
         "opened, but nothing came back", None),
        (RelayTry(instance=INSTANCE, opened=False, duration_ms=900, error="Error: 401"),
         "did not open (Error: 401)", None),
        (None, None, None),
    ],
)  # fmt: skip
def test_the_way_to_the_relay_and_back_is_half_of_what_an_echo_took(
    tried: RelayTry | None, words: str | None, measured_ms: float | None
) -> None:
    relay = "turn.example.com:3478"
    page = finished(relay_target=relay, relay=tried)
    found = judged(UDP_BROWSERS, page, SAME, PAGES)
    told = [each.text.replace("\u00a0", " ") for each in found.details if relay in each.text]
    assert told == ([] if words is None else [f"{relay}: {words}"])
    values = {each.name: each.value for each in found.measured}
    assert values.get("relay_round_trip") == measured_ms


@pytest.mark.parametrize(
    ("host", "public", "any_udp"), [(0, 0, False), (1, 0, True), (0, 1, True), (1, 1, True)]
)
def test_a_browser_uses_udp_where_it_has_any_way(host: int, public: int, *, any_udp: bool) -> None:
    ways = CandidateCounts(host=host, public=public, relayed=0, tcp=0, duration_ms=1.0)
    assert ways.any_udp is any_udp
