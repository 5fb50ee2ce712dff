"""Every test module can be imported on every system: one that cannot ends the whole session there.

pytest stops before the first test where a single module fails to import. So what a system lacks is
asked for inside of tests, or behind a condition that names the system.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
POSIX_MODULES = {
    "crypt", "curses", "fcntl", "grp", "nis", "posix", "pty", "pwd", "readline", "resource",
    "spwd", "syslog", "termios", "tty",
}  # fmt: skip
"""Of the standard library: those that Windows lacks."""
POSIX_NAMES = re.compile(
    r"(socket\.(AF_UNIX|AF_NETLINK|AF_PACKET|SO_REUSEPORT|SCM_RIGHTS|MSG_DONTWAIT|MSG_ERRQUEUE)"
    r"|os\.(get(e?uid|e?gid|pgid|groups)|set(uid|gid|sid|priority)|mkfifo|mknod|fork|openpty"
    r"|killpg|chown|posix_fadvise|sched_\w+|uname|O_NOFOLLOW|O_NONBLOCK|WNOHANG|PRIO_PROCESS)"
    r"|signal\.(SIG(KILL|HUP|USR1|USR2|ALRM|STOP|CONT|QUIT|CHLD|PIPE)|alarm|setitimer))"
)
"""What the modules that Windows does have lack there."""
ASKED_FIRST = re.compile(r"hasattr|getattr|os\.name|sys\.platform|importorskip")
LINUX_PROGRAMS = {"benchmarks", "mutants"}
"""Folders of programs for Linux alone, which no test imports."""
PROGRAMS_OF_TESTS = {"lab/topology/delay_line.py"}
"""Started by a test as a program of its own, in a namespace."""


def modules() -> list[Path]:
    return sorted(
        path
        for path in TESTS.rglob("*.py")
        if path.relative_to(TESTS).parts[0] not in LINUX_PROGRAMS
        and str(path.relative_to(TESTS).as_posix()) not in PROGRAMS_OF_TESTS
    )


def lacking(source: str) -> list[str]:
    """What a module needs of a POSIX system while it is imported."""
    return [found for statement in ast.parse(source).body for found in _of_statement(statement)]


def _of_statement(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, ast.If | ast.Try):
        return  # a condition stands before it
    if isinstance(statement, ast.Import):
        yield from (each.name for each in statement.names if _is_posix(each.name))
    elif isinstance(statement, ast.ImportFrom):
        if statement.module and not statement.level and _is_posix(statement.module):
            yield statement.module
    elif isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        yield from _names_in([*statement.decorator_list, statement.args])
    elif isinstance(statement, ast.ClassDef):
        yield from _names_in([*statement.decorator_list, *statement.bases])
        for inner in statement.body:
            yield from _of_statement(inner)
    else:
        yield from _names_in([statement])


def _is_posix(module: str) -> bool:
    return module.partition(".")[0] in POSIX_MODULES


def _names_in(nodes: list[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if not ASKED_FIRST.search(ast.unparse(node)):
            names = (
                ast.unparse(each) for each in ast.walk(node) if isinstance(each, ast.Attribute)
            )
            yield from (name for name in names if POSIX_NAMES.fullmatch(name))


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(TESTS)))
def test_a_module_of_the_tests_needs_no_posix_to_be_imported(path: Path) -> None:
    assert lacking(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import resource", ["resource"]),
        ("from fcntl import ioctl", ["fcntl"]),
        ("KIND = socket.AF_UNIX", ["socket.AF_UNIX"]),
        ("def f(kind=socket.AF_UNIX): pass", ["socket.AF_UNIX"]),
        ("@mark.skipif(os.geteuid() != 0)\ndef f(): pass", ["os.geteuid"]),
        ("class A:\n    kind = signal.SIGKILL", ["signal.SIGKILL"]),
        ("@mark.parametrize('s', [signal.SIGHUP])\ndef f(s): pass", ["signal.SIGHUP"]),
        ("PROGRAM = 'import resource; os.kill(1, signal.SIGKILL)'", []),
        # asked first, or only while a test runs
        ("@mark.skipif(os.name != 'posix' or os.geteuid() != 0)\ndef f(): pass", []),
        ("if sys.platform != 'win32':\n    import resource", []),
        ("resource = pytest.importorskip('resource')", []),
        ("def f():\n    import resource\n    return socket.AF_UNIX", []),
    ],
)
def test_what_would_stop_a_session_on_windows_is_seen(source: str, found: list[str]) -> None:
    assert lacking(source) == found
