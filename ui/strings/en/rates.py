# SPDX-License-Identifier: Apache-2.0
"""Rates of questions on trial: what a trainer may send, and the sums that an admin reads."""

from __future__ import annotations

from typing import Final

TABLE: Final[dict[str, str]] = {
    "do.rates": "Sums of questions on trial …",
    "today.rates": (
        "Until {until} you may send how often questions on trial were raised in your own sessions, for sums of ten people "
        "or more. Nothing goes by itself."
    ),
    "today.rates.do": "Look at them …",
    "rates.window": "Sums of questions on trial",
    "rates.counting": "Counting your sessions …",
    "rates.what": (
        "Questions are on trial in your organisation: what they say of your sessions is read by you alone. A report tells "
        "in how many of your sessions of four weeks each was raised, so that it becomes known which are raised too often. "
        "It goes only if you press Send, nobody is told if you do not, and it decides nothing about anybody."
    ),
    "rates.days": "{begin} to {end} (UTC)",
    "rates.sessions.one": "{number} of your sealed sessions on this computer counts.",
    "rates.sessions.more": "{number} of your sealed sessions on this computer count.",
    "rates.unread.one": "{number} cannot be read here.",
    "rates.unread.more": "{number} cannot be read here.",
    "rates.where": "Project: {project}. System: {system}. Language of the notice: {language}.",
    "rates.numbers": "The numbers that would go",
    "rates.numbers.row": "{question}: answered in {answered} sessions, raised in {raised}, not evaluated in {unanswered}.",
    "rates.numbers.why": (
        "Each is a number of sessions, 255 at most. With each of the first two goes a 1 if it is not 0, so that people can "
        "be counted as well."
    ),
    "rates.version": "{version}, {calibration}",
    "rates.column.question": "Question",
    "rates.column.answered": "Answered",
    "rates.column.raised": "Raised",
    "rates.column.unanswered": "Not evaluated",
    "rates.who": (
        "The platform and your organisation’s admins would read who you are, and project, system and language. Your numbers "
        "are read only in a sum of ten people or more. Neither the platform nor an admin can read yours; both together "
        "could, against the rules."
    ),
    "rates.language.tell": "Say in which language I read the notice",
    "rates.send": "Send these sums",
    "rates.decline": "Do not send",
    "rates.later": "Later",
    "rates.sending": "Sending …",
    "rates.declining": "One moment …",
    "rates.state.running": "These four weeks have not ended yet. Nothing can be sent of them before.",
    "rates.state.few": "These are too few sessions for a report: three are needed. Nothing is sent.",
    "rates.state.begun": "This report was begun to be sent, and was not confirmed. It goes again as it was.",
    "rates.state.over": "The time for a report of these four weeks is over. Nothing is sent of them any more.",
    "rates.state.sent": (
        "These numbers are sent, signed with your key. From {until} on your organisation can read the sums, where ten "
        "people or more have sent theirs."
    ),
    "rates.state.declined": "Nothing is sent, and nobody is told. You can think again until {until}.",
    "rates.again": "Think again",
    "rates.again.later": "After this window is closed, the command fairwitness rates --send does the same.",
    "rates.project.others": "other projects",
    "rates.project.none": "(none)",
    "rates.system.others": "other systems",
    "rates.system.linux-x11": "Linux (X11)",
    "rates.system.linux-wayland": "Linux (Wayland)",
    "rates.system.windows": "Windows",
    "rates.system.macos": "macOS",
    "rates.language.others": "other languages",
    "rates.language.untold": "(not said)",
    "rates.language.en": "English",
    "rates.language.it": "Italian",
    "rates.percent": "{number} %",
    "rates.tab": "Questions on trial",
    "rates.why": (
        "How often questions on trial were raised, in sums of ten people or more who chose to send. The numbers are claimed "
        "by them, and nobody’s own are among them. A question is no judgement."
    ),
    "rates.reading": "Reading the sums …",
    "rates.table": "Sums by project, system and language",
    "rates.filter": "Filter by project, system, language or question",
    "rates.earlier": "Four weeks earlier",
    "rates.later.period": "Four weeks later",
    "rates.left.one": "{number} person sent a report and is in no row: fewer than ten people.",
    "rates.left.more": "{number} people sent a report and are in no row: fewer than ten people of each kind.",
    "rates.column.project": "Project",
    "rates.column.system": "System, language",
    "rates.column.people": "People",
    "rates.column.sessions": "Raised in sessions",
    "rates.column.with": "Raised with people",
    "rates.column.version": "Version",
    "rates.people.others": "{people} and {others} others",
    "rates.others.why": (
        "Others: people who left, or have new keys since they sent. They are in the sum, and nobody can check them any more."
    ),
    "rates.of": "{raised} of {answered}",
    "rates.between": "{low} to {high}",
    "rates.few": "fewer than ten people,\nor all",
    "rates.few.why": (
        "“Fewer than ten people, or all”: fewer than ten people of the row answered this question, or it was raised with "
        "every one of those who did. Which of the two, nobody is told."
    ),
    "rates.unsaid": "not said",
    "rates.rate.few": "fewer than 600 sessions",
    "rates.given-up": "given up",
    "rates.given-up.why": "A row is given up, and nothing of it is read: {why}.",
    "rates.none": "There are no sums of these four weeks",
    "rates.none.off": (
        "In no project findings on trial are counted. Under “Projects and policies”, set “How often questions are raised” "
        "to “sums of ten people or more”: trainers then read it in their notice, and each decides whether to send."
    ),
    "rates.none.on": (
        "Counting is on in: {projects}. A row takes ten people of whom each sealed three sessions or more in the four "
        "weeks, while the policy said so, and chose to send in the 14 days after. Fair Witness tells them when they can."
    ),
    "rates.none.unknown": "Not read yet.",
}
"""Sentences by key."""
