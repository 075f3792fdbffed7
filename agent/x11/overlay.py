# SPDX-License-Identifier: Apache-2.0
"""Windows of another program that lie over the window in front, and stay there.

Rules:

1. Looked for while a window is in front, each 5 s at most: some dozens of requests, all on their way at once.
2. Counted is a window that no window manager has touched, or one that is kept above and out of the task list. What every
   desktop has is not: panels, menus, tooltips, notifications, input methods, the window manager's own, those of the program
   in front, and ours.
3. Told is one that was there at every look for two minutes: that it was, of which sort, and since when. Never whose.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import msgspec
import xcffib
from xcffib.xproto import MapState, WindowClass

from agent.sensor import Beside
from agent.x11.connection import Connection, Property

if TYPE_CHECKING:
    from agent.x11.windows import Owners

LOOK_US: Final = 5_000_000
"""Time between two looks. Source: docs/detectors/overlay-window.md, What was measured."""
LATE_US: Final = 15_000_000
"""A look this long after the last one says nothing of the time between. Source: three looks."""
LONG_US: Final = 120_000_000
"""What is there for as long is told. Source: docs/detectors/overlay-window.md, Statistic."""
MOST_WINDOWS: Final = 256
"""Windows of a desktop that are asked about, from the top. Source: a crowded desk has some hundred, most not shown."""
LEAST_PX: Final = 32
"""Least width and height. Source: smaller is no text; tray icons and grips of a desktop are."""

ORDINARY_TYPES: Final = (
    *(
        "DESKTOP",
        "DOCK",
        "TOOLBAR",
        "MENU",
        "SPLASH",
        "DROPDOWN_MENU",
        "POPUP_MENU",
        "TOOLTIP",
        "NOTIFICATION",
        "COMBO",
        "DND",
    ),
)
"""What a window may say that it is, and then is not counted. Source: EWMH 1.5, _NET_WM_WINDOW_TYPE."""
INPUT_METHODS: Final = ("ibus", "fcitx", "uim", "scim", "onboard", "florence")
"""Beginnings of WM_CLASS of input methods and on-screen keyboards, which lie over every window. Source: their packages."""
_ATOMS: Final = (
    *("_NET_CLIENT_LIST_STACKING", "_NET_WM_STATE", "_NET_WM_STATE_ABOVE", "_NET_WM_STATE_SKIP_TASKBAR"),
    *("_NET_WM_WINDOW_TYPE", "_NET_WM_PID", "WM_CLASS"),
)


class Area(msgspec.Struct, frozen=True):
    """A window's place on the screen."""

    x_px: int
    y_px: int
    width_px: int
    height_px: int

    def overlaps(self, other: Area) -> bool:
        """Whether they share at least `LEAST_PX` each way."""
        wide = min(self.x_px + self.width_px, other.x_px + other.width_px) - max(self.x_px, other.x_px)
        high = min(self.y_px + self.height_px, other.y_px + other.height_px) - max(self.y_px, other.y_px)
        return wide >= LEAST_PX and high >= LEAST_PX


class Lasting:
    """Which of the windows that come and go have lasted. Pure: times come from the caller, in monotonic µs."""

    def __init__(self) -> None:
        self._since: dict[int, int] = {}
        self._told: set[int] = set()
        self._looked_us: int | None = None

    def see(self, above: Mapping[int, str], now_us: int) -> list[Beside]:
        """Takes what lies above now, by number and sort; gives what has lasted since the looks before, each once."""
        if self._looked_us is None or now_us - self._looked_us >= LATE_US:
            self._since = {}
        self._looked_us = now_us
        self._since = {window: self._since.get(window, now_us) for window in above}
        self._told &= above.keys()
        due = [
            window for window, since_us in self._since.items() if now_us - since_us >= LONG_US and window not in self._told
        ]
        self._told.update(due)
        return [Beside(self._since[window], scope="window", kind="overlay", what=above[window], number=1) for window in due]


