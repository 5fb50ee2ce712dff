"""The way out of recorded computers: cable, Wi-Fi, VPN, bridge, telephone."""

import asyncio
from pathlib import Path

import pytest
from computers.probe_context import RoutesOnly, make_context
from computers.recorded_host import HOSTS, Facts, RecordedHost, record
from hypothesis import given
from hypothesis import strategies as st

from natwizard.model.outcome import FailureCode
from natwizard.model.profile import Targets
from natwizard.probes.host import CommandResult, Interface
from natwizard.probes.link.kind import Link, LinkKind, Radio
from natwizard.probes.link.linux import linux_link, linux_radio
from natwizard.probes.link.macos import PORTS, macos_link
from natwizard.probes.link.route import (
    BY_MEDIUM,
    CHOSEN,
    LINK,
    LinkEvidence,
    is_metered,
    link_targets,
)
from natwizard.probes.link.windows import (
    ADAPTERS,
    CONNECTIONS,
    LOCATION_CONSENTS,
    NETSH,
    VERSION,
    radio_of_netsh,
    windows_link,
    windows_radio,
)
from natwizard.system.network import SystemNetwork

TEXTS = HOSTS / "host_texts.py"
CARD = {"type": "1", "device/.keep": ""}


def texts() -> dict[str, str]:
    values: dict[str, str] = {}
    exec(TEXTS.read_text("utf-8"), values)  # noqa: S102 - our own fixture
    return values


def look(host: RecordedHost, network: RoutesOnly, targets: Targets | None = None) -> LinkEvidence:
    return asyncio.run(LINK.gather(make_context(host, network, targets=targets)))


@pytest.mark.parametrize(
    ("host", "interface", "kind", "below", "radio"),
    [
        (
            "windows-office",
            "WLAN",
            LinkKind.WIFI,
            (),
            Radio(signal_percent=62, rate_mbps=1201, band_ghz=5),
        ),
        ("windows-office", "Ethernet", LinkKind.ETHERNET, (), None),
        (
            "windows-office",
            "Firma",
            LinkKind.VPN,
            ("WLAN",),
            Radio(signal_percent=62, rate_mbps=1201, band_ghz=5),
        ),
        (
            "macos-laptop",
            "utun4",
            LinkKind.VPN,
            ("en0",),
            Radio(signal_dbm=-58, rate_mbps=720, band_ghz=5),
        ),
        (
            "macos-laptop",
            "en0",
            LinkKind.WIFI,
            (),
            Radio(signal_dbm=-58, rate_mbps=720, band_ghz=5),
        ),
        ("macos-laptop", "en6", LinkKind.ETHERNET, (), None),
        ("linux-debian", "br0", LinkKind.VIRTUAL, ("enp3s0",), None),
        ("linux-debian", "enp3s0", LinkKind.ETHERNET, (), None),
        (
            "linux-laptop",
            "wg0",
            LinkKind.VPN,
            ("wlp2s0",),
            Radio(signal_percent=70, signal_dbm=-61),
        ),
        ("linux-laptop", "wlp2s0", LinkKind.WIFI, (), Radio(signal_percent=70, signal_dbm=-61)),
    ],
)
def test_the_interface_of_the_default_route_is_named_with_what_is_below(
    host: str, interface: str, kind: LinkKind, below: tuple[str, ...], radio: Radio | None
) -> None:
    evidence = look(RecordedHost(HOSTS / host), RoutesOnly(interface))
    assert evidence.routed
    assert evidence.link is not None
    assert (evidence.link.name, evidence.link.kind) == (interface, kind)
    assert tuple(link.name for link in evidence.below) == below
    assert evidence.radio == radio


def test_the_route_to_the_service_counts_not_the_default_one() -> None:
    network = RoutesOnly("wlp2s0", routes={"198.51.100.7": "wg0"})
    targets = Targets(webphone="198.51.100.7:10062")
    evidence = look(RecordedHost(HOSTS / "linux-laptop"), network, targets)
    assert (evidence.towards, evidence.link and evidence.link.name) == ("198.51.100.7:10062", "wg0")


