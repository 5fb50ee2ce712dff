"""Welcome's row about a newer version: only with an address, and off once it is switched off."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from gui.example_run import example_profile
from msgspec import structs
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from servers.feed_server import Answer, FeedServer

from natwizard import __version__
from natwizard.gui.app import make_wizard, put_away
from natwizard.gui.wizard import Wizard
from natwizard.model.profile import Answers, Profile, Targets, Updates
from natwizard.profiles.read import read_profile_file
from natwizard.profiles.write import profile_toml
from natwizard.run import newest_version

NEWER = b'version = "99.1"\nlink = "https://example.com/natwizard"\n'


@pytest.fixture(autouse=True)
def settings_of_our_own(tmp_path: Path) -> None:
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(tmp_path))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FeedServer]:
    # however slow this machine is, an answer is waited for
    patient = structs.replace(newest_version.DOWNLOAD, deadline_s=100)
    monkeypatch.setattr(newest_version, "DOWNLOAD", patient)
    own = f'version = "{__version__}"\n'.encode()
    with FeedServer({"/newer": Answer(body=NEWER), "/own": Answer(body=own)}) as running:
        yield running


def profile_of(server: FeedServer, path: str) -> Profile:
    targets = Targets(extra_roots=(server.authority_pem,))
    return structs.replace(
        example_profile(), updates=Updates(address=server.url(path)), targets=targets
    )


class Windows:
    """Makes windows and takes them away again."""

    def __init__(self, application: QApplication) -> None:
        self.application, self.made = application, list[Wizard]()

    def make(self, profile: Profile) -> Wizard:
        self.made.append(make_wizard(self.application, profile, "example", Answers()))
        self.made[-1].show()
        return self.made[-1]


@pytest.fixture
def windows(qapp: QApplication) -> Iterator[Windows]:
    made = Windows(qapp)
    yield made
    for wizard in made.made:
        put_away(wizard)
    qapp.setStyleSheet("")


def test_a_profile_without_an_address_has_no_such_row(windows: Windows, server: FeedServer) -> None:
    wizard = windows.make(example_profile())
    assert not wizard.welcome.newer.isVisible()
    assert server.asked == []


def test_a_newer_version_is_told_with_its_page(
    qtbot: QtBot, windows: Windows, server: FeedServer
) -> None:
    wizard = windows.make(profile_of(server, "/newer"))
    row = wizard.welcome.newer
    assert row.isVisible()
    qtbot.waitUntil(lambda: bool(row.line.text()))
    assert row.line.text() == f"Version 99.1 is there; this is {__version__}."
    assert row.page.isVisible()


def test_the_newest_version_is_told_as_such(
    qtbot: QtBot, windows: Windows, server: FeedServer
) -> None:
    row = windows.make(profile_of(server, "/own")).welcome.newer
    qtbot.waitUntil(lambda: bool(row.line.text()))
    assert row.line.text() == f"You have the newest version, {__version__}."
    assert not row.page.isVisible()


def test_switched_off_nobody_asks_the_next_time_either(
    qtbot: QtBot, windows: Windows, server: FeedServer
) -> None:
    row = windows.make(profile_of(server, "/newer")).welcome.newer
    qtbot.waitUntil(lambda: bool(row.line.text()))
    row.switch.click()
    assert row.line.text() == ""
    assert not row.page.isVisible()
    asked = list(server.asked)
    again = windows.make(profile_of(server, "/newer")).welcome.newer
    assert not again.switch.isChecked()
    again.switch.click()
    qtbot.waitUntil(lambda: bool(again.line.text()))
    assert len(server.asked) == len(asked) + 1


def test_another_profile_is_asked_at_its_own_address(
    qtbot: QtBot, windows: Windows, server: FeedServer, tmp_path: Path
) -> None:
    wizard = windows.make(profile_of(server, "/own"))
    row = wizard.welcome.newer
    qtbot.waitUntil(lambda: bool(row.line.text()))
    path = tmp_path / "other.toml"
    path.write_text(profile_toml(profile_of(server, "/newer")), "utf-8")
    wizard.profile_choice.use(read_profile_file(path), str(path))
    qtbot.waitUntil(lambda: "99.1" in row.line.text())
