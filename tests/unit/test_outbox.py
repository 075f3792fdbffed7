# SPDX-License-Identifier: Apache-2.0
"""The outbox verb by verb, over real sealed sessions and a real database."""

from __future__ import annotations

import hashlib
import random
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from trust_builders import organisation, signing_key
from uploader_clock import StillClock
from uploader_sealed import Stock, build_stock
from verifier_both import both

from session import InputFault, IntegrityFault
from session.events import Cosign, Kind
from session.log.cosign import stated_time_s
from session.ports import OutboxItem
from session.segments import public_body, session_frames
from session.trust.directory import Revocation
from session.trust.statements import Receipt, open_statement, sign
from session.verify import verify_session
from uploader.outbox import MALFORMED_MOST, MOST_HOLD_US, MOST_WAIT_US, Backoff, DurableOutbox
from uploader.receipts import ReceiptReader, UnknownKeyFault, keep_directory

SECOND_US = 1_000_000


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Stock:
    return build_stock(tmp_path_factory.mktemp("stock"), 3)


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def outbox(stock: Stock, tmp_path: Path, clock: StillClock) -> Iterator[DurableOutbox]:
    opened = stock.outbox(tmp_path, clock)
    yield opened
    opened.close()


def put(outbox: DurableOutbox, stock: Stock, tmp_path: Path, number: int = 0, *, not_before_us: int = 0) -> str:
    one = stock.sessions[number]
    outbox.put(one.session_id, one.into(tmp_path / "spool"), not_before_us=not_before_us)
    return one.session_id


def only(outbox: DurableOutbox) -> OutboxItem:
    (item,) = outbox.items()
    return item


def test_a_sealed_session_is_held_then_waits_is_sent_and_confirmed(
    outbox: DurableOutbox, stock: Stock, tmp_path: Path, clock: StillClock
) -> None:
    session_id = put(outbox, stock, tmp_path, not_before_us=clock.t_us + 5 * SECOND_US)
    assert (only(outbox).state, outbox.next_due_us(), outbox.claim()) == ("held", clock.t_us + 5 * SECOND_US, None)
    clock.advance(5 * SECOND_US)
    assert (only(outbox).state, outbox.next_due_us()) == ("waiting", clock.t_us)
    claimed = outbox.claim()
    assert claimed is not None
    assert (claimed.session_id, claimed.state, claimed.folder) == (session_id, "sending", tmp_path / "spool" / session_id)
    assert (outbox.claim(), outbox.next_due_us()) == (None, None)
    outbox.settle(session_id, stock.sessions[0].receipt)
    assert only(outbox).state == "confirmed"
    assert (claimed.folder / "receipt.dsse").read_bytes() == stock.sessions[0].receipt
    assert (claimed.folder / "000000.fws").exists(), "the local copy stays"


def test_put_again_changes_nothing(outbox: DurableOutbox, stock: Stock, tmp_path: Path, clock: StillClock) -> None:
    session_id = put(outbox, stock, tmp_path, not_before_us=clock.t_us + SECOND_US)
    outbox.put(session_id, tmp_path / "spool" / session_id, not_before_us=0)
    assert only(outbox).not_before_us == clock.t_us + SECOND_US


def test_another_program_that_closes_the_database_takes_nothing_from_a_second_thread(
    outbox: DurableOutbox, stock: Stock, tmp_path: Path
) -> None:
    second = threading.Thread(target=outbox.items)  # with a connection of its own, to a file that is open already
    second.start()
    second.join()
    (database,) = tmp_path.glob("*.sqlite3")
    log = database.with_name(database.name + "-shm")
    assert log.exists()
    close = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT * FROM sessions'); c.close()"
    subprocess.run([sys.executable, "-c", close, str(database)], check=True, timeout=30)
    assert log.exists(), "the other program was alone with the database, as far as it could see"
    put(outbox, stock, tmp_path)
    assert only(outbox).state == "waiting"


def test_what_is_not_sealed_for_a_platform_is_refused(outbox: DurableOutbox, stock: Stock, tmp_path: Path) -> None:
    one = stock.sessions[0]
    folder = one.into(tmp_path / "spool")
    with pytest.raises(InputFault, match="seal"):
        outbox.put("no identifier", folder, not_before_us=0)
    for needed in ("seal.dsse", "statements/directory.dsse"):
        (folder / needed).unlink()
        with pytest.raises(InputFault, match="seal"):
            outbox.put(one.session_id, folder, not_before_us=0)
    assert outbox.items() == []


