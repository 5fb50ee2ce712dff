"""Lets these tests import the tool that keeps the catalogues; Qt without a screen."""

import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_QPA_FONTDIR", "/usr/share/fonts/opentype/inter")
sys.path.insert(0, str(Path(__file__).parents[2] / "packaging"))
