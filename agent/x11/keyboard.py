# SPDX-License-Identifier: Apache-2.0
"""A keystroke's class and dwell, and nothing else of it. Pure: no display, no clock.

Which key it was is known in one place only: `_down`, the keys that are held at this moment, where a press waits for
its release. It leaves neither this object nor the thread.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntFlag
from typing import Final

import msgspec

from agent.sensor import Keystroke
from agent.x11.devices import Device
from session.events import Injected, KeyClass

HELD_US: Final = 1_000_000
"""A key held longer is reported without its dwell. Source: dwell bins end at 230 ms (session/events.py, DWELL_EDGES_MS)."""


class Chord(IntFlag):
    """What a key does to others, or is with them."""

    NONE = 0
    CONTROL = 1
    SHIFT = 2
    COMMAND = 4
    LETTER_V = 8
    INSERT = 16


class Role(msgspec.Struct, frozen=True):
    """What the keyboard mapping says of one key."""

    key_class: KeyClass
    chord: Chord = Chord.NONE


OTHER: Final = Role(key_class=KeyClass.OTHER)

_EXACT: Final[Mapping[int, Role]] = {
    0x20: Role(key_class=KeyClass.SPACE),
    0xA0: Role(key_class=KeyClass.SPACE),
    0xFF80: Role(key_class=KeyClass.SPACE),
    0xFF08: Role(key_class=KeyClass.DELETE),
    0xFFFF: Role(key_class=KeyClass.DELETE),
    0xFF0D: Role(key_class=KeyClass.ENTER),
    0xFF8D: Role(key_class=KeyClass.ENTER),
    0xFE34: Role(key_class=KeyClass.ENTER),
    0xFF09: Role(key_class=KeyClass.NAVIGATION),
    0xFE20: Role(key_class=KeyClass.NAVIGATION),
    0xFF89: Role(key_class=KeyClass.NAVIGATION),
    0xFF63: Role(key_class=KeyClass.OTHER, chord=Chord.INSERT),
    0x1008FF6D: Role(key_class=KeyClass.PASTE),
    0xFFE1: Role(key_class=KeyClass.MODIFIER, chord=Chord.SHIFT),
    0xFFE2: Role(key_class=KeyClass.MODIFIER, chord=Chord.SHIFT),
    0xFFE3: Role(key_class=KeyClass.MODIFIER, chord=Chord.CONTROL),
    0xFFE4: Role(key_class=KeyClass.MODIFIER, chord=Chord.CONTROL),
    0xFFE5: Role(key_class=KeyClass.MODIFIER),
    0xFFE6: Role(key_class=KeyClass.MODIFIER),
    **{keysym: Role(key_class=KeyClass.MODIFIER, chord=Chord.COMMAND) for keysym in range(0xFFE7, 0xFFEF)},
    **{keysym: Role(key_class=KeyClass.MODIFIER) for keysym in range(0xFE01, 0xFE14)},
    0xFF7E: Role(key_class=KeyClass.MODIFIER),
    0xFF7F: Role(key_class=KeyClass.MODIFIER),
    **{keysym: Role(key_class=KeyClass.NAVIGATION) for keysym in range(0xFF50, 0xFF59)},
}
"""Keysyms that are not text. Source: X11/keysymdef.h and XF86keysym.h."""

_TEXT: Final = (
    (0x21, 0x20FF),
    (0xFE50, 0xFE93),
    (0xFF95, 0xFF9F),
    (0xFFAA, 0xFFB9),
    (0xFFBD, 0xFFBD),
    (0x1000100, 0x110FFFF),
)
"""Keysyms that write: letters, digits, punctuation; dead keys; the number pad, locked or not; Unicode. Source: as above."""


def role_of(keysyms: Sequence[int]) -> Role:
    """The role of a key that gives these keysyms under the mapping's levels and layouts."""
    present = [k for k in keysyms if k]
    if not present:
        return OTHER
    role = _EXACT.get(present[0])
    if role is not None:
        return role
    if any(least <= present[0] <= greatest for least, greatest in _TEXT):
        # under a layout that is not Latin the letter for the shortcut lies in another group of the same key
        chord = Chord.LETTER_V if 0x76 in present or 0x56 in present else Chord.NONE
        return Role(key_class=KeyClass.TEXT, chord=chord)
    return OTHER


