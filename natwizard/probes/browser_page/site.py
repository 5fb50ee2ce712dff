"""Answers each request for the page: who may ask, for what, and with which headers. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import ClassVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from natwizard.assets import asset
from natwizard.model.language import _, current_language
from natwizard.probes.browser_page.admission import Admission
from natwizard.probes.browser_page.steps import AnyStep, PageHello, Site, Task, decode_step
from natwizard.probes.browser_page.visit import AlreadyRunning, Visit

OWN_NAME, EMBEDDED_NAME = "127.0.0.1", "localhost"
"""Two names of this computer: to a browser they are two sites, however they resolve."""

MARKED = re.compile(r"\[\[(.+?)\]\]")
HTML, CSS, SCRIPT = "text/html; charset=utf-8", "text/css", "text/javascript"
FILES: Mapping[str, str] = {
    "page.css": CSS,
    "page.js": SCRIPT,
    "hello.js": SCRIPT,
    "headset.js": SCRIPT,
    "call.js": SCRIPT,
    "headset-figures.js": SCRIPT,
    "headset-worklet.js": SCRIPT,
    "calls.js": SCRIPT,
    "held-call.js": SCRIPT,
    "microphone.js": SCRIPT,
    "relay.js": SCRIPT,
    "site-data.js": SCRIPT,
    "frame.js": SCRIPT,
    "old.js": SCRIPT,
    "noscript.css": CSS,
    "mark.svg": "image/svg+xml",
}


class Request(Struct, frozen=True, kw_only=True):
    """One request as it came; header names in lower case, each once."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""


class PageResponse(Struct, frozen=True, kw_only=True):
    """What to send back; the connection is closed after it."""

    status: int
    content: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSite:
    """Everything below one secret path; the rest does not exist.

    Attributes:
        admission: the address that opens the visit once, and the secret path behind it.
        port: ours; with the two names it makes the only hosts and origins that are let in, so
            neither a page of someone else nor a name that points here gets an answer.
        document: the page to show, a file of resources/browsercheck.
    """

    admission: Admission = field(default_factory=Admission)
    port: int
    task: Task
    visit: Visit
    document: str = "page.html"

    NOT_FOUND: ClassVar[PageResponse] = PageResponse(status=404)

    def answer(self, request: Request) -> PageResponse:
        """Route one request; whoever does not know the secret path learns nothing."""
        name = self._name(request)
        _, token, rest = (*request.target.split("/", 2), "", "")[:3]
        if name == OWN_NAME and self.admission.is_nonce(token) and not rest:
            return self._admit(request)
        if not name or not self.admission.is_session(token):
            return self.NOT_FOUND
        if not self._has_cookie(request, rest, name):
            return PageResponse(status=403)
        if request.method == "POST" and rest == "steps":
            return self._take(request, name)
        if request.method != "GET":
            return PageResponse(status=405)
        return self._file(rest.partition("?")[0], name)

    def url(self) -> str:
        """The address to open, once."""
        return f"{self._origin(OWN_NAME)}/{self.admission.nonce}/"

    def _admit(self, request: Request) -> PageResponse:
        """Exchange the nonce for the secret path and its cookie."""
        if request.method != "GET":
            return PageResponse(status=405)
        cookie = self.admission.redeem()
        if cookie is None:
            return PageResponse(status=410)
        place = f"/{self.admission.session}/"
        return PageResponse(status=303, headers=(("Location", place), ("Set-Cookie", cookie)))

    def _has_cookie(self, request: Request, rest: str, name: str) -> bool:
        """The page and what it posts need it; its files are the same for everybody.

        The embedded page is another site, which the cookie is not for: it may post but one step.
        """
        guarded = name == OWN_NAME and rest in ("", "steps")
        return not guarded or self.admission.admits(request.headers.get("cookie", ""))

    def _origin(self, name: str) -> str:
        return f"http://{name}:{self.port}"

    def _name(self, request: Request) -> str:
        """The name the browser used for us, or nothing if it is none of ours."""
        host = request.headers.get("host", "")
        return next((n for n in (OWN_NAME, EMBEDDED_NAME) if host == f"{n}:{self.port}"), "")

    def _take(self, request: Request, name: str) -> PageResponse:
        if request.headers.get("origin") != self._origin(name):
            return PageResponse(status=403)
        try:
            step = decode_step(request.body)
        except msgspec.MsgspecError:
            return PageResponse(status=400)
        if _is_embedded(step) is not (name == EMBEDDED_NAME):
            return PageResponse(status=403)
        try:
            self.visit.take(step, request.headers.get("cookie", ""))
        except AlreadyRunning:
            return PageResponse(status=409)
        if isinstance(step, PageHello):
            told = self.task
            if self.admission.contested:
                told = replace(told, turn=None, relays=())
            return _content(msgspec.json.encode(told), "application/json")
        return PageResponse(status=204)

    def _file(self, file: str, name: str) -> PageResponse:
        if file == "" and name == OWN_NAME:
            self.visit.page_fetched()
            return self._document(self.document, ("'none'",))
        if file == "frame.html" and name == EMBEDDED_NAME:
            return self._document("frame.html", (self._origin(OWN_NAME),))
        if file == "too-old" and name == OWN_NAME:
            self.visit.script_is_old()
            return PageResponse(status=204)
        if file not in FILES:
            return self.NOT_FOUND
        if file == "noscript.css" and name == OWN_NAME:
            self.visit.script_is_off()
        return _content(_read(file), FILES[file])

    def _document(self, file: str, ancestors: tuple[str, ...]) -> PageResponse:
        asked = map(_origin_of, (self.task.websocket, self.task.secure))
        connect = " ".join(filter(None, ("'self'", *asked)))
        policy = "; ".join(
            (
                "default-src 'none'",
                "script-src 'self'",
                "style-src 'self'",
                "img-src 'self'",
                f"connect-src {connect}",
                f"frame-src {self._origin(EMBEDDED_NAME)}",
                "base-uri 'none'",
                "form-action 'none'",
                f"frame-ancestors {' '.join(ancestors)}",
            )
        )
        return _content(_translated(_read(file)), HTML, ("Content-Security-Policy", policy))


def _is_embedded(step: AnyStep) -> bool:
    return isinstance(step, Site) and step.embedded


def _origin_of(url: str) -> str:
    """ "wss://host:port" of an address; it may go into a header."""
    scheme, _, rest = url.partition("://")
    authority = rest.partition("/")[0]
    allowed = authority.isascii() and not set(authority) & set(" ;,'\"\r\n\t")
    return f"{scheme}://{authority}" if authority and allowed else ""


def _read(file: str) -> bytes:
    return asset(f"browsercheck/{file}").read_bytes()


def _translated(page: bytes) -> bytes:
    """The page in the language of now; its texts stand in double brackets."""
    text = MARKED.sub(lambda marked: escape(_(marked[1])), page.decode())
    return text.replace('lang="en"', f'lang="{current_language().code}"').encode()


def _content(content: bytes, kind: str, *headers: tuple[str, str]) -> PageResponse:
    return PageResponse(status=200, content=content, headers=(("Content-Type", kind), *headers))
