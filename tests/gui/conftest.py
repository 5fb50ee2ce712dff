"""The window's look, for tests that see it; and patience, for machines that are slow."""

import gc
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from computers.program import PATIENCE_S
from gui.probe_threads import ProbeThreads
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from pytestqt.wait_signal import SignalBlocker

from natwizard.gui.look.appearance import Appearance

PATIENCE_MS = PATIENCE_S * 1000


class PatientQtBot(QtBot):
    """What a test waits for comes, however slow the machine is; pytest-qt gives up after 5 s."""

    def waitUntil(  # noqa: N802 - pytest-qt's name
        self, callback: Callable[[], bool | None], *, timeout: int = PATIENCE_MS
    ) -> None:
        super().waitUntil(callback, timeout=max(timeout, PATIENCE_MS))

    def waitSignal(  # noqa: N802
        self, signal: object, *, timeout: int = PATIENCE_MS, **how: object
    ) -> SignalBlocker:
        return super().waitSignal(signal, timeout=max(timeout, PATIENCE_MS), **how)

    def waitActive(  # noqa: N802
        self, widget: QWidget, *, timeout: int = PATIENCE_MS
    ) -> AbstractContextManager[QWidget]:
        return super().waitActive(widget, timeout=max(timeout, PATIENCE_MS))

    def waitExposed(  # noqa: N802
        self, widget: QWidget, *, timeout: int = PATIENCE_MS
    ) -> AbstractContextManager[QWidget]:
        return super().waitExposed(widget, timeout=max(timeout, PATIENCE_MS))


@pytest.fixture(autouse=True)
def _windows_end_where_they_were_made() -> Iterator[None]:
    """A window that a test leaves to the collector is taken down here, in the thread of windows.

    Else any thread that allocates may meet hundreds of them in a later test, and Qt with them.
    """
    yield
    gc.collect()


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    """In place of pytest-qt's own."""
    assert qapp
    return PatientQtBot(request)


@pytest.fixture
def probe_threads() -> ProbeThreads:
    """Of this test, from here on."""
    return ProbeThreads()


@pytest.fixture
def look(qapp: QApplication) -> Iterator[Appearance]:
    """The look of the window, light unless a test says otherwise."""
    made = Appearance(qapp)
    yield made
    qapp.setStyleSheet("")
    made.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
