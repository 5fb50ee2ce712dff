"""Windows' own interfaces by ctypes: the structures everywhere, the calls where there is a Windows.

The suite under Windows' Python makes the calls for real, under wine and on the runner.
"""

import ast
import ctypes
import ipaddress
import os
import sys
from pathlib import Path

import psutil
import pytest

from natwizard.probes.link.kind import LinkKind
from natwizard.probes.link.windows import windows_link
from natwizard.system.browser import outside_libraries
from natwizard.system.command import run_command, windows_folder
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


OF_CTYPES = {"windll", "oledll", "WinDLL", "OleDLL"}


def test_functions_of_windows_come_from_one_place_where_they_have_types() -> None:
    """`windows_function`; their types are compared with Windows' headers where those are."""
    natwizard = Path(__file__).parents[2] / "natwizard"
    for path in natwizard.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                used |= {name.name for name in node.names}
        assert path.name == "windows_functions.py" or not used & OF_CTYPES, path


if sys.platform == "win32":
    from natwizard.windows_functions import windows_function

    def library_folder() -> str:
        """Which folder is searched before the system's, and by whatever this program starts."""
        text = ctypes.create_unicode_buffer(1000)
        windows_function(
            "kernel32", "GetDllDirectoryW", ctypes.c_uint32, ctypes.c_uint32, ctypes.c_wchar_p
        )(1000, text)
        return text.value

    def search_also(folder: str | None) -> None:
        windows_function("kernel32", "SetDllDirectoryW", ctypes.c_int, ctypes.c_wchar_p)(folder)

    def test_programs_that_are_started_do_not_look_for_libraries_in_our_folder(
        tmp_path: Path,
    ) -> None:
        seen = []

        def hear(event: str, _arguments: object) -> None:
            if event == "subprocess.Popen":
                seen.append(library_folder())

        sys.addaudithook(hear)  # for the rest of this process, which it does not disturb
        search_also(str(tmp_path))
        try:
            run_command((sys.executable, "--version"), timeout_s=600)
            assert seen == [""]
            assert library_folder() == str(tmp_path)
            with outside_libraries():
                assert library_folder() == ""
            assert library_folder() == str(tmp_path)
        finally:
            search_also(None)
        with outside_libraries():
            assert library_folder() == ""
        assert library_folder() == ""

    def test_a_program_in_the_current_folder_does_not_stand_in_for_one_of_windows(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "ping.exe").write_bytes(b"MZ, and no program")
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
        run_command(("ping", "-n", "1", "127.0.0.1"), timeout_s=600)

    def test_windows_says_where_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("SYSTEMROOT", str(tmp_path))
        assert (windows_folder() / "System32/kernel32.dll").is_file()
