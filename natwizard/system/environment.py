"""The environment for programs that are not ours."""

import os
import sys


def outside_environment() -> dict[str, str]:
    """Ours, without the library path that a frozen program sets for itself (PyInstaller).

    Programs of the system would load our libraries by it, which may be older than they need.
    """
    environment = dict(os.environ)
    before = environment.pop("LD_LIBRARY_PATH_ORIG", None)
    if before is not None:
        environment["LD_LIBRARY_PATH"] = before
    elif getattr(sys, "frozen", False):
        environment.pop("LD_LIBRARY_PATH", None)
    return environment
