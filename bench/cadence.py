# SPDX-License-Identifier: Apache-2.0
"""How often programs that type are asked about by the two questions on cadence, and people whom no threshold was fitted to.

`./run python bench/cadence.py [--sessions N] [--corpus DIR] [--json]`

Programs are those of tests/helpers/typing_generators.py; every session becomes records by the product's own code, as
`fairwitness evaluate` makes them, and is asked by the detectors as they stand:

    families       per family, of N sessions: shares raised by each detector and by either,
                   `typing` in ten minutes of typing (120 ticks with typing in them), `clock` in ten minutes by the clock
    attacks        the same for what the card calls misses: a person's intervals dealt anew, two more paces

With `--corpus` (the folder that `evaluate` reads) also, over klicke_compose:

    shipped        people who answered, and of them raised by either, with the exact 95 % interval
    lowest         of the people, the four lowest of what each threshold is compared with: what lies beyond even typing,
                   pauses, stops, halts
    crossfit       five parts by person: thresholds are set so that nobody of four parts is asked and hold for the fifth;
                   people of the fifth parts raised, and per family the lowest and the mean of the five shares raised

    copyists       people of aalto_transcribe, at most twice N: sentences joined to fifteen minutes, without time between and
                   with 2 to 5 s of reading; shares raised

No threshold knows a family: each lies below the lowest of the people. So every family is one that was not fitted to.
"""

from __future__ import annotations

import argparse
import json
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np

sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parents[1] / "tests" / "helpers")]

from typing_generators import FAMILIES, PACES, SPACE, TEXT, Typed, empirical, humanized  # noqa: E402 - after the path

from detectors.regular import EVEN_SHARE, RegularTyping  # noqa: E402 - after the path
from detectors.typing_window import LENGTHS, TypingWindow, slide  # noqa: E402 - after the path
from detectors.unpaused import HALTS, PAUSES, STOPS, UnpausedTyping  # noqa: E402 - after the path
from fairwitness.evaluation.corpus import CorpusSession, Schema, Source, read  # noqa: E402 - after the path
from fairwitness.evaluation.figures import clopper_pearson  # noqa: E402 - after the path
from fairwitness.evaluation.measuring import evaluation_policy  # noqa: E402 - after the path
from fairwitness.evaluation.recorded import record  # noqa: E402 - after the path
from session.events import Event, Stats  # noqa: E402 - after the path
from session.findings import State  # noqa: E402 - after the path

POLICY = evaluation_policy()
REGULAR, UNPAUSED = RegularTyping(), UnpausedTyping()
LONGEST_S = 4500.0
CLOCK_S = 600.0
PEOPLE, COPYISTS = "klicke_compose", "aalto_transcribe"
COPIED_MS = 900_000
FOLDS = 5
NONE_ASKED = 0.98
"""A part's thresholds are this share of the lowest of its people: the next person is a little below the lowest, too."""


def events_of(typed: Typed) -> tuple[Event, ...]:
    """The records of one made session."""
    columns = {
        "press_ms": typed.press_ms.astype(np.int64),
        "dwell_ms": np.full(len(typed.press_ms), 80, np.int64),
        "key_class": typed.key_class.astype(np.int64),
    }
    return record(CorpusSession("program", Schema.TYPING, columns, None), POLICY).events


def ten_minutes(events: tuple[Event, ...]) -> tuple[Event, ...]:
    """Up to the tick that is the 120th with typing in it."""
    found = 0
    for at, event in enumerate(events):
        found += isinstance(event.body, Stats) and any(event.body.pauses)
        if found == LENGTHS[-1]:
            return events[: at + 1]
    return events


