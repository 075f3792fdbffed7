# SPDX-License-Identifier: Apache-2.0
"""A policy as text and as a form: nothing is lost between them, and every field of the schema is there."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from session import InputFault
from session.policy import Policy, default_policy_toml, parse_policy
from session.policy_text import _SAID, Field, Shape, fields, policy_toml, value_of, with_values, wrong

DEFAULT = parse_policy(default_policy_toml())
WORDS = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=40)


def values_of(field: Field) -> st.SearchStrategy[object]:
    """What a person may set this field to."""
    match field.shape:
        case Shape.CHOICE:
            return st.sampled_from([one or None for one in field.choices])
        case Shape.NUMBER:
            return st.integers(field.least, field.most)
        case Shape.SWITCH:
            return st.booleans()
        case Shape.TEXT:
            return WORDS
        case Shape.DIGEST:
            return st.one_of(st.none(), st.text("0123456789abcdef", min_size=64, max_size=64))
        case Shape.LIST:
            return st.lists(WORDS, max_size=4)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    return with_values(DEFAULT, {field.path: draw(values_of(field)) for field in fields()})


@settings(max_examples=25)  # each draws a whole policy
@given(policies())
def test_a_policy_survives_being_written_and_read(policy: Policy) -> None:
    raw = policy_toml(policy)
    assert parse_policy(raw) == policy
    assert policy_toml(parse_policy(raw)) == raw


def test_the_text_says_beside_each_value_what_may_stand_there() -> None:
    text = policy_toml(with_values(DEFAULT, {"ai_tools.kinds.chat": "declare"})).decode()
    for line in (
        'legal_basis = "contract"  # contract, consent, agreement',
        "interval_s = 600  # seconds, 5 to 86400; one at a random moment in each interval, for each monitor",
        "captures_days = 30  # days, 1 to 3650",
        "[ai_tools.kinds]  # for a kind that is not here the default holds",
        'chat = "declare"  # allowed, declare, forbidden',
    ):
        assert line in text.splitlines()
    known = {field.path for field in fields()} | {field.table for field in fields()}
    assert set(_SAID) <= known


def test_every_field_of_the_schema_is_in_the_form_once() -> None:
    def leaves(table: dict[str, object], prefix: str = "") -> list[str]:
        found: list[str] = []
        for name, value in table.items():
            found += leaves(value, f"{prefix}{name}.") if isinstance(value, dict) else [f"{prefix}{name}"]
        return found

    paths = [field.path for field in fields()]
    assert sorted(paths) == sorted(path for path in leaves(msgspec.to_builtins(DEFAULT)) if path != "version")
    assert len(set(paths)) == len(paths)


def test_shapes_and_bounds_come_from_the_schema() -> None:
    found = {field.path: field for field in fields()}
    assert found["captures.interval_s"] == Field("captures.interval_s", Shape.NUMBER, least=5, most=86400)
    assert found["disclosure.captures"].choices == ("sent", "withheld", "off")
    assert found["ai_tools.kinds.chat"].choices[0] == ""
    assert found["time.private_counts"].shape is Shape.SWITCH
    assert found["ai_tools.catalogue"] == Field("ai_tools.catalogue", Shape.DIGEST, least=64, most=64)
    assert found["captures.mask"] == Field("captures.mask", Shape.LIST, least=1, most=128)
    assert (found["captures.interval_s"].unit, found["retention.captures_days"].unit) == ("seconds", "days")
    assert all(field.unit for field in found.values() if field.shape is Shape.NUMBER)
    assert (found["name"].shape, found["name"].least, found["name"].most) == (Shape.TEXT, 1, 128)
    assert found["captures.interval_s"].table == "captures"
    assert found["name"].table == ""


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("captures.interval_s", 1),
        ("name", ""),
        ("legal_basis", "guess"),
        ("disclosure.focus", "maybe"),
        ("captures.mask", [""]),
        ("ai_tools.catalogue", "a" * 63),
    ],
)
def test_a_value_that_cannot_be_taken_names_its_field(path: str, value: object) -> None:
    with pytest.raises(InputFault, match=path.rpartition(".")[2]):
        with_values(DEFAULT, {path: value})


def test_values_are_set_and_found_again() -> None:
    changed = with_values(
        DEFAULT, {"captures.interval_s": 42, "ai_tools.kinds.chat": "forbidden", "captures.mask": ["mail"]}
    )
    assert value_of(changed, "captures.interval_s") == 42
    assert value_of(changed, "ai_tools.kinds.chat") == "forbidden"
    assert value_of(changed, "captures.mask") == ("mail",)
    assert value_of(with_values(changed, {"ai_tools.kinds.chat": None}), "ai_tools.kinds.chat") is None


def test_each_field_that_cannot_be_taken_is_named_and_no_other() -> None:
    values: dict[str, object] = {field.path: value_of(DEFAULT, field.path) for field in fields()}
    assert wrong(DEFAULT, values) == ()
    assert wrong(DEFAULT, values | {"purpose": "", "captures.mask": ["a", "b" * 129]}) == ("purpose", "captures.mask")


@pytest.mark.parametrize("words", ['a "b" \\ c', "tab\tline\nreturn\r", "\x00\x1f\x7f", "déjà 語 \U0001f642"])
def test_every_letter_that_toml_escapes_comes_back(words: str) -> None:
    policy = with_values(DEFAULT, {"purpose": words})
    assert parse_policy(policy_toml(policy)).purpose == words
