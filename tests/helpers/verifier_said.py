# SPDX-License-Identifier: Apache-2.0
"""What is said after the seal by keys that a later directory revokes, at each time by which one can be judged.

`SAID` by name, as `verifier_cases.CASES`; `said_by_revoked` makes them by chance, for `verifier_corpus.hostile`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

from trust_builders import DAY_US, member, signing_key
from trust_files import Files
from verifier_draft import Draft, Good, body_of, sha, wrapped

from session.crypto.signing import SigningKey
from session.events import Kind

Change = Callable[[Draft], None]
HOLDS_SEAL, BEFORE_SEAL = 3, 1
"""Sizes of the organisation log: the receipt's of a `Draft`, whose seal is its second entry, and one before that."""
NEW_RECEIPT = signing_key("receipt 2")


def cosigned_us(draft: Draft) -> int:
    """Time of the last cosignature; of START where there is none."""
    return max((one.time_s for one in draft.all(Kind.COSIGN)), default=draft.start[2] // 1_000_000) * 1_000_000


def received_us(draft: Draft) -> int:
    """Time of the receipt, as the draft makes it."""
    was = body_of(draft.good.files["receipt.dsse"]) if "receipt.dsse" in draft.good.files else {}
    return int(was.get("received_us", draft.start[2] + 3_600_000_000))


def head(size: int) -> dict[str, Any]:
    """As an author names it who saw the log of that size."""
    return {"log_size": size, "log_root": ("0" * 64) if size else sha(b"")}


def revoke(draft: Draft, key: SigningKey, since_us: int) -> None:
    """A later directory, which also names a newer receipt key, and one after it that revokes `key`."""
    platform = draft.directory["platform"] | {"receipt_key": NEW_RECEIPT.public.hex()}
    renewed = draft.directory | {"version": draft.directory["version"] + 1, "platform": platform}
    ended = renewed | {"version": renewed["version"] + 1}
    ended["revocations"] = [*ended["revocations"], {"revoked_key": key.public.hex(), "revoked_us": since_us}]
    assert draft.good.org is not None
    draft.later += [("directory", one, draft.good.org.root) for one in (renewed, ended)]


def fetch(draft: Draft, at_us: int, size: int) -> SigningKey:
    """An access by the newer receipt key."""
    draft.say("access", NEW_RECEIPT, person="ben", files=[], at_us=at_us, **head(size))
    return NEW_RECEIPT


def decide(draft: Draft, at_us: int, size: int) -> SigningKey:
    """A decision by a reviewer."""
    key, said = member("ben").person_key, {"finding": 0, "outcome": "ask", "reason": "", "person": "ben"}
    draft.say("decision", key, seal_sha256=None, **said, at_us=at_us, **head(size))
    return key


def reply(draft: Draft, at_us: int, size: int) -> SigningKey:
    """A reply by the trainer, to no decision."""
    key = member("ada").person_key
    draft.say("reply", key, decision_sha256="0" * 64, text="", person="ada", at_us=at_us, **head(size))
    return key


def remove(draft: Draft, at_us: int, size: int) -> SigningKey:
    """The trainer removes the first STATS, which is gone."""
    key, seqs = member("ada").person_key, [draft.seq(Kind.STATS)] * 2
    draft.record(Kind.STATS).absent = True
    said = {"ranges": [seqs], "blobs": [], "reason": "r", "by": "person"}
    draft.say("removal", key, seal_sha256=None, **said, at_us=at_us, **head(size))
    return key


def opening(*here: int, spoil: int = 0) -> Callable[[Draft, int, int], SigningKey]:
    """The trainer opens the first RAW for the review key; the sealed parts of `here` are still there, or of all."""

    def change(draft: Draft, at_us: int, size: int) -> SigningKey:
        for place, one in enumerate(draft.all(Kind.RAW)):
            one.absent = bool(here) and place not in here
        return say_opened(draft, [draft.seq(Kind.RAW)], at_us, size, spoil)

    return change


def say_opened(draft: Draft, named: list[int], at_us: int, size: int, spoil: int = 0) -> SigningKey:
    """An opening by the trainer of these records, with their keys for the review key; `spoil` makes the last another."""
    assert draft.good.org is not None
    key, seal_sha256 = member("ada").person_key, sha(draft.files()["seal.dsse"])
    secrets = [one.record_key.secret if one.record_key else bytes(32) for one in (draft.records[seq] for seq in named)]
    keys = b"".join(secrets)
    draft.say("opening", key, **opened_fields(draft, seal_sha256, named, keys[:-1] + bytes((keys[-1] ^ spoil,))),
              person="ada", at_us=at_us, **head(size))  # fmt: skip
    return key


def opened_fields(draft: Draft, seal_sha256: str, named: list[int], keys: bytes) -> dict[str, Any]:
    """Seal, records and wraps of an opening that gives these keys of records to the review key."""
    assert draft.good.org is not None
    reader = bytes.fromhex(draft.good.org.review_keys[0].public_key)
    info = b"fairwitness/v1/opening" + b"".join(
        bytes.fromhex(one) for one in (draft.opening["organisation"], draft.opening["session"], seal_sha256, sha(reader))
    )
    wraps = [{"recipient": sha(reader), "epoch": 1, "wrapped": wrapped(keys, reader, info)}]
    return {"seal_sha256": seal_sha256, "records": named, "wraps": wraps}


Say = Callable[[Draft, int, int], SigningKey]
When = Callable[[Draft], int]


def revoked(say: Say, since: When, *, at: When = cosigned_us, size: int = 0, later_us: int = 0) -> Change:
    """Something said at a time, by its own word and with a head of that size, by a key that is revoked `since` or later."""

    def change(draft: Draft) -> None:
        key = say(draft, at(draft), size)
        revoke(draft, key, since(draft) + later_us)

    return change


def before(draft: Draft) -> int:
    """The session's begin: nobody can have spoken about its seal then."""
    return int(draft.start[2])


def long_after(draft: Draft) -> int:
    """A quarter after the receipt."""
    return received_us(draft) + 90 * DAY_US


def with_receipt(change: Change, **fields: Any) -> Change:  # noqa: ANN401 - JSON
    """The same where the receipt says something else."""

    def changed(draft: Draft) -> None:
        change(draft)
        draft.receipt = fields

    return changed


def without_a_log(change: Change) -> Change:
    """The same where the receipt names no place in a log."""
    return with_receipt(change, log_index=-1, log_proof=[])


SAID: dict[str, tuple[str, Change, int]] = {
    "access by a newer receipt key": ("realistic", revoked(fetch, long_after), 0),
    "access, its key revoked by then": ("realistic", revoked(fetch, long_after, at=long_after), 10),
    "access, its key revoked after it": ("realistic", revoked(fetch, long_after, at=long_after, later_us=1), 0),
    "access from before the seal, its key revoked by then": ("realistic", revoked(fetch, cosigned_us, at=before), 10),
    "access from before the seal, revoked later": ("realistic", revoked(fetch, cosigned_us, at=before, later_us=1), 0),
    "access that saw the seal in the log": ("realistic", revoked(fetch, received_us, size=HOLDS_SEAL), 10),
    "access that saw a longer log": ("realistic", revoked(fetch, received_us, size=HOLDS_SEAL + 1), 10),
    "access that saw the seal, revoked later": ("realistic", revoked(fetch, received_us, size=HOLDS_SEAL, later_us=1), 0),
    "access that saw a log without the seal": ("realistic", revoked(fetch, received_us, size=BEFORE_SEAL), 0),
    "access where the receipt has no log": ("realistic", without_a_log(revoked(fetch, received_us, size=HOLDS_SEAL)), 0),
    "access beside what is no receipt": (
        "realistic",
        with_receipt(revoked(fetch, received_us, size=HOLDS_SEAL), log_index=2**53),
        12,
    ),
    "access that saw a smaller log than the receipt": (
        "realistic",
        with_receipt(revoked(fetch, received_us, size=HOLDS_SEAL), log_size=HOLDS_SEAL + 1),
        0,
    ),
    "opening, its key revoked by then": ("reviewer", revoked(opening(0), long_after, at=long_after), 11),
    "opening, its key revoked after it": ("reviewer", revoked(opening(0), long_after, at=long_after, later_us=1), 0),
    "opening that saw the seal in the log": ("reviewer", revoked(opening(0), received_us, size=HOLDS_SEAL), 11),
    "opening that saw a log without the seal": ("reviewer", revoked(opening(0), received_us, size=BEFORE_SEAL), 0),
    "opening by a revoked key where all is here": ("reviewer", revoked(opening(), long_after, at=long_after), 0),
    "a wrong key in an opening by a revoked key": ("reviewer", revoked(opening(spoil=1), long_after, at=long_after), 0),
    "a wrong key in an opening by a good key": ("reviewer", revoked(opening(spoil=1), long_after), 13),
    "removal that saw the seal in the log": ("small", revoked(remove, received_us, size=HOLDS_SEAL), 11),
    "removal that saw a log without the seal": ("small", revoked(remove, received_us, size=BEFORE_SEAL), 0),
    "decision by a revoked key": ("realistic", revoked(decide, long_after, at=long_after), 0),
    "decision from before the seal, its key revoked by then": ("realistic", revoked(decide, cosigned_us, at=before), 0),
    "reply by a revoked key": ("realistic", revoked(reply, long_after, at=long_after), 0),
}  # fmt: skip


def said_by_revoked(chance: random.Random, good: Good, all_good: Sequence[Good]) -> Files:
    """Somebody says something about a session at some time; a key, mostly theirs, is revoked around one of these times."""
    draft = Draft(good if good.org is not None else next(one for one in all_good if one.org is not None))
    moments: list[When] = [before, cosigned_us, received_us, long_after]
    at_us = chance.choice(moments)(draft) + chance.choice((-1, 0, 0, 1))
    say: Say = chance.choice((fetch, decide, reply, remove, opening(0), opening(0, 1), opening(), opening(spoil=1)))
    if not draft.all(Kind.RAW):
        say = chance.choice((fetch, decide, reply, remove))
    key = say(draft, max(0, at_us), chance.choice((0, BEFORE_SEAL, HOLDS_SEAL - 1, HOLDS_SEAL, HOLDS_SEAL + 9)))
    if chance.random() < 0.2:
        key = chance.choice((member("ada").person_key, member("ben").person_key, NEW_RECEIPT, signing_key("receipt")))
    revoke(draft, key, max(0, chance.choice(moments)(draft) + chance.choice((-1, 0, 1, 1_000_000))))
    if chance.random() < 0.2:
        draft.receipt = chance.choice((None, {"log_index": -1, "log_proof": []}, {"received_us": at_us}, {"log_size": 9}))
    return draft.files()
