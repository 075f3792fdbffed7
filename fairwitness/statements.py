# SPDX-License-Identifier: Apache-2.0
"""What people say about sessions, on this computer: signed once, sent until it stands in the log, and taken in.

Rules:

1. What a person signed is kept in `news/unsent/` until the platform says that it stands in the log, and is posted again as
   it was signed: an answer that was lost never makes a second decision or reply of one.
2. What the platform tells is checked before it is put into a session's folder; what does not count is named, and stays out.
   A removal (the organisation's under retention, or the person's from another computer) is carried out here too.
3. A session's folder never holds anything but the session: files are made beside it and moved in whole. What the trainer
   has opened is remembered in `news/seen/`, and how far the log was read in `news/place`.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import msgspec

from fairwitness.places import Places
from fairwitness.wiring import Enrolment
from session import EnvironmentFault, FairWitnessError, InputFault, IntegrityFault, PlatformFault
from session.crypto.signing import SigningKey
from session.disk import RealDisk, environment_fault, make_private, write_whole
from session.ports import Clock, Outcome
from session.retention import questions_ended
from session.seal import SEAL_BYTES, SEAL_NAME
from session.segments import read_file, read_segment_file, segment_name, session_frames
from session.trust.directory import open_directory
from session.trust.dsse import DIRECTORY_BYTES, STATEMENT_BYTES, read_envelope, strict_json
from session.trust.statements import Decision, Removal, Reply, open_statement, sign
from session.verify.said import checked, ground_of, known_directories, said
from uploader.client import PlatformClient
from uploader.folders import carry_out
from uploader.orglog import LogWatch
from uploader.statements import Item, is_said, news, post_statement

_LOG: Final = logging.getLogger("fairwitness.news")

TEXT_MOST: Final = 4096
"""Most characters of a reason or a reply. Source: docs/session-format.md, 10, and `session.events.Text`."""
SEEN_BYTES: Final = 1 << 20
_PLACE: Final = "place"
_OWN_DIRECTORY: Final = "directory.dsse"


class News(msgspec.Struct, frozen=True):
    """What came of asking. `sessions` have new decisions; `trouble` says in words what was in the way, "" for nothing."""

    sessions: tuple[str, ...] = ()
    trouble: str = ""


def take_news(enrolment: Enrolment, client: PlatformClient) -> News:
    """Puts what was said about sessions in the spool into their folders. Never raises for a platform that is away or lies.

    Sessions that are not here are passed over. Goes on where an earlier call ended; a call that broke off is repeated by
    the next one without harm.
    """
    places, told, trouble = enrolment.places, dict[str, None](), ""
    organisation = enrolment.organisation
    try:
        log = LogWatch(client, organisation)
        begin, head = _place(places, organisation.org_fp), log.head()
        given, lie = _given(client, log, begin, head.size)
        for item in given:
            try:
                if _taken(enrolment, item):
                    told[item.session] = None
            except IntegrityFault as fault:
                _LOG.warning("refused=statement index=%d", item.index)
                trouble = f"The platform told of a statement that does not count, and it was left out: {fault}."
        if lie is not None:
            raise lie
        _check_all_told(enrolment, log, begin, head.size, given)
        keep(news_folder(places), _PLACE, f"{organisation.org_fp} {head.size}\n".encode())
    except FairWitnessError as fault:
        trouble = str(fault)
    return News(tuple(told), trouble)


def _given(client: PlatformClient, log: LogWatch, begin: int, size: int) -> tuple[tuple[Item, ...], PlatformFault | None]:
    """What the platform tells from place `begin` of its log to `size` and was shown to stand there, and the first lie."""
    given: list[Item] = []
    lie: PlatformFault | None = None
    after = max(0, begin - 1)  # place 0 of every log is the organisation's first directory
    while (page := news(client, after)).items:
        for item in page.items:
            try:
                place = log.check_entered(item.envelope) if item.index < size else item.index
                if place != item.index:
                    detail = f"it tells of a statement as entry {item.index} of its log, and it is entry {place}: reordered"
                    raise log.refused("statement", detail, {"given.dsse": item.envelope})
            except PlatformFault as fault:
                lie = lie or fault
            else:
                given += [item] if item.index < size else []
        after = page.next
    return tuple(given), lie


def _check_all_told(enrolment: Enrolment, log: LogWatch, begin: int, size: int, given: Sequence[Item]) -> None:
    """Raises `PlatformFault` where the log holds what was not told, or keeps back what no removal explains."""
    told = {item.index for item in given}
    kept_back: set[str] = set()
    for one in log.entries(begin):
        if not one.statement:
            kept_back.add(one.session)
            continue
        log.take_directory(one)
        if one.index < size and one.index not in told and is_said(one.statement):
            detail = "its log holds a statement about one of your sessions that it does not tell of"
            raise log.refused("statement", detail, {"held.dsse": one.statement})
    for session_id in kept_back:
        ranges = _removed_by_organisation(session_id, given, enrolment.organisation.root_public)
        kinds = _kinds(enrolment.places.spool / session_id)
        if not ranges or (kinds and not questions_ended(kinds, ranges)):
            detail = "its log keeps back what was said about a session, and no removal of the organisation says why"
            raise log.refused("statement", detail, {})


def _kinds(folder: Path) -> list[tuple[int, int]]:
    """Seq and type of each record of a session here; none where it is not here, or damaged, which verifying says."""
    with suppress(IntegrityFault):
        return [(frame.seq, frame.kind) for _, _, frame in session_frames(folder)] if folder.is_dir() else []
    return []


def _removed_by_organisation(session_id: str, given: Sequence[Item], root_public: bytes) -> list[tuple[int, int]]:
    """The ranges that removals of the root key among what was told name."""
    found: list[tuple[int, int]] = []
    for item in given:
        with suppress(IntegrityFault):
            removal = open_statement(item.envelope, Removal, root_public)
            found += removal.ranges if (removal.session, removal.by) == (session_id, "organisation") else ()
    return found


def reply(  # noqa: PLR0913 - who, by which way, to what, in which words, when
    enrolment: Enrolment, client: PlatformClient, folder: Path, decision_sha256: str, text: str, *, clock: Clock
) -> None:
    """Signs and sends the trainer's reply to a decision on the session in `folder`, and puts it there.

    Raises:
        InputFault: no words, too many, or no such decision; names the field.
        EnvironmentFault: the platform cannot be reached or does not take it. What was signed is posted when asked again.
        IntegrityFault: the platform's log is not what it was.
    """
    words = worded("text", text)
    found = said(folder, enrolment.organisation.directory())
    if decision_sha256 not in {one.sha256 for one in found.decisions}:
        raise InputFault("decision: there is no such decision on this session.")

    log = LogWatch(client, enrolment.organisation)

    def signed() -> bytes:
        head = log.head()
        return sign(
            Reply(
                organisation=enrolment.organisation.org_fp,
                session=folder.name,
                decision_sha256=decision_sha256,
                text=words,
                person=enrolment.identity.person,
                at_us=clock.read().t_us,
                log_size=head.size,
                log_root=head.root,
            ),
            person_key(enrolment),
        )

    raw = send_once(enrolment, client, folder.name, (decision_sha256, words), signed)
    with suppress(EnvironmentFault):  # it was posted, and a line that breaks now takes nothing back
        log.check_entered(raw)
    move_in(enrolment.places, folder, raw)


def unread(places: Places, folder: Path) -> int:
    """How many decisions on the session in `folder` the trainer has not opened. Cheap: most folders hold none."""
    seen = _seen(places, folder.name)
    return sum(_is_decision(path) for path in _later(folder) if path.stem not in seen)


def mark_read(places: Places, session_id: str, decisions: Iterable[str]) -> None:
    """The trainer has seen these decisions (SHA-256 of each, hexadecimal), durably; what came meanwhile stays unread.

    Raises:
        EnvironmentFault: it cannot be kept.
    """
    here = {path.stem for path in _later(places.spool / session_id)}
    names = sorted(here & (_seen(places, session_id) | set(decisions)))
    keep(news_folder(places) / "seen", session_id, "".join(f"{name}\n" for name in names).encode())


def worded(field: str, text: str) -> str:
    """What a person wrote, without space around it. Raises `InputFault` that names `field` where it is none or too much."""
    words = text.strip()
    if not words:
        raise InputFault(f"{field}: please write some words.")
    if len(words) > TEXT_MOST:
        raise InputFault(f"{field}: {len(words)} characters are more than the {TEXT_MOST} that fit. Please shorten it.")
    return words


def person_key(enrolment: Enrolment) -> SigningKey:
    """The key by which this person signs what they say. Raises `EnvironmentFault` where it is missing."""
    name = f"person/{enrolment.organisation.org_fp}/signing"
    seed = enrolment.places.key_store().get(name)
    if seed is None:
        raise EnvironmentFault("Your key is missing on this computer. Ask your organisation for a new enrolment link.")
    return SigningKey.from_seed(seed, name)


def send_once(
    enrolment: Enrolment, client: PlatformClient, session_id: str, about: tuple[str, ...], signed: Callable[[], bytes]
) -> bytes:
    """Posts what `signed` makes, or what it made before for the same `about`; returns it once it stands in the log.

    Raises:
        EnvironmentFault: the platform cannot be reached (it is kept, rule 1), or refuses it (it is not).
    """
    unsent = news_folder(enrolment.places) / "unsent"
    name = hashlib.sha256(msgspec.json.encode((session_id, *about))).hexdigest()
    path = unsent / f"{name}.dsse"
    held = path.is_file()
    raw = read_file(path, STATEMENT_BYTES, "what was signed and not sent yet") if held else signed()
    if not held:
        keep(unsent, path.name, raw)
    answer = post_statement(client, session_id, raw)
    if answer.outcome is Outcome.RETRY:
        raise EnvironmentFault(answer.words)
    with _said_plainly():
        RealDisk().unlink(path)
    if answer.done:
        return raw
    if held and answer.outcome is Outcome.NEVER:  # it grew too old to be taken, so it never stood in the log
        return send_once(enrolment, client, session_id, about, signed)
    raise EnvironmentFault(answer.words)


def keep_unsent(places: Places, raw: bytes) -> str:
    """Keeps what was signed until `drop_unsent`; returns its name. Raises `EnvironmentFault`."""
    name = f"{hashlib.sha256(raw).hexdigest()}.dsse"
    keep(news_folder(places) / "unsent", name, raw)
    return name


def unsent_of(places: Places, payload_type: str) -> tuple[tuple[str, bytes], ...]:
    """Names and envelopes of one kind that were signed and kept. Raises `EnvironmentFault`."""
    found = []
    for path in sorted((news_folder(places) / "unsent").glob("*.dsse")):
        with suppress(IntegrityFault):  # not what was written: `send_once` of its kind would replace it
            raw = read_file(path, STATEMENT_BYTES, "what was signed and not sent yet")
            found += [(path.name, raw)] if _kind(raw) == payload_type else []
    return tuple(found)


def drop_unsent(places: Places, name: str) -> None:
    """It needs no keeping any more. Raises `EnvironmentFault`."""
    with _said_plainly():
        RealDisk().unlink(news_folder(places) / "unsent" / name)


def move_in(places: Places, folder: Path, raw: bytes) -> bool:
    """The statement lies in the session's folder by its digest; False where it did before. Raises `EnvironmentFault`."""
    name = f"{hashlib.sha256(raw).hexdigest()}.dsse"
    target = folder / "statements" / name
    if target.exists():
        return False
    beside = news_folder(places)
    keep(beside, name, raw)
    with _said_plainly():
        disk = RealDisk()
        disk.rename(beside / name, target)
        disk.fsync_dir(target.parent)
    return True


