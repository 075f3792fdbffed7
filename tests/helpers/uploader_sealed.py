# SPDX-License-Identifier: Apache-2.0
"""A stock of sealed sessions with the receipt that their platform would give, to be laid into a spool as often as needed."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from trust_builders import ORIGIN_US, Organisation, organisation, write_receipt
from uploader_clock import StillClock

from uploader.outbox import Backoff, DurableOutbox
from uploader.receipts import ReceiptReader


@dataclass(frozen=True)
class Stocked:
    """One sealed session: its folder in the stock, without a receipt, and the receipt apart."""

    session_id: str
    folder: Path
    receipt: bytes

    def into(self, spool: Path) -> Path:
        """A copy in `spool`, as the agent leaves it after sealing."""
        return shutil.copytree(self.folder, spool / self.session_id)


@dataclass(frozen=True)
class Stock:
    org: Organisation
    sessions: tuple[Stocked, ...]

    @property
    def check(self) -> ReceiptReader:
        directory = self.org.directory_bytes()
        return ReceiptReader(self.org.root.public, lambda: directory)

    def outbox(self, home: Path, clock: StillClock, **changes: object) -> DurableOutbox:
        """The outbox of `home`, over `home`/spool; waits are the longest that the jitter allows."""
        (home / "spool").mkdir(parents=True, exist_ok=True)
        parts: dict[str, object] = {
            "spool": home / "spool",
            "check": self.check,
            "clock": clock,
            "hold_us": 600_000_000,
            "backoff": Backoff(),
            "randbelow": lambda most: most - 1,
        }
        return DurableOutbox(home / "outbox.sqlite3", **(parts | changes))  # type: ignore[arg-type]


def quick_folder() -> str | None:
    """A folder in memory where the system has one: for tests that open the outbox hundreds of times, each with its syncs."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - a folder of its own is made in it


def build_stock(folder: Path, count: int) -> Stock:
    org = organisation()
    sessions = []
    for number in range(count):
        sealed_folder = folder / f"session-{number}"
        opened = org.open_session(sealed_folder, f"stock {number}")
        opened.tick()
        if number % 2:
            opened.capture(b"a picture")
        opened.stop()
        sealed = opened.seal(receipt=False)
        receipt = write_receipt(org, sealed, ORIGIN_US + 3_600_000_000)
        (sealed_folder / "receipt.dsse").unlink()
        sessions.append(Stocked(sealed.keys.session_id, sealed_folder, receipt))
    return Stock(org, tuple(sessions))
