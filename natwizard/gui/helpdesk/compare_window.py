"""What changed from one run to another, as a window."""

from collections.abc import Callable
from pathlib import Path

from msgspec import Struct
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from natwizard.drawing.icons import Icon
from natwizard.drawing.tokens import SPACE
from natwizard.gui.helpdesk.desk_window import DeskWindow
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.pages.base import scrolling
from natwizard.gui.report_places import documents
from natwizard.gui.widgets.buttons import CopyButton, set_words
from natwizard.gui.widgets.glyph import Glyph
from natwizard.gui.widgets.labels import WrappedLabel, label
from natwizard.gui.widgets.painted import DropDown
from natwizard.model.finding import Status
from natwizard.model.language import _, ngettext
from natwizard.model.report import Readiness, Report
from natwizard.report.compare import Comparison, StatusChange, Unchanged, ValueChange, compare
from natwizard.report.comparison_words import (
    arrow,
    comparison_text,
    nothing_changed_words,
    other_extent_words,
    other_terms_words,
    standing_word,
    unchanged_words,
    within_noise_words,
)
from natwizard.report.facts import moment_words
from natwizard.report.files import UnreadableReport
from natwizard.report.open_report import open_report
from natwizard.report.plain import plain
from natwizard.report.store import StoredRun
from natwizard.report.words import DOT, verdict_status, verdict_words

ARROW = " \u2192 "
SMALL = 20


class StatusLabel(QWidget):
    """A status as glyph and word; a check that a run does not have is a word alone."""

    def __init__(
        self, look: Appearance, status: Status | None, *, words: str = "", tone: str = ""
    ) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        look.space(row, spacing=8)
        if status is not None:
            row.addWidget(Glyph(look, status, side=SMALL))
        row.addWidget(label(words or standing_word(status), face="strong", tone=tone))


class ChangeRow(QFrame):
    """The title and, at its right, was -> is; below it what was measured."""

    def __init__(self, look: Appearance, change: StatusChange) -> None:
        super().__init__()
        column = _column(self, look)
        head = QHBoxLayout()
        look.space(head, spacing=10)
        title = WrappedLabel(plain(change.title), face="lead")
        head.addWidget(title, 1)
        head.addWidget(StatusLabel(look, change.before, tone="2"))
        head.addWidget(Glyph(look, Icon.CHEVRON_RIGHT, side=16))
        head.addWidget(StatusLabel(look, change.after))
        column.addLayout(head)
        change_words = _change_words(change.observed_before, change.observed_after)
        if change_words:
            column.addWidget(WrappedLabel(change_words, tone="2"))
        if change.within_noise:
            column.addWidget(WrappedLabel(_sentence(within_noise_words()), tone="2"))
        name = _("{title}: was {before}, is {after}").format(
            title=plain(change.title),
            before=standing_word(change.before),
            after=standing_word(change.after),
        )
        _name(self, name, change_words)


class ValueRow(QFrame):
    """The title and the two values."""

    def __init__(self, look: Appearance, change: ValueChange) -> None:
        super().__init__()
        column = _column(self, look)
        column.addWidget(WrappedLabel(plain(change.title), face="lead"))
        change_words = _change_words(change.observed_before, change.observed_after)
        column.addWidget(WrappedLabel(change_words, tone="2"))
        _name(self, plain(change.title), change_words)


class UnchangedRow(QFrame):
    """The title, its status, and what was measured."""

    def __init__(self, look: Appearance, same: Unchanged) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        look.space(row, margins=(16, 6, 16, 6), spacing=12)
        row.addWidget(Glyph(look, same.status, side=SMALL), alignment=Qt.AlignmentFlag.AlignTop)
        row.addWidget(WrappedLabel(plain(same.title)), 1)
        row.addWidget(WrappedLabel(plain(same.observed), tone="2"), 1)
        name = f"{standing_word(same.status)}: {plain(same.title)}"
        _name(self, name, plain(same.observed))


def _change_words(before: str, after: str) -> str:
    return plain(arrow(before, after)).replace(" -> ", ARROW)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _column(frame: QFrame, look: Appearance) -> QVBoxLayout:
    column = QVBoxLayout(frame)
    look.space(column, margins=(16, 10, 16, 10), spacing=3)
    return column


def _name(frame: QFrame, name: str, description: str) -> None:
    frame.setAccessibleName(name)
    frame.setAccessibleDescription(description)


class ComparableRun(Struct, frozen=True, kw_only=True):
    """One run that can be picked; `report` where it is read already."""

    run_id: str
    words: str
    path: Path | None = None
    report: Report | None = None


