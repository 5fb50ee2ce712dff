"""Draws the product mark into resources/icons: SVG, PNG in every size, and one ICO for Windows.

Run after a change of natwizard/drawing/mark.py: `python packaging/make_icons.py`.
"""

import os
import struct
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QGuiApplication, QImage

from natwizard.drawing.base_palette import GROUNDS
from natwizard.drawing.mark import GRID, ICON_SIZES, mark_image, mark_svg

OPENING_SIDE_PX = 112  # as large as the empty window ever shows it, on a screen of 400 %
FOLDER = Path(__file__).parents[1] / "resources" / "icons"


def png(image: QImage) -> bytes:
    """An image as a PNG file."""
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(content.data())


def ico(images: list[tuple[int, bytes]]) -> bytes:
    """An icon file whose entries are PNGs (allowed since Windows Vista). A side of 256 is 0."""
    head = struct.pack("<HHH", 0, 1, len(images))
    offset = len(head) + 16 * len(images)
    entries, bodies = b"", b""
    for side_px, content in images:
        side = side_px % 256
        entries += struct.pack("<BBBBHHII", side, side, 0, 0, 1, 32, len(content), offset)
        offset += len(content)
        bodies += content
    return head + entries + bodies


def main() -> None:
    """Write them all."""
    application = QGuiApplication([])
    FOLDER.mkdir(parents=True, exist_ok=True)
    images = [(side_px, png(mark_image(side_px))) for side_px in ICON_SIZES]
    for side_px, content in images:
        (FOLDER / f"natwizard-{side_px}.png").write_bytes(content)
    (FOLDER / "natwizard.ico").write_bytes(ico(images))
    (FOLDER / "natwizard.svg").write_text(mark_svg(), "utf-8")
    for name, palette in GROUNDS.items():
        (FOLDER / f"mark-{name}.png").write_bytes(png(mark_image(OPENING_SIDE_PX, palette)))
    print(f"{len(images) + 2 + len(GROUNDS)} files in {FOLDER}, drawn on a grid of {GRID:g}")
    application.quit()


if __name__ == "__main__":
    main()
