# SPDX-License-Identifier: Apache-2.0
"""The object graph, built once and passed down: enrolment, outbox, uplink, sensors. No logic of its own."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import msgspec

from agent.capture import CaptureSensor
from agent.grants import GrantShelf
from agent.opening import Identity, enrolled_identity
from agent.portable.pynput_input import PynputSensor
from agent.portable.runners import RunnerSensor
from agent.sensor import Sensor
from agent.x11.clipboard import ClipboardSensor
from agent.x11.input import KeyboardPointerSensor
from agent.x11.windows import WindowSensor
from detectors.catalogue.listed import Listed, runners
from fairwitness.places import DAMAGED_HOME, Places
from session import EnvironmentFault, IntegrityFault
from session.events import Disclosure, Kind
from session.policy import Policy
from session.ports import Clock, KeyStore
from session.segments import read_file
from session.trust.directory import open_directory
from session.trust.dsse import DIRECTORY_BYTES
from uploader.client import PlatformClient
from uploader.organisation import Organisation
from uploader.outbox import DurableOutbox
from uploader.receipts import ReceiptReader

HOLD_US = 600_000_000
"""Hold of a sealed session that is found in the spool without a row. Source: session/policy_default.toml, sending."""


class Enrolment(msgspec.Struct, frozen=True):
    """What an enrolled device works with."""

    organisation: Organisation
    identity: Identity
    token: str
    shelf: GrantShelf
    outbox: DurableOutbox
    places: Places

    def client(self, clock: Clock) -> PlatformClient:
        """A client of the platform, for one thread."""
        return PlatformClient(self.organisation.address, self.token, clock=clock)

    @property
    def projects(self) -> tuple[str, ...]:
        """The projects that the directory gives this person, in its order."""
        person = self.organisation.directory().person(self.identity.person)
        return person.projects if person is not None else ()

    def close(self) -> None:
        """Gives up the outbox's database."""
        self.outbox.close()


def enrolled(places: Places, store: KeyStore, clock: Clock) -> Enrolment | None:
    """The enrolment of this device, None where it has none.

    Raises:
        EnvironmentFault: a part of it is missing or damaged; says what to do.
    """
    path = places.organisation / "directory.dsse"
    if not path.is_file():
        return None
    try:
        org_fp = open_directory(read_file(path, DIRECTORY_BYTES, "the organisation's directory")).organisation
        organisation = Organisation(places.organisation, org_fp)
        certificate = organisation.device_certificate
    except IntegrityFault as fault:
        raise EnvironmentFault(DAMAGED_HOME) from fault
    token = store.get(f"platform/{org_fp}/token")
    if token is None:
        raise EnvironmentFault("This device's token is missing. Ask your organisation for a new enrolment link.")
    identity = enrolled_identity(store, org_fp, certificate)

    def projects() -> Sequence[str]:
        person = organisation.directory().person(identity.person)
        return person.projects if person is not None and "trainer" in person.roles else ()

    shelf = GrantShelf(
        places.grants,
        spool=places.spool,
        store=store,
        background=places.key_store(asks=False),
        clock=clock,
        identity=identity,
        directory=lambda: organisation.directory_text,
        projects=projects,
    )
    places.spool.mkdir(mode=0o700, parents=True, exist_ok=True)
    outbox = DurableOutbox(
        places.outbox,
        spool=places.spool,
        check=ReceiptReader(organisation.root_public, lambda: organisation.directory_text),
        clock=clock,
        hold_us=HOLD_US,
    )
    return Enrolment(
        organisation=organisation, identity=identity, token=token.decode(), shelf=shelf, outbox=outbox, places=places
    )


def desktop_sensors(policy: Policy | None, listed: Listed | None = None) -> list[Sensor]:
    """The sensors of this desktop that the policy has a use for; for None all that look at the desktop itself.

    `listed`: the catalogue that the policy names, where it is here. Where it is not, no program is looked for.
    """
    sensors: list[Sensor] = []
    if policy is None or any(policy.disclosure_of(kind) is not Disclosure.OFF for kind in (Kind.STATS, Kind.RAW)):
        sensors.append(_input_sensor())
    if policy is None or policy.disclosure_of(Kind.FOCUS) is not Disclosure.OFF:
        sensors.append(WindowSensor())
    if policy is None or policy.disclosure_of(Kind.CLIPBOARD) is not Disclosure.OFF:
        sensors.append(ClipboardSensor())
    if policy is not None and policy.disclosure_of(Kind.CAPTURE) is not Disclosure.OFF:
        sensors.append(CaptureSensor(policy.captures, command=[sys.executable, "-m", "agent.capture.child"]))
    if policy is not None and policy.notes_runners:
        known = runners(policy, listed, windows=sys.platform == "win32")
        if known:
            sensors.append(RunnerSensor(known))
    return sensors


def _input_sensor() -> Sensor:
    """XInput2 where there is an X server that has it, since it alone tells devices apart; pynput elsewhere."""
    own = KeyboardPointerSensor()
    if sys.platform == "linux" and (own.ability().observes or not PynputSensor().ability().observes):
        return own
    return PynputSensor()
