"""The summary tells as many fixes as leave all results in sight, with fonts as wide as DejaVu."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gui.example_run import (
    bad_findings,
    example_profile,
    finished,
    good_findings,
    report_of,
)
from gui.look.test_window_language import HEIGHT, WIDTH, cut_widgets, longer, shown
from languages.pseudo import PSEUDO
from msgspec import structs
from PySide6.QtCore import QEvent
from PySide6.QtGui import QFont, QFontDatabase
from PySide6.QtWidgets import QApplication, QPushButton

from natwizard.drawing.tokens import SPACE
from natwizard.gui.actions import Command
from natwizard.gui.brand import SIZE, SMALLEST
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.pages.base import Scrolling
from natwizard.gui.run.run_control import RunControl
from natwizard.gui.run.run_model import RunStage
from natwizard.gui.step_list_view import SUMMARY
from natwizard.gui.widgets.buttons import ActionLink
from natwizard.gui.widgets.metric_tile import MetricTile
from natwizard.gui.wizard import Wizard
from natwizard.languages import NAMES, use_language
from natwizard.model.events import PlannedProbe, SoakFinished, SoakStarted
from natwizard.model.finding import Finding, Status
from natwizard.model.language import speak
from natwizard.model.profile import Answers
from natwizard.profiles.find import SHIPPED_PLACE
from natwizard.profiles.read import shipped_profile
from natwizard.report.as_json import write_json
from natwizard.run.plan import make_plan
from natwizard.system.environment import real_environment

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")

WIDE = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
HOLD = PlannedProbe(probe="hold", title="Holding", typical_s=76, deadline_s=90)
MOST, FIXES = 3, 5
LONG = " Ask them to do so for every computer that takes calls, and not for this one alone."

Make = Callable[..., Wizard]


@pytest.fixture
def make(qapp: QApplication) -> Iterator[Make]:
    assert QFontDatabase.addApplicationFont(WIDE) >= 0
    made: list[Wizard] = []

    def make_one(pixels: int = 12) -> Wizard:
        font = QFont("DejaVu Sans")
        font.setPixelSize(pixels)
        look = Appearance(qapp, font=font)
        control = RunControl(real_environment)
        wizard = Wizard(look, control, example_profile(), "example", Answers())
        wizard.resize(WIDTH, HEIGHT)
        wizard.show()
        made.append(wizard)
        return wizard

    yield make_one
    for wizard in made:
        wizard.close()
        wizard.deleteLater()
        wizard.look.deleteLater()
    qapp.setStyleSheet("")
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def two_lines(finding: Finding) -> Finding:
    """With a remedy that no line holds."""
    remedy = finding.remedy
    return structs.replace(
        finding, remedy=remedy and structs.replace(remedy, text=remedy.text + LONG)
    )


def show(wizard: Wizard, findings: tuple[Finding, ...], *, soak: bool = True) -> None:
    events = finished(findings)
    if soak:
        events.append(SoakStarted(probes=(HOLD,)))
    for event in events:
        wizard.control.model.apply(event, wizard.control.now_s())
    wizard.go_to(SUMMARY)
    wizard.refresh()
    settle()


def settle() -> None:
    for _round in range(4):
        QApplication.processEvents()


def seen(wizard: Wizard) -> int:
    return sum(not row.isHidden() for row in wizard.summary.fixes.rows)


def scrolls(wizard: Wizard) -> int:
    return wizard.summary.area.verticalScrollBar().maximum()


def shown_best(wizard: Wizard) -> bool:
    """No scrolling with what is shown, and scrolling with one more; or all first, and scrolling."""
    summary, count = wizard.summary, seen(wizard)
    if scrolls(wizard):
        return count == MOST and not summary._fit(1)
    return count == MOST or not summary._fit(count + 1)


@pytest.mark.parametrize("code", [*NAMES, "pseudo"])
@pytest.mark.parametrize("soak", [True, False], ids=["soak", "no soak"])
def test_the_summary_needs_no_scrolling_whatever_there_is_to_fix(
    make: Make, code: str, *, soak: bool
) -> None:
    speak(PSEUDO) if code == "pseudo" else use_language(code)
    made = [two_lines(one) for one in bad_findings()]
    wizard = make()
    show(wizard, tuple(longer(one) for one in made) if code == "pseudo" else tuple(made), soak=soak)
    assert scrolls(wizard) == 0
    assert not cut_widgets(wizard)
    more = [
        button
        for button in shown(wizard, QPushButton)
        if button.property("kind") == "inline" and not isinstance(button, ActionLink)
    ]
    assert str(FIXES - seen(wizard)) in more[0].text()
    assert shown_best(wizard)


@pytest.mark.parametrize("code", NAMES)
def test_a_ready_computer_needs_no_scrolling_to_send_its_result(make: Make, code: str) -> None:
    """Tiles, the way of the call and the results are all there, and the link stands beside them."""
    use_language(code)
    wizard = make()
    show(wizard, good_findings(), soak=False)
    assert scrolls(wizard) == 0
    links = [link for link in shown(wizard.summary, ActionLink)
             if link.text() == wizard.session.actions[Command.SEND_TO_HELPDESK].text()]  # fmt: skip
    assert len(links) == 1
    assert not links[0].visibleRegion().isEmpty()


@pytest.mark.parametrize("fits", [True, False], ids=["headline", "none"])
def test_only_a_headline_gets_a_tile(make: Make, *, fits: bool) -> None:
    """Four tiles fit across; a fifth check with a limit bar has it in its row."""
    findings = good_findings()
    (latency,) = [each for each in findings if each.check == "quality.latency"]
    another = structs.replace(latency, check="quality.latency_under_load", chart=None, path=(),
                              headline="median" if fits else "")  # fmt: skip
    wizard = make()
    show(wizard, (*findings, another), soak=False)
    assert len(shown(wizard.summary, MetricTile)) == (5 if fits else 4)


def test_short_fixes_are_all_there_and_the_end_of_the_soak_makes_room(make: Make) -> None:
    wizard = make()
    show(wizard, bad_findings(), soak=False)
    assert (seen(wizard), scrolls(wizard)) == (MOST, 0)
    use_language("de")
    wizard.language.changed.emit()
    show(wizard, tuple(two_lines(one) for one in bad_findings()))
    with_soak = seen(wizard)
    model = wizard.control.model
    assert model.report is not None
    model.apply(SoakFinished(report=structs.replace(model.report, finished_at="later")), 9)
    wizard.refresh()
    settle()
    assert with_soak < seen(wizard) <= MOST
    assert scrolls(wizard) == 0


@pytest.mark.parametrize("code", [*NAMES, "pseudo"])
@pytest.mark.parametrize("pixels", [15, 18])
@pytest.mark.parametrize("size", [(WIDTH, HEIGHT), (800, 480)])
def test_every_size_of_type_and_window_shows_what_fits(
    make: Make, code: str, pixels: int, size: tuple[int, int]
) -> None:
    speak(PSEUDO) if code == "pseudo" else use_language(code)
    wizard = make(pixels)
    show(wizard, tuple(two_lines(one) for one in bad_findings()))
    wizard.resize(*size)
    settle()
    assert shown_best(wizard)


@pytest.mark.parametrize("code", NAMES)
def test_a_summary_where_all_is_well_stands_closer_before_it_scrolls(make: Make, code: str) -> None:
    """Tiles, the way of the call and all results: a few pixels more than there are."""
    use_language(code)
    wizard = make()
    show(wizard, good_findings(), soak=False)
    assert wizard.summary._route is not None
    usual, spaces = wizard.look.px(SPACE.l), []
    for height in (2 * HEIGHT, *range(SIZE[1] + 40, SMALLEST[1], -8)):
        wizard.resize(SIZE[0], height)
        settle()
        if scrolls(wizard):
            assert wizard.summary._inner.spacing() == usual, "where it does not help"
            break
        spaces.append(wizard.summary._inner.spacing())
    assert spaces[0] == usual, "no closer than needed"
    assert spaces[-1] < usual
    assert spaces == sorted(spaces, reverse=True)


def test_larger_type_and_another_window_fit_anew(make: Make) -> None:
    wizard = make()
    show(wizard, bad_findings())
    assert seen(wizard) == MOST
    wizard.look.toggle_helpdesk_size()
    settle()
    assert shown_best(wizard)
    wizard.look.toggle_helpdesk_size()
    wizard.resize(WIDTH, HEIGHT - 60)
    settle()
    assert scrolls(wizard) == 0
    assert 1 <= seen(wizard) < MOST
    wizard.resize(WIDTH, HEIGHT)
    settle()
    assert seen(wizard) == MOST


def test_the_rest_is_one_press_away_and_goes_again(make: Make) -> None:
    wizard = make()
    show(wizard, tuple(two_lines(one) for one in bad_findings()))
    before = seen(wizard)
    wizard.summary._more.click()
    settle()
    assert seen(wizard) == FIXES
    assert wizard.summary._more.text() == "Show fewer"
    wizard.resize(WIDTH - 20, HEIGHT)
    settle()
    assert seen(wizard) == FIXES
    wizard.summary._more.click()
    wizard.resize(WIDTH, HEIGHT)
    settle()
    assert seen(wizard) == before


def test_a_report_from_a_file_leaves_room_for_the_line_above(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    write_json(report_of(tuple(two_lines(one) for one in bad_findings())), path)
    wizard = make()
    wizard.open_report(path)
    settle()
    assert wizard.control.model.stage is RunStage.OPENED
    assert scrolls(wizard) == 0
    assert shown_best(wizard)


def test_every_problem_is_told_before_the_headset_is_offered(make: Make) -> None:
    """The offer gives way where both have no room, and is back with the whole list."""
    plan = make_plan(shipped_profile(), Answers(), location="example")
    problems = tuple(map(two_lines, bad_findings()))
    wizard = make()
    wizard.control.plan = plan
    show(wizard, good_findings(), soak=False)
    assert wizard.summary.headset.isVisible(), "where nothing is wrong there is room for it"
    wizard = make()
    wizard.control.plan = plan
    show(wizard, problems, soak=False)
    failing = sum(fix.status is Status.FAIL for fix in wizard.summary._fixes())
    assert seen(wizard) == failing > 1
    assert not wizard.summary.headset.isVisible()
    assert scrolls(wizard) == 0
    wizard.summary._more.click()
    settle()
    assert wizard.summary.headset.isVisible()


@pytest.mark.parametrize("code", NAMES)
def test_the_first_page_fits_its_usual_size_with_the_shipped_profile(
    qapp: QApplication, code: str
) -> None:
    """With the box for public servers and the names of those who run them."""
    use_language(code)
    look = Appearance(qapp, font=QFont("Inter", 9))  # wider than the fonts of most desktops
    wizard = Wizard(look, RunControl(real_environment), shipped_profile(), SHIPPED_PLACE, Answers())
    wizard.show()
    settle()
    assert wizard.welcome.operators.isVisible()
    (area,) = wizard.welcome.findChildren(Scrolling)
    assert (area.verticalScrollBar().maximum(), wizard.height()) == (0, look.px(SIZE[1]))
    wizard.close()
    wizard.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    look.deleteLater()
