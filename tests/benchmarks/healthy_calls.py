"""Healthy headset tests and healthy calls, ten in each browser: how many had a finding?

Not a test of `make test`: `make healthy-calls`, or python -m tests.benchmarks.healthy_calls
[--rounds 10]. Each round is one visit of the page: a voice that is loud and clear, played back,
then a call by both codecs through coturn over a line without a fault. Ends with an error where
any of them was told that something was wrong, but that this computer was busy. Wants root, both
browsers and a quarter of an hour.
"""

import argparse
import contextlib
import os
import platform
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # as the tests import what they share

from lab.topology.call_lab import MISSING, NEEDS, CallLab

from natwizard.checks.audio_microphone import AUDIO_MICROPHONE
from natwizard.checks.audio_speaker import AUDIO_SPEAKER
from natwizard.checks.base import Inputs
from natwizard.checks.quality_call import QUALITY_CALL, CallState, concealed_share
from natwizard.model.finding import Status
from natwizard.model.outcome import Gathered
from natwizard.probes.headset import HEADSET, HeadsetEvidence

BROWSERS = ("chromium", "firefox")
CHECKS = (AUDIO_MICROPHONE, AUDIO_SPEAKER, QUALITY_CALL)
ROUNDS = 10


def found_in(evidence: HeadsetEvidence) -> list[str]:
    """What is not a pass, in words; nothing for a healthy round."""
    inputs = Inputs(outcomes={HEADSET.name: Gathered(evidence=evidence)})
    judged = [(check.name, check.bind({})(inputs)) for check in CHECKS]
    return [
        f"{name} {each.status}: {each.summary} ({each.observed})"
        for name, each in judged
        if each.status is not Status.PASS
    ]


def accuses(evidence: HeadsetEvidence) -> bool:
    """Whether anything else than this computer, where it was busy, is named for anything."""
    busy = CallState.COMPUTER_TOO_SLOW.verdict.summary
    return any(f": {busy} (" not in finding for finding in found_in(evidence))


def row(browser: str, number: int, load: float, evidence: HeadsetEvidence) -> str:
    """One line of the table that docs/measurements.md keeps."""
    ways = [each for call in evidence.calls for each in call.directions]
    made_up = max((100 * concealed_share(each) for each in ways), default=float("nan"))
    delay = max((each.delay_ms for each in ways), default=float("nan"))
    lag = max((call.lag_ms for call in evidence.calls), default=float("nan"))
    said = "; ".join(found_in(evidence)) or "none"
    busy = max((load.busy_share for load in evidence.loads), default=float("nan"))
    waited = max(
        (
            max(load.late_ms, call.stood_ms)
            for load, call in zip(evidence.loads, evidence.calls, strict=True)
        ),
        default=float("nan"),
    )
    own = f"{lag:.0f} ms | {100 * busy:.0f} % | {waited:.0f} ms"
    figures = f"{made_up:.2f} % | {delay:.0f} ms | {own}"
    return f"| {browser} | {number} | {load:.1f} | {figures} | {said} |"


def main() -> None:
    """A table with one line a round; exits 1 where one of them had a finding."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--browser", choices=BROWSERS, action="append")
    given = parser.parse_args()
    if MISSING:
        sys.exit(NEEDS)
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} processors")
    print(
        "| browser | round | load before | most made up | longest delay | clock late | cores busy"
        " | longest wait | findings |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |", flush=True)
    bad = 0
    for number in range(1, given.rounds + 1):
        for browser in given.browser or BROWSERS:
            load = os.getloadavg()[0]
            with contextlib.ExitStack() as opened:
                home = opened.enter_context(tempfile.TemporaryDirectory())
                lab = opened.enter_context(CallLab(Path(home)).built())
                evidence = lab.call(browser)
            bad += accuses(evidence)
            print(row(browser, number, load, evidence), flush=True)
    print(f"{bad} rounds with a finding that is not this computer's")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
