"""A watch that was saved, exactly as it was."""

from collections.abc import Callable

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from natwizard.gui.appearance import Appearance
from natwizard.gui.helpdesk.watch_view import WatchView
from natwizard.gui.widgets.labels import WrappedLabel
from natwizard.model.language import _
from natwizard.model.watch import WatchRecord
from natwizard.report.facts import moment_words
from natwizard.report.plain import plain
from natwizard.report.watch_files import masked_watch
from natwizard.report.watch_methods import watch_methods
from natwizard.report.watch_words import watch_answer
from natwizard.report.words import DOT


class SavedWatchWindow(WatchView):
    """For reading; any number may be open, also while something is measured."""

    def __init__(
        self,
        look: Appearance,
        parent: QWidget,
        record: WatchRecord,
        shares_names: Callable[[], bool],
        hides_names: Callable[[], bool],
    ) -> None:
        code = plain(record.run_code)
        opened = _("Watch of {moment}, opened from a file.").format(
            moment=plain(moment_words(record.started_at))
        )
        line = f"{opened} {_('Run code: {code}.').format(code=code)}"
        super().__init__(look, parent, _("Connection watch"), line, shares_names)
        self.saved, self._hides_names = record, hides_names
        answer = watch_answer(record)
        self.setWindowTitle(plain(DOT.join((answer.title, code, _("Connection watch")))))
        self.header.pill.tell(answer.status, answer.title)
        self.header.pill.show()
        self.fill_body()
        self.body.addStretch(0)
        self.state.setText(answer.sentence)
        self.methods = WrappedLabel(face="meta", tone="2").selectable()
        self.body.addWidget(self.methods)
        self.shut = self.button(_("&Close"), kind="primary")
        self.shut.clicked.connect(self.close)
        self.refresh()
        self.shut.setFocus()

    @Slot()
    def refresh(self) -> None:
        """Show it with names, or without where they are hidden."""
        hidden = self._hides_names() and not self.saved.redacted
        shown = masked_watch(self.saved) if hidden else self.saved
        if shown != self.record:
            self.tell(shown, now_s=None, length_s=0.0)
            self.methods.setText(plain(" ".join(watch_methods(shown))))
