# SPDX-License-Identifier: Apache-2.0
"""People at work under a hidden schedule: what they do each moment, and the observations that sensors would make of it.

A session is cut into stretches. In each one page is in front and the hands type or do not; both are drawn apart from each
other and from everything else. A `Life` is the hidden truth that nobody outside may guess.

Keystrokes: a person's mean interval is lognormal with mean 239 ms and standard deviation 112 ms, dwell 116 ms with 24 ms.
Source: Dhakal et al., Observations on Typing from 136 Million Keystrokes, CHI 2018, table 2. Intervals within a person are
lognormal, with a pause after some words. Instead of these, the keystrokes of a corpus may be played (`corpus_hands`).
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from agent.sensor import Copied, FrontWindow, Keystroke, Observation, Press, Stroke
from session.events import Injected, KeyClass

SECOND_US = 1_000_000
KEYBOARD, POINTER = 11, 12
AI_PAGE = 0
PAGES = (
    ("google-chrome", "ChatGPT - Google Chrome"),
    ("libreoffice-writer", "Essay on glaciers - LibreOffice Writer"),
    ("google-chrome", "Rate two answers - Annotation desk - Google Chrome"),
    ("evince", "Guidelines of the project.pdf"),
    ("kitty", "~/notes"),
    ("google-chrome", "The retreat of the ice, a photographic record - Google Chrome"),
)
"""Application and title of each page; the first is an AI tool that the catalogue knows."""


@dataclass(frozen=True)
class Stretch:
    """`page` is in front from `from_us` to `until_us` (from the session's beginning); `typing` says what the hands do."""

    from_us: int
    until_us: int
    page: int
    typing: bool


@dataclass(frozen=True)
class Typed:
    """Keystrokes of one stretch: `press_us` from its beginning, ascending; classes and dwells beside them."""

    press_us: tuple[int, ...]
    key_class: tuple[int, ...]
    dwell_ms: tuple[int, ...]


Hand = Callable[[random.Random, int], Typed]
"""Gives the typing of a stretch of so many µs."""


@dataclass(frozen=True)
class Life:
    """One session's hidden truth."""

    length_us: int
    stretches: tuple[Stretch, ...]
    observations: tuple[tuple[int, Observation], ...]
    pause_us: tuple[int, int] | None

    def share(self, from_us: int, until_us: int, *, typing: bool) -> float:
        """The share of an interval in which the person typed; with `typing` False, in which the AI page was in front."""
        wanted = 0
        for one in self.stretches:
            if one.typing if typing else one.page == AI_PAGE:
                wanted += max(0, min(until_us, one.until_us) - max(from_us, one.from_us))
        return wanted / (until_us - from_us)

    def is_paused(self, from_us: int, until_us: int) -> bool:
        """Whether nothing was observed in a part of an interval, which everybody may know."""
        return self.pause_us is not None and self.pause_us[0] < until_us and from_us < self.pause_us[1]

    def page_at(self, at_us: int) -> int:
        """What is in front."""
        return next((one.page for one in self.stretches if one.from_us <= at_us < one.until_us), self.stretches[-1].page)

    def typed_by(self, at_us: int) -> int:
        """How many keys were pressed until then."""
        return sum(1 for when, one in self.observations if when <= at_us and isinstance(one, Keystroke))


def typing_of(chance: random.Random, length_us: int, mean_ms: float) -> Typed:
    """Generated typing of a person with this mean interval. See the module's words for the source."""
    spread = 0.55
    centre = math.log(mean_ms) - spread**2 / 2
    press_us, classes, dwells = [], [], []
    at_us = chance.uniform(0, 400_000)
    while at_us < length_us:
        drawn = chance.random()
        key_class = KeyClass.SPACE if drawn < 0.16 else KeyClass.DELETE if drawn < 0.21 else KeyClass.TEXT
        key_class = KeyClass.ENTER if drawn > 0.985 else key_class
        press_us.append(int(at_us))
        classes.append(int(key_class))
        dwells.append(max(20, round(chance.gauss(116, 24))))
        at_us += chance.lognormvariate(centre, spread) * 1000
        if key_class is not KeyClass.TEXT and chance.random() < 0.12:
            at_us += chance.uniform(500_000, 2_500_000)
    return Typed(tuple(press_us), tuple(classes), tuple(dwells))


def generated_hand(chance: random.Random) -> Hand:
    """One person's hand: everybody has a speed of their own."""
    ratio = 112 / 239
    spread = math.sqrt(math.log(1 + ratio**2))
    mean_ms = max(85.0, chance.lognormvariate(math.log(239) - spread**2 / 2, spread))
    return lambda chance, length_us: typing_of(chance, length_us, mean_ms)


def corpus_hands(path: str) -> Callable[[random.Random], Hand]:
    """Hands of real people: each stretch is a piece of one person's session.

    `path`: an .npz with `offsets` of sessions into `press_ms`, `dwell_ms` (-1 unknown) and `key_class` (as in `KeyClass`).
    """
    with np.load(path, allow_pickle=False) as source:
        offsets, press, dwell, classes = (source[name] for name in ("offsets", "press_ms", "dwell_ms", "key_class"))

    def hand_of(chance: random.Random) -> Hand:
        person = chance.randrange(len(offsets) - 1)
        rows = slice(int(offsets[person]), int(offsets[person + 1]))
        times, dwells, kinds = press[rows], dwell[rows], classes[rows]

        def hand(chance: random.Random, length_us: int) -> Typed:
            begin = int(times[0]) + chance.randrange(max(1, int(times[-1] - times[0]) - length_us // 1000))
            chosen = np.flatnonzero((times >= begin) & (times < begin + length_us // 1000))
            return Typed(
                tuple(int(times[at] - begin) * 1000 for at in chosen),
                tuple(min(6, int(kinds[at])) for at in chosen),
                tuple(max(-1, int(dwells[at])) for at in chosen),
            )

        return hand

    return hand_of


def live(seed: int, length_s: int, hands: Callable[[random.Random], Hand] = generated_hand) -> Life:
    """One session of a person drawn by `seed`: half of them type much, and half have the AI page."""
    chance = random.Random(seed)  # noqa: S311 - a made-up person
    length_us = length_s * SECOND_US
    keen, uses_ai = chance.random() < 0.5, chance.random() < 0.5
    hand = hands(chance)
    pause_us = None
    if chance.random() < 0.3:
        begin = chance.randrange(length_us // 4, length_us * 3 // 4)
        pause_us = (begin, begin + chance.randrange(20, 60) * SECOND_US)
    stretches, observations = [], []
    at_us = 0
    while at_us < length_us:
        until_us = min(length_us, at_us + int(min(180.0, max(8.0, chance.lognormvariate(3.6, 0.7))) * SECOND_US))
        page = chance.randrange(1, len(PAGES))
        if uses_ai and chance.random() < 0.45:
            page = AI_PAGE
        one = Stretch(at_us, until_us, page, chance.random() < (0.75 if keen else 0.15))
        stretches.append(one)
        observations += list(_front(one))
        observations += list(_typing(one, chance, hand)) if one.typing else list(_reading(one, chance))
        at_us = until_us
    observed = sorted((one for one in observations if not _within(one[0], pause_us)), key=lambda one: one[0])
    return Life(length_us, tuple(stretches), tuple(observed), pause_us)


def one_thing(seed: int, length_s: int, page: int, *, typing: bool, pause_us: tuple[int, int] | None = None) -> Life:
    """A session of one page and either fast typing (120 words a minute) with pastes, or nothing that hands do."""
    chance = random.Random(seed)  # noqa: S311 - a made-up person
    one = Stretch(0, length_s * SECOND_US, page, typing)
    observations = list(_front(one))
    if typing:
        observations += list(_typing(one, chance, lambda chance, length_us: typing_of(chance, length_us, 85.0)))
        observations += list(_reading(one, chance, rests=False))
    observed = sorted((told for told in observations if not _within(told[0], pause_us)), key=lambda told: told[0])
    return Life(one.until_us, (one,), tuple(observed), pause_us)


def _within(at_us: int, span: tuple[int, int] | None) -> bool:
    return span is not None and span[0] <= at_us < span[1]


def _front(one: Stretch) -> Iterator[tuple[int, Observation]]:
    app, title = PAGES[one.page]
    yield one.from_us, FrontWindow(one.from_us, 100 + one.page, app, title, 1000 + one.page, f"/usr/bin/{app}")


def _typing(one: Stretch, chance: random.Random, hand: Hand) -> Iterator[tuple[int, Observation]]:
    typed = hand(chance, one.until_us - one.from_us)
    for after_us, key_class, dwell_ms in zip(typed.press_us, typed.key_class, typed.dwell_ms, strict=True):
        at_us = one.from_us + after_us
        yield at_us, Keystroke(at_us, KeyClass(key_class), dwell_ms, KEYBOARD, Injected.NO)
    if chance.random() < 0.3:
        at_us = chance.randrange(one.from_us, one.until_us)
        yield at_us, Keystroke(at_us, KeyClass.PASTE, 90, KEYBOARD, Injected.NO)


def _reading(one: Stretch, chance: random.Random, *, rests: bool = True) -> Iterator[tuple[int, Observation]]:
    """Scrolling and pointing, copying now and then, or (with `rests`) for some stretches nothing at all."""
    if rests and chance.random() < 0.25:
        return
    at_us = one.from_us + chance.randrange(2 * SECOND_US)
    while at_us < one.until_us:
        if chance.random() < 0.5:
            path_px = chance.randint(20, 900)
            moves = chance.randint(8, 60)
            yield at_us, Stroke(at_us, chance.randint(80, 700), path_px, path_px * 3 // 4, moves, POINTER, Injected.NO)
        else:
            yield at_us, Press(at_us, chance.random() < 0.8, POINTER, Injected.NO)
        if chance.random() < 0.02:
            yield at_us, Copied(at_us, chance.randint(20, 4000), PAGES[one.page][0])
        at_us += int(chance.expovariate(1 / 1.3) * SECOND_US) + 100_000
