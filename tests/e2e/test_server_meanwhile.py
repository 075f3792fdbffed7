# SPDX-License-Identifier: Apache-2.0
"""What happens to the platform while an honest session runs takes nothing from it: clocks, and keys revoked or renewed."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from server_running import Member, RunningPlatform, StillClock, running
from server_sessions import LiveSession
from trust_people import signing_key
from uploader_platform import client_of, receipts_of

from server.config import ServerConfig
from server.serve import background
from server.setup import platform_keys
from session.events import Moment
from session.trust.directory import Revocation
from session.verify import TrustAnchor, verify_session
from uploader.fetch import RemotePlatform

NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPlatform]:
    with running(tmp_path_factory.mktemp("sessions")) as started:
        started.put_policy()
        yield started


@pytest.fixture(scope="module")
def trainer(platform: RunningPlatform) -> Member:
    joined = platform.join("ada", "trainer")
    platform.join("ben", "reviewer")
    platform.issue_review_key()
    return joined


@pytest.mark.parametrize("when", ["grant", "cosignature", "receipt"])
def test_a_platform_whose_clock_goes_back_takes_no_session_from_its_trainer(
    platform: RunningPlatform,
    trainer: Member,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    when: str,
) -> None:
    """Step 8 refuses times that go back and step 12 a receipt before them: an honest record would be lost for good."""
    monkeypatch.setattr(platform.clock, "reach", lambda _t_us: None)
    back_s = {"grant": 3 * 86_400, "cosignature": 5, "receipt": 600}[when]
    session = LiveSession(platform, trainer, tmp_path / "s", f"session {next(NUMBERS)}")
    platform.clock.advance_s(-back_s if when == "grant" else 1)
    session.tick()
    session.cosigned_checkpoint()
    platform.clock.advance_s(-back_s if when == "cosignature" else 1)
    session.stop()
    sending = session.seal_whole()
    sending.put_files()
    platform.clock.advance_s(-back_s if when == "receipt" else 1)
    answer = sending.put_seal()
    platform.clock.advance_s(back_s)
    assert answer.status_code == 201, answer.text
    assert receipts_of(platform)(session.id, sending.sealed.folder, answer.content).session == session.id
    (sending.sealed.folder / "receipt.dsse").write_bytes(answer.content)
    outcome = verify_session(sending.sealed.folder, trust=TrustAnchor(trainer.organisation))
    assert outcome.verified, outcome.failed_step
    times = outcome.times
    assert times.not_before_us is not None
    assert times.received_us is not None
    assert times.not_before_us <= times.marks[0].time_us <= times.marks[1].time_us <= times.received_us


@pytest.mark.parametrize("whose", ["session", "device", "person"])
def test_a_session_whose_key_is_revoked_meanwhile_keeps_what_was_cosigned_and_gets_no_more(
    tmp_path: Path, whose: str
) -> None:
    """A thief adds nothing, and nobody loses the hours before."""
    with running(tmp_path) as platform:
        platform.put_policy()
        ada = platform.join("ada", "trainer")
        platform.join("ben", "reviewer")
        platform.issue_review_key()
        session, other = (LiveSession(platform, ada, tmp_path / name, name) for name in ("session", "other"))
        for one in (session, other):
            one.tick()
            one.cosigned_checkpoint()
        keys = {"session": session.keys.signing.public, "device": ada.device_key.public, "person": ada.person_key.public}
        now_us = platform.clock.read().t_us
        platform.organisation.revocations += (Revocation(revoked_key=keys[whose].hex(), revoked_us=now_us + 30_000_000),)
        newest = platform.publish()
        session.tick(15)
        session.cosigned_checkpoint()
        session.tick(30)
        size, note = session.journal.size, session.checkpoint().note
        refused = session.ask_cosignature(size, note)
        assert (refused.status_code, refused.json()["error"]) == (403, "revoked")
        size, note = other.journal.size, other.checkpoint().note
        assert other.ask_cosignature(size, note).status_code == (200 if whose == "session" else 403)
        session.checkpoint(Moment.STOP)
        sealed = session.seal_whole()
        for trust in (TrustAnchor(ada.organisation), TrustAnchor(ada.organisation, newest)):
            outcome = verify_session(sealed.sealed.folder, trust=trust)
            assert outcome.verified, outcome.failed_step
            assert len(outcome.times.marks) == 2
        if whose != "session":  # the token opens nothing now: the trainer enrols again, as the program tells them
            assert sealed.put_seal().status_code == 401
            ada.device_key = signing_key("ada's next device")
            if whose == "person":
                ada.person_key = signing_key("ada's next key")
                ada.keys = replace(ada.keys, person_key=ada.person_key)
            body = ada.enrol_body(platform.invite("ada", "trainer"), device="ada-next")
            ada.client = sealed.client = platform.client(platform.client().post("/v1/enrol", json=body).json()["token"])
            platform.publish()
        sealed.put_files()
        assert sealed.put_seal().status_code == 201


def test_a_platform_with_renewed_keys_spoils_no_session_that_began_before(tmp_path: Path) -> None:
    """It cosigns no more of it, and the directory that names the new receipt key lies with the receipt, here and there."""
    config = ServerConfig(folder=tmp_path / "platform", port=0)
    platform = RunningPlatform(config, StillClock())
    with background(config, platform.clock) as address:
        platform.at(address)
        platform.put_policy()
        ada, ben = platform.join("ada", "trainer"), platform.join("ben", "reviewer")
        platform.issue_review_key()
        session = LiveSession(platform, ada, tmp_path / "s", "s")
        session.tick()
        session.cosigned_checkpoint()
        platform.publish()
        session.cosigned_checkpoint()
    for name in ("receipt", "witness"):
        (config.folder / "keys" / f"{name}.seed").unlink()
    keys, named = platform_keys(config.folder), platform.organisation.platform
    platform.organisation.platform = msgspec.structs.replace(
        named, receipt_key=keys.receipt.hex(), witness_key=keys.witness.hex()
    )
    ended_us = platform.clock.read().t_us + 60_000_000
    platform.organisation.revocations += tuple(
        Revocation(revoked_key=key, revoked_us=ended_us) for key in (named.receipt_key, named.witness_key)
    )
    with background(config, platform.clock) as address:
        platform.at(address)
        for _ in range(2):
            size, note = session.journal.size, session.checkpoint().note
            refused = session.ask_cosignature(size, note)
            assert (refused.status_code, refused.json()["error"]) == (403, "renewed")
            platform.publish()
        session.checkpoint(Moment.STOP)
        sending = session.seal_whole()
        sending.put_files()
        answer = sending.put_seal()
        assert answer.status_code == 201, answer.text
        assert receipts_of(platform)(session.id, sending.sealed.folder, answer.content)
        (sending.sealed.folder / "receipt.dsse").write_bytes(answer.content)
        outcome = verify_session(sending.sealed.folder, trust=TrustAnchor(ada.organisation))
        assert (outcome.verified, outcome.receipt, len(outcome.times.marks)) == (True, True, 2), outcome.failed_step
        fetched = RemotePlatform(client_of(platform, ben)).fetch(session.id, tmp_path / "desk")
        outcome = verify_session(fetched, trust=TrustAnchor(ben.organisation))
        assert (outcome.verified, outcome.receipt) == (True, True), outcome.failed_step
    platform.close()
