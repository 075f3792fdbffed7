# SPDX-License-Identifier: Apache-2.0
"""What this desktop lets us observe, sensor by sensor, found by trying, and what to do where it does not."""

from __future__ import annotations

import shutil
from pathlib import Path

from agent.capture import CaptureSensor
from agent.clock import SystemClock
from agent.sensor import Ability
from fairwitness.places import Places
from fairwitness.wiring import desktop_sensors, enrolled
from session import FairWitnessError
from session.policy import default_policy_toml, parse_policy
from session.trust.directory import Directory
from session.trust.lifetime import WARN_DAYS, due
from ui.ends import due_words
from ui.strings import Words

LEAST_FREE_BYTES = 512 * 1024 * 1024
"""An eight-hour session with a screenshot a minute takes about 150 MiB; this leaves room for three."""


def abilities(home: Path | None) -> list[Ability]:
    """One line per sensor, then the clock, the key store, the disk and the enrolment. Observes nobody."""
    places = Places(home)
    found = [sensor.ability() for sensor in desktop_sensors(None)]
    found.append(CaptureSensor(parse_policy(default_policy_toml()).captures).ability())
    return [*found, _clock(), _keys(places), _disk(places), _enrolment(places)]


def _clock() -> Ability:
    clock = SystemClock()
    if clock.boot_id:
        return Ability("clock", observes=True, detail="Suspend, restarts and clock changes are seen.")
    return Ability("clock", observes=False, detail="This system does not name its boots, so a restart may look like a jump.")


def _keys(places: Places) -> Ability:
    store = places.key_store()
    try:
        store.names("session/")
    except FairWitnessError as fault:
        return Ability("keys", observes=False, detail="The keys cannot be read.", advice=str(fault))
    return Ability("keys", observes=True, detail=store.described)


def _disk(places: Places) -> Ability:
    there = next(folder for folder in (places.folder, *places.folder.absolute().parents) if folder.exists())
    free_bytes = shutil.disk_usage(there).free
    detail = f"{free_bytes // (1024 * 1024)} MiB are free where sessions are kept."
    if free_bytes < LEAST_FREE_BYTES:
        return Ability("disk", observes=False, detail=detail, advice="Make room before a long session: 512 MiB at least.")
    return Ability("disk", observes=True, detail=detail)


def _enrolment(places: Places) -> Ability:
    clock = SystemClock()
    try:
        found = enrolled(places, places.key_store(), clock)
    except FairWitnessError as fault:
        return Ability("platform", observes=False, detail="The enrolment of this device is damaged.", advice=str(fault))
    if found is None:
        return Ability(
            "platform", observes=False, detail="Not enrolled: sessions are personal.", advice="fairwitness enroll 'LINK'"
        )
    try:
        held = found.shelf.held()
        detail = f"Enrolled as {found.identity.person}; {held} sessions can start without a network."
        advice = runs_out(found.organisation.directory(), clock.read().t_us)
        return Ability("platform", observes=True, detail=detail, advice=advice)
    finally:
        found.close()


def runs_out(directory: Directory, now_us: int) -> str:
    """What of the organisation's directory ends within `WARN_DAYS`, and who mends it; "" where nothing does."""
    words, near = Words("en"), due(directory, now_us, WARN_DAYS)
    names = {one.id: one.name or one.id for one in directory.projects}
    return " ".join([*due_words(near, names, words), words("due.office")]) if near else ""
