# SPDX-License-Identifier: Apache-2.0
"""A policy as TOML, and its fields as a form needs them: both from the schema in `session.policy` alone.

Rules:

1. `parse_policy(policy_toml(p)) == p` for every policy, and the same policy gives the same bytes.
2. A field that the schema gains appears in text and form by itself, with what may stand in it beside it.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from enum import StrEnum
from typing import Any, Final, Literal

import msgspec

from session import InputFault
from session.policy import Policy, parse_policy

_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\b": "\\b", "\f": "\\f"}

_SAID: Final = {
    "disclosure": "sent: reviewers can read it; withheld: committed to, the content stays with the trainer; off: no record",
    "titles.detail": "where full, they are recorded and sealed",
    "captures.interval_s": "one at a random moment in each interval, for each monitor",
    "captures.mask": "painted over before a screenshot is kept; lower case",
    "captures.show_only": "when not empty, every other application is painted over",
    "idle": "when the trainer is asked; nothing is ever subtracted",
    "retention": "on the platform; the trainer keeps their own copy as long as they want",
    "sending.hold_s": "from the seal to the sending",
    "time.crash_counts_s": "a crash this short counts as work; a longer one is asked about",
    "findings.shadow": "true: measured and shown to the trainer, to no reviewer",
    "findings.rates": "sums: while on trial, a trainer may send how many there were, for sums of ten people or more",
    "ai_tools.own": "what the project is about; always allowed",
    "ai_tools.catalogue": "SHA-256 of the list of AI tools; left out, the program's own list counts",
    "ai_tools.local_models": "noted: which programs that run models here were running, seen each half minute of a session",
    "ai_tools.kinds": "for a kind that is not here the default holds",
}
"""What a person who reads the text needs beside the name, by field or table."""
_UNITS: Final = (("_s", "seconds"), ("_days", "days"))


class Shape(StrEnum):
    """How a field is edited."""

    CHOICE = "choice"
    NUMBER = "number"
    TEXT = "text"
    SWITCH = "switch"
    LIST = "list"
    DIGEST = "digest"
    """A SHA-256 in hexadecimal digits, which may be left out."""


class Field(msgspec.Struct, frozen=True):
    """One field of a policy.

    Args:
        path: such as "captures.interval_s".
        choices: of CHOICE, in the schema's order; "" among them where the field may be left out.
        least, most: bounds of a NUMBER, or of the length of a TEXT or of each entry of a LIST.
    """

    path: str
    shape: Shape
    choices: tuple[str, ...] = ()
    least: int = 0
    most: int = 0

    @property
    def table(self) -> str:
        """The table it stands in, "" for the top."""
        return self.path.rpartition(".")[0]

    @property
    def unit(self) -> str:
        """What a NUMBER counts: "seconds", "days" or ""."""
        return next((unit for ending, unit in _UNITS if self.path.endswith(ending)), "")


def fields() -> tuple[Field, ...]:
    """Every field of a policy that a person sets, in the schema's order; the form's version is not among them."""
    return tuple(_fields(Policy, ""))


def value_of(policy: Policy, path: str) -> Any:  # noqa: ANN401 - as the field has it
    """The value of a field."""
    place: Any = policy
    for name in path.split("."):
        place = getattr(place, name)
    return place


def with_values(policy: Policy, values: dict[str, object]) -> Policy:
    """`policy` with these fields set.

    Raises:
        InputFault: a value cannot be taken; names the field.
    """
    table = msgspec.to_builtins(policy)
    for path, value in values.items():
        place = table
        *parents, last = path.split(".")
        for parent in parents:
            place = place[parent]
        place[last] = value
    try:
        return msgspec.convert(_without_none(table), Policy, strict=True)
    except msgspec.ValidationError as error:
        raise InputFault(f"The policy has a value that cannot be taken: {error}.") from error


def wrong(policy: Policy, values: dict[str, object]) -> tuple[str, ...]:
    """The fields among `values` that cannot be taken, in their order; each is tried by itself in `policy`."""
    return tuple(path for path, value in values.items() if not _taken(policy, path, value))


def _taken(policy: Policy, path: str, value: object) -> bool:
    try:
        with_values(policy, {path: value})
    except InputFault:
        return False
    return True


def policy_toml(policy: Policy) -> bytes:
    """The policy as the bytes that an organisation signs for."""
    table = _without_none(msgspec.to_builtins(policy))
    text = "# What may be observed in a session. Named by its SHA-256 in the organisation's signed directory.\n"
    text += "".join(_table(table, ""))
    raw = text.encode("utf-8")
    if parse_policy(raw) != policy:
        raise AssertionError("a policy does not survive being written")
    return raw


def _fields(kind: type[msgspec.Struct], prefix: str) -> Iterator[Field]:
    hints = typing.get_type_hints(kind, include_extras=True)
    for name in kind.__struct_fields__:
        path = f"{prefix}{name}"
        if path == "version":
            continue
        found = _field(path, hints[name])
        if isinstance(found, Field):
            yield found
        else:
            yield from _fields(found, f"{path}.")


def _field(path: str, hint: Any) -> Field | type[msgspec.Struct]:  # noqa: ANN401, PLR0911 - one return a shape
    optional = False
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        hint = next(one for one in typing.get_args(hint) if one is not type(None))
        optional = True
    inner = typing.get_args(hint)[0] if hasattr(hint, "__metadata__") else hint
    meta = _bounds(hint)
    if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
        return inner
    if typing.get_origin(inner) is Literal:
        choices = tuple(str(one) for one in typing.get_args(inner))
        return Field(path, Shape.CHOICE, ("", *choices) if optional else choices)
    if isinstance(inner, type) and issubclass(inner, StrEnum):
        return Field(path, Shape.CHOICE, tuple(str(one) for one in inner))
    if inner is bool:
        return Field(path, Shape.SWITCH)
    if inner is int:
        return Field(path, Shape.NUMBER, least=int(meta.ge or 0), most=int(meta.le or 0))
    if inner is str and meta.pattern is not None:
        return Field(path, Shape.DIGEST, least=meta.min_length or 0, most=meta.max_length or 0)
    if inner is str:
        return Field(path, Shape.TEXT, least=meta.min_length or 0, most=meta.max_length or 0)
    entry = _bounds(typing.get_args(inner)[0])
    return Field(path, Shape.LIST, least=entry.min_length or 0, most=entry.max_length or 0)


def _bounds(hint: Any) -> msgspec.Meta:  # noqa: ANN401 - a type as `typing` gives it
    return next((one for one in getattr(hint, "__metadata__", ()) if isinstance(one, msgspec.Meta)), msgspec.Meta())


def _table(table: dict[str, Any], prefix: str) -> Iterator[str]:
    for name, value in table.items():
        if not isinstance(value, dict):
            yield f"{name} = {_written(value)}{_beside(prefix + name)}\n"
    for name, value in table.items():
        if isinstance(value, dict):
            said = _SAID.get(prefix + name, "")
            yield f"\n[{prefix}{name}]{f'  # {said}' if said else ''}\n"
            yield from _table(value, f"{prefix}{name}.")


def _beside(path: str) -> str:
    """The comment after a value: what may stand there, and what a person needs to know of it."""
    parts = [_SAID.get(path, "")]
    field = next((one for one in fields() if one.path == path), None)
    if field is not None and field.shape is Shape.CHOICE:
        parts.insert(0, ", ".join(choice for choice in field.choices if choice))
    elif field is not None and field.shape is Shape.NUMBER:
        parts.insert(0, f"{field.unit}, {field.least} to {field.most}")
    told = "; ".join(part for part in parts if part)
    return f"  # {told}" if told else ""


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return '"' + "".join(_letter(char) for char in value) + '"'
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_written(one) for one in value) + "]"
    raise AssertionError(f"a policy holds no {type(value).__name__}")


def _letter(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    return f"\\u{ord(char):04x}" if ord(char) < 0x20 or ord(char) == 0x7F else char


def _without_none(table: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _without_none(value) if isinstance(value, dict) else value
        for name, value in table.items()
        if value is not None
    }
