# SPDX-License-Identifier: Apache-2.0
"""Whether a window is an AI tool, by its application and, in a browser, its page's title.

Rules:

1. Pure: the list is part of the program. It is read when it is first asked, not when this is imported.
2. A title says something only in a browser, and only as a whole: "ChatGPT - Wikipedia" is a page about a tool.
3. No title is kept, here or anywhere else in a detector.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, cached_property
from importlib.resources import files
from typing import Final, Literal, Protocol

import msgspec

from detectors.catalogue.schema import SEPARATORS, Catalogue, Tool

Basis = Literal["application", "title", "part"]

VERSION: Final = 2
"""Version of the catalogue in this program; stands here too, so that a finding can name it before the list is read."""

TITLE_CHARACTERS: Final = 512
"""Longest title that is looked at. Source: docs/session-format.md, FOCUS."""

_UNSEEN: Final = re.compile(r"[\s\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
"""Blanks, and marks that browsers put into titles and nobody sees."""
_COUNT: Final = re.compile(r"\(\d+\+?\) ")
"""How many messages wait, as pages put it before their title."""
_SEPARATOR: Final = re.compile(r" (?=[^\w\s] )")
"""Where a part of a title may begin: a blank before one mark between blanks."""
_SEPARATORS: Final = re.compile(f" [{SEPARATORS}] ")
_LAST_PARTS: Final = 3
"""How many parts an end may have. Source: the longest of the list, "Le Chat - Mistral AI", has two."""


class Match(msgspec.Struct, frozen=True):
    """What a window is.

    `basis`: "application" where a program of this kind alone is in front, "title" where the page is only called so, "part"
    where the program holds such a tool among other things, so that its being in front does not tell that it was used.
    `confirmed`: whether its entry rests on what was captured and is public, so that an application may count as certain.
    """

    name: str
    kind: str
    basis: Basis
    confirmed: bool = True


class Ask(Protocol):
    """A catalogue that is asked about windows."""

    def __call__(self, app: str, title: str = "", /) -> Match | None:
        """What a window is; None where the catalogue does not know it."""
        ...


class Matcher:
    """The catalogue, ready to be asked."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._endings = {app: browser.endings for browser in catalogue.browsers for app in browser.apps}
        self._whole = {app: tool for tool in catalogue.tools if not tool.part for app in tool.apps}
        self._parts = {app: tool for tool in catalogue.tools if tool.part for app in tool.apps}
        self._exact = {_level(title): tool for tool in catalogue.tools for title in tool.exact}
        self._ends = {end: tool for tool in catalogue.tools for end in ends_of(tool)}

    def __call__(self, app: str, title: str = "") -> Match | None:
        """What the window `app` with `title` is; None where the catalogue does not know it."""
        name = app.strip().lower()
        if name in self._whole:
            return _match(self._whole[name], "application")
        if title and name in self._endings:
            tool = self._titled(self.page(name, title))
            if tool is not None:
                return _match(tool, "title")
        return _match(self._parts[name], "part") if name in self._parts else None

    def page(self, app: str, title: str) -> str:
        """The page's own title: without what the browser `app` adds behind it, and without a count of messages before it."""
        seen = _UNSEEN.sub(" ", title[:TITLE_CHARACTERS]).strip()
        return _COUNT.sub("", _ending(self._endings[app]).sub("", seen), count=1).strip()

    def _titled(self, page: str) -> Tool | None:
        level = _level(page)
        tool = self._exact.get(level)
        if tool is not None:
            return tool
        for found in [found.start() for found in _SEPARATOR.finditer(page)][-_LAST_PARTS:]:
            tool = self._ends.get(page[found : found + 3] + level[found + 3 :])
            if tool is not None:
                return tool
        met = self._pattern.fullmatch(page)
        return None if met is None or met.lastgroup is None else self._patterned[int(met.lastgroup[1:])][0]

    @cached_property
    def _patterned(self) -> tuple[tuple[Tool, str], ...]:
        return tuple((tool, pattern) for tool in self._catalogue.tools for pattern in tool.patterns)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(f"(?P<t{at}>{pattern})" for at, (_, pattern) in enumerate(self._patterned)))


def ends_of(tool: Tool) -> tuple[str, ...]:
    """Each end of `tool` with the separators that may stand before it, as it stands in a title."""
    return tuple(_separated(tool.ends))


@cache
def shipped() -> Catalogue:
    """The catalogue of this version, from the form that `bench/catalogue.py --write` makes of the reviewed files."""
    return msgspec.json.decode((files("detectors.catalogue") / "catalogue.json").read_bytes(), type=Catalogue, strict=True)


@cache
def matcher() -> Matcher:
    """The one matcher of the catalogue of this version."""
    return Matcher(shipped())


def match(app: str, title: str = "") -> Match | None:
    """What a window is, by the catalogue of this version."""
    return matcher()(app, title)


@cache
def _ending(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(f"(?:{'|'.join(patterns)})$")


def _level(title: str) -> str:
    """`title` with one mark for every separator; as long as before."""
    return _SEPARATORS.sub(" - ", title)


def _separated(ends: Iterable[str]) -> Iterable[str]:
    for end in ends:
        if end[1] == " " and not end[0].isalnum():
            yield f" {end[:2]}{_level(end[2:])}"
        else:
            yield from (f" {separator} {_level(end)}" for separator in SEPARATORS)


def _match(tool: Tool, basis: Basis) -> Match:
    return Match(name=tool.name, kind=tool.kind, basis=basis, confirmed=tool.confidence == "high")
