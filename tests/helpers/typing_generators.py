# SPDX-License-Identifier: Apache-2.0
"""Typing as programs make it, family by family: press times and key classes, as a corpus holds them.

Families are re-made from what their sources were read to do; none is copied. Each instance draws its own speed and habits,
so that a family is a population and not one rhythm. Source: ../shared/facts/detection.md §1c, summed up in each docstring.

    typed = FAMILIES["uniform"](np.random.default_rng(1), 600)     # some 600 s of it
    typed.press_ms, typed.key_class                                # rows of one session, times from 0

Times come to whole ms, as the corpora's. `empirical` takes the intervals of a person and deals them anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

TEXT, SPACE, BACKSPACE = 0, 1, 2
"""Key classes as the corpora number them."""

_LETTERS: Final = np.array([0.082, 0.015, 0.028, 0.043, 0.127, 0.022, 0.02, 0.061, 0.07, 0.0015, 0.0077, 0.04, 0.024])
_MORE: Final = np.array([0.067, 0.075, 0.019, 0.001, 0.06, 0.063, 0.091, 0.028, 0.0098, 0.024, 0.0015, 0.02, 0.00074])
_FREQUENCY: Final = np.concatenate([_LETTERS, _MORE]) / np.concatenate([_LETTERS, _MORE]).sum()
_WORD_LENGTHS: Final = np.arange(1, 13)
_WORD_WEIGHTS: Final = np.array([3, 17, 21, 16, 11, 8, 8, 6, 4, 3, 2, 1]) / 100
_SPACE_LETTER: Final = 26
_LEAST_MS: Final = 1.0


class Typed(NamedTuple):
    """One made session: whole ms from its first key, and a class for each."""

    press_ms: NDArray[np.int64]
    key_class: NDArray[np.uint8]


Family = Callable[[np.random.Generator, float], Typed]


def text(rng: np.random.Generator, keys: int) -> NDArray[np.int64]:
    """Letters 0 to 25 with a space (26) after each word, as frequent as in English; at least `keys` of them."""
    lengths = rng.choice(_WORD_LENGTHS, size=keys // 2 + 2, p=_WORD_WEIGHTS)
    letters = rng.choice(26, size=int(lengths.sum()) + len(lengths), p=_FREQUENCY)
    letters[np.cumsum(lengths + 1) - 1] = _SPACE_LETTER
    return letters[:keys]


def _typed(gaps_ms: NDArray[np.float64], key_class: NDArray[np.uint8], seconds: float) -> Typed:
    times = np.cumsum(np.maximum(gaps_ms, _LEAST_MS))
    times -= times[0]
    kept = times <= seconds * 1000
    return Typed(np.rint(times[kept]).astype(np.int64), key_class[kept])


def _classes(letters: NDArray[np.int64]) -> NDArray[np.uint8]:
    return np.where(letters == _SPACE_LETTER, SPACE, TEXT).astype(np.uint8)


def _keys(seconds: float, mean_ms: float) -> int:
    return int(seconds * 1000 / mean_ms * 1.5) + 50


def _with_slips(
    rng: np.random.Generator,
    gaps_ms: NDArray[np.float64],
    key_class: NDArray[np.uint8],
    *,
    share: float,
    notice_ms: tuple[float, float],
    backspace_ms: tuple[float, float] = (0, 0),
) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """Before a `share` of the letters a wrong one is typed and taken back; the keys beside it keep the family's own gaps."""
    slipped = np.flatnonzero((key_class == TEXT) & (rng.random(len(gaps_ms)) < share))
    at = np.repeat(slipped, 2)
    gaps = np.empty(len(at))
    gaps[0::2] = gaps_ms[slipped]
    gaps[1::2] = rng.uniform(*notice_ms, len(slipped))
    classes = np.tile(np.array([TEXT, BACKSPACE], np.uint8), len(slipped))
    gaps_after = gaps_ms.copy()
    gaps_after[slipped] += rng.uniform(*backspace_ms, len(slipped))
    return np.insert(gaps_after, at, gaps), np.insert(key_class, at, classes)


def constant(rng: np.random.Generator, seconds: float) -> Typed:
    """One interval for all keys, but for the scheduler (pyautogui `interval`, xdotool `--delay`, keyboard `delay`)."""
    step_ms = rng.uniform(25, 260)
    keys = _keys(seconds, step_ms)
    return _typed(step_ms + np.abs(rng.normal(0, rng.uniform(0.5, 4), keys)), _classes(text(rng, keys)), seconds)


def uniform(rng: np.random.Generator, seconds: float) -> Typed:
    """Evenly between two bounds (most AutoTypers)."""
    low_ms = rng.uniform(20, 150)
    high_ms = low_ms + rng.uniform(20, 300)
    keys = _keys(seconds, (low_ms + high_ms) / 2)
    return _typed(rng.uniform(low_ms, high_ms, keys), _classes(text(rng, keys)), seconds)


