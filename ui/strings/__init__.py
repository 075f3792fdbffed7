# SPDX-License-Identifier: Apache-2.0
"""Every sentence that a person reads, by key, one table a language.

Rules:

1. Code names keys; only the tables hold words, and every language's table has the same keys. One file an area.
2. A sentence takes named values in braces; counts have a key for one and a key for more (`.one`, `.more`).
3. No sentence judges a person: a finding asks, a gap says what was not observed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from ui.strings import en, it
from ui.strings.it import verifier as it_verifier

LANGUAGES: Final[Mapping[str, Mapping[str, str]]] = {"en": en.TABLE, "it": it.TABLE}
"""Tables by BCP 47 language."""

_VERIFIER: Final[Mapping[str, Mapping[str, str]]] = {"it": it_verifier.TABLE}
_FAULTS: Final[Mapping[str, Mapping[str, str]]] = {"it": {key: words for table in it.FAULTS for key, words in table.items()}}
_MARKS: Final[Mapping[str, Mapping[int, str]]] = {"en": {}, "it": {ord(","): ".", ord("."): ","}}
"""Marks within numbers. Source: Unicode CLDR 45, number symbols of it."""
_WISHES: Final = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


def language_of(environment: Mapping[str, str]) -> str:
    """The language that a desktop's environment asks for, among ours; English where it asks for none of them.

    Source: GNU gettext manual, Locale Environment Variables: LANGUAGE before LC_ALL before LC_MESSAGES before LANG.
    """
    for name in _WISHES:
        for wish in environment.get(name, "").split(":"):
            language = wish.partition(".")[0].partition("_")[0].partition("-")[0].lower()
            if language in LANGUAGES:
                return language
        if name != "LANGUAGE" and environment.get(name):
            return "en"  # a language that we do not speak, or C: not the next variable's
    return "en"


class Words:
    """The sentences of one language. Raises `KeyError` for a language or a key that no table has: a bug, not a fault."""

    def __init__(self, language: str = "en") -> None:
        self.language = language
        self._table = LANGUAGES[language]

    def __call__(self, key: str, **values: object) -> str:
        """The sentence of `key` with its values in place."""
        return self._table[key].format(**values)

    def count(self, key: str, number: int) -> str:
        """The sentence of `key` for `number` things; takes `{number}` with thousands parted."""
        return self._table[f"{key}.{'one' if number == 1 else 'more'}"].format(number=self.number(number))

    def number(self, value: float) -> str:
        """A number as this language writes it: thousands parted, and its own sign before the decimals."""
        written = f"{value:,}" if isinstance(value, int) else f"{value:g}"
        return written.translate(_MARKS[self.language])

    def verifier(self, text: str) -> str:
        """What the verifier says, in this language where it is one of its fixed sentences, else as it says it."""
        return _VERIFIER.get(self.language, {}).get(text, text)

    def fault(self, text: str) -> str:
        """What a fault says, in this language where its sentence is in the table, else as it says it.

        A sentence of the table may have values in braces, which are sentences of it themselves or stay as they are.
        """
        for sentence, translated in _FAULTS.get(self.language, {}).items():
            names = re.findall(r"\{(\w+)\}", sentence)
            found = re.fullmatch(re.sub(r"\\\{\w+\\\}", "(.+)", re.escape(sentence)), text)
            if found is not None:
                return translated.format(
                    **{name: self.fault(value) for name, value in zip(names, found.groups(), strict=True)}
                )
        return text

    def of(self, key: str, otherwise: str) -> str:
        """The sentence of `key`, or of `otherwise` where a newer record names what this version does not know."""
        return self._table.get(key) or self._table[otherwise]
