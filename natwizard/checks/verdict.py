"""The words of a check for one way it can stand."""

from msgspec import Struct

from natwizard.model.finding import Remedy, Status


class Verdict(Struct, frozen=True, kw_only=True):
    """How it stands, in one sentence, and what to do; no remedy where nothing is to be done."""

    status: Status
    summary: str
    remedy: Remedy | None = None
