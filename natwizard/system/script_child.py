"""The child process that runs a proxy script (PAC): one script, then one answer a question.

Whatever the script does ends here: it sees no files, no network but names, a bounded memory and
little time, and all it can say is a line of text. The parent is `system.script_runner`.

Lines of JSON on both pipes: ["ready", ""]; then [functions, script], answered by ["ok", ""] or by
[trouble, detail]; then [url, host] as often as wanted, answered by ["ok", answer] or the like.
["lookup", ""] and ["looked", ""] may come before any answer: between them a name is looked up.
"""

import ipaddress
import json
import os
import queue
import re
import socket
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import quickjs

if TYPE_CHECKING:
    from collections.abc import Callable

MEMORY_BYTES = 100 * 1000 * 1000
"""Of data, and of addresses: Python with the engine takes about 30 MB before the script comes."""
SPARE_BYTES = 64 * 1024 * 1024
"""Addresses left to work with: the frozen program has 90 MB of libraries mapped by then."""
SCRIPT_MEMORY_BYTES = 32 * 1024 * 1024
"""Of what the script itself makes; the engine refuses more before the system has to."""
# Of the memory limit: a script that met it has let go of something when it is looked at
NEARLY_FULL = 0.8
SCRIPT_STACK_BYTES = 256 * 1024
# Each lookup that hangs leaves a thread behind: of 8 MB stacks a dozen would fill MEMORY_BYTES
THREAD_STACK_BYTES = 256 * 1024
# For all questions of a run; one answer alone is ended by the parent long before (THINK_S)
PROCESSOR_S = 20
LOOKUP_S = 6.0
"""For one name: where the first name server is dead, the system asks the next one after 5 s."""
LOOKUPS_S = 9.0
"""For all names of one question; what is asked after that has no address, as if none were told."""
AFTER_SILENCE_S = 0.5
"""For a name once another one got no answer at all: a run asks for many, one after the other."""
ADDRESSES_AT_MOST = 16
# As ASCII JSON, with six or twelve bytes a character, it stays below the parent's ANSWER_BYTES
ANSWER_CHARACTERS = 2_000
# As long as any failure's detail (probes.failures.DETAIL_LENGTH)
DETAIL_CHARACTERS = 300
FUNCTIONS_FROM_LINE = 200_000
"""Where the lines of functions.js begin: below it a stack trace names lines of the script."""
ENTRIES = ("FindProxyForURL", "FindProxyForURLEx")
FAR = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))
"""Of nobody (RFC 5737, RFC 3849): the way there is the way to the internet, and nothing is sent."""
FRAME = re.compile(r"^ +at .*<input>:(\d+)(:\d+)?\)?$", re.MULTILINE)
PARSER_FRAME = re.compile(r"\A.*\n +at <input>:\d+", re.DOTALL)
UNKNOWN_HERE = re.compile(r"'?\b(Intl|WebAssembly)\b'? is not defined")
"""Browsers know these and the engine does not: then the script is right, and we cannot run it."""
OUT_OF_MEMORY = ("out of memory", "string too long", "invalid array length")


class Names:
    """Name lookups, bounded in time; `waited_s` is what they took of the present question."""

    def __init__(self) -> None:
        self.waited_s = 0.0
        self._silent = False

    def addresses(self, host: str) -> str:
        """Of a name, IPv4 before IPv6, parted by semicolons; empty if there is none in time."""
        found: list[str] = []

        def look_up() -> None:
            with suppress(OSError, UnicodeError):
                entries = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
                found.extend(str(address[0]) for *_how, address in entries)

        longest_s = AFTER_SILENCE_S if self._silent else LOOKUP_S
        allowed_s = min(longest_s, LOOKUPS_S - self.waited_s)
        if allowed_s <= 0:
            return ""
        _say("lookup", "")  # the parent's clock for the script stands still from here
        begun = time.perf_counter()
        # getaddrinfo cannot be interrupted: its thread is left behind
        thread = threading.Thread(target=look_up, daemon=True)
        thread.start()
        thread.join(allowed_s)
        self._silent = self._silent or thread.is_alive()
        self.waited_s += time.perf_counter() - begun
        _say("looked", "")
        listed = sorted(dict.fromkeys(found), key=lambda address: ":" in address)
        return ";".join(listed[:ADDRESSES_AT_MOST])


def own_addresses() -> str:
    """Those that the internet would be reached from, parted by semicolons."""
    found = []
    for family, far in FAR:
        with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as datagrams:
            # any port: it only picks the route
            datagrams.connect((far, 80))
            found.append(str(datagrams.getsockname()[0]))
    return ";".join(found)


def is_in_network(address: str, prefix: str) -> bool:
    """Whether an address lies in "198.51.100.0/24" or "2001:db8::/32"."""
    try:
        found = ipaddress.ip_address(address)
        if found.version == 6 and found.ipv4_mapped and ":" not in prefix:
            found = found.ipv4_mapped
        return found in ipaddress.ip_network(prefix, strict=False)
    except ValueError:
        return False


def sorted_addresses(listed: str) -> str:
    """IPv6 before IPv4, each in order and as it was written; empty if one is no address."""
    texts = [each.strip() for each in listed.split(";") if each.strip()]
    try:
        addresses = [(ipaddress.ip_address(text), text) for text in texts]
    except ValueError:
        return ""
    addresses.sort(key=lambda each: (-each[0].version, int(each[0])))
    return ";".join(text for _address, text in addresses)


