# SPDX-License-Identifier: Apache-2.0
"""With the reviewer's keys, all that the platform ever saw, and a dictionary that holds the right answer: none is confirmed.

Who guesses has the sealed folder as it was fetched, of a removed record the trainer's own too, the platform's folder and
database, the note and proof that were witnessed while the record still stood, the content key that the reviewer unwraps, and
the true payload among ten thousand. A guess is confirmed where a salt makes the record's commitment of it. What statistics
that are sent say of keystrokes is not hidden by this: the entries of RAW here are those that STATS cannot tell apart.
"""

from __future__ import annotations

import hashlib
import itertools
import random
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from server_running import PROJECT, Member, RunningPlatform, running
from server_sessions import LiveSession
from uploader_platform import client_of

from session.crypto.aead import RecordKey, pad, seal_record
from session.events import DWELL_EDGES_MS, IKI_EDGES_MS, Focus, FocusChange, KeyClass, Kind, Payload, Raw, RawKey
from session.frames import ABSENT, Frame, decode_payload, frame_key, open_frame, pack_payload
from session.journal import Journal
from session.log.proof import AddCheckpoint, format_add_checkpoint
from session.reader import content_keys_for_reviewer
from session.segments import session_frames
from session.table import TYPES
from session.trust.directory import open_review_key
from session.verify import TrustAnchor, verify_session
from uploader.fetch import RemotePlatform

ENTRIES = 10_000
RIGHT = 6_131
RAW_BYTES = 192


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPlatform]:
    with running(tmp_path_factory.mktemp("dictionary")) as started:
        started.put_policy()
        yield started


@pytest.fixture(scope="module")
def trainer(platform: RunningPlatform) -> Member:
    return platform.join("ada", "trainer")


@pytest.fixture(scope="module")
def reviewer(platform: RunningPlatform, trainer: Member) -> Member:
    joined = platform.join("ben", "reviewer")
    platform.issue_review_key()
    return joined


def titles(t_us: int, mono_us: int) -> list[Focus]:
    """Ten thousand windows that might have been in front, as FOCUS would tell them."""
    return [Focus(t_us, mono_us, (FocusChange(mono_us, 3, "firefox", f"Letter {n:05}"),)) for n in range(ENTRIES)]


def timings(t_us: int, mono_us: int) -> list[Raw]:
    """Ten thousand ways of pressing six keys that STATS counts alike: every interval is in one bin, every dwell too."""
    chance = random.Random(5)  # noqa: S311 - made-up typing
    dictionary = []
    for _ in range(ENTRIES):
        at_ms, keys = -4000, []
        for _ in range(6):
            dwell_ms, interval_ms = chance.randint(81, 100), chance.randint(161, 200)
            assert (bisect_left(DWELL_EDGES_MS, dwell_ms), bisect_left(IKI_EDGES_MS, interval_ms)) == (5, 8)
            keys.append(RawKey(at_ms, KeyClass.TEXT, dwell_ms, 1))
            at_ms += interval_ms
        dictionary.append(Raw(t_us, mono_us, tuple(keys)))
    assert len(set(dictionary)) == ENTRIES
    return dictionary


@dataclass(frozen=True)
class Case:
    """A session in which one FOCUS was removed before the seal and RAW is withheld, and what somebody has of it.

    Who guesses reads, and changes nothing: one session is enough for all of it.
    """

    session: LiveSession
    reviewer: Member
    entries: dict[Kind, list[Payload]]
    before: dict[Kind, Frame]
    content: dict[str, bytes]
    witnessed: tuple[bytes, ...]
    fetched: Path

    @property
    def session_id(self) -> bytes:
        return bytes.fromhex(self.session.id)

    def left(self, kind: Kind, folder: Path) -> Frame:
        seq = self.before[kind].seq
        return next(frame for _, _, frame in session_frames(folder) if frame.seq == seq)

    def everything(self) -> dict[str, bytes]:
        """All bytes that are left or were ever sent: by place."""
        config = self.session.platform.config
        kept = {str(path): path.read_bytes() for path in config.folder.rglob("*") if path.is_file()}
        own = {str(path): path.read_bytes() for path in self.session.folder.rglob("*") if path.is_file()}
        return kept | own | {f"witnessed {at}": body for at, body in enumerate(self.witnessed)}


