"""Announces findings to screen readers: at most one sentence every two seconds, problems first."""

from PySide6.QtCore import QObject, QTimer, Slot

from natwizard.model.finding import Finding
from natwizard.report.plain import plain

# Time to read one sentence before the next is handed over
GAP_MS = 2000
# At one in two seconds the last of them is 16 s old
MOST_WAITING = 8


class Announcer(QObject):
    """A queue of sentences; more than a few would be read out too late to help."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._speaker = parent
        self._waiting: list[Finding] = []
        self._announced: set[tuple[str, str]] = set()
        self._timer = QTimer(self, interval=GAP_MS)
        self._timer.timeout.connect(self._next)

    def announce_findings(self, findings: tuple[Finding, ...]) -> None:
        """Queue findings for speech; those announced already are left out."""
        if not findings or not _screen_reader_active():
            return
        from natwizard.report.details import severity  # late: most have no screen reader

        for finding in findings:
            key = (finding.check, finding.status)
            if key not in self._announced:
                self._announced.add(key)
                self._waiting.append(finding)
        self._waiting = sorted(self._waiting, key=severity)[:MOST_WAITING]
        if self._waiting and not self._timer.isActive():
            self._next()
            self._timer.start()

    def announce(self, text: str) -> None:
        """One sentence at once."""
        announce(self._speaker, text)

    def forget(self) -> None:
        """A new run begins."""
        self._announced.clear()
        self._waiting.clear()

    @Slot()
    def _next(self) -> None:
        if not self._waiting:
            self._timer.stop()
            return
        from natwizard.report.checklist_words import result_word

        finding = self._waiting.pop(0)
        self.announce(f"{result_word(finding)}: {plain(finding.summary)}")


def announce(speaker: QObject, text: str) -> None:
    """Have a sentence read aloud, on behalf of a window."""
    from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent

    QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(speaker, text))


def _screen_reader_active() -> bool:
    """Whether anything reads this window aloud; loaded here, as the first picture needs none."""
    from PySide6.QtGui import QAccessible

    return QAccessible.isActive()
