# SPDX-License-Identifier: Apache-2.0
"""Decisions and replies on their way to the platform and from it, and the head of the log that they name.

Rules:

1. A head of the organisation log counts only with the cosignature of the witness that the directory names.
2. The log only grows: a head that is smaller than the last one seen, or that does not continue it, is refused and named;
   both signed notes are kept, and the held one stays.
3. A statement is posted as it was signed. The same again is the same entry, so what broke off is simply posted again.
4. What comes from the platform is only taken in as what it claims to be; `session.verify.said` says what counts.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Annotated, Final

import msgspec

from session import EnvironmentFault, IntegrityFault
from session.events import Digest
from session.log.checkpoint import parse_checkpoint
from session.log.cosign import verify_cosignature
from session.log.merkle import verify_consistency
from session.log.note import MAX_NOTE_BYTES, parse_note
from session.ports import Outcome
from session.trust.directory import PAYLOAD_TYPE as DIRECTORY_TYPE
from session.trust.dsse import DIRECTORY_BYTES, read_envelope, strict_json
from session.trust.statements import Decision, Reply
from uploader.client import Answer, PlatformClient, Request
from uploader.organisation import Organisation
from uploader.transfer import session_path

_log = logging.getLogger("fairwitness.statements")

PAGE_BYTES: Final = 8 << 20
"""Bound of one page of news: the platform ends a page where it grows beyond half of that."""
DSSE: Final = "application/vnd.dsse+json"


class LogHead(msgspec.Struct, frozen=True):
    """Size and root (hexadecimal) of the organisation log, as statements name them: `log_size`, `log_root`."""

    size: int
    root: str


class Item(msgspec.Struct, frozen=True):
    """One decision or reply of a session, with its place in the organisation log.

    `directory` is the version under which the platform took it. It belongs into the session's `statements/` beside the
    envelope, named by its SHA-256 too, where it is not `statements/directory.dsse`: so the session verifies after the
    author has left. Whether the statement counts, `session.verify.said.checked` says.
    """

    index: int
    session: str
    envelope: bytes
    directory: bytes


class Page(msgspec.Struct, frozen=True):
    """What is new, oldest first. `next` is where to go on; nothing more is there where `items` is empty."""

    items: tuple[Item, ...]
    next: int


def log_head(client: PlatformClient, organisation: Organisation) -> LogHead:
    """The head of the organisation log now, kept durably as the last one seen.

    Raises:
        EnvironmentFault: the platform cannot be reached or does not allow it, or the disk refuses; says what to do.
        IntegrityFault: no head that the directory's witness cosigned, or one that takes back what was seen (rule 2).
    """
    held = _held_head(organisation)
    raw = _asked(client, Request("log", "GET", "/v1/log/checkpoint", most_bytes=MAX_NOTE_BYTES)).body
    head = _cosigned_head(raw, organisation)
    if held is not None:
        try:
            _check_continues(client, held, head)
        except IntegrityFault:
            _log.error("log=contradiction held=%d given=%d", held.size, head.size)
            organisation.keep_log_note(raw, contradicts=True)
            raise
    latest = _held_head(organisation)  # another program may have seen a later one while this answer was under way
    if latest is None or head.size > latest.size:
        organisation.keep_log_note(raw)
    return head


def post_statement(client: PlatformClient, session_id: str, envelope: bytes) -> Answer:
    """Posts a signed decision or reply; done when it stands in the organisation log, once, whoever posted it before."""
    path = session_path(session_id, "/statements")
    answer = client.send(Request("statement", "POST", path, envelope, content_type=DSSE))
    if answer.done:
        try:
            msgspec.json.decode(answer.body, type=_Entered)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            words = "What answered does not speak as the platform does. Check the platform's address and the proxy."
            return Answer(Outcome.RETRY, answer.status, words=words, malformed=True)
    return answer


def news(client: PlatformClient, after: int) -> Page:
    """Decisions and replies that concern this person and stand after the place `after` (0 for all) in the log.

    Raises:
        EnvironmentFault: the platform cannot be reached or does not allow it; says what to do.
        IntegrityFault: the answer is no page of decisions and replies, or goes backwards.
    """
    answer = _asked(client, Request("news", "GET", f"/v1/statements?after={after}", most_bytes=PAGE_BYTES))
    try:
        page = msgspec.json.decode(answer.body, type=_News)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise IntegrityFault("the platform's answer is not what it must be") from error
    places = [after, *(one.index for one in page.statements)]
    if places != sorted(set(places)) or page.next != places[-1]:
        raise IntegrityFault("the platform's list of statements is not in the order of its log")
    return Page(tuple(_item(one, page.directories) for one in page.statements), page.next)


class _Entered(msgspec.Struct, frozen=True):
    index: Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]


class _NewsItem(msgspec.Struct, frozen=True):
    index: Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
    session: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}\Z")]
    envelope: str
    directory: Digest


class _News(msgspec.Struct, frozen=True):
    statements: Annotated[tuple[_NewsItem, ...], msgspec.Meta(max_length=200)]
    next: int
    directories: Mapping[str, str]


class _Proof(msgspec.Struct, frozen=True):
    proof: Annotated[tuple[Digest, ...], msgspec.Meta(max_length=64)]


def _item(given: _NewsItem, directories: Mapping[str, str]) -> Item:
    raw = given.envelope.encode()
    outer, body = read_envelope(raw)
    kinds: dict[str, type[Decision | Reply]] = {Decision.payload_type: Decision, Reply.payload_type: Reply}
    kind = kinds.get(outer.payload_type)
    if kind is None or strict_json(body, kind).session != given.session:
        raise IntegrityFault("the platform gave a statement that is neither a decision nor a reply about this session")
    directory = directories.get(given.directory, "").encode()
    if read_envelope(directory, max_bytes=DIRECTORY_BYTES)[0].payload_type != DIRECTORY_TYPE:
        raise IntegrityFault("the platform gave a statement without the directory that it was taken under")
    return Item(given.index, given.session, raw, directory)


def _held_head(organisation: Organisation) -> LogHead | None:
    raw = organisation.log_note()
    return _read_head(raw, organisation.org_fp) if raw is not None else None


def _read_head(raw: bytes, org_fp: str) -> LogHead:
    checkpoint = parse_checkpoint(parse_note(raw).text)
    if checkpoint.origin != f"fairwitness/{org_fp}/log":
        raise IntegrityFault("a head is of another log than this organisation's")
    return LogHead(checkpoint.size, checkpoint.root.hex())


def _cosigned_head(raw: bytes, organisation: Organisation) -> LogHead:
    head = _read_head(raw, organisation.org_fp)
    platform = organisation.directory().platform
    note = parse_note(raw)
    lines = [one.line for one in note.signatures if one.name == platform.witness_name]
    if len(lines) != 1:
        raise IntegrityFault("the head of the organisation log is not cosigned by the witness that the directory names")
    verify_cosignature(note.text, lines[0], platform.witness_name, bytes.fromhex(platform.witness_key))
    return head


def _check_continues(client: PlatformClient, held: LogHead, head: LogHead) -> None:
    """Returns where `head` continues what was seen. Raises `IntegrityFault` that names what it does instead."""
    if head.size < held.size:
        raise IntegrityFault(
            f"the organisation log has {head.size} entries, and had {held.size} when it was last seen: rolled back"
        )
    forked = f"the organisation log does not continue the {held.size} entries that were seen before: forked"
    if head.size == held.size:
        if head.root != held.root:
            raise IntegrityFault(forked)
        return
    answer = client.send(Request("proof", "GET", f"/v1/log/consistency/{held.size}/{head.size}"))
    if answer.outcome is Outcome.NEVER:
        raise IntegrityFault(forked)
    if not answer.done:
        raise EnvironmentFault(answer.words)
    try:
        steps = [bytes.fromhex(step) for step in msgspec.json.decode(answer.body, type=_Proof).proof]
        verify_consistency(held.size, head.size, steps, bytes.fromhex(held.root), bytes.fromhex(head.root))
    except (msgspec.MsgspecError, UnicodeDecodeError, IntegrityFault) as error:
        raise IntegrityFault(forked) from error


def _asked(client: PlatformClient, request: Request) -> Answer:
    answer = client.send(request)
    if not answer.done:
        raise EnvironmentFault(answer.words)
    return answer
