# SPDX-License-Identifier: Apache-2.0
"""The key store of a Linux desktop: the freedesktop Secret Service (GNOME Keyring, KWallet, KeePassXC), over D-Bus.

Rules:

1. Each call has a connection of its own (`agent.keys.session_bus`, with a deadline for every answer), so a keyring that
   restarts, locks or goes away is noticed at the next call, and threads share nothing. Secrets cross the bus encrypted
   where the keyring can (Diffie-Hellman), as libsecret does.
2. Listing names, and asking for a secret that is not there, never ask the person for anything: attributes are not secret.
3. A new secret goes into the default collection, never into one that is forgotten at logout, and no collection is made.
4. What is locked is unlocked by the keyring's own window, waited for `patience_s`; no password passes through this program.
   A window that is closed or not answered is a fault.

Source: Secret Service API draft, freedesktop.org; docs/adr/0003-dependencies.md for the library.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

import secretstorage
from jeepney import DBusErrorResponse
from secretstorage.exceptions import (
    ItemNotFoundException,
    LockedException,
    PromptDismissedException,
    SecretStorageException,
)

from agent.keys import LARGEST_BYTES, check_name, is_name
from agent.keys.session_bus import BUS_FAULTS, KeyringConnection, connect, is_served
from session import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PATIENCE_S: Final = 60.0
"""How long a person has for the keyring's window, which has no limit of its own; a start must not hang on it for ever."""
_ATTEMPTS: Final = 5
_OF_THE_SESSION: Final = "/org/freedesktop/secrets/collection/session"
_GONE: Final = (
    "The keyring that holds your keys cannot be reached. Start it (log out and in again does), or run Fair Witness in the "
    "desktop session where it runs. Your keys are not lost, and no others are made in their place."
)
_LOCKED: Final = (
    "The keyring that holds your keys is locked. Unlock it (its window asks for its password, mostly that of your account), "
    "and try again. Your keys are not lost, and no others are made in their place."
)
_SILENT: Final = (
    "The keyring of this computer does not answer. Log out and in again, which starts it anew, and try again. Your keys are "
    "not lost, and no others are made in their place."
)


