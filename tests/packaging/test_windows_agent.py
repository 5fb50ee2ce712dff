"""What the agent does: setup by hand, double-click in the start menu, Start, Save PDF.

Under wine on a screen of its own, with xdotool for the hand; build/screenshots/windows keeps what
it looked like.
"""

import json
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest
from packaging_lab import ROOT
from steps import wine
from wine_lab import PATIENCE_S, SETUP_FILE, Hand, Windows, wait_until

pytestmark = [pytest.mark.windows, pytest.mark.xdist_group("wine"), pytest.mark.timeout(3000)]

# natwizard in wine's explorer, a window in the corner: the first row below the two folders
ICON = ("200", "143")


def test_the_agent_installs_double_clicks_and_saves_a_pdf(setup: Path, windows: Windows) -> None:
    hand = Hand(windows.environment["DISPLAY"])
    windows.environment["NATWIZARD_BROWSER"] = "none"
    with (windows.home / "profile.toml").open("w+") as profile:
        reflector = subprocess.Popen(
            [sys.executable, "-m", "natwizard", "reflector", "--bind", "127.0.0.1", "--fall-back"],
            stdout=profile, cwd=ROOT,
        )  # fmt: skip
        try:
            assert wait_until(lambda: is_whole(Path(profile.name)))
            install_by_hand(windows, hand, setup)
            folder = windows.programs / "natwizard"
            shutil.copyfile(profile.name, folder / "natwizard.toml")
            pdf = double_click_and_run(windows, hand)
        finally:
            reflector.terminate()
            reflector.wait()
    shown, said = windows.run(folder / "natwizard.exe", "show", wine.path(pdf), "--text")
    assert shown == 0
    assert "Run code:" in said
    kept = list((windows.home / "AppData/Local/natwizard/reports").glob("*.json"))
    assert len(kept) == 1
    assert json.loads(kept[0].read_text("utf-8"))["run_code"] in said


def test_a_double_clicked_set_up_file_is_offered_and_taken(setup: Path, windows: Windows) -> None:
    hand = Hand(windows.environment["DISPLAY"])
    # wine's shell looks for types in the computer's part of the registry alone
    assert windows.run(setup, "/S", "/ALLUSERS")[0] == 0
    file = windows.home / "Desktop/Müller & Co.natwizard"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(SETUP_FILE)
    # as Explorer does: the program that the registry names for this type
    assert windows.run("start", wine_place(windows, file))[0] == 0
    try:
        assert wait_until(lambda: len(hand.windows("^natwizard$")) > 1), "wizard and question"
        time.sleep(2)
        hand.picture("13-set-up-file-offered")
        hand.keys("alt+u")  # Use these settings
        kept = windows.home / "AppData/Local/natwizard/natwizard.toml"
        assert wait_until(lambda: kept.is_file() and kept.read_bytes() == SETUP_FILE)
    finally:
        windows.run("taskkill", "/f", "/im", "natwizard-gui.exe")


def is_whole(profile: Path) -> bool:
    """Whether the reflector has printed all of its profile."""
    text = profile.read_text("utf-8")
    try:
        return "[targets]" in text and text.endswith("\n") and bool(tomllib.loads(text))
    except tomllib.TOMLDecodeError:
        return False


def install_by_hand(windows: Windows, hand: Hand, setup: Path) -> None:
    """Every page of the installer, Return on each."""
    with windows.start(setup) as installing:
        for number, page in enumerate(("welcome", "licence", "for-whom", "folder"), 1):
            hand.window("natwizard Setup")
            hand.picture(f"{number}-setup-{page}")
            hand.keys("Return")
        assert wait_until(lambda: (windows.menu / "natwizard.lnk").is_file())
        time.sleep(3)
        hand.window("natwizard Setup")
        hand.picture("5-setup-finished")
        hand.keys("space", "Return")  # without starting it: the agent double-clicks
        installing.wait(PATIENCE_S)
    assert installing.returncode == 0


def double_click_and_run(windows: Windows, hand: Hand) -> Path:
    """Start menu folder, double-click, Start checks, Save PDF; returns the file."""
    start_menu = wine_place(windows, windows.menu)
    explorer = windows.start("explorer", start_menu)
    try:
        menu = hand.window("Programs")
        hand.do("windowsize", menu, "700", "400")
        hand.keys("End")
        hand.picture("6-start-menu")
        hand.do("mousemove", *ICON, "click", "--repeat", "2", "--delay", "80", "1")
        hand.window("^natwizard$")
        hand.picture("7-wizard-welcome")
        hand.keys("Return")  # Start checks
        time.sleep(6)
        hand.picture("8-wizard-running")
        reports = windows.home / "AppData/Local/natwizard/reports"
        assert wait_until(lambda: any(reports.glob("*.json")))
        time.sleep(3)
        hand.picture("9-wizard-summary")
        hand.keys("Return")  # Save PDF is the summary's button
        time.sleep(3)
        hand.picture("10-save-dialog")
        pdf = windows.prefix / "drive_c/agent.pdf"
        hand.keys("Home", "shift+End")
        hand.text(r"C:\agent.pdf")
        hand.picture("11-save-dialog-filled")
        hand.keys("Return")
        assert wait_until(pdf.is_file)
        time.sleep(2)
        hand.picture("12-saved")
        hand.do("windowclose", hand.window("^natwizard · "))  # with the run's code
        hand.do("windowclose", menu)
    finally:
        explorer.kill()
        explorer.communicate()
    return pdf


def wine_place(windows: Windows, folder: Path) -> str:
    """A folder of the prefix as the person there names it."""
    inside = folder.relative_to(windows.prefix / "drive_c").as_posix()
    return "C:\\" + inside.replace("/", "\\")
