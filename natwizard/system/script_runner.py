"""Questions to one proxy script (PAC), which a child process runs: see `script_child`."""

import json
import os
import queue
import selectors
import subprocess
import sys
import threading
import time
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NamedTuple, TypeAlias

import natwizard
from natwizard.assets import asset
from natwizard.probes.network import ScriptTrouble

RUN_PROXY_SCRIPT = "run-proxy-script"
"""Of the frozen programs alone: packaging/programs/ hand it on before anything else is loaded."""
SCRIPT_CHILD = "natwizard.system.script_child"


def script_child_command() -> tuple[str, ...]:
    """The frozen program with its hidden subcommand, or this interpreter with the module."""
    if getattr(sys, "frozen", False):
        return (sys.executable, RUN_PROXY_SCRIPT)
    # -P: whatever lies in the folder somebody works in is not ours
    return (sys.executable, "-P", "-m", SCRIPT_CHILD)


def own_environment() -> dict[str, str]:
    """Ours, with this package found first, also where it was never installed."""
    root = str(Path(natwizard.__file__).parents[1])
    places = (root, os.environ.get("PYTHONPATH", ""))
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, places))}


START_S = 10.0
"""Until the child is ready: it loads the engine, and the machine may be busy."""
THINK_S = 2.0
"""For the script as a whole, and for each answer; browsers wait longer, people do not."""
# To start a child for each question takes half a second of a core (decision 47)
IDLE_S = 3.0
LOOKUP_WAIT_S = 10.0
"""For the names that a script asks for, beside its own time; the child's bounds are shorter."""
# An honest child's longest line has 24 kB (script_child.ANSWER_CHARACTERS)
ANSWER_BYTES = 64 * 1024
END_S = 1.0
ONE_ARENA = {"MALLOC_ARENA_MAX": "1"}
"""glibc sets 64 MB of addresses aside for each thread, and the child has 100 in all."""
SLOW_NAMES_S = 1.0
"""From here on, waiting for names is worth telling."""


class ScriptAnswer(NamedTuple):
    """What the child told: an answer, or a trouble and its detail.

    `names_s` went into name lookups: a resolver that is slow is no fault of the script.
    """

    text: str
    trouble: ScriptTrouble | None = None
    names_s: float = 0.0


Question: TypeAlias = tuple[str, str]
LOOKUP_BEGINS = b'["lookup", ""]'


class ScriptRunner:
    """One script, and a child that lives as long as there are questions.

    Questions of several threads follow each other. A script that once took too much is not
    asked again. The child ends with the questions, with this process, or with its own bounds.
    """

    def __init__(self, script: str) -> None:
        self._script = script
        self._questions: queue.SimpleQueue[tuple[Question, Future[ScriptAnswer]]] = (
            queue.SimpleQueue()
        )
        self._lock = threading.Lock()
        self._serving = False
        self._verdict: ScriptAnswer | None = None

    def ask(self, url: str, host: str) -> ScriptAnswer:
        """What the script says of a URL; it may take as long as its bounds allow."""
        answer: Future[ScriptAnswer] = Future()
        self._questions.put(((url, host), answer))
        with self._lock:
            if not self._serving:
                self._serving = True
                threading.Thread(target=self._serve, name="proxy script", daemon=True).start()
        return answer.result()

    def _serve(self) -> None:
        """Answer until nothing has been asked for a while."""
        child: ScriptProcess | None = None
        while (asked := self._next()) is not None:
            question, answer = asked
            try:
                if child is None and self._verdict is None:
                    child, self._verdict = self._start()
                answer.set_result(self._verdict or self._answer(child, question))
            except Exception as defect:  # noqa: BLE001 - whoever asked must not wait for ever
                answer.set_exception(defect)
        if child is not None:
            child.end()

    def _next(self) -> tuple[Question, Future[ScriptAnswer]] | None:
        try:
            return self._questions.get(timeout=IDLE_S)
        except queue.Empty:
            pass
        with self._lock:  # whoever asks from here on starts another thread
            try:
                return self._questions.get_nowait()
            except queue.Empty:
                self._serving = False
                return None

    def _start(self) -> tuple["ScriptProcess | None", ScriptAnswer | None]:
        functions = asset("proxy_script/functions.js").read_text("utf-8")
        try:
            child = ScriptProcess.start()
        except OSError as error:
            return None, ScriptAnswer(str(error), ScriptTrouble.NOT_RUN)
        told = child.read(START_S)
        if told.trouble is not None:
            child.end()
            return None, ScriptAnswer(f"the child: {told.text}", ScriptTrouble.NOT_RUN)
        told = child.exchange((functions, self._script), THINK_S)
        if told.trouble is None:
            return child, None
        child.end()
        return None, told

    def _answer(self, child: "ScriptProcess | None", question: Question) -> ScriptAnswer:
        if child is None:
            return ScriptAnswer("no child", ScriptTrouble.NOT_RUN)
        told = child.exchange(question, THINK_S)
        if told.trouble in {ScriptTrouble.ENDLESS, ScriptTrouble.GREEDY}:
            self._verdict = told
            child.end()
        return told


