# SPDX-License-Identifier: Apache-2.0
"""A program that owns the clipboard and behaves as MODE says: `python desk_owner.py MODE`. Prints "owned" when it does.

silent   never answers
endless  promises parts and sends them for ever, 1000 bytes each
dies     promises parts, sends one, and is gone
liar     refuses text, and answers with text when asked for the names of its formats
order    has no format that can be measured, only one that would be an order if it were asked for
"""

from __future__ import annotations

import struct
import sys

import xcffib
from xcffib.xproto import CW, Atom, EventMask, PropertyNotifyEvent, SelectionRequestEvent, WindowClass

PART = b"z" * 1000
LIE = b"Schmetterlingsnetz"


class Owner:
    """One connection that owns CLIPBOARD until somebody else does."""

    def __init__(self, mode: str) -> None:
        self._mode = mode
        self._place = 0
        self._connection = xcffib.connect()
        self._core = self._connection.core
        window = self._connection.generate_id()
        root = self._connection.get_setup().roots[0].root
        self._core.CreateWindow(0, window, root, 0, 0, 1, 1, 0, WindowClass.InputOnly, 0, 0, [])
        self._core.SetSelectionOwner(window, self._atom("CLIPBOARD"), 0)
        self._connection.flush()
        self._say("owned")

    def serve(self) -> None:
        """Answers as the mode says, until the process is ended."""
        while True:
            event = self._connection.wait_for_event()
            if isinstance(event, SelectionRequestEvent) and self._mode != "silent":
                self._answer(event)
            elif isinstance(event, PropertyNotifyEvent) and (event.atom, event.state) == (self._place, 1):
                self._write(event.window, event.atom, Atom.STRING, PART)
                if self._mode == "dies":
                    self._core.GetInputFocus().reply()  # so that the part has arrived
                    return

    def _answer(self, request: SelectionRequestEvent) -> None:
        if self._mode in ("endless", "dies"):
            self._place = request.property
            self._core.ChangeWindowAttributes(request.requestor, CW.EventMask, [EventMask.PropertyChange])
            self._write(request.requestor, request.property, self._atom("INCR"), struct.pack("=I", 10**9), width=32)
            self._notify(request, request.property)
        elif request.target == self._atom("TARGETS") and self._mode == "liar":
            self._write(request.requestor, request.property, Atom.STRING, LIE * 50)
            self._notify(request, request.property)
        elif request.target == self._atom("TARGETS"):
            names = struct.pack("=2I", self._atom("TARGETS"), self._atom("DELETE"))
            self._write(request.requestor, request.property, Atom.ATOM, names, width=32)
            self._notify(request, request.property)
        else:
            if request.target == self._atom("DELETE"):
                self._say("deleted")
            self._notify(request, 0)

    def _write(self, window: int, place: int, kind: int, value: bytes, *, width: int = 8) -> None:
        self._core.ChangeProperty(0, window, place, kind, width, len(value) * 8 // width, value)
        self._connection.flush()

    def _notify(self, request: SelectionRequestEvent, place: int) -> None:
        event = struct.pack("=BxHIIIII8x", 31, 0, request.time, request.requestor, request.selection, request.target, place)
        self._core.SendEvent(False, request.requestor, 0, event)
        self._connection.flush()

    @staticmethod
    def _say(word: str) -> None:
        sys.stdout.write(word + "\n")
        sys.stdout.flush()

    def _atom(self, name: str) -> int:
        return int(self._core.InternAtom(False, len(name), name).reply().atom)


if __name__ == "__main__":
    Owner(sys.argv[1]).serve()
