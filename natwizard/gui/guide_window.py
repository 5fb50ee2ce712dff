"""The guide: what each row means, within the program; no network and no browser are needed."""

from collections.abc import Iterable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from natwizard.drawing.tokens import SPACE
from natwizard.gui.helpdesk.desk_window import DeskWindow
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.look.texts import page_title
from natwizard.gui.pages.base import scrolling
from natwizard.gui.widgets.buttons import LinkButton
from natwizard.gui.widgets.labels import WrappedLabel, label
from natwizard.model.finding import Page
from natwizard.model.language import _
from natwizard.model.profile import Answers, Profile, Role
from natwizard.model.writing import labelled
from natwizard.report.document import Entry, asked_for, source_url
from natwizard.run.plan import make_plan


def guide_entries(profile: Profile) -> dict[Page, tuple[Entry, ...]]:
    """A paragraph for each row of a profile, page by page, in the language of now.

    Of every role: who reads a report of somebody else's may have another one.
    """
    plans = [make_plan(profile, Answers(role=role), location="") for role in Role]
    rows = {row.check.name: row for plan in plans for row in plan.rows}
    order = [requirement.id for requirement in profile.requirements]
    found: dict[Page, list[Entry]] = {}
    for row in sorted(rows.values(), key=lambda row: order.index(row.requirement.id)):
        check, requirement = row.check, row.requirement
        entry = Entry(
            title=_(check.title),
            text=_(check.meaning or requirement.text),
            to_do="",
            method=labelled(_("Measured"), _(check.method)) if check.method else "",
            source=asked_for(_(requirement.text), row.source),
            anchor=check.name,
            url=source_url(row.source),
        )
        found.setdefault(check.page, []).append(entry)
    return {page: tuple(found[page]) for page in Page if page in found}


class GuideWindow(DeskWindow):
    """Every paragraph below the other; opens at the one that was asked for.

    Attributes:
        places: the heading of each paragraph, by the row's name.
    """

    def __init__(
        self, look: Appearance, parent: QWidget, entries: dict[Page, tuple[Entry, ...]]
    ) -> None:
        line = _("What each row is, what it does to calls, and who asks for it.")
        super().__init__(look, parent, _("Guide"), line)
        self.places: dict[str, QLabel] = {}
        content = QWidget()
        self._column = QVBoxLayout(content)
        look.space(self._column, spacing=SPACE.xs)
        for page, told in entries.items():
            self._add_page(page_title(page), told)
        self._column.addStretch(1)
        self.area = scrolling(content, look, inset=0)
        self.body.addWidget(self.area, 1)
        self.foot.addStretch(1)
        self.button(_("&Close"), kind="primary").clicked.connect(self.close)

    def _add_page(self, title: str, entries: Iterable[Entry]) -> None:
        if self.places:
            self._column.addSpacing(self.look.px(SPACE.l))
        self._column.addWidget(label(title, face="lead"))
        for entry in entries:
            self._column.addSpacing(self.look.px(SPACE.s))
            heading = label(entry.title, face="strong")
            self.places[entry.anchor] = heading
            self._column.addWidget(heading)
            self._column.addWidget(WrappedLabel(entry.text).selectable())
            if entry.method:
                self._column.addWidget(WrappedLabel(entry.method, tone="2").selectable())
            self._column.addWidget(WrappedLabel(entry.source, tone="2").selectable())
            if entry.url:
                link = LinkButton(entry.url.partition("://")[2].rstrip("/"), entry.url)
                self._column.addWidget(link, alignment=Qt.AlignmentFlag.AlignLeft)

    def show_row(self, check: str) -> None:
        """Scroll to a row's paragraph, once the window has its size."""
        place = self.places.get(check)
        if place is not None:
            QTimer.singleShot(0, place, lambda: self._scroll_to(place))

    def _scroll_to(self, place: QLabel) -> None:
        bar = self.area.verticalScrollBar()
        bar.setValue(min(bar.maximum(), max(0, place.y() - self.look.px(SPACE.s))))
