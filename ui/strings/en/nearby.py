# SPDX-License-Identifier: Apache-2.0
"""What came, went or stayed beside the window in front."""

from __future__ import annotations

from typing import Final

TABLE: Final[dict[str, str]] = {
    "lane.nearby": "Nearby",
    "nearby.device-came.keyboard.one": "A keyboard was connected",
    "nearby.device-came.keyboard.more": "{number} keyboards were connected",
    "nearby.device-came.pointer.one": "A mouse or another pointer was connected",
    "nearby.device-came.pointer.more": "{number} mice or other pointers were connected",
    "nearby.device-came.automation.one": "A device that only programs use was added",
    "nearby.device-came.automation.more": "{number} devices that only programs use were added",
    "nearby.device-came.other.one": "Another device was connected",
    "nearby.device-came.other.more": "{number} other devices were connected",
    "nearby.device-went.keyboard.one": "A keyboard was disconnected",
    "nearby.device-went.keyboard.more": "{number} keyboards were disconnected",
    "nearby.device-went.pointer.one": "A mouse or another pointer was disconnected",
    "nearby.device-went.pointer.more": "{number} mice or other pointers were disconnected",
    "nearby.device-went.automation.one": "A device that only programs use was taken away",
    "nearby.device-went.automation.more": "{number} devices that only programs use were taken away",
    "nearby.device-went.other.one": "Another device was disconnected",
    "nearby.device-went.other.more": "{number} other devices were disconnected",
    "nearby.overlay.one": "A window of another program stayed over the one in front",
    "nearby.overlay.more": "{number} windows of other programs stayed over the one in front",
    "nearby.runner-came": "A program that runs AI models was running",
    "nearby.runner-went": "A program that runs AI models was no longer running",
    "nearby.named": "{what}: {name}",
    "nearby.at": "{time}: {what}",
    "nearby.closed": "What was nearby is recorded; its content stays with the trainer, or was removed.",
    "nearby.none": "Not observed: devices that come or go, windows that stay over the one in front.",
    "nearby.devices.none": "Not observed: devices that come or go.",
    "nearby.overlays.none": "Not observed: windows that stay over the one in front.",
    "nearby.devices.part": "Devices that come or go were observed for a part of the session.",
    "nearby.overlays.part": "Windows that stay over the one in front were observed for a part of the session.",
    "nearby.runners.none": "Not observed: programs that run AI models.",
    "nearby.runners.part": "Programs that run AI models were observed for a part of the session.",
    "nearby.quiet": "While it was observed, no device came or went, and no window stayed over the one in front.",
    "nearby.devices.quiet": "While it was observed, no device came or went.",
    "nearby.overlays.quiet": "While it was observed, no window stayed over the one in front.",
    "nearby.runners.quiet": "While it was observed, no program that runs AI models was seen running.",
    "nearby.why.runners": (
        "A program that runs AI models often starts with the computer, or an editor uses it. That it ran does not say that "
        "anybody used it."
    ),
    "nearby.why": "Docks, wireless keyboards, notes and meeting bars do this daily. A window counts from two minutes on.",
    "nearby.marks.none": "Nothing nearby while it was observed",
    "nearby.marks.one": "{number} mark of something nearby",
    "nearby.marks.more": "{number} marks of something nearby",
    "nearby.unseen": "What is nearby was not observed",
    "legend.device-came": "Connected",
    "legend.device-went": "Disconnected",
    "legend.overlay": "A window on top",
    "legend.runner-came": "A program for AI models",
    "legend.runner-went": "No longer running",
    "keys.nearby": "U, O: what came, went or stayed nearby, before and after",
}
"""Sentences by key."""
