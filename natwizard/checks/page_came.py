"""What a page that was asked for turned into on its way."""

from enum import StrEnum


class Came(StrEnum):
    """What came in place of the page, or the page itself."""

    REAL = "real"
    LOGIN = "login"
    OTHER = "other"
    STATUS = "status"
    LOOP = "loop"
    PASSWORD = "password"  # noqa: S105 - the proxy asks for one
    NOTHING = "nothing"
