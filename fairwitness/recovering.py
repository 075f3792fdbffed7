# SPDX-License-Identifier: Apache-2.0
"""The person's recovery code on this computer, and their further devices, for the commands and the tray alike.

Rules:

1. The code is shown only when the person asks for it, and is confirmed once they gave words of it back.
2. Nothing is answered to a new device, and no answer is taken, before the person compared its six words: that is the
   caller's to ask.
"""

from __future__ import annotations

from pathlib import Path

from agent.keys.chosen import ChosenKeyStore
from fairwitness.managed import permitted
from fairwitness.office import OFFICE
from fairwitness.places import Places
from fairwitness.wiring import Enrolment
from session import EnvironmentFault, InputFault
from session.crypto.recovery_code import code_words, person_keys, secret_of
from session.crypto.signing import SigningKey
from session.desks import CodeState, DeviceWords
from session.disk import environment_fault, make_private
from session.ports import Clock, KeyStore
from session.segments import read_file
from session.trust.directory import open_directory
from session.trust.dsse import DIRECTORY_BYTES
from session.trust.pairing import DeviceAnswer, parse_answer, parse_request
from uploader import devices
from uploader.devices import NO_CODE
from uploader.enrol import Enrolled, EnrolmentLink, PersonNames, enrol, parse_link
from uploader.folders import keep_file

CONFIRMED = "recovery-confirmed"
"""In `organisation/`: the person key whose code the person has given words of back."""
ANOTHER_CODE = "This is a recovery code, but not the one of the keys on this computer."


class Recovery:
    """The code of one person's keys in one organisation.

    Args:
        folder: remembers that it was confirmed.
        org_fp: fingerprint of the organisation's root key.
        person_public: the person key in use.
        store: the key store of this device.
    """

    def __init__(self, folder: Path, org_fp: str, person_public: bytes, store: KeyStore) -> None:
        self._folder, self._store = folder, store
        self._org_fp, self._public = org_fp, person_public

    @classmethod
    def of(cls, enrolment: Enrolment, store: KeyStore) -> Recovery:
        """The code of the keys of this device's enrolment."""
        return cls(enrolment.places.organisation, enrolment.organisation.org_fp, enrolment.identity.person_public, store)

    @classmethod
    def of_founder(cls, places: Places, store: KeyStore) -> Recovery | None:
        """The code of the admin who founded an organisation here; None where nobody did, or the admin's keys are not here.

        Raises `EnvironmentFault` where the key store is locked or gone, or the folder cannot be made.
        """
        found = [name.removeprefix("root/") for name in store.names("root/")]
        seed = store.get(PersonNames(found[0]).signing) if found else None
        if seed is None:
            return None
        folder = places.folder / OFFICE
        try:
            make_private(folder)
        except OSError as error:
            raise environment_fault(error, "keeping that you have your code") from error
        return cls(folder, found[0], SigningKey.from_seed(seed, "admin").public, store)

    def named(self) -> tuple[str, str]:
        """What a page says of a founder's code: whose it is, the organisation first.

        In general words before the first directory came from the platform. Raises `EnvironmentFault`, `IntegrityFault`.
        """
        path = self._folder / "directory.dsse"
        if not path.is_file():
            return "the organisation that you founded", "the admin"
        held = open_directory(read_file(path, DIRECTORY_BYTES, "the organisation's directory"))
        own = (one.name for one in held.people if one.person_key == self._public.hex())
        return held.name, next(own, "the admin")

    def state(self) -> CodeState:
        """How it stands. Raises `EnvironmentFault` where the key store is locked or gone."""
        if self._secret() is None:
            return CodeState.NONE
        path = self._folder / CONFIRMED
        said = read_file(path, 128, "what was confirmed") if path.is_file() else b""
        return (
            CodeState.CONFIRMED if said.decode("ascii", "replace").strip() == self._public.hex() else CodeState.UNCONFIRMED
        )

    def words(self) -> tuple[str, ...]:
        """The 24 words.

        Raises:
            EnvironmentFault: these keys have no code, or the key store is locked or gone; says what to do.
        """
        secret = self._secret()
        if secret is None:
            raise EnvironmentFault(NO_CODE)
        return code_words(secret)

    def check(self, text: str) -> None:
        """Returns if `text` is the code of these keys.

        Raises:
            InputFault: it is none (names the word), or another one.
            EnvironmentFault: these keys have no code, or the key store is locked or gone.
        """
        self.words()
        if secret_of(text) != self._secret():
            raise InputFault(ANOTHER_CODE)

    def confirm(self) -> None:
        """Keeps that the person has the code. Raises `EnvironmentFault`."""
        keep_file(self._folder, CONFIRMED, self._public.hex().encode() + b"\n", doing="keeping that you have your code")

    def _secret(self) -> bytes | None:
        """The secret, None where the keys in use are not made of one."""
        secret = self._store.get(PersonNames(self._org_fp).recovery)
        if secret is None or person_keys(secret, self._org_fp).signing.public != self._public:
            return None
        return secret


