# SPDX-License-Identifier: Apache-2.0
"""`fairwitness evaluate` counts what the detectors said of people whose work is known."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
import pytest
from evaluate_corpora import Row, assisted, keys, offsets_of, pointing, spread, typing, write

import detectors
from fairwitness.cli import run
from fairwitness.evaluation import classes, measuring, recorded, running
from fairwitness.evaluation.measuring import Answer, Measured, WindowAnswers
from fairwitness.evaluation.report import Report, lines
from fairwitness.evaluation.running import Wish, evaluate
from session import EnvironmentFault, InputFault
from session.events import Disclosure, Event, Kind, Stats
from session.findings import Finding, State, Weight
from session.policy import Policy, default_policy_toml, parse_policy
from ui.strings import LANGUAGES


class Pace:
    """Asks about typing at `least` keys a minute or more; answers from ten keys on. Known exactly, unlike a real one."""

    version = 1

    def __init__(self, name: str, least: float, weight: Weight = Weight.A) -> None:
        self.id = self.family = name
        self.least = least
        self.weight = weight

    def start(self, policy: Policy, *_beside: object) -> tuple[int, int]:  # noqa: ARG002 - the Protocol's
        return 0, 0

    def step(self, state: tuple[int, int], events: Sequence[Event]) -> tuple[int, int]:
        ticks = [e.body for e in events if e.kind == Kind.STATS and isinstance(e.body, Stats)]
        return state[0] + sum(sum(t.keys) for t in ticks), state[1] + sum(t.span_ms for t in ticks)

    def finish(self, state: tuple[int, int]) -> Finding:
        told, span_ms = state
        pace = told / span_ms * 60_000 if span_ms else 0.0
        answer = State.NOT_EVALUATED if told < 10 else State.RAISED if pace >= self.least else State.CLEAR
        reason = "abstain.too-little" if answer is State.NOT_EVALUATED else ""
        shown = (0.0 if reason else pace, self.least, "test-1", (), "", ())
        return Finding(self.id, 1, answer, self.weight, *shown, self.family, reason)


@pytest.fixture
def pace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Detectors whose answers on made-up people are known: from 200 keys a minute on, class A; from 100, class B."""
    monkeypatch.setattr(detectors, "ALL", (Pace("fast", 200.0), Pace("brisk", 100.0, Weight.B)))


def silent(_: str) -> None:
    pass


def evaluated(folder: Path, **wish: object) -> Report:
    return evaluate(Wish(folder, **wish), silent)  # type: ignore[arg-type] # what the test wishes


SLOW, BRISK, FAST = 1000, 400, 150
"""Mean intervals in ms: 60, 150 and 400 keys a minute."""


def population(people: int, sessions_each: int, *, fast: int, brisk: int = 0, still: int = 0) -> list[tuple[str, list[Row]]]:
    """The first `fast` people type fast in all their sessions, the next `brisk` briskly; `still` more type three keys."""
    made = []
    for person in range(people + still):
        mean_ms = FAST if person < fast else BRISK if person < fast + brisk else SLOW
        count = 30 if person < people else 3
        made += [(f"p{person:04}", keys(person * 97 + each, count, mean_ms=mean_ms)) for each in range(sessions_each)]
    return made


def test_rates_are_those_of_the_people_that_were_made(tmp_path: Path, pace: None) -> None:
    write(tmp_path / "lab_compose.npz", typing(population(300, 2, fast=15, brisk=45, still=20)))
    source = evaluated(tmp_path).sources["lab_compose"]
    assert (source.people, source.sessions, source.windows, source.left_out) == (320, 640, 640, 0)
    fast, brisk = source.detectors["fast"], source.detectors["brisk"]
    assert (fast.raised, fast.answered, fast.abstained, fast.raised_rate) == (30, 600, 40, 0.05)
    assert (brisk.raised, brisk.raised_rate) == (120, 0.2)
    assert source.unanswered == 40
    assert (fast.people_raised, fast.people_answered) == (15, 300)
    assert fast.reasons == {"abstain.too-little": 40}
    # 15 of 300 people, whose two sessions are alike: 1.96 * sqrt(0.05 * 0.95 / 300) is 0.0247
    assert fast.raised_ci == pytest.approx((0.05 - 0.0247, 0.05 + 0.0247), abs=0.004)
    assert fast.people_ci == pytest.approx((0.0283, 0.0811), abs=5e-4)
    # class A alone opens a review; class B of one family does not
    assert (source.reviews, source.review_rate, source.people_reviewed) == (30, 30 / 640, 15)
    assert source.review_rate_ci is not None
    assert source.review_rate_ci[0] < 30 / 640 < source.review_rate_ci[1]


