# SPDX-License-Identifier: Apache-2.0
"""Whether something copied in an AI tool was pasted into another application. Card: docs/detectors/paste-chain.md.

Three moments in a row: a tool in front, a copy there, a paste elsewhere soon after. Sizes and applications, never content.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from detectors import abstain
from detectors.abstain import Sight, abstention, watch
from detectors.answer import answered
from detectors.catalogue.listed import BUILT_IN, Listed, in_force
from detectors.catalogue.match import Ask, Match
from detectors.front import SCOPE, Stretch, blinds
from detectors.grading import FAMILY, Grades
from detectors.moments import CLIPBOARD, Moment, Moments
from session.assistance import NOTHING_SAID, Assistance
from session.events import Clipboard, Disclosure, Event, Gap, Kind
from session.findings import Finding, State, Weight
from session.policy import Policy

LEAST_BYTES: Final = 200
"""Least size of a paste that counts. Source: docs/detectors/paste-chain.md, Threshold."""
WITHIN_US: Final = 600_000_000
"""Longest time from the copy to the paste. Source: as above."""

ALTERNATIVES: Final = (
    "alternative.quotes-model",
    "alternative.model-rated",
    "alternative.own-text",
    "alternative.something-else-copied",
    "alternative.same-name",
    "alternative.permission",
)

_MOST_BYTES: Final = 2**32


class Held(msgspec.Struct, frozen=True):
    """What the clipboard holds: something from the tool `match`, copied at `mono_us` in one of `apps`, as `seq` tells."""

    match: Match
    apps: tuple[str, ...]
    seq: int
    mono_us: int
    size_bytes: int
    evidence: tuple[int, ...]


class PasteState(msgspec.Struct, frozen=True):
    """What a session came to so far.

    Args:
        off: the reason to abstain that the policy itself gives. calibration: names the catalogue.
        moments: copies and pastes, and what was in front.
        held: what the clipboard holds, None where it is not from a tool, or not known.
    """

    off: str
    calibration: str
    moments: Moments
    titles: bool
    window: Sight
    clipboard: Sight
    grades: Grades
    held: Held | None = None


class PasteChain:
    """Copy in a tool, paste elsewhere (family "ai-tool"): class A by the tool's application, class B by a page's title."""

    id = "paste-chain"
    version = 1
    family = FAMILY
    calibration = f"unmeasured-1 {BUILT_IN}"

    def start(self, policy: Policy, said: Assistance = NOTHING_SAID, listed: Listed | None = None) -> PasteState:
        """The state before the first record; see `abstain.declared_by`."""
        off = ""
        for kind, reason in ((Kind.CLIPBOARD, abstain.CLIPBOARD_OFF), (Kind.FOCUS, abstain.FOCUS_OFF)):
            if not off and policy.disclosure_of(kind) is Disclosure.OFF:
                off = reason
        known = in_force(policy, listed)
        if not off and not known.here:
            off = abstain.CATALOGUE_MISSING
        declared = abstain.declared_by(said)
        return PasteState(
            off=off,
            calibration=f"unmeasured-1 {known.name}",
            moments=Moments(ask=known.ask),
            titles=policy.titles.detail == "full",
            window=Sight(scope=SCOPE, told_by=Kind.FOCUS, declared=declared),
            clipboard=Sight(scope=CLIPBOARD, told_by=Kind.CLIPBOARD, declared=declared),
            grades=Grades(rules=policy.ai_tools),
        )

    def step(self, state: PasteState, events: Sequence[Event]) -> PasteState:
        """`state` after `events`, in order of seq. Cutting a session anywhere gives the same state."""
        for event in events:
            if event.kind in (Kind.FOCUS, Kind.CLIPBOARD, Kind.GAP, Kind.DECLARE):
                state = _step(state, event)
        return state

    def finish(self, state: PasteState) -> Finding:
        """The finding. An abstention carries neither number nor evidence, so that none tells its reason."""
        reason = _abstention(state)
        answer = _judged(state, state.moments.rest()).grades.answer(LEAST_BYTES)
        if not reason and answer.key == "clear" and not state.titles:
            reason = abstain.TITLES_OFF  # no page could have been seen, so none is said to be absent
        return answered(
            self,
            Weight.B if reason else answer.weight,
            answer.statistic,
            LEAST_BYTES,
            raised=answer.state is State.RAISED,
            reason=reason,
            evidence=answer.evidence,
            alternatives=ALTERNATIVES,
            key=answer.key,
            calibration=state.calibration,
        )


def _abstention(state: PasteState) -> str:
    window = abstention(state.window, withheld=abstain.FOCUS_WITHHELD, unobserved=abstain.WINDOW_NOT_OBSERVED)
    clipboard = abstention(state.clipboard, withheld=abstain.CLIPBOARD_WITHHELD, unobserved=abstain.CLIPBOARD_NOT_OBSERVED)
    if state.off or clipboard or window:
        return state.off or clipboard or window
    if not state.clipboard.ticks:
        return abstain.CLIPBOARD_NOT_OBSERVED
    return "" if state.moments.front.told else abstain.WINDOW_NOT_OBSERVED


def _step(state: PasteState, event: Event) -> PasteState:
    body = event.body
    moments, due = state.moments.after(event)
    state = msgspec.structs.replace(
        state,
        window=watch(state.window, event),
        clipboard=watch(state.clipboard, event),
        grades=state.grades.heard(event),
        moments=moments,
    )
    unread = event.kind == Kind.CLIPBOARD and not isinstance(body, Clipboard)
    if unread or (isinstance(body, Gap) and blinds(body, SCOPE, CLIPBOARD)):
        # What was copied meanwhile is not known, so nothing is said of the next paste.
        dark = msgspec.structs.replace(moments, windows=(), waiting=())
        return msgspec.structs.replace(state, moments=dark, held=None)
    return _judged(state, due)


def _judged(state: PasteState, due: Sequence[Moment]) -> PasteState:
    """With `due`, in the order in which it happened."""
    if not due:
        return state
    grades, held = state.grades, state.held
    for moment in due:
        seq, told, window = moment.seq, moment.told, moment.window
        if told.action == "copy":
            held = _copied(state.moments.ask, seq, told, window)
        elif held is not None and _chained(state.moments.ask, held, seq, told, window):
            grades = grades.saw(held.match, _size_bytes(held, seq, told), (*held.evidence, seq))
    return msgspec.structs.replace(state, grades=grades, held=held)


def _copied(ask: Ask, seq: int, copy: Clipboard, window: Stretch | None) -> Held | None:
    """What the clipboard holds after `copy`: by the application that owns it, else by the window that was in front."""
    tool = ask(copy.app)
    apps: tuple[str, ...] = (copy.app,)
    if (tool is None or tool.basis == "part") and window is not None:
        tool, apps = window.match, (copy.app, window.app)
    if tool is None or tool.basis == "part":
        return None  # an editor or a browser that has a model inside: what was copied there is most likely one's own
    shown = (window.seq,) if window is not None and window.match == tool else ()
    return Held(match=tool, apps=apps, seq=seq, mono_us=copy.mono_us, size_bytes=copy.size_bytes, evidence=(*shown, seq))


def _chained(ask: Ask, held: Held, seq: int, paste: Clipboard, window: Stretch | None) -> bool:
    if not 0 <= paste.mono_us - held.mono_us <= WITHIN_US or _size_bytes(held, seq, paste) < LEAST_BYTES:
        return False
    if window is None or not paste.app or paste.app in held.apps:
        return False  # where it went is not known, or it stayed where it was
    into = ask(paste.app) or window.match
    return into is None or into.basis == "part"


def _size_bytes(held: Held, seq: int, paste: Clipboard) -> int:
    """What was pasted; the size of the copy where the paste was told before it, and so with the size of the one before."""
    known = paste.size_bytes if seq > held.seq else 0
    return min(known or held.size_bytes, _MOST_BYTES)
