"""Two builds of the same sources, in two places, are the same setup program and the same .zip."""

from pathlib import Path

import pytest
from compare_builds import differences
from installer_lab import LAYOUT
from packaging_lab import ROOT, build_elsewhere
from steps.paths import OUTPUT, WINDOWS

pytestmark = [pytest.mark.windows, pytest.mark.xdist_group("wine"), pytest.mark.timeout(3000)]


def test_a_second_build_in_another_place_is_the_same_byte_for_byte(
    setup: Path, tmp_path: Path
) -> None:
    place = tmp_path / "another place"
    build_elsewhere(place, "windows-python", "freeze", "installer", "portable", target=WINDOWS)
    assert differences(LAYOUT.frozen, place / LAYOUT.frozen.relative_to(ROOT)) == []
    for path in (setup, setup.with_name(setup.name.replace("setup.exe", "portable.zip"))):
        assert path.read_bytes() == (place / "dist" / path.name).read_bytes(), path.name
    assert setup.parent == OUTPUT
