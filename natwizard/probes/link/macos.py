"""Interfaces of macOS by their hardware ports, and system_profiler for the radio."""

import re

import msgspec
from msgspec import Struct, field

from natwizard.probes.host import Host
from natwizard.probes.link.kind import Link, LinkKind, Radio, kind_by_name

PORTS = ("/usr/sbin/networksetup", "-listallhardwareports")
ROUTES = ("/usr/sbin/netstat", "-rn", "-f", "inet")
AIRPORT = ("/usr/sbin/system_profiler", "SPAirPortDataType", "-json")
ASK_S = 3.0
PROFILER_S = 8.0
# utun and ipsec are macOS' own, gpd is GlobalProtect's; feth is a pair that programs make
VPN_NAMES = ("utun", "ipsec", "ppp", "tun", "tap", "gpd", "feth")


class _Network(Struct, kw_only=True):
    channel: str | int = field(default="", name="spairport_network_channel")
    rate: float | str = field(default=0, name="spairport_network_rate")
    signal: str = field(default="", name="spairport_signal_noise")


class _Airport(Struct, kw_only=True):
    name: str = field(default="", name="_name")
    network: _Network = field(
        default_factory=_Network, name="spairport_current_network_information"
    )


class _Software(Struct, kw_only=True):
    interfaces: list[_Airport] = field(default_factory=list, name="spairport_airport_interfaces")


class _Profile(Struct, kw_only=True):
    software: list[_Software] = field(default_factory=list, name="SPAirPortDataType")


def macos_link(host: Host, name: str) -> Link:
    """One interface ("en0") by the port it belongs to."""
    port = _ports(host).get(name, "")
    interface = next((each for each in host.interfaces() if each.name == name), None)
    return Link(
        name=name,
        kind=_kind(name, port),
        label=port,
        speed_mbps=interface.speed_mbps if interface else 0,
        duplex=interface.duplex if interface else "",
    )


def macos_below(host: Host, name: str) -> tuple[Link, ...]:
    """What carries a VPN: the first default route that is no VPN itself."""
    for line in _output(host, ROUTES, ASK_S).splitlines():
        columns = line.split()
        if len(columns) >= 4 and columns[0] == "default" and columns[3] != name:
            link = macos_link(host, columns[3])
            if link.kind not in (LinkKind.VPN, LinkKind.LOOPBACK):
                return (link,)
    return ()


def macos_radio(host: Host, name: str) -> Radio:
    """Signal, rate and band of one Wi-Fi port."""
    try:
        profile = msgspec.json.decode(_output(host, AIRPORT, PROFILER_S), type=_Profile)
    except msgspec.MsgspecError:
        return Radio()
    for software in profile.software:
        for airport in software.interfaces:
            if airport.name == name:
                return _radio(airport.network)
    return Radio()


def _radio(network: _Network) -> Radio:
    signal = re.match(r"(-\d{1,3}) dBm", network.signal)
    band = re.search(r"(\d(?:\.\d)?) ?GHz", str(network.channel))
    rate = re.match(r"\d{1,6}(?:\.\d+)?", str(network.rate))
    return Radio(
        signal_dbm=int(signal[1]) if signal else None,
        rate_mbps=float(rate[0]) if rate else 0,
        band_ghz=float(band[1]) if band else 0,
    )


def _kind(name: str, port: str) -> LinkKind:
    lower = port.lower()
    if name.startswith("lo"):
        return LinkKind.LOOPBACK
    if name.startswith(VPN_NAMES):
        return LinkKind.VPN
    if name.startswith(("bridge", "bond", "vlan", "vmenet")):
        return LinkKind.VIRTUAL
    if "wi-fi" in lower or "airport" in lower:
        return LinkKind.WIFI
    # a telephone on a cable and a dock are both "en" with the product's name
    return kind_by_name(port) if name.startswith("en") else LinkKind.UNKNOWN


def _ports(host: Host) -> dict[str, str]:
    """Names of the hardware ports by device; networksetup speaks English everywhere."""
    ports, port = {}, ""
    for line in _output(host, PORTS, ASK_S).splitlines():
        label, _, value = line.partition(": ")
        if label == "Hardware Port":
            port = value.strip()
        elif label == "Device":
            ports[value.strip()] = port
    return ports


def _output(host: Host, command: tuple[str, ...], timeout_s: float) -> str:
    try:
        answer = host.run(command, timeout_s=timeout_s)
    except (OSError, TimeoutError):
        return ""
    return answer.output if answer.exit_code == 0 else ""
