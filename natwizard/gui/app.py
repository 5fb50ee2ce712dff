"""Starts the window."""

import gc
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QTimer, QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from natwizard.drawing.tokens import theme_named
from natwizard.gui.application import OpenedFiles, the_application
from natwizard.gui.exit_code import WRONG_USAGE
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.look.preferences import Preferences
from natwizard.gui.look.window_language import WindowLanguage, begin_language
from natwizard.gui.main_window import MainWindow
from natwizard.gui.run.background_read import ProfileLoad, Read
from natwizard.gui.run.report_saver import ReportSaver
from natwizard.gui.run.run_control import RunControl
from natwizard.gui.wizard import Wizard
from natwizard.languages import UnknownLanguage
from natwizard.model.profile import Answers, Profile
from natwizard.model.report import Report
from natwizard.profiles.find import FoundProfile, find_profile, glance_at_profile
from natwizard.profiles.mistake import ProfileMistake
from natwizard.system.profile_download import fetch_profile

if TYPE_CHECKING:
    from natwizard.probes.host import Screen
    from natwizard.run.runner import Environment
    from natwizard.system.mapped_network import World


def qt_screens() -> "tuple[Screen, ...]":
    """Physical pixels from the device ratio; logical ones are what a web page gets."""
    from natwizard.probes.host import Screen

    primary = QGuiApplication.primaryScreen()
    return tuple(
        Screen(
            name=screen.name(),
            width_px=round(screen.size().width() * screen.devicePixelRatio()),
            height_px=round(screen.size().height() * screen.devicePixelRatio()),
            logical_width_px=screen.size().width(),
            logical_height_px=screen.size().height(),
            primary=screen is primary,
        )
        for screen in QGuiApplication.screens()
    )


def run_window(
    profile: Profile,
    location: str,
    answers: Answers,
    *,
    language: str = "",
    open_report: Path | None = None,
    start: bool = False,
    on_report: Callable[[Report], None] | None = None,
    read: Read | None = None,
    main_window: MainWindow | None = None,
    world: "World | None" = None,
    open_setup: str = "",
) -> int:
    """Show the wizard until it is closed; 0, or what the application was told to exit with.

    `language` was asked for by name; `open_report` is shown instead of a run; `start` presses
    the button at once; `on_report` gets the last finished report when the window is closed. `read`
    says that the profile was only glanced at, and reads it to its end; what it raises comes out of
    here. `open_setup` is a set-up file or link to offer. `main_window` is a window that stands
    already. `world` takes the internet's place.
    """
    application = the_application()
    begin_language(language)
    spoken = WindowLanguage(application)
    wizard = make_wizard(
        application, profile, location, answers, report_saver=ReportSaver(), language=spoken,
        loaded=read is None, world=world,
    )  # fmt: skip
    window = main_window or MainWindow()
    loading = _load(wizard, read) if read is not None else None
    window.take_in(wizard)
    window.show()
    if read is None:
        QTimer.singleShot(0, lambda: make_the_rest(wizard))
    receive_opened_files(application, wizard)
    if open_setup:
        wizard.open_setup(open_setup)
    elif open_report is None and world is None:
        wizard.profile_choice.when_loaded(wizard.look_beside)
    if open_report is not None:
        wizard.open_report(open_report)
    elif start:
        QTimer.singleShot(0, wizard.start)
    code = application.exec()
    window.keep_size()
    wizard.session.sharing.wait()  # nobody sees it: the window is closed
    report = wizard.control.model.report
    mistake = None
    if loading is not None:
        loading.wait()
        mistake = loading.mistake
    put_away(wizard)
    gc.unfreeze()
    if main_window is None:
        window.put_away()
    if mistake is not None:
        raise mistake
    if on_report is not None and report is not None:
        on_report(report)
    return code


