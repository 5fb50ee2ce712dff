"""Shell scripts: nothing that shellcheck would say a word about."""

import shutil
import subprocess

import pytest
from packaging_lab import ROOT

SCRIPTS = sorted((*(ROOT / "packaging").rglob("*.sh"), ROOT / ".ci/run"))


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
def test_shellcheck_has_nothing_to_say() -> None:
    assert len(SCRIPTS) > 4
    result = subprocess.run(["shellcheck", *SCRIPTS], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout
