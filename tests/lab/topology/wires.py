"""Network namespaces, cables between them, and programs inside; needs root and iproute2."""

import contextlib
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Self

COMMAND_TIMEOUT_S = 20
END_TIMEOUT_S = 5
START_S = 60.0


def command(*arguments: str, text: str | None = None) -> str:
    """Run a command to its end; its standard output. Its own words are in the error."""
    done = subprocess.run(
        arguments,
        input=text,
        capture_output=True,
        text=True,
        timeout=COMMAND_TIMEOUT_S,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout


class Space:
    """One network namespace. Use it as a context manager: what it runs ends with it."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.folder = folder
        self.mounts_of = 0
        """Process whose mounts programs in here see; 0 for this machine's own."""
        self._running: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        command("ip", "netns", "add", self.name)
        self.ip("link", "set", "lo", "up")
        return self

    def __exit__(self, *_error: object) -> None:
        self.end(self._running)
        with contextlib.suppress(RuntimeError):
            command("ip", "netns", "del", self.name)

    def ip(self, *arguments: str) -> None:
        command("ip", "-n", self.name, *arguments)

    def run(self, *arguments: str, text: str | None = None) -> str:
        return command(*self.prefix(), *arguments, text=text)

    def nft(self, rules: str) -> None:
        self.run("nft", "-f", "-", text=rules)

    def replace_rules(self, rules: str) -> None:
        """Other rules than before, for everything that comes from now on.

        Netfilter translates a connection as it began, whatever the rules say later. UDP is one
        for as long as two minutes (nf_conntrack_udp_timeout_stream), so a question from a port
        that an earlier program had would still reach the server that has been taken away.
        """
        self.nft(f"flush ruleset\n{rules}")
        self.run("conntrack", "-F")

    def prefix(self) -> tuple[str, ...]:
        """What stands before a command to run it in here."""
        if self.mounts_of:
            return ("nsenter", "--target", str(self.mounts_of), "--mount", "--net")
        return ("ip", "netns", "exec", self.name)

    def start(self, *arguments: str, log: str) -> subprocess.Popen[bytes]:
        """A program that runs until the namespace ends; what it says is in `log`."""
        with (self.folder / f"{self.name}-{log}.log").open("ab") as said:
            running = subprocess.Popen(
                (*self.prefix(), *arguments), stdin=subprocess.DEVNULL, stdout=said, stderr=said
            )
        self._running.append(running)
        return running

    def listening(self, protocol: str) -> frozenset[str]:
        """What programs in here listen on, as address:port."""
        table = self.run("ss", "-Hln", f"--{protocol}")
        return frozenset(line.split()[3] for line in table.splitlines())

    def wait_for(self, protocol: str, *ports: int) -> None:
        """Until something listens on every one of these ports."""

        def listening() -> bool:
            here = {int(place.rsplit(":", 1)[1]) for place in self.listening(protocol)}
            return set(ports) <= here

        wait_until(listening, f"{protocol} {ports} to listen")

    def end(self, programs: Sequence[subprocess.Popen[bytes]]) -> None:
        """End programs that this namespace started, by their own process IDs."""
        for running in programs:
            running.terminate()
        for running in programs:
            try:
                running.wait(END_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()
        self._running = [running for running in self._running if running not in programs]

    def addresses(self, *addresses: str, device: str = "lo") -> None:
        """Give it addresses, with their prefix lengths."""
        for address in addresses:
            duplicates = ("nodad",) if ":" in address else ()
            self.ip("addr", "add", address, "dev", device, *duplicates)


def cable(one: Space, here: str, other: Space, there: str) -> None:
    """A cable: device `here` in one, `there` in the other, both up."""
    ends = ("link", "add", here, "netns", one.name, "type", "veth", "peer", "name", there)
    command("ip", *ends, "netns", other.name)
    one.ip("link", "set", here, "up")
    other.ip("link", "set", there, "up")


@contextlib.contextmanager
def name_servers(space: Space, *addresses: str) -> Iterator[Path]:
    """The resolv.conf that programs in this namespace see (ip-netns(8)); it may be rewritten."""
    folder = Path("/etc/netns", space.name)
    folder.mkdir(parents=True)
    file = folder / "resolv.conf"
    file.write_text("".join(f"nameserver {address}\n" for address in addresses))
    try:
        yield file
    finally:
        file.unlink()
        folder.rmdir()


def wait_until(happened: Callable[[], bool], what: str) -> None:
    """Look every 50 ms. TimeoutError after a minute: others may work here, too."""
    ends = time.monotonic() + START_S
    while not happened():
        if time.monotonic() > ends:
            raise TimeoutError(f"waited {START_S:g} s for {what}")
        time.sleep(0.05)
