"""Telephone numbers: the default country, one number, a file, the rule for Salesforce."""

from PySide6.QtCore import QLocale, Slot
from PySide6.QtWidgets import QHBoxLayout, QLineEdit

from natwizard.drawing.tokens import SPACE
from natwizard.gui.appearance import Appearance
from natwizard.gui.planner.file_box import FileBox
from natwizard.gui.planner.number_box import NumberBox
from natwizard.gui.planner.number_work import NumberWork
from natwizard.gui.planner.page import PlannerPage
from natwizard.gui.planner.rule_box import RuleBox
from natwizard.gui.widgets.labels import WrappedLabel, label, set_tone
from natwizard.gui.widgets.sizes import keep_width
from natwizard.model.language import _
from natwizard.planner.numbers import NumberChecker, UnknownCountry

COUNTRY_WIDTH = 64


class NumbersPage(PlannerPage):
    """Nothing of it leaves this computer."""

    def __init__(self, look: Appearance) -> None:
        line = _("Are they written so that calls find them? Nothing leaves this computer.")
        super().__init__(look, _("Phone numbers"), line)
        self.work = NumberWork(self)
        row = QHBoxLayout()
        look.space(row, spacing=SPACE.s)
        said = label(_("Country of numbers without a country code"))
        self.country = QLineEdit(_usual_country())
        self.country.setMaxLength(2)
        self.country.setAccessibleName(_("Country of numbers without a country code, two letters"))
        keep_width(look, self.country, COUNTRY_WIDTH)
        said.setBuddy(self.country)
        self.country_name = WrappedLabel(tone="2")
        row.addWidget(said)
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
        name = QLocale.territoryToString(QLocale.codeToTerritory(country))
        self.country_name.setText(name if country else _("None: such numbers are not guessed."))
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
