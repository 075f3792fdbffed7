# SPDX-License-Identifier: Apache-2.0
"""Opening a session with whatever keys are on this computer: as its trainer, as a reviewer, or with none."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import msgspec

from fairwitness.epochs import ended
from fairwitness.places import DAMAGED_HOME, Places
from session import EnvironmentFault, InputFault, IntegrityFault
from session.appeal import opened_before
from session.crypto.aead import RecordKey
from session.crypto.hpke import ReadingKey
from session.disk import RealDisk, environment_fault, write_whole
from session.events import Event, FindingRecord
from session.policy import Policy, parse_policy
from session.ports import KeyStore, SessionReader
from session.reader import FolderReader, content_keys_for_reviewer, content_keys_for_trainer, record_keys_for_reviewer
from session.seal import SEAL_NAME
from session.segments import read_file
from session.trust.directory import Directory, open_directory, open_review_key
from session.trust.dsse import DIRECTORY_BYTES, STATEMENT_BYTES
from session.verify import TrustAnchor, Verification, verify_session
from session.verify.one import MAX_BYTES, Proven, check_proof, prove
from session.verify.said import said


class OpenedSession(msgspec.Struct, frozen=True):
    """A session as far as it can be read here. `reads_as`: "trainer", "reviewer" or ""."""

    reader: SessionReader
    reads_as: str


class _ForReviewers:
    """A reader that shows no finding on trial, whatever its keys would open (docs/adr/0007), but those in `opened`."""

    def __init__(self, whole: FolderReader, opened: Collection[int]) -> None:
        self._whole, self._opened = whole, opened

    @property
    def session_id(self) -> str:
        """32 hexadecimal digits."""
        return self._whole.session_id

    def events(self) -> Sequence[Event]:
        """All records in order; of a finding on trial only that it is there."""
        return tuple(event if event.seq in self._opened else _untried(event) for event in self._whole.iter_events())

    def image(self, seq: int) -> bytes | None:
        """As `FolderReader.image`."""
        return self._whole.image(seq)


def _untried(event: Event) -> Event:
    on_trial = isinstance(event.body, FindingRecord) and event.body.shadow
    return msgspec.structs.replace(event, body=None) if on_trial else event


class _Fitting(msgspec.Struct, frozen=True):
    """The key on this computer that opens a session, and what it opens; `records`: keys of single ones, by seq."""

    key: ReadingKey | None = None
    content: dict[str, bytes] = {}
    records: dict[int, RecordKey] = {}
    reads_as: str = ""


def reading_keys(store: KeyStore) -> Iterator[ReadingKey]:
    """Every reading key on this computer, one for each organisation and one for personal sessions."""
    for name in store.names("person/"):
        seed = store.get(name) if name.endswith("/reading") else None
        if seed is not None:
            yield ReadingKey.from_seed(seed, name)


def epoch_keys(folder: Path, own: ReadingKey, over: Collection[str] = ()) -> Iterator[ReadingKey]:
    """The review keys that the directories in the session's folder grant to the owner of `own`, but for those in `over`."""
    for path in sorted((folder / "statements").glob("*.dsse")):
        try:
            directory = open_directory(read_file(path, DIRECTORY_BYTES, "a directory"))
        except IntegrityFault:
            continue  # some other statement; `verify` judges those
        people = {one.id for one in directory.people if one.reading_key == own.public.hex()}
        for project in directory.projects:
            for key in (one for one in project.review_keys if one.public_key not in over):
                for person in people & {one.person for one in key.wraps}:
                    yield open_review_key(directory.organisation, project.id, key, person, own)


def _fitting(folder: Path, places: Places) -> _Fitting:
    """The first key that fits; none where nobody here can open the session, or its bytes are not what they must be."""
    own = tuple(reading_keys(places.key_store()))
    for key in own:
        with contextlib.suppress(IntegrityFault):  # recorded for another reading key
            return _Fitting(key, content_keys_for_trainer(folder, key), reads_as="trainer")
    if not (folder / SEAL_NAME).exists():
        return _Fitting()
    found, over, opened = _Fitting(), _over(places), opened_here(folder, places)
    for key in own:
        with contextlib.suppress(IntegrityFault):
            for epoch in epoch_keys(folder, key, over):
                found = _with(found, folder, epoch, opened)
    return found


def judging_directory(folder: Path, places: Places) -> Directory | None:
    """The newest directory that judges who may say something: this computer's own, else the session's; None: neither.

    A directory of another organisation than the session's judges nothing.

    Raises:
        EnvironmentFault: a file cannot be read.
    """
    found: list[Directory] = []
    for path in (folder / "statements" / "directory.dsse", places.organisation / "directory.dsse"):
        if path.is_file():
            try:
                found.append(open_directory(read_file(path, DIRECTORY_BYTES, "the organisation's directory")))
            except IntegrityFault:
                continue  # `verify` says so of the session's; the other is `enrolled`'s to tell
    if not found:
        return None
    return max((one for one in found if one.organisation == found[0].organisation), key=lambda one: one.version)


def opened_here(folder: Path, places: Places) -> frozenset[int]:
    """The seqs that openings in the folder open: those that count, as far as a directory says. Raises `EnvironmentFault`."""
    directory = judging_directory(folder, places)
    if directory is None:
        return opened_before(folder)
    return frozenset(seq for one in said(folder, directory).openings for seq in one.records)


