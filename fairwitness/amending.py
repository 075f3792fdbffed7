# SPDX-License-Identifier: Apache-2.0
"""What an admin's signature changes in a directory: values in, values out, nothing signed or sent.

Rules:

1. A review key begins anew where the reviewers of a project changed: who left, was removed or whose keys were revoked reads
   nothing that is sealed from then on.
2. A revocation is never taken back and never made later; an earlier time may be added to it.
3. Somebody can always change the directory again: an admin with keys that hold stays.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from session import InputFault
from session.crypto.hpke import ReadingKey, wrap
from session.trust.directory import (
    Directory,
    EpochWrap,
    Person,
    PlatformKeys,
    Project,
    ReviewKey,
    Revocation,
    epoch_info,
    issue_review_key,
    open_review_key,
)
from session.trust.lifetime import DAY_US, Term, due

EPOCH_DAYS: Final = 90
"""How long a review key is used. Source: docs/architecture.md, Trust; design: review keys have epochs of 90 days."""

MARGIN_US: Final = 300_000_000
"""So much later than the platform's clock a key of its own ends, so that nothing that it signs until the directory is there
is refused. Source: an admin who compares six words in between."""
WITNESS_DAYS: Final = 19
"""A session may begin 14 days after its grant and last for 96 hours. Source: docs/session-format.md, GRANT; ADR 0013."""
GRANT_DAYS: Final = 365
"""A session without a countersignature is judged by its receipt's time, and may lie on a computer for long before that.
Source: as long as a directory is valid."""


def with_people(held: Directory, people: tuple[Person, ...], now_us: int) -> Directory:
    """The directory with these people, and a new epoch for each project whose reviewers changed.

    Raises:
        InputFault: none of them is an admin whose keys hold; names the field.
    """
    return _settled(held, replace(held, people=people), now_us)


def without_person(held: Directory, person: str, now_us: int) -> Directory:
    """The directory without that person.

    Their sessions stay readable for the reviewers of their projects, since older directories name them; their tokens open
    nothing any more.

    Raises:
        InputFault: there is no such person, or nobody would be admin any more; names the field.
    """
    _member(held, person)
    return with_people(held, tuple(one for one in held.people if one.id != person), now_us)


def with_revocations(held: Directory, keys: Sequence[str], revoked_us: int, now_us: int) -> Directory:
    """The directory in which nothing counts that these keys sign from `revoked_us` on.

    Args:
        held: the directory in force.
        keys: public keys, hexadecimal.
        revoked_us: µs UTC, not after `now_us`.
        now_us: µs UTC.

    Raises:
        InputFault: a time that is still to come, a key that is revoked since then or before, or nobody would be admin any
            more; names the field.
    """
    if not 0 < revoked_us <= now_us:
        raise InputFault("since: a key is revoked as of a time that is past. Check the date of this computer.")
    for key in keys:
        since = held.revoked_us(key)
        if since is not None and since <= revoked_us:
            raise InputFault("since: it is revoked already, since that time or an earlier one.")
    new = tuple(Revocation(revoked_key=key, revoked_us=revoked_us) for key in dict.fromkeys(keys))
    return _settled(held, replace(held, revocations=(*held.revocations, *new)), now_us)


def renewed(held: Directory, now_us: int, within_days: int) -> Directory | None:
    """The directory with a new epoch for each project whose review key ends within so many days; None where all is well.

    The directory's own end is moved by signing it anew, so it is returned unchanged where that alone is near.
    """
    near = due(held, now_us, within_days)
    if not near:
        return None
    ending = {one.project for one in near if one.term is Term.REVIEW_KEY}
    projects = tuple(with_next_epoch(held, one, now_us) if one.id in ending else one for one in held.projects)
    return replace(held, projects=projects)


def with_platform_keys(held: Directory, new: PlatformKeys, platform_us: int, *, stolen: bool) -> Directory:
    """The directory with these keys of the platform, in which each key that gives way is revoked.

    A receipt key ends at once: the new one signs from then on. In a planned renewal the witness goes on with its old key for
    sessions that were granted under it, and a grant stays good for whoever recorded without a network. Stolen, both end at
    once: what was countersigned before stands.

    Args:
        held: the directory in force.
        new: its `platform` with other keys.
        platform_us: the platform's time, UTC µs: its own times are what a revocation is compared with.
        stolen: whether somebody else may have them.
    """
    at_once_us = platform_us + MARGIN_US
    days = {"receipt_key": 0, "witness_key": WITNESS_DAYS, "grant_key": GRANT_DAYS}
    ended = tuple(
        Revocation(revoked_key=key, revoked_us=at_once_us if stolen else at_once_us + days_more * DAY_US)
        for name, days_more in days.items()
        if (key := getattr(held.platform, name)) != getattr(new, name)
    )
    return replace(held, platform=new, revocations=(*held.revocations, *ended))


def forgotten_us(key: ReviewKey, retention_days: int) -> int:
    """When every session that can have been sealed for this epoch is past its retention.

    A computer that did not hear of an early end may seal for an epoch until the end that it was issued with.
    """
    return max(key.until_us, key.from_us + EPOCH_DAYS * DAY_US) + retention_days * DAY_US


def without_old_wraps(held: Directory, now_us: int, retention_days: int) -> Directory | None:
    """The directory without the wraps of epochs whose sessions are all past `retention_days`; None where none is.

    The public key of such an epoch stays, so that its seals verify for ever.
    """

    def emptied(key: ReviewKey) -> ReviewKey:
        return replace(key, wraps=()) if key.wraps and forgotten_us(key, retention_days) <= now_us else key

    projects = tuple(replace(one, review_keys=tuple(map(emptied, one.review_keys))) for one in held.projects)
    return replace(held, projects=projects) if projects != held.projects else None


def with_earlier_epochs(
    held: Directory, project_id: str, person: str, granter: str, reading_key: ReadingKey
) -> tuple[Directory, tuple[int, ...]]:
    """The directory that grants `person` the epochs of a project that `granter` can open, and which those are.

    An epoch's secret exists in the wraps of its reviewers alone, so only one of them can hand it on.

    Args:
        held: the directory in force.
        project_id: of which project.
        person: to whom; a reviewer of that project.
        granter: whose wraps are opened.
        reading_key: the granter's.

    Raises:
        InputFault: no such project or reviewer, or `granter` opens no epoch that is not theirs yet; names the field.
        IntegrityFault: a wrap of the granter's is not what the directory says.
    """
    project, member = held.project(project_id), _member(held, person)
    if project is None:
        raise InputFault(f"project: the directory has no project “{project_id}”.")
    if member not in reviewers(held, project_id):
        raise InputFault(f"person: “{person}” is no reviewer of this project with keys that hold.")
    keys: list[ReviewKey] = []
    granted: list[int] = []
    for key in project.review_keys:
        holders = {one.person for one in key.wraps}
        if person in holders or granter not in holders:
            keys.append(key)
            continue
        secret = open_review_key(held.organisation, project_id, key, granter, reading_key)
        info = epoch_info(held.organisation, project_id, key.epoch)
        wrapped = base64.b64encode(wrap(secret.seed, bytes.fromhex(member.reading_key), info)).decode()
        keys.append(replace(key, wraps=(*key.wraps, EpochWrap(person=person, wrapped=wrapped))))
        granted.append(key.epoch)
    if not granted:
        raise InputFault("project: there is no earlier review key of it that this computer can open and they cannot.")
    changed = replace(project, review_keys=tuple(keys))
    return replace(held, projects=tuple(changed if one.id == project_id else one for one in held.projects)), tuple(granted)


def reviewers(held: Directory, project: str) -> tuple[Person, ...]:
    """Who reviews this project with keys that are not revoked."""
    return tuple(
        one
        for one in held.people
        if "reviewer" in one.roles and project in one.projects and held.revoked_us(one.person_key) is None
    )


def _settled(held: Directory, changed: Directory, now_us: int) -> Directory:
    """`changed`, with new epochs for the projects whose reviewers are others than in `held`."""
    if not any("admin" in one.roles and changed.revoked_us(one.person_key) is None for one in changed.people):
        raise InputFault("roles: without an admin nobody could ever change this directory again.")
    projects = tuple(
        with_next_epoch(changed, one, now_us) if reviewers(held, one.id) != reviewers(changed, one.id) else one
        for one in changed.projects
    )
    return replace(changed, projects=projects)


def with_next_epoch(held: Directory, project: Project, now_us: int) -> Project:
    """The project with a new epoch from now on, for its reviewers of this directory; the epoch before ends now."""
    epoch = max((one.epoch for one in project.review_keys), default=0) + 1
    # an epoch ends where the next begins, so that one moment has one review key
    closed = tuple(replace(one, until_us=min(one.until_us, now_us)) for one in project.review_keys)
    kept = tuple(one for one in closed if one.from_us < one.until_us)
    until_us = now_us + EPOCH_DAYS * DAY_US
    people = reviewers(held, project.id)
    key = issue_review_key(held.organisation, project.id, epoch, people, from_us=now_us, until_us=until_us)
    return replace(project, review_keys=(*kept, key))


def _member(held: Directory, person: str) -> Person:
    member = held.person(person)
    if member is None:
        raise InputFault(f"person: the directory has no “{person}”.")
    return member