def gauss(rng: np.random.Generator, seconds: float) -> Typed:
    """A bell around a mean, cut at 10 ms."""
    mean_ms = rng.uniform(60, 260)
    keys = _keys(seconds, mean_ms)
    gaps = np.maximum(rng.normal(mean_ms, mean_ms * rng.uniform(0.08, 0.5), keys), 10)
    return _typed(gaps, _classes(text(rng, keys)), seconds)


def word_breaks(rng: np.random.Generator, seconds: float) -> Typed:
    """Evenly between two bounds, with rare long breaks between words (AutoTyper, GoogleDocsTyper)."""
    low_ms = rng.uniform(20, 120)
    high_ms = low_ms + rng.uniform(10, 200)
    keys = _keys(seconds, (low_ms + high_ms) / 2)
    letters = text(rng, keys)
    gaps = rng.uniform(low_ms, high_ms, keys)
    broken = (np.roll(letters, 1) == _SPACE_LETTER) & (rng.random(keys) < rng.uniform(0.005, 0.1))
    gaps[broken] += rng.uniform(1000, rng.uniform(2000, 30_000), int(broken.sum()))
    return _typed(gaps, _classes(letters), seconds)


def autowriter(rng: np.random.Generator, seconds: float) -> Typed:
    """0.2 to 1.8 times a mean; a tenth mistyped and taken back after 40 ms (autowriter 1.0.2)."""
    mean_ms = rng.uniform(60, 250)
    keys = _keys(seconds, mean_ms)
    gaps, classes = rng.uniform(0.2 * mean_ms, 1.8 * mean_ms, keys), _classes(text(rng, keys))
    return _typed(*_with_slips(rng, gaps, classes, share=0.1, notice_ms=(40, 44), backspace_ms=(40, 44)), seconds)


def human_typer(rng: np.random.Generator, seconds: float) -> Typed:
    """60/(3.2 cpm) to 60/(0.8 cpm) s; 2 % mistyped, 0.4 to 0.5 s before it is taken back (human-typer 1.1.1)."""
    per_minute = rng.uniform(150, 700)
    low_ms, high_ms = 60_000 / (3.2 * per_minute), 60_000 / (0.8 * per_minute)
    keys = _keys(seconds, (low_ms + high_ms) / 2)
    gaps, classes = rng.uniform(low_ms, high_ms, keys), _classes(text(rng, keys))
    return _typed(
        *_with_slips(rng, gaps, classes, share=0.02, notice_ms=(400, 500), backspace_ms=(low_ms, high_ms)), seconds
    )


def human_keyboard(rng: np.random.Generator, seconds: float) -> Typed:
    """Speed and distance between keys, 150 ms at a new word, all times N(1, 0.1); 4 % corrected (human-keyboard 0.1.0)."""
    base_ms = 12_000 / np.clip(rng.normal(rng.uniform(40, 100), 7), 25, 130)
    keys = _keys(seconds, base_ms + 60)
    letters = text(rng, keys)
    before = np.roll(letters, 1)
    distance = rng.uniform(0, 110, (27, 27))[before, letters]
    common = (rng.random((27, 27)) < 0.05)[before, letters]
    fatigue = np.minimum(1 + 0.002 * np.arange(keys), rng.normal(1.3, 0.06))
    gaps = base_ms * fatigue * np.where(common, 0.8, 1) + distance
    new_word = before == _SPACE_LETTER
    thinking_ms = rng.normal(150, 15)
    gaps[new_word] += rng.normal(thinking_ms, 0.2 * thinking_ms, int(new_word.sum()))
    gaps[letters == _SPACE_LETTER] *= rng.normal(0.6, 0.05)
    gaps = np.maximum(gaps * rng.normal(1, 0.1, keys), 10)
    return _typed(*_with_slips(rng, gaps, _classes(letters), share=0.04, notice_ms=(270, 330)), seconds)


def humantyping(rng: np.random.Generator, seconds: float) -> Typed:
    """Factors of word, pair and distance, N(that, 30 ms), 250 ms more at a space; 4 % taken back (humantyping 1.0.3)."""
    base_ms = 12_000 / max(10.0, rng.normal(rng.uniform(40, 100), 10))
    keys = _keys(seconds, base_ms * 0.8 + 45)
    letters = text(rng, keys)
    word = np.cumsum(letters == _SPACE_LETTER)
    of_word = rng.choice([0.6, 1, 1.3], size=int(word[-1]) + 1, p=[0.45, 0.45, 0.1])[word]
    of_pair = rng.choice([0.4, 0.5, 1, 1.2], size=(27, 27), p=[0.1, 0.2, 0.5, 0.2])[np.roll(letters, 1), letters]
    fatigue = np.minimum(1.0005 ** np.arange(keys), 1.5)
    at_space = letters == _SPACE_LETTER
    mean = base_ms * fatigue * of_word * of_pair
    mean[at_space] += rng.normal(250, 50, int(at_space.sum()))
    gaps = np.maximum(rng.normal(np.maximum(mean, 0.15 * base_ms), 30), 20)
    return _typed(*_with_slips(rng, gaps, _classes(letters), share=0.04, notice_ms=(270, 670)), seconds)


