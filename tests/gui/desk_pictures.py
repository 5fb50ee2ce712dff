"""Makes pictures of the helpdesk's windows: `python tests/gui/desk_pictures.py [language [scale]]`.

They land in build/screenshots; somebody has to look at them.
"""

import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
LANGUAGE, SCALE = (*sys.argv[1:], *("en", "1")[len(sys.argv) - 1 :])[:2]
END = "" if (LANGUAGE, SCALE) == ("en", "1") else f"-{LANGUAGE}-{SCALE}x"
os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["QT_SCALE_FACTOR"] = SCALE
os.environ.setdefault("QT_QPA_FONTDIR", "/usr/share/fonts/opentype/inter")
sys.path.insert(0, str(ROOT / "tests"))

from gui.example_run import (  # noqa: E402
    bad_findings,
    example_profile,
    finished,
    good_findings,
    report_of,
)
from msgspec import structs  # noqa: E402
from PySide6.QtGui import QFont  # noqa: E402
from PySide6.QtTest import QTest  # noqa: E402
from PySide6.QtWidgets import QWidget  # noqa: E402
from report.watch_samples import watch, watch_with_call  # noqa: E402

from natwizard.drawing.tokens import DARK, LIGHT  # noqa: E402
from natwizard.gui.application import the_application  # noqa: E402
from natwizard.gui.helpdesk.desk_window import SIZE, SIZE_BESIDE  # noqa: E402
from natwizard.gui.helpdesk.watch_view import WatchView  # noqa: E402
from natwizard.gui.look.appearance import Appearance  # noqa: E402
from natwizard.gui.run.run_control import RunControl  # noqa: E402
from natwizard.gui.step_list_view import SUMMARY  # noqa: E402
from natwizard.gui.wizard import Wizard  # noqa: E402
from natwizard.languages import use_language  # noqa: E402
from natwizard.model.profile import Answers  # noqa: E402
from natwizard.report.store import keep_report, keep_watch  # noqa: E402
from natwizard.system.environment import real_environment  # noqa: E402

SETTLE_MS = 400


def keep_some() -> None:
    """A fortnight of runs, good and bad."""
    for number in range(14):
        findings = bad_findings() if number in {3, 4, 9} else good_findings()
        run = structs.replace(
            report_of(findings),
            run_id=f"{number:08x}-0000-4000-8000-000000000000",
            run_code=CODES[number % len(CODES)],
            started_at=f"2026-11-{8 + number:02}T0{8 + number % 2}:{number * 4:02}:12.000+01:00",
        )
        keep_report(run)
    for hour, moments in ((9, 0), (15, 4)):
        keep_watch(structs.replace(
            watch(moments), run_id=f"{hour:08x}-0000-4000-8000-000000000000",
            run_code=CODES[hour % len(CODES)], started_at=f"2026-11-19T{hour:02}:20:00.000+01:00",
        ))  # fmt: skip


CODES = ("quiet otter amber field", "silver kite ocean pear", "noble fern tiger cloud")


def shoot(window: QWidget, name: str) -> None:
    """Let it settle, then keep the picture; the screen that is not there is too small for it."""
    window.resize(*(SIZE_BESIDE if isinstance(window, WatchView) else SIZE))
    QTest.qWait(SETTLE_MS)
    window.grab().save(str(ROOT / "build" / "screenshots" / f"{name}{END}.png"))
    window.close()


def main() -> None:
    """Each window in both themes, and the window with its names hidden."""
    (ROOT / "build" / "screenshots").mkdir(parents=True, exist_ok=True)
    application = the_application()
    look = Appearance(application, font=QFont("Inter", 9))
    use_language(LANGUAGE)
    keep_some()
    for theme in (LIGHT, DARK):
        look.use(theme)
        control = RunControl(real_environment)
        wizard = Wizard(look, control, example_profile(), "shipped", Answers())
        for event in finished(bad_findings()):
            control.model.apply(event, control.now_s())
        wizard.show()
        wizard.go_to(SUMMARY)
        desk, end = wizard.desk, theme.name.value
        if (history := desk.show_history()) is not None:
            shoot(history, f"10-history-{end}")
        if (comparison := desk.show_comparison()) is not None:
            shoot(comparison, f"11-compare-{end}")
        watching = desk.show_watch()
        shoot(watching, f"12-watch-idle-{end}")
        watching = desk.show_watch()
        watching.show_record(watch(5))
        shoot(watching, f"12-watch-{end}")
        watching = desk.show_watch()
        watching.show_record(watch_with_call())
        shoot(watching, f"12-watch-call-{end}")
        shoot(desk.show_saved_watch(watch(5)), f"13-watch-opened-{end}")
        wizard.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_DATA_HOME"] = folder
        main()
