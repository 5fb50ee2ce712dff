"""The pages that show a run, each made when it is first wanted: the window paints before them."""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWizard

from natwizard.gui.appearance import Appearance
from natwizard.gui.pages.base import WizardPage
from natwizard.gui.rail_view import PAGE_IDS, SUMMARY
from natwizard.gui.run_control import RunControl
from natwizard.model.finding import Finding, Page

if TYPE_CHECKING:
    from natwizard.gui.pages.checks_page import ChecksPage
    from natwizard.gui.pages.summary import SummaryPage

RequestText = Callable[[Finding], str]


class CheckPages(dict[Page, "ChecksPage"]):
    """Asking for a page makes it; values() are those that were asked for so far."""

    def __init__(self, make: "Callable[[Page], ChecksPage]") -> None:
        super().__init__()
        self._make = make

    def __missing__(self, page: Page) -> "ChecksPage":
        made = self[page] = self._make(page)
        return made


class RunPages(QObject):
    """Puts pages into the wizard as they are asked for.

    Signals:
        again: a check should run again; carries its name.
        chosen: an area of the summary was picked; carries its Page.
    """

    again = Signal(str)
    chosen = Signal(object)

    def __init__(
        self, wizard: QWizard, look: Appearance, control: RunControl, request: RequestText
    ) -> None:
        super().__init__(wizard)
        self._wizard, self._look, self._control, self._request = wizard, look, control, request
        self._opened = ""
        self.checks = CheckPages(self._make)

    def _make(self, page: Page) -> "ChecksPage":
        from natwizard.gui.pages.checks_page import ChecksPage
        from natwizard.gui.pages.media_page import MediaPage

        kind = MediaPage if page is Page.UDP_MEDIA else ChecksPage
        made = kind(self._look, page, self._control, self._request)
        made.again.connect(self.again)
        self._add(PAGE_IDS[page], made)
        return made

    @cached_property
    def summary(self) -> "SummaryPage":
        """The last page."""
        from natwizard.gui.pages.summary import SummaryPage

        made = SummaryPage(self._look, self._control, self._request)
        made.chosen.connect(self.chosen)
        self._add(SUMMARY, made)
        return made

    def _add(self, number: int, page: WizardPage) -> None:
        page.show_opened(self._opened)
        self._wizard.setPage(number, page)

    @staticmethod
    def shown(number: int) -> Page | None:
        """The page of checks that has this number in the wizard."""
        return next((page for page in Page if PAGE_IDS[page] == number), None)

    def have(self, number: int) -> None:
        """The page with this number as the run stands now; made if nobody has seen it yet."""
        page = self.shown(number)
        if number == SUMMARY:
            self.summary.refresh()
        elif page is not None:
            self.checks[page].refresh()

    def fold(self) -> None:
        """Close every open row."""
        for page in self.checks.values():
            page.rows.open_row("")

    def show_opened(self, text: str) -> None:
        """Say on every page that this is the report of another run; empty takes it away."""
        self._opened = text
        pages: tuple[WizardPage, ...] = (*self.checks.values(), self.summary)
        for page in pages:
            page.show_opened(text)
