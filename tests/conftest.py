"""Shared by all tests: a reflector on loopback, and profiles that point at it."""

import asyncio
import ipaddress
import itertools
import os
import signal
import sys
import tomllib
from collections.abc import Iterator

import hypothesis
import msgspec
import pytest
from computers.platforms import has_address
from computers.wine_differences import skip_what_wine_does_otherwise
from PySide6.QtWidgets import QApplication

from natwizard.model.language import ENGLISH, speak
from natwizard.model.profile import Profile, Targets
from natwizard.profiles.read import parse_profile
from natwizard.reflector.background import BackgroundReflector


def pytest_configure() -> None:
    """Shells have what runs in the background ignore Ctrl-C, and programs inherit that."""
    if not has_address("127.0.0.2"):  # tests have several computers there
        script = "packaging/macos/add-loopback-addresses.sh"
        raise pytest.UsageError(f"this system has one address of 127.0.0.0/8: {script}")
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if sys.platform == "win32":  # the loop that the program runs on: natwizard.system.loop
        asyncio.set_event_loop_policy(asyncio.WindowsSelectorEventLoopPolicy())
        # without a screen, Qt looks for fonts in a folder of its own, which does not exist
        os.environ.setdefault("QT_QPA_FONTDIR", rf"{os.environ['WINDIR']}\Fonts")

    # Qt without a screen, and the same letters on every computer; before anything imports it
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if sys.platform == "linux":
        os.environ.setdefault("QT_QPA_FONTDIR", "/usr/share/fonts/opentype/inter")

    # how long an example takes says something of the machine, nothing of natwizard
    hypothesis.settings.register_profile("any machine", deadline=None)
    hypothesis.settings.load_profile("any machine")


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    skip_what_wine_does_otherwise(items)
    for item in items:
        group = _shared_fixtures(item)
        if group and item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(group))


def _shared_fixtures(item: pytest.Item) -> str:
    """A name for all tests of a module that share what it makes once; empty if it makes nothing.

    Each worker that has one of them would make it again.
    """
    if not isinstance(item, pytest.Function):
        return ""
    shared = [
        name
        for name, definitions in item._fixtureinfo.name2fixturedefs.items()
        if definitions[-1].scope == "module"
    ]
    if not shared:
        return ""
    chosen = getattr(item, "callspec", None)
    which = [str(chosen.indices[name]) for name in shared if chosen and name in chosen.indices]
    return "-".join((item.module.__name__, *which))


@pytest.fixture(scope="session", autouse=True)
def whose_computer() -> Iterator[None]:
    """No test opens the browser of whoever runs the tests, nor speaks their language."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NATWIZARD_BROWSER", "none")
        patch.setenv("NATWIZARD_LANGUAGE", "en")  # whatever the developer's computer speaks
        yield


@pytest.fixture(scope="session", autouse=True)
def application(qapp: QApplication) -> QApplication:
    """A process has one for good: a report printed before any window would make it windowless."""
    return qapp


@pytest.fixture(scope="session", autouse=True)
def european_paper() -> Iterator[None]:
    """PDF files are A4 wherever the tests run; a test that wants Letter says so."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NATWIZARD_PAPER", "a4")
        yield


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Each test begins in English, whatever the one before has chosen."""
    yield
    speak(ENGLISH)


_ADDRESSES = itertools.count(1)


@pytest.fixture
def own_address() -> str:
    """An address of this computer that no other test has: port numbers there are free to choose."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return str(ipaddress.IPv4Address("127.64.0.0") + (worker << 16) + next(_ADDRESSES))


@pytest.fixture(scope="session")
def reflector() -> Iterator[BackgroundReflector]:
    """A whole demo reflector; its ports are in `places`, as targets in `demo_targets`."""
    with BackgroundReflector() as running:
        yield running


@pytest.fixture(scope="session")
def demo_targets(reflector: BackgroundReflector) -> Targets:
    """The targets of the reflector, read back from the profile that it prints."""
    return msgspec.convert(tomllib.loads(reflector.profile_text())["targets"], type=Targets)


@pytest.fixture(scope="session")
def demo_profile(reflector: BackgroundReflector) -> Profile:
    """The whole profile that the reflector prints, laid over the shipped one."""
    return parse_profile(reflector.profile_text().encode(), "demo profile")


LONGEST_ID = 60


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Workers must agree on names: a PDF's bytes are random, and some packets hold the time."""
    nameless = isinstance(val, bytes) or (isinstance(val, str) and len(val) > LONGEST_ID)
    return argname if nameless else None
