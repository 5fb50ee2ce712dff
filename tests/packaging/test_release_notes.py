"""A release's page: its section of the changelog, and a word on what is not signed."""

from pathlib import Path

import pytest
from packaging_lab import ROOT
from release_notes import notes, section
from steps.paths import version

CHANGELOG = """# Changelog

## [Unreleased]

- later

## [1.2.0] - 2030-01-02

### Added

- this

## [1.1.0] - 2029-01-02

- before
"""
# the smallest that has a PE header and room for its data directory
BARE = b"MZ" + bytes(0x3A) + (0x40).to_bytes(4, "little") + b"PE\0\0" + bytes(400)


@pytest.mark.parametrize(
    ("number", "text"),
    [("1.2.0", "### Added\n\n- this"), ("1.1.0", "- before"), ("1.2", ""), ("1.3.0", "")],
)
def test_only_this_versions_section(number: str, text: str) -> None:
    assert section(CHANGELOG, number) == text


def test_the_changelog_has_a_section_for_the_version_that_is_built() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert len(section(text, version()).splitlines()) > 3
    assert "\n## [Unreleased]\n" in text


def image(*, signature_bytes: int) -> bytes:
    """The end of a disk image, as hdiutil and codesign write it."""
    trailer = bytearray(b"koly".ljust(512, b"\0"))
    trailer[304:312] = signature_bytes.to_bytes(8, "big")
    return b"blocks" + bytes(trailer)


def test_unsigned_programs_are_named(tmp_path: Path) -> None:
    signed = bytearray(BARE)
    signed[0x40 + 24 + 96 + 32 : 0x40 + 24 + 96 + 40] = b"\x80\0\0\0\x08\0\0\0"
    (tmp_path / "signed.exe").write_bytes(signed)
    (tmp_path / "other.zip").write_bytes(b"PK")
    (tmp_path / "signed.dmg").write_bytes(image(signature_bytes=9000))
    assert notes(CHANGELOG, "1.1.0", tmp_path) == "- before"
    (tmp_path / "bare.exe").write_bytes(BARE)
    (tmp_path / "bare.dmg").write_bytes(image(signature_bytes=0))
    (tmp_path / "natwizard.deb").write_bytes(b"!<arch>")
    told = notes(CHANGELOG, "1.1.0", tmp_path)
    assert told.startswith("- before\n\n**Not signed:** bare.dmg, bare.exe, natwizard.deb.")
    assert notes(CHANGELOG, "9.9.9", tmp_path) == ""
