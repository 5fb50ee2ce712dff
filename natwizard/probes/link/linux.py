"""Interfaces of Linux by what the kernel says of them under /sys/class/net and /proc/net.

Sources: kernel documentation ABI/testing/sysfs-class-net, <linux/if_arp.h> for `type`.
"""

import re

from natwizard.probes.host import Host, read_text
from natwizard.probes.link.kind import Link, LinkKind, Radio, band_of_mhz, kind_by_name
from natwizard.probes.printable import printable

NET = "/sys/class/net"
ARPHRD_ETHER = "1"
ARPHRD_LOOPBACK = "772"
TUNNEL_TYPES = {"512", "65534", "768", "769", "776", "778"}  # PPP, none, tunnels, SIT, GRE
DEVICE_TYPES = {
    "wlan": LinkKind.WIFI,
    "wwan": LinkKind.CELLULAR,
    "bluetooth": LinkKind.CELLULAR,
    "wireguard": LinkKind.VPN,
    "bridge": LinkKind.VIRTUAL,
    "bond": LinkKind.VIRTUAL,
    "team": LinkKind.VIRTUAL,
    "vlan": LinkKind.VIRTUAL,
    "vxlan": LinkKind.VIRTUAL,
}
TETHER_DRIVERS = {
    "ipheth", "rndis_host", "qmi_wwan", "cdc_mbim", "cdc_wdm", "huawei_cdc_ncm", "sierra_net",
    "hso",
}  # fmt: skip
USB_CARD_DRIVERS = {
    "r8152", "r8153_ecm", "asix", "ax88179_178a", "aqc111", "smsc75xx", "smsc95xx", "lan78xx",
    "dm9601", "sr9700", "sr9800", "mcs7830", "rtl8150", "pegasus", "ch9200", "kaweth", "catc",
}  # fmt: skip
"""Network cards on USB with a cable's socket; other drivers serve telephones and docks alike."""
# Cards that hypervisors and clouds emulate: the medium is their host's
MACHINE_DRIVERS = {"virtio_net", "hv_netvsc", "vmxnet3", "xen_netfront", "ena", "gve"}
ASK_IW_S = 2.0
ASK_IP_S = 2.0
# A VLAN on a bond on a bridge is three deep
LEVELS_AT_MOST = 4
# A USB device writes its own name, up to 126 characters (USB 2.0, 9.6.7)
LABEL_LENGTH = 80


def linux_link(host: Host, name: str) -> Link:
    """One interface, without what lies below it."""
    place = f"{NET}/{name}"
    driver_path = host.real_path(f"{place}/device/driver")
    driver = driver_path.rpartition("/")[2]
    kind, label = _kind(host, name, driver), ""
    if kind is LinkKind.ETHERNET and _is_on_usb(host, place, driver_path):
        label = _usb_name(host, place)
        if driver not in USB_CARD_DRIVERS:
            kind = kind_by_name(label)
        label = label or driver
    speed = _line(host, f"{place}/speed")
    duplex = _line(host, f"{place}/duplex")
    return Link(
        name=name,
        kind=kind,
        label=label,
        # a link that is down says -1, or the same without a sign: 4294967295
        speed_mbps=int(speed) if speed.isdecimal() and len(speed) < 9 else 0,
        duplex=duplex if duplex in ("full", "half") else "",
        emulated=kind is LinkKind.ETHERNET
        and (driver in MACHINE_DRIVERS or "device" not in host.list_directory(place)),
    )


def linux_below(host: Host, name: str) -> tuple[Link, ...]:
    """The physical members of a bridge, bond or VLAN, or what carries a VPN."""
    found: dict[str, Link] = {}
    level = [name]
    for _depth in range(LEVELS_AT_MOST):
        below = [member for upper in level for member in _members(host, upper)]
        links = [linux_link(host, member) for member in dict.fromkeys(below)]
        found |= {link.name: link for link in links if link.kind is not LinkKind.VIRTUAL}
        level = [link.name for link in links if link.kind is LinkKind.VIRTUAL]
    if not found and linux_link(host, name).kind is LinkKind.VPN:
        return _carriers(host, name)
    return tuple(found.values())


def linux_radio(host: Host, name: str) -> Radio:
    """Signal and rate, from `iw` where it is installed, else from /proc/net/wireless."""
    try:
        answer = host.run(("iw", "dev", name, "link"), timeout_s=ASK_IW_S)
    except (OSError, TimeoutError):
        return _proc_radio(host, name)
    return _iw_radio(answer.output) if answer.exit_code == 0 else _proc_radio(host, name)


