"""A watch of an hour, made up: a bump, a burst of losses, a websocket that was cut."""

import math
import random

from msgspec import structs

from natwizard.model.report import ComputerSummary
from natwizard.model.watch import (
    WATCH_SCHEMA_VERSION,
    BadKind,
    BadMoment,
    CallStanding,
    WatchColumn,
    WatchedCall,
    WatchFigures,
    WatchLimits,
    WatchRecord,
)

WIDTH_S = 8.0


def watch_columns(lasted_s: float = 3600.0) -> tuple[WatchColumn, ...]:
    """Eight seconds each; between 20 and 21 minutes nothing comes back."""
    dice = random.Random(3)
    made = []
    for number in range(int(lasted_s / WIDTH_S)):
        start_s = number * WIDTH_S
        median = 32 + 3 * math.sin(start_s / 200) + 60 * math.exp(-(((start_s - 900) / 90) ** 2))
        silent = 1200 <= start_s < 1260
        lost = 400 if silent else 7 if 2400 <= start_s < 2416 else 0
        made.append(
            WatchColumn(
                start_s=start_s, low=median - 6, median=median,
                high=median + 5 + dice.expovariate(1 / 12), answered=400 - lost, lost=lost,
            )
        )  # fmt: skip
    return tuple(made)


def watch(moments: int = 4, *, machine_name: str = "DESK-7") -> WatchRecord:
    """With so many bad moments; 0 is a steady hour."""
    known = (
        BadMoment(kind=BadKind.SLOW, start_s=880, duration_s=24, worst=118),
        BadMoment(kind=BadKind.NO_ANSWER, start_s=1200, duration_s=60, worst=3000),
        BadMoment(kind=BadKind.LOST, start_s=2401.25, duration_s=0.5, worst=14),
        BadMoment(kind=BadKind.WEBSOCKET_CUT, start_s=3000, duration_s=6.2),
        BadMoment(kind=BadKind.COMPUTER, start_s=3300, duration_s=10, worst=42),
    )
    more = tuple(
        BadMoment(kind=BadKind.LATE, start_s=10.0 * number, duration_s=0.25, worst=240)
        for number in range(max(0, moments - len(known)))
    )
    return WatchRecord(
        schema_version=WATCH_SCHEMA_VERSION, app_version="1.0",
        run_id="5b3f6b1e-0a51-4a0e-9d53-3a1d6a3ed001", run_code="maple river copper lamp",
        started_at="2026-11-22T14:06:12.000+01:00", planned_s=3600, lasted_s=3600,
        profile="Technical prerequisites Nov 2024",
        machine=ComputerSummary(host_name=machine_name, user_name="kim", system="Windows 11",
                        architecture="x86_64"),
        media="media.example.com:862", websocket="wss://webphone.example.com:10062/",
        limits=WatchLimits(),
        figures=WatchFigures(measured_s=3480, sent=174_000, lost=3014, median_ms=32.4, p95_ms=58.1,
                             highest_ms=212, jitter_ms=2.1, worst_jitter_ms=9.4, websocket_s=3590,
                             websocket_cuts=1),
        column_s=WIDTH_S, columns=watch_columns(), moments=(*known[:moments], *more),
    )  # fmt: skip


def watch_with_call(standing: CallStanding = CallStanding.HELD) -> WatchRecord:
    """The same hour with a call in the browser, which lost speech where the line lost packets."""
    dice = random.Random(4)
    made_up, delays, round_trips, jitters = [], [], [], []
    for column in watch_columns():
        lossy = column.lost and column.answered
        share = 320.0 if lossy else 1000.0 if column.lost else dice.expovariate(1 / 2)
        delay = 60 + column.median / 2
        told = ((made_up, share), (delays, delay), (round_trips, 31.0), (jitters, 3.0))
        for columns, value in told:
            columns.append(
                WatchColumn(
                    start_s=column.start_s, low=value / 2, median=value,
                    high=min(1000.0, value * 1.2), answered=400, lost=column.lost,
                )
            )  # fmt: skip
    call = WatchedCall(
        target="turn.example.com:3478", standing=standing, transport="udp", held_s=3540,
        made_up_share=0.0181, received=350_000, lost=3014, delay_ms=84.2, worst_delay_ms=310,
        column_s=WIDTH_S, made_up=tuple(made_up), delays=tuple(delays),
        round_trips=tuple(round_trips), jitters=tuple(jitters),
    )  # fmt: skip
    moments = (
        BadMoment(kind=BadKind.CALL_GAPS, start_s=2401, duration_s=2, worst=640),
        BadMoment(kind=BadKind.CALL_TAB, start_s=3400, duration_s=60),
    )
    record = watch(4)
    return structs.replace(record, call=call, moments=(*record.moments, *moments))