def test_release_ends_a_hold_a_wait_and_a_refusal(
    outbox: DurableOutbox, stock: Stock, tmp_path: Path, clock: StillClock
) -> None:
    session_id = put(outbox, stock, tmp_path, not_before_us=clock.t_us + SECOND_US)
    outbox.release(session_id)
    assert outbox.claim() is not None
    outbox.put_off(session_id, "offline")
    assert outbox.claim() is None
    outbox.release(session_id)
    assert outbox.claim() is not None
    outbox.refuse(session_id, "Step 7 does not hold.")
    assert (only(outbox).state, only(outbox).last_error, outbox.claim()) == ("refused", "Step 7 does not hold.", None)
    clock.advance(MOST_WAIT_US * 100)
    assert outbox.claim() is None
    outbox.release(session_id)
    assert outbox.claim() is not None


def test_release_leaves_what_is_sent_or_confirmed_alone(outbox: DurableOutbox, stock: Stock, tmp_path: Path) -> None:
    session_id = put(outbox, stock, tmp_path)
    assert outbox.claim() is not None
    outbox.release(session_id)
    assert only(outbox).state == "sending"
    outbox.settle(session_id, stock.sessions[0].receipt)
    outbox.release(session_id)
    assert only(outbox).state == "confirmed"


def test_backoff_doubles_up_to_its_bound_and_progress_begins_it_again(
    outbox: DurableOutbox, stock: Stock, tmp_path: Path, clock: StillClock
) -> None:
    session_id = put(outbox, stock, tmp_path)
    waits = []
    for _ in range(12):
        outbox.release(session_id) if not waits else clock.advance(waits[-1])
        assert outbox.claim() is not None
        outbox.put_off(session_id, "offline")
        waits.append(only(outbox).not_before_us - clock.t_us)
    assert [wait // SECOND_US for wait in waits] == [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]
    clock.advance(waits[-1])
    assert outbox.claim() is not None
    outbox.mark_sent(session_id, "a" * 64, 10)
    outbox.put_off(session_id, "cut")
    assert only(outbox).not_before_us - clock.t_us == 2 * SECOND_US
    assert (only(outbox).attempts, only(outbox).last_error) == (1, "cut")


def test_jitter_is_full() -> None:
    chance = random.Random(1)  # noqa: S311 - a test of spread, no secret
    waits = [Backoff().wait_us(3, chance.randrange) for _ in range(2000)]
    assert 0 <= min(waits) < 200_000
    assert 15_800_000 < max(waits) <= 16_000_000
    assert abs(sum(waits) / len(waits) - 8_000_000) < 400_000
    assert Backoff().wait_us(10_000, lambda most: most - 1) == Backoff().most_us


def test_the_platforms_wish_is_honoured_up_to_an_hour(
    outbox: DurableOutbox, stock: Stock, tmp_path: Path, clock: StillClock
) -> None:
    session_id = put(outbox, stock, tmp_path)
    for wish_us, wait_us in ((0, 2 * SECOND_US), (77 * SECOND_US, 77 * SECOND_US), (10 * MOST_WAIT_US, MOST_WAIT_US)):
        outbox.release(session_id)
        assert outbox.claim() is not None
        outbox.put_off(session_id, "busy", retry_after_us=wish_us)
        assert only(outbox).not_before_us - clock.t_us == wait_us


def test_strange_answers_in_a_row_ask_a_person_and_others_do_not(
    outbox: DurableOutbox, stock: Stock, tmp_path: Path, clock: StillClock
) -> None:
    session_id = put(outbox, stock, tmp_path)
    orderly_between = [True] * (MALFORMED_MOST - 1) + [False] + [True] * MALFORMED_MOST
    for malformed in orderly_between:
        clock.advance(MOST_WAIT_US)
        assert outbox.claim() is not None
        outbox.put_off(session_id, "strange", malformed=malformed)
    clock.advance(10 * MOST_WAIT_US)
    assert (outbox.claim(), outbox.next_due_us(), only(outbox).state) == (None, None, "waiting")
    outbox.release(session_id)
    assert outbox.claim() is not None


def test_what_needs_a_person_waits_for_one_or_for_the_next_start(
    outbox: DurableOutbox, stock: Stock, tmp_path: Path, clock: StillClock
) -> None:
    session_id = put(outbox, stock, tmp_path)
    assert outbox.claim() is not None
    outbox.stop(session_id, "Enrol this device again.")
    clock.advance(100 * MOST_WAIT_US)
    assert (outbox.claim(), only(outbox).state, only(outbox).last_error) == (None, "waiting", "Enrol this device again.")
    outbox.close()
    again = stock.outbox(tmp_path, clock)
    assert again.claim() is not None
    again.close()


def test_a_clock_set_back_neither_hides_a_wait_nor_a_hold(
    outbox: DurableOutbox, stock: Stock, tmp_path: Path, clock: StillClock
) -> None:
    session_id = put(outbox, stock, tmp_path)
    assert outbox.claim() is not None
    outbox.put_off(session_id, "offline")
    clock.advance(-2 * MOST_WAIT_US)
    assert outbox.claim() is not None
    outbox.refuse(session_id, "")
    held = put(outbox, stock, tmp_path, 1, not_before_us=clock.t_us + MOST_HOLD_US)
    assert outbox.claim() is None
    clock.advance(-SECOND_US)
    assert [item.state for item in outbox.items()] == ["refused", "waiting"]
    claimed = outbox.claim()
    assert claimed is not None
    assert claimed.session_id == held


def test_sent_files_are_counted_once_and_can_be_taken_back(outbox: DurableOutbox, stock: Stock, tmp_path: Path) -> None:
    session_id = put(outbox, stock, tmp_path)
    outbox.begin(session_id, 100)
    for _ in range(2):
        outbox.mark_sent(session_id, "a" * 64, 30)
    outbox.mark_sent(session_id, "b" * 64, 5)
    assert (only(outbox).sent_bytes, only(outbox).total_bytes) == (35, 100)
    assert outbox.sent(session_id) == {"a" * 64, "b" * 64}
    outbox.unmark(session_id, ["a" * 64, "c" * 64])
    assert only(outbox).sent_bytes == 5
    outbox.mark_sent("f" * 32, "a" * 64, 30)
    assert outbox.sent("f" * 32) == frozenset()


def _foreign_receipts(stock: Stock) -> Iterator[tuple[str, bytes]]:
    one, other = stock.sessions[:2]
    yield "receipt", other.receipt
    yield "signed by", one.receipt.replace(b'"keyid":"', b'"keyid":"0', 1)[:-1]
    yield "JSON", one.receipt + b" "
    yield "JSON", one.receipt[: len(one.receipt) // 2]
    yield "JSON", b""


@pytest.mark.parametrize("number", range(5))
def test_a_receipt_that_does_not_verify_settles_nothing(
    outbox: DurableOutbox, stock: Stock, tmp_path: Path, number: int
) -> None:
    session_id = put(outbox, stock, tmp_path)
    assert outbox.claim() is not None
    _, receipt = list(_foreign_receipts(stock))[number]
    with pytest.raises(IntegrityFault):
        outbox.settle(session_id, receipt)
    assert only(outbox).state == "sending"
    assert not (tmp_path / "spool" / session_id / "receipt.dsse").exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("organisation", "a" * 64),
        ("session", "a" * 32),
        ("seal_sha256", "a" * 64),
        ("root", "a" * 64),
        ("size", 5),
        ("log_root", "a" * 64),
        ("log_index", 2),
        ("log_size", 9),
        ("log_proof", ()),
    ],
)
def test_a_receipt_of_the_platforms_own_that_says_something_else_is_refused(
    stock: Stock, tmp_path: Path, field: str, value: object
) -> None:
    one = stock.sessions[0]
    folder = one.into(tmp_path)
    good = open_statement(one.receipt, Receipt, stock.org.receipt_key.public)
    stock.check(one.session_id, folder, sign(good, stock.org.receipt_key))
    with pytest.raises(IntegrityFault):
        stock.check(one.session_id, folder, sign(msgspec.structs.replace(good, **{field: value}), stock.org.receipt_key))


