# SPDX-License-Identifier: Apache-2.0
"""How often real programs that type are asked about by the two questions on cadence: their own code, on a simulated clock.

`./run python bench/programs.py --site DIR [--sessions N] [--only NAME] [--json [--kept FILE]]`

DIR holds the programs, as `./run python -m pip install --no-deps --only-binary :all: --target DIR -r bench/programs.in`
puts them there; pyautogui and pynput are those of this environment (`./test` brings the first). Programs that are not in
DIR, or end with a fault, are left out, and named: with `--kept` (what `--json` said before) they stay as they stood there.
Install what you have read: it is other people's code, and runs with your rights.

Each setting has a process to itself, which types an essay of made sentences N times (bench/stage.py says what the program
finds there) until 120 ticks of 5 s had typing in them, or 75 minutes. Its keystrokes become records as those of
bench/cadence.py do, and are asked as there; counts, of N sessions:

    regular, unpaused, either    raised
    clock                        raised by either in the first ten minutes by the clock
    no answer                    neither of the two said more than that it is not evaluated
    keys a minute                typed while it typed, pauses of 5 s and more left out: the middle of the sessions
    pauses                       share of the intervals over 1 s, counted as the question does: the middle of the sessions

"held back" is a program that no family in tests/helpers/typing_generators.py is made after. `--json` says of each program
the version that was found, when and on what it ran, and its settings; bench/cards.py keeps that as
docs/detectors/programs.json.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import distributions
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

sys.path[:0] = [str(Path(__file__).resolve().parent)]

from cadence import LONGEST_S, POLICY, REGULAR, UNPAUSED, by_the_clock, events_of, ten_minutes  # noqa: E402 - after the path
from stage import Enough, Page, Stage, finish, pyautogui_on, pynput_on, set_up  # noqa: E402 - after the path
from typing_generators import Typed  # noqa: E402 - cadence puts the helpers on the path

from detectors.typing_window import LENGTHS  # noqa: E402 - as above
from detectors.unpaused import PAUSES  # noqa: E402 - as above
from session.events import TICK_US, Event, KeyClass, Stats  # noqa: E402 - as above
from session.findings import State  # noqa: E402 - as above

SENTENCE_WORDS: Final = (6, 24)
COMMA_SHARE: Final = 0.08
"""Source: made up, as ordinary prose has it; programs that wait at sentences and commas are told where these are."""
CHILD_S: Final = 3600
"""Seconds that all sessions of one setting may take."""
HERE: Final = ("pyautogui", "pynput")
"""Programs that the environment brings, the first of them only where `./test` has made it."""

COMMON: Final = (
    "the be to of and a in that have it for not on with he as you do at this but his by from they we say her she or an will "
    "my one all would there their what so up out if about who get which go me when make can like time no just him know take "
    "people into year your good some could them see other than then now look only come its over think also back after use "
    "two how our work first well way even new want because any these give day most"
)
LONGER: Final = (
    "argument answer reason example evidence question model response judgement instruction accurate sentence paragraph "
    "technology education society community government experience knowledge different important difficult possible "
    "necessary understand consider explain describe compare support believe suggest provide require improve develop "
    "student teacher history language problem solution opinion purpose quality result comparison summary conclusion"
)

Act = Callable[[Stage, str, int], object]


class Program(NamedTuple):
    """A published program: its settings, how much text a session needs, and the module that says whether it is there."""

    module: str
    settings: Mapping[str, Act]
    chars: int = 14_000
    held_back: bool = True


def essay(seed: int, chars: int) -> str:
    """Sentences of common words with longer ones between, some `chars` characters in one paragraph."""
    rng = random.Random(seed)  # noqa: S311 - text for a bench
    common, longer = COMMON.split(), LONGER.split()
    sentences: list[str] = []
    length = 0
    while length < chars:
        words = [rng.choice(common if rng.random() < 0.75 else longer) for _ in range(rng.randint(*SENTENCE_WORDS))]
        said = " ".join(word + ("," if rng.random() < COMMA_SHARE else "") for word in words[:-1]) + f" {words[-1]}."
        sentences.append(said[0].upper() + said[1:])
        length += len(sentences[-1]) + 1
    return " ".join(sentences)


# What each program is told. Nothing below is theirs: it calls them as their manuals do.


def _humantyping(**chosen: float) -> Act:
    return lambda stage, text, _: import_module("humantyping").HumanTyper(**chosen).type_sync(Page(stage), text)


def _human_keyboard(**chosen: float) -> Act:
    return lambda _, text, __: import_module("human_keyboard").HumanKeyboard(**chosen).type_text(text)


def _human_typer(**chosen: object) -> Act:
    return lambda _, text, __: import_module("human_typer.human_typer").Human_typer(**chosen).keyboard_type(text)


def _autowriter(keys_a_minute: float) -> Act:
    def act(stage: Stage, text: str, seed: int) -> None:
        del stage, seed
        # its window asks for the time that the text is to take, and gives this accuracy
        import_module("autowirter").typoses(text, total_time=len(text) * 60 / keys_a_minute, accuracy=0.85)

    return act


def _humanized_autotyper(preset: int, **chosen: object) -> Act:
    def act(stage: Stage, text: str, seed: int) -> None:
        pynput_on(stage)
        config = import_module("humanized_autotyper.config").Config(dry_run=False, log_file=os.devnull, **chosen)
        presets = import_module("humanized_autotyper.presets")
        presets.apply_preset(config, presets.preset_names()[preset])
        import_module("humanized_autotyper.machine").AutoTyper(config, text, rng=random.Random(seed)).run()  # noqa: S311

    return act


def _pyautogui(**chosen: float) -> Act:
    return lambda stage, text, _: pyautogui_on(stage).write(text, **chosen)


def _pynput(stage: Stage, text: str, _: int) -> None:
    pynput_on(stage).Controller().type(text)


def _keyboardhumanizer(profile: str) -> Act:
    def act(stage: Stage, text: str, seed: int) -> None:
        del seed
        pynput_on(stage)
        import_module("keyboardhumanizer.humanizer").create_humanizer(profile).type_text(text)

    return act


def _human_input(speed: str) -> Act:
    def act(stage: Stage, text: str, seed: int) -> None:
        del stage
        keyboard = import_module("human_input.keyboard")
        keyboard._rng.seed(seed)  # noqa: SLF001 - it has no other way to be repeatable
        keyboard.settings.speed = getattr(keyboard.settings, speed)
        keyboard.write(text)

    return act


def _human_input_kit(stage: Stage, text: str, seed: int) -> None:
    import_module("human_input_kit.rng").seed_rng(seed)
    import_module("human_input_kit.sync_").human_type(Page(stage), "#essay", text)


def _nothingtoseehere(stage: Stage, text: str, _: int) -> None:
    pyautogui_on(stage)
    finish(import_module("nothingtoseehere").NeuromotorKeyboard().type_text(text))


def _slowpaste(**chosen: int) -> Act:
    def act(stage: Stage, text: str, seed: int) -> None:
        del seed
        pyautogui_on(stage)
        import_module("slowPaste.slow_paste").main(text=text, **chosen)

    return act


def _humanization(stage: Stage, text: str, _: int) -> None:
    page = Page(stage)
    finish(import_module("humanization.core").Humanization(page).type_at(page, text))


def _playwright_human_stealth(stage: Stage, text: str, _: int) -> None:
    finish(import_module("playwright_human_stealth").human_type(Page(stage), "#essay", text))


def _cloakbrowser_human(preset: str) -> Act:
    def act(stage: Stage, text: str, seed: int) -> None:
        del seed
        module, page = import_module("cloakbrowser_human"), Page(stage)
        module.human_type(page, page.keyboard, text, module.resolve_config(preset))

    return act


def _hlisa(stage: Stage, text: str, _: int) -> None:
    import_module("HLISA.selenium_actions").HL_Selenium_Actions(Page(stage)).send_keys(text)


def _humani_py(stage: Stage, text: str, _: int) -> None:
    import_module("humani_py.typing").human_typing(Page(stage), text)


def _emunium(stage: Stage, text: str, _: int) -> None:
    pyautogui_on(stage)
    import_module("emunium.standalone").Emunium.type_text(text)


def _sleight(profile: str) -> Act:
    def act(stage: Stage, text: str, seed: int) -> None:
        human = import_module("sleight.core.human")
        events, lead_s = human.type_events(text, rng=random.Random(seed), profile=getattr(human, profile))  # noqa: S311
        stage.sleep(lead_s)
        for event in events:
            if event.params.get("type") == "keyDown":
                stage.press(event.params["key"])
            stage.sleep(event.sleep_after)

    return act


PROGRAMS: Final[Mapping[str, Program]] = {
    "humantyping": Program(
        "humantyping",
        {
            "60 words a minute (as it comes)": _humantyping(),
            "45 words a minute": _humantyping(wpm=45),
            "70 words a minute": _humantyping(wpm=70),
        },
        chars=4200,
        held_back=False,
    ),
    "human-keyboard": Program(
        "human_keyboard",
        {"70 words a minute (as it comes)": _human_keyboard(), "110 words a minute": _human_keyboard(wpm=110)},
        held_back=False,
    ),
    "human-typer": Program(
        "human_typer",
        {"190 keys a minute (as it comes)": _human_typer(), "70 keys a minute": _human_typer(average_cpm=70)},
        chars=5000,
        held_back=False,
    ),
    "autowriter": Program(
        "autowirter",
        {"200 keys a minute": _autowriter(200), "400 keys a minute": _autowriter(400)},
        held_back=False,
    ),
    "humanized-autotyper": Program(
        "humanized_autotyper",
        {
            "standard (as it comes)": _humanized_autotyper(0),
            "efficient": _humanized_autotyper(1),
            "unskilled": _humanized_autotyper(2),
            "standard, long horizon": _humanized_autotyper(0, long_horizon=True),
        },
        held_back=False,
    ),
    "pyautogui, write": Program(
        "pyautogui",
        {
            "as it comes": _pyautogui(),
            "interval 0.05 s": _pyautogui(interval=0.05),
            "interval 0.25 s": _pyautogui(interval=0.25),
        },
        held_back=False,
    ),
    "pynput, type": Program("pynput", {"as it comes": _pynput}, held_back=False),
    "keyboardhumanizer": Program(
        "keyboardhumanizer",
        {
            "casual (as it comes)": _keyboardhumanizer("casual"),
            **{
                name: _keyboardhumanizer(name)
                for name in ("professional", "programmer", "gaming", "mobile", "elderly", "beginner")
            },
        },
    ),
    "human-input": Program(
        "human_input",
        {"normal (as it comes)": _human_input("NORMAL"), "fast": _human_input("FAST"), "slow": _human_input("SLOW")},
    ),
    "human-input-kit": Program("human_input_kit", {"as it comes": _human_input_kit}),
    "nothingtoseehere": Program("nothingtoseehere", {"as it comes": _nothingtoseehere}),
    "slowPaste": Program(
        "slowPaste", {"100 words a minute (as it comes)": _slowpaste(), "60 words a minute": _slowpaste(speed=60)}
    ),
    "humanization-playwright": Program("humanization", {"as it comes": _humanization}),
    "playwright-human-stealth": Program("playwright_human_stealth", {"as it comes": _playwright_human_stealth}),
    "cloakbrowser-human": Program(
        "cloakbrowser_human",
        {"default (as it comes)": _cloakbrowser_human("default"), "careful": _cloakbrowser_human("careful")},
    ),
    "HLISA": Program("HLISA", {"as it comes": _hlisa}),
    "humani-py": Program("humani_py", {"as it comes": _humani_py}),
    "emunium": Program("emunium", {"280 keys a minute (as it comes)": _emunium}),
    "sleight": Program(
        "sleight",
        {"default (as it comes)": _sleight("DEFAULT"), "fast": _sleight("FAST"), "careful": _sleight("CAREFUL")},
    ),
}
"""Every program that can be run here, and its settings: the one that it comes with, and what its manual offers."""


def seed_of(name: str, setting: str, number: int) -> int:
    """The same numbers at each run, for each session others."""
    return zlib.crc32(f"{name}/{setting}/{number}".encode())


def type_sessions(name: str, setting: str, sessions: int, site: str) -> list[tuple[list[int], list[int]]]:
    """Runs one program on a stage: press times in ms and key classes of each session. Changes this interpreter."""
    program = PROGRAMS[name]
    stage = Stage(ticks=LENGTHS[-1] + 2, longest_s=LONGEST_S)
    set_up(stage, site)
    typed = []
    for number in range(sessions):
        seed = seed_of(name, setting, number)
        random.seed(seed)
        np.random.seed(seed)  # noqa: NPY002 - what the programs draw from
        stage.begin()
        with suppress(Enough):
            program.settings[setting](stage, essay(seed, program.chars), seed)
        typed.append((stage.press_ms, stage.key_class))
    return typed


def typed_by(name: str, setting: str, sessions: int, site: Path) -> list[Typed]:
    """The sessions of one setting, from a process of its own.

    Raises:
        subprocess.CalledProcessError: the program ended with a fault; its words are in `stderr`.
        subprocess.TimeoutExpired: it took longer than `CHILD_S`.
    """
    child = [sys.executable, str(Path(__file__).resolve()), "--child", name, setting]
    with tempfile.TemporaryDirectory() as home:
        kept = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "PYNPUT_BACKEND": "dummy", "HOME": home}
        done = subprocess.run(
            [*child, "--sessions", str(sessions), "--site", str(site.resolve())],
            cwd=home,
            env=kept,
            check=True,
            capture_output=True,
            text=True,
            timeout=CHILD_S,
        )
    return [
        Typed(np.array(press_ms, np.int64), np.array(key_class, np.uint8)) for press_ms, key_class in json.loads(done.stdout)
    ]


def states(events: tuple[Event, ...]) -> tuple[State, State]:
    """What the two questions on cadence answer."""
    regular, unpaused = (one.finish(one.step(one.start(POLICY), events)).state for one in (REGULAR, UNPAUSED))
    return regular, unpaused


def keys_a_minute(typed: Typed) -> float:
    """Of text, while it was typed."""
    pressed = typed.press_ms[np.isin(typed.key_class, (KeyClass.TEXT, KeyClass.SPACE))]
    gaps = np.diff(pressed)
    spent_ms = float(gaps[gaps < TICK_US // 1000].sum())
    return len(pressed) * 60_000 / spent_ms if spent_ms else float("inf")


def pauses(events: tuple[Event, ...]) -> float:
    """The share of intervals over 1 s among those that the question counts; not a number where there are none."""
    counts = np.sum([event.body.pauses for event in events if isinstance(event.body, Stats)], axis=0)
    weights = PAUSES[2]
    judged = int(counts[1:].sum())
    return float(np.dot(counts[-len(weights) :], weights)) / judged if judged else float("nan")


def figures_of(sessions: list[Typed]) -> dict[str, object]:
    """Counts over the sessions of one setting."""
    raised, clock, silent, shares = np.zeros(3, int), 0, 0, []
    for typed in sessions:
        events = events_of(typed)
        typing = ten_minutes(events)
        found = states(typing)
        asked = [state is State.RAISED for state in found]
        raised += (*asked, any(asked))
        silent += all(state is State.NOT_EVALUATED for state in found)
        clock += State.RAISED in states(by_the_clock(events))
        shares.append(pauses(typing))
    pace, share = float(np.median([keys_a_minute(typed) for typed in sessions])), float(np.median(shares))
    return {
        "sessions": len(sessions),
        "keys a minute": round(pace) if np.isfinite(pace) else None,
        "pauses": round(share, 4) if np.isfinite(share) else None,
        **dict(zip(("regular", "unpaused", "either"), raised.tolist(), strict=True)),
        "clock": clock,
        "no answer": silent,
    }


def there(program: Program, site: Path) -> bool:
    """Whether the program lies in `site`, or is one of this environment."""
    return find_spec(program.module) is not None if program.module in HERE else (site / program.module).is_dir()


def version_of(name: str, site: Path) -> str:
    """The version that is installed; "unknown" where nothing says so."""
    package = name.partition(",")[0]
    path = sys.path if package in HERE else [str(site)]
    return next((one.version for one in distributions(name=package, path=path)), "unknown")


def measure(name: str, sessions: int, site: Path) -> dict[str, object]:
    """All settings of one program, with what it was, and when and on what it ran. Says each setting on stderr meanwhile.

    Raises:
        subprocess.SubprocessError: as `typed_by`.
    """
    program = PROGRAMS[name]
    settings = {}
    for setting in program.settings:
        settings[setting] = figures_of(typed_by(name, setting, sessions, site))
        print(name, setting, *(f"{key}: {value}" for key, value in settings[setting].items()), sep=" · ", file=sys.stderr)
    return {
        "version": version_of(name, site),
        "held back": program.held_back,
        "measured": datetime.now(UTC).date().isoformat(),
        "machine": f"{platform.system()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "settings": settings,
    }


def with_kept(found: Mapping[str, object], kept: Mapping[str, object]) -> dict[str, object]:
    """What was found, and for programs that were not run what was kept of them; in the order of `PROGRAMS`."""
    return {name: found.get(name, kept.get(name)) for name in PROGRAMS if name in found or name in kept}


def as_kept(kept: Mapping[str, Any] | None) -> str:
    """What becomes of a program that was not run."""
    return f"; its figures of {kept['measured']} stay" if kept else "; it has no figures"


def main() -> None:
    """Runs, asks and prints; or types, as a child."""
    parser = argparse.ArgumentParser(description="Real programs that type, by cadence.")
    parser.add_argument("--site", type=Path, required=True)
    parser.add_argument("--sessions", type=int, default=200)
    parser.add_argument("--only", choices=PROGRAMS)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--kept", type=Path)
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.child:
        told = os.dup(1)
        os.dup2(2, 1)  # what the program prints
        rows: Any = type_sessions(*chosen.child, chosen.sessions, str(chosen.site))
        with os.fdopen(told, "w") as told_file:
            json.dump(rows, told_file)
        return
    names = [name for name in PROGRAMS if chosen.only in (None, name)]
    kept: Mapping[str, Any] = json.loads(chosen.kept.read_bytes()) if chosen.kept else {}
    found: dict[str, object] = {}
    for name in names:
        if not there(PROGRAMS[name], chosen.site):
            place = "this environment" if PROGRAMS[name].module in HERE else chosen.site
            print(f"{name}: not installed in {place}, and not run{as_kept(kept.get(name))}", file=sys.stderr)
            continue
        try:
            found[name] = measure(name, chosen.sessions, chosen.site)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as failed:
            print(f"{name}: ended with a fault{as_kept(kept.get(name))}", failed.stderr, sep="\n", file=sys.stderr)
    if chosen.json:
        print(json.dumps(with_kept(found, kept)))


if __name__ == "__main__":
    main()
