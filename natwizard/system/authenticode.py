"""Has Windows check a file's Authenticode signature: WinVerifyTrust, by ctypes."""

import sys
from pathlib import Path

if sys.platform == "win32":
    from ctypes import (
        POINTER,
        Structure,
        byref,
        c_long,
        c_ubyte,
        c_ulong,
        c_ushort,
        c_void_p,
        c_wchar_p,
        pointer,
        sizeof,
    )

    from natwizard.windows_functions import windows_function

    class _Guid(Structure):
        _fields_ = (("a", c_ulong), ("b", c_ushort), ("c", c_ushort), ("d", c_ubyte * 8))

    class _FileInfo(Structure):  # WINTRUST_FILE_INFO
        _fields_ = (
            ("size", c_ulong),
            ("path", c_wchar_p),
            ("handle", c_void_p),
            ("subject", c_void_p),
        )

    class _TrustData(Structure):  # WINTRUST_DATA
        _fields_ = (
            ("size", c_ulong), ("policy", c_void_p), ("client", c_void_p), ("ui", c_ulong),
            ("revocation", c_ulong), ("union", c_ulong), ("file", POINTER(_FileInfo)),
            ("action", c_ulong), ("state", c_void_p), ("reference", c_wchar_p),
            ("flags", c_ulong), ("context", c_ulong), ("settings", c_void_p),
        )  # fmt: skip

    # WINTRUST_ACTION_GENERIC_VERIFY_V2
    _GENERIC_VERIFY = _Guid(
        0x00AAC56B, 0xCD44, 0x11D0, (c_ubyte * 8)(0x8C, 0xC2, 0x00, 0xC0, 0x4F, 0xC2, 0x95, 0xEE)
    )
    # As in wintrust.h: WTD_UI_NONE, WTD_REVOKE_NONE, WTD_CHOICE_FILE
    _NO_UI, _NO_REVOCATION, _OF_A_FILE = 2, 0, 1
    # WTD_STATEACTION_VERIFY, WTD_STATEACTION_CLOSE
    _VERIFY, _CLOSE = 1, 2
    _CACHE_ONLY = 0x1000  # WTD_CACHE_ONLY_URL_RETRIEVAL: a check of files asks no network

    def windows_trusts(path: Path) -> bool:
        """Whether Windows finds the Authenticode signature good (WinVerifyTrust)."""
        info = _FileInfo(sizeof(_FileInfo), str(path), None, None)
        data = _TrustData(
            size=sizeof(_TrustData), ui=_NO_UI, revocation=_NO_REVOCATION, union=_OF_A_FILE,
            file=pointer(info), action=_VERIFY, flags=_CACHE_ONLY,
        )  # fmt: skip
        judge = windows_function("wintrust", "WinVerifyTrust", c_long, c_void_p, c_void_p, c_void_p)
        code = judge(None, byref(_GENERIC_VERIFY), byref(data))
        # gives back what the first call keeps for its caller
        data.action = _CLOSE
        judge(None, byref(_GENERIC_VERIFY), byref(data))
        return bool(code == 0)

else:

    def windows_trusts(_path: Path) -> bool:
        """Only Windows knows whom it trusts."""
        return False
