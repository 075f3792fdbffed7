# SPDX-License-Identifier: Apache-2.0
"""A system's key store as the `keyring` library sees it, in memory, with the limits of the Credential Manager."""

from __future__ import annotations

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError, PasswordSetError

LARGEST_BYTES = 2560
"""Of one entry as UTF-16. Source: CRED_MAX_CREDENTIAL_BLOB_SIZE, Windows wincred.h."""


class KeptInMemory(KeyringBackend):
    """Entries under (service, user); one user a service, as the Credential Manager has it."""

    priority = 1.0  # type: ignore[assignment] # a property of the class in the library

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[str, tuple[str, str]] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        """The text, or None."""
        self._open()
        user, text = self.entries.get(service, ("", ""))
        return text if user == username else None

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keeps the text."""
        self._open()
        if len(password.encode("utf-16-le")) > LARGEST_BYTES:
            raise PasswordSetError("too long")
        if self.entries.get(service, (username, ""))[0] != username:
            raise PasswordSetError("another user's")
        self.entries[service] = (username, password)

    def delete_password(self, service: str, username: str) -> None:
        """Forgets it."""
        self._open()
        if self.entries.get(service, ("", ""))[0] != username:
            raise PasswordDeleteError("not there")
        del self.entries[service]

    def _open(self) -> None:
        if self.locked:
            raise KeyringLocked("locked")
