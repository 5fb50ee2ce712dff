"""The Administrator page: sign in, see what it costs, read the org, sign out."""

from collections.abc import Callable, Iterator

import msgspec
import pytest
from probes.salesforce.test_sign_in import Browser
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from servers.free_ports import free_port
from servers.salesforce_org import DATA, TOKEN
from servers.salesforce_server import CLIENT_ID, SalesforceServer, refused

from natwizard.gui.look.appearance import Appearance
from natwizard.gui.pages.administrator_page import AdministratorPage
from natwizard.gui.run.run_control import RunControl
from natwizard.gui.run.salesforce_access import AccessStage
from natwizard.gui.step_list_view import PAGE_IDS
from natwizard.gui.wizard import Wizard
from natwizard.model.finding import Page, Status
from natwizard.model.profile import Answers, Profile, Role
from natwizard.profiles.read import shipped_profile
from natwizard.run.runner import Environment
from natwizard.system.environment import machine_facts, system_host

PATIENCE_MS = 20_000


@pytest.fixture
def server() -> Iterator[SalesforceServer]:
    with SalesforceServer(callback=f"http://localhost:{free_port()}/callback") as running:
        yield running


def profile_of(server: SalesforceServer, client_id: str = CLIENT_ID) -> Profile:
    """The shipped rows of Salesforce alone: everything else is measured elsewhere."""
    shipped = shipped_profile()
    rows = tuple(row for row in shipped.requirements if row.id.startswith("salesforce."))
    targets = server.targets(salesforce_client_id=client_id, salesforce_callback=server.callback)
    return msgspec.structs.replace(shipped, requirements=rows, targets=targets)


def page_of(wizard: Wizard) -> AdministratorPage:
    page = wizard.check_pages[Page.ADMINISTRATOR]
    assert isinstance(page, AdministratorPage)
    return page


@pytest.fixture
def open_window(
    qtbot: QtBot, look: Appearance, server: SalesforceServer
) -> Iterator[Callable[..., Wizard]]:
    """A window whose run is over, on the Administrator page."""
    opened: list[Wizard] = []

    def make(open_page: Callable[[str], bool] | None, client_id: str = CLIENT_ID) -> Wizard:
        host = system_host()

        def environment() -> Environment:
            return Environment(network=server.network(), host=host,
                                machine=machine_facts(host), open_page=open_page)  # fmt: skip

        control = RunControl(environment)
        answers = Answers(role=Role.ADMINISTRATOR)
        wizard = Wizard(look, control, profile_of(server, client_id), "test", answers)
        opened.append(wizard)
        wizard.show()
        with qtbot.waitSignal(control.finished, timeout=PATIENCE_MS):
            wizard.start()
        wizard.go_to(PAGE_IDS[Page.ADMINISTRATOR])
        return wizard

    yield make
    for wizard in opened:
        wizard.close()
        wizard.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def browser_of(server: SalesforceServer) -> Callable[[str], bool]:
    def open_page(address: str) -> bool:
        Browser(server)(address)
        return True

    return open_page


def statuses(wizard: Wizard) -> set[Status]:
    return {finding.status for finding in wizard.control.model.findings(Page.ADMINISTRATOR)}


def press(qtbot: QtBot, page: AdministratorPage) -> None:
    qtbot.mouseClick(page.box.button, Qt.MouseButton.LeftButton)


def test_the_org_is_read_after_signing_in_and_forgotten_after_signing_out(
    qtbot: QtBot, open_window: Callable[..., Wizard], server: SalesforceServer
) -> None:
    wizard = open_window(browser_of(server))
    page = page_of(wizard)
    assert statuses(wizard) == {Status.MANUAL}
    assert "about 14 API calls" in page.box.line.text()
    assert server.asked == []
    press(qtbot, page)
    qtbot.waitUntil(lambda: statuses(wizard) == {Status.PASS}, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: not wizard.control.model.busy, timeout=PATIENCE_MS)
    page.refresh()
    assert f"takes about {server.calls()} API calls" in page.box.line.text()
    assert "acme.my.salesforce.com" in page.box.line.text()
    assert TOKEN.encode() not in msgspec.json.encode(wizard.control.model.report)
    press(qtbot, page)
    assert wizard.control.salesforce.session is None
    asked = len(server.asked)
    with qtbot.waitSignal(wizard.control.finished, timeout=PATIENCE_MS):
        wizard.control.run_again(("salesforce.api",))
    assert statuses(wizard) == {Status.MANUAL}
    assert len(server.asked) == asked


def test_where_no_browser_opens_the_address_can_be_copied_and_waiting_given_up(
    qtbot: QtBot, open_window: Callable[..., Wizard], server: SalesforceServer
) -> None:
    wizard = open_window(None)
    page, access = page_of(wizard), wizard.control.salesforce
    press(qtbot, page)
    qtbot.waitUntil(lambda: bool(access.address), timeout=PATIENCE_MS)
    assert access.stage is AccessStage.WAITING
    assert page.box._copy is not None
    qtbot.mouseClick(page.box._copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == access.address
    press(qtbot, page)
    assert access.stage is AccessStage.OUT
    assert statuses(wizard) == {Status.MANUAL}
    assert server.asked == []


def test_a_refusal_is_told_in_the_box_and_changes_no_finding(
    qtbot: QtBot, open_window: Callable[..., Wizard], server: SalesforceServer
) -> None:
    server.person_agrees = False
    wizard = open_window(browser_of(server))
    page, access = page_of(wizard), wizard.control.salesforce
    press(qtbot, page)
    qtbot.waitUntil(lambda: access.failure is not None, timeout=PATIENCE_MS)
    assert "Salesforce refused the sign-in" in page.box.line.text()
    assert page.box.button.isEnabled()
    assert statuses(wizard) == {Status.MANUAL}


def test_a_session_that_expired_is_forgotten_and_can_be_renewed(
    qtbot: QtBot, open_window: Callable[..., Wizard], server: SalesforceServer
) -> None:
    wizard = open_window(browser_of(server))
    page, access = page_of(wizard), wizard.control.salesforce
    server.instead[DATA] = refused(401, "INVALID_SESSION_ID", "Session expired or invalid")
    press(qtbot, page)
    qtbot.waitUntil(lambda: access.failure is not None, timeout=PATIENCE_MS)
    assert access.session is None
    assert "signed out by Salesforce" in page.box.line.text()
    assert statuses(wizard) == {Status.UNKNOWN}
    server.instead.clear()
    qtbot.waitUntil(lambda: not wizard.control.model.busy, timeout=PATIENCE_MS)
    press(qtbot, page)
    qtbot.waitUntil(lambda: statuses(wizard) == {Status.PASS}, timeout=PATIENCE_MS)


def test_without_a_client_id_the_box_says_what_is_missing(
    open_window: Callable[..., Wizard],
) -> None:
    page = page_of(open_window(None, client_id=""))
    assert "targets.salesforce_client_id" in page.box.line.text()
    assert not page.box.button.isEnabled()


def test_closing_the_window_while_it_waits_ends_the_waiting(
    qtbot: QtBot, open_window: Callable[..., Wizard]
) -> None:
    wizard = open_window(None)
    press(qtbot, page_of(wizard))
    access = wizard.control.salesforce
    qtbot.waitUntil(lambda: bool(access.address), timeout=PATIENCE_MS)
    assert wizard.control.close()
