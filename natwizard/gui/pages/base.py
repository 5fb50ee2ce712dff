"""What all pages share: insets, a header with a pill, and a column that scrolls if it must."""

from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLayout,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
    QWizardPage,
)

from natwizard.drawing.icons import Icon
from natwizard.drawing.tokens import SPACE
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.widgets.glyph import Glyph, StatusChip
from natwizard.gui.widgets.labels import WrappedLabel

ROUNDS = 2
"""A label knows its height once it has its width: the first round brings widths, then heights."""


class WizardPage(QWizardPage):
    """A page with our insets; titles stay out of QWizard, which would draw its own header."""

    def __init__(self, look: Appearance, name: str) -> None:
        super().__init__()
        self.look = look
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.column = QVBoxLayout(self)
        look.space(self.column, margins=(0, SPACE.xl, 0, 0), spacing=SPACE.l)
        self.strip = NoticeStrip(look, Icon.FILE)
        self.strip.hide()
        self._add_inset(self.strip)

    def _add_inset(self, widget: QWidget) -> None:
        row = QHBoxLayout()
        self.look.space(row, margins=(SPACE.xxl, 0, SPACE.xxl, 0))
        row.addWidget(widget)
        self.column.addLayout(row)

    def show_opened(self, text: str) -> None:
        """Say that this is the report of another run; empty takes it away."""
        self.strip.set_text(text)
        self.strip.setVisible(bool(text))


class PageHeader(QWidget):
    """Title, one plain line, and a pill on the right."""

    def __init__(self, look: Appearance, title: str, line: str) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        look.space(row, spacing=SPACE.l)
        texts = QVBoxLayout()
        look.space(texts, spacing=SPACE.xs)
        self.title = WrappedLabel(title, face="title")
        self.line = WrappedLabel(line, tone="2")
        texts.addWidget(self.title)
        texts.addWidget(self.line)
        row.addLayout(texts, 1)
        self.pill = StatusChip(look)
        row.addWidget(self.pill, alignment=Qt.AlignmentFlag.AlignTop)


class NoticeStrip(QFrame):
    """A quiet line across the page, with an icon."""

    def __init__(self, look: Appearance, icon: Icon) -> None:
        super().__init__()
        self.setProperty("box", "strip")
        row = QHBoxLayout(self)
        look.space(row, margins=(14, 9, 14, 9), spacing=10)
        row.addWidget(Glyph(look, icon, side=18))
        self.text = WrappedLabel()
        row.addWidget(self.text, 1)

    def set_text(self, text: str) -> None:
        """Change the words."""
        self.text.setText(text)


class Scrolling(QScrollArea):
    """Says when it has another size.

    Signals:
        resized: what it holds is as wide as it will be.
    """

    resized = Signal()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()

    def fits(self) -> bool:
        """Whether what it holds, as it is now, needs no scrolling."""
        held = self.widget()
        if held is None:
            return True
        for _round in range(ROUNDS):
            lay_out(held)
        return held.minimumSizeHint().height() <= self.viewport().height()


def lay_out(widget: QWidget) -> None:
    """At once what Qt would do in its next turns, so that sizes can be asked for."""
    # never all its children: asked what they are, PySide makes every kind of class there is
    direct = Qt.FindChildOption.FindDirectChildrenOnly
    for child in widget.findChildren(QWidget, options=direct):
        lay_out(child)
    layout = widget.layout()
    if layout is not None:
        layout.activate()


def scrolling(content: QWidget, look: Appearance, *, inset: float = SPACE.xxl) -> Scrolling:
    """A column that scrolls only where it does not fit; insets left and right."""
    content.setAutoFillBackground(False)
    holder = QWidget()
    row = QVBoxLayout(holder)
    look.space(row, margins=(inset, 0, inset, SPACE.s))
    row.addWidget(content)
    area = Scrolling()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setMinimumHeight(1)  # else a low window squashes what stands above
    view = QWidget()  # asked for its own, PySide loads every kind of widget to find out what it is
    area.setViewport(view)
    view.setAutoFillBackground(False)
    area.setWidget(holder)
    holder.setAutoFillBackground(False)
    bar = area.verticalScrollBar()

    def keep_right_edge(_low: int, high: int) -> None:
        """A bar takes its room from the inset, so that the edges of all blocks stay in line."""
        side = look.px(inset)
        right = max(0, side - bar.sizeHint().width()) if high > 0 else side
        row.setContentsMargins(side, 0, right, look.px(SPACE.s))

    bar.rangeChanged.connect(keep_right_edge)
    return area


CLOSER = (0.7, 0.35)
"""What is left of the space between pieces where a page would scroll by less than that brings."""
USUAL, GIVEN = "usual_spacing", "given_spacing"
"""Properties of a layout: its space between rows as it was made, and as `CloserRows` left it."""


class CloserRows(QObject):
    """Lets a page stand closer where a few pixels are missing, before it scrolls.

    No type is smaller, and nobody has to find out that there is one more line below.

    Args:
        layouts: those of the page that may give.
    """

    def __init__(
        self, page: QWidget, area: Scrolling, layouts: Callable[[], Iterable[QLayout]]
    ) -> None:
        super().__init__(page)
        self._page, self._area, self._layouts = page, area, layouts
        self._fitting, self._fitted = False, QSize()
        # the first property has PySide make classes, which takes as long as to lay out a page
        page.setProperty(GIVEN, 0)

    def resized(self) -> None:
        """A bar that comes or goes resizes what scrolls, and is what `fit` brings about itself."""
        if self._area.size() != self._fitted:
            self.fit()

    def fit(self) -> bool:
        """Usual spaces where there is room for them, else closer, unless that does not help.

        Whether the page needs no scrolling then; False where it is out of sight, too.
        """
        if self._fitting or not self._page.isVisible():
            return False
        self._fitting, self._fitted = True, self._area.size()
        stands = self._stands(1.0)
        if not stands:
            # what does not stand at the closest stands at none: most pages that scroll are far off
            stands = self._stands(CLOSER[-1])
            if not (stands and any(map(self._stands, CLOSER[:-1]))):
                self.space(CLOSER[-1] if stands else 1.0)
        self._fitting = False
        return stands

    def _stands(self, share: float) -> bool:
        self.space(share)
        return self._area.fits()

    def space(self, share: float) -> None:
        """Give each layout this share of the space between its rows that somebody gave it.

        To lay out a page is what costs, so it is left as it stands where no space is another.
        """
        changed = False
        for made in self._layouts():
            match made:
                case QGridLayout():
                    now = made.verticalSpacing()
                    given = _share_of(made, now, share)
                    made.setVerticalSpacing(given)
                case QVBoxLayout():
                    now = made.spacing()
                    given = _share_of(made, now, share)
                    made.setSpacing(given)
                case _:
                    continue
            changed = changed or given != now
        if changed:
            lay_out(self._page)


def _share_of(layout: QLayout, now: int, share: float) -> int:
    if now != layout.property(GIVEN):
        layout.setProperty(USUAL, now)
    given = round(share * int(layout.property(USUAL)))
    layout.setProperty(GIVEN, given)
    return given
