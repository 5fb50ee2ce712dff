"""Windows: registry, names of its versions, sessions, screens, sound devices, cost of the line."""

import ctypes
import os
import sys
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import ClassVar

import psutil
from msgspec.structs import replace

from natwizard.probes.host import (
    Interface,
    Platform,
    Screen,
    SessionProtocol,
    SoundDevice,
    SoundDirection,
)
from natwizard.system.common_host import CommonHost
from natwizard.system.windows_network import AdapterState, adapter_states

# Whoever may write a key can make it as long as they like
ENTRIES_AT_MOST = 4096

if sys.platform == "win32":
    import winreg

    from natwizard.windows_functions import windows_function

    @contextmanager
    def _opened(key: str, bits: int) -> Iterator[winreg.HKEYType]:
        """Raises OSError where the key is absent or not for us to read."""
        hive, _, path = key.partition("\\")
        root = {"HKLM": winreg.HKEY_LOCAL_MACHINE, "HKCU": winreg.HKEY_CURRENT_USER}[hive]
        view = winreg.KEY_WOW64_64KEY if bits == 64 else winreg.KEY_WOW64_32KEY
        with winreg.OpenKey(root, path, 0, winreg.KEY_READ | view) as opened:
            yield opened

    def values_of(key: str, bits: int) -> dict[str, str | int]:
        """Texts and numbers; binary values are left out, environment names are filled in."""
        values: dict[str, str | int] = {}
        try:
            with _opened(key, bits) as opened:
                for index in range(ENTRIES_AT_MOST):
                    name, value, kind = winreg.EnumValue(opened, index)
                    if kind == winreg.REG_EXPAND_SZ:
                        value = os.path.expandvars(str(value))
                    if kind == winreg.REG_MULTI_SZ:
                        value = "\n".join(value or ())
                    if isinstance(value, str | int):
                        values[name] = value
        except OSError:
            return values  # also how an enumeration ends
        return values

    def subkeys_of(key: str, bits: int) -> tuple[str, ...]:
        """Names of a key's subkeys, sorted."""
        names = []
        try:
            with _opened(key, bits) as opened:
                for index in range(ENTRIES_AT_MOST):
                    names.append(winreg.EnumKey(opened, index))  # noqa: PERF401 - ends by OSError
        except OSError:
            return tuple(sorted(names))
        return tuple(sorted(names))

else:

    def values_of(key: str, bits: int) -> dict[str, str | int]:  # noqa: ARG001
        """There is no registry here."""
        return {}

    def subkeys_of(key: str, bits: int) -> tuple[str, ...]:  # noqa: ARG001
        """There is no registry here."""
        return ()


class PowerStatus(ctypes.Structure):
    """SYSTEM_POWER_STATUS."""

    _fields_: ClassVar = [
        ("ac_line_status", ctypes.c_ubyte),
        ("battery_flag", ctypes.c_ubyte),
        ("battery_life_percent", ctypes.c_ubyte),
        ("system_status_flag", ctypes.c_ubyte),
        ("battery_life_time_s", ctypes.c_uint32),
        ("battery_full_life_time_s", ctypes.c_uint32),
    ]


def battery_saver() -> bool | None:
    """Whether battery saver is on; None where nobody tells, as on every other system."""
    if sys.platform == "win32":
        status = PowerStatus()
        ask = windows_function("kernel32", "GetSystemPowerStatus", ctypes.c_int, ctypes.c_void_p)
        if ask(ctypes.byref(status)):
            return bool(status.system_status_flag == 1)
    return None


def installed_bytes() -> int:
    """What the memory boards hold; 0 where nobody tells, as on every other system."""
    if sys.platform == "win32":
        kilobytes = ctypes.c_ulonglong()
        ask = windows_function(
            "kernel32", "GetPhysicallyInstalledSystemMemory", ctypes.c_int, ctypes.c_void_p
        )
        if ask(ctypes.byref(kilobytes)):
            return int(kilobytes.value) * 1024
    return 0


THIS_SESSION = 0xFFFFFFFF
CLIENT_PROTOCOL = 16
PROTOCOLS: dict[int, SessionProtocol] = {0: "console", 1: "ica", 2: "rdp"}
"""WTS_CURRENT_SESSION, WTSClientProtocolType and its values (wtsapi32.h)."""
REMOTE_SESSION = 0x1000
"""SM_REMOTESESSION (winuser.h)."""


