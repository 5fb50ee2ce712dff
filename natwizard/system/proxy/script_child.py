"""The child process that runs a proxy script (PAC): one script, then one answer a question.

Whatever the script does ends here: it sees no files, no network but names, a bounded memory and
little time, and all it can say is a line of text. The parent is `system.script_runner`.

Lines of JSON on both pipes: "ready"; then [functions, script], answered by ["ok", ""] or by
[trouble, detail]; then [url, host] as often as wanted, answered by ["ok", answer] or the like.
"""

import ipaddress
import json
import os
import socket
import sys
import threading

from PySide6.QtCore import QCoreApplication, QObject, Slot
from PySide6.QtQml import QJSEngine, QJSValue

MEMORY_BYTES = 512 * 1024 * 1024
"""Of addresses, not of pages: Python with the engine takes about 100 MB before the script comes."""
PROCESSOR_S = 20
LOOKUP_S = 1.0
ADDRESSES_AT_MOST = 16
ANSWER_CHARACTERS = 2_000
DETAIL_CHARACTERS = 300
ENTRIES = ("FindProxyForURL", "FindProxyForURLEx")
THE_END = "the end of the script was reached"
FAR = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))
"""Of nobody (RFC 5737, RFC 3849): the way there is the way to the internet, and nothing is sent."""


class ScriptHost(QObject):
    """What a script may know of the world; addresses are parted by semicolons."""

    @Slot(str, result=str)
    def addresses(self, host: str) -> str:
        """Of a name, IPv4 before IPv6; empty if there is none, or no answer in time."""
        found: list[str] = []

        def look_up() -> None:
            try:
                entries = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            except (OSError, UnicodeError):
                return
            found.extend(str(address[0]) for *_how, address in entries)

        # getaddrinfo cannot be interrupted: its thread is left behind
        thread = threading.Thread(target=look_up, daemon=True)
        thread.start()
        thread.join(LOOKUP_S)
        listed = sorted(dict.fromkeys(found), key=lambda address: ":" in address)
        return ";".join(listed[:ADDRESSES_AT_MOST])

    @Slot(result=str)
    def own_addresses(self) -> str:
        """Those that the internet would be reached from."""
        found = []
        for family, far in FAR:
            try:
                with socket.socket(family, socket.SOCK_DGRAM) as datagrams:
                    datagrams.connect((far, 80))
                    found.append(str(datagrams.getsockname()[0]))
            except OSError:
                continue
        return ";".join(found)

    @Slot(str, str, result=bool)
    def is_in_network(self, address: str, prefix: str) -> bool:
        """Whether an address lies in "198.51.100.0/24" or "2001:db8::/32"."""
        try:
            network = ipaddress.ip_network(prefix, strict=False)
            return ipaddress.ip_address(address) in network
        except ValueError:
            return False

    @Slot(str, result=str)
    def sorted_addresses(self, listed: str) -> str:
        """IPv6 before IPv4, each in order; empty if one of them is no address."""
        try:
            addresses = [ipaddress.ip_address(each.strip()) for each in listed.split(";")]
        except ValueError:
            return ""
        return ";".join(map(str, sorted(addresses, key=lambda each: (-each.version, int(each)))))


class ScriptEngine:
    """Qt's JavaScript engine with one script in it."""

    def __init__(self) -> None:
        self._engine = QJSEngine()
        self._outside = ScriptHost()
        self._ask = QJSValue()

    def load(self, functions: str, script: str) -> tuple[str, str]:
        """Give it the functions, then the script: "ok", or what is wrong with that and where."""
        outside = self._engine.newQObject(self._outside)
        install = self._evaluate(functions)
        self._ask = install.call([self._engine.globalObject(), outside])
        if not self._ask.isCallable():
            return "not_run", self._ask.toString()
        # scripts may throw what is no Error, which reads like a result of theirs
        loaded = self._evaluate(f"{script}\n;{json.dumps(THE_END)}")
        if loaded.isError():
            kind = "syntax" if loaded.property("name").toString() == "SyntaxError" else "throws"
            line = loaded.property("lineNumber").toInt()
            return kind, f"line {line}: {loaded.toString()}"[:DETAIL_CHARACTERS]
        if loaded.isUndefined():  # the engine lets a comment without an end pass
            return "syntax", "the script ends within a comment"
        if loaded.toString() != THE_END:
            return "throws", loaded.toString()[:DETAIL_CHARACTERS]
        return ("no_function", "") if self._entry() is None else ("ok", "")

    def answer(self, url: str, host: str) -> tuple[str, str]:
        """What it says of a URL; empty where it says nothing."""
        entry = self._entry()
        if entry is None:
            return "no_function", ""
        result = self._ask.call([entry, QJSValue(url), QJSValue(host)])
        said = result.property("said")
        if result.hasProperty("thrown"):
            return "throws", result.property("thrown").toString()[:DETAIL_CHARACTERS]
        if said.isUndefined() or said.isNull():
            return "ok", ""
        if not said.isString():
            return "nonsense", said.toString()[:DETAIL_CHARACTERS]
        return "ok", said.toString()[:ANSWER_CHARACTERS]

    def _evaluate(self, text: str) -> QJSValue:
        found: object = self._engine.evaluate(text)  # the stubs say that it is a pair
        if not isinstance(found, QJSValue):
            raise TypeError(f"the engine gave {type(found).__name__}")
        return found

    def _entry(self) -> QJSValue | None:
        """Browsers on Linux call the first; the second is Windows' own."""
        found = (self._engine.globalObject().property(name) for name in ENTRIES)
        return next((each for each in found if each.isCallable()), None)


def main() -> None:
    """Serve one parent until it closes the pipe."""
    _bind_hands()
    _application = QCoreApplication(sys.argv[:1])
    engine = ScriptEngine()
    _say("ready", "")
    for number, line in enumerate(sys.stdin.buffer):
        work = engine.answer if number else engine.load
        _say(*work(*json.loads(line)))
    os._exit(0)  # at once, whatever a script left in the engine, and whoever still looks names up


def _bind_hands() -> None:
    """Bounds that nothing in this process can lift again."""
    if sys.platform == "win32":  # has none of these, and runs such scripts by itself
        return
    import resource

    for kind, bound in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, PROCESSOR_S),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (bound, bound))


def _say(kind: str, text: str) -> None:
    # ASCII: a lone half of a character, which JavaScript allows, is no UTF-8
    sys.stdout.buffer.write(json.dumps([kind, text]).encode("ascii") + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
