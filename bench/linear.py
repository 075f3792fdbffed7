# SPDX-License-Identifier: Apache-2.0
"""How far the rhythm of typing tells copying from composing, and how far it tells only where the typing was recorded.

    python bench/linear.py --corpus DIR/typing

prints JSON. Research behind docs/detectors/linear-typing.md: nothing here ships, and nothing is fitted. Stretches of 90
keystrokes are scored by four measures with directions that were published before; the score is their mean rank.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

KEYS: Final = 90
"""Keystrokes of a stretch: a session of pace_transcribe has hardly more."""
DRAWS: Final = 200
MOST_PEOPLE: Final = 100
"""People of each source, the first by their order in the file."""
CLOCK_MS: Final = 15.6
"""The coarsest clock of the sources; all times are laid on it."""
LEAST_OWN: Final = 20
"""Stretches of a person's own past that a comparison with it needs."""
_SPACE, _DELETE = 1, 2


def stretches(path: Path) -> tuple[NDArray[np.int64], Floats]:
    """Person of each stretch, and its four measures, (n, 4); each is smaller in copying, as published."""
    with np.load(path, allow_pickle=False) as held:
        offsets, press_ms, classes = held["offsets"], held["press_ms"], held["key_class"]
        names = held["person"]
        known = {name: number for number, name in enumerate(dict.fromkeys(names.tolist()))}
        people, rows = [], []
        for session, name in enumerate(names.tolist()):
            if known[name] >= MOST_PEOPLE:
                continue
            first, last = int(offsets[session]), int(offsets[session + 1])
            for begin in range(first, last - KEYS + 1, KEYS):
                people.append(known[name])
                rows.append(_measures(press_ms[begin : begin + KEYS], classes[begin : begin + KEYS]))
    return np.array(people), np.array(rows)


def _measures(press_ms: NDArray[np.int32], classes: NDArray[np.uint8]) -> tuple[float, float, float, float]:
    """Share of pauses over 2 s; median and spread of the log interval after a space; share of removals."""
    on_clock = np.sort(np.round(press_ms / CLOCK_MS) * CLOCK_MS)
    between_ms = np.maximum(np.diff(on_clock), CLOCK_MS)
    after_space = np.log(between_ms[classes[:-1] == _SPACE])
    if not len(after_space):
        after_space = np.log(between_ms)
    pauses, removals = float(np.mean(between_ms > 2000)), float(np.mean(classes == _DELETE))
    return pauses, float(np.median(after_space)), float(np.std(after_space)), removals


def ranks(values: Floats) -> Floats:
    """Mean ranks, ties shared, from 0 to 1."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    shared: Floats = ((ends - counts + ends - 1) / 2 / max(1, len(values) - 1))[inverse]
    return shared


def scores(measures: Floats) -> Floats:
    """The greater, the more like copying."""
    mean: Floats = 1 - np.mean([ranks(column) for column in measures.T], axis=0)
    return mean


def auc(looked_for: Floats, others: Floats) -> float:
    """Chance that one of `looked_for` has a greater score than one of `others`."""
    both = np.concatenate((looked_for, others))
    _, inverse, counts = np.unique(both, return_inverse=True, return_counts=True)
    place = (np.cumsum(counts) - (counts - 1) / 2)[inverse][: len(looked_for)].sum()
    return float((place - len(looked_for) * (len(looked_for) + 1) / 2) / (len(looked_for) * len(others)))


def compared(one: tuple[NDArray[np.int64], Floats], other: tuple[NDArray[np.int64], Floats]) -> dict[str, object]:
    """AUC of the score between two sources, over stretches and over people's means, with people drawn anew."""
    joint = scores(np.concatenate((one[1], other[1])))
    parts = ((one[0], joint[: len(one[0])]), (other[0], joint[len(one[0]) :]))
    groups = [[score[people == person] for person in np.unique(people)] for people, score in parts]
    rng = np.random.default_rng(0)
    middle = [np.array([np.mean(person) for person in group]) for group in groups]
    whole, means, found = [], [], []
    for _ in range(DRAWS):
        drawn = [rng.integers(0, len(group), len(group)) for group in groups]
        stretched = [np.concatenate([group[at] for at in chosen]) for group, chosen in zip(groups, drawn, strict=True)]
        whole.append(auc(*stretched))
        means.append(auc(*(mean[chosen] for mean, chosen in zip(middle, drawn, strict=True))))
        found.append(float(np.mean(stretched[0] > np.quantile(stretched[1], 0.99))))
    plain = [np.concatenate(group) for group in groups]
    return {
        "people": [len(group) for group in groups],
        "stretches": [len(one[0]), len(other[0])],
        "auc": round(auc(*plain), 3),
        "auc_ci": _middle(whole),
        "auc_of_people": round(auc(*middle), 3),
        "auc_of_people_ci": _middle(means),
        "at_1_percent": round(float(np.mean(plain[0] > np.quantile(plain[1], 0.99))), 3),
        "at_1_percent_ci": _middle(found),
    }


