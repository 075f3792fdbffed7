# SPDX-License-Identifier: Apache-2.0
"""Any order of putting, sending, answers, crashes, damage and restarts: nothing is lost, a session has one receipt."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from uploader_clock import StillClock
from uploader_sealed import Stock, build_stock, quick_folder

from session import InputFault, IntegrityFault
from session.ports import OutboxItem
from uploader.outbox import DurableOutbox

SECOND_US = 1_000_000
_STOCK: list[Stock] = []


@pytest.fixture(scope="module", autouse=True)
def _stock(tmp_path_factory: pytest.TempPathFactory) -> None:
    _STOCK[:] = [build_stock(tmp_path_factory.mktemp("stock"), 3)]


which = st.integers(0, 2)


class OutboxMachine(RuleBasedStateMachine):
    """The platform's side is the receipts of the stock: it gives the same one however often it is asked."""

    @initialize()
    def begin(self) -> None:
        self.stock = _STOCK[0]
        self.home = Path(tempfile.mkdtemp(prefix="outbox-", dir=quick_folder()))
        self.clock = StillClock()
        self.sealed: set[str] = set()
        self.forgotten: set[str] = set()
        self.receipts: dict[str, bytes] = {}
        self.claimed: set[str] = set()
        self.outbox: DurableOutbox = self.stock.outbox(self.home, self.clock)

    def teardown(self) -> None:
        self.outbox.close()
        shutil.rmtree(self.home)

    # -- what the agent and the trainer do

    @rule(number=which, hold_s=st.integers(0, 100), put=st.booleans())
    def seal(self, number: int, hold_s: int, put: bool) -> None:
        """Sealed, and put unless the program dies in between."""
        one = self.stock.sessions[number]
        if one.session_id not in self.sealed | self.forgotten:
            one.into(self.home / "spool")
            self.sealed.add(one.session_id)
            if not put:
                self.restart()
        if one.session_id in self.sealed:
            folder = self.home / "spool" / one.session_id
            self.outbox.put(one.session_id, folder, not_before_us=self.clock.t_us + hold_s * SECOND_US)

    @rule(number=which)
    def release(self, number: int) -> None:
        self.outbox.release(self.stock.sessions[number].session_id)

    @rule(number=which)
    def forget(self, number: int) -> None:
        session_id = self.stock.sessions[number].session_id
        if self.state(session_id) == "confirmed":
            self.outbox.forget(session_id)
            self.sealed.discard(session_id)
            self.forgotten.add(session_id)
        else:
            with pytest.raises(InputFault):
                self.outbox.forget(session_id)

    @rule(by_s=st.integers(-100, 5000))
    def pass_time(self, by_s: int) -> None:
        self.clock.advance(by_s * SECOND_US)

    # -- what the uplink does

    @rule()
    def claim(self) -> None:
        item = self.outbox.claim()
        if item is not None:
            assert item.session_id not in self.claimed, "claimed twice at once"
            self.claimed.add(item.session_id)

    @precondition(lambda self: self.claimed)
    @rule(
        how=st.sampled_from(["retry", "strange", "stop", "never", "sent", "receipt", "receipt twice", "bad receipt"]),
        number=which,
    )
    def answer(self, how: str, number: int) -> None:
        session_id = sorted(self.claimed)[number % len(self.claimed)]
        receipt = next(one.receipt for one in self.stock.sessions if one.session_id == session_id)
        if how in {"retry", "strange"}:
            self.outbox.put_off(session_id, "words", malformed=how == "strange")
        elif how == "stop":
            self.outbox.stop(session_id, "words")
        elif how == "never":
            self.outbox.refuse(session_id, "words")
        elif how == "sent":
            self.outbox.mark_sent(session_id, "a" * 64, 5)
            return
        elif how == "bad receipt":
            with pytest.raises(IntegrityFault):
                self.outbox.settle(session_id, receipt[:-2])
            return
        else:
            for _ in range(1 + (how == "receipt twice")):
                self.outbox.settle(session_id, receipt)
            self.receipts[session_id] = receipt
        self.claimed.discard(session_id)

    @precondition(lambda self: self.claimed)
    @rule(number=which)
    def die_before_the_row(self, number: int) -> None:
        """The receipt is durable and the program dies before the row is written."""
        session_id = sorted(self.claimed)[number % len(self.claimed)]
        receipt = next(one.receipt for one in self.stock.sessions if one.session_id == session_id)
        (self.home / "spool" / session_id / "receipt.dsse").write_bytes(receipt)
        self.receipts[session_id] = receipt
        self.restart()

    # -- what the world does

    @rule()
    def restart(self) -> None:
        self.outbox.close()
        self.claimed.clear()
        self.outbox = self.stock.outbox(self.home, self.clock)

    @rule(how=st.sampled_from(["gone", "garbage", "cut", "flip"]), at=st.integers(0, 10_000))
    def damage(self, how: str, at: int) -> None:
        """The database is lost or damaged while the program is off."""
        self.outbox.close()
        path = self.home / "outbox.sqlite3"
        whole = bytearray(path.read_bytes())
        if how == "gone":
            for part in self.home.glob("outbox.sqlite3*"):
                part.unlink()
        elif how == "garbage":
            path.write_bytes(b"\x55" * len(whole))
        elif how == "cut":
            path.write_bytes(whole[: at % len(whole)])
        else:
            whole[at % len(whole)] ^= 1 << at % 8
            path.write_bytes(whole)
        self.restart()

    # -- what always holds

    def state(self, session_id: str) -> str:
        return next((item.state for item in self.outbox.items() if item.session_id == session_id), "")

    @invariant()
    def each_sealed_session_is_here_once(self) -> None:
        items: list[OutboxItem] = list(self.outbox.items())
        assert sorted(item.session_id for item in items) == sorted(self.sealed)

    @invariant()
    def confirmed_is_what_has_its_one_receipt(self) -> None:
        for item in self.outbox.items():
            path = item.folder / "receipt.dsse"
            if item.state == "confirmed":
                assert path.read_bytes() == self.receipts[item.session_id]
                assert (item.folder / "seal.dsse").exists()
            else:
                assert item.session_id not in self.receipts or not path.exists()
            assert item.folder == self.home / "spool" / item.session_id

    @invariant()
    def what_was_not_confirmed_is_never_deleted(self) -> None:
        for session_id in self.sealed - self.receipts.keys():
            assert (self.home / "spool" / session_id / "000000.fws").exists()


@pytest.mark.slow
class TestOutbox(OutboxMachine.TestCase):  # type: ignore[misc, valid-type]
    settings = settings(
        max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
    )
