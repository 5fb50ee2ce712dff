"""Small faults put into the program, one at a time: do the tests of that folder notice?

    python -m mutants.run --count 200 --seed 1

Each mutant changes one operator, number or condition of a copy of the project in a folder of its
own, and those tests of its area run there that call the changed function, the quickest first, until
one fails. Which call it is seen once, without any fault. Those mutants that live are printed with
file and line; so are those that were not decided within `--limit` seconds, for tests that wait for
packets. Ends with 1 where the share of both is over `--most` percent, or where a known one lives
(`--known`). `--part 2/4` tries the second quarter of the same choice.

Places that only another system runs (`sys.platform`) are counted and not tried. Tests that need a
quiet machine are left out: they fail by chance beside others.

Tests run in forks of this process, which has loaded other people's libraries already: starting
pytest anew took longer than most tests. A test that took a second or more to fail may have failed
only because the computer was busy. It counts if it fails again with the fault and passes without.
"""

import argparse
import ast
import inspect
import os
import random
import select
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from compileall import compile_dir
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from importlib import import_module
from pathlib import Path
from py_compile import PycInvalidationMode
from types import CodeType, FrameType

import msgspec
import pytest
from mutants.equivalent import EQUIVALENT

PROJECT = Path(__file__).parents[2]
AREAS: dict[str, tuple[str, ...]] = {
    "natwizard/checks": ("tests/checks",),
    "natwizard/wire": ("tests/wire", "tests/fuzz"),
    "natwizard/probes/media": ("tests/probes/media", "tests/checks/test_media_limits.py"),
    "natwizard/run": ("tests/run",),
    "natwizard/probes/stun": ("tests/probes/stun",),
    "natwizard/reflector": ("tests/reflector",),
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
LIMIT_S = 300.0
"""For one mutant. What is not decided by then is printed, and is neither noticed nor living."""
WITHOUT_FAULT_S = 3600.0
"""For all tests of one area, once."""
TEST_LEAST_S, TEST_TIMES = 20.0, 5.0
"""A test may take so long, and so many times what it took without the fault: else a fault that
makes it wait for ever would take the whole of LIMIT_S."""

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
    """One fault.

    Attributes:
        place: counts the nodes of the file's tree that can be changed.
        function: first and last line of the outermost function around it; None outside of any.
        elsewhere: only another system runs that line.
    """

    file: str
    place: int
    line: int
    text: str
    function: tuple[int, int] | None = None
    elsewhere: bool = False


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
    functions, elsewhere = dict(_functions_around(tree)), set(_of_another_system(tree))
    return [
        Mutant(file, place, line, text, functions.get(node), node in elsewhere)
        for place, (node, line, text) in enumerate(points(tree))
    ]


def _functions_around(tree: ast.AST) -> Iterator[tuple[ast.AST, tuple[int, int]]]:
    """Each node in the body of a function, and the lines of the outermost one around it.

    Defaults and decorators are no part of the body: they run where the function is made.
    """
    for found in ast.iter_child_nodes(tree):
        if not isinstance(found, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _functions_around(found)
            continue
        first = min([found.lineno, *(each.lineno for each in found.decorator_list)])
        for node in (node for part in found.body for node in ast.walk(part)):
            yield node, (first, found.end_lineno or first)


def _of_another_system(tree: ast.AST) -> Iterator[ast.AST]:
    """What stands behind a `sys.platform` that is not this one's."""
    for found in ast.walk(tree):
        match found:
            case ast.If(test=ast.Compare(
                left=ast.Attribute(value=ast.Name(id="sys"), attr="platform"),
                ops=[ast.Eq() | ast.NotEq() as operator],
                comparators=[ast.Constant(value=name)],
            )):  # fmt: skip
                is_here = (sys.platform == name) is isinstance(operator, ast.Eq)
                for part in found.orelse if is_here else found.body:
                    yield from ast.walk(part)


def mutated(mutant: Mutant) -> str:
    """The file's text with the fault in it."""
    tree = ast.parse(Path(mutant.file).read_text("utf-8"))
    chosen = next(node for place, (node, _, _) in enumerate(points(tree)) if place == mutant.place)
    return ast.unparse(ast.fix_missing_locations(_Change(chosen).visit(tree)))


class _Answer(msgspec.Struct, kw_only=True):
    """What the tests told.

    Attributes:
        code: pytest's exit code.
        failed: tests that failed, and after how many seconds.
        took_s: what each test took, its fixtures left out.
        called: the functions of the project that each test called, as places in `functions`;
            `imported`: those that modules called as they were read.
        functions: file and first line.
    """

    code: int
    failed: dict[str, float] = {}
    took_s: dict[str, float] = {}
    called: dict[str, list[int]] = {}
    imported: list[int] = []
    functions: list[tuple[str, int]] = []


@dataclass(slots=True, eq=False)
class _Results:
    """A plugin of pytest: runs the chosen tests in the order given, and keeps how they ended.

    Attributes:
        order: tests or whole files; what is in neither is left out.
        took_s: what tests take without a fault, where that is known.
    """

    order: Mapping[str, int]
    without: Collection[str]
    took_s: Mapping[str, float]
    answer: _Answer

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Called by pytest once all tests are known."""
        ranks = {
            item: self.order.get(item.nodeid, self.order.get(_file_of(item.nodeid)))
            for item in items
            if item.nodeid not in self.without
        }
        items[:] = sorted(
            (item for item in items if ranks.get(item) is not None), key=lambda item: ranks[item]
        )
        for item in items:
            if item.nodeid in self.took_s:
                most_s = TEST_LEAST_S + TEST_TIMES * self.took_s[item.nodeid]
                item.add_marker(pytest.mark.timeout(most_s), append=False)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Called by pytest after each part of a test."""
        if report.when == "call":
            self.answer.took_s[report.nodeid] = report.duration
        if report.failed:
            self.answer.failed[report.nodeid] = report.duration

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Called by pytest after each file that it reads."""
        if report.failed:
            self.answer.failed[report.nodeid] = 0.0


Calls = set[tuple[str, int]]
"""Functions, each by its file and first line."""


@dataclass(slots=True, eq=False)
class _CallsOfTests:
    """A plugin of pytest: which functions of a folder each test calls, on any thread.

    What reading a test file or making its fixtures calls counts for each test of that file.
    """

    folder: str
    by_test: dict[str, Calls] = field(default_factory=dict)
    by_file: dict[str, Calls] = field(default_factory=dict)
    imported: Calls = field(default_factory=set)
    _now: Calls = field(default_factory=set)

    def begin(self) -> None:
        """From here on; threads that run already are not seen.

        Again before each test: Python stops where the tracing function itself meets a full stack.
        """
        threading.settrace(self._called)
        sys.settrace(self._called)

    def of(self, test: str) -> Calls:
        """All that may matter to one test."""
        return self.by_test.get(test, set()) | self.by_file.get(_file_of(test), set())

    def _called(self, frame: FrameType, _event: str, _argument: object) -> None:
        code: CodeType = frame.f_code
        # neither modules nor classes, whose bodies run once, for whoever comes first
        if code.co_flags & inspect.CO_OPTIMIZED and code.co_filename.startswith(self.folder):
            self._now.add((code.co_filename, code.co_firstlineno))

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Called by pytest to read a file."""
        self._now = set()
        try:
            return (yield)
        finally:
            self.imported |= self._now
            self.by_file.setdefault(_file_of(collector.nodeid), set()).update(self._now)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, None, None]:
        """Called by pytest to make fixtures."""
        self.begin()
        self._now = self.by_file.setdefault(_file_of(item.nodeid), set())
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, None, None]:
        """Called by pytest to run the test itself."""
        self.begin()
        self._now = self.by_test.setdefault(item.nodeid, set())
        try:
            return (yield)
        finally:
            self._now = self.by_file.setdefault(_file_of(item.nodeid), set())


