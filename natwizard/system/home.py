"""A home folder for an account that has none."""

import os
from pathlib import Path


def require_home() -> None:
    """Where neither HOME nor the system's list of accounts names a home folder, it is the root.

    So container engines have it for an account that no list has. Whatever keeps something finds
    the root not writable and says so; libraries that ask for a home end the program without one.
    """
    try:
        Path.home()
    except RuntimeError:
        os.environ["HOME"] = os.sep
