# SPDX-License-Identifier: Apache-2.0
"""What the journal writes is what a reader reads back."""

from __future__ import annotations

from pathlib import Path

from journal_parts import append_tick, capture_at, keys_of, new_journal, reading_at

from session.events import Capture, Kind, Moment
from session.reader import FolderReader


def test_what_was_appended_is_read_back(tmp_path: Path) -> None:
    journal = new_journal(tmp_path / "s")
    append_tick(journal, 5, title="letter")
    journal.append_blob(capture_at(6), b"picture")
    journal.checkpoint(reading_at(30), Moment.GRID)
    journal.close()
    reader = FolderReader(tmp_path / "s", keys_of().content)
    events = reader.events()
    assert [event.kind for event in events] == [
        Kind.PERSONAL, Kind.START, Kind.FOCUS, Kind.STATS, Kind.RAW, Kind.CAPTURE, Kind.CHECKPOINT,
    ]  # fmt: skip
    assert isinstance(events[5].body, Capture)
    assert reader.image(5) == b"picture"
