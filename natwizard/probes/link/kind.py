"""What kind of connection an interface is, as values."""

import re
from enum import StrEnum

from msgspec import Struct

from natwizard.model.privacy import PublicText, QuotingText


class LinkKind(StrEnum):
    """The medium of an interface, as far as calls are concerned."""

    ETHERNET = "ethernet"
    WIFI = "wifi"
    VPN = "vpn"
    VIRTUAL = "virtual"
    """A bridge, switch or bond made by software; what lies below it counts."""
    SOFTWARE = "software"
    """An adapter that a program made and no list names: often a VPN."""
    CELLULAR = "cellular"
    """A mobile network, also through a telephone on a cable or by Bluetooth."""
    LOOPBACK = "loopback"
    UNKNOWN = "unknown"


_CARD_WORDS = re.compile(
    r"ethernet|\blan\b|gigabit|\bgbe\b|10/100|\b(2\.?5|5|10)\s?g(be|bit)?\b|\bnic\b|rj-?45|\bdock|\bhub\b"
    r"|ax88\d|rtl8\d|aqc\d",
    re.IGNORECASE,
)
_PHONE_WORDS = re.compile(
    r"phone|ipad|android|\bpixel\b|galaxy|xiaomi|redmi|oneplus|huawei|motorola|\bmoto\b|nokia|rndis"
    r"|remote ndis|gadget|tether|modem|mobile|\blte\b|\b[345]g\b|bluetooth|cdc[ -_]?mbim",
    re.IGNORECASE,
)


def kind_by_name(name: str) -> LinkKind:
    """What a device on a USB cable is by its own name; UNKNOWN where it could be either.

    Telephones, modems and docks speak the same protocols there (CDC-NCM, CDC-ECM).
    """
    if _PHONE_WORDS.search(name):
        return LinkKind.CELLULAR
    return LinkKind.ETHERNET if _CARD_WORDS.search(name) else LinkKind.UNKNOWN


class Link(Struct, frozen=True, kw_only=True):
    """One interface.

    Attributes:
        label: what the maker or the OS calls it, or empty.
        speed_mbps: 0 where the OS does not tell.
        duplex: "full", "half" or empty.
        emulated: it belongs to a virtual machine or container; the real medium is its host's.
    """

    name: QuotingText
    kind: LinkKind
    label: QuotingText = ""
    speed_mbps: int = 0
    duplex: PublicText = ""
    emulated: bool = False


class Radio(Struct, frozen=True, kw_only=True):
    """Quality of a Wi-Fi link; None and 0 where the OS does not tell.

    The network's name is never read: it is nobody's business.

    Attributes:
        signal_percent: as the OS rates it.
        signal_dbm: received power, -30 very strong, -80 weak.
        rate_mbps: the rate of the radio, not of the line.
        band_ghz: 2.4, 5 or 6.
        hidden: the system tells the signal only to programs that may know where it is, and this
            one may not; it does not ask for that.
    """

    signal_percent: int | None = None
    signal_dbm: int | None = None
    rate_mbps: float = 0
    band_ghz: float = 0
    hidden: bool = False


def band_of_channel(channel: int) -> float:
    """2.4 or 5 GHz by the channel's number; 6 GHz reuses low numbers, so 0 where unclear."""
    if 1 <= channel <= 14:
        return 2.4
    return 5.0 if 32 <= channel <= 177 else 0.0


def band_of_mhz(frequency_mhz: float) -> float:
    """The band that a frequency belongs to."""
    if 2400 <= frequency_mhz < 2500:
        return 2.4
    if 4900 <= frequency_mhz < 5925:
        return 5.0
    return 6.0 if 5925 <= frequency_mhz < 7126 else 0.0
