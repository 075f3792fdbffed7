# SPDX-License-Identifier: Apache-2.0
"""Arguments of commands: taken as people write them, or refused with what is asked for."""

from __future__ import annotations

import argparse

import pytest

from fairwitness.arguments import records


@pytest.mark.parametrize(("text", "found"), [("7", (7, 7)), ("7-9", (7, 9)), ("9-7", (9, 7))])
def test_rows_of_records_are_read_as_people_write_them(text: str, found: tuple[int, int]) -> None:
    assert records(text) == found


@pytest.mark.parametrize("text", ["", "a", "-3", "3-", "3--4", "3-4-5", "1" * 16, "3 - 4", "\N{ARABIC-INDIC DIGIT THREE}"])
def test_other_texts_are_no_records(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="12-40"):
        records(text)
