"""What is sent of a run to whoever the profile names: in words, and to the byte."""

import logging
import threading
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from natwizard.drawing.tokens import SPACE
from natwizard.gui.helpdesk.desk_window import DeskWindow
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.widgets.buttons import CopyButton
from natwizard.gui.widgets.labels import WrappedLabel
from natwizard.gui.widgets.painted import CheckBox, DropDown
from natwizard.model.language import _
from natwizard.model.profile import Profile, Share
from natwizard.model.report import Report
from natwizard.model.writing import number
from natwizard.report.facts import moment_words
from natwizard.report.plain import plain

if TYPE_CHECKING:  # loaded off the GUI thread
    from natwizard.share.from_here import Message


class SentWindow(DeskWindow):
    """Shows the run of the window, else the newest that is kept on this computer.

    Signals:
        loaded: carries that Report or None, and what would be sent of it.
    """

    loaded = Signal(object, object)

    def __init__(
        self, look: Appearance, parent: QWidget, profile: Profile, report: Report | None
    ) -> None:
        share = profile.share
        line = _("After each run, to {recipient}.").format(recipient=plain(share.addressee))
        super().__init__(look, parent, _("What is sent"), line)
        self._profile, self._report = profile, report
        self._messages: tuple[Message, ...] = ()
        words = WrappedLabel(_in_words(share))
        self.body.addWidget(words)
        self.which = WrappedLabel(_("Reading..."), tone="2")
        self.body.addWidget(self.which)
        self.place = DropDown(look)
        self.place.setAccessibleName(_("Where it is sent"))
        policy = DropDown.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        self.place.setSizeAdjustPolicy(policy)  # a path may be longer than the window is wide
        self.place.currentIndexChanged.connect(self._show_message)
        self.body.addWidget(self.place)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName(_("What is sent"))
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.body.addWidget(self.text, 1)
        self.body.addStretch(0)
        self.as_bytes = CheckBox(look, _("As it is sent, byte for byte"))
        self.as_bytes.toggled.connect(self._show_message)
        self.foot.addWidget(self.as_bytes)
        self.foot.addStretch()
        self.copy = CopyButton(look, _("Cop&y"), "", kind="")
        self.foot.addWidget(self.copy)
        self.shut = self.button(_("&Close"))
        self.shut.clicked.connect(self.close)
        look.space(self.foot, margins=(SPACE.xxl, SPACE.m, SPACE.xxl, SPACE.m), spacing=SPACE.m)
        self._show_parts(shown=False)
        self.loaded.connect(self._on_loaded)
        threading.Thread(target=self._load, name="show what is sent", daemon=True).start()

    def _load(self) -> None:
        """Off the GUI thread: looks for a run, masks it and asks the system for this seat."""
        from natwizard.report.store import recent_reports
        from natwizard.share.from_here import messages_of

        report = self._report or next(iter(recent_reports()), None)
        try:
            messages = messages_of(report, self._profile) if report is not None else ()
        except Exception:  # the window says that it cannot be shown; the log says why
            logging.getLogger(__name__).exception("what is sent cannot be shown")
            messages = ()
        try:
            self.loaded.emit(report, messages)
        except RuntimeError:  # the window was closed meanwhile
            return

    @Slot(object, object)
    def _on_loaded(self, report: Report | None, messages: "tuple[Message, ...]") -> None:
        self._messages = messages
        if report is None:
            self.which.setText(_("No run is kept on this computer yet. After the first, see here."))
        elif not messages:
            self.which.setText(_("What is sent of the last run cannot be shown."))
        else:
            text = _("This is all that is sent of the run of {moment}, {code}:")
            moment = moment_words(report.started_at)
            self.which.setText(plain(text.format(moment=moment, code=report.run_code)))
        text = _("{count} bytes to {place}")
        for each in messages:
            self.place.addItem(
                plain(text.format(count=number(len(each.content)), place=each.place))
            )
        self._show_parts(shown=bool(messages))
        self._show_message()
        (self.text if messages else self.shut).setFocus()

    def _show_parts(self, *, shown: bool) -> None:
        for part in (self.place, self.text, self.as_bytes, self.copy):
            part.setVisible(shown)

    @Slot()
    def _show_message(self) -> None:
        index = self.place.currentIndex()
        if not 0 <= index < len(self._messages):
            return
        content = self._messages[index].content
        readable = content if self.as_bytes.isChecked() else msgspec.json.format(content, indent=2)
        text = readable.decode()
        self.text.setPlainText(text)
        self.copy.set_content(text)


def _in_words(share: Share) -> str:
    """What the bytes below hold, for those who do not read JSON."""
    sent = _(
        "Sent: the verdict, each requirement with what was measured, versions of system and "
        "browser, the site, and a code that stands for this computer."
    )
    if share.names:
        kept = _(
            "With this computer's name. Not sent: your name, names of wireless networks, this "
            "computer's addresses, what you do."
        )
    else:
        kept = _(
            "Not sent: your name, this computer's name and addresses, names of wireless "
            "networks, what you do."
        )
    watches = _("Of a watch: when something was wrong with the line, and for how long.")
    return "\n".join((sent, *([watches] if share.watches else []), kept))
