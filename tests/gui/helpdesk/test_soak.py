"""What goes on after the verdict: the window tells it, and takes the amended report."""

import msgspec
import pytest
from gui.example_run import finished, good_findings
from pytestqt.qtbot import QtBot

from natwizard.gui.run.run_control import RunControl
from natwizard.gui.run.run_model import RunModel, RunStage
from natwizard.model.events import PlannedProbe, ProbeProgressed, SoakFinished, SoakStarted
from natwizard.model.profile import Answers, Profile
from natwizard.run.plan import make_plan
from natwizard.system.environment import real_environment

HOLD = PlannedProbe(probe="hold", title="Holding", typical_s=76, deadline_s=90)


def test_the_time_that_is_still_watched_only_shrinks() -> None:
    model = RunModel()
    for event in finished(good_findings()):
        model.apply(event, 0)
    assert model.watching_s is None
    model.apply(SoakStarted(probes=(HOLD,)), 1)
    left = [model.watching_s]
    for step in range(1, 5):
        model.apply(ProbeProgressed(probe="hold", fraction=step / 5, text=""), step)
        left.append(model.watching_s)
    assert left == [80, 65, 50, 35, 20]
    assert model.report is not None
    assert model.stage is RunStage.FINISHED
    amended = msgspec.structs.replace(model.report, finished_at="later")
    model.apply(SoakFinished(report=amended), 6)
    assert model.report is amended
    assert model.watching_s is None


@pytest.fixture
def impatient(demo_profile: Profile) -> Profile:
    """The demo's profile with a watch of one second."""
    rows = tuple(
        msgspec.structs.replace(row, limits=row.limits | {"idle_s": 1.0})
        if row.id == "websocket.open"
        else row
        for row in demo_profile.requirements
    )
    return msgspec.structs.replace(demo_profile, requirements=rows)


def test_a_run_goes_on_to_watch_and_amends_its_report(qtbot: QtBot, impatient: Profile) -> None:
    control = RunControl(real_environment)
    plan = make_plan(impatient, Answers(), location="demo", only=frozenset({"websocket.open"}))
    try:
        with qtbot.waitSignal(control.amended, timeout=60_000) as amended:
            with qtbot.waitSignal(control.finished, timeout=60_000) as verdict:
                control.start(plan)
            before = verdict.args[0]
            assert "websocket_hold" not in {record.probe for record in before.outcomes}
        after = amended.args[0]
        assert "websocket_hold" in {record.probe for record in after.outcomes}
        assert after.run_id == before.run_id
        assert control.model.report is after
    finally:
        assert control.close()
