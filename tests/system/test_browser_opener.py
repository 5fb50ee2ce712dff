"""Opening a page: the chosen program gets the address, nobody waits for it, no shell sees it."""

import sys
import time
from pathlib import Path

import pytest

from natwizard.system.browser import open_in_default_browser, page_opener

URL = "http://127.0.0.1:1/token/;touch${IFS}x"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the programs here are scripts")


def script(folder: Path, body: str) -> str:
    path = folder / "browser"
    path.write_text(f"#!/bin/sh\n{body}\n", "utf-8")
    path.chmod(0o755)
    return str(path)


def test_the_chosen_program_gets_the_address_as_one_argument(tmp_path: Path) -> None:
    opener = page_opener(script(tmp_path, f'printf %s "$#$1" > {tmp_path}/seen'))
    assert opener is not None
    assert opener(URL)
    assert (tmp_path / "seen").read_text("utf-8") == f"1{URL}"


def test_a_browser_that_stays_counts_as_opened_and_is_not_waited_for(tmp_path: Path) -> None:
    opener = page_opener(script(tmp_path, "exec sleep 20"))
    assert opener is not None
    started = time.monotonic()
    assert opener(URL)
    assert time.monotonic() - started < 20


@pytest.mark.parametrize("body", ["exit 3", None])
def test_a_program_that_fails_or_is_not_there_opened_nothing(
    tmp_path: Path, body: str | None
) -> None:
    program = str(tmp_path / "missing") if body is None else script(tmp_path, body)
    opener = page_opener(program)
    assert opener is not None
    assert not opener(URL)


@pytest.mark.parametrize(("chosen", "expected"), [("none", None), ("", open_in_default_browser)])
def test_the_environment_chooses_for_the_window(
    monkeypatch: pytest.MonkeyPatch, chosen: str, expected: object
) -> None:
    monkeypatch.setenv("NATWIZARD_BROWSER", chosen)
    assert page_opener() is expected


@pytest.mark.skipif(sys.platform != "linux", reason="others always have a display")
def test_without_a_display_no_browser_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert not open_in_default_browser(URL)
