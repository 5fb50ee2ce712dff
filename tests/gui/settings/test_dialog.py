"""Settings: a draft that is validated as one types, tried, exported, saved, and put in force."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from computers.platforms import posix_only
from gui.example_run import example_profile
from gui.test_wizard import cut_off
from languages.pseudo import PSEUDO
from msgspec import structs
from PySide6.QtCore import QEvent, QSettings, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QPushButton
from pytestqt.qtbot import QtBot

from natwizard.cli.main import main
from natwizard.drawing.base_palette import ThemeName
from natwizard.drawing.tokens import DARK, LIGHT
from natwizard.gui.app import qt_screens
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.look.preferences import Preferences
from natwizard.gui.look.window_language import kept_language
from natwizard.gui.run.run_control import RunControl
from natwizard.gui.settings.addresses import NOT_IN_THE_FORM, AddressRow, address_groups
from natwizard.gui.settings.dialog import SettingsDialog, theme_titles
from natwizard.gui.settings.opening import open_settings
from natwizard.gui.wizard import Wizard
from natwizard.languages import NAMES, use_language
from natwizard.model.finding import Status
from natwizard.model.language import current_language, speak
from natwizard.model.profile import Answers, Profile, Role, Targets
from natwizard.profiles.find import SHIPPED_PLACE, find_profile, user_place
from natwizard.profiles.mistake import ProfileMistake
from natwizard.profiles.read import parse_profile, read_profile_file, shipped_profile
from natwizard.system.environment import real_environment

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")

SITE = (
    'extends = "natterbox"\nname = "Ours"\nversion = "1"\n[targets]\nmedia = "m.example.com:5000"\n'
)


@pytest.fixture(autouse=True)
def settings_of_our_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(tmp_path))


@pytest.fixture
def wizard(qtbot: QtBot, look: Appearance) -> Iterator[Wizard]:
    control = RunControl(lambda: real_environment(qt_screens()))
    made = Wizard(look, control, shipped_profile(), SHIPPED_PLACE, Answers())
    with qtbot.waitExposed(made):
        made.show()
    yield made
    for dialog in made.findChildren(SettingsDialog):
        dialog.reject()
    made.close()
    made.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture
def dialog(wizard: Wizard) -> SettingsDialog:
    return open_settings(wizard.session, lambda: wizard.welcome)


def row(dialog: SettingsDialog, key: str) -> AddressRow:
    return next(section.rows[key] for section in dialog.groups if key in section.rows)


def type_in(qtbot: QtBot, dialog: SettingsDialog, key: str, text: str) -> AddressRow:
    """As a person would, on the page that has the field."""
    place = next(n for n, section in enumerate(dialog.groups, 1) if key in section.rows)
    dialog.step_list.setCurrentRow(place)
    made = row(dialog, key)
    made.field.clear()
    made.field.setFocus()
    qtbot.keyClicks(made.field, text)
    return made


def test_every_target_has_a_field_of_its_own() -> None:
    keys = [address.key for group in address_groups() for address in group.addresses]
    assert len(keys) == len(set(keys))
    assert set(keys) == set(Targets.__struct_fields__) - NOT_IN_THE_FORM
    titles = [address.title for group in address_groups() for address in group.addresses]
    assert not set(titles) & set(keys), "each has a name in words"


def test_every_test_button_runs_a_check_of_the_shipped_profile() -> None:
    known = {requirement.id for requirement in shipped_profile().requirements}
    checks = {address.check for group in address_groups() for address in group.addresses}
    assert checks - {""} <= known


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("webphone", "two words"),
        ("stun", "stun.example.com"),
        ("websocket", "https://example.com"),
        ("udp_range_ports", "5000-70000"),
        ("turn", "turn.example.com"),
    ],
)
def test_a_mistake_is_told_while_typing_as_validate_tells_it(
    qtbot: QtBot, dialog: SettingsDialog, key: str, text: str
) -> None:
    made = type_in(qtbot, dialog, key, text)
    content = f'extends = "natterbox"\n[targets]\n{key} = "{text}"\n'
    if isinstance(getattr(Targets(), key), tuple):
        content = content.replace(f'"{text}"', f'["{text}"]')
    with pytest.raises(ProfileMistake) as told:
        parse_profile(content.encode(), "site.toml")
    assert made.line.text().casefold() == told.value.problem.casefold()
    assert not made.button.isEnabled()
    assert "1 to correct" in dialog.step_list.currentItem().text()
    qtbot.mouseClick(dialog.use, Qt.MouseButton.LeftButton)
    assert dialog.isVisible(), "nothing with a mistake is put in force"
    assert "Correct this address first" in dialog.line.text()


def test_what_is_typed_is_put_in_force(
    qtbot: QtBot, wizard: Wizard, dialog: SettingsDialog
) -> None:
    type_in(qtbot, dialog, "webphone", "w.example.com")
    type_in(qtbot, dialog, "stun", "s.example.com:5060, [2001:db8::1]:3479")
    dialog.profile.role.setCurrentIndex(dialog.profile.role.findData(Role.SIP_DEVICE.value))
    dialog.profile.role.activated.emit(dialog.profile.role.currentIndex())
    qtbot.mouseClick(dialog.use, Qt.MouseButton.LeftButton)
    plan = wizard.plan()
    assert plan.profile.targets.stun == ("s.example.com:5060", "[2001:db8::1]:3479")
    assert wizard.welcome.target.address() == "w.example.com"
    assert plan.answers.role is Role.SIP_DEVICE
    assert plan.location == f"{SHIPPED_PLACE}, changed"


def test_an_exported_profile_is_a_valid_one(
    qtbot: QtBot, dialog: SettingsDialog, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    type_in(qtbot, dialog, "media", "m.example.com:18620")
    dialog.profile.name.setText("Example Ltd")
    dialog.profile.name.textEdited.emit("Example Ltd")
    path = tmp_path / "site.toml"
    assert dialog.write(path)
    assert main(["profile", "validate", str(path)]) == 0
    assert "Example Ltd" in capsys.readouterr().out
    assert read_profile_file(path).targets.media == "m.example.com:18620"
    assert path.read_text().startswith('extends = "natterbox"'), "newer limits still reach it"


def test_a_saved_profile_is_found_at_the_next_start(
    qtbot: QtBot, wizard: Wizard, dialog: SettingsDialog
) -> None:
    type_in(qtbot, dialog, "webphone", "w.example.com")
    qtbot.mouseClick(dialog.save, Qt.MouseButton.LeftButton)
    assert dialog.line.text() == f"Saved: {user_place()}"
    found = find_profile()
    assert found.location == str(user_place())
    assert found.profile == wizard.profile_choice.profile
    assert found.profile.targets.webphone == "w.example.com"


def test_a_folder_that_cannot_be_written_is_told(dialog: SettingsDialog, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert not dialog.write(tmp_path / "file" / "site.toml")
    assert dialog.line.text().startswith("Not saved:")


def test_another_profile_is_loaded_or_refused_with_its_reason(
    qtbot: QtBot, dialog: SettingsDialog, tmp_path: Path
) -> None:
    bad, good = tmp_path / "bad.toml", tmp_path / "good.toml"
    bad.write_text("schema_version = 'one'\n")
    good.write_bytes(SITE.encode())
    dialog.profile.load(str(bad))
    qtbot.waitUntil(lambda: str(bad) in dialog.profile.line.text())
    assert dialog.draft.before == shipped_profile()
    dialog.profile.wait()
    dialog.profile.load(str(good))
    qtbot.waitUntil(lambda: dialog.draft.before.name == "Ours")
    assert row(dialog, "media").field.text() == "m.example.com:5000"
    assert dialog.draft.base == SITE.encode()
    assert not dialog.draft.changed


def test_only_https_is_fetched(qtbot: QtBot, dialog: SettingsDialog) -> None:
    dialog.profile.address.setText("http://profiles.example.com/site.toml")
    qtbot.mouseClick(dialog.profile.fetch, Qt.MouseButton.LeftButton)
    assert "https://" in dialog.profile.line.text()
    assert dialog.profile.sign.accessibleName() == "Problem"


def test_a_target_is_tried_by_its_own_check(
    qtbot: QtBot, dialog: SettingsDialog, demo_profile: Profile
) -> None:
    webphone = demo_profile.targets.webphone
    dialog._take(structs.replace(dialog.draft, profile=demo_profile))
    made = row(dialog, "webphone")
    assert made.field.text() == webphone
    made.button.click()
    assert made.button.accessibleName() == "Stop: Webphone address"
    qtbot.waitUntil(lambda: made.sign.accessibleName() == "OK", timeout=15_000)
    assert made.button.accessibleName() == "Test this target: Webphone address"
    dialog.type_in("stun", "s.example.com:3479")
    assert made.sign.isVisibleTo(made), "the result stays while another field is typed in"


def test_a_test_can_be_stopped_and_ends_with_the_window(
    qtbot: QtBot, dialog: SettingsDialog
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        made = type_in(qtbot, dialog, "webphone", f"127.0.0.1:{server.getsockname()[1]}")
        qtbot.mouseClick(made.button, Qt.MouseButton.LeftButton)
        assert made.testing
        qtbot.mouseClick(made.button, Qt.MouseButton.LeftButton)
        assert not made.testing
        qtbot.mouseClick(made.button, Qt.MouseButton.LeftButton)
        dialog.reject()
        assert not made.testing


def test_no_button_is_grey_without_a_reason(dialog: SettingsDialog) -> None:
    """In its tooltip, or where the field is empty or wrong, below it."""
    dialog.type_in("webphone", "webphone example com")
    for button in dialog.findChildren(QPushButton):
        row = button.parent()
        told = isinstance(row, AddressRow) and bool(row.field.property("wrong"))
        assert button.isEnabled() or button.toolTip() or told, button.text()


def test_a_theme_is_kept_and_counts_at_once(dialog: SettingsDialog, look: Appearance) -> None:
    section = dialog.window_section
    section.theme.setCurrentIndex(list(theme_titles()).index(ThemeName.DARK))
    section.theme.activated.emit(section.theme.currentIndex())
    assert look.theme is DARK
    assert Preferences().theme_name is ThemeName.DARK
    QSettings("natwizard", "natwizard").setValue("window/theme", "nonsense")
    assert Preferences().theme_name is None
    look.use(LIGHT)


def test_masking_and_the_way_to_the_result_are_the_windows_own(
    wizard: Wizard, dialog: SettingsDialog
) -> None:
    dialog.window_section.names.click()
    assert wizard.actions_on_report.show_names
    dialog.window_section.result.click()
    assert not wizard.welcome.show_result.isChecked()
    assert not Preferences().show_result
    dialog.window_section.turn.click()
    assert wizard.welcome.turn_pages.isChecked()
    assert Preferences().turn_pages


def choose_language(dialog: SettingsDialog, code: str) -> None:
    box = dialog.window_section.language
    box.setCurrentIndex(box.findData(code))
    box.activated.emit(box.currentIndex())


@posix_only("Windows tells its language by a call")
def test_the_language_changes_at_once_and_the_draft_stays(
    qtbot: QtBot, wizard: Wizard, dialog: SettingsDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    type_in(qtbot, dialog, "webphone", "w.example.com")
    dialog.step_list.setCurrentRow(dialog.step_list.count() - 1)
    choose_language(dialog, "de")
    assert kept_language() == "de"
    [retold] = [one for one in wizard.findChildren(SettingsDialog) if one.isVisible()]
    assert retold.windowTitle() == "Einstellungen"
    assert retold.pos() == dialog.pos()
    assert retold.step_list.currentItem().text() == "Dieses Fenster"
    assert retold.draft.text_of("webphone") == "w.example.com"
    assert "Deutsch" in wizard.welcome.languages.text()
    assert retold.window_section.language.currentText() == "Deutsch"
    monkeypatch.delenv("NATWIZARD_LANGUAGE")
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    choose_language(retold, "")
    assert kept_language() == "", "the system's language counts again"
    assert current_language().code == "fr"
    [again] = [one for one in wizard.findChildren(SettingsDialog) if one.isVisible()]
    again.window_section.turn.click()
    assert wizard.welcome.turn_pages.isChecked(), "it acts on the pages as they are now"
    choose_language(again, "en")


def test_limits_show_what_decides(dialog: SettingsDialog) -> None:
    table = dialog.limits
    rows = {item.toolTip(): n for n in range(table.rowCount()) if (item := table.item(n, 0))}
    limits = table.item(rows["quality.loss"], 1)
    assert limits is not None
    assert "loss_percent 1" in limits.text()
    assert len(rows) == len(shipped_profile().requirements)


def test_a_profile_of_the_program_itself_is_written_out_whole(
    look: Appearance, qtbot: QtBot, tmp_path: Path
) -> None:
    control = RunControl(lambda: real_environment(qt_screens()))
    wizard = Wizard(look, control, example_profile(), "example", Answers())
    qtbot.addWidget(wizard)
    dialog = open_settings(wizard.session, lambda: wizard.welcome)
    assert dialog.write(tmp_path / "whole.toml")
    assert read_profile_file(tmp_path / "whole.toml") == example_profile()
    dialog.reject()


@pytest.mark.parametrize("code", [*NAMES, "pseudo"])
@pytest.mark.parametrize("larger", [False, True])
def test_nothing_in_the_settings_is_cut_off(
    wizard: Wizard, look: Appearance, code: str, *, larger: bool
) -> None:
    speak(PSEUDO) if code == "pseudo" else use_language(code)
    dialog = open_settings(wizard.session, lambda: wizard.welcome)
    if larger:
        look.toggle_helpdesk_size()
    for place in range(dialog.step_list.count()):
        dialog.step_list.setCurrentRow(place)
        for _round in range(3):
            QApplication.processEvents()
        cut = [
            button.text()
            for button in dialog.findChildren(QAbstractButton)
            if button.isVisible() and button.width() + 1 < button.minimumSizeHint().width()
        ]
        assert not cut
        assert not cut_off(dialog)
    assert row(dialog, "webphone").sign.accessibleName() != Status.FAIL
