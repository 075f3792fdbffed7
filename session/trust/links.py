# SPDX-License-Identifier: Apache-2.0
"""Texts that people carry by hand from one screen to another: `fairwitness:<what>?name=value&…`.

Rules:

1. Each field stands once and no other does. White space is none of it: whoever carried it may have broken it into lines.
2. What is wrong with a text is said in the words of who copied it, never in those of a pattern.
3. A text holds letters, digits and `:?=&%_.~-` alone, so that between two `'` it is one word for sh and for PowerShell.
"""

from __future__ import annotations

from typing import Final, TypeVar
from urllib.parse import parse_qsl, quote, urlencode

import msgspec

from session import InputFault

SCHEME: Final = "fairwitness"
_KEY: Final = "a key in it is not 64 digits from 0 to 9 and a to f"
_WRONG: Final = {
    "platform": "the platform's address is missing or too long",
    "organisation": "the organisation's fingerprint is not 64 digits from 0 to 9 and a to f",
    "person": "the person is missing or longer than 128 characters",
    "code": "its code is not 16 to 64 letters and digits",
    "name": "the device's name is missing, too long or not plain text",
    "signing": _KEY,
    "transport": _KEY,
    "expires": "the time until which it is good is no number",
    "sealed": "what it hands over in secret is cut short or too long",
}
"""What is wrong with a field that does not fit, by its name."""
_T = TypeVar("_T", bound=msgspec.Struct)


class Spoken(msgspec.Struct, frozen=True):
    """The sentences about one kind of text: it is none, it is not whole, a part is damaged (`{part}` says which)."""

    none: str
    cut: str
    damaged: str


def text_of(what: str, value: msgspec.Struct) -> str:
    """`value`, whose fields are strings, as a text."""
    return f"{SCHEME}:{what}?" + urlencode(msgspec.structs.asdict(value), quote_via=quote, safe="")


def value_of(text: str, what: str, kind: type[_T], spoken: Spoken) -> _T:
    """What the text says.

    Raises:
        InputFault: it is none of this kind, a field is missing, twice or unknown, or one does not fit.
    """
    begin, joined = f"{SCHEME}:{what}?", "".join(text.split())
    if not joined[: len(begin)].casefold() == begin:
        raise InputFault(spoken.none)
    pairs = parse_qsl(joined[len(begin) :], keep_blank_values=True)
    if sorted(name for name, _ in pairs) != sorted(kind.__struct_fields__):
        raise InputFault(spoken.cut)
    found = dict(pairs)
    for field in msgspec.structs.fields(kind):
        try:
            msgspec.convert(found[field.name], field.type)
        except msgspec.ValidationError as error:
            raise InputFault(spoken.damaged.format(part=_WRONG[field.name])) from error
    return msgspec.convert(found, kind)
