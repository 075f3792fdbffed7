# SPDX-License-Identifier: Apache-2.0
"""What the policies no longer keep goes from the platform: signed by the root key, without reading any content."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from review_people import POLICY, Asking, Team
from server_running import DAY_S, running
from sqlalchemy import update
from verifier_both import both

from fairwitness import retention
from fairwitness.retention import Retained, checked, retain
from server.keys import prepare
from server.store import tables
from server.store.engine import Database
from session import EnvironmentFault, IntegrityFault
from session.crypto.signing import SigningKey
from session.events import Kind
from session.frames import SEALED, read_segment
from session.retention import CAPTURES, KEPT_FOR_A_TIME, STATISTICS, Outline
from session.segments import session_frames
from session.trust.directory import Revocation
from session.trust.statements import REMOVED_MOST
from session.verify import TrustAnchor
from uploader.client import PlatformClient, Request
from uploader.fetch import RemotePlatform

SHORT = POLICY.replace(b"captures_days = 30", b"captures_days = 2").replace(b"statistics_days = 90", b"statistics_days = 5")


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    with running(tmp_path / "platform") as platform:
        made = Team.of(platform, tmp_path / "people", SHORT)
        made.root_at("admin")
        yield made


def retained(team: Team, *, dry_run: bool = False) -> list[Retained]:
    """What the command tells of, session by session, checked against what it gives at its end."""
    told: list[Retained] = []
    done = retain(team.home("admin"), team.platform.address, told.append, dry_run=dry_run, clock=team.platform.clock)
    assert list(done) == told
    return told


def here(team: Team, session: Asking) -> set[int]:
    """Types with a sealed part at the platform."""
    return set(flags(RemotePlatform(team.client("ben")).fetch(session.id, team.home("ben") / "copy")))


def flags(folder: Path) -> set[int]:
    return {frame.kind for _, _, frame in session_frames(folder) if frame.flags == SEALED}


@pytest.mark.slow
def test_each_type_goes_when_its_time_has_passed_and_the_session_verifies(team: Team) -> None:
    old = team.session("old", pictures=3)
    whole = here(team, old)
    assert whole > CAPTURES | {Kind.STATS, Kind.FOCUS}
    assert retained(team) == []
    team.platform.clock.advance_s(1.5 * DAY_S)
    young = team.session("young", pictures=2)
    team.platform.clock.advance_s(DAY_S)
    assert retained(team, dry_run=True) == [Retained(old.id, 3, 0)]
    assert here(team, old) == whole
    assert retained(team) == [Retained(old.id, 3, 0)]
    assert here(team, old) == whole - CAPTURES
    assert here(team, young) == whole
    assert retained(team) == []
    team.platform.clock.advance_s(3 * DAY_S)
    found = {one.session: (one.captures, one.statistics > 0) for one in retained(team)}
    assert found == {old.id: (0, True), young.id: (2, False)}
    assert here(team, old) == whole - CAPTURES - STATISTICS
    folder = team.home("ben") / "copy" / old.id
    outcome = both(folder, trust=TrustAnchor(team.platform.organisation.fingerprint))
    assert outcome.verified, outcome.failed_step
    assert {one.by for one in outcome.removals} == {"organisation"}
    assert {one.reason for one in outcome.removals} == {"retention"}
    assert retained(team) == []


def test_what_was_received_under_a_receipt_key_of_before_goes_all_the_same(team: Team) -> None:
    old = team.session("old", pictures=2)
    platform = team.platform
    public = prepare(platform.config.folder, ("receipt",))
    named = platform.organisation.platform
    ended = Revocation(revoked_key=named.receipt_key, revoked_us=platform.clock.read().t_us + 1)
    platform.organisation.platform = msgspec.structs.replace(named, receipt_key=public.receipt.hex())
    platform.organisation.revocations += (ended,)
    platform.publish()
    platform.clock.advance_s(2.5 * DAY_S)
    assert retained(team) == [Retained(old.id, 2, 0)]


def test_a_session_of_before_the_count_is_found_too(team: Team) -> None:
    session = team.session("old", pictures=1)
    database = Database(team.platform.config.database)
    with database.writing() as connection:
        counted = update(tables.seals).where(tables.seals.c.session == session.id, tables.seals.c.kinds.is_not(None))
        assert connection.execute(counted.values(kinds=None)).rowcount == 1
    database.close()
    team.platform.clock.advance_s(3 * DAY_S)
    assert retained(team) == [Retained(session.id, 1, 0)]
    assert retained(team) == []


def test_many_pictures_need_several_statements(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    assert REMOVED_MOST == 512
    monkeypatch.setattr(retention, "REMOVED_MOST", 2)
    session = team.session("many", pictures=5)
    team.platform.clock.advance_s(3 * DAY_S)
    assert retained(team) == [Retained(session.id, 5, 0)]
    copy = RemotePlatform(team.client("ben")).fetch(session.id, team.home("ben") / "copy")
    outcome = both(copy)
    assert outcome.verified
    assert sorted(dict(one.kinds)[Kind.CAPTURE] for one in outcome.removals) == [1, 2, 2]
    assert list((copy / "blobs").iterdir()) == []


def test_an_admin_without_the_root_key_or_a_platform_is_told_what_to_do(team: Team, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match="root key"):
        retain(tmp_path / "nowhere", team.platform.address, print, dry_run=True)
    with pytest.raises(EnvironmentFault, match="--platform"):
        retain(team.home("admin"), "", print, dry_run=True)


def outline_of(team: Team, session: Asking) -> Outline:
    client = PlatformClient(team.platform.address, team.platform.admin.client.token, clock=team.platform.clock)
    answer = client.send(Request("outline", "GET", f"/v1/sessions/{session.id}/outline", most_bytes=1 << 26))
    client.close()
    assert answer.done
    return msgspec.json.decode(answer.body, type=Outline)


def capture_told_as_focus(outline: Outline) -> Outline:
    """A capture in the place of a FOCUS: so that more would go than is due."""
    first = next(seq for seq, one in enumerate(outline.records) if one.kind == Kind.FOCUS)
    return _with(outline, first, kind=int(Kind.CAPTURE))


def ack_told_as_capture(outline: Outline) -> Outline:
    first = next(seq for seq, one in enumerate(outline.records) if one.kind == Kind.ACK)
    return _with(outline, first, kind=int(Kind.CAPTURE), public=base64.b64encode(b'[1,"' + b"0" * 64 + b'"]').decode())


def another_picture(outline: Outline) -> Outline:
    first = next(seq for seq, one in enumerate(outline.records) if one.kind == Kind.CAPTURE)
    return _with(outline, first, public=base64.b64encode(b'[1,"' + b"0" * 64 + b'"]').decode())


def _with(outline: Outline, seq: int, **changes: object) -> Outline:
    records = list(outline.records)
    records[seq] = msgspec.structs.replace(records[seq], **changes)
    return msgspec.structs.replace(outline, records=tuple(records))


LIES: dict[str, Callable[[Outline, Outline], Outline]] = {
    "a capture in the place of a FOCUS": lambda outline, _: capture_told_as_focus(outline),
    "a capture in the place of an ACK": lambda outline, _: ack_told_as_capture(outline),
    "another picture": lambda outline, _: another_picture(outline),
    "a record less": lambda outline, _: msgspec.structs.replace(outline, records=outline.records[:-1]),
    "another policy": lambda outline, _: msgspec.structs.replace(outline, policy=POLICY.decode()),
    "another session's receipt": lambda outline, other: msgspec.structs.replace(outline, receipt=other.receipt),
    "another session's seal": lambda outline, other: msgspec.structs.replace(outline, seal=other.seal),
    "no digests": lambda outline, _: _with(outline, 3, digest="no"),
    "no base64": lambda outline, _: _with(outline, 3, kind=int(Kind.CAPTURE), public="?"),
    "another session whole": lambda _, other: other,
}


def test_what_a_platform_tells_falsely_of_a_session_is_refused(team: Team) -> None:
    session, another = team.session("one", pictures=1), team.session("other", pictures=1)
    true, other = outline_of(team, session), outline_of(team, another)
    root = team.platform.organisation.root.public
    frames, received_us = checked(true, session.id, root)
    assert {frame.kind for frame in frames.values()} == KEPT_FOR_A_TIME - {
        Kind.CLIPBOARD,
        Kind.DECLARE,
        Kind.NOTE,
        Kind.CLOCK,
    }
    assert received_us == team.platform.clock.read().t_us
    for lie in LIES.values():
        with pytest.raises(IntegrityFault):
            checked(lie(true, other), session.id, root)
    with pytest.raises(IntegrityFault):
        checked(true, session.id, SigningKey.generate().public)


def test_an_outline_holds_no_content(team: Team) -> None:
    session = team.session("one", pictures=1)
    asked = team.platform.admin.client.get(f"/v1/sessions/{session.id}/outline").content
    for segment in session.sending.segments.values():
        for frame, _ in read_segment(segment):
            if frame.flags == SEALED:
                for text in (frame.tail[50:90].hex().encode(), base64.b64encode(frame.tail[48:96])):
                    assert text not in asked
