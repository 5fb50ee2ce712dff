"""Workflows and compose files: right by schema, pinned, every step one that people run, too."""

import re
import subprocess
import sys

import pytest
from packaging_lab import ROOT
from steps.environment import python

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="one system is enough"),
    pytest.mark.xdist_group("freeze"),
    pytest.mark.timeout(300),
]
COMPOSE_FILES = sorted((ROOT / "packaging").glob("*/compose.yaml"))
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


def test_they_follow_the_schema_and_the_auditor_finds_nothing() -> None:
    tools = python().parent
    for command in (
        [tools / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", *WORKFLOWS],
        [tools / "zizmor", "--offline", "--quiet", *WORKFLOWS],
        [tools / "actionlint", *WORKFLOWS],  # with shellcheck for the scripts in them
        [tools / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", *COMPOSE_FILES],
    ):
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_every_action_is_pinned_to_a_commit(path: object) -> None:
    text = (ROOT / str(path)).read_text("utf-8")
    used = re.findall(r"uses: (\S+)", text)
    assert used
    assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action) for action in used)


def test_every_target_that_a_workflow_makes_exists() -> None:
    made = {
        target
        for path in WORKFLOWS
        for target in re.findall(r"run: make ([a-z-]+)", path.read_text("utf-8"))
    }
    offered = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert {"test", "audit", "public-servers"} <= made
    assert made <= offered


def test_every_build_step_of_the_release_exists() -> None:
    text = (ROOT / ".github/workflows/release.yml").read_text("utf-8")
    called = re.findall(r"packaging/build\.py ([a-z -]+)", text)
    steps = {word for words in called for word in words.split()}
    offered = subprocess.run(
        [sys.executable, ROOT / "packaging/build.py", "--help"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert {"freeze", "selftest", "sign", "verify", "checksums"} <= steps
    assert all(re.search(rf"\b{step}\b", offered) for step in steps)


FIRST_WITH_NODE_24 = {
    "actions/checkout": 5,
    "actions/setup-python": 6,
    "actions/upload-artifact": 6,
    "actions/download-artifact": 7,
    "actions/attest-build-provenance": 3,
    "azure/login": 3,
}
"""Hosted runners have had no older Node since September 2026; `using:` in each one's action.yml."""


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_no_action_wants_a_node_that_runners_no_longer_have(path: object) -> None:
    text = (ROOT / str(path)).read_text("utf-8")
    used = re.findall(r"uses: ([\w-]+/[\w-]+)@\w+ # v(\d+)\.", text)
    assert len(used) == text.count("uses: ")
    assert [name for name, major in used if int(major) < FIRST_WITH_NODE_24[name]] == []


def test_tests_in_containers_have_what_they_need() -> None:
    """Namespaces and mounts; a home of root's own, without which Firefox does not start."""
    jobs = [
        job
        for path in WORKFLOWS
        for job in re.split(r"^  (?=\w[\w-]*:$)", path.read_text("utf-8"), flags=re.MULTILINE)
        if "container:" in job and re.search(r"run: make test\b|run: make test-windows", job)
    ]
    assert len(jobs) == 3
    for job in jobs:
        assert re.search(r"options: --privileged --init\b", job)
        assert "\n      HOME: /root" in job
        assert int(re.findall(r"timeout-minutes: (\d+)", job)[0]) >= 60
