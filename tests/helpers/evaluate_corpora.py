# SPDX-License-Identifier: Apache-2.0
"""Small corpora by the schema of docs/evaluation.md, with people who are made up and so known."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np

Row = tuple[int, int, int]
"""Press in ms, dwell in ms, class."""


def keys(seed: int, count: int, *, mean_ms: int = 200, classes: Sequence[int] = (0, 0, 0, 0, 1)) -> list[Row]:
    """So many keystrokes of a person."""
    chance = random.Random(seed)  # noqa: S311 - a made-up person
    rows, at_ms = [], 0
    for _ in range(count):
        rows.append((at_ms, chance.randint(60, 140), chance.choice(classes)))
        at_ms += chance.randint(mean_ms // 2, mean_ms * 3 // 2)
    return rows


def offsets_of(parts: Sequence[Sequence[object]]) -> np.ndarray:
    return np.cumsum([0, *(len(part) for part in parts)])


def typing(
    sessions: Sequence[tuple[str, Sequence[Row]]], pastes: Sequence[Sequence[int]] | None = None
) -> dict[str, np.ndarray]:
    """The fields of a typing corpus; `pastes` are sizes for each session, in order."""
    rows = np.array([row for _, session in sessions for row in session], dtype=np.int64).reshape(-1, 3)
    sizes = pastes if pastes is not None else [[] for _ in sessions]
    return {
        "person": np.array([person for person, _ in sessions], dtype="U12"),
        "session": np.array([str(number) for number in range(len(sessions))], dtype="U8"),
        "offsets": offsets_of([session for _, session in sessions]),
        "press_ms": rows[:, 0].astype(np.int32),
        "dwell_ms": rows[:, 1].astype(np.int16),
        "key_class": rows[:, 2].astype(np.uint8),
        "paste_offsets": offsets_of(sizes),
        "paste_chars": np.array([size for session in sizes for size in session], dtype=np.int32),
    }


def assisted(sessions: Sequence[tuple[str, Sequence[Row]]]) -> dict[str, np.ndarray]:
    """The fields of a corpus of writing with suggestions; a row is time in ms, kind and characters."""
    rows = np.array([row for _, session in sessions for row in session], dtype=np.int64).reshape(-1, 3)
    return {
        "person": np.array([person for person, _ in sessions], dtype="U12"),
        "offsets": offsets_of([session for _, session in sessions]),
        "t_ms": rows[:, 0].astype(np.int32),
        "kind": rows[:, 1].astype(np.uint8),
        "chars": rows[:, 2].astype(np.int32),
    }


def pointing(sessions: Sequence[tuple[str, Sequence[tuple[int, int, int, int]]]]) -> dict[str, np.ndarray]:
    """The fields of a pointer corpus; a row is time in ms, x, y and kind."""
    rows = np.array([row for _, session in sessions for row in session], dtype=np.int64).reshape(-1, 4)
    return {
        "person": np.array([person for person, _ in sessions], dtype="U12"),
        "offsets": offsets_of([session for _, session in sessions]),
        "t_ms": rows[:, 0].astype(np.int32),
        "x_px": rows[:, 1].astype(np.int16),
        "y_px": rows[:, 2].astype(np.int16),
        "kind": rows[:, 3].astype(np.uint8),
        "scroll": rows[:, 3] >= 4,
    }


def write(path: Path, fields: dict[str, np.ndarray]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, **fields)  # type: ignore[arg-type] # its stub takes no names
    return path


def spread(people: int, sessions_each: int, count: int, *, seed: int = 0) -> list[tuple[str, list[Row]]]:
    """Sessions of so many people."""
    return [
        (f"p{person:03}", keys(seed + person * 1000 + number, count))
        for person in range(people)
        for number in range(sessions_each)
    ]
