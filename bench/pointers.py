# SPDX-License-Identifier: Apache-2.0
"""`python bench/pointers.py CORPUS_DIR [--json]`: what `pointer-alone` and `pointer-paths` make of hands, and of programs.

A corpus has no keyboard and no windows, so the question is not evaluated on it as it stands. Here the keyboard is taken as
silent and the window as unchanged; and, to ask more than any session would, buttons and wheel as never used. Then the same
of every mover of tests/helpers/pointer_generators.py at 60 intervals from 1 to 60 s.

`pointer-paths` asks of the pointer alone, so it takes a corpus as it stands; and sessions of each family of
tests/helpers/pointer_traces.py by each sort of device.

The output with `--json` is kept as docs/detectors/pointers.json, from which bench/cards.py makes the tables of both cards.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import msgspec

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "helpers")]

from pointer_generators import MOVERS, recorded, without_timing  # noqa: E402 - after the path
from pointer_traces import ELSEWHERE, FAMILIES, SOFTWARE, VIRTUAL, session  # noqa: E402 - after the path

from detectors.pointer_alone import WINDOW_US, PointerAlone, PointerState  # noqa: E402 - after the path
from detectors.pointer_paths import PointerPaths  # noqa: E402 - after the path
from fairwitness.evaluation.corpus import CorpusSession, Schema, files_of, read  # noqa: E402 - after the path
from fairwitness.evaluation.measuring import evaluation_policy  # noqa: E402 - after the path
from fairwitness.evaluation.recorded import record, recordable  # noqa: E402 - after the path
from session.events import Event, Focus, Gap, Kind, Stats  # noqa: E402 - after the path
from session.findings import State  # noqa: E402 - after the path

DETECTOR = PointerAlone()
PATHS = PointerPaths()
MOVED_S = 1205.0
COARSE_MS = 60
"""Between the two clocks of the corpus, 15.6 and 109 ms."""
TRACED_MINUTES = 22.0
TRACED = 20
"""Sessions of each family and device."""


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


class Ways(msgspec.Struct):
    """What `pointer-paths` said of sessions: how often what, and why not; the long ways; the greatest share."""

    sessions: int = 0
    raised: int = 0
    clear: int = 0
    reasons: dict[str, int] = msgspec.field(default_factory=dict)
    long: int = 0
    even: int = 0
    jumps: int = 0
    sessions_with_even: int = 0
    most: float = 0.0

    def ask(self, events: Sequence[Event]) -> None:
        """One more session."""
        finding = PATHS.finish(PATHS.step(PATHS.start(without_timing()), events))
        sources = [one for event in events if isinstance(event.body, Stats) for one in event.body.sources]
        even = sum(one.even for one in sources)
        self.sessions += 1
        self.raised += finding.state is State.RAISED
        self.clear += finding.state is State.CLEAR
        if finding.reason:
            self.reasons[finding.reason] = self.reasons.get(finding.reason, 0) + 1
        self.long += sum(one.paths for one in sources)
        self.even += even
        self.jumps += sum(one.jumps for one in sources)
        self.sessions_with_even += even > 0
        self.most = round(max(self.most, finding.statistic), 3)


def clock_of(one: CorpusSession) -> str:
    """What the clock of a session is, by the least time between two events that is not none."""
    times_ms = sorted(one.columns["t_ms"].tolist())
    apart_ms = sorted(after - before for before, after in pairwise(times_ms) if after > before)
    return "clock of 109 ms" if apart_ms[len(apart_ms) // 4] > COARSE_MS else "clock of 15.6 ms"


def of_programs() -> dict[str, object]:
    """Sessions of each family, by a device that is automation, one that seems hardware, and one of unknown origin."""
    found = {}
    for family in FAMILIES:
        for name, device in (("software", SOFTWARE), ("virtual device", VIRTUAL), ("unknown origin", ELSEWHERE)):
            asked = Ways()
            for seed in range(TRACED):
                told = session(family, device, seed=seed, minutes=TRACED_MINUTES)
                asked.ask(recorded(told, TRACED_MINUTES * 60))
            found[f"{family}, {name}"] = msgspec.structs.asdict(asked)
    return found


def of_people(folder: Path) -> dict[str, object]:
    """Each session whole, and each twenty minutes of it alone, with and without what else the hand did."""
    policy, found = evaluation_policy(), {}
    for path in files_of(folder):
        source = read(path)
        if source is None or source.schema is not Schema.POINTER:
            continue
        ticks, people, sessions = 0, set(), 0
        asked: dict[str, Asked] = {}
        ways: dict[str, Ways] = {}
        for number in source.numbers(None):
            one = source.session(number)
            if not recordable(one):
                continue
            people.add(one.person)
            sessions += 1
            events = record(one, policy).events
            ways.setdefault(clock_of(one), Ways()).ask(events)
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
            "ways": {name: msgspec.structs.asdict(one) for name, one in ways.items()},
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
    figures = {"people": of_people(Path(sys.argv[1])), "movers": of_movers(), "programs": of_programs()}
    print(f"{time.process_time() - begun_s:.1f} s of CPU", file=sys.stderr)  # not kept: it is another each time
    print(json.dumps(figures, indent=None if "--json" in sys.argv else 1))


if __name__ == "__main__":
    main()
