# SPDX-License-Identifier: Apache-2.0
"""Sealed sessions from the platform to a desk: each file by its digest, checked, and taken up where it broke off.

What was removed since an earlier fetch goes here too, once its signed removal lies in the session's folder; a platform that
gives less than before without one is refused.

Says nothing about whether a session verifies: that is `session.verify`, over the folder that comes of this.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, BinaryIO, Final, TypeVar

import msgspec

from session import EnvironmentFault, InputFault, IntegrityFault, StoppedFault
from session.desks import Watch
from session.disk import RealDisk, append_private, environment_fault, erase, make_private, write_whole
from session.events import Digest, Kind, Opening
from session.frames import ABSENT, SEALED, Frame, read_segment
from session.ports import SessionListing
from session.redact import Ranges, is_redactable
from session.retention import questions_ended
from session.seal import Seal
from session.segments import BLOBS, public_body, read_file, read_segment_file, segment_name
from session.trust.directory import open_directory
from session.trust.dsse import DIRECTORY_BYTES, read_envelope, strict_json
from session.trust.statements import Decision, OpeningStatement, Removal, Reply
from session.verify.said import RevokedFault, checked, ground_of, known_directories
from uploader.client import Answer, PlatformClient, Request
from uploader.folders import DIRECTORY, POLICY, RECEIPT, SEAL, carry_out
from uploader.orglog import LogWatch
from uploader.statements import is_said
from uploader.transfer import FILE_BYTES_MOST, session_path

LISTING_BYTES: Final = 4 << 20
MANIFEST_BYTES: Final = 16 << 20
_SESSION_ID: Final = re.compile("[0-9a-f]{32}")
_REMOVED_MEANWHILE: Final = (
    "Something of this session is not there any more; it may have been removed just now. Open it again."
)
_ON_QUESTIONS: Final = frozenset({Decision.payload_type, Reply.payload_type})
_WRONG_TWICE: Final = "the platform gave other bytes than the session names, twice"

_T = TypeVar("_T")


class _Listings(msgspec.Struct, frozen=True):
    sessions: tuple[SessionListing, ...]


class _Manifest(msgspec.Struct, frozen=True):
    seal: str
    receipt: str
    segments: Annotated[tuple[Digest, ...], msgspec.Meta(min_length=1, max_length=10_000)]
    blobs: Annotated[tuple[Digest, ...], msgspec.Meta(max_length=20_000)]
    directory: str
    policy: str
    statements: Annotated[tuple[str, ...], msgspec.Meta(max_length=10_000)] = ()


class RemotePlatform:
    """`session.ports.Platform` over HTTP. For one thread at a time, which it blocks.

    Args:
        client: of the platform, as the person who asks.
        log: what is fetched is held to it. None: only to the digests and signatures that came along.
    """

    def __init__(self, client: PlatformClient, log: LogWatch | None = None) -> None:
        self._client, self._log = client, log

    def sessions(self) -> Sequence[SessionListing]:
        """What the platform lets this person see.

        Raises:
            EnvironmentFault: it cannot be reached or does not allow it; says what to do.
            IntegrityFault: its answer is no list of sessions.
        """
        answer = self._asked(Request("sessions", "GET", "/v1/sessions", most_bytes=LISTING_BYTES))
        return _decoded(answer.body, _Listings).sessions

    def fetch(self, session_id: str, folder: Path, watch: Watch | None = None) -> Path:
        """Downloads one session into `folder`/<id>; returns that folder, which holds all of it and nothing else.

        What an earlier call brought is not fetched again; statements that came since are added. Until all is
        there it lies in `folder`/.<id>.arriving. `watch` is told how many files are here, and of how many.

        Raises:
            StoppedFault: `watch` asked for it; what came stays, and the next call goes on from it.
            EnvironmentFault: the platform cannot be reached, or does not let this person read it, or the disk is full.
            IntegrityFault: what came is not what the session names; another session lies under that name; a statement
                does not count, or one that was given before is not given any more.
            PlatformFault: what came is not what the organisation log holds about the session.
        """
        if not _SESSION_ID.fullmatch(session_id):
            raise InputFault("A session's identifier is 32 characters from 0-9 and a-f. Copy it from the list.")
        logged = self._logged(session_id)
        answer = self._asked(Request("manifest", "GET", session_path(session_id), most_bytes=MANIFEST_BYTES))
        manifest = _decoded(answer.body, _Manifest)
        _check_seal(manifest.seal.encode(), session_id)
        target, arriving = folder / session_id, folder / f".{session_id}.arriving"
        disk = RealDisk()
        with _said_plainly():
            if target.exists() and (target / SEAL).read_bytes() != manifest.seal.encode():
                raise IntegrityFault("another seal of this session lies here already; the platform may give only one")
            for part in (BLOBS, "statements"):
                make_private(arriving / part)
            _sweep(arriving, manifest)
            if target.exists():
                self._take_removals(manifest, target, arriving, logged)
            files = list(_files(manifest))
            for done, (name, digest) in enumerate(files):
                go_on = _watched(watch, done, len(files))
                go_on()
                if not _is_whole(target / name, digest) and not _is_whole(arriving / name, digest):
                    self._bring(session_id, digest, arriving / name, go_on)
            _watched(watch, len(files), len(files))()
            first = next(one / segment_name(0) for one in (arriving, target) if (one / segment_name(0)).exists())
            self._check(manifest, read_segment_file(first), target, logged)
            _check_nothing_lost(manifest, arriving, target)
            self._check_kept_back(manifest, (arriving, target), logged)
            _check_opened(manifest, (arriving, target), self._log)
            for name, text in _texts(manifest):
                place = arriving / name
                write_whole(disk, place.parent, place.name, text.encode())
            _move_in(arriving, target)
            for removal in _removals(manifest):
                carry_out(target, removal)
            _forget_said(manifest, target / "statements")
        return target

    def _take_removals(self, manifest: _Manifest, target: Path, arriving: Path, logged: Sequence[bytes]) -> None:
        """Carries out on the copy that is here what was removed since; the statement is durable in it before.

        What is damaged here comes anew, without what was removed.
        """
        removals = _removals(manifest)
        if not removals or _frames(target / segment_name(0)) is None:
            return
        self._check(manifest, read_segment_file(target / segment_name(0)), target, logged)
        for name, text in _texts(manifest):
            if name.startswith("statements/") and not (target / name).exists():
                write_whole(RealDisk(), arriving, Path(name).name, text.encode())
                (arriving / Path(name).name).replace(target / name)
        RealDisk().fsync_dir(target / "statements")
        for removal in removals:
            with suppress(IntegrityFault):
                carry_out(target, removal)

    def _check(self, manifest: _Manifest, first_segment: bytes, target: Path, logged: Sequence[bytes]) -> None:
        """Raises `IntegrityFault`, `PlatformFault` where what was said about the session is not what it must be."""
        _check_said(manifest, first_segment)
        _check_nothing_taken_back(manifest, target, self._log)
        if self._log is not None:
            _check_logged(manifest, first_segment, logged, self._log)

    def _check_kept_back(self, manifest: _Manifest, places: Sequence[Path], logged: Sequence[bytes]) -> None:
        """Raises `PlatformFault` where the log keeps back a decision or reply on questions that did not end."""
        if self._log is not None and b"" in logged and not _questions_ended(manifest, places):
            detail = "its log keeps back what was said about a session, and no removal of the organisation says why"
            raise self._log.refused("statement", detail, {"seal.dsse": manifest.seal.encode()})

    def _logged(self, session_id: str) -> list[bytes]:
        """The statements about it that the log holds now: asked for first, so that later ones are no difference.

        Empty for each whose text went under retention.
        """
        if self._log is None:
            return []
        self._log.head()
        return [
            one.statement for one in self._log.entries(0, session=session_id) if not one.statement or is_said(one.statement)
        ]

    def _bring(self, session_id: str, digest: str, target: Path, go_on: Callable[[], None]) -> None:
        """Downloads one file beside its place, going on where an earlier try broke off, and moves it there when whole."""
        part = target.with_name(f"{digest}.part")
        for _ in range(2):
            self._stream(session_id, digest, part, go_on)
            if _is_whole(part, digest):
                part.replace(target)
                return
            part.unlink()
        raise IntegrityFault(f"{_WRONG_TWICE}: {digest[:12]}…")

    def _stream(self, session_id: str, digest: str, part: Path, go_on: Callable[[], None]) -> None:
        """Fills `part` to the end of what the platform sends. Goes on as long as each try brings something.

        `go_on` is called with each piece that came, and raises where no more is wanted.
        """
        while not _is_whole(part, digest):
            held = part.stat().st_size if part.exists() else 0
            with append_private(part) as file:
                answer = self._client.send(
                    Request(
                        "file",
                        "GET",
                        session_path(session_id, f"/blobs/{digest}"),
                        from_byte=held,
                        most_bytes=FILE_BYTES_MOST,
                        into=lambda status, file=file: _writer(file, go_on, whole=status != 206),  # type: ignore[misc] # binds
                    )
                )
            if answer.done:
                return
            if answer.status == 416:  # more is here than the platform has: what is here is not it
                part.unlink()
            elif answer.status == 404:
                raise EnvironmentFault(_REMOVED_MEANWHILE)
            elif part.stat().st_size <= held:
                raise EnvironmentFault(answer.words)

    def _asked(self, request: Request) -> Answer:
        answer = self._client.send(request)
        if not answer.done:
            raise EnvironmentFault(answer.words)
        return answer


def _watched(watch: Watch | None, done: int, of: int) -> Callable[[], None]:
    """Tells `watch` how far it is. Raises `StoppedFault` where it asks to stop."""

    def go_on() -> None:
        if watch is not None and not watch(done, of):
            raise StoppedFault("Stopped. What came so far is kept, and the next try goes on from there.")

    return go_on


def _writer(file: BinaryIO, go_on: Callable[[], None], *, whole: bool) -> Callable[[bytes], object]:
    if whole:
        file.truncate(0)

    def write(octets: bytes) -> None:
        file.write(octets)
        go_on()

    return write


def _files(manifest: _Manifest) -> Iterator[tuple[str, str]]:
    """Every file by its name in the session's folder, with its digest."""
    for index, digest in enumerate(manifest.segments):
        yield segment_name(index), digest
    for digest in manifest.blobs:
        yield f"{BLOBS}/{digest}", digest


