"""A finding folded open: picture of the evidence, what to do, why, and every attempt."""

from math import ceil

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from natwizard.checks.shared.number_format import limit_with_unit, with_unit
from natwizard.drawing.glyphs import paint_status
from natwizard.drawing.icons import Icon
from natwizard.drawing.limit_bar import paint_limit_bar
from natwizard.drawing.tokens import RADIUS
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.look.texts import sign_word
from natwizard.gui.run.run_model import CheckState
from natwizard.gui.widgets.buttons import CopyButton, IconButton, LinkButton
from natwizard.gui.widgets.expander import Attempts, GlossaryExpander
from natwizard.gui.widgets.glyph import Glyph
from natwizard.gui.widgets.labels import WrappedLabel, label
from natwizard.gui.widgets.painted import Painted, draw_text, fitting_font, text_width
from natwizard.gui.widgets.row_header import TEXT_LEFT
from natwizard.gui.widgets.yes_no import AnswerBox
from natwizard.model.finding import ConnectionStage, Finding, Gauge, PathStop, Source, Status
from natwizard.model.language import _
from natwizard.model.writing import date_words, labelled
from natwizard.report.document import route_stop, source_url
from natwizard.report.facts import read_moment
from natwizard.report.glossary import terms_in
from natwizard.report.plain import plain
from natwizard.report.words import owner_subject
from natwizard.run.answering import may_answer

EDGE = 4


class RemedyBox(Painted):
    """Accent edge on the left; shown only where there is something to do or to run again.

    Signals:
        again: the person wants this check to run again.
    """

    again = Signal()

    def __init__(
        self, look: Appearance, finding: Finding, request: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(look, parent)
        self.rerun: QPushButton | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(look.px(20), look.px(12), look.px(14), look.px(12))
        column.setSpacing(look.px(4))
        if finding.remedy is not None:
            head = QHBoxLayout()
            head.addWidget(label(_("What to do"), face="strong"))
            head.addStretch()
            head.addWidget(Glyph(look, Icon.PERSON, side=18))
            head.addSpacing(look.px(4))
            head.addWidget(label(owner_subject(finding.remedy.owner), tone="2"))
            column.addLayout(head)
            column.addWidget(WrappedLabel(finding.remedy.text, face="remedy").selectable())
            column.addSpacing(look.px(4))
        buttons = QHBoxLayout()
        buttons.setSpacing(look.px(8))
        if request:
            buttons.addWidget(CopyButton(look, _("Copy text for IT"), request))
        self.rerun = IconButton(look, Icon.RERUN, _("Run this check again"))
        self.rerun.clicked.connect(self._on_again)
        buttons.addWidget(self.rerun)
        buttons.addStretch()
        column.addLayout(buttons)

    @Slot()
    def _on_again(self) -> None:
        self.again.emit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        look, theme = self.look, self.look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        half = theme.line_px / 2
        frame = QRectF(self.rect()).adjusted(half, half, -half, -half)
        path = QPainterPath()
        path.addRoundedRect(frame, look.px(RADIUS.control), look.px(RADIUS.control))
        painter.fillPath(path, QColor(theme.surface))
        painter.setPen(QPen(QColor(theme.line), theme.line_px))
        painter.drawPath(path)
        painter.setClipPath(path)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.accent))
        painter.drawRect(QRectF(0, 0, look.px(EDGE), self.height()))


GLYPH = 22
HEIGHT = 48
GAP = 8
TROUBLE = {Status.FAIL, Status.WARN, Status.BORDERLINE, Status.UNKNOWN}


