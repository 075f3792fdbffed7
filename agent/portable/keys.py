# SPDX-License-Identifier: Apache-2.0
"""From what pynput tells of a key to its class, and nothing else of it. Pure: no listener, no clock of its own.

Which key it was is known in one place only: `_down`, the keys that are held at this moment, where a press waits for its
release. It leaves neither this object nor the callback.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final

from agent.sensor import Keystroke
from agent.x11.keyboard import HELD_US
from session.events import Injected, KeyClass

SOURCE: Final = 1
"""pynput does not tell devices apart: all keys are of one."""
_CONTROL: Final = frozenset({"ctrl", "ctrl_l", "ctrl_r"})
_COMMAND: Final = frozenset({"cmd", "cmd_l", "cmd_r"})
_SHIFT: Final = frozenset({"shift", "shift_l", "shift_r"})
_NAMES: Final = {
    "space": KeyClass.SPACE,
    "backspace": KeyClass.DELETE,
    "delete": KeyClass.DELETE,
    "enter": KeyClass.ENTER,
    **dict.fromkeys(("tab", "up", "down", "left", "right", "home", "end", "page_up", "page_down"), KeyClass.NAVIGATION),
    **dict.fromkeys((*_CONTROL, *_COMMAND, *_SHIFT, "alt", "alt_l", "alt_r", "alt_gr", "caps_lock"), KeyClass.MODIFIER),
}
"""Source: pynput 1.8, keyboard.Key; names that are not here are OTHER."""
_PASTE: Final = frozenset({"v", "V", "\x16"})
"""Ctrl+V as the systems tell it: the letter, or the control character that Windows makes of it."""


class _Down:
    """A key that is held: since when, as what, and whether that has been told."""

    __slots__ = ("at_us", "key_class", "told")

    def __init__(self, at_us: int, key_class: KeyClass) -> None:
        self.at_us = at_us
        self.key_class = key_class
        self.told = False


class Keys:
    """Pairs presses and releases.

    Args:
        paste_by_command: whether Cmd and not Ctrl pastes (macOS).
    """

    def __init__(self, *, paste_by_command: bool = False) -> None:
        self._paste_with = _COMMAND if paste_by_command else _CONTROL
        self._down: dict[Hashable, _Down] = {}
        self._held: set[str] = set()

    def press(self, at_us: int, key: Hashable, name: str, char: str, injected: Injected) -> Keystroke | None:
        """A press: told at once where it is a repeat, else at the release. `name` of a named key, `char` of any other."""
        if key in self._down:
            return _told(at_us, self._down[key].key_class, -1, injected, repeat=True)
        key_class = self._class(name, char)
        if name in _CONTROL | _COMMAND | _SHIFT:
            self._held.add(name)
        self._down[key] = _Down(at_us, key_class)
        return None

    def release(self, at_us: int, key: Hashable, name: str, injected: Injected) -> Keystroke | None:
        """A release: tells the keystroke with its dwell, unless it was told already or its press was not seen."""
        self._held.discard(name)
        down = self._down.pop(key, None)
        if down is None or down.told:
            return None
        return _told(down.at_us, down.key_class, max(0, at_us - down.at_us) // 1000, injected)

    def overdue(self, now_us: int, injected: Injected) -> list[Keystroke]:
        """Keys that are held for a second are told without dwell."""
        return [
            self._tell_held(one, injected) for one in self._down.values() if not one.told and now_us - one.at_us >= HELD_US
        ]

    def finish(self, injected: Injected) -> list[Keystroke]:
        """Keys that are held at the end, without dwell; nothing is known of any key afterwards."""
        held = [self._tell_held(one, injected) for one in self._down.values() if not one.told]
        self._down.clear()
        self._held.clear()
        return held

    def _class(self, name: str, char: str) -> KeyClass:
        if name:
            if name == "insert" and self._held & _SHIFT and not self._held & (_CONTROL | _COMMAND):
                return KeyClass.PASTE
            key_class = _NAMES.get(name, KeyClass.OTHER)
            chord = self._held & (_CONTROL | _COMMAND) and key_class is not KeyClass.MODIFIER
            return KeyClass.OTHER if chord else key_class
        if char in _PASTE and self._held & self._paste_with:
            return KeyClass.PASTE
        if not char or self._held & (_CONTROL | _COMMAND):
            return KeyClass.OTHER
        return KeyClass.SPACE if char == " " else KeyClass.TEXT

    @staticmethod
    def _tell_held(down: _Down, injected: Injected) -> Keystroke:
        down.told = True
        return _told(down.at_us, down.key_class, -1, injected)


def _told(at_us: int, key_class: KeyClass, dwell_ms: int, injected: Injected, *, repeat: bool = False) -> Keystroke:
    return Keystroke(mono_us=at_us, key_class=key_class, dwell_ms=dwell_ms, source=SOURCE, injected=injected, repeat=repeat)