def _over(places: Places) -> frozenset[str]:
    """The review keys that the directory held on this computer names without wraps: their retention is over."""
    path = places.organisation / "directory.dsse"
    if not path.is_file():
        return frozenset()
    with contextlib.suppress(IntegrityFault):  # damaged: what it held before is not known, and verifying says so
        return ended(open_directory(read_file(path, DIRECTORY_BYTES, "the organisation's directory")))
    return frozenset()


def _with(found: _Fitting, folder: Path, epoch: ReadingKey, opened: Collection[int]) -> _Fitting:
    """What `epoch` opens beside what is found: an opening may be for a later epoch than the seal, and may not count."""
    given = record_keys_for_reviewer(folder, epoch)
    records = {seq: key for seq, key in given.items() if seq in opened} | found.records
    content = found.content
    if not content:
        with contextlib.suppress(IntegrityFault):  # sealed for another epoch
            content = content_keys_for_reviewer(folder, epoch)
    key = epoch if content is not found.content or found.key is None else found.key
    return _Fitting(key, content, records, "reviewer") if content or records else found


def open_here(folder: Path, home: Path | None) -> OpenedSession:
    """The session, opened with the first key on this computer that fits; without one, its public records only.

    Raises:
        IntegrityFault: the records are damaged. EnvironmentFault: a file or the key store cannot be read.
    """
    found = _fitting(folder, Places(home))
    whole = FolderReader(folder, found.content, found.records)
    mine = found.reads_as == "trainer"
    return OpenedSession(whole if mine else _ForReviewers(whole, opened_here(folder, Places(home))), found.reads_as)


def policy_of(folder: Path) -> Policy:
    """The policy that the session was recorded under. Raises `InputFault` where the folder holds none."""
    path = folder / "statements" / "policy.toml"
    if not path.is_file():
        raise InputFault("This folder holds no policy: it is not a session, or not all of one.")
    return parse_policy(read_file(path, STATEMENT_BYTES, "the session's policy"))


def verify_here(folder: Path, home: Path | None, *, root: str = "") -> Verification:
    """Verifies with the trust and the keys on this computer.

    Args:
        folder: of the session.
        home: the agent's folder.
        root: fingerprint that the reader trusts; "" for the organisation that this device is enrolled with, where the
            session is of it.

    Raises:
        InputFault: `root` is no fingerprint. EnvironmentFault: a file or the key store cannot be read.
    """
    _check_root(root)
    places = Places(home)
    enrolled, directory = _enrolled(places)
    key = _fitting(folder, places).key
    if root:
        return verify_session(folder, trust=TrustAnchor(root, directory if root == enrolled else b""), reading_key=key)
    result = verify_session(folder, reading_key=key)
    if enrolled and result.organisation == enrolled:
        return verify_session(folder, trust=TrustAnchor(enrolled, directory), reading_key=key)
    return result


def prove_here(folder: Path, home: Path | None, seq: int) -> bytes:
    """The proof of one record, made with the key on this computer that opens it. Raises as `session.verify.one.prove`."""
    found = _fitting(folder, Places(home))
    return prove(folder, seq, found.content, found.records)


def write_proof(folder: Path, home: Path | None, seq: int, file: Path) -> None:
    """Writes the proof of one record into `file`, whole or not at all.

    Raises:
        InputFault, IntegrityFault: as `prove_here`. EnvironmentFault: it cannot be read, or the file cannot be written.
    """
    proof = prove_here(folder, home, seq)
    try:
        write_whole(RealDisk(), file.parent, file.name, proof)
    except OSError as error:
        raise environment_fault(error, "writing the proof") from error


def check_proof_here(path: Path, home: Path | None, *, root: str = "") -> Proven:
    """What the proof in a file proves, with the trust on this computer.

    Args:
        path: of the file.
        home: the agent's folder.
        root: fingerprint that the reader trusts; "" as for `verify_here`.

    Raises:
        IntegrityFault: it does not hold. InputFault: `root` is no fingerprint. EnvironmentFault: the file cannot be read.
    """
    _check_root(root)
    raw = read_file(path, MAX_BYTES, "the proof")
    enrolled, directory = _enrolled(Places(home))
    if root:
        return check_proof(raw, TrustAnchor(root, directory if root == enrolled else b""))
    proven = check_proof(raw)
    return check_proof(raw, TrustAnchor(enrolled, directory)) if enrolled == proven.organisation else proven


def _check_root(root: str) -> None:
    if root and (len(root) != 64 or not set(root) <= set("0123456789abcdef")):
        raise InputFault("--root: a fingerprint has 64 hexadecimal digits.")


def _enrolled(places: Places) -> tuple[str, bytes]:
    """Fingerprint and directory of the organisation that this device is enrolled with, "" and b"" for none."""
    held = places.organisation / "directory.dsse"
    directory = read_file(held, DIRECTORY_BYTES, "the organisation's directory") if held.is_file() else b""
    try:
        return (open_directory(directory).organisation if directory else ""), directory
    except IntegrityFault as fault:
        raise EnvironmentFault(DAMAGED_HOME) from fault
