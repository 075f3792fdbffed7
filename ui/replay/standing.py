# SPDX-License-Identifier: Apache-2.0
"""How a session stands, in the words that come first on every screen."""

from __future__ import annotations

import msgspec

from session.verify.result import Verification
from ui.strings import Words


class Standing(msgspec.Struct, frozen=True):
    """What the verifier said, as a sign, a title and one sentence. `sign`: "check", "cross" or "dash".

    `not_before_us`, `not_after_us`: bounds of the whole, proved by the platform; None where nothing proves them.
    """

    sign: str
    title: str
    sentence: str
    not_before_us: int | None = None
    not_after_us: int | None = None

    @classmethod
    def of(cls, verification: Verification | None, words: Words) -> Standing:
        """The standing of a session; None is one that nobody checked, such as a session still running."""
        if verification is None:
            return cls("dash", words("standing.unchecked"), words("standing.unchecked.why"))
        if not verification.verified:
            step = verification.failed_step
            why = (
                words("standing.failed.step", number=step.number, name=words.verifier(step.name), detail=step.detail)
                if step is not None
                else words("standing.failed.why")
            )
            return cls("cross", words("standing.failed"), why)
        if verification.self_signed:
            return cls("check", words("standing.verified"), words("standing.verified.self"))
        bounds = (verification.times.not_before_us, verification.times.not_after_us)
        lost = words.count("standing.lost", verification.lost)
        if not verification.trusted:
            # Anyone can found an organisation and sign with it, so until its words are compared this is not a tick.
            six = " ".join(verification.words)
            why = words("standing.untrusted.why", words=six)
            if verification.lost:
                why = f"{lost} {words('standing.untrusted.compare', words=six)}"
            return cls("dash", words("standing.untrusted"), why, *bounds)
        why = words("standing.verified.receipt" if verification.receipt else "standing.verified.sealed")
        return cls("check", words("standing.verified"), lost if verification.lost else why, *bounds)
