# SPDX-License-Identifier: Apache-2.0
"""Which input devices there are, which of them are automation, and how each tells of motion."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
import xcffib
import xcffib.xinput

from agent.x11.connection import Connection, Unobservable
from session.events import Injected, Reason

XTEST_PROPERTY: Final = "XTEST Device"
"""Set to 1 by the server on its two automation devices; names can be chosen freely, this cannot.

Source: xserver Xext/xtest.c; measured on Xvfb, Xvnc and Xorg.
"""
NEEDED_VERSION: Final = (2, 1)
"""XInput 2.1 delivers raw events to us while another program holds a grab. Source: XI2proto, section Raw events."""
ALL_DEVICES: Final = 0
ALL_MASTERS: Final = 1
SLAVE_KINDS: Final = frozenset({3, 4, 5})
WHATS: Final = {3: "pointer", 4: "keyboard"}
"""What a device is by its kind; 5, one without a master, says neither. Source: XI2.h, XISlavePointer and after."""
VALUATOR: Final = 2
ABSOLUTE: Final = 1


class Axis(msgspec.Struct, frozen=True):
    """The range of a device that tells positions rather than steps (a tablet, a virtual machine's pointer)."""

    least: float
    greatest: float

    def scaled(self, value: float, size_px: int) -> float:
        """The position on a screen of `size_px`; a device without a range tells pixels already."""
        if self.greatest <= self.least:
            return value
        return (value - self.least) / (self.greatest - self.least) * size_px


class Device(msgspec.Struct, frozen=True):
    """One input device. `axes` holds x and y where it tells positions, and is None where it tells steps.

    `what` it is: keyboard, pointer, automation, or other where the display does not say which of the first two.
    """

    number: int
    injected: Injected
    axes: tuple[Axis, Axis] | None = None
    what: str = "other"


class Changed(msgspec.Struct, frozen=True):
    """What came and went since the devices were read before: numbers of those gone, and what each one was."""

    gone: frozenset[int]
    came: tuple[str, ...]
    went: tuple[str, ...]


class Devices:
    """The devices of one display, by the number that each event names as its source.

    Raises `Unobservable` (ABSENT) when the server has no XInput of version 2.1 or newer.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        if not connection.core.QueryExtension(15, "XInputExtension").reply().present:
            raise _too_old("no XInput extension")
        self._xinput = connection(xcffib.xinput.key)
        version = self._xinput.XIQueryVersion(2, 2).reply()
        if (version.major_version, version.minor_version) < NEEDED_VERSION:
            raise _too_old(f"XInput {version.major_version}.{version.minor_version}")
        self._xtest = connection.atoms([XTEST_PROPERTY])[XTEST_PROPERTY]
        self._known: dict[int, Device] = {}
        self.refresh()

    def select(self, raw_events: int) -> None:
        """Asks for these raw events of all masters (of all devices each would come twice), and for hierarchy changes."""
        masks = [
            xcffib.xinput.EventMask.synthetic(ALL_MASTERS, 1, [raw_events]),
            xcffib.xinput.EventMask.synthetic(ALL_DEVICES, 1, [xcffib.xinput.XIEventMask.Hierarchy]),
        ]
        self._xinput.XISelectEvents(self._connection.root, len(masks), masks, is_checked=True).check()

    def refresh(self) -> Changed:
        """Reads the devices anew after a change; gives what came and went."""
        found = [d for d in self._xinput.XIQueryDevice(ALL_DEVICES).reply().infos if d.type in SLAVE_KINDS]
        cookies = [self._xinput.XIGetProperty(d.deviceid, False, self._xtest, 0, 0, 1) for d in found]
        before = self._known
        self._known = {int(d.deviceid): _device(d, _injected(cookie)) for d, cookie in zip(found, cookies, strict=True)}
        return changed(before, self._known)

    def get(self, number: int) -> Device:
        """The device of that number; one that went before it was read is of unknown origin."""
        return self._known.get(number) or Device(number=number, injected=Injected.UNKNOWN)

    def __len__(self) -> int:
        return len(self._known)


def changed(before: Mapping[int, Device], now: Mapping[int, Device]) -> Changed:
    """What came and went between two readings. A device that only changed its master is the same one."""
    gone, new = before.keys() - now.keys(), now.keys() - before.keys()
    return Changed(
        gone=frozenset(gone),
        came=tuple(now[number].what for number in sorted(new)),
        went=tuple(before[number].what for number in sorted(gone)),
    )


def _device(found: Any, injected: Injected) -> Device:  # noqa: ANN401 - xcffib has no types
    what = "automation" if injected is Injected.YES else WHATS.get(int(found.type), "other")
    return Device(number=int(found.deviceid), injected=injected, axes=_axes(found), what=what)


def _too_old(what: str) -> Unobservable:
    return Unobservable(
        Reason.ABSENT,
        f"This X server has {what}; XInput 2.1 or newer is needed to observe typing and pointer rhythm.",
        "Use a current X server (Xorg 1.12 or newer).",
    )


def _injected(cookie: Any) -> Injected:  # noqa: ANN401 - xcffib has no types
    try:
        reply = cookie.reply()
    except xcffib.Error:
        return Injected.UNKNOWN  # the device went while we asked
    return Injected.YES if reply.num_items and reply.data8[0] == 1 else Injected.NO


def _axes(device: Any) -> tuple[Axis, Axis] | None:  # noqa: ANN401 - xcffib has no types
    axes = {
        int(c.number): Axis(least=_real(c.min), greatest=_real(c.max))
        for c in device.classes
        if c.type == VALUATOR and c.mode == ABSOLUTE
    }
    return (axes[0], axes[1]) if 0 in axes and 1 in axes else None


def _real(fixed: Any) -> float:  # noqa: ANN401 - xcffib has no types
    return float(fixed.integral) + float(fixed.frac) / 2**32
