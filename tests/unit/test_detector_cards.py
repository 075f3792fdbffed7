# SPDX-License-Identifier: Apache-2.0
"""The detectors' cards say what the code and docs/detectors/figures.json say, and each kind of difference is seen."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

import detectors
from detectors import abstain, injected
from detectors.injected import InjectedInput
from ui.strings import LANGUAGES

ROOT = Path(__file__).resolve().parents[2]
CARDS = ROOT / "docs" / "detectors"
Change = Callable[[pytest.MonkeyPatch, ModuleType], None]
PROSE = """# x: a question?

Version 1 · by hand,
in two lines.

## What it observes

STATS.

## Threshold

**9.**

## More

End.
"""
WITH_BLOCKS = """# x: a question?

<!-- facts -->
FACTS
<!-- /facts -->

## What it observes

STATS.

## Threshold

**9.**

<!-- numbers -->
NUMBERS
<!-- /numbers -->

## More

End.

## Calibration population

<!-- measured -->
MEASURED
<!-- /measured -->
"""


@pytest.fixture
def cards(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setattr(sys, "path", sys.path.copy())
    spec = importlib.util.spec_from_file_location("bench_cards", ROOT / "bench" / "cards.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_cards_and_tables_are_what_code_and_figures_say(cards: ModuleType) -> None:
    """After a change: `python bench/cards.py --write`."""
    assert cards.stale() == []


def changed_version(monkeypatch: pytest.MonkeyPatch, _: ModuleType) -> None:
    monkeypatch.setattr(InjectedInput, "version", 9)


def changed_threshold(monkeypatch: pytest.MonkeyPatch, _: ModuleType) -> None:
    monkeypatch.setattr(injected, "LEAST_KEYS", 151)


def changed_words(monkeypatch: pytest.MonkeyPatch, cards: ModuleType) -> None:
    monkeypatch.setattr(cards, "ENGLISH", {**LANGUAGES["en"], abstain.REMAPPER: "Another sentence."})


def changed_causes(monkeypatch: pytest.MonkeyPatch, _: ModuleType) -> None:
    monkeypatch.setattr(injected, "ALTERNATIVES", injected.ALTERNATIVES[1:])


@pytest.mark.parametrize("change", [changed_version, changed_threshold, changed_words, changed_causes])
def test_a_card_that_lags_behind_is_named(cards: ModuleType, monkeypatch: pytest.MonkeyPatch, change: Change) -> None:
    change(monkeypatch, cards)
    assert "docs/detectors/injected-input.md" in cards.stale()


def test_figures_that_lag_behind_are_named(cards: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {name: cards.kept(name) for name in cards.MEASURED}
    kept["figures"]["sources"]["klicke_compose"]["detectors"]["injected-input"]["raised"] = 3
    kept["cadence"]["families"]["gauss"]["typing"]["either"] = 0.5
    monkeypatch.setattr(cards, "kept", kept.get)
    assert cards.stale() == [
        f"docs/{page}.md" for page in ("detectors/injected-input", "detectors/unpaused-typing", "evaluation")
    ]


@pytest.mark.parametrize(
    ("part", "card"), [("movers", "pointer-alone.md"), ("programs", "pointer-paths.md")], ids=["movers", "programs"]
)
def test_figures_of_pointers_that_lag_behind_are_named(
    cards: ModuleType, monkeypatch: pytest.MonkeyPatch, part: str, card: str
) -> None:
    kept = {name: cards.kept(name) for name in cards.MEASURED}
    next(iter(kept["pointers"][part].values()))["raised"] += 1
    monkeypatch.setattr(cards, "kept", kept.get)
    assert cards.stale() == [f"docs/detectors/{card}"]


def test_figures_of_programs_that_lag_behind_are_named(cards: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {name: cards.kept(name) for name in cards.MEASURED}
    kept["programs"]["HLISA"]["settings"]["as it comes"]["either"] += 1
    monkeypatch.setattr(cards, "kept", kept.get)
    assert cards.stale() == ["docs/detectors/unpaused-typing.md"]


def setting(either: int, **more: object) -> dict[str, object]:
    asked = {
        "sessions": 9,
        "keys a minute": 240,
        "pauses": 0.0123,
        "regular": 4,
        "unpaused": 5,
        "either": either,
        "clock": 1,
    }
    return asked | {"no answer": 0} | more


def test_programs_stand_with_their_versions_days_and_what_they_have_no_answer_for(cards: ModuleType) -> None:
    ran = {"version": "1.2", "held back": True, "measured": "2026-11-09", "machine": "Linux, 2 cores, Python 3.11.4"}
    at_once = setting(0, **{"keys a minute": None, "pauses": None, "no answer": 9})
    told = {
        "swift": ran | {"settings": {"as it comes": setting(9), "slow": setting(0, **{"no answer": 3})}},
        "calm": ran | {"measured": "2026-10-31", "settings": {"40 (as it comes)": setting(2)}},
        "bare, write": ran | {"held back": False, "settings": {"as it comes": at_once, "slow": setting(0)}},
    }
    held_back, remade = cards.tables.held_back(told), cards.tables.remade(told)
    assert "| swift 1.2 | as it comes | 240 | 1.23 % | 4 | 5 | 9 | 1 | 9 | 9 November 2026 |\n" in held_back
    assert "|  | slow | 240 | 1.23 % | 4 | 5 | 0 | 1 | 9, 3 not evaluated |  |\n" in held_back
    assert "| calm 1.2 | 40 (as it comes) | 240 | 1.23 % | 4 | 5 | 2 | 1 | 9 | 31 October 2026 |\n" in held_back
    assert (
        "As they come, raised in every session (1): swift.\n\nAs they come, raised in fewer (1): calm, 2 of 9.\n"
        in held_back
    )
    assert "At any setting, raised in no session: swift (slow).\n" in held_back
    assert held_back.endswith("\nMeasured on: Linux, 2 cores, Python 3.11.4.\n")
    none = " | ".join(["no answer"] * 4)
    assert f"| bare 1.2, `write` | as it comes | at once | none counted | {none} | 9 | 9 November 2026 |\n" in remade
    assert "As they come, raised in every session (0): none.\n\nAs they come, raised in fewer (0): none.\n" in remade
    assert (
        "At any setting, raised in no session: bare (slow).\n\nNot evaluated in any session: bare (as it comes).\n" in remade
    )


def test_figures_of_pointers_stand_in_the_tables_of_their_cards(cards: ModuleType) -> None:
    asked = {"sessions_raised": 1, "pieces": 9, "pieces_judged": 0, "pieces_raised": 0, "most_even": 0.0, "most_small": 0.0}
    ways = {"sessions": 3, "raised": 1, "clear": 0, "reasons": {abstain.FEW_PATHS: 2}, "long": 1234, "even": 56, "jumps": 7}
    office = {"people": 2, "sessions": 3, "hours": 4.5, "taken": asked, "ways": {"clock": ways | {"most": 0.25}}}
    told = {
        "people": {"office": office},
        "movers": {"walk": {"raised": 59, "of": 60, "least share": 0.5}},
        "programs": {"line": ways | {"raised": 0, "reasons": {abstain.FEW_PATHS: 3}, "most": 0.0}},
    }
    alone, paths = cards.tables.of_hands_alone(told), cards.tables.of_ways(told)
    assert "| office: 2 people, 4.5 hours; taken | 1 / 3 | 0 / 0 / 9 | none | none |\n" in alone
    assert "| walk | 59 / 60 | 0.5 |\n" in alone
    assert "| office, clock | 3 | 1 / 0 / 2 | 56 / 1,234 | 7 | 0.25 |\n" in paths
    assert "| line | 3 | 0 / 0 / 3 | 56 / 1,234 | 7 | none |\n" in paths


@pytest.mark.parametrize("detector", detectors.ALL, ids=lambda one: one.id)
def test_what_the_code_says_is_found_in_it(cards: ModuleType, detector: detectors.Detector) -> None:
    code = cards.Code(detector)
    named = {name: value for name, value, _, _ in code.constants()}
    threshold = detector.finish(detector.start(cards.evaluation_policy())).threshold
    assert threshold in named.values()
    assert all(source for _, _, _, source in code.constants())
    assert {abstain.ASSISTIVE, abstain.REMOTE} <= set(code.reasons)
    assert set(code.weights) <= {"A", "B", "C"}
    assert code.weights
    assert code.files[0] == detector.__module__.replace(".", "/") + ".py"
    assert code.module.ALTERNATIVES


def test_each_reason_of_a_detector_is_read_from_its_code(cards: ModuleType) -> None:
    by_id = {one.id: set(cards.Code(one).reasons) for one in detectors.ALL}
    assert by_id["injected-input"] == {
        *(abstain.TOO_LITTLE, abstain.WITHHELD, abstain.NOT_OBSERVED, abstain.ASSISTIVE),
        *(abstain.REMOTE, abstain.UNKNOWN_SOURCE, abstain.REMAPPER),
    }
    assert abstain.CLIPBOARD_OFF not in by_id["ai-tool"]
    assert {abstain.CLIPBOARD_OFF, abstain.FOCUS_OFF, abstain.TITLES_OFF} <= by_id["paste-chain"]
    assert abstain.NOT_OBSERVED not in by_id["paste-chain"]


def test_a_new_card_gets_its_blocks_at_the_ends_of_their_sections(cards: ModuleType) -> None:
    page = PROSE
    for name in ("facts", "numbers", "measured"):
        page = cards.with_block(page, name, f"{name.upper()}\n")
    assert page == WITH_BLOCKS
    assert cards.with_block(page, "numbers", "NUMBERS\n") == page
    assert cards.with_block(page, "numbers", "OTHER\n") == page.replace("NUMBERS", "OTHER")


@pytest.mark.parametrize(
    "page",
    [
        "<!-- facts -->\n",
        "<!-- /facts -->\n<!-- facts -->\n",
        "<!-- facts -->\n<!-- facts -->\n<!-- /facts -->\n",
        "<!-- facts -->\n<!-- /facts -->\n<!-- /facts -->\n",
    ],
)
def test_markers_that_are_no_pair_are_refused(cards: ModuleType, page: str) -> None:
    with pytest.raises(ValueError, match=r"^facts: "):
        cards.with_block(page, "facts", "FACTS\n")


def one(**more: object) -> dict[str, object]:
    """A detector's figures on one source."""
    asked = {
        "threshold": 0.9,
        "calibration": "unmeasured-1",
        "raised": 7,
        "answered": 700,
        "abstained": 3,
        "raised_rate": 0.01,
    }
    asked |= {"raised_ci": [0.004, 0.021], "people_raised": 5, "people_answered": 70, "people_ci": [0.024, 0.159]}
    return asked | {"windows_raised": 9, "windows_answered": 4000, "reasons": {abstain.TOO_LITTLE: 3}} | more