def test_a_service_on_this_computer_is_judged_by_the_default_route() -> None:
    network = RoutesOnly("wlp2s0", routes={"127.0.0.1": "lo"})
    targets = Targets(webphone="127.0.0.1:10062", media="localhost:862")
    evidence = look(RecordedHost(HOSTS / "linux-laptop"), network, targets)
    assert (evidence.towards, evidence.link and evidence.link.name) == ("", "wlp2s0")


def test_a_name_that_does_not_exist_is_noted_and_the_default_route_counts() -> None:
    targets = Targets(webphone="phone.example.com:10062")
    evidence = look(RecordedHost(HOSTS / "linux-laptop"), RoutesOnly("wlp2s0"), targets)
    [lookup] = evidence.lookups
    assert lookup.failure is not None
    assert lookup.failure.code is FailureCode.NAME_NOT_FOUND
    assert evidence.link is not None


def test_addresses_are_asked_before_names() -> None:
    targets = Targets(
        webphone="phone.example.com", media="192.0.2.5:862", https="https://u@[2001:db8::2]/x"
    )
    hosts = [target.host for target in link_targets(targets)]
    assert hosts == ["192.0.2.5", "2001:db8::2", "phone.example.com"]


def test_without_a_route_the_only_usable_interface_counts() -> None:
    evidence = look(RecordedHost(HOSTS / "windows-office"), RoutesOnly(""))
    assert (evidence.routed, evidence.link) == (False, None)
    assert set(evidence.usable) == {"WLAN", "Firma"}
    debian = look(RecordedHost(HOSTS / "linux-debian"), RoutesOnly(""))
    assert debian.link is not None
    assert (debian.routed, debian.link.name) == (False, "br0")


def test_a_computer_that_is_unplugged_has_nothing_usable(tmp_path: Path) -> None:
    facts = Facts(
        platform="linux",
        system="Linux",
        home="/root",
        interfaces=(
            Interface(name="lo", is_up=True, addresses=("127.0.0.1", "::1")),
            Interface(name="eth0", is_up=False, addresses=("192.0.2.3",)),
            Interface(name="eth1", is_up=True, addresses=("fe80::1%eth1", "169.254.3.4")),
        ),
    )
    evidence = look(RecordedHost(record(tmp_path, facts)), RoutesOnly(""))
    assert (evidence.link, evidence.usable, evidence.routed) == (None, (), False)


