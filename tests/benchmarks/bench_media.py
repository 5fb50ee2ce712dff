"""How close our media probe and irtt come to the truth on the same impaired line.

Not a test: `make bench`, or python -m tests.benchmarks.bench_media [--seconds 6] [--rounds 5].
Both cross the same relay, one after the other, packet for packet with the same fates; the relay
(tests/benchmarks/impaired_path.py) measured what it really did. Then ours once more, alone and
with all small exchanges of a run beside it, again and again for as long as it streams; then what a
call costs this computer, and how evenly 100 calls leave it. `--part` does one of these only.
"""

import argparse
import asyncio
import contextlib
import functools
import json
import os
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

sys.path.insert(0, str(Path(__file__).parents[1]))  # as the tests import what they share

from servers.free_ports import free_port
from servers.udp_lab import make_context

from natwizard.checks.catalogue import CHECKS
from natwizard.model.profile import Profile, Targets
from natwizard.model.statistics import quantile
from natwizard.probes.base import Phase, Probe, ProbeContext
from natwizard.probes.failures import CannotGather
from natwizard.probes.media.arrival import prepare_arrivals
from natwizard.probes.media.call_load import CallLoad
from natwizard.probes.media.figures import jitter_of
from natwizard.probes.media.path import ReflectorFlow
from natwizard.probes.media.stream import INTERVAL_S, MediaEvidence, make_media_probe
from natwizard.probes.media.timing_guard import low_jitter_process
from natwizard.profiles.read import parse_profile
from natwizard.reflector.background import BackgroundReflector
from natwizard.reflector.settings import demo_settings
from natwizard.reflector.udp import UdpReflector
from natwizard.run.runner import FLOWS_BESIDE_VOICE_PER_S
from tests.benchmarks.impaired_path import SIZE_BYTES, Line, Truth, Way

LINES = {
    "clean, 20 + 20 ms": (Way(), Way()),
    "asymmetric, 70 + 10 ms": (Way(delay_ms=70), Way(delay_ms=10)),
    "jitter in a queue": (Way(swing_ms=30), Way(swing_ms=10)),
    "jitter, overtaking": (Way(swing_ms=60, keeps_order=False), Way(swing_ms=10)),
    "bursts of loss": (Way(loss_share=0.03, burst=4), Way(loss_share=0.01)),
    "all of it": (
        Way(delay_ms=40, swing_ms=25, keeps_order=False, loss_share=0.02, burst=2),
        Way(delay_ms=15, swing_ms=15, loss_share=0.02, doubled_share=0.02),
    ),
}
CALLS = 100
ON_TIME_MS = 2.0


class Seen(Struct, frozen=True, kw_only=True):
    """What one program measured, or what was true; ms and packets.

    Attributes:
        cpu_share: of one core, while it ran.
        send_late_p95_ms: how late packets left.
    """

    median_ms: float
    p95_ms: float
    jitter_ms: float
    jitter_out_ms: float
    jitter_back_ms: float
    lost: int
    lost_out: int
    lost_back: int
    cpu_share: float = 0.0
    send_late_p95_ms: float = 0.0


COMPARED = ("median_ms", "p95_ms", "jitter_ms", "jitter_out_ms", "jitter_back_ms")
COUNTED = ("lost", "lost_out", "lost_back")


def true_figures(truth: Truth) -> Seen:
    out = dict(truth.out_ms)
    times = [out[number] + back_ms for number, back_ms in truth.back_ms]
    return Seen(
        **_figures(times, list(out.values()), [back_ms for _number, back_ms in truth.back_ms]),
        lost=truth.lost_out + truth.lost_back,
        lost_out=truth.lost_out,
        lost_back=truth.lost_back,
    )


def _figures(times: list[float], out: list[float], back: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    jitters = [jitter_of(series) for series in (times, out, back)]
    whole, there, home = (jitter.mean_ms if jitter else 0.0 for jitter in jitters)
    return {
        "median_ms": quantile(ordered, 0.5),
        "p95_ms": quantile(ordered, 0.95),
        "jitter_ms": whole,
        "jitter_out_ms": there,
        "jitter_back_ms": home,
    }


def measure_ours(port: int, seconds: float, *more: str) -> Seen:
    """A program of its own, as irtt is one."""
    command = (sys.executable, "-m", __spec__.name, "--probe", str(port), "--seconds",
               str(seconds), *more)  # fmt: skip
    found = subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=seconds + 30)
    return msgspec.json.decode(found.stdout, type=Seen)


