# SPDX-License-Identifier: Apache-2.0
"""Findings: titles, what they ask, innocent causes, and why one was not evaluated."""

from __future__ import annotations

from typing import Final

TABLE: Final[dict[str, str]] = {
    # injected-input
    "finding.injected-input.title": "Text from software",
    "finding.injected-input.raised": (
        "For two minutes or less, most text came from software, none from the keyboard. What was it?"
    ),
    "finding.injected-input.clear": "Nowhere did most text come from software while the keyboard was silent.",
    "finding.injected-input.not-evaluated": "Whether text came from software was not evaluated.",
    # regular-typing
    "finding.regular-typing.title": "Very even typing",
    "finding.regular-typing.raised": (
        "For five minutes of typing the keystrokes came more evenly than hands usually type. What was it?"
    ),
    "finding.regular-typing.clear": "The keystrokes came as unevenly as hands type.",
    "finding.regular-typing.not-evaluated": "How evenly the keystrokes came was not evaluated.",
    # unpaused-typing
    "finding.unpaused-typing.title": "Typing without pauses",
    "finding.unpaused-typing.raised": (
        "Text was typed on for nine minutes or more with hardly a pause. Where did it come from?"
    ),
    "finding.unpaused-typing.clear": "There were pauses in the typing, as when one thinks or reads.",
    "finding.unpaused-typing.not-evaluated": "Whether text was typed without pauses was not evaluated.",
    # pointer-alone
    "finding.pointer-alone.title": "Only the pointer moved",
    "finding.pointer-alone.raised": (
        "For twenty minutes the pointer moved at even intervals, and nothing else happened. Were you reading?"
    ),
    "finding.pointer-alone.software": (
        "For twenty minutes only a program moved the pointer, and nothing else happened. Were you reading?"
    ),
    "finding.pointer-alone.small": (
        "For twenty minutes the pointer moved just a little, or without a rest, and nothing else happened. Were you reading?"
    ),
    "finding.pointer-alone.clear": "Nowhere did only the pointer move for twenty minutes in a way that this asks about.",
    "finding.pointer-alone.not-evaluated": "Whether only the pointer moved for twenty minutes was not evaluated.",
    # pointer-paths
    "finding.pointer-paths.title": "Pointer in equal steps or bounds",
    "finding.pointer-paths.raised": (
        "For twenty minutes most long movements of a pointer ran along a line in equal steps. What moved it?"
    ),
    "finding.pointer-paths.software": (
        "For twenty minutes a program moved the pointer along lines in equal steps, or at one bound to where it pressed. "
        "What was it for?"
    ),
    "finding.pointer-paths.clear": "Nowhere were most long movements of a pointer in equal steps along a line, or bounds.",
    "finding.pointer-paths.not-evaluated": "Whether a pointer moved in equal steps or bounds was not evaluated.",
    # ai-tool
    "finding.ai-tool.title": "AI tool in front",
    "finding.ai-tool.raised": "An AI tool was in front for a while; this project asks to work without it. What was it for?",
    "finding.ai-tool.declare": "An AI tool was in front for a while. This project allows it and asks for a declaration.",
    "finding.ai-tool.declared": "An AI tool was in front, and its use was declared, as this project asks.",
    "finding.ai-tool.allowed": "An AI tool was in front, and this project allows it.",
    "finding.ai-tool.clear": "No AI tool that this project asks about was in front for long.",
    "finding.ai-tool.not-evaluated": "Whether an AI tool was in front was not evaluated.",
    # paste-chain
    "finding.paste-chain.title": "Copied from an AI tool",
    "finding.paste-chain.raised": (
        "Something was copied in an AI tool and pasted elsewhere; this project asks to work without it. What was it?"
    ),
    "finding.paste-chain.declare": (
        "Something was copied in an AI tool and pasted elsewhere. This project allows it and asks for a declaration."
    ),
    "finding.paste-chain.declared": (
        "Something was copied in an AI tool and pasted elsewhere, and its use was declared, as this project asks."
    ),
    "finding.paste-chain.allowed": "Something was copied in an AI tool and pasted elsewhere, and this project allows it.",
    "finding.paste-chain.clear": "Nothing long was copied in an AI tool that this project asks about and pasted elsewhere.",
    "finding.paste-chain.not-evaluated": "Whether something went from an AI tool into another program was not evaluated.",
    # large-paste
    "finding.large-paste.title": "Long text from elsewhere",
    "finding.large-paste.raised": (
        "Something long was pasted, and it was copied in a program in which hardly anything was typed. What was it?"
    ),
    "finding.large-paste.declared": "Something long was pasted from elsewhere, and something was declared in this session.",
    "finding.large-paste.clear": "Nothing long was pasted that was seen to come from elsewhere.",
    "finding.large-paste.not-evaluated": "Whether something long was pasted from elsewhere was not evaluated.",
    # still-screen
    "finding.still-screen.title": "Typing on a still screen",
    "finding.still-screen.raised": (
        "For ten minutes or more text was typed, and no screenshot taken meanwhile shows anything of it. Where did it go?"
    ),
    "finding.still-screen.clear": "Nowhere was text typed for long while all screenshots stayed the same.",
    "finding.still-screen.not-evaluated": "Whether text was typed while the screen stayed the same was not evaluated.",
    # new-hardware
    "finding.new-hardware.title": "Another keyboard or mouse",
    "finding.new-hardware.raised": "A keyboard or a mouse came or went while the session ran. What was it?",
    "finding.new-hardware.clear": "No keyboard and no mouse came or went while this was observed.",
    "finding.new-hardware.not-evaluated": "Whether a keyboard or a mouse came or went was not evaluated.",
    # overlay-window
    "finding.overlay-window.title": "A window over the work",
    "finding.overlay-window.raised": (
        "For two minutes or more a window of another program lay over the one in front. What was it?"
    ),
    "finding.overlay-window.clear": "No window of another program stayed over the one in front for two minutes.",
    "finding.overlay-window.not-evaluated": "Whether a window of another program stayed over the work was not evaluated.",
    # local-model
    "finding.local-model.title": "A model on this computer",
    "finding.local-model.raised": (
        "A program that runs AI models on this computer was running while the session ran. Was it a part of this work?"
    ),
    "finding.local-model.clear": (
        "No program that runs AI models on this computer was seen running, or the policy or a declaration covers it."
    ),
    "finding.local-model.not-evaluated": "Whether a program that runs AI models was running was not evaluated.",
    "finding.unknown.title": "A newer question",
    "finding.unknown": "This finding comes from a newer version than this one, which cannot explain it.",
    "alternative.dictation": "Speech was turned into text by a dictation program.",
    "alternative.expander": "A text expander or a password manager filled in text.",
    "alternative.remapper": "A program remaps the keyboard and sends each keystroke again.",
    "alternative.steno": "A stenography program writes whole words.",
    "alternative.screen-keyboard": "An on-screen keyboard or a switch was used.",
    "alternative.remote-desktop": "The desktop was used from another computer.",
    "alternative.kvm": "A program shares one keyboard among several computers.",
    "alternative.macro-keyboard": "The keyboard itself types stored text, as one with macros does.",
    "alternative.held-key": "A key was held down, and the desktop did not say that it was repeated.",
    "alternative.own-notes": "It was typed from the person's own notes or from a draft on paper.",
    "alternative.copying-is-the-task": "The task is to transcribe or to copy.",
    "alternative.text-in-mind": "The text was known beforehand, such as something learnt or often written.",
    "alternative.fast-typist": "The person types fast and thinks while typing.",
    "alternative.reading": "Something long was read, with a hand on the mouse.",
    "alternative.watching": "A video, a call or a presentation was watched.",
    "alternative.keeps-awake": "A program or a device kept the screen from locking meanwhile.",
    "alternative.surface": "The mouse lay on a surface that makes its pointer drift, or something touched it.",
    "alternative.pointing-aid": "An eye tracker or another aid moves the pointer.",
    "alternative.automated-task": "The task asks to run a program that clicks, such as a test of a page.",
    "alternative.pointer-by-keys": "A program moves the pointer at the press of a key, or into the window in front.",
    "alternative.model-rated": "The page is that of the model that was being rated.",
    "alternative.task-asks": "The task itself asks to open this page or to try this tool.",
    "alternative.same-name": "The page only has the name of an AI tool in its title, as an article about it does.",
    "alternative.left-in-front": "The window stayed in front, and nobody worked with it.",
    "alternative.part-unused": "The program does other things too, and its assistant was not used.",
    "alternative.permission": "Somebody in charge of the project said that it may be used here.",
    "alternative.quotes-model": "The task asks to quote the answer of the model.",
    "alternative.own-text": "It was the person's own text, or the text of the task, moved through that page.",
    "alternative.something-else-copied": "Another program put something into the clipboard meanwhile.",
    "alternative.own-draft": "It was the person's own text, written elsewhere or before the session.",
    "alternative.task-text": "It was the text of the task, or the task asks to quote it.",
    "alternative.template": "It was a template, a form or a standard paragraph that is used often.",
    "alternative.reference": "It was a quotation, a reference or code that belongs to the work.",
    "alternative.picture": "It was a picture, a table or a file, of which the size says nothing about text.",
    "alternative.other-computer": "The keyboard was used for another computer, over a switch or a program that shares it.",
    "alternative.unseen-screen": "The text went to a screen or a terminal that screenshots do not show.",
    "alternative.frozen-window": "A remote or virtual desktop stood still in its window for a while.",
    "alternative.no-echo": "A program took the text without showing it, such as a password prompt or a game.",
    "alternative.same-picture": "The desktop handed out an old picture, as some do while a program fills the screen.",
    "alternative.dock": "The computer was put into a dock or taken out of it, or it woke up.",
    "alternative.switch": "A switch shares the keyboard and the mouse among several computers.",
    "alternative.wireless": "A wireless keyboard or mouse slept, woke up or ran low.",
    "alternative.own-device": "The person changed to another keyboard or mouse of their own.",
    "alternative.own-overlay": "It was a note, a timer, a player or a subtitle that stays above everything.",
    "alternative.meeting-bar": "It was the bar or the small picture of a call.",
    "alternative.screen-tool": "It was a screen ruler, a magnifier, a screenshot tool or another aid for the eyes.",
    "alternative.desktop-part": "It belongs to the desktop, which does not say so.",
    "alternative.starts-by-itself": "It starts with the computer, and nobody used it.",
    "alternative.other-models-work": "It served other work of the person, or a study, and nothing of this session.",
    "alternative.started-by-another": "An editor, a dictation or another program of the person runs it for itself.",
    "alternative.same-program-name": "Another program has a file of the same name.",
    "abstain.too-little": "There was too little typing to say anything.",
    "abstain.bursts": "Most of the text came in bursts, as from dictation, an expander or a stenography program.",
    "abstain.pace-not-told": "The typing was too slow for this question, or its times were too coarse.",
    "abstain.withheld": "The statistics are withheld or removed.",
    "abstain.not-observed": "The keyboard was not observed for most of the session.",
    "abstain.assistive": "You said that an assistive tool writes for you.",
    "abstain.remote": "You said that you work through a remote desktop.",
    "abstain.unknown-source": "This desktop does not say which device most keystrokes came from.",
    "abstain.remapper": "Keystrokes from software followed those of the keyboard one by one, as a remapping program does.",
    "abstain.focus-off": "This policy does not record which application is in front.",
    "abstain.focus-withheld": "The records of the window in front are withheld or removed.",
    "abstain.window-not-observed": "The window in front was not observed for most of the session.",
    "abstain.titles-off": "This policy records no window titles, so pages in a browser cannot be told apart.",
    "abstain.clipboard-off": "This policy does not record copies and pastes.",
    "abstain.clipboard-withheld": "The records of copies and pastes are withheld or removed.",
    "abstain.clipboard-not-observed": "Copies and pastes were not observed for most of the session.",
    "abstain.origin-not-known": "Part of the work was not observed, so where something came from cannot be told.",
    "abstain.pointer-not-observed": "The pointer was not observed for most of the session.",
    "abstain.too-short": "Less than twenty minutes in a row were observed.",
    "abstain.captures-off": "This policy takes no screenshots.",
    "abstain.captures-removed": "Screenshots are withheld or removed.",
    "abstain.one-screen": "This policy takes screenshots of one screen only, so work on another one cannot be seen.",
    "abstain.few-pictures": "Hardly a screenshot was taken while text was typed.",
    "abstain.catalogue-missing": "The list of AI tools that this policy names is not on this computer, or is another one.",
    "abstain.said-here": "You said that an assistive tool, or a remote desktop, is at work here.",
    "finding.claimed": (
        "This is what the trainer's program said. It is claimed, not recomputed, and why stays with the trainer."
    ),
    "abstain.devices-not-watched": "This desktop does not say when devices come and go.",
    "abstain.overlays-not-watched": "This desktop does not say which windows lie over others.",
    "abstain.runners-off": "This policy does not ask which programs run.",
    "abstain.runners-not-watched": "Programs that run AI models were not looked for, or could not be seen.",
    "abstain.few-paths": "Too few long pointer movements were told step by step, as this device or its clock may not do.",
    "abstain.mostly-software": "Software pressed keys and buttons more than hardware did, as when one works from afar.",
    "state.raised": "asks a question",
    "state.clear": "clear",
    "state.not evaluated": "not evaluated",
    "state.unknown": "newer state",
}