@pytest.mark.parametrize(
    ("files", "links", "kind", "emulated"),
    [
        ({"type": "772"}, {}, LinkKind.LOOPBACK, False),
        (CARD, {"device/driver": "e1000e"}, LinkKind.ETHERNET, False),
        (CARD, {"device/driver": "virtio_net"}, LinkKind.ETHERNET, True),
        ({**CARD, "phy80211/.keep": ""}, {}, LinkKind.WIFI, False),
        ({"type": "1", "uevent": "DEVTYPE=wlan\n", "device/.keep": ""}, {}, LinkKind.WIFI, False),
        (CARD, {"device/driver": "rndis_host"}, LinkKind.CELLULAR, False),
        (CARD, {"device/driver": "ipheth"}, LinkKind.CELLULAR, False),
        ({"type": "65534", "uevent": "DEVTYPE=wwan\n"}, {}, LinkKind.CELLULAR, False),
        ({"type": "1", "uevent": "DEVTYPE=bluetooth\n"}, {}, LinkKind.CELLULAR, False),
        ({"type": "65534", "tun_flags": "0x1001"}, {}, LinkKind.VPN, False),
        ({"type": "1", "tun_flags": "0x1002"}, {}, LinkKind.VPN, False),
        ({"type": "1", "tun_flags": "0x1002", "brport/.keep": ""}, {}, LinkKind.VIRTUAL, False),
        ({"type": "512"}, {}, LinkKind.VPN, False),
        ({"type": "1", "bonding/.keep": ""}, {}, LinkKind.VIRTUAL, False),
        ({"type": "1", "uevent": "DEVTYPE=vlan\n"}, {}, LinkKind.VIRTUAL, False),
        ({"type": "1", "ifindex": "2", "iflink": "9"}, {}, LinkKind.ETHERNET, True),
        ({"type": "1", "ifindex": "2", "iflink": "2"}, {}, LinkKind.VIRTUAL, False),
        ({"type": "32"}, {}, LinkKind.UNKNOWN, False),
        ({}, {}, LinkKind.UNKNOWN, False),
    ],
)  # fmt: skip
def test_the_kernel_tells_what_an_interface_is(
    files: dict[str, str],
    links: dict[str, str],
    kind: LinkKind,
    emulated: bool,
    tmp_path: Path,
) -> None:
    root = record(
        tmp_path,
        Facts(platform="linux", system="Linux", home="/root"),
        files={f"sys/class/net/x0/{name}": text for name, text in files.items()},
        links={f"/sys/class/net/x0/{k}": f"/sys/bus/drivers/{v}" for k, v in links.items()},
    )
    link = linux_link(RecordedHost(root), "x0")
    assert (link.kind, link.emulated) == (kind, emulated)


def test_a_vlan_on_a_bond_is_walked_down_to_its_cables(tmp_path: Path) -> None:
    net = "sys/class/net"
    root = record(
        tmp_path,
        Facts(platform="linux", system="Linux", home="/root"),
        files={
            f"{net}/bond0.7/type": "1",
            f"{net}/bond0.7/uevent": "DEVTYPE=vlan\n",
            f"{net}/bond0.7/lower_bond0/.keep": "",
            f"{net}/bond0/type": "1",
            f"{net}/bond0/bonding/.keep": "",
            f"{net}/bond0/lower_eno1/.keep": "",
            f"{net}/bond0/lower_eno2/.keep": "",
            f"{net}/eno1/type": "1",
            f"{net}/eno1/device/.keep": "",
            f"{net}/eno2/type": "1",
            f"{net}/eno2/device/.keep": "",
        },
    )
    evidence = look(RecordedHost(root), RoutesOnly("bond0.7"))
    assert {link.name: link.kind for link in evidence.below} == {
        "eno1": LinkKind.ETHERNET,
        "eno2": LinkKind.ETHERNET,
    }


def test_iw_tells_more_than_proc(tmp_path: Path) -> None:
    root = record(
        tmp_path,
        Facts(platform="linux", system="Linux", home="/root"),
        commands={
            "iw dev wlp2s0 link": CommandResult(exit_code=0, output=texts()["IW_LINK"]),
        },
    )
    radio = linux_radio(RecordedHost(root), "wlp2s0")
    assert radio == Radio(signal_dbm=-57, rate_mbps=866.7, band_ghz=5)


@pytest.mark.parametrize(
    ("text", "name", "radio"),
    [
        ("NETSH_GERMAN", "WLAN", Radio(signal_percent=62, rate_mbps=1201, band_ghz=5)),
        (
            "NETSH_ENGLISH",
            "Wi-Fi",
            Radio(signal_percent=87, signal_dbm=-51, rate_mbps=144.4, band_ghz=2.4),
        ),
        ("NETSH_OFF", "Wi-Fi", Radio()),
        ("NETSH_GERMAN", "Ethernet", Radio()),
    ],
)
def test_netsh_is_read_in_any_language(text: str, name: str, radio: Radio) -> None:
    assert radio_of_netsh(texts()[text], name) == radio


@given(st.text(max_size=400))
def test_any_output_of_netsh_is_a_radio(text: str) -> None:
    assert isinstance(radio_of_netsh(f"    Name   : x\n{text}", "x"), Radio)


