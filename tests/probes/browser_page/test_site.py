"""The page's files: the look's colours, nothing from elsewhere, whole, and known to the server."""

import re

import pytest

from natwizard.assets import asset
from natwizard.drawing.tokens import DARK, LIGHT, Theme, contrast
from natwizard.probes.browser_page.ports import BLOCKED_PORTS
from natwizard.probes.browser_page.product import product_of
from natwizard.probes.browser_page.site import FILES
from natwizard.probes.browser_page.steps import (
    Brand,
    HeadsetStage,
    MicrophoneTrouble,
    PageHello,
)

FOLDER = asset("browsercheck")
NAMES = sorted(path.name for path in FOLDER.iterdir())


def test_every_file_is_served_and_every_served_file_is_there() -> None:
    assert set(NAMES) == {*FILES, "page.html", "headset.html", "frame.html"}


@pytest.mark.parametrize("name", NAMES)
def test_nothing_comes_from_elsewhere_and_nothing_stands_in_line(name: str) -> None:
    text = (FOLDER / name).read_text("utf-8")
    addresses = set(re.findall(r"https?://[^\s\"']+", text))
    assert addresses <= {"http://www.w3.org/2000/svg"}
    assert not re.search(r"\sstyle=|\son\w+=|<script>|<style>", text)


@pytest.mark.parametrize(("place", "theme"), [(0, LIGHT), (1, DARK)], ids=["light", "dark"])
def test_the_page_wears_the_windows_colours(place: int, theme: Theme) -> None:
    blocks = re.findall(r":root \{(.*?)\}", (FOLDER / "page.css").read_text("utf-8"), re.DOTALL)
    worn = dict(re.findall(r"--([\w-]+): (#[0-9A-F]{6})", blocks[place]))
    assert worn == {
        "canvas": theme.canvas,
        "sidebar": theme.sidebar,
        "line": theme.line,
        "track": theme.track,
        "text": theme.text,
        "text-2": theme.text_2,
        "text-3": theme.text_3,
        "accent": theme.accent,
        "accent-hover": theme.accent_hover,
        "on-accent": theme.on_accent,
        "control": theme.control,
        "pass": theme.passed.foreground,
        "unknown": theme.unknown.foreground,
    }
    for name in ("text", "text-2", "text-3", "accent", "pass", "unknown"):
        assert contrast(worn[name], worn["canvas"]) >= 4.5
    for name in ("accent", "accent-hover"):
        assert contrast(worn["on-accent"], worn[name]) >= 4.5
    assert contrast(worn["control"], worn["canvas"]) >= 3


def test_the_headset_page_has_words_for_every_trouble() -> None:
    text = (FOLDER / "headset.html").read_text("utf-8")
    for kind in ('h1 tabindex="-1"', "p"):
        assert set(re.findall(rf"<{kind} data-trouble=\"(\w+)\">", text)) == set(MicrophoneTrouble)


def test_the_headset_page_has_every_stage() -> None:
    text = (FOLDER / "headset.html").read_text("utf-8")
    assert set(HeadsetStage) <= set(re.findall(r"<section id=\"(\w+)\"", text))


def test_the_ports_that_browsers_refuse_are_those_we_know_trouble_with() -> None:
    assert {53, 5060, 5061, 6000, 6665, 10080} <= BLOCKED_PORTS
    assert not {80, 443, 3478, 3479, 5349, 10062, 19302} & BLOCKED_PORTS


CHROME = ("Chromium/158.0.1.2", "Google Chrome/158.0.1.2")
BRAVE = ("Chromium/158.0.1.2", "Brave/158.0.1.2")
TRIDENT = "Mozilla/5.0 (Windows NT 10.0; Trident/7.0; rv:11.0) like Gecko"
EDGE = ("Chromium/158.0.1.2", "Microsoft Edge/158.0.4.5", "Not)A;Brand/24.0.0.0")
CHROME_TEXT = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/158.0.0.0 Safari/537.36"


@pytest.mark.parametrize(
    ("agent", "brands", "name", "version", "supported"),
    [
        (CHROME_TEXT, EDGE, "Edge", "158.0.4.5", True),
        (CHROME_TEXT, CHROME, "Chrome", "158.0.1.2", True),
        (CHROME_TEXT, BRAVE, "Brave", "158.0.1.2", False),
        (CHROME_TEXT, (), "Chrome", "158.0.0.0", True),
        (f"{CHROME_TEXT} Edg/158.0.0.0", (), "Edge", "158.0.0.0", True),
        (f"{CHROME_TEXT} OPR/140.0.0.0", (), "Opera", "140.0.0.0", False),
        ("Mozilla/5.0 (X11) Gecko/20100101 Firefox/158.0", (), "Firefox", "158.0", True),
        ("Mozilla/5.0 (Macintosh) Version/20.1 Safari/605.1.15", (), "Safari", "20.1", False),
        (TRIDENT, (), "Internet Explorer", "11.0", False),
        ("curl", (), "", "", False),
    ],
)
def test_a_browser_is_known_by_its_most_particular_name(
    agent: str, brands: tuple[str, ...], name: str, version: str, supported: bool
) -> None:
    listed = tuple(Brand(brand=b.rpartition("/")[0], version=b.rpartition("/")[2]) for b in brands)
    product = product_of(PageHello(instance="0" * 32, user_agent=agent, brands=listed))
    assert (product.name, product.version, product.supported) == (name, version, supported)