def session_protocol() -> SessionProtocol:
    """What this session is shown by; empty where nobody tells, as on every other system.

    The variable SESSIONNAME is that of the logon: whoever goes on with a session from another
    place keeps the old one.
    """
    if sys.platform == "win32":
        kind, size = ctypes.POINTER(ctypes.c_ushort)(), ctypes.c_uint32()
        ask = windows_function(
            "wtsapi32", "WTSQuerySessionInformationW", ctypes.c_int, ctypes.c_void_p,
            ctypes.c_uint32, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p,
        )  # fmt: skip
        give_back = windows_function("wtsapi32", "WTSFreeMemory", None, ctypes.c_void_p)
        if ask(None, THIS_SESSION, CLIENT_PROTOCOL, ctypes.byref(kind), ctypes.byref(size)):
            try:
                told = PROTOCOLS.get(kind[0], "") if size.value >= 2 else ""
            finally:
                give_back(kind)
            if told:
                return told
        metric = windows_function("user32", "GetSystemMetrics", ctypes.c_int, ctypes.c_int)
        return "rdp" if metric(REMOTE_SESSION) else ""
    return ""


# USER_DEFAULT_SCREEN_DPI: 100 %
STANDARD_DPI = 96
# MDT_EFFECTIVE_DPI (shellscalingapi.h): with what the person set, as programs are scaled
EFFECTIVE_DPI = 0
# MONITOR_DEFAULTTONEAREST of winuser.h
NEAREST_MONITOR = 2
PER_MONITOR_AWARE = -3
"""DPI_AWARENESS_CONTEXT_PER_MONITOR_AWARE; without it Windows tells every program 96 dpi."""


def windows_screens() -> tuple[Screen, ...]:
    """Monitors of this session; their scale is None where Windows does not tell (before 8.1)."""
    from screeninfo import ScreenInfoError, get_monitors

    _see_real_pixels()
    try:
        monitors = get_monitors()
    except (ScreenInfoError, OSError):
        return ()
    screens = []
    for monitor in monitors:
        dpi = _dpi_at(monitor.x, monitor.y)
        screens.append(
            Screen(
                name=monitor.name or "",
                width_px=monitor.width,
                height_px=monitor.height,
                logical_width_px=monitor.width * STANDARD_DPI // dpi if dpi else None,
                logical_height_px=monitor.height * STANDARD_DPI // dpi if dpi else None,
                primary=bool(monitor.is_primary),
            )
        )
    return tuple(screens)


def _see_real_pixels() -> None:
    """For this thread alone; Windows before 10.0.14393 has no such call and needs none."""
    if sys.platform == "win32":
        with suppress(AttributeError):
            windows_function(
                "user32", "SetThreadDpiAwarenessContext", ctypes.c_void_p, ctypes.c_void_p
            )(PER_MONITOR_AWARE)


def _dpi_at(x: int, y: int) -> int:
    """Effective dots per inch of the monitor at a point of the desktop, or 0."""
    if sys.platform == "win32":
        from ctypes import wintypes

        try:
            get_dpi = windows_function(
                "shcore", "GetDpiForMonitor", ctypes.c_int32, ctypes.c_void_p, ctypes.c_int,
                ctypes.c_void_p, ctypes.c_void_p,
            )  # fmt: skip
        except (AttributeError, OSError):
            return 0
        from_point = windows_function(
            "user32", "MonitorFromPoint", ctypes.c_void_p, wintypes.POINT, ctypes.c_uint32
        )
        across, down = wintypes.UINT(), wintypes.UINT()
        monitor = from_point(wintypes.POINT(x + 1, y + 1), NEAREST_MONITOR)
        if get_dpi(monitor, EFFECTIVE_DPI, ctypes.byref(across), ctypes.byref(down)) == 0:
            return int(across.value)
    return 0


# what Windows tells by COM alone: a COM object is a pointer to a table of functions, which
# mmdeviceapi.h, propsys.h and netlistmgr.h number; no call opens a device or asks for a permission