@pytest.mark.parametrize(
    ("component", "description", "if_type", "medium", "hardware", "kind"),
    [
        (r"pci\ven_8086", "Intel(R) Ethernet Connection", 6, 14, None, LinkKind.ETHERNET),
        (r"usb\vid_0bda", "Realtek USB GbE Family Controller", 6, 0, None, LinkKind.ETHERNET),
        (r"pci\ven_8086", "Intel(R) Wi-Fi 6", 71, 9, None, LinkKind.WIFI),
        (r"usb\vid_05ac", "Apple Mobile Device Ethernet", 6, 14, None, LinkKind.CELLULAR),
        (r"usb\vid_1199", "Sierra Wireless", 243, 8, None, LinkKind.CELLULAR),
        ("wintun", "Wintun Userspace Tunnel", 53, 0, None, LinkKind.VPN),
        ("vpnva64-6", "Cisco AnyConnect Virtual Miniport Adapter", 6, 0, None, LinkKind.VPN),
        ("vms_mp", "Hyper-V Virtual Ethernet Adapter", 6, 0, None, LinkKind.VIRTUAL),
        ("vmnet", "VMware Virtual Ethernet Adapter for VMnet8", 6, 0, None, LinkKind.VIRTUAL),
        ("ctxva620", "Citrix Virtual Adapter", 1, 14, None, LinkKind.VPN),
        ("nmvnic", "Absolute Secure Access Virtual Adapter", 6, 0, True, LinkKind.VPN),
        ("phionvna", "Barracuda Network Access Client", 6, 0, True, LinkKind.VPN),
        # in no list: never a cable, whatever its driver says
        ("examplevna", "Example Tunnel Adapter", 6, 14, True, LinkKind.SOFTWARE),
        (r"root\net", "Example Network Adapter", 6, 14, True, LinkKind.SOFTWARE),
        (r"swd\msrras", "Example Miniport", 6, 0, True, LinkKind.SOFTWARE),
        ("", "Nobody knows", 6, 14, True, LinkKind.UNKNOWN),
        (
            r"usb\class_02&subclass_0d&prot_00",
            "UsbNcm Host Device",
            6,
            0,
            True,
            LinkKind.UNKNOWN,
        ),
        (r"usb\vid_18d1&pid_4eeb", "Pixel 8", 6, 0, True, LinkKind.CELLULAR),
        (r"usb\vid_1234&pid_0001", "Example Device", 6, 0, True, LinkKind.UNKNOWN),
        (r"usb\vid_1234&pid_0001", "Example Device", 6, 14, True, LinkKind.ETHERNET),
        (r"b06bdrv\l2nd&pci_16391", "Broadcom NetXtreme II", 6, 14, None, LinkKind.ETHERNET),
        (r"acpi\qcom2466", "Example SoC Ethernet", 6, 14, None, LinkKind.ETHERNET),
        (r"vmbus\{f8615163}", "Microsoft Hyper-V Network Adapter", 6, 0, None, LinkKind.ETHERNET),
        ("odd", "Something", 0, 0, None, LinkKind.UNKNOWN),
        ("odd", "Something", 0, 0, True, LinkKind.UNKNOWN),
        ("odd", "Something", 71, 9, None, LinkKind.WIFI),
        # no device below it, whatever the registry says
        (r"pci\ven_8086", "Example Adapter", 6, 14, False, LinkKind.SOFTWARE),
        (r"vmbus\{f8615163}", "Microsoft Hyper-V Network Adapter", 6, 0, False, LinkKind.ETHERNET),
    ],
)
def test_the_registry_tells_what_an_adapter_is(
    component: str,
    description: str,
    if_type: int,
    medium: int,
    hardware: bool | None,
    kind: LinkKind,
    tmp_path: Path,
) -> None:
    network_class = "{4D36E972-E325-11CE-BFC1-08002BE10318}"
    registry = {
        rf"HKLM\SYSTEM\CurrentControlSet\Control\Class\{network_class}\0007": {
            "NetCfgInstanceId": "{guid}",
            "DriverDesc": description,
            "ComponentId": component,
            "*IfType": if_type,
            "*PhysicalMediaType": medium,
        },
        rf"HKLM\SYSTEM\CurrentControlSet\Control\Network\{network_class}\{{guid}}\Connection": {
            "Name": "x"
        },
    }
    facts = Facts(
        platform="windows",
        system="Windows",
        home=r"C:\Users\a",
        interfaces=(Interface(name="x", is_up=True, addresses=(), hardware=hardware),),
    )
    root = record(tmp_path, facts, registry={"64": registry})
    assert windows_link(RecordedHost(root), "x").kind is kind


