# SPDX-License-Identifier: Apache-2.0
"""Sends one sealed session: ask what is missing, put each file by its digest, put the seal, keep the receipt.

Rules:

1. What leaves is `sent_segments` and `sent_blobs`: withheld types as commitments, and no picture that was removed.
2. Every request may be repeated and may have been answered unheard. The platform says what it has; nothing is believed
   to be there but by its 200 or 201, and what it has is not sent again. So delivery is at least once, its effect once.
3. What was taken out after the seal is taken out here first, and its signed removals go with the seal.
4. Nothing else is deleted. What went wrong goes into the outbox as one of the outcomes of `uploader.client`.
5. A platform that has no room for a file (413) has none today: what was recorded waits, seldom asks again, and goes up by
   itself once its admin made room or other sessions of this person were sealed.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from session import EnvironmentFault, IntegrityFault, PlatformFault
from session.events import Digest, Kind
from session.ports import OutboxItem, Outcome
from session.redact import sent_blobs, sent_segments
from session.seal import SEAL_BYTES, Seal
from session.segments import BLOBS, read_file
from session.trust.dsse import DIRECTORY_BYTES, STATEMENT_BYTES, read_envelope, strict_json
from uploader.client import Answer, PlatformClient, Request
from uploader.folders import DIRECTORY, POLICY, SEAL, carry_out, removals_of
from uploader.orglog import LogWatch
from uploader.outbox import DurableOutbox
from uploader.receipts import UnknownKeyFault, keep_directory

_log = logging.getLogger("fairwitness.transfer")

DIGESTS_MOST: Final = 1000
"""Digests in one question. Source: docs/architecture.md, The platform's interface."""
FILE_BYTES_MOST: Final = 20 * 1024 * 1024
"""Largest file that the platform takes. Source: as above."""
ROUNDS: Final = 3
"""How often one attempt follows a 409 `missing`."""
NO_ROOM_US: Final = 3_600_000_000
"""Pause where the platform has no room: a person makes some, so asking more often brings nothing sooner. As long as the
outbox lets any wait be."""

_ANOTHER_SEAL: Final = (
    "The platform holds another seal for this session, and takes one only. Keep this copy and ask your organisation's admin."
)
_UNKNOWN_FILES: Final = "The platform asks for files that this session does not have. Ask your organisation's admin."
_STILL_MISSING: Final = "The platform says again and again that files are missing. It will be tried again by itself."
_REMOVED_MEANWHILE: Final = "Something was taken out of this session while it was sent. It will be sent again by itself."
_NO_ROOM: Final = (
    "The platform has no room for more of your sessions. Nothing is lost: this one stays on this computer, and goes up by "
    "itself once there is room. Ask your organisation's admin to make some."
)
_TOO_LARGE: Final = (
    "A file of this session is larger than the platform, or a proxy before it, lets through. Nothing is lost: it stays on "
    "this computer, and goes up by itself once that is allowed. Ask your organisation's admin to raise the limit."
)
_CHANGED: Final = "A file arrived changed. It will be sent again by itself."


class _MissingBody(msgspec.Struct, frozen=True):
    missing: tuple[Digest, ...]


class _Halted(Exception):  # noqa: N818 - never leaves this module
    """This attempt is over; `answer` says how it goes on."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.words)
        self.answer = answer


def session_path(session_id: str, tail: str = "") -> str:
    """Address of a session's resource on the platform."""
    return f"/v1/sessions/{session_id}{tail}"


def send(
    item: OutboxItem,
    client: PlatformClient,
    outbox: DurableOutbox,
    *,
    between: Callable[[], bool] = lambda: True,
    log: LogWatch | None = None,
) -> Outcome:
    """One attempt at a claimed session; the outbox holds its result when this returns.

    Args:
        item: as `DurableOutbox.claim` gave it.
        client: of the platform that granted the session.
        outbox: gets each file that arrived, and the result.
        between: called between two requests; False ends the attempt in good order.
        log: the receipt is held to it; what does not fit is kept as evidence. None: only to the receipt key and the seal.

    Returns:
        DONE: confirmed, with its receipt in the session's folder. RETRY: waits. STOP: waits for a person. NEVER: refused.
    """
    try:
        answer = _settled(item, _Delivery(item, client, outbox, between).receipt(), outbox, log)
    except _Halted as halt:
        answer = halt.answer
    except IntegrityFault as fault:
        answer = Answer(Outcome.NEVER, words=f"This session's files are damaged and were not sent: {fault}")
    except EnvironmentFault as fault:
        answer = Answer(Outcome.RETRY, words=str(fault))
    _note(item.session_id, answer, outbox)
    return answer.outcome


