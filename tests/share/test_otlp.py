"""Log records against OpenTelemetry's own definitions, and a real collector."""

import gzip
import json
import math
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest
from report.samples import not_ready, overlong, ready
from report.watch_samples import watch
from share.collector import TOKEN, Gate, Rotel, Sink, deliver, records_of, request_of, serving

from natwizard.model.finding import Status
from natwizard.model.profile import Share, Targets
from natwizard.model.quantity import Quantity, Unit
from natwizard.model.report import HandoverOutcome, Report
from natwizard.model.shared import Seat
from natwizard.share.deliver import Delivery, Destination, begin_watch_delivery
from natwizard.share.otlp import MOST_MOMENTS, far_end, logs_body, watch_body
from natwizard.share.shared_report import shared_report

SEAT = Seat(
    host_id="0123456789abcdef0123456789abcdef", name_id="fedcba9876543210fedcba9876543210",
    site="Leeds", subnet="10.20.0.0/22", provider="Northern Fibre",
)  # fmt: skip
SEVERITIES = {
    Status.PASS: 9, Status.NOT_APPLICABLE: 9, Status.MANUAL: 9, Status.WARN: 13,
    Status.BORDERLINE: 13, Status.UNKNOWN: 13, Status.FAIL: 17,
}  # fmt: skip


@pytest.mark.parametrize("report", [not_ready(), ready(), overlong()], ids=["bad", "good", "long"])
def test_every_body_is_read_by_protobufs_own_reader(report: Report) -> None:
    shared = shared_report(report, SEAT)
    records = records_of(request_of(logs_body(shared)))
    runs = [each for each in records if each["event.name"] == "natwizard.run"]
    findings = [each for each in records if each["event.name"] == "natwizard.finding"]
    assert len(runs) == 1
    assert len(findings) == len(shared.findings)
    for told, finding in zip(findings, shared.findings, strict=True):
        assert told["natwizard.requirement"] == finding.requirement
        assert told["natwizard.status"] == finding.status.value
        assert told["@severity"] == SEVERITIES[finding.status]
        owner = finding.remedy.owner.value if finding.remedy else None
        assert told.get("natwizard.owner") == owner
        for quantity in finding.measured:
            value = told[f"value.{quantity.name}"]
            if isinstance(quantity.value, str):
                assert value == quantity.value[:400]
            else:
                assert value == pytest.approx(quantity.value)
                assert isinstance(value, bool) == isinstance(quantity.value, bool)
        if finding.interval is not None:
            assert told["interval.low"] == pytest.approx(finding.interval.low)
    assert {each["natwizard.run_id"] for each in records} == {report.run_id}


def test_the_resource_says_which_seat() -> None:
    records = records_of(request_of(logs_body(shared_report(not_ready(), SEAT))))
    for record in records:
        assert record["service.name"] == "natwizard"
        assert record["host.id"] == SEAT.host_id
        assert record["natwizard.site"] == "Leeds"
        assert record["natwizard.provider"] == "Northern Fibre"
        assert record["natwizard.role"] == "webphone"
        assert record["natwizard.far_end"] == "service"
        assert "host.name" not in record
    assert records[0]["@time"] == 1_795_352_813_200_000_000  # 14:06:53.2 in UTC+1


def test_the_name_goes_only_where_it_is_wanted() -> None:
    named = msgspec.structs.replace(SEAT, host_name="WS-0042")
    (record, *_rest) = records_of(request_of(logs_body(shared_report(ready(), named))))
    assert record["host.name"] == "WS-0042"


def test_the_same_run_is_the_same_bytes() -> None:
    shared = shared_report(not_ready(), SEAT)
    assert logs_body(shared) == logs_body(shared)