def test_a_vpn_of_windows_itself_is_known_by_its_medium(tmp_path: Path) -> None:
    facts = Facts(
        platform="windows",
        system="Windows",
        home=r"C:\Users\a",
        interfaces=(Interface(name="Office", is_up=True, addresses=("10.1.1.1",), if_type=23),),
    )
    assert windows_link(RecordedHost(record(tmp_path, facts)), "Office").kind is LinkKind.VPN


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("en4", LinkKind.ETHERNET),
        ("en8", LinkKind.CELLULAR),
        ("bridge0", LinkKind.VIRTUAL),
        ("utun0", LinkKind.VPN),
        ("lo0", LinkKind.LOOPBACK),
        ("awdl0", LinkKind.UNKNOWN),
    ],
)
def test_the_hardware_ports_of_macos_tell_what_an_interface_is(name: str, kind: LinkKind) -> None:
    assert macos_link(RecordedHost(HOSTS / "macos-laptop"), name).kind is kind


def test_the_real_network_finds_the_loopback_route_without_a_packet() -> None:
    targets = Targets(webphone="127.0.0.1:10062")
    context = make_context(RecordedHost(HOSTS / "linux-laptop"), SystemNetwork(), targets=targets)
    evidence = asyncio.run(LINK.gather(context))
    assert evidence.towards == "", "loopback is not the way that calls take"


# recorded from nmcli 1.42.4 (Debian 12) in a network namespace: a veth whose connection was
# metered by its settings, not, or neither; an unmanaged interface; and one that is not there
NMCLI = {
    "yes\n": True,
    "no\n": False,
    "no (guessed)\n": False,
    "unknown\n": None,
    "": None,
}


@pytest.mark.parametrize(("told", "metered"), NMCLI.items())
def test_network_manager_tells_what_is_metered(
    told: str, metered: bool | None, tmp_path: Path
) -> None:
    code = 0 if told else 10
    answer = CommandResult(exit_code=code, output=told)
    facts = Facts(platform="linux", system="Linux", home="/root")
    commands = {"nmcli -g GENERAL.METERED device show eth0": answer}
    host = RecordedHost(record(tmp_path, facts, commands=commands))
    assert is_metered(host, Link(name="eth0", kind=LinkKind.ETHERNET)) is metered
    assert is_metered(host, Link(name="eth1", kind=LinkKind.ETHERNET)) is None


@pytest.mark.parametrize(
    ("stack", "kind"),
    [
        ({}, LinkKind.ETHERNET),
        ({"if_type": 71, "physical_medium": 9}, LinkKind.WIFI),
        ({"if_type": 243, "physical_medium": 8}, LinkKind.CELLULAR),
        ({"physical_medium": 10}, LinkKind.CELLULAR),
    ],
)
def test_the_network_stack_counts_before_what_the_driver_registered(
    stack: dict[str, int], kind: LinkKind, tmp_path: Path
) -> None:
    registry = {
        rf"{ADAPTERS}\0001": {
            "NetCfgInstanceId": "{guid}", "DriverDesc": "Example", "ComponentId": r"pci\ven_8086",
            "*IfType": 6, "*PhysicalMediaType": 14,
        },
        rf"{CONNECTIONS}\{{guid}}\Connection": {"Name": "x"},
    }  # fmt: skip
    told = Interface(name="x", is_up=True, addresses=(), hardware=True, **stack)
    facts = Facts(platform="windows", system="", home="C:\\", interfaces=(told,))
    host = RecordedHost(record(tmp_path, facts, registry={"64": registry}))
    assert windows_link(host, "x").kind is kind


