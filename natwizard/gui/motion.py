"""The one timer that turns every arc; it stops when nothing runs or the window is hidden."""

import sys

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication

FRAME_MS = 50
TURN_MS = 1200
FOLD_MS = 120


class Motion(QObject):
    """How far the arcs have come round.

    Signals:
        ticked: draw anything that turns again.
    """

    ticked = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, interval=FRAME_MS, timerType=Qt.TimerType.CoarseTimer)
        self._timer.timeout.connect(self.ticked)
        self._clock = QElapsedTimer()
        self._clock.start()
        self._wanted, self._quiet, self._visible = False, False, True
        self._resting_turn = 0.0
        self._still = False

    @property
    def turn(self) -> float:
        """0 to 1; stands still while nothing may move."""
        if self._timer.isActive():
            self._resting_turn = (self._clock.elapsed() % TURN_MS) / TURN_MS
        return self._resting_turn

    @property
    def reduced(self) -> bool:
        """Whether the person, or the system (Windows tells), asks for as little as possible."""
        system = sys.platform == "win32" and not QApplication.isEffectEnabled(
            Qt.UIEffect.UI_AnimateMenu
        )
        return self._still or system

    @property
    def fold_ms(self) -> int:
        """How long folding takes."""
        return 0 if self.reduced else FOLD_MS

    def keep_still(self, *, still: bool) -> None:
        """Whether the person asks for rest."""
        self._still = still
        self._update()

    def run(self, *, wanted: bool, quiet: bool) -> None:
        """Whether something runs, and whether the line is being measured alone."""
        self._wanted, self._quiet = wanted, quiet
        self._update()

    def show(self, *, visible: bool) -> None:
        """Whether anyone can see it."""
        self._visible = visible
        self._update()

    def _update(self) -> None:
        moves = self._wanted and self._visible and not self._quiet and not self.reduced
        if moves and not self._timer.isActive():
            self._timer.start()
        elif not moves and self._timer.isActive():
            self._timer.stop()
