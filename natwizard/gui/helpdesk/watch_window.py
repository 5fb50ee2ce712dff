"""Watches this connection: how long, how it stands, the whole time as a chart, bad moments."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, Slot
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMenu, QMessageBox, QWidget

from natwizard.drawing.icons import Icon
from natwizard.drawing.signs import Activity
from natwizard.drawing.tokens import SPACE
from natwizard.gui.appearance import Appearance
from natwizard.gui.helpdesk.desk_window import DeskWindow
from natwizard.gui.helpdesk.facts_row import FactsRow
from natwizard.gui.helpdesk.moment_table import MomentTable
from natwizard.gui.helpdesk.watch_control import WatchControl
from natwizard.gui.report_places import proposed_path
from natwizard.gui.widgets.buttons import CopyButton, set_words
from natwizard.gui.widgets.drop_down import DropDown
from natwizard.gui.widgets.labels import WrappedLabel, label
from natwizard.gui.widgets.live_chart import LiveChart
from natwizard.model.language import _, ngettext
from natwizard.model.watch import WatchRecord
from natwizard.report.files import CannotWrite
from natwizard.report.plain import plain
from natwizard.report.watch_files import masked_watch, write_watch
from natwizard.report.watch_words import (
    span_words,
    watch_answer,
    watch_chart,
    watch_facts,
    watch_text,
)

DURATIONS_MIN = (5, 15, 60, 240, 480)
USUAL = 1
FACTS = 4


class WatchWindow(DeskWindow):
    """One watch at a time; closing the window ends it."""

    def __init__(
        self,
        look: Appearance,
        parent: QWidget,
        control: WatchControl,
        shares_names: Callable[[], bool],
    ) -> None:
        super().__init__(
            look, parent, _("Watch this connection"),
            _("A test call and an open websocket, to catch what comes and goes."),
        )  # fmt: skip
        self._control, self._shares_names = control, shares_names
        control.setParent(self)
        control.told.connect(self._on_told)
        control.ended.connect(self._on_ended)
        look.space(self.body, margins=(SPACE.xxl, SPACE.xl, SPACE.xxl, SPACE.l), spacing=SPACE.m)
        self._make_choice()
        self.state = WrappedLabel(tone="2")
        self.body.addWidget(self.state)
        self.facts = FactsRow(look, FACTS)
        self.body.addWidget(self.facts)
        self.chart = LiveChart(look)
        self.chart.set_low(low=True)
        self.body.addWidget(self.chart)
        self.log = MomentTable(look)
        self.body.addWidget(self.log, 1)
        self.body.addStretch(0)
        self.copy = CopyButton(look, _("Copy as text"), "", kind="")
        self.foot.addWidget(self.copy)
        self.save = self.button(_("Sa&ve..."), Icon.SAVE)
        self.save.clicked.connect(self._show_formats)
        self.foot.addStretch()
        self.start = self.button(_("&Start watching"), kind="primary")
        self.start.clicked.connect(self._on_start)
        self.shut = self.button(_("&Close"))
        self.shut.clicked.connect(self.close)
        self._show(None)
        self.start.setFocus()

    def _make_choice(self) -> None:
        row = QHBoxLayout()
        self.look.space(row, spacing=SPACE.m)
        row.addWidget(label(_("How long?"), face="strong"))
        self.duration = DropDown(self.look)
        self.duration.setAccessibleName(_("How long?"))
        for minutes in DURATIONS_MIN:
            self.duration.addItem(_duration_words(minutes), minutes)
        self.duration.setCurrentIndex(USUAL)
        row.addWidget(self.duration)
        text = _("Sends as much as one call, about 80 kbit/s each way, to your own test server.")
        self.hint = WrappedLabel(text, tone="2")
        row.addWidget(self.hint, 100)
        row.addStretch(1)
        self.body.addLayout(row)

    @Slot()
    def _on_start(self) -> None:
        if self._control.watching:
            self._control.stop()
            self.start.setEnabled(False)
            return
        self._control.start(60.0 * self.duration.currentData())
        self._show(None)

    @Slot(object)
    def _on_told(self, record: WatchRecord) -> None:
        self._show(record)

    @Slot(str)
    def _on_ended(self, broke: str) -> None:
        self.start.setEnabled(True)
        self._show(self._control.record)
        if broke:
            self._warn(_("The watch ended by a fault in natwizard itself."), broke)

    def _show(self, record: WatchRecord | None) -> None:
        watching = self._control.watching
        set_words(self.start, _("&Stop watching") if watching else _("&Start watching"))
        self.duration.setEnabled(not watching)
        self.save.setEnabled(record is not None and not watching)
        self.copy.give(watch_text(self._shared(record)) if record is not None else "")
        self.log.moments.tell(record)
        self.log.setVisible(record is not None and bool(record.moments))
        self.chart.setVisible(record is not None and bool(record.columns))
        self.hint.setVisible(record is None)
        self.facts.setVisible(record is not None)
        if record is None:
            self.state.setText(_("Getting ready...") if watching else self._idle_words())
            self.header.pill.hide()
            return
        self._show_record(record, watching=watching)

    def _show_record(self, record: WatchRecord, *, watching: bool) -> None:
        answer = watch_answer(record)
        if watching:
            left_s = max(0.0, record.planned_s - record.lasted_s)
            words = _("{time} to go").format(time=span_words(round(left_s)))
            self.header.pill.tell(Activity.RUNNING, words)
        else:
            self.header.pill.tell(answer.status, answer.title)
        self.header.pill.show()
        state = f"{answer.title}. {answer.sentence}" if watching else answer.sentence
        self.state.setText(" ".join(filter(None, (state, plain(record.note)))))
        self.facts.tell(watch_facts(record))
        length_s = record.planned_s if watching else 0.0
        now_s = record.columns[-1].start_s if watching and record.columns else None
        self.chart.tell(watch_chart(record, length_s=length_s), now_s=now_s)

    def _idle_words(self) -> str:
        return _("Your calls may go on meanwhile. Close the window to end the watch.")

    def _shared(self, record: WatchRecord) -> WatchRecord:
        return record if self._shares_names() else masked_watch(record)

    @Slot()
    def _show_formats(self) -> None:
        menu = QMenu(self)
        for words, suffix, kinds in (
            (_("PDF document..."), "pdf", _("PDF document (*.pdf)")),
            (_("CSV table..."), "csv", _("CSV table (*.csv)")),
            (_("JSON..."), "json", _("JSON (*.json)")),
        ):
            action = menu.addAction(words)
            action.triggered.connect(
                lambda _checked=False, suffix=suffix, kinds=kinds: self._ask_save(suffix, kinds)
            )
        menu.popup(self.save.mapToGlobal(QPoint(0, -menu.sizeHint().height())))

    def _ask_save(self, suffix: str, kinds: str) -> None:
        record = self._control.record
        if record is None:
            return
        proposal = proposed_path(record.run_code, suffix, kind="watch")
        dialog = QFileDialog(self, _("Save"), str(proposal.parent))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(kinds)
        dialog.setDefaultSuffix(suffix)
        dialog.selectFile(proposal.name)
        dialog.fileSelected.connect(lambda chosen: self.write(Path(chosen)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def write(self, path: Path) -> bool:
        """Save what was seen in the format of the file's name; says so where it cannot."""
        record = self._control.record
        if record is None:
            return False
        try:
            write_watch(self._shared(record), path)
        except CannotWrite as problem:
            self._warn(_("The watch was not saved."), str(problem))
            return False
        return True

    def _warn(self, text: str, details: str) -> None:
        box = QMessageBox(self)
        box.setWindowTitle(self.windowTitle())
        box.setText(text)
        box.setInformativeText(details)
        box.finished.connect(box.deleteLater)
        box.open()

    def done(self, result: int) -> None:
        self._control.close()
        super().done(result)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._control.close()
        super().closeEvent(event)


def _duration_words(minutes: int) -> str:
    if minutes < 60:
        return ngettext("{count} minute", "{count} minutes", minutes).format(count=minutes)
    hours = minutes // 60
    return ngettext("{count} hour", "{count} hours", hours).format(count=hours)
