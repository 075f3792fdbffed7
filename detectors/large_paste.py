# SPDX-License-Identifier: Apache-2.0
"""Whether much was pasted that came from elsewhere. Card: docs/detectors/large-paste.md.

People paste, and mostly their own. So whatever may have been the person's own, the task's, or is not known, is not counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from detectors import abstain
from detectors.abstain import Sight, abstention, watch
from detectors.answer import MOST_EVIDENCE, answered
from detectors.catalogue.listed import BUILT_IN, Listed, in_force
from detectors.catalogue.match import Match
from detectors.features import KeyTick, key_tick
from detectors.front import SCOPE, Stretch, blinds
from detectors.moments import CLIPBOARD, Moment, Moments
from session.assistance import NOTHING_SAID, Assistance
from session.events import Clipboard, Disclosure, Event, Focus, Gap, Kind, Reason
from session.findings import Finding, Weight
from session.policy import Policy

LEAST_BYTES: Final = 800
"""Least size of one paste that is asked about. Source: docs/detectors/large-paste.md, Threshold."""
SEVERAL: Final = 3
"""Pastes of different size that together are asked about, where all are of SEVERAL_BYTES. Source: as above."""
SEVERAL_BYTES: Final = 300
"""Least size of one of several. Source: as above."""
MOST_BYTES: Final = 20_000
"""What is larger is rather a picture or a file than text. Source: as above."""
WITHIN_US: Final = 600_000_000
"""How long a copy of the same size explains a paste, and within which several count together. Source: as above."""
LEAST_KEYS: Final = 150
"""Text keystrokes in an application that make it one in which the person works. Source: as above."""
SAME_SIZE: Final = 20
"""Sizes are the same where they differ by at most one part in so many. Source: as above."""
MOST_APPS: Final = 64
"""Applications of which keystrokes are counted one by one; those in further ones count for all, and so ask less."""
MOST_MOMENTS: Final = 256
"""Copies and pastes that are remembered: ten minutes hold 120 of one a tick."""

ALTERNATIVES: Final = (
    "alternative.own-draft",
    "alternative.task-text",
    "alternative.template",
    "alternative.reference",
    "alternative.picture",
    "alternative.something-else-copied",
)

_ANYWHERE: Final = ""
_KEYBOARD: Final = "keyboard"
_OWN_TIME: Final = frozenset((Reason.PAUSE, Reason.PRIVATE, Reason.LOCKED))
"""Gaps in which the person does not work; what they type then is no part of the session."""


class Origin(msgspec.Struct, frozen=True):
    """A copy: `apps` are its owner and the window in front, empty where either is not known. `tool`: the catalogue's."""

    seq: int
    mono_us: int
    size_bytes: int
    apps: tuple[str, ...]
    tool: bool
    evidence: tuple[int, ...]


class Pasted(msgspec.Struct, frozen=True):
    """A paste that is counted."""

    mono_us: int
    size_bytes: int
    evidence: tuple[int, ...]


class LargePasteState(msgspec.Struct, frozen=True):
    """What a session came to so far.

    Args:
        off: the reason to abstain that the policy itself gives. calibration: names the catalogue.
        clipboard, window, keyboard: what was seen; that somebody declared an aid stands with the first.
        copied: whether any copy was told, so that the applications matter; only a record without any does without.
        typed: text keystrokes by application; those of "" may have been in any.
        lost: whether typing, or where it was, went unseen during work; from then on everything may be one's own.
        copies: those of the last ten minutes, and the last one; unseen: whether another may have come after them.
        dark_us: until when a copy that nobody saw may explain a paste; dark: whether it still has to be told when that was.
        pastes: counted ones of the last ten minutes; largest: the statistic, with its evidence.
    """

    off: str
    calibration: str
    moments: Moments
    clipboard: Sight
    window: Sight
    keyboard: Sight
    copied: bool = False
    declared: bool = False
    typed: Mapping[str, int] = msgspec.field(default_factory=dict)
    lost: bool = False
    copies: tuple[Origin, ...] = ()
    unseen: bool = False
    dark_us: int | None = None
    dark: bool = False
    pastes: tuple[Pasted, ...] = ()
    largest: int = 0
    evidence: tuple[int, ...] = ()


