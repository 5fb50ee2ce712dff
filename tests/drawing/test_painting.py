"""Shapes leave ink where they should, and nowhere else."""

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QGuiApplication, QImage, QPainter

from natwizard.drawing.breakdown import BarSizes, breakdown_height, paint_breakdown
from natwizard.drawing.chart import paint_chart
from natwizard.drawing.chart_scale import chart_sentence, merged_columns
from natwizard.drawing.glyphs import glyph_path, paint_status
from natwizard.drawing.icons import SHAPES, Icon, icon_path
from natwizard.drawing.limit_bar import paint_limit_bar, scale_end
from natwizard.drawing.mark import ICON_SIZES, mark_image, mark_svg
from natwizard.drawing.signs import Activity, Sign
from natwizard.drawing.tokens import LIGHT, THEMES, Theme
from natwizard.model.finding import Chart, ChartColumn, Gauge, Status
from natwizard.model.plan import Breakdown, BreakdownSlice
from natwizard.model.quantity import Interval, Unit

SIGNS: tuple[Sign, ...] = (*Status, *Activity)


@pytest.fixture
def paper(qapp: QGuiApplication) -> QImage:
    assert qapp
    image = QImage(480, 200, QImage.Format.Format_ARGB32)
    image.fill(QColor("white"))
    return image


def ink(image: QImage) -> int:
    """Pixels that are not white."""
    white = QColor("white")
    return sum(
        image.pixelColor(x, y) != white
        for x in range(0, image.width(), 2)
        for y in range(0, image.height(), 2)
    )


def test_every_shape_has_an_outline_of_its_own(qapp: QGuiApplication) -> None:
    assert qapp
    outlines = set()
    for sign in SIGNS:
        if sign is Activity.RUNNING:
            continue
        path = glyph_path(sign)
        box = path.boundingRect()
        assert QRectF(0, 0, 24, 24).contains(box)
        outlines.add(tuple(path.contains(QRectF(x, y, 0.2, 0.2))
                           for x in range(1, 24, 2) for y in range(1, 24, 2)))  # fmt: skip
    assert len(outlines) == len(SIGNS) - 1


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
@pytest.mark.parametrize("sign", SIGNS)
def test_a_glyph_stays_in_its_box(paper: QImage, theme: Theme, sign: Sign) -> None:
    painter = QPainter(paper)
    paint_status(painter, QRectF(100, 50, 48, 48), sign, theme, turn=0.4)
    painter.end()
    assert ink(paper) > 20
    outside = QPainter(paper)
    outside.fillRect(QRectF(100, 50, 48, 48), QColor("white"))
    outside.end()
    assert ink(paper) == 0


@pytest.mark.parametrize("icon", Icon)
def test_every_icon_is_drawn_inside_its_grid(icon: Icon) -> None:
    assert icon in SHAPES
    assert QRectF(0, 0, 20, 20).contains(icon_path(icon).boundingRect().adjusted(0, 0, -0.1, -0.1))


