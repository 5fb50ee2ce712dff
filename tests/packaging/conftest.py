"""Lets the tests of packaging import their helpers and the build's steps; a Windows to test in."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(1, str(Path(__file__).parents[2] / "packaging"))

from packaging_lab import build
from steps.paths import OUTPUT, WINDOWS, version
from wine_lab import Windows, fresh_windows, screen


@pytest.fixture(scope="session")
def setup() -> Path:
    """The real installer, of these sources; built once for all tests."""
    build("windows-python", "freeze", "installer", "portable", target=WINDOWS)
    return OUTPUT / f"natwizard-{version()}-windows-x64-setup.exe"


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """A screen for all of them."""
    with screen() as name:
        yield name


@pytest.fixture
def windows(tmp_path: Path, display: str) -> Iterator[Windows]:
    """A Windows of this test's own."""
    with fresh_windows(tmp_path, display) as made:
        yield made
