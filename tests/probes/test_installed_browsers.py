"""Browsers really installed on the machine of the tests, compared with what they say themselves."""

import shutil
import subprocess

import pytest

from natwizard.probes.browser_copy import Browser, Channel, Family
from natwizard.probes.browsers import look_for_browsers
from natwizard.system.host import system_host

pytestmark = pytest.mark.lab


def own_words(command: str) -> str:
    """What `--version` prints, such as "Mozilla Firefox 153.7.0esr"."""
    result = subprocess.run((command, "--version"), capture_output=True, text=True, timeout=60)
    return result.stdout


def found(family: Family) -> Browser:
    [browser] = [
        each for each in look_for_browsers(system_host()).browsers if each.family is family
    ]
    return browser


@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs Debian's chromium")
def test_chromium_is_found_as_it_is() -> None:
    browser = found(Family.CHROMIUM)
    assert browser.version in own_words("chromium").split()
    assert browser.bits == 64
    assert browser.channel is Channel.STABLE


@pytest.mark.skipif(shutil.which("firefox-esr") is None, reason="needs Debian's firefox-esr")
def test_firefox_esr_is_found_as_it_is() -> None:
    browser = found(Family.FIREFOX)
    assert f"{browser.version}esr" in own_words("firefox-esr").split()
    assert browser.channel is Channel.ESR
