# SPDX-License-Identifier: Apache-2.0
"""What the platform costs: processor time of its own process per 100 kB blob and per checkpoint, over HTTP on loopback.

    PYTHONPATH=.:tests/helpers python bench/serving.py [REQUESTS]

Prints one JSON object. The client's time is not in it; fsync waits are in the wall time only.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil
from server_process import platform_process
from server_running import sha256
from server_sessions import grant_body, session_id_of
from trust_people import signing_key

from session.log.checkpoint import CheckpointText, format_checkpoint, origin_of
from session.log.merkle import Tree
from session.log.note import note_bytes, sign_note
from session.log.proof import AddCheckpoint, format_add_checkpoint


def measured(server: psutil.Process, requests: int, ask: Callable[[int], int]) -> dict[str, float]:
    """Processor and wall time a request, in µs."""
    ask(0)
    before, began = server.cpu_times(), time.perf_counter()
    for number in range(1, requests + 1):
        status = ask(number)
        if status not in {200, 201}:
            raise SystemExit(f"request {number} was answered {status}")
    after, ended = server.cpu_times(), time.perf_counter()
    cpu_s = after.user + after.system - before.user - before.system
    return {"cpu_us": round(cpu_s / requests * 1e6), "wall_us": round((ended - began) / requests * 1e6)}


def main() -> None:
    """Both figures, and the memory of the process afterwards."""
    requests = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    with tempfile.TemporaryDirectory() as folder, platform_process(Path(folder)) as process:
        platform = process.platform
        platform.put_policy()
        trainer = platform.join("ada", "trainer")
        trainer.client.post("/v1/grants", json=grant_body(trainer, "bench"))
        session, key = session_id_of("bench"), signing_key("session bench")
        origin, tree = origin_of(platform.organisation.fingerprint, session), Tree()
        server = psutil.Process(process.process.pid)

        def put_blob(_number: int) -> int:
            octets = os.urandom(100_000)
            return trainer.client.put(f"/v1/sessions/{session}/blobs/{sha256(octets)}", data=octets).status_code

        def add_checkpoint(number: int) -> int:
            old = tree.size
            for leaf in range(20):
                tree.append(hashlib.sha256(b"%d %d" % (number, leaf)).digest())
            text = format_checkpoint(CheckpointText(origin, tree.size, tree.root()))
            note = note_bytes(text, sign_note(text, origin, key))
            body = format_add_checkpoint(AddCheckpoint(old, tree.consistency(old, tree.size), note))
            return trainer.client.post(f"/v1/sessions/{session}/add-checkpoint", data=body).status_code

        figures: dict[str, object] = {"requests": requests, "blob_100_kb": measured(server, requests, put_blob)}
        figures["add_checkpoint"] = measured(server, requests, add_checkpoint)
        figures["resident_mb"] = round(server.memory_info().rss / 1e6)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
