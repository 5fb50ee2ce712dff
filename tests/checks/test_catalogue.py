"""What each check declares beside its rule, as tables that whoever changes one changes, too."""

import msgspec
import pytest

from natwizard.checks import catalogue
from natwizard.checks.catalogue import CHECKS, probes_of
from natwizard.model.finding import Page
from natwizard.probes.base import Phase

READ_SILENCE = {
    "port.tcp80", "port.tcp443", "port.dns", "port.sip", "udp.stun", "udp.range", "port.webphone",
    "quality.latency", "quality.jitter", "quality.loss", "quality.bandwidth",
    "quality.latency_under_load", "quality.mos", "quality.call", "dns.edns", "websocket.open",
}  # fmt: skip
"""They take silence for somebody's doing. Those that rest on what they were told do not."""
STAND_FOR_PAGES = {
    Page.BROWSERS: "browser.version",
    Page.COMPUTER: "computer.ram",
    Page.SCREEN: "screen.resolution",
    Page.CONNECTION: "link.wired",
    Page.WEBPHONE_PORT: "port.webphone",
    Page.UDP_MEDIA: "quality.mos",
    Page.EDNS: "dns.edns",
    Page.WEBSOCKETS: "websocket.open",
    Page.WEB_FILTERS: "filter.tls_interception",
}
HEADLINES = {
    "quality.latency": "median",
    "quality.jitter": "jitter",
    "quality.loss": "loss",
    "quality.bandwidth": "calls_carried",
}
SHARED_LIMITS = {"salesforce.api": "salesforce.storage", "salesforce.ip_ranges": "ip.ranges"}
TARGETS = {
    "tls_floor": "browser.tls", "stun_control": "nat.mapping", "sip_mirror": "nat.sip_alg",
    "http": "port.tcp80", "https": "port.tcp443", "resolver_control": "port.dns",
    "sip": "port.sip", "sip_tls": "port.sip", "stun": "udp.stun", "udp_range": "udp.range",
    "webphone": "port.webphone", "webphone_control": "port.webphone", "media": "quality.latency",
    "turn": "quality.latency", "resolvers": "dns.edns", "websocket": "websocket.open",
    "tls": "filter.tls_interception", "tls_control": "filter.tls_interception",
}  # fmt: skip

MEDIA = {"send_late_p95_ms": 5, "lag_p95_ms": 5}
ORG_USE = {
    "users": 0, "calls_per_user": 40, "missed_rings_per_user": 0, "contact_center": False,
    "changes_per_user": 20, "queues": 20, "settings_changes": 50, "least_days": 30,
    "good_days": 365,
}  # fmt: skip
LIMITS: dict[str, dict[str, object]] = {
    "browser.version": {
        "rollout_days": 7, "list_fresh_days": 7, "list_useful_days": 28, "extended_majors": 4,
    },
    "computer.cpu": {"minimum_cores": 2, "minimum_mhz": 1000},
    "computer.ram": {"minimum_gib": 4, "recommended_gib": 8},
    "computer.ram_available": {"minimum_gib": 2, "recommended_gib": 4},
    "computer.clock": {"most_s": 60},
    "screen.resolution": {"width_px": 1024, "height_px": 768},
    "audio.microphone": {
        "silence_dbfs": -80, "least_speech_s": 0.3, "least_speech_dbfs": -40,
        "most_clipped": 0.002, "most_gaps_s": 0.1, "hum_below_speech_db": 30, "least_snr_db": 12,
        "telephone_hz": 4250, "most_busy": 0.9, "most_late_ms": 500,
    },
    "nat.load_balancing": {"flows": 4, "servers": 2},
    "port.dns": {"first_answer_ms": 1000},
    "port.sip": {"ports": ("5060", "5050", "5061")},
    "udp.stun": {"ports": ("5060", "3479")},
    "quality.latency": {**MEDIA, "round_trip_ms": 100},
    "quality.jitter": {**MEDIA, "jitter_ms": 20},
    "quality.loss": {**MEDIA, "loss_percent": 1},
    "quality.bandwidth": {"call_kbit_s": 100},
    "quality.latency_under_load": {"round_trip_ms": 180, "added_ms": 30},
    "quality.mos": {**MEDIA, "good": 4, "fair": 3.6},
    "quality.call": {
        "most_concealed": 0.03, "most_delay_ms": 400, "most_lag_ms": 100, "most_stood_ms": 200,
        "most_busy": 0.9, "least_level_db": -20, "line_loss": 0.01,
    },
    "websocket.open": {"idle_s": 75},
    "salesforce.edition": {"editions": ("Enterprise", "Unlimited", "Performance")},
    "salesforce.api": ORG_USE,
    "salesforce.cti_profiles": {
        "licences": ("SFDC",),
        "community_licences": ("COMMUNITY", "PORTAL", "PID_CUSTOMER", "PID_PARTNER"),
    },
    "salesforce.session": {"timeout_hours": 8},
    "salesforce.storage": ORG_USE,
}  # fmt: skip
"""As shipped; `ip.ranges` has its addresses from the vendor's page, and tests of its own."""
RANGES = {"ip.ranges", "salesforce.ip_ranges"}


