# SPDX-License-Identifier: Apache-2.0
"""The record types of a session: one payload schema a type. What the format fixes for each is in session/table.py.

Rules (docs/session-format.md is the specification; this module is its only other copy):

1. A payload is a UTF-8 JSON array that begins with its schema number. Integers are below 2^53 in size; there are no
   floats and no objects. New fields are only ever added at the end, so an older reader skips them.
2. All times are integer microseconds: `t_us` in UTC since 1970, `mono_us` on the machine's monotonic clock
   (CLOCK_MONOTONIC on Linux, the clock of the X server's event times).
3. PUBLIC types carry only what accounting and verification need. Nothing that tells what was typed, seen or in front.
4. No key identity, clipboard text or typed character has a field anywhere in this file, and none may get one.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Annotated, Final

import msgspec

U53 = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
I53 = Annotated[int, msgspec.Meta(ge=-(2**53) + 1, le=2**53 - 1)]
# \Z and not $, which would take a newline at the end too.
Digest = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
SessionId = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}\Z")]
Short = Annotated[str, msgspec.Meta(max_length=128)]
Text = Annotated[str, msgspec.Meta(max_length=4096)]

TICK_US: Final = 5_000_000
"""FOCUS, STATS and RAW are written once per tick, empty or not. Source: docs/session-format.md, Nothing to watch live."""
CHECKPOINT_US: Final = 30_000_000
"""Checkpoints keep this grid. Source: docs/session-format.md, Checkpoints."""

IKI_EDGES_MS: Final = (15, 30, 50, 70, 90, 110, 130, 160, 200, 250, 320, 420, 600, 1000, 2000, 5000)
PAUSE_EDGES_MS: Final = (15, 420, 600, 1000, 5000)
"""Upper edges of the first 16 inter-key interval bins of STATS; a 17th bin holds the rest.

They separate machine-regular from human rhythm. They do not hide who types: all STATS of two sittings tell people apart far
better than chance. Source: docs/adr/0004-statistics-instead-of-timing.md, docs/adr/0019-what-statistics-give-away.md.
"""
DWELL_EDGES_MS: Final = (5, 20, 40, 60, 80, 100, 130, 170, 230)
"""Upper edges of the first 9 dwell bins of STATS; a 10th holds the rest. Not counted any more. Source: as above."""
WATCHED_DEVICES: Final = 1
"""In `Focus.watched`: keyboards and pointers that come or go. Source: docs/session-format.md, FOCUS."""
WATCHED_OVERLAYS: Final = 2
"""In `Focus.watched`: windows of other programs that stay over the one in front. Source: as above."""
WATCHED_RUNNERS: Final = 4
"""In `Focus.watched`: programs that run models on this computer. Source: as above."""


class Kind(IntEnum):
    """The `type` byte of a frame."""

    GRANT = 1
    PERSONAL = 2
    START = 3
    GAP = 4
    TASK = 5
    MANUAL = 6
    TRIM = 7
    REDACT = 8
    CHECKPOINT = 9
    COSIGN = 10
    ACK = 32
    FOCUS = 33
    STATS = 34
    CAPTURE = 35
    CLIPBOARD = 36
    DECLARE = 37
    NOTE = 38
    ANSWER = 39
    FINDING = 40
    CLOCK = 41
    SUMMARY = 42
    RAW = 64


class KeyClass(IntEnum):
    """What a keystroke was, and all that is ever known of it. Numbers 0 to 6 are those of the evaluation corpora."""

    TEXT = 0
    SPACE = 1
    DELETE = 2
    ENTER = 3
    NAVIGATION = 4
    PASTE = 5
    OTHER = 6
    MODIFIER = 7


class Injected(IntEnum):
    """Whether an event came from a test or automation device, as far as the desktop says."""

    NO = 0
    YES = 1
    UNKNOWN = 2


class Edge(IntEnum):
    """Which side of a gap a GAP record marks. POINT covers `from_us` to `t_us` by itself."""

    POINT = 0
    BEGIN = 1
    END = 2


class Reason(StrEnum):
    """Why something was not observed, in one word for the program; people read `ui/strings`."""

    PAUSE = "pause"
    PRIVATE = "private"
    CRASH = "crash"
    SUSPEND = "suspend"
    CLOCK = "clock"
    DENIED = "denied"
    ABSENT = "absent"
    DIED = "died"
    QUEUE_FULL = "queue-full"
    LOCKED = "locked"
    OFFLINE = "offline"
    WITNESS = "witness"
    NO_INDICATOR = "no-indicator"
    DAMAGED = "damaged"
    DISK = "disk"


class Moment(StrEnum):
    """Why a checkpoint was taken."""

    GRID = "grid"
    PAUSE = "pause"
    STOP = "stop"
    SEAL = "seal"


class Payload(msgspec.Struct, frozen=True, array_like=True):
    """Base of every payload: an immutable JSON array."""


class Opening(Payload, frozen=True, array_like=True, tag=1):
    """GRANT or PERSONAL, seq 0: one DSSE envelope as text. Session id, keys and policy are inside it."""

    envelope: str


class Start(Payload, frozen=True, array_like=True, tag=1):
    """START, seq 1. `reader` is SHA-256 of the X25519 key that the two content keys are wrapped for."""

    session_id: SessionId
    t_us: U53
    mono_us: U53
    boot_id: Short
    agent: Short
    suite: U53
    policy_sha256: Digest
    directory_sha256: Digest
    reader: Digest
    ckc_s: Digest
    ckc_w: Digest
    wrap_s: str
    wrap_w: str
    device_certificate: str
    session_certificate: str
    continues: str = ""


class Gap(Payload, frozen=True, array_like=True, tag=1):
    """GAP: something was not observed. `scope` is a sensor's name or "session"; `lost` counts what was dropped."""

    t_us: U53
    mono_us: U53
    edge: Edge
    reason: Reason
    scope: Short
    from_us: U53 = 0
    lost: U53 = 0


