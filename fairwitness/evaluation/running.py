# SPDX-License-Identifier: Apache-2.0
"""The whole of an evaluation: files in, report out. Several processes may measure sessions; the report is the same."""

from __future__ import annotations

import multiprocessing
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

import detectors
from fairwitness import frozen
from fairwitness.evaluation.classes import across, within
from fairwitness.evaluation.corpus import CorpusSession, Skipped, Source, files_of, read
from fairwitness.evaluation.figures import LEAST_SESSIONS, RESAMPLES, Interval, by_person, clopper_pearson, rate_interval
from fairwitness.evaluation.measuring import Measured, evaluation_policy, measure
from fairwitness.evaluation.recorded import reduces
from fairwitness.evaluation.report import DetectorReport, Report, SourceReport
from session import EnvironmentFault, InputFault
from session.findings import State
from session.policy import Policy

SESSIONS_A_TURN: Final = 50
"""What a process is given at once, and how often progress is told."""

_Counts = npt.NDArray[Any]
_Measure = Callable[[Iterator[tuple[CorpusSession, ...]]], Iterator[tuple[Measured | None, ...]]]


class Wish(msgspec.Struct, frozen=True):
    """What is asked for.

    Args:
        folder: where the corpora lie. sources: names of those to read, all where empty.
        people: evaluate so many people of each source, for a quick look; None for all.
        jobs: processes, from 1.
    """

    folder: Path
    sources: tuple[str, ...] = ()
    people: int | None = None
    jobs: int = 1


def evaluate(wish: Wish, tell: Callable[[str], None]) -> Report:
    """The report on all corpora of a folder; `tell` hears how far it is.

    Raises:
        InputFault: there is no corpus, or a source that was asked for is not there.
        EnvironmentFault: a process of the evaluation died.
    """
    policy = evaluation_policy()
    sources, skipped = _read(wish)
    measured: dict[str, list[Measured]] = {}
    reports: dict[str, SourceReport] = {}
    with _measuring(policy, wish.jobs) as measuring:
        for source in sources:
            numbers = source.numbers(wish.people)
            found = measured[source.name] = []
            done = 0
            for turn in measuring(_turns(source, numbers)):
                found += [one for one in turn if one is not None]
                tenth, done = done * 10 // len(numbers), done + len(turn)
                if done * 10 // len(numbers) > tenth:
                    tell(f"{source.name}: {done:,} of {len(numbers):,} sessions")
            reports[source.name] = _reported(source, found, left_out=done - len(found), policy=policy)
    return Report(policy=policy.name, resamples=RESAMPLES, sources=reports, classes=across(measured), skipped=skipped)


def _read(wish: Wish) -> tuple[list[Source], tuple[Skipped, ...]]:
    sources: dict[str, Source] = {}
    skipped: list[Skipped] = []
    for path in files_of(wish.folder):
        file = str(path.relative_to(wish.folder))
        if wish.sources and path.stem not in wish.sources:
            continue
        if path.stem in sources:
            skipped.append(Skipped(file, "Another file has this name.", broken=True))
            continue
        try:
            source = read(path)
        except InputFault as fault:
            skipped.append(Skipped(file, str(fault), broken=True))
            continue
        if source is None:
            skipped.append(Skipped(file, "Its fields are of no corpus.", broken=False))
        elif not reduces(source.schema):
            skipped.append(Skipped(file, "This system lacks the X11 sensor's code, which reduces a pointer.", broken=False))
        else:
            sources[source.name] = source
    missing = [name for name in wish.sources if name not in sources]
    if missing and not skipped:
        raise InputFault(f"sources: there is no {missing[0]} in {wish.folder}.")
    if not sources:
        raise InputFault(f"corpus: no file in {wish.folder} could be read. {skipped[0].file}: {skipped[0].reason}")
    return list(sources.values()), tuple(skipped)


def _turns(source: Source, numbers: Sequence[int]) -> Iterator[tuple[CorpusSession, ...]]:
    for begin in range(0, len(numbers), SESSIONS_A_TURN):
        yield tuple(source.session(number) for number in numbers[begin : begin + SESSIONS_A_TURN])


def _measured(policy: Policy, sessions: tuple[CorpusSession, ...]) -> tuple[Measured | None, ...]:
    return tuple(measure(session, policy) for session in sessions)


