"""The charts of a watch, ready to draw: the line's, and those of the call in the browser."""

from natwizard.model.finding import Chart, ChartColumn
from natwizard.model.language import _
from natwizard.model.watch import WatchRecord


def watch_chart(record: WatchRecord, *, length_s: float = 0.0) -> Chart:
    """The whole watch, ready to draw; where nothing came back the line stays where it was."""
    columns: list[ChartColumn] = []
    level = 0.0
    for column in record.columns:
        if column.answered:
            level = column.median
        told = (column.low, column.median, column.high) if column.answered else (level,) * 3
        low, median, high = (max(0.0, value) for value in told)
        columns.append(
            ChartColumn(start_s=column.start_s, low=low, median=median, high=high, lost=column.lost)
        )
    return Chart(
        title=_("Round trip"),
        limit_ms=record.limits.round_trip_ms,
        length_s=max(length_s, record.lasted_s, record.column_s, 1.0),
        columns=tuple(columns),
    )


def call_charts(record: WatchRecord, *, length_s: float = 0.0) -> tuple[Chart, ...]:
    """Speech made up in each second, and its delay; nothing where no call was held."""
    call = record.call
    if call is None or not call.made_up:
        return ()
    limits = record.limits
    whole_s = max(length_s, record.lasted_s, call.column_s, 1.0)
    drawn = (
        (_("Speech made up in each second of the call"), limits.made_up_ms, call.made_up),
        (_("Delay in the call"), limits.call_delay_ms, call.delays),
    )
    return tuple(
        Chart(
            title=title,
            limit_ms=limit_ms,
            length_s=whole_s,
            columns=tuple(
                ChartColumn(
                    start_s=each.start_s,
                    low=each.low,
                    median=each.median,
                    high=each.high,
                    lost=each.lost,
                )
                for each in columns
            ),
        )
        for title, limit_ms, columns in drawn
    )
