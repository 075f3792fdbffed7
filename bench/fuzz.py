# SPDX-License-Identifier: Apache-2.0
"""Coverage-guided fuzzing of everything that takes foreign bytes.

`./run python bench/fuzz.py [--target NAME ...] [--cpu-minutes N] [--json] [--keep] [--corpus DIR]`
`./run python bench/fuzz.py --bug NAME [--cpu-minutes N]`       whether a bug that is put in on purpose is found

The targets are in tests/helpers/fuzz_*.py, the committed inputs in tests/assets/fuzz/, base64, a line each. The engine is
libFuzzer through Atheris (requirements-fuzz.lock, which `./test --ci` installs). Each target runs in a process of its own,
with at most 512 MiB and 10 s an input, until it used its CPU time:

    executions            inputs tried
    edges                 edges of our code that were reached, at the end
    edges_at_third        after a third and two thirds of the time
    new_in_last_third     edges that only the last third reached
    peak_rss_mib          of the process
    findings              inputs that broke a promise, hung or took too much memory, and 1 where the process ended by itself
                          and left none: 0 unless something is wrong

`--keep` writes the smallest inputs of the engine's corpus back to tests/assets/fuzz/. `--corpus` keeps the whole of it in a
folder, in one of the target's name, where the next run takes it up.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import operator
import re
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from types import ModuleType
from typing import IO

import psutil

ROOT = Path(__file__).parents[1]
ASSETS = ROOT / "tests" / "assets" / "fuzz"
MOST_RSS_MIB = 512
MOST_INPUT_S = 10
MOST_INPUT_BYTES = 8192
KEPT_BYTES = 48 * 1024
"""Of inputs that are committed, a target."""
STATUS = re.compile(r"#(\d+)\t\S+\s+cov: (\d+) ft: (\d+)")
RSS = re.compile(r"rss: (\d+)Mb")


def committed(target: str) -> list[bytes]:
    """The inputs that are in the repository."""
    path = ASSETS / f"{target}.txt"
    return [base64.b64decode(line) for line in path.read_text().split()] if path.exists() else []


def compare_queries_untraced(engine: ModuleType) -> None:
    """The engine's hook on comparisons keeps a reference to each result that is an object: here, to each part of a query.

    Without this `request` grows by more than 1 kB an input, 512 MiB in 10 minutes; without the engine the same inputs take
    nothing. Only from within the first input on: the engine exchanges its hooks when it begins.
    """
    from sqlalchemy.sql.expression import ClauseElement  # noqa: PLC0415 - only for the target that has a database

    traced = engine._trace_cmp  # noqa: SLF001 - what its instrumentation calls
    compare = (operator.lt, operator.le, operator.eq, operator.ne, operator.gt, operator.ge)

    def trace(left: object, right: object, which: int, counter: int, constant: bool) -> object:  # noqa: FBT001 - the hook's own
        if isinstance(left, ClauseElement) or isinstance(right, ClauseElement):
            return compare[which](left, right)
        return traced(left, right, which, counter, constant)

    engine._trace_cmp = trace  # noqa: SLF001


def child(target: str, bug: str, engine: list[str]) -> None:
    """In a process of its own: fuzzes until it is told to stop, or tries one input where it is given a file."""
    import atheris  # noqa: PLC0415 - only where fuzzing is done

    sys.path.insert(0, str(ROOT / "tests" / "helpers"))
    with atheris.instrument_imports(
        include=["session", "agent", "uploader", "server", "fuzz_formats", "fuzz_sessions", "fuzz_server"]
    ):
        import fuzz_bugs  # noqa: PLC0415 - instrumented
        import fuzz_formats  # noqa: PLC0415
        import fuzz_server  # noqa: PLC0415
        import fuzz_sessions  # noqa: PLC0415
    found = next(one for one in (*fuzz_formats.FORMATS, *fuzz_sessions.SESSIONS, *fuzz_server.SERVER) if one.name == target)
    corpus = Path(engine[-1])
    if corpus.is_file():
        found.one(corpus.read_bytes())
        return
    for octets in (*found.seeds(), *committed(target)):
        (corpus / hashlib.sha256(octets).hexdigest()[:16]).write_bytes(octets)
    for planted in fuzz_bugs.BUGS:
        if planted.name == bug:
            planted.put_in(atheris.instrument_func)

    begins = iter((target == "request",))

    def one(octets: bytes) -> None:
        if next(begins, False):
            compare_queries_untraced(atheris)
        found.one(octets)

    atheris.Setup([sys.argv[0], *engine], one)
    atheris.Fuzz()


class Watch:
    """What the engine says of itself, read as it comes, with the CPU time at which it came."""

    def __init__(self, process: psutil.Process, stream: IO[str]) -> None:
        self._process, self._stream = process, stream
        self.rows: list[tuple[float, int, int]] = []
        self.last: list[str] = []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        for line in self._stream:
            self.last = [*self.last[-400:], line.rstrip()]
            match = STATUS.match(line)
            if match is not None:
                self.rows.append((cpu_s(self._process), int(match[1]), int(match[2])))

    def done(self) -> None:
        """Waits until all was read."""
        self._thread.join()

    def edges_by(self, used_s: float) -> int:
        """Edges that were reached by so much CPU time."""
        return max((edges for at_s, _, edges in self.rows if at_s <= used_s), default=0)


def cpu_s(process: psutil.Process) -> float:
    """User and system time so far; the last that was seen once it is gone."""
    try:
        times = process.cpu_times()
    except psutil.Error:
        return float("inf")
    return float(times.user + times.system)


def fuzz(
    target: str, *, cpu_minutes: float, bug: str = "", keep: bool = False, corpora: Path | None = None
) -> dict[str, object]:
    """One target's run."""
    with tempfile.TemporaryDirectory(prefix="fairwitness-fuzz-") as place:
        corpus, found = (corpora or Path(place) / "corpus") / target, Path(place) / "found"
        corpus.mkdir(parents=True, exist_ok=True)
        found.mkdir()
        engine = [f"-rss_limit_mb={MOST_RSS_MIB}", f"-timeout={MOST_INPUT_S}", f"-max_len={MOST_INPUT_BYTES}"]
        engine += [f"-artifact_prefix={found}/", "-print_final_stats=1", "-detect_leaks=0", str(corpus)]
        command = [sys.executable, __file__, "--child", target, "--bug", bug, *engine]
        started = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, errors="replace")
        process = psutil.Process(started.pid)
        assert started.stderr is not None  # noqa: S101 - a pipe was asked for
        watch = Watch(process, started.stderr)
        peak, used_s = 0, 0.0
        while started.poll() is None and used_s < cpu_minutes * 60:
            time.sleep(0.2)
            try:
                used_s = cpu_s(process) if cpu_s(process) != float("inf") else used_s
                peak = max(peak, process.memory_info().rss)
            except psutil.Error:
                continue  # it is ending by itself, and writes down why
        ended_by_itself = started.poll() is not None
        if not ended_by_itself:
            started.send_signal(signal.SIGTERM)
        started.wait(60)
        watch.done()
        broken = [path for path in sorted(found.iterdir()) if not path.name.startswith("slow-") or still_slow(target, path)]
        if keep and not broken and not ended_by_itself:
            kept(target, corpus)
        final = next((int(line.split()[-1]) for line in watch.last if "number_of_executed_units" in line), 0)
        edges = watch.edges_by(float("inf"))
        return {
            "target": target,
            "cpu_s": round(used_s, 1),
            "executions": final or max((count for _, count, _ in watch.rows), default=0),
            "edges": edges,
            "edges_at_third": [watch.edges_by(used_s / 3), watch.edges_by(used_s * 2 / 3)],
            "new_in_last_third": edges - watch.edges_by(used_s * 2 / 3),
            "peak_rss_mib": round(peak / 2**20),
            "findings": max(len(broken), int(ended_by_itself)),
            "inputs": [f"{path.name.split('-')[0]} {base64.b64encode(path.read_bytes()[:600]).decode()}" for path in broken],
            "said": said(watch.last) if broken or ended_by_itself else [],
        }


