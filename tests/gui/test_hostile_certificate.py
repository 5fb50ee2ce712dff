"""A certificate whose issuer is an attack, from a real server to everything that shows it."""

import asyncio
from pathlib import Path

import pytest
from gui.example_run import example_profile, report_of
from pypdf import PdfReader
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot
from report.views import report_text
from servers.reach_lab import (
    answering,
    common_name,
    lab_context,
    make_authority,
    page,
    server_context,
    serving,
)

from natwizard.checks.base import Inputs
from natwizard.checks.filter_tls_interception import FILTER_TLS_INTERCEPTION
from natwizard.gui.app import qt_screens
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.run.report_saver import ReportSaver
from natwizard.gui.run.run_control import RunControl
from natwizard.gui.step_list_view import PAGE_IDS
from natwizard.gui.wizard import Wizard
from natwizard.model.finding import Finding, Page
from natwizard.model.outcome import Gathered
from natwizard.model.profile import Answers, Targets
from natwizard.model.report import Report
from natwizard.probes.connection.tls_chain import TLS_CHAIN, gather
from natwizard.report.as_html import report_html
from natwizard.report.as_json import write_json
from natwizard.report.as_junit import report_junit
from natwizard.report.as_pdf import write_pdf
from natwizard.system.environment import real_environment

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")

EVIL = common_name("\x1b[2J\u202eCA\x00\x9b31m<script>alert(1)</script>" + "x" * 9_000, "Evil\nCo")
# names escape angle brackets and zero bytes of their own accord (RFC 4514)
SHOWN = "[2J\\u202eCA\\00\\x9b31m\\<script"
RAW = ("\x1b", "\u202e", "\x00", "\x9b")


async def shown_by_a_real_server() -> Report:
    authority = make_authority(EVIL)
    async with serving(answering(page(b"hello")), server_context(authority)) as port:
        evidence = await gather(lab_context(Targets(tls=(f"127.0.0.1:{port}",))))
    judged = FILTER_TLS_INTERCEPTION.bind({})(
        Inputs(outcomes={TLS_CHAIN.name: Gathered(evidence=evidence)})
    )
    check = FILTER_TLS_INTERCEPTION
    finding = Finding(
        check=check.name,
        requirement=check.name,
        title=check.title,
        page=check.page,
        required=True,
        status=judged.status,
        summary=judged.summary,
        observed=judged.observed,
        expected=judged.expected,
        measured=judged.measured,
        remedy=judged.remedy,
        details=judged.details,
        tried=judged.tried,
    )
    return report_of((finding,))


def squeezed(text: str) -> str:
    """Without the white space that lines break at."""
    return "".join(text.split())


def test_it_is_spelled_out_in_every_view(qtbot: QtBot, look: Appearance, tmp_path: Path) -> None:
    report = asyncio.run(shown_by_a_real_server())
    html, text = report_html(report), report_text(report)
    write_pdf(report, tmp_path / "report.pdf")
    printed = "".join(each.extract_text() for each in PdfReader(tmp_path / "report.pdf").pages)
    shown = on_screen(qtbot, look, report, tmp_path)
    for view in (html, text, report_junit(report).decode(), printed, shown):
        assert not [sign for sign in RAW if sign in view]
        assert len(view) < 100_000
    for view in (text, printed, shown):
        assert squeezed(SHOWN) in squeezed(view)
    assert "<script>alert" not in html
    assert SHOWN.replace("<", "&lt;") in html


def on_screen(qtbot: QtBot, look: Appearance, report: Report, folder: Path) -> str:
    """All that the window's page of web filters says, with the worst row open."""
    write_json(report, folder / "report.json")
    control = RunControl(lambda: real_environment(qt_screens()))
    wizard = Wizard(
        look, control, example_profile(), "example", Answers(), ReportSaver(folder / "kept")
    )
    try:
        with qtbot.waitExposed(wizard):
            wizard.show()
        assert wizard.open_report(folder / "report.json")
        wizard.go_to(PAGE_IDS[Page.WEB_FILTERS])
        QApplication.processEvents()
        labels = wizard.check_pages[Page.WEB_FILTERS].findChildren(QLabel)
        return "\n".join(f"{label.text()} {label.toolTip()}" for label in labels)
    finally:
        wizard.close()
        assert control.close()
        wizard.deleteLater()
