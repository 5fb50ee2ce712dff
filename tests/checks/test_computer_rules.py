"""computer.* and screen.resolution as tables of cases."""

import pytest
from msgspec.structs import replace

from natwizard.checks.base import Check, EvidenceMissing, Inputs
from natwizard.checks.browser_bits import BROWSER_BITS
from natwizard.checks.computer_cpu import COMPUTER_CPU
from natwizard.checks.computer_os_bits import COMPUTER_OS_BITS
from natwizard.checks.computer_ram import COMPUTER_RAM
from natwizard.checks.computer_ram_available import COMPUTER_RAM_AVAILABLE
from natwizard.checks.screen_resolution import SCREEN_RESOLUTION
from natwizard.checks.shared.number_format import TIMES
from natwizard.model.finding import Judgement, Status
from natwizard.model.outcome import Failure, FailureCode, Gathered, Missed, Outcome
from natwizard.probes.browsers.browser_copy import Browser, BrowserFamily, Channel, InstallScope
from natwizard.probes.browsers.installed import BROWSERS, BrowsersEvidence
from natwizard.probes.host import Platform, Processor, Screen
from natwizard.probes.memory import MemoryEvidence
from natwizard.probes.processor import PROCESSOR, ProcessorEvidence
from natwizard.probes.screens import ScreensEvidence

GIB = 1024**3


def judge(check: Check, evidence: object, limits: dict[str, float] | None = None) -> Judgement:
    probe = check.needs[0]
    outcomes = {probe.name: Gathered(evidence=evidence)}
    judged = check.bind(limits or {})(Inputs(outcomes=outcomes))
    assert len(judged.summary.split()) <= 12
    assert (judged.remedy is None) == (judged.status is Status.PASS)
    return judged


@pytest.mark.parametrize(
    "check",
    [
        COMPUTER_CPU,
        COMPUTER_RAM,
        COMPUTER_RAM_AVAILABLE,
        COMPUTER_OS_BITS,
        SCREEN_RESOLUTION,
    ],
)
def test_missing_evidence_is_never_a_verdict(check: Check) -> None:
    probe = check.needs[0]
    missed = Missed(failure=Failure(code=FailureCode.NO_DISPLAY, operation="look"))
    with pytest.raises(EvidenceMissing):
        check.bind({})(Inputs(outcomes={probe.name: missed}))


def processor(
    logical: int = 4,
    physical: int = 2,
    mhz: float = 2400,
    architecture: str = "x86-64",
    os_bits: int = 64,
) -> ProcessorEvidence:
    return ProcessorEvidence(
        processor=Processor(
            model="Example CPU",
            logical_cores=logical,
            physical_cores=physical,
            max_mhz=mhz,
            architecture=architecture,
        ),
        system="Windows 11 Pro 23H2",
        os_bits=os_bits,
    )


@pytest.mark.parametrize(
    ("evidence", "status", "summary"),
    [
        (processor(), Status.PASS, "The processor is fast enough."),
        (processor(2, 2, 1000), Status.PASS, "The processor is fast enough."),
        (processor(2, 0, 0), Status.PASS, "The processor is fast enough."),
        (processor(8, 8, 0, "arm64"), Status.PASS, "The processor is fast enough."),
        (processor(4, 2, os_bits=32), Status.PASS, "The processor is fast enough."),
        # a 64-bit system proves it, whatever the processor is called
        (processor(4, 4, 2400, "x86", 64), Status.PASS, "The processor is fast enough."),
        (processor(2, 2, 800), Status.WARN, "This computer's processor reports a slow clock."),
        (processor(2, 1), Status.WARN, "This processor has one real core only."),
        (processor(1, 1), Status.FAIL, "This computer's processor has too few cores."),
        (processor(1, 0), Status.FAIL, "This computer's processor has too few cores."),
        (processor(4, 4, 2400, "x86", 32), Status.FAIL, "This computer's processor is too old."),
    ],
)
def test_the_processor_needs_cores_bits_and_clock(
    evidence: ProcessorEvidence, status: Status, summary: str
) -> None:
    judged = judge(COMPUTER_CPU, evidence)
    assert (judged.status, judged.summary) == (status, summary)


def test_the_processor_is_written_as_people_do() -> None:
    judged = judge(COMPUTER_CPU, processor())
    assert ("Processor", "Example CPU") in [(each.label, each.text) for each in judged.details]
    assert judged.observed == "x86-64, 2 cores, 2.4\u00a0GHz"
    assert judged.expected == "64-bit, 2 cores, 1\u00a0GHz"


