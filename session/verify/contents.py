# SPDX-License-Identifier: Apache-2.0
"""Steps 13 and 14, for who holds a key: what is inside opens and keeps to its schema, and the hours add up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from session import IntegrityFault
from session.account import account, rules_of
from session.crypto.aead import MAX_BLOB_BYTES, RecordKey, content_key_commitment, open_blob
from session.crypto.hpke import ReadingKey, unwrap, wrap_info
from session.crypto.signing import fingerprint
from session.events import (
    DWELL_EDGES_MS,
    IKI_EDGES_MS,
    PAUSE_EDGES_MS,
    Ack,
    Answer,
    Capture,
    Clipboard,
    FindingRecord,
    KeyClass,
    Kind,
    Payload,
    Start,
    Stats,
    Summary,
)
from session.findings import State, Weight
from session.frames import SEALED, Frame, decode_payload, frame_key, open_frame, read_segment
from session.policy import Policy
from session.seal import Seal
from session.segments import BLOBS, MAX_SEGMENT_BYTES, blob_of
from session.table import TypeRule, rule_of
from session.trust.dsse import canonical_base64
from session.trust.openings import opened_for
from session.trust.statements import OpeningStatement
from session.verify.folder import Names, Source
from session.verify.later import withheld_rule
from session.verify.records import Records

_ACTIONS: Final = ("copy", "paste", "none")


class Contents(msgspec.Struct):
    """What step 13 read, as far as step 14 and the result need it."""

    opened: int = 0
    withheld_opened: int = 0
    findings: list[tuple[str, str, str]] = []
    findings_read: int = 0
    summary: Summary | None = None


class Keys(msgspec.Struct, frozen=True):
    """What a reader holds: content keys by class, and keys of single records by seq, which openings gave."""

    content: Mapping[str, bytes]
    single: Mapping[int, RecordKey]

    def of(self, frame: Frame, rule: TypeRule, session_id: bytes) -> RecordKey | None:
        """The key of one record, None where there is none for it."""
        content_key = self.content.get(rule.content_key)
        return self.single.get(frame.seq) if content_key is None else frame_key(frame, content_key, session_id)


def unwrapped_keys(records: Records, organisation: str, seal: Seal, key: ReadingKey) -> dict[str, bytes]:
    """The content keys that `key` opens: the trainer's from START, a reviewer's from the seal; none for another reader.

    Raises:
        IntegrityFault: what is wrapped for this key does not open, or is not what START commits to.
    """
    start = records.start
    recipient = fingerprint(key.public)
    wrapped: dict[str, str] = {one.key_class: one.wrapped for one in seal.wraps if one.recipient == recipient}
    if recipient == start.reader:
        wrapped = {"s": start.wrap_s, "w": start.wrap_w}
    return _committed(start, organisation, wrapped, key)


def _committed(start: Start, organisation: str, wrapped: Mapping[str, str], key: ReadingKey) -> dict[str, bytes]:
    info = wrap_info(organisation, start.session_id, start.policy_sha256, key.public, start.ckc_s, start.ckc_w)
    committed = {"s": start.ckc_s, "w": start.ckc_w}
    keys: dict[str, bytes] = {}
    for key_class, text in wrapped.items():
        content_key = unwrap(canonical_base64(text), key, info)
        if len(content_key) != 32 or content_key_commitment(key_class, content_key).hex() != committed[key_class]:
            raise IntegrityFault("a wrapped content key is not the one that START commits to")
        keys[key_class] = content_key
    return keys


def opened_keys(openings: Sequence[OpeningStatement], key: ReadingKey) -> dict[int, RecordKey]:
    """The keys of single records, by seq, that openings hold for `key`.

    Raises:
        IntegrityFault: what an opening holds for this key does not open.
    """
    found: dict[int, RecordKey] = {}
    for opening in openings:
        found |= opened_for(opening, key)
    return found


def check_contents(source: Source, names: Names, records: Records, policy: Policy, keys: Keys) -> tuple[Contents, str]:
    """Step 13. Every sealed part that these keys open is what was committed to, padded and spelled as the format says."""
    contents = Contents()
    withheld = withheld_rule(policy)
    session_id = bytes.fromhex(records.start.session_id)
    for name in names.segments:
        for frame, _ in read_segment(source.read(name, MAX_SEGMENT_BYTES)):
            rule = rule_of(frame.kind)
            if frame.flags != SEALED or rule is None:
                continue
            record_key = keys.of(frame, rule, session_id)
            if record_key is None:
                continue
            payload = open_frame(frame, record_key)
            contents.opened += 1
            contents.withheld_opened += withheld(frame.kind)
            body = decode_payload(payload, rule.body, rule.max_bytes) if rule.body is not None else None
            if body is not None:
                _check_event(body, frame, records, contents)
            if isinstance(body, FindingRecord) and body.shadow != int(policy.findings.shadow):
                raise IntegrityFault(f"record {frame.seq}: the policy says otherwise of findings on trial")
            if isinstance(body, Capture):
                _check_twin(body, frame.seq, records)
                _check_picture(source, body, frame, session_id)
    return contents, f"{contents.opened} sealed parts opened"


def _check_event(body: Payload, frame: Frame, records: Records, contents: Contents) -> None:
    what = broken_words(body)
    if what:
        raise IntegrityFault(f"record {frame.seq}: {what}")
    if isinstance(body, Ack) and body.policy_sha256 != records.start.policy_sha256:
        raise IntegrityFault(f"record {frame.seq}: the notice that was read is of another policy")
    if isinstance(body, FindingRecord):
        if any(seq >= frame.seq for seq in body.evidence):
            raise IntegrityFault(f"record {frame.seq}: a finding names records that are not before it")
        contents.findings_read += 1
        if not body.shadow:
            contents.findings.append((body.detector, body.state, body.weight))
    if isinstance(body, Answer) and (body.finding >= frame.seq or records.kinds[body.finding] != Kind.FINDING):
        raise IntegrityFault(f"record {frame.seq}: an answer to a finding that is not there")
    if isinstance(body, Summary):
        if contents.summary is not None:
            raise IntegrityFault(f"record {frame.seq}: a second summary")
        contents.summary = body


def broken_words(body: Payload) -> str:
    """What of a sealed part its schema alone does not say, and the format does, or "".

    Source: docs/session-format.md, Enumerations.
    """
    if isinstance(body, Stats):
        counts = (
            (body.keys, len(KeyClass)),
            (body.iki, len(IKI_EDGES_MS) + 1),
            (body.dwell, len(DWELL_EDGES_MS) + 1),
            (body.pauses, len(PAUSE_EDGES_MS) + 1),
            (body.pace, 2),
        )
        return "" if all(len(counted) in (0, size) for counted, size in counts) else "it counts in other bins"
    if isinstance(body, FindingRecord):
        words = body.state in tuple(State) and body.weight in tuple(Weight) and body.shadow in (0, 1)
        return "" if words else "it is in a state or of a weight that no finding has"
    if isinstance(body, Clipboard) and body.action not in _ACTIONS:
        return "it is neither a copy nor a paste, nor none"
    return ""


def _check_twin(capture: Capture, seq: int, records: Records) -> None:
    twin = capture.same_as
    if twin and (twin >= seq or records.kinds[twin] != Kind.CAPTURE):
        raise IntegrityFault(f"record {seq}: a screenshot that equals one that is not before it")


def _check_picture(source: Source, capture: Capture, frame: Frame, session_id: bytes) -> None:
    blob = source.read(f"{BLOBS}/{blob_of(frame)}", MAX_BLOB_BYTES)
    image = open_blob(bytes.fromhex(capture.blob_key), session_id, frame.seq, blob)
    if len(image) != capture.size_bytes:
        raise IntegrityFault(f"record {frame.seq}: the picture has another size than the record says")


def check_time(records: Records, policy: Policy, contents: Contents) -> str | None:
    """Step 14. SUMMARY says what anyone accounts from the public records. None where there is no SUMMARY.

    Its findings are compared where every FINDING was read: one that retention took away cannot be summed up again.
    """
    said = contents.summary
    if said is None:
        return None
    accounted = account(records.events(), rules_of(policy))
    gaps, kinds = len(records.gaps()), bytes(records.kinds)
    expected: dict[str, tuple[object, object]] = {
        "worked_us": (said.worked_us, accounted.worked_us),
        "paused_us": (said.paused_us, accounted.paused_us),
        "private_us": (said.private_us, accounted.private_us),
        "trimmed_us": (said.trimmed_us, accounted.trimmed_us),
        "manual_us": (said.manual_us, accounted.manual_us),
        "captures": (said.captures, len(records.captures())),
        "gaps": (said.gaps, gaps),
        "answers": (said.answers, kinds.count(Kind.ANSWER)),
    }
    if policy.findings.shadow or contents.findings_read == kinds.count(Kind.FINDING):
        expected["findings"] = (said.findings, tuple(contents.findings))
    for field, (summary, recomputed) in expected.items():
        if summary != recomputed:
            raise IntegrityFault(f"{field} of the SUMMARY is {summary}, and the records give {recomputed}")
    return f"{accounted.worked_us} µs of work, as the SUMMARY says"
