"""The Windows registry, read only; empty on every other system."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

ENTRIES_AT_MOST = 4096

if sys.platform == "win32":
    import winreg

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
