"""The product mark: a rounded square with two voice bars, the third of which is a tick."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QImage, QPainter, QPainterPath, QPen, QPixmap

from natwizard.drawing.base_palette import LIGHT, BasePalette

GRID = 32.0
# As small as this, three strokes would run together: the first bar is left out
SMALL_PX = 16
STROKE = 2.9
BOLD_STROKE = 3.4
ICON_SIZES = (16, 24, 32, 48, 256)


def paint_mark(
    painter: QPainter, box: QRectF, palette: str, ink: str, *, simple: bool = False
) -> None:
    """Draw the mark as large as the box allows; `simple` leaves the first bar out (16 px)."""
    side = min(box.width(), box.height())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(box.center() - QPointF(side / 2, side / 2))
    painter.scale(side / GRID, side / GRID)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(palette))
    painter.drawRoundedRect(QRectF(0, 0, GRID, GRID), 7, 7)
    pen = QPen(QColor(ink), BOLD_STROKE if simple else STROKE)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(_bars_and_tick(simple=simple))
    painter.restore()


def _bars_and_tick(*, simple: bool) -> QPainterPath:
    path = QPainterPath()
    if simple:
        path.moveTo(6.5, 10.5)
        path.lineTo(6.5, 21)
        path.moveTo(12.5, 16.5)
        path.lineTo(17.2, 21.2)
        path.lineTo(26, 10.4)
        return path
    path.moveTo(6, 14.3)
    path.lineTo(6, 18.6)
    path.moveTo(10.9, 11)
    path.lineTo(10.9, 21.4)
    path.moveTo(15.6, 16.8)
    path.lineTo(19.4, 20.8)
    path.lineTo(26.8, 11.2)
    return path


def mark_image(side_px: int, palette: BasePalette = LIGHT) -> QImage:
    """The mark on nothing, for window and file icons."""
    image = QImage(QSize(side_px, side_px), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    box = QRectF(0, 0, side_px, side_px)
    paint_mark(painter, box, palette.accent, palette.on_accent, simple=side_px <= SMALL_PX)
    painter.end()
    return image


def mark_svg() -> str:
    """The mark as an SVG file, from the same strokes."""
    strokes = _bars_and_tick(simple=False)
    steps = []
    for number in range(strokes.elementCount()):
        point = strokes.elementAt(number)
        letter = "M" if point.isMoveTo() else "L"
        steps.append(f"{letter}{point.x:g} {point.y:g}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {GRID:g} {GRID:g}">\n'
        f'  <rect width="{GRID:g}" height="{GRID:g}" rx="7" fill="{LIGHT.accent}"/>\n'
        f'  <path d="{" ".join(steps)}" fill="none" stroke="{LIGHT.on_accent}"'
        f' stroke-width="{STROKE:g}" stroke-linecap="round" stroke-linejoin="round"/>\n'
        "</svg>\n"
    )


def mark_icon() -> QIcon:
    """The window's icon in every size a system asks for."""
    icon = QIcon()
    for side_px in ICON_SIZES:
        icon.addPixmap(QPixmap.fromImage(mark_image(side_px)))
    return icon
