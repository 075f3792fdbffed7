# SPDX-License-Identifier: Apache-2.0
"""The command evaluate: what the detectors of this version say of corpora of real work."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import msgspec

from fairwitness import arguments as taken
from fairwitness.cli_keys import GOOD, SURROUNDINGS, Adds
from fairwitness.terminal import plain, say


def evaluate(chosen: argparse.Namespace) -> int:
    """Asks every detector about corpora of real work, and says how often each would be raised."""
    from fairwitness.evaluation import report, running
    from ui.strings import LANGUAGES

    def tell(line: str) -> None:
        sys.stderr.write(f"{plain(line)}\n")

    wish = running.Wish(folder=chosen.corpus, sources=chosen.sources, people=chosen.people, jobs=chosen.jobs)
    done = running.evaluate(wish, tell)
    say([msgspec.json.encode(done).decode()] if chosen.json else report.lines(done, LANGUAGES["en"]))
    for one in done.skipped:
        tell(f"not read: {one.file}: {one.reason}")
    return SURROUNDINGS if any(one.broken for one in done.skipped) else GOOD


def add_evaluate(add: Adds) -> None:
    """Adds evaluate."""
    sub = add("evaluate", evaluate)
    sub.add_argument(
        "--corpus", type=Path, required=True, metavar="DIR", help="folder of .npz files, see docs/evaluation.md"
    )
    sub.add_argument("--sources", type=taken.names, default=(), metavar="A,B", help="these files alone, without .npz")
    sub.add_argument("--people", type=taken.number, default=None, metavar="N", help="so many of each source: a quick look")
    sub.add_argument("--jobs", type=taken.jobs, default=1, metavar="N", help="processes, from 1 to 64")
