# SPDX-License-Identifier: Apache-2.0
"""What the catalogue holds: strict, so that a wrong entry fails a test and not a person.

Rules:

1. A name of an application is one that the desktop tells: lower case, whole, never a part of it.
2. A page is known by its whole title or not at all: by its words, by what stands last behind a separator, or by a pattern.
3. A title says something in a browser only, once that browser's own ending is taken off; another's is part of the page.
4. Hosts and ports are for whoever reviews the list. Nothing here observes an address.
5. A program is known by the whole name of its file, and only where it is one that runs models; never by an interpreter's.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec

Kind = Literal[
    "agent",
    "browser",
    "chat",
    "code",
    "homework",
    "local",
    "overlay",
    "research",
    "rewriting",
    "search",
    "translation",
    "writing",
]
"""The kinds that a policy can grade: the fields of `session.policy.AiKinds`."""

Confidence = Literal["high", "medium", "low"]
"""What an entry rests on. `high`: on titles, desktop files or settings that were captured and are public. `medium`: on a
public list, or in part. `low`: on memory; nobody has confirmed it yet."""

SEPARATORS: Final = "-–—|"  # noqa: RUF001 - as pages write them
"""What may stand before an end that names no separator of its own."""

AppName = Annotated[str, msgspec.Meta(min_length=2, max_length=128, pattern=r"^[^A-Z]+$")]
Title = Annotated[str, msgspec.Meta(min_length=2, max_length=256, pattern=r"^\S(?:.*\S)?$")]
Pattern = Annotated[str, msgspec.Meta(min_length=2, max_length=512)]
Words = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
PortNumber = Annotated[int, msgspec.Meta(ge=1, le=65535)]


class Port(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A port on which a tool serves on this computer, and the process that holds it: many ports are anybody's."""

    port: PortNumber
    process: AppName


class Tool(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """One AI tool.

    Args:
        name: as people know it; distinct.
        kind: what a policy grades.
        source: where the entry comes from.
        hosts: of its pages. ports: see `Port`. Both for the reader.
        exact: whole page titles; a separator within stands for any of `SEPARATORS`.
        ends: what a page's title ends with, behind something else and a separator: one of `SEPARATORS`, or its own where it
            begins with one ("· GitHub Copilot").
        patterns: of whole page titles, as Python's `re` takes them, for what the two above cannot say.
        linux: WM_CLASS. windows: programs. mac: bundles. All in lower case.
        programs: of kind "local" alone: file names of what runs the models, on any system, in lower case and without ".exe".
        lookalikes: titles of other things that share its name; none of them is ever this tool, or any.
        part: whether it is a part of a program that people use for other things too.
        ambiguous: whether its name is also a word, a person or a place.
    """

    name: Words
    kind: Kind
    source: Words
    confidence: Confidence
    hosts: tuple[Words, ...] = ()
    exact: tuple[Title, ...] = ()
    ends: tuple[Title, ...] = ()
    patterns: tuple[Pattern, ...] = ()
    linux: tuple[AppName, ...] = ()
    windows: tuple[AppName, ...] = ()
    mac: tuple[AppName, ...] = ()
    programs: tuple[AppName, ...] = ()
    ports: tuple[Port, ...] = ()
    lookalikes: tuple[Title, ...] = ()
    part: bool = False
    ambiguous: bool = False

    @property
    def apps(self) -> tuple[str, ...]:
        """Its names on every system."""
        return (*self.linux, *self.windows, *self.mac)


class Browser(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Browsers that put the same ending behind a page's title.

    Args:
        name: of the family. linux, windows, mac: as in `Tool`.
        endings: patterns of what they add.
    """

    name: Words
    endings: tuple[Pattern, ...]
    linux: tuple[AppName, ...] = ()
    windows: tuple[AppName, ...] = ()
    mac: tuple[AppName, ...] = ()

    @property
    def apps(self) -> tuple[str, ...]:
        """Their names on every system."""
        return (*self.linux, *self.windows, *self.mac)


class Catalogue(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The whole list. `version` grows by one with every change of which windows are matched; findings name it."""

    version: Annotated[int, msgspec.Meta(ge=1)]
    browsers: tuple[Browser, ...]
    tools: tuple[Tool, ...]
