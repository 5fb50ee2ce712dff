"""Interfaces of Windows by what the network stack and their drivers tell; the radio by `netsh`.

What hardware it is, its medium and speed need no permission (GetIfTable2); the signal of a Wi-Fi
does. Source: the network class keys of the registry and the standard INF keywords *IfType and
*PhysicalMediaType (NDIS_PHYSICAL_MEDIUM in ntddndis.h).
"""

import re

from msgspec import Struct
from msgspec.structs import replace

from natwizard.probes.host import Host, Interface
from natwizard.probes.link.kind import Link, LinkKind, Radio, band_of_channel, kind_by_name

NETWORK_CLASS = "{4D36E972-E325-11CE-BFC1-08002BE10318}"
ADAPTERS = rf"HKLM\SYSTEM\CurrentControlSet\Control\Class\{NETWORK_CLASS}"
CONNECTIONS = rf"HKLM\SYSTEM\CurrentControlSet\Control\Network\{NETWORK_CLASS}"
ADDRESSES = r"HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters\Interfaces"

# NDIS_PHYSICAL_MEDIUM: WirelessLan, WirelessWan, Native802_11, Bluetooth
PHYSICAL_MEDIA = {
    1: LinkKind.WIFI,
    8: LinkKind.CELLULAR,
    9: LinkKind.WIFI,
    10: LinkKind.CELLULAR,  # Bluetooth: a telephone's connection
}
# IANA's ifType, ipifcons.h: PPP, software loopback, IEEE 802.11, tunnel, WWANPP, WWANPP2
IF_TYPES = {
    23: LinkKind.VPN,  # PPP: Windows' own VPN clients
    24: LinkKind.LOOPBACK,
    71: LinkKind.WIFI,
    131: LinkKind.VPN,
    243: LinkKind.CELLULAR,
    244: LinkKind.CELLULAR,
}
VPN_WORDS = (
    "vpn", "tap-", "tap0901", "wintun", "wireguard", "anyconnect", "pangp", "globalprotect",
    "fortinet", "forticlient", "pulse secure", "juniper", "check point", "sonicwall", "openvpn",
    "tailscale", "zerotier", "nordlynx", "zscaler", "netskope", "wan miniport", "ovpn-dco",
    "citrix virtual adapter", "secure access", "network access client", "cloudflare", "warp",
    "mullvad", "proton", "softether", "netmotion", "ivanti", "appgate", "hamachi", "f5 networks",
)  # fmt: skip
TETHER_WORDS = ("remote ndis", "rndis", "apple mobile device ethernet", "mobile broadband")
SWITCHES = ("vms_mp", "vms_vsmp", "ms_bridgemp", "ms_implat", "vmnet", "vboxnetadp", "compositebus")
"""Switches, bridges and teams of Windows and of programs for virtual machines."""
GENERIC_USB = "usb\\class_"
"""A driver of Windows' own for every device of a class: telephones, modems and docks."""
# Enumerators of devices that programs make: ROOT, SWD (software device), SW (swenum)
SOFTWARE_BUSES = ("root\\", "swd\\", "sw\\")
MACHINE_WORDS = ("hyper-v network adapter", "vmxnet3", "red hat virtio", "virtio", "xen ")
MACHINE_BUS = "vmbus\\"
WIRED_MEDIUM = 14
"""NdisPhysicalMedium802_3."""
# IF_TYPE_ETHERNET_CSMACD of ipifcons.h
ETHERNET_TYPE = 6

LOCATION = (
    r"SOFTWARE\Microsoft\Windows\CurrentVersion\CapabilityAccessManager\ConsentStore\location"
)
LOCATION_CONSENTS = (
    rf"HKLM\{LOCATION}",  # "Location services", for everyone on this computer
    rf"HKCU\{LOCATION}",  # "Let apps access your location"
    rf"HKCU\{LOCATION}\NonPackaged",  # "Let desktop apps access your location"
)
VERSION = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion"
FIRST_BUILD_THAT_ASKS = 25977
"""From here on (Windows 11 24H2 is 26100) `netsh wlan` is an access to the location: a prompt, or
a refusal ("Changes to API behavior for Wi-Fi access and location", Microsoft Learn)."""

NETSH = ("netsh", "wlan", "show", "interfaces")
ASK_NETSH_S = 3.0
RATE_LABEL = re.compile(r"\((?:[MG]bps|[MG]bit/s|[MG]bits/s|[MG]b/s)\)", re.IGNORECASE)


