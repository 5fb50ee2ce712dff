"""The language of the window: chosen at run time, kept for next time, Qt's own words with it."""

import sys

from PySide6.QtCore import QLibraryInfo, QLocale, QObject, QSettings, QTranslator, Signal
from PySide6.QtWidgets import QApplication

from natwizard.languages import chosen_language, known_code, use_language
from natwizard.model.language import current_language

NAME = "natwizard"
LANGUAGE_KEY = "window/language"


def kept_language() -> str:
    """What this person chose last time; empty where they never did."""
    kept = QSettings(NAME, NAME).value(LANGUAGE_KEY)
    return kept if isinstance(kept, str) else ""


def finder_language() -> str:
    """On macOS, a program that is started by its icon has no LANG: Qt knows what was set."""
    if sys.platform != "darwin":
        return ""
    return next(filter(None, map(known_code, QLocale.system().uiLanguages())), "")


def begin_language(asked: str = "") -> None:
    """At the start: what was asked for, else what was kept, else the system's language.

    Raises UnknownLanguage.
    """
    use_language(chosen_language(asked, kept_language() or finder_language()))


class WindowLanguage(QObject):
    """One for a window.

    Signals:
        changed: every text has to be set again.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._qt = QTranslator(self)
        self._load_qt()

    def choose(self, code: str) -> None:
        """What the person picks; empty follows the system again. Raises UnknownLanguage."""
        kept = QSettings(NAME, NAME)
        if code:
            kept.setValue(LANGUAGE_KEY, code)
        else:
            kept.remove(LANGUAGE_KEY)
            code = chosen_language("", finder_language())
        if code != current_language().code:
            use_language(code)
            self._load_qt()
            self.changed.emit()

    def _load_qt(self) -> None:
        """Words of Qt's own dialogs, and how its fields write numbers; English is built in."""
        code = current_language().code
        QApplication.removeTranslator(self._qt)
        QLocale.setDefault(QLocale(code))
        place = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        if self._qt.load(f"qtbase_{code}", place):
            QApplication.installTranslator(self._qt)
