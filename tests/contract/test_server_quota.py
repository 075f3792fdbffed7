# SPDX-License-Identifier: Apache-2.0
"""Bounds of what is sent hold against many requests at once, many sessions, and sessions that only seem to be used."""

from __future__ import annotations

import contextlib
import http.client
import os
from pathlib import Path

from server_running import Member, RunningPlatform, running, sha256
from server_sessions import grant_body, session_id_of
from trust_people import Begun

from server.config import Limits
from session.log.checkpoint import CheckpointText, format_checkpoint, origin_of
from session.log.note import note_bytes, sign_note
from session.log.proof import AddCheckpoint, format_add_checkpoint


def granted(platform: RunningPlatform, *names: str) -> Member:
    platform.put_policy()
    trainer = platform.join("ada", "trainer")
    assert trainer.client.post("/v1/grants", json=grant_body(trainer, *names)).status_code == 200
    return trainer


def begun_put(trainer: Member, name: str, octets: bytes) -> http.client.HTTPConnection:
    """A file that the platform takes: it has said so, and waits for the bytes."""
    connection = http.client.HTTPConnection(trainer.client.address.removeprefix("http://"), timeout=20)
    connection.putrequest("PUT", f"/v1/sessions/{session_id_of(name)}/blobs/{sha256(octets)}")
    connection.putheader("Authorization", f"Bearer {trainer.client.token}")
    connection.putheader("Content-Length", str(len(octets)))
    connection.putheader("Expect", "100-continue")
    connection.endheaders()
    assert connection.sock.recv(25, 2).startswith(b"HTTP/1.1 100")  # looked at, and left to be read
    return connection


def put(trainer: Member, name: str, octets: bytes) -> tuple[int, str]:
    answer = trainer.client.put(f"/v1/sessions/{session_id_of(name)}/blobs/{sha256(octets)}", data=octets)
    return answer.status_code, answer.json().get("error", "")


def stored_bytes(platform: RunningPlatform) -> int:
    return sum(path.stat().st_size for path in (platform.config.folder / "blobs").rglob("*") if path.is_file())


def test_files_on_their_way_count_and_one_that_does_not_come_leaves_its_place(tmp_path: Path) -> None:
    with running(tmp_path, Limits(session_max_bytes=1_000_000, session_max_blobs=3)) as platform:
        trainer = granted(platform, "a", "b")
        first, second = os.urandom(600_000), os.urandom(600_000)
        with contextlib.closing(begun_put(trainer, "a", first)) as coming:
            assert put(trainer, "a", second) == (503, "busy"), "it may not arrive"
            assert put(trainer, "b", second) == (201, ""), "another session has its own bound"
            coming.send(first)
            assert coming.getresponse().status == 201
        assert put(trainer, "a", second) == (413, "quota")
        assert put(trainer, "a", first) == (200, ""), "what is here is here"
        begun_put(trainer, "b", os.urandom(300_000)).close()
        while (taken := put(trainer, "b", os.urandom(300_000))) == (503, "busy"):
            pass  # the platform has not yet heard that the other side is gone
        assert taken == (201, "")
        assert stored_bytes(platform) == 1_500_000


def test_the_number_of_files_on_their_way_counts(tmp_path: Path) -> None:
    with running(tmp_path, Limits(session_max_blobs=3)) as platform:
        trainer = granted(platform, "a")
        with contextlib.ExitStack() as held:
            for at in range(3):
                held.enter_context(contextlib.closing(begun_put(trainer, "a", b"%d" % at)))
            assert put(trainer, "a", b"more") == (503, "busy")


def test_a_person_has_a_bound_over_all_sessions_that_are_not_sealed(tmp_path: Path) -> None:
    with running(tmp_path, Limits(unsealed_max_bytes=1_000_000)) as platform:
        trainer = granted(platform, "a", "b")
        assert put(trainer, "a", b"a" * 600_000) == (201, "")
        assert put(trainer, "b", b"b" * 600_000) == (413, "quota")
        assert put(trainer, "b", b"b" * 400_000) == (201, "")


def test_a_cosignature_of_nothing_frees_no_place_for_more_grants(tmp_path: Path) -> None:
    with running(tmp_path, Limits(grants_open=2, unsealed_most=5)) as platform:
        trainer = granted(platform, "s0", "s1")
        got = 2
        for turn in range(1, 6):
            for name in (f"s{2 * turn - 2}", f"s{2 * turn - 1}"):
                cosign(platform, trainer, name)
            asked = trainer.client.post("/v1/grants", json=grant_body(trainer, f"s{2 * turn}"))
            assert asked.status_code == (200 if got < 5 else 409), asked.text
            got += asked.status_code == 200
        assert got == 5
        platform.clock.advance_s(platform.config.limits.grant_s + 1)
        assert trainer.client.post("/v1/grants", json=grant_body(trainer, "later")).status_code == 200


def cosign(platform: RunningPlatform, trainer: Member, name: str) -> None:
    begun = Begun(Path(), name, trainer.organisation, trainer.keys, b"", b"")
    origin = origin_of(trainer.organisation, begun.keys.session_id)
    text = format_checkpoint(CheckpointText(origin, 1, bytes(32)))
    note = note_bytes(text, sign_note(text, origin, begun.keys.signing))
    body = format_add_checkpoint(AddCheckpoint(0, (), note))
    platform.client().post(f"/v1/sessions/{begun.keys.session_id}/add-checkpoint", data=body)
