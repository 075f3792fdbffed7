# SPDX-License-Identifier: Apache-2.0
"""What may be written to a terminal: the words of a stranger's session must not steer it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_STEERS: Final = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""Control characters, and marks that turn the order of what is read. Source: Unicode 15, Cc and Bidi_Control; the
separators of lines and paragraphs, which some terminals break at."""


def plain(line: str) -> str:
    r"""One line as a terminal shows it and no more: what would steer it is spelled out as `\u001b`.

    In JSON that spelling stands for the same character.
    """
    return _STEERS.sub(lambda found: f"\\u{ord(found[0]):04x}", line)


def say(lines: Sequence[str]) -> None:
    """Prints these lines at once, each as `plain`."""
    print("\n".join(plain(line) for line in lines), flush=True)
