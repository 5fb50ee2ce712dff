"""Answers in protobuf, held against OpenTelemetry's own definitions."""

import random

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsPartialSuccess,
    ExportLogsServiceResponse,
)

from natwizard.share.otlp_answer import rejected_of


@pytest.mark.parametrize("rejected", [0, 1, 127, 128, 9999, 2**31, 2**63 - 1])
@pytest.mark.parametrize("message", ["", "too old", "zu alt: Grüße", "x" * 300])
def test_what_protobuf_writes_is_read(rejected: int, message: str) -> None:
    partial = ExportLogsPartialSuccess(rejected_log_records=rejected, error_message=message)
    content = ExportLogsServiceResponse(partial_success=partial).SerializeToString()
    assert rejected_of(content) == (rejected, message)


def test_nothing_said_is_nothing_rejected_and_less_than_nothing_too() -> None:
    assert rejected_of(ExportLogsServiceResponse().SerializeToString()) == (0, "")
    partial = ExportLogsPartialSuccess(rejected_log_records=-5)
    told = ExportLogsServiceResponse(partial_success=partial).SerializeToString()
    assert rejected_of(told) == (0, "")


def test_fields_of_a_later_version_are_passed_over() -> None:
    known = b"\x0a\x02\x08\x07"
    later = b"\x10\x96\x01" + b"\x19" + b"8" * 8 + b"\x25" + b"4" * 4 + b"\x2a\x03abc"
    assert rejected_of(later + known + later) == (7, "")


@pytest.mark.parametrize(
    "content",
    [b"\x0a", b"\x0a\x05\x08", b"\x08\x01", b"\x0b", b"\xff" * 11, b"\x0a\x03\x12\x01\xff",
     b"<html>", b"{}", b"OK"],
)  # fmt: skip
def test_what_is_no_such_message_is_told(content: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - a UnicodeDecodeError is one
        rejected_of(content)


def test_of_any_bytes_there_is_an_answer_or_that_error() -> None:
    chance = random.Random(19)
    for _each in range(20_000):
        try:
            rejected, _message = rejected_of(chance.randbytes(chance.randrange(30)))
        except ValueError:
            continue
        assert rejected >= 0