@pytest.fixture(scope="module")
def case(platform: RunningPlatform, trainer: Member, reviewer: Member, tmp_path_factory: pytest.TempPathFactory) -> Case:
    folder = tmp_path_factory.mktemp("case")
    session = LiveSession(platform, trainer, folder / "spool", "dictionary")
    session.tick()
    now = session.reading
    entries: dict[Kind, list[Payload]] = {
        Kind.FOCUS: list(titles(now.t_us, now.mono_us)),
        Kind.RAW: list(timings(now.t_us, now.mono_us)),
    }
    focus = session.add(Kind.FOCUS, entries[Kind.FOCUS][RIGHT])
    raw = session.journal.append(Kind.RAW, entries[Kind.RAW][RIGHT], least=RAW_BYTES)
    session.events.append(raw)
    size = session.journal.size
    note = session.checkpoint().note  # what was witnessed while the title still stood
    body = format_add_checkpoint(AddCheckpoint(0, (), note.encode()))
    session.cosign(size, note)
    frames = {frame.seq: frame for _, _, frame in session_frames(session.folder)}
    content = dict(session.keys.content)
    before = {Kind.FOCUS: frames[focus.seq], Kind.RAW: frames[raw.seq]}
    session.redact(focus.seq)
    session.tick()
    session.stop()
    sending = session.seal_whole()
    sending.put_files()
    assert sending.put_seal().status_code == 201
    fetched = RemotePlatform(client_of(platform, reviewer)).fetch(sending.id, folder / "fetched")
    return Case(session, reviewer, entries, before, content, (body,), fetched)


def written(body: Payload) -> bytes:
    """The payload as the journal writes it: compressed only where that makes the padded record smaller."""
    text = msgspec.json.encode(body)
    return text if len(text) < (RAW_BYTES if isinstance(body, Raw) else TYPES[Kind.FOCUS].pad) else pack_payload(text)


def commit_of(frame: Frame, payload: bytes, salt: bytes, case: Case, content_key: bytes) -> bytes:
    """The commitment that this record would have, had it held `payload` under `salt`."""
    record_key = RecordKey.derive(content_key, salt, case.session_id, frame.header)
    padded = pad(payload, TYPES[frame.kind].pad, least=RAW_BYTES if frame.kind == Kind.RAW else 0)
    sealed = seal_record(record_key, frame.p, padded)
    return hashlib.sha256(b"\x02" + record_key.commitment + salt + sealed).digest()


def confirmed(frame: Frame, entries: Iterable[Payload], salts: Iterable[bytes], case: Case, content_key: bytes) -> list[int]:
    """Places of the entries that some salt confirms."""
    tried = list(salts)
    payloads = [written(entry) for entry in entries]
    return [
        at
        for at, payload in enumerate(payloads)
        if any(commit_of(frame, payload, salt, case, content_key) == frame.commit for salt in tried)
    ]


def windows(octets: bytes) -> Iterator[bytes]:
    return (octets[at : at + 16] for at in range(len(octets) - 15))


def content_key_of(kind: Kind, case: Case) -> bytes:
    """The key itself: for RAW more than a reviewer ever has."""
    return case.content[TYPES[kind].content_key]


def review_keys(case: Case) -> dict[str, bytes]:
    organisation = case.session.platform.organisation
    wrapped = organisation.review_keys[0]
    key = open_review_key(organisation.fingerprint, PROJECT, wrapped, "ben", case.reviewer.reading_key)
    return content_keys_for_reviewer(case.fetched, key)


BOTH = pytest.mark.parametrize("kind", [Kind.FOCUS, Kind.RAW])


@BOTH
def test_salt_commitment_and_ciphertext_are_nowhere_that_anybody_but_the_trainer_has(case: Case, kind: Kind) -> None:
    """A withheld RAW is in the trainer's own spool, and nowhere else; a removed FOCUS is nowhere."""
    tail = case.before[kind].tail
    secret = content_key_of(kind, case)
    record_key = frame_key(case.before[kind], secret, case.session_id).secret
    parts = {"kc": tail[:32], "salt": tail[32:48], "ciphertext": tail[48:112], "its end": tail[-32:], "rk": record_key}
    for place, octets in case.everything().items():
        if kind == Kind.RAW and place.startswith(str(case.session.folder)):
            continue
        for name, part in parts.items():
            assert part not in octets, f"{name} in {place}"
        assert written(case.entries[kind][RIGHT]) not in octets
    fetched = b"".join(path.read_bytes() for path in case.fetched.rglob("*") if path.is_file())
    assert case.before[kind].commit in fetched
    assert not any(part in fetched for part in parts.values())


@BOTH
def test_what_is_left_has_one_length_and_every_entry_of_the_dictionary_would_leave_it(case: Case, kind: Kind) -> None:
    left = case.left(kind, case.fetched)
    assert (left.flags, left.public, len(left.tail)) == (ABSENT, b"", 32)
    least = RAW_BYTES if kind == Kind.RAW else 0
    padded = {len(pad(written(entry), TYPES[kind].pad, least=least)) for entry in case.entries[kind]}
    assert padded == {RAW_BYTES if kind == Kind.RAW else 512}
    content_key = content_key_of(kind, case)
    salt = bytes(16)
    commits = {commit_of(left, written(entry), salt, case, content_key) for entry in case.entries[kind][:500]}
    assert len(commits) == 500, "each entry has a commitment of its own under each salt, so some salt fits each"
    again = {
        commit_of(left, written(case.entries[kind][RIGHT]), salt, case, content_key) for salt in windows(bytes(range(99)))
    }
    assert len(again) == 84, "and the same payload never the same commitment twice"


