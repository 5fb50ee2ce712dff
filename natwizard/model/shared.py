"""A run as it leaves the computer: the report, masked further, and which seat it is about."""

from msgspec import Struct

from natwizard.model.report import Report


class Seat(Struct, frozen=True, kw_only=True):
    """Which computer, as far as its owner wants that known. Nothing here names a person.

    Attributes:
        host_id: keyed hash of the machine's own ID, the same for every run of one computer.
        name_id: keyed hash of the computer's name, so that a list of devices can be held against
            the reports without a name in any of them.
        host_name: the name itself; empty unless the profile says `names = true`.
        site, subnet, provider: of the profile's [[sites]]; empty where none of them fits.
    """

    host_id: str
    name_id: str
    host_name: str = ""
    site: str = ""
    subnet: str = ""
    provider: str = ""


class SharedReport(Report, frozen=True, kw_only=True):
    """A report with its seat; every program that reads reports reads it as one.

    Attributes:
        amended_at: ISO 8601, where the report changed after it was sent the first time (a person
            answered a question, a connection that was held open broke); of two forms of one run
            the later counts. Empty for the first.
    """

    seat: Seat
    amended_at: str = ""