def figures(**more: object) -> dict[str, object]:
    return {"sources": {"office": {"people": 71, "sessions": 703, "detectors": {"injected-input": one(**more)}}}}


def measured(cards: ModuleType, told: dict[str, object]) -> str:
    text = cards.blocks(InjectedInput(), told)["measured"]
    assert isinstance(text, str)
    return text


def test_a_rate_stands_with_its_interval_over_people(cards: ModuleType) -> None:
    row = measured(cards, figures()).splitlines()[-1]
    assert row == (
        "| office | 71 | 703 | 7 / 700 | 1 % [0.4 % to 2.1 %] | 5 of 70 [2.4 % to 16 %] | 9 / 4,000 "
        "| 3: There was too little typing to say anything |"
    )


def test_few_sessions_have_no_rate_and_no_question_no_interval_of_draws(cards: ModuleType) -> None:
    assert "| 2 / 599 | no rate | 5 of 70" in measured(
        cards, figures(raised=2, answered=599, raised_rate=None, raised_ci=None)
    )
    assert "| 0 / 700 | 0 % | 0 of 70 [0 % to 5.1 %] |" in measured(
        cards, figures(raised=0, raised_rate=0.0, raised_ci=[0.0, 0.0], people_raised=0, people_ci=[0.0, 0.0513])
    )


