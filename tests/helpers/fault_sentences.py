# SPDX-License-Identifier: Apache-2.0
"""The sentences that code raises as faults, read from its text, with their values filled in."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

_FAULTS = {"EnvironmentFault", "InputFault", "StoppedFault", "IntegrityFault"}
_CONTRADICTIONS = {"refused", "contradiction"}
"""Methods whose second argument is the detail of a `PlatformFault`."""
VALUE = "V1"
"""Stands for each value of a sentence."""


class Sentence(msgspec.Struct, frozen=True):
    """`text` is "" where the code does not show it; `said` is then the expression."""

    place: str
    text: str
    said: str


def sentences(folder: Path) -> Iterator[Sentence]:
    """Of all modules below `folder`."""
    for path in sorted(folder.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        constants = _assigned(tree.body)
        scopes: list[tuple[ast.AST, dict[str, ast.expr]]] = [
            (node, constants | _assigned(list(ast.walk(node))))
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef)
        ]
        for scope, names in scopes:
            for node in ast.walk(scope):
                if isinstance(node, ast.Call):
                    for said in _raised(node):
                        yield Sentence(f"{path.name}:{node.lineno}", _text(said, names) or "", ast.unparse(said))


def constants(path: Path) -> list[str]:
    """The sentences among the values of a module's constants: long texts that end with a full stop."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [node.value for top in _assigned(tree.body).values() for node in ast.walk(top) if isinstance(node, ast.Constant)]
    return [text for text in found if isinstance(text, str) and re.fullmatch(r"[A-Z].{20,}\.", text)]


def _raised(call: ast.Call) -> list[ast.expr]:
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    if name in _FAULTS and call.args:
        first = call.args[0]
        return [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
    return [call.args[1]] if name in _CONTRADICTIONS and len(call.args) == 3 else []


def _assigned(nodes: list[ast.AST] | list[ast.stmt]) -> dict[str, ast.expr]:
    pairs = [(node.targets[0], node.value) for node in nodes if isinstance(node, ast.Assign) and len(node.targets) == 1]
    pairs += [(node.target, node.value) for node in nodes if isinstance(node, ast.AnnAssign) and node.value is not None]
    return {target.id: value for target, value in pairs if isinstance(target, ast.Name)}


def _text(said: ast.expr, names: dict[str, ast.expr]) -> str | None:
    if isinstance(said, ast.Constant):
        return said.value if isinstance(said.value, str) else None
    if isinstance(said, ast.JoinedStr):
        return "".join(_part(part, names) for part in said.values)
    if isinstance(said, ast.Name) and said.id in names and not isinstance(names[said.id], ast.Name):
        return _text(names[said.id], names)
    if isinstance(said, ast.Call) and isinstance(said.func, ast.Attribute) and said.func.attr == "format":
        whole = _text(said.func.value, names)
        return None if whole is None else re.sub(r"\{\w+\}", VALUE, whole)
    return None


def _part(part: ast.expr, names: dict[str, ast.expr]) -> str:
    if isinstance(part, ast.Constant):
        return str(part.value)
    assert isinstance(part, ast.FormattedValue)
    constant = part.value.id.isupper() if isinstance(part.value, ast.Name) else False
    return (_text(part.value, names) if constant else None) or VALUE