class Task(Payload, frozen=True, array_like=True, tag=1):
    """TASK: from here on the time belongs to this project and task (opaque identifiers)."""

    t_us: U53
    mono_us: U53
    project: Short
    task: Short = ""


class Manual(Payload, frozen=True, array_like=True, tag=1):
    """MANUAL: work time entered by hand, marked as such. UTC interval; `reason` is a code, words go into a NOTE."""

    from_us: U53
    to_us: U53
    reason: Short


class Trim(Payload, frozen=True, array_like=True, tag=1):
    """TRIM: the trainer gives back this UTC interval (forgot to stop)."""

    from_us: U53
    to_us: U53
    reason: Short


class Redact(Payload, frozen=True, array_like=True, tag=1):
    """REDACT: the sealed parts of these seq ranges (inclusive) are removed by the trainer."""

    t_us: U53
    ranges: tuple[tuple[U53, U53], ...]
    reason: Short


class Checkpoint(Payload, frozen=True, array_like=True, tag=1):
    """CHECKPOINT: the C2SP note as signed, over all leaves before this record."""

    t_us: U53
    mono_us: U53
    moment: Moment
    note: str


class Cosign(Payload, frozen=True, array_like=True, tag=1):
    """COSIGN: one cosignature/v1 line of the witness over the checkpoint of this size."""

    size: U53
    line: str


class CapturePublic(Payload, frozen=True, array_like=True, tag=1):
    """The public part of CAPTURE: SHA-256 of the encrypted blob. Every CAPTURE has a blob of its own."""

    blob_sha256: Digest


class Ack(Payload, frozen=True, array_like=True, tag=1):
    """ACK: the trainer read the notice of this policy, in this language."""

    t_us: U53
    policy_sha256: Digest
    notice_sha256: Digest
    language: Short


class FocusChange(Payload, frozen=True, array_like=True):
    """One change of the window in front. `window` numbers windows within the session from 1; 0 is none.

    `title` is "" unless the policy sends titles.
    """

    mono_us: U53
    window: U53
    app: Short
    title: Annotated[str, msgspec.Meta(max_length=512)] = ""


class Nearby(Payload, frozen=True, array_like=True):
    """Something beside the window in front. `kind`: device-came or -went, overlay, runner-came or -went; others are skipped.

    `what` is keyboard, pointer, automation or other, and of an overlay unmanaged or kept-above; never a name. Of a runner,
    a program that runs models, it is the name in the catalogue of AI tools. `number` is how many of them at that moment.
    """

    mono_us: U53
    kind: Short
    what: Short
    number: U53 = 0


class Focus(Payload, frozen=True, array_like=True, tag=1):
    """FOCUS: the changes of the window in front that this tick carries (those of an earlier tick may be among them).

    `watched` is the sum of what the agent looks for beside them (WATCHED_DEVICES, WATCHED_OVERLAYS, WATCHED_RUNNERS):
    without it, none told is not none there.
    """

    t_us: U53
    mono_us: U53
    changes: tuple[FocusChange, ...] = ()
    dropped: U53 = 0
    nearby: tuple[Nearby, ...] = ()
    watched: U53 = 0


class SourceCount(Payload, frozen=True, array_like=True):
    """What one input device sent in a tick. Devices are numbered within the session; no name is kept.

    Args:
        paths: long movements that ended in the tick and were told step by step. A sensor may not be able to tell any.
        even: those of them that went in a straight line by steps of one length.
        jumps: presses of an automation device that had just come there at one bound.
    """

    source: U53
    injected: Injected
    text_keys: U53
    other_keys: U53
    buttons: U53
    scrolls: U53
    moves: U53
    paths: U53 = 0
    even: U53 = 0
    jumps: U53 = 0


