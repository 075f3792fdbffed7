# SPDX-License-Identifier: Apache-2.0
"""Sending from the command line: supplies before a session, sealed sessions after it, and reading as a reviewer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from agent.clock import SystemClock
from fairwitness.places import Places
from fairwitness.removals import send_removals
from fairwitness.wiring import Enrolment, enrolled
from session import EnvironmentFault
from session.ports import OutboxItem
from uploader.fetch import RemotePlatform
from uploader.organisation import refresh, top_up
from uploader.orglog import LogWatch
from uploader.transfer import send

NOT_ENROLLED = "This device is not enrolled with an organisation. Ask yours for an enrolment link: fairwitness enroll 'LINK'"


def enrolment_of(home: Path | None) -> Enrolment:
    """The enrolment of this device; to be closed. Raises `EnvironmentFault` where it has none; says what to do."""
    places = Places(home)
    found = enrolled(places, places.key_store(), SystemClock())
    if found is None:
        raise EnvironmentFault(NOT_ENROLLED)
    return found


def prepare(home: Path | None) -> int:
    """Brings the directory, policies and the shelf of grants up to date; returns how many grants are held.

    Raises:
        EnvironmentFault: not enrolled, or the platform cannot be reached or does not allow it; says what to do.
        PlatformFault: the platform contradicts itself; the grants are held all the same.
    """
    enrolment = enrolment_of(home)
    try:
        client = enrolment.client(SystemClock())
        supplied = (refresh(client, enrolment.organisation), top_up(client, enrolment.organisation, enrolment.shelf))
        for answer in supplied:
            if not answer.done:
                raise EnvironmentFault(answer.words)
        LogWatch(client, enrolment.organisation).look()
        return enrolment.shelf.held()
    finally:
        enrolment.close()


def send_all(home: Path | None, *, now: bool) -> Sequence[OutboxItem]:
    """Sends every session whose time has come, once each; with `now`, those on hold too. Returns how all stand.

    Takes up a newer directory and fills the shelf of grants first, where the platform can be reached.

    Raises:
        EnvironmentFault: not enrolled; says what to do.
    """
    enrolment = enrolment_of(home)
    try:
        outbox = enrolment.outbox
        for waiting in outbox.items() if now else ():
            outbox.release(waiting.session_id)
        client = enrolment.client(SystemClock())
        log = LogWatch(client, enrolment.organisation)
        if refresh(client, enrolment.organisation).done:
            top_up(client, enrolment.organisation, enrolment.shelf)
        tried: set[str] = set()
        while (item := outbox.claim()) is not None and item.session_id not in tried:
            tried.add(item.session_id)
            send(item, client, outbox, log=log)
        send_removals(enrolment, client)
        return outbox.items()
    finally:
        enrolment.close()


def platform_of(home: Path | None) -> RemotePlatform:
    """The platform as this device's person may read it. Raises `EnvironmentFault` where it is not enrolled."""
    enrolment = enrolment_of(home)
    enrolment.close()
    client = enrolment.client(SystemClock())
    return RemotePlatform(client, LogWatch(client, enrolment.organisation))
