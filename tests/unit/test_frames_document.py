# SPDX-License-Identifier: Apache-2.0
"""docs/session-format.md says what the program does: tables, fields, enumerations, bounds, steps and worked examples."""

from __future__ import annotations

import enum
import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import inspect

from session import events
from session.crypto import aead
from session.events import Kind, Payload
from session.frames import MAX_DEPTH, MAX_FRAME_BYTES
from session.log import merkle, note
from session.seal import PAYLOAD_TYPE, Loss, Seal, SealWrap
from session.table import TYPES, TypeRule, rule_of
from session.trust import directory, statements
from session.verify.steps import STEPS

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "session-format.md").read_text(encoding="utf-8")
VECTORS = json.loads((ROOT / "tests" / "assets" / "vectors.json").read_text(encoding="utf-8"))
EXAMPLE = re.compile(r"^([a-z_]+)\.([a-z0-9_]+)(?:\[(\d+)\])? = (.*)$", re.MULTILINE)


def subclasses(base: type[Any]) -> list[type[Any]]:
    return [
        found for found in vars(events).values() if isinstance(found, type) and issubclass(found, base) and found != base
    ]


def section(title: str, level: str = "###") -> str:
    """The text from the heading that begins with `title` up to the next heading."""
    match = re.search(rf"^{level} {re.escape(title)}[^\n]*\n(.*?)(?=^#|\Z)", DOCUMENT, re.MULTILINE | re.DOTALL)
    assert match, f"no heading {level} {title}"
    return match[1]


def table_row(kind: Kind, rule: TypeRule) -> str:
    cells = [
        str(int(kind)),
        kind.name,
        "sealed" if rule.sealed else "public",
        f"CK_{rule.content_key}" if rule.sealed else "",
        str(rule.pad) if rule.pad else "",
        str(rule.max_bytes),
        ("yes" if rule.redactable else "no") if rule.sealed else "",
        rule.body.__name__ if rule.body else "",
        rule.public.__name__ if rule.public else "",
    ]
    return "| " + " | ".join(cells) + " |"


def words(of: inspect.Type) -> str:
    """How the document writes a field's type."""
    match of:
        case inspect.IntType():
            word = "U" if of.ge == 0 else "I"
        case inspect.StrType(pattern=str(pattern)):
            word = "hex" + re.findall(r"\d+(?=})", pattern)[0]
        case inspect.StrType(max_length=most):
            word = f"str {most}" if most else "str"
        case inspect.EnumType(cls=cls) | inspect.StructType(cls=cls):
            word = str(cls.__name__)
        case inspect.VarTupleType(item_type=item):
            word = f"[{words(item)} …]"
        case _:
            assert isinstance(of, inspect.TupleType)
            word = f"[{', '.join(map(words, of.item_types))}]"
    return word


def field_rows(schema: type[Payload]) -> list[str]:
    described = inspect.type_info(schema)
    assert isinstance(described, inspect.StructType)
    rows = []
    for index, field in enumerate(described.fields, start=0 if described.tag is None else 1):
        default = "" if field.required else f"; default {msgspec.json.encode(field.default).decode()}"
        rows.append(f"| {index} | `{field.encode_name}` | {words(field.type)}{default} | ")
    return rows


SCHEMAS = [schema for schema in subclasses(Payload) if schema is not Payload]


def test_the_schemas_are_all_there() -> None:
    assert len(SCHEMAS) == 27
    assert {rule.body for rule in TYPES.values()} <= set(SCHEMAS)


@pytest.mark.parametrize("kind", list(Kind), ids=lambda kind: kind.name)
def test_every_type_stands_in_the_table(kind: Kind) -> None:
    assert table_row(kind, TYPES[kind]) in DOCUMENT.splitlines()


def test_the_table_has_no_other_type() -> None:
    rows = re.findall(r"^\| (\d+) \| [A-Z]+ \| (?:sealed|public) \|", DOCUMENT, re.MULTILINE)
    assert [int(row) for row in rows] == [int(kind) for kind in TYPES]


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: schema.__name__)
def test_every_field_stands_in_order_with_its_type(schema: type[Payload]) -> None:
    rows = field_rows(schema)
    head = rf"(?:^### [^\n]*: |^){schema.__name__}(?:, in the open)?:?\n"
    match = re.search(head + r"\n(?:[^|\n][^\n]*\n\n)?\| # \|.*\n\|---.*\n((?:\|.*\n)+)", DOCUMENT, re.MULTILINE)
    assert match, f"no table for {schema.__name__}"
    written = match[1].splitlines()
    assert len(written) == len(rows)
    for row, expected in zip(written, rows, strict=True):
        assert row.startswith(expected)
        assert row.removeprefix(expected).strip(" |"), f"{expected} says nothing"


ENUMERATIONS = [
    found
    for found in subclasses(enum.Enum)
    if found.__module__ == events.__name__ and found not in (Kind, events.Disclosure)  # these two have their own tables
]


@pytest.mark.parametrize("named", ENUMERATIONS, ids=lambda named: named.__name__)
def test_every_enumeration_stands_with_its_values(named: type[enum.Enum]) -> None:
    values = ", ".join(f"{one.value} {one.name}" if isinstance(one.value, int) else f"`{one.value}`" for one in named)
    assert f"- {named.__name__}: {values}." in section("Enumerations")


def test_every_disclosure_stands_in_its_section() -> None:
    for disclosure in events.Disclosure:
        assert f"*{disclosure.value}*" in section("Disclosure")


def test_the_bins_of_statistics_stand_there() -> None:
    for edges in (events.IKI_EDGES_MS, events.DWELL_EDGES_MS):
        assert f"{', '.join(map(str, edges))} ms" in section("Enumerations")


