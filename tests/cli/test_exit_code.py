"""A fault and an output that nobody takes are no verdict: the real program, as scripts start it."""

import os
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import pytest

from natwizard.cli import schema
from natwizard.cli.exit_code import ExitCode
from natwizard.cli.main import main

GOLDEN = Path(__file__).parents[1] / "golden/report.json"
SHOW = [sys.executable, "-m", "natwizard", "show", "--text", str(GOLDEN)]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
def test_an_output_that_is_full_is_no_verdict() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(SHOW, stdout=full, stderr=subprocess.PIPE, timeout=60, check=False)
    assert done.returncode == ExitCode.FAULT
    assert b"No space left" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Windows' pipes break otherwise")
def test_a_reader_that_has_had_enough_is_no_verdict() -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    try:
        done = subprocess.run(SHOW, stdout=theirs, stderr=subprocess.PIPE, timeout=60, check=False)
    finally:
        os.close(theirs)
    assert done.returncode == ExitCode.FAULT
    assert b"Traceback" not in done.stderr


def test_a_fault_tells_where_it_is(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(_arguments: Namespace) -> int:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(schema, "run", broken)
    assert main(["schema"]) == ExitCode.FAULT
    assert "RuntimeError: a fault of ours" in capfd.readouterr().err