def _kind(host: Host, name: str, driver: str) -> LinkKind:
    place = f"{NET}/{name}"
    entries = host.list_directory(place)
    device_type = _device_type(host, place)
    arp_type = _line(host, f"{place}/type")
    if arp_type == ARPHRD_LOOPBACK:
        return LinkKind.LOOPBACK
    if "wireless" in entries or "phy80211" in entries:
        return LinkKind.WIFI
    if driver in TETHER_DRIVERS:
        return LinkKind.CELLULAR
    if device_type in DEVICE_TYPES:
        return DEVICE_TYPES[device_type]
    if "bridge" in entries or "bonding" in entries:
        return LinkKind.VIRTUAL
    if "tun_flags" in entries:
        return LinkKind.VIRTUAL if "brport" in entries else LinkKind.VPN
    if arp_type in TUNNEL_TYPES:
        return LinkKind.VPN
    if arp_type != ARPHRD_ETHER:
        return LinkKind.UNKNOWN
    if "device" in entries or _is_veth(host, name):
        return LinkKind.ETHERNET
    return LinkKind.VIRTUAL


def _is_on_usb(host: Host, place: str, driver_path: str) -> bool:
    bus = host.real_path(f"{place}/device/subsystem").rpartition("/")[2]
    return bus == "usb" or "/bus/usb/" in driver_path


def _usb_name(host: Host, place: str) -> str:
    """Maker and product as the device tells them; they stand one level above its interface."""
    device = host.real_path(f"{place}/device").rpartition("/")[0]
    told = (_line(host, f"{device}/{name}") for name in ("manufacturer", "product"))
    return printable(" ".join(filter(None, told)), LABEL_LENGTH)


def _device_type(host: Host, place: str) -> str:
    for line in read_text(host, f"{place}/uevent", limit=4096).splitlines():
        if line.startswith("DEVTYPE="):
            return line.partition("=")[2]
    return ""


def _is_veth(host: Host, name: str) -> bool:
    """One end of a pair: its peer has another number, here or, by chance the same, elsewhere."""
    place = f"{NET}/{name}"
    own, peer = _line(host, f"{place}/ifindex"), _line(host, f"{place}/iflink")
    if own and peer and own != peer:
        return True
    try:
        answer = host.run(("ip", "-details", "link", "show", "dev", name), timeout_s=ASK_IP_S)
    except (OSError, TimeoutError):
        return False
    return re.search(r"^[ \t]+veth\b", answer.output, re.MULTILINE) is not None


def _members(host: Host, name: str) -> list[str]:
    entries = host.list_directory(f"{NET}/{name}")
    stacked = [entry.removeprefix("lower_") for entry in entries if entry.startswith("lower_")]
    return [*stacked, *host.list_directory(f"{NET}/{name}/brif")]


def _carriers(host: Host, vpn: str) -> tuple[Link, ...]:
    """Interfaces with a default route below a VPN: its own packets leave through the first."""
    routes = []
    for line in read_text(host, "/proc/net/route", limit=262144).splitlines()[1:]:
        columns = line.split()
        if len(columns) >= 8 and columns[1] == columns[7] == "00000000" and columns[0] != vpn:
            metric = int(columns[6]) if columns[6].isdecimal() else 0
            routes.append((metric, columns[0]))
    links = [linux_link(host, name) for name in dict.fromkeys(name for _m, name in sorted(routes))]
    return tuple(link for link in links if link.kind is not LinkKind.VPN)[:1]


def _iw_radio(text: str) -> Radio:
    signal = re.search(r"signal:\s*(-?\d{1,3}) dBm", text)
    rates = re.findall(r"(?:tx|rx) bitrate:\s*(\d{1,6}(?:\.\d+)?) MBit/s", text)
    frequency = re.search(r"freq:\s*(\d{4,5})", text)
    return Radio(
        signal_dbm=int(signal[1]) if signal else None,
        rate_mbps=max(map(float, rates), default=0),
        band_ghz=band_of_mhz(float(frequency[1])) if frequency else 0,
    )


def _proc_radio(host: Host, name: str) -> Radio:
    """Link quality counts to 70; a positive level is an old driver's own scale."""
    for line in read_text(host, "/proc/net/wireless", limit=65536).splitlines():
        device, _, rest = line.partition(":")
        columns = [column.rstrip(".") for column in rest.split()]
        if device.strip() == name and len(columns) > 2:
            quality, level = columns[1], columns[2]
            dbm = int(level) if re.fullmatch(r"-\d{1,3}", level) else None
            percent = round(int(quality) / 70 * 100) if re.fullmatch(r"\d{1,2}", quality) else None
            return Radio(
                signal_percent=None if percent is None else min(percent, 100), signal_dbm=dbm
            )
    return Radio()


def _line(host: Host, path: str) -> str:
    return read_text(host, path, limit=256).strip()
