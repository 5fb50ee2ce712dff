"""How far a run is, told honestly: on a real run against the reflector."""

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from natwizard.checks.base import Check
from natwizard.gui.run.run_control import RunControl
from natwizard.gui.run.run_model import RunStage
from natwizard.model.profile import Answers, Profile
from natwizard.probes.media.stream import make_media_probe
from natwizard.run.plan import RunPlan, make_plan
from natwizard.system.environment import real_environment

WANTED = frozenset(
    ("port.webphone", "port.dns", "port.tcp443", "udp.stun", "computer.ram", "quality.latency")
)


def with_short_media(plan: RunPlan, seconds: float) -> RunPlan:
    """The same plan with a shorter call."""
    short = make_media_probe(seconds, seconds)
    rows = []
    for row in plan.rows:
        assert isinstance(row.check, Check)
        needs = tuple(short if probe.name == short.name else probe for probe in row.check.needs)
        rows.append(replace(row, check=replace(row.check, needs=needs)))
    return replace(plan, rows=tuple(rows))


@pytest.mark.xdist_group("whole runs")
def test_progress_only_grows_and_does_not_stand_still_at_the_end(
    qtbot: QtBot, demo_profile: Profile
) -> None:
    control = RunControl(real_environment)
    plan = make_plan(demo_profile, Answers(), location="demo", only=WANTED)
    seen: list[tuple[int, float, int | None]] = []

    def note() -> None:
        model, now_s = control.model, control.now_s()
        if model.stage is RunStage.RUNNING:
            seen.append((model.done, model.share(now_s), model.seconds_left(now_s)))

    control.changed.connect(note)
    try:
        with qtbot.waitSignal(control.finished, timeout=60_000):
            control.start(with_short_media(plan, 2.0))
    finally:
        assert control.close()
    counts = [count for count, _share, _left in seen]
    shares = [share for _count, share, _left in seen]
    assert counts == sorted(counts)
    assert shares == sorted(shares)
    assert len(set(shares)) > len(set(counts)), "it goes on while a probe is at work"
    assert sum(share > 0.97 for share in shares) < len(shares) / 2
    assert all(left is not None for _count, _share, left in seen[1:])
