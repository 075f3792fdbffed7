# SPDX-License-Identifier: Apache-2.0
"""How well somebody is told apart among 1,000 by what STATS sends: a session's first half, looked up by its second.

`./run python bench/identity.py --corpus DIR [--people N] [--json]`

`DIR` is the folder that `fairwitness evaluate` reads; people are those of klicke_compose, one session each, cut in the
middle of their keystrokes. Of each half the sums are taken that a reader of all its STATS can take, by the product's edges.
Halves of one sitting are more alike than two days are, so this is an upper bound. Told is, for each kind of sum:

    first          share of people whose own first half is the nearest of all; chance is 1 / people
    times_chance   the same, as a multiple of chance
    among_ten      share whose own is among the ten nearest

    speed          keystrokes per five seconds with typing in them, one number
    classes        shares of the seven key classes
    pauses         `pauses`, 6 bins
    pace           `pace`, 2 counts
    sent           pauses, pace and classes: all that STATS tells of somebody's typing
    intervals      `iki`, 17 bins, which earlier versions sent
    dwell          `dwell`, 10 bins, which earlier versions sent
    earlier        both, and classes
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from agent.rhythm import Rhythm  # noqa: E402 - after the path
from fairwitness.evaluation.corpus import read  # noqa: E402 - after the path
from session.events import DWELL_EDGES_MS, IKI_EDGES_MS, PAUSE_EDGES_MS, TICK_US  # noqa: E402 - after the path

Array = npt.NDArray[Any]
TICK_MS = TICK_US // 1000
LEAST_KEYS = 600
"""Of a half: less says little of anybody."""
CLASSES = 7


def half(press_ms: Array, dwell_ms: Array, key_class: Array) -> dict[str, Array]:
    """What STATS of one half of a session add up to, as square roots of shares: their distance is Hellinger's."""
    text = key_class <= 1
    gaps = np.diff(press_ms[text])
    iki = np.bincount(np.searchsorted(IKI_EDGES_MS, gaps), minlength=len(IKI_EDGES_MS) + 1)
    known = dwell_ms[text & (dwell_ms >= 0)]
    dwell = np.bincount(np.searchsorted(DWELL_EDGES_MS, known), minlength=len(DWELL_EDGES_MS) + 1)
    classes = np.bincount(key_class, minlength=CLASSES)[:CLASSES]
    pauses = np.bincount(np.searchsorted(PAUSE_EDGES_MS, gaps), minlength=len(PAUSE_EDGES_MS) + 1)
    rhythm, pace = Rhythm(), np.zeros(2, np.int64)
    for gap_ms in gaps.tolist():
        if (is_long := rhythm.is_long(int(gap_ms * 1000))) is not None:
            pace[int(is_long)] += 1
    ticks = len(np.unique(press_ms[text] // TICK_MS))
    return {
        "speed": np.array([np.log((1 + text.sum()) / (1 + ticks))]),
        "classes": rooted(classes),
        "pauses": rooted(pauses),
        "pace": rooted(pace),
        "sent": np.concatenate([rooted(pauses), rooted(pace), rooted(classes)]),
        "intervals": rooted(iki),
        "dwell": rooted(dwell),
        "earlier": np.concatenate([rooted(iki), rooted(dwell), rooted(classes)]),
    }


def rooted(counts: Array) -> Array:
    """Square roots of shares."""
    shares: Array = np.sqrt(counts / max(1, counts.sum()))
    return shares


def looked_up(first: Array, second: Array) -> tuple[float, float]:
    """Shares of people whose own first half is the nearest to their second, and among the ten nearest."""
    ranks = np.empty(len(first), int)
    for at, wanted in enumerate(second):
        distances = ((first - wanted) ** 2).sum(1)
        ranks[at] = int((distances < distances[at]).sum())
    return float((ranks == 0).mean()), float((ranks < 10).mean())


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description="Whom STATS could tell apart.")
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    places = (chosen.corpus / "klicke_compose.npz", chosen.corpus / "typing" / "klicke_compose.npz")
    source = read(next(path for path in places if path.is_file()))
    assert source is not None, "a corpus of typing"  # noqa: S101 - by its name
    halves: list[tuple[dict[str, Array], dict[str, Array]]] = []
    for number in range(len(source)):
        columns = source.session(number).columns
        order = np.argsort(columns["press_ms"], kind="stable")
        rows = tuple(columns[name][order] for name in ("press_ms", "dwell_ms", "key_class"))
        middle = len(order) // 2
        if middle < LEAST_KEYS:
            continue
        halves.append((half(*(row[:middle] for row in rows)), half(*(row[middle:] for row in rows))))
        if len(halves) == chosen.people:
            break
    figures: dict[str, object] = {"people": len(halves), "chance": 1 / len(halves)}
    for kind in halves[0][0]:
        first, among = looked_up(*(np.stack([pair[side][kind] for pair in halves]) for side in (0, 1)))
        figures[kind] = {
            "first": round(first, 4),
            "times_chance": round(first * len(halves), 1),
            "among_ten": round(among, 4),
        }
    print(json.dumps(figures) if chosen.json else json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
