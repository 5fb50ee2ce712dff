"""Welcome: how calls are taken, how many at once, and the webphone's address."""

from msgspec import structs
from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QSizePolicy,
    QSpacerItem,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from natwizard.drawing.icons import Icon
from natwizard.drawing.tokens import SPACE
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.look.preferences import Preferences
from natwizard.gui.look.texts import role_line, role_title
from natwizard.gui.pages.base import PageHeader, WizardPage, scrolling
from natwizard.gui.widgets.buttons import ActionLink, set_words
from natwizard.gui.widgets.choice_card import ChoiceCard
from natwizard.gui.widgets.glyph import Glyph
from natwizard.gui.widgets.labels import WrappedLabel, label
from natwizard.gui.widgets.newer_version import NewerVersion
from natwizard.gui.widgets.painted import CheckBox
from natwizard.gui.widgets.target_field import TargetField
from natwizard.languages import available_languages
from natwizard.model.language import _, current_language
from natwizard.model.profile import MOST_CONCURRENT_CALLS, Answers, Profile, Role, Share
from natwizard.model.writing import labelled
from natwizard.report.plain import isolated, plain

CARDS = {
    Role.WEBPHONE: Icon.BROWSER,
    Role.SIP_DEVICE: Icon.DESK_PHONE,
    Role.MOBILE: Icon.MOBILE,
}
OTHERS = {Role.OVER_THE_TOP: Icon.MOBILE, Role.ADMINISTRATOR: Icon.SHIELD}


