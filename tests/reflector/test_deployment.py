"""The files that put a reflector into service say what the program understands."""

import re
import shlex
import shutil
import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path

import pytest

from natwizard.cli.reflector import add_arguments

ROOT = Path(__file__).parents[2]
FILES = ROOT / "packaging" / "reflector"
CONTAINERFILE = (FILES / "Containerfile").read_text()

THIRD_PARTY = """
import sys
before = set(sys.modules)
import natwizard.cli.main, natwizard.cli.reflector
places = {n: getattr(m, "__file__", None) or "" for n, m in sys.modules.items() if n not in before}
print(*sorted({n.partition(".")[0] for n, f in places.items() if "site-packages" in f}))
"""
COMES_WITH = {"cryptography": {"_cffi_backend", "cryptography"}, "dnspython": {"dns", "idna"},
              "msgspec": {"msgspec"}, "websockets": {"websockets"}}  # fmt: skip
ONLY_BEFORE_3_13 = {"typing_extensions"}


def parsed(words: list[str]) -> dict[str, object]:
    parser = ArgumentParser(exit_on_error=False)
    add_arguments(parser)
    return vars(parser.parse_args(words))


def test_the_unit_starts_the_reflector_with_arguments_it_has() -> None:
    text = (FILES / "natwizard-reflector.service").read_text()
    program, command, *words = shlex.split(re.findall("^ExecStart=(.*)$", text, re.MULTILINE)[0])
    assert (program, command) == ("/usr/bin/natwizard", "reflector")
    assert parsed(words)["stats"] is True
    settings = (FILES / "reflector.env").read_text()
    for name in re.findall(r"\$\{(\w+)\}", text):
        assert re.search(f"^{name}=", settings, re.MULTILINE), name


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_systemd_itself_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    """With the program where this environment has it; the manual page is not installed here."""
    text = (FILES / "natwizard-reflector.service").read_text()
    program = Path(sys.executable).with_name("natwizard")
    unit = tmp_path / "natwizard-reflector.service"
    unit.write_text(
        text.replace("/usr/bin/natwizard", str(program)).replace("Documentation=man:", "# ")
    )
    verified = _systemd_analyze("verify", "--recursive-errors=no", str(unit))
    assert verified.returncode == 0, verified.stderr
    assert unit.name not in verified.stderr
    said = _systemd_analyze("security", "--offline=true", str(unit)).stdout
    exposure = re.search(r"Overall exposure level for .*: ([\d.]+)", said)
    assert exposure is not None
    assert float(exposure[1]) < 3


def _systemd_analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ("systemd-analyze", *arguments), capture_output=True, text=True, timeout=60, check=False
    )


def test_the_compose_file_starts_it_with_arguments_it_has() -> None:
    text = (FILES / "compose.yaml").read_text()
    block = text.partition("command:\n")[2].partition("    secrets:")[0]
    words = [line.strip().removeprefix("- ") for line in block.splitlines()]
    assert parsed(words)["certificate"] == "/run/secrets/certificate"


def test_the_container_has_what_the_reflector_imports_and_no_window() -> None:
    found = subprocess.run(
        (sys.executable, "-c", THIRD_PARTY), check=True, capture_output=True, text=True, timeout=60
    )
    installed = set(re.findall(r'"(\w+)>=', CONTAINERFILE))
    given = {name for package in installed for name in COMES_WITH[package]}
    assert set(found.stdout.split()) - given <= ONLY_BEFORE_3_13


def test_versions_in_the_container_are_those_of_the_project() -> None:
    project = (ROOT / "pyproject.toml").read_text()
    for requirement in re.findall(r'"(\w+>=[\d.]+)"', CONTAINERFILE):
        assert f'"{requirement}"' in project, requirement


@pytest.mark.parametrize("name", ["turn", "turn_user", "turn_password", "udp_range_ports"])
def test_the_guide_names_settings_that_exist(name: str) -> None:
    from natwizard.model.profile import Targets

    assert name in Targets.__struct_fields__
    assert f"{name} =" in (ROOT / "docs" / "reflector.md").read_text()
