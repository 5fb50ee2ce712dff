"""Which run is meant: one that is kept here, the one in the window, or one from a file."""

from collections.abc import Callable
from pathlib import Path

from msgspec import Struct
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from natwizard.drawing.tokens import SPACE
from natwizard.gui.appearance import Appearance
from natwizard.gui.report_places import documents
from natwizard.gui.widgets.buttons import set_words
from natwizard.gui.widgets.drop_down import DropDown
from natwizard.gui.widgets.labels import WrappedLabel, label
from natwizard.model.language import _
from natwizard.model.report import Report
from natwizard.report.facts import moment_words
from natwizard.report.open_report import UnreadableReport, open_report
from natwizard.report.plain import plain
from natwizard.report.store import StoredRun
from natwizard.report.words import DOT, verdict_words


class Candidate(Struct, frozen=True, kw_only=True):
    """One run that can be picked; `report` where it is read already."""

    run_id: str
    words: str
    path: Path | None = None
    report: Report | None = None


def kept_candidate(run: StoredRun) -> Candidate:
    """A run of the store."""
    parts = (moment_words(run.started_at), verdict_words(run.verdict), run.run_code)
    return Candidate(run_id=run.run_id, words=plain(DOT.join(parts)), path=run.path)


def report_candidate(report: Report) -> Candidate:
    """A run that somebody has in hand."""
    parts = (moment_words(report.started_at), verdict_words(report.verdict), report.run_code)
    return Candidate(run_id=report.run_id, words=plain(DOT.join(parts)), report=report)


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
        candidates: tuple[Candidate, ...],
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
            self._say(str(problem))
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
        self._say("")
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
                self._say(str(problem))
        if self.report is not None:
            self.report = self._may_show(self.report)

    def _say(self, problem: str) -> None:
        self.wrong.setText(problem)
        self.wrong.setVisible(bool(problem))