def _file_of(test: str) -> str:
    return test.partition("::")[0]


@dataclass(frozen=True, slots=True)
class Baseline:
    """What the tests of one area do without any fault.

    Attributes:
        took_s: of each, in s, quickest first.
        called: the functions of the project that each calls, by file and first line.
        imported: those that modules call as they are read: which tests rest on them, nobody sees.
        doubted: those that fail; more are added as they are found to fail by chance.
    """

    took_s: Mapping[str, float]
    called: Mapping[str, Calls]
    imported: Calls
    doubted: list[str]

    def tests_of(self, mutant: Mutant) -> list[str]:
        """Those that a fault there may concern, quickest first: they call that function.

        For what runs as the module is read, any function of that file, and all tests of files that
        import it; all tests where there is none of either.
        """
        function = mutant.function
        if function is None or _any_of(self.imported, mutant.file, function):
            whole = (0, sys.maxsize)
            naming = {each for each in map(_file_of, self.took_s) if _imports(each, mutant.file)}
            found = [
                each
                for each in self.took_s
                if _file_of(each) in naming or _any_of(self.called[each], mutant.file, whole)
            ]
            return found or list(self.took_s)
        return [each for each in self.took_s if _any_of(self.called[each], mutant.file, function)]


def _imports(test_file: str, file: str) -> bool:
    module = Path(file).with_suffix("")
    text = Path(test_file).read_text("utf-8") if Path(test_file).is_file() else ""
    return ".".join(module.parts) in text or f"import {module.name}" in text


