# SPDX-License-Identifier: Apache-2.0
"""The command rates: a trainer's own counts of questions on trial, sent or declined; and the admin's table of sums."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import msgspec

from fairwitness import arguments as taken
from fairwitness.cli_keys import GOOD, Adds
from fairwitness.terminal import say

if TYPE_CHECKING:
    from session.ports import Clock
    from session.rates.counts import Count, Question
    from session.rates.rows import Cell
    from session.rates.shown import Own, Rated, Rates

_STATES: Final = {
    "running": "This period has not ended yet. Nothing can be sent of it before.",
    "few": "These are too few sessions for a report (three are needed): nothing is sent.",
    "open": "To send: fairwitness rates --send. To decline: fairwitness rates --decline. Without either nothing is sent.",
    "begun": "This report was begun to be sent, and not confirmed: fairwitness rates --send sends it again as it was.",
    "sent": "The report of this period is sent.",
    "declined": "You declined: nothing is sent, and nobody is told. You can still send: fairwitness rates --send.",
    "over": "The time for this period's reports is over. Nothing is sent of it any more.",
}
_WHO: Final = (
    "The platform and your organisation's admins would read who you are, and the line above. Your counts are read only in a",
    "sum of ten people or more. Neither the platform nor an admin can read yours; both together could, against the rules.",
)


def rates(chosen: argparse.Namespace) -> int:
    """Shows how often questions on trial were raised in your own sessions, sends or declines it; or the admin's table."""
    from agent.clock import SystemClock

    return rates_at(chosen, SystemClock())


def rates_at(chosen: argparse.Namespace, clock: Clock) -> int:
    """`rates`, at the time of that clock."""
    from fairwitness import rates as counting
    from fairwitness.sending import enrolment_of

    if chosen.table:
        from fairwitness.rates_table import read_rates

        table = read_rates(chosen.home, chosen.platform, chosen.period, clock)
        say([msgspec.json.encode(table).decode()] if chosen.json else table_lines(table))
        return GOOD
    enrolment = enrolment_of(chosen.home)
    try:
        period = counting.shown_period(clock.read().t_us)
        shown = counting.own(enrolment, period, clock, language=not chosen.no_language)
        if not chosen.json:
            say(lines(shown))
        if chosen.decline:
            counting.decline(enrolment, shown)
        elif chosen.send and _is_sure(chosen):
            client = enrolment.client(clock)
            try:
                counting.send(enrolment, shown, client)
            finally:
                client.close()
        after = counting.own(enrolment, period, clock, language=not chosen.no_language)
    finally:
        enrolment.close()
    say([msgspec.json.encode(after).decode()] if chosen.json else [_STATES[after.state]])
    return GOOD


def _is_sure(chosen: argparse.Namespace) -> bool:
    return bool(chosen.yes) or input("Send it? [yes/no] ").strip().lower() == "yes"


def lines(shown: Own) -> list[str]:
    """What a trainer reads of their own counts."""
    counted = f"{shown.sessions} of your sealed sessions on this computer count"
    unread = "" if shown.sessions else " (only those do whose policy says so)"
    unread += f"; {shown.unread} cannot be read here" if shown.unread else ""
    cell = shown.cell
    where = f"Project {cell.project or '(none)'}, system {cell.system}, language {cell.language or '(not said)'}."
    return [
        f"{day(shown.begins_us)} to {day(shown.ends_us - 1)} (UTC): {counted}{unread}.",
        *(f"  {count_line(one, number)}" for one, number in zip(shown.questions, shown.counts, strict=True)),
        *((where, *_WHO) if shown.state in {"open", "begun", "declined"} else ()),
    ]


def table_lines(table: Rates) -> list[str]:
    """What an admin reads of the sums."""
    days = f"{day(table.begins_us)} to {day(table.ends_us - 1)} (UTC)"
    lines = [
        f"{days}. Rows: {len(table.rows)}. People in none: {table.left_out}.",
        "Claimed by those who chose to send; a question is no judgement, and nobody's own numbers are in here.",
    ]
    for row in table.rows:
        more = f", and {row.others} whom the directory does not name any more, or with new keys" if row.others else ""
        lines.append(f"{cell_words(row.cell)}: {row.people} people{more}")
        lines += [f"    {rated_line(one)}" for one in row.questions]
        if row.trouble:
            lines.append(f"    given up: {row.trouble}")
    return lines


def cell_words(cell: Cell) -> str:
    """Whose row it is, in words."""
    project = "other projects" if cell.project is None else f"project {cell.project or '(none)'}"
    system = "other systems" if cell.system is None else cell.system
    language = "other languages" if cell.language is None else f"language {cell.language or '(not said)'}"
    return f"{project}, {system}, {language}"


def rated_line(one: Rated) -> str:
    """One question of a row in a line."""
    if one.count is None or one.people_ci is None:
        return f"{title_of(one.question)}: not said (fewer than ten people answered, or it was raised with all of them)"
    count, (low, high) = one.count, one.people_ci
    rate = "fewer than 600 sessions: no rate" if one.rate is None else percent(one.rate)
    people = f"with {count.people_raised} of {count.people_answered} people [{percent(low)} to {percent(high)}]"
    sessions = f"raised in {count.raised:,} of {count.answered:,} sessions ({rate})"
    return f"{title_of(one.question)}: {sessions}, {people}; not evaluated in {count.not_evaluated:,}"


def percent(share: float) -> str:
    """A share with three digits."""
    return f"{100 * share:.3g} %"


def count_line(question: Question, number: Count) -> str:
    """One question's own counts in a line."""
    answered = f"{number.raised} of {number.answered} sessions" if number.answered else "no answer"
    return f"{title_of(question)}: {answered}; not evaluated in {number.not_evaluated}"


def title_of(question: Question) -> str:
    """A question as people read it, with its version and calibration."""
    from ui.strings import LANGUAGES

    title = LANGUAGES["en"].get(f"finding.{question.detector}.title", question.detector)
    return f"{title} (version {question.version}, {question.calibration})"


def day(t_us: int) -> str:
    """The day of a moment, UTC."""
    return f"{datetime.fromtimestamp(t_us / 1_000_000, UTC):%Y-%m-%d}"


def add_rates(add: Adds) -> None:
    """Adds rates."""
    sub = add("rates", rates)
    what = sub.add_mutually_exclusive_group()
    what.add_argument("--send", action="store_true", help="send what is shown, for sums of ten people or more")
    what.add_argument("--decline", action="store_true", help="send nothing for this period; nobody is told")
    what.add_argument("--table", action="store_true", help="on the admin's computer: the sums of the newest whole period")
    sub.add_argument("--period", type=taken.number, default=None, metavar="N", help="with --table: of that period")
    sub.add_argument("--platform", default="", metavar="ADDRESS", help="with --table: of your platform, the first time")
    sub.add_argument("--no-language", action="store_true", help="leave out in which language you read the notice")
    sub.add_argument("--yes", action="store_true", help="do not ask")