class LargePaste:
    """Large paste from elsewhere (family "insertion", class B): it opens nothing by itself, and may confirm another."""

    id = "large-paste"
    version = 1
    family = "insertion"
    calibration = f"klicke-1 {BUILT_IN}"

    def start(self, policy: Policy, said: Assistance = NOTHING_SAID, listed: Listed | None = None) -> LargePasteState:
        """The state before the first record; see `abstain.declared_by`."""
        off = ""
        for kind, reason in (
            (Kind.CLIPBOARD, abstain.CLIPBOARD_OFF),
            (Kind.FOCUS, abstain.FOCUS_OFF),
            (Kind.STATS, abstain.NOT_OBSERVED),
        ):
            if not off and policy.disclosure_of(kind) is Disclosure.OFF:
                off = reason
        known = in_force(policy, listed)
        if not off and not known.here:
            off = abstain.CATALOGUE_MISSING
        return LargePasteState(
            off=off,
            calibration=f"klicke-1 {known.name}",
            moments=Moments(ask=known.ask),
            clipboard=Sight(scope=CLIPBOARD, told_by=Kind.CLIPBOARD, declared=abstain.declared_by(said)),
            window=Sight(scope=SCOPE, told_by=Kind.FOCUS),
            keyboard=Sight(scope=_KEYBOARD),
        )

    def step(self, state: LargePasteState, events: Sequence[Event]) -> LargePasteState:
        """`state` after `events`, in order of seq. Cutting a session anywhere gives the same state."""
        for event in events:
            if event.kind in (Kind.FOCUS, Kind.STATS, Kind.CLIPBOARD, Kind.GAP, Kind.DECLARE):
                state = _step(state, event)
        return state

    def finish(self, state: LargePasteState) -> Finding:
        """The finding. An abstention carries neither number nor evidence, so that none tells its reason."""
        state = _judged(state, state.moments.rest())
        reaches = state.largest >= LEAST_BYTES
        reason = state.off or _abstention(state, reaches=reaches)
        return answered(
            self,
            Weight.B,
            0 if reaches and state.declared else state.largest,
            LEAST_BYTES,
            raised=reaches and not state.declared,
            reason=reason,
            evidence=state.evidence,
            alternatives=ALTERNATIVES,
            key="declared" if reaches and state.declared else "",
            calibration=state.calibration,
        )


def _abstention(state: LargePasteState, *, reaches: bool) -> str:
    clipboard = abstention(state.clipboard, withheld=abstain.CLIPBOARD_WITHHELD, unobserved=abstain.CLIPBOARD_NOT_OBSERVED)
    if clipboard:
        return clipboard
    if not state.clipboard.ticks:
        return abstain.CLIPBOARD_NOT_OBSERVED
    if not state.keyboard.ticks:
        return abstain.NOT_OBSERVED
    keyboard = abstention(state.keyboard)
    if keyboard or not _copies_told(state):
        return keyboard
    window = abstention(state.window, withheld=abstain.FOCUS_WITHHELD, unobserved=abstain.WINDOW_NOT_OBSERVED)
    if not window and not state.moments.front.told:
        return abstain.WINDOW_NOT_OBSERVED
    return window or (abstain.ORIGIN_NOT_KNOWN if state.lost and not reaches else "")


def _copies_told(state: LargePasteState) -> bool:
    """Whether a copy was told, or may have been in a record that is missing."""
    return state.copied or state.clipboard.missing > 0


def _step(state: LargePasteState, event: Event) -> LargePasteState:
    body = event.body
    if event.kind == Kind.DECLARE:
        return msgspec.structs.replace(state, declared=True, clipboard=watch(state.clipboard, event))
    if event.kind == Kind.GAP:
        return _unseen(state, event, body) if isinstance(body, Gap) else state
    if event.kind == Kind.STATS:
        keyboard, tick = watch(state.keyboard, event), key_tick(event)
        if tick is None:
            return msgspec.structs.replace(state, keyboard=keyboard, lost=True)
        return msgspec.structs.replace(state, keyboard=keyboard, typed=_typed(state, tick))
    return _focused(state, event) if event.kind == Kind.FOCUS else _moved(state, event)


