# SPDX-License-Identifier: Apache-2.0
"""The key store of Windows (Credential Manager) and macOS (Keychain), through a back end of the `keyring` library.

Rules:

1. A back end keeps text under (service, user) and lists nothing. Each entry has a service of its own, since the Credential
   Manager keeps one user a service and would move the earlier aside. Names are listed in index entries of our own, each of
   at most `_INDEX_CHARACTERS`, because the Credential Manager takes no more than 2,560 bytes of UTF-16.
2. The index never lacks a name that has a secret: it is written before the secret and cut after it. A name whose secret
   is gone is not listed.
3. Secrets are base64 in ASCII, at most `_LARGEST_BYTES` each; all of ours are shorter.

Source: CRED_MAX_CREDENTIAL_BLOB_SIZE, Windows wincred.h (5 * 512 bytes).
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import threading
from typing import TYPE_CHECKING, Final

from keyring.errors import KeyringError, KeyringLocked, PasswordDeleteError

from agent.keys import check_name, is_name
from session import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from keyring.backend import KeyringBackend

_SERVICE: Final = "fairwitness"
_INDEX_CHARACTERS: Final = 1200
_LARGEST_BYTES: Final = 900
_WHAT_TO_DO: Final = (
    "Unlock it, allow Fair Witness to use it, and try again. Your keys are not lost, and no others are made in their place."
)


class KeyringStore:
    """Secrets in the system's own store.

    Args:
        backend: of the system; made by who builds the program.
        owner: tells the entries of one agent's folder from another's; any text.
        place: how people call the store, as "the Windows Credential Manager".
    """

    def __init__(self, backend: KeyringBackend, owner: str, place: str) -> None:
        self._backend = backend
        self._service = f"{_SERVICE} {owner}"
        self._place = place
        self._lock = threading.Lock()

    @property
    def described(self) -> str:
        """One plain sentence: where the keys are kept, and what protects them."""
        return f"Keys are kept in {self._place}, which your account on this computer locks."

    def here(self, *, running: bool = False) -> bool:  # noqa: ARG002 - as of a store that may not run
        """Whether there is such a store: these systems always have it."""
        return True

    def ready(self) -> bool:
        """Whether a new secret can be kept, found by asking the system for an entry that may be missing.

        Raises:
            EnvironmentFault: the store is locked or does not let us.
        """
        self._read("index/0")
        return True

    def get(self, name: str) -> bytes | None:
        """The secret, or None.

        Raises:
            EnvironmentFault: the store is locked or gone, or holds something that we did not write.
        """
        text = self._read(f"key/{check_name(name)}")
        if text is None:
            return None
        try:
            return base64.b64decode(text.strip(), validate=True)
        except (binascii.Error, ValueError) as error:
            raise EnvironmentFault(f"The key {name} in {self._place} was changed by something else. Restore it.") from error

    def put(self, name: str, secret: bytes) -> None:
        """Keeps `secret`, replacing what was there.

        Raises:
            EnvironmentFault: the store is locked, gone or full.
            ValueError: a secret longer than 900 bytes.
        """
        if len(secret) > _LARGEST_BYTES:
            raise ValueError(f"a secret is at most {_LARGEST_BYTES} bytes here")
        with self._lock:
            self._list(check_name(name))
            self._write(f"key/{name}", base64.b64encode(secret).decode())

    def delete(self, name: str) -> None:
        """Forgets the secret; a name that is not there is no error.

        Raises:
            EnvironmentFault: the store is locked or gone.
        """
        with self._lock:
            self._remove(f"key/{check_name(name)}")
            for number, listed in enumerate(self._index()):
                if name in listed:
                    self._write(f"index/{number}", "\n".join(one for one in listed if one != name))

    def names(self, prefix: str) -> Sequence[str]:
        """Names that begin with `prefix`, sorted.

        Raises:
            EnvironmentFault: the store is locked or gone.
        """
        with self._lock:
            found = {name for listed in self._index() for name in listed if is_name(name) and name.startswith(prefix)}
            return sorted(name for name in found if self._read(f"key/{name}") is not None)

    def _index(self) -> list[list[str]]:
        entries: list[list[str]] = []
        while (text := self._read(f"index/{len(entries)}")) is not None:
            entries.append(text.split())
        return entries

    def _list(self, name: str) -> None:
        entries = self._index()
        if any(name in listed for listed in entries):
            return
        room = (number for number, one in enumerate(entries) if len("\n".join([*one, name])) <= _INDEX_CHARACTERS)
        number = next(room, len(entries))
        self._write(f"index/{number}", "\n".join([*(entries[number] if number < len(entries) else ()), name]))

    def _read(self, user: str) -> str | None:
        with self._advising("read"):
            return self._backend.get_password(f"{self._service}/{user}", user)

    def _write(self, user: str, text: str) -> None:
        with self._advising("write"):
            self._backend.set_password(
                f"{self._service}/{user}", user, text or "\n"
            )  # an entry without text is no entry on some systems

    def _remove(self, user: str) -> None:
        if self._read(user) is None:
            return
        with self._advising("delete"), contextlib.suppress(PasswordDeleteError):
            self._backend.delete_password(f"{self._service}/{user}", user)
        if self._read(user) is not None:
            raise EnvironmentFault(f"{self._place} did not delete a key. Allow Fair Witness to change it and try again.")

    @contextlib.contextmanager
    def _advising(self, verb: str) -> Iterator[None]:
        """Turns the library's and the system's errors into advice; none of their words, which could name a secret."""
        try:
            yield
        except PasswordDeleteError:
            raise
        except KeyringLocked as error:
            raise EnvironmentFault(f"{self._place} is locked. {_WHAT_TO_DO}") from error
        except (KeyringError, OSError) as error:
            raise EnvironmentFault(f"{self._place} let Fair Witness not {verb} your keys. {_WHAT_TO_DO}") from error