@pytest.mark.parametrize(
    ("os_bits", "architecture", "status", "remedy"),
    [
        (64, "x86-64", Status.PASS, None),
        (64, "arm64", Status.PASS, None),
        (32, "x86-64", Status.WARN, "Ask for the 64-bit version of your operating system."),
        (32, "x86", Status.WARN, "Ask for a computer with a 64-bit processor."),
    ],
)
def test_the_bits_are_those_of_the_system(
    os_bits: int, architecture: str, status: Status, remedy: str | None
) -> None:
    judged = judge(COMPUTER_OS_BITS, processor(architecture=architecture, os_bits=os_bits))
    assert judged.status is status
    assert (judged.remedy.text if judged.remedy else None) == remedy
    assert judged.observed == f"Windows 11 Pro 23H2, {os_bits}-bit"


@pytest.mark.parametrize(
    ("total_gib", "free_gib", "browsers_gib", "status", "observed"),
    [
        (16, 10, 0, Status.PASS, "10.0\u00a0GB"),
        (8, 4, 0, Status.PASS, "4.0\u00a0GB"),
        (8, 3.9, 0, Status.WARN, "3.9\u00a0GB"),
        (8, 2.5, 1.5, Status.PASS, "4.0\u00a0GB"),
        (8, 2, 0, Status.WARN, "2.0\u00a0GB"),
        (8, 1.9, 0, Status.FAIL, "1.9\u00a0GB"),
        (4, 0.5, 1.5, Status.WARN, "2.0\u00a0GB"),
        (4, 3, 3, Status.PASS, "4.0\u00a0GB"),  # never more than there is
    ],
)
def test_what_browsers_hold_counts_as_free_for_them(
    total_gib: float, free_gib: float, browsers_gib: float, status: Status, observed: str
) -> None:
    evidence = MemoryEvidence(
        total_bytes=int(total_gib * GIB),
        available_bytes=int(free_gib * GIB),
        browsers_bytes=int(browsers_gib * GIB),
    )
    judged = judge(COMPUTER_RAM_AVAILABLE, evidence)
    assert (judged.status, judged.observed) == (status, observed)


@pytest.mark.parametrize(
    "size", [1, 2, 3, 4, 6, 8, 12, 16, 20, 24, 32, 40, 48, 64, 96, 128, 192, 256, 384, 512]
)
@pytest.mark.parametrize("left", [1.0, 0.97])
def test_each_size_that_is_sold_is_told_whole(size: int, left: float) -> None:
    """Also where firmware keeps a little of it."""
    evidence = MemoryEvidence(
        total_bytes=int(size * left * GIB), available_bytes=GIB, browsers_bytes=0
    )
    assert judge(COMPUTER_RAM, evidence).observed == f"{size}\u00a0GB"


@pytest.mark.parametrize(
    ("total_gib", "status", "observed"),
    [
        # an eighth of a large size may be kept, and no more
        (14.0, Status.PASS, "16\u00a0GB, 14.00\u00a0GB usable"),
        (13.9, Status.PASS, "13.90\u00a0GB"),
        (15.4, Status.PASS, "16\u00a0GB"),
        (7.8, Status.PASS, "8\u00a0GB"),
        # what every computer keeps is worth no second figure
        (7.53, Status.PASS, "8\u00a0GB"),
        (7.51, Status.PASS, "8\u00a0GB, 7.51\u00a0GB usable"),
        (7.0, Status.PASS, "8\u00a0GB, 7.00\u00a0GB usable"),
        (6.9, Status.WARN, "6.90\u00a0GB"),
        (3.8, Status.WARN, "4\u00a0GB"),
        # 4.00 GB installed, of which a 32-bit system or the graphics leave so much
        (3.5, Status.WARN, "4\u00a0GB, 3.50\u00a0GB usable"),
        (3.48, Status.WARN, "4\u00a0GB, 3.48\u00a0GB usable"),
        (3.38, Status.WARN, "4\u00a0GB, 3.38\u00a0GB usable"),
        (2.9, Status.FAIL, "3\u00a0GB"),
        (1.9, Status.FAIL, "2\u00a0GB"),
    ],
)
def test_installed_memory_is_the_size_on_the_box(
    total_gib: float, status: Status, observed: str
) -> None:
    evidence = MemoryEvidence(
        total_bytes=int(total_gib * GIB), available_bytes=GIB, browsers_bytes=0
    )
    judged = judge(COMPUTER_RAM, evidence)
    assert (judged.status, judged.observed) == (status, observed)


def screen(width: int, height: int, percent: int | None = 100, *, primary: bool = True) -> Screen:
    return Screen(
        name="Display",
        width_px=width,
        height_px=height,
        logical_width_px=width * 100 // percent if percent else None,
        logical_height_px=height * 100 // percent if percent else None,
        primary=primary,
    )