def _moved(state: LargePasteState, event: Event) -> LargePasteState:
    body = event.body
    moments, due = state.moments.after(event)
    clipboard = watch(state.clipboard, event)
    if not isinstance(body, Clipboard):  # what was copied here is not known, nor when
        moments = msgspec.structs.replace(moments, waiting=())
        return msgspec.structs.replace(state, clipboard=clipboard, moments=moments, copies=(), dark=True)
    copied = state.copied or body.action == "copy"
    return _judged(msgspec.structs.replace(state, clipboard=clipboard, moments=moments, copied=copied), due)


def _focused(state: LargePasteState, event: Event) -> LargePasteState:
    body = event.body
    moments, due = state.moments.after(event)
    dark, dark_us = state.dark, state.dark_us
    if dark and isinstance(body, Focus):
        dark, dark_us = False, _later(dark_us, body.mono_us + WITHIN_US)
    state = msgspec.structs.replace(
        state,
        window=watch(state.window, event),
        moments=moments,
        lost=state.lost or not isinstance(body, Focus),
        dark=dark,
        dark_us=dark_us,
    )
    return _judged(state, due)


def _unseen(state: LargePasteState, event: Event, gap: Gap) -> LargePasteState:
    """After a gap: what was copied in it may explain what is pasted soon after, and what was typed in it, anything."""
    moments, _ = state.moments.after(event)
    state = msgspec.structs.replace(
        state,
        clipboard=watch(state.clipboard, event),
        window=watch(state.window, event),
        keyboard=watch(state.keyboard, event),
        moments=moments,
    )
    if blinds(gap, SCOPE, _KEYBOARD) and gap.reason not in _OWN_TIME:
        state = msgspec.structs.replace(state, lost=True)
    if not blinds(gap, CLIPBOARD):
        return state
    return msgspec.structs.replace(
        state,
        moments=msgspec.structs.replace(moments, waiting=()),
        copies=(),
        unseen=True,
        dark_us=_later(state.dark_us, gap.mono_us + WITHIN_US),
    )


def _later(one_us: int | None, other_us: int) -> int:
    return other_us if one_us is None else max(one_us, other_us)


def _typed(state: LargePasteState, tick: KeyTick) -> Mapping[str, int]:
    """With the keystrokes of a tick, which count for every application that was in front in it."""
    if not tick.text:  # a window in which nobody typed takes no place of MOST_APPS
        return state.typed
    now, since_us = state.moments.front.now, tick.mono_us - tick.span_ms * 1000
    known_from_us = tick.mono_us + 1 if now is None else now.from_us
    apps = set() if now is None else {now.app}
    for stretch in reversed(state.moments.windows):
        if stretch.until_us < since_us:
            break
        apps.add(stretch.app)
        if stretch.until_us >= known_from_us:
            known_from_us = min(known_from_us, stretch.from_us)
    if known_from_us > since_us:
        apps.add(_ANYWHERE)
    typed = dict(state.typed)
    for app in sorted(apps):  # the same on every computer: the order of a set is not
        name = app if app in typed or len(typed) < MOST_APPS else _ANYWHERE
        typed[name] = typed.get(name, 0) + tick.text
    return typed


def _judged(state: LargePasteState, due: Sequence[Moment]) -> LargePasteState:
    """With `due`, in the order in which it happened."""
    for moment in due:
        if moment.told.action == "copy":
            since_us = moment.told.mono_us - WITHIN_US
            kept = tuple(copy for copy in state.copies if copy.mono_us >= since_us)[-MOST_MOMENTS + 1 :]
            state = msgspec.structs.replace(state, copies=(*kept, _origin(state, moment)), unseen=False)
            continue
        size_bytes = _size_bytes(state, moment)
        origins = _elsewhere(state, moment, size_bytes)
        if origins is not None:
            evidence = (*(seq for origin in origins[-1:] for seq in origin.evidence), moment.seq)
            state = _counted(state, Pasted(moment.told.mono_us, size_bytes, evidence))
    return state


