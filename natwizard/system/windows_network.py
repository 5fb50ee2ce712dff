"""What Windows itself says of its adapters, name servers and names: IP Helper and DNS, by ctypes.

None of these calls asks for a permission or shows a prompt. The structures are those of
netioapi.h (MIB_IF_ROW2) and iptypes.h (IP_ADAPTER_ADDRESSES_LH) on 64-bit Windows; the module
imports everywhere, and answers only on Windows.
"""

import ctypes
import socket
import sys
from collections.abc import Iterator
from ctypes import (
    POINTER,
    Structure,
    c_int32,
    c_ubyte,
    c_uint16,
    c_uint32,
    c_uint64,
    c_void_p,
    c_wchar_p,
)
from typing import ClassVar, NamedTuple

from natwizard.model.address import canonical_host

if sys.platform == "win32":
    from natwizard.windows_functions import windows_function

NAME_LENGTH = 257
"""IF_MAX_STRING_SIZE and its end."""
OPER_UP = 1
HARDWARE, FILTER = 0x1, 0x2
"""Bits of InterfaceAndOperStatusFlags: a real adapter; a filter driver's row of another adapter."""
# IF_TYPE_SOFTWARE_LOOPBACK of ipifcons.h
LOOPBACK_TYPE = 24
# The lists are read from memory by pointer: a damaged one must not be followed for ever
ROWS_AT_MOST = 4096
# NET_IF_LINK_SPEED_UNKNOWN, -1 in 64 bits
UNTOLD_SPEED = 2**64 - 1


class InterfaceRow(Structure):
    """MIB_IF_ROW2."""

    _fields_: ClassVar = [
        ("luid", c_uint64),
        ("index", c_uint32),
        ("guid", c_ubyte * 16),
        ("alias", c_uint16 * NAME_LENGTH),
        ("description", c_uint16 * NAME_LENGTH),
        ("physical_address_length", c_uint32),
        ("physical_address", c_ubyte * 32),
        ("permanent_physical_address", c_ubyte * 32),
        ("mtu", c_uint32),
        ("type", c_uint32),
        ("tunnel_type", c_int32),
        ("media_type", c_int32),
        ("physical_medium_type", c_int32),
        ("access_type", c_int32),
        ("direction_type", c_int32),
        ("flags", c_ubyte),
        ("oper_status", c_int32),
        ("admin_status", c_int32),
        ("media_connect_state", c_int32),
        ("network_guid", c_ubyte * 16),
        ("connection_type", c_int32),
        ("transmit_bit_s", c_uint64),
        ("receive_bit_s", c_uint64),
        ("counters", c_uint64 * 18),
    ]


class InterfaceTable(Structure):
    """MIB_IF_TABLE2 with its first row; the others lie behind it."""

    _fields_: ClassVar = [("count", c_uint32), ("first", InterfaceRow)]


class SocketAddress(Structure):
    """SOCKET_ADDRESS."""

    _fields_: ClassVar = [("address", c_void_p), ("length", c_int32)]


class NameServer(Structure):
    """IP_ADAPTER_DNS_SERVER_ADDRESS_XP."""

    _fields_: ClassVar = [("alignment", c_uint64), ("next", c_void_p), ("place", SocketAddress)]


class AdapterAddresses(Structure):
    """IP_ADAPTER_ADDRESSES_LH, as far as it is read here."""

    _fields_: ClassVar = [
        ("length", c_uint32),
        ("index", c_uint32),
        ("next", c_void_p),
        ("name", c_void_p),
        ("unicast", c_void_p),
        ("anycast", c_void_p),
        ("multicast", c_void_p),
        ("name_servers", c_void_p),
        ("dns_suffix", c_void_p),
        ("description", c_void_p),
        ("friendly_name", c_void_p),
        ("physical_address", c_ubyte * 8),
        ("physical_address_length", c_uint32),
        ("flags", c_uint32),
        ("mtu", c_uint32),
        ("type", c_uint32),
        ("oper_status", c_int32),
        ("ipv6_index", c_uint32),
        ("zone_indices", c_uint32 * 16),
        ("prefix", c_void_p),
        ("transmit_bit_s", c_uint64),
        ("receive_bit_s", c_uint64),
        ("wins_server", c_void_p),
        ("gateway", c_void_p),
        ("ipv4_metric", c_uint32),
        ("ipv6_metric", c_uint32),
    ]


