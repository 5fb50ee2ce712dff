"""Decoders raise WireError and nothing else: by known inputs, by mutation, guided by coverage.

Bounded by counts, not by time; `make fuzz` goes on for as long as one likes.
"""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from fuzz.mutators import mutate_any
from fuzz.targets import TARGETS

MUTATIONS = 3000
GENERATIONS = 4
GUIDED_RUNS = 20_000
TESTS = Path(__file__).parents[1]


@pytest.mark.parametrize("name", TARGETS)
def test_what_was_found_once_is_borne(name: str) -> None:
    target = TARGETS[name]
    for data in target.corpus(name):
        target.run(data)


@pytest.mark.parametrize("name", TARGETS)
def test_valid_messages_changed_part_by_part_are_borne(name: str) -> None:
    target, chance = TARGETS[name], Random(name)
    corpus = target.corpus(name)
    for _time in range(MUTATIONS // GENERATIONS):
        data = chance.choice(corpus)
        for _generation in range(GENERATIONS):
            data = mutate_any(target.mutators, data, chance)[:8192]
            try:
                target.run(data)
            except Exception as error:  # noqa: BLE001 - what it was is worth more than where
                pytest.fail(f"{error!r} by {data.hex()}")


@pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None, reason="atheris has no wheel for this computer"
)
@pytest.mark.parametrize("name", TARGETS)
def test_a_guided_run_finds_nothing(name: str, tmp_path: Path) -> None:
    found = run_guided(name, tmp_path, f"-runs={GUIDED_RUNS}", "-seed=1")
    assert found.returncode == 0, found.stderr[-4000:]
    assert f"Done {GUIDED_RUNS} runs" in found.stderr


@pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None, reason="atheris has no wheel for this computer"
)
def test_a_guided_run_would_find_something(tmp_path: Path) -> None:
    """The mutation that ended the reflector, put back: the fuzzer meets it in so many runs."""
    broken = tmp_path / "sitecustomize.py"
    broken.write_text(
        "from natwizard.wire import stun\n"
        "stun._FAMILIES = type('Open', (dict,), {'get': lambda self, key, default=0: "
        "dict.get(self, key, 0)})(stun._FAMILIES)\n"
    )
    found = run_guided("stun", tmp_path, f"-runs={GUIDED_RUNS}", "-seed=1", path=str(tmp_path))
    assert found.returncode != 0
    assert "does not appear to be an IPv4 or IPv6 address" in found.stdout + found.stderr


def run_guided(
    name: str, folder: Path, *options: str, path: str = ""
) -> subprocess.CompletedProcess[str]:
    """One run of libFuzzer, its finds in a folder of the test's own."""
    finds = folder / "finds"
    finds.mkdir()
    known = TESTS / "fuzz" / "corpus" / name
    return subprocess.run(
        (
            sys.executable, "-m", "fuzz.run", name,
            *options, f"-artifact_prefix={folder}/", str(finds), str(known),
        ),
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (path, str(TESTS))))},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )  # fmt: skip
