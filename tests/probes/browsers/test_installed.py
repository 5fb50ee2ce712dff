"""Browsers really installed on the machine of the tests, compared with what they say themselves."""

import importlib.util
import json
import shutil
import subprocess
import sys

import pytest

from natwizard.probes.browsers.browser_copy import Browser, BrowserFamily, Channel
from natwizard.probes.browsers.installed import look_for_browsers
from natwizard.system.environment import system_host

pytestmark = pytest.mark.lab


def own_words(command: str) -> str:
    """What `--version` prints, such as "Mozilla Firefox 153.7.0esr"."""
    result = subprocess.run((command, "--version"), capture_output=True, text=True, timeout=60)
    return result.stdout


def found(family: BrowserFamily) -> Browser:
    [browser] = [
        each for each in look_for_browsers(system_host()).browsers if each.family is family
    ]
    return browser


@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs Debian's chromium")
def test_chromium_is_found_as_it_is() -> None:
    browser = found(BrowserFamily.CHROMIUM)
    assert browser.version in own_words("chromium").split()
    assert browser.bits == 64
    assert browser.channel is Channel.STABLE


@pytest.mark.skipif(shutil.which("firefox-esr") is None, reason="needs Debian's firefox-esr")
def test_firefox_esr_is_found_as_it_is() -> None:
    browser = found(BrowserFamily.FIREFOX)
    assert f"{browser.version}esr" in own_words("firefox-esr").split()
    assert browser.channel is Channel.ESR


# pybrowsers configures logging when it is imported, so it runs in a program of its own
ORACLE = "import browsers, json; print('FOUND' + json.dumps(list(browsers.browsers())))"
ORACLE_FAMILIES = {
    "chrome": BrowserFamily.CHROME,
    "chromium": BrowserFamily.CHROMIUM,
    "firefox": BrowserFamily.FIREFOX,
    "msedge": BrowserFamily.EDGE,
}


@pytest.mark.skipif(importlib.util.find_spec("browsers") is None, reason="needs pybrowsers")
def test_what_pybrowsers_finds_is_found_with_the_same_version() -> None:
    """It knows no bits, no channels, and not Debian's Firefox ESR: what it knows has to agree."""
    run = subprocess.run((sys.executable, "-c", ORACLE), capture_output=True, text=True, timeout=60)
    [told] = [line for line in run.stdout.splitlines() if line.startswith("FOUND")]
    second_opinion = {
        (ORACLE_FAMILIES[each["browser_type"]], each["version"].removesuffix("esr"))
        for each in json.loads(told.removeprefix("FOUND"))
        if each["browser_type"] in ORACLE_FAMILIES
    }
    if not second_opinion:
        pytest.skip("pybrowsers finds none of the four here")
    ours = {(each.family, each.version) for each in look_for_browsers(system_host()).browsers}
    assert second_opinion <= ours
