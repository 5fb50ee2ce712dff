"""Lets these tests import the tool that keeps the catalogues."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "packaging"))
