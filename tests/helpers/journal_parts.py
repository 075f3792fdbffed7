# SPDX-License-Identifier: Apache-2.0
"""Sessions for the tests of the record: keys, first records, a clock, and one small record of every kind of step."""

from __future__ import annotations

import base64
from pathlib import Path

from session.crypto.aead import content_key_commitment
from session.crypto.hpke import ReadingKey, wrap, wrap_info
from session.crypto.signing import SigningKey, fingerprint
from session.disk import Disk, RealDisk
from session.events import Capture, Focus, FocusChange, Kind, Opening, Raw, Start, Stats
from session.journal import Journal, SessionKeys
from session.ports import ClockReading
from session.trust.statements import NO_DIRECTORY, Personal, sign

PERSON = SigningKey.from_seed(b"p" * 32)
DEVICE = SigningKey.from_seed(b"d" * 32)
READING = ReadingKey.from_seed(b"r" * 32)
ORG_FP = fingerprint(PERSON.public)
BEGIN_US = 1_700_000_000_000_000
POLICY_SHA256 = "ab" * 32


def keys_of(number: int = 1) -> SessionKeys:
    """The same keys for the same number, others for another."""
    seed = number.to_bytes(1, "big")
    return SessionKeys(f"{number:032x}", SigningKey.from_seed(seed * 32), b"s" + seed * 31, b"w" + seed * 31)


def reading_at(seconds: float) -> ClockReading:
    """All clocks, so long after the session's beginning."""
    us = round(seconds * 1_000_000)
    return ClockReading(BEGIN_US + us, 1_000_000 + us, 1_000_000 + us)


def opening_of(keys: SessionKeys) -> Opening:
    """A personal opening, signed as the agent would."""
    personal = Personal(
        organisation=ORG_FP,
        mode="personal",
        session=keys.session_id,
        session_key=keys.signing.public.hex(),
        person="p1",
        person_key=PERSON.public.hex(),
        device="d1",
        device_key=DEVICE.public.hex(),
        policy_sha256=POLICY_SHA256,
        directory_sha256=NO_DIRECTORY,
        issued_us=BEGIN_US,
    )
    return Opening(sign(personal, DEVICE).decode())


def start_body(keys: SessionKeys) -> Start:
    """START with real wraps for `READING`."""
    ckc_s = content_key_commitment("s", keys.content_s).hex()
    ckc_w = content_key_commitment("w", keys.content_w).hex()
    info = wrap_info(ORG_FP, keys.session_id, POLICY_SHA256, READING.public, ckc_s, ckc_w)
    wraps = [base64.b64encode(wrap(key, READING.public, info)).decode() for key in (keys.content_s, keys.content_w)]
    return Start(
        session_id=keys.session_id,
        t_us=reading_at(0).t_us,
        mono_us=reading_at(0).mono_us,
        boot_id="boot",
        agent="test",
        suite=1,
        policy_sha256=POLICY_SHA256,
        directory_sha256=NO_DIRECTORY,
        reader=fingerprint(READING.public),
        ckc_s=ckc_s,
        ckc_w=ckc_w,
        wrap_s=wraps[0],
        wrap_w=wraps[1],
        device_certificate="",
        session_certificate="",
    )


def new_journal(folder: Path, keys: SessionKeys | None = None, disk: Disk | None = None) -> Journal:
    """A record with its first two records."""
    keys = keys or keys_of()
    opening = (Kind.PERSONAL, opening_of(keys))
    return Journal.create(folder, keys, opening, start_body(keys), org_fp=ORG_FP, disk=disk or RealDisk())


def append_tick(journal: Journal, seconds: float, *, title: str = "") -> None:
    """FOCUS, STATS and RAW of one tick, at the recorder's sizes."""
    t_us, mono_us = reading_at(seconds).t_us, reading_at(seconds).mono_us
    changes = (FocusChange(mono_us, 1, "editor", title),) if title else ()
    journal.append(Kind.FOCUS, Focus(t_us, mono_us, changes), least=512)
    journal.append(Kind.STATS, Stats(t_us, mono_us, 5000), least=256)
    journal.append(Kind.RAW, Raw(t_us, mono_us), least=192)


def capture_at(seconds: float) -> Capture:
    """A CAPTURE as the recorder hands it over, without key and size."""
    reading = reading_at(seconds)
    return Capture(
        t_us=reading.t_us,
        mono_us=reading.mono_us,
        monitor=0,
        x_px=0,
        y_px=0,
        width_px=640,
        height_px=400,
        mime="image/webp",
        size_bytes=0,
        blob_key="",
        dhash="0123456789abcdef",
    )