class Pace(NamedTuple):
    """One of the settings that humanized-autotyper offers."""

    median_ms: float
    sigma: float
    burst: float
    pause: float
    longest_ms: float
    slips: float
    rewrites: float


PACES: Final[Mapping[str, Pace]] = {
    "standard": Pace(110, 0.42, 0.05, 0.008, 10_000, 0.02, 0.004),
    "efficient": Pace(80, 0.30, 0.06, 0.004, 10_000, 0.009, 0.002),
    "unskilled": Pace(180, 0.75, 0.025, 0.020, 12_000, 0.041, 0.008),
}


def humanized(rng: np.random.Generator, seconds: float, pace: Pace) -> Typed:
    """humanized-autotyper 1.3.0 at one pace: lognormal with bursts, fingers, pauses, tiredness, slips and rewriting."""
    keys = _keys(seconds, pace.median_ms)
    letters = text(rng, keys)
    before = np.roll(letters, 1)
    gaps_sigma = np.full(keys, pace.sigma)
    factor = rng.choice([1.35, 0.85, 1], size=(27, 27), p=[0.12, 0.45, 0.43])[before, letters]
    bursting = np.zeros(keys, bool)
    start = int(rng.geometric(pace.burst))
    while start < keys:
        length = int(rng.integers(5, 21))
        bursting[start : start + length] = True
        start += 2 * length + int(rng.integers(10, 31)) + int(rng.geometric(pace.burst))
    factor[bursting] = 0.55 * (1 + (factor[bursting] - 1) * 0.3)
    gaps_sigma[bursting] *= 0.5
    sentence_ends = (before == _SPACE_LETTER) & (rng.random(keys) < 1 / 16)
    factor[sentence_ends] *= 1.8
    tired = np.minimum(1 + 0.005 * np.arange(keys) * pace.median_ms / 60_000, 1.25)
    gaps = np.clip(np.exp(rng.normal(np.log(pace.median_ms), gaps_sigma)) * factor * tired, 40, 400)
    at_space = letters == _SPACE_LETTER
    gaps[at_space & ~bursting] += np.maximum(rng.normal(60, 20, int((at_space & ~bursting).sum())), 0)
    pausing = rng.random(keys) < np.where(sentence_ends, 0.06, pace.pause)
    gaps[pausing] += np.clip(rng.lognormal(np.log(2500), 0.9, int(pausing.sum())), 800, pace.longest_ms)
    resting = np.flatnonzero(np.diff(np.cumsum(gaps) // (240_000 * rng.pareto(1.4) + 240_000), prepend=0))
    gaps[resting] += np.minimum(240_000 * (rng.pareto(1.4, len(resting)) + 1), 2_100_000)
    return _typed(
        *_with_slips(rng, gaps, _classes(letters), share=pace.slips, notice_ms=(150, 700), backspace_ms=(60, 200)), seconds
    )


def humanized_autotyper(rng: np.random.Generator, seconds: float) -> Typed:
    """humanized-autotyper 1.3.0 as it comes, at speeds from 0.7 to 1.4 times its own."""
    speed = rng.uniform(0.7, 1.4)
    made = humanized(rng, seconds * speed, PACES["standard"])
    return Typed(np.rint(made.press_ms / speed).astype(np.int64), made.key_class)


SIMPLE: Final[Mapping[str, Family]] = {
    "constant": constant,
    "uniform": uniform,
    "gauss": gauss,
    "word-breaks": word_breaks,
    "autowriter": autowriter,
    "human-typer": human_typer,
}
"""The six that draw each gap alone."""

FAMILIES: Final[Mapping[str, Family]] = {
    **SIMPLE,
    "humantyping": humantyping,
    "human-keyboard": human_keyboard,
    "humanized-autotyper": humanized_autotyper,
}
"""All nine."""


def empirical(rng: np.random.Generator, seconds: float, person: Typed) -> Typed:
    """The intervals of a person between keys, drawn with replacement: their rhythm, in no order."""
    gaps = np.diff(person.press_ms).astype(np.float64)
    drawn = rng.choice(gaps, size=_keys(seconds, float(gaps.mean())))
    return _typed(drawn, _classes(text(rng, len(drawn))), seconds)
