"""Microphones and speakers that the operating system knows of.

A list of devices, not a test of them: whether the browser may use the microphone is asked there.
Sources: ALSA's /proc/asound (pcm, eld); Windows' Core Audio API, or MMDevices in its registry where
that fails, and CapabilityAccessManager there; system_profiler. macOS keeps who may use the
microphone in a database that no ordinary program may read (TCC.db); there only the page can tell.
"""

import re

import msgspec
from msgspec import Struct, field

from natwizard.model.language import N_
from natwizard.model.outcome import Failure, FailureCode
from natwizard.model.privacy import DeviceName, PublicText
from natwizard.probes.base import Phase, Probe, ProbeContext
from natwizard.probes.detached import run_detached
from natwizard.probes.failures import CannotGather
from natwizard.probes.host import Host, SoundDevice, read_text

MMDEVICES = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\MMDevices\Audio"
DEVICE_DESCRIPTION = "{a45c254e-df1c-4efd-8020-67d146a850e0},2"
INTERFACE_NAME = "{b3f8fa53-0004-438e-9003-51a46e139bfc},6"
DEVICE_ACTIVE = 1
"""DEVICE_STATE_ACTIVE; 2 is disabled, 4 not present, 8 unplugged."""
DISABLED_BY_PERSON = 0x1000_0000
"""What the registry adds to the state of a device that somebody switched off: it stays "active"
below that bit, and the Core Audio API calls it disabled."""

CONSENT = (
    r"SOFTWARE\Microsoft\Windows\CurrentVersion\CapabilityAccessManager\ConsentStore\microphone"
)
CONSENT_PLACES = (
    rf"HKLM\{CONSENT}",  # for everyone on this computer
    rf"HKCU\{CONSENT}",  # "Let apps access your microphone"
    rf"HKCU\{CONSENT}\NonPackaged",  # "Let desktop apps access your microphone": browsers
)

PCM_LINE = re.compile(r"(?P<card>\d+)-(?P<device>\d+): (?P<id>[^:]*):(?P<name>[^:]*):(?P<rest>.*)")
PROFILER = ("/usr/sbin/system_profiler", "SPAudioDataType", "-json")
# Below the probe's deadline: a slow system_profiler is "no list", and not a probe that was cut off
PROFILER_S = 8.0
YES = "spaudio_yes"


class AudioEvidence(Struct, frozen=True, kw_only=True):
    """Names of the devices that are present and switched on.

    Attributes:
        default_microphone, default_speaker: the one that the system prefers, or empty.
        call_microphone, call_speaker: the one that it prefers for calls (Windows' default
            communications device), or empty.
        blocked_by: the privacy setting that keeps programs from the microphone, or empty.
    """

    microphones: tuple[DeviceName, ...]
    speakers: tuple[DeviceName, ...]
    default_microphone: DeviceName = ""
    default_speaker: DeviceName = ""
    call_microphone: DeviceName = ""
    call_speaker: DeviceName = ""
    blocked_by: PublicText = ""


async def gather(context: ProbeContext) -> AudioEvidence:
    """Read what the system lists. Raises CannotGather where it keeps no list."""
    return await run_detached(lambda: look_for_audio(context.host), name="audio")


def look_for_audio(host: Host) -> AudioEvidence:
    """Devices of one host. Raises CannotGather(NOT_SUPPORTED)."""
    match host.platform:
        case "linux":
            return _linux_audio(host)
        case "windows":
            return _windows_audio(host)
        case "macos":
            return _macos_audio(host)


def _no_list(detail: str) -> CannotGather:
    return CannotGather(
        Failure(code=FailureCode.NOT_SUPPORTED, operation="list_audio_devices", detail=detail)
    )


def _linux_audio(host: Host) -> AudioEvidence:
    """From ALSA's list. A Bluetooth headset lives above ALSA and is not in it."""
    if not host.list_directory("/proc/asound"):
        raise _no_list("/proc/asound is missing: no sound system in this kernel")
    microphones, speakers = [], []
    for line in read_text(host, "/proc/asound/pcm", limit=65536).splitlines():
        match = PCM_LINE.match(line)
        if match is None:
            continue
        name = match["name"].strip() or match["id"].strip()
        if "capture" in match["rest"]:
            microphones.append(name)
        if "playback" in match["rest"] and not _is_dark_monitor(host, match):
            speakers.append(name)
    return AudioEvidence(microphones=tuple(microphones), speakers=tuple(speakers))