def test_the_extension_ranges_stand_there() -> None:
    rows = re.findall(
        r"^\| (\d+) to (\d+) \| (\w+)[^|]*\| (\w*) ?\| (\d*) ?\| (\d+) \| (\w*) ?\|$", section("EXT"), re.MULTILINE
    )
    assert len(rows) == 3
    covered = set()
    for first, last, frame, content_key, pad, bound, removable in rows:
        for kind in range(int(first), int(last) + 1):
            rule = rule_of(kind)
            assert rule is not None
            assert rule.body is None
            assert rule.sealed == (frame == "sealed")
            assert (f"CK_{rule.content_key}" if rule.sealed else "") == content_key
            assert (rule.pad, rule.max_bytes, rule.redactable) == (int(pad or 0), int(bound), removable == "yes")
            covered.add(kind)
    assert covered == {kind for kind in range(256) if rule_of(kind) and kind not in TYPES}


def test_bounds_stand_as_they_are_kept() -> None:
    bounds = section("Bounds")
    assert f"| frame: `len` | {MAX_FRAME_BYTES >> 20} MiB |" in bounds
    assert f"| blob | {aead.MAX_BLOB_BYTES >> 20} MiB" in bounds
    assert f"| note | {note.MAX_NOTE_BYTES >> 10} KiB, {note.MAX_SIGNATURES} signature lines" in bounds
    assert f"| proof | {merkle.MAX_PROOF} hashes |" in bounds
    assert f"{MAX_DEPTH} levels of arrays" in bounds
    assert f"multiple of {aead.BLOB_PAD_BYTES >> 10} KiB" in section("Captures")


KINDS = [*statements.STATEMENTS, directory.Directory]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_statement_stands_with_its_fields_in_order(kind: Any) -> None:  # noqa: ANN401 - Statement or Directory
    name = re.fullmatch(r"application/vnd\.fairwitness\.(\w+)\.v1\+json", kind.payload_type)
    assert name
    fields = ", ".join(f"`{field}`" for field in kind.__struct_encode_fields__)
    assert re.search(rf"^\| `{name[1]}` \| [^|]+ \| {re.escape(fields)} \|$", DOCUMENT, re.MULTILINE), fields


@pytest.mark.parametrize(
    "inner",
    [
        directory.PlatformKeys,
        directory.Person,
        directory.Project,
        directory.ReviewKey,
        directory.EpochWrap,
        directory.Revocation,
        statements.OpeningWrap,
        SealWrap,
        Loss,
    ],
    ids=lambda inner: inner.__name__,
)
def test_every_object_inside_a_statement_stands_with_its_fields(inner: type[msgspec.Struct]) -> None:
    fields = ", ".join(f"`{field}`" for field in inner.__struct_encode_fields__)
    assert re.search(rf"^\| [^|]+ \| {re.escape(fields)} \|$", section("Inside them"), re.MULTILINE), fields


def test_the_seal_stands_with_its_fields_in_order() -> None:
    text = section("9. Seal", "##")
    assert re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE) == list(Seal.__struct_encode_fields__)
    assert PAYLOAD_TYPE in text


def test_the_steps_of_the_verifier_stand_in_order() -> None:
    rows = re.findall(r"^\| (\d+) \| ([^|]+) \| [^|]+ \|$", section("12. Verifying", "##"), re.MULTILINE)
    assert [(int(number), name) for number, name in rows] == [(place + 1, step.name) for place, step in enumerate(STEPS)]


def test_every_worked_example_is_that_of_the_vectors() -> None:
    found = EXAMPLE.findall(DOCUMENT)
    for group, name, index, quoted in found:
        vector = VECTORS[group][name]
        whole = vector[int(index)] if index else " ".join(vector) if isinstance(vector, list) else str(vector)
        if quoted.endswith("…"):
            assert len(quoted) > 100
            assert whole.startswith(quoted[:-1])
        else:
            assert quoted == whole, f"{group}.{name}"
    quoted_names = {(group, name) for group, name, *_ in found}
    expected = {(group, name) for group, vector in VECTORS.items() for name in vector}
    in_full = {("note", "note"), ("note", "add_checkpoint")}
    elsewhere = {("public_frame", "kind"), ("public_frame", "seq"), ("sealed_frame", "kind"), ("sealed_frame", "seq")}
    elsewhere |= {("capture", "kind"), ("capture", "seq"), ("segment", "segment"), ("segment", "sha256")}
    assert quoted_names == expected - in_full - elsewhere
    for group, name in in_full:
        assert f"```\n{VECTORS[group][name]}```" in DOCUMENT


def test_every_long_hexadecimal_in_the_document_comes_from_the_vectors() -> None:
    known = json.dumps(VECTORS)
    for digits in re.findall(r"\b[0-9a-f]{24,}\b", DOCUMENT):
        assert digits in known


def test_every_reference_to_this_document_names_a_heading() -> None:
    headings = {re.sub(r"^[\d. ]+", "", line.lstrip("# ")) for line in DOCUMENT.splitlines() if line.startswith("#")}
    named = {part for heading in headings for part in re.split(r"[,:] | and ", heading)} | headings
    pattern = re.compile(r"docs/session-format\.md, ((?:[A-Z]\w*)(?: (?:[a-z]\w+|[A-Z]\w+))*)")
    for folder in ("session", "agent", "uploader", "server", "detectors", "fairwitness", "ui"):
        for path in (ROOT / folder).rglob("*.py"):
            for reference in pattern.findall(path.read_text(encoding="utf-8")):
                assert all(part in named for part in reference.split(" and ")), f"{path.name}: {reference}"
