# SPDX-License-Identifier: Apache-2.0
"""One session, two verifiers that share no code: `session.verify`, and the stand-alone one written from the document.

outcome = both(folder, trust=org.anchor)     # ours, after the other said the same at the same numbered step
"""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from pathlib import Path
from types import ModuleType

from session.crypto.hpke import ReadingKey
from session.verify import TrustAnchor, Verification, verify_session, verify_source
from session.verify.folder import Source

STAND_ALONE = Path(__file__).parents[2] / "verifier" / "fairwitness_verify.py"


def stand_alone() -> ModuleType:
    """The other verifier, loaded from its one file."""
    name = "fairwitness_verify"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, STAND_ALONE)
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


class DisagreementError(AssertionError):
    """The two say different things of one session."""


def compared(ours: Verification, folder: Path, trust: TrustAnchor | None, key: ReadingKey | None) -> Verification:
    """`ours`, where the other verifier says the same of `folder`."""
    theirs = stand_alone().verify(
        folder,
        root=bytes.fromhex(trust.root_fingerprint) if trust is not None else None,
        reading_private=key.seed if key is not None else None,
        directory=trust.directory or None if trust is not None else None,
        seconds=60,
    )
    failed = ours.failed_step
    if (ours.verified, failed.number if failed else None) != (theirs.verified, theirs.failed_step):
        ours_says = f"step {failed.number}, {failed.name}: {failed.detail}" if failed else "it verifies"
        said = next(
            (f"step {one.number}, {one.name}: {one.detail}" for one in theirs.steps if one.passed is False), "it verifies"
        )
        raise DisagreementError(f"ours: {ours_says}; the other: {said}")
    if ours.verified and ours.account is not None:
        assert theirs.worked_us == ours.account.worked_us
        assert theirs.beyond_us == ours.times.beyond_us
        assert (theirs.session_id, theirs.person) == (ours.session_id, ours.person)
    return ours


def both(
    folder: Path,
    *,
    trust: TrustAnchor | None = None,
    reading_key: ReadingKey | None = None,
    epoch_key: ReadingKey | None = None,
) -> Verification:
    """As `session.verify.verify_session`."""
    ours = verify_session(folder, trust=trust, reading_key=reading_key, epoch_key=epoch_key)
    return compared(ours, folder, trust, reading_key or epoch_key)


def both_of_files(source: Source, *, trust: TrustAnchor | None = None, key: ReadingKey | None = None) -> Verification:
    """As `session.verify.verify_source`; the files are written into a folder for the other."""
    ours = verify_source(source, trust=trust, key=key)
    with tempfile.TemporaryDirectory() as place:
        folder = written(source, Path(place) / "s")
        return compared(ours, folder, trust, key) if folder is not None else ours


def written(source: Source, folder: Path) -> Path | None:
    """The files in a folder, None where one of their names is none that a file system takes as it is."""
    folder.mkdir()
    for name, size in source.entries():
        path = folder / name
        if "\0" in name or path.resolve().parent not in (
            folder.resolve(),
            (folder / "blobs").resolve(),
            (folder / "statements").resolve(),
        ):
            return None
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(source.read(name, size))
    return folder
