# SPDX-License-Identifier: Apache-2.0
"""What people say about sealed sessions (`session.verify.said.KINDS`) on its way to the platform and from it.

Rules:

1. A statement is posted as it was signed. The same again is the same entry, so what broke off is simply posted again.
2. What comes from the platform is only taken in as what it claims to be; `session.verify.said` says what counts, and
   `uploader.orglog` holds it to the log.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Annotated, Final

import msgspec

from session import EnvironmentFault, IntegrityFault
from session.events import Digest
from session.ports import Outcome
from session.trust.directory import PAYLOAD_TYPE as DIRECTORY_TYPE
from session.trust.dsse import DIRECTORY_BYTES, read_envelope, strict_json
from session.verify.said import KINDS, PAYLOAD_TYPES
from uploader.client import Answer, PlatformClient, Request
from uploader.transfer import session_path

_log = logging.getLogger("fairwitness.statements")

PAGE_BYTES: Final = 8 << 20
"""Bound of one page of news: the platform ends a page where it grows beyond half of that."""
DSSE: Final = "application/vnd.dsse+json"


class Item(msgspec.Struct, frozen=True):
    """One statement about a session, with its place in the organisation log.

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


def is_said(raw: bytes) -> bool:
    """Whether the envelope claims to be what people say about a session. Raises `IntegrityFault` where it is none."""
    return read_envelope(raw, max_bytes=DIRECTORY_BYTES)[0].payload_type in PAYLOAD_TYPES


def post_statement(client: PlatformClient, session_id: str, envelope: bytes) -> Answer:
    """Posts a signed statement; done when it stands in the organisation log, once, whoever posted it before."""
    path = session_path(session_id, "/statements")
    return checked_entry(client.send(Request("statement", "POST", path, envelope, content_type=DSSE)))


def checked_entry(answer: Answer) -> Answer:
    """`answer`, where it names a place in the organisation log as it must once it is done; else one that says to retry."""
    if answer.done:
        try:
            msgspec.json.decode(answer.body, type=_Entered)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            words = "What answered does not speak as the platform does. Check the platform's address and the proxy."
            return Answer(Outcome.RETRY, answer.status, words=words, malformed=True)
    return answer


def news(client: PlatformClient, after: int) -> Page:
    """Statements that concern this person and stand after the place `after` (0 for all) in the log.

    Raises:
        EnvironmentFault: the platform cannot be reached or does not allow it; says what to do.
        IntegrityFault: the answer is no page of statements, or goes backwards.
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


def _item(given: _NewsItem, directories: Mapping[str, str]) -> Item:
    raw = given.envelope.encode()
    outer, body = read_envelope(raw)
    kind = next((one for one in KINDS if one.payload_type == outer.payload_type), None)
    if kind is None or strict_json(body, kind).subject != given.session:
        raise IntegrityFault("the platform gave a statement that is none of those about this session")
    directory = directories.get(given.directory, "").encode()
    if read_envelope(directory, max_bytes=DIRECTORY_BYTES)[0].payload_type != DIRECTORY_TYPE:
        raise IntegrityFault("the platform gave a statement without the directory that it was taken under")
    return Item(given.index, given.session, raw, directory)


def _asked(client: PlatformClient, request: Request) -> Answer:
    answer = client.send(request)
    if not answer.done:
        raise EnvironmentFault(answer.words)
    return answer
