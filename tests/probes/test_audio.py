"""Microphones and speakers on recorded computers."""

from pathlib import Path

import pytest
from computers.recorded_host import HOSTS, Facts, RecordedHost, record

from natwizard.model.outcome import FailureCode
from natwizard.probes.audio import CONSENT, DEVICE_DESCRIPTION, MMDEVICES, look_for_audio
from natwizard.probes.failures import CannotGather
from natwizard.probes.host import CommandResult, SoundDevice


@pytest.mark.parametrize(
    ("host", "microphones", "speakers"),
    [
        (
            "windows-office",
            ("Mikrofonarray (Realtek(R) Audio)",),
            ("Lautsprecher (Realtek(R) Audio)",),
        ),
        ("macos-laptop", ("MacBook Pro Microphone",), ("MacBook Pro Speakers",)),
        ("linux-debian", ("ALC257 Analog",), ("ALC257 Analog",)),
        ("linux-laptop", (), ()),
    ],
)
def test_devices_that_are_there_are_listed(
    host: str, microphones: tuple[str, ...], speakers: tuple[str, ...]
) -> None:
    found = look_for_audio(RecordedHost(HOSTS / host))
    assert (found.microphones, found.speakers) == (microphones, speakers)


def test_the_default_device_is_told_where_the_system_tells_it() -> None:
    found = look_for_audio(RecordedHost(HOSTS / "macos-laptop"))
    assert found.default_microphone == "MacBook Pro Microphone"
    assert found.default_speaker == "MacBook Pro Speakers"


@pytest.mark.parametrize(
    ("state", "listed"),
    [(1, True), (2, False), (4, False), (8, False), (0x1000_0001, False), (0x1000_0004, False)],
)
def test_a_device_that_somebody_switched_off_is_none(
    state: int, listed: bool, tmp_path: Path
) -> None:
    endpoint = rf"{MMDEVICES}\Capture\{{a}}"
    registry: dict[str, dict[str, str | int]] = {
        endpoint: {"DeviceState": state},
        rf"{endpoint}\Properties": {DEVICE_DESCRIPTION: "Headset"},
    }
    facts = Facts(platform="windows", system="", home="C:\\")
    root = record(tmp_path, facts, registry={"64": registry})
    assert look_for_audio(RecordedHost(root)).microphones == (("Headset",) if listed else ())


def test_the_sound_service_counts_before_the_registry_and_names_the_device_for_calls(
    tmp_path: Path,
) -> None:
    devices = (
        SoundDevice(name="Speakers", direction="speaker", is_default=True),
        SoundDevice(name="Headset", direction="speaker", is_default_for_calls=True),
        SoundDevice(
            name="Headset microphone",
            direction="microphone",
            is_default=True,
            is_default_for_calls=True,
        ),
    )
    registry = {rf"{MMDEVICES}\Capture\{{a}}": {"DeviceState": 1}}
    facts = Facts(platform="windows", system="", home="C:\\", sound_devices=devices)
    found = look_for_audio(RecordedHost(record(tmp_path, facts, registry={"64": registry})))
    assert found.microphones == ("Headset microphone",)
    assert (found.default_speaker, found.call_speaker) == ("Speakers", "Headset")
    assert found.default_microphone == found.call_microphone == "Headset microphone"


def test_desktop_programs_may_be_kept_from_the_microphone() -> None:
    found = look_for_audio(RecordedHost(HOSTS / "windows-office"))
    assert found.blocked_by.startswith("HKCU")
    assert found.blocked_by.endswith(r"ConsentStore\microphone\NonPackaged")


@pytest.mark.parametrize(
    ("values", "blocked"),
    [
        ({}, ""),
        ({rf"HKLM\{CONSENT}": "Allow", rf"HKCU\{CONSENT}": "Allow"}, ""),
        ({rf"HKLM\{CONSENT}": "Deny", rf"HKCU\{CONSENT}": "Allow"}, rf"HKLM\{CONSENT}"),
        ({rf"HKCU\{CONSENT}": "Deny"}, rf"HKCU\{CONSENT}"),
        ({rf"HKCU\{CONSENT}": "Prompt"}, ""),
    ],
)
def test_the_first_switch_that_is_off_is_named(
    values: dict[str, str], blocked: str, tmp_path: Path
) -> None:
    registry = {key: {"Value": value} for key, value in values.items()}
    capture = {rf"{MMDEVICES}\Capture\{{a}}": {"DeviceState": 1}}
    facts = Facts(platform="windows", system="", home="C:\\Users\\anna")
    root = record(tmp_path, facts, registry={"64": {**registry, **capture}})
    assert look_for_audio(RecordedHost(root)).blocked_by == blocked


def test_a_monitor_that_is_plugged_in_counts_as_a_speaker(tmp_path: Path) -> None:
    root = record(
        tmp_path,
        Facts(platform="linux", system="Linux", home="/root"),
        files={
            "proc/asound/pcm": "01-03: HDMI 0 : HDMI 0 : playback 1\njunk\n",
            "proc/asound/card1/eld#0.0": "monitor_present\t\t1\n",
        },
    )
    assert look_for_audio(RecordedHost(root)).speakers == ("HDMI 0",)


@pytest.mark.parametrize("platform", ["linux", "windows", "macos"])
def test_a_system_without_a_list_cannot_tell(platform: str, tmp_path: Path) -> None:
    facts = Facts(platform=platform, system="", home="/")
    with pytest.raises(CannotGather) as caught:
        look_for_audio(RecordedHost(record(tmp_path, facts)))
    assert caught.value.failure.code is FailureCode.NOT_SUPPORTED


@pytest.mark.parametrize("output", ["", "{}", "[]", '{"SPAudioDataType": 3}', "\x00"])
def test_an_answer_that_makes_no_sense_cannot_tell(output: str, tmp_path: Path) -> None:
    command = "/usr/sbin/system_profiler SPAudioDataType -json"
    root = record(
        tmp_path,
        Facts(platform="macos", system="", home="/"),
        commands={command: CommandResult(exit_code=0, output=output)},
    )
    with pytest.raises(CannotGather):
        look_for_audio(RecordedHost(root))