OFF = {"Value": "Deny"}
ON = {"Value": "Allow"}


@pytest.mark.parametrize(
    ("build", "switches", "asked"),
    [
        ("26100", (ON, ON, ON), True),
        ("26100", (ON, ON, OFF), False),
        ("26100", (ON, OFF, ON), False),
        ("26100", (OFF, ON, ON), False),
        ("26100", (ON, ON, {"Value": "Prompt"}), False),
        ("26100", (ON, ON, {}), False),
        ("", ({}, {}, {}), False),
        ("22631", (OFF, OFF, OFF), True),
        ("19045", ({}, {}, {}), True),
    ],
)
def test_windows_is_never_made_to_ask_for_the_location(
    build: str,
    switches: tuple[dict[str, str], ...],
    asked: bool,
    tmp_path: Path,
) -> None:
    registry: dict[str, dict[str, str]] = {VERSION: {"CurrentBuild": build}}
    registry |= dict(zip(LOCATION_CONSENTS, switches, strict=True))
    facts = Facts(
        platform="windows", system="", home="C:\\",
        interfaces=(Interface(name="WLAN", is_up=True, addresses=(), speed_mbps=866),),
    )  # fmt: skip
    netsh = {" ".join(NETSH): CommandResult(exit_code=0, output=texts()["NETSH_GERMAN"])}
    host = RecordedHost(record(tmp_path, facts, registry={"64": registry}, commands=netsh))
    radio = windows_radio(host, "WLAN")
    assert host.ran == ([NETSH] if asked else [])
    assert radio.hidden is not asked
    assert (radio.signal_percent is not None) is asked
    assert radio.rate_mbps


@pytest.mark.parametrize(
    ("told", "usual", "metered"),
    [(True, 1, True), (False, 2, False), (None, 2, True), (None, 1, False)],
)
def test_windows_own_answer_on_cost_counts_before_its_registry(
    told: bool | None, usual: int, metered: bool, tmp_path: Path
) -> None:
    facts = Facts(platform="windows", system="", home="C:\\", metered=told)
    registry: dict[str, dict[str, str | int]] = {BY_MEDIUM: {"Ethernet": usual}}
    host = RecordedHost(record(tmp_path, facts, registry={"64": registry}))
    assert is_metered(host, Link(name="Office", kind=LinkKind.ETHERNET)) is metered


@pytest.mark.parametrize(
    ("chosen", "usual", "metered"),
    [({}, {}, None), ({}, {"Ethernet": 2}, True), ({}, {"Ethernet": 1}, False),
     ({"UserCost": 0}, {"Ethernet": 2}, False), ({"UserCost": 2}, {"Ethernet": 1}, True),
     ({"Other": 1}, {"WiFi": 2}, None)],
)  # fmt: skip
def test_windows_goes_by_the_person_s_choice_and_then_by_the_medium(
    chosen: dict[str, str | int], usual: dict[str, str | int], metered: bool | None, tmp_path: Path
) -> None:
    guid = "{01234567-89AB-CDEF-0123-456789ABCDEF}"
    network = "{4D36E972-E325-11CE-BFC1-08002BE10318}"
    control = r"HKLM\SYSTEM\CurrentControlSet\Control"
    registry: dict[str, dict[str, str | int]] = {
        rf"{control}\Class\{network}\0001": {"NetCfgInstanceId": guid, "DriverDesc": "Card"},
        rf"{control}\Network\{network}\{guid}\Connection": {"Name": "Office"},
        rf"{CHOSEN}\{guid}\*": chosen,
        BY_MEDIUM: usual,
    }
    facts = Facts(platform="windows", system="Windows 11", home=r"C:\Users\anna")
    host = RecordedHost(record(tmp_path, facts, registry={"64": registry}))
    assert is_metered(host, Link(name="Office", kind=LinkKind.ETHERNET)) is metered