def _settled(item: OutboxItem, receipt: bytes, outbox: DurableOutbox, log: LogWatch | None) -> Answer:
    try:
        if log is not None:
            log.check_receipt(receipt)
        try:
            outbox.settle(item.session_id, receipt)
        except UnknownKeyFault:
            naming = log.directory_naming(read_envelope(receipt)[0].signatures[0].keyid) if log is not None else None
            if naming is None:
                raise
            keep_directory(item.folder, naming)
            outbox.settle(item.session_id, receipt)
    except PlatformFault as fault:
        return Answer(Outcome.RETRY, words=str(fault), malformed=True)
    except IntegrityFault as fault:
        if log is not None:
            seal = read_file(item.folder / SEAL, SEAL_BYTES, "the seal")
            detail = f"its receipt does not verify ({str(fault).rstrip('.')})"
            words = str(log.refused("receipt", detail, {"given.dsse": receipt, "seal.dsse": seal}))
            return Answer(Outcome.RETRY, words=words, malformed=True)
        return Answer(Outcome.RETRY, words=f"The platform's receipt does not verify: {fault}", malformed=True)
    return Answer(Outcome.DONE)


def _note(session_id: str, answer: Answer, outbox: DurableOutbox) -> None:
    if answer.done:
        pass  # settle wrote it
    elif answer.outcome is Outcome.RETRY:
        outbox.put_off(session_id, answer.words, retry_after_us=answer.retry_after_us, malformed=answer.malformed)
    elif answer.outcome is Outcome.STOP:
        outbox.stop(session_id, answer.words)
    else:
        outbox.refuse(session_id, answer.words)
    _log.info("session=%s status=%d", answer.outcome, answer.status)


