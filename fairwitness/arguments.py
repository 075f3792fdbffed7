# SPDX-License-Identifier: Apache-2.0
"""What the arguments of commands may be. All raise `argparse.ArgumentTypeError` with what is asked for."""

from __future__ import annotations

import argparse
import re


def seconds(text: str) -> float:
    """A length of time."""
    value = float(text)
    if not 1 <= value <= 86_400:
        raise argparse.ArgumentTypeError("from 1 to 86400 seconds")
    return value


def scale(text: str) -> float:
    """How much larger a picture is painted."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0.25 <= value <= 4:  # so that a picture of a long session still fits into memory; nan is neither
        raise argparse.ArgumentTypeError("from 0.25 to 4")
    return value


def records(text: str) -> tuple[int, int]:
    """One record or a row of them, first and last included."""
    first, _, last = text.partition("-")
    if not re.fullmatch(r"[0-9]{1,15}(-[0-9]{1,15})?", text):
        raise argparse.ArgumentTypeError("a record's number, or two with a hyphen between them, as 12 or 12-40")
    return int(first), int(last or first)


def number(text: str) -> int:
    """How many of something."""
    if not re.fullmatch(r"[1-9][0-9]{0,8}", text):
        raise argparse.ArgumentTypeError("a whole number from 1")
    return int(text)


def jobs(text: str) -> int:
    """How many processes work at once."""
    if not re.fullmatch(r"[1-9][0-9]?", text) or int(text) > 64:
        raise argparse.ArgumentTypeError("from 1 to 64")
    return int(text)


def names(text: str) -> tuple[str, ...]:
    """Names with commas between them."""
    named = tuple(name.strip() for name in text.split(",") if name.strip())
    if not named:
        raise argparse.ArgumentTypeError("one name, or several with commas between them")
    return named