@pytest.mark.parametrize(
    ("driver", "manufacturer", "product", "kind", "label"),
    [
        ("cdc_ncm", "Google", "Pixel 8", LinkKind.CELLULAR, "Google Pixel 8"),
        ("cdc_ether", "SAMSUNG", "SAMSUNG_Android", LinkKind.CELLULAR, "SAMSUNG SAMSUNG_Android"),
        ("cdc_ether", "Example", "LTE Modem", LinkKind.CELLULAR, "Example LTE Modem"),
        ("cdc_ncm", "Example", "USB-C Dock Ethernet", LinkKind.ETHERNET,
         "Example USB-C Dock Ethernet"),
        ("cdc_ncm", "", "", LinkKind.UNKNOWN, "cdc_ncm"),
        ("cdc_eem", "Example", "Thing", LinkKind.UNKNOWN, "Example Thing"),
        ("r8152", "Realtek", "USB 10/100/1000 LAN", LinkKind.ETHERNET,
         "Realtek USB 10/100/1000 LAN"),
        ("r8152", "Example", "Mobile Phone Stand", LinkKind.ETHERNET, "Example Mobile Phone Stand"),
    ],
)  # fmt: skip
def test_a_device_on_a_usb_cable_is_a_cable_only_where_it_says_so(
    driver: str, manufacturer: str, product: str, kind: LinkKind, label: str, tmp_path: Path
) -> None:
    device = "sys/devices/usb1/1-1"
    root = record(
        tmp_path,
        Facts(platform="linux", system="Linux", home="/root"),
        files={
            "sys/class/net/usb0/type": "1",
            f"{device}/1-1:1.0/.keep": "",
            f"{device}/manufacturer": f"{manufacturer}\n",
            f"{device}/product": f"{product}\n",
        },
        links={
            "/sys/class/net/usb0/device": f"/{device}/1-1:1.0",
            f"/{device}/1-1:1.0/driver": f"/sys/bus/usb/drivers/{driver}",
            f"/{device}/1-1:1.0/subsystem": "/sys/bus/usb",
        },
    )
    link = linux_link(RecordedHost(root), "usb0")
    assert (link.kind, link.label) == (kind, label)


@pytest.mark.parametrize(
    ("port", "kind"),
    [
        ("Pixel 8", LinkKind.CELLULAR),
        ("Galaxy S24", LinkKind.CELLULAR),
        ("iPhone USB", LinkKind.CELLULAR),
        ("Example Device", LinkKind.UNKNOWN),
        ("Thunderbolt Ethernet Slot 1", LinkKind.ETHERNET),
        ("USB 10/100/1000 LAN", LinkKind.ETHERNET),
        ("Belkin USB-C LAN", LinkKind.ETHERNET),
        ("AX88179A", LinkKind.ETHERNET),
        ("Ethernet", LinkKind.ETHERNET),
        ("WLAN thing", LinkKind.UNKNOWN),
    ],
)
def test_a_port_of_macos_is_what_its_name_says(port: str, kind: LinkKind, tmp_path: Path) -> None:
    text = f"\nHardware Port: {port}\nDevice: en15\nEthernet Address: 00:00:5e:00:53:0f\n"
    commands = {" ".join(PORTS): CommandResult(exit_code=0, output=text)}
    facts = Facts(platform="macos", system="macOS", home="/Users/a")
    assert macos_link(RecordedHost(record(tmp_path, facts, commands=commands)), "en15").kind is kind
