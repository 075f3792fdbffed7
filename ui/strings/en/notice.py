# SPDX-License-Identifier: Apache-2.0
"""The notice: what a policy observes, in plain words."""

from __future__ import annotations

from typing import Final

TABLE: Final[dict[str, str]] = {
    "notice.title": "What Fair Witness records: {name}",
    "notice.for": "For {organisation}.",
    "notice.for.personal": (
        "For yourself alone. Nothing of a personal session is sent: where this notice speaks of reviewers, there are none."
    ),
    "notice.purpose": "Purpose: {purpose}",
    "notice.basis.contract": "Legal basis: your contract with the organisation.",
    "notice.basis.consent": "Legal basis: your consent. You may refuse or withdraw it at any time, for sessions to come.",
    "notice.basis.agreement": "Legal basis: a works agreement or a similar agreement.",
    "notice.when": "When",
    "notice.when.session": (
        "Only between Start and Stop. The state is always visible; where no sign of it can be shown, nothing is observed, "
        "and your time goes on."
    ),
    "notice.when.pause": "In a pause and in private time nothing is observed. The length is recorded, the reason is not.",
    "notice.recorded": "What is recorded",
    "notice.focus.sent": (
        "Which application is in front, and since when; that a keyboard or a mouse came or went; that a window of another "
        "program stayed over the one in front, not whose. Reviewers can read it."
    ),
    "notice.focus.withheld": (
        "Which application is in front; that a keyboard or a mouse came or went; that a window of another program stayed "
        "over the one in front. It stays with you; reviewers see only that it was recorded."
    ),
    "notice.focus.off": "Which application is in front is not recorded, and neither is what is plugged in or lies over it.",
    "notice.runners.sent": (
        "That a program which runs AI models on this computer was running, which one, and from when to when. Every half "
        "minute the names of the programs that you run are compared with the list of AI tools; a name that is not on it is "
        "not kept. Reviewers can read it."
    ),
    "notice.runners.withheld": (
        "That a program which runs AI models on this computer was running, which one, and from when to when. Every half "
        "minute the names of the programs that you run are compared with the list of AI tools; a name that is not on it is "
        "not kept. It stays with you; reviewers see only that something was recorded."
    ),
    "notice.titles.application": "Window titles are not recorded.",
    "notice.titles.full": (
        "Window titles are recorded too. A title may hold the name of a document, of a person, or of a web page."
    ),
    "notice.statistics.sent": (
        "Every five seconds, how many keystrokes of which sort (letter, space, delete, paste), in coarse steps how "
        "fast they came, how much pointer use there was, and whether it came from a device or from software. "
        "Reviewers can read it. Over a session it shows a rhythm by which a person can be recognised."
    ),
    "notice.statistics.withheld": (
        "Every five seconds, counts of keystrokes by sort and of pointer use, in coarse steps how fast the keystrokes "
        "came, and whether they came from a device or from software. All this stays with you; reviewers see only that "
        "it was recorded."
    ),
    "notice.statistics.off": "Keystrokes and pointer use are not counted.",
    "notice.captures.sent": (
        "Screenshots: one at a random moment in every {length}, of {monitors}. A screenshot shows what is on the "
        "screen, whatever it is. Reviewers can see it."
    ),
    "notice.captures.withheld": (
        "Screenshots: one at a random moment in every {length}, of {monitors}. They stay with you; reviewers see "
        "only that they were taken."
    ),
    "notice.captures.off": "No screenshots are taken.",
    "notice.monitors.all": "every monitor",
    "notice.monitors.primary": "the main monitor",
    "notice.captures.mask": (
        "Windows of these applications, and our own, are painted over before a screenshot is kept: {apps}."
    ),
    "notice.captures.mask.none": "No application but Fair Witness itself is painted over in screenshots.",
    "notice.captures.only": "Only these applications are shown in screenshots, all others are painted over: {apps}.",
    "notice.clipboard.sent": "How much was copied and pasted, and by which applications; never what. Reviewers can read it.",
    "notice.clipboard.withheld": (
        "How much was copied and pasted, never what. It stays with you; reviewers see only that it was recorded."
    ),
    "notice.clipboard.off": "Copying and pasting are not recorded.",
    "notice.timing.sent": (
        "The times of single keystrokes and pointer movements, without which key or where. Their rhythm is personal. "
        "Reviewers can read them."
    ),
    "notice.timing.withheld": (
        "The times of single keystrokes and pointer movements, without which key or where. They stay with you; you may "
        "open some of them later if you want to."
    ),
    "notice.timing.off": "The times of single keystrokes and pointer movements are not recorded.",
    "notice.recorded.own": (
        "What you write into it yourself: your notes, the tools that you name, your answers; and that you read this "
        "notice. Reviewers can read it."
    ),
    "notice.never": "What is never recorded",
    "notice.never.content": (
        "Which key you press, what you type, what you copy, sound, camera, place, web addresses, file names and contents."
    ),
    "notice.never.outside": "Anything at all outside a session.",
    "notice.never.captures": "A screenshot can still show such things while they stand on the screen.",
    "notice.never.titles": "A window title can still hold such a name or address, where an application puts it there.",
    "notice.tools": "AI tools",
    "notice.tools.allowed": "You may use AI tools.",
    "notice.tools.declare": "You may use AI tools and are asked to say so when you do.",
    "notice.tools.forbidden": (
        "You are asked not to use AI tools. If one is in front, a question is raised that you can answer."
    ),
    "notice.tools.kind.allowed": "{kind}: may be used.",
    "notice.tools.kind.declare": "{kind}: may be used; please say so.",
    "notice.tools.kind.forbidden": "{kind}: please do not use them.",
    "notice.tools.own": "These pages belong to the work itself and are always allowed: {names}.",
    "notice.tools.catalogue": (
        "What counts as an AI tool stands in this organisation's own list, which anybody here can read. SHA-256: {digest}"
    ),
    "notice.questions": "Questions",
    "notice.questions.how": (
        "Some patterns raise a question. A question is no judgement: it comes with its evidence and with innocent "
        "causes, you can answer it, and a named person decides in writing. It changes neither pay nor access by "
        "itself."
    ),
    "notice.questions.assistance": (
        "If an assistive tool or a remote desktop works for you, you can say so once in this program. It stays on this "
        'computer, is recorded and sent nowhere, and no question is then evaluated. Reviewers read only "not evaluated", '
        "as for any other cause, and never why."
    ),
    "notice.questions.shadow": "In this policy questions are on trial: you see them, reviewers do not.",
    "notice.questions.rates": (
        "Every four weeks you may send how many sessions each question was raised in. You see it first, nothing is sent by "
        "itself, and nobody is told whether you declined. It is only read as a part of sums over ten people or more. The "
        "platform and your organisation’s admins see who reports, from which project and system, and in which language "
        "you read this, unless you leave the language out."
    ),
    "notice.questions.rates.both": (
        "Neither the platform nor an admin can read your numbers. Both together could, against what is agreed."
    ),
    "notice.questions.shown": "Reviewers see questions together with your answers.",
    "notice.time": "Work time",
    "notice.time.counted": (
        "Reading, thinking and calls count like typing. If you are away for {length}, you are asked; nothing is "
        "taken off by itself."
    ),
    "notice.time.crash": "If the program ends without warning, up to {length} count as work; a longer time you can claim.",
    "notice.time.private.counts": "Private time counts as work time.",
    "notice.time.private.not": "Private time does not count as work time.",
    "notice.sent": "When it is sent, and who can read it",
    "notice.sent.seal": "You see the whole session first. Nothing is sent before you seal it.",
    "notice.sent.hold": "After sealing it waits {length} before it is sent.",
    "notice.sent.now": "After sealing it is sent at once.",
    "notice.sent.who": (
        "It is encrypted for you and for the reviewers of the project. The platform stores it and cannot read it. "
        "Each time a reviewer is given it is logged."
    ),
    "notice.sent.fingerprints": (
        "While you record, only numeric fingerprints of the record go to the platform, so that its times can be trusted. "
        "They show nothing of it."
    ),
    "notice.sent.platform": (
        "Without reading it the platform still sees when you began, paused and ended, for which project, when something "
        "was not observed, and how many records and screenshots there are and how large."
    ),
    "notice.sent.personal": "To nobody. A personal session stays on this computer, encrypted for you alone.",
    "notice.kept": "How long it is kept",
    "notice.kept.captures": "On the platform, screenshots: {days} days.",
    "notice.kept.statistics": "On the platform, applications and counts: {days} days.",
    "notice.kept.decisions": (
        "On the platform, notes, questions, answers and decisions: {days} days. When work began and ended stays."
    ),
    "notice.kept.own": "Your own copy on this computer stays as long as you want it.",
    "notice.kept.personal": "As long as you want it.",
    "notice.rights": "What you can do",
    "notice.rights.list": (
        "Pause, take private time, answer questions before you seal, read every decision and reply to it, check "
        "the record offline, and keep a copy of everything."
    ),
    "notice.rights.ask": "Ask the person who invited you about anything that is unclear, before you begin.",
    "length.seconds.one": "{number} second",
    "length.seconds.more": "{number} seconds",
    "length.minutes.one": "{number} minute",
    "length.minutes.more": "{number} minutes",
    "length.hours.one": "{number} hour",
    "length.hours.more": "{number} hours",
    "notice.kind.agent": "Agents that act by themselves",
    "notice.kind.browser": "AI built into a browser",
    "notice.kind.chat": "Chat pages",
    "notice.kind.code": "Programming assistants",
    "notice.kind.homework": "Homework solvers",
    "notice.kind.local": "Models on your own computer",
    "notice.kind.overlay": "Assistants that lie over other windows",
    "notice.kind.research": "Research assistants",
    "notice.kind.rewriting": "Rewriting tools",
    "notice.kind.search": "AI search",
    "notice.kind.translation": "Translation tools",
    "notice.kind.writing": "Writing assistants",
}
"""Sentences by key."""
