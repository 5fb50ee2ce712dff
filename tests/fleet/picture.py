"""A picture of the fleet's page for docs/site.md, of a planted fleet: make screenshots."""

import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # as the tests import what they share

from fleet.synthetic import make_fleet, write_fleet

from natwizard.fleet.as_html import fleet_html
from natwizard.fleet.questions import DAY_S, Asked, ask
from natwizard.fleet.read import fleet_tables

SIZE = "1160,1240"


def main() -> None:
    """Write the page and its picture into build/screenshots."""
    folder = Path("build/screenshots").absolute()
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / "fleet.html"
    fleet = make_fleet(1, sites=12, desks=25, days=12)
    with tempfile.TemporaryDirectory() as made:
        write_fleet(fleet, Path(made))
        asked = Asked(folder=Path("share"), now_s=fleet.end_s, since_s=fleet.end_s - 7 * DAY_S,
                      silent_after_days=7)  # fmt: skip
        with fleet_tables(Path(made)) as (tables, unread):
            page.write_text(fleet_html(ask(tables, asked, unread)))
    subprocess.run(
        ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
         f"--screenshot={folder / 'fleet.png'}", f"--window-size={SIZE}", page.as_uri()],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip


if __name__ == "__main__":
    main()