@pytest.mark.parametrize(
    ("screens", "platform", "status", "observed", "remedy"),
    [
        ((screen(1024, 768),), "windows", Status.PASS, "1024 x 768", None),
        ((screen(1920, 1080),), "linux", Status.PASS, "1920 x 1080", None),
        ((screen(1920, 1080, 125),), "windows", Status.PASS,
         "1920 x 1080 at 125 % = 1536 x 864", None),
        ((screen(1366, 768, 150),), "windows", Status.WARN,
         "1366 x 768 at 150 % = 910 x 512", "Set the display scale to 100 %."),
        ((screen(1920, 1080, 150),), "windows", Status.WARN,
         "1920 x 1080 at 150 % = 1280 x 720", "Set the display scale to 125 %."),
        ((screen(3840, 2160, 300),), "windows", Status.WARN,
         "3840 x 2160 at 300 % = 1280 x 720", "Set the display scale to 250 %."),
        ((screen(2560, 1600, 250),), "macos", Status.WARN,
         "2560 x 1600 at 250 % = 1024 x 640", "Choose more space in System Settings, Displays."),
        ((screen(1023, 768),), "windows", Status.FAIL, "1023 x 768", "Ask for a larger screen."),
        ((screen(1280, 720),), "windows", Status.FAIL, "1280 x 720", "Ask for a larger screen."),
        ((screen(768, 1024),), "windows", Status.FAIL, "768 x 1024", "Ask for a larger screen."),
        ((screen(800, 600), screen(1920, 1080, primary=False)), "windows", Status.PASS,
         "1920 x 1080", None),
        # of equals the primary one, and else the one with more pixels
        ((screen(3440, 1440), screen(2560, 2880)), "linux", Status.PASS, "2560 x 2880", None),
        ((screen(1280, 1024), screen(3440, 1440, primary=False)), "linux", Status.PASS,
         "1280 x 1024", None),
        ((screen(800, 600), screen(1366, 768, 150, primary=False)), "windows", Status.WARN,
         "1366 x 768 at 150 % = 910 x 512", "Set the display scale to 100 %."),
        ((screen(1920, 1080, None), screen(1366, 768, primary=False)), "linux", Status.PASS,
         "1366 x 768", None),
        ((screen(1920, 1080, None), screen(1920, 1080, 200, primary=False)), "linux",
         Status.UNKNOWN, "1920 x 1080, scale not told",
         "Check that the display scale is 125 % or less."),
        ((screen(1920, 1080, 200), screen(1024, 767, primary=False)), "linux", Status.WARN,
         "1920 x 1080 at 200 % = 960 x 540", "Set the display scale to 125 %."),
        ((screen(1920, 1080, None),), "linux", Status.UNKNOWN, "1920 x 1080, scale not told",
         "Check that the display scale is 125 % or less."),
        ((screen(3840, 2400, None),), "linux", Status.PASS, "3840 x 2400, scale not told", None),
        ((screen(800, 600, None),), "linux", Status.FAIL, "800 x 600, scale not told",
         "Ask for a larger screen."),
    ],
)  # fmt: skip
def test_a_screen_is_large_enough_in_real_and_scaled_pixels(
    screens: tuple[Screen, ...],
    platform: Platform,
    status: Status,
    observed: str,
    remedy: str | None,
) -> None:
    judged = judge(SCREEN_RESOLUTION, ScreensEvidence(screens=screens, platform=platform))
    assert (judged.status, judged.observed.replace(TIMES, "x")) == (status, observed)
    assert (judged.remedy.text if judged.remedy else None) == remedy


def test_the_profile_may_ask_for_more_pixels() -> None:
    evidence = ScreensEvidence(screens=(screen(1366, 768),), platform="windows")
    judged = judge(SCREEN_RESOLUTION, evidence, {"width_px": 1920, "height_px": 1080})
    assert judged.status is Status.FAIL
    assert judged.expected.replace(TIMES, "x") == "1920 x 1080"


def advice(judged: Judgement) -> str:
    return "; ".join(f"{each.label}: {each.text}" for each in judged.details)


def test_a_remote_session_a_virtual_machine_and_battery_saver_are_named() -> None:
    evidence = replace(
        processor(), session="Remote Desktop", virtual_machine="VMware", battery_saver=True
    )
    judged = judge(COMPUTER_CPU, evidence)
    assert judged.status is Status.PASS
    for words in ("Session: Remote Desktop", "Virtual machine: VMware", "Battery saver is on"):
        assert words in advice(judged)
    assert "Battery" not in advice(judge(COMPUTER_CPU, processor()))


