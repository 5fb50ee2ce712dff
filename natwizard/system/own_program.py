"""How this program starts a part of itself as a process of its own."""

import os
import sys
from pathlib import Path

import natwizard

RUN_PROXY_SCRIPT = "run-proxy-script"
"""Of the frozen programs alone: packaging/programs/ hand it on before anything else is loaded."""
SCRIPT_CHILD = "natwizard.system.script_child"


def script_child_command() -> tuple[str, ...]:
    """The frozen program with its hidden subcommand, or this interpreter with the module."""
    if getattr(sys, "frozen", False):
        return (sys.executable, RUN_PROXY_SCRIPT)
    # -P: whatever lies in the folder somebody works in is not ours
    return (sys.executable, "-P", "-m", SCRIPT_CHILD)


def own_environment() -> dict[str, str]:
    """Ours, with this package found first, also where it was never installed."""
    root = str(Path(natwizard.__file__).parents[1])
    places = (root, os.environ.get("PYTHONPATH", ""))
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, places))}