def _is_dark_monitor(host: Host, match: re.Match[str]) -> bool:
    """HDMI outputs are listed also while no monitor is plugged in: its ELD tells."""
    if "HDMI" not in match["id"] + match["name"]:
        return False
    card = f"/proc/asound/card{int(match['card'])}"
    connected = [
        read_text(host, f"{card}/{name}", limit=4096)
        for name in host.list_directory(card)
        if name.startswith("eld#")
    ]
    return not any(re.search(r"(?m)^monitor_present\s+1\b", text) for text in connected)


def _windows_audio(host: Host) -> AudioEvidence:
    devices = host.sound_devices()
    return _by_registry(host) if devices is None else _by_core_audio(host, devices)


def _by_core_audio(host: Host, devices: tuple[SoundDevice, ...]) -> AudioEvidence:
    microphones = [device for device in devices if device.direction == "microphone"]
    speakers = [device for device in devices if device.direction == "speaker"]
    return AudioEvidence(
        microphones=tuple(device.name for device in microphones),
        speakers=tuple(device.name for device in speakers),
        default_microphone=next((each.name for each in microphones if each.is_default), ""),
        default_speaker=next((each.name for each in speakers if each.is_default), ""),
        call_microphone=next((each.name for each in microphones if each.is_default_for_calls), ""),
        call_speaker=next((each.name for each in speakers if each.is_default_for_calls), ""),
        blocked_by=_blocked_by(host),
    )


def _by_registry(host: Host) -> AudioEvidence:
    if not host.registry_subkeys(MMDEVICES):
        raise _no_list("MMDevices is missing from the registry")
    return AudioEvidence(
        microphones=_active_endpoints(host, "Capture"),
        speakers=_active_endpoints(host, "Render"),
        blocked_by=_blocked_by(host),
    )


def _blocked_by(host: Host) -> str:
    """The first of the three switches that is off; `Value` is "Allow" or "Deny"."""
    for place in CONSENT_PLACES:
        if str(host.registry_values(place).get("Value", "")).lower() == "deny":
            return place
    return ""


def _active_endpoints(host: Host, direction: str) -> tuple[str, ...]:
    names = []
    for endpoint in host.registry_subkeys(rf"{MMDEVICES}\{direction}"):
        key = rf"{MMDEVICES}\{direction}\{endpoint}"
        state = host.registry_values(key).get("DeviceState", 0)
        if isinstance(state, int) and _is_active(state):
            properties = host.registry_values(rf"{key}\Properties")
            parts = (properties.get(DEVICE_DESCRIPTION), properties.get(INTERFACE_NAME))
            name = [str(part) for part in parts if part]
            names.append(f"{name[0]} ({name[1]})" if len(name) == 2 else "".join(name))
    return tuple(names)


def _is_active(state: int) -> bool:
    # the four documented states; what the registry keeps above them is its own
    return state & 0xF == DEVICE_ACTIVE and not state & DISABLED_BY_PERSON


class _Device(Struct, kw_only=True):
    name: str = field(default="", name="_name")
    inputs: int = field(default=0, name="coreaudio_device_input")
    outputs: int = field(default=0, name="coreaudio_device_output")
    default_input: str = field(default="", name="coreaudio_default_audio_input_device")
    default_output: str = field(default="", name="coreaudio_default_audio_output_device")


class _Group(Struct, kw_only=True):
    devices: list[_Device] = field(default_factory=list, name="_items")


class _Profile(Struct, kw_only=True):
    groups: list[_Group] = field(name="SPAudioDataType")


def _macos_audio(host: Host) -> AudioEvidence:
    try:
        answer = host.run(PROFILER, timeout_s=PROFILER_S)
        profile = msgspec.json.decode(answer.output, type=_Profile)
    except (OSError, TimeoutError, msgspec.MsgspecError) as error:
        raise _no_list(str(error)[:300]) from error
    devices = [device for group in profile.groups for device in group.devices]
    return AudioEvidence(
        microphones=tuple(device.name for device in devices if device.inputs),
        speakers=tuple(device.name for device in devices if device.outputs),
        default_microphone=next((each.name for each in devices if each.default_input == YES), ""),
        default_speaker=next((each.name for each in devices if each.default_output == YES), ""),
    )


AUDIO = Probe(
    name="audio",
    title=N_("Looking for a microphone and a speaker"),
    evidence=AudioEvidence,
    phase=Phase.MACHINE,
    typical_s=0.3,
    deadline_s=12.0,
    gather=gather,
)
