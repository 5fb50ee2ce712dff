"""The self-test of frozen programs has a busy machine look again, and nobody else."""

import json
import re
from collections.abc import Callable
from email.message import Message
from pathlib import Path
from urllib.error import HTTPError, URLError

import pytest
import selftest
from packaging_lab import ROOT
from selftest import (
    HEADSET_VERDICTS,
    OF_A_BUSY_MACHINE,
    PATIENCE_S,
    RUNS_AT_MOST,
    Frozen,
    Wrong,
    runs_every_probe,
    serves_the_headset_page,
)

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


class Headset(Frozen):
    """A program that opens a page and judges, run by run, what it was told."""

    def __init__(self, home: Path, *summaries: str) -> None:
        super().__init__(home, home, under_wine=False)
        self.summaries = summaries
        self.runs = 0

    def run(self, *arguments: str | Path, **_options: object) -> str:
        """Opens its page; its verdict on it is in the report."""
        part = self.home / "url.part"
        part.write_text("http://localhost:9/", "utf-8")
        part.replace(self.home / "url.txt")
        summary = self.summaries[min(self.runs, len(self.summaries) - 1)]
        self.runs += 1
        findings = [
            {"check": check, "status": status, "summary": summary or good}
            for check, (status, good) in HEADSET_VERDICTS.items()
        ]
        report = Path(arguments[arguments.index("--json") + 1])
        report.write_text(json.dumps({"findings": findings}), "utf-8")
        return ""


def cut_off(url: str) -> bool:
    raise ConnectionResetError(url)


def gone(url: str) -> bool:
    raise URLError(ConnectionRefusedError(url))


def without_a_page(url: str) -> bool:
    raise HTTPError(url, 500, "", Message(), None)


@pytest.mark.parametrize("visit", [cut_off, gone])
def test_a_page_whose_time_was_over_is_opened_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, visit: Callable[[str], bool]
) -> None:
    monkeypatch.setattr(selftest, "_visited_headset_page", visit)
    headset = Headset(tmp_path, "not tried", "not tried", "")
    serves_the_headset_page(headset)
    assert headset.runs == 3
    never = Headset(tmp_path, "not tried")
    with pytest.raises(Wrong, match="not tried"):
        serves_the_headset_page(never)
    assert never.runs == RUNS_AT_MOST


def test_a_page_that_was_used_to_its_end_is_judged_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selftest, "_visited_headset_page", lambda _url: True)
    headset = Headset(tmp_path, "too quiet", "")
    with pytest.raises(Wrong, match="too quiet"):
        serves_the_headset_page(headset)
    assert headset.runs == 1


def test_a_wrong_answer_is_no_want_of_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selftest, "_visited_headset_page", without_a_page)
    headset = Headset(tmp_path, "")
    with pytest.raises(HTTPError):
        serves_the_headset_page(headset)
    assert headset.runs == 1


def test_the_window_gives_up_before_it_is_given_up() -> None:
    """Its exit code says more than a program that was ended."""
    script = (ROOT / "packaging/programs/window_selftest.py").read_text("utf-8")
    told = re.search(r"^PATIENCE_MS = ([\d_]+)", script, re.MULTILINE)
    assert told is not None
    assert PATIENCE_S / 2 < int(told[1]) / 1000 < PATIENCE_S
