"""The page is the accessible form of a report: axe-core, in a real browser, finds nothing in it.

axe-core is the engine of accessibility checks that browsers' own tools use (Deque Systems).
"""

import json
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path

import pytest
from msgspec import structs
from report.samples import not_ready, overlong, ready
from report.test_plan_views import org_report

from natwizard.model.report import LeftOut, Report
from natwizard.report.as_html import report_html

AXE = Path(__file__).parents[2] / "build" / "axe" / "axe_playwright_python" / "axe.min.js"
DARK = "@media screen and (prefers-color-scheme:dark)"
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
RUN = """
axe.run(document, {resultTypes: ["violations"]}).then(result => {
  const told = {passes: result.passes.length, violations: result.violations.map(
    each => [each.id, each.help, ...each.nodes.map(node => node.html)])};
  const box = document.createElement("pre");
  box.id = "told";
  box.textContent = JSON.stringify(told);
  document.body.append(box);
});
"""

pytestmark = [
    pytest.mark.skipif(shutil.which("chromium") is None, reason="needs Debian's chromium"),
    pytest.mark.skipif(not AXE.exists(), reason="needs axe-core: make build/axe"),
]


def examined(page: str, folder: Path) -> tuple[int, list[list[str]]]:
    """How many rules the page keeps, and those it breaks: each with its elements."""
    # the page's own policy forbids scripts, also this one
    free, count = POLICY.subn("", page)
    assert count == 1
    scripts = f"<script>{AXE.read_text('utf-8')}</script><script>{RUN}</script>"
    file = folder / "report.html"
    file.write_text(free.replace("</body>", f"{scripts}</body>"), "utf-8")
    shown = subprocess.run(
        ("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
         "--window-size=1024,900", "--virtual-time-budget=60000",
         f"--user-data-dir={folder / 'chromium'}", "--dump-dom", file.as_uri()),
        capture_output=True, text=True, timeout=100, check=True,
    ).stdout  # fmt: skip
    found = re.search(r'<pre id="told">(.*?)</pre>', shown, re.DOTALL)
    assert found is not None, "axe did not come to an end"
    told = json.loads(unescape(found[1]))
    return told["passes"], told["violations"]


def part_of_a_run() -> Report:
    """With a name on it, and checks that were not run."""
    report = not_ready()
    left_out = tuple(
        LeftOut(check=each.check, title=each.title, page=each.page) for each in report.findings[20:]
    )
    return structs.replace(
        report, findings=report.findings[:20], left_out=left_out, reference="INC-20417"
    )


REPORTS = {
    "not_ready": not_ready(),
    "ready": ready(),
    "overlong": overlong(),
    "org": org_report(),
    "part": part_of_a_run(),
}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_axe_finds_nothing_in_a_report(report: Report, dark: bool, tmp_path: Path) -> None:
    page = report_html(report)
    assert DARK in page
    kept, broken = examined(page.replace(DARK, "@media screen") if dark else page, tmp_path)
    assert broken == []
    assert kept > 15


def test_axe_would_find_something(tmp_path: Path) -> None:
    """Text in the colour of lines, and a picture that says nothing."""
    page = report_html(not_ready())
    harmed = page.replace("--text-2:", "--text-2:#D8DFE6;--unused:").replace(' role="img"', "")
    _kept, broken = examined(harmed, tmp_path)
    assert "color-contrast" in {rule for rule, *_elements in broken}