class Stats(Payload, frozen=True, array_like=True, tag=1):
    """STATS: what detectors and engagement need of one tick, and nothing finer.

    Args:
        span_ms: length of the tick in ms (the last may be short).
        keys: count per KeyClass, 8 numbers, auto-repeat left out.
        repeats: auto-repeated presses.
        iki: 17 counts by IKI_EDGES_MS, intervals between successive text or space presses, or none: this version counts
            them as pauses and pace alone.
        dwell: 10 counts by DWELL_EDGES_MS of text keys with known dwell, or none: this version counts none.
        sources: one entry per device that sent anything.
        distance_px, strokes: pointer path length, and movements parted by 150 ms of rest.
        keyboard_idle_ms, pointer_idle_ms: time since the last event of hardware or unknown source, at the tick's end.
        pauses: 6 counts by PAUSE_EDGES_MS, intervals between successive text or space presses.
        pace: of those from 15 ms to 1 s that could be compared, how many were at most twice the middle one of the 300 before
            them, and how many were longer; which one that was is not told.
    """

    t_us: U53
    mono_us: U53
    span_ms: U53
    keys: tuple[U53, ...] = ()
    repeats: U53 = 0
    iki: tuple[U53, ...] = ()
    dwell: tuple[U53, ...] = ()
    sources: tuple[SourceCount, ...] = ()
    distance_px: U53 = 0
    strokes: U53 = 0
    keyboard_idle_ms: U53 = 0
    pointer_idle_ms: U53 = 0
    pauses: tuple[U53, ...] = ()
    pace: tuple[U53, ...] = ()


class Capture(Payload, frozen=True, array_like=True, tag=1):
    """CAPTURE: one picture of one monitor. `same_as` is the seq of an equal earlier capture of it, or 0.

    `masked` counts the areas painted over before encoding; `dhash` is 16 hexadecimal digits of the masked picture.
    """

    t_us: U53
    mono_us: U53
    monitor: U53
    x_px: I53
    y_px: I53
    width_px: U53
    height_px: U53
    mime: Short
    size_bytes: U53
    blob_key: Digest
    dhash: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{16}\Z")]
    same_as: U53 = 0
    masked: U53 = 0


class Clipboard(Payload, frozen=True, array_like=True, tag=1):
    """CLIPBOARD: a copy or a paste happened: its size in bytes and the application, never its content."""

    t_us: U53
    mono_us: U53
    action: Short
    size_bytes: U53
    app: Short


class Declare(Payload, frozen=True, array_like=True, tag=1):
    """DECLARE: the trainer says in the moment that a tool was used, and for what."""

    t_us: U53
    mono_us: U53
    tool: Short
    purpose: Text


class Note(Payload, frozen=True, array_like=True, tag=1):
    """NOTE: the trainer's own words."""

    t_us: U53
    text: Text


class Answer(Payload, frozen=True, array_like=True, tag=1):
    """ANSWER: the trainer's words on the FINDING of seq `finding`."""

    t_us: U53
    finding: U53
    text: Text


class FindingRecord(Payload, frozen=True, array_like=True, tag=1):
    """FINDING as recorded. Numbers are in millionths; no reason of an abstention is ever recorded here."""

    t_us: U53
    detector: Short
    version: U53
    state: Short
    weight: Short
    statistic_ppm: I53
    threshold_ppm: I53
    calibration: Short
    evidence: tuple[U53, ...]
    explanation: Short
    alternatives: tuple[Short, ...]
    shadow: U53


class ClockPair(Payload, frozen=True, array_like=True, tag=1):
    """CLOCK: one reading of all clocks at once; `boottime_us` goes on during suspend, `mono_us` does not."""

    t_us: U53
    mono_us: U53
    boottime_us: U53
    boot_id: Short
    zone: Short = ""


class Summary(Payload, frozen=True, array_like=True, tag=1):
    """SUMMARY: totals in µs, and counts, as accounted from the public record; findings as (detector, state, class).

    Findings on trial (`shadow`) are left out, since no reviewer is to be shown them.
    """

    t_us: U53
    worked_us: U53
    paused_us: U53
    private_us: U53
    trimmed_us: U53
    manual_us: U53
    captures: U53
    gaps: U53
    findings: tuple[tuple[Short, Short, Short], ...]
    answers: U53 = 0


class RawKey(Payload, frozen=True, array_like=True):
    """One keystroke: ms since the record's `mono_us` (negative if carried over), class, dwell in ms (-1 unknown), device."""

    at_ms: I53
    key_class: KeyClass
    dwell_ms: I53
    source: U53


class RawStroke(Payload, frozen=True, array_like=True):
    """One pointer movement: start in ms as in RawKey, duration, path and net length, events, device."""

    at_ms: I53
    duration_ms: U53
    path_px: U53
    net_px: U53
    moves: U53
    source: U53


class Raw(Payload, frozen=True, array_like=True, tag=1):
    """RAW: key and pointer timing. Withheld by default: committed, and the ciphertext stays with the trainer."""

    t_us: U53
    mono_us: U53
    keys: tuple[RawKey, ...] = ()
    strokes: tuple[RawStroke, ...] = ()
    dropped: U53 = 0


class Event(msgspec.Struct, frozen=True):
    """One record as read: `body` is None where the sealed part is absent, withheld, or of a newer schema."""

    seq: int
    kind: int
    body: Payload | None
    blob_sha256: str = ""


class Disclosure(StrEnum):
    """What the policy does with a type."""

    SENT = "sent"
    WITHHELD = "withheld"
    OFF = "off"
