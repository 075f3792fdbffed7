# SPDX-License-Identifier: Apache-2.0
"""A sealed session that lies in a folder, opened for whoever sits at this computer."""

from __future__ import annotations

from pathlib import Path

from fairwitness.opening import open_here, policy_of, verify_here
from fairwitness.places import Places
from fairwitness.reviewing import reasons
from session import InputFault, IntegrityFault
from session.appeal import opened_before
from session.desks import SessionCase
from session.segments import read_file
from session.trust.directory import Directory, open_directory
from session.trust.dsse import DIRECTORY_BYTES
from session.verify.said import said


def case_here(folder: Path, home: Path | None) -> SessionCase:
    """The session, verified and opened with the keys of this computer, with what was said about it.

    Raises:
        InputFault: there is no session. EnvironmentFault: files or keys cannot be read. IntegrityFault: its records are
        damaged beyond reading.
    """
    if not folder.is_dir():
        raise InputFault(f"There is no session folder at {folder}.")
    policy, opened = policy_of(folder), open_here(folder, home)
    mine = opened.reads_as == "trainer"
    directory = _directory(folder, home)
    return SessionCase(
        session_id=opened.reader.session_id,
        folder=folder,
        reader=opened.reader,
        verification=verify_here(folder, home),
        policy=policy,
        reads_as=opened.reads_as,
        said=said(folder, directory) if directory is not None else None,
        reasons=reasons(policy, opened.reader.events()) if mine else {},
        opened=opened_before(folder),
    )


def _directory(folder: Path, home: Path | None) -> Directory | None:
    """The newest directory that judges who may say something: this computer's own, else the session's; None: neither.

    A directory of another organisation than the session's judges nothing.
    """
    found: list[Directory] = []
    for path in (folder / "statements" / "directory.dsse", Places(home).organisation / "directory.dsse"):
        if path.is_file():
            try:
                found.append(open_directory(read_file(path, DIRECTORY_BYTES, "the organisation's directory")))
            except IntegrityFault:
                continue  # `verify` says so of the session's; the other is `enrolled`'s to tell
    if not found:
        return None
    return max((one for one in found if one.organisation == found[0].organisation), key=lambda one: one.version)
