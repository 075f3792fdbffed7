# SPDX-License-Identifier: Apache-2.0
"""The notice says all that a policy does, in both languages, and the same policy gives the same text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import pytest

from session.policy import Policy, default_policy_toml, parse_policy
from session.policy_text import Field, Shape, fields, value_of, with_values
from ui.notice import length_words, notice
from ui.strings import LANGUAGES, Words

DEFAULT = parse_policy(default_policy_toml())
ORGANISATION = "Fair Comparisons"
HEAVY = with_values(
    DEFAULT,
    {
        "name": "Observes much",
        "legal_basis": "consent",
        "disclosure.captures": "sent",
        "disclosure.clipboard": "sent",
        "disclosure.timing": "sent",
        "titles.detail": "full",
        "captures.interval_s": 45,
        "captures.mask": [],
        "captures.show_only": ["org.gnome.texteditor", "firefox"],
        "sending.hold_s": 0,
        "time.private_counts": True,
        "findings.shadow": False,
        "ai_tools.default": "forbidden",
        "ai_tools.kinds.translation": "declare",
        "ai_tools.kinds.search": "allowed",
        "ai_tools.own": ["ChatGPT"],
    },
)
NOT_TOLD = frozenset({"version"})
"""Fields that change no sentence: the version of the policy's own form, which has one value."""


def others(value: object, field: Field) -> Sequence[object]:
    """The other values that the field takes: all of a choice, one of anything else."""
    match field.shape:
        case Shape.CHOICE:
            return [choice or None for choice in field.choices if (choice or None) != value]
        case Shape.SWITCH:
            return [not value]
        case Shape.NUMBER:
            return [value + 7] if isinstance(value, int) else []
        case Shape.TEXT:
            return [f"{value} and more"]
        case Shape.DIGEST:
            return ["a" * 64, "b" * 64]
        case Shape.LIST:
            return [["another application"]]


def heavy() -> Policy:
    """A policy with screenshots, so that what is said of them is said."""
    return with_values(DEFAULT, {"disclosure.captures": "sent"})


@pytest.mark.parametrize("language", sorted(LANGUAGES))
@pytest.mark.parametrize("field", fields(), ids=lambda field: field.path)
def test_every_value_of_every_field_has_a_notice_of_its_own(language: str, field: Field) -> None:
    words, before = Words(language), heavy()
    values = others(value_of(before, field.path), field)
    told = [notice(with_values(before, {field.path: one}), "Org", words).text for one in values]
    assert values
    assert len({*told, notice(before, "Org", words).text}) == len(values) + 1


def test_only_the_forms_version_is_told_to_nobody() -> None:
    def leaves(table: dict[str, object], prefix: str = "") -> Iterator[str]:
        for name, value in table.items():
            yield from leaves(value, f"{prefix}{name}.") if isinstance(value, dict) else [f"{prefix}{name}"]

    assert set(leaves(msgspec.to_builtins(DEFAULT))) - {field.path for field in fields()} == NOT_TOLD


@pytest.mark.parametrize("language", sorted(LANGUAGES))
@pytest.mark.parametrize("name", ["default", "heavy", "personal"])
def test_the_whole_text_is_the_one_that_was_read_and_agreed_on(name: str, language: str) -> None:
    policy, organisation = {"default": (DEFAULT, ORGANISATION), "heavy": (HEAVY, ORGANISATION), "personal": (DEFAULT, "")}[
        name
    ]
    golden = Path(__file__).parents[1] / "assets" / "notices" / f"{name}.{language}.txt"
    assert notice(policy, organisation, Words(language)).text == golden.read_text(encoding="utf-8")


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
    assert "A personal session stays on this computer" in personal.text
    assert "On the platform" not in personal.text


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


@pytest.mark.parametrize(
    ("values", "organisation", "told"),
    [
        ({"findings.rates": "sums"}, "Org", True),
        ({}, "Org", False),
        ({"findings.rates": "sums", "findings.shadow": False}, "Org", False),
        ({"findings.rates": "sums"}, "", False),
    ],
)
def test_who_may_be_counted_reads_so_and_what_platform_and_admin_could_do_together(
    values: dict[str, object], organisation: str, *, told: bool
) -> None:
    text = notice(with_values(DEFAULT, values), organisation, Words("en")).text
    assert ("sums over ten people or more" in text) == ("Both together could" in text) == told


@pytest.mark.parametrize("language", sorted(LANGUAGES))
@pytest.mark.parametrize("focus", ["sent", "withheld", "off"])
def test_that_programs_are_looked_for_is_told_exactly_where_it_is_so(language: str, focus: str) -> None:
    words = Words(language)
    plain = with_values(DEFAULT, {"disclosure.focus": focus})
    noted = with_values(plain, {"ai_tools.local_models": "noted"})
    assert noted.notes_runners == (focus != "off")
    before, after = (notice(one, "Org", words).text.splitlines() for one in (plain, noted))
    more = [line for line in after if line not in before]
    assert more == ([f"- {words(f'notice.runners.{focus}')}"] if noted.notes_runners else [])


def test_what_a_picture_or_a_title_may_show_is_said_where_the_promise_stands() -> None:
    def never(**values: object) -> tuple[str, ...]:
        made = notice(
            with_values(DEFAULT, {path.replace("__", "."): one for path, one in values.items()}), "Org", Words("en")
        )
        return next(section.lines for section in made.sections if section.heading == "What is never recorded")

    plain = never()
    assert "web addresses, file names" in plain[0]
    assert [one for one in never(disclosure__captures="withheld") if one not in plain] == [
        "A screenshot can still show such things while they stand on the screen."
    ]
    (title,) = (one for one in never(titles__detail="full") if one not in plain)
    assert title.startswith("A window title can still hold such a name or address")


def test_the_legal_basis_is_at_hand_and_in_the_text_where_there_is_somebody_else() -> None:
    for basis in ("contract", "consent", "agreement"):
        made = notice(with_values(DEFAULT, {"legal_basis": basis}), "Org", Words("en"))
        assert made.legal_basis in made.sections[0].lines
        assert basis in made.legal_basis
    assert "Legal basis" not in notice(DEFAULT, "", Words("en")).text


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
