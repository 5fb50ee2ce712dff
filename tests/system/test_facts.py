"""What systems and libraries tell wrongly, or not at all, costs a figure and nothing more."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import msgspec
import psutil
import pytest
from computers.platforms import linux_only
from computers.probe_context import RoutesOnly, make_context

from natwizard.model.finding import Status
from natwizard.model.profile import Answers
from natwizard.model.report import ComputerSummary
from natwizard.probes.audio import AUDIO
from natwizard.probes.browsers.browser_policy import BROWSER_POLICY
from natwizard.probes.browsers.installed import BROWSERS
from natwizard.probes.failures import CannotGather
from natwizard.probes.host import (
    Host,
    Interface,
    Memory,
    Processor,
    RunningProgram,
    Screen,
    SoundDevice,
)
from natwizard.probes.link.route import LINK
from natwizard.probes.memory import MEMORY
from natwizard.probes.processor import PROCESSOR
from natwizard.profiles.find import find_profile
from natwizard.run.plan import make_plan
from natwizard.run.runner import Environment, Run
from natwizard.system.environment import machine_facts, system_host
from natwizard.system.facts import GuardedHost, well_formed

GIB = 1024**3
FACTS = (
    "system", "os_bits", "home", "environment", "list_directory", "real_path", "registry_values",
    "registry_subkeys", "read_bytes", "run", "memory", "processor", "processor_times",
    "running_programs", "interfaces", "screens", "free_disk_bytes", "battery_saver",
    "cache_directory",
)  # fmt: skip
PROBES = (AUDIO, BROWSERS, BROWSER_POLICY, LINK, MEMORY, PROCESSOR)


OWN_HOST = type(system_host()._host)


class Clock(NamedTuple):
    """psutil's scpufreq."""

    current: float | None
    min: float | None
    max: float | None


class _Unlisted(Exception):
    """What no documentation names."""


def raising(*_arguments: object, **_more: object) -> object:
    """Such as psutil.cpu_freq on a Mac with an M5 (its issue 2841)."""
    raise SystemError("<built-in function cpu_freq> returned a result with an exception set")


def broken(*facts: str, error: type[Exception] = _Unlisted) -> Host:
    """This computer, of which some facts cannot be asked."""

    def fail(*_arguments: object, **_more: object) -> object:
        raise error("unlisted")

    made = {name: property(fail) if name in ("system", "os_bits") else fail for name in facts}
    return GuardedHost(type("Broken", (OWN_HOST,), made)())


@linux_only("which probe cannot do without which fact is listed for Linux")
@pytest.mark.parametrize(
    "error", [SystemError, KeyError, ZeroDivisionError, _Unlisted, MemoryError]
)
@pytest.mark.parametrize("fact", FACTS)
def test_any_fact_may_fail_in_any_way(fact: str, error: type[Exception]) -> None:
    host = broken(fact, error=error)
    assert machine_facts(host).host_name
    for probe in PROBES:
        try:
            asyncio.run(probe.gather(make_context(host, RoutesOnly("eth0"))))
        except CannotGather:
            assert (probe, fact) in {(MEMORY, "memory"), (AUDIO, "list_directory"), (AUDIO, "run"),
                                     (AUDIO, "read_bytes")} or probe is AUDIO  # fmt: skip


def test_a_run_on_a_computer_that_tells_nothing_judges_every_row() -> None:
    host = broken(*FACTS)
    profile = find_profile().profile
    only = frozenset(each.id for each in profile.requirements if each.id.startswith("computer."))
    plan = make_plan(profile, Answers(), location="shipped", only=only)
    environment = Environment(network=RoutesOnly("eth0"), host=host, machine=machine_facts(host))
    report = asyncio.run(Run(plan=plan, environment=environment, happened=lambda _: None).execute())
    assert report.findings
    assert not [each for each in report.findings if "fault in natwizard" in each.observed]
    assert {each.status for each in report.findings} <= {Status.UNKNOWN, Status.MANUAL, Status.WARN}


