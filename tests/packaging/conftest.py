"""Lets the tests of packaging import their helpers and the build's own steps."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2] / "packaging")]
