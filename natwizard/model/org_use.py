"""What telephony takes of a Salesforce org: storage and API calls. Pure arithmetic.

Source: the rows plan.storage_setup, plan.storage_daily and plan.api_calls ("Technical
Prerequisites", docs.natterbox.com). The planner and the check of an org's storage share it.
"""

from msgspec import Struct

KB_PER_MB = 1000
"""Decimal: the source page counts 50 x 50 KB as 2.5 MB."""


class StorageRates(Struct, frozen=True, kw_only=True):
    """What each record takes, in KB of 1000 bytes."""

    setup_per_user_kb: float = 50
    call_record_kb: float = 2
    activity_kb: float = 2
    hourly_processing_kb: float = 2
    missed_ring_kb: float = 2
    availability_change_kb: float = 2
    hourly_queue_kb: float = 2
    hours_per_day: int = 24

    def setup_kb(self, users: float) -> float:
        """Once, before the first call."""
        return users * self.setup_per_user_kb

    def calls_kb(self, calls: float) -> float:
        """A record and an activity for each call."""
        return calls * (self.call_record_kb + self.activity_kb)

    def processing_kb(self, users: float) -> float:
        """A day of the hourly processing of calls."""
        return users * self.hours_per_day * self.hourly_processing_kb

    def missed_rings_kb(self, rings: float) -> float:
        """Rings that nobody took."""
        return rings * self.missed_ring_kb

    def changes_kb(self, users: float, changes_per_user: float) -> float:
        """Changes of availability; Contact Center only."""
        return users * changes_per_user * self.availability_change_kb

    def queues_kb(self, queues: float) -> float:
        """A day of the hourly records of queues; Contact Center only."""
        return queues * self.hours_per_day * self.hourly_queue_kb


class ApiRates(Struct, frozen=True, kw_only=True):
    """API calls for a phone call and for a change of a setting."""

    per_call: float = 5
    per_settings_change: float = 1


STORAGE_RATES = StorageRates()
API_RATES = ApiRates()
