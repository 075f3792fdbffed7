# SPDX-License-Identifier: Apache-2.0
"""The notice: everything that a policy observes, asks and keeps, in plain words, made from the policy alone.

Its words and docs/privacy.md say the same of each kind of record: who reads it, and how long it is kept.

Rules:

1. Every field of a policy changes the text, so nobody agrees to what is not written there.
2. The same policy, organisation and language give the same text; its digest is what ACK records.
3. No Qt: the trainer's window, the admin's preview and the terminal show the same sentences.
"""

from __future__ import annotations

import hashlib

import msgspec

from session.policy import Policy
from ui.strings import Words

_UNITS = ((3600, "length.hours"), (60, "length.minutes"), (1, "length.seconds"))


class Section(msgspec.Struct, frozen=True):
    """A heading and its sentences."""

    heading: str
    lines: tuple[str, ...]


class Notice(msgspec.Struct, frozen=True):
    """A whole notice in one language. `legal_basis` is its sentence on that, which stands in the first section too."""

    title: str
    sections: tuple[Section, ...]
    legal_basis: str

    @property
    def text(self) -> str:
        """All of it as plain text."""
        parts = [self.title]
        for section in self.sections:
            parts += ["", section.heading, *(f"- {line}" for line in section.lines)]
        return "\n".join(parts) + "\n"

    @property
    def sha256(self) -> str:
        """What ACK records: SHA-256 of the text in UTF-8, hexadecimal."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def length_words(seconds: int, words: Words) -> str:
    """A length in the largest unit that says it exactly."""
    for unit_s, key in _UNITS:
        if seconds % unit_s == 0 and seconds >= unit_s:
            return words.count(key, seconds // unit_s)
    return words.count("length.seconds", seconds)


def notice(policy: Policy, organisation: str, words: Words) -> Notice:
    """The notice of `policy` of `organisation` ("" for a personal session) in the language of `words`."""
    sections = (
        Section(words("notice.purpose", purpose=policy.purpose), _why(policy, organisation, words)),
        Section(words("notice.when"), (words("notice.when.session"), words("notice.when.pause"))),
        Section(words("notice.recorded"), _recorded(policy, words)),
        Section(words("notice.never"), _never(policy, words)),
        Section(words("notice.tools"), _tools(policy, words)),
        Section(words("notice.questions"), _questions(policy, organisation, words)),
        Section(words("notice.time"), _time(policy, words)),
        Section(words("notice.sent"), _sent(policy, organisation, words)),
        Section(words("notice.kept"), _kept(policy, organisation, words)),
        Section(words("notice.rights"), (words("notice.rights.list"), words("notice.rights.ask"))),
    )
    return Notice(words("notice.title", name=policy.name), sections, _basis(policy, words))


def _why(policy: Policy, organisation: str, words: Words) -> tuple[str, ...]:
    if not organisation:
        return (words("notice.for.personal"),)
    return (words("notice.for", organisation=organisation), _basis(policy, words))


def _basis(policy: Policy, words: Words) -> str:
    return words(f"notice.basis.{policy.legal_basis}")


def _recorded(policy: Policy, words: Words) -> tuple[str, ...]:
    kinds, captures = policy.disclosure, policy.captures
    every = length_words(captures.interval_s, words)
    monitors = words(f"notice.monitors.{captures.monitors}")
    lines = [
        words(f"notice.focus.{kinds.focus}"),
        *([words(f"notice.runners.{kinds.focus}")] if policy.notes_runners else []),
        words(f"notice.titles.{policy.titles.detail}"),
        words(f"notice.statistics.{kinds.statistics}"),
        words(f"notice.captures.{kinds.captures}", length=every, monitors=monitors),
    ]
    if kinds.captures != "off":
        if captures.show_only:
            lines.append(words("notice.captures.only", apps=", ".join(captures.show_only)))
        if captures.mask:
            lines.append(words("notice.captures.mask", apps=", ".join(captures.mask)))
        elif not captures.show_only:
            lines.append(words("notice.captures.mask.none"))
    lines += [words(f"notice.clipboard.{kinds.clipboard}"), words(f"notice.timing.{kinds.timing}")]
    return (*lines, words("notice.recorded.own"))


def _never(policy: Policy, words: Words) -> tuple[str, ...]:
    """What a picture or a title may show all the same is said where the promise stands."""
    lines = [words("notice.never.content"), words("notice.never.outside")]
    if policy.disclosure.captures != "off":
        lines.append(words("notice.never.captures"))
    if policy.titles.detail == "full":
        lines.append(words("notice.never.titles"))
    return tuple(lines)


def _tools(policy: Policy, words: Words) -> tuple[str, ...]:
    tools = policy.ai_tools
    lines = [words(f"notice.tools.{tools.default}")]
    for kind in tools.kinds.__struct_fields__:
        grade = getattr(tools.kinds, kind)
        if grade is not None:
            lines.append(words(f"notice.tools.kind.{grade}", kind=words(f"notice.kind.{kind}")))
    if tools.own:
        lines.append(words("notice.tools.own", names=", ".join(tools.own)))
    if tools.catalogue is not None:
        lines.append(words("notice.tools.catalogue", digest=tools.catalogue))
    return tuple(lines)


def _questions(policy: Policy, organisation: str, words: Words) -> tuple[str, ...]:
    shown = "notice.questions.shadow" if policy.findings.shadow else "notice.questions.shown"
    lines = [words("notice.questions.how"), words("notice.questions.assistance"), words(shown)]
    if organisation and policy.findings.counted:
        lines += [words("notice.questions.rates"), words("notice.questions.rates.both")]
    return tuple(lines)


def _time(policy: Policy, words: Words) -> tuple[str, ...]:
    private = "notice.time.private.counts" if policy.time.private_counts else "notice.time.private.not"
    return (
        words("notice.time.counted", length=length_words(policy.idle.ask_after_s, words)),
        words("notice.time.crash", length=length_words(policy.time.crash_counts_s, words)),
        words(private),
    )


def _sent(policy: Policy, organisation: str, words: Words) -> tuple[str, ...]:
    if not organisation:
        return (words("notice.sent.personal"),)
    hold_s = policy.sending.hold_s
    hold = words("notice.sent.hold", length=length_words(hold_s, words)) if hold_s else words("notice.sent.now")
    told = ("notice.sent.fingerprints", "notice.sent.who", "notice.sent.platform")
    return (words("notice.sent.seal"), hold, *(words(key) for key in told))


def _kept(policy: Policy, organisation: str, words: Words) -> tuple[str, ...]:
    if not organisation:
        return (words("notice.kept.personal"),)
    kept = policy.retention
    return (
        words("notice.kept.captures", days=kept.captures_days),
        words("notice.kept.statistics", days=kept.statistics_days),
        words("notice.kept.decisions", days=kept.decisions_days),
        words("notice.kept.own"),
    )
