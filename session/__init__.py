# SPDX-License-Identifier: Apache-2.0
"""What a session is: events, journal, log, trust, sealing, verifying, accounting.

Imports nothing of ours. Three families of errors, and a program treats each in its own way:

* `EnvironmentFault`: the machine, a person or a peer; the message says what the user should do.
* `IntegrityFault`: bytes that are not what they must be; evidence, never repaired silently.
* anything else is a bug and ends the program loudly.
"""


class FairWitnessError(Exception):
    """Base of every error that this program raises on purpose."""


class EnvironmentFault(FairWitnessError):  # noqa: N818 - a fault of the surroundings, by the words of docs/architecture.md
    """Something outside the program is in the way; `str(error)` tells a person what to do."""


class IntegrityFault(FairWitnessError):  # noqa: N818 - evidence, not an error of ours
    """Bytes are not what the format or a signature says; names the place, never repairs it."""


class InputFault(EnvironmentFault):
    """A file, a peer or a person gave a value that cannot be taken; names the field."""


class StoppedFault(EnvironmentFault):
    """A person asked for what was going on to stop; nothing is wrong, and what was done so far is kept."""