def test_who_takes_silence_for_somebodys_doing() -> None:
    assert {check.name for check in CHECKS if check.reads_silence} == READ_SILENCE


def test_each_page_of_one_line_has_its_measurement() -> None:
    assert {each.page: each.name for each in CHECKS if each.stands_for_page} == STAND_FOR_PAGES


def test_only_lists_of_the_services_addresses_are_kept_when_a_report_is_redacted() -> None:
    assert {check.name for check in CHECKS if check.about_service} == RANGES


def test_questions_about_the_org_stand_until_somebody_signs_in() -> None:
    org = {check.name for check in CHECKS if check.name.startswith("salesforce.")}
    assert {check.name for check in CHECKS if check.asks_until_signed_in} == org


def test_headlines_and_shared_limits() -> None:
    assert {each.name: each.headline for each in CHECKS if each.headline} == HEADLINES
    shared = {each.name: each.shares_limits_of for each in CHECKS if each.shares_limits_of}
    assert shared == SHARED_LIMITS
    limits = {check.name: check.limits for check in CHECKS}
    assert all(limits[name] is limits[other] for name, other in shared.items())


@pytest.mark.parametrize(("target", "check"), [*TARGETS.items(), ("turn_user", ""), ("", "")])
def test_settings_are_tried_out_by_one_check_each(target: str, check: str) -> None:
    assert catalogue.test_of(target) == check
    assert sum(target in each.settings for each in CHECKS) == bool(check)


def test_limits_are_as_shipped() -> None:
    shipped = {each.name: msgspec.structs.asdict(each.limits()) for each in CHECKS}
    assert {name: told for name, told in shipped.items() if told and name not in RANGES} == LIMITS


@pytest.mark.parametrize("seconds", [0.5, 75.0, 600.0])
def test_a_websocket_is_held_as_long_as_the_profile_says(seconds: float) -> None:
    [check] = [each for each in CHECKS if each.name == "websocket.open"]
    check.bind({"idle_s": seconds})
    assert check.soak_probe({"idle_s": seconds}) is not None


@pytest.mark.parametrize("seconds", [0.49, 600.1, -1.0])
def test_nobody_waits_longer_for_a_websocket_than_a_person_would(seconds: float) -> None:
    [check] = [each for each in CHECKS if each.name == "websocket.open"]
    with pytest.raises(msgspec.ValidationError):
        check.bind({"idle_s": seconds})
    with pytest.raises(msgspec.ValidationError):
        check.soak_probe({"idle_s": seconds})


def test_each_probe_runs_once_and_those_that_take_their_time_come_last() -> None:
    names = [probe.name for probe in probes_of(CHECKS)]
    assert len(names) == len(set(names))
    assert {probe.name for check in CHECKS for probe in check.needs} < set(names)
    soaks = [probe.phase is Phase.SOAK for probe in probes_of(CHECKS)]
    assert soaks == sorted(soaks)
    assert sum(soaks) == 1