@BOTH
def test_the_right_entry_is_confirmed_by_no_sixteen_bytes_of_all_that_is_left_or_was_sent(case: Case, kind: Kind) -> None:
    """Only the true payload with the true salt gives the commitment; so if it does not, no entry does."""
    left = case.left(kind, case.fetched)
    seen = b"".join(
        path.read_bytes() for path in sorted(case.fetched.rglob("*")) if path.is_file() and path.stat().st_size < 16_384
    )
    seen += b"".join(case.witnessed)
    if kind == Kind.FOCUS:
        seen += b"".join(path.read_bytes() for path in sorted(case.session.folder.glob("*.fws")))
    right = [case.entries[kind][RIGHT]]
    keys = review_keys(case)
    assert set(keys) == {"s"}
    assert confirmed(left, right, windows(seen), case, content_key_of(kind, case)) == []
    assert confirmed(left, right, [case.before[kind].tail[32:48]], case, content_key_of(kind, case)) == [0], (
        "the attack works"
    )


@BOTH
def test_no_entry_is_confirmed_and_with_the_salt_exactly_the_right_one(case: Case, kind: Kind) -> None:
    left = case.left(kind, case.fetched)
    keys = review_keys(case)
    salts = [frame.tail[32:48] for _, _, frame in session_frames(case.fetched) if len(frame.tail) > 48][:2]
    assert confirmed(left, case.entries[kind], salts, case, keys["s"]) == []
    kept = [case.before[kind].tail[32:48]]
    assert confirmed(left, case.entries[kind], kept, case, content_key_of(kind, case)) == [RIGHT], "the control"


def test_with_the_ciphertext_kept_the_reviewers_key_would_open_it(case: Case) -> None:
    """The control of the controls: had the platform been sent the record before it was removed, nothing would help."""
    before = case.before[Kind.FOCUS]
    payload = open_frame(before, frame_key(before, review_keys(case)["s"], case.session_id))
    assert decode_payload(payload, Focus, 65_536) == case.entries[Kind.FOCUS][RIGHT]


def test_the_session_verifies_with_what_is_left(case: Case) -> None:
    organisation = case.session.platform.organisation
    key = open_review_key(organisation.fingerprint, PROJECT, organisation.review_keys[0], "ben", case.reviewer.reading_key)
    outcome = verify_session(case.fetched, trust=TrustAnchor(organisation.fingerprint), epoch_key=key)
    assert outcome.verified, outcome.failed_step


def test_two_titles_leave_two_folders_that_differ_in_hashes_and_signatures_alone(tmp_path: Path) -> None:
    """The same keys and salts, another title, removed: all that is not a hash of it or signed over one is the same."""
    left = [stripped_session(tmp_path / name, name) for name in ("one", "another")]
    assert [(frame.kind, frame.flags, len(frame.tail)) for frame in left[0]] == [
        (frame.kind, frame.flags, len(frame.tail)) for frame in left[1]
    ]
    differ = {frame.kind for frame, other in zip(*left, strict=True) if frame.p != other.p}
    assert differ == {Kind.CHECKPOINT}
    gone = [(frame.commit, other.commit) for frame, other in zip(*left, strict=True) if frame.flags == ABSENT]
    assert len(gone) == 1
    assert gone[0][0] != gone[0][1]


def stripped_session(folder: Path, title: str) -> list[Frame]:
    from journal_parts import keys_of, new_journal, reading_at  # noqa: PLC0415 - of this test alone

    from session.events import Moment  # noqa: PLC0415 - as above
    from session.redact import redact  # noqa: PLC0415 - as above

    with pytest.MonkeyPatch.context() as patch:
        numbers = itertools.count()
        patch.setattr("session.journal.os.urandom", lambda size: hashlib.sha256(b"%d" % next(numbers)).digest()[:size])
        journal: Journal = new_journal(folder, keys_of())
        change = FocusChange(1, 1, "firefox", title)
        removed = journal.append(Kind.FOCUS, Focus(1, 1, (change,)))
        journal.checkpoint(reading_at(30), Moment.GRID)
        redact(folder, journal, ((removed.seq, removed.seq),), "private", reading_at(40))
        journal.append(Kind.FOCUS, Focus(2, 2))
        journal.close()
    return [frame for _, _, frame in session_frames(folder)][2:]
