"""Set-up files in the window: opened, dropped, pasted; asked about once; made for others."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPointF, QSettings, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QFileOpenEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from natwizard.cli.main import main
from natwizard.gui import app
from natwizard.gui.app import qt_screens, receive_opened_files
from natwizard.gui.application import OpenedFiles
from natwizard.gui.brand import NAME
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.run.run_control import RunControl
from natwizard.gui.settings.opening import open_settings
from natwizard.gui.settings.setup import DECLINED_KEY, SetupDialog, SetupQuestion
from natwizard.gui.wizard import Wizard
from natwizard.model.finding import Status
from natwizard.model.profile import Answers, Role
from natwizard.profiles.find import FILE_NAME, SHIPPED_PLACE, user_place
from natwizard.profiles.read import parse_profile, read_profile_file, shipped_profile
from natwizard.reflector.background import BackgroundReflector
from natwizard.system.environment import real_environment

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")

SETUP = """\
extends = "natterbox"
name = "Example Ltd"
version = "1"
role = "sip-device"
[targets]
webphone = "webphone.example.com"
media = "media.example.com:18620"
"""


@pytest.fixture(autouse=True)
def settings_of_our_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What was declined before counts for nothing: Windows keeps it in the registry, which has no
    path, so whatever is there is put back."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("WIN_PD_OVERRIDE_LOCAL_APPDATA", str(tmp_path / "config"))
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(tmp_path))
    kept = QSettings(NAME, NAME).value(DECLINED_KEY)
    QSettings(NAME, NAME).remove(DECLINED_KEY)
    yield
    if kept is None:
        QSettings(NAME, NAME).remove(DECLINED_KEY)
    else:
        QSettings(NAME, NAME).setValue(DECLINED_KEY, kept)


@pytest.fixture
def setup_file(tmp_path: Path) -> Path:
    path = tmp_path / "example.natwizard"
    path.write_text(SETUP, "utf-8")
    return path


@pytest.fixture
def wizard(qtbot: QtBot, look: Appearance) -> Iterator[Wizard]:
    control = RunControl(lambda: real_environment(qt_screens()))
    made = Wizard(look, control, shipped_profile(), SHIPPED_PLACE, Answers())
    with qtbot.waitExposed(made):
        made.show()
    yield made
    for kind in (SetupQuestion, SetupDialog):
        for dialog in made.findChildren(kind):
            dialog.reject()
    made.close()
    made.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def question(qtbot: QtBot, wizard: Wizard) -> SetupQuestion:
    qtbot.waitUntil(lambda: bool(shown(wizard)), timeout=20_000)
    return shown(wizard)[0]


def shown(wizard: Wizard) -> list[SetupQuestion]:
    return [each for each in wizard.findChildren(SetupQuestion) if each.isVisible()]


def by_command(wizard: Wizard, path: Path) -> None:
    wizard.open_setup(str(path))


def by_drop(wizard: Wizard, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    actions, buttons = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    no_keys = Qt.KeyboardModifier.NoModifier
    entering = QDragEnterEvent(wizard.rect().center(), actions, data, buttons, no_keys)
    QApplication.sendEvent(wizard, entering)
    assert entering.isAccepted()
    place = QPointF(wizard.rect().center())
    QApplication.sendEvent(wizard, QDropEvent(place, actions, data, buttons, no_keys))


def by_finder(wizard: Wizard, path: Path) -> None:
    """As macOS tells it: one before the window listens, as on a double-click."""
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    opened = OpenedFiles(application)
    QApplication.sendEvent(application, QFileOpenEvent(str(path)))
    receive_opened_files(application, wizard)
    application.removeEventFilter(opened)
    opened.setParent(None)


@pytest.mark.parametrize("opened", [by_command, by_drop, by_finder])
def test_whichever_way_it_comes_it_is_told_before_it_is_used(
    qtbot: QtBot, wizard: Wizard, setup_file: Path, opened: Callable[[Wizard, Path], None]
) -> None:
    opened(wizard, setup_file)
    asked = question(qtbot, wizard)
    assert "Example Ltd" in asked.question.text()
    assert asked.servers.toPlainText().split() == [
        "webphone.example.com", "media.example.com",
    ]  # fmt: skip
    assert wizard.profile_choice.profile == shipped_profile(), "nothing counts before the answer"
    asked.use.click()
    assert wizard.profile_choice.profile.name == "Example Ltd"
    assert wizard.welcome.target.address() == "webphone.example.com"
    assert wizard.welcome.role() is Role.SIP_DEVICE
    assert user_place().read_text("utf-8") == SETUP, "kept for the next start"


def test_it_is_asked_once(qtbot: QtBot, wizard: Wizard, setup_file: Path) -> None:
    wizard.open_setup(str(setup_file))
    question(qtbot, wizard).use.click()
    wizard.profile_choice.use(shipped_profile(), SHIPPED_PLACE)
    wizard.open_setup(str(setup_file))
    qtbot.waitUntil(lambda: wizard.profile_choice.profile.name == "Example Ltd", timeout=20_000)
    assert not shown(wizard)
    setup_file.write_text(SETUP.replace("webphone.", "other."), "utf-8")
    wizard.open_setup(str(setup_file))
    assert "other.example.com" in question(qtbot, wizard).servers.toPlainText(), "it is another one"


def test_enter_at_once_uses_nothing(qtbot: QtBot, wizard: Wizard, setup_file: Path) -> None:
    wizard.open_setup(str(setup_file))
    asked = question(qtbot, wizard)
    qtbot.keyClick(asked, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not shown(wizard))
    assert wizard.profile_choice.profile == shipped_profile()
    assert not user_place().exists()


def test_where_everybody_has_a_profile_it_holds_until_the_window_closes(
    qtbot: QtBot, wizard: Wizard, setup_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / FILE_NAME).write_text(SETUP.replace("Example", "Administrator"), "utf-8")
    monkeypatch.setattr(sys, "argv", [str(tmp_path / "natwizard")])
    wizard.open_setup(str(setup_file))
    question(qtbot, wizard).use.click()
    assert wizard.profile_choice.profile.name == "Example Ltd"
    assert not user_place().exists()


def test_a_portable_programs_folder_is_looked_into_and_no_is_an_answer(
    qtbot: QtBot, wizard: Wizard, setup_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(setup_file.parent / "natwizard-gui"))
    wizard.look_beside()
    question(qtbot, wizard).leave.click()
    wizard.look_beside()
    wizard.setups.wait()
    QApplication.processEvents()
    assert not shown(wizard), "declined ones are not offered at every start"
    wizard.open_setup(str(setup_file))
    question(qtbot, wizard).use.click()
    assert wizard.profile_choice.profile.name == "Example Ltd"


def test_a_pasted_link_is_offered_and_a_pasted_webphone_is_not(
    qtbot: QtBot, wizard: Wizard, monkeypatch: pytest.MonkeyPatch
) -> None:
    from natwizard.gui.settings import setup

    asked_for: list[str] = []

    def fetch(address: str) -> bytes:
        asked_for.append(address)
        return SETUP.encode()

    monkeypatch.setattr(setup, "fetch_profile", fetch)  # what it does is tried with real servers
    field = wizard.welcome.target.field
    QGuiApplication.clipboard().setText("https://webphone.example.com/")
    field.paste()
    assert wizard.welcome.target.address() == "webphone.example.com"
    field.clear()
    QGuiApplication.clipboard().setText("https://help.example.com/example.natwizard")
    field.paste()
    assert field.text() == ""
    assert "Example Ltd" in question(qtbot, wizard).question.text()
    assert asked_for == ["https://help.example.com/example.natwizard"]


def test_a_hostile_file_changes_nothing_and_is_told_in_one_sentence(
    qtbot: QtBot, wizard: Wizard, setup_file: Path
) -> None:
    setup_file.write_text(SETUP.replace("Example Ltd", "<b>Example</b>"), "utf-8")
    wizard.open_setup(str(setup_file))
    boxes = lambda: [each for each in wizard.findChildren(QMessageBox) if each.isVisible()]  # noqa: E731
    qtbot.waitUntil(lambda: bool(boxes()), timeout=20_000)
    said = boxes()[0].informativeText()
    assert said.startswith("This set-up file cannot be used: ")
    assert "<b>" not in said
    boxes()[0].close()
    assert wizard.profile_choice.profile == shipped_profile()


@pytest.mark.parametrize("text", ["notes.txt", "picture.png", ""])
def test_other_files_are_not_taken_by_the_window(wizard: Wizard, tmp_path: Path, text: str) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / text))])
    entering = QDragEnterEvent(
        wizard.rect().center(), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(wizard, entering)
    assert not entering.isAccepted()


def test_the_program_opens_with_the_file_that_was_double_clicked(
    setup_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def open_window(*_arguments: object, open_setup: str = "", **_more: object) -> int:
        seen.append(open_setup)
        return 0

    monkeypatch.setattr(app, "open_window", open_window)
    monkeypatch.setenv("DISPLAY", ":0")
    assert main([str(setup_file)]) == 0
    assert main(["window", str(setup_file)]) == 0
    assert seen == [str(setup_file)] * 2


@pytest.fixture
def maker(qtbot: QtBot, wizard: Wizard) -> SetupDialog:
    settings = open_settings(wizard.session, lambda: wizard.welcome)
    settings.profile.setup.click()
    made = settings.findChildren(SetupDialog)[0]
    qtbot.waitUntil(made.isVisible)
    return made


def test_the_dialogue_writes_a_set_up_file_that_is_valid(
    qtbot: QtBot, maker: SetupDialog, tmp_path: Path
) -> None:
    path = tmp_path / "made.natwizard"
    assert not maker.write(path), "the company is missing"
    qtbot.keyClicks(maker.company, "Example Ltd")
    qtbot.keyClicks(maker.rows["webphone"].field, "https://webphone.example.com/")
    qtbot.keyClicks(maker.rows["media"].field, "media.example.com")
    assert not maker.write(path), "the reflector's port is missing"
    qtbot.keyClicks(maker.rows["media"].field, ":18620")
    maker.sites.setPlainText("Leeds = 10.20.0.0/22\nYork")
    assert not maker.write(path), "a site lacks its network"
    maker.sites.setPlainText("Leeds = 10.20.0.0/22\n\nYork = 10.30.0.0/22")
    assert maker.write(path), maker.line.text()
    profile = read_profile_file(path)
    assert profile.targets.webphone == "webphone.example.com"
    assert profile.targets.media == "media.example.com:18620"
    assert [site.name for site in profile.sites] == ["Leeds", "York"]
    assert parse_profile(path.read_bytes(), "x").name == "Example Ltd"


def test_each_address_can_be_tried_where_it_is_typed(qtbot: QtBot, maker: SetupDialog) -> None:
    with BackgroundReflector() as reflector:
        row = maker.rows["webphone"]
        qtbot.keyClicks(row.field, str(reflector.places.webphone))
        assert row.button.isEnabled()
        row.button.click()
        qtbot.waitUntil(lambda: not row.testing, timeout=60_000)
        told = row.line.text()
    assert told
    assert told != row.address.help, "a finding of the real check"
    assert row.sign.isVisible()
    assert maker.line.text() == ""
    assert Status.FAIL.value not in told
