"""The profile reference is what the program says of itself."""

import subprocess
import sys
from pathlib import Path

from computers.program import PATIENCE_S

ROOT = Path(__file__).parents[2]


def test_the_profile_reference_is_up_to_date() -> None:
    made = subprocess.run(
        [sys.executable, ROOT / "packaging/profile_reference.py"],
        capture_output=True, text=True, check=True, timeout=PATIENCE_S,
    ).stdout  # fmt: skip
    kept = (ROOT / "docs/profile-reference.md").read_text("utf-8")
    assert made == kept, "run: make profile-reference"


def test_every_key_of_a_profile_is_explained() -> None:
    kept = (ROOT / "docs/profile-reference.md").read_text("utf-8")
    assert "| text |" not in kept
    assert "| list of texts |" not in kept