class StageStrip(Painted):
    """Each stage: glyph, name, and below it what came of it."""

    def __init__(
        self, look: Appearance, stages: tuple[ConnectionStage, ...], parent: QWidget | None = None
    ) -> None:
        super().__init__(look, parent)
        self._stages = stages
        self._lines = 1
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        words = (f"{stage.name}: {sign_word(stage.status)}, {stage.text}" for stage in stages)
        self.setAccessibleName(plain("; ".join(words)))

    def sizeHint(self) -> QSize:
        return QSize(self.look.px(300), self.look.px(HEIGHT) * self._lines)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        lines = 1 if self._fits(len(self._stages)) else 2
        if lines != self._lines:
            self._lines = lines
            self.setMinimumHeight(self.sizeHint().height())

    def _fits(self, columns: int) -> bool:
        """Whether the smallest type writes every name and text in full, so many side by side."""
        look = self.look
        room = self.width() / max(1, columns) - look.px(GLYPH + GAP - 2) - look.px(GAP)
        name, text = look.font(look.type.meta, bold=600), look.font(look.type.meta)
        return all(
            text_width(stage.name, name) <= room and text_width(plain(stage.text), text) <= room
            for stage in self._stages
        )

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        columns = max(1, ceil(len(self._stages) / self._lines))
        width, height = self.width() / columns, self.height() / self._lines
        for index, stage in enumerate(self._stages):
            line, column = divmod(index, columns)
            box = QRectF(column * width, line * height, width, height)
            self._paint_stage(painter, box, stage)
            if index + 1 < len(self._stages) and column + 1 < columns:
                self._paint_line(painter, box, index)

    def _paint_stage(self, painter: QPainter, box: QRectF, stage: ConnectionStage) -> None:
        look, theme = self.look, self.look.theme
        side = look.px(GLYPH)
        top = box.top()
        paint_status(painter, QRectF(box.left(), top + 2, side, side), stage.status, theme)
        x = box.left() + side + look.px(GAP - 2)
        room = box.right() - x - look.px(GAP)
        reached = stage.status is not Status.NOT_APPLICABLE
        colour = theme.text if reached else theme.text_2
        name = QRectF(x, top, room, side + 4)
        strong = (look.font(look.type.body, bold=600), look.font(look.type.meta, bold=600))
        font = fitting_font(stage.name, strong, name.width())
        draw_text(painter, name, stage.name, font, colour)
        colour = theme.sign(stage.status) if stage.status in TROUBLE else theme.text_2
        below = QRectF(x, top + side + 4, room, box.height() - side - 4)
        text, sizes = plain(stage.text), (look.font(look.type.body), look.font(look.type.meta))
        draw_text(painter, below, text, fitting_font(text, sizes, below.width()), colour)

    def _paint_line(self, painter: QPainter, box: QRectF, index: int) -> None:
        """Solid as far as it came, dotted after."""
        look, theme = self.look, self.look.theme
        side = look.px(GLYPH)
        font = look.font(look.type.body, bold=600)
        start = box.left() + side + look.px(GAP - 2) + text_width(self._stages[index].name, font)
        start, end = start + look.px(GAP), box.right() - look.px(GAP)
        if end - start < look.px(GAP):
            return
        passed = self._stages[index].status is Status.PASS
        pen = QPen(QColor(theme.passed.foreground if passed else theme.control), 1.8)
        if not passed:
            pen.setDashPattern([2.2, 2.2])
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        middle = box.top() + 2 + side / 2
        painter.drawLine(QPointF(start, middle), QPointF(end, middle))


DOT = 10


class RouteStrip(Painted):
    """The way of a call: a dot for each place, joined by a line, and what it is below."""

    def __init__(
        self, look: Appearance, path: tuple[PathStop, ...], parent: QWidget | None = None
    ) -> None:
        super().__init__(look, parent)
        self._stops = tuple(map(route_stop, path))
        self._below = tuple(_parts(stop.figures) + _parts(stop.at) for stop in self._stops)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        words = (labelled(stop.name, ", ".join(filter(None, (stop.at, stop.figures))))
                 for stop in self._stops)  # fmt: skip
        self.setAccessibleName("; ".join(words))
        self.setToolTip("\n".join(f"{stop.name}: {stop.at}" for stop in self._stops if stop.at))

    def _line_height(self) -> int:
        return QFontMetrics(self.look.font(self.look.type.body)).height()

    def sizeHint(self) -> QSize:
        look = self.look
        lines = 1 + max(map(len, self._below))
        height = look.px(DOT + GAP) + lines * self._line_height()
        return QSize(look.px(300), round(height))

    def paintEvent(self, _event: QPaintEvent) -> None:
        look, theme = self.look, self.look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        column, dot = self.width() / max(1, len(self._stops)), look.px(DOT)
        painter.setPen(QPen(QColor(theme.control), 1.8))
        last = column * (len(self._stops) - 1)
        painter.drawLine(QPointF(dot / 2, dot / 2), QPointF(last + dot / 2, dot / 2))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.accent))
        for place in range(len(self._stops)):
            painter.drawEllipse(QRectF(place * column, 0, dot, dot))
        high = self._line_height()
        for place, stop in enumerate(self._stops):
            box = QRectF(place * column, dot + look.px(GAP / 2), column - look.px(GAP), high)
            strong = (look.font(look.type.body, bold=600), look.font(look.type.meta, bold=600))
            font = fitting_font(stop.name, strong, box.width())
            draw_text(painter, box, stop.name, font, theme.text)
            for text in self._below[place]:
                box.translate(0, high)
                draw_text(painter, box, text, look.font(look.type.meta), theme.text_2)