def class_of(role: Role, held: Chord) -> KeyClass:
    """The class of a key pressed while these modifiers are held."""
    if role.key_class in (KeyClass.MODIFIER, KeyClass.PASTE):
        return role.key_class
    if role.chord is Chord.LETTER_V and Chord.CONTROL in held and Chord.COMMAND not in held:
        return KeyClass.PASTE
    if role.chord is Chord.INSERT and held == Chord.SHIFT:
        return KeyClass.PASTE
    if held & (Chord.CONTROL | Chord.COMMAND):
        return KeyClass.OTHER
    return role.key_class


class _Down:
    """A key that is held: since when, as what, on which device, and whether that has been told."""

    __slots__ = ("at_us", "chord", "device", "held", "key_class", "told")

    def __init__(self, at_us: int, role: Role, held: Chord, device: Device, *, told: bool = False) -> None:
        self.at_us = at_us
        self.held = held
        self.device = device
        self.told = told
        self.mean(role)

    def mean(self, role: Role) -> None:
        """Takes the role that the mapping gives this key."""
        self.key_class = class_of(role, self.held)
        self.chord = role.chord if role.key_class is KeyClass.MODIFIER else Chord.NONE

    def keystroke(self, dwell_ms: int = -1) -> Keystroke:
        self.told = True
        return Keystroke(
            mono_us=self.at_us,
            key_class=self.key_class,
            dwell_ms=dwell_ms,
            source=self.device.number,
            injected=self.device.injected,
        )


_BEFORE: Final = Device(number=0, injected=Injected.UNKNOWN)
"""Stands for whatever pressed the keys that were down before observation began; the server numbers devices from 2."""


class Keyboard:
    """Presses and releases in, keystrokes out: each once, at its release, or without dwell when held too long.

    A press of a key that is already down is an auto-repeat. Times are monotonic µs and come from the events.
    """

    def __init__(self) -> None:
        self._roles: Sequence[Role] = ()
        self._first = 0
        self._down: dict[tuple[int, int], _Down] = {}

    def learn(self, first: int, per_key: int, keysyms: Sequence[int]) -> None:
        """Takes the keyboard mapping: `per_key` keysyms for each key from number `first` on."""
        self._first = first
        self._roles = tuple(role_of(keysyms[i : i + per_key]) for i in range(0, len(keysyms), per_key))
        for (_, key), down in self._down.items():
            down.mean(self._role(key))

    def already_down(self, pressed: Sequence[int], at_us: int) -> None:
        """Takes the server's bit vector (bytes) of keys that are down as observation begins; they only modify others."""
        for key in range(len(pressed) * 8):
            if pressed[key // 8] >> (key % 8) & 1:
                self._down[_BEFORE.number, key] = _Down(at_us, self._role(key), Chord.NONE, _BEFORE, told=True)

    def press(self, at_us: int, key: int, device: Device) -> Keystroke | None:
        """A key went down; gives a keystroke at once only for an auto-repeat."""
        down = self._down.get((device.number, key))
        if down is not None:
            return Keystroke(
                mono_us=at_us,
                key_class=down.key_class,
                dwell_ms=-1,
                source=device.number,
                injected=device.injected,
                repeat=True,
            )
        held = Chord.NONE
        for other in self._down.values():
            held |= other.chord
        self._down[device.number, key] = _Down(at_us, self._role(key), held, device)
        return None

    def release(self, at_us: int, key: int, device: Device) -> Keystroke | None:
        """A key came up; gives the keystroke that began with its press, unless it was told already or not seen."""
        self._down.pop((_BEFORE.number, key), None)
        down = self._down.pop((device.number, key), None)
        if down is None or down.told:
            return None
        return down.keystroke(max(0, (at_us - down.at_us) // 1000))

    @property
    def due_us(self) -> int | None:
        """When the oldest untold key will have been held too long, or None."""
        return min((d.at_us + HELD_US for d in self._down.values() if not d.told), default=None)

    def overdue(self, now_us: int) -> list[Keystroke]:
        """Keystrokes held too long by `now_us`, without dwell; their releases will tell nothing."""
        return [d.keystroke() for d in self._down.values() if not d.told and d.at_us + HELD_US <= now_us]

    def finish(self) -> list[Keystroke]:
        """Keystrokes whose release will not be seen; forgets all that is down."""
        untold = [d.keystroke() for d in self._down.values() if not d.told]
        self._down.clear()
        return untold

    def unplugged(self, devices: frozenset[int]) -> list[Keystroke]:
        """As `finish`, for the devices that went."""
        gone = [place for place in self._down if place[0] in devices]
        downs = [self._down.pop(place) for place in gone]
        return [d.keystroke() for d in downs if not d.told]

    def _role(self, key: int) -> Role:
        place = key - self._first
        return self._roles[place] if 0 <= place < len(self._roles) else OTHER