class Adapter(Struct, frozen=True, kw_only=True):
    """One network adapter of the registry; numbers are 0 where its driver left them out."""

    guid: str
    name: str
    description: str
    component: str
    if_type: int
    physical_medium: int


def windows_link(host: Host, name: str) -> Link:
    """One interface by its name in the network settings ("Ethernet", "WLAN")."""
    interface = next((each for each in host.interfaces() if each.name == name), None)
    adapter = next((each for each in adapters(host) if each.name == name), None)
    return _link(name, interface, adapter)


def windows_below(host: Host, name: str) -> tuple[Link, ...]:
    """What carries a VPN or a software switch: real adapters that are up and have a gateway."""
    known = {each.name: each for each in adapters(host)}
    found = []
    for interface in host.interfaces():
        adapter = known.get(interface.name)
        if interface.name == name or not interface.is_up or adapter is None:
            continue
        link = _link(interface.name, interface, adapter)
        if link.kind in (LinkKind.ETHERNET, LinkKind.WIFI, LinkKind.CELLULAR):
            found.append((not _has_gateway(host, adapter.guid), link))
    return tuple(link for _without, link in sorted(found, key=lambda pair: pair[0]))[:1]


def windows_radio(host: Host, name: str) -> Radio:
    """What netsh shows of one interface, in whatever language it speaks.

    Never where Windows might ask the person for their location: this program promises to ask
    for nothing while it runs. The rate is that of the network stack then.
    """
    if not may_know_the_signal(host):
        interface = next((each for each in host.interfaces() if each.name == name), None)
        return Radio(rate_mbps=interface.speed_mbps if interface else 0, hidden=True)
    try:
        answer = host.run(NETSH, timeout_s=ASK_NETSH_S)
    except (OSError, TimeoutError):
        return Radio()
    return radio_of_netsh(answer.output, name)


def may_know_the_signal(host: Host) -> bool:
    """Whether all of Windows' location switches are on already, or it is too old to have them."""
    build = _number(host.registry_values(VERSION).get("CurrentBuild", ""))
    if 0 < build < FIRST_BUILD_THAT_ASKS:
        return True
    return all(
        str(host.registry_values(place).get("Value", "")).lower() == "allow"
        for place in LOCATION_CONSENTS
    )


def radio_of_netsh(text: str, name: str) -> Radio:
    """Read by the form of the values, since labels are translated: "92%", "5 GHz", "(Mbps)"."""
    for block in _blocks(text):
        if block and block[0][1] == name:
            return _radio_of_block(block)
    return Radio()


def adapters(host: Host) -> tuple[Adapter, ...]:
    """Every adapter that has a driver, with the name it has in the network settings."""
    found = []
    for number in host.registry_subkeys(ADAPTERS):
        values = host.registry_values(rf"{ADAPTERS}\{number}")
        guid = str(values.get("NetCfgInstanceId", ""))
        if not guid:
            continue
        connection = host.registry_values(rf"{CONNECTIONS}\{guid}\Connection")
        found.append(
            Adapter(
                guid=guid,
                name=str(connection.get("Name", "")),
                description=str(values.get("DriverDesc", "")),
                component=str(values.get("ComponentId", "")).lower(),
                if_type=_number(values.get("*IfType", 0)),
                physical_medium=_number(values.get("*PhysicalMediaType", 0)),
            )
        )
    return tuple(found)


def _link(name: str, interface: Interface | None, adapter: Adapter | None) -> Link:
    if interface is not None and adapter is not None:
        adapter = replace(
            adapter,
            if_type=interface.if_type or adapter.if_type,
            physical_medium=interface.physical_medium or adapter.physical_medium,
        )
    kind = _kind(adapter) if adapter else LinkKind.UNKNOWN
    if kind is LinkKind.UNKNOWN and interface is not None:
        kind = _kind_by_stack(interface)
    label = adapter.description if adapter else ""
    emulated = (
        adapter is not None
        and kind is LinkKind.ETHERNET
        and (
            adapter.component.startswith(MACHINE_BUS)
            or any(word in label.lower() for word in MACHINE_WORDS)
        )
    )
    if kind is LinkKind.ETHERNET and not emulated and interface and interface.hardware is False:
        kind = LinkKind.SOFTWARE  # the network stack knows of no device below it
    return Link(
        name=name,
        kind=kind,
        label=label,
        speed_mbps=interface.speed_mbps if interface else 0,
        duplex=interface.duplex if interface else "",
        emulated=emulated,
    )


