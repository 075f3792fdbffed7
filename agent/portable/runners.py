# SPDX-License-Identifier: Apache-2.0
"""Programs that run AI models on this computer: that one was running, and that it ended. Only where the policy asks for it.

Rules:

1. Of the processes of this person alone the file name of the program is read, and compared, whole, with the names that were
   handed in. No other person's is asked for its name, and none for a path, an argument, a window, a port or a file (psutil
   itself completes a name that Linux cuts at 15 letters by the first word of the command).
2. A name that is not among them is forgotten with the look that met it: kept nowhere, logged nowhere.
3. Told is the catalogue's name of a program that came or went between two looks; at the first look, of each that runs.
4. What ends while it is asked about, or may not be asked, is passed over: it is not seen. Where processes cannot be listed
   at all, that is a gap, and after it what runs is told anew.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections import Counter
from collections.abc import Mapping
from typing import Final

import psutil

from agent.gate import STOP_S, Gate, monotonic_us
from agent.sensor import Ability, Beside, Emit, Looks
from session.events import WATCHED_RUNNERS, Reason

LOOK_S: Final = 30.0
"""Time between two looks. Source: docs/detectors/local-model.md, What was measured."""

log = logging.getLogger("fairwitness.agent.portable")


class RunnerSensor:
    """Which of these programs run, by name, for as long as a session observes.

    Args:
        known: of a program's file, casefolded, as the system lists processes, the name to tell.
        look_s: seconds between two looks.
    """

    def __init__(self, known: Mapping[str, str], *, look_s: float = LOOK_S) -> None:
        self._known = dict(known)
        self._look_s = look_s
        self._running: tuple[threading.Thread, Gate, threading.Event] | None = None

    @property
    def name(self) -> str:
        """The scope of its gaps."""
        return "runners"

    def start(self, emit: Emit) -> None:
        """Begins to look, at once for the first time; returns before that. A second start without a stop changes nothing."""
        if self._running is not None:
            return
        gate, stopping = Gate(emit, (self.name,)), threading.Event()
        thread = threading.Thread(target=self._run, args=(gate, stopping), name="runners", daemon=True)
        self._running = (thread, gate, stopping)
        thread.start()

    def stop(self) -> None:
        """Ends within two seconds; a look under way is dropped."""
        if self._running is None:
            return
        thread, gate, stopping = self._running
        self._running = None
        stopping.set()
        thread.join(STOP_S)
        gate.close()

    def ability(self) -> Ability:
        """Whether processes can be listed here. Asks none of them anything."""
        try:
            psutil.pids()
        except (psutil.Error, OSError):
            advice = "Ask who looks after this computer whether programs may see which others run."
            return Ability(self.name, observes=False, detail="Which programs run cannot be seen here.", advice=advice)
        return Ability(self.name, observes=True, detail="Whether a program that runs AI models is running.")

    def _run(self, gate: Gate, stopping: threading.Event) -> None:
        before: Counter[str] | None = None
        while not stopping.is_set():
            at_us = monotonic_us()
            now, obstacle = self._tried(stopping)
            if stopping.is_set():
                return
            gate.tell(obstacle)
            if now is not None:
                if before is None:
                    gate.forward(Looks(mono_us=at_us, watched=WATCHED_RUNNERS))
                _tell(gate, before or Counter(), now, at_us)
            before = now
            stopping.wait(self._look_s)

    def _tried(self, stopping: threading.Event) -> tuple[Counter[str] | None, Reason | None]:
        """What a look found, or why there could be none."""
        try:
            return self._look(stopping), None
        except (psutil.Error, OSError) as error:
            reason = Reason.DENIED if isinstance(error, PermissionError | psutil.AccessDenied) else Reason.ABSENT
            log.info("no look at programs: reason=%s", reason)
            return None, reason
        except Exception as error:  # noqa: BLE001 - thread top: what is not expected must end as a gap, not as silence
            log.error("looking at programs failed: %s", type(error).__name__)  # noqa: TRY400 - a traceback may hold names
            return None, Reason.DIED

    def _look(self, stopping: threading.Event) -> Counter[str]:
        """How many processes of each known program this person has. Raises `psutil.Error`, `OSError`: none can be listed."""
        found: Counter[str] = Counter()
        own = _user_of(psutil.Process())
        for pid in psutil.pids():  # not process_iter, which keeps every process and its name for the next call
            if stopping.is_set():
                break
            try:
                process = psutil.Process(pid)
                if _user_of(process) == own and (tool := self._known.get(process.name().casefold())) is not None:
                    found[tool] += 1
            except (psutil.Error, OSError):
                continue
        return found


def _user_of(process: psutil.Process) -> object:
    """Whose process it is, comparable with another's."""
    return process.username() if sys.platform == "win32" else process.uids().real


def _tell(gate: Gate, before: Counter[str], now: Counter[str], at_us: int) -> None:
    """What came and what went between two looks; of what went, how many there were."""
    for kind, has, had in (("runner-came", now, before), ("runner-went", before, now)):
        for tool in sorted(has.keys() - had.keys()):
            gate.forward(Beside(mono_us=at_us, scope="runners", kind=kind, what=tool, number=has[tool]))
