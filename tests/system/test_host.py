"""The real host, on whatever computer the tests run."""

import asyncio
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from computers.probe_context import make_context
from computers.recorded_host import HOSTS, Facts, RecordedHost, record

from natwizard.probes.host import FILE_LIMIT_BYTES, Host, Screen
from natwizard.probes.memory import MEMORY
from natwizard.probes.processor import PROCESSOR
from natwizard.system import linux
from natwizard.system.command import run_command
from natwizard.system.environment import machine_facts, system_host
from natwizard.system.linux import dpi_of_resources, kernel_screens, linux_screens
from natwizard.system.macos import low_power_of, screens_of_profile
from natwizard.system.network import SystemNetwork
from natwizard.system.windows import WindowsHost, battery_saver, subkeys_of, values_of, windows_name

ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="asks Linux")
ON_POSIX = pytest.mark.skipif(sys.platform == "win32", reason="runs POSIX commands")


def test_this_computer_can_be_described() -> None:
    host = system_host()
    machine = machine_facts(host)
    assert machine.system == host.system != ""
    assert machine.host_name == socket.gethostname() or machine.host_name
    assert machine.architecture
    assert host.os_bits in (32, 64)
    assert 0 < host.memory().available_bytes <= host.memory().total_bytes
    processor = host.processor()
    assert processor.logical_cores >= max(1, processor.physical_cores)


def test_this_program_is_among_the_running_ones() -> None:
    running = {Path(each.executable).resolve() for each in system_host().running_programs()}
    assert Path(sys.executable).resolve() in running


def test_loopback_is_an_interface_that_is_up() -> None:
    up = [each for each in system_host().interfaces() if each.is_up]
    assert any("127.0.0.1" in each.addresses for each in up)


def test_screens_that_the_window_told_are_not_asked_for_again() -> None:
    told = (Screen(name="x", width_px=1, height_px=1),)
    assert system_host(screens=told).screens() == told
    assert system_host(screens=()).screens() == ()


def test_probes_of_the_machine_run_on_this_one() -> None:
    context = make_context(system_host(), SystemNetwork())
    memory = asyncio.run(MEMORY.gather(context))
    assert memory.total_bytes >= memory.browsers_bytes
    assert asyncio.run(PROCESSOR.gather(context)).processor.logical_cores >= 1


def test_files_are_read_in_pieces_and_within_bounds(tmp_path: Path) -> None:
    host = system_host()
    path = tmp_path / "file"
    path.write_bytes(b"0123456789")
    assert host.read_bytes(str(path), offset=3, limit=4) == b"3456"
    assert host.read_bytes(str(path), offset=99) == b""
    with path.open("wb") as file:
        file.truncate(3 * FILE_LIMIT_BYTES)
    assert len(host.read_bytes(str(path), limit=10**12)) == FILE_LIMIT_BYTES


@ON_POSIX
def test_pipes_and_folders_are_not_read(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, tmp_path / "absent"):
        with pytest.raises(OSError, match=r".+"):
            system_host().read_bytes(str(path))


def test_a_folder_that_is_not_there_is_empty(tmp_path: Path) -> None:
    host = system_host()
    (tmp_path / "b").touch()
    (tmp_path / "a").touch()
    assert host.list_directory(str(tmp_path)) == ("a", "b")
    assert host.list_directory(str(tmp_path / "none")) == ()
    assert host.list_directory("nul\0byte") == ()


@ON_POSIX
def test_a_command_answers_in_english_without_a_shell() -> None:
    result = run_command(("sh", "-c", "echo $LC_ALL; echo hidden >&2; exit 3"), timeout_s=5)
    assert (result.exit_code, result.output) == (3, "C\n")
    assert run_command(("echo", "a; b $HOME"), timeout_s=5).output == "a; b $HOME\n"


@ON_POSIX
def test_a_command_that_takes_too_long_is_ended_with_its_children() -> None:
    started = time.perf_counter()
    with pytest.raises(TimeoutError):
        run_command(("sh", "-c", "sleep 31.7 & sleep 31.7; true"), timeout_s=0.3)
    assert time.perf_counter() - started < 25
    listing = subprocess.run(("ps", "ax"), capture_output=True, text=True, check=True).stdout
    assert "sleep 31.7" not in listing


@ON_POSIX
def test_a_command_that_never_stops_talking_is_cut_off() -> None:
    result = run_command(("yes",), timeout_s=5)
    assert len(result.output) == FILE_LIMIT_BYTES


def test_a_command_that_is_absent_is_an_os_error() -> None:
    with pytest.raises(OSError, match=r".+"):
        run_command(("natwizard-has-no-such-command",), timeout_s=1)


@ON_LINUX
def test_a_program_whose_file_was_replaced_says_so(tmp_path: Path) -> None:
    program = tmp_path / "chrome"
    program.write_bytes(Path("/bin/sleep").read_bytes())
    program.chmod(0o755)
    with subprocess.Popen((str(program), "30")) as process:
        try:
            wait_for(lambda: str(program) in {p.executable for p in running()})
            assert not next(p for p in running() if p.executable == str(program)).replaced
            program.unlink()
            assert next(p for p in running() if p.executable == str(program)).replaced
        finally:
            process.kill()


def running() -> list:
    return list(system_host().running_programs())


def wait_for(condition: object, timeout_s: float = 5) -> None:
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


@ON_LINUX
def test_a_session_without_a_display_has_no_screens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert system_host().screens() == ()


