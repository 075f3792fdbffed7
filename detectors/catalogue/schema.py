# SPDX-License-Identifier: Apache-2.0
"""The catalogue's file: strict, so that a wrong entry fails a test and not a person.

Rules:

1. A name of an application is one that the desktop tells: lower case, whole, never a part of it.
2. A title's pattern is met by a whole page title or not at all.
3. Hosts and ports are for whoever reviews the list. Nothing here observes an address.
"""

from __future__ import annotations

from typing import Annotated, Literal

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

AppName = Annotated[str, msgspec.Meta(min_length=2, max_length=128, pattern=r"^[^A-Z]+$")]
Pattern = Annotated[str, msgspec.Meta(min_length=2, max_length=512)]
Words = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]


class Tool(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One AI tool.

    Args:
        name: as people know it; distinct.
        kind: what a policy grades.
        source: where the entry comes from. confidence: `seen` (in a source that anybody can read) or `recalled`.
        hosts: of its pages, for the reader. ports: on which it serves on this computer, for the reader.
        titles: patterns of whole page titles, as Python's `re` takes them.
        linux: WM_CLASS. windows: programs. mac: bundles. All in lower case.
        part: whether it is a part of a program that people use for other things too.
    """

    name: Words
    kind: Kind
    source: Words
    confidence: Literal["seen", "recalled"]
    hosts: tuple[Words, ...] = ()
    titles: tuple[Pattern, ...] = ()
    linux: tuple[AppName, ...] = ()
    windows: tuple[AppName, ...] = ()
    mac: tuple[AppName, ...] = ()
    ports: tuple[Port, ...] = ()
    part: bool = False


class Catalogue(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The whole file.

    Args:
        browsers: applications whose titles are page titles; no other application's title counts.
        endings: patterns of what a browser adds behind the page's title.
    """

    version: Literal[1]
    browsers: tuple[AppName, ...]
    endings: tuple[Pattern, ...]
    tools: tuple[Tool, ...]
