"""The summary: the verdict, what to fix first, all areas, and what the run was."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from natwizard.drawing.signs import Activity
from natwizard.drawing.tokens import SPACE
from natwizard.gui.actions import Command
from natwizard.gui.announcer import announce
from natwizard.gui.area_value import area_count, area_value
from natwizard.gui.look.texts import airy, page_title, time_left
from natwizard.gui.pages.base import CloserRows, WizardPage, scrolling
from natwizard.gui.run.result_sharing import Sharing, SharingStage
from natwizard.gui.run.run_model import RunStage
from natwizard.gui.session import Session
from natwizard.gui.widgets.banner import Banner
from natwizard.gui.widgets.buttons import ActionLink
from natwizard.gui.widgets.finding_panel import RouteStrip
from natwizard.gui.widgets.fix_list import FixList
from natwizard.gui.widgets.headset_strip import HeadsetStrip
from natwizard.gui.widgets.labels import WrappedLabel, keep_width, label
from natwizard.gui.widgets.metric_tile import MetricTile, TileBench
from natwizard.gui.widgets.results_grid import Area, ResultsGrid
from natwizard.languages import language_of
from natwizard.model.finding import Finding, Page, Status
from natwizard.model.language import _, ngettext
from natwizard.model.report import Report
from natwizard.report.details import Fix
from natwizard.report.facts import report_facts, was_stopped
from natwizard.report.headline import Headline, report_headline
from natwizard.report.plain import plain
from natwizard.report.words import DOT

UNTESTED_SHOWN = 4
LONGEST_REFERENCE = 60
REFERENCE_WIDTH = 160

RequestText = Callable[[Finding], str]


class SummaryPage(WizardPage):
    """One banner, then reasons, then everything.

    Signals:
        chosen: an area was picked; carries its Page.
    """

    chosen = Signal(object)

    def __init__(self, session: Session, request: RequestText) -> None:
        look, actions = session.look, session.actions
        super().__init__(look, _("Summary"))
        self._control, self._request = session.control, request
        self._shares_names = session.shares_names
        self._sharing = session.sharing
        self._send_link = ActionLink(actions[Command.SEND_TO_HELPDESK])
        self._send_alone = QWidget()  # the link itself follows its action
        alone = QHBoxLayout(self._send_alone)
        look.space(alone)
        alone.addSpacing(look.px(SPACE.l))
        alone.addWidget(ActionLink(actions[Command.SEND_TO_HELPDESK]))
        self._show_sent = ActionLink(actions[Command.SHOW_SENT])
        self._shown: Report | None = None
        self._headline: Headline | None = None
        self._route: RouteStrip | None = None
        self._show_all = self._fitting = self._crowded = False
        content = QWidget()
        self._inner = QVBoxLayout(content)
        look.space(self._inner, spacing=SPACE.l)
        self.banner = Banner(look)
        self._inner.addWidget(self.banner)
        self.headset = HeadsetStrip(look)
        self.headset.wanted.connect(self._control.test_headset)
        self._inner.addWidget(self.headset)
        self._make_fixes()
        self._make_tiles()
        self._make_results()
        self.watch = WrappedLabel(face="meta", tone="2")
        self.watch.hide()
        self._results.addWidget(self.watch)
        self.meta = WrappedLabel(face="meta", tone="2").selectable()
        self._make_reference()
        self._results.addWidget(self._make_sharing())
        self._inner.addStretch(1)
        self.area = scrolling(content, look)
        self.column.addWidget(self.area, 1)
        self._rows = CloserRows(self, self.area, lambda: (self._inner, self._results))
        self._fitted_to, self._stood = QSize(), False
        self.area.resized.connect(self._on_resized)
        look.changed.connect(self._show_fixes)

    def _make_sharing(self) -> QWidget:
        """Whether the result went to whoever the profile names, and a way to see it."""
        self._sharing_row = QWidget()
        row = QHBoxLayout(self._sharing_row)
        self.look.space(row, spacing=SPACE.l)
        self.sharing = WrappedLabel(face="meta", tone="2")
        row.addWidget(self.sharing, 1)
        row.addWidget(self._show_sent)
        self._sharing_row.hide()
        return self._sharing_row

    def _make_fixes(self) -> None:
        self._fix_box = QWidget()
        box = QVBoxLayout(self._fix_box)
        self.look.space(box, spacing=SPACE.s)
        head = QHBoxLayout()
        head.addWidget(label(_("Fix first"), face="lead"))
        head.addStretch()
        head.addWidget(self._send_link)
        head.addSpacing(self.look.px(SPACE.s))
        self._more = QPushButton()
        self._more.setProperty("kind", "inline")
        self._more.setAutoDefault(False)
        self._more.clicked.connect(self._toggle_more)
        head.addWidget(self._more)
        box.addLayout(head)
        self.fixes = FixList(self.look)
        box.addWidget(self.fixes)
        self._inner.addWidget(self._fix_box)

    def _make_tiles(self) -> None:
        self._bench = TileBench(self.look)
        self._tiles: list[MetricTile] = []
        self._inner.addWidget(self._bench)

    def _show_route(self, report: Report) -> None:
        """The way of the test call, where routers on it answered and nothing is to be fixed."""
        if self._route is not None:
            self._inner.removeWidget(self._route)
            self._route.hide()
            self._route.deleteLater()
            self._route = None
        path = next((each.path for each in report.findings if each.path), ())
        if path:
            self._route = RouteStrip(self.look, path)
            self._inner.insertWidget(self._inner.indexOf(self._bench) + 1, self._route)

    def _make_results(self) -> None:
        box = QVBoxLayout()
        self.look.space(box, spacing=SPACE.s)
        head = QHBoxLayout()
        head.addWidget(label(_("All results"), face="lead"))
        self.counts = WrappedLabel(tone="2")
        self.counts.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        head.addWidget(self.counts, 1)
        self._send_alone.hide()
        head.addWidget(self._send_alone)
        box.addLayout(head)
        self.grid = ResultsGrid(self.look)
        self.grid.chosen.connect(self.chosen)
        box.addWidget(self.grid)
        self._inner.addLayout(box)
        self._results = box

    def _make_reference(self) -> None:
        """What the run was; beside it whose it is, as far as the person wants that said."""
        row = QHBoxLayout()
        self.look.space(row, spacing=SPACE.l)
        row.addWidget(self.meta, 1)
        self.name_field = QLineEdit()
        self.name_field.setMaxLength(LONGEST_REFERENCE)
        hint = _("Goes into the PDF or HTML you save, and nowhere else.")
        self.name_field.setPlaceholderText(_("Name or ticket"))
        self.name_field.setAccessibleName(_("Name or ticket"))
        self.name_field.setAccessibleDescription(hint)
        self.name_field.setToolTip(hint)
        keep_width(self.look, self.name_field, REFERENCE_WIDTH)
        self.name_field.hide()
        row.addWidget(self.name_field)
        self._results.addLayout(row)

    def reference(self) -> str:
        """The name or ticket that was typed."""
        return self.name_field.text().strip()

    def refresh(self) -> None:
        """Show how the model stands."""
        model = self._control.model
        report = model.shown_report if not model.busy else None
        self._refresh_grid()
        self._show_headset()
        if report is None:
            self._show_running()
        elif report is not self._shown:
            self._show_report(report)
        self._shown = report
        if report is not None:
            with language_of(report.language):
                self.meta.setText(self._meta(report))
        self._show_watch()
        self._show_sharing()

    def _show_sharing(self) -> None:
        """Where nobody is named who gets the results, there is nothing to say of it.

        The way to send stands beside what is to be fixed; where nothing is, beside the results.
        """
        sharing = self._sharing.sharing() if self._shown is not None else None
        text = sharing_words(sharing) if sharing is not None else ""
        alone = self._shown is not None and not self._fixes()
        wanted = bool(text)
        if self._send_alone.isHidden() is alone:
            self._send_alone.setVisible(alone)
            self._fit_fixes()
        if self.sharing.text() == text and self._sharing_row.isHidden() is not wanted:
            return
        self.sharing.setText(text)
        self._sharing_row.setVisible(wanted)
        self._fit_fixes()
        if sharing is not None and sharing.stage is SharingStage.TRIED:
            announce(self, text)

    def _show_watch(self) -> None:
        """What still goes on after the verdict; the person may carry on."""
        left_s = self._control.model.watching_s
        text = _("Holding one connection open, in case a proxy cuts it: {seconds} s to go.")
        self.watch.setText(text.format(seconds=left_s) if left_s is not None else "")
        if self.watch.isHidden() is (left_s is not None):
            self.watch.setVisible(left_s is not None)
            self._fit_fixes()

    def _refresh_grid(self) -> None:
        model = self._control.model
        self.grid.show_areas(
            tuple(
                Area(
                    page=page,
                    title=page_title(page),
                    sign=model.page_sign(page),
                    value=area_value(model, page),
                    short=area_count(model, page),
                )
                for page in model.pages()
            )
        )
        self.grid.setVisible(bool(model.pages()))

    def _show_running(self) -> None:
        model = self._control.model
        if model.stage is RunStage.IDLE:
            self.banner.show_verdict(
                Activity.WAITING, _("Nothing checked yet"), _("Press Start checks to begin.")
            )
            self.counts.setText("")
        elif doing := model.asks_for_help:
            self.banner.show_verdict(Activity.RUNNING, _("Look at your browser"), doing)
            self.counts.setText("")
        else:
            stopping = model.stage is RunStage.STOPPING
            left = time_left(model.seconds_left(self._control.now_s()))
            text = _("{done} of {total} checks are done.").format(
                done=model.done, total=model.total
            )
            headline = _("Stopping") if stopping else _("Checking")
            self.banner.show_verdict(Activity.RUNNING, headline, f"{text} {left}".strip())
            self.counts.setText(_("Results appear as they come in."))
        self._fix_box.hide()
        self._bench.hide()
        if self._route is not None:
            self._route.hide()
        self.name_field.hide()
        self.meta.setText("")

    def _show_report(self, report: Report) -> None:
        with language_of(report.language):
            headline = report_headline(report)
        self._headline, self._show_all = headline, False
        self.name_field.show()
        if self._control.model.stage is RunStage.OPENED:
            self.name_field.setText(plain(report.reference))
        self.banner.show_verdict(headline.status, headline.title, headline.sentence)
        self.counts.setText(airy(headline.counts_line))
        self._fix_box.setVisible(bool(headline.fix_first))
        self._show_fixes()
        self._show_tiles(visible=not headline.fix_first)
        if not headline.fix_first:
            self._show_route(report)
            self._fit_fixes()

    @Slot()
    def _show_fixes(self) -> None:
        self.fixes.show_fixes(self._fixes(), self._request)
        self._fit_fixes()

    def _fixes(self) -> tuple[Fix, ...]:
        headline = self._headline
        return headline.fix_first + headline.fix_later if headline is not None else ()

    def _show_headset(self) -> None:
        self.headset.refresh(self._control)
        wanted = self.headset.isVisibleTo(self) and not self._control.model.asks_for_help
        self.headset.setVisible(wanted and not self._crowded)

    @Slot()
    def _on_resized(self) -> None:
        """A bar that comes or goes is what fitting brings about itself."""
        if self.area.size() != self._fitted_to:
            self._fitted_to = self.area.size()
            self._fit_fixes()

    @Slot()
    def _fit_fixes(self) -> None:
        """As many as leave all results in sight; where those are out of sight anyway, all first.

        What keeps calls from working comes before the offer to test a headset, which its own page
        makes as well.
        """
        if self._headline is None or self._fitting:
            return
        self._fitting = True  # laying out may bring or take the bar, which is another size
        self._rows.space(1.0)
        first = self._headline.fix_first
        problems = sum(fix.status is Status.FAIL for fix in first)
        if self._show_all:
            self._crowded = False
            self._show_headset()
            self._show_first(len(self._fixes()))
        elif self.isVisible():
            fitting = 0
            for self._crowded in (False, True):
                self._show_headset()
                fitting = next(filter(self._fit, range(len(first), 0, -1)), 0)
                if fitting >= max(1, problems):
                    break
            if not fitting:
                self._crowded = False
                self._show_headset()
                self._show_first(len(first))
            self._stood = bool(fitting) or self._rows.fit()
        self._fitting = False

    def _fit(self, count: int) -> bool:
        self._show_first(count)
        return self.area.fits()

    def _show_first(self, count: int) -> None:
        self.fixes.show_first(count)
        rest = len(self._fixes()) - count
        text = ngettext("Show {count} more", "Show {count} more", rest)
        self._more.setText(_("Show fewer") if self._show_all else text.format(count=rest))
        self._more.setVisible(rest > 0 or self._show_all)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit_fixes()
        QTimer.singleShot(0, self, self._fit_again)

    @Slot()
    def _fit_again(self) -> None:
        """Once texts know how high they are: what stood by a little may scroll now."""
        if self._stood and not self.area.fits():
            self._fit_fixes()

    def _show_tiles(self, *, visible: bool) -> None:
        for tile in self._tiles:
            tile.hide()
            tile.deleteLater()
        states = [
            state
            for state in self._control.model.checks(Page.UDP_MEDIA)
            if state.headline and state.finding is not None and state.finding.gauge is not None
        ]
        self._tiles = [MetricTile(self.look, state) for state in states if visible]
        for tile in self._tiles:
            tile.clicked.connect(self._on_tile)
        self._bench.show_tiles(self._tiles)
        self._bench.setVisible(visible and bool(states))

    def _meta(self, report: Report) -> str:
        facts = report_facts(report)
        masked = (
            _("files with names and addresses")
            if self._shares_names() and not report.redacted
            else _("files without names and addresses")
        )
        # how long it took, and how many checks, stands in the list of steps
        took = facts.took if was_stopped(report) else ""
        told = (facts.workstation, facts.tested, took, masked)
        first = airy(DOT.join(filter(None, told)))
        untested = [
            finding.title
            for finding in report.findings
            if finding.status in {Status.UNKNOWN, Status.MANUAL, Status.NOT_SET_UP}
        ]
        untested += [_(each.title) for each in report.left_out]
        if not untested:
            return first + "\n" + _("Everything this role needs was tested.")
        rest = len(untested) - UNTESTED_SHOWN
        more = ngettext("{count} more", "{count} more", rest).format(count=rest)
        shown = untested[:UNTESTED_SHOWN] + ([more] if rest > 0 else [])
        return first + "\n" + _("Not tested: {list}.").format(list=", ".join(shown))

    @Slot()
    def _toggle_more(self) -> None:
        self._show_all = not self._show_all
        self._fit_fixes()

    @Slot()
    def _on_tile(self) -> None:
        self.chosen.emit(Page.UDP_MEDIA)


def sharing_words(sharing: Sharing) -> str:
    """One line on whether the result has reached whoever the profile names."""
    share = sharing.profile.share
    recipient = plain(share.addressee)
    match sharing.stage:
        case SharingStage.NOT_SENT:
            return _("Not sent to {recipient}.").format(recipient=recipient)
        case SharingStage.SENDING:
            return _("Sending the result to {recipient}...").format(recipient=recipient)
        case SharingStage.TRIED:
            from natwizard.share.from_here import delivery_words  # loaded by now: it was sent

            told = dict.fromkeys(delivery_words(each, share) for each in sharing.deliveries)
            failed = _("The result could not be sent to {recipient}.").format(recipient=recipient)
            return " ".join(told) or failed
