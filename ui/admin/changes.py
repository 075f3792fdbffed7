# SPDX-License-Identifier: Apache-2.0
"""What a new policy changes, and what is worth a second thought. No Qt."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from session.policy import Policy
from session.policy_text import fields, value_of
from ui.notice import notice
from ui.strings import Words

OFTEN_S = 60
"""A screenshot more often than this is remarked. Source: peers' users' complaints of being watched, facts on peers."""


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
    """The notice's sentences that go ("-") and come ("+"), in its order."""
    before, after = (list(_lines(one, organisation, words)) for one in (old, new))
    gone = tuple(("-", one) for one in before if one not in after)
    come = tuple(("+", one) for one in after if one not in before)
    return gone + come


def remarks(policy: Policy, words: Words) -> tuple[str, ...]:
    """Settings that weigh on people, said calmly; none forbids anything."""
    shots = policy.disclosure.captures != "off"
    found = (
        (policy.legal_basis == "consent", "policy.heavy.consent"),
        (policy.titles.detail == "full", "policy.heavy.titles"),
        (policy.disclosure.timing == "sent", "policy.heavy.timing"),
        (shots and policy.captures.interval_s < OFTEN_S, "policy.heavy.interval"),
        (shots and not policy.captures.mask and not policy.captures.show_only, "policy.heavy.mask"),
    )
    return tuple(words(key) for holds, key in found if holds)


def _lines(policy: Policy, organisation: str, words: Words) -> Iterator[str]:
    for section in notice(policy, organisation, words).sections:
        yield from (section.heading, *section.lines)
