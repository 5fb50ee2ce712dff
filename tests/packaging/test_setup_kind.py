"""What the setup program is made with: an NSIS without CVE-2025-43715, and nothing older."""

import re
import subprocess
from pathlib import Path

import pytest
from packaging_lab import ROOT
from steps.nsis import OLDEST, makensis, version_of

pytestmark = [pytest.mark.windows, pytest.mark.xdist_group("wine"), pytest.mark.timeout(3000)]


def test_the_finished_setup_names_an_nsis_that_locks_its_plugin_folder(setup: Path) -> None:
    found = re.search(rb"Nullsoft Install System v(\d+)\.(\d+)", setup.read_bytes())
    assert found is not None
    assert (int(found[1]), int(found[2])) >= OLDEST


def test_the_script_refuses_an_older_one(tmp_path: Path) -> None:
    """By the version that makensis itself tells the script, set down here to one below."""
    text = (ROOT / "installer.nsi").read_text("utf-8")
    guard = re.search(
        r"^!if \$\{NSIS_PACKEDVERSION\} < (0x\d+)$.*?^!endif$", text, re.MULTILINE | re.DOTALL
    )
    assert guard is not None
    script = tmp_path / "guard.nsi"
    words, settings = makensis()
    assert version_of(words, settings) >= OLDEST
    for packed, refused in ((guard[1], False), ("0x03010000", True), ("0x03008000", True)):
        script.write_text(guard[0].replace("${NSIS_PACKEDVERSION}", packed))
        done = subprocess.run(
            [*words, "-V3", script], env=dict(settings), capture_output=True, text=True, check=False
        )
        told = done.stdout + done.stderr
        assert ("NSIS 3.11 or newer" in told) is refused, told
        assert ("no sections specified" in told) is not refused, "past the guard, nothing to do"