class SecretServiceStore:
    """Secrets as items of the desktop's keyring.

    Args:
        owner: tells the items of one agent's folder from another's; any text.
        patience_s: how long the keyring's window may stand open.
        asks: whether a locked keyring may open its window. What works in the background does not, and raises at once.
    """

    def __init__(self, owner: str, *, patience_s: float = PATIENCE_S, asks: bool = True) -> None:
        self._owner = owner
        self._patience_s = patience_s
        self._asks = asks

    @property
    def described(self) -> str:
        """One plain sentence: where the keys are kept, and what protects them."""
        return "Keys are kept in the keyring of your desktop, which your password locks."

    def here(self, *, running: bool = False) -> bool:
        """Whether there is a keyring: one that runs or, unless `running`, that the bus can start. Asks nobody, starts none.

        Raises:
            EnvironmentFault: the bus is there and does not answer.
        """
        try:
            with contextlib.closing(connect()) as connection:
                return is_served(connection, running=running)
        except TimeoutError as error:
            raise EnvironmentFault(_SILENT) from error
        except BUS_FAULTS:
            return False

    def ready(self) -> bool:
        """Whether a new secret can be kept, asking the person to unlock: False where no keyring is that outlives a logout.

        Raises:
            EnvironmentFault: there is one, and it stays locked or does not answer.
        """
        if not self.here():
            return False
        with _connected() as connection:
            try:
                collection = _default(connection)
            except EnvironmentFault:
                return False
            self._unlock(collection)
        return True

    def get(self, name: str) -> bytes | None:
        """The secret, or None.

        Raises:
            EnvironmentFault: the keyring is gone, or locked and stays so.
        """
        with self._found(name) as item:
            if item is None:
                return None
            self._unlock(item)
            return item.get_secret()

    def put(self, name: str, secret: bytes) -> None:
        """Keeps `secret`, replacing what was there; the keyring has written it to the disk when this returns.

        Raises:
            EnvironmentFault: the keyring is gone, locked and stays so, or has no default collection.
            ValueError: a secret longer than 64 KiB.
        """
        if len(secret) > LARGEST_BYTES:
            raise ValueError("a secret is at most 64 KiB")
        with self._found(name) as item:
            if item is not None:
                self._unlock(item)
                item.set_secret(secret, content_type="application/octet-stream")
                return
        with _connected() as connection:
            collection = _default(connection)
            self._unlock(collection)
            label = f"Fair Witness: {name}"
            collection.create_item(label, self._attributes(name), secret, content_type="application/octet-stream")

    def delete(self, name: str) -> None:
        """Forgets the secret; a name that is not there is no error.

        Raises:
            EnvironmentFault: the keyring is gone, or locked and stays so.
        """
        with self._found(name) as item:
            if item is not None:
                self._unlock(item)
                item.delete()

    def names(self, prefix: str) -> Sequence[str]:
        """Names that begin with `prefix`, sorted; a locked keyring tells them, too.

        Raises:
            EnvironmentFault: the keyring is gone.
        """
        with _connected() as connection:
            items = _searched(connection, self._attributes())
            found = {item.get_attributes().get("name", "") for item in items}
        return sorted(name for name in found if is_name(name) and name.startswith(prefix))

    def _attributes(self, name: str = "") -> dict[str, str]:
        own = {"application": "fairwitness", "owner": self._owner}
        return {**own, "name": name} if name else own

    @contextlib.contextmanager
    def _found(self, name: str) -> Iterator[secretstorage.Item | None]:
        attributes = self._attributes(check_name(name))
        with _connected() as connection:
            yield next(iter(_searched(connection, attributes)), None)

    def _unlock(self, one: secretstorage.Item | secretstorage.Collection) -> None:
        if not one.is_locked():
            return
        if not self._asks:
            raise EnvironmentFault(_LOCKED)
        connection: KeyringConnection = one.connection
        try:
            with connection.patient(self._patience_s):
                dismissed = one.unlock(timeout=self._patience_s)
        except TimeoutError as error:
            raise EnvironmentFault(_LOCKED) from error
        if dismissed:
            raise EnvironmentFault(_LOCKED)


def _searched(connection: KeyringConnection, attributes: dict[str, str]) -> list[secretstorage.Item]:
    """Items with these attributes; one that another program takes away between two questions is none of them."""
    for _ in range(_ATTEMPTS - 1):
        with contextlib.suppress(ItemNotFoundException):
            return list(secretstorage.search_items(connection, attributes))
    return list(secretstorage.search_items(connection, attributes))


def _default(connection: KeyringConnection) -> secretstorage.Collection:
    try:
        collection = secretstorage.get_collection_by_alias(connection, "default")
    except ItemNotFoundException as error:
        raise EnvironmentFault(
            "The keyring of this desktop has no default collection. Make one in its own program."
        ) from error
    if collection.collection_path == _OF_THE_SESSION:
        raise EnvironmentFault("The keyring of this desktop forgets at logout. Choose another default collection in it.")
    return collection


@contextlib.contextmanager
def _connected() -> Iterator[KeyringConnection]:
    """A connection for one call, whose faults are advice that names no secret."""
    try:
        with contextlib.closing(connect()) as connection:
            if not is_served(connection):
                raise EnvironmentFault(_GONE)
            connection.introduce()
            yield connection
    except (LockedException, PromptDismissedException) as error:
        raise EnvironmentFault(_LOCKED) from error
    except TimeoutError as error:
        raise EnvironmentFault(_SILENT) from error
    except (SecretStorageException, DBusErrorResponse, *BUS_FAULTS) as error:
        raise EnvironmentFault(_GONE) from error