def _texts(manifest: _Manifest) -> Iterator[tuple[str, str]]:
    yield SEAL, manifest.seal
    yield RECEIPT, manifest.receipt
    yield DIRECTORY, manifest.directory
    yield POLICY, manifest.policy
    for text in manifest.statements:
        yield f"statements/{hashlib.sha256(text.encode()).hexdigest()}.dsse", text


def _check_seal(raw: bytes, session_id: str) -> None:
    sealed = strict_json(read_envelope(raw, max_bytes=MANIFEST_BYTES)[1], Seal)
    if sealed.session != session_id:
        raise IntegrityFault("the platform gave the seal of another session")


def _check_said(manifest: _Manifest, first_segment: bytes) -> None:
    """Raises `IntegrityFault` where a statement did not count when it was taken, by the directories that came with it."""
    own = open_directory(manifest.directory.encode())
    texts = [text.encode() for text in manifest.statements]
    ground = ground_of(manifest.seal.encode(), first_segment, known_directories(own, texts))
    for raw in texts:
        if read_envelope(raw, max_bytes=DIRECTORY_BYTES)[0].payload_type == own.payload_type:
            open_directory(raw, bytes.fromhex(own.root_key))
            continue
        try:
            checked(raw, ground)
        except RevokedFault:
            continue  # the platform took it before it was told of that; whoever looks is told that it does not count
        except IntegrityFault as fault:
            raise IntegrityFault(f"the platform gave a statement that does not count: {fault}") from fault


