"""Three pages of QWizard and nothing else: what any such program costs to start."""

import sys

from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWizard, QWizardPage

application = QApplication(sys.argv)
wizard = QWizard()
wizard.setWindowTitle("bare wizard")
for number in range(3):
    page = QWizardPage()
    page.setTitle(f"Page {number}")
    QVBoxLayout(page).addWidget(QLabel("Nothing to do."))
    wizard.addPage(page)
wizard.show()
sys.exit(application.exec())
