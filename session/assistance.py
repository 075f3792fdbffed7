# SPDX-License-Identifier: Apache-2.0
"""What a person says once about how they work with their computer; it stays on that computer.

Rules:

1. It is part of no session, log, message or request: no record type, no field of one, and no name of a file says it.
2. It names no tool: that something helps is all that a question has to know, and less than that cannot be learned from it.
3. Detectors are given it at a session's start, and answer "not evaluated" as they do for what they observe.
"""

from __future__ import annotations

import msgspec


class Assistance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A standing declaration.

    Args:
        assistive: something writes, points or chooses for the person: dictation, an input method, a text expander, a
            remapper, steno, an on-screen keyboard, switches.
        remote: they work through a remote desktop, or share keyboard and mouse among computers.
    """

    assistive: bool = False
    remote: bool = False

    def joined(self, other: Assistance) -> Assistance:
        """What either of the two says: what held at any time of a session holds for all of it."""
        return Assistance(self.assistive or other.assistive, self.remote or other.remote)


NOTHING_SAID = Assistance()
"""What a person has declared who has declared nothing."""
