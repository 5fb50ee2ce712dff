"""What small https servers of the tests stand on: loopback, a port of its own, a certificate."""

import ssl
import tempfile
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from natwizard.reflector.certificates import make_certificate


class TlsServer:
    """Answers with `handler` once it is begun; `authority_pem` vouches for its names. With
    `clients_pem` only to who shows a certificate that this vouches for.
    """

    def __init__(
        self,
        names: Sequence[str],
        handler: type[BaseHTTPRequestHandler],
        clients_pem: str = "",
    ) -> None:
        certificate = make_certificate(tuple(names))
        self.authority_pem = certificate.authority_pem
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.TemporaryDirectory() as folder:
            chain, key = Path(folder) / "chain.pem", Path(folder) / "key.pem"
            chain.write_text(certificate.certificate_pem)
            key.write_text(certificate.key_pem)
            context.load_cert_chain(chain, key)
        if clients_pem:
            context.load_verify_locations(cadata=clients_pem)
            context.verify_mode = ssl.CERT_REQUIRED
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )
        self.port: int = self._server.server_address[1]

    def begin(self) -> None:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def end(self) -> None:
        self._server.shutdown()
        self._server.server_close()