class ScriptResult(NamedTuple):
    """A line for the parent: "ok" or a trouble, then an answer or what is wrong."""

    kind: str
    text: str = ""


class Returned(msgspec.Struct, frozen=True):
    """What functions.js says of a call: one of them is set; neither where nothing came back."""

    said: str | None = None
    other: str | None = None
    thrown: str | None = None
    stack: str = ""


class ScriptEngine:
    """QuickJS-NG with one script in it."""

    def __init__(self) -> None:
        self._context = quickjs.Context()
        self._context.set_memory_limit(SCRIPT_MEMORY_BYTES)
        self._context.set_max_stack_size(SCRIPT_STACK_BYTES)
        self.names = Names()
        self._ask: Callable[[str, str, str], object] | None = None

    def load(self, functions: str, script: str) -> ScriptResult:
        """Give it the functions, then the script: "ok", or what is wrong with that and where."""
        outside: dict[str, Callable[..., object]] = {
            "addresses": lambda host: self.names.addresses(host),
            "own_addresses": own_addresses,
            "is_in_network": is_in_network,
            "sorted_addresses": sorted_addresses,
        }
        for name, function in outside.items():
            self._context.add_callable(name, function)
        install = self._context.eval("\n" * FUNCTIONS_FROM_LINE + functions)
        self._ask = install(self._context.globalThis)
        try:
            self._context.eval(f"{script.replace(chr(0), chr(0xFFFD))}\n;0")
        except quickjs.JSException as error:
            return self._failed(str(error), at_load=True)
        except quickjs.StackOverflow as error:
            return self._failed(str(error))
        return ScriptResult("ok") if self._entry() else ScriptResult("no_function")

    def answer(self, url: str, host: str) -> ScriptResult:
        """What it says of a URL; empty where it says nothing."""
        entry = self._entry()
        if not entry or self._ask is None:
            return ScriptResult("no_function")
        self.names.waited_s = 0.0
        try:
            returned = msgspec.json.decode(str(self._ask(entry, url, host)), type=Returned)
        except quickjs.JSException as error:  # memory ran out while the error was put into words
            return self._failed(str(error))
        if returned.thrown is not None:
            return self._failed(f"{returned.thrown}\n{returned.stack}")
        if returned.other is not None:
            return ScriptResult("nonsense", returned.other[:DETAIL_CHARACTERS])
        return ScriptResult("ok", (returned.said or "")[:ANSWER_CHARACTERS])

    def _entry(self) -> str:
        """Browsers on Linux call the first; the second is Windows' own."""
        for name in ENTRIES:
            # a property of the global object, so `const FindProxyForURL` is none: as in browsers
            if self._context.eval(f"typeof globalThis.{name}") == "function":
                return name
        return ""

    def _failed(self, told: str, *, at_load: bool = False) -> ScriptResult:
        """An error as the engine words it, with its stack below it."""
        words = FRAME.sub("", told).strip().removesuffix("\nundefined").strip()
        lines = [
            int(line) for line, _column in FRAME.findall(told) if int(line) < FUNCTIONS_FROM_LINE
        ]
        detail = f"line {lines[0]}: {words}" if lines else words
        # where memory has run out, the engine has none left to say so
        full = self._context.memory()["memory_used_size"] > NEARLY_FULL * SCRIPT_MEMORY_BYTES
        if full or any(each in words for each in OUT_OF_MEMORY):
            kind = "greedy"
        elif UNKNOWN_HERE.search(words):
            kind = "not_run"
        elif at_load and words.startswith("SyntaxError") and PARSER_FRAME.match(told):
            kind = "syntax"
        else:
            kind = "throws"
        return ScriptResult(kind, detail[:DETAIL_CHARACTERS])


def main() -> None:
    """Serve one parent until it closes the pipe."""
    _limit_resources()
    engine = ScriptEngine()
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def listen() -> None:
        """On a thread: a script without end must not outlive the parent's end of the pipe."""
        for line in sys.stdin.buffer:
            lines.put(line)
        os._exit(0)  # at once, whatever the script is at, and whoever still looks names up

    _say("ready", "")
    threading.Thread(target=listen, daemon=True).start()
    _say(*engine.load(*json.loads(lines.get())))
    while True:
        _say(*engine.answer(*json.loads(lines.get())))


def _limit_resources() -> None:
    """Bounds that nothing in this process can lift again."""
    threading.stack_size(THREAD_STACK_BYTES)
    if sys.platform == "win32":  # has none of these, and runs such scripts by itself
        return
    import resource

    for kind, bound in (
        (resource.RLIMIT_AS, max(MEMORY_BYTES, _mapped_bytes() + SPARE_BYTES)),
        (resource.RLIMIT_DATA, MEMORY_BYTES),
        (resource.RLIMIT_CPU, PROCESSOR_S),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        # macOS refuses to bound addresses
        with suppress(OSError, ValueError):
            resource.setrlimit(kind, (bound, bound))


def _mapped_bytes() -> int:
    """Addresses that are taken already; 0 where the system does not tell."""
    if sys.platform == "win32":
        return 0
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 0


def _say(kind: str, text: str) -> None:
    # ASCII: a lone half of a character, which JavaScript allows, is no UTF-8
    sys.stdout.buffer.write(json.dumps([kind, text]).encode("ascii") + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
