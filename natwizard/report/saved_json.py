"""JSON of ours from a hostile file: bounded, of a kind and age we know, and sane. Pure."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from natwizard.model.language import _
from natwizard.model.writing import short_number
from natwizard.report.files import UnreadableReport

JSON_LIMIT_BYTES = 5_000_000
T = TypeVar("T")


class _Kind(Struct, frozen=True):
    """A report has none."""

    kind: str = ""


class _Age(Struct, frozen=True):
    """Just enough to tell ours from other JSON."""

    schema_version: int


def kind_of(content: bytes) -> str:
    """What the JSON says it is; empty where it does not."""
    try:
        return msgspec.json.decode(content[: JSON_LIMIT_BYTES + 1], type=_Kind).kind
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError, OverflowError):
        return ""
    except (RecursionError, MemoryError):
        return ""


def parse_saved(
    content: bytes, path: Path, type_: type[T], *, newest: int, is_sane: Callable[[T], bool]
) -> T:
    """JSON as a value of ours; `path` is for the message. Raises UnreadableReport.

    `newest` is the schema version that we know; `is_sane` says whether all of it can be shown.
    """
    if not content.strip():
        raise UnreadableReport(path, _("the file is empty"))
    if len(content) > JSON_LIMIT_BYTES:
        limit_mb = short_number(JSON_LIMIT_BYTES / 1_000_000)
        raise UnreadableReport(path, _("the report is larger than {size} MB").format(size=limit_mb))
    try:
        version = msgspec.json.decode(content, type=_Age).schema_version
        if version > newest:
            reason = _("made by a newer natwizard (format {version}); update to open it")
            raise UnreadableReport(path, reason.format(version=version))
        value = msgspec.json.decode(content, type=type_)
        sane = is_sane(value)
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError, OverflowError) as error:
        reason = _("this is not a natwizard report ({detail})")
        detail = " ".join(str(error).split())[:120]
        raise UnreadableReport(path, reason.format(detail=detail)) from error
    except (RecursionError, MemoryError) as error:
        raise UnreadableReport(path, _("this is not a natwizard report")) from error
    if not sane:
        raise UnreadableReport(path, _("the report holds values that no run can bring"))
    return value
