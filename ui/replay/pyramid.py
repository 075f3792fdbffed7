# SPDX-License-Identifier: Apache-2.0
"""Answers about any stretch of a long series, for every pixel column at once.

A session of eight hours is 5,760 ticks on some 1,500 columns: `Pyramid` gives the least and greatest value under each
column, `Coverage` how much of each column intervals cover. Both are numpy over all columns, so that panning stays smooth.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]


class Pyramid:
    """Least and greatest of any range of a series, O(log n) a range.

    Args:
        values: shape (n,), finite. Level k holds least and greatest of runs of 2^k values.
    """

    def __init__(self, values: Floats) -> None:
        size = 1 << max(0, len(values) - 1).bit_length()
        least, greatest = np.full(size, np.inf), np.full(size, -np.inf)
        least[: len(values)] = greatest[: len(values)] = values
        self._levels = [(least, greatest)]
        while size > 1:
            least, greatest = least.reshape(-1, 2).min(axis=1), greatest.reshape(-1, 2).max(axis=1)
            self._levels.append((least, greatest))
            size //= 2
        self._count = len(values)

    def query(self, first: Ints, stop: Ints) -> tuple[Floats, Floats]:
        """(least, greatest) of values[first:stop] for each pair; (inf, -inf) where a range is empty.

        Args:
            first: shape (m,); cut to what the series has.
            stop: shape (m,), exclusive; cut likewise.
        """
        first, stop = np.clip(first, 0, self._count), np.clip(stop, 0, self._count)
        low, high = np.full(len(first), np.inf), np.full(len(first), -np.inf)
        for least, greatest in self._levels:
            inside = first < stop
            if not inside.any():
                break
            # At each level at most one run juts out on either side; the rest is whole runs of the level above.
            for juts, at in ((inside & (first & 1 == 1), first), (inside & (stop & 1 == 1), stop - 1)):
                run = at[juts]
                low[juts] = np.minimum(low[juts], least[run])
                high[juts] = np.maximum(high[juts], greatest[run])
            first, stop = (first + 1) >> 1, np.where(inside, stop >> 1, 0)
        return low, high


class Coverage:
    """How much of each column is covered by a set of intervals.

    Args:
        starts, stops: shape (n,), in any order, overlapping or not; what is empty or reversed counts for nothing.
    """

    def __init__(self, starts: Ints, stops: Ints) -> None:
        kept = starts < stops
        order = np.argsort(starts[kept], kind="stable")
        starts, stops = starts[kept][order], stops[kept][order]
        if len(starts):
            reach = np.maximum.accumulate(stops)
            opens = np.concatenate(([True], starts[1:] > reach[:-1]))
            starts, stops = starts[opens], reach[np.concatenate((np.flatnonzero(opens)[1:] - 1, [len(reach) - 1]))]
        self.starts: Ints = starts
        self.stops: Ints = stops
        self.total = int((stops - starts).sum())
        self._knots = np.stack((starts, stops), axis=1).reshape(-1).astype(np.float64)
        self._sums = np.zeros(len(self._knots))
        np.cumsum(stops - starts, out=self._sums[1::2])
        self._sums[2::2] = self._sums[1:-1:2]

    def per_cell(self, edges: Floats) -> Floats:
        """Covered share, 0 to 1, of each cell between two `edges` (shape (m + 1,), rising)."""
        if not len(self._knots):
            return np.zeros(len(edges) - 1)
        covered = np.diff(np.interp(edges, self._knots, self._sums))
        return np.clip(covered / np.diff(edges), 0.0, 1.0)