def test_what_json_has_no_number_for_is_left_out() -> None:
    report = not_ready()
    odd = msgspec.structs.replace(
        report.findings[0],
        measured=(
            Quantity(name="a", value=math.inf, unit=Unit.MILLISECOND),
            Quantity(name="b", value=2**62, unit=Unit.BYTE),
        ),
    )
    shared = msgspec.structs.replace(shared_report(report, SEAT), findings=(odd,))
    body = logs_body(shared)
    json.loads(body, parse_constant=lambda name: pytest.fail(name))
    told = records_of(request_of(body))[1]
    assert "value.a" not in told
    assert told["value.b"] == float(2**62)


@pytest.mark.parametrize(
    ("targets", "what"),
    [
        (Targets(webphone="webphone.example.com"), "service"),
        (Targets(media="media.example.com:862"), "own"),
        (Targets(stun_control=("stun.example.com:3478",)), "public"),
    ],
)
def test_the_far_end_is_told(targets: Targets, what: str) -> None:
    assert far_end(targets) == what


@pytest.fixture
def sink() -> Iterator[tuple[Sink, int]]:
    made = Sink()
    with serving(made.handler()) as port:
        yield made, port


@pytest.fixture
def rotel(sink: tuple[Sink, int], tmp_path: Path) -> Iterator[Rotel]:
    collector = Rotel(sink[1], tmp_path)
    collector.start()
    yield collector
    collector.kill()


def send(
    report: Report, address: str, outboxes: Path, *, token: str = TOKEN, deadline_s: float = 60.0
) -> Delivery:
    """As the program does after a run."""
    share = Share(otlp=address, token=token)
    (delivery,) = deliver(
        shared_report(report, SEAT), share, outboxes=outboxes, deadline_s=deadline_s
    )
    assert delivery.destination is Destination.OTLP
    return delivery


def test_a_real_collector_takes_a_run_and_passes_all_of_it_on(
    sink: tuple[Sink, int], rotel: Rotel, tmp_path: Path
) -> None:
    """rotel reads our JSON and writes protobuf: nothing may get lost on the way through it."""
    report = not_ready()
    delivery = send(report, f"http://127.0.0.1:{rotel.port}/v1/logs", tmp_path)
    assert (delivery.outcome, delivery.sent, delivery.waiting) == (HandoverOutcome.SENT, 1, 0)
    sink[0].wait_for(1)
    ours = records_of(request_of(logs_body(shared_report(report, SEAT))))
    assert sorted(map(repr, sink[0].records)) == sorted(map(repr, ours))


def test_the_bad_moments_of_a_watch_are_read_by_protobufs_own_reader() -> None:
    record = watch(5)
    records = records_of(request_of(watch_body(record, SEAT)))
    assert [each["event.name"] for each in records] == [
        "natwizard.watch", *["natwizard.watch_moment"] * 5,
    ]  # fmt: skip
    assert {each["natwizard.run_id"] for each in records} == {record.run_id}
    assert {each["host.id"] for each in records} == {SEAT.host_id}
    whole, *moments = records
    assert (whole["value.lost"], whole["value.lasted"]) == (record.figures.lost, record.lasted_s)
    told = [(each["natwizard.kind"], each["value.duration"]) for each in moments]
    assert told == [(each.kind.value, each.duration_s) for each in record.moments]
    start_ns = int(str(whole["@time"])) - round(record.lasted_s * 1e9)
    assert [(int(str(each["@time"])) - start_ns) / 1e9 for each in moments] == [
        each.start_s for each in record.moments
    ]
    text = json.dumps(records)
    assert record.machine.host_name not in text
    assert record.machine.user_name not in text
    assert watch_body(record, SEAT) == watch_body(record, SEAT)
    hostile = msgspec.structs.replace(
        record, started_at="never", moments=record.moments * 1000, note="secret"
    )
    assert len(records_of(request_of(watch_body(hostile, SEAT)))) == 1 + MOST_MOMENTS


