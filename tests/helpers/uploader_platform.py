# SPDX-License-Identifier: Apache-2.0
"""The uploader's parts against a running platform, as one of its people."""

from __future__ import annotations

from pathlib import Path

from server_running import Member, RunningPlatform
from uploader_clock import StillClock

from uploader.client import PlatformClient
from uploader.outbox import Backoff, DurableOutbox
from uploader.receipts import ReceiptReader


def client_of(
    platform: RunningPlatform, member: Member, *, address: str = "", clock: StillClock | None = None
) -> PlatformClient:
    """The product's client with that person's token; `address` may be a proxy's."""
    return PlatformClient(address or platform.address, member.client.token, clock=clock or StillClock())


def receipts_of(platform: RunningPlatform) -> ReceiptReader:
    def directory() -> bytes:
        return platform.admin.client.get("/v1/directory").content

    return ReceiptReader(platform.organisation.root.public, directory)


def outbox_of(platform: RunningPlatform, home: Path, clock: StillClock | None = None) -> DurableOutbox:
    """The outbox of `home`, over `home`/spool; its waits are as long as the jitter allows."""
    (home / "spool").mkdir(parents=True, exist_ok=True)
    return DurableOutbox(
        home / "outbox.sqlite3",
        spool=home / "spool",
        check=receipts_of(platform),
        clock=clock or StillClock(),
        hold_us=0,
        backoff=Backoff(),
        randbelow=lambda most: most - 1,
    )