def test_fewer_than_600_sessions_give_counts_and_no_rate(tmp_path: Path, pace: None) -> None:
    write(tmp_path / "a_compose.npz", typing(population(599, 1, fast=50)))
    write(tmp_path / "b_compose.npz", typing(population(599, 1, fast=50, still=1)))
    few, answered = (evaluated(tmp_path).sources[name] for name in ("a_compose", "b_compose"))
    assert (few.reviews, few.review_rate, few.review_rate_ci) == (50, None, None)
    assert (answered.review_rate, answered.detectors["fast"].raised_rate) == (50 / 600, None)
    for source in (few, answered):
        one = source.detectors["fast"]
        assert (one.raised, one.raised_rate, one.raised_ci) == (50, None, None)
        assert one.people_ci is not None


def test_the_json_has_the_fields_that_are_promised(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "typing" / "lab_compose.npz", typing(spread(3, 2, 40)))
    assert run(["evaluate", "--corpus", str(tmp_path), "--json"]) == 0
    printed = capsys.readouterr()
    source = json.loads(printed.out)["sources"]["lab_compose"]
    assert {"people": 3, "sessions": 6, "review_rate": None, "review_rate_ci": None}.items() <= source.items()
    assert set(source["detectors"]) == {detector.id for detector in detectors.ALL}
    for one in source["detectors"].values():
        assert {"raised_rate", "raised_ci", "abstained"} <= set(one)
    assert "lab_compose: 6 of 6 sessions" in printed.err


def test_the_detectors_of_this_version_say_of_plain_typing_what_they_can(tmp_path: Path) -> None:
    """200 keys of a keyboard: no software wrote, and what was in front or copied is not known."""
    write(tmp_path / "lab_compose.npz", typing([("ada", keys(1, 200))]))
    found = evaluated(tmp_path).sources["lab_compose"].detectors
    assert (found["injected-input"].answered, found["injected-input"].raised) == (1, 0)
    assert found["ai-tool"].reasons == {"abstain.window-not-observed": 1}
    assert found["paste-chain"].abstained == 1


def test_two_minutes_are_asked_about_alone(tmp_path: Path, pace: None) -> None:
    """Fast in the first two minutes, slow in the next six: the session is clear, and one of its four windows is not."""
    rows = [(at, 80, 0) for at in range(0, 119_000, 200)] + [(at, 80, 0) for at in range(120_500, 479_000, 2000)]
    write(tmp_path / "lab_compose.npz", typing([("ada", rows)]))
    source = evaluated(tmp_path).sources["lab_compose"]
    assert (source.detectors["fast"].raised, source.windows) == (0, 4)
    assert (source.detectors["fast"].windows_raised, source.detectors["fast"].windows_answered) == (1, 4)


def test_what_cannot_be_recorded_is_counted(tmp_path: Path, pace: None) -> None:
    write(tmp_path / "lab_compose.npz", typing([("ada", []), ("ada", keys(1, 20)), ("ben", [(2**31 - 1, 80, 0)])]))
    source = evaluated(tmp_path).sources["lab_compose"]
    assert (source.sessions, source.people, source.left_out) == (1, 1, 2)
    write(tmp_path / "lab_compose.npz", typing([("ada", [])]))
    empty = evaluated(tmp_path).sources["lab_compose"]
    assert (empty.sessions, empty.people, empty.people_ci, empty.review_rate) == (0, 0, None, None)
    assert empty.detectors["fast"].answered == 0


def test_a_corpus_of_no_sessions_is_none_of_anything(tmp_path: Path) -> None:
    write(tmp_path / "lab_compose.npz", typing([]))
    source = evaluated(tmp_path).sources["lab_compose"]
    assert (source.people, source.sessions, source.windows, source.left_out) == (0, 0, 0, 0)


# Two kinds of work