def _any_of(calls: Calls, file: str, lines: tuple[int, int]) -> bool:
    return any(name == file and lines[0] <= line <= lines[1] for name, line in calls)


class Verdict(Enum):
    """What became of a mutant."""

    NOTICED = auto()
    LIVES = auto()
    NOT_DECIDED = auto()


def _run_in_child(
    tests: Sequence[str],
    without: Collection[str],
    took_s: Mapping[str, float],
    answer: int,
    *,
    watched: str,
) -> None:
    """Write an `_Answer` to `answer`, as JSON. `watched` is the folder whose functions count."""
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    told = _Answer(code=0)
    results = _Results({name: place for place, name in enumerate(tests)}, without, took_s, told)
    plugins: list[object] = [results]
    options = [*dict.fromkeys(map(_file_of, tests)), *([] if watched else ["-x"])]
    options += ["-q", "-p", "no:cacheprovider", "-m", "not windows and not lab and not quiet"]
    options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # of LIBRARIES
    calls = _CallsOfTests(watched)
    if watched:
        plugins.append(calls)
        calls.begin()
    told.code = int(pytest.main(options, plugins=plugins))
    sys.settrace(None)
    if watched:
        places: dict[tuple[str, int], int] = {}
        told.called = {
            test: [places.setdefault(each, len(places)) for each in calls.of(test)]
            for test in told.took_s
        }
        told.imported = [places.setdefault(each, len(places)) for each in calls.imported]
        start = len(str(Path.cwd())) + 1
        told.functions = [(file[start:], line) for file, line in places]
    with open(answer, "wb") as writing:
        writing.write(msgspec.json.encode(told))


