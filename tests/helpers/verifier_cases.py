# SPDX-License-Identifier: Apache-2.0
"""Sessions that are rightly signed throughout and odd in one thing, with the step at which both verifiers end: 0 is none.

`CASES` by name: from which good session, what is done to it, and the step. What the specification settles and no byte
mutation reaches stands here.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable
from typing import Any

from trust_builders import DAY_US, member, signing_key
from verifier_draft import Draft, Record, b64, body_of, enveloped, sha
from verifier_said import SAID, opened_fields

from session.events import Kind

Change = Callable[[Draft], None]
ZEROS = "0" * 64


def gap(draft: Draft, *fields: Any) -> None:  # noqa: ANN401 - JSON
    """A GAP at the time of START, of which `fields` say edge, reason, scope, from_us and lost."""
    draft.put(Record(Kind.GAP, [1, draft.start[2], draft.start[3], *fields]), Kind.CHECKPOINT)


def public(kind: int, *fields: Any) -> Change:  # noqa: ANN401 - JSON
    """Another public record, before SUMMARY."""
    return lambda draft: _put(draft, Record(kind, [1, *fields]))


def sealed(kind: int, place: int, value: Any) -> Change:  # noqa: ANN401 - JSON
    """One element of the first record of a kind is another."""

    def change(draft: Draft) -> None:
        draft.record(kind).body[place] = value

    return change


def start(place: int, value: Any) -> Change:  # noqa: ANN401 - JSON
    """One element of START is another."""

    def change(draft: Draft) -> None:
        draft.following = False
        draft.start[place] = value

    return change


def _put(draft: Draft, record: Record) -> None:
    draft.put(record)


def small_order_wrap(draft: Draft) -> None:
    draft.following = False
    draft.start[12] = b64(bytes(32) + base64.b64decode(draft.start[12])[32:])


def in_extension(raw: bytes, kind: int = 130) -> Change:
    return lambda draft: _put(draft, Record(kind, None, raw) if kind < 224 else Record(kind, raw))


def statement(kind: str, who: str = "ada", **fields: Any) -> Change:  # noqa: ANN401 - JSON
    """A later statement by somebody's person key."""
    return lambda draft: draft.say(kind, member(who).person_key, **fields, at_us=draft.start[2])


def removal(by: str, first: int, last: int, *, absent: bool) -> Change:
    """Records `first` to `last` of a kind, removed by a statement; their sealed parts are here or not."""

    def change(draft: Draft) -> None:
        seqs = [draft.seq(first), draft.seq(last)]
        for one in draft.records[seqs[0] : seqs[1] + 1] if absent else ():
            one.absent = one.body is not None
        key = member("ada").person_key if by == "person" else signing_key("root")
        draft.say("removal", key, seal_sha256=None, ranges=[seqs], blobs=[], reason="r", by=by, at_us=draft.start[2])

    return change


def opening(*places: int, here: tuple[int, ...], records: Callable[[list[int]], list[int]] = list, spoil: int = 0) -> Change:
    """Some RAW records are opened for the trainer's own key; `here` are those whose sealed part is still here."""

    def change(draft: Draft) -> None:
        raws = draft.all(Kind.RAW)
        for place, one in enumerate(raws):
            one.absent = place not in here
        named = records([draft.seq(Kind.RAW, place) for place in places])
        seal_sha256 = sha(draft.files()["seal.dsse"])
        secrets = [one.record_key.secret if one.record_key else bytes(32) for one in (draft.records[seq] for seq in named)]
        keys = b"".join(secrets)
        say_opened(draft, seal_sha256, named, keys[:-1] + bytes((keys[-1] ^ spoil,)))

    return change


def say_opened(draft: Draft, seal_sha256: str, named: list[int], keys: bytes) -> None:
    """An opening by the trainer that gives these keys of records to the review key."""
    fields = opened_fields(draft, seal_sha256, named, keys) | {"person": "ada", "at_us": draft.start[2]}
    draft.say("opening", member("ada").person_key, **fields)


