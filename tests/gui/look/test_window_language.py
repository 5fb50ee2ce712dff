"""The window in a language 40 % longer than English: nothing is cut, nothing stays English."""

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import phonenumbers
import pytest
from cases.udp_cases import case, figures, jitter, media
from gui.example_run import (
    CODE,
    bad_findings,
    events_until,
    example_profile,
    finished,
    good_findings,
)
from languages.pseudo import PSEUDO, pseudo, untranslated
from msgspec import structs
from PySide6.QtCore import QEvent, QRectF, QSettings, Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QMessageBox,
    QSizePolicy,
    QTableWidget,
    QWidget,
)

from natwizard import languages
from natwizard.checks import quality_jitter, quality_latency, quality_loss
from natwizard.checks.catalogue import CHECKS
from natwizard.checks.quality_jitter import JitterLimits
from natwizard.checks.quality_latency import LatencyLimits
from natwizard.checks.quality_loss import LossLimits
from natwizard.cli.headless import run_headless
from natwizard.drawing.tokens import DARK, HIGH_CONTRAST, LIGHT, Theme
from natwizard.gui.actions import COMMANDS
from natwizard.gui.app import qt_screens
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.look.window_language import (
    LANGUAGE_KEY,
    NAME,
    WindowLanguage,
    begin_language,
    kept_language,
)
from natwizard.gui.planner.book import PlannerBook
from natwizard.gui.planner.window import PlannerWindow
from natwizard.gui.run.run_control import RunControl
from natwizard.gui.settings.opening import open_settings
from natwizard.gui.settings.setup import SetupDialog, SetupQuestion
from natwizard.gui.step_list_view import PAGE_IDS, SUMMARY, WELCOME
from natwizard.gui.stop_question import ask_to_stop
from natwizard.gui.widgets import painted
from natwizard.gui.widgets.glyph import Glyph
from natwizard.gui.widgets.metric_tile import MetricTile
from natwizard.gui.wizard import Wizard
from natwizard.gui.wizard_frame import Footer, footer_commands
from natwizard.languages import NAMES
from natwizard.model.finding import Finding, Page, Status
from natwizard.model.language import _ as gettext
from natwizard.model.language import current_language, speak
from natwizard.model.profile import Answers, Profile
from natwizard.model.report import Report
from natwizard.planner.checklist import checklist
from natwizard.planner.numbers import country_name
from natwizard.probes.browsers.browser_copy import TITLES
from natwizard.profiles.find import SHIPPED_PLACE
from natwizard.profiles.read import shipped_profile
from natwizard.profiles.setup_file import read_offer
from natwizard.run.plan import RunPlan, make_plan
from natwizard.run.rejudge import rejudge
from natwizard.system.environment import real_environment

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")

SHORTEST_DATA = 6
WIDTH, HEIGHT = 1024, 768 - 32 - 48  # less a title bar and a task bar


class Ruler(QFontMetricsF):
    """Real metrics that remember what was measured for painting, and what was cut."""

    seen: set[str]
    cut: set[str]

    def horizontalAdvance(self, text: str) -> float:  # noqa: N802 - Qt's name
        self.seen.add(text)
        return super().horizontalAdvance(text)

    def boundingRect(self, box: QRectF, flags: Qt.AlignmentFlag, text: str) -> QRectF:  # noqa: N802
        self.seen.add(text)
        return super().boundingRect(box, flags, text)

    def elidedText(self, text: str, mode: Qt.TextElideMode, width: float) -> str:  # noqa: N802
        told = super().elidedText(text, mode, width)
        if told != text:
            self.cut.add(f"{text} in {width}")
        return told


@pytest.fixture
def ruler(monkeypatch: pytest.MonkeyPatch) -> type[Ruler]:
    made = type("FreshRuler", (Ruler,), {"seen": set(), "cut": set()})
    monkeypatch.setattr(painted, "QFontMetricsF", made)
    return made


@pytest.fixture
def settings() -> Iterator[QSettings]:
    """What this person kept before comes back."""
    kept = QSettings(NAME, NAME)
    before = kept.value(LANGUAGE_KEY)
    yield kept
    kept.setValue(LANGUAGE_KEY, before) if before else kept.remove(LANGUAGE_KEY)


@pytest.fixture
def wizard(look: Appearance) -> Iterator[Wizard]:
    made = Wizard(
        look, RunControl(lambda: real_environment(qt_screens())), example_profile(), "example",
        Answers(),
    )  # fmt: skip
    made.resize(WIDTH, HEIGHT)
    made.show()
    yield made
    made.close()
    made.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture(scope="module")
