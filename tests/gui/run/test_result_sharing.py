"""Results of the window's runs reach whoever the profile names, and the person sees what goes."""

import json
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import platformdirs
import pytest
from gui.example_run import bad_findings, example_profile, finished, good_findings, report_of
from msgspec import structs
from PySide6.QtCore import QEvent, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from natwizard.gui import report_places
from natwizard.gui.actions import Command
from natwizard.gui.helpdesk.sent_window import SentWindow
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.run.report_saver import ReportSaver
from natwizard.gui.run.result_sharing import ResultSharing, SharingStage
from natwizard.gui.run.run_control import JobEvent, RunControl
from natwizard.gui.step_list_view import SUMMARY
from natwizard.gui.widgets.buttons import ActionLink
from natwizard.gui.wizard import Wizard
from natwizard.model.events import RunFinished, SoakFinished
from natwizard.model.finding import Finding, Status
from natwizard.model.profile import Answers, Profile, Share
from natwizard.model.report import HandoverOutcome, Report
from natwizard.report.as_json import write_json
from natwizard.report.as_mail import LONGEST_URL, mail_draft
from natwizard.report.facts import report_facts
from natwizard.report.open_report import open_report
from natwizard.report.store import keep_report, recent_reports
from natwizard.share.deliver import Delivery, Destination
from natwizard.share.from_here import messages_of
from natwizard.share.outbox import Outbox, default_outboxes
from natwizard.system.environment import real_environment
from natwizard.system.last_run import state_file

pytestmark = pytest.mark.qt_log_ignore("does not support (propagateSizeHints|raise)")

HELPDESK = "Example Ltd's helpdesk"
Make = Callable[..., Wizard]


