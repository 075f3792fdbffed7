# SPDX-License-Identifier: Apache-2.0
"""Paints the icon in the sizes named: `paint.py FOLDER SIZE...` makes FOLDER/SIZE.png, off screen."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"  # a picture needs no display

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

DRAWING = Path(__file__).with_name("fairwitness.svg")


def paint(folder: Path, sizes_px: Sequence[int]) -> None:
    """One square PNG for each size, clear where the drawing is."""
    folder.mkdir(parents=True, exist_ok=True)
    renderer = QSvgRenderer(str(DRAWING))
    for size_px in sizes_px:
        image = QImage(size_px, size_px, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        renderer.render(painter, QRectF(0, 0, size_px, size_px))
        painter.end()
        if not image.save(str(folder / f"{size_px}.png")):
            raise SystemExit(f"{folder} takes no picture")


if __name__ == "__main__":
    program = QGuiApplication(sys.argv[:1])
    paint(Path(sys.argv[1]), [int(one) for one in sys.argv[2:]])
