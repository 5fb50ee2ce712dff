"""Small faults put into the program, one at a time: do the tests of that folder notice?

    python -m mutants.run --count 200 --seed 1

Each mutant changes one operator, number or condition of a copy of the project in a folder of its
own, and the tests of its area run there until the first that fails, those that name the changed
module before the others. Those that let it live are printed with file and line. Ends with 1 where
their share is over `--most` percent.
"""

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parents[2]
AREAS: dict[str, tuple[str, ...]] = {
    "natwizard/checks": ("tests/checks",),
    "natwizard/wire": ("tests/wire", "tests/fuzz"),
    "natwizard/probes/media": (
        "tests/probes/test_media_figures.py",
        "tests/probes/test_jitter.py",
        "tests/probes/test_arrival.py",
        "tests/probes/test_media_probe.py",
        "tests/probes/test_calls_probe.py",
        "tests/checks/test_media_limits.py",
    ),
    "natwizard/run": ("tests/run",),
}
TIMEOUT_S = 240.0
"""A mutant that makes a loop endless is noticed, too."""

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


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault: `place` counts the nodes of the file's tree that can be changed."""

    file: str
    place: int
    line: int
    text: str


def points(tree: ast.AST) -> Iterator[tuple[ast.AST, int, str]]:
    """What can be changed, always in the same order: the node, its line, and what it becomes."""
    for node in ast.walk(tree):
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
    tree = ast.parse((PROJECT / file).read_text("utf-8"))
    return [
        Mutant(file, place, line, text) for place, (_node, line, text) in enumerate(points(tree))
    ]


def mutated(mutant: Mutant) -> str:
    """The file's text with the fault in it."""
    tree = ast.parse((PROJECT / mutant.file).read_text("utf-8"))
    chosen = next(node for place, (node, _, _) in enumerate(points(tree)) if place == mutant.place)
    return ast.unparse(ast.fix_missing_locations(_Change(chosen).visit(tree)))


def nearest_first(mutant: Mutant, tests: tuple[str, ...]) -> list[str]:
    """All test files of the area, those first that say the module's name: most faults end there."""
    files = [
        found
        for each in tests
        for found in (
            [PROJECT / each] if each.endswith(".py") else (PROJECT / each).rglob("test_*.py")
        )
    ]
    name = Path(mutant.file).stem
    far = {found: name not in found.read_text("utf-8") for found in files}
    return [str(found.relative_to(PROJECT)) for found in sorted(files, key=lambda f: (far[f], f))]


def is_noticed(mutant: Mutant, copy: Path, tests: tuple[str, ...]) -> bool:
    """Whether a test fails, or does not end."""
    target = copy / mutant.file
    whole = target.read_text("utf-8")
    target.write_text(mutated(mutant), "utf-8")
    command = [sys.executable, "-B", "-m", "pytest", *nearest_first(mutant, tests), "-x", "-q"]
    try:
        done = subprocess.run(
            [*command, "-p", "no:cacheprovider", "-m", "not windows and not lab and not quiet"],
            cwd=copy,
            env={**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return True
    finally:
        target.write_text(whole, "utf-8")
    if done.returncode not in (0, 1, 2, 3):
        raise RuntimeError(f"pytest ended with {done.returncode}: {' '.join(command)}")
    return done.returncode != 0


def choose(count: int, seed: int) -> list[tuple[Mutant, tuple[str, ...]]]:
    """The same ones for the same seed and code, as many of each area as it has lines."""
    every = [
        (mutant, tests)
        for area, tests in AREAS.items()
        for path in sorted((PROJECT / area).rglob("*.py"))
        for mutant in mutants_of(str(path.relative_to(PROJECT)))
    ]
    return random.Random(seed).sample(every, min(count, len(every)))


def main() -> int:
    """Run them one after the other and print what lived."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--most", type=float, default=3.0, help="percent that may live")
    asked = parser.parse_args()
    chosen, lived, begun = choose(asked.count, asked.seed), 0, time.monotonic()
    with tempfile.TemporaryDirectory(prefix="natwizard-mutants-") as folder:
        copy = Path(folder) / "project"
        left_out = shutil.ignore_patterns(
            ".venv", ".git", "build", "dist", ".*_cache", "__pycache__"
        )
        shutil.copytree(PROJECT, copy, ignore=left_out)
        for number, (mutant, tests) in enumerate(chosen, start=1):
            if not is_noticed(mutant, copy, tests):
                lived += 1
                print(f"lives: {mutant.file}:{mutant.line}: {mutant.text}", flush=True)
            if number % 10 == 0:
                took_s = time.monotonic() - begun
                print(f"{number} of {len(chosen)}, {lived} live, {took_s:.0f} s", flush=True)
    share = 100 * lived / max(1, len(chosen))
    print(f"{lived} of {len(chosen)} mutants live ({share:.1f} %)")
    return 1 if share > asked.most else 0


if __name__ == "__main__":
    sys.exit(main())
