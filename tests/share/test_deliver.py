"""The way out: whole or not at all, never an error, nothing lost beyond the bound of the queue."""

import errno
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from computers.platforms import posix_only
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID
from report.samples import ready
from servers.tls_server import TlsServer
from share.collector import TOKEN, Sink, deliver, records_of, request_of, serving
from share.test_otlp import SEAT, other_run

from natwizard.fleet.read import fleet_tables
from natwizard.model.profile import Share
from natwizard.model.report import HandoverOutcome
from natwizard.model.shared import SharedReport
from natwizard.reflector.certificates import make_certificate
from natwizard.report.files import CannotWrite
from natwizard.share.deliver import Delivery, begin_delivery
from natwizard.share.folder import put_file
from natwizard.share.from_here import delivery_words
from natwizard.share.otlp_answer import LONGEST_BACK_OFF_S, back_off_s
from natwizard.share.outbox import KEPT, Outbox
from natwizard.share.shared_report import shared_json, shared_report

ROOT = Path(__file__).parents[2]


def shared(number: int) -> SharedReport:
    return shared_report(other_run(number), SEAT)


def to_folder(number: int, folder: Path, outboxes: Path, *, deadline_s: float = 30) -> Delivery:
    share = Share(folder=str(folder))
    (delivery,) = deliver(shared(number), share, outboxes=outboxes, deadline_s=deadline_s)
    return delivery


def runs_in(folder: Path) -> list[str]:
    """Run IDs of every file, each of which must be whole."""
    return sorted(json.loads(path.read_bytes())["run_id"] for path in folder.glob("*.json"))


def test_a_run_becomes_one_whole_file_named_for_seat_and_run(tmp_path: Path) -> None:
    folder = tmp_path / "share"
    folder.mkdir()
    delivery = to_folder(3, folder, tmp_path / "out")
    assert (delivery.outcome, delivery.sent, delivery.waiting) == (HandoverOutcome.SENT, 1, 0)
    (path,) = folder.iterdir()
    assert path.name == f"{SEAT.host_id}-{other_run(3).run_id}.json"
    assert msgspec.json.decode(path.read_bytes(), type=SharedReport).seat == SEAT


def test_the_same_run_again_is_the_same_file(tmp_path: Path) -> None:
    for _ in range(3):
        to_folder(3, tmp_path, tmp_path / "out")
    assert runs_in(tmp_path) == [other_run(3).run_id]