def test_the_kernel_tells_sizes_under_wayland(tmp_path: Path) -> None:
    facts = Facts(
        platform="linux", system="Linux", home="/root", environment={"WAYLAND_DISPLAY": "wayland-0"}
    )
    drm = "sys/class/drm"
    root = record(
        tmp_path,
        facts,
        files={
            f"{drm}/card1/dev": "226:1\n",
            f"{drm}/card1-eDP-1/enabled": "enabled\n",
            f"{drm}/card1-eDP-1/modes": "1920x1200\n1920x1080\n",
            f"{drm}/card1-HDMI-A-1/enabled": "disabled\n",
            f"{drm}/card1-HDMI-A-1/modes": "",
            f"{drm}/card1-DP-1/enabled": "enabled\n",
            f"{drm}/card1-DP-1/modes": "1920x1080i\n",
            f"{drm}/card1-DP-2/enabled": "enabled\n",
            f"{drm}/card1-DP-2/modes": "junk\n",
        },
    )
    host: Host = RecordedHost(root)
    assert kernel_screens(host) == (
        Screen(name="DP-1", width_px=1920, height_px=1080),
        Screen(name="eDP-1", width_px=1920, height_px=1200),
    )
    assert linux_screens(host) == kernel_screens(host)


@pytest.mark.parametrize(
    ("resources", "dpi"),
    [
        ("", 96),
        ("Xft.dpi:\t144\nXft.hinting:\t1\n", 144),
        ("*customization:\t-color\nXft.dpi: 192.5\n", 192.5),
        ("Xft.dpi:\tbig\n", 96),
        ("Xft.dpi:\t0\n", 96),
        ("Xft.dpi:\tnan\n", 96),
    ],
)
def test_the_scale_of_x_is_in_its_resources(resources: str, dpi: float) -> None:
    assert dpi_of_resources(resources) == dpi


def test_the_screens_of_macos_have_real_and_seen_pixels() -> None:
    values: dict[str, str] = {}
    exec((HOSTS / "host_texts.py").read_text("utf-8"), values)  # noqa: S102 - our own fixture
    assert screens_of_profile(values["MAC_DISPLAYS"]) == (
        Screen(
            name="Color LCD",
            width_px=2880,
            height_px=1800,
            logical_width_px=1440,
            logical_height_px=900,
            primary=True,
        ),
        Screen(
            name="Old Monitor",
            width_px=1280,
            height_px=1024,
            logical_width_px=1280,
            logical_height_px=1024,
        ),
    )


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"SPDisplaysDataType": [{}]}', "\0"])
def test_displays_that_make_no_sense_are_none(text: str) -> None:
    assert screens_of_profile(text) == ()


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"ProductName": "Windows 10 Pro", "CurrentBuild": "22631", "DisplayVersion": "23H2"},
         "Windows 11 Pro 23H2"),
        ({"ProductName": "Windows 10 Pro", "CurrentBuild": "19045", "DisplayVersion": "22H2"},
         "Windows 10 Pro 22H2"),
        ({"ProductName": "Windows 10 Home", "CurrentBuild": "17763", "ReleaseId": "1809"},
         "Windows 10 Home 1809"),
        ({"ProductName": "Windows 7 Professional", "CurrentBuild": "7601"},
         "Windows 7 Professional 7601"),
        ({}, "Windows"),
    ],
)  # fmt: skip
def test_windows_is_called_by_its_right_name(values: dict[str, str | int], name: str) -> None:
    assert windows_name(values) == name


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has a registry")
def test_without_a_registry_its_answers_are_empty() -> None:
    assert values_of("HKLM\\SOFTWARE", 64) == {}
    assert subkeys_of("HKLM\\SOFTWARE", 64) == ()
    assert WindowsHost().registry_values("HKLM\\SOFTWARE") == {}
    assert system_host().registry_subkeys("HKLM\\SOFTWARE") == ()


def test_a_screen_probe_without_a_display_says_why() -> None:
    from natwizard.model.outcome import FailureCode
    from natwizard.probes.failures import CannotGather
    from natwizard.probes.screens import SCREENS

    context = make_context(system_host(screens=()), SystemNetwork())
    with pytest.raises(CannotGather) as caught:
        asyncio.run(SCREENS.gather(context))
    assert caught.value.failure.code is FailureCode.NO_DISPLAY


def test_the_disk_of_the_home_folder_has_room() -> None:
    free = system_host().free_disk_bytes()
    assert free is None or free > 0


def test_battery_saver_is_told_or_not() -> None:
    assert system_host().battery_saver() in (None, True, False)
    if sys.platform != "win32":
        assert battery_saver() is None


@pytest.mark.parametrize(
    ("profile", "saves"),
    [("low-power\n", True), ("quiet\n", True), ("balanced\n", False), (None, None)],
)
def test_linux_tells_by_its_platform_profile(
    profile: str | None, saves: bool | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "platform_profile"
    if profile is not None:
        place.write_text(profile, "ascii")
    monkeypatch.setattr(linux, "PLATFORM_PROFILE", str(place))
    assert linux.LinuxHost().battery_saver() is saves


@pytest.mark.parametrize(
    ("settings", "saves"),
    [
        ("Currently in use:\n standby 1\n lowpowermode         1\n", True),
        (" lowpowermode         0\n", False),
        (" sleep 1 (sleep prevented by useractivityd)\n", None),
        ("", None),
    ],
)
def test_low_power_mode_stands_in_the_settings_of_macos(settings: str, saves: bool | None) -> None:
    assert low_power_of(settings) is saves


def test_busy_time_of_the_processor_grows_and_stays_below_all_of_it() -> None:
    before = system_host().processor_times()
    deadline = time.perf_counter() + 0.2
    while time.perf_counter() < deadline:
        pass
    after = system_host().processor_times()
    assert 0 < after[0] <= after[1]
    assert after[0] >= before[0]
    assert after[1] > before[1]
