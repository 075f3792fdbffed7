# SPDX-License-Identifier: Apache-2.0
"""What may be written to a terminal: the words of a stranger's session must not steer it."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import Final

_STEERS: Final = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""Control characters, and marks that turn the order of what is read. Source: Unicode 15, Cc and Bidi_Control; the
separators of lines and paragraphs, which some terminals break at."""
_BARE: Final = re.compile(r"[A-Za-z0-9_./:][A-Za-z0-9_./:-]*")
"""What no shell reads as anything but itself."""


def plain(line: str) -> str:
    r"""One line as a terminal shows it and no more: what would steer it is spelled out as `\u001b`.

    In JSON that spelling stands for the same character.
    """
    return _STEERS.sub(lambda found: f"\\u{ord(found[0]):04x}", line)


def say(lines: Sequence[str]) -> None:
    """Prints these lines at once, each as `plain`."""
    print("\n".join(plain(line) for line in lines), flush=True)


def quoted(text: str, *, windows: bool = sys.platform == "win32") -> str:
    r"""`text` as one word of a command line: for PowerShell where `windows`, else for sh.

    Without a `'` in it, which is all that this program makes itself, the word is the same for both.

    Source: POSIX.1-2024, Shell Command Language, 2.2.2; PowerShell, about_Quoting_Rules.
    """
    if _BARE.fullmatch(text):
        return text
    return "'" + text.replace("'", "''" if windows else r"'\''") + "'"
