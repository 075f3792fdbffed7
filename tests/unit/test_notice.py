# SPDX-License-Identifier: Apache-2.0
"""The notice says all that a policy does, in both languages, and the same policy gives the same text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from session.policy import Policy, default_policy_toml, parse_policy
from ui.notice import length_words, notice
from ui.strings import LANGUAGES, Words

DEFAULT = parse_policy(default_policy_toml())
NOT_TOLD = frozenset({"version"})
"""Fields that change no sentence: the version of the policy's own form, which has one value."""


def other(value: object, path: str) -> object:
    """Another value that the field of this name takes."""
    choices: dict[str, object] = {
        "legal_basis": "consent",
        "disclosure.focus": "off",
        "disclosure.statistics": "off",
        "disclosure.captures": "withheld",
        "disclosure.clipboard": "sent",
        "disclosure.timing": "sent",
        "titles.detail": "full",
        "captures.monitors": "primary",
        "ai_tools.default": "forbidden",
    }
    if path in choices:
        return choices[path]
    if path.startswith("ai_tools.kinds."):
        return "declare"
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 7
    if isinstance(value, str):
        return f"{value} and more"
    return ("another application",)


def fields(table: Any, prefix: str = "") -> Iterator[str]:  # noqa: ANN401 - any table of the policy
    for name in table.__struct_fields__:
        value = getattr(table, name)
        if isinstance(value, msgspec.Struct):
            yield from fields(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def changed(policy: Policy, path: str) -> Policy:
    table = msgspec.to_builtins(policy)
    place = table
    *parents, last = path.split(".")
    for parent in parents:
        place = place[parent]
    place[last] = other(place[last], path)
    return msgspec.convert({k: v for k, v in table.items() if v is not None}, Policy, strict=True)


def heavy() -> Policy:
    """A policy with screenshots, so that what is said of them is said."""
    toml = default_policy_toml().replace(b'captures = "off"', b'captures = "sent"')
    return parse_policy(toml)


@pytest.mark.parametrize("language", sorted(LANGUAGES))
@pytest.mark.parametrize("path", sorted(set(fields(DEFAULT)) - NOT_TOLD))
def test_every_field_of_a_policy_changes_its_notice(language: str, path: str) -> None:
    words = Words(language)
    assert notice(changed(heavy(), path), "Org", words).text != notice(heavy(), "Org", words).text


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_the_same_policy_gives_the_same_notice_and_digest(language: str) -> None:
    one, again = (notice(DEFAULT, "Org", Words(language)) for _ in range(2))
    assert one == again
    assert one.sha256 == again.sha256
    assert len(one.sha256) == 64


def test_languages_organisations_and_people_have_notices_of_their_own() -> None:
    english, italian = (notice(DEFAULT, "Org", Words(language)) for language in ("en", "it"))
    personal = notice(DEFAULT, "", Words("en"))
    assert len({english.sha256, italian.sha256, personal.sha256}) == 3
    assert "For Org." in english.text
    assert "For yourself alone." in personal.text


def test_the_default_notice_says_what_matters_first() -> None:
    said = notice(DEFAULT, "Fair Comparisons", Words("en"))
    assert said.title == "What Fair Witness records: Observes little"
    assert [section.heading for section in said.sections][1:4] == ["When", "What is recorded", "What is never recorded"]
    for sentence in (
        "Window titles are not recorded.",
        "No screenshots are taken.",
        "Copying and pasting are not recorded.",
        "Nothing is sent before you seal it.",
        "After sealing it waits 10 minutes before it is sent.",
        "In this policy questions are on trial: you see them, reviewers do not.",
    ):
        assert sentence in said.text


def test_a_heavy_policy_says_so() -> None:
    toml = default_policy_toml()
    for old, new in (
        (b'captures = "off"', b'captures = "sent"'),
        (b'clipboard = "off"', b'clipboard = "sent"'),
        (b'timing = "withheld"', b'timing = "sent"'),
        (b'detail = "application"', b'detail = "full"'),
        (b"interval_s = 600", b"interval_s = 45"),
        (b"hold_s = 600", b"hold_s = 0"),
        (b'default = "allowed"', b'default = "forbidden"'),
    ):
        assert toml.count(old) == 1
        toml = toml.replace(old, new)
    said = notice(parse_policy(toml), "Org", Words("en")).text
    for sentence in (
        "one at a random moment in every 45 seconds, of every monitor",
        "How much was copied and pasted, and by which applications; never what.",
        "Their rhythm is personal.",
        "A title may hold the name of a document",
        "After sealing it is sent at once.",
        "You are asked not to use AI tools.",
        "are painted over before a screenshot is kept: 1password",
    ):
        assert sentence in said


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "0 seconds"),
        (1, "1 second"),
        (90, "90 seconds"),
        (60, "1 minute"),
        (600, "10 minutes"),
        (3600, "1 hour"),
        (7200, "2 hours"),
    ],
)
def test_lengths_are_told_in_the_largest_exact_unit(seconds: int, told: str) -> None:
    assert length_words(seconds, Words("en")) == told
