# SPDX-License-Identifier: Apache-2.0
"""A desk as somebody works it who sees nothing: by the names and roles that a program tells over AT-SPI, and by those alone.

with accessible_desk() as environment, running_program(command, environment), Reading(environment) as reading:
    reading.press("Refresh")
    reading.write("Your reason, in writing", "...")
    assert "Nothing waits for you." in reading.said()

Source: AT-SPI 2 D-Bus interfaces (org.a11y.atspi.Accessible, Action, EditableText, Text).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, Self

import msgspec
from desk_programs import openbox
from desk_server import until, xvfb
from jeepney import DBusAddress, DBusErrorResponse, MessageType, Properties, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection
from tray_watcher import session_bus

ATSPI: Final = "org.a11y.atspi"
ROOT: Final = "/org/a11y/atspi/accessible/root"
SHOWING: Final = 25
"""Bit of the state set: it is on the screen. Source: at-spi2-core, atspi-constants.h, ATSPI_STATE_SHOWING."""
ENABLED: Final = 8
CHECKED: Final = 4
CELLS: Final = frozenset({"table cell", "table column header", "table row header"})
PATIENCE_S: Final = 30.0


@contextmanager
def accessible_desk(width_px: int = 1366, height_px: int = 768) -> Iterator[dict[str, str]]:
    """A display with a window manager and a bus, and the environment that puts a program on them that speaks AT-SPI."""
    with xvfb(width_px, height_px) as screen, openbox(screen), session_bus() as bus:
        yield (
            screen.environment
            | bus
            | {
                "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
                "QT_QPA_PLATFORM": "xcb",
                "LANG": "en_GB.UTF-8",
            }
        )


class Thing(msgspec.Struct, frozen=True):
    """Something that a program shows: where it is on the bus, and what it calls itself."""

    bus_name: str
    path: str
    role: str
    name: str
    description: str
    states: int

    def has(self, state: int) -> bool:
        """Whether that bit of the state set is on."""
        return bool(self.states >> state & 1)


class Reading:
    """What a screen reader could read of all programs on a bus, and do in them."""

    def __init__(self, environment: dict[str, str]) -> None:
        with open_dbus_connection(environment["DBUS_SESSION_BUS_ADDRESS"]) as session:
            asked = new_method_call(DBusAddress("/org/a11y/bus", "org.a11y.Bus", "org.a11y.Bus"), "GetAddress")
            (address,) = session.send_and_get_reply(asked, timeout=20).body
        self._bus: DBusConnection = open_dbus_connection(address)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._bus.close()

    def things(self) -> list[Thing]:
        """Everything that is on the screen now, in the order in which it is read."""
        return list(self._walk())

    def said(self) -> str:
        """All names on the screen, and the texts of fields, a line each."""
        return "\n".join(self._lines())

    def find(self, name: str, role: str = "") -> Thing | None:
        """The first thing of that name (and role) on the screen."""
        return next((one for one in self._walk() if one.name == name and role in {"", one.role}), None)

    def there(self, name: str, role: str = "", patience_s: float = PATIENCE_S) -> Thing:
        """The same, waited for until it can be worked with."""
        found: list[Thing] = []

        def came() -> bool:
            thing = self.find(name, role)
            found[:] = [thing] if thing is not None and thing.has(ENABLED) else []
            return bool(found)

        try:
            until(came, f"{role or 'something'} named {name!r}", patience_s)
        except AssertionError as error:
            raise AssertionError(f"{error}; on the screen:\n{self.said()}") from None
        return found[0]

    def says(self, words: str, patience_s: float = PATIENCE_S) -> None:
        """Waits until these words stand somewhere on the screen."""
        with contextlib.suppress(AssertionError):
            until(lambda: any(words in line for line in self._lines()), words, patience_s)
            return
        raise AssertionError(f"nobody says {words!r}; on the screen:\n{self.said()}")

    def press(self, name: str, role: str = "") -> None:
        """Does the first thing that can be done with it: presses a button, checks a box."""
        self._done(name, role, "Action", "DoAction", "i", 0)

    def is_checked(self, name: str) -> bool:
        """Whether the button or box of that name is chosen."""
        return self.there(name).has(CHECKED)

    def write(self, name: str, text: str) -> None:
        """Puts `text` into a field."""
        assert self._done(name, "text", "EditableText", "SetTextContents", "s", text) == (True,), name

    def text(self, thing: Thing) -> str:
        """What stands in a field."""
        return str(self._call(thing.bus_name, thing.path, "Text", "GetText", "ii", 0, -1)[0])

    def _done(self, name: str, role: str, *call: Any) -> Any:  # noqa: ANN401 - whatever D-Bus carries
        """Does something with a thing; where it was made anew between finding and doing, with the one that is there now."""
        for _ in range(5):
            thing = self.there(name, role)
            with contextlib.suppress(DBusErrorResponse):
                return tuple(self._call(thing.bus_name, thing.path, *call))
        raise AssertionError(f"{name!r} does not stay long enough to be worked with")

    def _lines(self) -> Iterator[str]:
        for thing in self._walk():
            yield thing.name
            if thing.role == "text":
                with contextlib.suppress(DBusErrorResponse):  # it went away meanwhile
                    yield self.text(thing)

    def _walk(self) -> Iterator[Thing]:
        for bus_name, path in self._children("org.a11y.atspi.Registry", ROOT):
            yield from self._shown(bus_name, path)

    def _shown(self, bus_name: str, path: str) -> Iterator[Thing]:
        """What is on the screen of this and of what lies below it. Most is not: it is asked for its states alone."""
        try:
            (words,) = self._call(bus_name, path, "Accessible", "GetState")
            states = words[0] | words[1] << 32 if len(words) == 2 else 0
            if not states >> SHOWING & 1 and path != ROOT:  # the root is the program itself, which is never said to be shown
                return
            (role,) = self._call(bus_name, path, "Accessible", "GetRoleName")
            named = Properties(DBusAddress(path, bus_name, f"{ATSPI}.Accessible"))
            name, description = (self._reply(named.get(one))[0][1] for one in ("Name", "Description"))
            thing = Thing(bus_name, path, role, name, description, states)
            below = self._children(bus_name, path) if role not in CELLS else []
        except DBusErrorResponse:  # it went away meanwhile
            return
        yield thing
        for one in below:
            yield from self._shown(*one)

    def _children(self, bus_name: str, path: str) -> list[tuple[str, str]]:
        return list(self._call(bus_name, path, "Accessible", "GetChildren")[0])

    def _call(self, bus_name: str, path: str, interface: str, method: str, *given: Any) -> Any:  # noqa: ANN401 - whatever D-Bus carries
        """`given` is nothing, or a D-Bus signature and the values of it."""
        address = DBusAddress(path, bus_name, f"{ATSPI}.{interface}")
        signature, values = (given[0], given[1:]) if given else (None, ())
        return self._reply(new_method_call(address, method, signature, values))

    def _reply(self, message: Any) -> Any:  # noqa: ANN401 - whatever D-Bus carries
        answer = self._bus.send_and_get_reply(message, timeout=20)
        if answer.header.message_type is MessageType.error:
            raise DBusErrorResponse(answer)
        return answer.body