def measured(demo_profile: Profile) -> tuple[RunPlan, Report]:
    """A real run against the demo reflector: every text comes from the rules."""
    skip = frozenset({"quality.bandwidth"})
    plan = make_plan(demo_profile, Answers(), location="demo", skip=skip)
    report, _stopped = run_headless(plan, real_environment(), lambda _event: None)
    return plan, report


def longer(finding: Finding) -> Finding:
    """A made-up finding as the pseudo-language would have it."""
    remedy = finding.remedy
    return structs.replace(
        finding,
        title=pseudo(finding.title),
        summary=pseudo(finding.summary),
        observed=pseudo(finding.observed),
        expected=pseudo(finding.expected),
        remedy=remedy and structs.replace(remedy, text=pseudo(remedy.text)),
        stages=tuple(structs.replace(stage, name=pseudo(stage.name)) for stage in finding.stages),
        gauge=finding.gauge and structs.replace(finding.gauge, title=pseudo(finding.gauge.title)),
    )


def show(wizard: Wizard, findings: tuple[Finding, ...]) -> None:
    for event in finished(findings):
        wizard.control.model.apply(event, wizard.control.now_s())
    wizard.refresh()


def everywhere(wizard: Wizard) -> Iterator[tuple[str, QWidget]]:
    """Walks through all pages; each is laid out and painted."""
    for number in (WELCOME, *(PAGE_IDS[page] for page in Page), SUMMARY):
        wizard.go_to(number)
        QApplication.processEvents()
        wizard.grab()
        yield wizard.currentPage().accessibleName(), wizard.currentPage()


def shown(wizard: Wizard, kind: type[QWidget]) -> list[QWidget]:
    return [widget for widget in wizard.findChildren(kind) if widget.isVisible()]


def cut_widgets(wizard: Wizard) -> list[str]:
    """Labels and buttons that got less room than their words need."""
    found = []
    for label in shown(wizard, QLabel):
        if not label.text():
            continue
        needs_height = label.heightForWidth(label.width()) if label.wordWrap() else 0
        narrow = not label.wordWrap() and label.sizeHint().width() > label.width() + 1
        if narrow or needs_height > label.height():
            found.append(f"label {label.text()!r} {label.size().toTuple()} {needs_height}")
        longest = max(label.text().split(), key=len, default="")
        if label.fontMetrics().horizontalAdvance(longest) > label.width() + 1:
            found.append(f"label {label.text()!r}: a word does not fit {label.width()}")
    tight = [
        f"button {button.text()!r} {button.width()} < {button.sizeHint().width()}"
        for button in shown(wizard, QAbstractButton)
        if button.text() and button.sizeHint().width() > button.width() + 1
    ]
    return found + tight


def squashed(wizard: Wizard) -> list[str]:
    """What is painted, and got less height than it asked for: its parts lie on each other."""
    return [
        f"{type(each).__name__} {each.height()} < {each.sizeHint().height()}"
        for each in shown(wizard, painted.Painted)
        if not isinstance(each, Glyph)  # fills the box it gets, and has no parts
        and each.sizePolicy().verticalPolicy() is QSizePolicy.Policy.Fixed
        and each.height() < each.sizeHint().height()
    ]


# as 1366 x 768 at 200 %, less a title bar and a task bar
LOW = (683, 350)


@pytest.mark.parametrize("code", NAMES)
@pytest.mark.parametrize(
    ("theme", "size", "larger"),
    [
        (DARK, LOW, False),
        (HIGH_CONTRAST, (960, 680), False),
        (DARK, (800, 480), False),
        (LIGHT, (1024, 688), True),
    ],
    ids=["200 %", "high contrast", "smallest", "larger type"],
)
def test_no_text_is_cut_however_large_it_is_shown(
    wizard: Wizard,
    ruler: type[Ruler],
    measured: tuple[RunPlan, Report],
    code: str,
    theme: Theme,
    size: tuple[int, int],
    *,
    larger: bool,
) -> None:
    """Neither in a sentence, nor in a button, nor where something is painted."""
    plan, report = measured
    wizard.look.use(theme)
    if larger:
        wizard.look.toggle_helpdesk_size()
    wizard.setMinimumSize(0, 0)
    wizard.resize(*size)
    languages.use_language(code)
    wizard.language.changed.emit()
    wizard.control.open(with_stages(rejudge(report, plan)))
    problems = {}
    for name, page in everywhere(wizard):
        rows = getattr(page, "rows", None)
        if rows is not None and rows.rows and not rows.open_check:
            rows.open_row(next(iter(rows.rows)), animated=False)
        for _round in range(4):
            QApplication.processEvents()
        wizard.grab()
        found = [*cut_widgets(wizard), *outside(wizard), *squashed(wizard)]
        if found:
            problems[name] = found
    assert problems == {}
    assert ruler.cut == set()


