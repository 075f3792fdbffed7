# SPDX-License-Identifier: Apache-2.0
"""When a detector must say that it cannot know.

Rules:

1. Abstention comes first: a rule here wins over any statistic.
2. A reason is a key for the trainer's own screen. It is neither recorded nor sent, and an abstaining finding carries
   no number and no evidence that would tell one reason from another.
3. What was declared once holds for the whole session: nobody has to declare twice. People declare it on their own computer
   (`session.assistance`), in no record; records of earlier sessions hold a DECLARE, which counts as it did.
4. An abstention is never recomputed for a reviewer (`detectors.again`): what stands behind it is the trainer's alone.
"""

from __future__ import annotations

from typing import Final

import msgspec

from session.assistance import Assistance
from session.events import TICK_US, Clipboard, Declare, Edge, Event, Focus, Gap, Kind, Reason, Stats

TOO_LITTLE: Final = "abstain.too-little"
WITHHELD: Final = "abstain.withheld"
NOT_OBSERVED: Final = "abstain.not-observed"
ASSISTIVE: Final = "abstain.assistive"
REMOTE: Final = "abstain.remote"
UNKNOWN_SOURCE: Final = "abstain.unknown-source"
REMAPPER: Final = "abstain.remapper"
BURSTS: Final = "abstain.bursts"
PACE_NOT_TOLD: Final = "abstain.pace-not-told"
FOCUS_OFF: Final = "abstain.focus-off"
FOCUS_WITHHELD: Final = "abstain.focus-withheld"
WINDOW_NOT_OBSERVED: Final = "abstain.window-not-observed"
TITLES_OFF: Final = "abstain.titles-off"
CLIPBOARD_OFF: Final = "abstain.clipboard-off"
CLIPBOARD_WITHHELD: Final = "abstain.clipboard-withheld"
CLIPBOARD_NOT_OBSERVED: Final = "abstain.clipboard-not-observed"
ORIGIN_NOT_KNOWN: Final = "abstain.origin-not-known"
POINTER_NOT_OBSERVED: Final = "abstain.pointer-not-observed"
TOO_SHORT: Final = "abstain.too-short"
CAPTURES_OFF: Final = "abstain.captures-off"
CAPTURES_REMOVED: Final = "abstain.captures-removed"
ONE_SCREEN: Final = "abstain.one-screen"
FEW_PICTURES: Final = "abstain.few-pictures"
CATALOGUE_MISSING: Final = "abstain.catalogue-missing"
SAID_HERE: Final = "abstain.said-here"
"""Where neither the record nor what is declared now explains an abstention: it was declared then."""
DEVICES_NOT_WATCHED: Final = "abstain.devices-not-watched"
OVERLAYS_NOT_WATCHED: Final = "abstain.overlays-not-watched"
RUNNERS_OFF: Final = "abstain.runners-off"
RUNNERS_NOT_WATCHED: Final = "abstain.runners-not-watched"
FEW_PATHS: Final = "abstain.few-paths"
MOSTLY_SOFTWARE: Final = "abstain.mostly-software"

REASONS: Final = (
    TOO_LITTLE,
    WITHHELD,
    NOT_OBSERVED,
    ASSISTIVE,
    REMOTE,
    UNKNOWN_SOURCE,
    REMAPPER,
    BURSTS,
    PACE_NOT_TOLD,
    FOCUS_OFF,
    FOCUS_WITHHELD,
    WINDOW_NOT_OBSERVED,
    TITLES_OFF,
    CLIPBOARD_OFF,
    CLIPBOARD_WITHHELD,
    CLIPBOARD_NOT_OBSERVED,
    ORIGIN_NOT_KNOWN,
    POINTER_NOT_OBSERVED,
    TOO_SHORT,
    CAPTURES_OFF,
    CAPTURES_REMOVED,
    ONE_SCREEN,
    FEW_PICTURES,
    CATALOGUE_MISSING,
    SAID_HERE,
    DEVICES_NOT_WATCHED,
    OVERLAYS_NOT_WATCHED,
    RUNNERS_OFF,
    RUNNERS_NOT_WATCHED,
    FEW_PATHS,
    MOSTLY_SOFTWARE,
)
"""Every reason, each with a sentence in ui/strings."""

