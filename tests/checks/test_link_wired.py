"""link.wired as a table of cases."""

import pytest
from msgspec.structs import replace

from natwizard.checks.base import Inputs
from natwizard.checks.link_wired import LINK_WIRED
from natwizard.model.finding import Judgement, Owner, Status
from natwizard.model.outcome import Gathered
from natwizard.probes.link.kind import Link, LinkKind, Radio
from natwizard.probes.link.route import LINK, LinkEvidence

WIFI = Link(name="wlan0", kind=LinkKind.WIFI)
CABLE = Link(name="eth0", kind=LinkKind.ETHERNET, speed_mbps=1000, duplex="full")
HALF = Link(name="eth0", kind=LinkKind.ETHERNET, speed_mbps=10, duplex="half")
SLOW = Link(name="eth0", kind=LinkKind.ETHERNET, speed_mbps=10, duplex="full")
VPN = Link(name="tun0", kind=LinkKind.VPN)
BRIDGE = Link(name="br0", kind=LinkKind.VIRTUAL)
PHONE = Link(name="usb0", kind=LinkKind.CELLULAR)
ODD = Link(name="x0", kind=LinkKind.UNKNOWN)
PROGRAM = Link(name="Ethernet 4", kind=LinkKind.SOFTWARE, label="Example Tunnel Adapter")
RADIO = Radio(signal_percent=62, rate_mbps=866.7, band_ghz=5)


def judge(
    link: Link | None,
    *below: Link,
    radio: Radio | None = None,
    routed: bool = True,
    metered: bool | None = None,
    usable: tuple[str, ...] = ("x",),
) -> Judgement:
    evidence = LinkEvidence(
        towards="",
        routed=routed,
        link=link,
        below=below,
        radio=radio,
        usable=usable,
        metered=metered,
    )
    judged = LINK_WIRED.bind({})(Inputs(outcomes={LINK.name: Gathered(evidence=evidence)}))
    assert len(judged.summary.split()) <= 12
    assert (judged.remedy is None) == (judged.status is Status.PASS)
    return judged


WIFI_SENTENCE = "You are on Wi-Fi; a cable gives steadier calls."


@pytest.mark.parametrize(
    ("links", "radio", "status", "summary", "observed"),
    [
        ((CABLE,), None, Status.PASS, "You are connected by cable.",
         "Ethernet, 1,000\u00a0Mbit/s"),
        ((HALF,), None, Status.WARN, "Your cable connection speaks in turns only.",
         "Ethernet, 10\u00a0Mbit/s"),
        ((SLOW,), None, Status.WARN, "Your cable runs at 10\u00a0Mbit/s only.",
         "Ethernet, 10\u00a0Mbit/s"),
        ((replace(SLOW, speed_mbps=99),), None, Status.WARN,
         "Your cable runs at 99\u00a0Mbit/s only.", "Ethernet, 99\u00a0Mbit/s"),
        ((replace(SLOW, speed_mbps=100),), None, Status.PASS, "You are connected by cable.",
         "Ethernet, 100\u00a0Mbit/s"),
        ((BRIDGE, HALF), None, Status.WARN, "Your cable connection speaks in turns only.",
         "virtual adapter over Ethernet"),
        ((WIFI,), RADIO, Status.WARN, WIFI_SENTENCE,
         "Wi-Fi 5\u00a0GHz, signal 62\u00a0%"),
        ((WIFI,), Radio(signal_dbm=-58, band_ghz=2.4), Status.WARN, WIFI_SENTENCE,
         "Wi-Fi 2.4\u00a0GHz, signal \u221258\u00a0dBm"),
        ((WIFI,), Radio(), Status.WARN, WIFI_SENTENCE, "Wi-Fi"),
        ((WIFI,), None, Status.WARN, WIFI_SENTENCE, "Wi-Fi"),
        ((VPN, WIFI), RADIO, Status.WARN, "Your calls go through a VPN.",
         "VPN over Wi-Fi 5\u00a0GHz, signal 62\u00a0%"),
        ((VPN, CABLE), None, Status.WARN, "Your calls go through a VPN.", "VPN over Ethernet"),
        ((VPN,), None, Status.WARN, "Your calls go through a VPN.", "VPN"),
        ((BRIDGE, CABLE), None, Status.PASS, "You are connected by cable.",
         "virtual adapter over Ethernet"),
        ((BRIDGE, WIFI), RADIO, Status.WARN, WIFI_SENTENCE,
         "virtual adapter over Wi-Fi 5\u00a0GHz, signal 62\u00a0%"),
        ((BRIDGE,), None, Status.UNKNOWN, "We could not tell whether you are on a cable.",
         "virtual adapter"),
        ((PHONE,), None, Status.WARN, "You are on a mobile network; a cable gives steadier calls.",
         "mobile network"),
        ((ODD,), None, Status.UNKNOWN, "We could not tell whether you are on a cable.", "unknown"),
    ],
)  # fmt: skip
def test_the_medium_decides(
    links: tuple[Link, ...], radio: Radio | None, status: Status, summary: str, observed: str
) -> None:
    judged = judge(*links, radio=radio)
    assert (judged.status, judged.summary, judged.observed) == (status, summary, observed)


