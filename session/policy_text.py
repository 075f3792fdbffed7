# SPDX-License-Identifier: Apache-2.0
"""A policy as a form and back: its fields one by one, and the TOML that people can read.

Rules:

1. Fields come from the schema of `session.policy` alone, so a form can forget none.
2. The same policy gives the same bytes, and those bytes give the same policy.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any, Final, Literal

import msgspec
from msgspec import inspect

from session import InputFault
from session.policy import Policy

LINE_CHARACTERS: Final = 110
"""A longer list has a line for each of its entries."""
_HEAD: Final = (
    "# What may be observed in a session. This file is named by its SHA-256 in the organisation's signed directory.\n"
)
_COMMENTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "legal_basis": "contract, consent or agreement",
        "disclosure": "sent, withheld (committed, the content stays with the trainer) or off",
        "titles.detail": "application, or full",
        "captures.interval_s": "one at a random moment in each interval, for each monitor",
        "captures.monitors": "all, or primary",
        "captures.mask": "never in a screenshot",
        "captures.show_only": "when not empty, every other application is masked",
        "idle.ask_after_s": "nothing is ever subtracted; the trainer is asked",
        "sending.hold_s": "how long a sealed session waits with the trainer before it is sent",
        "time.crash_counts_s": "a crash or power cut this short counts as work; a longer one is asked about",
        "findings.shadow": "true: measured and shown to the trainer, to no reviewer",
        "ai_tools.default": "allowed, declare or forbidden",
        "ai_tools.own": "the tools that the work is about",
        "ai_tools.kinds": "a kind that is not here has the default",
    }
)

Shape = Literal["text", "number", "choice", "switch", "lines"]
Value = str | int | bool | tuple[str, ...] | None


class Field(msgspec.Struct, frozen=True):
    """One field of a policy, as a form shows it.

    Args:
        path: with dots, as `captures.interval_s`.
        shape: what is entered.
        choices: for "choice".
        least, most: of a number, or of the length of a text or of each line.
        optional: whether it can be left out; its value is then None.
    """

    path: str
    shape: Shape
    choices: tuple[str, ...] = ()
    least: int = 0
    most: int = 0
    optional: bool = False

    @property
    def table(self) -> str:
        """The table that it is in, "" for the policy's own fields."""
        return self.path.rpartition(".")[0]


def policy_fields() -> tuple[Field, ...]:
    """Every field that can be chosen, in the schema's order. What has one value only is not among them."""
    return tuple(one for one in _fields(inspect.type_info(Policy), "") if one.shape != "choice" or len(one.choices) > 1)


def value_of(policy: Policy, field: Field) -> Value:
    """What this policy says there, in plain values."""
    found: Any = policy
    for name in field.path.split("."):
        found = getattr(found, name)
    return found.value if isinstance(found, Enum) else found


def policy_with(values: Mapping[str, Value]) -> Policy:
    """The policy of these values by path; those that are None are left out.

    Raises:
        InputFault: a field is missing or cannot have its value; names the field.
    """
    table: dict[str, Any] = {"version": 1}
    for path, value in values.items():
        if value is None:
            continue
        *parents, name = path.split(".")
        place = table
        for parent in parents:
            place = place.setdefault(parent, {})
        place[name] = value
    try:
        return msgspec.convert(table, Policy, strict=True)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$.")
        raise InputFault(f"{where.rstrip('`') or 'policy'}: {what}.") from error


def policy_toml(policy: Policy) -> bytes:
    """The policy as a file."""
    return (_HEAD + "\n".join(_written(policy, ""))).encode() + b"\n"


def _fields(kind: inspect.Type, path: str, *, optional: bool = False) -> Iterator[Field]:
    if isinstance(kind, inspect.StructType):
        for part in kind.fields:
            yield from _fields(part.type, f"{path}.{part.encode_name}".lstrip("."))
    elif isinstance(kind, inspect.UnionType):
        (one,) = (part for part in kind.types if not isinstance(part, inspect.NoneType))
        yield from _fields(one, path, optional=True)
    else:
        yield _field(kind, path, optional=optional)


def _field(kind: inspect.Type, path: str, *, optional: bool) -> Field:
    if isinstance(kind, inspect.EnumType):
        return Field(path, "choice", tuple(one.value for one in kind.cls), optional=optional)
    if isinstance(kind, inspect.LiteralType):
        choices = sorted(kind.values, key=lambda one: list(_GRADES).index(one) if one in _GRADES else 0)
        return Field(path, "choice", tuple(map(str, choices)), optional=optional)
    if isinstance(kind, inspect.BoolType):
        return Field(path, "switch", optional=optional)
    if isinstance(kind, inspect.IntType):
        return Field(path, "number", least=kind.ge or 0, most=kind.le or 0, optional=optional)
    if isinstance(kind, inspect.StrType):
        return Field(path, "text", least=kind.min_length or 0, most=kind.max_length or 0, optional=optional)
    if isinstance(kind, inspect.VarTupleType) and isinstance(kind.item_type, inspect.StrType):
        entry = kind.item_type
        return Field(path, "lines", least=entry.min_length or 0, most=entry.max_length or 0, optional=optional)
    raise TypeError(path)  # a schema that forms do not know yet: the test of every field fails here


_GRADES: Final = ("allowed", "declare", "forbidden")


def _written(table: msgspec.Struct, path: str) -> Iterator[str]:
    """The lines of a table: its own values first, then the tables inside it, as TOML asks."""
    inside = []
    for name in table.__struct_fields__:
        value, at = getattr(table, name), f"{path}.{name}".lstrip(".")
        if isinstance(value, msgspec.Struct):
            inside.append((at, value))
        elif value is not None:
            yield _with_comment(f"{name} = {_literal(value)}", at)
    for at, value in inside:
        lines = list(_written(value, at))
        if lines:
            yield ""
            yield _with_comment(f"[{at}]", at)
            yield from lines


def _with_comment(line: str, path: str) -> str:
    comment = _COMMENTS.get(path)
    return line if comment is None else f"{line}  # {comment}"


def _literal(value: object) -> str:
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        entries = [_literal(one) for one in value]
        short = f"[{', '.join(entries)}]"
        return short if len(short) <= LINE_CHARACTERS else "[\n" + "".join(f"    {one},\n" for one in entries) + "]"
    if isinstance(value, str):
        # JSON's escapes are TOML's too, but for DEL, which JSON leaves as it is
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return str(value)
