# SPDX-License-Identifier: Apache-2.0
"""How keys and devices stand, and what a signature would do to them, in sentences. No Qt.

What is said of sessions is what `session.verify` does: a revocation is judged by the time of each countersignature.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

import msgspec

from session.crypto.signing import fingerprint, six_words
from session.offices import MemberDevice
from session.trust.directory import Directory, Person, Project
from ui.admin.changes import project_names
from ui.ends import moment_words
from ui.strings import Words


class Wish(msgspec.Struct, frozen=True):
    """What is to be revoked.

    Args:
        device: this one alone, None for every key of the person.
        since_us: from when, µs UTC; None for now.
    """

    person: Person
    device: MemberDevice | None
    since_us: int | None


def key_words(person: Person) -> str:
    """The six words of a member's key."""
    return " ".join(six_words(fingerprint(bytes.fromhex(person.person_key))))


def reviewers(directory: Directory, project: str) -> list[Person]:
    """Who reviews this project with keys that hold."""
    return [
        one
        for one in directory.people
        if "reviewer" in one.roles and project in one.projects and directory.revoked_us(one.person_key) is None
    ]


def state_words(directory: Directory, person: Person, devices: Sequence[MemberDevice], words: Words) -> str:
    """How a member's keys stand, in a cell of the list."""
    own = [one for one in devices if one.person == person.id]
    if directory.revoked_us(person.person_key) is not None:
        return words("state.revoked")
    if not own:
        return words("state.none")
    gone = sum(one.revoked_us is not None for one in own)
    told = words.count("state.devices", len(own))
    return words("state.some", devices=told, revoked=gone) if gone else told


def revocation(
    directory: Directory, wish: Wish, words: Words, zone: tzinfo | None = None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What revoking would sign, and what it does to sessions of before and after."""
    name, device = wish.person.name, wish.device
    now = ".now" if wish.since_us is None else ""
    since = moment_words(wish.since_us, words, zone) if wish.since_us is not None else ""
    if device is not None:
        own = " ".join(device.words)
        signs = [words(f"revoke.signs.device{now}", device=device.device, name=name, words=own, since=since)]
    else:
        signs = [words(f"revoke.signs.person{now}", name=name, words=key_words(wish.person), since=since)]
        signs += _epochs(directory, wish.person, "revoke.signs.epoch", words)
    means = [words(f"revoke.stands{now}", since=since), words(f"revoke.fails{now}", since=since, name=name)]
    if device is not None and wish.since_us is not None and device.cosigned_us >= wish.since_us:
        means.append(words("revoke.touched", seen=moment_words(device.cosigned_us, words, zone)))
    means.append(words("revoke.offline"))
    means.append(words("revoke.unsent") if device is not None else words("revoke.anew", name=name))
    return tuple(signs), (*means, words("revoke.for-good"))


def removal(directory: Directory, person: Person, words: Words) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What removing a person would sign, and what it means to them and to those who review their sessions."""
    name = person.name
    signs = [words("leaving.signs", name=name), *_epochs(directory, person, "leaving.signs.epoch", words)]
    means = []
    if "trainer" in person.roles:
        projects = ", ".join(project_names(directory, person.projects)) or words("people.no.project")
        others = {
            one.id: one.name for project in person.projects for one in reviewers(directory, project) if one.id != person.id
        }
        stays = "leaving.stays" if others else "leaving.stays.nobody"
        means += [
            words("leaving.unsent", name=name),
            words(stays, projects=projects, reviewers=", ".join(others.values())),
            words("leaving.own", name=name),
        ]
    if "reviewer" in person.roles:
        means.append(words("leaving.reviewer", name=name))
    return tuple(signs), (*means, words("leaving.again", name=name))


def holders(directory: Directory, people: Sequence[str], words: Words) -> str:
    """People by name, who may have left; "nobody" for none."""
    named = {one.id: one.name for one in directory.people}
    return ", ".join(named.get(one, one) for one in people) or words("epochs.nobody")


def can_hand_on(project: Project, granter: str, person: str) -> list[int]:
    """The epochs that `granter` opens and `person` does not."""
    found = []
    for key in project.review_keys:
        who = {one.person for one in key.wraps}
        if granter in who and person not in who:
            found.append(key.epoch)
    return found


def _epochs(directory: Directory, person: Person, key: str, words: Words) -> list[str]:
    """New review keys, where this person reviews with a key that holds."""
    if "reviewer" not in person.roles or directory.revoked_us(person.person_key) is not None or not person.projects:
        return []
    return [words(key, projects=", ".join(project_names(directory, person.projects)), name=person.name)]