def _no_longer_given(manifest: _Manifest, held: Path) -> Iterator[Path]:
    """What people said that lies here and is none of what the platform gives now."""
    given = {hashlib.sha256(text.encode()).hexdigest() for text in manifest.statements}
    for path in held.glob(f"{'?' * 64}.dsse"):
        if path.stem not in given and is_said(read_file(path, DIRECTORY_BYTES, "a statement")):
            yield path


def _forget_said(manifest: _Manifest, held: Path) -> None:
    """What was said on questions that ended goes here too; anything else that is not given any more was refused before."""
    for path in list(_no_longer_given(manifest, held)):
        erase(RealDisk(), path)


def _check_nothing_taken_back(manifest: _Manifest, target: Path, log: LogWatch | None) -> None:
    """Raises `IntegrityFault` where a statement lies here that the platform does not give any more.

    But for decisions and replies, once the organisation removed all that they are about.
    """
    for path in _no_longer_given(manifest, target / "statements"):
        raw = read_file(path, DIRECTORY_BYTES, "a statement")
        about_questions = read_envelope(raw, max_bytes=DIRECTORY_BYTES)[0].payload_type in _ON_QUESTIONS
        if not (about_questions and _questions_ended(manifest, (target,))):
            detail = f"the platform does not give statement {path.stem[:16]}… any more, as it did before"
            raise IntegrityFault(detail) if log is None else log.refused("statement", detail, {"held.dsse": raw})


