# SPDX-License-Identifier: Apache-2.0
"""The organisation log as this computer saw it: what the platform may never take back, and how each client holds it to that.

Rules:

1. A head counts only with the cosignature of the witness that the directory names.
2. The log only grows: a head that is smaller than the last one seen, or that does not continue it, is refused and named.
   The held one stays.
3. A statement counts as entered where its leaf is in a head that was checked, and the head that it names is a prefix of
   that: two people who were shown two logs find out as soon as one reads what the other signed.
4. What the log holds about a session and what is served about it are the same, or the difference is named.
5. Whatever breaks a rule is kept as evidence (`uploader.evidence`) and is the platform's fault, nobody else's.

What it cannot see: an entry that is shown to nobody whom it concerns. Its leaf is in the log; whose it is, only its author
can say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Annotated, Final

import msgspec

from session import EnvironmentFault, InputFault, IntegrityFault, PlatformFault
from session.events import Digest
from session.log.checkpoint import parse_checkpoint
from session.log.cosign import verify_cosignature
from session.log.merkle import leaf_hash, verify_consistency, verify_inclusion
from session.log.note import COSIGNATURE_V1, MAX_NOTE_BYTES, key_id, parse_note
from session.ports import Outcome
from session.trust.directory import PAYLOAD_TYPE as DIRECTORY_TYPE
from session.trust.directory import open_directory
from session.trust.dsse import DIRECTORY_BYTES, read_envelope, strict_json
from session.trust.statements import LogHead, Receipt, named_head
from uploader.client import Answer, PlatformClient, Request
from uploader.organisation import Organisation
from uploader.receipts import receipt_keyid

PAGE_BYTES: Final = 8 << 20
"""Bound of one page of entries: the platform ends a page where it grows beyond half of that."""
PAGES_MOST: Final = 10_000
_DAMAGED: Final = (
    "log.note: what this computer kept of the organisation log is damaged. Tell your organisation's admin, then move that "
    "file out of the folder organisation of Fair Witness."
)
_Index = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
_Proof = Annotated[tuple[Digest, ...], msgspec.Meta(max_length=64)]


class Entry(msgspec.Struct, frozen=True):
    """One entry of the log whose place was proved: its kind in the platform's word, and the bytes as they were signed.

    `statement` is empty where the platform says that they went under retention, of a decision or reply on `session`: then
    its leaf alone was proved, and whoever reads on must see the organisation's removal that says so.
    """

    index: int
    kind: str
    statement: bytes
    session: str = ""


class _Consistency(msgspec.Struct, frozen=True):
    proof: _Proof


class _Inclusion(msgspec.Struct, frozen=True):
    index: _Index
    proof: _Proof


class _Row(msgspec.Struct, frozen=True):
    index: _Index
    kind: Annotated[str, msgspec.Meta(max_length=32)]
    statement: str
    proof: _Proof
    leaf: Digest | None = None
    session: Annotated[str, msgspec.Meta(pattern=r"^([0-9a-f]{32})?\Z")] = ""


class _Rows(msgspec.Struct, frozen=True):
    entries: Annotated[tuple[_Row, ...], msgspec.Meta(max_length=200)]


class LogWatch:
    """Holds the platform's log to what this computer saw of it. For one thread at a time.

    Args:
        client: of the platform.
        organisation: keeps the last head, and the evidence.
    """

    def __init__(self, client: PlatformClient, organisation: Organisation) -> None:
        self._client, self._organisation = client, organisation
        self._head: LogHead | None = None
        self._entered = b""  # the directory that was last shown to stand in the log
        self._continued: dict[int, str] = {}  # heads that were shown to be prefixes, by size

    def head(self) -> LogHead:
        """The head of the log now, kept durably as the last one seen.

        Raises:
            EnvironmentFault: the platform cannot be reached or does not allow it, or the disk refuses; says what to do.
            InputFault: the head that was kept is damaged on this computer.
            PlatformFault: no head that the directory's witness cosigned, or one that takes back what was seen.
        """
        organisation = self._organisation
        held = organisation.log_note()
        raw = self._asked(Request("log", "GET", "/v1/log/checkpoint", most_bytes=MAX_NOTE_BYTES)).body
        try:
            if _by_another_key(raw, organisation):  # the witness's may have been renewed this very moment
                self._take_newer_directory()
            head = _cosigned_head(raw, organisation)
        except IntegrityFault as fault:
            detail = f"the head of the organisation log that it gives is none ({str(fault).rstrip('.')})"
            raise organisation.contradiction("log", detail, {"given.note": raw}) from fault
        if held is not None:
            self._check_continues(self._head_held(held), head, {"given.note": raw, "held.note": held})
        while (met := self._kept(raw, head, held)) != held and met is not None:  # as in another thread or program
            self._check_beside(self._head_held(met), head, {"given.note": raw, "held.note": met})
            held = met
        self._head = head
        return head

    def _take_newer_directory(self) -> None:
        """Keeps a newer directory, where the platform has one. Raises `EnvironmentFault`, `PlatformFault`."""
        raw = self._asked(Request("directory", "GET", "/v1/directory", most_bytes=DIRECTORY_BYTES)).body
        self._organisation.offer(raw)

    def _kept(self, raw: bytes, head: LogHead, checked: bytes | None) -> bytes | None:
        """Keeps a head where it is larger than the held one and that is still the one it was `checked` against.

        Returns the one that was held, which another may have put there while this answer was under way.
        """
        met = checked

        def goes_on(held: bytes | None) -> bool:
            nonlocal met
            met = held
            return held is None or (held == checked and head.size > self._head_held(held).size)

        self._organisation.keep_log_note(raw, goes_on)
        return met

    def _head_held(self, raw: bytes) -> LogHead:
        """What this computer kept. Raises `InputFault` where its disk did not: nobody else is at fault then."""
        try:
            return read_head(raw, self._organisation.org_fp)
        except IntegrityFault as fault:
            raise InputFault(_DAMAGED) from fault

    def look(self) -> LogHead:
        """As `head`, and returns only where the directory that is held stands in the log, too. Raises as `check_entered`."""
        head, directory = self.head(), self._organisation.directory_text
        if directory != self._entered:
            self.check_entered(directory)
            self._entered = directory
        return head

    def take_directory(self, entry: Entry) -> None:
        """Keeps the directory that an entry holds, where it is newer than the one held: so none is hidden that is logged.

        Raises:
            PlatformFault: it is not the root key's, or another text of the version that is held.
            EnvironmentFault: it cannot be written.
        """
        if read_envelope(entry.statement, max_bytes=DIRECTORY_BYTES)[0].payload_type != DIRECTORY_TYPE:
            return
        try:
            version = open_directory(entry.statement, self._organisation.root_public).version
        except IntegrityFault as fault:
            detail = f"entry {entry.index} of its log is a directory that the root key did not sign"
            raise self.refused("directory", detail, {"given.dsse": entry.statement}) from fault
        if version >= self._organisation.directory().version:
            self._organisation.offer(entry.statement)

    def seen(self) -> LogHead:
        """The head that `head` gave last; asks for it where it was not asked yet. Raises as `head`."""
        return self._head or self.head()

    def check_named(self, named: LogHead, raw: bytes) -> None:
        """Returns where the head that the statement `raw` names is one that this log had.

        Raises:
            EnvironmentFault: the platform cannot be reached.
            PlatformFault: it is none: its author was shown another log.
        """
        head = self.seen()
        if named.size > head.size:
            head = self.head()
        if self._continued.get(named.size) == named.root:
            return
        parts = {"named-by.dsse": raw, "held.note": self._organisation.log_note() or b""}
        fork = f"a statement names a log of {named.size} entries that is no part of the log shown here: forked"
        if named.size > head.size:
            raise self._organisation.contradiction("log", fork, parts)
        self._check_prefix(named, head, fork, parts)

    def check_entered(self, raw: bytes, *, named: bool = True) -> int:
        """The place of the statement `raw` in the log, which was proved, as was the head that it names.

        Raises:
            EnvironmentFault: the platform cannot be reached.
            PlatformFault: it is not in the log, or `named` and its author was shown another log.
        """
        leaf = leaf_hash(raw)
        for again in (False, True):  # it may have been entered since the head that we hold
            head = self.head() if again else self.seen()
            answer = self._client.send(Request("proof", "GET", f"/v1/log/inclusion/{leaf.hex()}/{head.size}"))
            if answer.outcome is not Outcome.NEVER or answer.status != 404:
                break
        parts = {"given.dsse": raw, "held.note": self._organisation.log_note() or b""}
        absent = "a statement that it gives is not in the organisation log"
        if answer.outcome is Outcome.NEVER:
            raise self._organisation.contradiction("statement", absent, parts)
        if not answer.done:
            raise EnvironmentFault(answer.words)
        try:
            told = msgspec.json.decode(answer.body, type=_Inclusion)
            verify_inclusion(told.index, head.size, leaf, _steps(told.proof), bytes.fromhex(head.root))
        except (msgspec.MsgspecError, UnicodeDecodeError, IntegrityFault) as error:
            raise self._organisation.contradiction("statement", absent, {**parts, "proof.json": answer.body}) from error
        if named:
            self._check_named_by(raw, told.index)
        return told.index

    def check_receipt(self, raw: bytes) -> None:
        """Returns where the receipt in `raw` has a place in the log, and names a head that this log had.

        Whether it is the platform's, for this session, and whether its proof holds, is `uploader.receipts`'s to say.

        Raises:
            EnvironmentFault: the platform cannot be reached.
            PlatformFault: it has none, or names another log.
            IntegrityFault: it is no receipt.
        """
        if strict_json(read_envelope(raw)[1], Receipt).log_index < 0:
            detail = "its receipt has no place in the organisation log"
            raise self._organisation.contradiction("receipt", detail, {"given.dsse": raw})
        named = named_head(raw)
        if named is not None:
            self.check_named(named, raw)

    def directory_naming(self, keyid: str) -> bytes | None:
        """The first directory in the log, as signed, whose receipt key has this fingerprint; None where there is none.

        For a receipt whose key was renewed before it arrived here, by more directories than this computer ever held. Goes
        through all entries that concern this person, so it is for that case alone. Raises as `entries`.
        """
        root_public = self._organisation.root_public
        for entry in self.entries(0):
            if (
                entry.statement
                and read_envelope(entry.statement, max_bytes=DIRECTORY_BYTES)[0].payload_type == DIRECTORY_TYPE
            ):
                with suppress(IntegrityFault):  # one that the root key did not sign names nothing
                    if receipt_keyid(open_directory(entry.statement, root_public)) == keyid:
                        return entry.statement
        return None

    def refused(self, what: str, detail: str, parts: Mapping[str, bytes]) -> PlatformFault:
        """The fault to raise for what another check found, kept as evidence beside the last head."""
        return self._organisation.contradiction(what, detail, {**parts, "held.note": self._organisation.log_note() or b""})

    def entries(self, begin: int, *, session: str = "") -> Iterator[Entry]:
        """The entries from `begin` on and below `seen()` that concern this person (or, of them, one session), in order.

        Each was shown to stand in the log at its place, and the head that it names to be a prefix of it.

        Raises:
            EnvironmentFault: the platform cannot be reached.
            PlatformFault: an entry is not where the platform says, or they come out of order.
        """
        head, about = self.seen(), f"&session={session}" if session else ""
        for _ in range(PAGES_MOST):
            path = f"/v1/log/entries?begin={begin}&size={head.size}{about}"
            answer = self._asked(Request("entries", "GET", path, most_bytes=PAGE_BYTES))
            page = [self._proved(row, head, answer.body) for row in self._rows(answer.body, begin)]
            if not page:
                return
            yield from page
            begin = page[-1].index + 1

    def _rows(self, body: bytes, begin: int) -> tuple[_Row, ...]:
        try:
            rows = msgspec.json.decode(body, type=_Rows).entries
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise IntegrityFault("the platform's answer is not what it must be") from error
        places = [row.index for row in rows]
        if places != sorted(set(places)) or (places and places[0] < begin):
            raise self._organisation.contradiction("log", "it lists the log's entries out of order", {"given.json": body})
        return rows

    def _proved(self, row: _Row, head: LogHead, body: bytes) -> Entry:
        raw, gone = row.statement.encode(), not row.statement and row.leaf is not None and row.kind in {"decision", "reply"}
        leaf = bytes.fromhex(row.leaf) if gone and row.leaf is not None else leaf_hash(raw)
        try:
            verify_inclusion(row.index, head.size, leaf, _steps(row.proof), bytes.fromhex(head.root))
        except IntegrityFault as fault:
            detail = f"entry {row.index} of the organisation log is not what it says"
            parts = {"given.json": body, "held.note": self._organisation.log_note() or b""}
            raise self._organisation.contradiction("log", detail, parts) from fault
        if gone:
            return Entry(row.index, row.kind, b"", row.session)
        self._check_named_by(raw, row.index)
        return Entry(row.index, row.kind, raw)

    def _check_named_by(self, raw: bytes, index: int) -> None:
        """Returns where the statement at `index` names a head from before it that this log had, or names none."""
        try:
            named = named_head(raw)
        except IntegrityFault as fault:
            detail = f"entry {index} of the organisation log is no statement"
            raise self._organisation.contradiction("log", detail, {"given.dsse": raw}) from fault
        if named is None:
            return
        if named.size > index:
            detail = f"entry {index} of its log names {named.size} entries, and there were not as many before it"
            raise self._organisation.contradiction("log", detail, {"given.dsse": raw})
        self.check_named(named, raw)

    def _check_continues(self, held: LogHead, head: LogHead, parts: dict[str, bytes]) -> None:
        if head.size < held.size:
            detail = f"its log has {head.size} entries, and had {held.size} when it was last seen: rolled back"
            raise self._organisation.contradiction("log", detail, parts)
        forked = f"its log does not continue the {held.size} entries that were seen before: forked"
        self._check_prefix(held, head, forked, parts)

    def _check_beside(self, held: LogHead, head: LogHead, parts: dict[str, bytes]) -> None:
        """Two answers that were under way at the same time came in any order, and one continues the other all the same."""
        old, new = sorted((held, head), key=lambda one: one.size)
        forked = f"its logs of {old.size} and {new.size} entries, given at the same time, are not one log: forked"
        self._check_prefix(old, new, forked, parts)

    def _check_prefix(self, old: LogHead, head: LogHead, detail: str, parts: dict[str, bytes]) -> None:
        """Returns where `old` is proved to be a prefix of `head`. Raises `PlatformFault` with `detail` and `parts`."""
        proof: tuple[str, ...] = ()
        if 0 < old.size < head.size:
            answer = self._client.send(Request("proof", "GET", f"/v1/log/consistency/{old.size}/{head.size}"))
            if answer.outcome is Outcome.NEVER:
                raise self._organisation.contradiction("log", detail, parts)
            if not answer.done:
                raise EnvironmentFault(answer.words)
            parts = {**parts, "proof.json": answer.body}
            try:
                proof = msgspec.json.decode(answer.body, type=_Consistency).proof
            except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                raise self._organisation.contradiction("log", detail, parts) from error
        try:
            verify_consistency(old.size, head.size, _steps(proof), bytes.fromhex(old.root), bytes.fromhex(head.root))
        except IntegrityFault as error:
            raise self._organisation.contradiction("log", detail, parts) from error
        self._continued[old.size] = old.root

    def _asked(self, request: Request) -> Answer:
        answer = self._client.send(request)
        if not answer.done:
            raise EnvironmentFault(answer.words)
        return answer


def read_head(raw: bytes, org_fp: str) -> LogHead:
    """What the note in `raw` says, of this organisation's log; whose it is, is not checked. Raises `IntegrityFault`."""
    checkpoint = parse_checkpoint(parse_note(raw).text)
    if checkpoint.origin != f"fairwitness/{org_fp}/log":
        raise IntegrityFault("it is of another log than this organisation's")
    return LogHead(checkpoint.size, checkpoint.root.hex())


