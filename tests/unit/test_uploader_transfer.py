# SPDX-License-Identifier: Apache-2.0
"""What transfer does with each answer that a platform may give at each step, from a peer that gives just that."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from uploader_clock import StillClock
from uploader_loopback import LoopbackPeer
from uploader_loopback import http as http_answer
from uploader_sealed import Stock, Stocked, build_stock

from session.ports import OutboxItem, Outcome
from uploader.client import PlatformClient
from uploader.outbox import MALFORMED_MOST, DurableOutbox
from uploader.transfer import NO_ROOM_US, ROUNDS, send

CLOSE = [("Connection", "close")]


class Store:
    """The answers of a platform that has `held` files, with one answer of the test's own at one step."""

    def __init__(self, one: Stocked, *, step: str = "", answer: bytes = b"", times: int = 1) -> None:
        self.one, self.step, self.answer, self.times = one, step, answer, times
        self.held: set[str] = set()
        self.put: list[str] = []
        self.seals = 0

    def route(self, method: str, last: str, body: bytes) -> bytes:
        step = {"missing": "missing", "seal": "seal"}.get(last, "file")
        if step == self.step and self.times:
            self.times -= 1
            return self.answer
        if step == "missing":
            asked = msgspec.json.decode(body)["digests"]
            return self.json(200, {"missing": [digest for digest in asked if digest not in self.held]})
        if step == "file":
            assert method == "PUT"
            assert hashlib.sha256(body).hexdigest() == last
            self.put.append(last)
            self.held.add(last)
            return http_answer(201, b"{}", headers=CLOSE)
        self.seals += 1
        wanted = [*msgspec.json.decode(body)["segments"]]
        missing = [digest for digest in wanted if digest not in self.held]
        if missing:
            return self.json(409, {"error": "missing", "detail": "", "missing": missing})
        return http_answer(201, self.one.receipt, headers=CLOSE)

    @staticmethod
    def json(status: int, body: object) -> bytes:
        return http_answer(status, msgspec.json.encode(body), headers=CLOSE)


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Stock:
    return build_stock(tmp_path_factory.mktemp("stock"), 2)


@pytest.fixture
def outbox(stock: Stock, tmp_path: Path) -> Iterator[DurableOutbox]:
    opened = stock.outbox(tmp_path, StillClock())
    one = stock.sessions[1]
    opened.put(one.session_id, one.into(tmp_path / "spool"), not_before_us=0)
    yield opened
    opened.close()


def attempt(outbox: DurableOutbox, store: Store) -> tuple[Outcome, OutboxItem]:
    with LoopbackPeer(route=store.route) as peer:
        outbox.release(store.one.session_id)
        item = outbox.claim()
        assert item is not None
        outcome = send(item, PlatformClient(peer.address, "t" * 43, clock=StillClock()), outbox)
    (after,) = outbox.items()
    return outcome, after


def test_all_goes_well(outbox: DurableOutbox, stock: Stock) -> None:
    store = Store(stock.sessions[1])
    outcome, item = attempt(outbox, store)
    assert (outcome, item.state, item.sent_bytes, store.seals) == (Outcome.DONE, "confirmed", item.total_bytes, 1)
    assert len(store.put) == len(set(store.put)) == 2


@pytest.mark.parametrize("step", ["missing", "file", "seal"])
@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (500, Outcome.RETRY),
        (503, Outcome.RETRY),
        (429, Outcome.RETRY),
        (302, Outcome.RETRY),
        (401, Outcome.STOP),
        (403, Outcome.STOP),
        (400, Outcome.NEVER),
        (404, Outcome.NEVER),
        (409, Outcome.NEVER),
        (422, Outcome.NEVER),
    ],
)
def test_each_answer_at_each_step_has_its_outcome(
    outbox: DurableOutbox, stock: Stock, step: str, status: int, outcome: Outcome
) -> None:
    state = "refused" if outcome is Outcome.NEVER else "waiting"
    body = b'{"error":"verify","detail":"Step 7 does not hold."}'
    store = Store(stock.sessions[1], step=step, answer=http_answer(status, body, headers=CLOSE))
    got, item = attempt(outbox, store)
    assert (got, item.state) == (outcome, state)
    assert item.last_error
    if state == "refused":
        assert "Step 7 does not hold." in item.last_error
    again, item = attempt(outbox, store)
    assert (again, item.state) == (Outcome.DONE, "confirmed"), "nothing was lost; a person may ask for another try"
    assert len(store.put) == len(set(store.put)), "and nothing was sent twice"