def _questions_ended(manifest: _Manifest, places: Sequence[Path]) -> bool:
    """Whether removals of the organisation, which were checked, name every finding of the session (`places`: its files)."""
    organisation = [pair for one in _removals(manifest) if one.by == "organisation" for pair in one.ranges]
    kinds: list[tuple[int, int]] = []
    for index in range(len(manifest.segments)) if organisation else ():
        frames = next((found for one in places if (found := _frames(one / segment_name(index))) is not None), [])
        kinds += [(frame.seq, frame.kind) for frame in frames]
    return questions_ended(kinds, organisation)


def _removals(manifest: _Manifest) -> tuple[Removal, ...]:
    read = [read_envelope(text.encode(), max_bytes=DIRECTORY_BYTES) for text in manifest.statements]
    return tuple(strict_json(body, Removal) for outer, body in read if outer.payload_type == Removal.payload_type)


def _check_nothing_lost(manifest: _Manifest, arriving: Path, target: Path) -> None:
    """Raises `IntegrityFault` where a segment came that is another record than the one here, or lacks a part without reason.

    What is damaged here is made good; what came damaged fails to verify.
    """
    removals = _removals(manifest)
    by_person, by_organisation = (
        Ranges(pair for one in removals if one.by == by for pair in one.ranges) for by in ("person", "organisation")
    )
    for index in range(len(manifest.segments)):
        before, after = (_frames(one / segment_name(index)) for one in (target, arriving))
        if before is None or after is None:
            continue
        if [one.leaf for one in before] != [one.leaf for one in after]:
            raise IntegrityFault("the platform gave other records than it gave before under the same seal")
        for old, new in zip(before, after, strict=True):
            excused = old.seq in by_organisation or (old.seq in by_person and is_redactable(old.kind))
            if old.flags == SEALED != new.flags and not excused:
                detail = f"the platform does not give the content of record {old.seq} any more, and no removal says why"
                raise IntegrityFault(detail)


