"""A small https server on loopback that answers like a vendor's list, or as badly as told to."""

import ssl
import tempfile
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self

from msgspec import Struct

from natwizard.reflector.certificates import make_certificate


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
        certificate = make_certificate(("localhost", "127.0.0.1", "feeds.example.com"))
        self.authority_pem = certificate.authority_pem
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.TemporaryDirectory() as folder:
            chain, key = Path(folder) / "chain.pem", Path(folder) / "key.pem"
            chain.write_text(certificate.certificate_pem)
            key.write_text(certificate.key_pem)
            context.load_cert_chain(chain, key)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )
        self.port = self._server.server_address[1]

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
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopped.set()
        self._server.shutdown()
        self._server.server_close()
