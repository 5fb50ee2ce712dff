"""What changed from one run to another, as a window."""

from collections.abc import Callable

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from natwizard.drawing.icons import Icon
from natwizard.drawing.tokens import SPACE
from natwizard.gui.appearance import Appearance
from natwizard.gui.helpdesk.change_row import ChangeRow, SameRow, Standing, ValueRow
from natwizard.gui.helpdesk.desk_window import DeskWindow
from natwizard.gui.helpdesk.run_choice import Candidate, RunChoice
from natwizard.gui.pages.base import scrolling
from natwizard.gui.widgets.buttons import CopyButton
from natwizard.gui.widgets.glyph import Glyph
from natwizard.gui.widgets.labels import WrappedLabel, label
from natwizard.model.language import _, ngettext
from natwizard.model.report import Report, Verdict
from natwizard.report.compare import Comparison, compare
from natwizard.report.comparison_words import (
    comparison_text,
    nothing_changed_words,
    other_terms_words,
    unchanged_words,
)
from natwizard.report.words import verdict_status, verdict_words


class CompareWindow(DeskWindow):
    """Two runs to choose, then what changed: statuses, values, and the rest folded away."""

    def __init__(
        self,
        look: Appearance,
        parent: QWidget,
        candidates: tuple[Candidate, ...],
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
            told = _("Both are the same run: choose another one, or a file.")
            told = told if same else _("Choose two runs to compare.")
            self._lists.addWidget(WrappedLabel(told, tone="2"))
            self._lists.addStretch(1)
            self.copy.setEnabled(False)
            return
        self.comparison = compare(before, after)
        self.copy.give(comparison_text(self.comparison))
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
        group = _group(self.look, [SameRow(self.look, same) for same in comparison.unchanged])
        group.hide()
        fold.toggled.connect(group.setVisible)
        fold.toggled.connect(
            lambda shown: fold.setText(_("Hide them") if shown else _("Show them"))
        )
        self._lists.addWidget(head)
        self._lists.addWidget(group)
        self.fold, self.folded = fold, group


def _verdict(look: Appearance, verdict: Verdict) -> Standing:
    return Standing(look, verdict_status(verdict), words=verdict_words(verdict))


def _counts(comparison: Comparison) -> str:
    results, values = len(comparison.statuses), len(comparison.values)
    first = ngettext("{count} result differs", "{count} results differ", results)
    second = ngettext("{count} value moved", "{count} values moved", values)
    told = [first.format(count=results)] if results else []
    told += [second.format(count=values)] if values else []
    return ", ".join(told)


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