class Guid(ctypes.Structure):
    """GUID."""

    _fields_: ClassVar = [("raw", ctypes.c_ubyte * 16)]


def guid(text: str) -> Guid:
    """In the byte order of Windows."""
    return Guid.from_buffer_copy(uuid.UUID(text).bytes_le)


class PropertyKey(ctypes.Structure):
    """PROPERTYKEY."""

    _fields_: ClassVar = [("format", Guid), ("number", ctypes.c_uint32)]


class PropertyValue(ctypes.Structure):
    """PROPVARIANT, of which only texts are read; 24 bytes on 64-bit Windows."""

    _fields_: ClassVar = [
        ("kind", ctypes.c_uint16),
        ("reserved", ctypes.c_uint16 * 3),
        ("text", ctypes.c_void_p),
        ("rest", ctypes.c_void_p),
    ]


DEVICE_ENUMERATOR = "BCDE0395-E52F-467C-8E3D-C4579291692E"
I_DEVICE_ENUMERATOR = "A95664D2-9614-4F35-A746-DE8DB63617E6"
FRIENDLY_NAME = PropertyKey(guid("A45C254E-DF1C-4EFD-8020-67D146A850E0"), 14)
"""PKEY_Device_FriendlyName: "Headset Microphone (Jabra Link 380)"."""
DIRECTIONS: dict[SoundDirection, int] = {"speaker": 0, "microphone": 1}
"""EDataFlow: eRender, eCapture."""
ACTIVE = 1
"""DEVICE_STATE_ACTIVE: present, plugged in, and not disabled."""
CONSOLE, COMMUNICATIONS = 0, 2
"""ERole: what plays and records by default, and what calls do."""
TEXT_KIND = 31
"""VT_LPWSTR."""
DEVICES_AT_MOST = 128
NAME_LENGTH = 200

NETWORK_LIST_MANAGER = "DCB00C01-570F-4A9B-8D69-199FDBA5723B"
I_NETWORK_COST_MANAGER = "DCB00008-570F-4A9B-8D69-199FDBA5723B"
UNRESTRICTED, FIXED, VARIABLE, ROAMING = 0x1, 0x2, 0x4, 0x40000
"""NLM_CONNECTION_COST."""


def metered_by(cost: int) -> bool | None:
    """Whether bytes are counted, by bits of NLM_CONNECTION_COST; None where none is known."""
    if cost & (FIXED | VARIABLE | ROAMING):
        return True
    return False if cost & UNRESTRICTED else None


