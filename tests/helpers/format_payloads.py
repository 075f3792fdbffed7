# SPDX-License-Identifier: Apache-2.0
"""Hypothesis strategies for every payload schema, drawn from the schema itself."""

from __future__ import annotations

import msgspec
from hypothesis import strategies as st
from msgspec import inspect

from session.events import Payload
from session.table import TYPES

SCHEMAS: list[type[Payload]] = sorted(
    {rule.body for rule in TYPES.values() if rule.body} | {rule.public for rule in TYPES.values() if rule.public},
    key=lambda schema: schema.__name__,
)
"""Every schema of the type table, once."""


def payloads(schema: type[Payload]) -> st.SearchStrategy[Payload]:
    """Values that `schema` takes, from one end of each range to the other."""
    return _strategy(inspect.type_info(schema)).map(lambda fields: msgspec.convert(fields, schema))


def _strategy(info: inspect.Type) -> st.SearchStrategy[object]:
    match info:
        case inspect.IntType(ge=ge, le=le):
            drawn: st.SearchStrategy[object] = st.integers(ge, le)
        case inspect.StrType(pattern=str(pattern)):
            drawn = st.from_regex(pattern.removesuffix("$"), fullmatch=True)
        case inspect.StrType(max_length=most):
            drawn = st.text(max_size=min(most or 40, 40))
        case inspect.EnumType(cls=cls):
            drawn = st.sampled_from([member.value for member in cls])
        case inspect.VarTupleType(item_type=item):
            drawn = st.lists(_strategy(item), max_size=3).map(tuple)
        case inspect.TupleType(item_types=items):
            drawn = st.tuples(*map(_strategy, items))
        case inspect.StructType(tag=tag, fields=fields):
            drawn = st.tuples(*([] if tag is None else [st.just(tag)]), *(_strategy(field.type) for field in fields))
        case _:
            raise TypeError(f"no payload may hold {info}")
    return drawn