def join(  # noqa: PLR0913 - what an enrolment is made of
    places: Places, text: str, code: str, *, store: ChosenKeyStore, clock: Clock, anew: bool = False
) -> Enrolled:
    """Enrols this computer with the link `text`, and with the recovery code where `code` is not "".

    Raises:
        InputFault: the link or the code is none, or the computer is settled for or enrolled with another.
        EnvironmentFault, IntegrityFault: as `uploader.enrol.enrol`.
    """
    link = permitted(parse_link(text))
    secret = secret_of(code) if code.strip() else None
    with store.exclusive():
        done = enrol(link, places.organisation, key_store=store, clock=clock, recovery=secret, anew=anew)
    if secret is not None:  # who typed all of it has it
        public = person_keys(secret, link.organisation).signing.public
        keep_file(places.organisation, CONFIRMED, public.hex().encode() + b"\n", doing="keeping that you have your code")
    return done


def request_words(text: str) -> DeviceWords:
    """What a new device's request says, without asking anybody. Raises `InputFault`."""
    request = parse_request(text)
    return DeviceWords(name=request.name, words=request.words, text=str(request))


def answer_request(enrolment: Enrolment, text: str, *, store: KeyStore, clock: Clock) -> DeviceWords:
    """The answer to a request whose words were compared, and its own six words.

    Raises:
        InputFault: the request is none.
        EnvironmentFault, IntegrityFault: as `uploader.devices.answer`.
    """
    request = parse_request(text)
    client = enrolment.client(clock)
    try:
        given = devices.answer(
            request,
            client,
            organisation=enrolment.organisation.org_fp,
            person=enrolment.identity.person,
            key_store=store,
            clock=clock,
        )
    finally:
        client.close()
    return DeviceWords(name=request.name, words=given.words(request), text=str(given), person=given.person)


def ask(store: KeyStore, name: str = "") -> DeviceWords:
    """A new request of this computer. Raises `InputFault`, `EnvironmentFault`."""
    request = devices.ask(store, name)
    return DeviceWords(name=request.name, words=request.words, text=str(request))


def answer_words(store: KeyStore, text: str) -> DeviceWords:
    """What the answer of the other device says, without asking anybody.

    Raises:
        InputFault: it is none, this computer asked for none, or may not join that organisation.
    """
    given, request = _permitted(parse_answer(text)), devices.asked(store)
    if request is None:
        raise InputFault("This computer has made no request that waits for an answer. Make one first.")
    return DeviceWords(name=request.name, words=given.words(request), text=str(given), person=given.person)


def take_answer(places: Places, text: str, *, store: ChosenKeyStore, clock: Clock) -> Enrolled:
    """Enrols this computer with an answer whose words were compared. Raises as `uploader.devices.take`."""
    with store.exclusive():
        return devices.take(_permitted(parse_answer(text)), places.organisation, key_store=store, clock=clock)


def _permitted(given: DeviceAnswer) -> DeviceAnswer:
    permitted(EnrolmentLink(given.platform, given.organisation, given.person, code=""))
    return given
