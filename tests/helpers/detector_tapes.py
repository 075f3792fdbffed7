# SPDX-License-Identifier: Apache-2.0
"""Sessions of windows, typing, copies and pastes, as an agent writes them: one FOCUS, STATS and CLIPBOARD a tick.

desk = Windows()
desk.shows(0, BROWSER, "ChatGPT - Google Chrome").shows(30, EDITOR).until(60)
desk.copy(20, BROWSER, 900)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from replay_sessions import Tape, source

from detectors import Detector
from session.events import TICK_US, Clipboard, Event, Focus, FocusChange, Gap, Kind
from session.findings import Finding
from session.policy import Policy, default_policy_toml, parse_policy

BROWSER = "google-chrome"
EDITOR = "libreoffice-writer"
CHAT_PAGE = "Heart failure - Claude - Google Chrome"
TICK_S = TICK_US // 1_000_000


def policy(grade: str = "forbidden", more: str = "", *, titles: str = "full", **disclosure: str) -> Policy:
    """The default policy with titles and clipboard recorded, and `grade` for AI tools; `more` follows in `[ai_tools]`."""
    choices = {"clipboard": "sent"} | disclosure
    lines = []
    for line in default_policy_toml().decode().splitlines():
        name = line.partition(" =")[0]
        if name in choices:
            lines.append(f'{name} = "{choices[name]}"')
        elif name == "detail":
            lines.append(f'detail = "{titles}"')
        elif name == "default":
            lines.append(f'default = "{grade}"\n{more}')
        else:
            lines.append(line)
    return parse_policy("\n".join(lines).encode())


def in_pieces(detector: Detector, rules: Policy, events: Sequence[Event], cuts: Iterable[int] = ()) -> Finding:
    """What it finds where the session comes in pieces, cut at these places."""
    state, last = detector.start(rules), 0
    for cut in [*sorted(min(cut, len(events)) for cut in cuts), len(events)]:
        state = detector.step(state, events[last:cut])
        last = cut
    return detector.finish(state)


class Windows:
    """What was in front and what was copied, second by second; `events()` cuts it into ticks.

    STATS are among them only with `keyboard`.
    """

    def __init__(self, *, keyboard: bool = False) -> None:
        self._keyboard = keyboard
        self._typed: list[tuple[float, float, int]] = []
        self._changes: list[tuple[float, str, str, int]] = []
        self._moments: list[tuple[float, str, int, str]] = []
        self._others: list[tuple[float, str, object]] = []
        self._numbers: dict[str, int] = {}
        self._end_s = 0.0

    def shows(self, second: float, app: str, title: str = "") -> Windows:
        """From `second` on, this window is in front."""
        number = self._numbers.setdefault(app, len(self._numbers) + 1) if app else 0
        self._changes.append((second, app, title, number))
        return self.until(second)

    def until(self, second: float) -> Windows:
        """The record goes on until `second`."""
        self._end_s = max(self._end_s, second)
        return self

    def types(self, begin: float, end: float, keys: int = 20) -> Windows:
        """So many text keystrokes in each tick that ends within (begin, end]."""
        self._typed.append((begin, end, keys))
        return self.until(end)

    def copy(self, second: float, app: str, size_bytes: int) -> Windows:
        self._moments.append((second, "copy", size_bytes, app))
        return self.until(second)

    def paste(self, second: float, app: str, size_bytes: int) -> Windows:
        self._moments.append((second, "paste", size_bytes, app))
        return self.until(second)

    def gap(self, second: float, *parts: object, since: float = 0) -> Windows:
        """`parts`: edge, reason, scope, as `Tape.gap` takes them."""
        self._others.append((second, "gap", (*parts, since)))
        return self.until(second)

    def declares(self, second: float, tool: str) -> Windows:
        self._others.append((second, "declare", tool))
        return self.until(second)

    def events(self, **tape: int) -> list[Event]:
        """The records, a tick's FOCUS before its CLIPBOARD; of several copies in a tick, each has the next one."""
        made = Tape(**tape)
        changes, moments = sorted(self._changes), sorted(self._moments)
        others = sorted(self._others, key=lambda other: other[0])
        end = TICK_S
        while True:
            while others and others[0][0] < end:
                self._other(made, *others.pop(0))
            told = [change for change in changes if change[0] < end]
            changes = changes[len(told) :]
            made.add(Kind.FOCUS, Focus(*made.at(end), tuple(self._change(made, *change) for change in told)))
            if self._keyboard:
                made.tick(end, source(sum(keys for begin, last, keys in self._typed if begin < end <= last)))
            if moments and moments[0][0] < end:
                second, action, size_bytes, app = moments.pop(0)
                made.add(Kind.CLIPBOARD, Clipboard(*made.at(second), action, size_bytes, app))
            else:
                made.add(Kind.CLIPBOARD, Clipboard(*made.at(end), "none", 0, ""))
            if end > self._end_s and not (changes or moments or others):
                return made.events
            end += TICK_S

    @staticmethod
    def _change(made: Tape, second: float, app: str, title: str, number: int) -> FocusChange:
        return FocusChange(mono_us=made.at(second)[1], window=number, app=app, title=title)

    @staticmethod
    def _other(made: Tape, second: float, what: str, parts: object) -> None:
        if what == "declare":
            made.declare(second, str(parts))
        else:
            edge, reason, scope, since = parts  # type: ignore[misc] # what `gap` put there
            made.gap(second, edge, reason, scope, since=since)


def shifted(event: Event, by_us: int) -> Event:
    """The same record at another origin of time."""
    body = event.body
    fields = {name: getattr(body, name) + by_us for name in ("t_us", "mono_us") if hasattr(body, name)}
    if not fields:
        return event
    if isinstance(body, Gap) and body.from_us:
        fields["from_us"] = body.from_us + by_us
    if isinstance(body, Focus):
        fields["changes"] = tuple(
            FocusChange(change.mono_us + by_us, change.window, change.app, change.title) for change in body.changes
        )
        fields["nearby"] = tuple(msgspec.structs.replace(one, mono_us=one.mono_us + by_us) for one in body.nearby)
    taken = {name: fields.get(name, getattr(body, name)) for name in body.__struct_fields__}
    return Event(seq=event.seq, kind=event.kind, body=type(body)(**taken))
