"""What a glyph can stand for: a status, or a check that has none yet."""

from enum import StrEnum
from typing import TypeAlias

from natwizard.model.finding import Status


class Activity(StrEnum):
    """A check that has no status yet."""

    WAITING = "waiting"
    RUNNING = "running"


Sign: TypeAlias = Status | Activity