class AdapterState(NamedTuple):
    """One adapter as the network stack sees it.

    Attributes:
        name: in the network settings ("Ethernet", "WLAN").
        if_type: IANA's ifType: 6 Ethernet, 71 Wi-Fi, 23 PPP, 243 and 244 mobile.
        physical_medium: NDIS_PHYSICAL_MEDIUM: 14 a cable, 9 Wi-Fi, 8 mobile, 10 Bluetooth.
        hardware: a driver of a device is below it, not a program.
        speed_mbps: what it sends at; 0 where it is not told.
    """

    name: str
    is_up: bool
    if_type: int
    physical_medium: int
    hardware: bool
    speed_mbps: int


def adapter_states() -> tuple[AdapterState, ...]:
    """GetIfTable2, without the rows of filter drivers. Raises OSError; empty elsewhere."""
    if sys.platform == "win32":
        ask = windows_function("iphlpapi", "GetIfTable2", c_uint32, c_void_p)
        give_back = windows_function("iphlpapi", "FreeMibTable", None, c_void_p)
        table = POINTER(InterfaceTable)()
        code = ask(ctypes.byref(table))
        if code:
            raise ctypes.WinError(code)
        try:
            rows = _rows(table.contents)
            return tuple(_state(row) for row in rows if not row.flags & FILTER)
        finally:
            give_back(table)
    return ()


def _rows(table: InterfaceTable) -> Iterator[InterfaceRow]:
    start = ctypes.addressof(table) + InterfaceTable.first.offset
    for number in range(min(table.count, ROWS_AT_MOST)):
        yield InterfaceRow.from_address(start + number * ctypes.sizeof(InterfaceRow))


def _state(row: InterfaceRow) -> AdapterState:
    speed = 0 if row.transmit_bit_s == UNTOLD_SPEED else row.transmit_bit_s
    return AdapterState(
        name=_text(row.alias),
        is_up=row.oper_status == OPER_UP,
        if_type=row.type,
        physical_medium=row.physical_medium_type,
        hardware=bool(row.flags & HARDWARE),
        speed_mbps=speed // 1_000_000,
    )


def _text(units: "ctypes.Array[c_uint16]") -> str:
    """UTF-16 up to its first zero."""
    return bytes(units).decode("utf-16-le", "replace").partition("\0")[0]


SKIPPED = 0x1 | 0x2 | 0x4
"""GAA_FLAG_SKIP_UNICAST, _ANYCAST, _MULTICAST."""
# ERROR_BUFFER_OVERFLOW: the size that is needed was told instead
TOO_SMALL = 111
# Microsoft has callers begin with 15 KB, so that most computers are asked once
FIRST_BYTES, BYTES_AT_MOST, TRIES = 16 * 1024, 4 * 1024 * 1024, 4
SERVERS_AT_MOST = 64


class Resolver(NamedTuple):
    """A name server of one adapter; `metric` is the adapter's own, the lowest is asked first."""

    metric: int
    address: str


