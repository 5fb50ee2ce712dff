"""The headset page as Chromium shows it, each state at will: for pictures and for axe-core.

As a program it makes the pictures, which somebody has to look at: build/headset-page.
"""

import asyncio
import base64
import contextlib
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from computers.headset_lab import ALLOWED, TITLE, BrowserOnCall, Chromium, until

from natwizard.languages import use_language
from natwizard.model.language import _
from natwizard.probes.browser_page.admission import Admission
from natwizard.probes.browser_page.server import LoopbackServer
from natwizard.probes.browser_page.site import PageSite
from natwizard.probes.browser_page.steps import MicrophoneTrouble, Task
from natwizard.probes.browser_page.visit import Visit

STATES = (
    "offered", "asking", "asking late", "recording", "playing", "question", "calling", "caller",
    "offered-call", "connecting", "holding", "call_lost", "done", "twice", "gone",
    *(f"trouble {each.value}" for each in MicrophoneTrouble),
)  # fmt: skip
SHOW = """(state => {
  const [name, kind] = state.split(" ");
  for (const section of document.querySelectorAll("main > section")) {
    section.hidden = section.id !== name;
  }
  for (const words of document.querySelectorAll("#trouble [data-trouble]")) {
    words.hidden = words.dataset.trouble !== kind;
  }
  document.getElementById("trouble").dataset.kind = kind;
  document.getElementById("unasked").hidden = kind !== "late";
  document.getElementById("device").hidden = name !== "recording";
  document.getElementById("device-name").textContent = "Headset Microphone (USB Audio Device)";
  document.querySelector(`#${name} h1:not([hidden])`).focus();
})"""
CODES = ("en", "de", "fr", "es")
WIDTHS = (1280, 400)
THEMES: dict[str, tuple[dict[str, str], ...]] = {
    "light": ({"name": "prefers-color-scheme", "value": "light"},),
    "dark": ({"name": "prefers-color-scheme", "value": "dark"},),
    "contrast": ({"name": "forced-colors", "value": "active"},),
}


@dataclass
class ShownPage:
    """One tab with the page, driven from outside; no microphone is asked for."""

    driver: Chromium

    def show(self, state: str) -> None:
        self.driver.evaluate(f"void {SHOW}({state!r})")

    def look(self, theme: str) -> None:
        self.driver.call("Emulation.setEmulatedMedia", features=list(THEMES[theme]))

    def wide(self, width: int) -> None:
        self.driver.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=560, deviceScaleFactor=1,
            mobile=False,
        )  # fmt: skip

    def press(self, key: str, code: int) -> None:
        for kind in ("keyDown", "keyUp"):
            self.driver.call(
                "Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code
            )

    def picture(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(str(self.driver.call("Page.captureScreenshot")["data"])))


@contextlib.contextmanager
def shown_page(home: Path) -> Iterator[ShownPage]:
    """The page served as the program serves it, in the language of now."""
    ready, over = threading.Event(), threading.Event()
    addresses: list[str] = []

    async def serve() -> None:
        async with LoopbackServer() as server:
            task = Task(frame="", stun=(), websocket="", gather_ms=0)
            site = PageSite(
                admission=Admission(), port=server.port, task=task,
                visit=Visit(told=lambda: None), document="headset.html",
            )  # fmt: skip
            server.answering = site.answer
            addresses.append(site.url())
            ready.set()
            await asyncio.to_thread(over.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(20)
    on_call = BrowserOnCall(home, "chromium")
    launcher = on_call.chromium(*ALLOWED, "--use-fake-device-for-media-stream")
    with on_call.ended():
        browser = subprocess.Popen(
            (str(launcher), addresses[0]), start_new_session=True, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            page = on_call.page()
            driver = page.driver
            assert isinstance(driver, Chromium)
            driver.title = _(TITLE)
            until(lambda: bool(page.shown()), "the page")
            yield ShownPage(driver)
        finally:
            over.set()
            thread.join()
            browser.kill()
            browser.wait(20)


def main(folder: Path) -> None:
    """Every state in English, some in each language, wide and narrow, in each look."""
    folder.mkdir(parents=True, exist_ok=True)
    for language in CODES:
        use_language(language)
        with tempfile.TemporaryDirectory() as home, shown_page(Path(home)) as page:
            for state in STATES if language == "en" else STATES[:8:3]:
                for theme in THEMES:
                    for width in WIDTHS:
                        page.look(theme)
                        page.wide(width)
                        page.show(state)
                        name = f"{language}-{state.replace(' ', '-')}-{theme}-{width}.png"
                        page.picture(folder / name)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("build/headset-page"))