def kept_candidate(run: StoredRun) -> ComparableRun:
    """A run of the store."""
    parts = (moment_words(run.started_at), verdict_words(run.verdict), run.run_code)
    return ComparableRun(run_id=run.run_id, words=plain(DOT.join(parts)), path=run.path)


def report_candidate(report: Report) -> ComparableRun:
    """A run that somebody has in hand."""
    parts = (moment_words(report.started_at), verdict_words(report.verdict), report.run_code)
    return ComparableRun(run_id=report.run_id, words=plain(DOT.join(parts)), report=report)


class RunChoice(QWidget):
    """A label, a list of runs, and a button for a file.

    Signals:
        chosen: another run is chosen; `report` has it.
    """

    chosen = Signal()

    def __init__(
        self,
        look: Appearance,
        title: str,
        candidates: tuple[ComparableRun, ...],
        run_id: str,
        may_show: Callable[[Report], Report],
    ) -> None:
        super().__init__()
        self._candidates, self._may_show = list(candidates), may_show
        self.report: Report | None = None
        column = QVBoxLayout(self)
        look.space(column, spacing=SPACE.xs)
        row = QHBoxLayout()
        look.space(row, spacing=SPACE.s)
        self.name = label(title, face="strong")
        row.addWidget(self.name)
        self.list = DropDown(look)
        self.list.setAccessibleName(title)
        self.list.setMinimumContentsLength(24)
        policy = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        self.list.setSizeAdjustPolicy(policy)
        for candidate in candidates:
            self.list.addItem(candidate.words)
        row.addWidget(self.list, 1)
        file = QPushButton()
        set_words(file, _("File..."))
        file.setAccessibleName(_("{which}: open a file").format(which=title))
        file.setAutoDefault(False)
        file.clicked.connect(self._ask_file)
        row.addWidget(file)
        column.addLayout(row)
        self.wrong = WrappedLabel(tone="fail")
        self.wrong.hide()
        column.addWidget(self.wrong)
        ids = [candidate.run_id for candidate in candidates]
        self.list.setCurrentIndex(ids.index(run_id) if run_id in ids else 0)
        self.list.currentIndexChanged.connect(self._on_index)
        self._read()

    def add_file(self, path: Path) -> None:
        """Read a file and choose it; says so where it is no report."""
        try:
            report = open_report(path)
        except UnreadableReport as problem:
            self._show_problem(str(problem))
            return
        self._candidates.append(report_candidate(report))
        self.list.addItem(self._candidates[-1].words)
        self.list.setCurrentIndex(self.list.count() - 1)

    @Slot()
    def _ask_file(self) -> None:
        dialog = QFileDialog(self, _("Open a report"), documents())
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter(_("Reports (*.pdf *.json)"))
        dialog.fileSelected.connect(lambda name: self.add_file(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot()
    def _on_index(self) -> None:
        self._read()
        self.chosen.emit()

    def _read(self) -> None:
        self._show_problem("")
        self.report = None
        place = self.list.currentIndex()
        if place < 0:
            return
        candidate = self._candidates[place]
        self.report = candidate.report
        if self.report is None and candidate.path is not None:
            try:
                self.report = open_report(candidate.path)
            except UnreadableReport as problem:
                self._show_problem(str(problem))
        if self.report is not None:
            self.report = self._may_show(self.report)

    def _show_problem(self, problem: str) -> None:
        self.wrong.setText(problem)
        self.wrong.setVisible(bool(problem))


class CompareWindow(DeskWindow):
    """Two runs to choose, then what changed: statuses, values, and the rest folded away."""

    def __init__(
        self,
        look: Appearance,
        parent: QWidget,
        candidates: tuple[ComparableRun, ...],
        before: str,
        after: str,
        may_show: Callable[[Report], Report],
    ) -> None:
        super().__init__(
            look, parent, _("What changed"), _("Results that differ come first, then values.")
        )
        self.before = RunChoice(look, _("Before"), candidates, before, may_show)
        self.after = RunChoice(look, _("After"), candidates, after, may_show)
        choices = QVBoxLayout()
        look.space(choices, spacing=SPACE.s)
        for choice in (self.before, self.after):
            choices.addWidget(choice)
            choice.chosen.connect(self.refresh)
        widest = max(choice.name.sizeHint().width() for choice in (self.before, self.after))
        for choice in (self.before, self.after):
            choice.name.setFixedWidth(widest + look.px(SPACE.m))
        self.body.addLayout(choices)
        self._verdicts = QHBoxLayout()
        look.space(self._verdicts, spacing=10)
        self.body.addLayout(self._verdicts)
        self._holder = QWidget()
        self._lists = QVBoxLayout(self._holder)
        look.space(self._lists, spacing=SPACE.m)
        self.area = scrolling(self._holder, look, inset=0)
        self.body.addWidget(self.area, 1)
        self.copy = CopyButton(look, _("Copy as text"), "", kind="")
        self.foot.addWidget(self.copy)
        self.foot.addStretch()
        close = self.button(_("&Close"), kind="primary")
        close.clicked.connect(self.close)
        self.comparison: Comparison | None = None
        self.refresh()
        close.setFocus()

    @Slot()
    def refresh(self) -> None:
        """Compare what is chosen now."""
        _clear(self._lists)
        _clear(self._verdicts)
        before, after = self.before.report, self.after.report
        self.comparison = None
        same = before is not None and after is not None and before.run_id == after.run_id
        if before is None or after is None or same:
            hint = _("Both are the same run: choose another one, or a file.")
            hint = hint if same else _("Choose two runs to compare.")
            self._lists.addWidget(WrappedLabel(hint, tone="2"))
            self._lists.addStretch(1)
            self.copy.setEnabled(False)
            return
        self.comparison = compare(before, after)
        self.copy.set_content(comparison_text(self.comparison))
        self._show(self.comparison)

    def _show(self, comparison: Comparison) -> None:
        look = self.look
        first, second = comparison.verdict_before, comparison.verdict_after
        self._verdicts.addWidget(_verdict(look, first))
        self._verdicts.addWidget(Glyph(look, Icon.CHEVRON_RIGHT, side=16))
        self._verdicts.addWidget(_verdict(look, second))
        self._verdicts.addWidget(WrappedLabel(_counts(comparison), tone="2"), 1)
        if not comparison.same_terms:
            self._lists.addWidget(WrappedLabel(other_terms_words(), tone="2"))
        if not comparison.same_extent:
            self._lists.addWidget(WrappedLabel(other_extent_words(), tone="2"))
        if comparison.statuses:
            self._add_group(_("Another result"), [ChangeRow(look, c) for c in comparison.statuses])
        if comparison.values:
            self._add_group(
                _("Same result, other values"), [ValueRow(look, c) for c in comparison.values]
            )
        if not comparison.statuses and not comparison.values:
            self._lists.addWidget(WrappedLabel(nothing_changed_words(), face="lead"))
        if comparison.unchanged:
            self._add_folded(comparison)
        self._lists.addStretch(1)

    def _add_group(self, title: str, rows: list[QFrame]) -> QFrame:
        self._lists.addWidget(label(title, face="lead"))
        group = _group(self.look, rows)
        self._lists.addWidget(group)
        return group

    def _add_folded(self, comparison: Comparison) -> None:
        head = QWidget()
        row = QHBoxLayout(head)
        self.look.space(row, spacing=SPACE.s)
        row.addWidget(WrappedLabel(unchanged_words(len(comparison.unchanged)), tone="2"), 1)
        fold = QPushButton(_("Show them"))
        fold.setProperty("kind", "inline")
        fold.setCheckable(True)
        fold.setAutoDefault(False)
        row.addWidget(fold)
        group = _group(self.look, [UnchangedRow(self.look, same) for same in comparison.unchanged])
        group.hide()
        fold.toggled.connect(group.setVisible)
        fold.toggled.connect(
            lambda shown: fold.setText(_("Hide them") if shown else _("Show them"))
        )
        self._lists.addWidget(head)
        self._lists.addWidget(group)
        self.fold, self.folded = fold, group


def _verdict(look: Appearance, verdict: Readiness) -> StatusLabel:
    return StatusLabel(look, verdict_status(verdict), words=verdict_words(verdict))


def _counts(comparison: Comparison) -> str:
    results, values = len(comparison.statuses), len(comparison.values)
    first = ngettext("{count} result differs", "{count} results differ", results)
    second = ngettext("{count} value moved", "{count} values moved", values)
    parts = [first.format(count=results)] if results else []
    parts += [second.format(count=values)] if values else []
    return ", ".join(parts)


def _group(look: Appearance, rows: list[QFrame]) -> QFrame:
    """A frame around rows, with a hairline between them."""
    group = QFrame()
    group.setProperty("box", "group")
    column = QVBoxLayout(group)
    column.setContentsMargins(1, 1, 1, 1)
    column.setSpacing(0)
    for number, row in enumerate(rows):
        if number:
            rule = QFrame()
            rule.setProperty("box", "rule")
            rule.setFixedHeight(look.theme.line_px)
            column.addWidget(rule)
        column.addWidget(row)
    return group


def _clear(layout: QVBoxLayout | QHBoxLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
