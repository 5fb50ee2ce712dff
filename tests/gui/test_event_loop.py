"""While a real run goes on, the window's own thread is never held up."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

LIMIT = 50
"""In turns of the control; on a desktop of today one picture of a screen that shows 60 a second."""

NOISE = 0.001
"""Even so a crowded machine makes some events look longer than they are."""


@pytest.mark.quiet
def test_no_event_holds_up_the_window_while_a_run_goes_on() -> None:
    run = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("watched_run.py"))],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True, text=True, timeout=110, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    seen = json.loads(run.stdout)
    assert len(seen["verdict"]) == 1, "the run came to its end"
    assert seen["events"] > 500
    assert seen["waits"] == [], "nothing waits for a network, a program or a clock"
    long = [one for one in seen["long"] if one[2] > LIMIT]
    assert len(long) <= seen["events"] * NOISE, long
    assert all(one[2] < 2 * LIMIT for one in long), long
