"""Whole runs on a healthy line, one after the other: how long they take, and what is not green.

`make healthy-runs`, or PYTHONPATH=tests python -m tests.benchmarks.bench_runs [--runs 10]
[--delay-ms 15] [--rate-kbit-s 2000]. So many runs to far ends of one's own, and as many with the
profile as shipped, before public servers of ours. Each tells when its phases began and ended. Ends
with 1 where a row is red, or unknown though nothing in `NOT_KNOWN_HERE` says why, or where this
computer was too busy to tell.
"""

import argparse
import sys
from collections.abc import Iterator
from datetime import datetime
from statistics import median
from types import MappingProxyType

from lab.test_lines import spoilt_by_this_computer
from lab.topology.fault import Fault
from lab.topology.internet import Internet
from lab.topology.lab import Lab, built_lab, missing
from lab.topology.public_world import PublicWorld, trust_public

from natwizard.checks.catalogue import CHECKS
from natwizard.model.finding import Status
from natwizard.model.report import Report
from natwizard.probes.base import Phase

GOALS_S = MappingProxyType({Internet: 12.0, PublicWorld: 20.0})
"""To the verdict: with far ends of one's own or the service's, and with the profile as shipped."""

NOT_KNOWN_HERE = MappingProxyType(
    {
        "audio.microphone": "the computer of a test has no sound card",
        "audio.speaker": "the computer of a test has no sound card",
        "screen.resolution": "the computer of a test has no screen",
        "browser.chosen": "the computer of a test need not have a browser",
        "browser.version": "the computer of a test need not have a browser",
    }
)
"""Rows that may be unknown, and why: all that is not the line's."""

TRIES = 3
PHASE_OF = MappingProxyType({probe.name: probe.phase for check in CHECKS for probe in check.needs})
MEASURED = (Phase.MACHINE, Phase.REACHABILITY, Phase.MEDIA)


def complaints(report: Report) -> Iterator[str]:
    """What is red or unknown on a line where nothing is wrong, and not for a busy computer."""
    unknown_here = spoilt_by_this_computer(report) | NOT_KNOWN_HERE.keys()
    for finding in report.findings:
        known = finding.status is not Status.UNKNOWN or finding.check in unknown_here
        if finding.status is Status.FAIL or not known:
            why = "; ".join(line.text for line in finding.details[:2])
            yield f"{finding.check} {finding.status}: {finding.summary} ({why})"
    if report.root_cause is not None:
        yield f"root cause: {report.root_cause.code}"


def healthy_run(lab: Lab, fault: Fault) -> Report:
    """A run; another one where this computer was too busy to keep time."""
    report = lab.checked_again(fault, ()).report
    for _try in range(TRIES - 1):
        if not spoilt_by_this_computer(report):
            break
        print("  this computer was too busy to measure: once more", flush=True)
        report = lab.checked_again(fault, ()).report
    return report


def verdict_after_s(report: Report) -> float:
    """How long a person waits for it."""
    started, finished = map(datetime.fromisoformat, (report.started_at, report.finished_at))
    return (finished - started).total_seconds()


def phase_times(report: Report) -> str:
    """When each phase began and ended; in MEDIA each probe, for they follow each other."""
    spans: dict[str, tuple[float, float]] = {}
    for record in report.outcomes:
        phase = PHASE_OF.get(record.probe)
        if phase not in MEASURED:
            continue
        name = record.probe if phase is Phase.MEDIA else str(phase)
        began, ended = spans.get(name, (record.started_s, 0.0))
        ends = record.started_s + record.duration_s
        spans[name] = min(began, record.started_s), max(ended, ends)
    told = (f"{name} {began:.1f} to {ended:.1f}" for name, (began, ended) in spans.items())
    return ", ".join(told)


def figures(report: Report) -> str:
    """What the stream of voice packets measured, to compare runs on one line with each other."""
    rows = ("quality.latency", "quality.jitter", "quality.loss", "quality.bandwidth")
    return ", ".join(each.observed for each in report.findings if each.check in rows)


def main() -> int:
    """Run them all, print times, and say what is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--delay-ms", type=int, default=0, help="each way")
    parser.add_argument("--rate-kbit-s", type=int, default=0, help="each way; 0: all there is")
    arguments = parser.parse_args()
    if lacking := missing():
        parser.error(f"needs {lacking}")
    fault = Fault(delay_ms=arguments.delay_ms, rate_kbit_s=arguments.rate_kbit_s)
    wrong = spoilt = 0
    for world, goal_s in GOALS_S.items():
        took_s: list[float] = []
        with built_lab(1, world) as lab:
            if world is PublicWorld:
                trust_public(lab.sites[0])
            print("as shipped" if world is PublicWorld else "own far ends")
            for number in range(1, arguments.runs + 1):
                report = healthy_run(lab, fault)
                took_s.append(verdict_after_s(report))
                print(f"  run {number}: {took_s[-1]:.1f} s; {phase_times(report)}")
                print(f"    {figures(report)}", flush=True)
                if rows := spoilt_by_this_computer(report):
                    spoilt += 1
                    print(f"    this computer was too busy for: {', '.join(sorted(rows))}")
                for complaint in complaints(report):
                    wrong += 1
                    print(f"    {complaint}", flush=True)
        print(f"  median {median(took_s):.1f} s, slowest {max(took_s):.1f} s, goal {goal_s:g} s")
    print(f"{wrong} rows red or unknown that should not be")
    if spoilt:
        print(f"{spoilt} runs say nothing of some rows: run again when nothing else runs here")
    return 1 if wrong or spoilt else 0


if __name__ == "__main__":
    sys.exit(main())
