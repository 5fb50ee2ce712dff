"""The ID that an operating system gives this computer; it only ever leaves it as a keyed hash."""

import re
import subprocess
import sys
from pathlib import Path

LINUX_FILES = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))
IOREG = ("/usr/sbin/ioreg", "-rd1", "-c", "IOPlatformExpertDevice")
IOREG_TIMEOUT_S = 5.0
_PLATFORM_UUID = re.compile(r'"IOPlatformUUID"\s*=\s*"([0-9A-Fa-f-]{8,64})"')
# Windows writes 36 characters, but whoever administers a computer may write anything
LONGEST = 128


def machine_id() -> str:
    """As systemd (machine-id(5)), Windows (MachineGuid) or macOS (IOPlatformUUID) has it.

    Empty where the system has none. Clones of one disk image share it, as they share everything
    else that such an ID is made from.
    """
    if sys.platform == "win32":
        return _of_windows()
    if sys.platform == "darwin":
        return _of_macos()
    return _of_linux()


def _of_linux() -> str:
    for path in LINUX_FILES:
        try:
            text = path.read_text("ascii").strip()
        except (OSError, UnicodeDecodeError):
            continue
        # an image that never booted says "uninitialized" (machine-id(5))
        if re.fullmatch(r"[0-9a-f]{32}", text):
            return text
    return ""


def _of_macos() -> str:
    try:
        told = subprocess.run(
            IOREG, capture_output=True, text=True, timeout=IOREG_TIMEOUT_S, check=False
        ).stdout
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return ""
    found = _PLATFORM_UUID.search(told)
    return found[1].lower() if found else ""


if sys.platform == "win32":
    import winreg

    def _of_windows() -> str:
        # it stands in the 64-bit view alone
        view = winreg.KEY_READ | winreg.KEY_WOW64_64KEY
        try:
            with winreg.OpenKey(
                winreg.HKEY_LOCAL_MACHINE, r"SOFTWARE\Microsoft\Cryptography", 0, view
            ) as key:
                value, _kind = winreg.QueryValueEx(key, "MachineGuid")
        except OSError:
            return ""
        return value[:LONGEST].lower() if isinstance(value, str) else ""

else:

    def _of_windows() -> str:
        """There is no registry here."""
        return ""
