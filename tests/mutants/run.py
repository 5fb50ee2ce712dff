"""Small faults put into the program, one at a time: do the tests of that folder notice?

    python -m mutants.run --count 200 --seed 1

Each mutant changes one operator, number or condition of a copy of the project in a folder of its
own, and the tests of its area run there until the first that fails: the test file that mirrors the
changed module, then those that name it, then the others. Those that let it live are printed with
file and line. Ends with 1 where their share is over `--most` percent, or where a known one lives
(`--known`). `--part 2/4` tries the second quarter of the same choice.

Tests run in forks of this process, which has loaded other people's libraries already: starting
pytest anew took longer than most tests. A test that took a second or more to fail may have failed
only because the computer was busy. It counts if it fails again with the fault and passes without.
"""

import argparse
import ast
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from compileall import compile_dir
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from py_compile import PycInvalidationMode

import pytest
from mutants.equivalent import EQUIVALENT

PROJECT = Path(__file__).parents[2]
AREAS: dict[str, tuple[str, ...]] = {
    "natwizard/checks": ("tests/checks",),
    "natwizard/wire": ("tests/wire", "tests/fuzz"),
    "natwizard/probes/media": ("tests/probes/media", "tests/checks/test_media_limits.py"),
    "natwizard/run": ("tests/run",),
}
LIBRARIES = (
    "cryptography.x509",
    "dns.message",
    "httpx",
    "hypothesis",
    "msgspec",
    "PySide6.QtWidgets",
)
"""Loaded once for all mutants; nothing of the project, which each fork must read anew."""

SLOW_S = 1.0
"""A test that fails so late waits for something, and a busy computer may have made it fail."""
TIMEOUT_S = 1800.0
"""For all tests of one mutant. An endless loop ends much sooner, by the time limit of its test; a
machine too slow for this proves nothing, so the mutant counts as living."""

OPPOSITE: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
}


DECLARED = {"frozen", "kw_only", "slots"}
"""How a value is declared: what mypy holds, and no behaviour that a test could miss."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault: `place` counts the nodes of the file's tree that can be changed."""

    file: str
    place: int
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class KnownMutant:
    """A fault tried each time: this text of a file becomes that one."""

    file: str
    text: str
    becomes: str
    tests: tuple[str, ...]


KNOWN = (
    KnownMutant(  # what this computer dropped itself is called the line's loss
        "natwizard/checks/shared/media_limits.py",
        "if machine.overflowed > OVERFLOWED_SHARE",
        "if False and machine.overflowed > OVERFLOWED_SHARE",
        ("tests/checks/test_media_limits.py",),
    ),
    KnownMutant(  # a value equal to its limit passes
        "natwizard/checks/shared/media_limits.py",
        "Status.PASS if self.value < self.limit",
        "Status.PASS if self.value <= self.limit",
        ("tests/checks/test_media_limits.py",),
    ),
    KnownMutant(  # a small answer is unpacked into a huge one
        "natwizard/probes/https/client.py",
        "unpack.decompress(chunk, limit_bytes + 1)",
        "unpack.decompress(chunk)",
        ("tests/probes/https/test_client.py",),
    ),
    KnownMutant(  # attributes that nobody vouches for count
        "natwizard/wire/stun.py",
        "sealed = sealed or kind in _INTEGRITY",
        "sealed = False",
        ("tests/wire/test_stun.py",),
    ),
    KnownMutant(  # one flow more than a home router is trusted with
        "natwizard/probes/stun/udp_range.py",
        "if self.flows >= self._flows_at_most:",
        "if self.flows > self._flows_at_most:",
        ("tests/probes/stun/test_udp_range.py",),
    ),
    KnownMutant(
        "natwizard/probes/rate_limiter.py",
        "IN_FLIGHT = 64",
        "IN_FLIGHT = 640",
        ("tests/probes/test_rate_limiter.py",),
    ),
    KnownMutant(
        "natwizard/system/script_runner.py",
        "THINK_S = 2.0",
        "THINK_S = 20.0",
        ("tests/system/test_script_runner.py",),
    ),
    KnownMutant(  # a port that nothing was sent to counts as blocked
        "natwizard/probes/stun/udp_range.py",
        "FailureCode.NETWORK_UNREACHABLE and not self.by_router",
        "None",
        ("tests/probes/stun/test_udp_range.py",),
    ),
    KnownMutant(  # a test server that hangs is called the line's loss
        "natwizard/probes/media/liveness.py",
        "return not self.greeted_again and self.witness_answered is not False",
        "return False",
        ("tests/probes/media/test_liveness.py",),
    ),
    KnownMutant(  # another line than before voids nothing
        "natwizard/run/line_watch.py",
        "if kinds.keys() & OTHER_LINE or had_none:",
        "if had_none:",
        ("tests/run/test_line_watch.py",),
    ),
)
"""Kept, for whoever changes these places takes their tests along."""


