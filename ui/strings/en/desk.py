# SPDX-License-Identifier: Apache-2.0
"""The reviewer's desk: what waits, decisions, verification."""

from __future__ import annotations

from typing import Final

TABLE: Final[dict[str, str]] = {
    "desk.title": "Sessions to review",
    "desk.window": "Fair Witness: review",
    "desk.owner": "{name}, {organisation}",
    "desk.filter": "Filter by trainer, project, date or state",
    "desk.only-new": "Only new ones",
    "desk.refresh": "Refresh",
    "desk.open": "Open session",
    "desk.list": "Sessions",
    "desk.column.name": "Trainer",
    "desk.column.project": "Project",
    "desk.column.when": "Began, in your time",
    "desk.column.worked": "Work time",
    "desk.column.state": "State",
    "desk.column.copy": "Copy",
    "desk.when": "{day} {month} {year}, {time}",
    "desk.hours": "{hours} h {minutes:02d} min",
    "desk.minutes": "{minutes} min",
    "desk.minutes.under": "under 1 min",
    "desk.minutes.short": "< 1 min",
    "desk.state.new": "New",
    "desk.state.opened": "Opened",
    "desk.state.decided.one": "{number} question decided",
    "desk.state.decided.more": "{number} questions decided",
    "desk.state.replied.one": "{decided}, {number} reply",
    "desk.state.replied.more": "{decided}, {number} replies",
    "desk.worked.overlap": "{worked} ({overlap} twice)",
    "desk.worked.beyond": "{worked} ({beyond} too many)",
    "desk.beyond": "Of this, {beyond} cannot have passed by the platform’s clock. The replay says more.",
    "desk.overlap": "Of this, {overlap} are counted in another session of the same person, which began earlier.",
    "desk.copy.here": "On this computer",
    "desk.copy.why": "Sealed as it came. It is opened in memory only, and nothing that was opened is written to the disk.",
    "desk.count.new.none": "Nothing new",
    "desk.count.new.one": "{number} new",
    "desk.count.new.more": "{number} new",
    "desk.count.all.one": "{number} session",
    "desk.count.all.more": "{number} sessions",
    "desk.count": "{new} of {all}",
    "desk.keys": "Enter opens the selected session. Ctrl+F filters, Ctrl+1 to 6 sort, F5 refreshes.",
    "desk.empty.title": "Nothing waits for you.",
    "desk.empty.none": "When a trainer of your projects seals a session, it appears here.",
    "desk.empty.new": "You or somebody else has looked into every session in the list.",
    "desk.empty.filter.title": "No session matches.",
    "desk.empty.filter": "The list has sessions that the filter leaves out.",
    "desk.empty.show": "Show all sessions",
    "desk.away.title": "The list is not here yet.",
    "desk.away": "It is shown as soon as the platform answers. Sessions and decisions are safe where they are.",
    "desk.contradicted.directory": (
        "The platform contradicts itself about who belongs to your organisation, and by which rules."
    ),
    "desk.contradicted.log": "The platform contradicts itself about what your organisation's log holds.",
    "desk.contradicted.receipt": "The platform contradicts itself about what it confirmed of sessions.",
    "desk.contradicted.statement": "The platform contradicts itself about decisions or replies.",
    "desk.contradicted.other": "The platform contradicts what it gave before.",
    "desk.contradicted.kept": (
        "What it gave is kept on this computer as evidence, in the folder organisation/evidence of Fair Witness. Nobody "
        "whose session you review is meant by it. Please tell your organisation's admin, by another way than the platform."
    ),
    "desk.stale": "{why} The list below is as it was when the platform last answered.",
    "desk.loading": "Asking the platform for sessions.",
    "desk.opening": "Fetching the session of {name}, {when}.",
    "desk.opening.checked": "Verifying and opening the session of {name}, {when}.",
    "desk.unopened": "The session of {name} was not opened. {why}",
    "desk.back": "All sessions",
    "desk.back.tip": "Back to the list (Alt+Left)",
    "desk.previous": "Previous session",
    "desk.previous.tip": "Opens the previous session of the list (Ctrl+Page Up)",
    "desk.next": "Next session",
    "desk.next.tip": "Opens the next session of the list (Ctrl+Page Down)",
    "desk.decide": "Go to decision",
    "desk.decide.tip": "Goes to the next question that you can decide on (Ctrl+D)",
    "desk.place": "{number} of {all}",
    "desk.session": "{name}, {project}",
    "desk.questions.none": "No questions: nothing to decide",
    "desk.questions.one": "{number} question",
    "desk.questions.more": "{number} questions",
    "desk.questions.decided": "{questions}, {number} decided",
    "desk.wrong": (
        "This session does not verify: what you see may not be what was sealed. "
        "Tell your organisation's admin before you decide anything."
    ),
    "desk.closed": (
        "None of your keys opens this session, so only its public records are shown. It was sealed for other reviewers, "
        "or before you became one. Ask your organisation's admin."
    ),
    "desk.uncounted.one": "{number} statement about this session is not shown. {why}",
    "desk.uncounted.more": "{number} statements about this session are not shown. {why}",
    "decide.title": "Your decision",
    "decide.again": "Decide again",
    "decide.again.name": "Decide again on: {finding}",
    "decide.again.why": "A new decision stands beside the earlier ones; nothing is replaced.",
    "decide.outcome.upheld": "Upheld",
    "decide.outcome.not upheld": "Not upheld",
    "decide.outcome.ask": "Ask",
    "decide.means.upheld": "The question stands. The trainer reads your reason and can reply to it.",
    "decide.means.not upheld": "The question is settled. The trainer is asked nothing more.",
    "decide.means.ask": "You want to hear from the trainer first. Your reason is what they are asked.",
    "decide.weight.B": "One sign of this kind never suffices alone. Look for one of another kind before you uphold it.",
    "decide.weight.C": "This is context only. It asks for no decision by itself.",
    "decide.reason": "Your reason, in writing",
    "decide.reason.hint": "What you saw, and why you decide so. The trainer reads it.",
    "decide.counter": "{number} of {most}",
    "decide.counter.over": "{number} of {most}: please shorten it",
    "decide.signed": (
        "It is signed with your name, {name}, and can be read by the trainer and the reviewers of this project. "
        "It changes no pay by itself."
    ),
    "decide.sign": "Sign decision",
    "decide.sign.tip": "Shows once more what you sign (Ctrl+Enter in the reason)",
    "decide.missing.outcome": "Please choose one of the three.",
    "decide.missing.reason": "Please write your reason.",
    "decide.missing.shorter": "Please shorten your reason.",
    "decide.confirm": "Sign “{outcome}” as {name}?",
    "decide.confirm.why": (
        "It enters your organisation's log and stays there. You can decide again later, and both then stand side by side."
    ),
    "decide.confirm.sign": "Sign and send",
    "decide.confirm.back": "Change it",
    "decide.sending": "Signing and sending your decision.",
    "decide.unsent": "A decision that you wrote is not signed yet. If you close now, what you wrote is gone.",
    "decide.unsent.close": "Close all the same",
    "decide.failed": "Your decision was not confirmed. {why} What you wrote is kept here.",
}
"""Sentences by key."""