def name_servers() -> tuple[str, ...]:
    """Of every adapter that is up, IPv4 and IPv6, in the order in which Windows prefers adapters.

    GetAdaptersAddresses: the registry also keeps what adapters had that are down or gone.
    Raises OSError; empty elsewhere.
    """
    if sys.platform == "win32":
        ask = windows_function(
            "iphlpapi", "GetAdaptersAddresses", c_uint32, c_uint32, c_uint32, c_void_p, c_void_p,
            c_void_p,
        )  # fmt: skip
        size = c_uint32(FIRST_BYTES)
        for _try in range(TRIES):  # adapters may come while it is asked
            size.value = min(size.value, BYTES_AT_MOST)  # what Windows may write, too
            buffer = ctypes.create_string_buffer(size.value)
            code = ask(int(socket.AF_UNSPEC), SKIPPED, None, buffer, ctypes.byref(size))
            if code == 0:
                return _in_order(_resolvers(ctypes.addressof(buffer)))
            if code != TOO_SMALL:
                break
        if code == NO_DATA:
            return ()
        raise ctypes.WinError(code)
    return ()


NO_DATA = 232
"""ERROR_NO_DATA: no adapter has an address."""


def _in_order(found: Iterator[Resolver]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.address for each in sorted(found, key=lambda one: one.metric)))


def _resolvers(place: int | None) -> Iterator[Resolver]:
    """Of the adapters of a list that are up, in its order."""
    for _adapter in range(ROWS_AT_MOST):
        if not place:
            return
        adapter = AdapterAddresses.from_address(place)
        if adapter.oper_status == OPER_UP and adapter.type != LOOPBACK_TYPE:
            for address in _addresses(adapter.name_servers):
                six = ":" in address
                yield Resolver(adapter.ipv6_metric if six else adapter.ipv4_metric, address)
        place = adapter.next


def _addresses(place: int | None) -> Iterator[str]:
    for _server in range(SERVERS_AT_MOST):
        if not place:
            return
        server = NameServer.from_address(place)
        raw = server.place
        if raw.address and raw.length > 0:
            address = socket_address(ctypes.string_at(raw.address, min(raw.length, SOCKADDR_IN6)))
            if address:
                yield address
        place = server.next


SOCKADDR_IN, SOCKADDR_IN6 = 16, 28
FAMILY_4, FAMILY_6 = 2, 23
"""AF_INET and AF_INET6 as Windows numbers them."""


def socket_address(raw: bytes) -> str:
    """The address in a SOCKADDR of Windows, link-local ones with their zone; empty for others."""
    family = int.from_bytes(raw[:2], "little")
    if family == FAMILY_4 and len(raw) >= SOCKADDR_IN:
        return socket.inet_ntop(socket.AF_INET, raw[4:8])
    if family == FAMILY_6 and len(raw) >= SOCKADDR_IN6:
        address = socket.inet_ntop(socket.AF_INET6, raw[8:24])
        zone = int.from_bytes(raw[24:28], "little")
        return canonical_host(f"{address}%{zone}" if zone else address)
    return ""


A_RECORD = 1
ABSENT = frozenset({9003, 9501, 9560, 123})
"""DNS_ERROR_RCODE_NAME_ERROR, DNS_INFO_NO_RECORDS, DNS_ERROR_INVALID_NAME_CHAR,
ERROR_INVALID_NAME (winerror.h)."""


def name_is_absent(name: str) -> bool:
    """Whether a name server says that there is no such name, or it can be none.

    `getaddrinfo` says WSAHOST_NOT_FOUND (11001) also where nobody could be asked: without a
    network, without a name server. DnsQuery tells those apart. True on other systems, whose
    getaddrinfo does so itself.
    """
    if sys.platform == "win32":
        records = c_void_p()
        ask = windows_function(
            "dnsapi", "DnsQuery_W", c_int32, c_wchar_p, c_uint16, c_uint32, c_void_p, c_void_p,
            c_void_p,
        )  # fmt: skip
        give_back = windows_function("dnsapi", "DnsFree", None, c_void_p, c_int32)
        code = ask(name, A_RECORD, 0, None, ctypes.byref(records), None)
        if records.value:
            give_back(records, FREE_RECORD_LIST)
        return code in ABSENT
    return True


# DnsFreeRecordList (windns.h): the whole list, not the first record alone
FREE_RECORD_LIST = 1