def test_a_session_has_one_receipt(outbox: DurableOutbox, stock: Stock, tmp_path: Path) -> None:
    session_id = put(outbox, stock, tmp_path)
    kept = tmp_path / "spool" / session_id / "receipt.dsse"
    outbox.settle(session_id, stock.sessions[0].receipt)
    before = kept.stat()
    outbox.settle(session_id, stock.sessions[0].receipt)
    outbox.settle(session_id, b"whatever the network says later")
    assert (kept.read_bytes(), kept.stat().st_ino) == (stock.sessions[0].receipt, before.st_ino)


def test_a_receipt_stays_good_when_the_platforms_keys_are_renewed(stock: Stock, tmp_path: Path) -> None:
    one = stock.sessions[0]
    folder = one.into(tmp_path)
    renewed = organisation(version=2, receipt_key=signing_key("receipt 2"), review_keys=stock.org.review_keys)
    reader = ReceiptReader(stock.org.root.public, renewed.directory_bytes)
    assert reader(one.session_id, folder, one.receipt)
    assert {path.name for path in (folder / "statements").iterdir()} == {"directory.dsse", "policy.toml"}
    good = open_statement(one.receipt, Receipt, stock.org.receipt_key.public)
    by_the_new_key = sign(good, renewed.receipt_key)
    with pytest.raises(IntegrityFault):
        stock.check(one.session_id, folder, by_the_new_key)
    for _ in range(2):
        assert reader(one.session_id, folder, by_the_new_key) == good
    (folder / "receipt.dsse").write_bytes(by_the_new_key)
    outcome = verify_session(folder, trust=stock.org.anchor)
    assert (outcome.verified, outcome.receipt) == (True, True), outcome.failed_step