@pytest.mark.parametrize("library_call", ["cpu_freq", "cpu_count", "net_if_addrs", "disk_usage"])
def test_a_library_that_fails_costs_what_it_would_have_told(
    library_call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(psutil, library_call, raising)
    host = system_host()
    assert host.memory().total_bytes
    assert host.processor().architecture
    assert host.interfaces() or library_call == "net_if_stats"


@pytest.mark.parametrize(
    ("told", "mhz"),
    [
        (Clock(4, 1, 4), 0),  # GHz on an M4 (psutil's issue 2642)
        (Clock(3200.0, 800.0, 0.0), 3200),
        (Clock(2_400_000_000, 0, 2_400_000_000), 0),  # Hz
        (Clock(float("nan"), 0, float("inf")), 0),
        (Clock(2400, 800, -1), 2400),
        (Clock(None, None, None), 0),
        (None, 0),
    ],
)
def test_a_clock_is_told_where_it_can_be(
    told: object, mhz: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(psutil, "cpu_freq", lambda percpu=False: told)  # noqa: ARG005
    assert system_host().processor().max_mhz == mhz


def telling(**facts: object) -> Host:
    """This computer, of which some facts are told so."""

    def said(value: object) -> Callable[..., object]:
        return lambda *_arguments: value

    return GuardedHost(type("Told", (OWN_HOST,), {k: said(v) for k, v in facts.items()})())


def test_figures_that_cannot_be_are_not_told() -> None:
    host = telling(
        memory=Memory(total_bytes=8 * GIB, available_bytes=9 * GIB, installed_bytes=4 * GIB),
        processor=Processor(
            model="x", logical_cores=4, physical_cores=400, max_mhz=0.004, architecture="arm64"
        ),
        processor_times=(7.0, 3.0),
        interfaces=(
            Interface(name="a", is_up=True, addresses=(), speed_mbps=65_535),
            Interface(name="b", is_up=True, addresses=(), speed_mbps=-1),
            Interface(name="c", is_up=True, addresses=(), speed_mbps=2_500),
        ),
        screens=(
            Screen(name="none", width_px=0, height_px=0),
            Screen(name="one", width_px=1920, height_px=1080, logical_width_px=0,
                   logical_height_px=0),
        ),
        running_programs=(RunningProgram(executable="/usr/bin/firefox", memory_bytes=-5),),
        free_disk_bytes=-1,
    )  # fmt: skip
    assert host.memory() == Memory(total_bytes=8 * GIB, available_bytes=0)
    assert (host.processor().physical_cores, host.processor().max_mhz) == (0, 0)
    assert host.processor_times() == (0.0, 0.0)
    assert [each.speed_mbps for each in host.interfaces()] == [0, 0, 2_500]
    assert [(each.name, each.logical_width_px) for each in host.screens()] == [("one", None)]
    assert host.running_programs()[0].memory_bytes == 0
    assert host.free_disk_bytes() is None


def test_memory_in_pages_or_kilobytes_is_not_taken_for_bytes() -> None:
    host = telling(memory=Memory(total_bytes=8 * 1024**2, available_bytes=4 * 1024**2))
    assert host.memory().total_bytes == 0


def test_errors_of_files_and_commands_stay_errors_of_the_system(tmp_path: Path) -> None:
    host = system_host()
    with pytest.raises(OSError, match="absent"):
        host.read_bytes(str(tmp_path / "absent"))
    with pytest.raises(OSError, match=r"a.b"):
        host.read_bytes("/tmp/a\0b")
    with pytest.raises(OSError, match=r"\S"):
        host.run(("no-such-program-\0",), timeout_s=1)


def test_a_computer_has_a_summary_where_nothing_is_told() -> None:
    assert machine_facts(broken(*FACTS)) == ComputerSummary(
        host_name=machine_facts(system_host()).host_name,
        user_name=machine_facts(system_host()).user_name,
        system="",
        architecture="",
    )


HALF = "Headset \ud83c of somebody"
"""As Windows hands out a name that was cut in the middle of a character."""


class HalfCharacters(OWN_HOST):  # type: ignore[misc, valid-type]
    """This computer, with half a character in whatever has a name."""

    @property
    def system(self) -> str:
        return HALF

    def environment(self, name: str) -> str:  # noqa: ARG002
        return HALF

    def real_path(self, path: str) -> str:  # noqa: ARG002
        return HALF

    def registry_values(self, key: str, *, bits: int = 64) -> dict[str, str | int]:  # noqa: ARG002
        return {HALF: HALF, "number": 1}

    def processor(self) -> Processor:
        return Processor(
            model=HALF, logical_cores=4, physical_cores=2, max_mhz=3000, architecture="x86-64"
        )

    def running_programs(self) -> tuple[RunningProgram, ...]:
        return (RunningProgram(executable=HALF, memory_bytes=GIB),)

    def interfaces(self) -> tuple[Interface, ...]:
        return (Interface(name=HALF, is_up=True, addresses=(), speed_mbps=1000, duplex=""),)

    def screens(self) -> tuple[Screen, ...]:
        return (
            Screen(
                name=HALF,
                width_px=1920,
                height_px=1080,
                logical_width_px=None,
                logical_height_px=None,
                primary=True,
            ),
        )

    def sound_devices(self) -> tuple[SoundDevice, ...] | None:
        return (SoundDevice(name=HALF, direction="microphone"),)


def test_a_name_with_half_a_character_can_be_written_into_a_report() -> None:
    host = GuardedHost(HalfCharacters())
    facts = (
        host.system, host.environment("X"), host.real_path("X"), host.registry_values("X"),
        host.processor(), host.running_programs(), host.interfaces(), host.screens(),
        host.sound_devices(), machine_facts(host),
    )  # fmt: skip
    written = msgspec.json.encode(facts).decode()
    assert written.count("Headset \ufffd of somebody") == 11
    assert well_formed("Jürgens Headset \U0001f3a7") == "Jürgens Headset \U0001f3a7"
    assert well_formed("\udc80bytes\udcff") == "\ufffdbytes\ufffd"
