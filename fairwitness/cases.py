# SPDX-License-Identifier: Apache-2.0
"""A sealed session that lies in a folder, opened for whoever sits at this computer."""

from __future__ import annotations

from pathlib import Path

from fairwitness.assistance import said as said_here
from fairwitness.catalogues import at_hand
from fairwitness.opening import judging_directory, open_here, opened_here, policy_of, verify_here
from fairwitness.places import Places
from fairwitness.reviewing import opens_review, reasons
from session import InputFault
from session.desks import SessionCase
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
    places = Places(home)
    directory = judging_directory(folder, places)
    shown = opened_here(folder, places)
    return SessionCase(
        session_id=opened.reader.session_id,
        folder=folder,
        reader=opened.reader,
        verification=verify_here(folder, home),
        policy=policy,
        reads_as=opened.reads_as,
        said=said(folder, directory) if directory is not None else None,
        reasons=reasons(policy, opened.reader.events(), said_here(places.assistance), at_hand(policy, places))
        if mine
        else {},
        opened=shown,
        opens_review=opens_review(opened.reader.events(), shown),
    )
