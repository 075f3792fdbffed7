# SPDX-License-Identifier: Apache-2.0
"""The tables of what was measured beside `fairwitness evaluate`, made of the benches' own JSON.

bench/cards.py keeps that JSON in docs/detectors/ and puts these tables between markers on their pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

Figures = Mapping[str, Any]

COMPARED = {
    "copying against composing, one laboratory": "copying against composing, one laboratory (pace)",
    "copying against composing, two sources": "copying (pace) against composing (KLiCKe)",
    "probe: composing against composing": "**probe**: composing (pace) against composing (KLiCKe)",
    "probe: composing against composing, German": "**probe**: composing (pace) against composing (German)",
    "probe: copying against copying": "probe: copying (pace) against copying (Aalto)",
}
"""The comparisons of bench/linear.py, as the page names them."""


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A table in Markdown; a bar within a cell is escaped."""
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def programs(figures: Figures) -> str:
    """What bench/cadence.py says of programs that type, and of people."""
    crossed = figures["crossfit"]["families"]
    rows = [
        (
            name,
            *(_share(one["typing"][question]) for question in ("regular-typing", "unpaused-typing", "either")),
            _share(one["clock"]["either"]),
            ", ".join(_share(share) for share in crossed[name]),
        )
        for name, one in figures["families"].items()
    ]
    rows += [
        (name, *(_share(one[question]) for question in ("regular-typing", "unpaused-typing", "either")), "", "")
        for name, one in figures["attacks"].items()
    ]
    head = ("program", "regular-typing", "unpaused-typing", "either", "either, by the clock", "cross-fit: lowest, mean")
    people, crossfit, copyists = figures["shipped"], figures["crossfit"], figures["copyists"]
    unread, reading = (_share(copyists[name]["either"]) for name in ("without reading", "2 to 5 s of reading"))
    return (
        f"Of {figures['sessions']} sessions of each:\n\n{table(head, rows)}\n"
        f"Of the people (KLiCKe, {people['people']:,} who typed long enough) {people['raised']} are asked by either: "
        f"{_interval(people)}.\nWith thresholds set so that nobody of four fifths of them is asked, and asked of the last "
        f"fifth, five times: {crossfit['raised']} of {crossfit['people']:,},\n{_interval(crossfit)}; the last column is "
        f"what those thresholds raise of the programs.\n\n"
        f"Of {copyists['people']} people who copy sentences (Aalto), joined to fifteen minutes, either asks {unread} where "
        f"nothing lies between two sentences,\nand {reading} where 2 to 5 s of reading do.\n"
    )


def _interval(of: Figures) -> str:
    return f"{of['raised'] / of['people'] * 100:.2f} %, exact 95 % interval {_from_to(of['ci'], 100, 2)} %"


def _share(share: float) -> str:
    return "100 %" if share == 1 else f"{share * 100:.1f} %"


def held_back(figures: Figures) -> str:
    """What bench/programs.py says of the programs that nothing here was made after."""
    return _published({name: one for name, one in figures.items() if one["held back"]})


def remade(figures: Figures) -> str:
    """What bench/programs.py says of the programs that families are re-made from."""
    return _published({name: one for name, one in figures.items() if not one["held back"]})


def _published(programs: Figures) -> str:
    """Their table, and what it says in words."""
    rows: list[tuple[str, ...]] = []
    for name, program in programs.items():
        package, _, call = name.partition(", ")
        named, day = f"{package} {program['version']}{f', `{call}`' if call else ''}", _day(program["measured"])
        for setting, one in program["settings"].items():
            rows.append((named, setting, *_sessions(one), day))
            named = day = ""
    head = ("program", "setting", "keys a minute", "pauses", "regular-typing", "unpaused-typing", "either")
    machines = dict.fromkeys(program["machine"] for program in programs.values())
    lines = (*_in_words(programs), f"Measured on: {'; '.join(machines)}.")
    return table((*head, "either, by the clock", "of", "measured"), rows) + "".join(f"\n{line}\n" for line in lines)


def _in_words(programs: Figures) -> list[str]:
    """Which are raised as they come, and which settings in no session."""
    every, fewer, never, silent = list[str](), list[str](), list[str](), list[str]()
    for name, program in programs.items():
        package = name.partition(", ")[0]
        for setting, one in program["settings"].items():
            raised, sessions = one["either"], one["sessions"]
            answered = one["no answer"] < sessions
            if "as it comes" in setting and answered:
                every += [package] if raised == sessions else []
                fewer += [f"{package}, {raised} of {sessions}"] if raised < sessions else []
            if not raised:
                (never if answered else silent).append(f"{package} ({setting})")
    return [
        f"As they come, raised in every session ({len(every)}): {_listed(every)}.",
        f"As they come, raised in fewer ({len(fewer)}): {_listed(fewer)}.",
        f"At any setting, raised in no session: {_listed(never)}.",
        *([f"Not evaluated in any session: {_listed(silent)}."] if silent else []),
    ]