class WelcomePage(WizardPage):
    """Asks; starts nothing itself.

    Signals:
        answered: role, calls or address are different now.
        change_profile: the person wants another profile.
        test_target: the person wants the address tested.
        stop_test: the person wants that test to end.
        change_language: carries the code of the language they picked.
    """

    answered = Signal()
    change_profile = Signal()
    test_target = Signal()
    stop_test = Signal()
    change_language = Signal(str)

    def __init__(self, look: Appearance, answers: Answers, show_sent: QAction) -> None:
        super().__init__(look, _("Welcome"))
        self._show_sent = show_sent
        self._cards: dict[Role, ChoiceCard] = {}
        self.header = PageHeader(
            look,
            _("Is this computer ready for the webphone?"),
            _("One press, about a minute. Nothing is installed and no setting is changed."),
        )
        self.header.pill.hide()
        self._add_inset(self.header)
        content = QWidget()
        self._inner = QVBoxLayout(content)
        look.space(self._inner, spacing=10)
        self._make_roles(answers.role)
        self._make_calls(answers.concurrent_calls)
        self._given = answers
        self.target = TargetField(look)
        self.target.test.connect(self.test_target)
        self.target.stop.connect(self.stop_test)
        self.target.edited.connect(self.answered)
        self._inner.addWidget(self.target)
        self._make_profile()
        self._make_public()
        self.newer = NewerVersion(look)
        self._inner.addWidget(self.newer)
        self._gap = QWidget()  # a row above takes its place
        # air where there is room; with a wide font the page fits its usual size without
        self._gap.setMaximumHeight(look.px(SPACE.xl))
        self._gap.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self._inner.addWidget(self._gap)
        self._make_foot()
        self._inner.addStretch(1)
        self.column.addWidget(scrolling(content, look), 1)

    def _make_roles(self, chosen: Role) -> None:
        look = self.look
        head = QHBoxLayout()
        head.addWidget(label(_("How do you take calls?"), face="lead"))
        head.addStretch()
        self.others = QPushButton()
        set_words(self.others, _("&Other ways"))
        self.others.setProperty("kind", "inline")
        self.others.setAutoDefault(False)
        menu = QMenu(self.others)
        for role in OTHERS:
            action = menu.addAction(labelled(role_title(role), role_line(role)))
            action.setData(role.value)
        menu.triggered.connect(lambda action: self.choose(Role(action.data())))
        self.others.clicked.connect(
            lambda: menu.popup(self.others.mapToGlobal(self.others.rect().bottomLeft()))
        )
        head.addWidget(self.others)
        self._inner.addLayout(head)
        row = QHBoxLayout()
        look.space(row, spacing=SPACE.m)
        self._group = QButtonGroup(self)
        for role, icon in {**CARDS, **OTHERS}.items():
            card = ChoiceCard(look, icon, role_title(role), role_line(role))
            self._cards[role] = card
            self._group.addButton(card)
            row.addWidget(card, 1)
        self._group.buttonToggled.connect(self._on_role)
        self._inner.addLayout(row)
        self._add_air()
        self.choose(chosen)

    def _add_air(self) -> None:
        """Between two questions, as far as the page's usual size has room for it."""
        fixed, shrinks = QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Preferred
        self._inner.addSpacerItem(QSpacerItem(0, self.look.px(SPACE.s), fixed, shrinks))

    def _make_calls(self, calls: int) -> None:
        look = self.look
        self._inner.addWidget(label(_("How busy is your site?"), face="lead"))
        row = QHBoxLayout()
        look.space(row, spacing=SPACE.m)
        self.calls = QSpinBox()
        self.calls.setRange(1, MOST_CONCURRENT_CALLS)
        self.calls.setValue(calls)
        self.calls.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        self.calls.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.calls.setFixedWidth(look.px(96))
        self.calls.setAccessibleName(_("Calls at the same time"))
        self.calls.valueChanged.connect(self.answered)
        row.addWidget(self.calls)
        text = _("calls at the same time from this building. Leave 1 if you work from home.")
        row.addWidget(WrappedLabel(text, tone="2"), 1)
        self._inner.addLayout(row)
        self._add_air()

    def _make_profile(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(self.look.px(SPACE.xs))
        self.profile_line = label(tone="2")
        row.addWidget(self.profile_line)
        change = QPushButton()
        set_words(change, _("Change &profile..."))
        change.setProperty("kind", "inline")
        change.setAutoDefault(False)
        change.clicked.connect(self.change_profile)
        row.addWidget(change)
        row.addStretch()
        self._inner.addLayout(row)

    def _make_public(self) -> None:
        """Whose servers they are stands beside the box: a box's own text does not wrap."""
        self.public = CheckBox(self.look, _("Also ask public servers"))
        self.public.toggled.connect(self.answered)
        self.operators = WrappedLabel(tone="2")
        # a box is higher than a line: the first one stands beside the box's own text
        self.operators.setContentsMargins(0, self.look.px(2), 0, 0)
        row = QHBoxLayout()
        self.look.space(row, spacing=SPACE.m)
        row.addWidget(self.public, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.operators, 1, Qt.AlignmentFlag.AlignTop)
        self._inner.addLayout(row)

    def _make_foot(self) -> None:
        look = self.look
        row = QHBoxLayout()
        row.setSpacing(look.px(SPACE.s))
        row.addWidget(Glyph(look, Icon.SHIELD, side=18))
        self.sharing = WrappedLabel(tone="2")
        row.addWidget(self.sharing, 1)
        row.addWidget(ActionLink(self._show_sent), 0, Qt.AlignmentFlag.AlignBottom)
        self._inner.addLayout(row)
        self.show_result = CheckBox(look, _("Show me the result when it is done"))
        self.show_result.setChecked(Preferences().show_result)
        row = QHBoxLayout()
        row.addWidget(self.show_result)
        row.addStretch()
        row.addWidget(self._language_button())
        self._inner.addLayout(row)
        self.turn_pages = CheckBox(look, _("Turn the pages for me while it runs"))
        self.turn_pages.setChecked(Preferences().turn_pages)
        self._inner.addWidget(self.turn_pages)

    def _language_button(self) -> QPushButton:
        """Each language by its own name, for whoever cannot read this one."""
        names = available_languages()
        self.languages = QPushButton()
        name = names[current_language().code]
        set_words(self.languages, _("&Language: {name}").format(name=name))
        self.languages.setProperty("kind", "inline")
        self.languages.setAutoDefault(False)
        menu = QMenu(self.languages)
        for code, name in names.items():
            action = menu.addAction(name)
            action.setData(code)
            action.setCheckable(True)
            action.setChecked(code == current_language().code)
        menu.triggered.connect(lambda action: self.change_language.emit(action.data()))
        self.languages.clicked.connect(
            lambda: menu.popup(self.languages.mapToGlobal(QPoint(0, -menu.sizeHint().height())))
        )
        return self.languages

    def role(self) -> Role:
        """The chosen way of taking calls."""
        return next(role for role, card in self._cards.items() if card.isChecked())

    def choose(self, role: Role) -> None:
        """Choose a role; the rarer ones get a card once they are chosen."""
        card = self._cards[role]
        for other in OTHERS:
            self._cards[other].setVisible(other is role)
        card.setChecked(True)

    def answers(self) -> Answers:
        """What the person chose."""
        return structs.replace(self._given, role=self.role(), concurrent_calls=self.calls.value())

    def show_profile(self, profile: Profile) -> None:
        """Show which profile is in force, and its address."""
        text = _("Profile: {name}, {version}.").format(
            name=isolated(profile.name), version=isolated(profile.version)
        )
        self.profile_line.setText(plain(text))
        self.target.set_address(profile.targets.webphone)
        operators = ", ".join(dict.fromkeys(server.operator for server in profile.public_in_use))
        self.operators.setText(operators)
        self.public.setAccessibleDescription(plain(operators))
        for widget in (self.public, self.operators):
            widget.setVisible(bool(operators))
        self.public.setChecked(bool(operators))
        self.sharing.setText(_what_is_sent(profile.share))
        self.newer.show_profile(profile)
        self._gap.setVisible(not profile.updates.address and not operators)

    def take_over(self, before: "WelcomePage") -> None:
        """What was typed on the page that this one replaces."""
        self.target.set_address(before.target.address())
        self.public.setChecked(before.public.isChecked())
        self.show_result.setChecked(before.show_result.isChecked())
        self.turn_pages.setChecked(before.turn_pages.isChecked())
        self.newer.take_over(before.newer)

    def profile_with_target(self, profile: Profile) -> Profile:
        """The profile with the address that is typed here."""
        targets = structs.replace(profile.targets, webphone=self.target.address())
        allowed = profile.public_servers and self.public.isChecked()
        return structs.replace(profile, targets=targets, public_servers=allowed)

    @Slot()
    def _on_role(self) -> None:
        self.answered.emit()


def _what_is_sent(share: Share) -> str:
    """What leaves this computer, and to whom it goes."""
    packets = _("Only small test packets are sent; servers see this network's address.")
    if not share.wanted:
        text = _("The report stays here.")
    elif share.names:
        text = _("After the run the result goes to {recipient}, with this computer's name.")
    else:
        text = _("After the run the result goes to {recipient}, without names and addresses.")
    return f"{packets} {text.format(recipient=plain(share.addressee))}"
