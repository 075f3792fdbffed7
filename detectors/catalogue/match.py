# SPDX-License-Identifier: Apache-2.0
"""Whether a window is an AI tool, by its application and, in a browser, its page's title.

Rules:

1. Pure: the list is part of the program. It is read and compiled when it is first asked, not when this is imported.
2. A title says something only in a browser, and only as a whole: "ChatGPT - Wikipedia" is a page about a tool.
3. No title is kept, here or anywhere else in a detector.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Final, Literal

import msgspec

from detectors.catalogue.schema import Catalogue, Tool

Basis = Literal["application", "title", "part"]

TITLE_CHARACTERS: Final = 512
"""Longest title that is looked at. Source: docs/session-format.md, FOCUS."""

_UNSEEN: Final = re.compile(r"[\s\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
"""Blanks, and marks that browsers put into titles and nobody sees."""
_COUNT: Final = re.compile(r"\(\d+\+?\) ")
"""How many messages wait, as pages put it before their title."""


class Match(msgspec.Struct, frozen=True):
    """What a window is.

    `basis`: "application" where a program of this kind alone is in front, "title" where the page is only called so, "part"
    where the program holds such a tool among other things, so that its being in front does not tell that it was used.
    """

    name: str
    kind: str
    basis: Basis


class Matcher:
    """The catalogue, ready to be asked."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._browsers = frozenset(catalogue.browsers)
        self._ending = re.compile(f"(?:{'|'.join(catalogue.endings)})$")
        self._whole = _by_application(tool for tool in catalogue.tools if not tool.part)
        self._parts = _by_application(tool for tool in catalogue.tools if tool.part)
        titled = [(tool, pattern) for tool in catalogue.tools for pattern in tool.titles]
        self._titled = tuple(tool for tool, _ in titled)
        self._titles = re.compile("|".join(f"(?P<t{at}>{pattern})" for at, (_, pattern) in enumerate(titled)))

    def __call__(self, app: str, title: str = "") -> Match | None:
        """What the window `app` with `title` is; None where the catalogue does not know it."""
        name = app.strip().lower()
        if name in self._whole:
            return _match(self._whole[name], "application")
        if title and name in self._browsers:
            met = self._titles.fullmatch(self.page(title))
            if met is not None and met.lastgroup is not None:
                return _match(self._titled[int(met.lastgroup[1:])], "title")
        return _match(self._parts[name], "part") if name in self._parts else None

    def page(self, title: str) -> str:
        """The page's own title: without what the browser adds behind it, and without a count of messages before it."""
        seen = _UNSEEN.sub(" ", title[:TITLE_CHARACTERS]).strip()
        return _COUNT.sub("", self._ending.sub("", seen), count=1).strip()


@cache
def shipped() -> Catalogue:
    """The catalogue of this version."""
    toml = (files("detectors.catalogue") / "tools.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(toml), Catalogue, strict=True)


@cache
def matcher() -> Matcher:
    """The one matcher of the catalogue of this version."""
    return Matcher(shipped())


def match(app: str, title: str = "") -> Match | None:
    """What a window is, by the catalogue of this version."""
    return matcher()(app, title)


def _by_application(tools: Iterable[Tool]) -> dict[str, Tool]:
    return {app: tool for tool in tools for app in (*tool.linux, *tool.windows, *tool.mac)}


def _match(tool: Tool, basis: Basis) -> Match:
    return Match(name=tool.name, kind=tool.kind, basis=basis)
