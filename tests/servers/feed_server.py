"""A small https server on loopback that answers like a vendor's list, or as badly as told to."""

import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import Self

from msgspec import Struct
from servers.tls_server import TlsServer


class Answer(Struct, frozen=True, kw_only=True):
    """One answer; `stall_s` waits before the body, `repeat` sends the body that many times."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = {}
    stall_s: float = 0
    repeat: int = 1


class FeedServer:
    """Answers by path; `asked` lists the Host headers and paths in order."""

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        self.answers = dict(answers)
        self.asked: list[tuple[str, str]] = []
        self._stopped = threading.Event()
        names = ("localhost", "127.0.0.1", "feeds.example.com")
        self._server = TlsServer(names, self._handler())
        self.authority_pem, self.port = self._server.authority_pem, self._server.port

    def url(self, path: str, host: str = "localhost") -> str:
        return f"https://{host}:{self.port}{path}"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked.append((self.headers["Host"], self.path))
                answer = server.answers.get(self.path, Answer(status=404))
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                server._stopped.wait(answer.stall_s)
                try:
                    for _time in range(answer.repeat):
                        self.wfile.write(answer.body)
                except OSError:
                    return  # the client had enough

            def log_message(self, *arguments: object) -> None:
                pass

        return Handler

    def __enter__(self) -> Self:
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
