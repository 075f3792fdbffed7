# SPDX-License-Identifier: Apache-2.0
"""The codes of invitations that wait: made, kept on the admin's computer, and taken back.

Rules:

1. A code stands in the key store until it is used, taken back or expired: whoever has it may ask to be let in, so it is
   kept as a key is.
2. Which codes still open something is the platform's to say; what it does not list is forgotten here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec

from fairwitness.organisation import AdminDesk
from session.offices import Invited
from session.ports import Clock, KeyStore
from uploader.client import Request
from uploader.enrol import EnrolmentLink


class _Listed(msgspec.Struct, frozen=True):
    invitations: tuple[Invited, ...]


class Invitations:
    """See the module.

    Args:
        desk: speaks to the platform.
        organisation: its fingerprint.
        address: of the platform, as it stands in links.
        keys: where codes are kept, as `invitation/<organisation>/<SHA-256 of the code>`.
        clock: by which a code ends here, too.
    """

    def __init__(self, desk: AdminDesk, organisation: str, address: str, *, keys: KeyStore, clock: Clock) -> None:
        self._desk, self._organisation, self._address = desk, organisation, address
        self._keys, self._clock = keys, clock
        self._prefix = f"invitation/{organisation}/"

    def make(self, person: str, name: str, roles: tuple[str, ...], projects: tuple[str, ...]) -> str:
        """A new link for that person, kept here. Raises `EnvironmentFault`: then no link was given out."""
        made = self._desk.invite(person, name, roles, projects)
        digest = hashlib.sha256(made.code.encode()).hexdigest()
        self._keys.put(self._prefix + digest, made.code.encode())
        return self._link(person, made.code)

    def open(self) -> Sequence[Invited]:
        """The codes that still open something, those that last longest first; forgets here what opens nothing any more.

        Raises:
            EnvironmentFault: as the platform or the key store answers. IntegrityFault: its answer is not what it must be.
        """
        listed = self._desk.told(Request("invitations", "GET", "/v1/invitations"), _Listed).invitations
        now_us = self._clock.read().t_us
        standing = [one for one in listed if one.expires_us > now_us]
        kept = {name.removeprefix(self._prefix) for name in self._keys.names(self._prefix)}
        for digest in kept - {one.code_sha256 for one in standing}:
            self._keys.delete(self._prefix + digest)
        found = []
        for one in standing:
            code = self._keys.get(self._prefix + one.code_sha256) if one.code_sha256 in kept else None
            link = self._link(one.person, code.decode()) if code is not None else ""
            found.append(msgspec.structs.replace(one, link=link))  # ours, whatever the platform says of one
        return tuple(found)

    def withdraw(self, code_sha256: str) -> None:
        """Takes a code back: it opens nothing any more, and is forgotten here.

        Raises:
            EnvironmentFault: somebody has used it, or as the platform answers.
        """
        self._desk.ask(Request("invitation", "DELETE", f"/v1/invitations/{code_sha256}"))
        self._keys.delete(self._prefix + code_sha256)

    def _link(self, person: str, code: str) -> str:
        return str(EnrolmentLink(platform=self._address, organisation=self._organisation, person=person, code=code))
