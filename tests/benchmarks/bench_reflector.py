"""How many packets a second the reflector answers, beside coturn. Not a test: `make bench`.

STUN, which both speak: the same questions at the same rates, in turn, from so many addresses that
no limit of one source counts. Two computers' work on one: what asks takes processors away from what
answers, so rates where both lose say nothing of either; the ratio of one row is of the same run.
`--nice` gives the server less than the asker, as beside other work on a small host. Linux; coturn.
"""

import argparse
import contextlib
import multiprocessing
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

from servers.attack import hostile_addresses

from natwizard.probes.media.arrival import RECEIVE_BUFFER_BYTES, overflowed
from natwizard.wire import stun

HOST, REFLECTOR_PORT, COTURN_PORT = "127.0.0.1", 23478, 23479
RATES_PER_S = (5_000, 10_000, 15_000, 20_000, 25_000, 30_000, 40_000)
ADDRESSES = 40
SECONDS, LATE_S = 3.0, 0.5
REQUEST_BYTES = 172
BURST_S = 0.001

SERVER = """
import asyncio, sys
from natwizard.reflector.udp import UdpReflector

async def main():
    await UdpReflector().start(sys.argv[1], (int(sys.argv[2]),))
    await asyncio.Event().wait()

asyncio.run(main())
"""


class Answered(NamedTuple):
    """One server at one rate.

    Attributes:
        asked_per_s: what the asker reached.
        lost: share of the questions without an answer, but for answers that the asker's own sockets
            dropped.
        processor: processor seconds of the server in a second.
    """

    asked_per_s: float
    lost: float
    processor: float


def ask(port: int, per_s: int, result: Connection) -> None:
    """Ask at a steady rate for SECONDS, and count what comes back."""
    questions = [stun.encode_request(os.urandom(12), size=REQUEST_BYTES) for _one in range(256)]
    with contextlib.ExitStack() as stack:
        sockets = []
        for address in hostile_addresses(ADDRESSES):
            one = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
            one.bind((address, 0))
            one.connect((HOST, port))
            one.setblocking(False)
            sockets.append(one)
        sent = came = 0
        start_s = time.perf_counter()
        while (now_s := time.perf_counter() - start_s) < SECONDS:
            due = int(now_s * per_s)
            while sent < due:
                with contextlib.suppress(BlockingIOError):
                    sockets[sent % ADDRESSES].send(questions[sent % 256])
                    sent += 1
            came += sum(map(_take, sockets))
            time.sleep(BURST_S)
        asked_s = time.perf_counter() - start_s
        end_s = time.perf_counter() + LATE_S
        while time.perf_counter() < end_s:
            came += sum(map(_take, sockets))
            time.sleep(BURST_S)
        result.send((sent, came + sum(map(overflowed, sockets)), asked_s))


def _take(one: socket.socket) -> int:
    came = 0
    with contextlib.suppress(BlockingIOError):
        while one.recv(2048):
            came += 1
    return came


def measure(process: subprocess.Popen[bytes], port: int, per_s: int) -> Answered:
    """One row's half."""
    here, there = multiprocessing.Pipe()
    before_s = _processor_s(process.pid)
    asking = multiprocessing.get_context("spawn").Process(target=ask, args=(port, per_s, there))
    asking.start()
    sent, came, asked_s = here.recv()
    asking.join()
    took_s = _processor_s(process.pid) - before_s
    return Answered(sent / asked_s, 1 - came / sent, took_s / asked_s)


def _processor_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def server(words: list[str], port: int, nice: int) -> Iterator[subprocess.Popen[bytes]]:
    """Started, and answering."""
    process = subprocess.Popen(
        ["nice", "-n", str(nice), *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.settimeout(0.2)
            asking.connect((HOST, port))
            for _try in range(100):
                with contextlib.suppress(OSError):
                    asking.send(stun.encode_request(os.urandom(12), size=REQUEST_BYTES))
                    if asking.recv(2048):
                        break
                time.sleep(0.1)
            else:
                raise SystemExit(f"does not answer: {' '.join(words)}")
        yield process
    finally:
        process.kill()
        process.wait()


def main() -> None:
    """Print the table, in the form of docs/reflector.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--nice", type=int, default=0)
    arguments = parser.parse_args()
    if shutil.which("turnserver") is None:
        raise SystemExit("coturn is missing: packaging/linux/test-packages.txt")
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        ours = [sys.executable, "-c", SERVER, HOST, str(REFLECTOR_PORT)]
        theirs = [
            "turnserver", "-n", "--stun-only", "--no-cli", "--no-tls", "--no-dtls", "--no-rfc5780",
            "-L", HOST, "-p", str(COTURN_PORT), "--log-file", "/dev/null",
            "--pidfile", f"{folder}/pid",
        ]  # fmt: skip
        reflector = stack.enter_context(server(ours, REFLECTOR_PORT, arguments.nice))
        coturn = stack.enter_context(server(theirs, COTURN_PORT, arguments.nice))
        print("| asked a second | reflector loses | coturn loses | processor, reflector : coturn |")
        print("| --- | --- | --- | --- |")
        for per_s in RATES_PER_S:
            pairs = [
                (measure(reflector, REFLECTOR_PORT, per_s), measure(coturn, COTURN_PORT, per_s))
                for _round in range(arguments.rounds)
            ]
            ours_lost, theirs_lost = (
                statistics.median(pair[place].lost for pair in pairs) for place in range(2)
            )
            ratio = statistics.median(mine.processor / other.processor for mine, other in pairs)
            asked = statistics.median(mine.asked_per_s for mine, _other in pairs)
            print(f"| {asked:,.0f} | {ours_lost:.1%} | {theirs_lost:.1%} | {ratio:.1f} : 1 |",
                  flush=True)  # fmt: skip
    print(
        f"\nmedian of {arguments.rounds}; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    )


if __name__ == "__main__":
    main()