def _frames(path: Path) -> list[Frame] | None:
    """All of a segment; None where it is damaged or not here."""
    if not path.exists():
        return None
    try:
        return [frame for frame, _ in read_segment(read_segment_file(path))]
    except IntegrityFault:
        return None


def _sweep(arriving: Path, manifest: _Manifest) -> None:
    """What an earlier try brought and is none of the session's files any more is gone, and overwritten."""
    names = {name for name, _ in _files(manifest)} | {name for name, _ in _texts(manifest)}
    parts = {f"{digest}.part" for _, digest in _files(manifest)}
    for path in [one for one in arriving.rglob("*") if one.is_file()]:
        if path.relative_to(arriving).as_posix() not in names and path.name not in parts:
            erase(RealDisk(), path)


def _check_opened(manifest: _Manifest, places: Sequence[Path], log: LogWatch | None) -> None:
    """Raises `IntegrityFault` where the trainer opened a record, nothing removed it since, and it is not given."""
    openings, removals = list[OpeningStatement](), list[Removal]()
    for text in manifest.statements:
        outer, body = read_envelope(text.encode(), max_bytes=DIRECTORY_BYTES)
        if outer.payload_type == OpeningStatement.payload_type:
            openings.append(strict_json(body, OpeningStatement))
        elif outer.payload_type == Removal.payload_type:
            removals.append(strict_json(body, Removal))
    opened = {seq for one in openings for seq in one.records}
    removed = Ranges(span for one in removals for span in one.ranges)
    for index in range(len(manifest.segments) if opened else 0):
        path = next(place / segment_name(index) for place in places if (place / segment_name(index)).exists())
        for frame, _ in read_segment(read_segment_file(path)):
            if frame.seq in opened and frame.flags == ABSENT and frame.seq not in removed:
                detail = f"it does not give record {frame.seq} of a session, which its trainer opened to the reviewers"
                raise IntegrityFault(detail) if log is None else log.refused("statement", detail, {})


def _check_logged(manifest: _Manifest, first_segment: bytes, logged: Sequence[bytes], log: LogWatch) -> None:
    """Raises `PlatformFault` where what is given about the session and what the log holds about it differ."""
    texts = (manifest.directory, manifest.seal, manifest.receipt, *manifest.statements)
    given = [one.encode() for one in texts]
    for raw in given:
        log.check_entered(raw)
    frame, _ = next(iter(read_segment(first_segment)), (None, 0))
    opening = public_body(frame) if frame is not None else None
    if isinstance(opening, Opening) and frame is not None and frame.kind == Kind.GRANT:
        log.check_entered(opening.envelope.encode())
    hidden = [raw for raw in logged if raw and raw not in given]
    if hidden:
        detail = "its log holds a statement about a session that it does not give with it"
        raise log.refused("statement", detail, {"held.dsse": hidden[0]})


def _is_whole(path: Path, digest: str) -> bool:
    """Whether the file is there with these very bytes."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == digest


def _move_in(arriving: Path, target: Path) -> None:
    """Gives the folder its name at once where it is new; else moves in file by file."""
    for stray in list(arriving.rglob("*.part")):
        stray.unlink()
    if not target.exists():
        arriving.rename(target)
        return
    found = [one for one in arriving.rglob("*") if one.is_file()]
    # what is said comes before what it explains, and a picture before the record that names it
    for path in sorted(found, key=lambda one: (one.suffix == ".fws", one.parent.name == BLOBS, one)):
        place = target / path.relative_to(arriving)
        place.parent.mkdir(mode=0o700, exist_ok=True)
        doomed = RealDisk().doom(place) if path.suffix == ".fws" and place.is_file() else None
        path.replace(place)
        if doomed is not None:
            doomed.erase()  # it was damaged, or held less or more than it should by now
    shutil.rmtree(arriving)


def _decoded(body: bytes, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise IntegrityFault("the platform's answer is not what it must be") from error


@contextmanager
def _said_plainly() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise environment_fault(error, "fetching the session") from error
