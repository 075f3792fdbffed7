# SPDX-License-Identifier: Apache-2.0
"""`python bench/pointers.py CORPUS_DIR [--json]`: what `pointer-alone` makes of the hands of a corpus, and of movers.

A corpus has no keyboard and no windows, so the question is not evaluated on it as it stands. Here the keyboard is taken as
silent and the window as unchanged; and, to ask more than any session would, buttons and wheel as never used. Then the same
of every mover of tests/helpers/pointer_generators.py at 60 intervals from 1 to 60 s.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "helpers")]

from pointer_generators import MOVERS, recorded, without_timing  # noqa: E402 - after the path

from detectors.pointer_alone import WINDOW_US, PointerAlone, PointerState  # noqa: E402 - after the path
from fairwitness.evaluation.corpus import Schema, files_of, read  # noqa: E402 - after the path
from fairwitness.evaluation.measuring import evaluation_policy  # noqa: E402 - after the path
from fairwitness.evaluation.recorded import record, recordable  # noqa: E402 - after the path
from session.events import Event, Focus, Gap, Kind, Stats  # noqa: E402 - after the path
from session.findings import State  # noqa: E402 - after the path

DETECTOR = PointerAlone()
MOVED_S = 1205.0


def watched(events: Sequence[Event], *, hands: bool) -> Iterator[Event]:
    """The records as of somebody who only points, under one window; without `hands` no button and no wheel is used."""
    for event in events:
        body = event.body
        if isinstance(body, Gap):
            continue
        if isinstance(body, Focus):
            yield msgspec.structs.replace(event, kind=Kind.FOCUS, body=Focus(body.t_us, body.mono_us))
        elif isinstance(body, Stats) and not hands:
            sources = tuple(msgspec.structs.replace(one, buttons=0, scrolls=0) for one in body.sources)
            yield msgspec.structs.replace(event, body=msgspec.structs.replace(body, sources=sources))
        else:
            yield event


def parts(events: Sequence[Event]) -> Iterator[list[Event]]:
    """The session cut into pieces of twenty minutes, each alone; what is left at its end is not one."""
    piece: list[Event] = []
    since_us = None
    for event in events:
        body = event.body
        piece.append(event)
        if isinstance(body, Stats):
            since_us = body.mono_us - body.span_ms * 1000 if since_us is None else since_us
            if body.mono_us - since_us >= WINDOW_US:
                yield piece
                piece, since_us = [], None


def folded(events: Iterable[Event]) -> PointerState:
    """The detector's state after all of it."""
    return DETECTOR.step(DETECTOR.start(without_timing()), list(events))


class Asked(msgspec.Struct):
    """How often it was raised, of what, and the greatest shares."""

    sessions_raised: int = 0
    pieces: int = 0
    pieces_judged: int = 0
    pieces_raised: int = 0
    most_even: float = 0.0
    most_small: float = 0.0

    def ask(self, events: Sequence[Event]) -> None:
        """One more session."""
        whole = folded(events)
        self.sessions_raised += DETECTOR.finish(whole).state is State.RAISED
        self.most_even = round(max(self.most_even, whole.even.share), 3)
        self.most_small = round(max(self.most_small, whole.small.share), 3)
        for piece in parts(events):
            state = folded(piece)
            self.pieces += 1
            self.pieces_judged += bool(state.even.evidence or state.small.evidence)
            self.pieces_raised += DETECTOR.finish(state).state is State.RAISED


def of_people(folder: Path) -> dict[str, object]:
    """Each session whole, and each twenty minutes of it alone, with and without what else the hand did."""
    policy, found = evaluation_policy(), {}
    for path in files_of(folder):
        source = read(path)
        if source is None or source.schema is not Schema.POINTER:
            continue
        ticks, people, sessions = 0, set(), 0
        asked: dict[str, Asked] = {}
        for number in source.numbers(None):
            one = source.session(number)
            if not recordable(one):
                continue
            people.add(one.person)
            sessions += 1
            events = record(one, policy).events
            ticks += sum(isinstance(event.body, Stats) for event in events)
            for hands in (True, False):
                name = "as recorded" if hands else "as if nobody had clicked or scrolled"
                kept = list(watched(events, hands=hands))
                asked.setdefault(name, Asked()).ask(kept)
        found[source.name] = {
            "people": len(people),
            "sessions": sessions,
            "hours": round(ticks * 5 / 3600, 1),
            **{name: msgspec.structs.asdict(one) for name, one in asked.items()},
        }
    return found


def of_movers() -> dict[str, object]:
    """How many of 60 intervals, each at another moment, are raised within twenty minutes, and the least share."""
    found = {}
    for name, mover in MOVERS.items():
        raised, least = 0, 1.0
        for every_s in range(1, 61):
            state = folded(recorded(mover(every_s, MOVED_S, every_s * 0.618), MOVED_S, first_s=every_s * 0.7 % 5))
            finding = DETECTOR.finish(state)
            raised += finding.state is State.RAISED
            least = min(least, finding.statistic)
        found[name] = {"raised": raised, "of": 60, "least share": round(least, 3)}
    return found


def main() -> None:
    """Prints the figures."""
    begun_s = time.process_time()
    figures = {"people": of_people(Path(sys.argv[1])), "movers": of_movers()}
    figures["cpu_s"] = round(time.process_time() - begun_s, 1)  # type: ignore[assignment] # a number beside tables
    print(json.dumps(figures, indent=None if "--json" in sys.argv else 1))


if __name__ == "__main__":
    main()
