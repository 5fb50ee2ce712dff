"""Heads of responses as browsers forgive them, and the bounds of that."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natwizard.model.outcome import FailureCode
from natwizard.probes.connection.response_head import HEAD_LIMIT_BYTES, head_at_end, split_head
from natwizard.probes.failures import BadAnswer, CannotGather

PORTAL = "http://portal.example/login"


@pytest.mark.parametrize(
    ("received", "status"),
    [
        (b"HTTP/1.1 302 Found\r\nLocation: %s\r\n\r\n", 302),
        (b"HTTP/1.1 302\r\nLocation: %s\r\n\r\n", 302),
        (b"HTTP/1.0 302 Moved\nLocation: %s\n\n", 302),
        (b"HTTP/1.1 302 Found\r\nLocation : %s\r\nCache-Control : no-cache\r\n\r\n", 302),
        (b"HTTP/1.1 302 Found\r\nSet-Cookie: a=1;\r\n path=/\r\nLocation: %s\r\n\r\n", 302),
        (b"HTTP/1.1 302 Found\r\nLocation:\r\n\t%s\r\n\r\n", 302),
        (b"HTTP/1.1 302 Found\r\nSet-Cookie: caf\xc3\xa9\x01\r\nLocation: %s\r\n\r\n", 302),
        (b"HTTP/1.1 302 Found\r\n: x\r\nLocation: %s\r\n\r\n", 302),
        (b"HTTP/1.1 302 Found\r\nX-Portal\r\nLocation: %s\r\n\r\n", 302),
        (b"\r\n\r\nHTTP/1.1 302 Found\r\nLocation: %s\r\n\r\n", 302),
        (b"http/1.1 302 found\r\nLOCATION:%s\r\n\r\n", 302),
        (b"HTTP/2.0 200 OK\r\nLocation: %s\r\n\r\n", 200),
        (b"HTTP/1.1 \r\nLocation: %s\r\n\r\n", 200),
        (b"HTTP\r\nLocation: %s\r\n\r\n", 200),
    ],
)
def test_what_browsers_forgive_is_read(received: bytes, status: int) -> None:
    head = split_head(received % PORTAL.encode() + b"rest")
    assert head is not None
    assert (head.status, head.first("location"), head.rest) == (status, PORTAL, b"rest")


def test_a_strict_head_has_what_was_asked_for_and_no_controls() -> None:
    head = split_head(b"HTTP/1.1 101 Swi\x01tch\r\nUpgrade : websocket\r\nX: 1\r\nB:\x7f2\r\n\r\n")
    assert head is not None
    assert head.strict("upgrade", "b") == (
        b"HTTP/1.1 101 Switch\r\nupgrade: websocket\r\nb: 2\r\n\r\n"
    )


@pytest.mark.parametrize(
    "received", [b"220 mail.example ESMTP\r\n\r\n", b"\x00\xff" * 9, b"SSH-2.0-x"]
)
def test_another_protocol_is_none(received: bytes) -> None:
    with pytest.raises(BadAnswer, match="not HTTP"):
        split_head(received)


@pytest.mark.parametrize("received", [b"", b"HT", b"HTTP/1.1 200 OK\r\nA: b\r\n", b"\r\n"])
def test_part_of_a_head_waits_for_more(received: bytes) -> None:
    assert split_head(received) is None


def test_a_head_has_an_end() -> None:
    for end in (b"", b"\r\n\r\n"):
        with pytest.raises(CannotGather) as failed:
            split_head(b"HTTP/1.1 200 OK\r\nA: " + b"x" * HEAD_LIMIT_BYTES + end)
        assert failed.value.failure.code is FailureCode.TOO_LARGE


def test_whoever_hangs_up_may_leave_out_the_empty_line() -> None:
    head = head_at_end(b"HTTP/1.1 302 Found\r\nLocation: /in\r\n")
    assert head is not None
    assert (head.status, head.first("location")) == (302, "/in")
    assert head_at_end(b"<html>") is None


@given(st.binary(max_size=400))
def test_any_bytes_are_a_head_or_none_or_refused(received: bytes) -> None:
    try:
        head = split_head(b"HTTP/1.1 " + received)
    except (BadAnswer, CannotGather):
        return
    if head is not None:
        assert split_head(head.strict(*(name for name, _value in head.headers))) is not None
