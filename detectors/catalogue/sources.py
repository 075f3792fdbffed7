# SPDX-License-Identifier: Apache-2.0
"""Reads the reviewed files of the catalogue, checks them, and makes the form that the program ships.

Rules, in the order in which a file is checked:

1. Every field is known and of its form (`detectors.catalogue.schema`).
2. Every name, application, whole title and end is said once, so that no window is two tools.
3. Every tool can be met, and a browser can only be a part.
4. A pattern compiles, captures nothing, repeats little enough to be quick with any title, and is met neither by nothing
   nor by what any page may be called.
5. A name that is also a word stands alone as a title only on more than memory, and shows what it is not.
6. No look-alike is met, by its own entry or by another.
7. A program is named for what runs models here, and not by what runs anything (interpreters, shells, browsers).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from importlib.resources.abc import Traversable
from typing import Annotated, Final, TypeVar

import msgspec

from detectors.catalogue.match import Matcher, ends_of
from detectors.catalogue.schema import Browser, Catalogue, Kind, Tool

T = TypeVar("T")

_ORDINARY: Final = ("", "a", "New tab", "a - b", "a | b", "a - b - c", "Inbox (3)")
"""What no pattern may take for a tool."""

MOST_REPEATED: Final = 2
"""Repetitions in a pattern. Source: 512 characters squared are milliseconds, and cubed are seconds; ours have two."""
_GENERAL: Final = re.compile(
    r"(?:pypy|python|pip|uv|node|npm|npx|bun|deno|java|javaw|ruby|perl|dotnet|electron|docker|podman|bash|sh|zsh|fish|cmd"
    r"|powershell|pwsh|conda|chat|main|server|run|app|launcher|helper|update|updater|setup|code|ssh|tmux|screen|sudo|systemd)"
    r"[\d.]*w?(?:\.exe)?"
)
"""Programs that run, or are called, anything. Source: what the reviewed entries would else have had to name."""
_DIGIT, _OTHER = "\0", "\1"
_PIECE: Final = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]")
"""An escape or a set, within which a mark of repetition is a letter."""
_REPEATED: Final = re.compile(r"(?<!\x00)[*+{]")
_REPEATED_GROUP: Final = re.compile(r"\)[*+{]")


class CatalogueError(ValueError):
    """A file of the catalogue is wrong. Says which file, which entry, which field, and what to change."""


class _Browsers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    browsers: tuple[dict[str, object], ...]


class _Compiled(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: Annotated[int, msgspec.Meta(ge=1)]
    browsers: tuple[dict[str, object], ...]
    tools: tuple[dict[str, object], ...]


class _Tools(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kind: Kind
    tools: tuple[dict[str, object], ...]


def read(folder: Traversable) -> Catalogue:
    """The catalogue of `folder`: browsers.toml and tools/*.toml, in the order of their names.

    Raises:
        CatalogueError: a file is no TOML, a field is missing, unknown or of another form, or a rule above is broken.
    """
    head = _converted(_toml(folder / "browsers.toml"), _Browsers, "browsers.toml")
    browsers = tuple(_converted(entry, Browser, _named("browsers.toml", entry)) for entry in head.browsers)
    tools: list[Tool] = []
    for file in sorted((folder / "tools").iterdir(), key=lambda one: one.name):
        if file.name.endswith(".toml"):
            part = _converted(_toml(file), _Tools, file.name)
            entries = ({"kind": part.kind, **entry} for entry in part.tools)
            tools.extend(_converted(entry, Tool, _named(file.name, entry)) for entry in entries)
    catalogue = _converted(
        {"version": head.version, "browsers": browsers, "tools": tuple(tools)}, Catalogue, "browsers.toml"
    )
    check(catalogue)
    return catalogue


def from_json(octets: bytes) -> Catalogue:
    """The catalogue in the form that `compiled` gives; its rules are not looked at.

    Raises:
        CatalogueError: no JSON, or a field is missing, unknown or of another form; names the entry and the field.
    """
    try:
        read = msgspec.json.decode(octets, type=_Compiled, strict=True)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise CatalogueError(f"the file: {error}") from error
    return Catalogue(
        version=read.version,
        browsers=tuple(_converted(one, Browser, _named("browsers", one)) for one in read.browsers),
        tools=tuple(_converted(one, Tool, _named("tools", one)) for one in read.tools),
    )


def check(catalogue: Catalogue) -> None:
    """Passes where the rules 2 to 6 hold.

    Raises:
        CatalogueError: one does not; the first that is found is said.
    """
    _once("name", ((tool.name.casefold(), tool.name) for tool in catalogue.tools))
    _once("an application", ((app, tool.name) for tool in catalogue.tools for app in tool.apps))
    _once("an application", ((app, one.name) for one in catalogue.browsers for app in one.apps))
    _once("exact", ((title, tool.name) for tool in catalogue.tools for title in tool.exact))
    _once("ends", ((end, tool.name) for tool in catalogue.tools for end in ends_of(tool)))
    browsers = {app for one in catalogue.browsers for app in one.apps}
    for one in catalogue.browsers:
        _patterns(one.name, "endings", one.endings)
    _once("a program", ((name.casefold(), tool.name) for tool in catalogue.tools for name in tool.programs))
    for tool in catalogue.tools:
        _patterns(tool.name, "patterns", tool.patterns)
        _runner(tool, browsers)
        _meetable(tool, browsers)
        _unambiguous(tool)
    _apart(catalogue)


def compiled(catalogue: Catalogue) -> bytes:
    """The form that the program ships: JSON with one entry a line, the same bytes for the same catalogue."""
    fields = (("browsers", catalogue.browsers), ("tools", catalogue.tools))
    lines = [f'{{"version": {catalogue.version}']
    for name, entries in fields:
        rows = ",\n".join(msgspec.json.encode(entry).decode() for entry in entries)
        lines.append(f'"{name}": [\n{rows}\n]')
    return (",\n".join(lines) + "}\n").encode()


def _toml(file: Traversable) -> dict[str, object]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CatalogueError(f"{file.name}: {error}") from error


def _named(file: str, entry: dict[str, object]) -> str:
    return f"{file}: {entry.get('name', 'an entry without a name')}"


def _converted(value: object, wanted: type[T], where: str) -> T:
    try:
        return msgspec.convert(value, wanted, strict=True)
    except msgspec.ValidationError as error:
        raise CatalogueError(f"{where}: {error}") from error


def _once(field: str, said: Iterable[tuple[str, str]]) -> None:
    by: dict[str, str] = {}
    for value, name in said:
        if value in by:
            raise CatalogueError(f"{name}: {field} {value!r} is said by {by[value]} already; leave it with one of the two")
        by[value] = name


def _patterns(name: str, field: str, patterns: Iterable[str]) -> None:
    for pattern in patterns:
        try:
            form = re.compile(pattern)
        except re.error as error:
            raise CatalogueError(f"{name}: {field} {pattern!r} does not compile: {error}") from error
        if form.groups:
            raise CatalogueError(f"{name}: {field} {pattern!r} captures; write (?:...) for a group")
        if not _quick(pattern):
            raise CatalogueError(f"{name}: {field} {pattern!r} is slow: no group may repeat, and no more than two things")
        if any(form.fullmatch(title) for title in _ORDINARY):
            raise CatalogueError(f"{name}: {field} {pattern!r} is met by an ordinary title; name the tool in it")


def _quick(pattern: str) -> bool:
    """Whether it takes at most the square of a title's length: no group repeats, and no more than two things but digits."""
    bare = _PIECE.sub(lambda piece: _DIGIT if piece[0] == r"\d" else _OTHER, pattern)
    return not _REPEATED_GROUP.search(bare) and len(_REPEATED.findall(bare)) <= MOST_REPEATED


def _meetable(tool: Tool, browsers: set[str]) -> None:
    if not (tool.apps or tool.exact or tool.ends or tool.patterns or tool.programs):
        raise CatalogueError(f"{tool.name}: no title and no application; such an entry is never met")
    if not tool.part and not browsers.isdisjoint(tool.apps):
        raise CatalogueError(f"{tool.name}: part: a browser shows other pages too; say part = true")


def _runner(tool: Tool, browsers: set[str]) -> None:
    if tool.programs and tool.kind != "local":
        raise CatalogueError(f"{tool.name}: programs: only what runs models on this computer (kind local) is looked for so")
    for name in tool.programs:
        if _GENERAL.fullmatch(name) or not browsers.isdisjoint((name, f"{name}.exe")):
            raise CatalogueError(f"{tool.name}: programs: {name!r} runs other things too; name a program of its own")
        if name.endswith(".exe"):
            raise CatalogueError(f'{tool.name}: programs: {name!r}: leave ".exe" out; on Windows it is added')


def _unambiguous(tool: Tool) -> None:
    if not tool.ambiguous:
        return
    if not tool.lookalikes:
        raise CatalogueError(f"{tool.name}: lookalikes: its name is a word too; show at least one title that it is not")
    if tool.name in (*tool.exact, *tool.ends) and tool.confidence == "low":
        raise CatalogueError(
            f"{tool.name}: exact, ends: its name is a word too, and the entry rests on memory; use its own phrase"
        )


def _apart(catalogue: Catalogue) -> None:
    match = Matcher(catalogue)
    for name, title, app in _lookalikes(catalogue):
        met = match(app, title)
        if met is not None and met.basis == "title":
            raise CatalogueError(f"{name}: lookalikes: {title!r} is taken for {met.name}")


def _lookalikes(catalogue: Catalogue) -> Iterator[tuple[str, str, str]]:
    for tool in catalogue.tools:
        for title in tool.lookalikes:
            for one in catalogue.browsers:
                yield tool.name, title, one.apps[0]
