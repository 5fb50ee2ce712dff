"""Writes the product mark as .ico, .icns, .png or the installer's .bmp: icon_files.py FILE.

.ico: Microsoft's icon format, with bitmaps up to 48 pixels (old readers know nothing else) and
PNG above. .icns: Apple's container of PNGs, one a size.
"""

import struct
import sys
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter

from natwizard.drawing.mark import ICON_SIZES, mark_image, paint_mark
from natwizard.drawing.tokens import LIGHT

LARGEST_BITMAP = 48
ICNS_TYPES = {b"ic11": 32, b"ic07": 128, b"ic13": 256, b"ic08": 256, b"ic09": 512, b"ic10": 1024}
PNG_SIDE = 256
SIDE_PICTURE = (164, 314)  # as Modern UI wants it
MARK_PX = 96


def png(side_px: int) -> bytes:
    """The mark as a PNG."""
    store = QByteArray()
    buffer = QBuffer(store)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    mark_image(side_px).save(buffer, "PNG")
    return bytes(store.data())


def bitmap(side_px: int) -> bytes:
    """The mark as an icon's bitmap: bottom row first, BGRA, then an empty mask."""
    image = mark_image(side_px).convertToFormat(QImage.Format.Format_ARGB32)
    pixels = bytes(image.constBits())
    stride = image.bytesPerLine()
    rows = [pixels[row * stride : row * stride + side_px * 4] for row in range(side_px)]
    mask = bytes(-(-side_px // 32) * 4 * side_px)
    head = struct.pack("<IiiHHIIiiII", 40, side_px, side_px * 2, 1, 32, 0, 0, 0, 0, 0, 0)
    return head + b"".join(reversed(rows)) + mask


def ico() -> bytes:
    """All sizes of the mark in one .ico."""
    pictures = [bitmap(side) if side <= LARGEST_BITMAP else png(side) for side in ICON_SIZES]
    place = 6 + 16 * len(pictures)
    table = b""
    for side, picture in zip(ICON_SIZES, pictures, strict=True):
        table += struct.pack("<BBBBHHII", side % 256, side % 256, 0, 0, 1, 32, len(picture), place)
        place += len(picture)
    return struct.pack("<HHH", 0, 1, len(pictures)) + table + b"".join(pictures)


def icns() -> bytes:
    """All sizes of the mark in one .icns."""
    parts = b""
    for kind, side in ICNS_TYPES.items():
        content = png(side)
        parts += kind + struct.pack(">I", len(content) + 8) + content
    return b"icns" + struct.pack(">I", len(parts) + 8) + parts


def side_picture() -> bytes:
    """The installer's first and last page: the mark on its own colour, a 24-bit bitmap."""
    wide, high = SIDE_PICTURE
    image = QImage(wide, high, QImage.Format.Format_RGB888)
    image.fill(QColor(LIGHT.accent))
    painter = QPainter(image)
    box = QRectF(wide / 2 - MARK_PX / 2, high / 3 - MARK_PX / 2, MARK_PX, MARK_PX)
    paint_mark(painter, box, LIGHT.accent, LIGHT.on_accent)
    painter.end()
    store = QByteArray()
    buffer = QBuffer(store)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "BMP")
    return bytes(store.data())


def main(path: Path) -> None:
    """Write the form that the name's end asks for."""
    application = QGuiApplication(["icon_files"])
    forms = {
        ".ico": ico,
        ".icns": icns,
        ".png": lambda: png(PNG_SIDE),
        ".bmp": side_picture,
    }
    path.write_bytes(forms[path.suffix]())
    del application


if __name__ == "__main__":
    main(Path(sys.argv[1]))
