"""Telephone numbers: the default country, one number, a file, the rule for Salesforce."""

from pathlib import Path

from PySide6.QtCore import QLocale, Signal, Slot
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from natwizard.drawing.icons import Icon
from natwizard.drawing.signs import Activity, Sign
from natwizard.drawing.tokens import SPACE
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.planner.number_work import FileTask, NumberWork
from natwizard.gui.planner.page import PlannerPage
from natwizard.gui.widgets.buttons import CopyButton, IconButton
from natwizard.gui.widgets.glyph import Glyph
from natwizard.gui.widgets.labels import WrappedLabel, keep_height, keep_width, label, set_tone
from natwizard.gui.widgets.painted import Bar, CheckBox
from natwizard.gui.widgets.saved_notice import show_saved
from natwizard.model.finding import Status
from natwizard.model.language import _
from natwizard.model.writing import labelled, number
from natwizard.planner.number_file import NumbersSummary
from natwizard.planner.numbers import (
    MOST_CHARACTERS,
    NumberChecker,
    NumberProblem,
    NumberResult,
    NumberState,
    UnknownCountry,
    country_name,
    kind_words,
    reason_words,
    state_words,
)
from natwizard.planner.validation_rule import (
    LONGEST_FIELD_NAME,
    BadFieldName,
    validation_rule,
)
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
        status_row = QHBoxLayout()
        look.space(status_row, spacing=SPACE.s)
        self.sign = Glyph(look, Activity.WAITING, side=18)
        self.line = WrappedLabel(tone="2")
        status_row.addWidget(self.sign)
        status_row.addWidget(self.line, 1)
        column.addLayout(status_row)
        self.bar = Bar(look)
        self.bar.hide()
        column.addWidget(self.bar)
        column.addLayout(self._make_choices())
        work.progressed.connect(self._on_progress)
        work.finished.connect(self._on_finished)
        work.failed.connect(self._on_failed)
        work.stopped.connect(self._on_stopped)
        self._show_status(
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
        caption = label(_("Column"), tone="2")
        self.column = QLineEdit()
        self.column.setPlaceholderText(_("found by itself"))
        self.column.setAccessibleName(_("Column with the numbers: its name or number"))
        keep_width(look, self.column, COLUMN_WIDTH)
        self.column.returnPressed.connect(self._check)
        caption.setBuddy(self.column)
        row.addWidget(caption)
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
        """Begin to rewrite the file, with what is right beside what was there."""
        self._begin(output)

    @Slot()
    def _check(self) -> None:
        if self.source is not None:
            self._begin(None)

    def _begin(self, output: Path | None) -> None:
        if self.source is None or self._work.busy:
            return
        self._settle(running=True)
        self.bar.set_progress(0.0, "")
        self._show_status(Activity.RUNNING, _("Reading {name}...").format(name=self.source.name))
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
        self.bar.set_progress(share, text)
        self._show_status(Activity.RUNNING, text)

    @Slot(object, str)
    def _on_finished(self, summary: NumbersSummary, output: str) -> None:
        self._settle(running=False)
        wrong = summary.correctable + summary.invalid
        sentence = summary_sentence(summary)
        if output:
            sentence += "\n" + plain(_("Saved: {path}").format(path=output))
            show_saved(self.window(), Path(output))
        self._show_status(Status.WARN if wrong else Status.PASS, sentence)
        self.settled.emit(sentence)

    @Slot(str)
    def _on_failed(self, reason: str) -> None:
        self._settle(running=False)
        self._show_status(Status.FAIL, plain(reason[:1].upper() + reason[1:]))
        self.settled.emit(self.line.text())

    @Slot()
    def _on_stopped(self) -> None:
        self._settle(running=False)
        self._show_status(Activity.WAITING, _("Stopped. Nothing was written."))
        self.settled.emit(self.line.text())

    def _settle(self, *, running: bool) -> None:
        """The keyboard stays with the file: on Stop meanwhile, then on what comes next."""
        had_focus = any(each.hasFocus() for each in (self.choose, self.save, self.stop))
        self.bar.setVisible(running)
        self.stop.setVisible(running)
        if running and had_focus:
            self.stop.setFocus()
        self.choose.setEnabled(not running)
        self.save.setEnabled(not running and self.source is not None)
        self.save.setToolTip("" if self.source is not None else _("Choose a file first."))
        if not running and had_focus:
            (self.save if self.save.isEnabled() else self.choose).setFocus()
        self._look.motion.run(wanted=running, quiet=False)

    def _show_status(self, sign: Sign, text: str) -> None:
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
    reasons = [seen for seen in summary.reasons if seen.name != NumberProblem.EMPTY.value]
    lines += [
        labelled(number(seen.count), reason_words(NumberProblem(seen.name)))
        for seen in reasons[:REASONS_SHOWN]
    ]
    return "\n".join(lines)


SIGNS: dict[NumberState, Sign] = {
    NumberState.VALID: Status.PASS,
    NumberState.CORRECTABLE: Status.WARN,
    NumberState.INVALID: Status.FAIL,
    NumberState.EMPTY: Activity.WAITING,
}


class NumberBox(QWidget):
    """A field, and one line that says how the number stands."""

    def __init__(self, look: Appearance) -> None:
        super().__init__()
        self._checker = NumberChecker()
        column = QVBoxLayout(self)
        look.space(column, spacing=SPACE.s)
        title = label(_("One number"), face="lead")
        self.field = QLineEdit()
        self.field.setMaxLength(MOST_CHARACTERS)
        self.field.setPlaceholderText("020 7946 0958")
        self.field.setAccessibleName(_("A telephone number"))
        title.setBuddy(self.field)
        self.sign = Glyph(look, Activity.WAITING, side=18)
        self.line = WrappedLabel(tone="2").selectable()
        status_row = QHBoxLayout()
        look.space(status_row, spacing=SPACE.s)
        status_row.addWidget(self.sign)
        status_row.addWidget(self.line, 1)
        column.addWidget(title)
        column.addWidget(self.field)
        column.addLayout(status_row)
        self.field.textChanged.connect(self._judge)
        self._judge()

    def use(self, checker: NumberChecker) -> None:
        """Judge with another default country."""
        self._checker = checker
        self._judge()

    @Slot()
    def _judge(self) -> None:
        found = self._checker.check(self.field.text())
        self.sign.show_sign(SIGNS[found.state])
        self.line.setText(_sentence(found))


def _sentence(found: NumberResult) -> str:
    """How it stands, why, and where it belongs."""
    if found.state is NumberState.EMPTY:
        return _("Type a number; the answer comes as you type.")
    place = ", ".join(
        filter(None, (found.country, kind_words(found.kind) if found.kind is not None else ""))
    )
    state = state_words(found.state)
    if found.state is NumberState.VALID:
        return plain(labelled(state, place))
    reason = reason_words(found.reason) if found.reason is not None else ""
    if found.e164:
        text = _("{state}: {e164} ({place}). {reason}")
        return plain(text.format(state=state, e164=found.e164, place=place, reason=reason))
    return plain(f"{state}. {reason}")


FIELD_WIDTH = 200
# Room for the four lines of the formula
RULE_HEIGHT = 98


class RuleBox(QWidget):
    """A field's API name, the formula that refuses anything but E.164, and its message."""

    def __init__(self, look: Appearance) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        look.space(column, spacing=SPACE.s)
        column.addWidget(label(_("A rule that keeps a Salesforce field right"), face="lead"))
        row = QHBoxLayout()
        look.space(row, spacing=SPACE.s)
        caption = label(_("API name of the field"), tone="2")
        self.field = QLineEdit("Phone")
        self.field.setMaxLength(LONGEST_FIELD_NAME)
        self.field.setAccessibleName(_("API name of the field"))
        keep_width(look, self.field, FIELD_WIDTH)
        caption.setBuddy(self.field)
        row.addWidget(caption)
        row.addWidget(self.field)
        self.copy_formula = CopyButton(look, _("Copy the for&mula"), "")
        self.copy_message = CopyButton(look, _("Copy the m&essage"), "")
        row.addStretch()
        column.addLayout(row)
        self.rule = QPlainTextEdit()
        self.rule.setReadOnly(True)
        self.rule.setTabChangesFocus(True)
        self.rule.setAccessibleName(_("Error Condition Formula"))
        self.rule.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        keep_height(look, self.rule, RULE_HEIGHT)
        column.addWidget(self.rule)
        self.line = WrappedLabel(tone="2")
        column.addWidget(self.line)
        buttons = QHBoxLayout()
        look.space(buttons, spacing=SPACE.s)
        buttons.addWidget(self.copy_formula)
        buttons.addWidget(self.copy_message)
        buttons.addStretch()
        column.addLayout(buttons)
        self.field.textChanged.connect(self._write)
        self._write()

    @Slot()
    def _write(self) -> None:
        try:
            rule = validation_rule(self.field.text().strip())
        except BadFieldName:
            self.rule.setPlainText("")
            self.line.setText(_("Type the API name, such as Phone or Direct_Dial__c."))
        else:
            self.rule.setPlainText(rule.formula)
            where = _("Object Manager: data type {type}; Validation Rules, New. Rule Name: {name}.")
            self.line.setText(where.format(name=rule.name, type=rule.field_type))
            self.rule.setToolTip(" ".join(rule.notes))
            self.copy_message.setToolTip(rule.message)
            self.copy_formula.set_content(rule.formula)
            self.copy_message.set_content(rule.message)
        has_rule = bool(self.rule.toPlainText())
        self.copy_formula.setEnabled(has_rule)
        self.copy_message.setEnabled(has_rule)


COUNTRY_WIDTH = 64


class NumbersPage(PlannerPage):
    """Nothing of it leaves this computer."""

    def __init__(self, look: Appearance) -> None:
        line = _("Are they written so that calls find them? Nothing leaves this computer.")
        super().__init__(look, _("Phone numbers"), line)
        self.work = NumberWork(self)
        row = QHBoxLayout()
        look.space(row, spacing=SPACE.s)
        caption = label(_("Country of numbers without a country code"))
        self.country = QLineEdit(_usual_country())
        self.country.setMaxLength(2)
        self.country.setAccessibleName(_("Country of numbers without a country code, two letters"))
        keep_width(look, self.country, COUNTRY_WIDTH)
        caption.setBuddy(self.country)
        self.country_name = WrappedLabel(tone="2")
        row.addWidget(caption)
        row.addWidget(self.country)
        row.addWidget(self.country_name, 1)
        self.single = NumberBox(look)
        self.file = FileBox(look, self.work)
        self.rule = RuleBox(look)
        self.inner.addLayout(row)
        look.space(self.inner, spacing=SPACE.m)
        for box in (self.single, self.file, self.rule):
            self.inner.addWidget(box)
        self.inner.addStretch(1)
        self.country.textChanged.connect(self._on_country)
        self._on_country()

    @Slot()
    def _on_country(self) -> None:
        country = self.country.text().strip().upper()
        try:
            checker = NumberChecker(country)
        except UnknownCountry:
            self.country_name.setText(_("There is no such country. Two letters, such as GB."))
            set_tone(self.country_name, "fail")
            return
        set_tone(self.country_name, "2")
        none = _("None: such numbers are not guessed.")
        self.country_name.setText(country_name(country) if country else none)
        self.single.use(checker)
        self.file.use(country)


def _usual_country() -> str:
    """The computer's own, where the numbering plans know it."""
    code = QLocale.territoryToCode(QLocale.system().territory())
    try:
        NumberChecker(code)
    except UnknownCountry:
        return ""
    return code
