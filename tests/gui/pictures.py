"""Makes a picture of every page, in every theme: `python tests/gui/pictures.py [scale]`.

All in order, some wrong, everything wrong, no network, half way, a report from a file, settings.
They land in build/screenshots; somebody has to look at them.
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCALE = sys.argv[1] if len(sys.argv) > 1 else "1"
FONT = "Inter"  # runs wider than Segoe UI: what fits here fits there
os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ.setdefault("QT_QPA_FONTDIR", "/usr/share/fonts/opentype/inter")
if SCALE != "1":
    os.environ["QT_SCALE_FACTOR"] = SCALE
sys.path.insert(0, str(ROOT / "tests"))

from cases.plan_cases import YES, question  # noqa: E402
from gui.example_run import (  # noqa: E402
    bad_findings,
    events_until,
    example_profile,
    finished,
    good_findings,
    report_of,
)
from gui.other_runs import failing_findings, offline_findings, unset_findings  # noqa: E402
from msgspec import structs  # noqa: E402
from PySide6.QtCore import QEvent, QSettings  # noqa: E402
from PySide6.QtGui import QFont, QImage  # noqa: E402
from PySide6.QtWidgets import QApplication, QPushButton, QWidget  # noqa: E402

from natwizard.drawing.tokens import DARK, HIGH_CONTRAST, LIGHT  # noqa: E402
from natwizard.gui.application import the_application  # noqa: E402
from natwizard.gui.look.appearance import Appearance  # noqa: E402
from natwizard.gui.planner.book import PlannerBook  # noqa: E402
from natwizard.gui.planner.window import PlannerWindow  # noqa: E402
from natwizard.gui.run.run_control import RunControl  # noqa: E402
from natwizard.gui.settings.opening import open_settings  # noqa: E402
from natwizard.gui.step_list_view import PAGE_IDS, SUMMARY  # noqa: E402
from natwizard.gui.wizard import Wizard  # noqa: E402
from natwizard.model.events import Event  # noqa: E402
from natwizard.model.finding import Owner, Page, Remedy  # noqa: E402
from natwizard.model.plan import BandwidthInputs  # noqa: E402
from natwizard.model.profile import Answers, Profile, Share  # noqa: E402
from natwizard.model.quantity import Reply  # noqa: E402
from natwizard.planner.checklist import checklist  # noqa: E402
from natwizard.planner.storage import ContactCenter, StorageInputs  # noqa: E402
from natwizard.profiles.find import SHIPPED_PLACE, find_profile  # noqa: E402
from natwizard.profiles.read import shipped_profile  # noqa: E402
from natwizard.report.as_json import write_json  # noqa: E402
from natwizard.run.answering import answered  # noqa: E402
from natwizard.system.environment import real_environment  # noqa: E402


class Studio:
    """One window after another, each fed with made-up events."""

    def __init__(self, application: QApplication, folder: Path) -> None:
        self._application = application
        self.folder = folder
        self.look = Appearance(application, font=QFont(FONT, 9))

    def wizard(self, events: list[Event], profile: Profile | None = None) -> Wizard:
        """A window that shows how these events left the run."""
        control = RunControl(real_environment)
        answers = Answers(concurrent_calls=10)
        wizard = Wizard(self.look, control, profile or example_profile(), "shipped", answers)
        now_s = control.now_s() - 12
        for event in events:
            control.model.apply(event, now_s)
        wizard.show()
        wizard.refresh()
        return wizard

    def planner(self) -> PlannerWindow:
        """A planner with something entered on every page."""
        window = PlannerWindow(self.look, PlannerBook(checklist(find_profile().profile)))
        window.book.enter_storage(StorageInputs(contact_center=ContactCenter(), allowance_mb=8000))
        window.book.enter_api_calls(structs.replace(window.book.api_calls, allowance=100_000))
        window.book.enter_bandwidth(BandwidthInputs(line_kbit_s=4000))
        window.numbers.country.setText("GB")
        window.numbers.single.field.setText("020 7946 0958")
        window.book.by = "the site office"
        window.checklist.name.setText("the site office")
        window.book.answer("plan.ott.direct_number", Reply.YES)
        window.book.answer("plan.ott.voicemail", Reply.NO)
        window.offer_report(offered=True)
        window.show()
        return window

    def put_away(self, wizard: QWidget) -> None:
        """Close a window for good."""
        wizard.close()
        wizard.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)

    def shoot(self, wizard: QWidget, name: str) -> None:
        """Let it settle, then keep the picture."""
        for _round in range(6):
            self._application.processEvents()
        theme = self.look.theme.name.value
        picture = wizard.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
        picture.save(str(self.folder / f"{name}-{theme}-{SCALE}x.png"), "PNG", 0)


def shoot_all(studio: Studio) -> None:
    """Every page, and the states worth seeing."""
    wizard = studio.wizard([])
    wizard.welcome.target.set_address("webphone.example.com")
    studio.shoot(wizard, "01-welcome")
    studio.put_away(wizard)
    for number, page in enumerate(Page, 1):
        if page in {Page.FIREWALL_PORTS, Page.UDP_MEDIA}:
            wizard = studio.wizard(events_until(bad_findings(), page))
            wizard.go_to(PAGE_IDS[page])
            studio.shoot(wizard, f"02-running-{page}")
            wizard.go_to(SUMMARY)
            studio.shoot(wizard, f"02-running-{page}-summary")
            studio.put_away(wizard)
        if page is Page.ADMINISTRATOR:
            continue
        wizard = studio.wizard(finished(bad_findings()))
        wizard.go_to(PAGE_IDS[page])
        studio.shoot(wizard, f"03-{number:02}-{page}")
        studio.put_away(wizard)
    for name, findings in (
        ("bad", bad_findings()),
        ("good", good_findings()),
        ("failing", failing_findings()),
        ("offline", offline_findings()),
        ("unset", unset_findings()),
    ):
        wizard = studio.wizard(finished(findings))
        wizard.go_to(SUMMARY)
        studio.shoot(wizard, f"04-summary-{name}")
        if name == "bad":
            wizard.resize(800, 560)
            studio.shoot(wizard, "05-summary-small")
            wizard.resize(960, 680)
            studio.look.toggle_helpdesk_size()
            studio.shoot(wizard, "06-summary-helpdesk")
            studio.look.toggle_helpdesk_size()
        for page in (Page.FIREWALL_PORTS, Page.UDP_MEDIA):
            if name in {"failing", "offline", "unset"}:
                wizard.go_to(PAGE_IDS[page])
                studio.shoot(wizard, f"07-{name}-{page}")
        studio.put_away(wizard)
    shoot_opened(studio)
    shoot_sharing(studio)
    shoot_settings(studio)
    shoot_guide(studio)
    shoot_administration(studio)


def shoot_opened(studio: Studio) -> None:
    """The report of another run, and the words of a finding unfolded."""
    path = studio.folder / "report.json"
    write_json(report_of(bad_findings()), path)
    wizard = studio.wizard([])
    wizard.open_report(path)
    studio.shoot(wizard, "10-opened")
    path.unlink()
    wizard.go_to(PAGE_IDS[Page.WEBPHONE_PORT])
    for button in wizard.currentPage().findChildren(QPushButton):
        if button.text() == "What do these words mean?":
            button.click()
    studio.shoot(wizard, "10-opened-words")
    studio.put_away(wizard)


def shoot_guide(studio: Studio) -> None:
    """The guide at a row in its middle."""
    wizard = studio.wizard([])
    wizard.profile_choice.use(shipped_profile(), SHIPPED_PLACE)
    guide = wizard.open_guide("quality.jitter")
    studio.shoot(guide, "12-guide")
    guide.close()
    studio.put_away(wizard)


def shoot_sharing(studio: Studio) -> None:
    """Results that go to a site's folder: told before, done, and where the folder is away."""
    away = studio.folder / "away"
    there = studio.folder / "share"
    there.mkdir(exist_ok=True)
    for name, folder, findings in (
        ("sent", there, bad_findings()),
        ("ready", there, good_findings()),
        ("waiting", away, bad_findings()),
    ):
        share = Share(recipient="Example Ltd's helpdesk", folder=str(folder))
        profile = structs.replace(example_profile(), share=share)
        wizard = studio.wizard([], profile)
        if name == "sent":
            studio.shoot(wizard, "12-sharing-welcome")
        wizard.control.plan = wizard.plan()
        for event in finished(findings):
            wizard.control.model.apply(event, wizard.control.now_s())
        wizard.go_to(SUMMARY)
        wizard.control.finished.emit(report_of(findings))
        wizard.session.sharing.wait(60)
        studio.shoot(wizard, f"12-sharing-{name}")
        if name == "sent":
            window = wizard.show_sent()
            while not window.place.count():
                QApplication.processEvents()
            studio.shoot(window, "12-sharing-bytes")
            window.close()
        studio.put_away(wizard)


