"""A file of telephone numbers: choose it, watch it being checked, save it corrected."""

from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from natwizard.drawing.icons import Icon
from natwizard.drawing.signs import Activity, Sign
from natwizard.drawing.tokens import SPACE
from natwizard.gui.appearance import Appearance
from natwizard.gui.planner.number_work import FileTask, NumberWork
from natwizard.gui.widgets.bar import Bar
from natwizard.gui.widgets.buttons import IconButton
from natwizard.gui.widgets.check_box import CheckBox
from natwizard.gui.widgets.glyph import Glyph
from natwizard.gui.widgets.labels import WrappedLabel, label
from natwizard.gui.widgets.sizes import keep_width
from natwizard.model.finding import Status
from natwizard.model.language import _
from natwizard.model.writing import number
from natwizard.planner.number_file import NumbersSummary
from natwizard.planner.number_words import reason_words
from natwizard.planner.numbers import Reason
from natwizard.report.plain import plain

COLUMN_WIDTH = 160
REASONS_SHOWN = 3


class FileBox(QWidget):
    """Two steps: check, then save. Both run off the window's thread and can be stopped.

    Signals:
        settled: a file is done, or could not be; carries what the line says.
    """

    settled = Signal(str)

    def __init__(self, look: Appearance, work: NumberWork) -> None:
        super().__init__()
        self._look, self._work = look, work
        self._country = ""
        self.source: Path | None = None
        column = QVBoxLayout(self)
        look.space(column, spacing=SPACE.s)
        column.addWidget(label(_("A file of numbers"), face="lead"))
        column.addLayout(self._make_buttons())
        told = QHBoxLayout()
        look.space(told, spacing=SPACE.s)
        self.sign = Glyph(look, Activity.WAITING, side=18)
        self.line = WrappedLabel(tone="2")
        told.addWidget(self.sign)
        told.addWidget(self.line, 1)
        column.addLayout(told)
        self.bar = Bar(look)
        self.bar.hide()
        column.addWidget(self.bar)
        column.addLayout(self._make_choices())
        work.progressed.connect(self._on_progress)
        work.finished.connect(self._on_finished)
        work.failed.connect(self._on_failed)
        work.stopped.connect(self._on_stopped)
        self._tell(
            Activity.WAITING, _("A CSV file of any size. It stays on this computer, as it is.")
        )
        self._settle(running=False)

    def _make_buttons(self) -> QHBoxLayout:
        look, row = self._look, QHBoxLayout()
        look.space(row, spacing=SPACE.s)
        self.choose = IconButton(look, Icon.FILE, _("Choose a &file..."))
        self.choose.clicked.connect(self._ask_source)
        self.save = IconButton(look, Icon.SAVE, _("Save it c&orrected..."))
        self.save.clicked.connect(self._ask_output)
        self.stop = IconButton(look, Icon.STOP, _("S&top"))
        self.stop.clicked.connect(self._work.stop)
        for button in (self.choose, self.save, self.stop):
            row.addWidget(button)
        row.addStretch()
        return row

    def _make_choices(self) -> QHBoxLayout:
        look, row = self._look, QHBoxLayout()
        look.space(row, spacing=SPACE.s)
        self.guard = CheckBox(look, _("Make formulas harmless"))
        self.guard.setChecked(True)
        row.addWidget(self.guard)
        row.addStretch()
        said = label(_("Column"), tone="2")
        self.column = QLineEdit()
        self.column.setPlaceholderText(_("found by itself"))
        self.column.setAccessibleName(_("Column with the numbers: its name or number"))
        keep_width(look, self.column, COLUMN_WIDTH)
        self.column.returnPressed.connect(self._check)
        said.setBuddy(self.column)
        row.addWidget(said)
        row.addWidget(self.column)
        return row

    def use(self, country: str) -> None:
        """Another default country; the next check takes it."""
        self._country = country

    def check(self, source: Path) -> None:
        """Begin to check a file."""
        self.source = source
        self._check()

    def write(self, output: Path) -> None:
        """Begin to write the file anew, with what is right beside what was there."""
        self._begin(output)

    @Slot()
    def _check(self) -> None:
        if self.source is not None:
            self._begin(None)

    def _begin(self, output: Path | None) -> None:
        if self.source is None or self._work.busy:
            return
        self._settle(running=True)
        self.bar.tell(0.0, "")
        self._tell(Activity.RUNNING, _("Reading {name}...").format(name=self.source.name))
        self._work.start(
            FileTask(
                source=self.source,
                output=output,
                country=self._country,
                column=self.column.text().strip(),
                guard_all=self.guard.isChecked(),
            )
        )

    @Slot()
    def _ask_source(self) -> None:
        dialog = QFileDialog(self.window(), _("Choose a file"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([_("Tables (*.csv *.txt *.tsv)"), _("All files (*)")])
        dialog.fileSelected.connect(lambda name: self.check(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot()
    def _ask_output(self) -> None:
        if self.source is None:
            return
        dialog = QFileDialog(self.window(), _("Save it corrected"), str(self.source.parent))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(_("Tables (*.csv)"))
        dialog.setDefaultSuffix("csv")
        dialog.selectFile(f"{self.source.stem}-corrected.csv")
        dialog.fileSelected.connect(lambda name: self.write(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot(float, int)
    def _on_progress(self, share: float, rows: int) -> None:
        text = _("{rows} rows checked").format(rows=number(rows))
        self.bar.tell(share, text)
        self._tell(Activity.RUNNING, text)

    @Slot(object, str)
    def _on_finished(self, summary: NumbersSummary, output: str) -> None:
        self._settle(running=False)
        wrong = summary.correctable + summary.invalid
        sentence = summary_sentence(summary)
        if output:
            sentence += "\n" + plain(_("Saved: {path}").format(path=output))
        self._tell(Status.WARN if wrong else Status.PASS, sentence)
        self.settled.emit(sentence)

    @Slot(str)
    def _on_failed(self, reason: str) -> None:
        self._settle(running=False)
        self._tell(Status.FAIL, plain(reason[:1].upper() + reason[1:]))
        self.settled.emit(self.line.text())

    @Slot()
    def _on_stopped(self) -> None:
        self._settle(running=False)
        self._tell(Activity.WAITING, _("Stopped. Nothing was written."))
        self.settled.emit(self.line.text())

    def _settle(self, *, running: bool) -> None:
        self.bar.setVisible(running)
        self.stop.setVisible(running)
        self.choose.setEnabled(not running)
        self.save.setEnabled(not running and self.source is not None)
        self._look.motion.run(wanted=running, quiet=False)

    def _tell(self, sign: Sign, text: str) -> None:
        self.sign.show_sign(sign)
        self.line.setText(text)


def summary_sentence(summary: NumbersSummary) -> str:
    """Counts, and the most frequent reasons."""
    counts = _("{total} numbers: {valid} valid, {fixable} can be corrected, {invalid} not valid,"
               " {empty} empty.")  # fmt: skip
    lines = [
        counts.format(
            total=number(summary.numbers),
            valid=number(summary.valid),
            fixable=number(summary.correctable),
            invalid=number(summary.invalid),
            empty=number(summary.empty),
        )
    ]
    reasons = [seen for seen in summary.reasons if seen.name != Reason.EMPTY.value]
    lines += [
        f"{number(seen.count)}: {reason_words(Reason(seen.name))}"
        for seen in reasons[:REASONS_SHOWN]
    ]
    return "\n".join(lines)
