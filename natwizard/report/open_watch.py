"""A watch from JSON. Every file is hostile."""

import math
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from natwizard.model.watch import WATCH_SCHEMA_VERSION, WatchColumn, WatchRecord
from natwizard.report.facts import read_moment
from natwizard.report.saved_json import parse_saved

LONGEST_S = 100 * 24 * 3600.0
LARGEST = 1e12
MOST_COLUMNS = 10_000
MOST_MOMENTS = 10_000
"""Ours have 720 columns and 500 moments; what takes minutes to lay out is not."""


def parse_watch(content: bytes, path: Path) -> WatchRecord:
    """JSON as a watch; `path` is for the message. Raises UnreadableReport."""
    return parse_saved(
        content, path, WatchRecord, newest=WATCH_SCHEMA_VERSION, is_sane=watch_is_sane
    )


def watch_is_sane(record: WatchRecord) -> bool:
    """Whether all of it can be shown and drawn."""
    return (
        len(record.columns) <= MOST_COLUMNS
        and len(record.moments) <= MOST_MOMENTS
        and all(math.isfinite(value) and 0 <= value < LARGEST for value in _amounts(record))
        and all(0 <= value < LONGEST_S for value in _times(record))
        and record.column_s > 0
        and all(_column_is_sane(column) for column in record.columns)
        and all(moment.times > 0 for moment in record.moments)
        and _has_a_calendar(record)
    )


def _times(record: WatchRecord) -> Iterator[float]:
    yield from (record.planned_s, record.lasted_s, record.column_s)
    yield from (column.start_s for column in record.columns)
    for moment in record.moments:
        yield from (moment.start_s, moment.duration_s)


def _amounts(record: WatchRecord) -> Iterator[float]:
    figures, limits = record.figures, record.limits
    yield from (figures.measured_s, figures.websocket_s, figures.websocket_cuts)
    yield from (figures.sent, figures.lost)
    known = (figures.median_ms, figures.p95_ms, figures.highest_ms, figures.jitter_ms)
    yield from (value for value in (*known, figures.worst_jitter_ms) if value is not None)
    yield from (limits.round_trip_ms, limits.lost_in_second, limits.late_after_ms, limits.spoilt_ms)
    for moment in record.moments:
        yield from (moment.worst, moment.times)


def _column_is_sane(column: WatchColumn) -> bool:
    """A round trip can come out a little below 0, where clocks are read on both sides."""
    return (
        -LARGEST < column.low <= column.median <= column.high < LARGEST
        and 0 <= column.answered < LARGEST
        and 0 <= column.lost < LARGEST
    )


def _has_a_calendar(record: WatchRecord) -> bool:
    """Whether each moment of it has a date: the year 9999 has an end."""
    started = read_moment(record.started_at)
    try:
        return started is None or bool(started + timedelta(seconds=2 * LONGEST_S))
    except OverflowError:
        return False
