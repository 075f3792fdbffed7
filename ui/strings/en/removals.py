# SPDX-License-Identifier: Apache-2.0
"""What was taken out of a session after its seal: by whom, how many of what, and when."""

from __future__ import annotations

from typing import Final

TABLE: Final[dict[str, str]] = {
    "removals.title": "Taken out after the seal",
    "removals.person": "The trainer took out {what}, on {time} by their clock.",
    "removals.organisation": "The organisation took out {what}, under the retention of its policy, on {time} by its clock.",
    "removals.reason": "Reason given: {reason}",
    "removals.nothing": "nothing that was still here",
    "removals.33.one": "{number} record of applications",
    "removals.33.more": "{number} records of applications",
    "removals.34.one": "{number} record of counts",
    "removals.34.more": "{number} records of counts",
    "removals.35.one": "{number} screenshot",
    "removals.35.more": "{number} screenshots",
    "removals.36.one": "{number} record of copies and pastes",
    "removals.36.more": "{number} records of copies and pastes",
    "removals.37.one": "{number} declaration",
    "removals.37.more": "{number} declarations",
    "removals.38.one": "{number} note",
    "removals.38.more": "{number} notes",
    "removals.39.one": "{number} answer",
    "removals.39.more": "{number} answers",
    "removals.40.one": "{number} question, with what was decided and replied",
    "removals.40.more": "{number} questions, with what was decided and replied",
    "removals.42.one": "{number} summary",
    "removals.42.more": "{number} summaries",
    "removals.64.one": "{number} record of timing",
    "removals.64.more": "{number} records of timing",
    "removals.other.one": "{number} record of another kind",
    "removals.other.more": "{number} records of other kinds",
    "remove.sealed.why": (
        "This session is sealed. What you take out goes for good, here and on the platform, and for you too. Reviewers see "
        "that you took something out, of which kind and when. What a reviewer has seen or fetched before cannot be unseen. "
        "Your work time stays as it is."
    ),
    "remove.sealed.done": "It is gone here. The platform is told by itself, and removes it too.",
}
