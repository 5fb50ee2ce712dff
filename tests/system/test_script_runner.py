"""Proxy scripts in their child process: what they may answer, and hostile ones that go too far."""

import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from natwizard.probes.network import ScriptTrouble
from natwizard.system import script_runner
from natwizard.system.script_runner import ScriptProcess, ScriptRunner

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
