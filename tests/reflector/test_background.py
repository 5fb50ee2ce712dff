"""The reflector as a whole: starts, tells where it is, and is gone within a second."""

import itertools
import threading
import time
import tomllib

import msgspec
import pytest

from natwizard.model.address import parse_ports
from natwizard.model.profile import Targets
from natwizard.reflector.background import BackgroundReflector
from natwizard.reflector.settings import ReflectorSettings, demo_settings

EVERYTHING_FREE = msgspec.structs.replace(
    demo_settings(),
    webphone_port=0,
    http_ports=(0,),
    https_ports=(0,),
    stun_ports=(0, 0),
    sip_ports=(0,),
    sip_tls_port=0,
    dns_ports=(0,),
)


NO_PLACES = {
    "extra_roots",
    "webphone_path",
    "webphone_protocol",
    "websocket_protocol",
    "http_expect",
    "https_expect",
}


def test_the_printed_targets_are_all_on_this_computer(demo_targets: Targets) -> None:
    for key, value in msgspec.structs.asdict(demo_targets).items():
        if key in NO_PLACES or key.startswith("salesforce_"):  # nobody's org is on this computer
            continue
        for text in filter(None, (value,) if isinstance(value, str) else value):
            assert text.startswith(("dns_", "large.", "natwizard.test", "TXT")) or (
                "127.0.0." in text or text.isdecimal()
            )


def test_a_demo_leaves_no_target_of_the_shipped_profile(reflector: BackgroundReflector) -> None:
    printed = tomllib.loads(reflector.profile_text())
    assert set(printed["targets"]) == set(Targets.__struct_fields__)
    assert set(printed["feeds"].values()) == {""}


def test_the_udp_range_is_covered_evenly(demo_targets: Targets) -> None:
    ports = sorted(ports.start for ports in parse_ports(demo_targets.udp_range_ports))
    assert len(ports) >= 35
    assert ports[-1] > 60000
    assert max(after - before for before, after in itertools.pairwise(ports)) < 6000


def test_a_hosted_reflector_leaves_to_the_internet_what_only_that_can_show() -> None:
    hosted = msgspec.structs.replace(
        EVERYTHING_FREE,
        demo=False,
        fall_back=False,
        control_bind="",
        public_name="reflector.example.com",
        dns_ports=(),
    )
    with BackgroundReflector(hosted) as running:
        printed = tomllib.loads(running.profile_text())
        port = running.places.webphone.port
    targets = printed["targets"]
    assert "feeds" not in printed
    assert targets["webphone"] == f"reflector.example.com:{port}"
    assert not {"tls", "tls_control", "resolvers", "dns_name", "stun_control"} & set(targets)
    assert len(targets["udp_range_ports"]) >= 35


def test_an_ipv6_reflector_prints_addresses_in_brackets() -> None:
    hosted = msgspec.structs.replace(EVERYTHING_FREE, bind="::1", control_bind="")
    with BackgroundReflector(hosted) as running:
        targets = running.targets()
    assert targets.webphone.startswith("[::1]:")
    assert targets.http.startswith("http://[::1]:")


def test_two_reflectors_run_side_by_side(reflector: BackgroundReflector) -> None:
    with BackgroundReflector() as second:
        assert second.places.webphone != reflector.places.webphone


def test_closing_ends_at_once_and_leaves_no_thread() -> None:
    before = set(threading.enumerate())
    running = BackgroundReflector(EVERYTHING_FREE)
    running.start()
    started_s = time.monotonic()
    running.close()
    assert time.monotonic() - started_s < 10
    assert not set(threading.enumerate()) - before


def test_a_port_that_is_taken_is_told_where_there_is_no_falling_back() -> None:
    with BackgroundReflector(EVERYTHING_FREE) as first:
        taken = msgspec.structs.replace(
            EVERYTHING_FREE, fall_back=False, webphone_port=first.places.webphone.port
        )
        second = BackgroundReflector(taken)
        with pytest.raises(OSError, match=r"in use|10048"):
            second.start()


@pytest.mark.parametrize(
    "settings",
    [
        {"certificate": "a.pem"},
        {"bind": "192.0.2.1", "dns_ports": (53,)},
        {"bind": "0.0.0.0"},
        {"bind": "::"},
    ],
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"key|loopback|public name"):
        ReflectorSettings(**settings)