def points(tree: ast.AST) -> Iterator[tuple[ast.AST, int, str]]:
    """What can be changed, always in the same order: the node, its line, and what it becomes."""
    declared = {
        keyword.value
        for keyword in ast.walk(tree)
        if isinstance(keyword, ast.keyword) and keyword.arg in DECLARED
    } | set(_highest_ordinals(tree))
    for node in ast.walk(tree):
        if node in declared:
            continue
        line = getattr(node, "lineno", 0)
        match node:
            case ast.Compare(ops=[operator]) | ast.BoolOp(op=operator):
                yield node, line, _becomes(operator)
            case ast.BinOp(op=operator, left=left) if not _is_text(left):
                if type(operator) in OPPOSITE:
                    yield node, line, _becomes(operator)
            case ast.Constant(value=bool() as value):
                yield node, line, f"{value} -> {not value}"
            case ast.Constant(value=int() | float() as value) if value not in (0, 1):
                yield node, line, f"{value} -> {value * 10}"
            case ast.Constant(value=int() as value):
                yield node, line, f"{value} -> {value + 1}"
            case ast.UnaryOp(op=ast.Not()):
                yield node, line, "not dropped"


def _highest_ordinals(tree: ast.AST) -> Iterator[ast.AST]:
    """The last number of each list of `Kind` = 0, 1, 2 ...: made higher it is still the last, and
    such numbers count by their order alone. Numbers of protocols begin elsewhere or have gaps.
    """
    for found in ast.walk(tree):
        if not (isinstance(found, ast.ClassDef) and any(map(_is_int_enum, found.bases))):
            continue
        members = [each.value for each in found.body if isinstance(each, ast.Assign)]
        numbers = [each.value for each in members if isinstance(each, ast.Constant)]
        if numbers and numbers == list(range(len(members))):
            yield members[-1]


def _is_int_enum(base: ast.expr) -> bool:
    return isinstance(base, ast.Name) and base.id == "IntEnum"


def _becomes(operator: ast.AST) -> str:
    return f"{type(operator).__name__} -> {OPPOSITE[type(operator)].__name__}"


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


class _Change(ast.NodeTransformer):
    def __init__(self, chosen: ast.AST) -> None:
        self.chosen = chosen

    def visit(self, node: ast.AST) -> ast.AST:
        if node is not self.chosen:
            return self.generic_visit(node)
        match node:
            case ast.Compare(ops=[operator]):
                node.ops = [OPPOSITE[type(operator)]()]  # type: ignore[list-item]
            case ast.BoolOp(op=operator) | ast.BinOp(op=operator):
                node.op = OPPOSITE[type(operator)]()  # type: ignore[assignment]
            case ast.Constant(value=bool() as value):
                return ast.copy_location(ast.Constant(not value), node)
            case ast.Constant(value=int() | float() as value):
                other = value + 1 if value in (0, 1) else value * 10
                return ast.copy_location(ast.Constant(other), node)
            case ast.UnaryOp(operand=operand):
                return operand
        return node


def mutants_of(file: str) -> list[Mutant]:
    """All of one file."""
    tree = ast.parse(Path(file).read_text("utf-8"))
    return [
        Mutant(file, place, line, text) for place, (_node, line, text) in enumerate(points(tree))
    ]


