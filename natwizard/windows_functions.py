"""Functions of Windows' own libraries, each with the types that its header gives it.

Without types ctypes passes and returns 32 bits: handles lose half of theirs, and a result of 16
bits has somebody else's above it. `ctypes.windll` is one object for everybody in the process, so
types set there would hold for other libraries as well, and theirs for us: these are of our own.
"""

import sys

if sys.platform == "win32":
    import ctypes
    from collections.abc import Callable
    from functools import cache

    @cache
    def _library(name: str) -> ctypes.WinDLL:
        return ctypes.WinDLL(name, use_last_error=True)

    def windows_function(
        library: str, name: str, result: type | None, *arguments: type
    ) -> Callable[..., int]:
        """Raises OSError where this Windows lacks the library, AttributeError for the function.

        What it leaves as its last error is `ctypes.get_last_error()`.
        """
        found = getattr(_library(library), name)
        found.restype, found.argtypes = result, arguments
        called: Callable[..., int] = found
        return called
