"""What no measurement can settle, point by point, with what people answered."""

from msgspec import Struct

from natwizard.model.finding import Owner, Source
from natwizard.model.privacy import PublicText, QuotingText
from natwizard.model.quantity import Confirmation


class ChecklistItem(Struct, frozen=True, kw_only=True):
    """One point: what to confirm, who can, and whether they have.

    Attributes:
        point: ID that never changes ("plan.ott.voicemail").
        requirement: ID of the row that asks for it.
        source: None where the profile names none.
    """

    point: PublicText
    requirement: PublicText
    topic: QuotingText
    text: QuotingText
    owner: Owner
    source: Source | None
    answer: Confirmation | None = None