def lowest(events: tuple[Event, ...]) -> np.ndarray[Any, Any]:
    """What the thresholds are compared with: of even typing what lies beyond, the shares of pauses, stops and halts.

    Each is the lowest of all windows, and infinite where none was judged.
    """
    window, regular = TypingWindow(), REGULAR.step(REGULAR.start(POLICY), events)
    found = np.array([1 - regular.share if regular.judged else np.inf, np.inf, np.inf, np.inf])
    for event in events:
        window, typed = slide(window, event)
        for at, (ticks, _, weights) in enumerate((PAUSES, STOPS, HALTS), 1):
            intervals = window.pauses(ticks) if typed else ()
            if intervals:
                found[at] = min(found[at], float(np.dot(intervals[-len(weights) :], weights)) / sum(intervals[1:]))
    return found


THRESHOLDS = np.array([1 - EVEN_SHARE, PAUSES[1], STOPS[1], HALTS[1]])


def rates(sessions: list[tuple[Event, ...]]) -> dict[str, float]:
    """Shares raised."""
    asked = np.array(
        [
            [one.finish(one.step(one.start(POLICY), events)).state is State.RAISED for one in (REGULAR, UNPAUSED)]
            for events in sessions
        ]
    )
    return {
        "regular-typing": round(float(asked[:, 0].mean()), 4),
        "unpaused-typing": round(float(asked[:, 1].mean()), 4),
        "either": round(float(asked.any(1).mean()), 4),
    }


def chance_of(name: str, number: int) -> np.random.Generator:
    """The same numbers at each run, for each session others."""
    return np.random.default_rng([zlib.crc32(name.encode()), number])


def programs(sessions: int) -> dict[str, list[tuple[Event, ...]]]:
    """Ten minutes of typing of each family, at least so long by the clock."""
    return {
        name: [events_of(family(chance_of(name, number), 700)) for number in range(sessions)]
        if name not in ("word-breaks", "humanized-autotyper")
        else [events_of(family(chance_of(name, number), LONGEST_S)) for number in range(sessions)]
        for name, family in FAMILIES.items()
    }


def by_the_clock(events: tuple[Event, ...]) -> tuple[Event, ...]:
    """The first ten minutes."""
    first = next(event.body.mono_us for event in events if isinstance(event.body, Stats))
    return tuple(
        event for event in events if not isinstance(event.body, Stats) or event.body.mono_us - first < CLOCK_S * 1_000_000
    )


def attacks(sessions: int, people: list[Typed]) -> dict[str, dict[str, float]]:
    """What is not caught, as often as it is."""
    found = {
        f"humanized-autotyper, {pace}": rates(
            [
                ten_minutes(events_of(humanized(chance_of(pace, number), LONGEST_S, PACES[pace])))
                for number in range(sessions)
            ]
        )
        for pace in ("efficient", "unskilled")
    }
    if people:
        dealt = [empirical(chance_of("empirical", number), 2400, person) for number, person in enumerate(people[:sessions])]
        found["a person's intervals dealt anew"] = rates([ten_minutes(events_of(typed)) for typed in dealt])
    return found


def place_of(folder: Path, name: str) -> Path:
    """Where that source of typing lies.

    Raises:
        FileNotFoundError: nowhere.
    """
    for path in (folder / f"{name}.npz", folder / "typing" / f"{name}.npz"):
        if path.is_file():
            return path
    raise FileNotFoundError(f"{name}.npz is neither in {folder} nor in {folder / 'typing'}")


def source_of(folder: Path, name: str) -> Source:
    """That source of typing. Raises FileNotFoundError as `place_of` does."""
    source = read(place_of(folder, name))
    assert source is not None, "a corpus of typing"  # noqa: S101 - by its name
    return source


def corpus(folder: Path) -> tuple[list[Typed], np.ndarray[Any, Any]]:
    """The people of klicke_compose, and their lowest shares, one session each."""
    source = source_of(folder, PEOPLE)
    people, shares = [], []
    for number in range(len(source)):
        session = source.session(number)
        typed = np.isin(session.columns["key_class"], (TEXT, SPACE))
        people.append(
            Typed(np.sort(session.columns["press_ms"][typed]), session.columns["key_class"][typed].astype(np.uint8))
        )
        shares.append(lowest(record(session, POLICY).events))
    return people, np.array(shares)