def open_window(
    explicit: str = "",
    answers: Callable[[Profile], Answers] = lambda profile: Answers(role=profile.role),
    *,
    language: str = "",
    open_report: Path | None = None,
    main_window: MainWindow | None = None,
    open_setup: str = "",
) -> int:
    """The window with the profile that applies: painted first, then read to its end.

    Raises ProfileMistake, for some mistakes only when the window stands; it is closed then.
    """
    found = glance_at_profile(explicit)
    read = None if found is None else partial(find_profile, explicit, fetch_profile)
    found = found or find_profile(explicit, fetch_profile)
    return run_window(
        found.profile, found.location, answers(found.profile), language=language,
        open_report=open_report, read=read, main_window=main_window, open_setup=open_setup,
    )  # fmt: skip


def receive_opened_files(application: QApplication, wizard: Wizard) -> None:
    """On macOS the Finder tells a program what was double-clicked, before or after its start."""
    opened = application.findChild(OpenedFiles)
    if opened is None:
        return
    opened.opened.connect(wizard.open_setup)
    for place in opened.take():
        wizard.open_setup(place)


def make_the_rest(wizard: Wizard) -> None:
    """Behind a window that stands, all that will be shown later.

    It stays as long as the window; looked through by the collector again and again, it would hold
    up the window for longer than a picture of the screen lasts.
    """
    wizard.pages.make_ready(wizard.steps(), then=_begin_collecting)


def _begin_collecting() -> None:
    gc.freeze()
    gc.enable()  # off since `start.entry`


def _load(wizard: Wizard, read: Read) -> ProfileLoad:
    """Load the rest behind a window that stands; a mistake in the profile closes it."""
    loading = ProfileLoad(read, wizard)

    def finish(found: FoundProfile | ProfileMistake) -> None:
        if isinstance(found, ProfileMistake):
            loading.mistake = found
            wizard.close()
            return
        _load_network_classes()
        wizard.profile_choice.finish(found.profile, found.location)
        wizard.refresh()
        make_the_rest(wizard)

    loading.done.connect(finish)
    QTimer.singleShot(0, loading.start)
    return loading


def run_planner(profile: Profile, topic: str, *, language: str = "") -> int:
    """Show the planner alone until it is closed; `language` was asked for by name."""
    from natwizard.gui.planner.window import PlannerController

    application = the_application()
    begin_language(language)
    spoken = WindowLanguage(application)
    look, control = Appearance(application), RunControl(_environment)
    holder = QWidget()
    door = PlannerController(holder, look, control, lambda: profile, ReportSaver().planner_file)
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
    wizard.desk.shut()
    wizard.leave()
    wizard.deleteLater()
    wizard.look.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def _load_network_classes() -> None:
    """In the GUI thread, before probes ask for the proxy on theirs: see system.network."""
    import logging

    from PySide6.QtNetwork import (
        QNetworkInterface,
        QNetworkProxy,
        QNetworkProxyFactory,
        QNetworkProxyQuery,
    )

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
    report_saver: ReportSaver | None = None,
    language: WindowLanguage | None = None,
    loaded: bool = True,
    world: "World | None" = None,
) -> Wizard:
    """The window with everything it needs. Palette and style stand before it is made."""
    chosen = Preferences()
    named = chosen.theme_name
    look = Appearance(application, theme=theme_named(named) if named is not None else None)
    look.motion.keep_still(still=chosen.still)
    control = RunControl(partial(_environment, world))
    wizard = Wizard(
        look, control, profile, location, answers, report_saver, language, loaded=loaded
    )
    wizard.profile_choice.when_loaded(wizard.welcome.newer.look_up)
    return wizard


def _environment(world: "World | None" = None) -> "Environment":
    from natwizard.report.store import recent_reports
    from natwizard.system.browser import page_opener
    from natwizard.system.environment import real_environment
    from natwizard.system.facts import ask

    _load_network_classes()
    screens = ask(qt_screens, None)  # None: the system is asked
    return real_environment(
        screens, open_page=page_opener(), earlier_reports=recent_reports, world=world
    )


def open_or_explain(main_window: MainWindow, open_setup: str = "") -> int:
    """natwizard-gui: no console to complain to, so a bad profile gets a message box."""
    try:
        return open_window(main_window=main_window, open_setup=open_setup)
    except (UnknownLanguage, ProfileMistake) as mistake:
        from PySide6.QtWidgets import QMessageBox

        main_window.hide()
        QMessageBox.critical(None, "natwizard", str(mistake))
        return WRONG_USAGE