def suggested(sessions: int, *, people: int = 20, apart: float) -> list[Measured]:
    """Sessions of two windows, of which one has an accepted suggestion and a statistic that is greater by `apart`."""

    def answers(statistic: float) -> tuple[Answer, ...]:
        return tuple(Answer(State.CLEAR, statistic, "") for _ in detectors.ALL)

    return [
        Measured(
            person=f"p{number % people}",
            answers=answers(0.0),
            review=False,
            windows=(
                WindowAnswers(answers(number + apart), accepted=True),
                WindowAnswers(answers(float(number)), accepted=False),
            ),
        )
        for number in range(sessions)
    ]


def test_a_source_of_suggestions_has_a_figure_of_its_own(tmp_path: Path, pace: None) -> None:
    """Six minutes each, slower where a suggestion was accepted."""
    rows = [(150_000, 5, 0)]
    for window, gap_ms in enumerate((1000, 3000, 1000)):
        rows += [(at, 0, 1) for at in range(window * 120_000, window * 120_000 + 119_000, gap_ms)]
    write(tmp_path / "lab_assisted.npz", assisted([(f"p{person:03}", sorted(rows)) for person in range(20)]))
    figure = evaluated(tmp_path).sources["lab_assisted"].classes[0]
    assert (figure.detector, figure.refused, figure.windows, figure.people) == ("fast", "", (20, 40), 20)
    assert (figure.auc, figure.auc_ci) == (0.0, (0.0, 0.0)), "slower is the other way round"
    assert (figure.at_1_percent, figure.at_01_percent) == (None, None), "20 sessions are too few for a rate"


def test_within_one_source_shares_stand_from_600_sessions_on(pace: None) -> None:
    few, some, many = (classes.within(suggested(number, apart=0.0))[0] for number in (599, 600, 1000))
    assert few.auc == some.auc == many.auc == 0.5
    assert (few.at_1_percent, few.at_01_percent, few.at_1_percent_ci) == (None, None, None)
    assert (some.at_1_percent, some.at_01_percent) == (pytest.approx(0.01), None), "600 others cannot show 0.1 %"
    assert (many.at_1_percent, many.at_01_percent) == (pytest.approx(0.01), pytest.approx(0.001))
    assert many.auc_ci is not None
    assert many.auc_ci[0] <= 0.5 <= many.auc_ci[1]
    all_found = classes.within(suggested(1000, apart=1000.0))[0]
    assert (all_found.auc, all_found.at_1_percent, all_found.at_01_percent) == (1.0, 1.0, 1.0)


def test_a_source_without_suggestions_has_no_kinds(tmp_path: Path, pace: None) -> None:
    write(tmp_path / "lab_compose.npz", typing(spread(2, 1, 30)))
    report = evaluated(tmp_path)
    assert report.sources["lab_compose"].classes == ()
    assert report.classes == ()


def labs(tmp_path: Path, **means_ms: int) -> None:
    """Sources of 30 people each with this mean interval."""
    for name, mean_ms in means_ms.items():
        sessions = [(f"p{person}", keys(hash_of(name) + person, 40, mean_ms=mean_ms)) for person in range(30)]
        write(tmp_path / f"{name}.npz", typing(sessions))


def hash_of(name: str) -> int:
    return sum(map(ord, name)) * 1000


def figures(report: Report, detector: str = "fast") -> dict[tuple[str, str], classes.ClassFigure]:
    return {(one.looked_for, one.others): one for one in report.classes if one.detector == detector}


def test_across_sources_a_figure_stands_only_where_the_probe_passes(tmp_path: Path, pace: None) -> None:
    labs(tmp_path, one_compose=400, two_compose=400, one_transcribe=250, two_transcribe=250)
    found = figures(evaluated(tmp_path))
    assert len(found) == 4
    for figure in found.values():
        assert figure.refused == ""
        assert figure.probe_auc is not None
        assert figure.probe_auc <= 0.7
        assert figure.auc is not None
        assert figure.auc > 0.99
        assert figure.at_1_percent is None


def test_where_the_sources_themselves_can_be_told_apart_the_figure_is_refused(tmp_path: Path, pace: None) -> None:
    labs(tmp_path, one_compose=400, two_compose=800, one_transcribe=250)
    found = figures(evaluated(tmp_path))
    assert len(found) == 2
    for figure in found.values():
        assert figure.refused.startswith("the sources can be told apart as such")
        assert figure.probed == ("one_compose", "two_compose")
        assert figure.probe_auc is not None
        assert figure.probe_auc > 0.95
        assert figure.auc is figure.auc_ci is None


