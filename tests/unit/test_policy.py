# SPDX-License-Identifier: Apache-2.0
"""The policy: strict, named by its bytes, and observing little unless somebody signs for more."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from verifier_both import stand_alone

from session import InputFault
from session.events import Disclosure, Kind
from session.policy import POLICY_BYTES, AiKinds, AiTools, default_policy_toml, parse_policy, policy_digest

DEFAULT = default_policy_toml()


def test_the_default_observes_little() -> None:
    policy = parse_policy(DEFAULT)
    assert policy.disclosure_of(Kind.CAPTURE) is Disclosure.OFF
    assert policy.disclosure_of(Kind.CLIPBOARD) is Disclosure.OFF
    assert policy.withheld == frozenset((Kind.RAW, Kind.FINDING))
    assert policy.titles.detail == "application"
    assert (policy.captures.interval_s, policy.captures.monitors) == (600, "all")
    assert policy.idle.ask_after_s == 600
    assert (policy.retention.captures_days, policy.retention.statistics_days, policy.retention.decisions_days) == (
        30,
        90,
        180,
    )
    assert (policy.sending.hold_s, policy.findings.shadow, policy.time.private_counts) == (600, True, False)


def test_messengers_mail_and_password_stores_are_masked_from_the_start() -> None:
    mask = parse_policy(DEFAULT).captures.mask
    assert {"keepassxc", "1password", "signal", "thunderbird"} <= set(mask)
    assert all(name == name.lower() for name in mask)


def test_what_is_not_a_choice_is_sent() -> None:
    policy = parse_policy(DEFAULT)
    for kind in (Kind.START, Kind.GAP, Kind.ACK, Kind.NOTE, Kind.SUMMARY):
        assert policy.disclosure_of(kind) is Disclosure.SENT


def test_findings_on_trial_are_withheld_and_no_others() -> None:
    for_good = parse_policy(DEFAULT.replace(b"shadow = true", b"shadow = false"))
    assert parse_policy(DEFAULT).disclosure_of(Kind.FINDING) is Disclosure.WITHHELD
    assert for_good.disclosure_of(Kind.FINDING) is Disclosure.SENT
    assert for_good.withheld == frozenset((Kind.RAW,))


def test_programs_are_noted_only_where_it_is_said_and_the_window_in_front_is_recorded() -> None:
    noted = DEFAULT.replace(b"[ai_tools]\n", b'[ai_tools]\nlocal_models = "noted"\n')
    off = DEFAULT.replace(b"[ai_tools]\n", b'[ai_tools]\nlocal_models = "off"\n')
    blind = noted.replace(b'focus = "sent"', b'focus = "off"')
    assert [parse_policy(toml).notes_runners for toml in (DEFAULT, off, noted, blind)] == [False, False, True, False]
    second = stand_alone()._Policy
    assert second(noted).crash_counts_s == second(DEFAULT).crash_counts_s
    for wrong in (b'"on"', b"true", b'""'):
        with pytest.raises(InputFault, match="local_models"):
            parse_policy(noted.replace(b'"noted"', wrong))
        with pytest.raises(stand_alone().FormatError):
            second(noted.replace(b'"noted"', wrong))


def test_nothing_is_counted_for_anybody_as_shipped_and_only_while_on_trial() -> None:
    on_trial, counted = b"shadow = true", b'shadow = true\nrates = "sums"'
    policies = [DEFAULT, DEFAULT.replace(on_trial, counted), DEFAULT.replace(on_trial, counted.replace(b"true", b"false"))]
    assert [parse_policy(toml).findings.counted for toml in policies] == [False, True, False]


def test_the_identity_is_the_bytes() -> None:
    assert policy_digest(DEFAULT) == hashlib.sha256(DEFAULT).hexdigest()
    assert policy_digest(DEFAULT) != policy_digest(DEFAULT + b"\n")


@pytest.mark.parametrize("kind", ["focus", "statistics", "captures", "clipboard", "timing"])
@pytest.mark.parametrize("choice", ["sent", "withheld", "off"])
def test_each_choice_is_taken(kind: str, choice: str) -> None:
    lines = [f'{kind} = "{choice}"' if line.startswith(f"{kind} =") else line for line in DEFAULT.decode().splitlines()]
    policy = parse_policy("\n".join(lines).encode())
    kinds = {
        "focus": Kind.FOCUS,
        "statistics": Kind.STATS,
        "captures": Kind.CAPTURE,
        "clipboard": Kind.CLIPBOARD,
        "timing": Kind.RAW,
    }
    assert policy.disclosure_of(kinds[kind]) is Disclosure(choice)
    assert (kinds[kind] in policy.withheld) == (choice == "withheld")


def fields(table: dict[str, object], prefix: str = "") -> Iterator[str]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from fields(value, f"{prefix}{name}.")
        else:
            yield prefix + name


ALL_FIELDS = tuple(fields(tomllib.loads(DEFAULT.decode())))


@pytest.mark.parametrize("field", ALL_FIELDS)
def test_no_field_may_be_missing(field: str) -> None:
    name = field.rpartition(".")[2]
    kept: list[str] = []
    section = ""
    skipping = False
    for line in DEFAULT.decode().splitlines():
        if line.startswith("["):
            section = line[1 : line.index("]")] + "."
        if not line.startswith(" "):
            skipping = line.startswith(f"{name} =") and (section + name == field or field == name)
        if not skipping:
            kept.append(line)
    with pytest.raises(InputFault, match=name):
        parse_policy("\n".join(kept).encode())


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("version = 1", "version = 2", "version"),
        ("version = 1", "version = 1\nmore = 1", "more"),
        ("[idle]", "[idle]\nmore = 1", "more"),
        ("[idle]", "[more]\na = 1\n[idle]", "more"),
        ('name = "Observes little"', 'name = ""', "name"),
        ('legal_basis = "contract"', 'legal_basis = "because"', "legal_basis"),
        ('captures = "off"', 'captures = "hidden"', "captures"),
        ('detail = "application"', 'detail = "everything"', "detail"),
        ("interval_s = 600", "interval_s = 4", "interval_s"),
        ("interval_s = 600", "interval_s = 600.0", "interval_s"),
        ("interval_s = 600", 'interval_s = "600"', "interval_s"),
        ("captures_days = 30", "captures_days = 0", "captures_days"),
        ("hold_s = 600", "hold_s = -1", "hold_s"),
        ("crash_counts_s = 300", "crash_counts_s = 3601", "crash_counts_s"),
        ("private_counts = false", "private_counts = 0", "private_counts"),
        ('default = "allowed"', 'default = "detect"', "default"),
    ],
)
def test_a_wrong_value_is_named(old: str, new: str, named: str) -> None:
    text = DEFAULT.decode()
    assert old in text
    with pytest.raises(InputFault, match=named):
        parse_policy(text.replace(old, new, 1).encode())


@pytest.mark.parametrize(
    "toml",
    [
        b"\xff\xfe",
        b"version = ",
        b"version = 1\nversion = 1",
        b"version = " + b"9" * 5000,
        b"version = " + b"[" * 5000,
        b"version = 2026-13-45",
        b"#" * (POLICY_BYTES + 1),
    ],
)
def test_no_file_is_too_strange(toml: bytes) -> None:
    with pytest.raises(InputFault, match="policy file"):
        parse_policy(toml)


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(toml: bytes) -> None:
    with pytest.raises(InputFault):
        parse_policy(toml)


@given(place=st.integers(0, len(DEFAULT) - 1), byte=st.integers(0, 255))
def test_one_byte_makes_another_policy_or_none(place: int, byte: int) -> None:
    changed = DEFAULT[:place] + bytes((byte,)) + DEFAULT[place + 1 :]
    assert (policy_digest(changed) == policy_digest(DEFAULT)) == (changed == DEFAULT)
    try:
        parse_policy(changed)
    except InputFault:
        return


def of_tools(more: str) -> AiTools:
    """The rules of a policy whose `[ai_tools]` says `more` besides."""
    return parse_policy(DEFAULT.replace(b'default = "allowed"', f'default = "declare"\n{more}'.encode())).ai_tools


def test_a_kind_of_tool_without_a_grade_of_its_own_has_the_default() -> None:
    tools = of_tools('[ai_tools.kinds]\nchat = "forbidden"\ntranslation = "allowed"')
    assert tools.grade_of("chat") == "forbidden"
    assert tools.grade_of("translation") == "allowed"
    assert tools.grade_of("rewriting") == "declare"
    assert tools.grade_of("a kind of a later catalogue") == "declare"


def test_what_the_project_is_about_is_allowed_in_whatever_case() -> None:
    tools = of_tools('own = ["ChatGPT"]')
    assert tools.grade_of("chat", "chatgpt") == "allowed"
    assert tools.grade_of("chat", "ChatGPT 2") == "declare"
    assert tools.grade_of("chat") == "declare"


def test_a_policy_from_before_kinds_says_the_same_of_all_of_them() -> None:
    assert b"kinds" not in DEFAULT
    tools = parse_policy(DEFAULT).ai_tools
    assert {tools.grade_of(kind) for kind in AiKinds.__struct_fields__} == {"allowed"}
    assert tools.own == ()


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ('[ai_tools.kinds]\nchats = "allowed"', "chats"),
        ('[ai_tools.kinds]\nchat = "tolerated"', "chat"),
        ("[ai_tools.kinds]\nchat = 1", "chat"),
        ('kinds = "allowed"', "kinds"),
        ('own = "ChatGPT"', "own"),
        ('own = [""]', "own"),
        ("own = [1]", "own"),
    ],
)
def test_a_wrong_word_about_tools_is_named(more: str, named: str) -> None:
    with pytest.raises(InputFault, match=named):
        of_tools(more)