@pytest.mark.parametrize("code", NAMES)
@pytest.mark.parametrize("size", [LOW, (800, 480), (960, 680)], ids=lambda size: f"{size[0]} wide")
def test_no_text_is_cut_while_a_call_is_measured(
    wizard: Wizard, ruler: type[Ruler], code: str, size: tuple[int, int]
) -> None:
    """A tile says what will be measured before it is, in as little room."""
    wizard.setMinimumSize(0, 0)
    wizard.resize(*size)
    languages.use_language(code)
    wizard.language.changed.emit()
    titles = {check.name: gettext(check.title) for check in CHECKS}
    spoken = tuple(structs.replace(each, title=titles.get(each.check, each.title))
                   for each in good_findings())  # fmt: skip
    for event in events_until(spoken, Page.UDP_MEDIA):
        wizard.control.model.apply(event, wizard.control.now_s())
    wizard.go_to(PAGE_IDS[Page.UDP_MEDIA])
    for _round in range(4):
        QApplication.processEvents()
    wizard.grab()
    assert len(shown(wizard, MetricTile)) == 4
    assert ruler.cut == set()


def test_a_tile_is_called_the_same_before_and_after_it_is_measured() -> None:
    rules = {
        "median": quality_latency.judge(CALL, LatencyLimits()),
        "jitter": quality_jitter.judge(CALL, JitterLimits()),
        "loss": quality_loss.judge(CALL, LossLimits()),
    }
    told = {headline: each.gauge.title for headline, each in rules.items() if each.gauge}
    told["calls_carried"] = "Calls at once"  # as its rule's own tests say
    assert {check.headline: check.tile_title for check in CHECKS if check.headline} == told


STEADY = jitter(3.0)
CALL = case({"media": media(figures(out=STEADY, back=STEADY, round_trip_jitter=STEADY))})


def with_stages(report: Report) -> Report:
    """With a connection that did not come through, as most have to see one day."""
    stopped = structs.replace(
        next(each for each in bad_findings() if each.check == "port.webphone"), chart=None
    )
    stages = tuple(
        structs.replace(stage, name=gettext(stage.name), text=gettext(stage.text))
        for stage in stopped.stages
    )
    return structs.replace(
        report,
        findings=tuple(
            structs.replace(each, status=Status.FAIL, stages=stages)
            if each.check == stopped.check
            else each
            for each in report.findings
        ),
    )


def outside(wizard: Wizard) -> list[str]:
    """What reaches over the right edge of its page: nobody can scroll there."""
    edge = wizard.width()
    return [
        f"{type(widget).__name__} {widget.accessibleName()!r}"
        for kind in (QLabel, QAbstractButton, QLineEdit)
        for widget in shown(wizard, kind)
        if widget.mapTo(wizard, widget.rect().topRight()).x() > edge
    ]


@pytest.mark.parametrize("findings", [good_findings(), bad_findings()], ids=["good", "bad"])
def test_no_text_is_cut_on_any_page(
    wizard: Wizard, ruler: type[Ruler], findings: tuple[Finding, ...]
) -> None:
    speak(PSEUDO)
    wizard.language.changed.emit()
    show(wizard, tuple(longer(finding) for finding in findings))
    problems = {name: cut_widgets(wizard) + outside(wizard) for name, _page in everywhere(wizard)}
    assert {name: found for name, found in problems.items() if found} == {}
    assert ruler.cut == set()


@pytest.mark.parametrize("code", NAMES)
def test_no_text_is_cut_in_any_of_our_languages(
    wizard: Wizard, ruler: type[Ruler], measured: tuple[RunPlan, Report], code: str
) -> None:
    plan, report = measured
    languages.use_language(code)
    wizard.language.changed.emit()
    wizard.control.open(rejudge(report, plan))
    problems = {name: cut_widgets(wizard) + outside(wizard) for name, _page in everywhere(wizard)}
    assert {name: found for name, found in problems.items() if found} == {}
    assert ruler.cut == set()