def test_the_probe_counts_whichever_source_has_the_greater_numbers(tmp_path: Path, pace: None) -> None:
    labs(tmp_path, one_compose=800, two_compose=400, one_transcribe=250)
    assert all(figure.refused.startswith("the sources can") for figure in figures(evaluated(tmp_path)).values())


def test_the_same_person_names_of_two_sources_are_different_people(tmp_path: Path, pace: None) -> None:
    labs(tmp_path, one_compose=400, two_compose=400, one_transcribe=250, two_transcribe=250)
    assert {figure.people for figure in figures(evaluated(tmp_path)).values()} == {60}


def test_without_a_probe_there_is_no_figure(tmp_path: Path, pace: None) -> None:
    labs(tmp_path, one_compose=400, one_transcribe=250)
    figure = figures(evaluated(tmp_path))["one_transcribe", "one_compose"]
    assert figure.refused == classes.NO_PROBE


def test_too_few_windows_or_people_are_not_compared(tmp_path: Path, pace: None) -> None:
    labs(tmp_path, one_compose=400, two_compose=400)
    write(tmp_path / "few_transcribe.npz", typing(spread(19, 1, 40)))
    write(tmp_path / "four_transcribe.npz", typing(spread(4, 10, 40)))
    assert {figure.refused for figure in figures(evaluated(tmp_path)).values()} == {classes.TOO_FEW}


def test_words_for_people_say_what_the_figures_say(tmp_path: Path, pace: None) -> None:
    labs(tmp_path, one_compose=400, two_compose=800, one_transcribe=250, two_transcribe=251)
    write(tmp_path / "many_compose.npz", typing([*population(600, 1, fast=6, still=1), ("nobody", [])]))
    write(tmp_path / "weights.npz", {"x": np.zeros(2)})
    report = evaluated(tmp_path)
    report = msgspec.structs.replace(report, classes=(*report.classes, *classes.within(suggested(1000, apart=0.0))))
    told = "\n".join(lines(report, LANGUAGES["en"]))
    for words in (
        "many_compose: 601 people, 601 sessions, 601 stretches of two minutes",
        "    1 sessions were left out",
        "    on 1 of the sessions no detector had an answer",
        "a review would be opened for 6 of 601 sessions: 0.998 % [",
        "fast: raised in 6 of 600 sessions that it answered: 1 % [",
        "not evaluated in 1",
        "        1: There was too little typing to say anything.",
        "        6 of 600 people [0.368 % to 2.16 %]",
        "raised in 30 of 30 sessions that it answered (fewer than 600: no rate)",
        "fast: no figure, the sources can be told apart as such",
        "        one_transcribe against one_compose",
        "fast, a suggestion accepted (1,000) against none accepted (1,000 stretches): AUC 0.500 [0.",
        "where 0.1 % of the others are asked about, 0.1 % [",
        "weights.npz: Its fields are of no corpus.",
    ):
        assert words in told, words
    assert "p0001" not in told, "no pseudonym is shown"


# The command


def test_a_broken_file_is_named_and_the_others_are_evaluated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], pace: None
) -> None:
    write(tmp_path / "a_compose.npz", typing(spread(2, 1, 20)))
    broken = typing(spread(2, 1, 20))
    write(tmp_path / "b_compose.npz", broken | {"offsets": broken["offsets"] + 1})
    write(tmp_path / "typing" / "a_compose.npz", typing(spread(2, 1, 20)))
    assert run(["evaluate", "--corpus", str(tmp_path), "--json"]) == 2
    printed = capsys.readouterr()
    report = json.loads(printed.out)
    assert list(report["sources"]) == ["a_compose"]
    assert [one["file"] for one in report["skipped"]] == ["b_compose.npz", "typing/a_compose.npz"]
    assert "b_compose.npz cannot be taken: offsets: They must rise" in printed.err


def test_a_file_of_something_else_is_no_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str], pace: None) -> None:
    write(tmp_path / "a_compose.npz", typing(spread(2, 1, 20)))
    write(tmp_path / "weights.npz", {"x": np.zeros(3)})
    assert run(["evaluate", "--corpus", str(tmp_path)]) == 0
    assert "not read: weights.npz" in capsys.readouterr().err