def directory(**fields: Any) -> Change:  # noqa: ANN401 - JSON
    """A later directory by the root key: START's with these fields."""

    def change(draft: Draft) -> None:
        draft.later.append(("directory", draft.directory | fields, signing_key("root")))

    return change


def revoked(key: str) -> Change:
    """A later directory revokes a key of the platform from the beginning."""
    return lambda draft: directory(
        version=2, revocations=[{"revoked_key": draft.directory["platform"][key], "revoked_us": 0}]
    )(draft)


def revoked_meanwhile(whose: str, *, after: bool = False) -> Change:
    """A later directory revokes a key from the second of the last cosignature, or from the next on."""

    def change(draft: Draft) -> None:
        named = draft.directory["platform"] | {"root_key": draft.directory["root_key"]}
        named |= {"person_key": member("ada").person_key.public.hex(), "device_key": draft.device["device_key"]}
        named |= {"session_key": draft.opening["session_key"]}
        times = [one.time_s for one in draft.all(Kind.COSIGN)]
        assert times[0] < times[-1]
        since_us = (times[-1] + after) * 1_000_000
        directory(version=2, revocations=[{"revoked_key": named[f"{whose}_key"], "revoked_us": since_us}])(draft)

    return change


def receipt_revoked(later_us: int) -> Change:
    """A later directory revokes the receipt's key so long after the receipt."""

    def change(draft: Draft) -> None:
        since_us = body_of(draft.good.files["receipt.dsse"])["received_us"] + later_us
        key = draft.directory["platform"]["receipt_key"]
        directory(version=2, revocations=[{"revoked_key": key, "revoked_us": since_us}])(draft)

    return change


def cosigned_at(time_s: int) -> Change:
    def change(draft: Draft) -> None:
        for one in draft.all(Kind.COSIGN):
            one.time_s = time_s

    return change


def removal_revoked(by: str, later_us: int) -> Change:
    """The STATS are gone by a removal long after the seal, whose key was revoked so long after it."""

    def change(draft: Draft) -> None:
        said_us = draft.start[2] + 90 * DAY_US
        key = member("ada").person_key if by == "person" else signing_key("root")
        draft.record(Kind.STATS).absent = True
        seqs = [draft.seq(Kind.STATS)] * 2
        draft.say("removal", key, seal_sha256=None, ranges=[seqs], blobs=[], reason="r", by=by, at_us=said_us)
        directory(version=2, revocations=[{"revoked_key": key.public.hex(), "revoked_us": said_us + later_us}])(draft)

    return change


def in_directory(change: Callable[[dict[str, Any]], None]) -> Change:
    """START's directory says something else."""
    return lambda draft: change(draft.directory)


def suspended_and_seen_late(draft: Draft) -> None:
    """A checkpoint stands between waking and the record of the suspend, which lies by the landmark before it."""
    stop = next(one for one in draft.all(Kind.CHECKPOINT) if one.public[3] == "stop")
    t_us, mono_us = draft.start[2] + 100_000_000, draft.start[3] + 40_000_000
    stop.public[1:3] = [t_us, mono_us]
    draft.put(Record(Kind.GAP, [1, t_us + 1, mono_us + 1, 0, "suspend", "session", draft.start[2] + 18_000_000, 0]))
    summary = draft.record(Kind.SUMMARY).body
    summary[2:4], summary[8] = [8_000_000, 10_000_000], summary[8] + 1  # worked 0 to 5 s and 15 to 18 s, paused between


def forked_later(draft: Draft) -> None:
    """Two texts of version 2, which are equal in all that steps 8 to 12 ask of them."""
    for name in ("one", "other"):
        directory(version=2, name=name)(draft)


def reviewed_later(draft: Draft) -> None:
    """Somebody whom only a later directory names, and says that they review this project."""
    eve = draft.directory["people"][1] | {"id": "eve", "person_key": member("eve").person_key.public.hex()}
    directory(version=2, people=[*draft.directory["people"], eve])(draft)
    decision("eve", person="eve")(draft)