def mutated(mutant: Mutant) -> str:
    """The file's text with the fault in it."""
    tree = ast.parse(Path(mutant.file).read_text("utf-8"))
    chosen = next(node for place, (node, _, _) in enumerate(points(tree)) if place == mutant.place)
    return ast.unparse(ast.fix_missing_locations(_Change(chosen).visit(tree)))


def nearest_first(mutant: Mutant, tests: tuple[str, ...]) -> list[str]:
    """All test files of the area, those first that mirror or name the module: most end there."""
    files = [
        found
        for each in tests
        for found in ([Path(each)] if each.endswith(".py") else Path(each).rglob("test_*.py"))
    ]
    name = Path(mutant.file).stem
    rank = {
        found: (found.stem != f"test_{name}", -found.read_text("utf-8").count(name), found)
        for found in files
    }
    return [str(found) for found in sorted(files, key=rank.__getitem__)]


@dataclass(slots=True, eq=False)
class _Failures:
    """A plugin of pytest: which tests failed, after how many seconds."""

    took_s: dict[str, float]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Called by pytest after each part of a test."""
        if report.failed:
            self.took_s[report.nodeid] = report.duration

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Called by pytest after each file that it reads."""
        if report.failed:
            self.took_s[report.nodeid] = 0.0


def _run_in_child(
    tests: Sequence[str], without: Sequence[str], answer: int, *, all_of: bool
) -> None:
    """Write pytest's exit code to `answer`, then a line for each test that failed."""
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.alarm(int(TIMEOUT_S))
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    seen = _Failures({})
    options = [*tests, *(f"--deselect={each}" for each in without), *([] if all_of else ["-x"])]
    options += ["-q", "-p", "no:cacheprovider", "-m", "not windows and not lab and not quiet"]
    options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # of LIBRARIES
    code = int(pytest.main(options, plugins=[seen]))
    lines = [str(code), *(f"{took_s} {name}" for name, took_s in seen.took_s.items())]
    os.write(answer, "\n".join(lines).encode())