@pytest.mark.parametrize("side_px", ICON_SIZES)
def test_the_mark_fills_every_icon_size(qapp: QGuiApplication, side_px: int) -> None:
    assert qapp
    image = mark_image(side_px)
    assert image.pixelColor(side_px // 2, 1).alpha() > 0
    assert image.pixelColor(0, 0).alpha() < 128, "corners are round"


def gauge(value: float, *, high: float | None = None) -> Gauge:
    span = Interval(low=0, high=high, unit=Unit.PERCENT) if high is not None else None
    return Gauge(title="Loss", value=value, unit="%", limit=1.0, interval=span)


@pytest.mark.parametrize(
    ("value", "high", "end"),
    [(0.1, None, 1.5), (1.5, None, 1.725), (9.0, None, 2.0), (0.5, 1.6, 1.84)],
)
def test_the_scale_ends_at_one_and_a_half_to_two_limits(
    value: float, high: float | None, end: float
) -> None:
    assert scale_end(gauge(value, high=high)) == pytest.approx(end)


@pytest.mark.parametrize("value", [-1, 0, 0.99, 1, 500, float("inf")])
def test_any_value_can_be_drawn(paper: QImage, value: float) -> None:
    painter = QPainter(paper)
    paint_limit_bar(painter, QRectF(10, 10, 200, 16), gauge(value), Status.FAIL, LIGHT)
    painter.end()
    assert ink(paper) > 50


def column(at: float, *, lost: int = 0) -> ChartColumn:
    return ChartColumn(start_s=at, low=10, median=12, high=20, lost=lost)


def chart(columns: tuple[ChartColumn, ...], limit_ms: float = 100) -> Chart:
    return Chart(title="Round trip", limit_ms=limit_ms, length_s=30, columns=columns)


@pytest.mark.parametrize("limit_ms", [0, 0.01, 100, 100_000])
@pytest.mark.parametrize("count", [0, 1, 300])
def test_any_chart_can_be_drawn(paper: QImage, count: int, limit_ms: float) -> None:
    columns = tuple(column(number / 10, lost=number % 7 == 0) for number in range(count))
    painter = QPainter(paper)
    paint_chart(painter, QRectF(0, 0, 480, 200), chart(columns, limit_ms), LIGHT, QFont(),
                now_s=3.0)  # fmt: skip
    painter.end()
    assert ink(paper) > 100


def test_narrow_columns_are_merged_and_no_loss_is_forgotten() -> None:
    columns = tuple(column(number / 100, lost=1) for number in range(100))
    merged = merged_columns(columns, 0.1)
    assert len(merged) == 10
    assert sum(one.lost for one in merged) == 100


def test_of_merged_columns_each_weighs_the_same() -> None:
    columns = tuple(
        ChartColumn(start_s=at / 100, low=10, median=median, high=90)
        for at, median in enumerate((10.0, 10.0, 10.0, 90.0))
    )
    assert [one.median for one in merged_columns(columns, 1.0)] == [30.0]


def test_a_chart_says_itself_in_one_sentence() -> None:
    assert chart_sentence(chart(())) == "Round trip: no answer yet."
    told = chart_sentence(chart((column(0), column(2, lost=3))))
    assert told == "Round trip: between 10 and 20 ms over 2 s, 3 lost."


def test_the_mark_is_an_svg_that_qt_reads(qapp: QGuiApplication) -> None:
    assert qapp
    image = QImage.fromData(mark_svg().encode(), "svg")
    assert not image.isNull()
    assert image.pixelColor(image.width() // 2, 1).name() == LIGHT.accent.lower()


@pytest.mark.parametrize("limit", [None, 50.0, 400.0])
def test_a_stacked_bar_is_divided_by_its_values(paper: QImage, limit: float | None) -> None:
    parts = tuple(
        BreakdownSlice(title=f"Part {number}", value=value, amount=str(value))
        for number, value in enumerate((50.0, 150.0, 0.0), 1)
    )
    shown = Breakdown(caption="All", slices=parts, limit=limit, limit_words="free" if limit else "")
    sizes = BarSizes(text=14, bar=20)
    painter = QPainter(paper)
    box = QRectF(0, 0, 400, breakdown_height(shown, sizes))
    paint_breakdown(painter, box, shown, LIGHT, QFont(), sizes, shares=("25 %", "75 %", "0 %"))
    painter.end()
    assert box.height() <= paper.height()
    y = round(sizes.row + 4)
    row = [paper.pixelColor(x, y).name().upper() for x in range(400)]
    whole = 400 * 200 / shown.scale
    for number, share in ((0, 0.25), (1, 0.75)):
        drawn = row.count(LIGHT.series[number])
        assert drawn == pytest.approx(share * whole, abs=14)  # gaps, a tick, the number's ink
    assert row.count(LIGHT.track) == pytest.approx(400 - whole, abs=6)


SMALL_PX = 12
ALIKE = 0.9
"""Disc and octagon share most of their pixels at this size; one in ten has to tell them apart."""


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_glyphs_differ_in_shape_at_twelve_pixels_without_colour(theme: Theme) -> None:
    masks = {sign: small_mask(sign, theme) for sign in SIGNS if sign is not Activity.RUNNING}
    for one in masks:
        for other in masks:
            if one is not other:
                same = sum(a == b for a, b in zip(masks[one], masks[other], strict=True))
                assert same / len(masks[one]) < ALIKE, (one, other)


def small_mask(sign: Sign, theme: Theme) -> list[bool]:
    """Where a glyph of 12 pixels has ink: all that is left in grey and through a bad video."""
    image = QImage(SMALL_PX, SMALL_PX, QImage.Format.Format_ARGB32)
    image.fill(QColor(0, 0, 0, 0))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint_status(painter, QRectF(0, 0, SMALL_PX, SMALL_PX), sign, theme, turn=0)
    painter.end()
    return [image.pixelColor(x, y).alpha() > 127 for x in range(SMALL_PX) for y in range(SMALL_PX)]


@pytest.mark.parametrize("width", [420, 520, 640, 900])
@pytest.mark.parametrize("title", ["Round trip", "Speech made up for in each second of the call"])
def test_the_keys_of_a_chart_keep_off_its_title(
    qapp: QGuiApplication, width: int, title: str
) -> None:
    """Where both do not fit one line, the keys have a second."""
    assert qapp
    image = QImage(width, 220, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    columns = tuple(
        ChartColumn(start_s=number, low=20, median=30, high=40, lost=0) for number in range(30)
    )
    chart = Chart(title=title, limit_ms=100, length_s=30, columns=columns)
    painter = QPainter(image)
    paint_chart(painter, QRectF(image.rect()), chart, LIGHT, QFont())
    painter.end()
    font = QFont()
    font.setPixelSize(14)
    font.setWeight(QFont.Weight.DemiBold)
    metrics = QFontMetricsF(font)
    title_end, line_end = round(metrics.horizontalAdvance(title)), round(metrics.height()) + 4
    accent = QColor(LIGHT.accent)
    keys = [
        (x, y)
        for x in range(width)
        for y in range(2 * line_end)
        if image.pixelColor(x, y) == accent
    ]
    assert keys, "the median's key is there"
    assert not [(x, y) for x, y in keys if x <= title_end and y < line_end]
