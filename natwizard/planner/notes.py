"""What was entered in the planner, kept for the next time on this computer."""

from pathlib import Path

import msgspec
from msgspec import Struct

from natwizard.model.quantity import Confirmation
from natwizard.planner.org import OrgInputs

LIMIT_BYTES = 1_000_000


class PlannerNotes(Struct, frozen=True, kw_only=True):
    """Inputs, and answers by point of the checklist with the day they were given."""

    inputs: OrgInputs
    uses_insight: bool = True
    answers: dict[str, Confirmation] = {}
    by: str = ""


def read_notes(path: Path) -> PlannerNotes | None:
    """None where there are none, or none that can be read: they are a convenience."""
    try:
        with path.open("rb") as file:
            content = file.read(LIMIT_BYTES + 1)
        if len(content) > LIMIT_BYTES:
            return None
        return msgspec.json.decode(content, type=PlannerNotes)
    except (OSError, ValueError, RecursionError, msgspec.MsgspecError):
        return None


def notes_json(notes: PlannerNotes) -> bytes:
    """As `read_notes` reads it back."""
    return msgspec.json.format(msgspec.json.encode(notes), indent=2) + b"\n"
