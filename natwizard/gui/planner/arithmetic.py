"""What the pages that work something out have in common: inputs above, results below."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, QSignalBlocker, QSize, Qt, QTimer, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QFocusEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from natwizard.drawing.breakdown import BarSizes, breakdown_height, paint_breakdown
from natwizard.drawing.tokens import SPACE
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.planner.book import PlannerBook
from natwizard.gui.planner.page import PlannerPage
from natwizard.gui.widgets.buttons import set_words
from natwizard.gui.widgets.labels import WrappedLabel, keep_width, label
from natwizard.gui.widgets.painted import CheckBox, Painted
from natwizard.model.finding import Source
from natwizard.model.language import _
from natwizard.model.plan import BandwidthInputs, Breakdown, CapacityPlan
from natwizard.model.writing import NBSP, day_words, number, unit_sign
from natwizard.planner.storage import (
    MOST_CATEGORIES,
    MOST_USERS,
    ApiInputs,
    ContactCenter,
    InsightInputs,
    StorageInputs,
    plan_bandwidth,
)
from natwizard.report.plan_words import (
    allowance_words,
    amount_words,
    bandwidth_breakdown,
    bandwidth_note,
    bandwidth_words,
    breakdown_of,
    breakdown_sentence,
    rate_words,
    share_words,
    together_words,
)

WIDTH = 128


class AmountField(QSpinBox):
    """A whole number within bounds. With `empty`, 0 stands for "not given" and reads so."""

    def __init__(
        self, look: Appearance, name: str, *, high: int, low: int = 0, unit: str = "",
        empty: str = "",
    ) -> None:  # fmt: skip
        super().__init__()
        self._may_be_empty = bool(empty)
        self.setRange(low, high)
        self.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        self.setGroupSeparatorShown(True)
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        # Qt's own, WheelFocus, would give the focus with the very turn that `wheelEvent` leaves
        # alone
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(name)
        if unit:
            self.setSuffix(f"{NBSP}{unit_sign(unit)}")
        if empty:
            self.setSpecialValueText(empty)
        keep_width(look, self, WIDTH)

    def amount(self) -> float | None:
        """The number; None where it is not given."""
        return None if self._may_be_empty and self.value() == 0 else float(self.value())

    def show_amount(self, value: float | None) -> None:
        """Show another number without the signal of a typed one."""
        wanted = round(value or 0)
        if wanted != self.value():
            with QSignalBlocker(self):
                self.setValue(wanted)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """All of it is selected, so that typing replaces it, words as well."""
        super().focusInEvent(event)
        QTimer.singleShot(0, self, self.selectAll)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """A field that somebody emptied is not given; Qt would bring the old number back."""
        if self._may_be_empty and not self.cleanText():
            self.setValue(0)
        super().focusOutEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scrolling the page past a field must not change it."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class Form(QWidget):
    """Labelled fields in two columns, filled from the top of the left one."""

    def __init__(self, look: Appearance, edited: Callable[[], None], rows: int) -> None:
        super().__init__()
        self._look, self._edited, self._rows = look, edited, rows
        self._count = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(3, 1)
        look.changed.connect(self._fit)
        self._fit()

    def amount(
        self, name: str, *, high: int, low: int = 0, unit: str = "", empty: str = ""
    ) -> AmountField:
        """Add a number with its label."""
        field = AmountField(self._look, name, high=high, low=low, unit=unit, empty=empty)
        field.valueChanged.connect(self._edited)
        row, column = self._next()
        caption = WrappedLabel(name)
        caption.setBuddy(field)
        self._grid.addWidget(caption, row, column)
        self._grid.addWidget(field, row, column + 1)
        return field

    def wide(self, widget: QWidget) -> None:
        """Add something that brings its own words."""
        row, column = self._next()
        self._grid.addWidget(widget, row, column, 1, 2)

    def _next(self) -> tuple[int, int]:
        place = self._count
        self._count += 1
        return place % self._rows, 3 * (place // self._rows)

    @Slot()
    def _fit(self) -> None:
        look = self._look
        self._grid.setHorizontalSpacing(look.px(SPACE.m))
        self._grid.setVerticalSpacing(look.px(6))
        self._grid.setColumnMinimumWidth(2, look.px(SPACE.s))
        for row in range(self._rows):
            self._grid.setRowMinimumHeight(row, look.px(36))


BAR = 24


class BreakdownView(Painted):
    """Caption, bar and legend; as high as they need."""

    def __init__(self, look: Appearance) -> None:
        super().__init__(look)
        self._breakdown = Breakdown(caption="", slices=())
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_breakdown(self, breakdown: Breakdown) -> None:
        """Show another breakdown."""
        if breakdown != self._breakdown:
            self._breakdown = breakdown
            self.setAccessibleName(breakdown_sentence(breakdown))
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(self.look.px(320), round(breakdown_height(self._breakdown, self._sizes())))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        shown = self._breakdown
        shares = tuple(share_words(shown.share(piece)) for piece in shown.slices)
        paint_breakdown(
            QPainter(self),
            QRectF(self.rect()),
            shown,
            self.look.theme,
            self.look.font(self.look.type.body, tabular=True),
            self._sizes(),
            shares=shares,
        )

    def _sizes(self) -> BarSizes:
        look = self.look
        return BarSizes(text=look.type.body, bar=look.px(BAR), factor=look.factor)


FIGURES = 3


class Results(QWidget):
    """Updated with every key that is typed."""

    def __init__(self, look: Appearance) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        look.space(column, spacing=SPACE.s)
        row = QHBoxLayout()
        look.space(row, spacing=SPACE.m)
        self._figures = tuple(_Figure(look) for _number in range(FIGURES))
        for figure in self._figures:
            row.addWidget(figure, 1)
        column.addLayout(row)
        self.sentence = WrappedLabel(face="strong")
        column.addWidget(self.sentence)
        self.chart = BreakdownView(look)
        column.addWidget(self.chart)
        self.remarks = WrappedLabel(face="meta", tone="2").selectable()
        column.addWidget(self.remarks)
        self.source = _SourceLink()
        column.addWidget(self.source, alignment=Qt.AlignmentFlag.AlignLeft)

    def show_plan(
        self,
        figures: Sequence[tuple[str, str]],
        breakdown: Breakdown,
        *,
        sentences: Sequence[str],
        remarks: Sequence[str],
        source: Source,
    ) -> None:
        """Show a plan: name and amount of up to three figures, and the rest."""
        for index, figure in enumerate(self._figures):
            shown = index < len(figures)
            figure.setVisible(shown)
            if shown:
                figure.show_figure(*figures[index])
        self.chart.show_breakdown(breakdown)
        _show_or_hide(self.sentence, "\n".join(filter(None, sentences)))
        _show_or_hide(self.remarks, "\n".join(filter(None, remarks)))
        self.source.show_source(source)


def _show_or_hide(caption: WrappedLabel, text: str) -> None:
    caption.setText(text)
    caption.setVisible(bool(text))


class _Figure(QFrame):
    """A name above a large amount."""

    def __init__(self, look: Appearance) -> None:
        super().__init__()
        self.setProperty("box", "group")
        column = QVBoxLayout(self)
        look.space(column, margins=(14, 5, 14, 5), spacing=0)
        self._name = label(tone="2")
        self._amount = label(face="title")
        column.addWidget(self._name)
        column.addWidget(self._amount)

    def show_figure(self, name: str, amount: str) -> None:
        self._name.setText(name)
        self._amount.setText(amount)
        self.setAccessibleName(f"{name}: {amount}")


class _SourceLink(QPushButton):
    """Where the rules are from; a press opens the page in the browser."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "inline")
        self.setAutoDefault(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.clicked.connect(self._open)
        self._url = ""

    def show_source(self, source: Source) -> None:
        self._url = source.url
        text = (
            _("Source: {title}, version of {day}").format(
                title=_(source.title), day=day_words(source.dated)
            )
            if source.dated
            else _("Source: {title}, read on {day}").format(
                title=_(source.title), day=day_words(source.read_on)
            )
        )
        set_words(self, text)
        self.setToolTip(source.url)

    @Slot()
    def _open(self) -> None:
        QDesktopServices.openUrl(QUrl(self._url))


# As `planner.storage.MOST_A_DAY`; a QSpinBox counts in 32 bits, up to 2,147,483,647
MOST = 1_000_000_000


class ArithmeticPage(PlannerPage):
    """Inputs above, results below, worked out with every key."""

    def __init__(
        self, look: Appearance, book: PlannerBook, title: str, line: str, *, rows: int
    ) -> None:
        super().__init__(look, title, line)
        self.book = book
        self.form = Form(look, self._on_edited, rows)
        self.results = Results(look)
        self.inner.addWidget(self.form)
        self.inner.addWidget(self.results)
        self.inner.addStretch(1)
        self._make_inputs()
        book.changed.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show the book's inputs and what they come to."""
        self._show_inputs()
        self._show_results()
        self.fit()

    @Slot()
    def _on_edited(self) -> None:
        self._enter()

    def _show_plan(self, plan: CapacityPlan, more: str = "") -> None:
        allowed = allowance_words(plan.allowance, plan.unit) if plan.allowance is not None else ""
        total, unit = plan.total, plan.unit
        in_picture = not plan.once or plan.allowance is not None  # then it is a part of the picture
        once = _("Once, at the start: {amount}.").format(amount=amount_words(plan.once, unit))
        self.results.show_plan(
            (
                (_("Per day"), amount_words(total.per_day, unit)),
                (_("Per month"), amount_words(total.per_month, unit)),
                (_("Per year"), amount_words(total.per_year, unit)),
            ),
            breakdown_of(plan),
            sentences=(allowed, more),
            remarks=("" if in_picture else once, *(note.text for note in plan.notes)),
            source=plan.source,
        )

    def _make_inputs(self) -> None:
        raise NotImplementedError

    def _show_inputs(self) -> None:
        raise NotImplementedError

    def _enter(self) -> None:
        raise NotImplementedError

    def _show_results(self) -> None:
        raise NotImplementedError


# As `planner.storage.MOST_CALLS`
MOST_CALLS_AT_ONCE = 1_000_000


class BandwidthPage(ArithmeticPage):
    """Bandwidth of a site."""

    def __init__(self, look: Appearance, book: PlannerBook) -> None:
        line = _("Does the site's line carry its calls at the busiest moment?")
        super().__init__(look, book, _("Bandwidth"), line, rows=1)

    def _make_inputs(self) -> None:
        self.calls = self.form.amount(_("Calls at the same time"), high=MOST_CALLS_AT_ONCE)
        self.line = self.form.amount(
            _("The line, in its slower direction"), high=MOST, unit="kbit/s",
            empty=_("not given"),
        )  # fmt: skip

    def _show_inputs(self) -> None:
        self.calls.show_amount(self.book.bandwidth.concurrent_calls)
        self.line.show_amount(self.book.bandwidth.line_kbit_s)

    def _enter(self) -> None:
        self.book.enter_bandwidth(
            BandwidthInputs(concurrent_calls=self.calls.value(), line_kbit_s=self.line.amount())
        )

    def _show_results(self) -> None:
        plan = plan_bandwidth(self.book.bandwidth)
        figures = [(_("Needed, each way"), rate_words(plan.needed_kbit_s))]
        if plan.calls_carried is not None:
            figures.append((_("Calls that fit"), number(plan.calls_carried)))
        needed, carried = bandwidth_words(plan)
        self.results.show_plan(
            figures,
            bandwidth_breakdown(plan),
            sentences=(needed, carried),
            remarks=(bandwidth_note(),),
            source=plan.source,
        )


class ApiCallsPage(ArithmeticPage):
    """Salesforce API calls in a day."""

    def __init__(self, look: Appearance, book: PlannerBook) -> None:
        line = _("Does the org's daily allowance of API calls suffice?")
        super().__init__(look, book, _("API calls"), line, rows=3)

    def _make_inputs(self) -> None:
        form = self.form
        self.calls = form.amount(_("Phone calls a day"), high=MOST)
        self.availability = form.amount(_("Availability changes a day, of all users"), high=MOST)
        self.changes = form.amount(_("Settings changes a day"), high=MOST)
        self.days = form.amount(_("Days a week with calls"), high=7)
        self.allowed = form.amount(
            _("API calls that are left for this, in 24 hours"), high=MOST, empty=_("not given")
        )

    def _show_inputs(self) -> None:
        inputs = self.book.api_calls
        self.calls.show_amount(inputs.calls)
        self.availability.show_amount(inputs.availability_changes)
        self.changes.show_amount(inputs.settings_changes)
        self.days.show_amount(inputs.days_per_week)
        self.allowed.show_amount(inputs.allowance)

    def _enter(self) -> None:
        self.book.enter_api_calls(
            ApiInputs(
                calls=self.calls.value(),
                availability_changes=self.availability.value(),
                settings_changes=self.changes.value(),
                days_per_week=self.days.value(),
                allowance=self.allowed.amount(),
            )
        )

    def _show_results(self) -> None:
        plan = self.book.plan().api_calls
        if plan is not None:
            self._show_plan(plan)


class InsightPage(ArithmeticPage):
    """Data storage of Insight."""

    def __init__(self, look: Appearance, book: PlannerBook) -> None:
        line = _("How much Salesforce data storage does Insight take?")
        super().__init__(look, book, _("Insight"), line, rows=4)

    def _make_inputs(self) -> None:
        form = self.form
        self.used = CheckBox(self.look, _("We use Insight"))
        self.used.toggled.connect(self._on_edited)
        form.wide(self.used)
        self.calls = form.amount(_("Calls a day"), high=MOST)
        self.days = form.amount(_("Days a week with calls"), high=7)
        self.free = form.amount(
            _("Free data storage (Setup, Storage Usage)"), high=MOST, unit="MB",
            empty=_("not given"),
        )  # fmt: skip
        self.hits = form.amount(_("Calls that Insight analyses"), high=100, unit="%")
        self.categories = form.amount(_("Categories set up"), high=MOST_CATEGORIES)
        self.triggered = form.amount(_("Categories that one call triggers"), high=100, unit="%")

    def _show_inputs(self) -> None:
        inputs = self.book.insight
        with QSignalBlocker(self.used):
            self.used.setChecked(self.book.uses_insight)
        self.calls.show_amount(inputs.calls)
        self.days.show_amount(inputs.days_per_week)
        self.free.show_amount(inputs.allowance_mb)
        self.hits.show_amount(100 * inputs.hit_rate)
        self.categories.show_amount(inputs.categories)
        self.triggered.show_amount(100 * inputs.triggered)
        for field in (self.hits, self.categories, self.triggered):
            field.setEnabled(self.book.uses_insight)

    def _enter(self) -> None:
        self.book.enter_insight(
            InsightInputs(
                calls=self.calls.value(),
                hit_rate=self.hits.value() / 100,
                categories=self.categories.value(),
                triggered=self.triggered.value() / 100,
                days_per_week=self.days.value(),
                allowance_mb=self.free.amount(),
            ),
            used=self.used.isChecked(),
        )

    def _show_results(self) -> None:
        plan = self.book.plan()
        self.results.setVisible(plan.insight is not None)
        if plan.insight is not None:
            self._show_plan(plan.insight, together_words(plan))


class StoragePage(ArithmeticPage):
    """Data storage of call records."""

    def __init__(self, look: Appearance, book: PlannerBook) -> None:
        line = _("How much Salesforce data storage do call records take?")
        super().__init__(look, book, _("Storage"), line, rows=4)

    def _make_inputs(self) -> None:
        form = self.form
        self.users = form.amount(_("Users of the telephony"), high=MOST_USERS)
        self.calls = form.amount(_("Calls a day"), high=MOST)
        self.missed = form.amount(_("Missed rings a day"), high=MOST)
        self.days = form.amount(_("Days a week with calls"), high=7)
        self.center = CheckBox(self.look, _("We use Contact Center"))
        self.center.toggled.connect(self._on_edited)
        form.wide(self.center)
        self.changes = form.amount(_("Availability changes a day, for each user"), high=100_000)
        self.queues = form.amount(_("Queues"), high=MOST_USERS)
        self.free = form.amount(
            _("Free data storage (Setup, Storage Usage)"), high=MOST, unit="MB",
            empty=_("not given"),
        )  # fmt: skip

    def _show_inputs(self) -> None:
        inputs = self.book.storage
        self.users.show_amount(inputs.users)
        self.calls.show_amount(inputs.calls)
        self.missed.show_amount(inputs.missed_rings)
        self.days.show_amount(inputs.days_per_week)
        self.free.show_amount(inputs.allowance_mb)
        has_center = inputs.contact_center is not None
        with QSignalBlocker(self.center):
            self.center.setChecked(has_center)
        for field in (self.changes, self.queues):
            field.setEnabled(has_center)
        usual = inputs.contact_center or ContactCenter()
        if has_center or not self.changes.value():
            self.changes.show_amount(usual.changes_per_user)
            self.queues.show_amount(usual.queues)

    def _enter(self) -> None:
        center = None
        if self.center.isChecked():
            center = ContactCenter(
                changes_per_user=self.changes.value(), queues=self.queues.value()
            )
        self.book.enter_storage(
            StorageInputs(
                users=self.users.value(),
                calls=self.calls.value(),
                missed_rings=self.missed.value(),
                contact_center=center,
                days_per_week=self.days.value(),
                allowance_mb=self.free.amount(),
            )
        )

    def _show_results(self) -> None:
        plan = self.book.plan()
        if plan.storage is not None:
            self._show_plan(plan.storage, together_words(plan))