if sys.platform == "win32":
    QUERY_ALL = 23
    """CLSCTX_ALL."""
    # Its place in every COM object's table, after QueryInterface and AddRef
    RELEASE = 2

    class ComObject:
        """One interface pointer; `close` gives it back."""

        def __init__(self, pointer: ctypes.c_void_p) -> None:
            self._pointer = pointer
            table = ctypes.cast(pointer, ctypes.POINTER(ctypes.POINTER(ctypes.c_void_p)))
            self._functions = table[0]

        def call(self, number: int, *arguments: object) -> None:
            """The function at a place of the table. Raises OSError where it fails (HRESULT)."""
            kinds = [ctypes.c_void_p if each is None else _kind_of(each) for each in arguments]
            function = ctypes.WINFUNCTYPE(ctypes.HRESULT, ctypes.c_void_p, *kinds)(
                self._functions[number]
            )
            function(self._pointer, *arguments)

        def get(self, number: int, *arguments: object) -> "ComObject":
            """As `call`, for functions whose last argument takes another object."""
            found = ctypes.c_void_p()
            self.call(number, *arguments, ctypes.pointer(found))
            return ComObject(found)

        def close(self) -> None:
            """IUnknown::Release."""
            function = ctypes.WINFUNCTYPE(ctypes.c_uint32, ctypes.c_void_p)(
                self._functions[RELEASE]
            )
            function(self._pointer)

    def _kind_of(argument: object) -> type:
        return ctypes.c_uint32 if isinstance(argument, int) else type(argument)

    @contextmanager
    def _apartment() -> Iterator[None]:
        """COM for this thread. Where it is set up in another way already, that one serves."""
        begin = windows_function(
            "ole32", "CoInitializeEx", ctypes.c_int32, ctypes.c_void_p, ctypes.c_uint32
        )
        begun = begin(None, 0) >= 0  # else RPC_E_CHANGED_MODE
        try:
            yield
        finally:
            if begun:
                windows_function("ole32", "CoUninitialize", None)()

    def _create(kind: str, interface: str) -> ComObject:
        create = windows_function(
            "ole32", "CoCreateInstance", ctypes.HRESULT, ctypes.c_void_p, ctypes.c_void_p,
            ctypes.c_uint32, ctypes.c_void_p, ctypes.c_void_p,
        )  # fmt: skip
        found, made_by, wanted = ctypes.c_void_p(), guid(kind), guid(interface)
        create(ctypes.byref(made_by), None, QUERY_ALL, ctypes.byref(wanted), ctypes.byref(found))
        return ComObject(found)

    def sound_devices() -> tuple[SoundDevice, ...] | None:
        """Devices that programs may use now, each with what Windows prefers it for.

        Raises OSError where Windows has no sound service.
        """
        with _apartment(), ExitStack() as kept:
            enumerator = _kept(kept, _create(DEVICE_ENUMERATOR, I_DEVICE_ENUMERATOR))
            return tuple(
                device
                for direction, flow in DIRECTIONS.items()
                for device in _devices(kept, enumerator, direction, flow)
            )

    def _kept(kept: ExitStack, found: ComObject) -> ComObject:
        kept.callback(found.close)
        return found

    def _devices(
        kept: ExitStack, enumerator: ComObject, direction: SoundDirection, flow: int
    ) -> Iterator[SoundDevice]:
        preferred, for_calls = (
            _default(kept, enumerator, flow, role) for role in (CONSOLE, COMMUNICATIONS)
        )
        collection = _kept(kept, enumerator.get(3, flow, ACTIVE))  # EnumAudioEndpoints
        count = ctypes.c_uint32()
        collection.call(3, ctypes.pointer(count))  # GetCount
        for number in range(min(count.value, DEVICES_AT_MOST)):
            with suppress(OSError):  # unplugged while it is asked: the others are still there
                device = _kept(kept, collection.get(4, number))  # Item
                identity = _identity(device)
                yield SoundDevice(
                    name=_name(kept, device),
                    direction=direction,
                    is_default=identity == preferred,
                    is_default_for_calls=identity == for_calls,
                )

    def _default(kept: ExitStack, enumerator: ComObject, flow: int, role: int) -> str:
        try:
            device = _kept(kept, enumerator.get(4, flow, role))  # GetDefaultAudioEndpoint
        except OSError:  # there is none
            return ""
        return _identity(device)

    def _identity(device: ComObject) -> str:
        text = ctypes.c_void_p()
        device.call(5, ctypes.pointer(text))  # GetId
        try:
            return ctypes.wstring_at(text.value) if text.value else ""
        finally:
            windows_function("ole32", "CoTaskMemFree", None, ctypes.c_void_p)(text)

    def _name(kept: ExitStack, device: ComObject) -> str:
        properties = _kept(kept, device.get(4, 0))  # OpenPropertyStore, STGM_READ
        value = PropertyValue()
        properties.call(5, ctypes.pointer(FRIENDLY_NAME), ctypes.pointer(value))  # GetValue
        try:
            told = value.kind == TEXT_KIND and value.text
            return ctypes.wstring_at(value.text)[:NAME_LENGTH] if told else ""
        finally:
            clear = windows_function("ole32", "PropVariantClear", ctypes.c_int32, ctypes.c_void_p)
            clear(ctypes.byref(value))

    def metered() -> bool | None:
        """INetworkCostManager.GetCost of the way that Windows prefers. Raises OSError."""
        with _apartment(), ExitStack() as kept:
            manager = _kept(kept, _create(NETWORK_LIST_MANAGER, I_NETWORK_COST_MANAGER))
            cost = ctypes.c_uint32()
            manager.call(3, ctypes.pointer(cost), None)
            return metered_by(cost.value)

else:

    def sound_devices() -> tuple[SoundDevice, ...] | None:
        """There is no COM here."""
        return None

    def metered() -> bool | None:
        """There is no COM here."""
        return None