def left_behind(draft: Draft) -> None:
    """A directory from before START's lies here too."""
    draft.directory["version"] = 3
    directory(version=2)(draft)


def behind(*more: Record) -> Change:
    """Records behind the seal's checkpoint."""
    return lambda draft: draft.records.extend(more)


def told(draft: Draft) -> None:
    """A 409 came without a note of ours: the writer says so, and nothing else in a folder can."""
    gap(draft, 0, "witness", "session", 0, 0)
    draft.record(Kind.SUMMARY).body[8] += 1


def again(kind: int) -> Change:
    """The first record of a kind once more, before the last SUMMARY."""

    def change(draft: Draft) -> None:
        one = draft.record(kind)
        body = None if one.body is None else list(one.body)
        draft.put(Record(kind, None if one.public is None else list(one.public), body, time_s=one.time_s))

    return change


def signed_by_another(kind: int) -> Change:
    def change(draft: Draft) -> None:
        draft.record(kind).signer = signing_key("x")

    return change


def opened_with(**fields: Any) -> Change:  # noqa: ANN401 - JSON
    """The opening says something else."""
    return lambda draft: draft.opening.update(fields)


def sealed_with(**fields: Any) -> Change:  # noqa: ANN401 - JSON
    return lambda draft: draft.seal.update(fields)


def received_with(**fields: Any) -> Change:  # noqa: ANN401 - JSON
    def change(draft: Draft) -> None:
        draft.receipt = fields

    return change


def among_statements(kind: str, what: str, key: str) -> Change:
    return lambda draft: draft.later.append((kind, getattr(draft, what), signing_key(key)))


def absent(kind: int, most: int) -> Change:
    """The sealed parts of up to so many records of a kind are commitments."""

    def change(draft: Draft) -> None:
        for one in draft.all(kind)[:most]:
            one.absent = True

    return change


def sealed_note(payload: bytes) -> Change:
    """A NOTE whose payload is these bytes."""
    return lambda draft: _put(draft, Record(Kind.NOTE, None, payload))


def zlib_of(text: bytes, window_bits: int) -> bytes:
    stream = zlib.compressobj(wbits=window_bits)
    return stream.compress(text) + stream.flush()


def many_ranges(draft: Draft) -> None:
    for _ in range(11):
        draft.put(Record(Kind.REDACT, [1, 0, [[0, 0]] * 10_000, "r"]))


def longer(draft: Draft) -> None:
    draft.record(Kind.CHECKPOINT).public.append("later")


def decision(who: str = "ben", **fields: Any) -> Change:  # noqa: ANN401 - JSON
    said = {"seal_sha256": None, "finding": 0, "outcome": "ask", "reason": "", "person": "ben"}
    return statement("decision", who, **(said | fields))


def another_commitment(draft: Draft) -> None:
    """As of a ciphertext that opens under two keys: it commits to the one that is not the session's."""
    draft.record(Kind.STATS).kc = bytes(32)


def wraps(*changes: dict[str, Any]) -> Change:
    """The seal's first wrap, as often as there are changes, with these."""
    return lambda draft: draft.seal.update(wraps=[draft.said_by_seal["wraps"][0] | one for one in changes])


def sealed_by_an_older_directory(draft: Draft) -> None:
    left_behind(draft)
    draft.seal["directory_sha256"] = sha(enveloped("directory", draft.later[0][1], signing_key("root")))


def redacted_ack(draft: Draft) -> None:
    draft.put(Record(Kind.REDACT, [1, 0, [[draft.seq(Kind.ACK)] * 2], "r"]))


def inflating(draft: Draft) -> None:
    """Public parts each within its bound, 40 bytes as they stand and 4 KiB in memory."""
    line = zlib.compress(b'[1,0,"' + b"a" * 4080 + b'"]')
    draft.records[-1:-1] = [Record(Kind.COSIGN, line) for _ in range(16_500)]