@pytest.mark.parametrize(("code", "said"), [("quota", "no room"), ("size", "larger than"), ("", "larger than")])
def test_no_room_for_a_file_is_waited_for_and_what_to_do_is_told(
    outbox: DurableOutbox, stock: Stock, code: str, said: str
) -> None:
    answer = http_answer(413, msgspec.json.encode({"error": code, "detail": "Theirs."}), headers=CLOSE)
    outcome, item = attempt(outbox, Store(stock.sessions[1], step="file", answer=answer))
    assert (outcome, item.state, item.not_before_us) == (Outcome.RETRY, "waiting", StillClock().t_us + NO_ROOM_US)
    assert said in item.last_error
    assert "Ask your organisation's admin" in item.last_error
    for _ in range(MALFORMED_MOST + 2):  # days: no person needs to press anything in the end
        outcome, item = attempt(outbox, Store(stock.sessions[1], step="file", answer=answer))
        assert (outcome, item.state) == (Outcome.RETRY, "waiting")
    outcome, item = attempt(outbox, Store(stock.sessions[1]))
    assert (outcome, item.state) == (Outcome.DONE, "confirmed")


@pytest.mark.parametrize("step", ["missing", "seal"])
def test_a_question_or_a_seal_that_is_too_large_is_refused(outbox: DurableOutbox, stock: Stock, step: str) -> None:
    store = Store(stock.sessions[1], step=step, answer=http_answer(413, b"{}", headers=CLOSE))
    outcome, item = attempt(outbox, store)
    assert (outcome, item.state) == (Outcome.NEVER, "refused")


@pytest.mark.parametrize("step", ["missing", "file", "seal"])
def test_a_cut_at_each_step_goes_on_where_it_was(outbox: DurableOutbox, stock: Stock, step: str) -> None:
    store = Store(stock.sessions[1], step=step, answer=b"")
    outcome, item = attempt(outbox, store)
    assert (outcome, item.state) == (Outcome.RETRY, "waiting")
    outcome, item = attempt(outbox, store)
    assert (outcome, item.state) == (Outcome.DONE, "confirmed")


def test_files_that_the_platform_lost_meanwhile_are_sent_again(outbox: DurableOutbox, stock: Stock) -> None:
    store = Store(stock.sessions[1], step="missing", answer=Store.json(200, {"missing": []}))
    outcome, item = attempt(outbox, store)
    assert (outcome, item.state, store.seals) == (Outcome.DONE, "confirmed", 2)
    assert len(store.put) == 1, "the segment, which it asked for"
    assert item.sent_bytes == item.total_bytes


def test_a_platform_that_always_misses_files_is_not_followed_for_ever(outbox: DurableOutbox, stock: Stock) -> None:
    store = Store(stock.sessions[1])
    attempt(outbox, Store(stock.sessions[1], step="seal", answer=http_answer(503, headers=CLOSE)))
    (segment,) = (one for one in outbox.sent(stock.sessions[1].session_id) if not _is_blob(stock, one))
    store = Store(
        stock.sessions[1], step="seal", times=99, answer=Store.json(409, {"error": "missing", "missing": [segment]})
    )
    outcome, item = attempt(outbox, store)
    assert (outcome, item.state, 99 - store.times) == (Outcome.RETRY, "waiting", ROUNDS)
    assert "missing" in item.last_error


