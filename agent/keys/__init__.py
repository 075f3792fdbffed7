# SPDX-License-Identifier: Apache-2.0
"""Key stores: where a person's and a session's secrets are kept. All of them fulfil `session.ports.KeyStore`.

Names are ASCII paths of letters, digits, `-`, `_`, `.` and `/`, such as `session/<id>/signing`; docs/architecture.md lists
them. A name never leads out of the store, whatever keeps it.
"""

from __future__ import annotations

import re
from typing import Final

_NAME: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*\Z")
_LONGEST_NAME: Final = 200
LARGEST_BYTES: Final = 65536
"""Of one secret, in bytes, where a store sets no lower bound of its own."""


def check_name(name: str) -> str:
    """`name`, when a key store may use it.

    Raises:
        ValueError: an empty, overlong or foreign name, or one with a part that begins with a dot. A bug of the caller's.
    """
    if not is_name(name):
        raise ValueError(f"not a name of a secret: {name[:80]!r}")
    return name


def is_name(name: str) -> bool:
    """Whether a key store may use `name`."""
    return len(name) <= _LONGEST_NAME and _NAME.match(name) is not None
