"""Three pages of QWizard and nothing else: what any such program costs to start."""

import sys

from PySide6.QtCore import QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWizard, QWizardPage


class Page(QWizardPage):
    """Tells by the window's title that it has been painted."""

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - the name is Qt's
        """As of Qt."""
        super().paintEvent(event)
        QTimer.singleShot(0, lambda: wizard.setWindowTitle("painted"))


application = QApplication(sys.argv)
wizard = QWizard()
wizard.setWindowTitle("bare wizard")
for number in range(3):
    page = Page()
    page.setTitle(f"Page {number}")
    QVBoxLayout(page).addWidget(QLabel("Nothing to do."))
    wizard.addPage(page)
wizard.show()
sys.exit(application.exec())