@pytest.mark.parametrize("wanted", [False, True])
def test_a_watch_is_sent_only_where_the_profile_says_so(
    sink: tuple[Sink, int], rotel: Rotel, tmp_path: Path, wanted: bool
) -> None:
    """To the real collector; never into the folder, where reports are."""
    address = f"http://127.0.0.1:{rotel.port}/v1/logs"
    folder = tmp_path / "share"
    folder.mkdir()
    share = Share(otlp=address, folder=str(folder), watches=wanted)
    underway = begin_watch_delivery(watch(3), SEAT, share, outboxes=tmp_path / "out")
    outcomes = [each.outcome for each in underway.deliveries()]
    assert outcomes == ([HandoverOutcome.SENT] if wanted else [])
    assert not list(folder.iterdir())
    if wanted:
        until = time.monotonic() + 60
        while len(sink[0].records) < 4 and time.monotonic() < until:
            time.sleep(0.05)
        assert len(sink[0].records) == 4
    assert sink[0].runs() == []  # a watch is no run, and no view counts it as one


def other_run(number: int) -> Report:
    """One of many runs."""
    return msgspec.structs.replace(
        ready(),
        run_id=f"0b7e9d10-1111-4222-8333-{number:012}",
        started_at=f"2026-11-22T{number // 60:02}:{number % 60:02}:00.000+00:00",
    )


def test_nothing_is_lost_while_the_collector_is_killed_and_restarted(
    sink: tuple[Sink, int], rotel: Rotel, tmp_path: Path
) -> None:
    """Five times, with runs before, meanwhile and after; each arrives, most of them once."""
    address = f"http://127.0.0.1:{rotel.port}/v1/logs"
    number = 0
    for _ in range(5):
        for _ in range(2):
            assert send(other_run(number), address, tmp_path).outcome is HandoverOutcome.SENT
            number += 1
        sink[0].wait_for(number)
        rotel.kill()
        for _ in range(3):
            delivery = send(other_run(number), address, tmp_path, deadline_s=0.3)
            assert delivery.outcome is HandoverOutcome.WAITING
            number += 1
        rotel.start()
    assert send(other_run(number), address, tmp_path).waiting == 0
    sink[0].wait_for(number + 1)
    assert sorted(set(sink[0].runs())) == sorted(
        other_run(each).run_id for each in range(number + 1)
    )


def test_token_refusal_throttling_and_partial_success(
    sink: tuple[Sink, int], rotel: Rotel, tmp_path: Path
) -> None:
    gate = Gate(lambda: rotel.port)
    with serving(gate.handler()) as port:
        address = f"http://127.0.0.1:{port}/v1/logs"
        # the wrong token: nothing is lost, it waits until somebody has put the profile right
        assert (
            send(other_run(1), address, tmp_path, token="wrong").outcome is HandoverOutcome.WAITING
        )
        # throttled twice, then taken, within one delivery; the waiting one goes with it
        gate.answers = [(429, {"Retry_After": "0"}, b""), (503, {}, b"")]
        delivery = send(other_run(2), address, tmp_path)
        assert (delivery.outcome, delivery.sent) == (HandoverOutcome.SENT, 2)
        # refused for good: told once, and never sent again
        gate.answers = [(400, {}, b"")]
        assert send(other_run(3), address, tmp_path).outcome is HandoverOutcome.REFUSED
        asked = len(gate.requests)
        assert send(other_run(4), address, tmp_path).sent == 1
        assert len(gate.requests) == asked + 1
        # part of it rejected: that is a success which must not be repeated
        partial = b'{"partialSuccess":{"rejectedLogRecords":"3","errorMessage":"too old"}}'
        gate.answers = [(200, {}, partial)]
        assert send(other_run(5), address, tmp_path).outcome is HandoverOutcome.SENT
        # a login page answers 200 to everything: that is no collector
        gate.answers = [(200, {}, b"<html>Welcome</html>")]
        assert send(other_run(6), address, tmp_path).outcome is HandoverOutcome.WAITING
        # a long Retry-After is kept to by the next run as well
        gate.answers = [(503, {"Retry_After": "3600"}, b"")]
        assert (
            send(other_run(7), address, tmp_path, deadline_s=5).outcome is HandoverOutcome.WAITING
        )
        asked = len(gate.requests)
        assert (
            send(other_run(8), address, tmp_path, deadline_s=5).outcome is HandoverOutcome.WAITING
        )
        assert len(gate.requests) == asked
    sink[0].wait_for(3)
    assert sorted(set(sink[0].runs())) == sorted(other_run(each).run_id for each in (1, 2, 4))
    headers, body = gate.requests[-1]
    assert headers["Content-Type"] == "application/json"
    assert headers["Content-Encoding"] == "gzip"
    assert TOKEN.encode() not in body


