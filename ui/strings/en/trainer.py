# SPDX-License-Identifier: Apache-2.0
"""The trainer's side: tray, state window, notice dialog, review and sealing, enrolment."""

from __future__ import annotations

from typing import Final

TABLE: Final[dict[str, str]] = {
    "tray.name": "Fair Witness",
    "state.trainer.idle": "Not recording",
    "state.trainer.starting": "Starting …",
    "state.trainer.recording": "Recording",
    "state.trainer.paused": "Paused",
    "state.trainer.private": "Private time",
    "state.trainer.stopping": "Ending the session …",
    "state.trainer.problem": "Something is in the way",
    "state.trainer.offline": "{state}, offline",
    "why.idle": "Nothing is observed. A session begins only when you start one.",
    "why.starting": "One moment.",
    "why.recording": "The session is being recorded on this computer. Nothing is sent until you have sealed it.",
    "why.paused": "Nothing is observed until you resume. The pause is recorded as a pause.",
    "why.private": "Nothing is observed until you resume. It is recorded as private time, without a reason.",
    "why.stopping": "Nothing is observed any more. The record is being completed.",
    "why.problem": "Nothing is observed.",
    "tray.time": "{project}: {length} of work",
    "tray.time.personal": "{length} of work",
    "do.start": "Start",
    "do.start.project": "Start: {project}",
    "do.start.personal": "Start a personal session",
    "do.pause": "Pause",
    "do.private": "Private time",
    "do.resume": "Resume",
    "do.stop": "Stop",
    "do.declare": "I used a tool …",
    "do.note": "Add a note …",
    "do.assistance": "Assistive tools …",
    "do.window": "Open Fair Witness",
    "do.review": "Look through",
    "do.look": "Open",
    "do.send-now": "Send now",
    "do.join": "Join an organisation …",
    "do.quit": "Quit",
    "do.save": "Save",
    "do.add": "Add to the record",
    "today.unobserved": "Not observed now",
    "today.offline": "The platform cannot be reached. Your work is recorded here and will be sent later.",
    "contradicted.directory": "The platform contradicts itself about who belongs to your organisation and by which rules.",
    "contradicted.log": "The platform contradicts itself about what your organisation's log holds.",
    "contradicted.receipt": "The platform contradicts itself about what it confirmed of your sessions.",
    "contradicted.statement": "The platform contradicts itself about decisions or replies on your sessions.",
    "contradicted.witness": "The platform contradicts itself about what it countersigned of your sessions.",
    "contradicted.other": "The platform contradicts what it gave before.",
    "contradicted.kept": (
        "What it gave is kept on this computer as evidence, in the folder organisation/evidence of Fair "
        "Witness. Recording goes on and your hours count. Please tell your organisation's admin, by another way "
        "than the platform."
    ),
    "contradicted.unkept": (
        "The disk does not take what it gave, which is evidence: it is held in memory until Fair Witness ends. Please make "
        "room on the disk before that. Recording goes on and your hours count. Please tell your organisation's admin, by "
        "another way than the platform."
    ),
    "today.ask": "This project asks you to say when you use an AI tool. If you did, add it to the record.",
    "today.begun": "You began to write something and did not add it to the record. It is on this computer alone.",
    "today.begun.do": "Go on writing …",
    "today.sessions": "Your sessions",
    "today.sessions.none": (
        "No sessions yet. Choose Start when you begin to work; you will see everything before anybody else does."
    ),
    "today.sessions.yet": "No sessions yet.",
    "today.sessions.running": "No earlier sessions. The one that runs comes here when you stop it, for you to look through.",
    "today.personal": (
        "This computer belongs to no organisation: sessions are personal, signed with your own keys, and sent nowhere."
    ),
    "today.waits": "Your organisation has not signed you in yet. You can start once it has; this window will show it.",
    "today.organisation": "{organisation}, as {person}",
    "today.quit": "A session is running. Stop it and quit? It waits for your review at the next start.",
    "today.quit.do": "Stop and quit",
    "today.quit.stay": "Keep recording",
    "stage.review": "Waits for you to look through it",
    "stage.held": "Sealed; on hold until {time}",
    "stage.waiting": "Waiting to send",
    "stage.sending": "Being sent: {done} of {of}",
    "stage.confirmed": "Confirmed by the platform",
    "stage.refused": "Not taken by the platform",
    "stage.kept": "Sealed; kept on this computer",
    "card.overlap": "Of these, {length} are counted in another session of yours, which began earlier.",
    "card.title": "{date}, {length} of work",
    "card.unread.one": "{number} new decision",
    "card.unread.more": "{number} new decisions",
    "card.personal": "Personal",
    "size.kb": "{number} kB",
    "size.mb": "{number} MB",
    "notice.read": "I have read this",
    "notice.agree": "I agree",
    "notice.disagree": "I do not agree",
    "notice.later": "Not now",
    "notice.window": "Notice before the first session",
    "form.begun": "You began these words earlier and did not add them. What you add now goes into the session that runs.",
    "declare.title": "A tool that you used",
    "declare.why": (
        "What you write here becomes part of the record, and the reviewers of this project can read it. It is for AI tools "
        "and the like. A tool that helps you work with your computer does not belong here: say that you have one under "
        "Assistive tools, which stays on this computer."
    ),
    "declare.tool": "Which tool",
    "declare.purpose": "What for",
    "declare.tool.hint": "For example: ChatGPT, DeepL",
    "assistance.title": "Assistive tools",
    "assistance.why": (
        "Say it once, if it is so; you need not say which tool. It stays on this computer: it is written into no session, "
        "and sent to nobody."
    ),
    "assistance.assistive": "A tool types, points or chooses for me",
    "assistance.assistive.hint": (
        "Dictation, an input method, a text expander, a program that remaps keys, steno, an on-screen keyboard, switches, "
        "or anything like them."
    ),
    "assistance.remote": "I work through a remote desktop, or share keyboard and mouse",
    "assistance.then": (
        "While one of these is ticked, no question is asked about your sessions: each is not evaluated. Reviewers read "
        "only that, as where there was too little typing, and never why. It counts for sessions from now on, and for one "
        "that runs."
    ),
    "note.title": "A note in the record",
    "note.why": (
        "Your own words at this moment. The reviewers of this project can read them once you have sealed the session."
    ),
    "note.text": "Note",
    "review.window": "Look through your session",
    "review.window.sealed": "Your sealed session",
    "review.before": "This is all that was recorded. Nothing is sent until you seal it.",
    "review.before.personal": "This is all that was recorded. It stays on this computer.",
    "review.seal": "Seal …",
    "review.seal.sure": "After sealing nothing can be changed. It goes to the reviewers of {project}, {when}.",
    "review.seal.sure.personal": "After sealing nothing can be changed. The session stays on this computer.",
    "review.seal.when": "after a hold of {length} (you can send it earlier)",
    "review.seal.now": "at once",
    "review.seal.do": "Seal this session",
    "review.seal.back": "Not yet",
    "review.sealing": "Sealing …",
    "review.sealed": "Done. {stage}.",
    "show.open": "Show this to the reviewers …",
    "show.title": "Show something to the reviewers",
    "show.why": (
        "Some of this session stays with you: it is recorded for good, and the reviewers of {project} cannot read it. If "
        "it answers a question, you can let them read it."
    ),
    "show.finding": "What this question rests on",
    "show.moment": "The moment at {time}",
    "show.stretch": "All within a stretch",
    "show.readable": "The reviewers will be able to read:",
    "show.nothing": "There is nothing in it that they cannot read already.",
    "show.at": "At {time}.",
    "show.between": "From {begin} to {end}.",
    "show.before.one": "{number} record of it was shown before.",
    "show.before.more": "{number} records of it were shown before.",
    "show.for-good": "This cannot be taken back: whoever has read something has read it.",
    "show.do": "Let them read it",
    "show.doing": "Showing it to the reviewers …",
    "show.done": "The reviewers can read it now. It stands in the organisation’s log, signed by you.",
    "remove.open": "Take something out …",
    "remove.title": "Take something out",
    "remove.why": (
        "Reviewers will see that something was taken out, and when; never what. Your work time stays as it is. "
        "What is taken out is gone for good, for you too."
    ),
    "remove.shot": "The screenshot that is shown at {time}",
    "remove.shot.none": "The screenshot that is shown (there is none at this moment)",
    "remove.stretch": "Everything of a stretch of time",
    "remove.from": "From",
    "remove.to": "to",
    "remove.app": "Everything while this was in front",
    "remove.screenshots.one": "{number} screenshot would go.",
    "remove.screenshots.more": "{number} screenshots would go.",
    "remove.twins.one": "{number} of them shows the same picture at another moment.",
    "remove.twins.more": "{number} of them show the same picture at another moment.",
    "remove.others.one": "{number} record of applications and counts would go.",
    "remove.others.more": "{number} records of applications, counts and notes would go.",
    "remove.withheld.one": "{number} record that reviewers do not get would go, too.",
    "remove.withheld.more": "{number} records that reviewers do not get would go, too.",
    "remove.nothing": "There is nothing of this that could be taken out.",
    "remove.do": "Take it out for good",
    "remove.doing": "Taking it out …",
    "remove.done": "It is gone. Nothing is sent until you seal the session.",
    "cover.open": "Cover part of a screenshot …",
    "cover.title": "Cover part of this screenshot",
    "cover.why": (
        "What you cover becomes grey, and what was under it is gone for good, for you too. Reviewers will see the grey, "
        "and that something was taken out."
    ),
    "cover.no.picture": "No screenshot is shown at this moment. Go to one first (J and L), and try again.",
    "cover.picture": "The screenshot, with the areas that you cover",
    "cover.keys": (
        "Draw with the pointer. Or on the picture: Insert adds an area, arrows move it, Shift and arrows change its size, "
        "Delete takes it away."
    ),
    "cover.none": "Nothing is covered yet.",
    "cover.areas.one": "{number} area is covered.",
    "cover.areas.more": "{number} areas are covered.",
    "cover.last": "The last begins {left} px from the left and {top} px from the top, {wide} px wide and {high} px high.",
    "cover.twins.one": "{number} other screenshot shows the same picture. It is covered, too.",
    "cover.twins.more": "{number} other screenshots show the same picture. They are covered, too.",
    "cover.add": "Add an area",
    "cover.back": "Take the last one away",
    "cover.do": "Cover it for good",
    "cover.doing": "Covering it …",
    "cover.done": "It is covered, and what was under it is gone. Nothing is sent until you seal the session.",
    "review.unsent": "You wrote words that are not saved yet. Close and lose them?",
    "review.unsent.close": "Close and lose them",
    "review.opening": "Opening the session …",
    "review.decided": "There is a decision on this session. You can reply to it below.",
    "answer.label": "Your words on this question (the reviewers read them with it)",
    "answer.name": "Your words on: {title}",
    "answer.save": "Save these words",
    "answer.saved": "Saved. You can add more until you seal.",
    "answer.left": "{number} characters left",
    "reply.label": "Your reply to this decision",
    "reply.name": "Your reply to the decision of {name}",
    "reply.send": "Sign and send the reply",
    "reply.sending": "Sending …",
    "reply.sent": "Sent, signed with your key.",
    "join.window": "Join an organisation",
    "join.paste": "Paste the enrolment link that your organisation gave you.",
    "join.link": "Enrolment link",
    "join.next": "Next",
    "join.compare": "The organisation's six words",
    "join.ask": (
        "Your organisation told you six words by another way than this link: on paper, by telephone. Are they these?"
    ),
    "join.same": "They are the same",
    "join.differ": "They differ",
    "join.differ.why": (
        "Then this link does not come from your organisation. Nothing was sent. Ask them for a new link and tell them so."
    ),
    "join.person": "You would be “{person}” on {platform}.",
    "join.going": "Enrolling this computer …",
    "join.done": "This computer is enrolled. Once your organisation has signed you in, you can start.",
    "second.told": "Fair Witness is running already; its window is open now.",
}
"""Sentences by key."""