@pytest.mark.parametrize("code", NAMES)
@pytest.mark.parametrize("footer", Footer)
def test_alt_letters_of_a_page_differ(code: str, footer: Footer) -> None:
    with languages.language_of(code):
        texts = [gettext(COMMANDS[each].text) for each in footer_commands(footer).values()]
    letters = [text[text.index("&") + 1].lower() for text in texts]
    assert len(letters) == len(set(letters)), texts


def visible_texts(wizard: Wizard) -> set[str]:
    told = {label.text() for label in shown(wizard, QLabel)}
    for widget in shown(wizard, QWidget):
        told |= {widget.accessibleName(), widget.accessibleDescription(), widget.toolTip()}
    told |= {button.text() for button in shown(wizard, QAbstractButton)}
    told |= {field.placeholderText() for field in shown(wizard, QLineEdit)}
    return {text for text in told if text}


def texts_in(value: object) -> Iterator[str]:
    """Every text of a JSON value."""
    match value:
        case str():
            yield value
        case list():
            for part in value:
                yield from texts_in(part)
        case dict():
            for part in value.values():
                yield from texts_in(part)


def names_of(report: Report) -> frozenset[str]:
    """What stays as it is in any language: names, addresses, codes, and what the probes brought."""
    brought = {
        text
        for outcome in report.outcomes
        for text in (
            *texts_in(msgspec.json.decode(bytes(outcome.evidence))),
            outcome.failure.detail if outcome.failure else "",
        )
        if len(text) >= SHORTEST_DATA
    }
    machine = report.machine
    sections = (finding.source.section for finding in report.findings if finding.source)
    attempts = (line.target for finding in report.findings for line in finding.tried)
    names = {
        report.run_code,
        CODE,
        machine.host_name,
        machine.user_name,
        machine.system,
        machine.architecture,
        report.profile.name,
        example_profile().name,
        "natwizard",
        "Firefox ESR",
    }
    return frozenset(
        {*names, *sections, *attempts, *brought, *TITLES.values(), *NAMES.values()} - {""}
    )


