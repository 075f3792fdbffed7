# SPDX-License-Identifier: Apache-2.0
"""Looking at what the replay painted: colours of regions, and every word with the place where it stands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage
from replay_desks import Desk, verification

from session.account import AccountRules
from session.verify.result import Verification
from ui.replay.canvas import Canvas
from ui.replay.layout import Layout
from ui.replay.model import ReplayModel
from ui.replay.painter import layout_of
from ui.replay.render import Appearance, draw
from ui.replay.standing import Standing
from ui.replay.view import View
from ui.strings import Words

RULES = AccountRules(crash_counts_s=300, private_counts=False)


def pixels_of(image: QImage) -> NDArray[np.uint32]:
    """Shape (height, width), 0xffrrggbb."""
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    rows = np.frombuffer(image.constBits(), dtype=np.uint32).reshape(image.height(), image.bytesPerLine() // 4)
    return rows[:, : image.width()] | np.uint32(0xFF000000)


def ink(colour: str) -> int:
    return 0xFF000000 | int(colour[1:], 16)


@dataclass
class Painted:
    """One picture of a desk's session, and how to find things in it. Times are seconds since its start."""

    model: ReplayModel
    layout: Layout
    image: QImage
    scale: float

    def __post_init__(self) -> None:
        self.pixels = pixels_of(self.image)

    def x(self, second: float) -> float:
        view = View(self.model.start_us, self.model.end_us)
        t_us = self.model.start_us + round(second * 1e6)
        return view.x_of(t_us, self.layout.plot_left, self.layout.plot_width)

    def region(self, row: str, begin: float, end: float, *, inset: float = 1.0) -> NDArray[np.uint32]:
        """The pixels of a row between two times."""
        found = self.layout.row(row)
        assert found is not None, row
        left, right = (self.x(begin) + inset) * self.scale, (self.x(end) - inset) * self.scale
        top, bottom = (found.top + inset) * self.scale, (found.bottom - inset) * self.scale
        return self.pixels[round(top) : round(bottom), round(left) : round(right)]

    def share(self, colour: str, row: str, begin: float, end: float, *, inset: float = 1.0) -> float:
        """How much of a row between two times has exactly this colour, 0 to 1."""
        region = self.region(row, begin, end, inset=inset)
        return float(np.mean(region == ink(colour)))

    def anywhere(self, colour: str, *, below: float = 0.0) -> bool:
        return bool((self.pixels[round(below * self.scale) :] == ink(colour)).any())


def painted(desk: Desk, *, look: Appearance | None = None, checked: Verification | str | None = "sound") -> Painted:
    look = look or Appearance()
    reader = desk.reader()
    model = ReplayModel.from_events(reader.session_id, reader.events(), RULES)
    verified = verification() if isinstance(checked, str) else checked
    image = draw(reader, model, Standing.of(verified, Words()), look)
    return Painted(model, layout_of(model, *look.size), image, look.scale)


@dataclass
class Word:
    words: str
    box: QRectF
    asked: str


class Written:
    """Every word that is written while it watches, with the box that its letters take."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.words: list[Word] = []
        original = Canvas.text

        def text(canvas: Canvas, box: QRectF, words: str, **how: object) -> float:
            took = original(canvas, box, words, **how)  # type: ignore[arg-type]
            if took:
                size_px = int(str(how.get("size_px", 12)))
                _, measure = canvas.type.font(size_px, bold=bool(how.get("bold")))
                align = how.get("align", Qt.AlignmentFlag.AlignLeft)
                left = box.left()
                if align == Qt.AlignmentFlag.AlignRight:
                    left = box.right() - took
                elif align == Qt.AlignmentFlag.AlignHCenter:
                    left = box.center().x() - took / 2
                height = measure.capHeight() + measure.descent()
                shown = words if measure.horizontalAdvance(words) <= took + 0.5 else f"{words[:3]}…"
                self.words.append(Word(shown, QRectF(left, box.center().y() - height / 2, took, height), words))
            return took

        monkeypatch.setattr(Canvas, "text", text)

    def said(self) -> list[str]:
        return [word.words for word in self.words]
