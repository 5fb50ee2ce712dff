"""A QWizard whose first page holds the controls of natwizard's: plain ones of Qt, nothing of ours.

What it takes beyond the bare wizard is what PySide and Qt take to make and lay out such a page:
the least that any first page of this kind can cost.
"""

import sys

from PySide6.QtCore import QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import (
    QApplication,
    QButtonGroup,
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
    QWizard,
    QWizardPage,
)


class Page(QWizardPage):
    """Tells by the window's title that it has been painted."""

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - the name is Qt's
        """As of Qt."""
        super().paintEvent(event)
        QTimer.singleShot(0, lambda: wizard.setWindowTitle("painted"))


application = QApplication(sys.argv)
wizard = QWizard()
wizard.setWindowTitle("plain wizard")
wizard.setStyleSheet("QLabel { font-size: 14px } QPushButton { padding: 6px 12px }")

content = QWidget()
inner = QVBoxLayout(content)
for text in (
    "Is this computer ready for calls?",
    "What is tried, and how long it takes.",
    "Profile",
):
    label = QLabel(text)
    label.setWordWrap(True)
    inner.addWidget(label)
group = QButtonGroup(content)
row = QHBoxLayout()
for text in ("At home", "In the office"):
    button = QRadioButton(text)
    group.addButton(button)
    row.addWidget(button)
inner.addLayout(row)
calls = QSpinBox()
calls.setRange(1, 500)
inner.addWidget(calls)
for text in ("Ask public servers", "Turn the pages for me", "Send the result"):
    inner.addWidget(QCheckBox(text))
for text in ("Others", "Change", "Language"):
    button = QPushButton(text)
    menu = QMenu(button)
    menu.addAction("One")
    button.setMenu(menu)
    inner.addWidget(button)
inner.addWidget(QFrame())

area = QScrollArea()
area.setWidgetResizable(True)
area.setWidget(content)
page = Page()
page.setTitle("Welcome")
QVBoxLayout(page).addWidget(area)
wizard.addPage(page)
for _number in range(2):
    wizard.addPage(QWizardPage())
wizard.show()
sys.exit(application.exec())
