"""Takes the one answer of a sign-in on this computer: loopback only, right state, once."""

import asyncio
import hmac
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from natwizard.model.language import _
from natwizard.model.outcome import FailureCode
from natwizard.probes.browser_page.site import Answer, Request
from natwizard.probes.secure_web import web_failure

PAGE = """<!doctype html>
<html><head><meta charset="utf-8"><title>natwizard</title></head>
<body><p>{text}</p></body></html>
"""
HEADERS = (
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
)


@dataclass(slots=True, kw_only=True)
class Callback:
    """What the browser brings back.

    Attributes:
        address: the callback address of the app, to the letter.
        state: what only the page of our own sign-in knows.
    """

    address: str
    state: str
    _code: "asyncio.Future[str]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    async def code(self) -> str:
        """The authorisation code. Raises CannotGather (SIGN_IN_REFUSED)."""
        return await self._code

    def answer(self, request: Request) -> Answer:
        """Settle with the first request that is ours; others learn nothing and change nothing."""
        expected, got = urlsplit(self.address), urlsplit(request.target)
        ours = request.headers.get("host", "").lower() == expected.netloc.lower()
        if request.method != "GET" or got.path != expected.path or not ours:
            return Answer(status=404)
        fields = parse_qs(got.query, max_num_fields=20)
        if not hmac.compare_digest(_first(fields, "state").encode(), self.state.encode()):
            return Answer(status=400)
        if self._code.done():
            return Answer(status=410)
        return self._settle(fields)

    def _settle(self, fields: dict[str, list[str]]) -> Answer:
        code = _first(fields, "code")
        if code:
            self._code.set_result(code)
            return _page(_("You are signed in. You can close this page and go back to natwizard."))
        reason = f"{_first(fields, 'error')} {_first(fields, 'error_description')}".strip()
        self._code.set_exception(
            web_failure(FailureCode.SIGN_IN_REFUSED, "sign_in", reason or "no code came back")
        )
        with suppress(Exception):  # it is told by `code`, to whoever still waits for it
            self._code.exception()
        return _page(_("Salesforce refused the sign-in. Go back to natwizard."))


def _first(fields: dict[str, list[str]], name: str) -> str:
    return fields.get(name, [""])[0]


def _page(text: str) -> Answer:
    return Answer(status=200, content=PAGE.format(text=text).encode(), headers=HEADERS)