CURRENT_VERSION = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion"
SYSTEM_ENVIRONMENT = r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment"
FIRST_PROCESSOR = r"HKLM\HARDWARE\DESCRIPTION\System\CentralProcessor\0"
# Version 21H2
FIRST_BUILD_OF_11 = 22000
ARCHITECTURES = {"amd64": "x86-64", "arm64": "arm64", "x86": "x86"}


class WindowsHost(CommonHost):
    """`probes.host.Host` on Windows. The module imports everywhere; the registry is empty there."""

    @property
    def platform(self) -> Platform:
        """Which of the three systems."""
        return "windows"

    @property
    def system(self) -> str:
        """ "Windows 11 Pro 23H2"."""
        return windows_name(self.registry_values(CURRENT_VERSION))

    @property
    def os_bits(self) -> int:
        """Of Windows itself: the system's own environment names the native processor."""
        return 32 if self._architecture() == "x86" else 64

    def _architecture(self) -> str:
        told = self.registry_values(SYSTEM_ENVIRONMENT).get("PROCESSOR_ARCHITECTURE", "")
        return ARCHITECTURES.get(str(told).lower(), "") or super()._architecture()

    def _processor_model(self) -> str:
        values = self.registry_values(FIRST_PROCESSOR)
        return str(values.get("ProcessorNameString", "")).strip()

    def registry_values(self, key: str, *, bits: int = 64) -> dict[str, str | int]:
        """Values of a key in the 64-bit or the 32-bit view; {} if it is absent."""
        return values_of(key, bits)

    def registry_subkeys(self, key: str, *, bits: int = 64) -> tuple[str, ...]:
        """Names of a key's subkeys, sorted; empty if it is absent."""
        return subkeys_of(key, bits)

    def _memory_of(self, process: psutil.Process) -> int:
        """The smaller of what it holds and what is its own: processes of a browser share."""
        memory = process.memory_info()
        return int(min(memory.rss, getattr(memory, "private", memory.rss)))

    def _installed_bytes(self) -> int:
        """GetPhysicallyInstalledSystemMemory, from the firmware's tables (sysinfoapi.h)."""
        return installed_bytes()

    def interfaces(self) -> tuple[Interface, ...]:
        """Addresses by psutil, all else by the network stack (GetIfTable2).

        Nobody tells the duplex there: psutil says "full" of everything, so it is left out.
        """
        states = {state.name: state for state in adapter_states()}
        return tuple(
            _as_the_stack_tells(interface, states.get(interface.name))
            for interface in super().interfaces()
        )

    def sound_devices(self) -> tuple[SoundDevice, ...] | None:
        """By the Core Audio API; a server may have no sound service, which is no fault."""
        try:
            return sound_devices()
        except OSError:
            return None

    def metered(self) -> bool | None:
        """By INetworkCostManager, whose service may be switched off."""
        try:
            return metered()
        except OSError:
            return None

    def session_protocol(self) -> SessionProtocol:
        """By the Remote Desktop Services API."""
        return session_protocol()

    def battery_saver(self) -> bool | None:
        """SYSTEM_POWER_STATUS.SystemStatusFlag (winbase.h): 1 while battery saver is on."""

        return battery_saver()

    def _ask_for_screens(self) -> tuple[Screen, ...]:

        return windows_screens()


def _as_the_stack_tells(interface: Interface, state: AdapterState | None) -> Interface:
    if state is None:
        return replace(interface, duplex="")
    return replace(
        interface,
        is_up=state.is_up,
        speed_mbps=state.speed_mbps,
        duplex="",
        if_type=state.if_type,
        physical_medium=state.physical_medium,
        hardware=state.hardware,
    )


def windows_name(values: dict[str, str | int]) -> str:
    """Name a version from its registry values: Windows 11 still says "Windows 10" there."""
    product = str(values.get("ProductName", "Windows"))
    build = str(values.get("CurrentBuild", ""))
    if build.isdecimal() and int(build) >= FIRST_BUILD_OF_11:
        product = product.replace("Windows 10", "Windows 11")
    release = str(values.get("DisplayVersion") or values.get("ReleaseId") or build)
    return f"{product} {release}".strip()