def still_slow(target: str, path: Path) -> bool:
    """Whether an input that took long takes as much CPU time by itself: a machine that stands takes long, too."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, __file__, "--child", target, "--bug", "", str(path)]
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime > MOST_INPUT_S


def said(last: list[str]) -> list[str]:
    """Of the engine's last lines those that tell what broke; all of the last where none does."""
    return [line for line in last if "Error" in line or "assert" in line][:6] or last[-6:]


def kept(target: str, corpus: Path) -> None:
    """Writes the smallest inputs of the engine's corpus, as far as they fit; it has dropped what reaches nothing new."""
    lines, total = [], 0
    for octets in sorted((path.read_bytes() for path in corpus.iterdir()), key=lambda one: (len(one), one)):
        line = base64.b64encode(octets).decode()
        total += len(line) + 1
        if total > KEPT_BYTES:
            break
        lines.append(line)
    ASSETS.mkdir(parents=True, exist_ok=True)
    (ASSETS / f"{target}.txt").write_text("".join(line + "\n" for line in lines))


def main() -> None:
    """Runs what is asked for; ends with 1 where something was found, and with 1 where a bug was not."""
    parser = argparse.ArgumentParser(description="Coverage-guided fuzzing.")
    parser.add_argument("--child", default="", help=argparse.SUPPRESS)
    parser.add_argument("--bug", default="")
    parser.add_argument("--target", action="append", default=[])
    parser.add_argument("--cpu-minutes", type=float, default=1.0)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--corpus", type=Path)
    chosen, engine = parser.parse_known_args()
    if chosen.child:
        child(chosen.child, chosen.bug, engine)
        return
    targets = chosen.target
    if chosen.bug:
        sys.path.insert(0, str(ROOT / "tests" / "helpers"))
        import fuzz_bugs  # noqa: PLC0415 - needs the path above

        targets = [one.target for one in fuzz_bugs.BUGS if one.name == chosen.bug]
    failed = False
    for target in targets:
        figures = fuzz(target, cpu_minutes=chosen.cpu_minutes, bug=chosen.bug, keep=chosen.keep, corpora=chosen.corpus)
        failed |= bool(figures["findings"]) != bool(chosen.bug)
        print(
            json.dumps(figures) if chosen.json else "\n".join(f"{name:>20}  {value}" for name, value in figures.items()),
            flush=True,
        )
    sys.exit(failed)


if __name__ == "__main__":
    main()
