# SPDX-License-Identifier: Apache-2.0
"""What lies on the screen of an X11 desktop, and which of it the policy hides.

Rules:

1. A window is known by instance and class of WM_CLASS and by its program's file name, all in lower case.
2. Masked are: a window with a name in `mask`; with `show_only`, every window without a name in it; a window that belongs
   to a masked one (transient for it); and a window that no window manager touches (menus, tooltips) of a process that
   owns a masked window. The whole frame is masked.
3. Only a managed window that is opaque by its own word covers others: not one with an alpha channel (but for the region
   that it declares opaque), with an opacity, with a shape, hidden, or on another desktop.
4. What cannot be asked is masked: under `show_only` a window that died in between counts as unnamed.

What a window manager or panel paints of a masked window (its title in a task list) and what a notification service
shows on its behalf belongs to that program and is masked only under its own name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import numpy as np
import xcffib
import xcffib.shape

from agent.capture.areas import Area, Layer, Stack
from agent.capture.messages import Rules
from agent.capture.tiles import Frame
from agent.x11.connection import Connection, Property, Unobservable
from agent.x11.windows import Owners, manager_of, names_of
from session.events import Reason

GREY: Final = 0xFF808080
"""BGRX of the paint. Source: none; any flat colour serves."""
VIEWABLE: Final = 2
INPUT_ONLY: Final = 2
EVERY_DESKTOP: Final = 0xFFFFFFFF

ATOMS: Final = (
    "WM_CLASS",
    "WM_TRANSIENT_FOR",
    "_NET_CLIENT_LIST",
    "_NET_CLIENT_LIST_STACKING",
    "_NET_CURRENT_DESKTOP",
    "_NET_SUPPORTING_WM_CHECK",
    "_NET_WM_DESKTOP",
    "_NET_WM_OPAQUE_REGION",
    "_NET_WM_PID",
    "_NET_WM_STATE",
    "_NET_WM_STATE_HIDDEN",
    "_NET_WM_WINDOW_OPACITY",
)


def paint(frame: Frame, areas: tuple[Area, ...], origin: tuple[int, int]) -> int:
    """Paints the areas (of the whole screen) onto the picture of a monitor at `origin`; gives how many fell onto it."""
    whole = Area(0, 0, frame.shape[1], frame.shape[0])
    painted = 0
    for area in areas:
        part = Area(area.x - origin[0], area.y - origin[1], area.width, area.height).within(whole)
        if not part.empty:
            frame[part.y : part.bottom, part.x : part.right] = np.uint32(GREY)
            painted += 1
    return painted


class _Window(msgspec.Struct, frozen=True):
    """What was asked of one window, the top of a branch or a client in it."""

    number: int
    area: Area
    names: frozenset[str]
    pid: int
    owner: int
    opaque: tuple[Area, ...]


class Desktop:
    """Reads the stack of windows of one display.

    Raises `Unobservable` (DENIED) from `stack` while no window manager lists the windows: then nothing can be masked.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._core = connection.core
        self._atoms = connection.atoms(ATOMS)
        self._owners = Owners(connection)
        self._shape = None
        if self._core.QueryExtension(5, "SHAPE").reply().present:
            self._shape = connection(xcffib.shape.key)
        self._programs: dict[int, str] = {}

    def stack(self, rules: Rules) -> Stack:
        """The windows that matter under these rules, from the lowest to the topmost."""
        tops = list(self._core.QueryTree(self._connection.root).reply().children)
        clients = self._clients()
        self._programs.clear()
        desktop = self._number(self._connection.root, "_NET_CURRENT_DESKTOP")
        branches: dict[int, list[_Window]] = {}
        for client in clients:
            found = self._describe(client, client=True, desktop=desktop)
            top = self._top(client)
            if found and top:
                branches.setdefault(top, []).append(found)
        hiding = _Hiding.of([w for inside in branches.values() for w in inside], rules)
        layers = (
            hiding.layer(found, branches.get(top, []))
            for top in tops
            if (found := self._describe(top, client=False, desktop=desktop)) is not None
        )
        return tuple(layer for layer in layers if layer.masked or layer.opaque)

    def _clients(self) -> tuple[int, ...]:
        manager = manager_of(self._connection, self._atoms["_NET_SUPPORTING_WM_CHECK"])
        for name in ("_NET_CLIENT_LIST_STACKING", "_NET_CLIENT_LIST"):
            found = Property.of(self._connection.ask(self._connection.root, self._atoms[name], max_bytes=65536))
            if manager and found is not None:
                return found.numbers
        raise Unobservable(
            Reason.DENIED,
            "The policy hides some applications, and no window manager says where their windows are.",
            "Start a window manager that knows EWMH; until then no screenshot is taken.",
        )

    def _top(self, window: int) -> int:
        while True:
            try:
                parent = int(self._core.QueryTree(window).reply().parent)
            except xcffib.Error:
                return 0
            if parent in (self._connection.root, 0):
                return window
            window = parent

    def _describe(self, window: int, *, client: bool, desktop: int | None) -> _Window | None:
        core, ask, atoms = self._core, self._connection.ask, self._atoms
        attributes, geometry = core.GetWindowAttributes(window), core.GetGeometry(window)
        place = core.TranslateCoordinates(window, self._connection.root, 0, 0)
        classes, transient, claimed = (ask(window, atoms[a]) for a in ("WM_CLASS", "WM_TRANSIENT_FOR", "_NET_WM_PID"))
        owner = self._owners.ask(window)
        opaque = self._opaque_questions(window) if client else None
        try:
            attributes, geometry, place = attributes.reply(), geometry.reply(), place.reply()
        except xcffib.Error:
            return None
        found_owner = Property.of(transient)
        names = names_of(Property.of(classes))
        pid = self._owners.answer(owner, Property.of(claimed))
        border = int(geometry.border_width)
        inner = Area(int(place.dst_x), int(place.dst_y), int(geometry.width), int(geometry.height))
        viewable = attributes.map_state == VIEWABLE and attributes._class != INPUT_ONLY  # noqa: SLF001 - the field's name
        covers = self._opaque_answers(opaque, inner, int(geometry.depth), desktop) if opaque and viewable else ()
        if not viewable and not client:
            return None
        return _Window(
            number=window,
            area=Area(inner.x - border, inner.y - border, inner.width + 2 * border, inner.height + 2 * border),
            names=frozenset(n for n in (*names, self._program(pid)) if n),
            pid=pid,
            owner=found_owner.numbers[0] if found_owner and found_owner.numbers else 0,
            opaque=covers,
        )

    def _opaque_questions(self, window: int) -> tuple[Any, ...]:
        asked = ("_NET_WM_OPAQUE_REGION", "_NET_WM_WINDOW_OPACITY", "_NET_WM_STATE", "_NET_WM_DESKTOP")
        cookies = [self._connection.ask(window, self._atoms[a]) for a in asked]
        return (*cookies, self._shape.QueryExtents(window) if self._shape else None)

    def _opaque_answers(self, cookies: tuple[Any, ...], area: Area, depth: int, desktop: int | None) -> tuple[Area, ...]:
        region, opacity, state, on = (Property.of(cookie) for cookie in cookies[:4])
        try:
            shaped = cookies[4] is not None and bool(cookies[4].reply().bounding_shaped)
        except xcffib.Error:
            shaped = True
        hidden = state is not None and self._atoms["_NET_WM_STATE_HIDDEN"] in state.numbers
        elsewhere = on is not None and desktop is not None and on.numbers[:1] not in ((desktop,), (EVERY_DESKTOP,))
        if shaped or hidden or elsewhere or opacity is not None:
            return ()
        if depth == self._connection.setup.roots[self._connection.pref_screen].root_depth:
            return (area,)
        numbers = region.numbers if region else ()
        parts = (numbers[i : i + 4] for i in range(0, len(numbers) - 3, 4))
        return tuple(Area(area.x + x, area.y + y, width, height).within(area) for x, y, width, height in parts)

    def _number(self, window: int, name: str) -> int | None:
        found = Property.of(self._connection.ask(window, self._atoms[name]))
        return found.numbers[0] if found and found.numbers else None

    def _program(self, pid: int) -> str:
        if pid not in self._programs:
            self._programs[pid] = self._owners.executable(pid).lower()
        return self._programs[pid]


