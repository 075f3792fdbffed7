# SPDX-License-Identifier: Apache-2.0
"""Words that a person began in a window and neither sent nor gave up: kept on this computer, so that its end loses none.

Rules:

1. One file for each session, and one for what was begun for the session that runs; readable by their person alone, never
   sent and never part of a record.
2. It goes with its last word: when the words are sent, or given up.
3. A file that is gone or damaged is no words: nothing else rests on it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from session.desks import RUNNING
from session.disk import RealDisk, make_private, write_whole

_MOST_BYTES: Final = 1 << 20
"""Of a file that is read: sixty answers of 4,096 characters of four bytes. Source: docs/session-format.md, 10."""
_ID: Final = re.compile(f"[0-9a-f]{{32}}|{RUNNING}")
_LOG: Final = logging.getLogger("fairwitness.unsent")


class Unsent:
    """The files `unsent/<session id>.json` and `unsent/running.json`.

    Args:
        folder: made on first use.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, session_id: str, words: Mapping[str, str]) -> None:
        """Keeps exactly these words, by what each is about, as far as the disk takes them; with the last the file goes.

        Never raises: who writes is not stopped by it, and their window asks before it closes all the same.
        """
        begun = {about: text for about, text in words.items() if text.strip()}
        if not _ID.fullmatch(session_id):
            return
        try:
            if begun:
                make_private(self._folder)
                write_whole(RealDisk(), self._folder, f"{session_id}.json", msgspec.json.encode(begun))
            else:
                (self._folder / f"{session_id}.json").unlink(missing_ok=True)
        except OSError as error:
            _LOG.warning("unsent=not-kept errno=%s", error.errno)

    def kept(self, session_id: str) -> dict[str, str]:
        """The words that were kept, by what each is about."""
        if not _ID.fullmatch(session_id):
            return {}
        try:
            with (self._folder / f"{session_id}.json").open("rb") as file:
                return msgspec.json.decode(file.read(_MOST_BYTES), type=dict[str, str])
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return {}
