"""What the tiles of a running measurement may say already; the rule has the last word."""

from msgspec import Struct

from natwizard.model.finding import ChartColumn
from natwizard.model.language import _
from natwizard.model.statistics import quantile
from natwizard.model.writing import number


class LiveFigure(Struct, frozen=True, kw_only=True):
    """A value so far, as a tile writes it."""

    value: str
    unit: str


def live_figures(columns: tuple[ChartColumn, ...]) -> dict[str, LiveFigure]:
    """By check, as far as columns tell: jitter and calls need every packet."""
    if not columns:
        return {}
    medians = sorted(column.median for column in columns)
    lost = sum(column.lost for column in columns)
    return {
        "quality.latency": LiveFigure(value=number(quantile(medians, 0.5)), unit="ms"),
        "quality.loss": LiveFigure(value=number(lost), unit=_("lost")),
    }