def test_of_three_receipt_keys_the_one_of_a_directory_in_between_counts(stock: Stock, tmp_path: Path) -> None:
    """Renewed twice between the grant and now: the folder's own directory, or one beside it, says whose the receipt is."""
    one = stock.sessions[0]
    folder = one.into(tmp_path)
    good = open_statement(one.receipt, Receipt, stock.org.receipt_key.public)
    second = organisation(version=2, receipt_key=signing_key("receipt 2"), review_keys=stock.org.review_keys)
    third = organisation(version=3, receipt_key=signing_key("receipt 3"), review_keys=stock.org.review_keys)
    reader = ReceiptReader(stock.org.root.public, third.directory_bytes)
    by_the_second = sign(good, second.receipt_key)
    with pytest.raises(UnknownKeyFault):
        reader(one.session_id, folder, by_the_second)
    foreign = organisation(root=signing_key("another root"), version=2, receipt_key=signing_key("receipt 2"))
    for raw in (foreign.directory_bytes(), b"not an envelope"):
        keep_directory(folder, raw)
        with pytest.raises(UnknownKeyFault):
            reader(one.session_id, folder, by_the_second)
        (folder / "statements" / f"{hashlib.sha256(raw).hexdigest()}.dsse").unlink()
    keep_directory(folder, second.directory_bytes())
    for _ in range(2):
        assert reader(one.session_id, folder, by_the_second) == good
    assert len(list((folder / "statements").iterdir())) == 3, "it is named here, so the newest directory is not needed"
    (folder / "receipt.dsse").write_bytes(by_the_second)
    assert both(folder, trust=stock.org.anchor).verified
    assert reader(one.session_id, folder, one.receipt) == good
    for revoked_us, kept in ((good.received_us, False), (good.received_us + 1, True)):
        third.revocations = (Revocation(revoked_key=second.receipt_key.public.hex(), revoked_us=revoked_us),)
        if kept:
            assert reader(one.session_id, folder, by_the_second) == good
        else:
            with pytest.raises(IntegrityFault, match="revoked"):
                reader(one.session_id, folder, by_the_second)


