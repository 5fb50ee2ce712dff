"""Hours of quarter seconds in a bounded number of columns. Pure."""

from natwizard.model.finding import ChartColumn
from natwizard.model.watch import WatchColumn

MOST_COLUMNS = 720
FIRST_WIDTH_S = 1.0


class WatchColumns:
    """Takes quarter seconds in time order; columns double in width when there are too many."""

    def __init__(self, most: int = MOST_COLUMNS) -> None:
        self.width_s = FIRST_WIDTH_S
        self._most = most
        self._columns: list[WatchColumn] = []

    def take(self, at_s: float, quarter: ChartColumn, packets: int) -> None:
        """Add a quarter second of `packets` packets that began at `at_s`."""
        answered = max(0, packets - quarter.lost)
        column = WatchColumn(
            start_s=self._floor(at_s),
            low=quarter.low,
            median=quarter.median,
            high=quarter.high,
            answered=answered,
            lost=quarter.lost,
        )
        if self._columns and self._columns[-1].start_s >= column.start_s:
            self._columns[-1] = _joined(self._columns[-1], column)
        else:
            self._columns.append(column)
        if len(self._columns) > self._most:
            self._double()

    def all(self) -> tuple[WatchColumn, ...]:
        """Columns so far, in time order; where nothing was measured there is none."""
        return tuple(self._columns)

    def _floor(self, at_s: float) -> float:
        return int(at_s / self.width_s) * self.width_s

    def _double(self) -> None:
        self.width_s *= 2
        joined: list[WatchColumn] = []
        for column in self._columns:
            start_s = self._floor(column.start_s)
            if joined and joined[-1].start_s == start_s:
                joined[-1] = _joined(joined[-1], column)
            else:
                joined.append(
                    WatchColumn(
                        start_s=start_s, low=column.low, median=column.median, high=column.high,
                        answered=column.answered, lost=column.lost,
                    )
                )  # fmt: skip
        self._columns = joined


def _joined(first: WatchColumn, second: WatchColumn) -> WatchColumn:
    """Both as one; the median is weighed by answers, and what nobody answered weighs nothing."""
    answered = first.answered + second.answered
    told = [column for column in (first, second) if column.answered] or [first]
    weight = sum(column.answered for column in told) or 1
    median = sum(column.median * (column.answered or 1) for column in told) / weight
    return WatchColumn(
        start_s=first.start_s,
        low=min(column.low for column in told),
        median=median,
        high=max(column.high for column in told),
        answered=answered,
        lost=first.lost + second.lost,
    )
