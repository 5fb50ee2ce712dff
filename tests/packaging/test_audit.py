"""Licences of what natwizard brings along, by what the installed packages say."""

import re
import subprocess
import sys
from pathlib import Path

import audit
import pytest
from packaging_lab import ROOT

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="its parts are scripts of a shell")


def test_every_bundled_package_has_a_licence_that_may_be_bundled() -> None:
    licences = audit.bundled_licences()
    assert {"pyside6-essentials", "websockets", "h11", "shiboken6"} <= set(licences)
    assert not {"pytest", "ruff", "pyinstaller"} & set(licences)
    for name, named in licences.items():
        assert named & audit.ALLOWED, (name, named)


def test_a_licence_that_nobody_has_read_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(audit, "bundled_licences", lambda: {"a": {"MIT"}, "b": {"SSPL-1.0"}})
    monkeypatch.setattr(audit, "LISTS", ())
    monkeypatch.setattr(sys, "argv", ["audit", "pip-audit"])
    assert audit.main() == 1
    assert capsys.readouterr().out == "licence to be read by a person: b: SSPL-1.0\n"


@pytest.mark.parametrize(("code", "free"), [(0, True), (1, False)])
def test_each_list_is_shown_to_the_auditor_by_its_hashes(
    tmp_path: Path, code: int, free: bool
) -> None:
    auditor = tmp_path / "pip-audit"
    told = tmp_path / "told"
    auditor.write_text(f'#!/bin/sh\necho "$PWD $*" > {told}\nexit {code}\n')
    auditor.chmod(0o755)
    assert audit.is_free_of_advisories(str(auditor), "constraints.txt") is free
    assert told.read_text().startswith(f"{ROOT} ")
    assert "--strict" in told.read_text()
    assert "--require-hashes" in told.read_text()
    assert "-r constraints.txt" in told.read_text()


def test_the_lists_are_there_and_hashed() -> None:
    for path in audit.LISTS:
        text = (ROOT / path).read_text()
        packages = re.findall(r"^[\w.-]+==", text, re.MULTILINE)
        assert len(packages) <= text.count("--hash=sha256:")
        assert packages


def test_it_runs_as_the_makefile_calls_it() -> None:
    recipe = (ROOT / "Makefile").read_text().partition("\naudit:")[2].partition("\n\n")[0]
    assert "packaging/audit.py build/audit/bin/pip-audit" in recipe
    ran = subprocess.run(
        (sys.executable, "packaging/audit.py", "false"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (1, "")
