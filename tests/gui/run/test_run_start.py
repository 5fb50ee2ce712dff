"""A run that cannot begin says so, and the next one can."""

from pytestqt.qtbot import QtBot

from natwizard.gui.run.run_control import RunControl
from natwizard.model.profile import Answers
from natwizard.profiles.find import find_profile
from natwizard.run.plan import make_plan
from natwizard.run.runner import Environment
from natwizard.system.environment import real_environment


def test_a_run_that_cannot_begin_is_told_and_not_for_ever(qtbot: QtBot) -> None:
    broken = True

    def environment() -> Environment:
        if broken:
            raise SystemError("an exception that no one listed")
        return real_environment()

    control = RunControl(environment)
    only = frozenset({"computer.ram"})
    plan = make_plan(find_profile().profile, Answers(), location="shipped", only=only)
    try:
        with qtbot.waitSignal(control.broke, timeout=10_000) as told:
            control.start(plan)
        assert "no one listed" in told.args[0]
        assert not control.model.busy
        broken = False
        with qtbot.waitSignal(control.finished, timeout=60_000):
            control.start(plan)
    finally:
        assert control.close()
