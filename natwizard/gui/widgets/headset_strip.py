"""Offers the headset test, and says what to do in the browser while it runs."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton

from natwizard.checks.audio_microphone import AUDIO_MICROPHONE
from natwizard.checks.audio_speaker import AUDIO_SPEAKER
from natwizard.drawing.icons import Icon
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.run.run_control import RunControl
from natwizard.gui.widgets.glyph import Glyph
from natwizard.gui.widgets.labels import WrappedLabel
from natwizard.model.finding import Finding, Status
from natwizard.model.language import _


class HeadsetStrip(QFrame):
    """One line with one button; hidden where nobody speaks through this computer.

    Signals:
        wanted: the person wants to test their headset.
    """

    wanted = Signal()

    def __init__(self, look: Appearance) -> None:
        super().__init__()
        self.setProperty("box", "strip")
        row = QHBoxLayout(self)
        look.space(row, margins=(14, 9, 14, 9), spacing=10)
        row.addWidget(Glyph(look, Icon.BROWSER, side=18))
        self.text = WrappedLabel()
        row.addWidget(self.text, 1)
        self.button = QPushButton()
        self.button.setAutoDefault(False)
        self.button.clicked.connect(self.wanted)
        row.addWidget(self.button)
        self.hide()

    def refresh(self, control: RunControl) -> None:
        """Show how the test stands."""
        doing, may = control.model.asks_for_help, control.can_test_headset()
        self.setVisible(bool(doing) or may)
        self.button.setVisible(not doing)
        self.button.setText(_("Test my headset"))
        if doing:
            self.text.setText(_("Look at your browser: {doing}").format(doing=doing))
        elif may:
            self.text.setText(_words([control.model.finding(name) for name in CHECKS_OF_IT]))


CHECKS_OF_IT = (AUDIO_MICROPHONE.name, AUDIO_SPEAKER.name)


def _words(findings: list[Finding | None]) -> str:
    statuses = {finding.status for finding in findings if finding is not None}
    if Status.MANUAL in statuses:
        return _("Your headset was not tried yet. It takes half a minute, in your browser.")
    if statuses == {Status.PASS}:
        return _("Your headset works. You can test it as often as you like.")
    if statuses <= {Status.UNKNOWN}:  # it may have been tried: nobody was heard to speak
        return _("Test your headset here. It takes half a minute, in your browser.")
    return _("Test your headset again when you have changed something.")
