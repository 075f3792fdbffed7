# SPDX-License-Identifier: Apache-2.0
"""Whether a receipt is what the platform owes: signed by its receipt key, over this very seal, not before its times."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from session import EnvironmentFault, IntegrityFault
from session.crypto.signing import fingerprint
from session.events import Opening
from session.frames import read_segment
from session.log.merkle import leaf_hash, verify_inclusion
from session.seal import SEAL_BYTES, Seal, opening_statement
from session.segments import last_cosigned_s, public_body, read_segment_file, segment_name
from session.trust.directory import Directory, open_directory
from session.trust.dsse import DIRECTORY_BYTES, read_envelope, strict_json
from session.trust.judged import first_revocations
from session.trust.statements import Grant, Receipt, open_statement
from session.verify.said import known_directories
from session.verify.times import SECOND_US
from uploader.folders import DIRECTORY, SEAL, keep_file

STATEMENTS: Final = "statements"


class UnknownKeyFault(IntegrityFault):
    """A receipt by a key that no directory here names: one that was in force in between may."""


class ReceiptReader:
    """Checks receipts for one organisation.

    The receipt key is the one of the session's own directory, of one that lies in its `statements/`, or of the one in force
    now, so that a receipt stays good however often the platform's keys are renewed. Each must be signed by the root key, and
    none may revoke the key by the receipt's time. Where only the last names it, that is put into `statements/`, so that
    whoever has the folder and the root's fingerprint can verify the receipt, too.

    Args:
        root_public: the organisation's root key, as pinned at enrolment.
        directory: the directory in force now, as signed.
    """

    def __init__(self, root_public: bytes, directory: Callable[[], bytes]) -> None:
        self._root_public, self._directory = root_public, directory

    def __call__(self, session_id: str, folder: Path, receipt: bytes) -> Receipt:
        """The receipt, for the sealed session in `folder`.

        Raises:
            UnknownKeyFault: no directory that is known here names its signer as the receipt key.
            IntegrityFault: another session, person, organisation or seal, its key was revoked, or a time before the grant or
                the last cosignature, so that step 12 would fail for good; names which.
            EnvironmentFault: the session's files cannot be read, or the directory not written.
        """
        own = open_directory(_read(folder / DIRECTORY, DIRECTORY_BYTES), self._root_public)
        newest = self._directory()
        in_force = open_directory(newest, self._root_public)
        beside = known_directories(own, _beside(folder))
        signer = read_envelope(receipt)[0].signatures[0].keyid
        named = [one for one in (*beside, in_force) if receipt_keyid(one) == signer]
        if not named:
            raise UnknownKeyFault("receipt: no directory that is here names its key")
        opened = open_statement(receipt, Receipt, bytes.fromhex(named[0].platform.receipt_key))
        if first_revocations((*beside, in_force)).get(signer, opened.received_us + 1) <= opened.received_us:
            raise IntegrityFault("receipt: its key was revoked before")
        raw = _read(folder / SEAL, SEAL_BYTES)
        sealed = strict_json(read_envelope(raw, max_bytes=SEAL_BYTES)[1], Seal)
        person, latest_us = _person_and_latest_us(folder)
        for field, stated, expected in (
            ("organisation", opened.organisation, own.organisation),
            ("session", opened.session, session_id),
            ("session of the seal", sealed.session, session_id),
            ("person", opened.person, person or opened.person),
            ("seal_sha256", opened.seal_sha256, hashlib.sha256(raw).hexdigest()),
            ("root", opened.root, sealed.root),
            ("size", opened.size, sealed.size),
        ):
            if stated != expected:
                raise IntegrityFault(f"receipt: its {field} is not that of the sealed session")
        if opened.received_us < latest_us:
            raise IntegrityFault("receipt: its time lies before that of the grant or of the last cosignature")
        if opened.log_index >= 0:
            proof = [bytes.fromhex(step) for step in opened.log_proof]
            verify_inclusion(opened.log_index, opened.log_size, leaf_hash(raw), proof, bytes.fromhex(opened.log_root))
        if named == [in_force]:
            keep_directory(folder, newest)
        return opened


def receipt_keyid(directory: Directory) -> str:
    """The key that an envelope by this directory's receipt key names as its signer."""
    return fingerprint(bytes.fromhex(directory.platform.receipt_key))


def keep_directory(folder: Path, raw: bytes) -> None:
    """A directory lies in the session's `statements/`, durably. Raises `EnvironmentFault`."""
    name = f"{hashlib.sha256(raw).hexdigest()}.dsse"
    if not (folder / STATEMENTS / name).exists():
        keep_file(folder / STATEMENTS, name, raw, doing="keeping the receipt")


def _beside(folder: Path) -> Iterator[bytes]:
    """What was said later, directories among it; what cannot be read as that is for `session.verify` to name."""
    for path in sorted((folder / STATEMENTS).glob(f"{'?' * 64}.dsse")):
        with contextlib.suppress(IntegrityFault):
            yield _read(path, DIRECTORY_BYTES)


def _person_and_latest_us(folder: Path) -> tuple[str, int]:
    """Whose session it is, and the latest time that the platform signed before the receipt; ("", 0) where that is unread.

    Damage to what was confirmed long ago is not a fault of its receipt.
    """
    with contextlib.suppress(IntegrityFault, EnvironmentFault):
        first = read_segment_file(folder / segment_name(0))
        opening = next((public_body(frame) for frame, _ in read_segment(first)), None)
        if isinstance(opening, Opening):
            statement = opening_statement(opening.envelope)
            granted_us = statement.issued_us if isinstance(statement, Grant) else 0
            return statement.person, max(granted_us // SECOND_US, last_cosigned_s(folder)) * SECOND_US
    return "", 0


def _read(path: Path, most_bytes: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(most_bytes + 1)
    except FileNotFoundError as error:
        raise IntegrityFault(f"the session has no {path.name}") from error
    except OSError as error:
        raise EnvironmentFault("A session's files cannot be read. Check the permissions of its folder.") from error
