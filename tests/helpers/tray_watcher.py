# SPDX-License-Identifier: Apache-2.0
"""A panel that speaks StatusNotifierItem: it takes icons in, reads what they say, and chooses from their menus.

with session_bus() as environment, Panel(environment) as panel:
    ...start the program with that environment...
    item = panel.item(); item.text("ToolTip"); item.choose("Start a personal session")
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

from desk_server import ended, until
from jeepney import (
    DBusAddress,
    HeaderFields,
    Message,
    MessageType,
    Properties,
    message_bus,
    new_error,
    new_method_call,
    new_method_return,
    new_signal,
)
from jeepney.io.blocking import DBusConnection, Proxy, open_dbus_connection

WATCHER = "org.kde.StatusNotifierWatcher"
ITEM = "org.kde.StatusNotifierItem"
MENU = "com.canonical.dbusmenu"
PATH = "/StatusNotifierWatcher"


@contextmanager
def session_bus() -> Iterator[dict[str, str]]:
    """A bus of the test's own, whose bus for AT-SPI is its own too, so that two runs never meet: the environment to it."""
    with tempfile.TemporaryDirectory(prefix="bus-", ignore_cleanup_errors=True) as runtime:
        process = subprocess.Popen(
            ["dbus-daemon", "--session", "--nofork", "--print-address=1"],
            env=os.environ | {"XDG_RUNTIME_DIR": runtime},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            yield {"DBUS_SESSION_BUS_ADDRESS": address}
            process.stdout.close()
        finally:
            ended(process)  # type: ignore[arg-type] # text or bytes, it ends the same way


class Item:
    """One icon."""

    def __init__(self, connection: DBusConnection, service: str, path: str) -> None:
        self._connection, self._service, self._path = connection, service, path

    def value(self, name: str) -> Any:  # noqa: ANN401 - whatever D-Bus carries
        """A property as it is."""
        asked = Properties(DBusAddress(self._path, self._service, ITEM)).get(name)
        return self._connection.send_and_get_reply(asked, timeout=10).body[0][1]

    def tooltip(self) -> str:
        """The tooltip's words, title and text."""
        _, _, title, text = self.value("ToolTip")
        return f"{title}\n{text}"

    def menu(self) -> dict[str, tuple[int, bool]]:
        """What can be chosen: words -> (number, whether it can be chosen now)."""
        _, layout = self._menu("GetLayout", "iias", (0, -1, []))
        _, _, children = layout
        entries: dict[str, tuple[int, bool]] = {}
        for _, (number, properties, _) in children:
            label = properties.get("label", ("s", ""))[1].replace("_", "")
            entries[label] = (number, bool(properties.get("enabled", ("b", True))[1]))
        return entries

    def choose(self, label: str) -> None:
        """Clicks an entry. Fails the test where it is not there or cannot be chosen."""
        until(lambda: self.menu().get(label, (0, False))[1], f"the menu offers {label!r}: {self.menu()}")
        self._menu("Event", "isvu", (self.menu()[label][0], "clicked", ("s", ""), 0))

    def activate(self) -> None:
        """The primary click."""
        address = DBusAddress(self._path, self._service, ITEM)
        self._connection.send_and_get_reply(new_method_call(address, "Activate", "ii", (0, 0)), timeout=10)

    def _menu(self, method: str, signature: str, body: tuple[object, ...]) -> Any:  # noqa: ANN401 - as above
        address = DBusAddress(self.value("Menu"), self._service, MENU)
        reply = self._connection.send_and_get_reply(new_method_call(address, method, signature, body), timeout=10)
        return reply.body


class Panel:
    """Owns the watcher's name on a bus. From `with` to its end."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._address = environment["DBUS_SESSION_BUS_ADDRESS"]
        self._items: list[tuple[str, str]] = []
        self._ending = threading.Event()
        self.registered = threading.Event()

    def __enter__(self) -> Self:
        self._server, self._client = (open_dbus_connection(self._address) for _ in range(2))
        Proxy(message_bus, self._server).RequestName(WATCHER)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join(5)
        self._server.close()
        self._client.close()

    def item(self, patience_s: float = 20) -> Item:
        """The icon that registered last."""
        until(lambda: self._items, "an icon registered", patience_s)
        service, path = self._items[-1]
        return Item(self._client, service, path)

    def _serve(self) -> None:
        while not self._ending.is_set():
            try:
                message = self._server.receive(timeout=0.2)
            except TimeoutError:
                continue
            if message.header.message_type is MessageType.method_call:
                self._server.send(self._answer(message))

    def _answer(self, message: Message) -> Message:
        fields = message.header.fields
        method = fields[HeaderFields.member]
        if method == "RegisterStatusNotifierItem":
            named, sender = message.body[0], fields[HeaderFields.sender]
            self._items.append((sender, named) if named.startswith("/") else (named, "/StatusNotifierItem"))
            self.registered.set()
            emitter = DBusAddress(PATH, None, WATCHER)
            self._server.send(new_signal(emitter, "StatusNotifierItemRegistered", "s", (named,)))
            return new_method_return(message)
        if method == "RegisterStatusNotifierHost":
            return new_method_return(message)
        values: dict[str, tuple[str, object]] = {
            "IsStatusNotifierHostRegistered": ("b", True),
            "ProtocolVersion": ("i", 0),
            "RegisteredStatusNotifierItems": ("as", [f"{one}{path}" for one, path in self._items]),
        }
        if method == "Get" and message.body[1] in values:
            return new_method_return(message, "v", (values[message.body[1]],))
        if method == "GetAll":
            return new_method_return(message, "a{sv}", (values,))
        return new_error(message, "org.freedesktop.DBus.Error.UnknownMethod")


def without_bus(environment: dict[str, str]) -> dict[str, str]:
    """An environment from which no bus is reached: trays of XEmbed alone."""
    return {k: v for k, v in environment.items() if not k.startswith("DBUS")} | {
        "DBUS_SESSION_BUS_ADDRESS": f"unix:path=/nonexistent/{os.getpid()}"
    }
