# SPDX-License-Identifier: Apache-2.0
"""What a session is: events, journal, log, trust, sealing, verifying, accounting.

Imports nothing of ours. Three families of errors, and a program treats each in its own way:

* `EnvironmentFault`: the machine, a person or a peer; the message says what the user should do.
* `IntegrityFault`: bytes that are not what they must be; evidence, never repaired silently. `PlatformFault` is the one of
  them that names the platform.
* anything else is a bug and ends the program loudly.
"""


class FairWitnessError(Exception):
    """Base of every error that this program raises on purpose."""


class EnvironmentFault(FairWitnessError):  # noqa: N818 - a fault of the surroundings, by the words of docs/architecture.md
    """Something outside the program is in the way; `str(error)` tells a person what to do."""


class IntegrityFault(FairWitnessError):  # noqa: N818 - evidence, not an error of ours
    """Bytes are not what the format or a signature says; names the place, never repairs it."""


class PlatformFault(IntegrityFault):
    """The platform contradicts what it signed or gave before; `str(error)` says what a person can do.

    Nobody at this computer is meant by it, and nothing that records waits for it.

    Args:
        what: in which of its duties: "directory", "log", "receipt", "statement" or "witness"; tables of words have a
            sentence for each.
        detail: what it gave and should not have, as a sentence goes on after "The platform contradicts itself:".
        kept: what it gave is on the disk; else in memory alone, as long as the program runs.
    """

    def __init__(self, what: str, detail: str, *, kept: bool = True) -> None:
        where = (
            "What it gave is kept on this computer, as evidence."
            if kept
            else "The disk does not take what it gave, which is held in memory, as evidence, until this program ends: "
            "make room on the disk now."
        )
        super().__init__(
            f"The platform contradicts itself: {detail}. {where} Recording and sending go on. Tell your organisation's "
            "admin about it, by another way than the platform."
        )
        self.what = what


class InputFault(EnvironmentFault):
    """A file, a peer or a person gave a value that cannot be taken; names the field."""


class StoppedFault(EnvironmentFault):
    """A person asked for what was going on to stop; nothing is wrong, and what was done so far is kept."""
