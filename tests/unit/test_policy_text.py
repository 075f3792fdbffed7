# SPDX-License-Identifier: Apache-2.0
"""A policy goes through the form and through the file and is the same policy."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from session import InputFault
from session.policy import Policy, default_policy_toml, parse_policy
from session.policy_text import Field, Value, policy_fields, policy_toml, policy_with, value_of

DEFAULT = parse_policy(default_policy_toml())
FIELDS = {field.path: field for field in policy_fields()}


def texts(field: Field) -> st.SearchStrategy[str]:
    return st.text(min_size=field.least, max_size=min(field.most, 40))


def values(field: Field) -> st.SearchStrategy[Value]:
    made: dict[str, st.SearchStrategy[Value]] = {
        "choice": st.sampled_from(field.choices or ("",)),
        "switch": st.booleans(),
        "number": st.integers(field.least, field.most),
        "text": texts(field),
        "lines": st.lists(texts(field), max_size=8).map(tuple),
    }
    return st.one_of(st.none(), made[field.shape]) if field.optional else made[field.shape]


def policies() -> st.SearchStrategy[Policy]:
    return st.fixed_dictionaries({path: values(field) for path, field in FIELDS.items()}).map(policy_with)


@given(policies())
def test_policy_written_and_read_is_the_same(policy: Policy) -> None:
    assert parse_policy(policy_toml(policy)) == policy


@given(policies())
def test_policy_taken_apart_and_put_together_is_the_same(policy: Policy) -> None:
    assert policy_with({path: value_of(policy, field) for path, field in FIELDS.items()}) == policy


def leaves(table: msgspec.Struct, path: str = "") -> set[str]:
    found: set[str] = set()
    for name in table.__struct_fields__:
        value = getattr(table, name)
        found |= leaves(value, f"{path}{name}.") if isinstance(value, msgspec.Struct) else {path + name}
    return found


def test_every_field_of_the_schema_is_in_the_form_but_the_version() -> None:
    assert set(FIELDS) == leaves(DEFAULT) - {"version"}


def test_bounds_and_choices_are_those_of_the_schema() -> None:
    assert (FIELDS["captures.interval_s"].least, FIELDS["captures.interval_s"].most) == (5, 86400)
    assert FIELDS["disclosure.captures"].choices == ("sent", "withheld", "off")
    assert FIELDS["ai_tools.kinds.chat"].choices == ("allowed", "declare", "forbidden")
    assert FIELDS["ai_tools.kinds.chat"].optional
    assert FIELDS["captures.mask"].most == 128
    assert FIELDS["findings.shadow"].shape == "switch"


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("captures.interval_s", 1),
        ("name", ""),
        ("legal_basis", "none"),
        ("captures.mask", ("",)),
        ("idle.ask_after_s", None),
    ],
)
def test_wrong_value_is_refused_by_the_name_of_its_field(path: str, wrong: Value) -> None:
    chosen = {at: value_of(DEFAULT, field) for at, field in FIELDS.items()}
    with pytest.raises(InputFault, match=path.partition(".")[0]):
        policy_with({**chosen, path: wrong})


def test_file_reads_as_a_person_would_write_it() -> None:
    text = policy_toml(DEFAULT).decode()
    assert (
        '[captures]\ninterval_s = 600  # one at a random moment in each interval, for each monitor\nmonitors = "all"' in text
    )
    assert "[ai_tools.kinds]" not in text  # a table without a line is left out
    assert '    "signal",\n' in text
