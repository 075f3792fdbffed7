# SPDX-License-Identifier: Apache-2.0
"""bench/programs.py: a program that types is run as it was published, and what is noted of it is when and what class.

The packages here are made for these tests, with the names and verbs of published ones.
"""

from __future__ import annotations

import importlib.util
import json
import platform
import subprocess
import sys
from datetime import date
from pathlib import Path
from textwrap import dedent
from types import ModuleType

import pytest

from session.events import KeyClass

ROOT = Path(__file__).resolve().parents[2]
BENCH = ROOT / "bench" / "programs.py"
QUARTER_S = """
    import time

    def human_typing(element, text):
        for char in text:
            before = time.monotonic()
            element.send_keys(char)
            time.sleep(0.25)
            assert time.monotonic() == before + 0.25
"""
BY_PYNPUT = """
    import time
    from pynput.keyboard import Controller, Key

    class Humanizer:
        def type_text(self, text):
            hand = Controller()
            for char in text[:300]:
                hand.type(char)
                time.sleep(0.2)
            hand.tap(Key.backspace)
            hand.tap(Key.shift)

    def create_humanizer(profile):
        assert profile == "casual"
        return Humanizer()
"""
AWAITED = """
    import asyncio, random

    async def human_type(page, selector, text):
        await page.click(selector)
        for char in text[:5]:
            await page.keyboard.type(char, delay=100)
            await asyncio.sleep(random.choice([1, 2, 3]))
"""


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setattr(sys, "path", sys.path.copy())
    spec = importlib.util.spec_from_file_location("bench_programs", BENCH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def published(site: Path, module: str, text: str) -> Path:
    """A folder in which that module lies."""
    path = site.joinpath(*module.split(".")).with_suffix(".py")
    path.parent.mkdir()
    (path.parent / "__init__.py").touch()
    path.write_text(dedent(text), encoding="utf-8")
    return site


@pytest.mark.parametrize(
    ("name", "key_class"),
    [
        *(("a", KeyClass.TEXT), ("A", KeyClass.TEXT), (".", KeyClass.TEXT), ("+", KeyClass.TEXT)),
        *((" ", KeyClass.SPACE), ("space", KeyClass.SPACE), ("Backspace", KeyClass.DELETE), ("\ue003", KeyClass.DELETE)),
        *(("Enter", KeyClass.ENTER), ("\n", KeyClass.ENTER), ("left", KeyClass.NAVIGATION), ("Shift", KeyClass.MODIFIER)),
        *(("\ue008", KeyClass.MODIFIER), ("f10", KeyClass.OTHER), ("", KeyClass.OTHER)),
    ],
)
def test_a_key_is_noted_by_its_class(programs: ModuleType, name: str, key_class: KeyClass) -> None:
    stage = programs.Stage(ticks=1, longest_s=9)
    stage.press(name)
    assert stage.key_class == [key_class]


def test_the_clock_is_only_told_and_a_session_ends(programs: ModuleType) -> None:
    stage = programs.Stage(ticks=2, longest_s=60)
    stage.write("ab", delay=1.5)
    stage.sleep(-3)
    stage.send("shift++")
    assert stage.press_ms == [0, 1500, 3000]
    stage.sleep(4)
    stage.press("backspace")  # no text: not a tick with typing in it
    stage.sleep(4)
    stage.press("c")
    stage.sleep(5)
    with pytest.raises(programs.Enough):
        stage.press("d")
    stage.begin()
    assert (stage.press_ms, stage.key_class) == ([], [])
    with pytest.raises(programs.Enough):
        stage.sleep(60.5)


def test_an_essay_is_ordinary_and_the_same_again(programs: ModuleType) -> None:
    said = programs.essay(7, 3000)
    assert said == programs.essay(7, 3000) != programs.essay(8, 3000)
    assert 3000 <= len(said) <= 3200
    sentences = said.removesuffix(".").split(". ")
    assert all(one[0].isupper() and 6 <= len(one.split()) <= 24 for one in sentences)


def test_what_is_not_there_is_left_out(programs: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    published(tmp_path, "humani_py.typing", QUARTER_S)
    found = {name for name, program in programs.PROGRAMS.items() if programs.there(program, tmp_path)}
    assert found == {"humani-py", "pyautogui, write", "pynput, type"}
    monkeypatch.setattr(programs, "HERE", ("pyautogui", "slowPaste"))  # of this environment, and not there
    assert not programs.there(programs.PROGRAMS["slowPaste"], published(tmp_path, "slowPaste.slow_paste", ""))


@pytest.mark.slow
def test_a_programs_own_code_types_ten_minutes_at_once_and_is_asked_about(programs: ModuleType, tmp_path: Path) -> None:
    site = published(tmp_path, "humani_py.typing", QUARTER_S)
    sessions = programs.typed_by("humani-py", "as it comes", 2, site)
    for typed in sessions:
        assert typed.press_ms.tolist() == list(range(0, 250 * len(typed.press_ms), 250))
        assert typed.press_ms[-1] // 5000 == 121  # 122 ticks
        assert 0.1 < (typed.key_class == KeyClass.SPACE).mean() < 0.3
    assert not (sessions[0].key_class == sessions[1].key_class).all()  # another essay
    assert programs.figures_of(sessions) == {
        "sessions": 2,
        "keys a minute": 240,
        "pauses": 0.0,
        **dict.fromkeys(("regular", "unpaused", "either", "clock"), 2),
        "no answer": 0,
    }


@pytest.mark.slow
def test_keys_of_pynput_are_told_apart_in_every_session(programs: ModuleType, tmp_path: Path) -> None:
    site = published(tmp_path, "keyboardhumanizer.humanizer", BY_PYNPUT)
    for typed in programs.typed_by("keyboardhumanizer", "casual (as it comes)", 2, site):
        assert len(typed.press_ms) == 302
        assert typed.key_class[-2:].tolist() == [KeyClass.DELETE, KeyClass.MODIFIER]
        assert set(typed.key_class[:300].tolist()) == {KeyClass.TEXT, KeyClass.SPACE}


@pytest.mark.slow
def test_a_page_is_typed_into_awaited_or_not_and_chance_is_repeatable(programs: ModuleType, tmp_path: Path) -> None:
    site = published(tmp_path, "playwright_human_stealth.__init__", AWAITED)
    once, again = (programs.typed_by("playwright-human-stealth", "as it comes", 3, site) for _ in range(2))
    steps = [set((typed.press_ms[1:] - typed.press_ms[:-1]).tolist()) for typed in once]
    assert set.union(*steps) <= {1100, 2100, 3100}
    assert [typed.press_ms.tolist() for typed in once] == [typed.press_ms.tolist() for typed in again]
    assert once[0].press_ms.tolist() != once[1].press_ms.tolist()
    assert programs.figures_of(once)["pauses"] == 1.0


@pytest.mark.slow
def test_pyautogui_and_pynput_themselves_need_no_display(programs: ModuleType, tmp_path: Path) -> None:
    (typed,) = programs.typed_by("pyautogui, write", "interval 0.25 s", 1, tmp_path)
    assert set((typed.press_ms[1:] - typed.press_ms[:-1]).tolist()) == {250}
    (typed,) = programs.typed_by("pynput, type", "as it comes", 1, tmp_path)
    assert len(typed.press_ms) > 10_000
    assert set(typed.press_ms.tolist()) == {0}
    found = programs.figures_of([typed])
    assert (found["no answer"], found["keys a minute"], found["pauses"]) == (1, None, None)


@pytest.mark.slow
def test_a_program_that_fails_is_no_session(programs: ModuleType, tmp_path: Path) -> None:
    site = published(tmp_path, "humani_py.typing", "def human_typing(element, text): raise KeyError('gone')")
    with pytest.raises(subprocess.CalledProcessError) as failed:
        programs.typed_by("humani-py", "as it comes", 1, site)
    assert "KeyError: 'gone'" in failed.value.stderr


def said(programs: ModuleType, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["programs.py", *arguments])
    programs.main()


def installed(site: Path, module: str, text: str, version: str) -> Path:
    """As `published`, and a version of it stands beside it."""
    name = module.partition(".")[0]
    beside = site / f"{name}-{version}.dist-info"
    beside.mkdir()
    (beside / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: {version}\n")
    return published(site, module, text)


@pytest.mark.slow
def test_a_program_is_kept_with_its_version_and_when_and_on_what_it_ran(
    programs: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = {name: {"version": "0", "measured": "2026-10-31"} for name in ("sleight", "gone", "humani-py", "human-typer")}
    (tmp_path / "kept.json").write_text(json.dumps(kept))
    site = installed(tmp_path, "humani_py.typing", QUARTER_S, "7.8.9")
    chosen = ("--site", str(site), "--only", "humani-py", "--sessions", "1", "--json", "--kept", str(tmp_path / "kept.json"))
    said(programs, monkeypatch, *chosen)
    told = json.loads(capsys.readouterr().out)
    assert list(told) == ["human-typer", "humani-py", "sleight"]  # as `PROGRAMS` has them, and no other
    assert told["sleight"] == kept["sleight"]
    found = told["humani-py"]
    assert (found["version"], found["held back"]) == ("7.8.9", True)
    assert abs((date.fromisoformat(found["measured"]) - date.today()).days) <= 1  # noqa: DTZ011 - midnight, another zone
    assert found["machine"].endswith(f"cores, Python {platform.python_version()}")
    assert found["settings"]["as it comes"]["either"] == found["settings"]["as it comes"]["sessions"] == 1


def test_a_program_that_is_not_there_is_named_and_its_figures_stay(
    programs: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = {"sleight": {"version": "0.1", "measured": "2026-10-31"}}
    (tmp_path / "kept.json").write_text(json.dumps(kept))
    chosen = ("--site", str(tmp_path), "--only", "sleight", "--json")
    said(programs, monkeypatch, *chosen, "--kept", str(tmp_path / "kept.json"))
    told = capsys.readouterr()
    assert json.loads(told.out) == kept
    assert told.err == f"sleight: not installed in {tmp_path}, and not run; its figures of 2026-10-31 stay\n"
    said(programs, monkeypatch, *chosen)
    told = capsys.readouterr()
    assert json.loads(told.out) == {}
    assert told.err == f"sleight: not installed in {tmp_path}, and not run; it has no figures\n"


@pytest.mark.slow
def test_a_program_that_fails_is_named_and_its_figures_stay(
    programs: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = {"humani-py": {"version": "0.1", "measured": "2026-10-31"}}
    (tmp_path / "kept.json").write_text(json.dumps(kept))
    site = published(tmp_path, "humani_py.typing", "def human_typing(element, text): raise KeyError('gone')")
    chosen = ("--site", str(site), "--only", "humani-py", "--sessions", "1", "--json")
    said(programs, monkeypatch, *chosen, "--kept", str(tmp_path / "kept.json"))
    told = capsys.readouterr()
    assert json.loads(told.out) == kept
    assert told.err.startswith("humani-py: ended with a fault; its figures of 2026-10-31 stay\n")
    assert "KeyError: 'gone'" in told.err


def test_versions_are_those_that_are_installed(programs: ModuleType, tmp_path: Path) -> None:
    site = installed(tmp_path, "slowPaste.slow_paste", "", "0.6")
    assert [programs.version_of(name, site) for name in ("slowPaste", "sleight")] == ["0.6", "unknown"]
    assert programs.version_of("pyautogui, write", site)[0].isdigit()


def test_what_one_is_told_to_install_is_what_was_measured(programs: ModuleType) -> None:
    lines = (ROOT / "bench" / "programs.in").read_text(encoding="utf-8").splitlines()
    told = dict(line.split("==") for line in lines if not line.startswith("#"))
    measured = json.loads((ROOT / "docs" / "detectors" / "programs.json").read_bytes())
    foreign = {name: one for name, one in measured.items() if name.partition(",")[0] not in programs.HERE}
    assert told == {name: one["version"] for name, one in foreign.items()}
    assert {name: list(one["settings"]) for name, one in measured.items()} == {
        name: list(one.settings) for name, one in programs.PROGRAMS.items()
    }
    assert {name: one["held back"] for name, one in measured.items()} == {
        name: one.held_back for name, one in programs.PROGRAMS.items()
    }


def test_people_who_are_missing_are_named_before_minutes_are_spent(
    programs: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    cadence = sys.modules[programs.events_of.__module__]
    monkeypatch.setattr(cadence, "programs", lambda _: pytest.fail("programs were made first"))
    monkeypatch.setattr(sys, "argv", ["cadence.py", "--corpus", str(tmp_path)])
    with pytest.raises(FileNotFoundError, match=r"^klicke_compose\.npz is neither in "):
        cadence.main()
    (tmp_path / "klicke_compose.npz").touch()
    (tmp_path / "typing").mkdir()
    with pytest.raises(FileNotFoundError, match=r"^aalto_transcribe\.npz is neither in "):
        cadence.main()
    there = tmp_path / "typing" / "aalto_transcribe.npz"
    there.touch()
    assert cadence.place_of(tmp_path, "aalto_transcribe") == there
