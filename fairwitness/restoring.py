# SPDX-License-Identifier: Apache-2.0
"""The organisation's root key from its two recovery shares, on a computer that has neither it nor a token.

Rules:

1. The root key is kept only once the platform's directory proved that it is this organisation's: two shares that do not
   belong together are another key, and no such key ever stays here.
2. A computer that has another organisation's root key takes no second one.
3. The token is made here; its digest alone is signed and sent, see `session.trust.admission`.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Final

import msgspec

from fairwitness.office import remember_address
from fairwitness.places import Places
from session import EnvironmentFault, InputFault, IntegrityFault
from session.crypto.shares import joined, split
from session.crypto.signing import SigningKey, fingerprint
from session.ports import Clock, KeyStore
from session.trust.admission import Admission
from session.trust.directory import Directory, open_directory
from session.trust.dsse import DIRECTORY_BYTES
from session.trust.statements import sign
from uploader.client import PlatformClient, Request

NO_ROOT: Final = (
    "There is no organisation's root key on this computer. Make the shares on the computer that has it; to bring it back "
    "from both shares: fairwitness root restore --platform ADDRESS"
)
APART: Final = (
    "share: these two give no root key of this platform's organisation. Either they do not belong together, or it is "
    "another organisation's platform. Nothing was kept."
)
_TOKEN_BYTES: Final = 32


class Restored(msgspec.Struct, frozen=True):
    """The directory that the restored root key had signed, and whose token this computer has now."""

    directory: Directory
    person: str


def root_shares(store: KeyStore) -> tuple[bytes, bytes]:
    """Two new shares of the root key in `store`, 32 bytes each; earlier ones stay good, each with its own other half.

    Raises:
        EnvironmentFault: it holds no root key, or is locked or gone.
    """
    names = store.names("root/")
    seed = store.get(names[0]) if names else None
    if seed is None:
        raise EnvironmentFault(NO_ROOT)
    return split(seed)


def restore(  # noqa: PLR0913 - from what, where, and as whom
    first: bytes, second: bytes, *, platform: str, places: Places, store: KeyStore, clock: Clock, admin: str = ""
) -> Restored:
    """Keeps the root key of two shares, a token of an admin and the platform's address, once the directory is this root's.

    Args:
        first: a share, 32 bytes.
        second: the other one.
        platform: its address.
        places: remembers the address.
        store: gets the key and the token.
        clock: of this computer, within ten minutes of the platform's.
        admin: whose token it is; "" for the directory's first admin.

    Raises:
        InputFault: the shares do not belong together or to this platform's organisation, or another organisation's root key
            is here; nothing was kept.
        EnvironmentFault: the platform cannot be reached or refuses, or a folder or the key store cannot be written.
        IntegrityFault: the platform took the signature and shows a directory of another root key; nothing was kept.
    """
    seed = joined(first, second)
    root = SigningKey.from_seed(seed, "root")
    organisation = fingerprint(root.public)
    if any(name != f"root/{organisation}" for name in store.names("root/")):
        raise InputFault("Another organisation's root key is on this computer. Restore this one under another user account.")
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    digest = hashlib.sha256(token.encode()).hexdigest()
    stated = Admission(organisation=organisation, person=admin, token_sha256=digest, at_us=clock.read().t_us)
    client = PlatformClient(platform.strip(), token, clock=clock)
    try:
        person = _admitted(client, sign(stated, root))
        answer = client.send(Request("directory", "GET", "/v1/directory", most_bytes=DIRECTORY_BYTES))
    finally:
        client.close()
    if not answer.done:
        raise EnvironmentFault(answer.words)
    directory = open_directory(answer.body, root.public)
    for name, secret in ((f"root/{organisation}", seed), (f"platform/{organisation}/token", token.encode())):
        store.put(name, secret)
    remember_address(places, platform.strip())
    return Restored(directory, person)


class _Admitted(msgspec.Struct, frozen=True):
    person: str


def _admitted(client: PlatformClient, statement: bytes) -> str:
    """Whose token was admitted."""
    answer = client.send(
        Request("admission", "POST", "/v1/admin-tokens", statement, content_type="application/vnd.dsse+json")
    )
    if answer.status == 422 and answer.code == "signature":
        raise InputFault(APART)
    if not answer.done:
        raise EnvironmentFault(answer.words)
    try:
        return msgspec.json.decode(answer.body, type=_Admitted).person
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise IntegrityFault("the platform's answer to the root key is not what it must be") from error