def probe(port: int, seconds: float, beside: Path | None) -> Seen:
    """The probe itself, in this process; `beside` is a profile for the small exchanges."""
    look = make_media_probe(seconds, seconds)
    context = make_context(Targets(media=f"127.0.0.1:{port}"))
    before, started = _own_cpu_s(), time.perf_counter()
    small = small_exchanges(parse_profile(beside.read_bytes(), "bench")) if beside else None

    async def both() -> MediaEvidence:
        async with asyncio.TaskGroup() as group:
            others = group.create_task(small) if small is not None else None
            evidence = await look.gather(context)
            if others is not None:
                others.cancel()
        return evidence

    evidence = asyncio.run(both())
    cpu_share = (_own_cpu_s() - before) / (time.perf_counter() - started)
    figures = evidence.figures
    if figures is None or figures.round_trip is None or figures.jitter.round_trip is None:
        raise SystemExit(f"nothing came back: {evidence.path}")
    out, back = figures.jitter.out, figures.jitter.back
    counted, machine = figures.counted, figures.machine
    return Seen(
        median_ms=figures.round_trip.median_ms,
        p95_ms=figures.round_trip.p95_ms,
        jitter_ms=figures.jitter.round_trip.mean_ms,
        jitter_out_ms=out.mean_ms if out else 0.0,
        jitter_back_ms=back.mean_ms if back else 0.0,
        lost=counted.sent - counted.received,
        lost_out=-1 if counted.lost_out is None else counted.lost_out,
        lost_back=-1 if counted.lost_back is None else counted.lost_back,
        cpu_share=cpu_share,
        send_late_p95_ms=machine.send_late_p95_ms,
    )


async def small_exchanges(profile: Profile) -> None:
    """Every probe that shares the line, at the pace it has beside a stream, over and over."""
    probes = {
        each.name: each
        for check in CHECKS
        for each in check.needs
        if each.shares_line and each.phase is Phase.REACHABILITY
    }
    while True:
        context = make_context(profile.targets, new_flows_per_s=FLOWS_BESIDE_VOICE_PER_S)
        async with asyncio.TaskGroup() as group:
            for each in probes.values():
                group.create_task(_gathered(each, context))


async def _gathered(probe: Probe[object], context: ProbeContext) -> None:
    with contextlib.suppress(CannotGather):  # what a far end on loopback does not have
        await probe.gather(context)


def compare_beside(reflector_port: int, seconds: float, rounds: int) -> None:
    """Print the errors with and without small exchanges beside the stream, and their ratio."""
    print(
        f"Ours alone / with small exchanges beside it, mean error, {rounds} runs of {seconds:g} s"
    )
    heads = ("median", "p95", "jitter", "jit. out", "jit. back", "lost", "out", "back", "left late")
    print(f"{'line':24}" + "".join(f"{head:>16}" for head in heads))
    keys = (*COMPARED, *COUNTED)
    totals: dict[str, list[tuple[float, float]]] = {key: [] for key in keys}
    late: list[tuple[float, float]] = []
    with small_far_end() as profile:
        for name, (out, back) in LINES.items():
            errors: dict[str, list[tuple[float, float]]] = {key: [] for key in keys}
            left: list[tuple[float, float]] = []
            for seed in range(rounds):
                line = Line(
                    protocol="stamp", server_port=reflector_port, seed=seed, out=out, back=back
                )
                pair: dict[bool, tuple[Seen, Seen]] = {}
                for beside in (False, True) if seed % 2 == 0 else (True, False):
                    more = ("--beside", str(profile)) if beside else ()
                    measure = functools.partial(_measured_beside, more=more)
                    pair[beside] = through(line, measure, seconds)
                left.append((pair[False][1].send_late_p95_ms, pair[True][1].send_late_p95_ms))
                for key, values in errors.items():
                    alone, together = (
                        abs(getattr(seen, key) - getattr(true, key))
                        for true, seen in (pair[False], pair[True])
                    )
                    values.append((alone, together))
            for key, values in errors.items():
                totals[key] += values
            late += left
            cells = "".join(_cell(key, errors[key]) for key in keys)
            print(f"{name:24}{cells}{_cell('median_ms', left)}", flush=True)
    print(f"{'mean of all':24}" + "".join(_cell(key, totals[key]) for key in keys)
          + _cell("median_ms", late))  # fmt: skip
    print(f"{'alone : beside':24}" + "".join(_ratio(totals[key]) for key in keys) + _ratio(late))
    print("Limits that rules use: 100 ms, 20 ms of jitter, 1 % of loss; left late: 95 %, in ms")


