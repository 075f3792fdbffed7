# SPDX-License-Identifier: Apache-2.0
"""Programs for tests that kill them: `python uploader_child.py send|post|serve|keep ...`.

`send HOME ADDRESS TOKEN ROOT DIRECTORY` sends the outbox of HOME until all of it is confirmed or refused.
`post ADDRESS TOKEN FOLDER` posts each signed statement in FOLDER, named `<session>.dsse`, until each was answered.
`serve FOLDER PORT T_US` runs the platform of FOLDER, whose clock stands at T_US.
`keep HOME STOCK ROOT DIRECTORY` puts, marks, settles and forgets the sessions of STOCK without a network, and says on
standard output what it has promised: one line a promise, flushed when the promise stands.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from uploader_clock import BEGIN_US, StillClock

from session.ports import Outcome
from uploader.outbox import Backoff, DurableOutbox
from uploader.receipts import ReceiptReader


def opened(home: Path, root: str, directory: Path, clock: StillClock) -> DurableOutbox:
    return DurableOutbox(
        home / "outbox.sqlite3",
        spool=home / "spool",
        check=ReceiptReader(bytes.fromhex(root), directory.read_bytes),
        clock=clock,
        hold_us=0,
        backoff=Backoff(first_us=10_000, most_us=100_000),
    )


def send_all(home: Path, address: str, token: str, root: str, directory: Path) -> None:
    from uploader.client import PlatformClient  # noqa: PLC0415 - `keep` is traced, and needs no network
    from uploader.transfer import send  # noqa: PLC0415 - as above

    clock = StillClock(BEGIN_US + time.monotonic_ns() // 1000)
    outbox = opened(home, root, directory, clock)
    client = PlatformClient(address, token, clock=clock)
    while any(item.state not in {"confirmed", "refused"} for item in outbox.items()):
        clock.advance(BEGIN_US + time.monotonic_ns() // 1000 - clock.t_us)
        item = outbox.claim()
        if item is None:
            time.sleep(0.005)
        else:
            send(item, client, outbox)
    outbox.close()


def post_all(address: str, token: str, folder: Path) -> None:
    from uploader.client import PlatformClient  # noqa: PLC0415 - `keep` is traced, and needs no network
    from uploader.statements import post_statement  # noqa: PLC0415 - as above

    client = PlatformClient(address, token, clock=StillClock())
    for path in sorted(folder.glob("*.dsse")):
        while (answer := post_statement(client, path.stem, path.read_bytes())).outcome is Outcome.RETRY:
            time.sleep(0.005)
        assert answer.done, answer


def serve(folder: Path, port: int, t_us: int) -> None:
    from server_running import StillClock as PlatformClock  # noqa: PLC0415 - only the platform needs it

    from server.config import ServerConfig  # noqa: PLC0415 - as above
    from server.serve import run  # noqa: PLC0415 - as above

    run(
        ServerConfig(folder=folder, port=port),
        PlatformClock(t_us),
        lambda _: (sys.stdout.write("ready\n"), sys.stdout.flush()),
    )


def keep(home: Path, stock: Path, root: str, directory: Path) -> None:
    clock = StillClock()
    (home / "spool").mkdir()
    _sync(home)
    outbox = opened(home, root, directory, clock)
    folders = sorted(path for path in stock.iterdir() if path.is_dir())
    for number, source in enumerate(folders):
        session_id, receipt = source.name, (stock / f"{source.name}.receipt").read_bytes()
        folder = home / "spool" / session_id
        _copied(source, folder)
        say("sealed", session_id)
        outbox.put(session_id, folder, not_before_us=clock.t_us + 1_000_000 * (number % 2))
        say("put", session_id)
        clock.advance(1_000_000)
        assert outbox.claim() is not None
        outbox.begin(session_id, 100)
        for part in range(3):
            outbox.mark_sent(session_id, f"{part:064d}", 10)
        if number % 3 == 1:
            outbox.put_off(session_id, "offline")
            clock.advance(10_000_000)
            assert outbox.claim() is not None
        outbox.settle(session_id, receipt)
        say("settled", session_id)
        if number % 3 == 2:
            say("forgetting", session_id)
            outbox.forget(session_id)
            say("forgotten", session_id)
    outbox.close()


def _copied(source: Path, folder: Path) -> None:
    """The session is durable before it is put, as the agent's is. Written plainly, so that a trace shows each byte."""
    folder.mkdir()
    for path in sorted(source.rglob("*")):
        if path.is_dir():
            (folder / path.relative_to(source)).mkdir()
        else:
            (folder / path.relative_to(source)).write_bytes(path.read_bytes())
    for path in (*folder.rglob("*"), folder, folder.parent):
        _sync(path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def say(what: str, session_id: str) -> None:
    sys.stdout.write(f"promise {what} {session_id}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    if sys.argv[1] == "send":
        send_all(Path(sys.argv[2]), sys.argv[3], sys.argv[4], sys.argv[5], Path(sys.argv[6]))
    elif sys.argv[1] == "post":
        post_all(sys.argv[2], sys.argv[3], Path(sys.argv[4]))
    elif sys.argv[1] == "serve":
        serve(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
    else:
        keep(Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4], Path(sys.argv[5]))
