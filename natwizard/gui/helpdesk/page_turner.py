"""Turns the pages while a run goes on, as long as the person leaves them alone."""

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, QTimer, Slot

from natwizard.gui.rail_view import PAGE_IDS
from natwizard.gui.run_control import RunControl
from natwizard.model.finding import Page, Status

READ_MS = 1500
"""How long a page that is done stays: enough to see that all is well."""

READ_PROBLEM_MS = 5000
TROUBLES = {Status.FAIL, Status.UNKNOWN}


class Pages(Protocol):
    """As much of the window as turning pages needs."""

    def currentId(self) -> int:
        """The open page's number."""

    def go_to(self, number: int) -> None:
        """Open a page."""


class PageTurner(QObject):
    """Goes on to the first page that is not done once the open one is.

    `wanted` asks for the person's choice; going to a page by hand pauses until the next run.
    """

    def __init__(
        self, pages: Pages, control: RunControl, wanted: Callable[[], bool], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._pages, self._control, self._wanted = pages, control, wanted
        self._paused = False
        self._run_code = ""
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._turn)
        control.changed.connect(self._on_changed)

    @Slot()
    def pause(self) -> None:
        """The person has turned a page themselves."""
        self._paused = True
        self._timer.stop()

    @Slot()
    def _on_changed(self) -> None:
        model = self._control.model
        if model.run_code != self._run_code:
            self._run_code, self._paused = model.run_code, False
        page = self._open_page()
        if not self._wanted() or self._paused or not model.busy or page is None:
            self._timer.stop()
        elif self._is_done(page) and not self._timer.isActive():
            troubled = model.page_sign(page) in TROUBLES
            self._timer.start(READ_PROBLEM_MS if troubled else READ_MS)

    @Slot()
    def _turn(self) -> None:
        page = self._open_page()
        if page is None or not self._is_done(page) or not self._control.model.busy:
            return
        later = [other for other in self._control.model.pages() if not self._is_done(other)]
        if later:
            self._pages.go_to(PAGE_IDS[later[0]])

    def _open_page(self) -> Page | None:
        numbers = {number: page for page, number in PAGE_IDS.items()}
        return numbers.get(self._pages.currentId())

    def _is_done(self, page: Page) -> bool:
        done, total = self._control.model.page_done(page)
        return done == total