def test_a_system_without_the_pointers_code_passes_pointers_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pace: None
) -> None:
    write(tmp_path / "a_compose.npz", typing(spread(2, 1, 20)))
    write(tmp_path / "office.npz", pointing([("ada", [(0, 1, 1, 0), (90, 5, 5, 0)])]))
    assert list(evaluated(tmp_path).sources) == ["a_compose", "office"]
    monkeypatch.setattr(recorded, "find_spec", lambda _: None)
    report = evaluated(tmp_path)
    assert list(report.sources) == ["a_compose"]
    assert [(one.file, one.broken) for one in report.skipped] == [("office.npz", False)]


def test_sources_and_people_are_chosen(tmp_path: Path, pace: None) -> None:
    for name in ("a_compose", "b_compose"):
        write(tmp_path / f"{name}.npz", typing(spread(5, 2, 20)))
    report = evaluated(tmp_path, sources=("b_compose",), people=2)
    assert list(report.sources) == ["b_compose"]
    assert (report.sources["b_compose"].people, report.sources["b_compose"].sessions) == (2, 4)


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    write(tmp_path / "weights.npz", {"x": np.zeros(3)})
    with pytest.raises(InputFault, match=r"no file in .* could be read. weights.npz: Its fields"):
        evaluated(tmp_path)
    with pytest.raises(InputFault, match="sources: there is no other"):
        evaluated(tmp_path, sources=("other",))


@pytest.mark.parametrize(
    "wrong", [["--people", "0"], ["--jobs", "65"], ["--jobs", "0"], ["--sources", ","], ["--people", "many"]]
)
def test_arguments_out_of_range_are_usage(wrong: list[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as left:
        run(["evaluate", "--corpus", str(tmp_path), *wrong])
    assert left.value.code == 2


def test_several_processes_say_the_same(tmp_path: Path) -> None:
    write(tmp_path / "a_compose.npz", typing(spread(40, 4, 30)))
    write(tmp_path / "b_transcribe.npz", typing(spread(30, 2, 30)))
    assert msgspec.json.encode(evaluated(tmp_path, jobs=2)) == msgspec.json.encode(evaluated(tmp_path))


def _die(*_: object) -> None:
    os._exit(9)


def test_a_process_that_dies_is_said_and_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a_compose.npz", typing(spread(2, 1, 20)))
    monkeypatch.setattr(running, "measure", _die)
    with pytest.raises(EnvironmentFault, match="fewer jobs"):
        evaluated(tmp_path, jobs=2)


def test_an_installed_program_that_cannot_copy_itself_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a_compose.npz", typing(spread(2, 1, 20)))
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(running.multiprocessing, "get_all_start_methods", lambda: ["spawn"])
    with pytest.raises(InputFault, match="jobs: the installed program"):
        evaluated(tmp_path, jobs=2)


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [1, 2])
def test_an_interrupt_ends_it_at_once_and_without_a_trace(tmp_path: Path, jobs: int) -> None:
    fields = typing([("ada", keys(1, 200))])
    many = 4000
    fields |= {name: np.tile(fields[name], many) for name in ("person", "session", "press_ms", "dwell_ms", "key_class")}
    fields |= {"offsets": offsets_of([range(200)] * many), "paste_offsets": np.zeros(many + 1, dtype=np.int64)}
    write(tmp_path / "a_compose.npz", fields)
    command = [sys.executable, "-m", "fairwitness", "evaluate", "--corpus", str(tmp_path), "--jobs", str(jobs)]
    before = signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # what runs in the background hands on that it is ignored
    try:
        started = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        )
    finally:
        signal.signal(signal.SIGINT, before)
    assert started.stderr is not None
    assert started.stderr.readline().startswith("a_compose: ")
    os.killpg(started.pid, signal.SIGINT)
    out, err = started.communicate(timeout=120)
    assert (started.returncode, out) == (2, "")
    assert "Traceback" not in err


def test_numpy_is_not_imported_before_the_command_runs() -> None:
    program = "import sys; from fairwitness.cli import _parser; _parser(); print('numpy' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"


def test_the_policy_is_the_shipped_one_with_the_clipboard_on() -> None:
    shipped = default_policy_toml()
    policy = measuring.evaluation_policy()
    assert policy == parse_policy(shipped.replace(b'clipboard = "off"', b'clipboard = "sent"'))
    assert policy.disclosure.clipboard is Disclosure.SENT, "the record asks by identity"
