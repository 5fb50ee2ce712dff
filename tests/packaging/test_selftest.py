"""The self-test of frozen programs has a busy machine look again, and nobody else."""

import json
import re
from pathlib import Path

import pytest
import selftest
from packaging_lab import ROOT
from selftest import OF_A_BUSY_MACHINE, PATIENCE_S, RUNS_AT_MOST, Frozen, Wrong, runs_every_probe

from natwizard.checks.shared.missing_evidence import OF_THIS_COMPUTER

PROBES = ("media", "phone")


class Played(Frozen):
    """A program that no machine starts; `codes` are what its media probe failed with, run by run;
    nothing for a run that saw everything."""

    def __init__(self, home: Path, *codes: str) -> None:
        super().__init__(home, home, under_wine=False)
        self.codes = list(codes)
        self.runs = 0

    def run(self, *arguments: str | Path, **_options: object) -> str:
        """Lists the probes, writes the reports, or shows their code."""
        if arguments[0] == "probe":
            return "\n".join(PROBES)
        if arguments[0] == "demo":
            probe, failed = (PROBES[1], "") if "--only" in arguments else (PROBES[0], self._next())
            outcome = {"probe": probe, "failure": {"code": failed} if failed else None}
            report = {"run_code": "KX7", "outcomes": [outcome]}
            Path(arguments[arguments.index("--json") + 1]).write_text(json.dumps(report), "utf-8")
        return "KX7"

    def _next(self) -> str:
        self.runs += 1
        return self.codes[min(self.runs, len(self.codes)) - 1]


@pytest.fixture(autouse=True)
def _same_judgement(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selftest, "_same_judgement", lambda _frozen, _report: None)


def test_what_voids_evidence_on_this_computer_is_a_reason_to_look_again() -> None:
    """The program's own list, so that no new member of it fails a build on a busy machine."""
    assert OF_A_BUSY_MACHINE - {"deadline"} == {code.value for code in OF_THIS_COMPUTER}


@pytest.mark.parametrize("code", sorted(OF_A_BUSY_MACHINE))
def test_a_machine_that_had_no_time_is_asked_again(tmp_path: Path, code: str) -> None:
    played = Played(tmp_path, code, code, "")
    runs_every_probe(played)
    assert played.runs == 3


@pytest.mark.parametrize("code", sorted(OF_A_BUSY_MACHINE))
def test_it_is_not_asked_for_ever(tmp_path: Path, code: str) -> None:
    played = Played(tmp_path, code)
    with pytest.raises(Wrong, match="probes that saw nothing"):
        runs_every_probe(played)
    assert played.runs == RUNS_AT_MOST


@pytest.mark.parametrize("code", ["silence", "refused", "defect"])
def test_any_other_failure_counts_at_once(tmp_path: Path, code: str) -> None:
    played = Played(tmp_path, code, "")
    with pytest.raises(Wrong, match=code):
        runs_every_probe(played)
    assert played.runs == 1


def test_the_window_gives_up_before_it_is_given_up() -> None:
    """Its exit code says more than a program that was ended."""
    script = (ROOT / "packaging/programs/window_selftest.py").read_text("utf-8")
    told = re.search(r"^PATIENCE_MS = ([\d_]+)", script, re.MULTILINE)
    assert told is not None
    assert PATIENCE_S / 2 < int(told[1]) / 1000 < PATIENCE_S
