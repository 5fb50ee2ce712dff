"""JSON from anywhere as values: whatever is wrong with it is one kind of error."""

from typing import TypeVar

import msgspec

from natwizard.probes.failures import BadAnswer

T = TypeVar("T")


def decode_json(body: bytes | str, shape: type[T]) -> T:
    """The value, or BadAnswer: no JSON, another shape, no UTF-8, or nested without end."""
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise BadAnswer(str(error)[:200]) from error