def _ask(
    tests: Sequence[str],
    *,
    until_s: float,
    without: Collection[str] = (),
    took_s: Mapping[str, float] | None = None,
    watched: str = "",
) -> _Answer | None:
    """Run tests in a fork until the first that fails, or all where `watched` is a folder.

    None where they did not end by `until_s` of `time.monotonic`. Raises RuntimeError where pytest
    could not run.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            _run_in_child(tests, without, took_s or {}, writing, watched=watched)
        finally:
            os._exit(0)
    os.close(writing)
    text = b""
    try:
        with open(reading, "rb", buffering=0) as answer:
            while select.select([answer], [], [], max(0.0, until_s - time.monotonic()))[0]:
                part = answer.read(1 << 20)
                if not part:
                    break
                text += part
            else:
                return None
    finally:
        with suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)  # whatever its tests have started
        os.waitpid(child, 0)
    told = msgspec.json.decode(text, type=_Answer) if text else _Answer(code=2)
    if told.code not in {0, 1, 2}:
        raise RuntimeError(f"pytest ended with {told.code}: {' '.join(tests[:3])} ...")
    if told.code and not told.failed:  # killed by a test's limit, by memory, or before any test
        told.failed = {"the whole run": 0.0}
    return told


def without_fault(tests: Sequence[str]) -> Baseline:
    """Run all tests of an area once. Raises RuntimeError where they do not end."""
    told = _ask(
        [str(file) for each in tests for file in _test_files(Path(each))],
        until_s=time.monotonic() + WITHOUT_FAULT_S,
        watched=str(Path.cwd() / "natwizard"),
    )
    if told is None or "the whole run" in told.failed:
        raise RuntimeError(f"the tests do not end without any fault: {' '.join(tests)}")
    quickest = sorted(told.took_s, key=told.took_s.__getitem__)
    called = {
        test: {told.functions[place] for place in told.called.get(test, ())} for test in quickest
    }
    return Baseline(
        took_s={test: told.took_s[test] for test in quickest},
        called=called,
        imported={told.functions[place] for place in told.imported},
        doubted=list(told.failed),
    )


def _test_files(place: Path) -> list[Path]:
    return [place] if place.is_file() else sorted(place.rglob("test_*.py"))


NEAREST = 2
"""Test files tried first: to collect those of a whole folder takes longer than to run these."""


def try_mutant(copy: Path, mutant: Mutant, base: Baseline, limit_s: float) -> Verdict:
    """Quick tests of the nearest files first, then all others that call the function."""
    tests = [each for each in base.tests_of(mutant) if each not in base.doubted]
    name = Path(mutant.file).stem
    files = list(dict.fromkeys(map(_file_of, tests)))
    files.sort(key=lambda each: (Path(each).stem != f"test_{name}", -_count(tests, each)))
    near = set(files[:NEAREST])
    first = [each for each in tests if _file_of(each) in near and base.took_s[each] < SLOW_S]
    rest = [each for each in tests if each not in set(first)]
    until_s = time.monotonic() + limit_s
    changed = mutated(mutant)
    if not tests:
        print(f"no test calls this: {mutant.file}:{mutant.line}", flush=True)
    for stage in (first, rest):
        if not stage:
            continue
        verdict = _notice(copy, mutant.file, changed, stage, base.doubted, base.took_s, until_s)
        if verdict is not Verdict.LIVES:
            return verdict
    return Verdict.LIVES


def _count(tests: Sequence[str], file: str) -> int:
    return sum(_file_of(each) == file for each in tests)


def _notice(
    copy: Path,
    file: str,
    changed: str,
    tests: Sequence[str],
    doubted: list[str],
    took_s: Mapping[str, float],
    until_s: float,
) -> Verdict:
    """Whether a test fails with that text in the file, and because of it.

    `doubted` are tests that fail without any fault; another found here is added.
    """
    target = copy / file
    whole = target.read_text("utf-8")
    try:
        while tests := [each for each in tests if each not in doubted]:
            target.write_text(changed, "utf-8")
            told = _ask(tests, until_s=until_s, without=doubted, took_s=took_s)
            if told is None:
                return Verdict.NOT_DECIDED
            late = [name for name, each_s in told.failed.items() if each_s >= SLOW_S]
            if not told.failed or not late:
                return Verdict.NOTICED if told.failed else Verdict.LIVES
            again = _ask(late, until_s=until_s, took_s=took_s)
            target.write_text(whole, "utf-8")
            honest = _ask(late, until_s=until_s, took_s=took_s)
            if again is None or honest is None:
                return Verdict.NOT_DECIDED
            if again.failed and not honest.failed:
                return Verdict.NOTICED
            doubted += late
            print(f"fails by chance, set aside: {' '.join(late)}", flush=True)
        return Verdict.LIVES
    finally:
        target.write_text(whole, "utf-8")


def living_known(copy: Path, limit_s: float) -> int:
    """How many of the known ones live, or were not decided in time; each is printed.

    Raises ValueError for a lost place.
    """
    lived = 0
    for known in KNOWN:
        whole = (copy / known.file).read_text("utf-8")
        if whole.count(known.text) != 1:
            raise ValueError(f"{known.file} does not say once: {known.text}")
        changed = whole.replace(known.text, known.becomes)
        until_s = time.monotonic() + limit_s
        verdict = _notice(copy, known.file, changed, known.tests, [], {}, until_s)
        if verdict is not Verdict.NOTICED:
            lived += 1
            print(f"{_words(verdict)}: {known.file}: {known.text}", flush=True)
    print(f"{lived} of {len(KNOWN)} known mutants live", flush=True)
    return lived


def _words(verdict: Verdict) -> str:
    return "lives" if verdict is Verdict.LIVES else "not decided in time"


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
    parser.add_argument("--limit", type=float, default=LIMIT_S, help="seconds for one of them")
    parser.add_argument(
        "--tests", nargs="+", default=[], help="these files alone: more may live than with all"
    )
    asked = parser.parse_args()
    part, parts = (int(each) for each in asked.part.split("/"))
    # who ends this takes the copy and what runs in it along
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    tally = dict.fromkeys(Verdict, 0)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="natwizard-mutants-") as folder:
        copy = Path(folder) / "project"
        enter(copy)
        chosen = choose(asked.count, asked.seed, asked.under)[part - 1 :: parts]
        if asked.tests:
            chosen = [(mutant, tuple(asked.tests)) for mutant, _tests in chosen]
        known_lived = living_known(copy, asked.limit) if asked.known else 0
        tried = [each for each in chosen if not each[0].elsewhere]
        tried = [each for each in tried if same_as_whole(each[0]) is None]
        areas = {tests: without_fault(tests) for tests in dict.fromkeys(t for _m, t in tried)}
        for base in areas.values():
            print(f"{len(base.took_s)} tests, {sum(base.took_s.values()):.0f} s", flush=True)
            if base.doubted:
                doubted = " ".join(base.doubted)
                print(f"fail without any fault, so tell nothing: {doubted}", flush=True)
        for number, (mutant, tests) in enumerate(tried, start=1):
            verdict = try_mutant(copy, mutant, areas[tests], asked.limit)
            tally[verdict] += 1
            if verdict is not Verdict.NOTICED:
                where = f"{mutant.file}:{mutant.line}: {mutant.text}"
                print(f"{_words(verdict)}: {where}", flush=True)
            if number % 10 == 0:
                took_s = time.monotonic() - begun
                lived = tally[Verdict.LIVES]
                print(f"{number} of {len(tried)}, {lived} live, {took_s:.0f} s", flush=True)
    return _tell(tally, chosen, asked.most) or int(known_lived > 0)


def _tell(
    tally: Mapping[Verdict, int], chosen: Sequence[tuple[Mutant, tuple[str, ...]]], most: float
) -> int:
    """Print how they ended; 1 where more may live than should."""
    lived, late = tally[Verdict.LIVES], tally[Verdict.NOT_DECIDED]
    decided = lived + tally[Verdict.NOTICED]
    elsewhere = sum(mutant.elsewhere for mutant, _tests in chosen)
    same = len(chosen) - elsewhere - decided - late
    share = 100 * lived / max(1, decided)
    print(f"{lived} of {decided} mutants live ({share:.1f} %); {late} not decided in time")
    print(f"not tried: {same} that change nothing, {elsewhere} of another system")
    return int(100 * (lived + late) / max(1, decided + late) > most)


if __name__ == "__main__":
    sys.exit(main())
