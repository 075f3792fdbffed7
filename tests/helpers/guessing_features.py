# SPDX-License-Identifier: Apache-2.0
"""Everything that is seen, as numbers: per tick of 5 s, per checkpoint interval of 30 s, per session; with lags.

`bare` reads the sizes before padding in place of those after it: what an attacker would see if nothing were padded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from guessing_attack import Floats, Table
from guessing_people import Life
from guessing_sessions import MONO0_US, SECOND_US, Seen, Shape

from session.events import Checkpoint, Gap, Kind, Moment

KINDS = (Kind.FOCUS, Kind.STATS, Kind.RAW, Kind.CLIPBOARD, Kind.CAPTURE, Kind.CLOCK, Kind.FINDING, Kind.SUMMARY)
TICK_US = 5 * SECOND_US
INTERVAL_US = 30 * SECOND_US

NOISE = ("public bytes", "file bytes", "file most")
"""Features of a session that hold the compressed length of digests and signatures: other each time, by chance alone."""

Named = dict[str, float]
Truth = Callable[[Life, int, int], float]


def typing_share(life: Life, from_us: int, until_us: int) -> float:
    return life.share(from_us, until_us, typing=True)


def ai_share(life: Life, from_us: int, until_us: int) -> float:
    return life.share(from_us, until_us, typing=False)


TRUTHS: dict[str, Truth] = {"typing": typing_share, "ai page": ai_share}


def _sizes(shapes: Sequence[Shape], *, bare: bool) -> Named:
    """What a row of records shows: counts and sizes of each kind, sizes of blobs, and the others."""
    seen: Named = {"records": len(shapes)}
    for kind in KINDS:
        sizes = [one.bare_bytes if bare else one.sealed_bytes for one in shapes if one.kind == kind]
        seen |= {f"{kind.name} count": len(sizes), f"{kind.name} bytes": sum(sizes)}
        seen[f"{kind.name} most"] = max(sizes, default=0)
    blobs = [one.bare_blob_bytes if bare else one.blob_bytes for one in shapes if one.blob_bytes]
    seen |= {"blob bytes": sum(blobs), "blob most": max(blobs, default=0), "blob least": min(blobs, default=0)}
    seen["public bytes"] = sum(one.public_bytes for one in shapes)
    seen["others"] = sum(1 for one in shapes if one.kind not in KINDS)
    seen["flags"] = sum(one.flags for one in shapes)
    return seen


def _octets(shapes: Sequence[Shape]) -> Named:
    """Bytes of key commitments and digests as they stand, which must be noise."""
    seen: Named = {}
    for kind in (Kind.FOCUS, Kind.STATS, Kind.RAW, Kind.CAPTURE):
        first = next((one.octets for one in shapes if one.kind == kind and len(one.octets) > 4), b"") or next(
            (one.octets for one in shapes if one.kind == kind), b""
        )
        seen |= {f"{kind.name} octet {at}": float(first[at]) if at < len(first) else -1.0 for at in (0, 1, 5)}
    return seen


def ticks(seen: Seen, *, bare: bool = False) -> Iterator[tuple[tuple[int, int], Named]]:
    """Each whole tick while recording: its span and what it shows."""
    for end_us, first, last in seen.ticks:
        span = (end_us - TICK_US, end_us)
        whole = end_us % TICK_US < SECOND_US and span[1] <= seen.life.length_us
        if whole and not seen.life.is_paused(*span):
            shapes = [one for one in seen.shapes[first:last] if one.kind not in (Kind.FINDING, Kind.SUMMARY)]
            yield span, _sizes(shapes, bare=bare) | _octets(shapes)


def intervals(seen: Seen, *, bare: bool = False) -> Iterator[tuple[tuple[int, int], Named]]:
    """Each checkpoint interval while recording: what lies between two checkpoints, and the later one with its requests."""
    begun, before_us = 0, 0
    for at, shape in enumerate(seen.shapes):
        body = shape.public
        if not isinstance(body, Checkpoint) or body.moment is not Moment.GRID:
            continue
        until_us = round((body.mono_us - MONO0_US) / INTERVAL_US) * INTERVAL_US
        span = (until_us - INTERVAL_US, until_us)
        shown = _sizes(seen.shapes[begun:at], bare=bare) | _octets(seen.shapes[begun:at])
        shown["checkpoint late us"] = (body.mono_us - MONO0_US) - until_us
        shown["checkpoint utc us"] = body.t_us - body.mono_us
        shown["checkpoint since us"] = body.mono_us - before_us if before_us else INTERVAL_US
        shown["note bytes"] = len(body.note)
        arrived = [one for one in seen.asked if abs(one.at_us - body.t_us) < SECOND_US and one.what == "checkpoint"]
        shown["requests"] = len(arrived)
        shown["request bytes"] = sum(one.body_bytes for one in arrived)
        shown["request late us"] = arrived[0].at_us % TICK_US if arrived else -1
        shown["cosigned after"] = next((n for n, one in enumerate(seen.shapes[at:]) if one.kind == Kind.COSIGN), -1)
        begun, before_us = at, body.mono_us
        if not seen.life.is_paused(*span):
            yield span, shown


def whole(seen: Seen, *, bare: bool = False) -> Named:
    """What a whole session shows."""
    shown = _sizes(seen.shapes, bare=bare)
    gaps = [one.public for one in seen.shapes if isinstance(one.public, Gap)]
    shown["gaps"] = len(gaps)
    shown["gaps of sensors"] = sum(1 for gap in gaps if gap.scope != "session")
    shown["gaps lost"] = sum(gap.lost for gap in gaps)
    shown["ticks"] = len(seen.ticks)
    shown["last ticks"] = sum(1 for end_us, _, _ in seen.ticks if end_us == seen.ticks[-1][0])
    for what in ("checkpoint", "missing", "file", "seal"):
        bodies = [one.body_bytes for one in seen.asked if one.what == what]
        shown |= {f"{what} requests": len(bodies), f"{what} bytes": sum(bodies), f"{what} most": max(bodies, default=0)}
    shown["file bytes less public"] = shown["file bytes"] - shown["public bytes"]
    late = [
        (one.public.mono_us - MONO0_US) % SECOND_US
        for one in seen.shapes
        if isinstance(one.public, Checkpoint) and one.public.moment is Moment.GRID
    ]
    shown["checkpoints late us"] = float(np.mean(late)) if late else 0.0
    return shown


def _with_neighbours(rows: list[Named]) -> tuple[list[str], Floats]:
    """Each row with those before and after it, the differences to them, and the session's means."""
    names = sorted(rows[0])
    plain = np.array([[row[name] for name in names] for row in rows], dtype=np.float64)
    sized = [at for at, name in enumerate(names) if " octet " not in name]
    told = plain[:, sized]
    before, after = np.vstack((told[:1], told[:-1])), np.vstack((told[1:], told[-1:]))
    means = np.repeat(told.mean(axis=0)[None, :], len(rows), axis=0)
    kept = [names[at] for at in sized]
    labels = names + [f"{name}, {how}" for how in ("before", "after", "since", "until", "mean") for name in kept]
    return labels, np.hstack((plain, before, after, told - before, after - told, means))