def head_seen(organisation: Organisation) -> LogHead:
    """The head that this computer saw last, for what is signed here; the empty one before the first, or where it is damaged.

    Asks nobody. Raises `EnvironmentFault` where it cannot be read.
    """
    raw = organisation.log_note()
    if raw is None:
        return LogHead()
    try:
        return read_head(raw, organisation.org_fp)
    except IntegrityFault:
        return LogHead()


def _by_another_key(raw: bytes, organisation: Organisation) -> bool:
    """Whether a line of the witness is there, by its key id of none but another key. Raises `IntegrityFault`: no note."""
    platform = organisation.directory().platform
    ours = key_id(platform.witness_name, COSIGNATURE_V1, bytes.fromhex(platform.witness_key))
    ids = [one.key_id for one in parse_note(raw).signatures if one.name == platform.witness_name]
    return bool(ids) and ours not in ids


def _cosigned_head(raw: bytes, organisation: Organisation) -> LogHead:
    head = read_head(raw, organisation.org_fp)
    platform = organisation.directory().platform
    note = parse_note(raw)
    lines = [one.line for one in note.signatures if one.name == platform.witness_name]
    if len(lines) != 1:
        raise IntegrityFault("it is not cosigned by the witness that the directory names")
    verify_cosignature(note.text, lines[0], platform.witness_name, bytes.fromhex(platform.witness_key))
    return head


def _steps(proof: tuple[str, ...]) -> list[bytes]:
    return [bytes.fromhex(step) for step in proof]