def _sessions(one: Figures) -> tuple[str, ...]:
    """The cells of one setting; that it was not evaluated stands in place of a count, or beside the sessions."""
    silent, sessions = one["no answer"], one["sessions"]
    counts = tuple(f"{one[question]}" for question in ("regular", "unpaused", "either", "clock"))
    return (
        "at once" if one["keys a minute"] is None else f"{one['keys a minute']}",
        "none counted" if one["pauses"] is None else f"{one['pauses'] * 100:.2f} %",
        *(counts if silent < sessions else ("no answer",) * len(counts)),
        f"{sessions}" if silent in (0, sessions) else f"{sessions}, {silent} not evaluated",
    )


def _listed(names: list[str]) -> str:
    return "; ".join(names) or "none"


def _day(iso: str) -> str:
    day = date.fromisoformat(iso)
    return f"{day.day} {day:%B %Y}"


def copying(figures: Figures) -> str:
    """What bench/linear.py says of copying against composing, and of sources against each other."""
    rows = [
        (
            said,
            " / ".join(f"{people:,}" for people in figures[name]["people"]),
            " / ".join(f"{stretches:,}" for stretches in figures[name]["stretches"]),
            _auc(figures[name], "auc"),
            _auc(figures[name], "auc_of_people"),
            f"{figures[name]['at_1_percent'] * 100:.1f} % ({_from_to(figures[name]['at_1_percent_ci'], 100, 1)})",
        )
        for name, said in COMPARED.items()
        if name in figures
    ]
    return table(
        (
            "compared",
            "people",
            "stretches",
            "AUC of stretches",
            "AUC of people's means",
            "found where 1 % of the others are",
        ),
        rows,
    )


def _auc(of: Figures, name: str) -> str:
    return f"{of[name]:.2f} ({_from_to(of[f'{name}_ci'], 1, 2)})"


def _from_to(bounds: list[float], scale: int, digits: int) -> str:
    return f"{bounds[0] * scale:.{digits}f} to {bounds[1] * scale:.{digits}f}"


def own_past(figures: Figures) -> str:
    """What bench/linear.py says of people beside their own past."""
    begin = "own past: "
    rows = [
        (
            name.removeprefix(begin),
            f"{one['people']}",
            f"{one['above']:,} / {one['stretches']:,}",
            f"{_from_to(one['share_ci'], 100, 1)} %",
            f"{one['people_with_three_in_a_row']}",
        )
        for name, one in figures.items()
        if name.startswith(begin) and one["people"]
    ]
    return table(("source", "people", "stretches above / asked", "interval over people", "people with three in a row"), rows)


def accepting(figures: Figures) -> str:
    """What bench/linear.py says of accepted suggestions."""
    one = figures["suggestion accepted against none asked for"]
    accepted, none = one["stretches"]
    return (
        f"CoAuthor ({one['people']} writers, those with at least 5 stretches of each): {accepted:,} in which a suggestion "
        f"was accepted against {none:,} in which\nnone was asked for, by the share of pauses over 5 s. AUC "
        f"{_auc(one, 'auc')} as it is, and {_auc(one, 'auc_beside_own')} once each person's own mean is taken off.\n"
    )


def of_hands_alone(figures: Figures) -> str:
    """The tables of the card pointer-alone."""
    people = [
        (
            f"{name}: {one['people']} people, {one['hours']:,} hours; {taken}",
            f"{asked['sessions_raised']} / {one['sessions']}",
            f"{asked['pieces_raised']} / {asked['pieces_judged']} / {asked['pieces']}",
            f"{asked['most_even']:g}" if asked["pieces_judged"] else "none",
            f"{asked['most_small']:g}" if asked["pieces_judged"] else "none",
        )
        for name, one in figures["people"].items()
        for taken, asked in one.items()
        if isinstance(asked, Mapping) and "pieces" in asked
    ]
    head = ("taken", "sessions raised", "pieces of 20 min raised / with a window / all", "greatest even", "greatest small")
    movers = [(name, f"{one['raised']} / {one['of']}", f"{one['least share']:g}") for name, one in figures["movers"].items()]
    return f"{table(head, people)}\n{table(('mover', 'intervals raised', 'least share'), movers)}"


def of_ways(figures: Figures) -> str:
    """The tables of the card pointer-paths."""
    people = [
        (f"{name}, {clock}", *_ways(ways)) for name, one in figures["people"].items() for clock, ways in one["ways"].items()
    ]
    programs = [(name, *_ways(one)) for name, one in figures["programs"].items()]
    head = ("sessions", "raised / clear / not evaluated", "even / long movements", "jumps", "greatest share")
    return f"{table(('hands', *head), people)}\n{table(('program', *head), programs)}"


def _ways(one: Figures) -> tuple[str, ...]:
    unanswered = sum(one["reasons"].values())
    return (
        f"{one['sessions']:,}",
        f"{one['raised']:,} / {one['clear']:,} / {unanswered:,}",
        f"{one['even']:,} / {one['long']:,}",
        f"{one['jumps']:,}",
        "none" if unanswered == one["sessions"] else f"{one['most']:g}",
    )
