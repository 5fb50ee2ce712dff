"""Watches this connection: how long, how it stands, the whole time as a chart, bad moments."""

import math
from collections.abc import Callable

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget

from natwizard.drawing.signs import Activity
from natwizard.drawing.tokens import SPACE
from natwizard.gui.helpdesk.watch_runner import WatchRunner
from natwizard.gui.helpdesk.watch_view import WatchView
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.stop_question import ask_to_stop_watching
from natwizard.gui.widgets.buttons import set_words
from natwizard.gui.widgets.labels import WrappedLabel, label
from natwizard.gui.widgets.painted import CheckBox, DropDown
from natwizard.model.language import _, ngettext
from natwizard.model.watch import WatchRecord
from natwizard.report.plain import plain
from natwizard.report.watch_words import call_state, span_words, watch_answer
from natwizard.report.words import DOT

DURATIONS_MIN = (5, 15, 60, 240, 480)
# The second of them: 15 minutes, as `natwizard watch` has it
USUAL = 1


class WatchWindow(WatchView):
    """One watch at a time; closing the window ends it, and asks before. A view of its control.

    `hindrance` says in a sentence why no watch can begin now; empty where one can.
    """

    def __init__(
        self,
        look: Appearance,
        parent: QWidget,
        control: WatchRunner,
        shares_names: Callable[[], bool],
        hindrance: Callable[[], str] = str,
    ) -> None:
        super().__init__(
            look, parent, _("Watch this connection"),
            _("A test call and an open websocket, to catch what comes and goes."), shares_names,
        )  # fmt: skip
        self._control, self._hindrance = control, hindrance
        self._closes = False
        control.progressed.connect(self._on_progress)
        control.ended.connect(self._on_ended)
        self._make_choice()
        self.fill_body()
        self.body.addStretch(0)
        self.start = self.button(_("&Start watching"), kind="primary")
        self.start.clicked.connect(self._on_start)
        self.shut = self.button(_("&Close"))
        self.shut.clicked.connect(self.close)
        self.show_record(control.record)
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
        self.holds_call = CheckBox(self.look, _("Have my browser hold a call, too"))
        self.holds_call.setToolTip(
            _("A page opens that takes your microphone and calls itself through the media server.")
        )
        self.body.addWidget(self.holds_call)

    @Slot()
    def _on_start(self) -> None:
        if self._control.watching:
            self._control.stop()
            self.start.setEnabled(False)
            return
        hindrance = self._hindrance()
        if hindrance:
            self.state.setText(hindrance)
            return
        calls = self._control.can_call and self.holds_call.isChecked()
        self._control.start(60.0 * self.duration.currentData(), holds_call=calls)
        self.show_record(None)

    @Slot(object)
    def _on_progress(self, record: WatchRecord) -> None:
        self.show_record(record)

    @Slot(str)
    def _on_ended(self, broke: str) -> None:
        self.start.setEnabled(True)
        self.show_record(self._control.record)
        QApplication.alert(self)
        if broke:
            self.saving.warn(_("The watch ended by a fault in natwizard itself."), broke)
        if self._closes:
            self.close()

    def show_record(self, record: WatchRecord | None) -> None:
        """Show how it stands, or stood in the end."""
        watching = self._control.watching
        set_words(self.start, _("&Stop watching") if watching else _("&Start watching"))
        self.duration.setEnabled(not watching)
        self.holds_call.setVisible(not watching and self._control.can_call)
        self.save.setEnabled(record is not None and not watching)
        self.hint.setVisible(record is None)
        self.header.pill.setVisible(record is not None)
        self._name_window(record)
        if record is None:
            self.draw_record(None, now_s=None, length_s=0.0)
            self.state.setText(_("Getting ready...") if watching else self._idle_words())
            return
        answer = watch_answer(record)
        if watching:
            self.header.pill.show_sign(Activity.RUNNING, _left_words(record))
        else:
            self.header.pill.show_sign(answer.status, answer.title)
        state = f"{answer.title}. {answer.sentence}" if watching else answer.sentence
        call = call_state(record) if watching else ""
        self.state.setText(" ".join(filter(None, (state, call, plain(record.note)))))
        length_s = record.planned_s if watching else 0.0
        now_s = record.columns[-1].start_s if watching and record.columns else None
        self.draw_record(record, now_s=now_s, length_s=length_s)

    def _name_window(self, record: WatchRecord | None) -> None:
        """The task bar shows how it stands, and changes no more than once a minute."""
        name = _("Watch this connection")
        if record is not None:
            left = _left_words(record, coarse=True) if self._control.watching else ""
            state = ", ".join(filter(None, (watch_answer(record).title, left)))
            name = DOT.join((state, name))
        if name != self.windowTitle():
            self.setWindowTitle(name)

    def _idle_words(self) -> str:
        return _("Your calls may go on meanwhile. The checks wait until the watch is over.")

    def reject(self) -> None:
        """Esc and every other way to close it: a watch that goes on asks first."""
        if self._control.watching:
            ask_to_stop_watching(self, self._stop_and_close, self._control.ended)
            return
        super().reject()

    @Slot()
    def _stop_and_close(self) -> None:
        self._closes = True
        self._control.stop()


def _left_words(record: WatchRecord, *, coarse: bool = False) -> str:
    left_s = max(0.0, record.planned_s - record.lasted_s)
    if coarse and left_s > 60:
        left_s = 60.0 * math.ceil(left_s / 60)
    return _("{time} to go").format(time=span_words(round(left_s)))


def _duration_words(minutes: int) -> str:
    if minutes < 60:
        return ngettext("{count} minute", "{count} minutes", minutes).format(count=minutes)
    hours = minutes // 60
    return ngettext("{count} hour", "{count} hours", hours).format(count=hours)
