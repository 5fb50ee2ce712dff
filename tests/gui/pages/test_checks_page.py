"""A page of checks: its rows, and those that have one cause."""

import pytest
from gui.example_run import example_profile, finished
from gui.other_runs import unset_findings
from pytestqt.qtbot import QtBot

from natwizard.gui.look.appearance import Appearance
from natwizard.gui.run.run_control import RunControl
from natwizard.gui.step_list_view import PAGE_IDS
from natwizard.gui.wizard import Wizard
from natwizard.model.finding import Page, Status
from natwizard.model.profile import Answers
from natwizard.system.environment import real_environment


@pytest.fixture
def unset(qtbot: QtBot, look: Appearance) -> Wizard:
    """A window after a run that had no address of the service."""
    wizard = Wizard(look, RunControl(real_environment), example_profile(), "example", Answers())
    qtbot.addWidget(wizard)
    for event in finished(unset_findings()):
        wizard.control.model.apply(event, wizard.control.now_s())
    wizard.show()
    return wizard


@pytest.mark.parametrize("page", [Page.FIREWALL_PORTS, Page.UDP_MEDIA])
def test_what_is_not_set_up_is_one_row_that_names_all_of_it(page: Page, unset: Wizard) -> None:
    unset.go_to(PAGE_IDS[page])
    titles = [
        finding.title
        for finding in unset.control.model.findings(page)
        if finding.status is Status.NOT_SET_UP
    ]
    assert len(titles) > 1
    rows = unset.check_pages[page].rows
    [row] = [row for row in rows.rows.values() if row.header.state.sign is Status.NOT_SET_UP]
    assert row.header.accessibleDescription() == f"{', '.join(titles)}: not set up"
    rows.open_row(row.check, animated=False)
    finding = row.header.state.finding
    assert finding is not None
    assert [line.label for line in finding.details] == [*titles, "For administrators"]


def test_a_row_of_several_stays_open_while_the_page_is_shown_again(unset: Wizard) -> None:
    unset.go_to(PAGE_IDS[Page.FIREWALL_PORTS])
    page = unset.check_pages[Page.FIREWALL_PORTS]
    [row] = [row for row in page.rows.rows.values() if row.header.state.sign is Status.NOT_SET_UP]
    page.rows.open_row(row.check, animated=False)
    panel = row.panel
    page.refresh()
    assert row.panel is panel
