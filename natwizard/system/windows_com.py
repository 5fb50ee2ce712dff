"""What Windows tells by COM alone: its sound devices, and whether its way out costs by volume.

By ctypes: a COM object is a pointer to a table of functions, which mmdeviceapi.h, propsys.h and
netlistmgr.h number. No call opens a device or asks for a permission.
"""

import ctypes
import sys
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from ctypes import Structure, c_ubyte, c_uint16, c_uint32, c_void_p
from typing import ClassVar

from natwizard.probes.host import SoundDevice, SoundDirection


class Guid(Structure):
    """GUID."""

    _fields_: ClassVar = [("raw", c_ubyte * 16)]


def guid(text: str) -> Guid:
    """In the byte order of Windows."""
    return Guid.from_buffer_copy(uuid.UUID(text).bytes_le)


class PropertyKey(Structure):
    """PROPERTYKEY."""

    _fields_: ClassVar = [("format", Guid), ("number", c_uint32)]


class PropertyValue(Structure):
    """PROPVARIANT, of which only texts are read; 24 bytes on 64-bit Windows."""

    _fields_: ClassVar = [
        ("kind", c_uint16),
        ("reserved", c_uint16 * 3),
        ("text", c_void_p),
        ("rest", c_void_p),
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
    RELEASE = 2

    class ComObject:
        """One interface pointer; `close` gives it back."""

        def __init__(self, pointer: c_void_p) -> None:
            self._pointer = pointer
            table = ctypes.cast(pointer, ctypes.POINTER(ctypes.POINTER(c_void_p)))
            self._functions = table[0]

        def call(self, number: int, *arguments: object) -> None:
            """The function at a place of the table. Raises OSError where it fails (HRESULT)."""
            kinds = [c_void_p if each is None else _kind_of(each) for each in arguments]
            function = ctypes.WINFUNCTYPE(ctypes.HRESULT, c_void_p, *kinds)(self._functions[number])
            function(self._pointer, *arguments)

        def get(self, number: int, *arguments: object) -> "ComObject":
            """As `call`, for functions whose last argument takes another object."""
            found = c_void_p()
            self.call(number, *arguments, ctypes.pointer(found))
            return ComObject(found)

        def close(self) -> None:
            """IUnknown::Release."""
            function = ctypes.WINFUNCTYPE(c_uint32, c_void_p)(self._functions[RELEASE])
            function(self._pointer)

    def _kind_of(argument: object) -> type:
        return c_uint32 if isinstance(argument, int) else type(argument)

    @contextmanager
    def _apartment() -> Iterator[None]:
        """COM for this thread. Where it is set up in another way already, that one serves."""
        ole = ctypes.OleDLL("ole32")
        begun = True
        try:
            ole.CoInitializeEx(None, 0)
        except OSError:  # RPC_E_CHANGED_MODE
            begun = False
        try:
            yield
        finally:
            if begun:
                ctypes.WinDLL("ole32").CoUninitialize()

    def _create(kind: str, interface: str) -> ComObject:
        found = c_void_p()
        ctypes.OleDLL("ole32").CoCreateInstance(
            ctypes.byref(guid(kind)),
            None,
            QUERY_ALL,
            ctypes.byref(guid(interface)),
            ctypes.byref(found),
        )
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
        count = c_uint32()
        collection.call(3, ctypes.pointer(count))  # GetCount
        for number in range(min(count.value, DEVICES_AT_MOST)):
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
        text = c_void_p()
        device.call(5, ctypes.pointer(text))  # GetId
        try:
            return ctypes.wstring_at(text.value) if text.value else ""
        finally:
            ctypes.WinDLL("ole32").CoTaskMemFree(text)

    def _name(kept: ExitStack, device: ComObject) -> str:
        properties = _kept(kept, device.get(4, 0))  # OpenPropertyStore, STGM_READ
        value = PropertyValue()
        properties.call(5, ctypes.pointer(FRIENDLY_NAME), ctypes.pointer(value))  # GetValue
        try:
            told = value.kind == TEXT_KIND and value.text
            return ctypes.wstring_at(value.text)[:NAME_LENGTH] if told else ""
        finally:
            ctypes.WinDLL("ole32").PropVariantClear(ctypes.byref(value))

    def metered() -> bool | None:
        """INetworkCostManager.GetCost of the way that Windows prefers. Raises OSError."""
        with _apartment(), ExitStack() as kept:
            manager = _kept(kept, _create(NETWORK_LIST_MANAGER, I_NETWORK_COST_MANAGER))
            cost = c_uint32()
            manager.call(3, ctypes.pointer(cost), None)
            return metered_by(cost.value)

else:

    def sound_devices() -> tuple[SoundDevice, ...] | None:
        """There is no COM here."""
        return None

    def metered() -> bool | None:
        """There is no COM here."""
        return None