def _origin(state: LargePasteState, moment: Moment) -> Origin:
    copy, window = moment.told, moment.window
    apps = (copy.app, window.app) if copy.app and window is not None and window.app else ()
    return Origin(
        seq=moment.seq,
        mono_us=copy.mono_us,
        size_bytes=copy.size_bytes,
        apps=apps,
        tool=any(one is not None for one in _known(state, copy.app, window)),
        evidence=(*(() if window is None else (window.seq,)), moment.seq),
    )


def _known(state: LargePasteState, app: str, window: Stretch | None) -> tuple[Match | None, Match | None]:
    """What the catalogue says of the application and of the window: a tool, or a program that holds one."""
    return state.moments.ask(app), window.match if window is not None else None


def _size_bytes(state: LargePasteState, paste: Moment) -> int:
    """What was pasted; the size of the copy where the paste was told before it, and so with the size of the one before."""
    copy = state.copies[-1] if state.copies else None
    if copy is None:
        return paste.told.size_bytes
    known = paste.told.size_bytes if paste.seq > copy.seq else 0
    return known or copy.size_bytes


def _elsewhere(state: LargePasteState, moment: Moment, size_bytes: int) -> tuple[Origin, ...] | None:
    """The copies that may be what was pasted; None where not every one is from elsewhere, as far as is known."""
    paste = moment.told
    if state.unseen or state.dark or (state.dark_us is not None and paste.mono_us <= state.dark_us):
        return None
    into_tool = any(one is not None and one.basis != "part" for one in _known(state, paste.app, moment.window))
    if size_bytes > MOST_BYTES or into_tool:
        return None
    if not state.copies:
        return None if _copies_told(state) else ()
    if moment.window is None or not paste.app:
        return None
    since_us = paste.mono_us - WITHIN_US
    same = (one for one in state.copies if one.mono_us >= since_us and _same(one.size_bytes, size_bytes))
    origins = (*same, state.copies[-1])
    if any(origin.mono_us > paste.mono_us or _own(state, origin, paste.app) for origin in origins):
        return None
    return origins


def _same(one_bytes: int, other_bytes: int) -> bool:
    return abs(one_bytes - other_bytes) * SAME_SIZE <= max(one_bytes, other_bytes)


def _own(state: LargePasteState, origin: Origin, into: str) -> bool:
    """Whether it may be the person's own, is for the family "ai-tool" to ask about, or is not known."""
    if state.lost or origin.tool or not origin.apps or into in origin.apps:
        return True
    anywhere = state.typed.get(_ANYWHERE, 0)
    return any(state.typed.get(app, 0) + anywhere >= LEAST_KEYS for app in origin.apps)


def _counted(state: LargePasteState, pasted: Pasted) -> LargePasteState:
    """With a paste more: by itself, or with others of the last ten minutes, each size once."""
    largest, evidence = state.largest, state.evidence
    if pasted.size_bytes > largest:
        largest, evidence = pasted.size_bytes, pasted.evidence
    if pasted.size_bytes < SEVERAL_BYTES:
        return msgspec.structs.replace(state, largest=largest, evidence=evidence)
    since_us = pasted.mono_us - WITHIN_US
    kept = tuple(one for one in state.pastes if since_us <= one.mono_us <= pasted.mono_us)
    pastes = (*kept, pasted)[-MOST_MOMENTS:]
    sizes = {one.size_bytes: one for one in reversed(pastes)}
    if len(sizes) >= SEVERAL and sum(sizes) > largest:
        largest = sum(sizes)
        seqs = dict.fromkeys(seq for one in pastes if sizes[one.size_bytes] is one for seq in one.evidence)
        evidence = tuple(seqs)[:MOST_EVIDENCE]
    return msgspec.structs.replace(state, largest=largest, evidence=evidence, pastes=pastes)