def shoot_settings(studio: Studio) -> None:
    """Every section, one of them with a mistake."""
    wizard = studio.wizard([])
    wizard.profile_choice.use(shipped_profile(), SHIPPED_PLACE)
    dialog = open_settings(wizard.session, lambda: wizard.welcome)
    for place in range(dialog.step_list.count()):
        dialog.step_list.setCurrentRow(place)
        if place == 1:
            dialog.type_in("webphone", "webphone example com")
        studio.shoot(dialog, f"11-settings-{place:02}")
    dialog.reject()
    studio.put_away(wizard)


def shoot_administration(studio: Studio) -> None:
    """The administrator's page with a question open, and every page of the planner."""
    asked = [structs.replace(question(check), page=Page.ADMINISTRATOR)
             for check in ("nat.static_address", "plan.ott")]  # fmt: skip
    asked[1] = structs.replace(
        asked[1],
        title="Over-the-top numbers",
        summary="Each over-the-top user has a direct number, without voicemail or forwarding",
        remedy=Remedy(
            text="See to it that each user has a direct dial-in number.", owner=Owner.HELPDESK
        ),
    )
    wizard = studio.wizard(finished((*good_findings(), answered(asked[0], YES), asked[1])))
    wizard.go_to(PAGE_IDS[Page.ADMINISTRATOR])
    wizard.check_pages[Page.ADMINISTRATOR].rows.open_row("plan.ott", animated=False)
    studio.shoot(wizard, "07-administrator")
    studio.put_away(wizard)
    planner = studio.planner()
    for number, topic in enumerate(planner.pages, 1):
        planner.go_to(topic)
        studio.shoot(planner, f"08-{number}-planner-{topic}")
    planner.resize(800, 480)
    planner.go_to("storage")
    studio.shoot(planner, "09-planner-small")
    studio.put_away(planner)


def main() -> None:
    """All themes into build/screenshots."""
    folder = ROOT / "build" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["XDG_DATA_HOME"] = str(folder)  # what waits to be sent is kept there
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(folder))
    application = the_application()
    studio = Studio(application, folder)
    for theme in (LIGHT, DARK, HIGH_CONTRAST):
        studio.look.use(theme)
        shoot_all(studio)


if __name__ == "__main__":
    main()