SENT, WAITING, REFUSED = HandoverOutcome.SENT, HandoverOutcome.WAITING, HandoverOutcome.REFUSED
PARTLY = b'{"partialSuccess":{"rejectedLogRecords":%s,"errorMessage":"too old"}}'
ANSWERS: list[tuple[int, dict[str, str], bytes, HandoverOutcome]] = [
    (200, {}, b"", SENT),
    (202, {}, b"", SENT),
    (204, {}, b"", SENT),  # Loki
    (201, {}, b"", SENT),  # Fluent Bit
    # answers to JSON in protobuf: taken as empty, as all taken, as one or all of them rejected
    (200, {"Content-Type": "application/x-protobuf"}, b"", SENT),
    (200, {"Content-Type": "application/x-protobuf"}, b"\x0a\x00", SENT),
    (200, {"Content-Type": "application/x-protobuf"}, b"\x0a\x0b\x08\x01\x12\x07too old", SENT),
    (
        200,
        {"Content-Type": "Application/Protobuf; x=y"},
        b"\x0a\x0c\x08\x8f\x4e\x12\x07too old",
        REFUSED,
    ),
    (200, {"Content-Type": "application/x-protobuf"}, b"<html>", WAITING),
    (200, {}, b'{"partialSuccess":{"rejectedLogRecords":null,"errorMessage":null}}', SENT),
    (200, {}, b'{"partialSuccess":{"errorMessage":"a warning"}}', SENT),
    (200, {}, b'{"code":200,"status":[{"name":"default","successful":9}]}', SENT),
    (200, {}, PARTLY % b"1", SENT),
    (200, {}, PARTLY % b'"1"', SENT),
    (200, {}, PARTLY % b"9999", REFUSED),
    (200, {}, PARTLY % b"1e999", WAITING),
    (200, {}, b"[" * 60_000, WAITING),
    (200, {}, b"<html>" + b"x" * 500_000, WAITING),
    (301, {"Location": "https://login.example.com/"}, b"", WAITING),
    (302, {"Location": "https://login.example.com/"}, b"", WAITING),
    (200, {"Content-Type": "text/html"}, b"\x0a\x00", WAITING),
    (307, {}, b"", WAITING),
    (400, {}, b"no", REFUSED),
    (401, {}, b"", WAITING),
    (404, {}, b"", WAITING),
    (413, {}, b"", REFUSED),
    (422, {}, b"", REFUSED),
    (500, {}, b"", REFUSED),
    (511, {}, b"<html>", WAITING),
    (521, {}, b"", WAITING),
    (429, {"Retry_After": "99999999999999999999" * 20}, b"", WAITING),
    (429, {"Retry_After": "Fri, 31 Dec 9999 23:59:59 -2359"}, b"", WAITING),
    (503, {"Retry_After": "Mon, 01 Jan 1990 00:00:00 GMT"}, b"", SENT),
    (503, {"Retry_After": "soon"}, b"", SENT),
    (502, {"Retry_After": "-5"}, b"", SENT),
    (504, {}, b"x" * 500_000, SENT),
]


