"""Remote desktops and virtual machines on recorded computers."""

from pathlib import Path

import pytest
from computers.recorded_host import HOSTS, Facts, RecordedHost, record

from natwizard.probes.host import CommandResult, Platform, SessionProtocol
from natwizard.probes.processor import session_of, virtual_machine_of

BIOS = r"HKLM\HARDWARE\DESCRIPTION\System\BIOS"
ASK = "/usr/sbin/sysctl -n kern.hv_vmm_present"


def computer(
    root: Path,
    platform: Platform,
    environment: dict[str, str] | None = None,
    registry: dict[str, dict[str, str | int]] | None = None,
    files: dict[str, str] | None = None,
    answer: str | None = None,
) -> RecordedHost:
    commands = {} if answer is None else {ASK: CommandResult(exit_code=0, output=answer)}
    facts = Facts(platform=platform, system="", home="/", environment=environment or {})
    return RecordedHost(
        record(root, facts, registry={"64": registry or {}}, files=files or {}, commands=commands)
    )


@pytest.mark.parametrize(
    ("environment", "registry", "session"),
    [
        ({"SESSIONNAME": "Console"}, {}, ""),
        ({}, {}, ""),
        ({"SESSIONNAME": "RDP-Tcp#3"}, {}, "Remote Desktop"),
        ({"SESSIONNAME": "ICA-TCP#1"}, {}, "Citrix virtual desktop"),
        (
            {"SESSIONNAME": "Console", "ViewClient_Machine_Name": "THIN-7"},
            {},
            "Horizon virtual desktop",
        ),
        (
            {"SESSIONNAME": "RDP-Sxs1#0"},
            {r"HKLM\SOFTWARE\Microsoft\RDInfraAgent": {"IsRegistered": 1}},
            "Azure Virtual Desktop",
        ),
        (
            {"SESSIONNAME": "RDP-Sxs1#0"},
            {BIOS: {"SystemProductName": "Cloud PC Enterprise 2vCPU/8GB/128GB"}},
            "Windows 365",
        ),
    ],
)
def test_a_windows_session_has_a_name(
    environment: dict[str, str],
    registry: dict[str, dict[str, str | int]],
    session: str,
    tmp_path: Path,
) -> None:
    assert session_of(computer(tmp_path, "windows", environment, registry)) == session


@pytest.mark.parametrize(
    ("protocol", "logon", "session"),
    [
        ("console", "RDP-Tcp#3", ""),
        ("rdp", "Console", "Remote Desktop"),
        ("ica", "Console", "Citrix virtual desktop"),
        ("", "RDP-Tcp#3", "Remote Desktop"),
        ("console", "ICA-TCP#1", "Citrix virtual desktop"),
    ],
)
def test_windows_own_answer_counts_before_the_variable_of_the_logon(
    protocol: SessionProtocol, logon: str, session: str, tmp_path: Path
) -> None:
    facts = Facts(
        platform="windows",
        system="",
        home="/",
        environment={"SESSIONNAME": logon},
        session_protocol=protocol,
    )
    assert session_of(RecordedHost(record(tmp_path, facts))) == session


@pytest.mark.parametrize(
    ("environment", "session"),
    [
        ({}, ""),
        ({"XRDP_SESSION": "1"}, "Remote Desktop (xrdp)"),
        ({"SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22"}, "SSH"),
    ],
)
def test_a_linux_session_has_a_name(
    environment: dict[str, str], session: str, tmp_path: Path
) -> None:
    assert session_of(computer(tmp_path, "linux", environment)) == session


@pytest.mark.parametrize(
    ("vendor", "product", "machine"),
    [
        ("LENOVO", "20XW00", ""),
        ("VMware, Inc.", "VMware20,1", "VMware"),
        ("innotek GmbH", "VirtualBox", "VirtualBox"),
        ("QEMU", "Standard PC (Q35 + ICH9, 2009)", "QEMU"),
        ("Microsoft Corporation", "Virtual Machine", "Hyper-V"),
        ("Microsoft Corporation", "Surface Laptop 6", ""),
        ("Amazon EC2", "m7i.large", "Amazon EC2"),
    ],
)
def test_a_virtual_machine_tells_by_its_maker(
    vendor: str, product: str, machine: str, tmp_path: Path
) -> None:
    dmi = "sys/class/dmi/id"
    files = {f"{dmi}/sys_vendor": f"{vendor}\n", f"{dmi}/product_name": f"{product}\n"}
    linux = computer(tmp_path / "linux", "linux", files=files)
    bios: dict[str, str | int] = {"SystemManufacturer": vendor, "SystemProductName": product}
    windows = computer(tmp_path / "windows", "windows", registry={BIOS: bios})
    assert virtual_machine_of(linux) == virtual_machine_of(windows) == machine


@pytest.mark.parametrize(
    ("answer", "machine"), [("1\n", "macOS virtual machine"), ("0\n", ""), (None, "")]
)
def test_a_mac_is_asked(answer: str | None, machine: str, tmp_path: Path) -> None:
    assert virtual_machine_of(computer(tmp_path, "macos", answer=answer)) == machine


def test_the_recorded_office_is_a_remote_guest() -> None:
    host = RecordedHost(HOSTS / "windows-office")
    assert (session_of(host), virtual_machine_of(host)) == ("Remote Desktop", "VMware")
