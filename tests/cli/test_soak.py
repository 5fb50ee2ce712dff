"""natwizard check --soak: the verdict first, then what only time shows."""

import json
from pathlib import Path

import pytest
from computers.program import Program

from natwizard.reflector.background import BackgroundReflector


@pytest.fixture
def program(tmp_path: Path, reflector: BackgroundReflector) -> Program:
    profile = reflector.profile_text() + (
        '\n[[requirements]]\nid = "websocket.open"\nlimits = { idle_s = 0.5 }\n'
    )
    (tmp_path / "site.toml").write_text(profile)
    return Program(tmp_path)


@pytest.mark.parametrize("soak", [True, False])
def test_a_quiet_websocket_is_held_only_on_demand(program: Program, soak: bool) -> None:
    done = program.run(
        "check", "--profile", "site.toml", "--only", "websocket", "--json", "report.json",
        *(("--soak",) if soak else ()),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    report = json.loads((program.home / "report.json").read_text("utf-8"))
    probes = {record["probe"] for record in report["outcomes"]}
    assert ("websocket_hold" in probes) is soak
    [finding] = report["findings"]
    measured = {quantity["name"]: quantity["value"] for quantity in finding["measured"]}
    assert ("held" in measured) is soak


def test_a_soak_probe_can_be_run_by_itself(program: Program) -> None:
    names = program.run("probe", "list").stdout.split()
    assert "websocket_hold" in names


def test_a_saved_soak_is_judged_again(program: Program) -> None:
    arguments = ("--profile", "site.toml", "--only", "websocket")
    program.run("check", *arguments, "--soak", "--json", "report.json")
    done = program.run("judge", "report.json", *arguments, "--json", "again.json")
    assert done.returncode == 0, done.stderr
    first, again = (
        json.loads((program.home / name).read_text("utf-8"))["findings"]
        for name in ("report.json", "again.json")
    )
    assert again == first