def _kind(adapter: Adapter) -> LinkKind:
    text = f"{adapter.description} {adapter.component}".lower()
    if adapter.component.startswith(SWITCHES):
        return LinkKind.VIRTUAL
    if any(word in text for word in VPN_WORDS):
        return LinkKind.VPN
    if any(word in text for word in TETHER_WORDS):
        return LinkKind.CELLULAR
    told = PHYSICAL_MEDIA.get(adapter.physical_medium) or IF_TYPES.get(adapter.if_type)
    if told is not None:
        return told
    if not adapter.component or not (adapter.if_type or adapter.physical_medium):
        return LinkKind.UNKNOWN
    return _kind_by_bus(adapter)


def _kind_by_stack(interface: Interface) -> LinkKind:
    """Where the registry does not know the adapter, as with a VPN of Windows' own.

    "Ethernet" is no answer: programs' adapters and telephones say so, too.
    """
    told = PHYSICAL_MEDIA.get(interface.physical_medium) or IF_TYPES.get(interface.if_type)
    return told or LinkKind.UNKNOWN


def _kind_by_bus(adapter: Adapter) -> LinkKind:
    """A cable needs a socket, and a socket a bus; what has none is a program's.

    `*IfType`, `*PhysicalMediaType` and the flag of a physical adapter are the driver's to write,
    and VPN clients write "Ethernet" there.
    """
    component = adapter.component
    if not is_on_a_bus(component):
        return LinkKind.SOFTWARE
    if component.startswith(GENERIC_USB):
        return kind_by_name(adapter.description)
    if component.startswith("usb\\") and adapter.physical_medium != WIRED_MEDIUM:
        return kind_by_name(adapter.description)
    wired = adapter.if_type == ETHERNET_TYPE or adapter.physical_medium == WIRED_MEDIUM
    return LinkKind.ETHERNET if wired else LinkKind.UNKNOWN


def is_on_a_bus(component: str) -> bool:
    """Whether an adapter's ID is of hardware, of this computer or of its virtual machine's."""
    if component.startswith(SOFTWARE_BUSES):
        return False
    return "\\" in component


def _has_gateway(host: Host, guid: str) -> bool:
    values = host.registry_values(rf"{ADDRESSES}\{guid}")
    gateways = (
        str(values.get(key, "")).strip() for key in ("DhcpDefaultGateway", "DefaultGateway")
    )
    return any(gateway not in ("", "0.0.0.0") for gateway in gateways)  # noqa: S104 - a value


def _number(value: str | int) -> int:
    text = str(value)
    # a registry value may be text of any length
    return int(text) if text.isdecimal() and len(text) < 12 else 0


def _blocks(text: str) -> list[list[tuple[str, str]]]:
    """Label and value of each line; blank lines part the interfaces."""
    blocks: list[list[tuple[str, str]]] = [[]]
    # netsh prints some twenty lines for each interface
    for line in text.splitlines()[:500]:
        label, colon, value = line.partition(" : ")
        if colon and value.strip():
            blocks[-1].append((label.strip(), value.strip()))
        elif not line.strip() and blocks[-1]:
            blocks.append([])
    return blocks


def _radio_of_block(block: list[tuple[str, str]]) -> Radio:
    signal: int | None = None
    dbm: int | None = None
    rates: list[float] = []
    band, channel = 0.0, 0
    for place, (label, value) in enumerate(block):
        if re.fullmatch(r"\d{1,3} ?%", value):
            signal = min(100, int(value.rstrip(" %")))
        elif match := re.fullmatch(r"(\d(?:[.,]\d)?) GHz", value):
            band = float(match[1].replace(",", "."))
        elif re.fullmatch(r"-\d{2,3}", value):
            dbm = int(value)
        elif RATE_LABEL.search(label) and re.fullmatch(r"\d{1,6}(?:[.,]\d+)?", value):
            if not rates and place and re.fullmatch(r"\d{1,3}", block[place - 1][1]):
                channel = int(block[place - 1][1])
            rates.append(float(value.replace(",", ".")))
    return Radio(
        signal_percent=signal,
        signal_dbm=dbm,
        rate_mbps=max(rates, default=0.0),
        band_ghz=band or band_of_channel(channel),
    )