def test_a_vpn_is_asked_to_be_left_out() -> None:
    for links, expected in (
        ((VPN, CABLE), "Ethernet, direct"),
        ((CABLE,), "Ethernet"),
        ((WIFI,), "Ethernet"),
        ((BRIDGE, CABLE), "Ethernet"),
    ):
        assert judge(*links).expected == expected


def test_no_connection_at_all_is_a_problem() -> None:
    judged = judge(None, routed=False, usable=())
    assert judged.status is Status.FAIL
    assert judged.summary == "This computer has no network connection."


@pytest.mark.parametrize(("routed", "usable"), [(True, ()), (False, ("a", "b")), (True, ("a",))])
def test_an_interface_that_cannot_be_named_is_unknown(
    routed: bool, usable: tuple[str, ...]
) -> None:
    assert judge(None, routed=routed, usable=usable).status is Status.UNKNOWN


def test_the_only_connection_without_a_way_out_says_so() -> None:
    judged = judge(CABLE, routed=False, usable=("eth0",))
    assert judged.status is Status.PASS
    assert any("no way out" in detail.text for detail in judged.details)


def test_a_container_is_wired_with_a_note() -> None:
    link = Link(name="eth0", kind=LinkKind.ETHERNET, emulated=True)
    judged = judge(link)
    assert judged.status is Status.PASS
    assert any("virtual machine or container" in detail.text for detail in judged.details)


def test_the_owner_of_a_vpn_is_the_network_team() -> None:
    remedy = judge(VPN, WIFI, radio=RADIO).remedy
    assert remedy is not None
    assert remedy.owner is Owner.NETWORK_TEAM


@pytest.mark.parametrize(("metered", "advised"), [(True, True), (False, False), (None, False)])
def test_a_metered_connection_is_advice_with_what_calls_take(
    metered: bool | None, advised: bool
) -> None:
    finding = judge(CABLE, metered=metered)
    assert finding.status is Status.PASS
    advice = [each.text for each in finding.details if each.label == "Advice"]
    assert bool(advice) is advised
    assert not advised or "90\u00a0MB" in advice[0]


def test_an_adapter_that_no_list_names_is_shown_and_never_a_green_cable() -> None:
    judged = judge(PROGRAM, CABLE)
    assert judged.status is Status.UNKNOWN
    assert "VPN" in judged.summary
    assert judged.observed == "a program's adapter (Example Tunnel Adapter) over Ethernet"
    judged = judge(Link(name="en15", kind=LinkKind.UNKNOWN, label="Example Device"))
    assert judged.status is Status.UNKNOWN
    assert judged.observed == "unknown (Example Device)"


@pytest.mark.parametrize(
    ("radio", "told"), [(Radio(hidden=True, rate_mbps=866), True), (RADIO, False)]
)
def test_a_signal_that_windows_hides_is_told_as_hidden(radio: Radio, told: bool) -> None:
    judged = judge(WIFI, radio=radio)
    texts = [line.text for line in judged.details]
    assert ("Windows' location switch hides the signal." in texts) is told
    assert judged.status is Status.WARN


@pytest.mark.parametrize(
    ("towards", "told"),
    [("turn.example.com:3478", "turn.example.com:3478"), ("", "the internet in general")],
)
def test_the_way_that_was_looked_up_is_told(towards: str, told: str) -> None:
    evidence = LinkEvidence(
        towards=towards, routed=True, link=CABLE, below=(), radio=None, usable=("eth0",)
    )
    judged = LINK_WIRED.bind({})(Inputs(outcomes={LINK.name: Gathered(evidence=evidence)}))
    assert told in [each.text for each in judged.details if each.label == "Way looked up"]
