"""The headset page in real Chromium: axe-core finds nothing in any state, and keys reach it all."""

import json
import shutil
from pathlib import Path

import pytest
from computers.headset_page import STATES, THEMES, ShownPage, shown_page
from report.test_accessible_page import AXE

pytestmark = [
    pytest.mark.xdist_group("headset"),
    pytest.mark.timeout(240),
    pytest.mark.skipif(shutil.which("chromium") is None, reason="needs Debian's chromium"),
]
RUN = """axe.run(document, {resultTypes: ["violations"]}).then(found => JSON.stringify({
  kept: found.passes.length,
  broken: found.violations.map(each => [each.id, ...each.nodes.map(node => node.html)]),
}))"""
FOCUSED = "((document.activeElement || {}).dataset || {}).do || document.activeElement.tagName"
TAB = ("Tab", 9)


def broken_in(page: ShownPage) -> list[list[str]]:
    told = json.loads(str(page.driver.evaluate(RUN)))
    assert told["kept"] > 10
    return list(told["broken"])


@pytest.mark.skipif(not AXE.exists(), reason="needs axe-core: make build/axe")
def test_axe_finds_nothing_in_any_state(tmp_path: Path) -> None:
    with shown_page(tmp_path) as page:
        page.driver.evaluate(f"{AXE.read_text('utf-8')}; 0")
        found = {}
        for theme in THEMES:
            page.look(theme)
            for state in STATES:
                page.show(state)
                found[state, theme] = broken_in(page)
        assert not [each for each in found.items() if each[1]]
        # it would find something
        page.look("light")
        page.show("offered")
        page.driver.evaluate("void (document.querySelector('#offered p').style.color = '#ddd')")
        assert [rule for rule, *_elements in broken_in(page)] == ["color-contrast"]


def test_keys_reach_every_button_in_its_order(tmp_path: Path) -> None:
    with shown_page(tmp_path) as page:
        assert page.driver.evaluate(FOCUSED) == "test"  # the first thing to do
        for state, doing in (
            ("question", ["yes", "no", "test"]),
            ("caller", ["listen", "stop"]),
            ("trouble denied", ["test", "stop"]),
            ("offered-call", ["test"]),
        ):
            page.show(state)
            # a screen reader reads the heading first
            assert page.driver.evaluate(FOCUSED) == "H1"
            reached = []
            for _each in doing:
                page.press(*TAB)
                reached.append(page.driver.evaluate(FOCUSED))
            assert reached == doing
            outline = "getComputedStyle(document.activeElement).outlineStyle"
            assert page.driver.evaluate(outline) == "solid"


def test_nothing_is_wider_than_a_narrow_window(tmp_path: Path) -> None:
    with shown_page(tmp_path) as page:
        page.wide(320)  # WCAG 2.2, 1.4.10: reflow
        for state in STATES:
            page.show(state)
            wider = "document.documentElement.scrollWidth > innerWidth"
            assert page.driver.evaluate(wider) is False, state
