"""The headset test in the window: offered, told while it runs, and its verdict in the report."""

import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from queue import Queue

import pytest
from probes.browser_page.test_browser_check import HandMadeBrowser
from probes.test_headset import RECORDED
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from natwizard.checks.audio_microphone import AUDIO_MICROPHONE
from natwizard.checks.audio_speaker import AUDIO_SPEAKER
from natwizard.checks.quality_call import QUALITY_CALL
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.run.run_control import RunControl
from natwizard.gui.step_list_view import PAGE_IDS, SUMMARY
from natwizard.gui.widgets.headset_strip import HeadsetStrip
from natwizard.gui.wizard import Wizard
from natwizard.model.finding import Page, Status
from natwizard.model.profile import Answers, Role
from natwizard.probes.browser_check import BROWSER_CHECK
from natwizard.probes.headset import HEADSET
from natwizard.profiles.read import shipped_profile
from natwizard.run.plan import RunPlan, make_plan
from natwizard.run.runner import Environment
from natwizard.system.environment import real_environment

DEVICES = {
    "peer_connection": True, "microphone_api": True, "permission": "prompt", "microphones": 1,
    "speakers": 1,
}  # fmt: skip
pytestmark = pytest.mark.qt_log_ignore("does not support (propagateSizeHints|raise)")
CHECKS = (AUDIO_MICROPHONE.name, AUDIO_SPEAKER.name)
MOMENT_MS = 30_000


@dataclass
class Desk:
    """A browser that tests itself, and a person who speaks when `says` lets them."""

    opened: list[str] = field(default_factory=list)
    says: Queue[str] = field(default_factory=Queue)

    def environment(self) -> Environment:
        return replace(real_environment(), open_page=self.open_page)

    def open_page(self, url: str) -> bool:
        threading.Thread(target=self._behave, args=(HandMadeBrowser(url),)).start()
        return True

    def _behave(self, browser: HandMadeBrowser) -> None:
        browser.arrive()
        if b"headset.js" not in browser.ask().content:  # type: ignore[attr-defined]
            self.opened.append(BROWSER_CHECK.name)
            browser.hello()
            browser.post("devices", **DEVICES)
            browser.post("done")
            return
        browser.hello()
        self.opened.append(HEADSET.name)
        while (step := self.says.get(timeout=60)) != "done":
            match step:
                case "recorded":
                    browser.post("recorded", **RECORDED)
                case "yes":
                    browser.post("heard", yes=True)
                case stage:
                    browser.post("at_stage", stage=stage)
        with contextlib.suppress(ConnectionError):  # the test was stopped
            browser.post("done")


def plan_of(
    role: Role = Role.WEBPHONE, only: frozenset[str] = frozenset({*CHECKS, "computer.ram"})
) -> RunPlan:
    return make_plan(shipped_profile(), Answers(role=role), location="test", only=only)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def statuses(control: RunControl) -> list[Status]:
    assert control.model.report is not None
    found = {finding.check: finding.status for finding in control.model.report.findings}
    return [found[check] for check in CHECKS]


def finishes(qtbot: QtBot, control: RunControl, start: Callable[[], None]) -> None:
    with qtbot.waitSignal(control.finished, timeout=MOMENT_MS):
        start()


def test_where_no_row_is_about_the_headset_nobody_says_that_it_works(
    qtbot: QtBot, look: Appearance, desk: Desk
) -> None:
    control = RunControl(desk.environment)
    strip = HeadsetStrip(look)
    qtbot.addWidget(strip)
    try:
        call_alone = plan_of(only=frozenset({QUALITY_CALL.name}))
        finishes(qtbot, control, lambda: control.start(call_alone))
        assert control.can_test_headset()
        strip.refresh(control)
        assert strip.text.text().startswith("Test your headset here.")
    finally:
        assert control.close()
        QApplication.processEvents()


def test_the_window_offers_it_and_says_where_to_look(
    qtbot: QtBot, look: Appearance, desk: Desk
) -> None:
    control = RunControl(desk.environment)
    wizard = Wizard(look, control, shipped_profile(), "test", Answers())
    qtbot.addWidget(wizard)
    wizard.show()
    try:
        finishes(qtbot, control, lambda: control.start(plan_of()))
        assert statuses(control) == [Status.MANUAL] * 2
        assert desk.opened == [BROWSER_CHECK.name]
        wizard.go_to(PAGE_IDS[Page.COMPUTER])
        strip = wizard.check_pages[Page.COMPUTER].headset
        assert strip is not None
        assert strip.isVisible()
        wizard.go_to(SUMMARY)
        strip = wizard.summary.headset
        assert "not tried yet" in strip.text.text()
        assert strip.button.isVisible()
        done = (control.browser_page_done, control.finished)
        with qtbot.waitSignals(done, timeout=MOMENT_MS):
            strip.button.click()
            qtbot.waitUntil(lambda: "Press Test my headset" in strip.text.text())
            assert not strip.button.isVisible()
            assert not strip.isVisible()  # the banner says it
            assert "Look at your browser" in wizard.summary.banner.accessibleName()
            desk.says.put("recording")
            qtbot.waitUntil(lambda: "one, two, three" in strip.text.text())
            for step in ("recorded", "question", "yes", "done"):
                desk.says.put(step)
        qtbot.waitUntil(lambda: "Your headset works" in strip.text.text())
        assert statuses(control) == [Status.PASS] * 2
        # the browser's own test was not made again
        assert desk.opened == [BROWSER_CHECK.name, HEADSET.name]
    finally:
        assert control.close()
        QApplication.processEvents()


def test_running_a_page_again_opens_no_headset_test_and_keeps_its_result(
    qtbot: QtBot, desk: Desk
) -> None:
    control = RunControl(desk.environment)
    for step in ("recorded", "yes", "done"):
        desk.says.put(step)
    try:
        finishes(qtbot, control, lambda: control.start(plan_of()))
        finishes(qtbot, control, control.test_headset)
        assert statuses(control) == [Status.PASS] * 2
        finishes(qtbot, control, lambda: control.run_again(CHECKS))
        assert statuses(control) == [Status.PASS] * 2
        assert desk.opened.count(HEADSET.name) == 1
        assert desk.opened.count(BROWSER_CHECK.name) == 2
    finally:
        assert control.close()


def test_a_test_that_is_stopped_leaves_the_rest_as_it_was(qtbot: QtBot, desk: Desk) -> None:
    control = RunControl(desk.environment)
    try:
        finishes(qtbot, control, lambda: control.start(plan_of()))
        with qtbot.waitSignal(control.finished, timeout=MOMENT_MS):
            control.test_headset()
            qtbot.waitUntil(lambda: HEADSET.name in desk.opened, timeout=MOMENT_MS)
            control.stop()
        assert control.model.report is not None
        found = {finding.check: finding.status for finding in control.model.report.findings}
        assert found["computer.ram"] is not Status.UNKNOWN
        assert statuses(control)[1] is Status.MANUAL
        assert control.can_test_headset()
    finally:
        desk.says.put("done")
        assert control.close()


def test_who_takes_calls_on_a_desk_phone_is_offered_none(qtbot: QtBot, desk: Desk) -> None:
    control = RunControl(desk.environment)
    try:
        finishes(qtbot, control, lambda: control.start(plan_of(Role.SIP_DEVICE)))
        assert not control.can_test_headset()
    finally:
        assert control.close()
