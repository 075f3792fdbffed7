# SPDX-License-Identifier: Apache-2.0
"""How well whoever has no key guesses what somebody does, from all that is seen of a session: AUC, 0.5 is a coin.

`./run python bench/guessing.py [--json] [--sessions N] [--minutes M] [--policy NAME ...] [--corpus FILE.npz]`

Sessions are recorded, sealed and sent by the product itself under a hidden schedule (tests/helpers/guessing_*.py). Seen is
all that the platform gets before and after sealing and besides what a thief of the folder finds: every record's type, size
and public part, sizes and digests of blobs, times and bodies' sizes of all requests. Guessed is, per tick of 5 s, per
checkpoint interval of 30 s and per session, whether somebody typed and whether an AI page was in front. Half of the sessions
are trained on and the other half judged, both ways; the best of three classifiers counts.

    auc, low, high   of the best classifier, with the 95 % interval over sessions
    chance           what the best of three reaches when labels are dealt anew among sessions (95th percentile of 10 deals)
    feature          the one that alone tells most, its AUC, and the greatest that labels dealt anew give
    control          the same attack where sizes were not padded: shows that it would find something

`worst` is the greatest AUC of all but the controls.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parents[1] / "tests" / "helpers")]

from guessing_attack import Table, guess  # noqa: E402 - after the path
from guessing_features import table_of  # noqa: E402 - after the path
from guessing_people import corpus_hands, generated_hand, live  # noqa: E402 - after the path
from guessing_sessions import POLICIES, Seen, Studio  # noqa: E402 - after the path

LEVELS = ("tick", "interval", "session")
TRUTHS = ("typing", "ai page")
ROWS_MOST = 60_000
DEALS = 10


def recorded(policy: str, sessions: int, seconds: int, corpus: str) -> list[Seen]:
    """So many sessions under one policy."""
    hands = corpus_hands(corpus) if corpus else generated_hand
    memory = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
    with tempfile.TemporaryDirectory(prefix="fairwitness-guessing-", dir=memory if memory.is_dir() else None) as home:
        studio = Studio(Path(home), policy)
        return [studio.record(live(number, seconds, hands), number) for number in range(sessions)]


def thinned(table: Table) -> Table:
    """At most 60,000 rows, evenly from all sessions."""
    step = -(-len(table.labels) // ROWS_MOST)
    return Table(table.features[::step], table.labels[::step], table.session[::step], table.names)


def by_chance(table: Table, chance: random.Random) -> float:
    """What the attack reaches when each session is given the labels of another: the 95th percentile of some deals."""
    sessions = [np.flatnonzero(table.session == one) for one in np.unique(table.session)]
    reached = []
    for deal in range(DEALS):
        labels = table.labels.copy()
        for own, other in zip(sessions, chance.sample(sessions, len(sessions)), strict=True):
            labels[own] = np.resize(table.labels[other], len(own))
        reached.append(guess(Table(table.features, labels, table.session, table.names), deal, quick=True).auc)
    return float(np.quantile(reached, 0.95))


def measure(policy: str, seen: list[Seen], *, deals: bool) -> list[dict[str, object]]:
    """All figures of one policy."""
    found = []
    for level in LEVELS:
        for truth in TRUTHS:
            table = thinned(table_of(seen, level, truth))
            told = guess(table)
            control = guess(thinned(table_of(seen, level, truth, bare=True)))
            row: dict[str, object] = {"policy": policy, "level": level, "truth": truth, "rows": told.rows}
            row |= {"auc": round(told.auc, 3), "low": round(told.low, 3), "high": round(told.high, 3)}
            if deals and level == "session":
                row["chance"] = round(by_chance(table, random.Random(1)), 3)  # noqa: S311 - a shuffle
            row |= {"feature": told.feature, "feature_auc": round(told.feature_auc, 3)}
            row |= {"feature_chance": round(told.feature_chance, 3), "control": round(control.auc, 3)}
            found.append(row)
    return found


def main() -> None:
    """Prints the figures, as lines or as one JSON object."""
    arguments = argparse.ArgumentParser(description="What can be guessed of a session without a key.")
    arguments.add_argument("--json", action="store_true")
    arguments.add_argument("--sessions", type=int, default=300)
    arguments.add_argument("--minutes", type=float, default=10)
    arguments.add_argument("--policy", action="append", choices=sorted(POLICIES))
    arguments.add_argument("--corpus", default="", help="keystrokes of real people, see tests/helpers/guessing_people.py")
    chosen = arguments.parse_args()
    rows: list[dict[str, object]] = []
    for policy in chosen.policy or POLICIES:
        begun_s = time.perf_counter()
        seen = recorded(policy, chosen.sessions, round(chosen.minutes * 60), chosen.corpus)
        rows += measure(policy, seen, deals=True)
        if not chosen.json:
            for row in rows[-len(LEVELS) * len(TRUTHS) :]:
                print("  ".join(f"{name} {value}" for name, value in row.items()), flush=True)
            print(f"{policy}: {time.perf_counter() - begun_s:.0f} s", flush=True)
    worst = max(rows, key=lambda row: float(str(row["auc"])))
    if chosen.json:
        print(json.dumps({"worst": worst["auc"], "sessions": chosen.sessions, "minutes": chosen.minutes, "rows": rows}))
    else:
        print("worst", worst)


if __name__ == "__main__":
    main()
