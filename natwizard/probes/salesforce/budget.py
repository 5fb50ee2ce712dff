"""Counts API calls before they are spent: an org has only so many a day."""

from dataclasses import dataclass

from natwizard.model.language import _
from natwizard.model.outcome import FailureCode
from natwizard.probes.https.client import web_failure

MOST_CALLS = 40
"""What one reading of an org may take; told before, and kept to."""
TYPICAL_CALLS = 14
"""What an org with one page of users and a handful of profiles takes."""


@dataclass(slots=True, kw_only=True)
class CallBudget:
    """Calls spent so far, of at most `most`."""

    most: int = MOST_CALLS
    spent: int = 0

    def spend(self) -> None:
        """Take one. Raises CannotGather (TOO_LARGE) where none is left."""
        if self.spent >= self.most:
            raise web_failure(
                FailureCode.TOO_LARGE, "count_calls", f"more than {self.most} API calls"
            )
        self.spent += 1


def price_words() -> str:
    """What a reading costs, for whoever pays it."""
    return _(
        "Reading your Salesforce org takes about {typical} API calls of its daily allowance,"
        " at most {most}. Nothing is changed there."
    ).format(typical=TYPICAL_CALLS, most=MOST_CALLS)