def test_an_unreachable_folder_is_no_error_and_all_goes_with_the_next_run(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    for number in range(3):
        delivery = to_folder(number, folder, tmp_path / "out")
        assert delivery.outcome is HandoverOutcome.WAITING
        assert delivery.detail
    assert not folder.exists()
    folder.mkdir()
    delivery = to_folder(3, folder, tmp_path / "out")
    assert (delivery.outcome, delivery.sent, delivery.waiting) == (HandoverOutcome.SENT, 4, 0)
    assert runs_in(folder) == [other_run(number).run_id for number in range(4)]


def test_a_day_without_network_keeps_the_newest_fifty(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    dropped = 0
    for number in range(60):
        dropped += to_folder(number, folder, tmp_path / "out").dropped
    assert dropped == 60 - KEPT
    folder.mkdir()
    to_folder(60, folder, tmp_path / "out")
    # the sixtieth makes room for itself, too
    assert runs_in(folder) == [other_run(number).run_id for number in range(11, 61)]


def test_what_others_put_into_the_queue_stops_nothing(tmp_path: Path) -> None:
    out, folder = tmp_path / "out", tmp_path / "share"
    to_folder(1, folder, out)
    queue = out / "folder"
    secret = tmp_path / "secret"
    secret.write_text("not yours")
    if os.name == "posix":  # on Windows it is a right of its own to make one
        (queue / "00000000T000000000000Z-link.json").symlink_to(secret)
    (queue / "00000000T000000000001Z-folder.json").mkdir()
    (queue / "noise.txt").write_text("x")
    folder.mkdir()
    delivery = to_folder(2, folder, out)
    assert delivery.outcome is HandoverOutcome.SENT
    assert secret.read_text() == "not yours"
    assert runs_in(folder) == [other_run(1).run_id, other_run(2).run_id]


def in_child(work: Callable[[], None], *, user: int = 0) -> int:
    """Run something as another user in a process of its own; its exit code."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            if user:
                os.setgroups([])
                os.setgid(user)
                os.setuid(user)
            work()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="needs another user")
def test_a_drop_folder_that_nobody_may_read_takes_runs() -> None:
    """New files may be made and renamed, nothing listed: -wx, as a share for many is set up."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        folder.chmod(0o333)
        assert in_child(lambda: put_file(folder, "a.json", b"{}"), user=65534) == 0
        assert in_child(lambda: put_file(folder, "a.json", b'{"a":1}'), user=65534) == 0
        folder.chmod(0o700)
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == {"a.json": b'{"a":1}'}


def test_where_a_share_forbids_renaming_it_is_written_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Windows does for whoever lacks DELETE: the file may be made, not renamed."""

    def forbidden(self: Path, target: Path) -> Path:
        raise PermissionError(13, "Permission denied", str(self), None, str(target))

    monkeypatch.setattr(Path, "replace", forbidden)
    put_file(tmp_path, "a.json", b"{}")
    put_file(tmp_path, "a.json", b'{"again":1}')
    contents = {path.name: path.read_bytes() for path in tmp_path.glob("*.json")}
    assert contents == {"a.json": b"{}", "a.2.json": b'{"again":1}'}


@pytest.mark.parametrize(
    "number", [errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EXDEV, errno.EEXIST]
)
@pytest.mark.parametrize("what", ["replace", "fsync"])
def test_where_a_file_system_does_not_rename_or_sync_it_is_written_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, what: str
) -> None:
    """As object stores and WebDAV do that are mounted as folders."""

    def missing(*_arguments: object) -> None:
        raise OSError(number, os.strerror(number))

    if what == "replace":
        monkeypatch.setattr(Path, "replace", missing)
    else:
        monkeypatch.setattr(os, "fsync", missing)
    put_file(tmp_path, "a.json", b"{}")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a.json": b"{}"}


def test_a_disk_that_fails_while_it_is_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_arguments: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(CannotWrite):
        put_file(tmp_path, "a.json", b"{}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="mounts a small disk")
def test_a_full_disk_at_either_end_leaves_no_half_of_a_file(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=96k", "none", str(small)], check=False
    )
    if mounted.returncode:
        pytest.skip("no file system may be mounted here")
    try:
        (small / "filler").write_bytes(b"x" * 92_000)
        delivery = to_folder(1, small, tmp_path / "out")
        assert delivery.outcome is HandoverOutcome.WAITING
        assert "full" in delivery.detail
        assert [path.name for path in small.iterdir()] == ["filler"]
        (small / "filler").unlink()
        assert to_folder(2, small, tmp_path / "out").sent == 2
        assert len(runs_in(small)) == 2
        # no room for the queue: the run still goes out, straight from memory
        (small / "filler").write_bytes(b"x" * (os.statvfs(small).f_bavail * 4096))
        share = tmp_path / "share"
        share.mkdir()
        delivery = to_folder(3, share, small)
        assert delivery.outcome is HandoverOutcome.SENT
        lost = to_folder(4, tmp_path / "nowhere", small)
        assert lost.outcome is HandoverOutcome.LOST
    finally:
        subprocess.run(["umount", str(small)], check=True)


@posix_only("it limits the size of a file")
def test_a_limit_of_the_file_system_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(CannotWrite):
            put_file(tmp_path, "a.json", b"x" * 5000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert list(tmp_path.iterdir()) == []


KILLED = """
import sys
from pathlib import Path
sys.path[:0] = [{root!r}, {tests!r}]
from share.test_deliver import to_folder
folder, out, first = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
print("ready", flush=True)
for number in range(first, first + 500):
    to_folder(number, folder, out)
    print(number, flush=True)
"""


def test_a_kill_at_any_moment_leaves_whole_files_and_loses_nothing(tmp_path: Path) -> None:
    folder, out = tmp_path / "share", tmp_path / "out"
    folder.mkdir()
    script = tmp_path / "send.py"
    text = KILLED.format(root=str(ROOT), tests=str(ROOT / "tests"))
    script.write_text(textwrap.dedent(text))
    told = 0
    for round_ in range(4):
        first = 100 * round_
        command = [sys.executable, str(script), str(folder), str(out), str(first)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            lines = [process.stdout.readline() for _ in range(4 + round_)]
            process.kill()
            lines += process.stdout.readlines()
        told += len([line for line in lines if line.strip().isdecimal()])
    to_folder(999, folder, out)
    runs = runs_in(folder)
    assert len(runs) == len(set(runs)) >= told + 1
    assert Outbox(out / "folder").waiting() == ()


def test_two_programs_at_once_send_everything_and_nothing_as_two(tmp_path: Path) -> None:
    folder, out = tmp_path / "share", tmp_path / "out"
    for number in range(20):
        to_folder(number, folder, out)
    folder.mkdir()
    threads = [
        threading.Thread(target=to_folder, args=(number, folder, out)) for number in range(20, 26)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    to_folder(26, folder, out)
    assert runs_in(folder) == [other_run(number).run_id for number in range(27)]


def test_a_share_that_hangs_holds_nobody_up(tmp_path: Path) -> None:
    """A pipe in the folder's place blocks whoever opens it, as a dead server does."""
    outbox = Outbox(tmp_path / "out/otlp")
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/v1/logs"
        started = time.monotonic()
        (delivery,) = deliver(
            shared(1), Share(otlp=address), outboxes=tmp_path / "out", deadline_s=0.5
        )
        assert time.monotonic() - started < 5
        assert delivery.outcome is HandoverOutcome.WAITING
        assert len(outbox.waiting()) == 1
        _wait_for_thread("share otlp")


def _wait_for_thread(name: str) -> None:
    """The request ends by itself; a test must not leave it to the next."""
    for thread in threading.enumerate():
        if thread.name == name:
            thread.join(30)


@contextmanager
def collector(
    sink: Sink, names: tuple[str, ...] = ("localhost",), *, clients_pem: str = ""
) -> Iterator[tuple[int, str]]:
    """A collector behind TLS with an authority of its own; its port and that authority's PEM.
    Who has to show a certificate needs no token.
    """
    handler = sink.handler()

    class Json(handler):  # type: ignore[misc, valid-type]
        def do_POST(self) -> None:  # noqa: N802 - the base's own name
            import gzip

            token = None if clients_pem else f"Bearer {TOKEN}"
            assert self.headers["Authorization"] == token
            sink.records += records_of(request_of(gzip.decompress(self.body())))
            self.answer(200, b'{"partialSuccess":null}')

    server = TlsServer(names, Json, clients_pem)
    server.begin()
    try:
        yield server.port, server.authority_pem
    finally:
        server.end()


def test_over_tls_with_an_authority_that_is_trusted_and_not_else(tmp_path: Path) -> None:
    sink = Sink()
    with collector(sink) as (port, authority):
        share = Share(otlp=f"https://localhost:{port}/v1/logs", token=TOKEN)
        # nobody waits for a certificate to become another one
        started = begin_delivery(shared(1), share, outboxes=tmp_path, deadline_s=3600)
        (delivery,) = started.deliveries()
        assert delivery.outcome is HandoverOutcome.WAITING
        assert "certificate" in delivery.detail.lower()
        assert sink.records == []
        (delivery,) = deliver(shared(2), share, outboxes=tmp_path, extra_roots=(authority,))
        assert (delivery.outcome, delivery.sent) == (HandoverOutcome.SENT, 2)
    assert sorted(sink.runs()) == [other_run(1).run_id, other_run(2).run_id]


def test_a_certificate_that_changes_loses_nothing(tmp_path: Path) -> None:
    """To one of another authority and back, as when it is renewed wrongly."""
    sink = Sink()
    with collector(sink) as (port, authority), collector(sink) as (renewed_port, renewed):
        for number, (at, trusted) in enumerate(
            ((port, authority), (renewed_port, authority), (renewed_port, renewed))
        ):
            share = Share(otlp=f"https://localhost:{at}/v1/logs", token=TOKEN)
            (delivery,) = deliver(
                shared(number), share, outboxes=tmp_path, extra_roots=(trusted,), deadline_s=10
            )
            wanted = HandoverOutcome.WAITING if number == 1 else HandoverOutcome.SENT
            assert delivery.outcome is wanted, delivery.detail
    assert sorted(sink.runs()) == sorted(other_run(number).run_id for number in range(3))


def client_certificate(name: str) -> tuple[str, str]:
    """One that vouches for itself, for two years: its PEM alone, and with its key before it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=365))
        .not_valid_after(now + timedelta(days=365))
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(Encoding.PEM).decode()
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return pem, secret + pem


def test_a_collector_that_wants_a_certificate_of_its_clients_gets_it(tmp_path: Path) -> None:
    """Without one, and with that of somebody else, the run waits; with it all of them go."""
    known, known_with_key = client_certificate("desk.example.com")
    _unknown, unknown_with_key = client_certificate("stranger.example.com")
    files = {}
    for name, pem in (("known", known_with_key), ("unknown", unknown_with_key)):
        files[name] = tmp_path / f"{name}.pem"
        files[name].write_text(pem)
    sink, outboxes = Sink(), tmp_path / "out"
    with collector(sink, clients_pem=known) as (port, authority):
        address = f"https://localhost:{port}/v1/logs"
        for number, certificate in enumerate(("", str(files["unknown"]), str(files["known"]))):
            share = Share(otlp=address, client_certificate=certificate)
            (delivery,) = deliver(
                shared(number), share, outboxes=outboxes, extra_roots=(authority,), deadline_s=10
            )
            wanted = HandoverOutcome.SENT if number == 2 else HandoverOutcome.WAITING
            assert delivery.outcome is wanted, delivery.detail
    assert sorted(sink.runs()) == sorted(other_run(number).run_id for number in range(3))


ASKS = """
import sys
from pathlib import Path
sys.path[:0] = [{root!r}, {tests!r}]
from share.test_deliver import deliver, shared, Share
share = Share(otlp="https://localhost:9/v1/logs", client_certificate=sys.argv[1])
(delivery,) = deliver(shared(1), share, outboxes=Path(sys.argv[2]), deadline_s=20)
print(delivery.outcome.value, delivery.detail)
"""


@posix_only("it needs a terminal of its own")
def test_a_key_with_a_password_never_asks_for_it(tmp_path: Path) -> None:
    """OpenSSL would ask on the terminal, in the middle of a run, and wait there."""
    import pty

    made = make_certificate(("client.example.com",))
    key = load_pem_private_key(made.key_pem.encode(), None)
    locked = key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")
    )
    (tmp_path / "client.pem").write_bytes(locked + made.certificate_pem.encode())
    text = ASKS.format(root=str(ROOT), tests=str(ROOT / "tests"))
    (tmp_path / "ask.py").write_text(text)
    terminal, far = pty.openpty()
    done = subprocess.run(
        [sys.executable, str(tmp_path / "ask.py"), str(tmp_path / "client.pem"), str(tmp_path)],
        stdin=far, stdout=subprocess.PIPE, stderr=far, start_new_session=True, timeout=100,
        text=True, check=True,
    )  # fmt: skip
    os.close(far)
    os.close(terminal)
    assert done.stdout.startswith("waiting")
    assert "no answer in time" not in done.stdout


def test_through_the_proxy_that_the_program_found(tmp_path: Path) -> None:
    """CONNECT to a name that only the proxy knows: nothing can have gone straight."""
    sink = Sink()
    asked: list[str] = []
    with (
        collector(sink, ("collector.invalid",)) as (port, authority),
        proxy(asked, port) as proxied,
    ):
        share = Share(otlp=f"https://collector.invalid:{port}/v1/logs", token=TOKEN)
        (delivery,) = deliver(
            shared(1), share, outboxes=tmp_path, extra_roots=(authority,),
            proxy_for=lambda url: f"http://127.0.0.1:{proxied}" if "collector" in url else "",
        )  # fmt: skip
        assert delivery.outcome is HandoverOutcome.SENT
    assert asked == [f"CONNECT collector.invalid:{port} HTTP/1.1"]
    assert sink.runs() == [other_run(1).run_id]


@contextmanager
def proxy(asked: list[str], port: int) -> Iterator[int]:
    """A proxy that leads every name to one port of loopback."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        try:
            client, _address = listening.accept()
        except OSError:
            return
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(4096)
        asked.append(head.split(b"\r\n")[0].decode())
        server = socket.create_connection(("127.0.0.1", port))
        client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        back = threading.Thread(target=splice, args=(server, client))
        back.start()
        splice(client, server)
        back.join()
        client.close()
        server.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield int(listening.getsockname()[1])
    finally:
        thread.join(30)
        listening.close()


def splice(source: socket.socket, sink: socket.socket) -> None:
    try:
        while chunk := source.recv(65536):
            sink.sendall(chunk)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        return


def test_back_off_doubles_within_a_bound_and_is_spread() -> None:
    assert [back_off_s(attempt, lambda: 1.0) for attempt in range(5)] == [1, 2, 4, 8, 8]
    assert back_off_s(10_000, lambda: 1.0) == LONGEST_BACK_OFF_S
    drawn = [back_off_s(3) for _ in range(200)]
    assert min(drawn) < 2 < 6 < max(drawn)


def test_a_pause_of_a_clock_that_was_set_back_ends(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    outbox.pause(60)
    assert 50 < outbox.paused_s() <= 60
    (tmp_path / "not-before").write_text(str(time.time() + 10 * 365 * 86400))
    assert outbox.paused_s() == 0
    (tmp_path / "not-before").write_bytes(b"\xff garbage")
    assert outbox.paused_s() == 0


def test_five_hundred_seats_in_a_burst_reach_one_collector(tmp_path: Path) -> None:
    """Each with a queue of its own; the figures of an hour are in tests/benchmarks."""
    sink = Sink()

    handler = sink.handler()

    class Json(handler):  # type: ignore[misc, valid-type]
        def do_POST(self) -> None:  # noqa: N802 - the base's own name
            import gzip

            sink.records += records_of(request_of(gzip.decompress(self.body())))
            self.answer(200, b'{"partialSuccess":{}}')

    small = msgspec.structs.replace(ready(), findings=ready().findings[:2], outcomes=())

    def seat(first: int) -> None:
        for number in range(first, first + 50):
            report = msgspec.structs.replace(small, run_id=f"run-{number}")
            share = Share(otlp=f"http://127.0.0.1:{port}/v1/logs")
            (delivery,) = deliver(
                shared_report(report, SEAT), share, outboxes=tmp_path / str(number), deadline_s=60
            )
            assert delivery.outcome is HandoverOutcome.SENT

    with serving(Json) as port:
        threads = [threading.Thread(target=seat, args=(first,)) for first in range(0, 500, 50)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(sink.runs()) == len(set(sink.runs())) == 500


def forbids_renaming(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a drop folder that allows new files and nothing else."""
    real = Path.replace

    def forbidden(self: Path, target: Path) -> Path:
        if self.parent != folder:
            return real(self, target)
        raise PermissionError(errno.EPERM, "Operation not permitted", str(self), None, str(target))

    monkeypatch.setattr(Path, "replace", forbidden)


def names_of(number: int) -> list[str]:
    """Every name under which a run may stand in a folder, but for one that is drawn."""
    stem = f"{SEAT.host_id}-{other_run(number).run_id}"
    return [f"{stem}.json", *(f"{stem}.{each}.json" for each in range(2, 10))]


HALVES = {
    "cut": lambda whole: whole[: len(whole) // 2],
    "padded": lambda whole: whole[:1000] + b"\0" * 4000,
    "empty": lambda whole: whole[:0],
    "whole": lambda whole: whole,
}


@pytest.mark.parametrize("kind", HALVES)
@pytest.mark.parametrize("runs", [1, 3])
def test_nine_halves_of_a_run_hold_up_neither_it_nor_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, runs: int
) -> None:
    """The whole goes under a name of its own, and whoever reads the folder counts it once."""
    folder, out = tmp_path / "share", tmp_path / "out"
    for number in range(runs):
        to_folder(number, folder, out)
    folder.mkdir()
    forbids_renaming(folder, monkeypatch)
    for number in range(runs):
        for name in names_of(number):
            (folder / name).write_bytes(HALVES[kind](shared_json(shared(number))))
    delivery = to_folder(runs, folder, out)
    assert (delivery.outcome, delivery.waiting) == (HandoverOutcome.SENT, 0)
    with fleet_tables(folder) as (tables, unread):
        assert sorted(str(run) for (run,) in tables.stream("SELECT run_id FROM runs")) == sorted(
            other_run(number).run_id for number in range(runs + 1)
        )
    assert len(unread) == 9 * runs
    assert all(each.reason for each in unread)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the name of what is open")
def test_a_run_that_is_cut_off_every_time_is_set_aside_and_the_others_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a server that takes no file of this size, say, and lets nobody delete what it cut off."""
    folder, out = tmp_path / "share", tmp_path / "out"
    poison = other_run(1).run_id
    to_folder(1, folder, out)
    folder.mkdir()
    forbids_renaming(folder, monkeypatch)
    real = os.fsync
    cut: list[int] = []

    def cuts(handle: int) -> None:
        name = os.readlink(f"/proc/self/fd/{handle}")
        if poison in name and not name.endswith(".part"):
            cut.append(handle)
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
        real(handle)

    monkeypatch.setattr(os, "fsync", cuts)
    unlink = Path.unlink

    def keeps(self: Path, *, missing_ok: bool = False) -> None:
        if self.parent == folder and not self.name.endswith(".part"):
            raise PermissionError(errno.EACCES, "Permission denied", str(self))
        unlink(self, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", keeps)
    set_aside = 0
    for number in range(2, 22):
        delivery = to_folder(number, folder, out)
        assert delivery.outcome is HandoverOutcome.SENT
        set_aside += delivery.set_aside
        if set_aside:
            assert "1 older result could not be sent and was set aside." in delivery_words(
                delivery, Share(folder=str(folder))
            )
            break
    assert set_aside == 1
    assert Outbox(out / "folder").waiting() == ()
    (kept,) = (out / "folder/aside").iterdir()
    assert json.loads(kept.read_bytes())["run_id"] == poison
    # no further try, and so no further half
    tries = len(cut)
    to_folder(30, folder, out)
    assert len(cut) == tries


@pytest.mark.parametrize("what", ["folder", "link", "dangling", "pipe"])
@posix_only("who may make links and pipes is a right of its own")
def test_what_is_no_file_under_a_runs_name_is_left_alone(tmp_path: Path, what: str) -> None:
    """Anybody may write into a drop folder."""
    folder, victim = tmp_path / "share", tmp_path / "victim"
    folder.mkdir()
    victim.write_text("not yours")
    name = folder / names_of(1)[0]
    match what:
        case "folder":
            name.mkdir()
        case "link":
            name.symlink_to(victim)
        case "dangling":
            name.symlink_to(tmp_path / "new")
        case "pipe":
            os.mkfifo(name)
    delivery = to_folder(1, folder, tmp_path / "out")
    assert delivery.outcome is HandoverOutcome.SENT
    assert victim.read_text() == "not yours"
    assert not (tmp_path / "new").exists()
    assert json.loads((folder / names_of(1)[1]).read_bytes())["run_id"] == other_run(1).run_id


@pytest.mark.parametrize("destination", ["folder", "otlp"])
@pytest.mark.parametrize(
    "content", [b"", b"\0" * 5000, b'{"run_id":', b"[" * 100_000, b"\xff\xfe{", b"{}x", b"5"]
)
def test_what_a_crash_left_in_the_queue_holds_up_nothing(
    tmp_path: Path, destination: str, content: bytes
) -> None:
    out = tmp_path / "out"
    queue = out / destination
    queue.mkdir(parents=True)
    for number in range(3):
        (queue / f"20260101T00000{number}000000Z-a-b{number}.json").write_bytes(content)
    if destination == "folder":
        delivery = to_folder(1, tmp_path, out)
    else:
        sink = Sink()

        class Json(sink.handler()):  # type: ignore[misc]
            def do_POST(self) -> None:  # noqa: N802 - the base's own name
                import gzip

                try:
                    sink.records += records_of(request_of(gzip.decompress(self.body())))
                except ValueError:
                    self.answer(400, b"{}")
                    return
                self.answer(200, b'{"partialSuccess":{"rejectedLogRecords":"1"}}')

        with serving(Json) as port:
            share = Share(otlp=f"http://127.0.0.1:{port}/v1/logs")
            (delivery,) = deliver(shared(1), share, outboxes=out)
    assert (delivery.outcome, delivery.waiting) == (HandoverOutcome.SENT, 0)
    told = sum(1 for _path in (queue / "aside").iterdir()) if (queue / "aside").exists() else 0
    assert told == delivery.set_aside


def test_what_cannot_be_read_just_now_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A virus scanner may hold a file for a moment: that is no reason to lose a run."""
    folder, out = tmp_path / "share", tmp_path / "out"
    to_folder(1, folder, out)
    folder.mkdir()
    real = Path.read_bytes

    def held(self: Path) -> bytes:
        if other_run(1).run_id in self.name and self.parent == out / "folder":
            raise PermissionError(errno.EACCES, "Permission denied", str(self))
        return real(self)

    monkeypatch.setattr(Path, "read_bytes", held)
    delivery = to_folder(2, folder, out)
    assert (delivery.outcome, delivery.waiting) == (HandoverOutcome.SENT, 1)
    monkeypatch.undo()
    assert to_folder(3, folder, out).sent == 2
    assert runs_in(folder) == [other_run(number).run_id for number in (1, 2, 3)]