def test_nothing_on_any_page_stays_english(
    wizard: Wizard,
    ruler: type[Ruler],
    measured: tuple[RunPlan, Report],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plan, report = measured
    speak(PSEUDO)
    monkeypatch.setattr(languages, "language", lambda _code: PSEUDO)
    told = rejudge(report, plan)
    wizard.language.changed.emit()
    wizard.control.open(told)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    ruler.seen.clear()
    names = names_of(told)
    left: dict[str, set[str]] = {}
    for name, page in everywhere(wizard):
        rows = getattr(page, "rows", None)
        for check in list(rows.rows) if rows is not None else [""]:
            if check:
                rows.open_row(check, animated=False)
                QApplication.processEvents()
            english = {
                text for text in visible_texts(wizard) | ruler.seen if untranslated(text, names)
            }
            left.setdefault(name, set()).update(english)
        ruler.seen.clear()
    assert {name: found for name, found in left.items() if found} == {}


def dialogues(wizard: Wizard, tmp_path: Path) -> Iterator[tuple[str, QWidget]]:
    """Every window beside the wizard's own, one after the other."""
    setup_file = tmp_path / "ours.natwizard"
    setup_file.write_text('extends = "natterbox"\nname = "0"\nversion = "1"\n', "utf-8")
    settings = open_settings(wizard.session, lambda: wizard.welcome)
    for place in range(settings.step_list.count()):
        settings.step_list.setCurrentRow(place)
        yield f"settings {place}", settings
    for key, text in WRONG.items():
        settings.type_in(key, text)
        settings.step_list.setCurrentRow(next(
            place for place, group in enumerate(settings.groups, 1) if key in group.rows
        ))  # fmt: skip
        yield f"settings {key} {text}", settings
    settings.reject()
    setup = SetupDialog(wizard, wizard.look, wizard.control.sibling())
    setup.show()
    yield "set-up file", setup
    setup.reject()
    question = SetupQuestion(wizard, wizard.look, read_offer(str(setup_file)))
    question.show()
    yield "question of a set-up file", question
    question.reject()
    ask_to_stop(wizard, lambda: None)
    (box,) = wizard.findChildren(QMessageBox)
    yield "question before a stop", box
    box.reject()
    planner = PlannerWindow(wizard.look, PlannerBook(checklist(wizard.profile_choice.profile)))
    planner.show()
    for topic in planner.pages:
        planner.go_to(topic)
        yield f"planner {topic}", planner
    planner.close()
    watching = wizard.desk.show_watch()
    yield "watch", watching
    watching.close()


WRONG = {
    "webphone": "a b c", "media": "reflector.example.com", "http": "ftp://x", "stun": "x:99999",
    "udp_range_ports": "9-5",
}  # fmt: skip
"""What nobody can mean, in a field each: what is told of it is to be read, too."""
# what people do not translate: names of companies, of documents and of keys in a file
NAMES_IN_DIALOGUES = frozenset((
    "Natterbox technical prerequisites", "Natterbox", "Salesforce", "Contact Center", "Insight",
    "Network Access", "Phone", "natwizard reflector", "natwizard",
))  # fmt: skip
KEY_AND_VALUE = re.compile(r"^[a-z0-9_]+ .*$")


def texts_in_dialogue(window: QWidget) -> set[str]:
    """Also what stands in the cells of a table; keys of a profile are no words."""
    told = visible_texts(window)
    for table in shown(window, QTableWidget):
        items = (
            table.item(row, column)
            for row in range(table.rowCount())
            for column in range(table.columnCount())
        )
        told |= {
            line
            for item in items
            if item is not None
            for line in item.text().splitlines()
            if not KEY_AND_VALUE.fullmatch(line)
        }
    return told


@pytest.mark.qt_log_ignore("does not support raise", "does not support propagateSizeHints")
@pytest.mark.usefixtures("ruler", "settings")
def test_nothing_in_any_dialogue_stays_english(
    wizard: Wizard, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(languages, "language", lambda _code: PSEUDO)
    wizard.profile_choice.use(shipped_profile(), SHIPPED_PLACE)
    speak(PSEUDO)
    wizard.language.changed.emit()
    left: dict[str, set[str]] = {}
    # from a list of their own, whose languages tests/planner/test_numbers.py compares
    countries = {country_name(each) for each in phonenumbers.SUPPORTED_REGIONS}
    for name, window in dialogues(wizard, tmp_path):
        QApplication.processEvents()
        english = {
            text
            for text in texts_in_dialogue(window)
            if untranslated(text, NAMES_IN_DIALOGUES | countries | {str(tmp_path)})
        }
        if english:
            left[name] = english
    assert left == {}


def test_a_running_window_changes_everything_it_shows(
    wizard: Wizard, measured: tuple[RunPlan, Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, report = measured
    wizard.control.plan = plan
    show(wizard, report.findings)
    wizard.control.model.report = report
    wizard.welcome.calls.setValue(7)
    wizard.welcome.target.set_address("phone.example.com:10062")
    before = {name: visible_texts(wizard) for name, _page in everywhere(wizard)}
    assert before
    place = wizard.currentId()
    monkeypatch.setattr(languages, "language", lambda _code: PSEUDO)
    speak(PSEUDO)
    wizard.language.changed.emit()
    assert wizard.currentId() == place
    assert wizard.welcome.calls.value() == 7
    assert wizard.welcome.target.address() == "phone.example.com:10062"
    assert wizard.control.model.report.language == PSEUDO.code
    assert [finding.status for finding in wizard.control.model.report.findings] == [
        finding.status for finding in report.findings
    ]
    names = names_of(report)
    for _name, _page in everywhere(wizard):
        assert {text for text in visible_texts(wizard) if untranslated(text, names)} == set()


def test_an_opened_report_keeps_its_words(wizard: Wizard, measured: tuple[RunPlan, Report]) -> None:
    _plan, report = measured
    wizard.control.open(report)
    speak(PSEUDO)
    wizard.language.changed.emit()
    assert wizard.control.model.report == report


@pytest.mark.usefixtures("settings")
def test_the_person_picks_a_language_on_the_first_page(wizard: Wizard) -> None:
    wizard.welcome.change_language.emit("de")
    assert current_language().code == "de"
    assert kept_language() == "de"
    assert "Deutsch" in wizard.welcome.languages.text()
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    assert re.sub("&", "", box.buttons()[0].text()) == "Abbrechen"
    wizard.welcome.change_language.emit("en")
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    assert re.sub("&", "", box.buttons()[0].text()) == "Cancel"


@pytest.mark.parametrize("asked", ["", "fr"])
def test_what_was_picked_is_there_next_time(
    qapp: QApplication, settings: QSettings, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    monkeypatch.delenv("NATWIZARD_LANGUAGE")
    settings.setValue(LANGUAGE_KEY, "es")
    begin_language(asked)
    spoken = WindowLanguage(qapp)
    assert current_language().code == (asked or "es")
    spoken.choose("en")
    spoken.deleteLater()
