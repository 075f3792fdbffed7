# SPDX-License-Identifier: Apache-2.0
"""Review keys whose time is over, on a reviewer's computer.

Rules:

1. No review key is ever kept unwrapped: it is unwrapped from a directory in the session's folder each time, and lives in
   memory as long as that session is open.
2. An epoch that the directory held here names without wraps is over: nothing is opened by it, whatever older directory still
   has a wrap, and copies of sessions that were sealed for it go at the next refresh, overwritten where they lay.

This is what this program does, and no lock: who kept their own reading key and an older directory can open what they copied.
What ends it for everybody is the removal of the content (docs/adr/0015-an-epoch-that-ends.md).
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from session import IntegrityFault
from session.crypto.signing import fingerprint
from session.disk import RealDisk, environment_fault, erase
from session.seal import SEAL_BYTES, SEAL_NAME, Seal
from session.segments import read_file
from session.trust.directory import Directory
from session.trust.dsse import read_envelope, strict_json


def ended(directory: Directory | None) -> frozenset[str]:
    """The public keys (hexadecimal) of the review keys that this directory names without a wrap."""
    projects = directory.projects if directory is not None else ()
    return frozenset(key.public_key for project in projects for key in project.review_keys if not key.wraps)


def forget_copies(copies: Path, directory: Directory) -> int:
    """Overwrites and deletes every copy of a session that was sealed for epochs that are over; returns how many.

    Args:
        copies: a reviewer's folder `review/`; may be missing.
        directory: in force.

    Raises:
        EnvironmentFault: the disk refuses; what is left goes at the next call.
    """
    over = {fingerprint(bytes.fromhex(key)) for key in ended(directory)}
    gone = 0
    for folder in sorted(copies.iterdir()) if over and copies.is_dir() else ():
        recipients: set[str] = set()
        with contextlib.suppress(IntegrityFault):  # damaged, or on its way: the next fetch makes it whole
            recipients = _recipients(folder / SEAL_NAME)
        if recipients and recipients <= over:
            _erase(folder)
            gone += 1
    return gone


def _recipients(path: Path) -> set[str]:
    """Whom a seal names. Its signature is not asked: nobody else writes here, and what is deleted can be fetched again."""
    if not path.is_file():
        return set()
    raw = read_file(path, SEAL_BYTES, "a seal")
    return {one.recipient for one in strict_json(read_envelope(raw, max_bytes=SEAL_BYTES)[1], Seal).wraps}


def _erase(folder: Path) -> None:
    """The seal goes last, so that what broke off is found again."""
    disk = RealDisk()
    try:
        files = [path for path in folder.rglob("*") if path.is_file() or path.is_symlink()]
        for path in sorted(files, key=lambda one: one.name == SEAL_NAME):
            if path.is_symlink():
                path.unlink()
            else:
                erase(disk, path)
        for path in sorted(folder.rglob("*"), reverse=True):
            path.rmdir()
        folder.rmdir()
        disk.fsync_dir(folder.parent)
    except OSError as error:
        raise environment_fault(error, "deleting copies of sessions whose retention is over") from error