def failures(
    tests: Sequence[str], *, without: Sequence[str] = (), all_of: bool = False
) -> dict[str, float]:
    """The first test that fails here and now, or all that do, and how long each took, in s.

    An endless loop that no test's own limit ends counts as a failure by that name. Raises
    RuntimeError where pytest could not run.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            _run_in_child(tests, without, writing, all_of=all_of)
        finally:
            os._exit(0)
    os.close(writing)
    try:
        with open(reading, encoding="utf-8") as answer:
            code, *failed = answer.read().split("\n")
        os.waitpid(child, 0)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)  # whatever its tests have started
    if code not in {"", "0", "1", "2"}:
        raise RuntimeError(f"pytest ended with {code}: {' '.join(tests)}")
    if not code or (code != "0" and not failed):
        return {"the whole run": 0.0}  # killed by a test's limit, by memory, or before any test
    return {
        name: float(took_s) for took_s, _space, name in (line.partition(" ") for line in failed)
    }


NEAREST = 2
"""Test files tried first: to collect those of a whole folder takes longer than to run these."""


def is_noticed(
    copy: Path, file: str, changed: str, tests: Sequence[str], doubted: list[str]
) -> bool:
    """Whether a test fails with that text in the file, and because of it; nearest tests first.

    `doubted` are tests that fail without any fault; another found here is added.
    """
    stages = (tests[:NEAREST], tests[NEAREST:])
    return any(_notice(copy, file, changed, stage, doubted) for stage in stages if stage)


def _notice(copy: Path, file: str, changed: str, tests: Sequence[str], doubted: list[str]) -> bool:
    target = copy / file
    whole = target.read_text("utf-8")
    try:
        while True:
            target.write_text(changed, "utf-8")
            failed = failures(tests, without=doubted)
            late = [name for name, took_s in failed.items() if took_s >= SLOW_S]
            if not failed or not late:
                return bool(failed)
            again = failures(late)
            target.write_text(whole, "utf-8")
            if again and not failures(late):
                return True
            doubted += late
            print(f"fails by chance, set aside: {' '.join(late)}", flush=True)
    finally:
        target.write_text(whole, "utf-8")


def living_known(copy: Path) -> int:
    """How many of the known ones live; each is printed. Raises ValueError for a lost place."""
    lived = 0
    for known in KNOWN:
        whole = (copy / known.file).read_text("utf-8")
        if whole.count(known.text) != 1:
            raise ValueError(f"{known.file} does not say once: {known.text}")
        changed = whole.replace(known.text, known.becomes)
        if not is_noticed(copy, known.file, changed, known.tests, []):
            lived += 1
            print(f"lives: {known.file}: {known.text}", flush=True)
    print(f"{lived} of {len(KNOWN)} known mutants live", flush=True)
    return lived


def choose(count: int, seed: int, under: str) -> list[tuple[Mutant, tuple[str, ...]]]:
    """The same ones for the same seed and code, of each area as many as it has places.

    With `under`, those of them that are in this folder or file.
    """
    every = [
        (mutant, tests)
        for area, tests in AREAS.items()
        for path in sorted(Path(area).rglob("*.py"))
        for mutant in mutants_of(str(path))
    ]
    chosen = random.Random(seed).sample(every, min(count, len(every)))
    return [(mutant, tests) for mutant, tests in chosen if Path(mutant.file).is_relative_to(under)]


def same_as_whole(mutant: Mutant) -> str | None:
    """Why this one changes nothing that anybody could notice; None where nobody has said so."""
    line = Path(mutant.file).read_text("utf-8").splitlines()[mutant.line - 1]
    return EQUIVALENT.get((mutant.file, line.strip(), mutant.text))


def enter(copy: Path) -> None:
    """Make the copy what this process and its children work in, whatever changes elsewhere."""
    left_out = shutil.ignore_patterns(".venv", ".git", "build", "dist", ".*_cache", "__pycache__")
    shutil.copytree(PROJECT, copy, ignore=left_out)
    # by content: a fault of the same length in the same second must be read, too
    compile_dir(copy / "natwizard", quiet=1, invalidation_mode=PycInvalidationMode.CHECKED_HASH)
    os.chdir(copy)
    os.environ.update(PYTHONPATH=str(copy), PYTHONDONTWRITEBYTECODE="1")
    sys.dont_write_bytecode = True
    own = {str(PROJECT), str(PROJECT / "tests"), "", "tests"}
    sys.path[:] = [str(copy), *(each for each in sys.path if each not in own)]
    for name in LIBRARIES:
        import_module(name)


def main() -> int:
    """Run them one after the other and print what lived."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--part", default="1/1", help="such as 2/4: the second quarter of them")
    parser.add_argument("--under", default="natwizard", help="of those chosen, the ones in here")
    parser.add_argument("--known", action="store_true", help="try those once found, too")
    parser.add_argument("--most", type=float, default=3.0, help="percent that may live")
    asked = parser.parse_args()
    part, parts = (int(each) for each in asked.part.split("/"))
    # who ends this takes the copy and what runs in it along
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    lived, same, begun = 0, 0, time.monotonic()
    with tempfile.TemporaryDirectory(prefix="natwizard-mutants-") as folder:
        copy = Path(folder) / "project"
        enter(copy)
        chosen = choose(asked.count, asked.seed, asked.under)[part - 1 :: parts]
        known_lived = living_known(copy) if asked.known else 0
        doubted: list[str] = []
        for tests in dict.fromkeys(tests for _mutant, tests in chosen):
            doubted += failures(tests, all_of=True)
        if doubted:
            print(f"fail without any fault, so tell nothing: {' '.join(doubted)}", flush=True)
        for number, (mutant, tests) in enumerate(chosen, start=1):
            if same_as_whole(mutant) is not None:
                same += 1
            elif not is_noticed(
                copy, mutant.file, mutated(mutant), nearest_first(mutant, tests), doubted
            ):
                lived += 1
                print(f"lives: {mutant.file}:{mutant.line}: {mutant.text}", flush=True)
            if number % 10 == 0:
                took_s = time.monotonic() - begun
                print(f"{number} of {len(chosen)}, {lived} live, {took_s:.0f} s", flush=True)
    tried = len(chosen) - same
    share = 100 * lived / max(1, tried)
    print(f"{lived} of {tried} mutants live ({share:.1f} %); {same} more change nothing")
    return 1 if share > asked.most or known_lived else 0


if __name__ == "__main__":
    sys.exit(main())
