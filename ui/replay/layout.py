# SPDX-License-Identifier: Apache-2.0
"""Where everything goes: one column of rows that share one time axis. Pure arithmetic in logical pixels.

What is short of room gives way in this order: pictures, heights of rows, sentences. What has room to spare goes to
the pictures and to the typing, where height shows more.
"""

from __future__ import annotations

from typing import Final

import msgspec

MARGIN: Final = 24
PADDING: Final = 16
ROW_GAP: Final = 3
GROUP_GAP: Final = 13
AXIS: Final = 34
HEADER: Final = 136
SENTENCE: Final = 26
LEGEND: Final = 50
LEADER: Final = 9

_HEIGHTS: Final = {
    "work": 20,
    "app": 15,
    "nearby": 14,
    "presence": 12,
    "typing": 44,
    "statistics": 20,
    "shots": 16,
    "findings": 20,
    "gaps": 20,
}
_MOST: Final = {"app": 26, "presence": 20, "typing": 250, "pictures": 104}
_LEAST_PICTURES: Final = 56
_NAMES: Final = ((900, 184), (700, 160), (0, 120))
"""Room for the rows' names with their figures, from a width on: “Work time 0:00:22” needs 150."""


class Shows(msgspec.Struct, frozen=True):
    """What there is to draw: rows of applications (0: one for a note), statistics, pictures, and questions to be told."""

    apps: int
    statistics: bool
    pictures: bool
    questions: int


class Row(msgspec.Struct, frozen=True):
    """One row: `id` such as "work", "app:0", "nearby", "keyboard", "typing", "shots", "pictures", "findings", "gaps"."""

    id: str
    top: float
    height: float

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.top + self.height


class Layout(msgspec.Struct, frozen=True):
    """Sizes and places on a surface of `width` x `height`.

    Args:
        card_top, card_bottom: of the ground that the lanes lie on.
        gutter: left edge of the rows' names; plot_left, plot_width: of the time axis.
        sentences: how many findings the header has room for.
        lanes_top, lanes_bottom: what a gap of everything is hatched over.
    """

    width: float
    height: float
    card_top: float
    card_bottom: float
    gutter: float
    plot_left: float
    plot_width: float
    axis_top: float
    rows: tuple[Row, ...]
    sentences: int

    def row(self, name: str) -> Row | None:
        """The row of this id, None where the session has none."""
        return next((row for row in self.rows if row.id == name), None)

    @property
    def lanes_top(self) -> float:
        """Upper edge of the first row."""
        return self.rows[0].top

    @property
    def lanes_bottom(self) -> float:
        """Lower edge of the last row that shows what was observed; pictures only illustrate it."""
        return max(row.bottom for row in self.rows if row.id not in ("pictures", "findings", "gaps"))


def lay_out(width: float, height: float, shows: Shows) -> Layout:
    """The layout of what a session `shows` on a surface of this size."""
    groups = [
        ["work"],
        [*(f"app:{at}" for at in range(max(1, shows.apps))), "nearby"],
        *([["keyboard", "pointer", "scrolling"], ["typing"]] if shows.statistics else [["statistics"]]),
        ["shots", "pictures"] if shows.pictures else ["shots"],
        ["findings"],
        ["gaps"],
    ]
    names = [name for group in groups for name in group]
    heights = {name: float(_HEIGHTS.get(_sort_of(name), 0)) for name in names}
    sentences = min(shows.questions, 2) + (1 if shows.questions > 2 else 0)
    gaps = ROW_GAP * (len(names) - len(groups)) + GROUP_GAP * (len(groups) - 1)
    fixed = HEADER + AXIS + LEGEND + MARGIN + PADDING + LEADER + gaps
    spare = height - fixed - SENTENCE * sentences - sum(heights.values())
    while spare < 0 and sentences:
        sentences -= 1
        spare += SENTENCE
    if spare < 0:
        shrink = max(0.35, 1 + spare / sum(heights.values()))
        heights = {name: value * shrink for name, value in heights.items()}
    else:
        _share_out(heights, spare)
    if not heights.get("pictures", 1.0):
        del heights["pictures"]
    gutter = MARGIN + PADDING
    plot_left = gutter + next(names_px for least, names_px in _NAMES if width >= least)
    card_top = float(HEADER + SENTENCE * sentences)
    rows = _rows(groups, heights, card_top + AXIS)
    return Layout(
        width=width,
        height=height,
        card_top=card_top,
        card_bottom=min(height - MARGIN, rows[-1].bottom + PADDING + LEGEND),
        gutter=gutter,
        plot_left=plot_left,
        plot_width=max(40.0, width - plot_left - MARGIN - PADDING),
        axis_top=card_top,
        rows=rows,
        sentences=sentences,
    )


def _rows(groups: list[list[str]], heights: dict[str, float], top: float) -> tuple[Row, ...]:
    rows = []
    for group in groups:
        for name in group:
            if name in heights:
                top += LEADER - ROW_GAP if name == "pictures" else 0  # room for the line from a mark to its picture
                rows.append(Row(name, round(top), round(heights[name])))
                top += heights[name] + ROW_GAP
        top += GROUP_GAP - ROW_GAP
    return tuple(rows)


def _sort_of(name: str) -> str:
    """The kind of a row: its entry in the tables of heights."""
    if name in ("keyboard", "pointer", "scrolling"):
        return "presence"
    return name.partition(":")[0]


def _share_out(heights: dict[str, float], spare: float) -> None:
    """Gives `spare` to pictures first, then rows and typing together, each up to its most."""
    if "pictures" in heights and spare >= _LEAST_PICTURES:
        heights["pictures"] = min(spare * 0.5, _MOST["pictures"])
        heights["pictures"] = max(heights["pictures"], _LEAST_PICTURES)
        spare -= heights["pictures"]
    wants = {name: _MOST[_sort_of(name)] - value for name, value in heights.items() if _sort_of(name) in _MOST}
    wants.pop("pictures", None)
    share = min(1.0, spare / max(1.0, sum(wants.values())))
    for name, want in wants.items():
        heights[name] += want * share
