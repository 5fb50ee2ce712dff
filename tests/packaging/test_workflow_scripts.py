"""The scripts of the workflows' jobs, run in a clean folder; what only a runner has is stood in for
by programs that write down how they were called."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from packaging_lab import ROOT
from steps.environment import python
from steps.paths import version
from steps.signing import sign_command

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="one system is enough"),
    pytest.mark.xdist_group("freeze"),
    pytest.mark.timeout(300),
]
STAND_IN = """#!/bin/sh
echo "$(basename "$0") $*" >> "$CALLED"
[ "$1 $2" != "release view" ] || exit "${NO_DRAFT_YET:-0}"
"""
READ = """
import json, sys
from ruamel.yaml import YAML
jobs = YAML(typ="safe").load(open(sys.argv[1]))["jobs"]
print(json.dumps([step for step in jobs[sys.argv[2]]["steps"] if "run" in step]))
"""


def scripts(job: str) -> dict[str, str]:
    """The scripts of a job of the release, by the name of their step."""
    told = subprocess.run(
        [python(), "-c", READ, ROOT / ".github/workflows/release.yml", job],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    return {step.get("name", step["run"]): step["run"] for step in json.loads(told)}


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    """A checkout as a runner has it, and programs that only a runner has."""
    for name in ("packaging", "natwizard"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copyfile(ROOT / "CHANGELOG.md", tmp_path / "CHANGELOG.md")
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("gh", "dotnet", "choco"):
        (programs / name).write_text(STAND_IN)
        (programs / name).chmod(0o755)
    return tmp_path


def run(folder: Path, script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    settings = {
        "PATH": f"{folder / 'programs'}:{os.environ['PATH']}",
        "HOME": str(folder),
        "CALLED": str(folder / "called"),
    }
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=folder, env=settings | environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def called(folder: Path) -> list[str]:
    return (folder / "called").read_text().splitlines()


@pytest.mark.parametrize(
    ("job", "no_draft_yet", "calls"),
    [("publish", "1", ["view", "create"]), ("publish-macos", "0", ["view", "upload", "edit"])],
)
def test_the_draft_is_made_and_later_brought_up_to_date(
    clean: Path, job: str, no_draft_yet: str, calls: list[str]
) -> None:
    (clean / "dist").mkdir()
    for name in ("natwizard-setup.exe", "natwizard.dmg", "natwizard.deb", "natwizard.zip"):
        (clean / "dist" / name).write_bytes(b"MZ or whatever" * 60)
    for script in scripts(job).values():
        done = run(clean, script, TAG=f"v{version()}", NO_DRAFT_YET=no_draft_yet)
        assert done.returncode == 0, done.stderr
    assert [line.split()[2] for line in called(clean)] == calls
    assert all(f"v{version()}" in line for line in called(clean))
    sums = (clean / "dist/SHA256SUMS").read_text().splitlines()
    assert [line.split()[1] for line in sums] == sorted(
        ("natwizard-setup.exe", "natwizard.dmg", "natwizard.deb", "natwizard.zip")
    )
    assert all("dist/SHA256SUMS" in line for line in called(clean) if line.split()[2] in calls[1:2])


def test_a_tag_that_the_sources_do_not_tell_stops_the_release(clean: Path) -> None:
    script = scripts("linux")["The tag names the version that the programs and the changelog tell"]
    assert run(clean, script, GITHUB_REF_NAME=f"v{version()}").returncode == 0
    assert run(clean, script, GITHUB_REF_NAME="v9.9.9").returncode != 0


def test_the_signing_command_comes_out_whole(clean: Path) -> None:
    settings = clean / "settings"
    done = run(
        clean, scripts("windows")["Signing program"], GITHUB_ENV=str(settings),
        ENDPOINT="https://weu.codesigning.azure.net/", ACCOUNT="ours", PROFILE="public",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert called(clean) == ["dotnet tool install --global --prerelease sign"]
    (line,) = settings.read_text().splitlines()
    name, _equals, command = line.partition("=")
    assert name == "NATWIZARD_SIGN_COMMAND"
    words = sign_command(command, Path("natwizard.exe"), windows=True)
    assert words[:3] == ["sign", "code", "artifact-signing"]
    assert words[-1] == "natwizard.exe"
    for option, value in (
        ("--artifact-signing-endpoint", "https://weu.codesigning.azure.net/"),
        ("--artifact-signing-account", "ours"),
        ("--artifact-signing-certificate-profile", "public"),
        ("--timestamp-url", "http://timestamp.acs.microsoft.com"),
    ):
        assert words[words.index(option) + 1] == value


def test_nsis_is_installed_in_the_version_that_the_script_asks_for(clean: Path) -> None:
    done = run(clean, scripts("windows")["NSIS"], GITHUB_PATH=str(clean / "places"))
    assert done.returncode == 0, done.stderr
    assert called(clean) == ["choco install nsis --version=3.11 --no-progress -y"]
    assert (clean / "places").read_text() == "C:\\Program Files (x86)\\NSIS\n"


def test_every_script_names_files_that_exist() -> None:
    """A path that was moved would be found out by a runner only."""
    for job in ("linux", "windows", "macos", "publish"):
        for script in scripts(job).values():
            for word in script.split():
                if word.startswith("packaging/"):
                    assert (ROOT / word).is_file(), word
