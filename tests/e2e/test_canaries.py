# SPDX-License-Identifier: Apache-2.0
"""What is typed or copied is nowhere; titles and sizes are nowhere but in ciphertext; unsealed, a reviewer opens nothing.

Unique words are typed into a window and shown in its title during a real session; then every file of everybody, the
database, every HTTP body, all that was printed and logged, and the decrypted replay are searched for them.
"""

from __future__ import annotations

import base64
import io
import json
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from desk_editor import editor
from desk_programs import activate, openbox, retitle, xdotool
from desk_server import Desk, until, xvfb
from office import Office, office
from PIL import Image

from fairwitness.opening import open_here, reading_keys
from fairwitness.places import Places
from fairwitness.telling import event_row
from session import InputFault, IntegrityFault
from session.events import Capture, Clipboard, Focus, Kind, Stats
from session.policy import default_policy_toml
from session.reader import content_keys_for_reviewer, content_keys_for_trainer

TYPED = "xylophonzwieback"
COPIED = "Schneeflockenwalzer" * 21
TITLE = "Kanarienvogel am Fenster 4711"
EDITOR = "canaryeditor"
COLOUR = (255, 0, 255)
POLICY = (
    default_policy_toml()
    .decode()
    .replace('captures = "off"', 'captures = "sent"')
    .replace('clipboard = "off"', 'clipboard = "sent"')
    .replace("interval_s = 600", "interval_s = 5")
    .replace('detail = "application"', 'detail = "full"')
    .replace('"1password"', f'"{EDITOR}", "1password"')
    .encode()
)


def spellings(word: str) -> list[bytes]:
    """The word as it may lie in bytes: plain, in capitals, as UTF-16, as base64 at each of the three offsets, as hex."""
    plain = word.encode()
    coded = [base64.b64encode(b"." * skip + plain)[4 if skip else 0 : -4] for skip in range(3)]
    return [plain, plain.upper(), word.encode("utf-16-le"), plain.hex().encode(), *coded]


def found_in(word: str, octets: bytes) -> list[bytes]:
    return [spelling for spelling in spellings(word) if spelling in octets]


