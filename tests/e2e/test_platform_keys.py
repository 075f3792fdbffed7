# SPDX-License-Identifier: Apache-2.0
"""New keys of the platform, against a server in a process of its own: nothing before is lost, and old keys end."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from server_process import PlatformProcess, platform_process
from server_running import Member, StillClock
from server_sessions import LiveSession, Sending, grant_body, session_id_of
from trust_people import ORIGIN_US
from uploader_clock import StillClock as ClientClock
from uploader_platform import receipts_of
from verifier_both import both

from fairwitness import renewing
from fairwitness.organisation import AdminDesk
from fairwitness.places import Places
from session import EnvironmentFault, InputFault, PlatformFault
from session.crypto.signing import SigningKey
from session.log.cosign import cosign
from session.log.note import parse_note
from session.ports import Outcome
from session.trust.directory import Directory, platform_fingerprint, witness_name
from session.trust.dsse import read_envelope
from session.trust.lifetime import DAY_US
from session.trust.statements import Receipt, open_statement, sign
from session.verify import TrustAnchor
from uploader.client import PlatformClient
from uploader.organisation import Organisation
from uploader.orglog import LogWatch
from uploader.outbox import Backoff, DurableOutbox
from uploader.receipts import ReceiptReader, UnknownKeyFault
from uploader.transfer import send

NAMES = ("grant", "receipt", "witness", "log")
NOW_US = ORIGIN_US + 120_000_000
ENDED_US = NOW_US + 300_000_000
"""When a key that was stolen, or a receipt key that gave way, ends: five minutes after the platform's clock."""


@dataclass
class Office:
    """A platform in a process, ada who records, ben who reviews, and the admin's desk."""

    process: PlatformProcess
    ada: Member
    folder: Path

    @property
    def keys(self) -> Path:
        return self.process.platform.config.folder / "keys"

    @property
    def desk(self) -> AdminDesk:
        platform = self.process.platform
        store = Places(self.folder / "admin").key_store()
        store.put(f"root/{platform.organisation.fingerprint}", platform.organisation.root.seed)
        client = PlatformClient(platform.address, platform.admin.client.token, clock=ClientClock())
        return AdminDesk(client, platform.organisation.fingerprint, keys=store, clock=StillClock(NOW_US))

    @property
    def newest(self) -> bytes:
        return self.process.platform.admin.client.get("/v1/directory").content

    def seeds(self) -> dict[str, bytes]:
        return {name: (self.keys / f"{name}.seed").read_bytes() for name in NAMES}

    def on_disk(self) -> set[bytes]:
        """Every seed that the platform still has."""
        return {path.read_bytes() for path in self.keys.rglob("*.seed")}

    def prepared(self, *names: str) -> tuple[str, ...]:
        """`fairwitness renew-keys` on the platform's computer; the six words that it shows."""
        command = [sys.executable, "-m", "fairwitness", "renew-keys", "--folder", str(self.keys.parent), "--json"]
        command += [part for name in names for part in ("--key", name)]
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return tuple(json.loads(printed)["words"])

    def session(self, name: str) -> LiveSession:
        """Begun, and cosigned once."""
        made = LiveSession(self.process.platform, self.ada, self.folder / name, name)
        made.tick()
        made.cosigned_checkpoint()
        return made

    def sent(self, session: LiveSession) -> Sending:
        """Stopped, sealed, sent, and confirmed as the agent keeps it."""
        session.stop()
        sending = session.seal_whole()
        sending.put_files()
        answer = sending.put_seal()
        assert answer.status_code == 201, answer.text
        receipts_of(self.process.platform)(session.id, sending.sealed.folder, answer.content)
        (sending.sealed.folder / "receipt.dsse").write_bytes(answer.content)
        return sending

    def anchor(self, directory: bytes | None = None) -> TrustAnchor:
        return TrustAnchor(self.ada.organisation, directory)

    def verifies(self, sending: Sending) -> None:
        """By both verifiers, with nothing but the folder and the root, and with the newest directory."""
        for trust in (self.anchor(), self.anchor(self.newest)):
            outcome = both(sending.sealed.folder, trust=trust)
            assert (outcome.verified, outcome.receipt) == (True, True), outcome.failed_step

    def fails(self, folder: Path, step: int) -> None:
        """By both verifiers, for a reader who knows of the new keys."""
        failed = both(folder, trust=self.anchor(self.newest)).failed_step
        assert failed is not None
        assert failed.number == step, failed


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with platform_process(tmp_path) as process:
        process.platform.put_policy()
        ada = process.platform.join("ada", "trainer")
        process.platform.join("ben", "reviewer")
        process.platform.issue_review_key()
        yield Office(process, ada, tmp_path)