def unlisted_policy(said: dict[str, Any]) -> None:
    said["projects"][0]["policy_sha256"] = ZEROS


def another_policy(draft: Draft) -> None:
    """The directory lists START's policy, but the project has another."""
    draft.directory["policies"] = [*draft.directory["policies"], ZEROS]
    draft.directory["projects"][0]["policy_sha256"] = ZEROS


def expired(said: dict[str, Any]) -> None:
    said["expires_us"] = said["issued_us"] + 1


CASES: dict[str, tuple[str, Change, int]] = {
    # records and payloads
    "suite 2": ("small", start(6, 2), 3),
    "continues no session": ("small", start(16, "x"), 3),
    "a newline after hexadecimal": ("small", start(16, "0" * 32 + "\n"), 3),
    "enc of small order": ("small", small_order_wrap, 3),
    "unknown reason": ("small", public(Kind.GAP, 1, 1, 0, "boredom", "session", 0, 0), 3),
    "unknown edge": ("small", public(Kind.GAP, 1, 1, 3, "disk", "pointer", 0, 0), 3),
    "unknown moment": ("small", public(Kind.CHECKPOINT, 1, 1, "tea", ""), 3),
    "a record that is longer": ("small", longer, 0),
    "empty REDACT": ("small", public(Kind.REDACT, 1, [], "r"), 0),
    "REDACT backwards": ("small", public(Kind.REDACT, 1, [[3, 2]], "r"), 3),
    "REDACT of a public record": ("small", public(Kind.REDACT, 1, [[1, 1]], "r"), 11),
    "TRIM of nothing": ("small", public(Kind.TRIM, 9, 9, "r"), 0),
    "MANUAL backwards": ("small", public(Kind.MANUAL, 9, 3, "r"), 0),
    "many ranges": ("small", many_ranges, 3),
    "public extension that is no JSON": ("small", in_extension(b"{\xff", 230), 0),
    "sealed extension that is no JSON": ("small", in_extension(b"{\xff"), 0),
    "STATS in 9 bins": ("small", sealed(Kind.STATS, 4, [0] * 9), 13),
    "STATS in 8 bins": ("small", sealed(Kind.STATS, 4, [0] * 8), 0),
    "STATS of 5 pauses": ("small", sealed(Kind.STATS, 13, [0] * 5), 13),
    "STATS of 6 pauses": ("small", sealed(Kind.STATS, 13, [0] * 6), 0),
    "STATS of 3 paces": ("small", sealed(Kind.STATS, 14, [0] * 3), 13),
    "STATS of 2 paces": ("small", sealed(Kind.STATS, 14, [0] * 2), 0),
    "key class 8": ("timing", sealed(Kind.RAW, 3, [[0, 8, 0, 0]]), 13),
    "a row that is longer": ("timing", sealed(Kind.RAW, 3, [[0, 1, 0, 0, "later"]]), 0),
    "a row that is shorter": ("timing", sealed(Kind.RAW, 3, [[0, 1, 0]]), 13),
    "ACK of another policy": ("realistic", sealed(Kind.ACK, 2, "0" * 64), 13),
    "same_as no capture": ("picture", sealed(Kind.CAPTURE, 12, 2), 13),
    "same_as of another monitor": ("realistic", sealed(Kind.CAPTURE, 3, 2), 0),
    "picture of another size in pixels": ("picture", sealed(Kind.CAPTURE, 6, 1), 0),
    "picture of another size in bytes": ("picture", sealed(Kind.CAPTURE, 9, 1), 13),
    # a second seal and a 409, as far as a folder can hold them
    "a second seal beside the first": ("small", lambda draft: draft.more.update({"seal.dsse.1": b"{}"}), 1),
    "a second seal as a statement": ("small", among_statements("seal", "said_by_seal", "session session"), 10),
    "records behind the seal's checkpoint": ("small", behind(Record(Kind.GAP, [1, 1, 1, 0, "disk", "pointer", 0, 0])), 7),
    "two checkpoints of the seal": ("small", behind(Record(Kind.CHECKPOINT, [1, 1, 1, "seal", ""])), 0),
    "no SUMMARY": ("small", lambda draft: draft.records.remove(draft.record(Kind.SUMMARY)), 0),
    "two SUMMARYs": ("small", again(Kind.SUMMARY), 13),
    "a 409 without the platform's note": ("small", told, 0),
    # what the issue on the record names, signed throughout
    "commits to another key": ("small", another_commitment, 13),
    "session key of small order": ("small", opened_with(session_key=ZEROS), 6),
    "foreign recipient": ("small", wraps({"recipient": ZEROS}), 9),
    "extra recipient": ("small", wraps({}, {"recipient": ZEROS}), 9),
    "the same recipient twice": ("small", wraps({}, {}), 9),
    "seal by an older directory": ("small", sealed_by_an_older_directory, 9),
    "REDACT of what must stay": ("realistic", redacted_ack, 11),
    "sealed inflation bomb": ("small", sealed_note(zlib.compress(b'[1,0,"' + b"a" * (10 << 20) + b'"]')), 13),
    "public inflation bomb": ("small", behind(Record(Kind.GAP, zlib.compress(b"[1," + b"0," * (1 << 20) + b"0]"))), 3),
    "public parts that inflate without end": ("small", inflating, 3),
    "zlib with a smaller window": ("small", sealed_note(zlib_of(b'[1,0,"a"]', 12)), 13),
    "zlib of stored blocks": ("small", sealed_note(zlib.compress(b'[1,0,"a"]', 0)), 0),
    # opening, cosignatures, directory
    "start after start_by": ("small", opened_with(start_by_us=1), 6),
    "start before the grant": ("small", opened_with(issued_us=1_790_000_000_500_000), 0),
    "grant for another session key": ("small", opened_with(session_key=signing_key("x").public.hex()), 6),
    "a log without entries that has a root": ("small", opened_with(log_root="0" * 64), 6),
    "offline under an expired directory": ("offline", in_directory(expired), 0),
    "granted under an expired directory": ("small", in_directory(expired), 6),
    "offline under another project's policy": ("offline", another_policy, 9),
    "offline for a project that is not there": ("offline", sealed_with(project="other"), 9),
    "offline by no trainer": ("offline", in_directory(lambda said: said["people"][0].update(roles=["reviewer"])), 9),
    "offline by a trainer of nothing": ("offline", in_directory(lambda said: said["people"][0].update(projects=[])), 9),
    "trainer without the role": ("small", in_directory(lambda said: said["people"][0].update(roles=[])), 0),
    "small-order key of a bystander": ("small", in_directory(lambda said: said["people"][1].update(person_key=ZEROS)), 5),
    "policy of a project not listed": ("small", in_directory(unlisted_policy), 5),
    "witness key revoked, and it cosigned": ("small", revoked("witness_key"), 8),
    "witness key revoked before its last cosignature": ("realistic", revoked_meanwhile("witness"), 8),
    "witness key revoked after its last cosignature": ("realistic", revoked_meanwhile("witness", after=True), 0),
    "person key revoked before the last cosignature": ("realistic", revoked_meanwhile("person"), 8),
    "person key revoked after the last cosignature": ("realistic", revoked_meanwhile("person", after=True), 0),
    "device key revoked before the last cosignature": ("realistic", revoked_meanwhile("device"), 8),
    "session key revoked before the last cosignature": ("realistic", revoked_meanwhile("session"), 8),
    "grant key revoked before the last cosignature": ("realistic", revoked_meanwhile("grant"), 0),
    "root key revoked before the last cosignature": ("realistic", revoked_meanwhile("root"), 0),
    "grant key revoked, and it granted": ("small", revoked("grant_key"), 8),
    "grant key revoked, and it did not grant": ("offline", revoked("grant_key"), 0),
    "receipt key revoked": ("small", revoked("receipt_key"), 12),
    "receipt key revoked by the receipt's time": ("small", receipt_revoked(0), 12),
    "receipt key revoked after the receipt": ("small", receipt_revoked(1), 0),
    "forged cosignature": ("small", signed_by_another(Kind.COSIGN), 8),
    "cosignature at 2^43 s, after the receipt": ("small", cosigned_at(2**43), 12),
    "cosignature after 2^43 s": ("small", cosigned_at(2**43 + 1), 8),
    "cosignature at 0 s": ("offline", cosigned_at(0), 8),
    "cosignature again": ("small", again(Kind.COSIGN), 0),
    "checkpoint by another key": ("small", signed_by_another(Kind.CHECKPOINT), 7),
    "seal for another project": ("small", sealed_with(project="other"), 9),
    "seal without wraps": ("small", sealed_with(wraps=[]), 9),
    "receipt that proves without a place": ("small", received_with(log_index=-1), 12),
    "receipt without a log": ("small", received_with(log_index=-1, log_proof=[]), 0),
    # statements
    "a later directory": ("small", directory(version=2), 0),
    "an older directory": ("small", left_behind, 0),
    "a forked directory": ("small", directory(name="x"), 10),
    "START's directory once more": ("small", directory(), 0),
    "two later directories that differ in a name": ("small", forked_later, 10),
    "decision by who reviews in a later directory": ("small", reviewed_later, 0),
    "a directory of another root": ("small", among_statements("directory", "directory", "x"), 10),
    "a grant among the statements": ("small", among_statements("grant", "opening", "grant"), 10),
    "decision by a reviewer": ("small", decision(), 0),
    "decision by no reviewer": ("small", decision("ada", person="ada"), 0),
    "decision on what is no record": ("small", decision(finding=999), 0),
    "decision by a stranger": ("small", decision("eve"), 10),
    "decision about another seal": ("small", decision(seal_sha256="0" * 64), 10),
    "decision that is too long": ("small", decision(reason="x" * 4097), 10),
    "reply to what is not here": ("small", statement("reply", decision_sha256="0" * 64, text="", person="ada"), 0),
    "reply in another's name": ("small", statement("reply", decision_sha256="0" * 64, text="", person="ben"), 10),
    "reply by a reviewer": ("small", statement("reply", "ben", decision_sha256="0" * 64, text="", person="ben"), 10),
    "removal of what is still here": ("picture", removal("person", Kind.STATS, Kind.RAW, absent=False), 0),
    "removal by the person": ("small", removal("person", Kind.STATS, Kind.STATS, absent=True), 0),
    "removal by the person of what must stay": ("realistic", removal("person", Kind.ACK, Kind.ACK, absent=True), 11),
    "removal by a person key that was revoked by then": ("small", removal_revoked("person", 0), 11),
    "removal by a person key that was revoked after it": ("small", removal_revoked("person", 1), 0),
    "removal by a root key that was revoked by then": ("small", removal_revoked("organisation", 0), 11),
    "removal under retention of anything": ("realistic", removal("organisation", Kind.ACK, Kind.ACK, absent=True), 0),
    "removal backwards": ("small", removal("person", Kind.RAW, Kind.STATS, absent=False), 10),
    "nothing withheld is here": ("realistic", absent(Kind.RAW, 99), 0),
    "some withheld is here": ("realistic", absent(Kind.RAW, 1), 11),
    "opened ones are here": ("reviewer", opening(0, 2, here=(0, 2)), 0),
    "fewer than opened are here": ("reviewer", opening(0, 2, here=(2,)), 0),
    "more than opened are here": ("reviewer", opening(0, here=(0, 1)), 11),
    "opened twice and out of order": ("reviewer", opening(1, 0, 1, here=(0, 1)), 0),
    "opening with a wrong key": ("reviewer", opening(0, here=(0,), spoil=1), 13),
    "opening of what is not withheld": ("reviewer", opening(0, here=(0,), records=lambda seqs: [*seqs, 2]), 10),
    **SAID,
    # accounted time
    "suspend behind a checkpoint": ("held", suspended_and_seen_late, 0),
}  # fmt: skip
