"""The tool that puts faults into the program: which places it finds, and which tests may notice."""

import ast
import sys
from pathlib import Path

import pytest
from mutants.run import Baseline, Mutant, Verdict, _tell, mutants_of, mutated

CODE = """
import sys
LIMIT = 3

@cached(depth=4)
def outer(a, b=5):
    def inner():
        return a < 6
    return inner

class Kind:
    rank: int = 7
    def method(self):
        return self.rank + 8

if sys.platform == "nowhere":
    NUMBER = 9
else:
    NUMBER = 10

def here():
    if sys.platform != "HERE":
        return 11
    return 12
""".replace("HERE", sys.platform)


@pytest.fixture
def file(tmp_path: Path) -> str:
    found = tmp_path / "module.py"
    found.write_text(CODE, "utf-8")
    return str(found)


def test_each_number_is_tied_to_the_outermost_function_that_runs_it(file: str) -> None:
    """A default and a decorator run where the function is made."""
    lines = CODE.splitlines()
    found = {mutant.text.split(" ->")[0]: mutant for mutant in mutants_of(file)}
    around = {
        text: lines[mutant.function[0] - 1].strip() if mutant.function else ""
        for text, mutant in found.items()
        if text.isdigit()
    }
    assert around == {
        "3": "", "4": "", "5": "", "6": "@cached(depth=4)", "7": "",
        "8": "def method(self):", "9": "", "10": "", "11": "def here():", "12": "def here():",
    }  # fmt: skip


def test_what_another_system_runs_is_told_apart(file: str) -> None:
    elsewhere = {mutant.text.split(" ->")[0] for mutant in mutants_of(file) if mutant.elsewhere}
    assert elsewhere == {"9", "11"}


def test_a_fault_changes_one_place_and_nothing_else(file: str) -> None:
    for mutant in mutants_of(file):
        changed = mutated(mutant).splitlines()
        plain = _plain(Path(file))
        assert sum(a != b for a, b in zip(plain, changed, strict=True)) == 1


def _plain(file: Path) -> list[str]:
    return ast.unparse(ast.parse(file.read_text("utf-8"))).splitlines()


BASE = Baseline(
    took_s={"quick": 0.1, "slow": 3.0, "other": 5.0},
    called={"quick": {("a.py", 10)}, "slow": {("a.py", 12), ("a.py", 30)}, "other": {("b.py", 1)}},
    imported={("a.py", 30)},
    doubted=[],
)


@pytest.mark.parametrize(
    ("function", "tests"),
    [
        ((9, 14), ["quick", "slow"]),
        ((11, 14), ["slow"]),
        ((50, 60), []),
        # outside of functions, or in one that ran as the module was read: nobody sees for whom
        (None, ["quick", "slow"]),
        ((30, 33), ["quick", "slow"]),
    ],
)
def test_a_fault_meets_the_tests_that_call_its_function(
    function: tuple[int, int] | None, tests: list[str]
) -> None:
    assert BASE.tests_of(Mutant("a.py", 0, 12, "", function)) == tests


def test_a_number_of_a_module_without_functions_meets_all_tests() -> None:
    assert BASE.tests_of(Mutant("c.py", 0, 12, "")) == ["quick", "slow", "other"]


@pytest.mark.parametrize(
    ("noticed", "lived", "late", "code"),
    [(97, 3, 0, 0), (96, 4, 0, 1), (97, 2, 1, 0), (97, 0, 4, 1), (0, 0, 0, 0)],
)
def test_what_was_not_decided_is_told_and_proves_nothing(
    noticed: int, lived: int, late: int, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    tally = {Verdict.NOTICED: noticed, Verdict.LIVES: lived, Verdict.NOT_DECIDED: late}
    some = [(Mutant("a.py", 0, 1, "", None, place < 2), ()) for place in range(5)]
    assert _tell(tally, some * 100, 3.0) == code
    told = capsys.readouterr().out
    assert f"{lived} of {noticed + lived} mutants live" in told
    assert f"{late} not decided in time" in told
