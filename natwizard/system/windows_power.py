"""Windows' battery saver, from GetSystemPowerStatus (winbase.h)."""

import ctypes
import sys
from typing import ClassVar


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
        if ctypes.windll.kernel32.GetSystemPowerStatus(ctypes.byref(status)):
            return bool(status.system_status_flag == 1)
    return None