def forged_receipt(sending: Sending, key: SigningKey, received_us: int) -> None:
    """The stolen receipt key confirms the same seal at another time, beside no log at all."""
    path = sending.sealed.folder / "receipt.dsse"
    held = msgspec.json.decode(read_envelope(path.read_bytes())[1], type=Receipt)
    forged = msgspec.structs.replace(held, received_us=received_us, log_index=-1, log_proof=())
    path.write_bytes(sign(forged, key))


def forged_cosignature(session: LiveSession, key: SigningKey, t_us: int) -> Path:
    """The stolen witness key countersigns one more checkpoint, which the platform does not; the session is sealed."""
    size, note = session.journal.size, session.checkpoint().note
    line = cosign(parse_note(note.encode()).text, witness_name(session.trainer.organisation), key, t_us // 1_000_000)
    session.events.append(session.journal.append_cosign(size, line))
    return session.seal_whole().sealed.folder


def test_a_receipt_by_a_key_between_two_renewals_is_taken_and_stays_good(office: Office) -> None:
    """It was given and not heard; when it is given again, the key that signed it is neither START's nor the one in force."""
    platform = office.process.platform
    (office.folder / "spool").mkdir()
    session = LiveSession(platform, office.ada, office.folder / "spool" / session_id_of("late"), "late")
    session.tick()
    session.cosigned_checkpoint()
    session.stop()
    sending, receipts = session.seal_whole(), list[bytes]()
    renewed(office, "receipt")
    between = office.newest
    sending.put_files()
    receipts.append(sending.put_seal().content)
    renewed(office, "receipt")
    held = Organisation.found(office.folder / "held", platform.organisation.fingerprint, office.newest, platform.address)
    client = PlatformClient(platform.address, office.ada.client.token, clock=ClientClock())
    outbox = DurableOutbox(
        office.folder / "outbox.sqlite3",
        spool=office.folder / "spool",
        check=ReceiptReader(held.root_public, lambda: held.directory_text),
        clock=ClientClock(),
        hold_us=0,
        backoff=Backoff(),
        randbelow=lambda most: most - 1,
    )
    outbox.put(session.id, session.folder, not_before_us=0)
    item = outbox.claim()
    assert item is not None
    with pytest.raises(UnknownKeyFault):
        outbox.settle(session.id, receipts[0])
    assert send(item, client, outbox, log=LogWatch(client, held)) is Outcome.DONE
    assert held.contradicted() == "", "nothing of it is held against the platform"
    assert (session.folder / "receipt.dsse").read_bytes() == receipts[0]
    assert (session.folder / "statements" / f"{hashlib.sha256(between).hexdigest()}.dsse").read_bytes() == between
    office.verifies(sending)
    renewed(office, "receipt")
    assert held.offer(office.newest)
    outbox.settle(session.id, b"nothing that would be taken in its place")
    office.verifies(sending)
    outbox.close()


def renewed(office: Office, *names: str) -> None:
    """As planned, by the admin who read the six words."""
    office.prepared(*names)
    renewing.sign_in(office.desk, renewing.waiting(office.desk), stolen=False)


@pytest.mark.ci
def test_a_planned_renewal_takes_nothing_from_sessions_before_it(office: Office) -> None:
    old, running, unsent = office.sent(office.session("old")), office.session("running"), office.session("unsent")
    shelf = office.ada.client.post("/v1/grants", json=grant_body(office.ada, "late")).json()["grants"]
    before, held = office.seeds(), office.desk.directory()
    words = office.prepared()
    renewal = renewing.waiting(office.desk)
    assert (renewal.words, renewal.names) == (words, NAMES)
    running.tick(30)
    running.cosigned_checkpoint()  # what is prepared signs nothing
    directory = renewing.sign_in(office.desk, renewal, stolen=False)
    assert ends(directory, held) == {
        "receipt": ENDED_US,
        "witness": ENDED_US + 19 * DAY_US,
        "grant": ENDED_US + 365 * DAY_US,
    }
    assert not {before[name] for name in ("grant", "receipt", "log")} & office.on_disk()
    running.tick(30)
    running.cosigned_checkpoint()
    office.process.terminate()
    office.process.start()
    late = office.ada.client.post("/v1/grants", json=grant_body(office.ada, "late")).json()["grants"]
    assert late == shelf  # the grant that lies on a shelf is as good as before
    for one in (old, office.sent(running), office.sent(unsent), office.sent(office.session("new"))):
        office.verifies(one)
    assert signer(office, "unsent") == directory.platform.receipt_key
    with pytest.raises(InputFault, match="keys: no new keys wait"):
        renewing.waiting(office.desk)


@pytest.mark.ci
def test_what_stolen_keys_sign_afterwards_passes_nowhere(office: Office) -> None:
    old, other, running = office.sent(office.session("old")), office.sent(office.session("other")), office.session("running")
    stolen = {name: SigningKey.from_seed(seed) for name, seed in office.seeds().items()}
    names = [f"unused {number}" for number in range(20)]
    assert office.ada.client.post("/v1/grants", json=grant_body(office.ada, *names)).status_code == 200
    more = grant_body(office.ada, "one more")
    assert office.ada.client.post("/v1/grants", json=more).status_code == 409
    office.prepared()
    directory = renewing.sign_in(office.desk, renewing.waiting(office.desk), stolen=True)
    assert set(ends(directory, directory_of(office, stolen)).values()) == {ENDED_US}
    assert not {key.seed for key in stolen.values()} & office.on_disk()
    assert office.ada.client.post("/v1/grants", json=more).status_code == 200  # unused grants of old keys take no place
    running.tick(30)
    size, note = running.journal.size, running.checkpoint().note
    refused = running.ask_cosignature(size, note)
    assert (refused.status_code, refused.json()["error"]) == (403, "renewed")
    office.verifies(old)
    office.verifies(other)
    office.verifies(office.sent(office.session("new")))
    forged_receipt(other, stolen["receipt"], ENDED_US)
    office.fails(other.sealed.folder, 12)
    office.fails(forged_cosignature(running, stolen["witness"], ENDED_US), 8)


@pytest.mark.ci
def test_a_witness_key_that_gave_way_ends_with_what_was_granted_under_it(office: Office) -> None:
    running, late = office.session("running"), office.session("late")
    old = SigningKey.from_seed(office.seeds()["witness"])
    office.prepared("witness")
    directory = renewing.sign_in(office.desk, renewing.waiting(office.desk), stolen=False)
    ended_us = directory.revoked_us(old.public.hex())
    assert ended_us is not None
    assert old.seed in office.on_disk()
    office.process.terminate()
    office.process.start(ended_us)
    assert old.seed not in office.on_disk()
    running.tick(30)
    size, note = running.journal.size, running.checkpoint().note
    assert running.ask_cosignature(size, note).status_code == 403
    office.fails(forged_cosignature(late, old, ended_us), 8)


@pytest.mark.ci
def test_a_client_takes_the_new_key_from_the_directory_and_the_old_one_never_again(office: Office) -> None:
    platform = office.process.platform
    client = PlatformClient(platform.address, office.ada.client.token, clock=ClientClock())
    seen = Organisation.found(office.folder / "seen", platform.organisation.fingerprint, office.newest, platform.address)
    LogWatch(client, seen).look()
    by_old = platform.admin.client.get("/v1/log/checkpoint").content
    office.prepared("witness", "log")
    renewing.sign_in(office.desk, renewing.waiting(office.desk), stolen=True)
    LogWatch(client, seen).look()  # its directory is of before: the head alone makes it ask for a newer one
    assert seen.directory_text == office.newest
    watch, send = LogWatch(client, seen), client.send
    client.send = lambda asked: (  # type: ignore[method-assign] # whoever has the old key, between the two
        msgspec.structs.replace(send(asked), body=by_old) if asked.what == "log" else send(asked)
    )
    with pytest.raises(PlatformFault, match="none"):
        watch.head()


@pytest.mark.ci
def test_keys_that_were_prepared_anew_after_their_words_were_shown_are_not_signed_in(office: Office) -> None:
    office.prepared()
    shown = renewing.waiting(office.desk)
    assert office.prepared() != shown.words
    with pytest.raises(EnvironmentFault, match=r"platform\.grant_key"):
        renewing.sign_in(office.desk, shown, stolen=False)


@pytest.mark.ci
@pytest.mark.parametrize("name", ["grant", "receipt", "witness"])
def test_a_directory_that_ends_no_old_key_is_refused(office: Office, name: str) -> None:
    office.prepared(name)
    shown, platform = renewing.waiting(office.desk), office.process.platform
    new = msgspec.structs.replace(platform.organisation.platform, **{f"{name}_key": getattr(shown, name)})
    answer = platform.admin.client.put("/v1/directory", data=platform.organisation.sign(platform=new))
    assert (answer.status_code, f"the platform's former {name}_key must end" in answer.json()["detail"]) == (422, True)


@pytest.mark.ci
def test_a_crash_between_the_directory_and_the_files_is_made_good_at_the_next_start(office: Office) -> None:
    before = office.seeds()
    office.prepared("receipt", "log")
    new = {name: (office.keys / "next" / f"{name}.seed").read_bytes() for name in ("receipt", "log")}
    renewing.sign_in(office.desk, renewing.waiting(office.desk), stolen=True)
    office.process.kill()
    for name in ("receipt", "log"):  # as if nothing of the move was on the disk
        (office.keys / f"{name}.seed").write_bytes(before[name])
        (office.keys / "next" / f"{name}.seed").write_bytes(new[name])
        (office.keys / "next" / f"{name}.seed").chmod(0o600)
    office.process.start()
    assert office.seeds() == before | new
    assert not {before["receipt"], before["log"]} & office.on_disk()
    office.verifies(office.sent(office.session("after")))


def directory_of(office: Office, keys: dict[str, SigningKey]) -> Directory:
    """The directory in force, with these keys in place of its own."""
    held = office.desk.directory()
    named = {f"{name}_key": keys[name].public.hex() for name in ("grant", "receipt", "witness")}
    return msgspec.structs.replace(held, platform=msgspec.structs.replace(held.platform, **named))


def ends(directory: Directory, held: Directory) -> dict[str, int | None]:
    """When each key of `held` ends by `directory`."""
    names = ("receipt", "witness", "grant")
    return {name: directory.revoked_us(getattr(held.platform, f"{name}_key")) for name in names}


def signer(office: Office, name: str) -> str:
    """The public key that the session's receipt is signed by, of those that the newest directory names; "" for none."""
    raw = (office.folder / name / "receipt.dsse").read_bytes()
    key = office.desk.directory().platform.receipt_key
    open_statement(raw, Receipt, bytes.fromhex(key))
    return key


def test_words_are_of_all_four_keys() -> None:
    """Whoever exchanges one key alone changes them."""
    keys = [hashlib.sha256(name.encode()).digest() for name in NAMES]
    others = [[*keys[:place], b"x" * 32, *keys[place + 1 :]] for place in range(4)]
    assert len({platform_fingerprint(*four) for four in (keys, *others)}) == 5