class Above:
    """Looks at what lies above one window. Windows that go while they are asked about are no windows."""

    def __init__(self, connection: Connection, owners: Owners) -> None:
        self._connection = connection
        self._core = connection.core
        self._owners = owners
        self._atoms = connection.atoms([*_ATOMS, *(f"_NET_WM_WINDOW_TYPE_{name}" for name in ORDINARY_TYPES)])
        self._ordinary = frozenset(self._atoms[f"_NET_WM_WINDOW_TYPE_{name}"] for name in ORDINARY_TYPES)

    def look(self, front: int, keeper: int) -> dict[int, str]:
        """Windows of other programs above `front`, each with its sort; `keeper` is the window manager's own window."""
        frame = self._frame(front)
        stack = [int(window) for window in self._core.QueryTree(self._connection.root).reply().children]
        if frame not in stack:
            return {}
        here = dict(self._visible([frame]))
        if frame not in here:
            return {}
        over = [*self._visible(stack[stack.index(frame) + 1 :][-MOST_WINDOWS:])]
        frames = {window: unmanaged for window, (area, unmanaged) in over if area.overlaps(here[frame][0])}
        found = {window: "unmanaged" for window, unmanaged in frames.items() if unmanaged}
        found |= {
            window: "kept-above" for window in self._kept_above() if self._frame(window) in frames.keys() - found.keys()
        }
        if not found:
            return {}
        known = self._owners_of((front, keeper))
        return dict(self._foreign(found, {os.getpid(), *known}))

    def _frame(self, window: int) -> int:
        """The window of the desktop that holds `window`, 0 where it is gone."""
        while window:
            try:
                tree = self._core.QueryTree(window).reply()
            except xcffib.Error:
                return 0
            if tree.parent in {self._connection.root, 0}:
                return window
            window = int(tree.parent)
        return 0

    def _visible(self, windows: Iterable[int]) -> Iterator[tuple[int, tuple[Area, bool]]]:
        """Those that are shown and have a picture: where, and whether no window manager has touched them."""
        asked = [(w, self._core.GetWindowAttributes(w), self._core.GetGeometry(w)) for w in windows]
        for window, attributes, geometry in asked:
            told, size = _answer(attributes), _answer(geometry)
            if told is None or size is None or told.map_state != MapState.Viewable:
                continue
            if told._class == WindowClass.InputOutput:  # noqa: SLF001 - xcffib's name for a word that Python keeps
                yield window, (Area(size.x, size.y, size.width, size.height), bool(told.override_redirect))

    def _kept_above(self) -> list[int]:
        """Windows that ask to be above all others and to stand in no task list."""
        listed = Property.of(self._connection.ask(self._connection.root, self._atoms["_NET_CLIENT_LIST_STACKING"]))
        windows = listed.numbers[-MOST_WINDOWS:] if listed else ()
        wanted = {self._atoms["_NET_WM_STATE_ABOVE"], self._atoms["_NET_WM_STATE_SKIP_TASKBAR"]}
        asked = [(window, self._connection.ask(window, self._atoms["_NET_WM_STATE"])) for window in windows]
        states = [(window, Property.of(cookie)) for window, cookie in asked]
        return [window for window, state in states if state is not None and wanted <= set(state.numbers)]

    def _owners_of(self, windows: Iterable[int]) -> list[int]:
        asked = [(self._owners.ask(w), self._connection.ask(w, self._atoms["_NET_WM_PID"])) for w in windows]
        return [self._owners.answer(owner, Property.of(claimed)) for owner, claimed in asked]

    def _foreign(self, found: Mapping[int, str], known: set[int]) -> Iterator[tuple[int, str]]:
        """Those of other programs than these processes, of no ordinary sort; of an unknown process it cannot be said."""
        ask, atoms = self._connection.ask, self._atoms
        kinds = {window: (ask(window, atoms["_NET_WM_WINDOW_TYPE"]), ask(window, atoms["WM_CLASS"])) for window in found}
        for (window, (kind, classes)), owner in zip(kinds.items(), self._owners_of(found), strict=True):
            types, named = Property.of(kind), Property.of(classes)
            ordinary = types is not None and bool(self._ordinary & set(types.numbers))
            names = named.value.decode("utf-8", "replace").lower().split("\0") if named is not None else []
            typing_aid = any(name.startswith(INPUT_METHODS) for name in names)
            if owner and owner not in known and not ordinary and not typing_aid:
                yield window, found[window]


def _answer(cookie: Any) -> Any:  # noqa: ANN401 - xcffib has no types
    try:
        return cookie.reply()
    except xcffib.Error:
        return None
