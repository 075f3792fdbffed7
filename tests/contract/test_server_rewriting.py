# SPDX-License-Identifier: Apache-2.0
"""A sealed session's segments with some frames replaced: only ever the same records, and back again byte for byte."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import msgspec
import pytest
from server_running import RunningPlatform, running
from server_sessions import Sending
from server_statements import sealed_session

from server.core import Core
from server.faults import RefusalError
from server.rewriting import enter, frames_of, rewrite, wipe_unwanted
from server.store import rows
from session.events import Kind
from session.frames import ABSENT, SEALED, Frame
from session.segments import blob_of


@pytest.fixture
def there(tmp_path: Path) -> Iterator[tuple[Core, Sending]]:
    """A platform that does not serve, with one sealed session."""
    with running(tmp_path) as platform:
        platform.put_policy()
        trainer = platform.join("ada", "trainer")
        platform.join("ben", "reviewer")
        platform.issue_review_key()
        sent = sealed_session(platform, trainer, tmp_path / "spool")
    core = opened(platform)
    yield core, sent
    core.close()


def opened(platform: RunningPlatform) -> Core:
    return Core(platform.config, platform.clock)


def sealed_of(core: Core, sent: Sending) -> rows.SealRow:
    with core.reading() as connection:
        found = rows.seal(connection, sent.id)
    assert found is not None
    return found


def changed(
    core: Core, sent: Sending, replace: Callable[[Frame], Frame], pictures: Mapping[str, bytes] | None = None
) -> rows.SealRow:
    with core.rewriting:
        made = rewrite(core, sealed_of(core, sent), replace, pictures or {})
        with core.writing() as connection:
            enter(core, connection, sent.id, made)
    wipe_unwanted(core)
    return sealed_of(core, sent)


def files(core: Core, sent: Sending) -> dict[str, str]:
    """Every file of the session, with the digest of its bytes."""
    names = core.blobs.names(sent.id)
    return {name: hashlib.sha256(core.blobs.path(sent.id, name).read_bytes()).hexdigest() for name in names}


def test_what_goes_comes_back_byte_for_byte(there: tuple[Core, Sending]) -> None:
    core, sent = there
    before, whole = sealed_of(core, sent), {frame.seq: frame for frame in frames_of(core, sealed_of(core, sent))}
    gone = [seq for seq, frame in whole.items() if frame.kind in {Kind.CAPTURE, Kind.FOCUS} and frame.flags == SEALED]
    without = changed(core, sent, lambda frame: frame.absent() if frame.seq in gone else frame)
    assert (without.captures, before.captures) == ("", " ".join(sent.captures))
    assert {frame.seq for frame in frames_of(core, without) if frame.flags == ABSENT} >= set(gone)
    assert files(core, sent) == {digest: digest for digest in without.segments.split()}
    assert str(int(Kind.CAPTURE)) not in (without.kinds or "").split()
    again = changed(core, sent, lambda frame: whole[frame.seq], sent.captures)
    assert again == before
    assert files(core, sent) == {digest: digest for digest in sent.files}
    with core.reading() as connection:
        assert set(rows.blobs_of(connection, sent.id)) == set(sent.files)


def test_nothing_to_change_changes_nothing(there: tuple[Core, Sending]) -> None:
    core, sent = there
    before, lying = sealed_of(core, sent), files(core, sent)
    made = rewrite(core, before, lambda frame: frame)
    assert (made.records, made.sizes, made.unwanted) == (0, {}, ())
    assert changed(core, sent, lambda frame: frame) == before
    assert files(core, sent) == lying


def altered(frame: Frame) -> Frame:
    """The same record with one bit of its sealed part changed."""
    if frame.flags != SEALED:
        return frame
    return msgspec.structs.replace(frame, tail=frame.tail[:-1] + bytes([frame.tail[-1] ^ 1]))


WRONG: dict[str, Callable[[Sending], tuple[Callable[[Frame], Frame], dict[str, bytes]]]] = {
    "another ciphertext": lambda _: (altered, {}),
    "another number": lambda _: (lambda frame: msgspec.structs.replace(frame, seq=frame.seq + 1), {}),
    "a picture that nobody names": lambda _: (lambda frame: frame, {"9" * 64: b"picture"}),
    "other bytes under its name": lambda sent: (lambda frame: frame, dict.fromkeys(sent.captures, b"picture")),
    "more than a picture may have": lambda sent: (
        lambda frame: frame,
        dict.fromkeys(sent.captures, bytes(20 * 1024**2 + 1)),
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_other_records_are_refused_and_nothing_stays(there: tuple[Core, Sending], name: str) -> None:
    core, sent = there
    before, lying = sealed_of(core, sent), files(core, sent)
    replace, pictures = WRONG[name](sent)
    with pytest.raises(RefusalError) as refused:
        rewrite(core, before, replace, pictures)
    assert refused.value.status == 422
    assert files(core, sent) == lying
    assert sealed_of(core, sent) == before


def test_a_capture_does_not_come_back_without_its_picture(there: tuple[Core, Sending]) -> None:
    core, sent = there
    whole = {frame.seq: frame for frame in frames_of(core, sealed_of(core, sent))}
    changed(core, sent, lambda frame: frame.absent() if blob_of(frame) else frame)
    lying = files(core, sent)
    with pytest.raises(RefusalError, match="picture"):
        rewrite(core, sealed_of(core, sent), lambda frame: whole[frame.seq])
    assert files(core, sent) == lying
