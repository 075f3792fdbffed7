# SPDX-License-Identifier: Apache-2.0
"""What a signature would change, in words, and what is worth a second thought. No Qt."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence

import msgspec

from session.policy import Policy
from session.policy_text import Shape, fields, value_of
from session.trust.directory import Directory, Person
from ui.notice import length_words, notice
from ui.strings import Words

OFTEN_S = 60
"""A screenshot more often than this is remarked. Source: peers' users' complaints of being watched, facts on peers."""

_OWN_CHOICES = frozenset(("findings.rates", "ai_tools.local_models"))


class Change(msgspec.Struct, frozen=True):
    """One field that differs."""

    path: str
    old: object
    new: object


def changes(old: Policy, new: Policy) -> tuple[Change, ...]:
    """The fields in which two policies differ, in the schema's order."""
    pairs = ((field.path, value_of(old, field.path), value_of(new, field.path)) for field in fields())
    return tuple(Change(path, before, after) for path, before, after in pairs if before != after)


def sentences(old: Policy, new: Policy, organisation: str, words: Words) -> tuple[tuple[str, str], ...]:
    """The notice's sentences that go ("-") and come ("+"), each where it stood."""
    before, after = (list(_lines(one, organisation, words)) for one in (old, new))
    found: list[tuple[str, str]] = []
    for _, from_a, to_a, from_b, to_b in (
        step for step in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes() if step[0] != "equal"
    ):
        found += [("-", one) for one in before[from_a:to_a]]
        found += [("+", one) for one in after[from_b:to_b]]
    return tuple(found)


def remarks(policy: Policy, words: Words) -> tuple[str, ...]:
    """Settings that weigh on people, said calmly; none forbids anything."""
    shots = policy.disclosure.captures != "off"
    found = (
        (policy.legal_basis == "consent", "policy.heavy.consent"),
        (policy.titles.detail == "full", "policy.heavy.titles"),
        (policy.disclosure.clipboard == "sent", "policy.heavy.clipboard"),
        (policy.disclosure.timing == "sent", "policy.heavy.timing"),
        (shots and policy.captures.interval_s < OFTEN_S, "policy.heavy.interval"),
        (shots and not policy.captures.mask and not policy.captures.show_only, "policy.heavy.mask"),
        (policy.sending.hold_s == 0, "policy.heavy.hold"),
        (not policy.findings.shadow, "policy.heavy.findings"),
        (policy.findings.counted, "policy.heavy.rates"),
        (policy.notes_runners, "policy.heavy.runners"),
    )
    return tuple(words(key) for holds, key in found if holds)


def choice_key(path: str, choice: str) -> str:
    """The key of what a choice of a field is called: `off` of a record is another thing than of reports, or of programs."""
    return f"choice.{path}.{choice}" if path in _OWN_CHOICES else f"choice.{choice or 'none'}"


def shown_value(path: str, value: object, words: Words) -> str:
    """A value as people read it."""
    field = next(one for one in fields() if one.path == path)
    if field.shape is Shape.CHOICE:
        return words(choice_key(path, str(value or "")))
    if field.shape is Shape.SWITCH:
        return words("value.yes" if value else "value.no")
    if field.shape is Shape.DIGEST:
        return str(value) if value else words("value.left-out")
    if isinstance(value, int):
        return length_words(value, words) if field.unit == "seconds" else words.count(f"length.{field.unit}", value)
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value) or words("empty")
    return str(value)


def membership(
    directory: Directory, person: Person, roles: Sequence[str], projects: Sequence[str], words: Words
) -> list[str]:
    """What giving `person` these roles and projects changes, a sentence each; none where it changes nothing."""
    found = [
        words(key, what=", ".join(what))
        for key, what in (
            ("member.role.more", [words(f"role.{one}") for one in roles if one not in person.roles]),
            ("member.role.less", [words(f"role.{one}") for one in person.roles if one not in roles]),
            ("member.project.more", _names(directory, set(projects) - set(person.projects))),
            ("member.project.less", _names(directory, set(person.projects) - set(projects))),
        )
        if what
    ]
    for role in ("reviewer", "trainer"):
        had = set(person.projects) if role in person.roles else set()
        has = set(projects) if role in roles else set()
        for key, which in ((f"member.{role}.begins", has - had), (f"member.{role}.ends", had - has)):
            if which:
                found.append(words(key, name=person.name, projects=", ".join(_names(directory, which))))
    return found


def project_names(directory: Directory, projects: Sequence[str]) -> list[str]:
    """Projects as people call them, in the given order."""
    known = {one.id: one.name or one.id for one in directory.projects}
    return [known.get(one, one) for one in projects]


def _names(directory: Directory, projects: set[str]) -> list[str]:
    return project_names(directory, [one.id for one in directory.projects if one.id in projects])


def _lines(policy: Policy, organisation: str, words: Words) -> Iterator[str]:
    for section in notice(policy, organisation, words).sections:
        yield from (section.heading, *section.lines)
