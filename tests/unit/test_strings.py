# SPDX-License-Identifier: Apache-2.0
"""The tables of sentences: no area writes over another, and both languages say the same things with the same values."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections import Counter

import pytest

from ui.strings import Words, en, it

FAULTS = ("faults", "verifier")
"""Areas of a language alone: their keys are the English sentences."""


@pytest.mark.parametrize("language", [en, it])
def test_no_area_has_a_key_of_another(language: object) -> None:
    found: Counter[str] = Counter()
    for area in pkgutil.iter_modules(language.__path__):  # type: ignore[attr-defined] # a package
        if not area.name.startswith(FAULTS):
            found.update(list(importlib.import_module(f"{language.__name__}.{area.name}").TABLE))  # type: ignore[attr-defined]
    assert len(found) == len(language.TABLE)  # type: ignore[attr-defined] # every area is in it
    assert [key for key, number in found.items() if number > 1] == []


def test_both_languages_have_the_same_keys_and_no_value_that_the_other_lacks() -> None:
    assert set(en.TABLE) == set(it.TABLE)
    for key, words in it.TABLE.items():
        assert set(re.findall(r"\{(\w+)\}", words)) <= set(re.findall(r"\{(\w+)\}", en.TABLE[key])), key


def test_numbers_are_written_as_the_language_does() -> None:
    assert [Words("en").number(value) for value in (4096, 0.9, 12, 1_234_567)] == ["4,096", "0.9", "12", "1,234,567"]
    assert [Words("it").number(value) for value in (4096, 0.9, 12, 1_234_567)] == ["4.096", "0,9", "12", "1.234.567"]
    assert "4.096" in Words("it").count("desk.state.decided", 4096)
