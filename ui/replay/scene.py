# SPDX-License-Identifier: Apache-2.0
"""All that one painting of a replay shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo

from PySide6.QtGui import QImage

from ui.replay.layout import Layout
from ui.replay.model import ReplayModel
from ui.replay.standing import Standing
from ui.replay.view import View
from ui.strings import Words


@dataclass(frozen=True, slots=True)
class Scene:
    """One session, where everything goes, and the stretch of it that is looked at.

    Args:
        pictures: screenshots by seq, as far as they are decoded; a str is the key of why one is not shown.
        cursor_us: where the cursor stands, None for nowhere.
    """

    model: ReplayModel
    standing: Standing
    layout: Layout
    view: View
    zone: tzinfo
    words: Words
    pictures: Mapping[int, QImage | str]
    cursor_us: int | None = None

    def x_of(self, t_us: int) -> float:
        """Where a time lies on the surface, cut to the axis."""
        left, width = self.layout.plot_left, self.layout.plot_width
        return min(max(self.view.x_of(t_us, left, width), left), left + width)

    def sees(self, from_us: int, to_us: int) -> bool:
        """Whether any of [from_us, to_us] lies in the view."""
        return to_us >= self.view.from_us and from_us < self.view.to_us