def _is_blob(stock: Stock, digest: str) -> bool:
    return (stock.sessions[1].folder / "blobs" / digest).exists()


@pytest.mark.parametrize("step", ["missing", "seal"])
def test_files_that_are_not_of_this_session_are_never_looked_for(outbox: DurableOutbox, stock: Stock, step: str) -> None:
    status = 200 if step == "missing" else 409
    asked = {"error": "missing", "missing": ["0" * 64, "f" * 64]}
    outcome, item = attempt(outbox, Store(stock.sessions[1], step=step, answer=Store.json(status, asked)))
    assert (outcome, item.state) == (Outcome.NEVER, "refused")
    assert "does not have" in item.last_error


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"missing":7}', b'{"missing":["../../keys"]}', b"\xff"])
@pytest.mark.parametrize("step", ["missing", "seal"])
def test_a_list_that_is_none_is_strange_and_tried_again(outbox: DurableOutbox, stock: Stock, step: str, body: bytes) -> None:
    answer = http_answer(200 if step == "missing" else 409, body, headers=CLOSE)
    outcome, item = attempt(outbox, Store(stock.sessions[1], step=step, answer=answer))
    assert outcome is (Outcome.RETRY if step == "missing" else Outcome.NEVER)
    assert item.state == ("waiting" if step == "missing" else "refused")


def test_a_session_that_was_sealed_unheard_gets_its_receipt(outbox: DurableOutbox, stock: Stock) -> None:
    store = Store(stock.sessions[1], step="file", times=99, answer=Store.json(409, {"error": "sealed", "detail": "x"}))
    store.held.update(_segments(outbox, stock))
    outcome, item = attempt(outbox, store)
    assert (outcome, item.state) == (Outcome.DONE, "confirmed")


def _segments(outbox: DurableOutbox, stock: Stock) -> set[str]:
    """Digests of what was sent, learned by sending it."""
    learned = Store(stock.sessions[1], step="seal", answer=http_answer(503, headers=CLOSE))
    attempt(outbox, learned)
    return {one for one in learned.held if not _is_blob(stock, one)}


def test_another_seal_is_refused_in_our_words(outbox: DurableOutbox, stock: Stock) -> None:
    answer = Store.json(409, {"error": "sealed", "detail": "theirs"})
    outcome, item = attempt(outbox, Store(stock.sessions[1], step="seal", answer=answer))
    assert (outcome, item.state) == (Outcome.NEVER, "refused")
    assert "holds another seal" in item.last_error


def test_a_file_that_arrived_changed_is_sent_again(outbox: DurableOutbox, stock: Stock) -> None:
    answer = Store.json(422, {"error": "digest", "detail": "x"})
    outcome, item = attempt(outbox, Store(stock.sessions[1], step="file", answer=answer))
    assert (outcome, item.state) == (Outcome.RETRY, "waiting")


@pytest.mark.parametrize("which", ["another session's", "none", "cut"])
def test_a_receipt_that_does_not_verify_confirms_nothing(outbox: DurableOutbox, stock: Stock, which: str) -> None:
    one = stock.sessions[1]
    receipt = {"another session's": stock.sessions[0].receipt, "none": b"", "cut": one.receipt[:-1]}[which]
    outcome, item = attempt(outbox, Store(one, step="seal", answer=http_answer(201, receipt, headers=CLOSE)))
    assert (outcome, item.state) == (Outcome.RETRY, "waiting")
    assert "receipt does not verify" in item.last_error
    assert not (item.folder / "receipt.dsse").exists()


def test_logs_tell_no_session_and_no_file(outbox: DurableOutbox, stock: Stock, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="fairwitness"):
        store = Store(stock.sessions[1])
        attempt(outbox, store)
    said = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("fairwitness"))
    assert "request=seal status=201 outcome=done" in said
    for secret in (stock.sessions[1].session_id, *store.put, "127.0.0.1", "t" * 43, "spool"):
        assert secret not in said
