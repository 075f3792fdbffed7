# SPDX-License-Identifier: Apache-2.0
"""An organisation's own catalogue of AI tools: checked before it counts, named by policies, read where it counts.

Rules:

1. What an admin publishes keeps the rules of the reviewed list, and takes at most one ordinary title in 10,000 for a tool: a
   careless entry is refused before it can ask anybody a question.
2. Who records or recomputes reads the one that the policy names, and holds it to the same rules; else none counts.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

import msgspec

from detectors.catalogue.listed import Listed, listed
from detectors.catalogue.match import shipped
from detectors.catalogue.ordinary import MOST_MET, mistaken
from detectors.catalogue.sources import CatalogueError, compiled, from_json
from fairwitness.places import Places
from session import EnvironmentFault, FairWitnessError, InputFault, IntegrityFault
from session.disk import environment_fault
from session.policy import CATALOGUE_BYTES, Policy
from session.segments import read_file
from uploader.client import Answer, PlatformClient, Request
from uploader.organisation import catalogue_in

NO_CATALOGUE: Final = (
    "ai_tools.catalogue: the platform does not have the list of AI tools that this policy names. Publish it first: "
    "fairwitness catalogue publish FILE"
)
_NOT_THERE: Final = 404
_SHOWN: Final = 5
"""Titles of a refusal: enough to find the entry by."""


class Checked(msgspec.Struct, frozen=True):
    """A catalogue that may be published.

    Args:
        octets: as they are published; sha256: how a policy names them.
        titles: ordinary titles that were tried; mistaken: those that it takes for a tool, each with that tool.
    """

    octets: bytes
    sha256: str
    version: int
    tools: int
    titles: int
    mistaken: tuple[tuple[str, str], ...]


def begin(file: Path) -> None:
    """Writes the list of this program into a new `file`, an entry a line, for an organisation to change.

    Raises:
        InputFault: there is a file already. EnvironmentFault: it cannot be written.
    """
    octets = compiled(shipped())
    try:
        with file.open("xb") as made:
            made.write(octets)
    except FileExistsError as error:
        raise InputFault("file: there is one already, and none is overwritten; name another.") from error
    except OSError as error:
        raise environment_fault(error, "writing the list of AI tools") from error


def checked(file: Path) -> Checked:
    """The catalogue in `file`, of the form that `begin` writes.

    Raises:
        InputFault: it breaks a rule (names entry and field), or takes too many ordinary titles for tools (names some).
        EnvironmentFault: the file cannot be read.
    """
    try:
        octets = read_file(file, CATALOGUE_BYTES, "the catalogue")
    except IntegrityFault as fault:
        raise InputFault("file: the list of AI tools is no regular file of at most 1 MiB.") from fault
    try:
        found = listed(octets)
        catalogue = from_json(octets)
    except CatalogueError as error:
        raise InputFault(f"file: the list of AI tools cannot be taken. {error}.") from error
    browsers = {app for one in shipped().browsers for app in one.apps}
    for tool in catalogue.tools:
        if not tool.part and not browsers.isdisjoint(tool.apps):
            said = f"{tool.name}: part: a browser shows other pages too; say part = true"
            raise InputFault(f"file: the list of AI tools cannot be taken. {said}.")
    titles, met = mistaken(catalogue)
    if len(met) * MOST_MET > titles:
        some = "; ".join(f"“{title}” for {name}" for title, name in met[:_SHOWN])
        raise InputFault(
            f"file: the list of AI tools takes {len(met)} of {titles} ordinary titles for a tool; at most one in {MOST_MET} "
            f"may be. Such as: {some}."
        )
    return Checked(octets, found.sha256, catalogue.version, len(catalogue.tools), titles, met)


def published(ask: PlatformClient, one: Checked) -> str:
    """Hands the platform a catalogue; returns its SHA-256, by which a policy names it. Raises `EnvironmentFault`."""
    path = f"/v1/catalogues/{one.sha256}"
    _done(ask.send(Request("catalogue", "PUT", path, one.octets, content_type="application/json")))
    return one.sha256


def ensure_published(ask: PlatformClient, sha256: str) -> None:
    """Returns where the platform has this catalogue.

    Raises:
        InputFault: it does not. EnvironmentFault: it cannot be asked. IntegrityFault: it gives another.
    """
    answer = ask.send(Request("catalogue", "GET", f"/v1/catalogues/{sha256}", most_bytes=CATALOGUE_BYTES))
    if answer.status == _NOT_THERE:
        raise InputFault(NO_CATALOGUE)
    if hashlib.sha256(_done(answer).body).hexdigest() != sha256:
        raise IntegrityFault("the platform gave another catalogue than the one that the policy names")


def at_hand(policy: Policy, places: Places) -> Listed | None:
    """The catalogue that `policy` names, None where it names none, or where it is not here, or not as it must be.

    Never raises: a session is recorded all the same, and what rests on the catalogue is not evaluated.
    """
    named = policy.ai_tools.catalogue
    if named is None:
        return None
    try:
        octets = catalogue_in(places.organisation, named)
        return listed(octets) if octets is not None else None
    except (FairWitnessError, OSError, CatalogueError):
        return None


def _done(answer: Answer) -> Answer:
    if not answer.done:
        raise EnvironmentFault(answer.words)
    return answer
