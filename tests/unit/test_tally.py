# SPDX-License-Identifier: Apache-2.0
"""How many entries a record carries: the search that every tick makes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agent.tally import fits, most_that_fit
from session.events import Stats


@given(st.lists(st.integers(0, 10**9), max_size=80), st.integers(40, 400), st.integers(0, 200))
def test_the_search_begins_anywhere_and_leaves_out_nothing_that_a_plain_one_finds(
    counts: list[int], padded_bytes: int, near: int
) -> None:
    def body(count: int) -> Stats:
        return Stats(1, 1, 1, keys=tuple(counts[:count]))

    found = most_that_fit(len(counts), padded_bytes, body, near=near)
    assert found == 0 or fits(body(found), padded_bytes)
    assert found == len(counts) or not fits(body(found + 1), padded_bytes)
    if fits(body(len(counts)), padded_bytes) and near >= len(counts):
        assert found == len(counts)