class _Hiding(msgspec.Struct, frozen=True):
    """Which windows are hidden: by name, with those they belong to, and by process. Includes what is not on the screen."""

    rules: Rules
    clients: frozenset[int]
    masked: frozenset[int]
    pids: frozenset[int]

    @classmethod
    def of(cls, clients: Sequence[_Window], rules: Rules) -> _Hiding:
        masked = {w.number for w in clients if _named(w.names, rules)}
        while drawn := {w.number for w in clients if w.owner in masked} - masked:
            masked |= drawn
        return cls(
            rules=rules,
            clients=frozenset(w.number for w in clients),
            masked=frozenset(masked),
            pids=frozenset(w.pid for w in clients if w.number in masked and w.pid),
        )

    def layer(self, top: _Window, inside: Sequence[_Window]) -> Layer:
        """The layer of a child of the root, with the clients that a window manager put into it."""
        named = bool(top.names & self.rules.mask)
        if inside:
            covers = tuple(part for w in inside for cover in w.opaque if not (part := cover.within(top.area)).empty)
            masked = named or any(w.number in self.masked for w in inside)
            return Layer(number=top.number, area=top.area, masked=masked, opaque=() if masked else covers)
        belongs = top.owner in self.masked or top.pid in self.pids
        # a menu of an application that may be shown need not have a name of its own
        excused = top.owner in self.clients and not named
        return Layer(number=top.number, area=top.area, masked=belongs or (_named(top.names, self.rules) and not excused))


def _named(names: frozenset[str], rules: Rules) -> bool:
    """Whether a window of these names is masked by them alone."""
    return bool(names & rules.mask) or bool(rules.show_only and not names & rules.show_only)