def own_past(source: tuple[NDArray[np.int64], Floats]) -> dict[str, object]:
    """Of people who compose: how often the last third is above the top, or the 99.5 % quantile, of their own first two."""
    people, joint = source[0], scores(source[1])
    shares, thrice = [], 0
    for person in np.unique(people):
        own = joint[people == person]
        cut = len(own) * 2 // 3
        if cut < LEAST_OWN:
            continue
        above = own[cut:] > np.quantile(own[:cut], 0.995)
        shares.append((int(above.sum()), len(above)))
        thrice += bool(np.any(above[2:] & above[1:-1] & above[:-2]))
    rng, counts = np.random.default_rng(0), np.array(shares).reshape(-1, 2)
    drawn = [counts[rng.integers(0, len(counts), len(counts))].sum(axis=0) for _ in range(DRAWS)] if shares else []
    return {
        "people": len(shares),
        "stretches": int(counts[:, 1].sum()),
        "above": int(counts[:, 0].sum()),
        "share_ci": _middle([float(above / of) for above, of in drawn]) if shares else None,
        "people_with_three_in_a_row": thrice,
    }


def assisted(path: Path) -> dict[str, object]:
    """Two minutes with an accepted suggestion against those with none: pauses over 5 s, as they are and beside one's own.

    A person's own is the mean of all their stretches, of either kind. People with fewer than 5 of each are left out.
    """
    with np.load(path, allow_pickle=False) as held:
        offsets, times_ms, kinds, names = held["offsets"], held["t_ms"], held["kind"], held["person"].tolist()
    seen: dict[str, list[tuple[bool, float]]] = {}
    for session, name in enumerate(names):
        rows = slice(int(offsets[session]), int(offsets[session + 1]))
        t_ms, kind = times_ms[rows].astype(np.int64), kinds[rows]
        number = t_ms // 120_000
        for window in np.unique(number):
            inside = number == window
            typed = np.sort(t_ms[inside & ((kind == 0) | (kind == 1))])
            accepted, asked = bool(np.any(kind[inside] == 5)), bool(np.any(kind[inside] == 3))
            if len(typed) > KEYS // 2 and (accepted or not asked):
                seen.setdefault(name, []).append((accepted, float(np.mean(np.diff(typed) > 5000))))
    kept = [np.array(own) for own in seen.values() if min(sum(one for one, _ in own), sum(not one for one, _ in own)) >= 5]
    rng = np.random.default_rng(0)

    def figure(groups: list[Floats]) -> float:
        whole = np.concatenate(groups)
        return auc(whole[whole[:, 0] > 0, 1], whole[whole[:, 0] == 0, 1])

    stretched = [sum(int((own[:, 0] == kind).sum()) for own in kept) for kind in (1, 0)]
    told: dict[str, object] = {"people": len(kept), "stretches": stretched}
    beside = [np.column_stack((own[:, 0], own[:, 1] - own[:, 1].mean())) for own in kept]
    for what, groups in (("auc", kept), ("auc_beside_own", beside)):
        drawn = [figure([groups[at] for at in rng.integers(0, len(groups), len(groups))]) for _ in range(DRAWS)]
        told |= {what: round(figure(groups), 3), f"{what}_ci": _middle(drawn)}
    return told


def _middle(values: list[float]) -> list[float]:
    return [round(float(value), 3) for value in np.quantile(values, (0.025, 0.975))]


def main(arguments: list[str]) -> int:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    folder = parser.parse_args(arguments).corpus
    names = ("pace_transcribe", "pace_compose", "klicke_compose", "german_compose", "aalto_transcribe")
    read = {name: stretches(folder / f"{name}.npz") for name in names if (folder / f"{name}.npz").is_file()}
    held = {name: source for name, source in read.items() if len(source[0])}
    pairs = {
        "copying against composing, one laboratory": ("pace_transcribe", "pace_compose"),
        "copying against composing, two sources": ("pace_transcribe", "klicke_compose"),
        "probe: composing against composing": ("pace_compose", "klicke_compose"),
        "probe: composing against composing, German": ("pace_compose", "german_compose"),
        "probe: copying against copying": ("pace_transcribe", "aalto_transcribe"),
    }
    told: dict[str, object] = {
        what: compared(held[one], held[other]) for what, (one, other) in pairs.items() if {one, other} <= held.keys()
    }
    told |= {f"own past: {name}": own_past(held[name]) for name in names if name in held and name.endswith("_compose")}
    if (folder / "coauthor_assisted.npz").is_file():
        told["suggestion accepted against none asked for"] = assisted(folder / "coauthor_assisted.npz")
    print(json.dumps(told, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
