# SPDX-License-Identifier: Apache-2.0
"""What STATS holds, read into the few numbers that detectors fold over.

No numpy: a session of eight hours has 5,760 ticks, and a detector has to import in milliseconds.
"""

from __future__ import annotations

import msgspec

from session.events import Event, Injected, Kind, Stats


class KeyTick(msgspec.Struct, frozen=True):
    """The keystrokes of one tick, parted by where they came from.

    Args:
        seq: of the STATS record.
        mono_us: its monotonic time.
        span_ms: its length, >= 0.
        injected_text, physical_text, unknown_text: text-producing presses by source, auto-repeat left out.
        physical_presses: presses of every class from hardware sources, text among them.
    """

    seq: int
    mono_us: int
    span_ms: int
    injected_text: int
    physical_text: int
    unknown_text: int
    physical_presses: int

    @property
    def text(self) -> int:
        """All text-producing presses of the tick."""
        return self.injected_text + self.physical_text + self.unknown_text


def key_tick(event: Event) -> KeyTick | None:
    """The keystrokes of a STATS record; None for any other record, and where its content is absent."""
    body = event.body
    if event.kind != Kind.STATS or not isinstance(body, Stats):
        return None
    text = {Injected.NO: 0, Injected.YES: 0, Injected.UNKNOWN: 0}
    physical_presses = 0
    for source in body.sources:
        text[source.injected] += source.text_keys
        if source.injected is Injected.NO:
            physical_presses += source.text_keys + source.other_keys
    return KeyTick(
        seq=event.seq,
        mono_us=body.mono_us,
        span_ms=body.span_ms,
        injected_text=text[Injected.YES],
        physical_text=text[Injected.NO],
        unknown_text=text[Injected.UNKNOWN],
        physical_presses=physical_presses,
    )