def table_of(sessions: Sequence[Seen], level: str, truth: str, *, bare: bool = False) -> Table:
    """Everything to guess about at one level ("tick", "interval" or "session") for one truth ("typing" or "ai page").

    A row is positive where the truth holds for at least half of it; of a whole session, where the AI page was ever in front,
    or where typing took more than the middle one of all sessions.
    """
    share = TRUTHS[truth]
    if level == "session":
        shown = [whole(one, bare=bare) for one in sessions]
        shares = np.array([share(one.life, 0, one.life.length_us) for one in sessions])
        labels = shares > (0 if truth == "ai page" else np.median(shares))
        names = sorted(shown[0])
        features = np.array([[row[name] for name in names] for row in shown], dtype=np.float64)
        return Table(features, labels, np.arange(len(sessions)), tuple(names))
    parts, labels_of, session_of = [], [], []
    columns: list[str] = []
    for number, one in enumerate(sessions):
        rows = list((ticks if level == "tick" else intervals)(one, bare=bare))
        if not rows:
            continue
        columns, features = _with_neighbours([shown for _, shown in rows])
        parts.append(features)
        labels_of += [share(one.life, *span) >= 0.5 for span, _ in rows]
        session_of += [number] * len(rows)
    return Table(np.vstack(parts), np.array(labels_of), np.array(session_of), tuple(columns))
