"""A finding folded open: picture of the evidence, what to do, why, and every attempt."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from natwizard.checks.wording import with_unit
from natwizard.drawing.limit_bar import paint_limit_bar
from natwizard.gui.appearance import Appearance
from natwizard.gui.run_model import CheckState
from natwizard.gui.widgets.answer_box import AnswerBox
from natwizard.gui.widgets.folds import Attempts, Words
from natwizard.gui.widgets.labels import WrappedLabel, label
from natwizard.gui.widgets.painted import Painted
from natwizard.gui.widgets.remedy_box import RemedyBox
from natwizard.gui.widgets.row_header import TEXT_LEFT
from natwizard.gui.widgets.stage_strip import StageStrip
from natwizard.model.finding import Finding, Gauge, Source, Status
from natwizard.model.language import _
from natwizard.model.writing import date_words
from natwizard.report.facts import read_moment
from natwizard.report.glossary import terms_in
from natwizard.run.answering import may_answer

LABEL_WIDTH = 120


class FindingPanel(QWidget):
    """Sunken, indented to the sentence. Made anew for each finding.

    Signals:
        again: the person wants this check to run again.
        answered: a question was answered; carries the Confirmation, or None to take it back.
    """

    again = Signal()
    answered = Signal(object)

    def __init__(
        self,
        look: Appearance,
        state: CheckState,
        *,
        request: str,
        can_run: bool,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look = look
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(look.px(TEXT_LEFT), look.px(16), look.px(18), look.px(16))
        self._column.setSpacing(look.px(14))
        self._remedy: RemedyBox | None = None
        self.answer: AnswerBox | None = None
        if state.finding is None:
            self._column.addWidget(WrappedLabel(_("There is nothing to show yet."), tone="2"))
            return
        self._fill(state.finding, request, can_run=can_run)

    def allow_run(self, *, allowed: bool) -> None:
        """Whether the check can run again just now."""
        if self._remedy is not None and self._remedy.rerun is not None:
            self._remedy.rerun.setEnabled(allowed)

    def _fill(self, finding: Finding, request: str, *, can_run: bool) -> None:
        if finding.stages:
            self._column.addWidget(StageStrip(self._look, finding.stages))
        elif finding.gauge is not None:
            self._column.addWidget(_WideLimitBar(self._look, finding.gauge, finding.status))
        if may_answer(finding):
            self.answer = AnswerBox(self._look, finding)
            self.answer.answered.connect(self.answered)
            self._column.addWidget(self.answer)
        is_settled = finding.answer is not None and finding.status is Status.PASS
        if (finding.remedy is not None and not is_settled) or can_run:
            self._remedy = RemedyBox(self._look, finding, request)
            self._remedy.again.connect(self.again)
            if self._remedy.rerun is not None:
                self._remedy.rerun.setVisible(can_run)
            self._column.addWidget(self._remedy)
        self._column.addLayout(self._facts(finding))
        if finding.tried:
            self._column.addWidget(Attempts(self._look, finding.tried))
        if words := terms_in(finding):
            self._column.addWidget(Words(self._look, words))

    def _facts(self, finding: Finding) -> QGridLayout:
        rows = [(detail.label, detail.text) for detail in finding.details]
        if not rows:
            rows.append((_("Needed"), finding.expected))
        if finding.source is not None:
            rows.append((_("Source"), source_words(finding.source)))
        grid = QGridLayout()
        grid.setHorizontalSpacing(self._look.px(16))
        grid.setVerticalSpacing(self._look.px(4))
        grid.setColumnMinimumWidth(0, self._look.px(LABEL_WIDTH - 16))
        grid.setColumnStretch(1, 1)
        for row, (name, text) in enumerate(rows):
            grid.addWidget(label(name, tone="2"), row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(WrappedLabel(text).selectable(), row, 1)
        return grid


def source_words(source: Source) -> str:
    """Title, section and the day it was read."""
    section = _(", \u201c{section}\u201d").format(section=source.section) if source.section else ""
    when = read_moment(source.read_on)
    day = date_words(when) if when is not None else source.read_on
    return _("{title}{section}, read on {day}.").format(
        title=_(source.title), section=section, day=day
    )


class _WideLimitBar(Painted):
    """The limit bar over the width of the panel, where there is no stage strip."""

    def __init__(self, look: Appearance, gauge: Gauge, status: Status) -> None:
        super().__init__(look)
        self._gauge, self._status = gauge, status
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(
            _("{title}: {value}, limit {limit}").format(
                title=gauge.title,
                value=with_unit(gauge.value, gauge.unit, gauge.digits),
                limit=with_unit(gauge.limit, gauge.unit),
            )
        )

    def sizeHint(self) -> QSize:
        return QSize(self.look.px(300), self.look.px(20))

    def paintEvent(self, _event: QPaintEvent) -> None:
        box = QRectF(self.rect())
        paint_limit_bar(QPainter(self), box, self._gauge, self._status, self.look.theme)
