"""Windows' own interfaces by ctypes: the structures everywhere, the calls where there is a Windows.

The suite under Windows' Python makes the calls for real, under wine and on the runner.
"""

import ctypes
import ipaddress
import sys

import psutil
import pytest

from natwizard.probes.link.kind import LinkKind
from natwizard.probes.link.windows import windows_link
from natwizard.system.environment import system_host
from natwizard.system.windows import (
    PropertyValue,
    guid,
    metered,
    metered_by,
    session_protocol,
    sound_devices,
)
from natwizard.system.windows_network import (
    ABSENT,
    AdapterAddresses,
    InterfaceRow,
    InterfaceTable,
    NameServer,
    adapter_states,
    name_is_absent,
    name_servers,
    socket_address,
)

ON_WINDOWS = pytest.mark.skipif(sys.platform != "win32", reason="only Windows has these calls")


@pytest.mark.parametrize(
    ("offset", "expected"),
    [
        (ctypes.sizeof(InterfaceRow), 1352),
        (InterfaceRow.alias.offset, 28),
        (InterfaceRow.type.offset, 1128),
        (InterfaceRow.flags.offset, 1152),
        (InterfaceRow.oper_status.offset, 1156),
        (InterfaceRow.transmit_bit_s.offset, 1192),
        (InterfaceTable.first.offset, 8),
        (AdapterAddresses.name_servers.offset, 48),
        (AdapterAddresses.type.offset, 100),
        (AdapterAddresses.ipv4_metric.offset, 216),
        (NameServer.place.offset, 16),
        (ctypes.sizeof(PropertyValue), 24),
    ],
)
def test_structures_are_as_long_as_those_of_64_bit_windows(offset: int, expected: int) -> None:
    assert offset == expected


@pytest.mark.parametrize(
    ("raw", "address"),
    [
        ("0200" "0035" "c0000201" + "00" * 8, "192.0.2.1"),
        ("1700" "0035" "00000000" "20010db8" + "00" * 11 + "01" + "00000000", "2001:db8::1"),
        ("1700" "0000" "00000000" "fe80" + "00" * 13 + "01" + "07000000", "fe80::1%7"),
        # cut short, of another family, nothing
        ("02000035c00002", ""),
        ("170000000000000020010db8", ""),
        ("1100" + "00" * 26, ""),
        ("", ""),
    ],
)  # fmt: skip
def test_addresses_are_read_out_of_windows_own_form(raw: str, address: str) -> None:
    assert socket_address(bytes.fromhex(raw)) == address


@pytest.mark.parametrize(
    ("cost", "counted"),
    [
        (0x0, None),  # unknown
        (0x1, False),  # unrestricted
        (0x2, True),  # a fixed amount
        (0x4, True),  # by the byte
        (0x10000 | 0x1, False),  # over the limit of nothing
        (0x40000, True),  # roaming
    ],
)
def test_costs_of_windows_are_told_as_metered_or_not(cost: int, counted: bool | None) -> None:
    assert metered_by(cost) is counted


def test_identifiers_have_the_byte_order_of_windows() -> None:
    assert bytes(guid("BCDE0395-E52F-467C-8E3D-C4579291692E")).hex() == (
        "9503debc2fe57c468e3dc4579291692e"
    )


def test_other_systems_have_none_of_it() -> None:
    if sys.platform == "win32":
        return
    assert (adapter_states(), name_servers(), sound_devices()) == ((), (), None)
    assert (metered(), session_protocol(), name_is_absent("x")) == (None, "", True)


@ON_WINDOWS
def test_the_network_stack_and_psutil_know_the_same_adapters() -> None:
    states = {state.name: state for state in adapter_states()}
    up = {name for name, stats in psutil.net_if_stats().items() if stats.isup}
    assert up <= set(states)
    assert all(states[name].if_type for name in up)
    addresses = psutil.net_if_addrs()
    loopback = [name for name in up if "127.0.0.1" in {one.address for one in addresses[name]}]
    assert {states[name].if_type for name in loopback} <= {24}


@ON_WINDOWS
def test_no_duplex_is_made_up_and_the_loopback_is_known_as_such() -> None:
    host = system_host()
    assert {interface.duplex for interface in host.interfaces()} <= {""}
    loopback = [each.name for each in host.interfaces() if each.if_type == 24]
    assert {windows_link(host, name).kind for name in loopback} <= {LinkKind.LOOPBACK}


@ON_WINDOWS
def test_name_servers_are_addresses() -> None:
    for server in name_servers():
        assert ipaddress.ip_address(server.partition("%")[0]).is_unspecified is False


@ON_WINDOWS
def test_com_answers_time_and_again_and_in_any_thread() -> None:
    for _time in range(3):
        assert metered() in (True, False, None)
        devices = system_host().sound_devices()
        if devices is None:  # a Windows without a sound service says so in words of its own
            with pytest.raises(OSError, match=r".+"):
                sound_devices()
        else:
            assert all(device.name for device in devices)


@ON_WINDOWS
def test_this_session_has_a_protocol() -> None:
    assert session_protocol() in ("console", "rdp", "ica")


def test_errors_that_mean_no_such_name_are_those_of_winerror() -> None:
    assert {9003, 9501} <= ABSENT