def _parts(text: str) -> tuple[str, ...]:
    """A line each: columns are narrow."""
    return tuple(filter(None, text.split(", ")))


LABEL_WIDTH = 120


class FindingPanel(QWidget):
    """Sunken, indented to the sentence. Rebuilt for each finding.

    Signals:
        again: the person wants this check to run again.
        answered: a question was answered; carries the Confirmation, or None to take it back.
        guide: the person wants to know what this row means.
    """

    again = Signal()
    answered = Signal(object)
    guide = Signal()

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

    def _fill(self, finding: Finding, request: str, *, can_run: bool) -> None:
        if finding.stages:
            self._column.addWidget(StageStrip(self._look, finding.stages))
        elif finding.gauge is not None:
            self._column.addWidget(_WideLimitBar(self._look, finding.gauge, finding.status))
        if finding.path:
            self._column.addWidget(RouteStrip(self._look, finding.path))
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
        self._add_guide()
        if finding.tried:
            self._column.addWidget(Attempts(self._look, finding.tried))
        if words := terms_in(finding):
            self._column.addWidget(GlossaryExpander(self._look, words))

    def _facts(self, finding: Finding) -> QGridLayout:
        rows = [(detail.label, detail.text) for detail in finding.details]
        if not rows:
            rows.append((_("Needed"), finding.expected))
        grid = QGridLayout()
        grid.setHorizontalSpacing(self._look.px(16))
        grid.setVerticalSpacing(self._look.px(4))
        grid.setColumnMinimumWidth(0, self._look.px(LABEL_WIDTH - 16))
        grid.setColumnStretch(1, 1)
        for row, (name, text) in enumerate(rows):
            grid.addWidget(label(name, tone="2"), row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(WrappedLabel(text).selectable(), row, 1)
        if finding.source is not None:
            grid.addWidget(label(_("Source"), tone="2"), len(rows), 0, Qt.AlignmentFlag.AlignTop)
            self._add_source(finding.source, grid, len(rows))
        return grid

    @staticmethod
    def _add_source(source: Source, grid: QGridLayout, row: int) -> None:
        """A link where the source is a web page."""
        words, url = source_words(source), source_url(source)
        cell = QHBoxLayout()
        cell.addWidget(WrappedLabel(words).selectable(), 1)
        if url:
            link = LinkButton(_("Open the page"), url)
            cell.addWidget(link, alignment=Qt.AlignmentFlag.AlignTop)
        grid.addLayout(cell, row, 1)

    def _add_guide(self) -> None:
        button = QPushButton(_("What this row means"))
        button.setProperty("kind", "inline")
        button.setAutoDefault(False)
        button.clicked.connect(self.guide)
        self._column.addWidget(button, alignment=Qt.AlignmentFlag.AlignLeft)


def source_words(source: Source) -> str:
    """Title, section, the document's own date where it bears one, and the day it was read."""
    section = _(", \u201c{section}\u201d").format(section=source.section) if source.section else ""
    title = _(source.title)
    if not source.dated:
        return _("{title}{section}, read on {day}.").format(
            title=title, section=section, day=_day(source.read_on)
        )
    return _("{title}{section}, version of {dated}, read on {day}.").format(
        title=title, section=section, dated=_day(source.dated), day=_day(source.read_on)
    )


def _day(iso_date: str) -> str:
    when = read_moment(iso_date)
    return date_words(when) if when is not None else iso_date


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
                limit=limit_with_unit(gauge.limit, gauge.unit),
            )
        )

    def sizeHint(self) -> QSize:
        return QSize(self.look.px(300), self.look.px(20))

    def paintEvent(self, _event: QPaintEvent) -> None:
        box = QRectF(self.rect())
        paint_limit_bar(QPainter(self), box, self._gauge, self._status, self.look.theme)