def copyists(folder: Path, most: int) -> dict[str, object]:
    """People who copy, with nothing to read and with a little."""
    source = source_of(folder, COPYISTS)
    by_person: dict[str, list[Typed]] = {}
    for number in range(len(source)):
        columns = source.session(number).columns
        order = np.argsort(columns["press_ms"], kind="stable")
        sentence = Typed(columns["press_ms"][order], columns["key_class"][order].astype(np.uint8))
        by_person.setdefault(source.persons[number], []).append(sentence)
    people = [by_person[name] for name in sorted(by_person)][:most]
    found: dict[str, object] = {"people": len(people)}
    for name, reading_ms in (("without reading", (300, 300)), ("2 to 5 s of reading", (2000, 5000))):
        chance = chance_of(name, 0)
        found[name] = rates([events_of(joined(sentences, chance, reading_ms)) for sentences in people])
    return found


def joined(sentences: list[Typed], chance: np.random.Generator, reading_ms: tuple[int, int]) -> Typed:
    """Fifteen minutes of somebody's sentences, again from the first where there are not so many."""
    press, classes, at_ms = [], [], 0
    while at_ms < COPIED_MS:
        for sentence in sentences:
            press.append(sentence.press_ms + at_ms)
            classes.append(sentence.key_class)
            at_ms = int(press[-1][-1] + chance.uniform(*reading_ms))
    return Typed(np.concatenate(press), np.concatenate(classes))


def crossfit(shares: np.ndarray[Any, Any], made: dict[str, np.ndarray[Any, Any]]) -> dict[str, object]:
    """Thresholds from four parts of the people, on the fifth and on every family."""
    answered = shares[np.isfinite(shares).any(1)]
    part = np.random.default_rng(20_261_127).permutation(len(answered)) % FOLDS
    raised, caught = 0, {name: list[float]() for name in made}
    for fold in range(FOLDS):
        thresholds = answered[part != fold].min(0) * NONE_ASKED
        raised += int((answered[part == fold] <= thresholds).any(1).sum())
        for name, of_family in made.items():
            caught[name].append(float((of_family <= thresholds).any(1).mean()))
    return {
        "people": len(answered),
        "raised": raised,
        "ci": [round(bound, 5) for bound in clopper_pearson(raised, len(answered))],
        "families": {name: [round(min(found), 4), round(sum(found) / FOLDS, 4)] for name, found in caught.items()},
    }


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description="Programs and people, by cadence.")
    parser.add_argument("--sessions", type=int, default=200)
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    for name in (PEOPLE, COPYISTS) if chosen.corpus else ():
        place_of(chosen.corpus, name)  # before minutes are spent on the rest
    made = programs(chosen.sessions)
    people, shares = corpus(chosen.corpus) if chosen.corpus else ([], np.zeros((0, len(THRESHOLDS))))
    figures: dict[str, object] = {
        "sessions": chosen.sessions,
        "families": {
            name: {
                "typing": rates([ten_minutes(events) for events in sessions]),
                "clock": rates([by_the_clock(events) for events in sessions]),
            }
            for name, sessions in made.items()
        },
        "attacks": attacks(chosen.sessions, people),
    }
    if chosen.corpus:
        answered = shares[np.isfinite(shares).any(1)]
        raised = int((answered <= THRESHOLDS).any(1).sum())
        interval = [round(bound, 5) for bound in clopper_pearson(raised, len(answered))]
        figures["shipped"] = {"people": len(answered), "raised": raised, "ci": interval}
        figures["lowest"] = [
            [round(float(share), 4) for share in np.sort(shares[:, at])[:4]] for at in range(len(THRESHOLDS))
        ]
        of_families = {
            name: np.array([lowest(ten_minutes(events)) for events in sessions]) for name, sessions in made.items()
        }
        figures["crossfit"] = crossfit(shares, of_families)
        figures["copyists"] = copyists(chosen.corpus, 2 * chosen.sessions)
    print(json.dumps(figures) if chosen.json else json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