@pytest.mark.parametrize(
    ("free_gib", "told"), [(None, False), (1.9, True), (2, False), (100, False)]
)
def test_a_full_disk_is_advice(free_gib: float | None, *, told: bool) -> None:
    memory = MemoryEvidence(
        total_bytes=8 * GIB,
        available_bytes=6 * GIB,
        browsers_bytes=0,
        free_disk_bytes=None if free_gib is None else int(free_gib * GIB),
    )
    judged = judge(COMPUTER_RAM_AVAILABLE, memory)
    assert judged.status is Status.PASS
    assert ("of the disk is free" in advice(judged)) == told


@pytest.mark.parametrize(
    ("computer", "built_for", "told"),
    [
        ("arm64", "x86-64", True),
        ("arm64", "arm64", False),
        ("arm64", "x86-64, arm64", False),
        ("arm64", "", False),
        ("x86-64", "x86-64", False),
    ],
)
def test_a_browser_that_runs_emulated_is_named(
    computer: str, built_for: str, *, told: bool
) -> None:
    chrome = Browser(
        family=BrowserFamily.CHROME,
        channel=Channel.STABLE,
        scope=InstallScope.MACHINE,
        path="chrome",
        version="158.0",
        bits=64,
        machine=built_for,
    )
    outcomes: dict[str, Outcome[object]] = {
        BROWSERS.name: Gathered(evidence=BrowsersEvidence(browsers=(chrome,))),
        PROCESSOR.name: Gathered(evidence=processor(architecture=computer)),
    }
    judged = BROWSER_BITS.bind({})(Inputs(outcomes=outcomes))
    assert judged.status is Status.PASS
    assert ("runs emulated" in advice(judged)) == told


def test_what_the_boards_say_comes_before_what_can_be_used() -> None:
    evidence = MemoryEvidence(
        total_bytes=int(2.9 * GIB), available_bytes=GIB, browsers_bytes=0, installed_bytes=4 * GIB
    )
    assert judge(COMPUTER_RAM, evidence).status is Status.WARN


@pytest.mark.parametrize(
    ("check", "evidence"),
    [
        (COMPUTER_CPU, processor(logical=0, physical=0)),
        (COMPUTER_OS_BITS, processor(os_bits=0)),
        (
            COMPUTER_RAM_AVAILABLE,
            MemoryEvidence(total_bytes=8 * GIB, available_bytes=0, browsers_bytes=0),
        ),
    ],
)
def test_a_figure_that_is_not_told_is_no_verdict(check: Check, evidence: object) -> None:
    with pytest.raises(EvidenceMissing, match="not_supported"):
        judge(check, evidence)


def test_a_clock_that_is_not_told_counts_for_nothing() -> None:
    assert judge(COMPUTER_CPU, processor(mhz=0)).status is Status.PASS


def test_each_screen_is_told_by_its_name_or_as_one() -> None:
    nameless = replace(screen(1366, 768, primary=False), name="")
    evidence = ScreensEvidence(screens=(screen(1920, 1080), nameless), platform="windows")
    told = judge(SCREEN_RESOLUTION, evidence).details
    assert [each.label for each in told] == ["Display", "Screen"]


@pytest.mark.parametrize(
    ("mhz", "clock"),
    [(980, "0.98 GHz"), (1000, "1.0 GHz"), (1020, "1.02 GHz"), (1100, "1.1 GHz")],
)
def test_a_clock_is_written_with_the_digits_that_its_verdict_needs(mhz: int, clock: str) -> None:
    judged = judge(COMPUTER_CPU, processor(mhz=mhz))
    assert judged.observed.replace("\u00a0", " ").endswith(clock)
    assert judged.status is (Status.PASS if mhz >= 1000 else Status.WARN)


@pytest.mark.parametrize(
    ("width", "height", "scale"),
    [
        (1280, 1000, 125),  # 1024 wide
        (1279, 1000, 100),
        (1300, 960, 125),  # 768 high
        (1300, 959, 100),
        (3072, 2304, 300),
        (3071, 2304, 250),
    ],
)
def test_the_largest_scale_leaves_just_enough(width: int, height: int, scale: int) -> None:
    evidence = ScreensEvidence(screens=(screen(width, height, 350),), platform="windows")
    judged = judge(SCREEN_RESOLUTION, evidence)
    assert judged.remedy is not None
    assert judged.remedy.text == f"Set the display scale to {scale} %."


def test_a_scaled_size_of_nothing_tells_no_scale() -> None:
    odd = replace(screen(1920, 1080), logical_width_px=0, logical_height_px=0)
    judged = judge(SCREEN_RESOLUTION, ScreensEvidence(screens=(odd,), platform="linux"))
    assert (judged.status, judged.observed.replace(TIMES, "x")) == (
        Status.UNKNOWN, "1920 x 1080, scale not told"
    )  # fmt: skip
