# SPDX-License-Identifier: Apache-2.0
"""Steps 13 and 14, for who holds a key: what is inside opens and keeps to its schema, and the hours add up."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from session import IntegrityFault
from session.account import account, rules_of
from session.crypto.aead import MAX_BLOB_BYTES, content_key_commitment, open_blob
from session.crypto.hpke import ReadingKey, unwrap, wrap_info
from session.crypto.signing import fingerprint
from session.events import Ack, Answer, Capture, Event, FindingRecord, Kind, Start, Summary
from session.frames import SEALED, Frame, read_segment
from session.policy import Policy
from session.seal import Seal
from session.segments import BLOBS, MAX_SEGMENT_BYTES, open_event
from session.table import rule_of
from session.trust.dsse import canonical_base64
from session.verify.folder import Names, Source
from session.verify.records import Records
from session.verify.sealed import withheld_rule


class Contents(msgspec.Struct):
    """What step 13 read, as far as step 14 and the result need it."""

    opened: int = 0
    withheld_opened: int = 0
    findings: list[tuple[str, str, str]] = []
    answers: int = 0
    summary: Summary | None = None


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


def check_contents(
    source: Source, names: Names, records: Records, policy: Policy, keys: Mapping[str, bytes]
) -> tuple[Contents, str]:
    """Step 13. Every sealed part that these keys open is what was committed to, padded and spelled as the format says."""
    contents = Contents()
    withheld = withheld_rule(policy)
    session_id = bytes.fromhex(records.start.session_id)
    for name in names.segments:
        for frame, _ in read_segment(source.read(name, MAX_SEGMENT_BYTES)):
            rule = rule_of(frame.kind)
            if frame.flags == SEALED and rule is not None and rule.content_key in keys:
                event = open_event(frame, session_id, keys)
                contents.opened += 1
                contents.withheld_opened += withheld(frame.kind)
                _check_event(event, frame, records, contents)
                if isinstance(event.body, FindingRecord) and bool(event.body.shadow) != policy.findings.shadow:
                    raise IntegrityFault(f"record {frame.seq}: the policy says otherwise of findings on trial")
                if isinstance(event.body, Capture):
                    _check_twin(event.body, event.seq, records)
                    _check_picture(source, event.body, event, session_id)
    return contents, f"{contents.opened} sealed parts opened"


def _check_event(event: Event, frame: Frame, records: Records, contents: Contents) -> None:
    body = event.body
    if isinstance(body, Ack) and body.policy_sha256 != records.start.policy_sha256:
        raise IntegrityFault(f"record {frame.seq}: the notice that was read is of another policy")
    if isinstance(body, FindingRecord):
        if any(seq >= frame.seq for seq in body.evidence):
            raise IntegrityFault(f"record {frame.seq}: a finding names records that are not before it")
        if not body.shadow:
            contents.findings.append((body.detector, body.state, body.weight))
    if isinstance(body, Answer):
        if body.finding >= frame.seq or records.kinds[body.finding] != Kind.FINDING:
            raise IntegrityFault(f"record {frame.seq}: an answer to a finding that is not there")
        contents.answers += 1
    if isinstance(body, Summary):
        if contents.summary is not None:
            raise IntegrityFault(f"record {frame.seq}: a second summary")
        contents.summary = body


def _check_twin(capture: Capture, seq: int, records: Records) -> None:
    twin = capture.same_as
    if twin and (twin >= seq or records.kinds[twin] != Kind.CAPTURE):
        raise IntegrityFault(f"record {seq}: a screenshot that equals one that is not before it")


def _check_picture(source: Source, capture: Capture, event: Event, session_id: bytes) -> None:
    blob = source.read(f"{BLOBS}/{event.blob_sha256}", MAX_BLOB_BYTES)
    image = open_blob(bytes.fromhex(capture.blob_key), session_id, event.seq, blob)
    if len(image) != capture.size_bytes:
        raise IntegrityFault(f"record {event.seq}: the picture has another size than the record says")


def check_time(records: Records, policy: Policy, contents: Contents) -> str | None:
    """Step 14. SUMMARY says what anyone accounts from the public records. None where there is no SUMMARY."""
    said = contents.summary
    if said is None:
        return None
    accounted = account(records.events(), rules_of(policy))
    gaps = len(records.gaps())
    expected = {
        "worked_us": (said.worked_us, accounted.worked_us),
        "paused_us": (said.paused_us, accounted.paused_us),
        "private_us": (said.private_us, accounted.private_us),
        "trimmed_us": (said.trimmed_us, accounted.trimmed_us),
        "manual_us": (said.manual_us, accounted.manual_us),
        "captures": (said.captures, len(records.captures())),
        "gaps": (said.gaps, gaps),
        "findings": (said.findings, tuple(contents.findings)),
        "answers": (said.answers, contents.answers),
    }
    for field, (summary, recomputed) in expected.items():
        if summary != recomputed:
            raise IntegrityFault(f"{field} of the SUMMARY is {summary}, and the records give {recomputed}")
    return f"{accounted.worked_us} µs of work, as the SUMMARY says"
