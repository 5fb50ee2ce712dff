"""What a plan comes to: figures, a bar, one sentence on the allowance, remarks and the source."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from natwizard.drawing.tokens import SPACE
from natwizard.gui.appearance import Appearance
from natwizard.gui.planner.breakdown_view import BreakdownView
from natwizard.gui.widgets.buttons import set_words
from natwizard.gui.widgets.labels import WrappedLabel, label
from natwizard.model.breakdown import Breakdown
from natwizard.model.day import day_words
from natwizard.model.finding import Source
from natwizard.model.language import _

FIGURES = 3


class Results(QWidget):
    """Filled anew with every key that is typed."""

    def __init__(self, look: Appearance) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        look.space(column, spacing=SPACE.s)
        row = QHBoxLayout()
        look.space(row, spacing=SPACE.m)
        self._figures = tuple(_Figure(look) for _number in range(FIGURES))
        for figure in self._figures:
            row.addWidget(figure, 1)
        column.addLayout(row)
        self.sentence = WrappedLabel(face="strong")
        column.addWidget(self.sentence)
        self.chart = BreakdownView(look)
        column.addWidget(self.chart)
        self.remarks = WrappedLabel(face="meta", tone="2").selectable()
        column.addWidget(self.remarks)
        self.source = _SourceLink()
        column.addWidget(self.source, alignment=Qt.AlignmentFlag.AlignLeft)

    def tell(
        self,
        figures: Sequence[tuple[str, str]],
        breakdown: Breakdown,
        *,
        sentences: Sequence[str],
        remarks: Sequence[str],
        source: Source,
    ) -> None:
        """Show a plan: name and amount of up to three figures, and the rest."""
        for number, figure in enumerate(self._figures):
            shown = number < len(figures)
            figure.setVisible(shown)
            if shown:
                figure.tell(*figures[number])
        self.chart.tell(breakdown)
        _say(self.sentence, "\n".join(filter(None, sentences)))
        _say(self.remarks, "\n".join(filter(None, remarks)))
        self.source.tell(source)


def _say(said: WrappedLabel, text: str) -> None:
    said.setText(text)
    said.setVisible(bool(text))


class _Figure(QFrame):
    """A name above a large amount."""

    def __init__(self, look: Appearance) -> None:
        super().__init__()
        self.setProperty("box", "group")
        column = QVBoxLayout(self)
        look.space(column, margins=(14, 5, 14, 5), spacing=0)
        self._name = label(tone="2")
        self._amount = label(face="title")
        column.addWidget(self._name)
        column.addWidget(self._amount)

    def tell(self, name: str, amount: str) -> None:
        self._name.setText(name)
        self._amount.setText(amount)
        self.setAccessibleName(f"{name}: {amount}")


class _SourceLink(QPushButton):
    """Where the rules are from; a press opens the page in the browser."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "inline")
        self.setAutoDefault(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.clicked.connect(self._open)
        self._url = ""

    def tell(self, source: Source) -> None:
        self._url = source.url
        text = _("Source: {title}, version of {day}").format(
            title=_(source.title), day=day_words(source.read_on)
        )
        set_words(self, text)
        self.setToolTip(source.url)

    @Slot()
    def _open(self) -> None:
        QDesktopServices.openUrl(QUrl(self._url))
