"""A collector to send to: a gate that refuses and throttles, rotel as the real receiver, and a
sink behind it that reads what came out by OpenTelemetry's own definitions.
"""

import gzip
import importlib.util
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsServiceRequest,
    ExportLogsServiceResponse,
)
from servers.free_ports import free_port

from natwizard.model.profile import Share
from natwizard.model.shared import SharedReport
from natwizard.share.deliver import Delivery, begin_delivery

TOKEN = "a-token-of-this-test"


def deliver(report: SharedReport, share: Share, **options: Any) -> tuple[Delivery, ...]:
    """Send a run and wait until it is done or its time is up."""
    return begin_delivery(report, share, **options).deliveries()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 256

    def handle_error(self, request: object, client_address: object) -> None:
        """A collector that is killed in the middle of a request is what some tests are about."""


class _Quiet(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's own name
        """Tests look at what was received, not at a log."""

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", "0")))

    def answer(self, code: int, content: bytes = b"", **headers: str) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def serving(
    handler: type[_Quiet], *, port: int = 0, tls: ssl.SSLContext | None = None
) -> Iterator[int]:
    """A server on loopback; its port."""
    server = _Server(("127.0.0.1", port), handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Sink:
    """What came out of a collector: every record, as attributes by name."""

    def __init__(self) -> None:
        self.records: list[dict[str, object]] = []
        self._lock = threading.Lock()

    def take(self, content: bytes) -> None:
        """A request in protobuf's own form."""
        request = ExportLogsServiceRequest()
        request.ParseFromString(content)
        with self._lock:
            self.records += records_of(request)

    def runs(self) -> list[str]:
        """Run IDs, in the order they came, repeats among them."""
        with self._lock:
            return [
                str(record["natwizard.run_id"])
                for record in self.records
                if record["event.name"] == "natwizard.run"
            ]

    def wait_for(self, count: int, timeout_s: float = 60) -> None:
        """Until so many different runs are there."""
        until = time.monotonic() + timeout_s
        while len(set(self.runs())) < count:
            assert time.monotonic() < until, f"{len(set(self.runs()))} of {count} runs came"
            time.sleep(0.05)

    def handler(self) -> type[_Quiet]:
        sink = self

        class Handler(_Quiet):
            def do_POST(self) -> None:
                content = self.body()
                if self.headers.get("Content-Encoding") == "gzip":
                    content = gzip.decompress(content)
                sink.take(content)
                response = ExportLogsServiceResponse().SerializeToString()
                self.answer(200, response, Content_Type="application/x-protobuf")

        return Handler


def request_of(body: bytes) -> ExportLogsServiceRequest:
    """OTLP's JSON read by protobuf's own reader, which knows no unknown field."""
    return json_format.Parse(body.decode(), ExportLogsServiceRequest())


def records_of(request: ExportLogsServiceRequest) -> list[dict[str, object]]:
    """Every record with the attributes of its resource."""
    found = []
    for of_resource in request.resource_logs:
        shared = {each.key: _value(each.value) for each in of_resource.resource.attributes}
        for of_scope in of_resource.scope_logs:
            for record in of_scope.log_records:
                own = {each.key: _value(each.value) for each in record.attributes}
                found.append(
                    {
                        **shared,
                        **own,
                        "@time": record.time_unix_nano,
                        "@severity": record.severity_number,
                        "@body": record.body.string_value,
                    }
                )
    return found


def _value(value: Any) -> object:
    kind = value.WhichOneof("value")
    return getattr(value, kind) if kind else None


class Gate:
    """In front of a collector: asks for the token, answers what it is told, else forwards."""

    def __init__(self, forward_to: Callable[[], int]) -> None:
        self.answers: list[tuple[int, dict[str, str], bytes]] = []
        """Given one after the other before anything is forwarded."""
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.token = TOKEN
        self._forward_to = forward_to
        self._lock = threading.Lock()

    def handler(self) -> type[_Quiet]:
        gate = self

        class Handler(_Quiet):
            def do_POST(self) -> None:
                content = self.body()
                with gate._lock:
                    gate.requests.append((dict(self.headers), content))
                    planned = gate.answers.pop(0) if gate.answers else None
                if self.headers.get("Authorization") != f"Bearer {gate.token}":
                    self.answer(401)
                elif planned is not None:
                    code, headers, body = planned
                    self.answer(code, body, **headers)
                else:
                    self.answer(*gate.forwarded(dict(self.headers), content))

        return Handler

    def forwarded(self, headers: dict[str, str], content: bytes) -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", self._forward_to(), timeout=10)
        names = ("Content-Type", "Content-Encoding")
        kept = {name: headers[name] for name in names if name in headers}
        try:
            connection.request("POST", "/v1/logs", content, kept)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except OSError:
            return 503, b""
        finally:
            connection.close()


class Rotel:
    """The collector itself, as a process that can be killed and started again."""

    def __init__(self, sink_port: int, folder: Path) -> None:
        self.port = free_port()
        self._sink_port = sink_port
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns once it answers."""
        command = [
            rotel_program(), "start",
            "--otlp-http-endpoint", f"127.0.0.1:{self.port}",
            "--otlp-grpc-endpoint", f"127.0.0.1:{free_port()}",
            "--exporter", "otlp", "--otlp-exporter-protocol", "http",
            "--otlp-exporter-endpoint", f"http://127.0.0.1:{self._sink_port}",
            "--disable-batching",
        ]  # fmt: skip
        log = (self._folder / "rotel.log").open("ab")
        with log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        until = time.monotonic() + 60
        while not _listens(self.port):
            assert self._process.poll() is None, (self._folder / "rotel.log").read_text()
            assert time.monotonic() < until
            time.sleep(0.05)

    def stop(self) -> None:
        """As when it is updated: it may send on what it has taken."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(60)
            self._process = None

    def kill(self) -> None:
        """At once, as when a machine loses power: what it has taken and not sent on is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def rotel_program() -> str:
    """The agent that lies in the wheel."""
    found = importlib.util.find_spec("rotel")
    if found is None or found.origin is None:
        pytest.skip("rotel has no wheel for this machine")
    return str(Path(found.origin).parent / "rotel-agent")


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
