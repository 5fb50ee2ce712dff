"""Starts the window."""

import logging
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QSettings, QSize, Qt, QTimer, QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtNetwork import (
    QNetworkInterface,
    QNetworkProxy,
    QNetworkProxyFactory,
    QNetworkProxyQuery,
)
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget

from natwizard import __version__
from natwizard.gui.appearance import Appearance
from natwizard.gui.keeper import Keeper
from natwizard.gui.planner.door import PlannerDoor
from natwizard.gui.run_control import RunControl
from natwizard.gui.screens import qt_screens
from natwizard.gui.window_language import WindowLanguage, begin_language
from natwizard.gui.wizard import Wizard
from natwizard.languages import UnknownLanguage
from natwizard.model.profile import Answers, Profile
from natwizard.model.report import Report
from natwizard.profiles.find import find_profile
from natwizard.profiles.mistake import ProfileMistake
from natwizard.report.store import recent_reports
from natwizard.run.runner import Surroundings
from natwizard.system.browser import page_opener
from natwizard.system.surroundings import real_surroundings

NAME = "natwizard"
SIZE_KEY = "window/size"
TITLE_BAR_PX = 32


def run_window(
    profile: Profile,
    location: str,
    answers: Answers,
    *,
    language: str = "",
    open_report: Path | None = None,
    start: bool = False,
    on_report: Callable[[Report], None] | None = None,
) -> int:
    """Show the wizard until it is closed; 0, or what the application was told to exit with.

    `language` was asked for by name; `open_report` is shown instead of a run; `start` presses
    the button at once; `on_report` gets the last finished report when the window is closed.
    """
    application = make_application()
    begin_language(language)
    spoken = WindowLanguage(application)
    wizard = make_wizard(application, profile, location, answers, keeper=Keeper(), language=spoken)
    restore_size(wizard)
    wizard.show()
    if open_report is not None:
        wizard.open_report(open_report)
    elif start:
        QTimer.singleShot(0, wizard.start)
    code = application.exec()
    keep_size(wizard)
    report = wizard.control.model.report
    put_away(wizard)
    if on_report is not None and report is not None:
        on_report(report)
    return code


def run_planner(profile: Profile, topic: str, *, language: str = "") -> int:
    """Show the planner alone until it is closed; `language` was asked for by name."""
    application = make_application()
    begin_language(language)
    spoken = WindowLanguage(application)
    look, control = Appearance(application), RunControl(_surroundings)
    holder = QWidget()
    door = PlannerDoor(holder, look, control, lambda: profile, Keeper().planner_file)
    door.open(topic)
    code = application.exec()
    control.close()
    door.close()
    for made in (holder, spoken, look):
        made.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    return code


def put_away(wizard: Wizard) -> None:
    """Delete the window and its look at once, children and all.

    Left to Python's collector, parts of it die first and Qt crashes at the next style change.
    """
    wizard.close()
    wizard.deleteLater()
    wizard.look.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def restore_size(wizard: Wizard) -> None:
    """The size of the last time, but never larger than this screen; the place is not kept."""
    kept = QSettings(NAME, NAME).value(SIZE_KEY)
    wanted = kept if isinstance(kept, QSize) and kept.isValid() else wizard.size()
    screen = wizard.screen().availableSize() - QSize(0, TITLE_BAR_PX)
    wizard.resize(wanted.boundedTo(screen).expandedTo(wizard.minimumSize()))


def keep_size(wizard: Wizard) -> None:
    """For the next time."""
    if not wizard.isMaximized() and not wizard.look.helpdesk_size:
        QSettings(NAME, NAME).setValue(SIZE_KEY, wizard.size())


def make_application() -> QApplication:
    """The one QApplication, with fractional scaling left as the system has it."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(
        Qt.HighDpiScaleFactorRoundingPolicy.PassThrough
    )
    application = QApplication(sys.argv[:1])
    _load_network_classes()
    application.setApplicationName("natwizard")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName("natwizard")
    return application


def _load_network_classes() -> None:
    """In the GUI thread, before probes ask for the proxy on theirs: see SystemNetwork.proxy_for."""
    query = QNetworkProxyQuery(QUrl("https://example.com/"))
    kinds = (QNetworkProxy.ProxyType.HttpProxy, QNetworkProxy.ProxyType.HttpCachingProxy)
    logging.getLogger(__name__).debug(
        "%s %s %s %s",
        query.url(),
        kinds,
        QNetworkProxyFactory.systemProxyForQuery,
        QNetworkInterface.InterfaceType.Unknown,
    )


def make_wizard(
    application: QApplication,
    profile: Profile,
    location: str,
    answers: Answers,
    *,
    keeper: Keeper | None = None,
    language: WindowLanguage | None = None,
) -> Wizard:
    """The window with everything it needs. Palette and style stand before it is made."""
    look = Appearance(application)
    control = RunControl(_surroundings)
    wizard = Wizard(look, control, profile, location, answers, keeper, language)
    wizard.welcome.newer.ask()
    return wizard


def _surroundings() -> Surroundings:
    return real_surroundings(qt_screens(), open_page=page_opener(), earlier_reports=recent_reports)


def entry() -> None:
    """natwizard-gui: no console to complain to, so a bad profile gets a window of its own."""
    application = make_application()
    try:
        begin_language()
        found = find_profile()
    except (UnknownLanguage, ProfileMistake) as mistake:
        QMessageBox.critical(None, "natwizard", str(mistake))
        sys.exit(64)
    del application
    sys.exit(run_window(found.profile, found.location, Answers(role=found.profile.role)))
