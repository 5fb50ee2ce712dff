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
from natwizard.reflector.main import LOOK_S
from natwizard.reflector.server import CONNECTIONS, FILES_BESIDE

ROOT = Path(__file__).parents[2]
FILES = ROOT / "packaging" / "reflector"
CONTAINERFILE = (FILES / "Containerfile").read_text()
COMPOSE = (FILES / "compose.yaml").read_text()
UNIT = (FILES / "natwizard-reflector.service").read_text()
PINNED = (FILES / "requirements.txt").read_text()

THIRD_PARTY = """
import sys
before = set(sys.modules)
import natwizard.cli.main, natwizard.cli.reflector, natwizard.reflector.main
places = {n: getattr(m, "__file__", None) or "" for n, m in sys.modules.items() if n not in before}
print(*sorted({n.partition(".")[0] for n, f in places.items() if "site-packages" in f}))
"""
COMES_WITH = {"cryptography": {"_cffi_backend", "cryptography"}, "dnspython": {"dns"},
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


def test_what_compose_reads_its_settings_from_is_in_the_command_that_starts_it() -> None:
    """Compose reads no other file than .env by itself, and that of the folder it is started in."""
    settings = (FILES / "reflector.env").read_text()
    for name in re.findall(r"\$\{(\w+):\?", COMPOSE):
        assert re.search(f"^{name}=", settings, re.MULTILINE), name
    guide = (ROOT / "docs/reflector.md").read_text()
    for text in (COMPOSE, guide):
        commands = re.findall("docker compose .*up.*", text)
        assert commands
        for command in commands:
            named = re.findall(r"--env-file (\S+)", command)
            assert [ROOT / each for each in named] == [FILES / "reflector.env"]


def test_the_guides_name_the_files_that_unit_and_container_read() -> None:
    wanted = set(re.findall(r"/etc/natwizard/([\w.]+\.pem)", UNIT + COMPOSE))
    assert wanted
    for page in ("reflector.md", "administrator-guide.md"):
        text = (ROOT / "docs" / page).read_text()
        assert set(re.findall(r"--(?:certificate|key) ([\w.]+\.pem)", text)) == wanted, page
    assert wanted <= set(re.findall(r"[\w.]+\.pem", (ROOT / "docs/reflector.md").read_text()))


def pins(text: str) -> dict[str, tuple[str, frozenset[str]]]:
    """Version and hashes of each package of a hashed list."""
    parts = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE | re.IGNORECASE)
    found = (
        (re.match(r"([\w.-]+)==([\w.]+)", part), re.findall(r"sha256:[0-9a-f]{64}", part))
        for part in parts
    )
    return {name[1]: (name[2], frozenset(hashes)) for name, hashes in found if name}


def test_the_container_has_what_the_reflector_imports_and_no_window() -> None:
    found = subprocess.run(
        (sys.executable, "-c", THIRD_PARTY), check=True, capture_output=True, text=True, timeout=60
    )
    given = {name for package in pins(PINNED) for name in COMES_WITH.get(package, ())}
    # dnspython uses idna where it is there; a reflector's names are ASCII
    assert set(found.stdout.split()) - given - {"idna"} <= ONLY_BEFORE_3_13


def test_every_package_in_the_container_is_named_by_hashes_that_the_project_has() -> None:
    ours = pins((ROOT / "constraints.txt").read_text())
    packages = pins(PINNED)
    assert set(packages) >= set(COMES_WITH)
    for name, (version, hashes) in packages.items():
        assert hashes, name
        assert version == ours[name][0], name
        assert hashes <= ours[name][1], name
    assert "--require-hashes" in CONTAINERFILE
    assert CONTAINERFILE.count("pip install") == 1


def test_what_the_container_asks_for_is_what_the_project_asks_for() -> None:
    project = (ROOT / "pyproject.toml").read_text()
    wanted = re.findall(
        r"^\w+>=[\d.]+$", (FILES / "requirements.in").read_text(), flags=re.MULTILINE
    )
    assert {line.partition(">")[0] for line in wanted} == set(COMES_WITH)
    for requirement in wanted:
        assert f'"{requirement}"' in project, requirement


def test_the_base_is_named_by_its_content_and_nobody_is_root() -> None:
    bases = re.findall(r"^FROM (\S+)", CONTAINERFILE, re.MULTILINE)
    assert bases
    assert all(re.fullmatch(r"\S+@sha256:[0-9a-f]{64}", base) for base in bases)
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", CONTAINERFILE, re.MULTILINE)
    for line in ('user: "10001:10001"', "read_only: true", "cap_drop: [ALL]", "mem_limit:"):
        assert line in COMPOSE, line


def test_the_container_runs_from_what_is_copied_into_it(tmp_path: Path) -> None:
    """The same folders, read-only and without the project's environment around them."""
    copied = re.findall(r"^COPY (natwizard|resources) /srv/(\S+)$", CONTAINERFILE, re.MULTILINE)
    assert [source for source, _target in copied] == ["natwizard", "resources"]
    for source, target in copied:
        shutil.copytree(
            ROOT / source, tmp_path / target, ignore=shutil.ignore_patterns("__pycache__")
        )
    ran = subprocess.run(
        (sys.executable, "-P", "-m", "natwizard", "reflector", "--help"),
        cwd="/",
        env={"PATH": "/usr/bin", "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert "--bind" in ran.stdout
    allowed = (FILES / "Containerfile.dockerignore").read_text().split()
    assert {f"!{source}" for source, _target in copied} <= set(allowed)


def test_systemd_is_told_and_starts_it_anew() -> None:
    for line in ("Type=notify", "NotifyAccess=main", "Restart=always", "StartLimitIntervalSec=0"):
        assert re.search(f"^{line}$", UNIT, re.MULTILINE), line
    timeouts = re.search(r"^WatchdogSec=(\d+)$", UNIT, re.MULTILINE)
    assert timeouts is not None
    assert int(timeouts[1]) > 2 * LOOK_S
    files = re.search(r"^LimitNOFILE=(\d+)$", UNIT, re.MULTILINE)
    assert files is not None
    assert int(files[1]) >= CONNECTIONS + FILES_BESIDE
    assert "AF_UNIX" in UNIT  # its words to systemd go there


@pytest.mark.parametrize("name", ["turn", "turn_user", "turn_password", "udp_range_ports"])
def test_the_guide_names_settings_that_exist(name: str) -> None:
    from natwizard.model.profile import Targets

    assert name in Targets.__struct_fields__
    assert f"{name} =" in (ROOT / "docs" / "reflector.md").read_text()
