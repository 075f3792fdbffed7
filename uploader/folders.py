# SPDX-License-Identifier: Apache-2.0
"""What the uploader does to files: keeps a receipt, moves a damaged database aside, deletes a session that was confirmed.

Every change is durable when its function returns, and at each moment before that the old or the new state is whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from session import EnvironmentFault, IntegrityFault
from session.disk import RealDisk, environment_fault, write_whole
from session.redact import Ranges, apply_redactions
from session.seal import SEAL_BYTES, Seal
from session.segments import read_file
from session.trust.dsse import DIRECTORY_BYTES, read_envelope, strict_json
from session.trust.statements import Removal

SEAL: Final = "seal.dsse"
RECEIPT: Final = "receipt.dsse"
DIRECTORY: Final = "statements/directory.dsse"
POLICY: Final = "statements/policy.toml"
_ASIDE_MOST: Final = 1000


def sealed_session(folder: Path) -> str:
    """Which session `folder` holds, sealed for a platform: by its seal, unverified; "" where there is none.

    A personal session has no organisation's directory, and no platform to go to.

    Raises:
        EnvironmentFault: the files are there and cannot be read.
    """
    if not (folder / SEAL).is_file() or not (folder / DIRECTORY).is_file():
        return ""
    try:
        return strict_json(
            read_envelope(read_file(folder / SEAL, SEAL_BYTES, "the seal"), max_bytes=SEAL_BYTES)[1], Seal
        ).session
    except IntegrityFault:
        return ""


def removals_of(folder: Path) -> tuple[tuple[bytes, Removal], ...]:
    """The removals that lie in a session's `statements/`, as signed and as they claim to be, in the order of their names.

    Raises:
        IntegrityFault: a statement there is none. EnvironmentFault: a file cannot be read.
    """
    found = []
    for path in sorted((folder / "statements").glob(f"{'?' * 64}.dsse")):
        raw = read_file(path, DIRECTORY_BYTES, "a statement")
        outer, body = read_envelope(raw, max_bytes=DIRECTORY_BYTES)
        if outer.payload_type == Removal.payload_type:
            found.append((raw, strict_json(body, Removal)))
    return tuple(found)


def carry_out(folder: Path, removal: Removal) -> None:
    """What `removal` names is gone from `folder`, and what it held overwritten. The statement must lie there before.

    Raises:
        EnvironmentFault: the disk; may be repeated. IntegrityFault: a segment is damaged; those before it are done.
    """
    apply_redactions(folder, Ranges(removal.ranges), RealDisk(), every_type=removal.by == "organisation")


def keep_file(folder: Path, name: str, octets: bytes, *, doing: str) -> None:
    """`folder/name` holds `octets` durably; a reader sees the old file or the new one, never a part.

    Raises:
        EnvironmentFault: the disk is full or refuses; `doing` says in the words of a person what stopped.
    """
    with _said_plainly(doing):
        write_whole(RealDisk(), folder, name, octets)


def remove_session(folder: Path) -> None:
    """Deletes a session's files, and the folder where nothing else lies in it.

    Seal and receipt go last: a crash in between leaves a session that still shows as confirmed, to be deleted again.

    Raises:
        EnvironmentFault: a file cannot be deleted.
    """
    disk = RealDisk()
    blobs, statements = folder / "blobs", folder / "statements"
    with _said_plainly("deleting the session"):
        _unlink_all(disk, folder.glob("*.fws"))
        if blobs.is_dir() and not blobs.is_symlink():
            _unlink_all(disk, blobs.iterdir())
            blobs.rmdir()
        if statements.is_dir() and not statements.is_symlink():
            _unlink_all(disk, (one for one in statements.iterdir() if one != folder / DIRECTORY))
        disk.fsync_dir(folder)
        for last in (SEAL, RECEIPT, DIRECTORY):
            disk.unlink(folder / last)
            disk.fsync_dir((folder / last).parent)  # a receipt never goes before its seal: that would be a session to send
        for emptied in (statements, folder):
            if emptied.is_dir() and not any(emptied.iterdir()):
                emptied.rmdir()
        disk.fsync_dir(folder.parent)


def move_aside(database: Path) -> int:
    """Renames a database and its companions to a free number, which it returns; none of them is read again.

    Raises:
        EnvironmentFault: the folder may not be written.
    """
    with _said_plainly("mending the list of sessions to send"):
        for number in range(1, _ASIDE_MOST):
            aside = database.with_name(f"{database.name}.damaged-{number}")
            if aside.exists():
                continue
            for tail in ("-wal", "-shm", ""):
                part = database.with_name(database.name + tail)
                if part.exists():
                    part.replace(aside.with_name(aside.name + tail))
            RealDisk().fsync_dir(database.parent)
            return number
    raise EnvironmentFault("There are a thousand damaged lists of sessions in this folder. Delete the files named damaged.")


def _unlink_all(disk: RealDisk, paths: Iterable[Path]) -> None:
    for path in list(paths):
        disk.unlink(path)


@contextmanager
def _said_plainly(doing: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise environment_fault(error, doing) from error