@dataclass(slots=True)
class ScriptProcess:
    """The process, and the lines that are exchanged with it."""

    process: subprocess.Popen[bytes]
    received: bytes = b""

    @classmethod
    def start(cls) -> "ScriptProcess":
        """In a session of its own, with nothing to write to but its one pipe. Raises OSError."""
        return cls(
            subprocess.Popen(
                script_child_command(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                env=own_environment() | ONE_ARENA,
            )
        )

    def exchange(self, message: tuple[str, str], timeout_s: float) -> ScriptAnswer:
        """Send a line and wait for one; a child that takes too much is ended."""
        stdin = _pipe(self.process.stdin)
        with suppress(OSError):  # it is gone: reading tells how
            stdin.write(json.dumps(message).encode("ascii") + b"\n")
            stdin.flush()
        return self.read(timeout_s)

    def read(self, timeout_s: float) -> ScriptAnswer:
        """The next answer of the child. Its clock stands still while names are looked up."""
        ends = time.perf_counter() + timeout_s
        names_s = 0.0
        while True:
            line = self._line(ends)
            if isinstance(line, ScriptAnswer):
                return line._replace(names_s=names_s)
            if line != LOOKUP_BEGINS:
                return _read(line)._replace(names_s=names_s)
            begun = time.perf_counter()
            line = self._line(begun + max(0.0, LOOKUP_WAIT_S - names_s))
            if isinstance(line, ScriptAnswer):
                return line._replace(names_s=names_s)
            waited_s = time.perf_counter() - begun
            names_s += waited_s
            ends += waited_s

    def _line(self, ends: float) -> bytes | ScriptAnswer:
        """The next line, or what is wrong with a child that sends none."""
        out = _pipe(self.process.stdout)
        while b"\n" not in self.received:
            if not _readable(out, max(0.0, ends - time.perf_counter())):
                self.end()
                return ScriptAnswer("no end in time", ScriptTrouble.ENDLESS)
            data = os.read(out.fileno(), 65_536)
            if not data:
                return self._gone()
            self.received += data
            if len(self.received) > ANSWER_BYTES:
                self.end()
                return ScriptAnswer(f"over {ANSWER_BYTES} bytes", ScriptTrouble.GREEDY)
        line, _, self.received = self.received.partition(b"\n")
        return line

    def _gone(self) -> ScriptAnswer:
        """It has ended: the engine gives up where it gets no more memory."""
        self.end()
        code = self.process.returncode
        how = f"ended by signal {-code}" if code < 0 else f"ended with {code}"
        return ScriptAnswer(how, ScriptTrouble.GREEDY)

    def end(self) -> None:
        """Close the pipes; one that does not leave by itself is killed. May be called twice."""
        for pipe in (self.process.stdin, self.process.stdout):
            with suppress(OSError):
                _pipe(pipe).close()
        try:
            self.process.wait(0.1)
        except subprocess.TimeoutExpired:
            self.process.kill()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(END_S)


def _readable(pipe: IO[bytes], timeout_s: float) -> bool:
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        return bool(selector.select(timeout_s))


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None  # noqa: S101 - PIPE was asked for
    return pipe


def _read(line: bytes) -> ScriptAnswer:
    """A line as our own child writes them; a hijacked one may write anything."""
    try:
        kind, text = json.loads(line)
        trouble = None if kind in {"ok", "ready"} else ScriptTrouble(kind)
        return ScriptAnswer(str(text), trouble)
    except (ValueError, TypeError, RecursionError) as error:
        return ScriptAnswer(str(error), ScriptTrouble.NOT_RUN)