@pytest.fixture(autouse=True)
def own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Queues, kept runs and documents of this test alone, on every system."""
    documents = tmp_path / "documents"
    documents.mkdir()
    monkeypatch.setattr(platformdirs, "user_data_path", lambda *_, **__: tmp_path / "data")
    monkeypatch.setattr(platformdirs, "user_state_path", lambda *_, **__: tmp_path / "state")
    monkeypatch.setattr(report_places, "documents", lambda: str(documents))
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "share"
    made.mkdir()
    return made


@pytest.fixture
def make(look: Appearance) -> Iterator[Make]:
    made: list[Wizard] = []

    def make_one(share: Share) -> Wizard:
        profile = structs.replace(example_profile(), share=share)
        wizard = Wizard(look, RunControl(real_environment), profile, "example", Answers())
        made.append(wizard)
        wizard.show()
        return wizard

    yield make_one
    for wizard in made:
        wizard.close()
        assert wizard.session.sharing.wait(30)
        wizard.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def run(wizard: Wizard, findings: tuple[Finding, ...], *, stopped: bool = False) -> Report:
    """As the probe thread tells a run to the window."""
    control = wizard.control
    control.plan = wizard.plan()
    *events, _last = finished(findings)
    report = report_of(findings)
    for event in (*events, RunFinished(report=report, stopped=stopped)):
        control.model.apply(event, control.now_s())
    control.finished.emit(report)
    wizard.go_to(SUMMARY)
    return report


def settled(qtbot: QtBot, wizard: Wizard, within_ms: int = 30_000) -> tuple[Delivery, ...]:
    def tried() -> bool:
        sharing = wizard.session.sharing.sharing()
        return sharing is not None and sharing.stage is SharingStage.TRIED

    qtbot.waitUntil(tried, timeout=within_ms)
    sharing = wizard.session.sharing.sharing()
    assert sharing is not None
    return sharing.deliveries


def test_a_run_goes_when_its_verdict_stands_and_the_summary_says_so(
    qtbot: QtBot, make: Make, folder: Path
) -> None:
    wizard = make(Share(recipient=HELPDESK, folder=str(folder)))
    report = run(wizard, bad_findings())
    (delivery,) = settled(qtbot, wizard)
    assert delivery.outcome is HandoverOutcome.SENT
    (path,) = folder.iterdir()
    shared = json.loads(path.read_bytes())
    assert (shared["run_id"], shared["redacted"]) == (report.run_id, True)
    assert shared["seat"]["host_id"] == path.name.partition("-")[0]
    for personal in (report.machine.host_name, report.machine.user_name):
        assert json.dumps(personal) not in path.read_text()
    assert wizard.summary.sharing.text() == f"The result went to {HELPDESK}."
    assert wizard.summary.sharing.isVisible()
    assert open_report(path).run_code == report.run_code
    assert shared["handed_over"] == []
    shown = wizard.control.model.report
    assert shown is not None
    assert [each.recipient for each in shown.handed_over] == [HELPDESK]
    assert f"sent to {HELPDESK}" in report_facts(shown).foot
    # also when the minute is over in which a connection was held
    event = SoakFinished(report=report)
    wizard.control._on_run(JobEvent(job=wizard.control._run_job, event=event))
    after = wizard.control.model.report
    assert after is not None
    assert after.handed_over == shown.handed_over


def test_a_real_run_reaches_the_folder(qtbot: QtBot, make: Make, folder: Path) -> None:
    """From the button to the file, with the probes that measure."""
    wizard = make(Share(recipient=HELPDESK, folder=str(folder)))
    wizard.session.actions[Command.START].trigger()
    (delivery,) = settled(qtbot, wizard, within_ms=90_000)
    assert delivery.outcome is HandoverOutcome.SENT
    (path,) = folder.iterdir()
    report = wizard.control.model.report
    assert report is not None
    assert open_report(path).run_id == report.run_id
    assert [each.outcome for each in report.handed_over] == [HandoverOutcome.SENT]
    left = set(Outbox(default_outboxes() / "folder").waiting())
    assert not left


def test_a_folder_that_is_away_is_said_and_the_run_goes_when_asked_again(
    qtbot: QtBot, make: Make, tmp_path: Path
) -> None:
    away = tmp_path / "away"
    wizard = make(Share(recipient=HELPDESK, folder=str(away)))
    run(wizard, good_findings())
    (delivery,) = settled(qtbot, wizard)
    assert delivery.outcome is HandoverOutcome.WAITING
    assert f"goes to {HELPDESK} with the next run" in wizard.summary.sharing.text()
    assert len(Outbox(default_outboxes() / "folder").waiting()) == 1
    away.mkdir()
    wizard.session.actions[Command.SEND_TO_HELPDESK].trigger()
    (delivery,) = settled(qtbot, wizard)
    assert delivery.outcome is HandoverOutcome.SENT
    assert len(list(away.iterdir())) == 1


def test_without_a_share_nothing_goes_and_nothing_is_said_of_it(make: Make) -> None:
    wizard = make(Share(recipient=HELPDESK))
    run(wizard, bad_findings())
    assert wizard.session.sharing.sharing() is None
    assert not wizard.summary.sharing.isVisible()
    assert not wizard.session.actions[Command.SHOW_SENT].isVisible()
    assert "The report stays here." in wizard.welcome.sharing.text()
    assert not default_outboxes().exists()


@pytest.mark.parametrize("names", [False, True])
def test_the_first_page_says_to_whom_and_what_before_anything_runs(
    make: Make, folder: Path, names: bool
) -> None:
    wizard = make(Share(recipient=HELPDESK, folder=str(folder), names=names))
    told = wizard.welcome.sharing.text()
    assert f"After the run the result goes to {HELPDESK}" in told
    assert ("with this computer's name" in told) is names
    assert ("without names and addresses" in told) is not names
    assert "stays here" not in told
    links = [link for link in wizard.welcome.findChildren(ActionLink) if link.isVisible()]
    assert [link.text() for link in links] == ["Show what is sent"]
    wizard.profile_choice.use(example_profile(), "example")
    assert "The report stays here." in wizard.welcome.sharing.text()
    assert not links[0].isVisible()


@pytest.mark.parametrize(
    ("share", "told"),
    [
        (Share(folder="//files/natwizard"), "//files/natwizard"),
        (Share(otlp="https://collector.example.com/v1/logs"), "collector.example.com"),
        (Share(otlp="https://["), "https://["),
        (Share(recipient="The\nhelp\u202edesk", folder="x"), r"The\x0ahelp"),
    ],
)
def test_whoever_gets_it_is_named_whatever_the_profile_says(
    make: Make, share: Share, told: str
) -> None:
    words = make(share).welcome.sharing.text()
    assert told in words
    assert "\u202e" not in words


def test_a_run_that_was_stopped_goes_only_when_somebody_sends_it(
    qtbot: QtBot, make: Make, folder: Path
) -> None:
    wizard = make(Share(recipient=HELPDESK, folder=str(folder)))
    run(wizard, good_findings(), stopped=True)
    assert wizard.session.sharing.wait(30)
    assert not list(folder.iterdir())
    assert wizard.summary.sharing.text() == f"Not sent to {HELPDESK}."
    wizard.session.actions[Command.SEND_TO_HELPDESK].trigger()
    settled(qtbot, wizard)
    assert len(list(folder.iterdir())) == 1


def test_the_report_of_another_computer_is_never_sent_as_this_ones(
    make: Make, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wizard = make(Share(recipient=HELPDESK, folder=str(folder), mail="desk@example.com"))
    saved = tmp_path / "other.json"
    write_json(report_of(bad_findings()), saved)
    drafts: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: drafts.append(url) or True)
    assert wizard.open_report(saved)
    wizard.session.actions[Command.SEND_TO_HELPDESK].trigger()
    assert [url.scheme() for url in drafts] == ["mailto"]
    assert not list(folder.iterdir())
    assert not default_outboxes().exists()


def test_what_changes_afterwards_goes_again_as_the_later_form(
    qtbot: QtBot, make: Make, folder: Path
) -> None:
    wizard = make(Share(recipient=HELPDESK, folder=str(folder)))
    report = run(wizard, good_findings())
    settled(qtbot, wizard)
    (path,) = folder.iterdir()
    first = json.loads(path.read_bytes())
    retold = tuple(structs.replace(each, summary="In other words") for each in report.findings)
    wizard.control.amended.emit(structs.replace(report, findings=retold))
    wizard.session.sharing.send_changes()
    assert wizard.session.sharing.wait(30)
    assert json.loads(path.read_bytes()) == first  # another language is no other result
    broken = tuple(
        structs.replace(each, status=Status.FAIL) if each.check == "websocket.open" else each
        for each in report.findings
    )
    wizard.control.amended.emit(structs.replace(report, findings=broken))
    wizard.close()  # before the time is up in which changes are gathered
    assert wizard.session.sharing.wait(30)
    assert [each.name for each in folder.iterdir()] == [path.name]
    second = json.loads(path.read_bytes())
    assert second["amended_at"] > first["amended_at"] == ""
    assert [each["check"] for each in second["findings"] if each["status"] == "fail"] == [
        "websocket.open"
    ]


def test_a_window_that_closes_waits_a_moment_and_no_longer(make: Make, folder: Path) -> None:
    """What hangs goes on in a thread that does not keep the program from ending."""
    wizard = make(Share(recipient=HELPDESK, folder=str(folder)))
    hold = threading.Event()

    def hang(_report: Report, _profile: Profile, _amended_at: str) -> tuple[Delivery, ...]:
        hold.wait(60)
        return (Delivery(destination=Destination.FOLDER, outcome=HandoverOutcome.SENT),)

    sharing = ResultSharing(wizard.control, wizard, hang)
    run(wizard, good_findings())
    assert not sharing.wait(0.05)
    hold.set()
    assert sharing.wait(30)
    assert wizard.session.sharing.wait(30)


def test_while_it_is_sent_it_cannot_be_sent_once_more(make: Make, folder: Path) -> None:
    wizard = make(Share(recipient=HELPDESK, folder=str(folder)))
    run(wizard, good_findings())
    assert wizard.summary.sharing.text() == f"Sending the result to {HELPDESK}..."
    assert not wizard.session.actions[Command.SEND_TO_HELPDESK].isEnabled()


def test_a_fault_in_sending_spoils_nothing(qtbot: QtBot, make: Make, folder: Path) -> None:
    wizard = make(Share(recipient=HELPDESK, folder=str(folder)))

    def fail(_report: Report, _profile: Profile, _amended_at: str) -> tuple[Delivery, ...]:
        raise ValueError("a defect")

    wizard.session.sharing._deliver = fail
    run(wizard, good_findings())
    assert settled(qtbot, wizard) == ()
    assert "could not be sent" in wizard.summary.sharing.text()


def shown_bytes(qtbot: QtBot, window: SentWindow) -> bytes:
    qtbot.waitUntil(lambda: window.text.isVisible(), timeout=30_000)
    window.as_bytes.setChecked(True)
    return window.text.toPlainText().encode()


def test_show_what_is_sent_shows_the_very_bytes(qtbot: QtBot, make: Make, folder: Path) -> None:
    share = Share(recipient=HELPDESK, folder=str(folder))
    wizard = make(share)
    report = run(wizard, bad_findings())
    settled(qtbot, wizard)
    window = wizard.show_sent()
    (path,) = folder.iterdir()
    assert shown_bytes(qtbot, window).strip() == path.read_bytes().strip()
    window.close()
    both = structs.replace(share, otlp="https://collector.example.com/v1/logs")
    profile = structs.replace(example_profile(), share=both)
    window = SentWindow(wizard.look, wizard, profile, report)
    window.show()
    assert shown_bytes(qtbot, window).strip() == path.read_bytes().strip()
    assert window.place.count() == 2
    window.place.setCurrentIndex(1)
    assert window.text.toPlainText().encode() == messages_of(report, profile)[1].content
    window.as_bytes.setChecked(False)
    assert window.text.toPlainText().count("\n") > 100
    window.close()


def test_before_the_first_run_of_a_window_the_last_kept_run_is_shown(
    qtbot: QtBot, make: Make, folder: Path
) -> None:
    wizard = make(Share(recipient=HELPDESK, folder=str(folder)))
    window = wizard.show_sent()
    qtbot.waitUntil(lambda: "No run is kept" in window.which.text(), timeout=30_000)
    assert not window.text.isVisible()
    window.close()
    kept = report_of(bad_findings())
    keep_report(kept)
    window = wizard.show_sent()
    assert kept.run_id.encode() in shown_bytes(qtbot, window)
    assert kept.run_code in window.which.text()
    window.close()


def test_without_a_share_a_mail_is_drafted_with_the_pdf_to_paste(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    wizard = make(Share(mail="helpdesk@example.com"))
    report = run(wizard, bad_findings())
    drafts: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: drafts.append(url) or True)
    wizard.session.actions[Command.SEND_TO_HELPDESK].trigger()
    (draft,) = drafts
    told = urlsplit(bytes(draft.toEncoded().data()).decode())
    assert (told.scheme, told.path) == ("mailto", "helpdesk@example.com")
    fields = parse_qs(told.query)
    assert report.run_code in fields["subject"][0]
    assert report.run_code in fields["body"][0]
    assert report.machine.host_name not in unquote(told.query)
    (url,) = QGuiApplication.clipboard().mimeData().urls()
    pdf = Path(url.toLocalFile())
    assert pdf.name in fields["body"][0]
    assert open_report(pdf).run_id == report.run_id
    assert open_report(pdf).redacted


def test_without_a_folder_for_documents_the_pdf_is_at_home(
    make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    wizard = make(Share())
    run(wizard, bad_findings())
    monkeypatch.setattr(report_places, "documents", lambda: str(tmp_path / "none"))
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _url: True)
    wizard.session.actions[Command.SEND_TO_HELPDESK].trigger()
    (url,) = QGuiApplication.clipboard().mimeData().urls()
    assert Path(url.toLocalFile()).parent == tmp_path


def test_where_no_file_can_be_written_the_mail_is_drafted_all_the_same(
    make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    wizard = make(Share())
    report = run(wizard, bad_findings())
    monkeypatch.setattr(report_places, "documents", lambda: str(tmp_path / "none"))
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "none")
    drafts: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: drafts.append(url) or True)
    wizard.session.actions[Command.SEND_TO_HELPDESK].trigger()
    (draft,) = drafts
    assert report.run_code in unquote(draft.query())
    assert "Attached" not in unquote(draft.query())
    (box,) = wizard.findChildren(QMessageBox)
    assert "not saved" in box.text()
    box.close()


def test_where_no_mail_program_opens_the_person_is_told_what_to_do(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    wizard = make(Share())
    report = run(wizard, bad_findings())
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _url: False)
    wizard.session.actions[Command.SEND_TO_HELPDESK].trigger()
    (box,) = wizard.findChildren(QMessageBox)
    assert report.run_code in box.informativeText()
    box.close()


@pytest.mark.parametrize("character", ["a", "é", "\u8a9e", "&", "\U0001f4de"])
def test_a_draft_is_never_longer_than_mail_programs_take(character: str) -> None:
    """Whatever a report says: nothing of it becomes another field, and the code is always there."""
    text = f"{character}\r\n&cc=evil@example.com?bcc=" * 30
    findings = tuple(
        structs.replace(each, title=text, summary=text, observed=text) for each in bad_findings()
    )
    report = structs.replace(report_of(findings), language="en")
    draft = mail_draft(report, to="helpdesk@example.com", attachment="natwizard.pdf")
    assert len(draft) <= LONGEST_URL
    assert draft.isascii()
    told = urlsplit(draft)
    fields = parse_qs(told.query)
    assert set(fields) == {"subject", "body"}
    assert report.run_code in fields["body"][0]
    assert "natwizard.pdf" in fields["body"][0]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has a registry instead")
@pytest.mark.parametrize("stopped", [False, True])
def test_a_run_of_the_window_leaves_its_outcome_for_inventory_tools(
    qtbot: QtBot, look: Appearance, stopped: bool
) -> None:
    control = RunControl(real_environment)
    wizard = Wizard(look, control, example_profile(), "example", Answers(), ReportSaver())
    report = run(wizard, bad_findings(), stopped=stopped)
    qtbot.waitUntil(lambda: len(recent_reports()) == 1, timeout=30_000)
    if not stopped:
        qtbot.waitUntil(state_file().exists, timeout=30_000)
        assert json.loads(state_file().read_bytes())["run_code"] == report.run_code
    qtbot.wait(50)
    assert state_file().exists() is not stopped
    wizard.close()
    wizard.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