@pytest.mark.parametrize(
    ("code", "headers", "content", "outcome"), ANSWERS,
    ids=[f"{code}-{index}" for index, (code, *_rest) in enumerate(ANSWERS)],
)  # fmt: skip
def test_what_an_answer_means_for_a_run(
    tmp_path: Path,
    code: int,
    headers: dict[str, str],
    content: bytes,
    outcome: HandoverOutcome,
) -> None:
    """A second request, where one is made, is taken. Nothing is lost that is not told."""
    gate = Gate(lambda: 0)
    gate.answers = [(code, headers, content), (200, {}, b"{}"), (200, {}, b"{}")]
    with serving(gate.handler()) as port:
        address = f"http://127.0.0.1:{port}/v1/logs"
        first = send(other_run(1), address, tmp_path, deadline_s=10)
        assert first.outcome is outcome
        assert first.waiting == (outcome is WAITING)
        assert bool(first.detail) == (outcome is not SENT or first.rejected > 0)
        assert first.rejected == (0 if b"too old" not in content or outcome is WAITING else
                                  9999 if outcome is REFUSED else 1)  # fmt: skip
        (tmp_path / "otlp/not-before").unlink(missing_ok=True)
        assert send(other_run(2), address, tmp_path).sent == (2 if outcome is WAITING else 1)


def test_a_receiver_that_takes_no_gzip_gets_it_plain(
    sink: tuple[Sink, int], rotel: Rotel, tmp_path: Path
) -> None:
    """415 says so (RFC 7694); a real collector reads what is sent then."""
    gate = Gate(lambda: rotel.port)
    gate.answers = [(415, {"Accept_Encoding": "identity"}, b"")]
    with serving(gate.handler()) as port:
        told = send(other_run(1), f"http://127.0.0.1:{port}/v1/logs", tmp_path)
        assert (told.outcome, told.waiting) == (SENT, 0)
    sink[0].wait_for(1)
    (packed, first), (plain, second) = gate.requests
    assert packed["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain
    assert gzip.decompress(first) == second
    # what takes it in no form is refused, not asked for ever
    gate.answers = [(415, {}, b""), (415, {}, b"")]
    with serving(gate.handler()) as port:
        told = send(other_run(2), f"http://127.0.0.1:{port}/v1/logs", tmp_path)
    assert (told.outcome, told.waiting) == (REFUSED, 0)
    assert len(gate.requests) == 4


BROKEN = {
    "at once": b"",
    "in the status": b"HTTP/1.1 20",
    "in a header": b"HTTP/1.1 200 OK\r\nContent-Len",
    "before the body": b"HTTP/1.1 200 OK\r\nContent-Length: 23\r\n\r\n",
    "in the body": b'HTTP/1.1 200 OK\r\nContent-Length: 23\r\n\r\n{"partial',
    "in a chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n17\r\n{",
    "in gzip": (
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 12\r\n\r\n\x1f\x8b\x08"
    ),
    "no HTTP": b"SSH-2.0-OpenSSH_9.2\r\n",
    "endless headers": b"HTTP/1.1 200 OK\r\n" + b"X-Filler: 1234567890\r\n" * 20_000,
}


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN.keys())
def test_a_collector_or_proxy_that_ends_in_the_middle_of_its_answer(
    tmp_path: Path, answer: bytes
) -> None:
    """It may have the run already: it is sent again, the same bytes, until somebody says yes."""
    bodies: list[bytes] = []

    def serve() -> None:
        for reply in (answer, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"):
            connection, _address = listening.accept()
            with connection:
                connection.settimeout(20)
                bodies.append(_request_body(connection))
                with suppress(OSError):
                    connection.sendall(reply)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        address = f"http://127.0.0.1:{listening.getsockname()[1]}/v1/logs"
        delivery = send(other_run(1), address, tmp_path)
        thread.join(30)
    assert (delivery.outcome, delivery.waiting) == (SENT, 0)
    assert bodies[0] == bodies[1]


def _request_body(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536)
    head, _empty, body = received.partition(b"\r\n\r\n")
    length = next(
        int(line.partition(b":")[2])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    )
    while len(body) < length:
        body += connection.recv(65536)
    return body