def _taken(enrolment: Enrolment, item: Item) -> bool:
    """Puts one statement and its directory where they belong; whether it is a decision that was not there before."""
    folder = enrolment.places.spool / item.session
    if not (folder / SEAL_NAME).is_file():
        return False
    root = enrolment.organisation.root_public
    open_directory(item.directory, root)
    own = read_file(folder / "statements" / _OWN_DIRECTORY, DIRECTORY_BYTES, "the session's directory")
    ground = ground_of(
        read_file(folder / SEAL_NAME, SEAL_BYTES, "the seal"),
        read_segment_file(folder / segment_name(0)),
        known_directories(enrolment.organisation.directory(), (own, item.directory)),
    )
    checked(item.envelope, ground)
    if item.directory != own:
        move_in(enrolment.places, folder, item.directory)
    is_new = move_in(enrolment.places, folder, item.envelope)
    if _kind(item.envelope) == Removal.payload_type:
        carry_out(folder, strict_json(read_envelope(item.envelope)[1], Removal))
    return is_new and _kind(item.envelope) == Decision.payload_type


def _later(folder: Path) -> Iterator[Path]:
    """The statements that were made after the seal, and the directories that came with them."""
    yield from (folder / "statements").glob(f"{'?' * 64}.dsse")


def _is_decision(path: Path) -> bool:
    try:
        return _kind(read_file(path, DIRECTORY_BYTES, "a statement")) == Decision.payload_type
    except IntegrityFault:
        return False  # `verify` names it


def _kind(raw: bytes) -> str:
    return read_envelope(raw, max_bytes=DIRECTORY_BYTES)[0].payload_type


def news_folder(places: Places) -> Path:
    """Where statements on their way lie."""
    return places.folder / "news"


def _place(places: Places, org_fp: str) -> int:
    """How many entries of this organisation's log were compared; 0 where the file says nothing of it."""
    path = news_folder(places) / _PLACE
    if not path.is_file():
        return 0
    named, _, index = read_file(path, 256, "how far the log was read").decode("ascii", "replace").strip().partition(" ")
    return int(index) if named == org_fp and index.isascii() and index.isdigit() else 0


def _seen(places: Places, session_id: str) -> frozenset[str]:
    path = news_folder(places) / "seen" / session_id
    if not path.is_file():
        return frozenset()
    return frozenset(read_file(path, SEEN_BYTES, "what you have opened").decode("ascii", "replace").split())


def keep(folder: Path, name: str, octets: bytes) -> None:
    """`folder/name` holds `octets`, durably. Raises `EnvironmentFault`."""
    with _said_plainly():
        make_private(folder)
        write_whole(RealDisk(), folder, name, octets)


@contextmanager
def _said_plainly() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise environment_fault(error, "keeping what was said about a session") from error
