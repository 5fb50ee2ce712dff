"""What an open finding keeps behind one more fold: every attempt, and what its words mean."""

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import QGridLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from natwizard.checks.shared.number_format import milliseconds, with_unit
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.widgets.labels import WrappedLabel, label
from natwizard.model.finding import AttemptLine
from natwizard.model.language import _, ngettext
from natwizard.model.writing import labelled
from natwizard.report.glossary import Term

# Four labels each: hundreds would hold up the window, and the report has them all
ATTEMPTS_SHOWN = 40
TOP_LEFT = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft
TOP_RIGHT = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight


class Expander(QWidget):
    """A link that shows and hides a table; the table is made when it is first shown."""

    def __init__(self, look: Appearance, shut: str, opened: str) -> None:
        super().__init__()
        self.look = look
        self._shut, self._opened = shut, opened
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.px(6))
        self.toggle = QPushButton(shut)
        self.toggle.setProperty("kind", "inline")
        self.toggle.setAutoDefault(False)
        self.toggle.clicked.connect(self._on_clicked)
        column.addWidget(self.toggle, alignment=Qt.AlignmentFlag.AlignLeft)
        self._table: QWidget | None = None

    @Slot()
    def _on_clicked(self) -> None:
        shown = self._table is None or self._table.isHidden()
        if self._table is None:
            self._table = QWidget()
            self.fill(self._grid(self._table))
            layout = self.layout()
            if layout is not None:
                layout.addWidget(self._table)
        self._table.setVisible(shown)
        self.toggle.setText(self._opened if shown else self._shut)
        if shown:
            QTimer.singleShot(0, self, self._show_all)

    @Slot()
    def _show_all(self) -> None:
        """Scroll as far as it takes to see what was unfolded."""
        ancestor = self.parentWidget()
        while ancestor is not None:
            if isinstance(ancestor, QScrollArea):
                ancestor.ensureWidgetVisible(self, 0, self.look.px(16))
            ancestor = ancestor.parentWidget()

    def _grid(self, table: QWidget) -> QGridLayout:
        grid = QGridLayout(table)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(self.look.px(16))
        grid.setVerticalSpacing(self.look.px(2))
        return grid

    def fill(self, grid: QGridLayout) -> None:
        """For each kind of fold: put its rows in."""


class Attempts(Expander):
    """Every attempt: when, where, how it went, how long it took."""

    def __init__(self, look: Appearance, tried: tuple[AttemptLine, ...]) -> None:
        text = ngettext("Show the attempt", "All {count} attempts", len(tried))
        super().__init__(look, text.format(count=len(tried)), _("Hide the attempts"))
        self._tried = tried

    def fill(self, grid: QGridLayout) -> None:
        grid.setColumnStretch(1, 3)
        grid.setColumnStretch(2, 2)
        for row, line in enumerate(self._tried[:ATTEMPTS_SHOWN]):
            started = _("after {time}").format(time=with_unit(line.started_s, "s", 1))
            grid.addWidget(label(started, tone="2"), row, 0, TOP_LEFT)
            grid.addWidget(WrappedLabel(line.target).selectable(), row, 1)
            grid.addWidget(WrappedLabel(line.result).selectable(), row, 2)
            took = label(milliseconds(line.duration_s * 1000), tone="2")
            grid.addWidget(took, row, 3, TOP_RIGHT)
        more = len(self._tried) - ATTEMPTS_SHOWN
        if more > 0:
            text = ngettext(
                "{count} more is in the report.", "{count} more are in the report.", more
            )
            grid.addWidget(label(text.format(count=more), tone="2"), ATTEMPTS_SHOWN, 0, 1, 4)


class GlossaryExpander(Expander):
    """What the technical words of a finding mean."""

    def __init__(self, look: Appearance, words: tuple[Term, ...]) -> None:
        super().__init__(look, _("What do these words mean?"), _("Hide the words"))
        self._words = words
        self.toggle.setAccessibleDescription(meanings_text(words))
        self.toggle.setToolTip(meanings_text(words))

    def fill(self, grid: QGridLayout) -> None:
        grid.setColumnStretch(1, 1)
        for row, term in enumerate(self._words):
            grid.addWidget(label(term.word, face="strong"), row, 0, TOP_LEFT)
            grid.addWidget(WrappedLabel(term.meaning).selectable(), row, 1)


def meanings_text(words: tuple[Term, ...]) -> str:
    """One line a word, for a tooltip and for screen readers."""
    return "\n".join(labelled(term.word, term.meaning) for term in words)
