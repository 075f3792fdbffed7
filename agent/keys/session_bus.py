# SPDX-License-Identifier: Apache-2.0
"""The desktop's session bus as a keyring is spoken to: each answer within a deadline, and no question lost to a start.

Rules:

1. An answer that waits for no person has `ANSWER_S`; the library itself would wait for ever. `patient` lengthens it while
   the keyring's window is open.
2. A new connection asks the service for a property before anything else (`introduce`). GNOME Keyring gets to know a caller
   in an idle callback of its main loop that its bus thread adds at a message's arrival; a loop that is just past that
   priority serves the first message before it. That message is then answered as from nobody: "Method SearchItems is not
   implemented" (2 of 60,000 first calls here), or an alias that leads nowhere, which looks like a keyring without
   collections. A property is read on the service's own behalf, and once it is answered the caller is known.
   Source: gnome-keyring, daemon/dbus/gkd-secret-service.c, `service_message_filter`.
3. What a service that is only starting or restarting answers (no such method, nobody there) is asked again after a pause.
"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Final

from jeepney import DBusAddress, HeaderFields, Message, MessageType, Properties
from jeepney.bus import get_bus
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import DBusConnection, prep_socket
from secretstorage.util import add_match_rules

if TYPE_CHECKING:
    from collections.abc import Iterator

ANSWER_S: Final = 10.0
"""For an answer that waits for no person. Source: libsecret and the bus itself give up after 25 s; ours takes 1 ms, and a
person who waits in front of a window that does nothing for longer than this takes it for broken."""
PAUSES_S: Final = (0.02, 0.1, 0.4, 1.0)
"""Between one question and the same again. Source: GNOME Keyring 42.1 answers within 0.1 s of its start."""
BUS_FAULTS: Final = (OSError, KeyError, ValueError, RuntimeError, StopIteration)
"""What connecting raises where there is no session bus, none of a kind that we speak, or nobody behind its address."""
_SERVICE: Final = "org.freedesktop.secrets"
_ROOT: Final = "/org/freedesktop/secrets"
_EARLY: Final = frozenset(
    f"org.freedesktop.DBus.Error.{name}" for name in ("UnknownMethod", "UnknownObject", "ServiceUnknown", "NoReply")
)


class KeyringConnection(DBusConnection):  # type: ignore[misc] # the library has no types
    """A connection to the session bus that waits for no answer for ever. For one thread."""

    _answer_s = ANSWER_S

    def send_and_get_reply(self, message: Message, *, timeout: float | None = None) -> Message:
        """The answer. Raises `TimeoutError`: none came in time; `OSError`: the bus is gone."""
        for pause_s in PAUSES_S:
            reply = self._asked(message, timeout)
            if not _is_early(message, reply):
                return reply
            time.sleep(pause_s)
        return self._asked(message, timeout)

    def introduce(self) -> None:
        """See rule 2. Raises as `send_and_get_reply`."""
        service = DBusAddress(_ROOT, _SERVICE, "org.freedesktop.Secret.Service")
        self.send_and_get_reply(Properties(service).get("Collections"))

    @contextlib.contextmanager
    def patient(self, answer_s: float) -> Iterator[None]:
        """Inside, an answer may take this long: a person is asked for something."""
        self._answer_s = max(ANSWER_S, answer_s)
        try:
            yield
        finally:
            self._answer_s = ANSWER_S

    def _asked(self, message: Message, timeout_s: float | None) -> Message:
        return super().send_and_get_reply(message, timeout=self._answer_s if timeout_s is None else timeout_s)


def connect() -> KeyringConnection:
    """A connection to the session bus. Raises `BUS_FAULTS`: there is none; among them `TimeoutError`: it does not answer."""
    with contextlib.ExitStack() as undo:
        sock = undo.enter_context(prep_socket(get_bus("SESSION"), timeout=ANSWER_S))
        sock.settimeout(ANSWER_S)  # sending, too: a bus that stopped reading fills its socket
        connection = KeyringConnection(sock)
        add_match_rules(connection)
        undo.pop_all()  # from now on the connection closes it
    return connection


def is_served(connection: KeyringConnection, *, running: bool = False) -> bool:
    """Whether a keyring runs, or (unless `running`) could be started by the bus. Starts nothing. Raises `TimeoutError`."""
    if _answered(connection, message_bus.NameHasOwner(_SERVICE)) is True:
        return True
    activatable = () if running else _answered(connection, message_bus.ListActivatableNames())
    return isinstance(activatable, list) and _SERVICE in activatable


def _answered(connection: KeyringConnection, message: Message) -> object:
    return connection.send_and_get_reply(message).body[0]


def _is_early(message: Message, reply: Message) -> bool:
    """Whether the service itself (not an item, which may be gone for good) answers as one that is not up yet."""
    if reply.header.message_type is not MessageType.error or message.header.fields.get(HeaderFields.path) != _ROOT:
        return False
    return reply.header.fields.get(HeaderFields.error_name) in _EARLY