ASSISTIVE_TOOLS: Final = ("assistive", "dictation", "voice", "on-screen keyboard", "expander", "steno", "switch control")
REMOTE_TOOLS: Final = ("remote", "kvm", "vnc", "rdp")
"""Beginnings of a DECLARE's `tool`, in lower case. Source: docs/detectors/injected-input.md, Innocent causes."""

MOST: Final = 0.5
"""A share above which something holds "for most of" a session. Source: plain meaning of the word; not calibrated."""

_TICK_MS: Final = TICK_US // 1000


class Sight(msgspec.Struct, frozen=True):
    """How much of one sensor's view a session had, folded record by record.

    Args:
        scope: the sensor, such as "keyboard".
        told_by: the kind of record that each tick writes of it.
        ticks: such records met; missing: those whose content is withheld, removed or newer.
        span_ms: observed and blind time of the ticks together; blind_ms: the part within a gap of `scope`, or missing.
        told_us: monotonic time of the last such record; further ones of that moment, as the stop writes, span nothing.
        open_gaps: reasons of the gaps of `scope` that are open now.
        declared: ASSISTIVE, REMOTE or "".
    """

    scope: str
    told_by: Kind = Kind.STATS
    ticks: int = 0
    missing: int = 0
    span_ms: int = 0
    blind_ms: int = 0
    told_us: int = -1
    open_gaps: frozenset[Reason] = frozenset()
    declared: str = ""

    @property
    def blind(self) -> bool:
        """Whether a gap of the sensor is open now."""
        return bool(self.open_gaps)


def watch(sight: Sight, event: Event) -> Sight:
    """`sight` after one more record. Total: any record is taken, and what does not matter changes nothing."""
    body = event.body
    if event.kind == sight.told_by:
        told_us = body.mono_us if isinstance(body, Focus | Clipboard) else sight.told_us
        span_ms = _TICK_MS if body is None or told_us != sight.told_us else 0
        if isinstance(body, Stats):
            span_ms = body.span_ms
        return msgspec.structs.replace(
            sight,
            told_us=told_us,
            ticks=sight.ticks + 1,
            missing=sight.missing + (body is None),
            span_ms=sight.span_ms + span_ms,
            # what is missing was not seen: taking a blind tick out must not leave a session that was mostly observed
            blind_ms=sight.blind_ms + (span_ms if sight.blind or body is None else 0),
        )
    if isinstance(body, Gap):
        return _gap(sight, body)
    if isinstance(body, Declare) and not sight.declared:
        return msgspec.structs.replace(sight, declared=declared_as(body.tool))
    return sight


def _gap(sight: Sight, gap: Gap) -> Sight:
    if gap.scope == "session" and gap.reason is Reason.CRASH:
        # After a crash every sensor starts anew and says again what it cannot see.
        return msgspec.structs.replace(sight, open_gaps=frozenset())
    if gap.scope != sight.scope:
        return sight
    if gap.edge is Edge.BEGIN:
        return msgspec.structs.replace(sight, open_gaps=sight.open_gaps | {gap.reason})
    if gap.edge is Edge.END:
        # A sensor that observes again ends whatever kept it from observing, under any name.
        return msgspec.structs.replace(sight, open_gaps=frozenset())
    return msgspec.structs.replace(sight, blind_ms=sight.blind_ms + max(0, gap.t_us - gap.from_us) // 1000)


def declared_by(said: Assistance) -> str:
    """The reason that a standing declaration gives, "" where nothing was declared."""
    if said.assistive:
        return ASSISTIVE
    return REMOTE if said.remote else ""


def declared_as(tool: str) -> str:
    """The reason that a DECLARE of this tool gives, "" where it is none that writes for somebody."""
    name = tool.strip().lower()
    if name.startswith(ASSISTIVE_TOOLS):
        return ASSISTIVE
    return REMOTE if name.startswith(REMOTE_TOOLS) else ""


def abstention(sight: Sight, *, withheld: str = WITHHELD, unobserved: str = NOT_OBSERVED) -> str:
    """The reason to abstain that the sight alone gives, or ""; the last two in the words of its sensor."""
    if sight.declared:
        return sight.declared
    if sight.ticks and sight.missing > MOST * sight.ticks:
        return withheld
    if sight.span_ms and sight.blind_ms > MOST * sight.span_ms:
        return unobserved
    return ""
