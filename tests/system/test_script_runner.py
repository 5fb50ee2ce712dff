"""Proxy scripts in their child process: what they may answer, and hostile ones that go too far."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from computers.platforms import linux_only

from natwizard.probes.network import ScriptTrouble
from natwizard.system import script_runner
from natwizard.system.script_runner import ScriptProcess, ScriptRunner

pytestmark = linux_only("elsewhere the system itself runs proxy scripts")

URL, HOST = "https://www.example.com/", "www.example.com"


def deciding(body: str) -> str:
    return f"function FindProxyForURL(url, host) {{ {body} }}"


@pytest.mark.parametrize(
    ("script", "text"),
    [
        (deciding("return 'PROXY ' + host + ':8080; DIRECT'"), f"PROXY {HOST}:8080; DIRECT"),
        (deciding("return url"), URL),
        (deciding("return null"), ""),
        (deciding(""), ""),
        ("'use strict'; let a = 'DIRECT'; " + deciding("return `${a}`"), "DIRECT"),
        ("function FindProxyForURLEx(url, host) { return 'DIRECT'; }", "DIRECT"),
        (deciding("return 'PROXY a:1'") + " // the end", "PROXY a:1"),
        ("var n = 0; " + deciding("n += 1; return 'PROXY a:' + n"), "PROXY a:1"),
    ],
)
def test_an_answer_comes_as_it_is(script: str, text: str) -> None:
    assert ScriptRunner(script).ask(URL, HOST)[:2] == (text, None)


@pytest.mark.parametrize(
    ("script", "trouble", "detail"),
    [
        ("function {", ScriptTrouble.SYNTAX, "line 1"),
        ("<!DOCTYPE html><title>Not found</title>", ScriptTrouble.SYNTAX, "line 1"),
        ("\n\n" + deciding("return (") + "", ScriptTrouble.SYNTAX, "line 3"),
        ("/* no end " + deciding("return ''"), ScriptTrouble.SYNTAX, "comment"),
        ("var a = 1;", ScriptTrouble.NO_FUNCTION, ""),
        ("var FindProxyForURL = 'DIRECT';", ScriptTrouble.NO_FUNCTION, ""),
        ("", ScriptTrouble.NO_FUNCTION, ""),
        ("missing();", ScriptTrouble.THROWS, "missing"),
        ("throw 'a word';", ScriptTrouble.THROWS, "a word"),
        (deciding("return missing();"), ScriptTrouble.THROWS, "missing"),
        (deciding("throw { toString: function () { return 'an object'; } };"),
         ScriptTrouble.THROWS, "an object"),
        (deciding("return FindProxyForURL(url, host) + 1;"), ScriptTrouble.THROWS, "RangeError"),
        (deciding("return 42;"), ScriptTrouble.NONSENSE, "42"),
        (deciding("return { proxy: 'a' };"), ScriptTrouble.NONSENSE, "object"),
        # they have no way to files or to the network
        (deciding("return new XMLHttpRequest();"), ScriptTrouble.THROWS, "XMLHttpRequest"),
        (deciding("return require('fs');"), ScriptTrouble.THROWS, "require"),
        (deciding("return Qt.quit();"), ScriptTrouble.THROWS, "Qt"),
        ("import fs from 'file:///etc/passwd';", ScriptTrouble.SYNTAX, ""),
    ],
)  # fmt: skip
def test_a_script_that_does_not_work_says_how(
    script: str, trouble: ScriptTrouble, detail: str
) -> None:
    said = ScriptRunner(script).ask(URL, HOST)
    assert said.trouble is trouble, said
    assert detail in said.text


@pytest.mark.parametrize(
    "script",
    [
        deciding("while (true) {}"),
        "while (true) {}",
        deciding("throw { toString: function () { while (true) {} } };"),
        deciding("while (true) dnsResolve('localhost' + Math.random());"),
        deciding("var text = 'x'; while (true) text += text;"),
        deciding("var all = []; while (true) all.push(new Array(1e6).join('x'));"),
        deciding("return 'x'.repeat(1e9);"),
        deciding("return new Array(1e9).fill(1).length;"),
        "var all = []; while (true) all.push({});",
    ],
)
def test_a_hostile_script_is_ended_and_not_asked_again(
    monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    children: list[subprocess.Popen[bytes]] = []
    start = ScriptProcess.start

    def watched() -> ScriptProcess:
        child = start()
        children.append(child.process)
        return child

    monkeypatch.setattr(ScriptProcess, "start", watched)
    runner = ScriptRunner(script)
    said = runner.ask(URL, HOST)
    assert said.trouble in {ScriptTrouble.ENDLESS, ScriptTrouble.GREEDY}, said
    begun = time.monotonic()
    assert runner.ask("https://www.example.net/", "www.example.net") == said
    assert time.monotonic() - begun < script_runner.THINK_S
    assert [child.poll() is not None for child in children] == [True]
    assert not psutil.pid_exists(children[0].pid)


def test_nobody_waits_long_for_a_script_that_never_answers() -> None:
    """Two seconds, and what a busy machine takes on top to start and to end the child."""
    runner = ScriptRunner(deciding("if (host == 'slow.example.com') while (true) {} return '';"))
    assert runner.ask(URL, HOST).trouble is None  # the child is up: its start is not measured
    begun = time.monotonic()
    assert runner.ask("https://slow.example.com/", "slow.example.com").trouble is not None
    assert time.monotonic() - begun < 10


def test_many_questions_at_once_are_answered_by_one_child(monkeypatch: pytest.MonkeyPatch) -> None:
    children: list[subprocess.Popen[bytes]] = []
    start = ScriptProcess.start

    def watched() -> ScriptProcess:
        child = start()
        children.append(child.process)
        return child

    monkeypatch.setattr(ScriptProcess, "start", watched)
    monkeypatch.setattr(script_runner, "IDLE_S", 0.3)
    runner = ScriptRunner(deciding("return 'PROXY ' + host"))
    with ThreadPoolExecutor(8) as pool:
        hosts = [f"host{number}" for number in range(40)]
        said = list(pool.map(lambda host: runner.ask(URL, host), hosts))
    assert [each.text for each in said] == [f"PROXY {host}" for host in hosts]
    assert len(children) == 1
    ends = time.monotonic() + 20
    while children[0].poll() is None and time.monotonic() < ends:
        time.sleep(0.05)
    assert children[0].returncode == 0  # it leaves by itself, where nobody asks any more
    assert runner.ask(URL, "again").text == "PROXY again"
    assert len(children) == 2


def test_a_child_that_cannot_be_started_is_no_fault_of_the_script(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(script_runner, "script_child_command", lambda: ("/no/such/program",))
    said = ScriptRunner(deciding("return 'DIRECT'")).ask(URL, HOST)
    assert said.trouble is ScriptTrouble.NOT_RUN


def test_a_child_that_is_not_ours_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script_runner, "script_child_command", lambda: ("yes", "[" * 2000))
    said = ScriptRunner(deciding("return 'DIRECT'")).ask(URL, HOST)
    assert said.trouble is ScriptTrouble.NOT_RUN


MODERN = {
    "catch without a binding": "try { throw 1 } catch { return 'PROXY p:1' }",
    "optional chaining": "const a = { b: null }; return a.b?.c ?? 'PROXY p:1'",
    "assignments": "let a = null; a ??= 'PROXY'; a &&= a + ' p:1'; return a",
    "spread": "const a = { ...{ p: 'PROXY p:1' } }; return [...[a.p]][0]",
    "named groups": "return /(?<x>P.*)/s.exec('PROXY p:1').groups.x",
    "lookbehind": "return 'xPROXY p:1'.replace(/(?<!y)x/u, '')",
    "sticky, dotall, unicode sets": "return /^[\\p{L}--q]+$/v.test('ab') && 'PROXY p:1'",
    "class fields": "class A { static s = 'PROXY '; #p = 'p:1'; get() { return A.s + this.#p } }"
    " return new A().get()",
    "private checks": "class A { #x = 1; static has(o) { return #x in o } }"
    " return A.has(new A()) && 'PROXY p:1'",
    "generators": "function* g() { yield 'PROXY p:1' } for (const each of g()) return each",
    "maps and sets": "return new Map([['a', 'PROXY p:1']]).get([...new Set(['a'])][0])",
    "at, flat, fromEntries": "return Object.fromEntries([['a', ['PROXY p:1']]].flat(0)).a.at(-1)",
    "findLast, toSorted, groupBy": "return Object.groupBy(['PROXY p:1'].toSorted(), () => 'a').a"
    ".findLast(Boolean)",
    "replaceAll, padStart, trim": "return '  PROXY-p:1'.trimStart().replaceAll('-', ' ')",
    "numbers": "return 1_000n === 1000n && 0b11 === 3 && 'PROXY p:' + 2 ** 0",
    "globalThis, symbols": "globalThis[Symbol.for('a')] = 'PROXY p:1';"
    " return globalThis[Symbol.for('a')]",
    "destructuring": "const { a: [, b = 'PROXY p:1'] } = { a: [1] }; return b",
    "labels, comma": "outer: for (;;) { for (;;) break outer } return (0, 'PROXY p:1')",
    "error causes": "try { throw new Error('a', { cause: 'PROXY p:1' }) }"
    " catch (e) { return e.cause }",
}
OLD = {
    "octal": "return 010 === 8 ? 'PROXY p:1' : ''",
    "octal escapes": "return '\\120ROXY p:1'",
    "escape and unescape": "return unescape(escape('PROXY p:1'))",
    "substr": "return 'xPROXY p:1'.substr(1)",
    "last match": "/(P.*)/.test('PROXY p:1'); return RegExp.$1",
    "what stood before it": "'PROXY p:1|x'.match(/\\|/); return RegExp.leftContext",
    "with": "with ({ p: 'PROXY p:1' }) { return p }",
    "functions in blocks": "if (true) { function f() { return 'PROXY p:1' } } return f()",
    "undeclared": "undeclared = 'PROXY p:1'; return undeclared",
    "arguments.callee": "return typeof arguments.callee === 'function' && 'PROXY p:1'",
    "__proto__": "return { __proto__: { p: 'PROXY p:1' } }.p",
    "html comments": "<!-- old browsers\nreturn 'PROXY p:1'\n--> to here\n",
    "getYear": "return new Date(99, 0).getYear() === 99 && 'PROXY p:1'",
    "console": "console.log('a'); alert('b'); return 'PROXY p:1'",
    "duplicate parameters": "function f(a, a) { return a } return f(1, 'PROXY p:1')",
}


@pytest.mark.parametrize("body", [*MODERN.values(), *OLD.values()], ids=[*MODERN, *OLD])
def test_the_language_is_today_s_and_yesterday_s(body: str) -> None:
    assert ScriptRunner(deciding(body)).ask(URL, HOST)[:2] == ("PROXY p:1", None)


@pytest.mark.parametrize("body", ["return new Intl.NumberFormat().format(1)", "WebAssembly.x"])
def test_what_browsers_have_and_the_engine_has_not_is_no_mistake(body: str) -> None:
    assert ScriptRunner(deciding(body)).ask(URL, HOST).trouble is ScriptTrouble.NOT_RUN


def test_a_slow_name_server_is_no_endless_script(tmp_path: Path) -> None:
    """Three names of a resolver that says nothing: longer than the script's own time in all."""
    names = "".join(f"dnsResolve('slow{number}.test');" for number in range(3))
    runner = ScriptRunner(deciding(f"{names} return 'PROXY a:1'"))
    hosts = tmp_path / "sitecustomize.py"
    hosts.write_text(
        "import socket, time\ndef slow(*a, **k):\n    time.sleep(30)\nsocket.getaddrinfo = slow\n"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(tmp_path))
        said = runner.ask(URL, HOST)
    assert said[:2] == ("PROXY a:1", None)
    assert said.names_s > script_runner.THINK_S


def test_the_child_is_bounded_at_100_mb_of_addresses() -> None:
    child = ScriptProcess.start()
    try:
        assert child.read(20).trouble is None
        limits = Path(f"/proc/{child.process.pid}/limits").read_text()
        bound = next(line for line in limits.splitlines() if line.startswith("Max address space"))
        assert bound.split()[3:5] == ["100000000", "100000000"]
        assert psutil.Process(child.process.pid).memory_info().vms < 60_000_000
    finally:
        child.end()


OWNER = """
import sys
from natwizard.system.script_runner import ScriptProcess
child = ScriptProcess.start()
child.read(20)
child.process.stdin.write(b'["", "while (true) {}"]\\n')
child.process.stdin.flush()
print(child.process.pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("whom", ["the child", "its owner"])
def test_sigterm_ends_a_busy_child_at_once(whom: str) -> None:
    with subprocess.Popen(
        (sys.executable, "-c", OWNER), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as owner:
        assert owner.stdout is not None
        child = psutil.Process(int(owner.stdout.readline()))
        assert child.is_running()
        (child if whom == "the child" else owner).terminate()
        ends = time.monotonic() + 10
        while child.is_running() and child.status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < ends, "it goes on"
            time.sleep(0.02)
        owner.kill()