def test_figures_of_other_rules_say_so(cards: ModuleType) -> None:
    assert "These figures are of threshold 0.8 and calibration `old`" in measured(
        cards, figures(threshold=0.8, calibration="old")
    )


def test_what_was_not_measured_or_not_answered_is_said_so(cards: ModuleType) -> None:
    assert measured(cards, {"sources": {}}).endswith(": not yet.\n")
    text = measured(cards, figures(answered=0, raised=0, reasons={abstain.REMOTE: 3, abstain.TOO_LITTLE: 700}))
    assert "it answered in none of 703 sessions" in text
    assert text.endswith(
        "- 700: There was too little typing to say anything.\n- 3: You said that you work through a remote desktop.\n"
    )


@pytest.mark.slow
def test_the_command_names_nothing_where_all_is_in_order() -> None:
    done = subprocess.run(
        [sys.executable, "bench/cards.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_pages_of_two_detectors_are_not_mixed_up(cards: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cards, "detectors", SimpleNamespace(ALL=(InjectedInput(),)))
    monkeypatch.setattr(cards, "TABLES", ())
    assert [path.name for path in cards.pages()] == ["injected-input.md", "evaluation.md"]


@pytest.mark.parametrize(
    ("arguments", "measured"),
    [
        (("--measure", "corpora"), {"figures": "corpora", "cadence": "corpora", "linear": "corpora", "pointers": "corpora"}),
        (("--site", "site"), {"programs": "site"}),
        (("--measure", "corpora", "--only", "linear", "--site", "site"), {"linear": "corpora"}),
        (
            ("--only", "programs", "--only", "linear", "--measure", "corpora", "--site", "site"),
            {"linear": "corpora", "programs": "site"},
        ),
        (("--write",), {}),
        (("--only", "programs", "--measure", "corpora"), None),
        (("--only", "cadence", "--site", "site"), None),
        (("--only", "cadence"), None),
        (("--measure", "elsewhere"), None),
        (("--site", "elsewhere", "--measure", "corpora"), None),
    ],
)
def test_only_what_can_be_measured_where_one_points_is_measured(
    cards: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    arguments: tuple[str, ...],
    measured: dict[str, str] | None,
) -> None:
    ran: dict[str, str] = {}
    for folder in ("corpora", "site"):
        (tmp_path / folder).mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(cards, "measure", lambda name, folder: ran.update({name: str(folder)}))
    monkeypatch.setattr(cards, "pages", dict)
    monkeypatch.setattr(sys, "argv", ["cards.py", *arguments])
    with pytest.raises(SystemExit) as ended:
        cards.main()
    assert (ended.value.code, ran) == ((0, measured) if measured is not None else (2, {}))


SAYS = 'import sys; print(\'{"sources": {"é": "\' + sys.argv[1][-6:] + \'"}}\')'.replace("{", "{{").replace("}", "}}")


def test_what_is_measured_is_kept(cards: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(cards, "CARDS", tmp_path)
    monkeypatch.setattr(
        cards, "MEASURED", {"one": ("-X", "utf8", "-c", SAYS, "{}/typing"), "other": ("-c", "raise OSError")}
    )
    monkeypatch.setattr(cards, "pages", dict)
    monkeypatch.setattr(sys, "argv", ["cards.py", "--measure", str(tmp_path), "--only", "one"])
    with pytest.raises(SystemExit) as ended:
        cards.main()
    assert not ended.value.code
    assert (tmp_path / "one.json").read_text(encoding="utf-8") == '{\n "sources": {\n  "é": "typing"\n }\n}\n'
    with pytest.raises(subprocess.CalledProcessError):
        cards.measure("other", tmp_path)
    assert not (tmp_path / "other.json").exists()


def test_what_cannot_be_measured_is_named_and_the_rest_is_measured(
    cards: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cards, "CARDS", tmp_path)
    said = {"broken": "raise OSError", "few": "print('{{}}')", "good": "print('{{}}')"}
    monkeypatch.setattr(cards, "MEASURED", {name: ("-c", text) for name, text in said.items()})
    monkeypatch.setattr(cards, "TABLES", (("page", "block", "few", lambda told: told["a corpus"]),))
    monkeypatch.setattr(cards, "pages", dict)
    monkeypatch.setattr(sys, "argv", ["cards.py", "--measure", str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        cards.main()
    assert ended.value.code == 1
    assert capsys.readouterr().err.splitlines() == [
        "broken: its figures stay as they were, for it ended with 1",
        f"few: its figures stay as they were, for its tables need what {tmp_path} does not give, 'a corpus'",
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["good.json"]
    (tmp_path / "good.json").write_text('{"sources": {"b": 1, "a": 1}, "c": 2}')
    cards.measure("good", tmp_path)
    assert capsys.readouterr().err == f"good: no longer holds a, b, c, sources, which {tmp_path} does not give\n"


def test_each_table_says_what_was_kept_and_nothing_else(cards: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {name: cards.kept(name) for name in cards.MEASURED}
    for page, block, whose, make in cards.TABLES:
        text = make(kept[whose])
        assert text in (CARDS / f"{page}.md").read_text(encoding="utf-8")
        for changed in _changed(kept[whose]):
            if make(changed) != text:
                break
        else:
            pytest.fail(f"{block} does not depend on {whose}.json")


def as_it_comes(programs: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for word, one in programs[name]["settings"].items() if "as it comes" in word)
    return found


def test_prose_of_the_card_holds_of_what_was_measured(cards: ModuleType) -> None:
    """Where it does not any more, the sentence is to be written anew."""
    programs, cadence = cards.kept("programs"), cards.kept("cadence")
    by_hand = " ".join((CARDS / "unpaused-typing.md").read_text(encoding="utf-8").split())
    held_back = {name: as_it_comes(programs, name) for name, one in programs.items() if one["held back"]}
    missed = {name: one for name, one in held_back.items() if one["either"] < one["sessions"]}
    careful = [programs[name]["settings"]["careful"] for name in ("cloakbrowser-human", "sleight")]
    autotyper, at_45 = programs["humanized-autotyper"]["settings"], programs["humantyping"]["settings"]["45 words a minute"]
    at_once = [as_it_comes(programs, name) for name in ("pyautogui, write", "pynput, type")]
    even, least, stops, halts = cadence["lowest"]
    claims = {
        f"anybody of {cadence['shipped']['people']:,} people who composed had": True,
        f"were {least[0]:.4f} (pauses), {stops[0]:.4f} (stops), {halts[0]:.4f} and {halts[1]:.4f} (halts,": True,
        f"of whom the lowest had {least[0] * 100:.2f} % of intervals over a second": all(
            one["pauses"] >= least[0] for one in missed.values()
        ),
        "human-input draws each": set(missed) == {"human-input", "HLISA", "keyboardhumanizer"},
        "what cloakbrowser-human and sleight call careful": not any(one["either"] for one in careful),
        "the third pace of humanized-autotyper, human-input, HLISA, careful presets": not any(
            one["either"] for one in (autotyper["unskilled"], missed["human-input"], missed["HLISA"], *careful)
        ),
        "its efficient pace is even enough for regular-typing, which the re-made one was not": (
            autotyper["efficient"]["regular"] == autotyper["efficient"]["sessions"]
            and cadence["attacks"]["humanized-autotyper, efficient"]["regular-typing"] == 0
        ),
        "of humanized-autotyper most sessions that are ten minutes by the clock": (
            cadence["families"]["humanized-autotyper"]["clock"]["either"] < 0.5
        ),
        "at 45 half of its sessions": 0.4 <= at_45["unpaused"] / at_45["sessions"] <= 0.6,
        "human-typer at 70 keys a minute, an example in its source, is never raised": (
            programs["human-typer"]["settings"]["70 keys a minute"]["either"] == 0
        ),
        "without an interval send the whole text at once: bursts that neither question judges": all(
            one["keys a minute"] is None and one["no answer"] == one["sessions"] for one in at_once
        ),
    }
    assert [words for words, holds in claims.items() if words not in by_hand or not holds] == []
    regular = " ".join((CARDS / "regular-typing.md").read_text(encoding="utf-8").split())
    assert f"{1 - even[0]:.3f}, then {', '.join(f'{1 - share:.3f}' for share in even[1:])} (`lowest`" in regular


def _changed(told: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What was kept, with one number of it another."""
    for name, value in told.items():
        if isinstance(value, dict):
            yield from ({**told, name: inner} for inner in _changed(value))
        elif isinstance(value, int | float):
            yield {**told, name: value + 1}
