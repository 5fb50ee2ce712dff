"""The wheel that `pipx install .` makes: it starts anywhere, with all of its resources."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from packaging_lab import ROOT

from natwizard import __version__


@pytest.mark.xdist_group("freeze")
def test_an_installed_wheel_starts_and_has_its_profile(tmp_path: Path) -> None:
    if find_spec("pip") is None:
        pytest.skip("this Python has no pip")
    place = tmp_path / "somewhere else"
    program = place / "bin" / ("natwizard.exe" if os.name == "nt" else "natwizard")
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation",
         "--disable-pip-version-check", "--target", place, ROOT],
        check=True, capture_output=True,
    )  # fmt: skip
    environment = os.environ | {"PYTHONPATH": str(place)}
    for words, wanted in (
        (["--version"], f"natwizard {__version__}"),
        (["profile", "validate"], "shipped with natwizard"),
    ):
        said = subprocess.run(
            [program, *words],
            cwd=tmp_path, env=environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert wanted in said.stdout
    where = "import natwizard, pathlib; print(pathlib.Path(natwizard.__file__).parent)"
    told = subprocess.run(
        [sys.executable, "-c", where],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert Path(told.stdout.strip()) == place / "natwizard"
    shipped = {path.name for path in (ROOT / "resources").rglob("*") if path.is_file()}
    assert shipped <= {path.name for path in (place / "natwizard/resources").rglob("*")}