@contextmanager
def _measuring(policy: Policy, jobs: int) -> Iterator[_Measure]:
    """Measures turns of sessions in their order: here, or by `jobs` processes."""
    work = partial(_measured, policy)
    if jobs == 1:
        yield partial(map, work)
        return
    ways = multiprocessing.get_all_start_methods()
    if frozen.frozen() and "fork" not in ways:
        raise InputFault("jobs: the installed program evaluates in one process on this system. Please leave it out.")
    way = multiprocessing.get_context("fork" if "fork" in ways else None)
    pool = ProcessPoolExecutor(jobs, mp_context=way, initializer=_leave_interrupts)
    try:
        yield partial(_ahead, pool, work, 2 * jobs)
    except BrokenProcessPool as error:
        raise EnvironmentFault(
            "A process of the evaluation ended, most likely for want of memory. Please try again with fewer jobs."
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _ahead(
    pool: ProcessPoolExecutor,
    work: Callable[[tuple[CorpusSession, ...]], tuple[Measured | None, ...]],
    most: int,
    turns: Iterator[tuple[CorpusSession, ...]],
) -> Iterator[tuple[Measured | None, ...]]:
    """Results in order, with at most so many turns given out: a corpus is not copied whole."""
    waiting = []
    for turn in turns:
        waiting.append(pool.submit(work, turn))
        if len(waiting) >= most:
            yield waiting.pop(0).result()
    for one in waiting:
        yield one.result()


def _leave_interrupts() -> None:
    """Ctrl+C is the parent's: it ends the others when their turn is over."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _reported(source: Source, measured: Sequence[Measured], *, left_out: int, policy: Policy) -> SourceReport:
    names, persons = np.unique(np.array([one.person for one in measured]), return_inverse=True)
    reviews = np.array([one.review for one in measured], dtype=float)
    rate, interval = _rate(persons, reviews, np.ones(len(measured)))
    reviewed = int(np.count_nonzero(by_person(persons, reviews)))
    return SourceReport(
        kind=source.schema.value,
        people=len(names),
        sessions=len(measured),
        windows=sum(len(one.windows) for one in measured),
        left_out=left_out,
        unanswered=sum(all(answer.state is State.NOT_EVALUATED for answer in one.answers) for one in measured),
        reviews=int(reviews.sum()),
        review_rate=rate,
        review_rate_ci=interval,
        people_reviewed=reviewed,
        people_ci=clopper_pearson(reviewed, len(names)) if len(names) else None,
        detectors={
            detector.id: _detector(detector, number, measured, persons, policy)
            for number, detector in enumerate(detectors.ALL)
        },
        classes=within(measured),
    )


def _detector(
    detector: detectors.Detector, number: int, measured: Sequence[Measured], persons: _Counts, policy: Policy
) -> DetectorReport:
    bare = detector.finish(detector.start(policy))
    answers = [one.answers[number] for one in measured]
    answered = np.array([one.state is not State.NOT_EVALUATED for one in answers], dtype=float)
    raised = np.array([one.state is State.RAISED for one in answers], dtype=float)
    windows = [window.answers[number].state for one in measured for window in one.windows]
    rate, interval = _rate(persons, raised, answered)
    people_answered = int(np.count_nonzero(by_person(persons, answered)))
    people_raised = int(np.count_nonzero(by_person(persons, raised)))
    return DetectorReport(
        threshold=bare.threshold,
        calibration=bare.calibration,
        raised=int(raised.sum()),
        answered=int(answered.sum()),
        abstained=len(answers) - int(answered.sum()),
        raised_rate=rate,
        raised_ci=interval,
        people_raised=people_raised,
        people_answered=people_answered,
        people_ci=clopper_pearson(people_raised, people_answered) if people_answered else None,
        windows_raised=sum(state is State.RAISED for state in windows),
        windows_answered=sum(state is not State.NOT_EVALUATED for state in windows),
        reasons=dict(sorted(Counter(one.reason for one in answers if one.reason).items())),
    )


def _rate(persons: _Counts, hits: _Counts, of: _Counts) -> tuple[float | None, Interval | None]:
    """The rate and its interval, over 600 sessions or more."""
    if of.sum() < LEAST_SESSIONS:
        return None, None
    return float(hits.sum() / of.sum()), rate_interval(by_person(persons, hits), by_person(persons, of))
