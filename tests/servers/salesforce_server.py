"""Salesforce on loopback: an org's APIs and the sign-in, over TLS, under Salesforce's own names.

The tests' network leads those names here. `asked` holds what came, in order.
"""

import base64
import hashlib
import json
import secrets
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlencode, urlsplit

from msgspec import Struct
from servers.salesforce_org import HOST, TOKEN, Org, error
from servers.tls_server import TlsServer

from natwizard.model.address import HostPort
from natwizard.model.profile import Targets
from natwizard.probes.network import Endpoint, ProxyList
from natwizard.system.network import SystemNetwork

LOGIN = "login.salesforce.com"
CLIENT_ID = "3MVG9testConsumerKey"
NAMES = (HOST, LOGIN, "na1.salesforce.com", "elsewhere.example.com", "localhost")


class Reply(Struct, frozen=True, kw_only=True):
    """Sent in place of the org's own answer; `stall_s` waits before anything is said."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = {}
    stall_s: float = 0


class Asked(Struct, frozen=True, kw_only=True):
    """One request."""

    host: str
    method: str
    path: str
    authorization: str


def refused(status: int, code: str, message: str = "") -> Reply:
    return Reply(status=status, body=json.dumps(error(status, code, message)[1]).encode())


@dataclass
class SalesforceServer:
    """Use it as a context manager. `instead` maps the beginning of a path to another reply."""

    org: Org = field(default_factory=Org)
    instead: dict[str, Reply] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    callback: str = ""
    date: str | None = None
    """What every answer's Date header says; None for the true time."""
    person_agrees: bool = True
    instance_url: str = f"https://{HOST}"
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def __enter__(self) -> Self:
        self._stopped = threading.Event()
        self._server = TlsServer(NAMES, self._handler())
        self.authority_pem, self.port = self._server.authority_pem, self._server.port
        self._server.begin()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopped.set()
        self._server.end()

    def targets(self, **more: object) -> Targets:
        return Targets(extra_roots=(self.authority_pem,), **more)  # type: ignore[arg-type]

    def network(self) -> "NamesHere":
        return NamesHere(self.port)

    @property
    def here(self) -> str:
        """For programs that know nothing of the tests' network: login and org in one."""
        return f"https://localhost:{self.port}"

    def calls(self) -> int:
        """Requests that an org counts: those with a token."""
        return sum(bool(each.authorization) for each in self.asked)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                self._serve("")

            def do_POST(self) -> None:
                self._serve(self.rfile.read(int(self.headers["Content-Length"])).decode())

            def _serve(self, content: str) -> None:
                asked = Asked(
                    host=self.headers["Host"],
                    method=self.command,
                    path=self.path,
                    authorization=self.headers.get("Authorization", ""),
                )
                server.asked.append(asked)
                reply = server._reply(asked, content)
                server._stopped.wait(reply.stall_s)
                try:
                    self.send_response(reply.status)
                    for name, value in reply.headers.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(reply.body)))
                    self.end_headers()
                    self.wfile.write(reply.body)
                except OSError:
                    return  # the client had enough

            def date_time_string(self, timestamp: float | None = None) -> str:
                told = super().date_time_string(timestamp)  # type: ignore[arg-type]
                return told if server.date is None else server.date

            def log_message(self, *arguments: object) -> None:
                pass

        return Handler

    def _reply(self, asked: Asked, content: str) -> Reply:
        for beginning, reply in self.instead.items():
            if f"{asked.host}{asked.path}".startswith(beginning) or asked.path.startswith(
                beginning
            ):
                return reply
        parts = urlsplit(asked.path)
        fields = {name: values[0] for name, values in parse_qs(parts.query or content).items()}
        match parts.path:
            case "/services/oauth2/authorize":
                return self._authorize(fields)
            case "/services/oauth2/token":
                return self._token({n: v[0] for n, v in parse_qs(content).items()})
        if asked.authorization != f"Bearer {TOKEN}":
            return refused(401, "INVALID_SESSION_ID", "Session expired or invalid")
        if asked.host not in (HOST, f"localhost:{self.port}"):
            return refused(400, "URL_NOT_RESET", "Destination URL not reset.")
        if asked.method == "POST":
            status, text = self.org.metadata(content)
            return Reply(status=status, body=text.encode())
        status, value = self.org.get(parts.path, fields.get("q", ""))
        return Reply(status=status, body=json.dumps(value).encode())

    # "OAuth 2.0 Web Server Flow for Web App Integration", Salesforce Help

    def _authorize(self, fields: dict[str, str]) -> Reply:
        wanted = {"response_type": "code", "client_id": CLIENT_ID, "code_challenge_method": "S256",
                  "scope": "api", "redirect_uri": self.callback}  # fmt: skip
        wrong = {name for name, value in wanted.items() if fields.get(name) != value}
        if wrong:
            return Reply(status=400, body=f"invalid: {sorted(wrong)}".encode())
        if not self.person_agrees:
            back = {"error": "access_denied", "error_description": "end-user denied authorization"}
        else:
            code = secrets.token_urlsafe(16)
            self.codes[code] = fields
            back = {"code": code}
        target = f"{self.callback}?{urlencode(back | {'state': fields['state']})}"
        return Reply(status=302, headers={"Location": target})

    def _token(self, form: dict[str, str]) -> Reply:
        asked = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        proven = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        fits = asked is not None and (
            form.get("grant_type") == "authorization_code"
            and form.get("client_id") == CLIENT_ID
            and form.get("redirect_uri") == asked["redirect_uri"]
            and proven == asked["code_challenge"]
        )
        if not fits:
            refusal = {"error": "invalid_grant", "error_description": "invalid code verifier"}
            return Reply(status=400, body=json.dumps(refusal).encode())
        answer = {
            "access_token": TOKEN,
            "signature": "c2lnbmF0dXJl",
            "scope": "api",
            "instance_url": self.instance_url,
            "id": f"https://{LOGIN}/id/00DAcme000001AAA/005000000000001AAA",
            "token_type": "Bearer",
            "issued_at": "1764000000000",
        }
        return Reply(body=json.dumps(answer).encode())


class NamesHere(SystemNetwork):
    """The real network, but Salesforce's names lead to the tests' server. No proxy."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def resolve(self, target: HostPort, *, timeout_s: float) -> tuple[Endpoint, ...]:
        if target.host in NAMES:
            return (Endpoint(family=socket.AF_INET, address="127.0.0.1", port=self._port),)
        return await super().resolve(target, timeout_s=timeout_s)

    def proxy_for(self, url: str) -> ProxyList:  # noqa: ARG002
        return ProxyList()
