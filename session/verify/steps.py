# SPDX-License-Identifier: Apache-2.0
"""The numbered steps: what each proves and what it does not, in the words that people read."""

from __future__ import annotations

from typing import Final

import msgspec

from session.verify.result import Step


class Plan(msgspec.Struct, frozen=True):
    """One step before it is walked."""

    name: str
    proves: str
    does_not_prove: str


STEPS: Final[tuple[Plan, ...]] = (
    Plan("folder", "Nothing but a session's files lies here.", "That a file which may come later was not taken away."),
    Plan("frames", "Every byte of the record is part of a whole frame.", "Who wrote it."),
    Plan("records", "The records follow each other without a hole.", "That what they tell is true."),
    Plan("blobs", "Each screenshot that is here is the one its record names.", "That the screen was real, or whose it was."),
    Plan(
        "directory and policy",
        "The session ran under this policy of this organisation, as its root key signed it.",
        "That the root key is the organisation's: compare its six words with what reached you outside the platform.",
    ),
    Plan(
        "opening",
        "The session key was certified by this device, the device by this person, and the platform granted the session, "
        "or the person opened it alone.",
        "Who sat at the device, or that its program was unmodified.",
    ),
    Plan(
        "tree and checkpoints",
        "No record was changed, added, taken out or moved since the session key signed over it.",
        "That what was recorded happened.",
    ),
    Plan(
        "cosignatures",
        "The platform saw each cosigned part by the time that stands on it.",
        "When within that time it happened, or that the platform's clock was right.",
    ),
    Plan(
        "seal",
        "The session key closed exactly this record, for exactly the reviewers of its project.",
        "That a reviewer keeps to themselves what they may read.",
    ),
    Plan("statements", "Every later statement is signed by who may make it.", "That no statement is being held back."),
    Plan(
        "presence",
        "Every sealed part is here, or was removed or withheld as the record says.",
        "What a removed or withheld part held.",
    ),
    Plan("receipt", "The platform confirmed that it has this sealed record.", "That it keeps it."),
    Plan(
        "contents",
        "What the given key opens is what was recorded at the time.",
        "What other keys would open, or that the content is true.",
    ),
    Plan(
        "accounted time",
        "The hours follow from the public records.",
        "That the machine's clock was right, or that work was done.",
    ),
)
"""The steps in order; the number of a step is its place, from 1."""


class Ledger:
    """Takes the outcome of each step in order. After a failure the rest is not walked."""

    def __init__(self) -> None:
        self._steps: list[Step] = []

    def enter(self, *, passed: bool | None, detail: str) -> None:
        """The outcome of the next step."""
        plan = STEPS[len(self._steps)]
        self._steps.append(
            Step(
                number=len(self._steps) + 1,
                name=plan.name,
                passed=passed,
                proves=plan.proves,
                does_not_prove=plan.does_not_prove,
                detail=detail,
            )
        )

    def finish(self) -> tuple[Step, ...]:
        """All steps; those not walked say so."""
        while len(self._steps) < len(STEPS):
            self.enter(passed=None, detail="not reached")
        return tuple(self._steps)