def _measured_beside(port: int, seconds: float, *, more: tuple[str, ...]) -> Seen:
    return measure_ours(port, seconds, *more)


@contextlib.contextmanager
def small_far_end() -> Iterator[Path]:
    """A demo's reflector as a program of its own, and the profile that leads to it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "profile.toml"
        with running(sys.executable, "-m", __spec__.name, "--small-far-end", str(path)) as program:
            assert program.stdout is not None
            program.stdout.readline()
            yield path


def serve_small(path: Path) -> None:
    """Until the standard input is closed."""
    with BackgroundReflector(demo_settings()) as far_end:
        path.write_text(far_end.profile_text())
        print("serving", flush=True)
        sys.stdin.read()


def measure_irtt(port: int, seconds: float) -> Seen:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "irtt.json"
        command = ("irtt", "client", "-Q", "-i", f"{INTERVAL_S * 1000:g}ms", "-d", f"{seconds:g}s",
                   "-l", str(SIZE_BYTES), "-o", str(path), f"127.0.0.1:{port}")  # fmt: skip
        started = time.perf_counter()
        running = subprocess.Popen(command)
        _pid, status, used = os.wait4(running.pid, 0)
        took_s = time.perf_counter() - started
        running.returncode = os.waitstatus_to_exitcode(status)
        if running.returncode:
            raise SystemExit(f"irtt ended with {running.returncode}")
        packets = json.loads(path.read_text())["round_trips"]
    came = [each for each in packets if each["lost"] == "false"]
    came.sort(key=lambda each: each["timestamps"]["client"]["receive"]["monotonic"])
    at_server = sorted(came, key=lambda each: each["timestamps"]["server"]["receive"]["monotonic"])
    ways = [each["lost"] for each in packets]
    return Seen(
        **_figures(
            [each["delay"]["rtt"] / 1e6 for each in came],
            [each["delay"]["send"] / 1e6 for each in at_server],
            [each["delay"]["receive"] / 1e6 for each in came],
        ),
        lost=len(packets) - len(came),
        lost_out=ways.count("true_up"),
        lost_back=ways.count("true_down"),
        cpu_share=(used.ru_utime + used.ru_stime) / took_s,
    )


def _own_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


@contextlib.contextmanager
def running(*command: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as program:
        try:
            yield program
        finally:
            program.terminate()


def through(line: Line, measure, seconds: float) -> tuple[Seen, Seen]:  # noqa: ANN001
    """What was true, and what was measured."""
    spec = msgspec.json.encode(line).decode()
    command = (sys.executable, "-m", "tests.benchmarks.impaired_path", spec)
    with running(*command) as relay:
        assert relay.stdout is not None
        seen = measure(int(relay.stdout.readline()), seconds)
        answer, _nothing = relay.communicate(timeout=10)
    return true_figures(msgspec.json.decode(answer, type=Truth)), seen


def compare(reflector_port: int, irtt_port: int, seconds: float, rounds: int) -> None:
    """Print the table of errors."""
    print(f"Mean error against the relay's own record, {rounds} runs of {seconds:g} s; ours / irtt")
    heads = ("median", "p95", "jitter", "jit. out", "jit. back", "lost", "out", "back")
    print(f"{'line':24}" + "".join(f"{head:>16}" for head in heads))
    totals: dict[str, list[tuple[float, float]]] = {name: [] for name in (*COMPARED, *COUNTED)}
    cpu: list[tuple[float, float]] = []
    for name, (out, back) in LINES.items():
        errors: dict[str, list[tuple[float, float]]] = {key: [] for key in totals}
        for seed in range(rounds):
            # the same fates for both; who goes first changes
            ours_first = seed % 2 == 0
            pair: dict[str, tuple[Seen, Seen]] = {}
            for protocol in ("stamp", "irtt") if ours_first else ("irtt", "stamp"):
                port = reflector_port if protocol == "stamp" else irtt_port
                line = Line(protocol=protocol, server_port=port, seed=seed, out=out, back=back)
                measure = measure_ours if protocol == "stamp" else measure_irtt
                pair[protocol] = through(line, measure, seconds)
            cpu.append((pair["stamp"][1].cpu_share, pair["irtt"][1].cpu_share))
            for key, values in errors.items():
                values.append(
                    tuple(
                        abs(getattr(seen, key) - getattr(true, key))
                        for true, seen in (pair["stamp"], pair["irtt"])
                    )  # type: ignore[arg-type]
                )
        for key, values in errors.items():
            totals[key] += values
        print(f"{name:24}" + "".join(_cell(key, errors[key]) for key in totals))
    print(f"{'mean of all':24}" + "".join(_cell(key, totals[key]) for key in totals))
    print(f"{'ours : irtt':24}" + "".join(_ratio(totals[key]) for key in totals))
    print("median to jitter: ms; lost, out, back: packets. Below 1 we are closer.")
    shares = " / ".join(f"{100 * statistics.fmean(each):.1f} %" for each in zip(*cpu, strict=True))
    print(f"One call takes of one core, ours / irtt: {shares} (goal: under 5 %)")


def _cell(key: str, errors: list[tuple[float, float]]) -> str:
    digits = 3 if key in COMPARED else 1
    ours, theirs = (statistics.fmean(each) for each in zip(*errors, strict=True))
    return f"{f'{ours:.{digits}f} / {theirs:.{digits}f}':>16}"


def _ratio(errors: list[tuple[float, float]]) -> str:
    ours, theirs = (statistics.fmean(each) for each in zip(*errors, strict=True))
    text = f"{ours / theirs:.2f}" if theirs else "both exact" if not ours else "-"
    return f"{text:>16}"


def send_calls(port: int, seconds: float) -> None:
    """100 calls over eight lanes, as the calls probe sends them."""
    shares = []
    for _round in range(3):
        with contextlib.ExitStack() as opened, low_jitter_process():
            flows = []
            for _number in range(8):
                datagrams = opened.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
                prepare_arrivals(datagrams)
                datagrams.setblocking(False)
                datagrams.connect(("127.0.0.1", port))
                flows.append(ReflectorFlow(out=datagrams, back=datagrams, session=1))
            load = CallLoad(flows, calls=CALLS, duration_s=seconds)
            with load:
                while load.sending:
                    time.sleep(0.1)
            late_ms = [late_ns / 1e6 for late_ns in load.late_ns]
        shares.append(sum(each <= ON_TIME_MS for each in late_ms) / len(late_ms))
    print(
        f"{CALLS} calls, packets that left within {ON_TIME_MS:g} ms of their time:"
        f" {', '.join(f'{100 * share:.2f} %' for share in shares)} (goal: over 99 %;"
        f" load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores)"
    )


@contextlib.contextmanager
def reflector() -> Iterator[int]:
    """Our far end, as a program of its own."""
    with running(sys.executable, "-m", __spec__.name, "--reflect") as program:
        assert program.stdout is not None
        yield int(program.stdout.readline())


async def reflect() -> None:
    far_end = UdpReflector()
    (port,) = await far_end.start("127.0.0.1", (0,))
    print(port, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await far_end.close()


@contextlib.contextmanager
def irtt_server() -> Iterator[int]:
    port = free_port(socket.SOCK_DGRAM)
    with running("irtt", "server", "-b", f"127.0.0.1:{port}") as program:
        assert program.stdout is not None
        while "starting" not in program.stdout.readline().lower():
            if program.poll() is not None:
                raise SystemExit("irtt's server did not start")
        time.sleep(0.3)
        yield port


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--probe", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--part", choices=("irtt", "beside", "calls"))
    parser.add_argument("--beside", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--small-far-end", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--reflect", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.reflect:
        asyncio.run(reflect())
    elif arguments.small_far_end:
        serve_small(arguments.small_far_end)
    elif arguments.probe:
        seen = probe(arguments.probe, arguments.seconds, arguments.beside)
        sys.stdout.buffer.write(msgspec.json.encode(seen))
    else:
        with reflector() as port:
            if arguments.part in (None, "irtt"):
                if shutil.which("irtt"):
                    with irtt_server() as irtt_port:
                        compare(port, irtt_port, arguments.seconds, arguments.rounds)
                else:
                    print("skipped: irtt is not installed (apt-get install irtt)")
            if arguments.part in (None, "beside"):
                compare_beside(port, arguments.seconds, arguments.rounds)
            if arguments.part in (None, "calls"):
                send_calls(port, arguments.seconds)


if __name__ == "__main__":
    main()
