"""What can be known of the macOS bundle without macOS: what the spec asks PyInstaller for."""

import ast
import plistlib
import runpy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from computers.platforms import posix_only
from steps.paths import ROOT, version

from natwizard.profiles.setup_file import SUFFIX

MACOS = ROOT / "packaging/macos"


class Asked:
    """Stands for PyInstaller's classes and keeps what they were given."""

    def __init__(self) -> None:
        self.calls: dict[str, list[tuple[tuple[Any, ...], dict[str, Any]]]] = {}

    def of(self, name: str) -> Any:
        def call(*given: Any, **named: Any) -> Any:
            self.calls.setdefault(name, []).append((given, named))
            made = ModuleType(name)
            made.binaries, made.datas, made.pure = [], [], []  # type: ignore[attr-defined]
            made.scripts = [("console_program", "", ""), ("windowed_program", "", "")]  # type: ignore[attr-defined]
            return made

        return call


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Asked]:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setenv("NATWIZARD_GENERATED", str(tmp_path))
    monkeypatch.setattr(sys, "path", list(sys.path))
    hooks = ModuleType("PyInstaller.utils.hooks")
    hooks.collect_submodules = lambda name, **_options: [name]  # type: ignore[attr-defined]
    for name in ("PyInstaller", "PyInstaller.utils"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, "PyInstaller.utils.hooks", hooks)
    asked = Asked()
    names = ("Analysis", "PYZ", "EXE", "COLLECT", "BUNDLE")
    runpy.run_path(
        str(ROOT / "packaging/natwizard.spec"),
        {"SPECPATH": str(ROOT / "packaging"), **{name: asked.of(name) for name in names}},
    )
    return asked


def test_one_analysis_makes_two_programs_and_one_bundle(asked: Asked) -> None:
    counts = {name: len(calls) for name, calls in asked.calls.items()}
    assert counts == {"Analysis": 1, "PYZ": 1, "EXE": 2, "COLLECT": 1, "BUNDLE": 1}
    consoles = {named["name"]: named["console"] for _given, named in asked.calls["EXE"]}
    assert consoles == {"natwizard": True, "natwizard-gui": False}
    for _given, named in asked.calls["EXE"]:
        assert Path(named["entitlements_file"]).is_file()
        assert named["upx"] is False


def test_the_bundle_says_version_system_and_why_it_asks_for_the_network(asked: Asked) -> None:
    _given, named = asked.calls["BUNDLE"][0]
    info = named["info_plist"]
    assert plistlib.loads(plistlib.dumps(info)) == info
    assert named["name"] == "natwizard.app"
    assert named["version"] == version()
    assert info["CFBundleVersion"] == version()
    assert info["CFBundleExecutable"] == "natwizard-gui"
    assert info["LSMinimumSystemVersion"] == "13.0"
    assert info["NSHighResolutionCapable"] is True
    assert info["NSRequiresAquaSystemAppearance"] is False
    assert "test packets" in info["NSLocalNetworkUsageDescription"]


def test_the_bundle_opens_set_up_files(asked: Asked) -> None:
    _given, named = asked.calls["BUNDLE"][0]
    info = named["info_plist"]
    (document,) = info["CFBundleDocumentTypes"]
    (declared,) = info["UTExportedTypeDeclarations"]
    assert document["LSItemContentTypes"] == [declared["UTTypeIdentifier"]]
    assert declared["UTTypeTagSpecification"]["public.filename-extension"] == [
        SUFFIX.removeprefix(".")
    ]


def test_the_entitlements_allow_no_more_than_python_needs() -> None:
    asked = plistlib.loads((MACOS / "entitlements.plist").read_bytes())
    assert asked == {"com.apple.security.cs.allow-unsigned-executable-memory": True}


@posix_only("there, bash may be that of a Linux that is not installed")
def test_the_disk_image_script_is_sound_shell() -> None:
    script = MACOS / "make-dmg.sh"
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0
    text = script.read_text("utf-8")
    order = [text.index(word) for word in ("codesign --verify", "hdiutil", "notarytool", "stapler")]
    assert order == sorted(order)


def test_the_spec_is_plain_python() -> None:
    ast.parse((ROOT / "packaging/natwizard.spec").read_text("utf-8"))
