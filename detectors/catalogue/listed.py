# SPDX-License-Identifier: Apache-2.0
"""Which catalogue counts under a policy: the one that it names by its digest, or the one of this program.

Rules:

1. A policy that names none has the catalogue of this program. One that names one has that one, or none at all: the program's
   own never takes the place of a catalogue that is missing or another.
2. What a finding says of its catalogue follows from the policy alone, so that a missing one tells itself in no record.
3. An organisation's catalogue is held to the rules of the reviewed one (`detectors.catalogue.sources`) whenever it is read.
"""

from __future__ import annotations

import hashlib
from typing import Final

import msgspec

from detectors.catalogue.match import VERSION, Ask, Match, Matcher, match, shipped
from detectors.catalogue.schema import Catalogue
from detectors.catalogue.sources import CatalogueError, check, from_json
from session.policy import CATALOGUE_BYTES, Policy

BUILT_IN: Final = f"catalogue-{VERSION}"
"""How findings name the catalogue of this program."""
PREFIX: Final = 12
"""Digits of the digest by which they name another: a name for people; the whole digest stands in the policy."""


class Listed(msgspec.Struct, frozen=True):
    """An organisation's catalogue, as its bytes were fetched and found good. `programs`: as `runners` gives them."""

    sha256: str
    ask: Ask
    programs: tuple[tuple[str, str], ...] = ()


class InForce(msgspec.Struct, frozen=True):
    """What counts: `name` in a finding's calibration, `here` whether it is known; where not, nothing is a tool to `ask`."""

    name: str
    ask: Ask
    here: bool = True


def listed(octets: bytes) -> Listed:
    """The catalogue in `octets`, ready to be asked.

    Raises:
        CatalogueError: it is too large, or breaks a rule; names the entry and the field.
    """
    if len(octets) > CATALOGUE_BYTES:
        raise CatalogueError(f"The catalogue has {len(octets)} bytes; at most {CATALOGUE_BYTES} are taken")
    catalogue = from_json(octets)
    check(catalogue)
    return Listed(hashlib.sha256(octets).hexdigest(), Matcher(catalogue), _programs(catalogue))


def in_force(policy: Policy, at_hand: Listed | None) -> InForce:
    """The catalogue that counts under `policy`, of which `at_hand` may be the one that it names."""
    named = policy.ai_tools.catalogue
    if named is None:
        return InForce(BUILT_IN, match)
    name = f"catalogue-{named[:PREFIX]}"
    if at_hand is None or at_hand.sha256 != named:
        return InForce(name, _nothing, here=False)
    return InForce(name, at_hand.ask)


def runners(policy: Policy, at_hand: Listed | None, *, windows: bool) -> dict[str, str]:
    """What runs models on this computer, by the catalogue that counts under `policy`: of a program's file its tool's name.

    File names are casefolded and whole, as the system lists processes: with ".exe" where `windows`. None where that
    catalogue is not here; see `in_force`.
    """
    named = policy.ai_tools.catalogue
    if named is None:
        known = _programs(shipped())
    else:
        known = at_hand.programs if at_hand is not None and at_hand.sha256 == named else ()
    return {f"{program}.exe" if windows else program: tool for program, tool in known}


def _programs(catalogue: Catalogue) -> tuple[tuple[str, str], ...]:
    return tuple((name.casefold(), tool.name) for tool in catalogue.tools for name in tool.programs)


def _nothing(_app: str, _title: str = "", /) -> Match | None:
    return None
