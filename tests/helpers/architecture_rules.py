# SPDX-License-Identifier: Apache-2.0
"""Rules of the tree as functions that return what breaks them, so that each can be shown to catch a seeded violation."""

from __future__ import annotations

import ast
import re
import typing
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import msgspec

PACKAGES = ("fairwitness", "session", "detectors", "agent", "uploader", "server", "ui")
LINE_CEILING = 500
BANNED_WORDS = re.compile(r"\b(cheat\w*|suspicious|verdict of|AI detected|fraud\w*)\b", re.IGNORECASE)
BANNED_MODULES = {"utils", "util", "helpers", "helper", "manager", "common", "info", "data"}


def sources(root: Path) -> Iterator[Path]:
    """Product modules below `root`, in order."""
    for package in PACKAGES:
        yield from sorted((root / package).rglob("*.py"))


def too_long(root: Path) -> list[str]:
    """Python files of the tree, tests included, over the ceiling."""
    found = []
    for folder in (*PACKAGES, "tests", "bench"):
        for path in sorted((root / folder).rglob("*.py")):
            lines = len(path.read_text(encoding="utf-8").splitlines())
            if lines > LINE_CEILING:
                found.append(f"{path.relative_to(root)}: {lines} lines")
    return found


def lines_of(root: Path, folders: tuple[str, ...]) -> int:
    """Lines of all Python files below these folders."""
    paths = [path for folder in folders for path in (root / folder).rglob("*.py")]
    return sum(len(path.read_text(encoding="utf-8").splitlines()) for path in paths)


def banned_names(root: Path) -> list[str]:
    """Modules with a name that says nothing, and product text that accuses."""
    found = []
    for path in sources(root):
        if path.stem in BANNED_MODULES:
            found.append(f"{path.relative_to(root)}: module name")
        found += [
            f"{path.relative_to(root)}:{number}: {line.strip()}"
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
            if BANNED_WORDS.search(line)
        ]
    return found


def _calls(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node, ast.unparse(node.func)


def broken_habits(root: Path) -> list[str]:
    """Time read outside the clock, `except Exception` outside thread tops, `.rgb` of a screenshot."""
    found = []
    for path in sources(root):
        name = str(path.relative_to(root))
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node, called in _calls(tree):
            reads_clock = called in {"datetime.now", "datetime.datetime.now", "datetime.utcnow", "time.time", "time.time_ns"}
            if reads_clock and name != "agent/clock.py":
                found.append(f"{name}:{node.lineno}: {called}() outside agent/clock.py")
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr == "rgb" and name.startswith("agent/capture"):
                found.append(f"{name}:{node.lineno}: .rgb copies every pixel")
            broad = isinstance(node, ast.ExceptHandler) and (
                node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"}
            )
            if broad and "thread top" not in path.read_text(encoding="utf-8").splitlines()[node.lineno - 1]:
                found.append(f"{name}:{node.lineno}: broad except without the words 'thread top' and a reason")
    return found


def foreign_owners(distribution: str = "fairwitness") -> list[str]:
    """Root packages that some other installed distribution also claims."""
    owners = packages_distributions()
    return [f"{name}: {owners.get(name)}" for name in PACKAGES if set(owners.get(name, [])) != {distribution}]


def documented_fields(page: str) -> dict[str, str]:
    """Field name → "public" or "private" from the records table of docs/privacy.md; every column must be filled."""
    rows: dict[str, str] = {}
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) == 6 and cells[1].startswith("`") and all(cells):
            rows[cells[1].strip("`")] = cells[3]
    return rows


def policy_fields(table: type[msgspec.Struct], prefix: str = "") -> Iterator[str]:
    """Dotted names of all fields of a policy table."""
    for field in msgspec.structs.fields(table):
        if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct):
            yield from policy_fields(field.type, f"{prefix}{field.name}.")
        else:
            yield prefix + field.name


def nested_payloads(payload: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
    """`payload` and every struct inside its fields."""
    yield payload
    for field in msgspec.structs.fields(payload):
        for argument in typing.get_args(field.type):
            if isinstance(argument, type) and issubclass(argument, msgspec.Struct):
                yield from nested_payloads(argument)