class _Delivery:
    """One attempt."""

    def __init__(self, item: OutboxItem, client: PlatformClient, outbox: DurableOutbox, between: Callable[[], bool]) -> None:
        self._session_id, self._folder = item.session_id, item.folder
        self._client, self._outbox, self._between = client, outbox, between
        self._seal_text = read_file(self._folder / SEAL, SEAL_BYTES, "the seal")
        self._seal = strict_json(read_envelope(self._seal_text, max_bytes=SEAL_BYTES)[1], Seal)
        self._withheld = _kinds(self._seal.withheld)
        self._removals = removals_of(self._folder)
        for _, removal in self._removals:  # one that was cut short: the platform takes no removal of what is sent with it
            carry_out(self._folder, removal)
        self._segments = {sha256: len(segment) for sha256, segment in sent_segments(self._folder, self._withheld)}
        self._blobs = tuple(dict.fromkeys(sent_blobs(self._folder, self._withheld)))

    def receipt(self) -> bytes:
        """Puts all there is to put. Returns the platform's receipt, unverified."""
        total = sum(self._segments.values()) + sum(self._size_bytes(one) for one in self._blobs)
        self._outbox.begin(self._session_id, total)
        missing = self._ask_missing()
        for _ in range(ROUNDS):
            self._put_files(missing)
            answer = self._ask("seal", "PUT", "/seal", self._seal_body())
            if answer.done:
                return answer.body
            if answer.status == 409 and answer.code == "missing":
                missing = self._listed(answer)
                self._outbox.unmark(self._session_id, sorted(missing))
            elif answer.status == 409 and answer.code == "sealed":
                raise _Halted(msgspec.structs.replace(answer, words=_ANOTHER_SEAL))
            else:
                raise _Halted(answer)
        raise _Halted(Answer(Outcome.RETRY, words=_STILL_MISSING))

    def _ask_missing(self) -> set[str]:
        """What the platform does not have; what it has is marked as sent."""
        digests = [*self._segments, *self._blobs]
        missing: set[str] = set()
        for begin in range(0, len(digests), DIGESTS_MOST):
            some = digests[begin : begin + DIGESTS_MOST]
            answer = self._ask("missing", "POST", "/missing", msgspec.json.encode({"digests": some}))
            if not answer.done:
                raise _Halted(answer)
            missing |= self._listed(answer)
        return missing

    def _put_files(self, missing: Collection[str]) -> None:
        marked = self._outbox.sent(self._session_id)
        for sha256, size_bytes, read in self._files():
            if sha256 in missing:
                answer = self._ask("file", "PUT", f"/blobs/{sha256}", read(), kind="application/octet-stream")
                if answer.status == 409 and answer.code == "sealed":
                    return  # an earlier seal arrived unheard: putting it again gives the receipt, or the refusal
                if answer.status == 422 and answer.code == "digest":
                    answer = Answer(Outcome.RETRY, answer.status, words=_CHANGED, malformed=True)
                if answer.status == 413:
                    words = _NO_ROOM if answer.code == "quota" else _TOO_LARGE
                    answer = Answer(Outcome.RETRY, answer.status, words=words, retry_after_us=NO_ROOM_US)
                if not answer.done:
                    raise _Halted(answer)
            if sha256 in missing or sha256 not in marked:
                self._outbox.mark_sent(self._session_id, sha256, size_bytes)

    def _files(self) -> Iterator[tuple[str, int, Callable[[], bytes]]]:
        """Each file as digest, size, and how to read it; one segment in memory at a time."""
        for sha256, segment in sent_segments(self._folder, self._withheld):
            yield sha256, len(segment), lambda whole=segment: whole  # type: ignore[misc] # binds this segment
        for sha256 in self._blobs:
            path = self._blob_path(sha256)
            yield sha256, self._size_bytes(sha256), lambda one=path: _checked_blob(one)  # type: ignore[misc] # as above

    def _seal_body(self) -> bytes:
        directory = read_file(self._folder / DIRECTORY, DIRECTORY_BYTES, "the directory")
        policy = read_file(self._folder / POLICY, STATEMENT_BYTES, "the policy")
        body: dict[str, object] = {
            "seal": self._seal_text.decode(),
            "segments": list(self._segments),
            "directory": hashlib.sha256(directory).hexdigest(),
            "policy": hashlib.sha256(policy).hexdigest(),
        }
        if self._removals:
            body["removals"] = [raw.decode() for raw, _ in self._removals]
        return msgspec.json.encode(body)

    def _listed(self, answer: Answer) -> set[str]:
        try:
            listed = set(msgspec.json.decode(answer.body, type=_MissingBody).missing)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise _Halted(Answer(Outcome.RETRY, answer.status, words=_STILL_MISSING, malformed=True)) from None
        if not listed <= {*self._segments, *self._blobs}:
            raise _Halted(Answer(Outcome.NEVER, answer.status, words=_UNKNOWN_FILES))
        return listed

    def _ask(self, what: str, method: str, tail: str, body: bytes, *, kind: str = "application/json") -> Answer:
        if not self._between():
            raise _Halted(Answer(Outcome.RETRY))
        if len(body) > FILE_BYTES_MOST:
            raise IntegrityFault(f"a file has {len(body)} bytes, more than a platform takes")
        path = session_path(self._session_id, tail)
        return self._client.send(Request(what, method, path, body, content_type=kind))

    def _blob_path(self, sha256: str) -> Path:
        return self._folder / BLOBS / sha256

    def _size_bytes(self, sha256: str) -> int:
        """Of a picture. Raises `_Halted` where it was removed since this attempt began, else `IntegrityFault`."""
        try:
            if self._blob_path(sha256).is_file():
                return self._blob_path(sha256).stat().st_size
        except FileNotFoundError:
            pass  # between the two: as if it had not been there
        if len(removals_of(self._folder)) > len(self._removals):
            raise _Halted(Answer(Outcome.RETRY, words=_REMOVED_MEANWHILE))
        raise IntegrityFault(f"the picture {sha256[:12]}… is gone without a removal")


def _kinds(names: Sequence[str]) -> frozenset[Kind]:
    try:
        return frozenset(Kind[name] for name in names)
    except KeyError as error:
        raise IntegrityFault("the seal withholds a type that this version does not know") from error


def _checked_blob(path: Path) -> bytes:
    whole = read_file(path, FILE_BYTES_MOST, "a picture")
    if hashlib.sha256(whole).hexdigest() != path.name:
        raise IntegrityFault(f"the picture {path.name[:12]}… is not what the record names")
    return whole
