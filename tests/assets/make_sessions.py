# SPDX-License-Identifier: Apache-2.0
"""Writes the sealed sessions of `tests/assets/version1`, which every later program must still verify, with their numbers.

Run as `python tests/assets/make_sessions.py`; tests/unit/test_old_sessions.py makes them again and compares byte for byte.
Keys, salts and times are fixed and known to everybody: nothing real may ever use one. Once a version of the format was
released, its folder here is never written again: a change that makes it differ is a change of that version.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[1] / "helpers"), str(Path(__file__).parents[2])]

from trust_builders import (
    DAY_US,
    ORIGIN_US,
    PROJECT,
    Organisation,
    SealedSession,
    member,
    organisation,
    personal_session,
    reading_key,
    realistic_session,
)
from trust_files import Files, files_of
from verifier_draft import Draft, Good, wrapped

from session.crypto.signing import fingerprint
from session.events import Kind
from session.trust.directory import EpochWrap, ReviewKey, epoch_info
from session.verify import verify_source

PLACE = Path(__file__).with_name("version1")
NUMBERS = "numbers.json"
THEN = {Kind.FOCUS: 5, Kind.STATS: 13}
"""Elements of these when the sessions were written: what was added to their ends since is not in them."""


def sessions() -> dict[str, Files]:
    """A granted session with everything, and a personal one, each as a folder's files."""
    return {name: drafted(good) for name, good in goods().items()}


def goods() -> dict[str, Good]:
    """The two as they are recorded, with random salts."""
    org = fixed()
    with tempfile.TemporaryDirectory() as place:
        alone = personal_session(Path(place) / "personal", policy_toml=policy())
        alone.tick()
        alone.note("mine")
        alone.stop()
        return {
            "granted": _good("granted", realistic_session(org, Path(place) / "granted"), org),
            "personal": _good("personal", alone.seal(), None),
        }


def policy() -> bytes:
    """The policy of these sessions, as it lies there: the default one may change since."""
    return (PLACE / "granted" / "statements" / "policy.toml").read_bytes()


def fixed() -> Organisation:
    """An organisation whose review key is always the same."""
    org, secret, reviewer = organisation(policy()), reading_key("epoch 1"), member("ben", "reviewer")
    granted = EpochWrap(
        person=reviewer.id, wrapped=wrapped(secret.seed, reviewer.reading.public, epoch_info(org.fp, PROJECT, 1))
    )
    listed = ReviewKey(
        epoch=1,
        public_key=secret.public.hex(),
        from_us=ORIGIN_US - DAY_US,
        until_us=ORIGIN_US + 89 * DAY_US,
        wraps=(granted,),
    )
    return organisation(policy(), review_keys=(listed,))


def drafted(good: Good) -> Files:
    """The session with what was random made the same each time; nothing is a zlib stream, so no zlib writes it otherwise."""
    draft = Draft(good)
    for seq, one in enumerate(draft.records):
        named = hashlib.sha256(b"fixed %d" % seq).hexdigest()
        if one.kind in THEN and not one.absent:
            del one.body[THEN[one.kind] :]
        if one.image is not None:
            one.body[10] = named
        elif one.absent:  # removed: what it committed to is nobody's
            one.commit = bytes.fromhex(named)
            one.public = [1, named] if one.public else None
    return draft.files()


def numbers() -> dict[str, dict[str, Any]]:
    """What must still be found of each, with the keys that open it."""
    return {name: _numbers(good, drafted(good)) for name, good in goods().items()}


def _numbers(good: Good, files: Files) -> dict[str, Any]:
    found = verify_source(files, trust=good.trust, key=good.key)
    assert found.account is not None
    return {
        "root_fingerprint": good.trust.root_fingerprint if good.trust else fingerprint(good.person.person_key.public),
        "trainer_key": good.person.reading.seed.hex(),
        "reviewer_key": reading_key("epoch 1").seed.hex() if good.org else "",
        "session_id": found.session_id,
        "person": found.person,
        "records": found.records,
        "root": found.root,
        "worked_us": found.account.worked_us,
        "paused_us": found.account.paused_us,
        "private_us": found.account.private_us,
    }


def _good(name: str, sealed: SealedSession, org: Organisation | None) -> Good:
    trust = org.anchor if org is not None else None
    return Good(name, files_of(sealed.folder), trust, sealed.person.reading, org, sealed.person, sealed.keys)


def main() -> None:
    """Writes them all."""
    for name, files in sessions().items():
        for path, octets in files.items():
            target = PLACE / name / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(octets)
    (PLACE / NUMBERS).write_text(json.dumps(numbers(), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