def files(folder: Path) -> Iterator[tuple[Path, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path, path.read_bytes()


class Seen:
    """What one real session left behind."""

    def __init__(self, desk: Office, session: Path, early: Path) -> None:
        self.desk, self.session, self.early = desk, session, early
        self.copy = desk.fetched(session)


def copy_and_paste(screen: Desk) -> None:
    """Types into the editor what is found nowhere else, copies it there, and pastes it."""
    command = ["xclip", "-selection", "clipboard"]
    subprocess.run(command, input=COPIED.encode(), env=screen.environment, check=True, timeout=20, stdout=subprocess.DEVNULL)
    time.sleep(0.5)
    xdotool(screen, "key", "ctrl+v")


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    folder = tmp_path_factory.mktemp("office")
    with office(folder, POLICY) as desk, xvfb() as screen, openbox(screen):
        with editor(screen, EDITOR, "#ff00ff") as window:
            process = desk.start(screen.environment, for_s=600)  # until it is told to stop
            until(lambda: list((desk.trainer / "spool").glob("*/000000.fws")), "the session has begun")
            retitle(screen, window, TITLE)
            activate(screen, window)
            for _ in range(6):
                xdotool(screen, "type", "--delay", "12", TYPED + " ")
                time.sleep(0.5)  # so that the words fall into several ticks and screenshots
            copy_and_paste(screen)
            open_session = next((desk.trainer / "spool").iterdir())
            until(lambda: len(list(open_session.glob("blobs/*"))) >= 2, "two screenshots were taken", patience_s=60)
            early = folder / "early" / open_session.name
            shutil.copytree(open_session, early)
            process.send_signal(signal.SIGTERM)
            session = desk.ended(process)
        desk.send()
        yield Seen(desk, session, early)


@pytest.mark.slow
def test_the_session_saw_the_window_and_the_typing(seen: Seen) -> None:
    events = open_here(seen.copy, seen.desk.reviewer).reader.events()
    titles = {change.title for event in events if isinstance(event.body, Focus) for change in event.body.changes}
    typed = sum(event.body.keys[0] for event in events if isinstance(event.body, Stats) and event.body.keys)
    assert TITLE in titles
    assert typed >= 5 * len(TYPED)  # the first word may fall into the moment in which the sensor connects
    assert sum(isinstance(event.body, Capture) for event in events) >= 2


@pytest.mark.slow
def test_typed_words_are_in_no_file_of_anybody(seen: Seen) -> None:
    searched = list(files(seen.desk.folder))
    assert any(path.name == "fairwitness.log" for path, _ in searched)
    assert any(path.name.startswith("platform.sqlite3") for path, _ in searched)
    assert any(path.name.startswith("outbox.sqlite3") for path, _ in searched)
    for word in (TYPED, COPIED[:19]):
        assert [str(path) for path, octets in searched if found_in(word, octets)] == []


@pytest.mark.slow
def test_typed_words_and_titles_are_in_no_http_body(seen: Seen) -> None:
    bodies = b"".join([*seen.desk.proxy.bodies, *(body for _, body in seen.desk.proxy.answered)])
    assert len(bodies) > 20_000
    for word in (TYPED, COPIED[:19], TITLE):
        assert found_in(word, bodies) == []


@pytest.mark.slow
def test_typed_words_are_not_in_the_decrypted_replay(seen: Seen) -> None:
    for folder, home in ((seen.copy, seen.desk.reviewer), (seen.session, seen.desk.trainer)):
        reader = open_here(folder, home).reader
        rows = json.dumps([event_row(event) for event in reader.events()], ensure_ascii=False).encode()
        for word in (TYPED, COPIED[:19]):
            assert found_in(word, rows) == []
        assert found_in(TITLE, rows) != []


@pytest.mark.slow
def test_sizes_and_owners_of_copies_are_read_by_trainer_and_reviewer_and_lie_inside_ciphertext(seen: Seen) -> None:
    for folder, home in ((seen.copy, seen.desk.reviewer), (seen.session, seen.desk.trainer)):
        told = [event.body for event in open_here(folder, home).reader.events() if isinstance(event.body, Clipboard)]
        happened = [(one.action, one.size_bytes, one.app) for one in told if one.action != "none"]
        assert [(action, size_bytes) for action, size_bytes, _ in happened] == [
            ("copy", len(COPIED)),
            ("paste", len(COPIED)),
        ]
        assert happened[0][2] in {"", "xclip"}  # it has no window, and leaves the process that the server knew
        assert happened[1][2] == EDITOR
        assert len(told) > len(happened)  # one a tick, so that their number tells nothing
    payload = f'"paste",{len(COPIED)},"{EDITOR}"'.encode()
    assert [str(path) for path, octets in files(seen.desk.folder) if payload in octets] == []


@pytest.mark.slow
def test_the_window_typed_into_is_masked_in_every_screenshot(seen: Seen) -> None:
    reader = open_here(seen.copy, seen.desk.reviewer).reader
    pictures = [event for event in reader.events() if event.kind == Kind.CAPTURE]
    assert pictures
    for event in pictures:
        assert isinstance(event.body, Capture)
        assert event.body.masked >= 1
        pixels = np.asarray(Image.open(io.BytesIO(reader.image(event.seq) or b"")).convert("RGB"), dtype=np.int16)
        assert not (np.abs(pixels - COLOUR) < 60).all(axis=2).any()


@pytest.mark.slow
def test_titles_are_in_no_file_but_inside_ciphertext(seen: Seen) -> None:
    assert [str(path) for path, octets in files(seen.desk.folder) if found_in(TITLE, octets)] == []


@pytest.mark.slow
def test_before_the_seal_the_reviewer_opens_nothing_of_the_spool(seen: Seen) -> None:
    opened = open_here(seen.early, seen.desk.reviewer)
    assert opened.reads_as == ""
    sealed = [event for event in opened.reader.events() if 32 <= event.kind < 128]
    assert len(sealed) >= 3
    assert {event.body for event in sealed} == {None}
    for key in reading_keys(Places(seen.desk.reviewer).key_store()):
        with pytest.raises(InputFault):
            content_keys_for_reviewer(seen.early, key)
        with pytest.raises(IntegrityFault):
            content_keys_for_trainer(seen.early, key)


@pytest.mark.slow
def test_the_search_finds_what_is_there(seen: Seen) -> None:
    """The searches above can fail: the same ones find a word that was left on purpose, and the title that is decrypted."""
    for spelling in spellings(TYPED):
        assert found_in(TYPED, b"before" + spelling + b"after")
    (seen.desk.folder / "left.txt").write_text(TYPED, encoding="utf-8")
    try:
        assert [path.name for path, octets in files(seen.desk.folder) if found_in(TYPED, octets)] == ["left.txt"]
    finally:
        (seen.desk.folder / "left.txt").unlink()
