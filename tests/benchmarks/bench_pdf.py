"""How long the PDF takes and how large it is, in each language: the mocks' report and the largest.

Not a test: `make bench`, or python -m tests.benchmarks.bench_pdf [rounds]. The first one of a
process finds the fonts too. Processor time is what it takes where nobody else wants the machine.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1]))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from cases.watch_hours import watched_for
from msgspec import Struct
from pypdf import PdfReader
from report.failing import all_failing
from report.samples import not_ready

from natwizard.languages import NAMES
from natwizard.report.as_pdf import write_pdf, write_watch_pdf

ROUNDS = 9
GOAL_S, GOAL_KB = 1.0, 300


class Cost(Struct, frozen=True, kw_only=True):
    """Seconds on the clock and of the processor; one a round."""

    clock_s: list[float]
    processor_s: list[float]


def measure(work: Callable[[], None], rounds: int) -> Cost:
    """Again and again."""
    cost = Cost(clock_s=[], processor_s=[])
    for _round in range(rounds):
        clock, processor = time.perf_counter(), time.process_time()
        work()
        cost.clock_s.append(time.perf_counter() - clock)
        cost.processor_s.append(time.process_time() - processor)
    return cost


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    works: dict[str, Callable[[Path], None]] = {
        "first of a process": lambda path: write_pdf(not_ready(), path),
        "22 checks, 3 problems": lambda path: write_pdf(not_ready(), path),
    }
    for code in NAMES:
        report = all_failing(code)
        works[f"{len(report.findings)} problems, {code}"] = (
            lambda path, report=report: write_pdf(report, path)  # type: ignore[misc]
        )
    record = watched_for(8).record
    works["8 hours watched"] = lambda path: write_watch_pdf(record, path)
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores;"
          f" goals: under {GOAL_S:g} s, under {GOAL_KB} kB")  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.pdf"
        for name, work in works.items():
            cost = measure(lambda work=work: work(path), 1 if "first" in name else rounds)  # type: ignore[misc]
            print(
                f"  {name:22} {median(cost.clock_s):.2f} s (slowest {max(cost.clock_s):.2f},"
                f" processor {min(cost.processor_s):.2f}),"
                f" {len(PdfReader(path).pages):2} pages, {path.stat().st_size / 1000:.0f} kB"
            )


if __name__ == "__main__":
    main()