def test_a_receipt_before_the_last_cosignature_is_not_kept(stock: Stock, tmp_path: Path) -> None:
    """Step 12 would refuse it for ever, and a session has one."""
    one = stock.sessions[0]
    folder = one.into(tmp_path)
    good = open_statement(one.receipt, Receipt, stock.org.receipt_key.public)
    frames = [frame for _, _, frame in session_frames(folder) if frame.kind == Kind.COSIGN]
    body = public_body(frames[-1])
    assert isinstance(body, Cosign)
    cosigned_us = stated_time_s(body.line) * 1_000_000
    assert stock.check(one.session_id, folder, _received(stock, good, cosigned_us)).received_us == cosigned_us
    with pytest.raises(IntegrityFault, match="before that of the grant or of the last cosignature"):
        stock.check(one.session_id, folder, _received(stock, good, cosigned_us - 1))


def test_a_receipt_by_a_key_that_was_revoked_is_not_kept(stock: Stock, tmp_path: Path) -> None:
    one = stock.sessions[0]
    folder = one.into(tmp_path)
    good = open_statement(one.receipt, Receipt, stock.org.receipt_key.public)
    for revoked_us, kept in ((good.received_us, False), (good.received_us + 1, True)):
        revoked = Revocation(revoked_key=stock.org.receipt_key.public.hex(), revoked_us=revoked_us)
        newest = replace(stock.org, version=2, revocations=(revoked,)).directory_bytes()
        reader = ReceiptReader(stock.org.root.public, lambda raw=newest: raw)  # type: ignore[misc] # binds this one
        if kept:
            assert reader(one.session_id, folder, one.receipt) == good
        else:
            with pytest.raises(IntegrityFault, match="revoked"):
                reader(one.session_id, folder, one.receipt)


def test_damage_to_a_session_that_was_confirmed_is_no_fault_of_its_receipt(stock: Stock, tmp_path: Path) -> None:
    one = stock.sessions[0]
    folder = one.into(tmp_path)
    (folder / "000000.fws").write_bytes(b"damaged")
    assert stock.check(one.session_id, folder, one.receipt).session == one.session_id
    (folder / "000000.fws").unlink()
    assert stock.check(one.session_id, folder, one.receipt).session == one.session_id


def _received(stock: Stock, good: Receipt, received_us: int) -> bytes:
    return sign(msgspec.structs.replace(good, received_us=received_us), stock.org.receipt_key)


def test_a_directory_of_another_root_in_the_folder_is_not_believed(stock: Stock, tmp_path: Path) -> None:
    one = stock.sessions[0]
    folder = one.into(tmp_path)
    other = organisation(root=organisation().grant_key, grant_key=organisation().root)
    (folder / "statements/directory.dsse").write_bytes(other.directory_bytes())
    with pytest.raises(IntegrityFault):
        stock.check(one.session_id, folder, one.receipt)


def test_forget_refuses_before_confirmation_and_deletes_after(outbox: DurableOutbox, stock: Stock, tmp_path: Path) -> None:
    session_id = put(outbox, stock, tmp_path, 1)
    folder = tmp_path / "spool" / session_id
    for state in ("waiting", "sending"):
        assert only(outbox).state == state
        with pytest.raises(InputFault, match="only copy"):
            outbox.forget(session_id)
        outbox.claim()
    outbox.settle(session_id, stock.sessions[1].receipt)
    (folder / "receipt.dsse").write_bytes(b"damaged")
    with pytest.raises(IntegrityFault):
        outbox.forget(session_id)
    assert (folder / "blobs").is_dir()
    (folder / "receipt.dsse").write_bytes(stock.sessions[1].receipt)
    outbox.forget(session_id)
    assert outbox.items() == []
    assert list((tmp_path / "spool").iterdir()) == []
    with pytest.raises(InputFault):
        outbox.forget(session_id)


def test_forget_follows_no_link_and_leaves_what_is_not_a_sessions(
    outbox: DurableOutbox, stock: Stock, tmp_path: Path
) -> None:
    session_id = put(outbox, stock, tmp_path, 1)
    folder, elsewhere = tmp_path / "spool" / session_id, tmp_path / "elsewhere"
    outbox.settle(session_id, stock.sessions[1].receipt)
    elsewhere.mkdir()
    (elsewhere / "mine").write_bytes(b"mine")
    shutil.rmtree(folder / "blobs")
    (folder / "blobs").symlink_to(elsewhere)
    (folder / "letter.txt").write_bytes(b"mine too")
    outbox.forget(session_id)
    assert (elsewhere / "mine").exists()
    assert sorted(path.name for path in folder.iterdir()) == ["blobs", "letter.txt"]
