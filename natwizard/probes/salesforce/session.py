"""A person's signed-in session: one org, one access token, kept in memory and shown to nobody."""

from typing import NoReturn

import httpx

from natwizard.probes.salesforce.hosts import origin

HIDDEN = "***"


class SalesforceSession:
    """Where an org answers, and the token that opens it.

    The token has no attribute of its own to be printed, copied or pickled with; it leaves only
    as the header of a request.
    """

    __slots__ = ("__token", "org")

    def __init__(self, org: httpx.URL, token: str) -> None:
        self.org = origin(org)
        self.__token = token

    def __repr__(self) -> str:
        return f"SalesforceSession({self.org})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a session stays in this process")

    def authorization(self) -> str:
        """The header that opens the org (RFC 6750)."""
        return f"Bearer {self.__token}"

    def as_session_id(self) -> str:
        """The same, as the Metadata API wants it in its envelope."""
        return self.__token

    def scrub(self, body: bytes) -> bytes:
        """A text without the token, whoever wrote it in there."""
        return body.replace(self.__token.encode(), HIDDEN.encode())
