"""The pinned PySide6 does not lose references when signals are emitted (decision 2)."""

import sys

from PySide6.QtCore import QObject, Signal

EMITS = 20_000


class Sender(QObject):
    happened = Signal(object)


def test_twenty_thousand_emits_lose_no_reference() -> None:
    sender, got = Sender(), []
    sender.happened.connect(got.append)
    before = sys.getrefcount(True)
    for number in range(EMITS):
        sender.happened.emit(number)
    lost = before - sys.getrefcount(True)
    assert got == list(range(EMITS))
    assert lost < EMITS / 100
