"""10,000 runs to a collector that is stopped and started five times meanwhile: what arrives.

Not a test: python -m tests.benchmarks.bench_share [runs]. 500 simulated seats share the processors;
rotel is the collector, a sink behind it counts runs by OpenTelemetry's own definitions. An hour's
runs are sent as fast as they go, so the rate is far above what a site of 50,000 seats makes.
"""

import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from pathlib import Path
from queue import Empty, SimpleQueue

import msgspec

sys.path.insert(0, str(Path(__file__).parents[1]))  # as the tests import what they share

from report.samples import ready
from share.collector import Rotel, Sink, deliver, serving

from natwizard.model.profile import Share
from natwizard.model.shared import Seat, SharedReport
from natwizard.share.shared_report import shared_report

RUNS = 10_000
SEATS = 500
CLIENTS = 16
RESTARTS = 5
DEADLINE_S = 3.0


def main() -> None:
    """One line of figures; ends with an error where a run was lost."""
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    seat = Seat(host_id="0" * 32, name_id="")
    template = shared_report(ready(), seat)
    sink = Sink()
    outcomes: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as made, serving(sink.handler()) as port:
        folder = Path(made)
        rotel = Rotel(port, folder)
        rotel.start()
        started = time.perf_counter()
        waiting: SimpleQueue[int] = SimpleQueue()
        for number in range(wanted):
            waiting.put(number)
        clients = [
            threading.Thread(target=client, args=(template, waiting, rotel, folder, outcomes))
            for _ in range(CLIENTS)
        ]
        for thread in clients:
            thread.start()
        for restart in range(RESTARTS):
            reach = wanted * (restart + 1) // (RESTARTS + 1)
            while wanted - waiting.qsize() < reach:
                time.sleep(0.05)
            rotel.stop()  # rotel holds what it took in memory; a kill would lose that, not ours
            time.sleep(1)
            rotel.start()
        for thread in clients:
            thread.join()
        took_s = time.perf_counter() - started
        for seat_number in range(SEATS):  # the next run of each seat takes along what waited
            send(template, wanted + seat_number, rotel, folder)
        sink.wait_for(wanted + SEATS, timeout_s=120)
        rotel.kill()
    came = Counter(sink.runs())
    total = wanted + SEATS
    print(f"{wanted} runs of {SEATS} seats in {took_s:.0f} s ({wanted / took_s:.0f} a second);"
          f" collector restarted {RESTARTS} times; {outcomes['waiting']} had to wait;"
          f" {total - len(came)} lost; {sum(came.values()) - len(came)} sent again")  # fmt: skip
    if len(came) != total:
        sys.exit(1)


def client(
    template: SharedReport,
    waiting: "SimpleQueue[int]",
    rotel: Rotel,
    folder: Path,
    outcomes: Counter[str],
) -> None:
    """Takes one run after the other, whichever seat's it is."""
    while True:
        try:
            number = waiting.get_nowait()
        except Empty:
            return
        outcomes[send(template, number, rotel, folder)] += 1


def send(template: SharedReport, number: int, rotel: Rotel, folder: Path) -> str:
    """One run of one seat, which has a queue of its own."""
    report = msgspec.structs.replace(template, run_id=str(uuid.UUID(int=number)))
    share = Share(otlp=f"http://127.0.0.1:{rotel.port}/v1/logs")
    outboxes = folder / f"seat-{number % SEATS}"
    (delivery,) = deliver(report, share, outboxes=outboxes, deadline_s=DEADLINE_S)
    return delivery.outcome.value


if __name__ == "__main__":
    main()
