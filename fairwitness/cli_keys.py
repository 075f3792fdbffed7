# SPDX-License-Identifier: Apache-2.0
"""The commands about joining, keys and devices: enroll, recover, recovery, device, fetch, keys.

Rules:

1. A recovery code is read from the terminal or a pipe, never from an argument: those stand in lists of processes.
2. It is printed only by a command that says so.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

import msgspec

from fairwitness.terminal import quoted, say
from session import EnvironmentFault, InputFault

if TYPE_CHECKING:
    from fairwitness.places import Places
    from fairwitness.recovering import Recovery
    from session.desks import DeviceWords

GOOD: Final = 0
SURROUNDINGS: Final = 2
ASKED_WORDS: Final = 2
"""How many words of the code are asked back. Source: the same number as in the window."""
FETCHED: Final = "fetched"
"""Folder of the person's own sessions as they came from the platform."""
_PER_LINE: Final = 4


class Adds(Protocol):
    """Adds one command to the parser."""

    def __call__(self, name: str, function: object, *, json_too: bool = True, path: bool = False) -> argparse.ArgumentParser:
        """The parser of that command, for its arguments."""
        ...


def enroll(chosen: argparse.Namespace) -> int:
    """Enrols this device with the link that your organisation gave you, after you compared its six words.

    `--yes` says that they were compared already, by who rolls the program out. It is no way to leave the comparison out.
    """
    from fairwitness.cli import has_display, tray

    if not chosen.yes and not sys.stdin.isatty() and has_display():
        return tray(chosen)  # the link was clicked: the words are compared in a window
    return _joined(chosen, "", anew=chosen.new_keys)


def recover(chosen: argparse.Namespace) -> int:
    """Enrols this device with a fresh link and your recovery code: with the keys that you had before."""
    from fairwitness.managed import permitted
    from session.crypto.recovery_code import secret_of
    from uploader.enrol import parse_link

    permitted(parse_link(chosen.link))
    code = typed("Your 24 words, on one line: ")
    secret_of(code)
    return _joined(chosen, code)


def _joined(chosen: argparse.Namespace, code: str, *, anew: bool = False) -> int:
    from agent.clock import SystemClock
    from fairwitness.managed import permitted
    from fairwitness.places import Places
    from fairwitness.recovering import join
    from session.crypto.signing import six_words
    from uploader.enrol import parse_link

    link, places = permitted(parse_link(chosen.link)), Places(chosen.home)
    say([f"The organisation's six words: {' '.join(six_words(link.organisation))}"])
    if not chosen.yes and not _agreed("Are these the words that the organisation told you?"):
        raise EnvironmentFault("Not enrolled. Ask your organisation for its six words, and for a new link if they differ.")
    store = places.key_store()
    done = join(places, chosen.link, code, store=store, clock=SystemClock(), anew=anew)
    if code:
        say([f"Enrolled as {done.person}, with the keys that you had before. Your sessions: fairwitness fetch"])
        return GOOD
    say([store.described, f"Enrolled as {done.person}. Once your organisation has signed you in: fairwitness upload"])
    if sys.stdin.isatty():
        _show_code(places)
    else:
        say(["Write down your recovery code now: fairwitness recovery --show"])
    return GOOD


def recovery(chosen: argparse.Namespace) -> int:
    """Says how your recovery code stands, shows it, checks one that you wrote down, or writes a page to print."""
    from fairwitness.places import Places
    from session.desks import CodeState
    from uploader.devices import NO_CODE

    places = Places(chosen.home)
    if chosen.show:
        _show_code(places)
        return GOOD
    found, *_ = _recovery(places)
    if chosen.check:
        found.check(typed("Your 24 words, on one line: "))
        found.confirm()
        say(["This is the recovery code of the keys on this computer."])
        return GOOD
    if chosen.page:
        _write_page(chosen.page, places, chosen.language)
        say([f"Written: {chosen.page}", "Whoever has this page can be you. Print it, and delete the file."])
        return GOOD
    told = {
        CodeState.CONFIRMED: "You have written down your recovery code. To see it: fairwitness recovery --show",
        CodeState.UNCONFIRMED: "Your recovery code is not confirmed yet. Write it down: fairwitness recovery --show",
    }
    say([told.get(found.state(), NO_CODE)])
    return GOOD


def device(chosen: argparse.Namespace) -> int:
    """Adds a second device: `request` on the new one, `add REQUEST` on the one you have, `take ANSWER` on the new one."""
    from fairwitness.places import Places

    if (chosen.text == "") is (chosen.action != "request"):
        raise InputFault("device: give `add` the request, and `take` the answer; `request` takes neither.")
    {"request": _request, "add": _add, "take": _take}[chosen.action](chosen, Places(chosen.home))
    return GOOD


def fetch(chosen: argparse.Namespace) -> int:
    """Lists the sessions that the platform has of you, or brings one of them to this computer."""
    from datetime import UTC, datetime

    from fairwitness.places import Places
    from fairwitness.sending import enrolment_of, platform_of

    person = enrolment_of(chosen.home)
    person.close()
    platform = platform_of(chosen.home)
    if chosen.session:
        path = platform.fetch(chosen.session, Places(chosen.home).folder / FETCHED)
        told = [f"Here now: {path}", f"Try: fairwitness show {quoted(str(path))}"]
        say([json.dumps({"session": str(path)})] if chosen.json else told)
        return GOOD
    listed = [one for one in platform.sessions() if one.person == person.identity.person]
    if chosen.json:
        say([msgspec.json.encode({"sessions": listed}).decode()])
        return GOOD
    for one in listed:
        began = datetime.fromtimestamp(one.started_us / 1_000_000, UTC).astimezone()
        say([f"{one.session_id}  {began:%Y-%m-%d %H:%M}  {one.project}  {one.state}"])
    if not listed:
        say(["The platform has no session of yours."])
    return GOOD


def _request(chosen: argparse.Namespace, places: Places) -> None:
    from fairwitness.recovering import ask

    if (places.organisation / "directory.dsse").exists():
        raise InputFault("This computer is enrolled already. Make the request on the new one.")
    asked = ask(places.key_store(), chosen.name)
    _say_device("This device asks. Call on your other device:", f"fairwitness device add {quoted(asked.text)}", asked)
    say(["Then here: fairwitness device take 'ANSWER'"])


def _add(chosen: argparse.Namespace, places: Places) -> None:
    from agent.clock import SystemClock
    from fairwitness.recovering import answer_request, request_words
    from fairwitness.sending import enrolment_of

    asked = request_words(chosen.text)
    say([f"“{asked.name}” asks to be a device of yours.", f"Its six words: {' '.join(asked.words)}"])
    if not chosen.yes and not _agreed("Does your new device show the same six words?"):
        raise EnvironmentFault("No device was added. If the words differ, somebody else's request lies before you.")
    enrolment = enrolment_of(chosen.home)
    enrolment.close()
    given = answer_request(enrolment, chosen.text, store=places.key_store(), clock=SystemClock())
    _say_device("Call on your new device, within ten minutes:", f"fairwitness device take {quoted(given.text)}", given)


def _take(chosen: argparse.Namespace, places: Places) -> None:
    from agent.clock import SystemClock
    from fairwitness.recovering import answer_words, take_answer

    store = places.key_store()
    given = answer_words(store, chosen.text)
    say([f"This device would be “{given.name}” of {given.person}.", f"Six words of the answer: {' '.join(given.words)}"])
    if not chosen.yes and not _agreed("Does your other device show the same six words?"):
        raise EnvironmentFault("Not enrolled. If the words differ, somebody else's answer lies before you.")
    done = take_answer(places, chosen.text, store=store, clock=SystemClock())
    say([f"Enrolled as {done.person}, on “{done.device}”. To begin: fairwitness upload"])


def _say_device(title: str, command: str, said: DeviceWords) -> None:
    import segno

    say([f"Six words, the same on both: {' '.join(said.words)}"])
    if sys.stdout.isatty():
        segno.make(said.text, error="l", micro=False).terminal(compact=True)
    say([title, "", command, ""])


def _show_code(places: Places) -> None:
    found, name, _ = _recovery(places)
    words = found.words()
    say([f"Your recovery code for {name}:", "", *in_lines(words)])
    say(
        [
            "",
            "Write it on paper, and keep that apart from this computer. Whoever has it can be you; without it a lost",
            "computer takes your keys with it. Your organisation cannot make it again.",
        ]
    )
    if not sys.stdin.isatty():
        return
    if not gives_back(words):
        say(["That is another word. The code stays unconfirmed; to try again: fairwitness recovery --show"])
        return
    found.confirm()
    say(["Thank you: confirmed."])


def _write_page(path: Path, places: Places, language: str) -> None:
    from session.disk import RealDisk, environment_fault, write_whole
    from ui.recovery_page import page
    from ui.strings import Words, language_of

    found, name, person = _recovery(places)
    words = Words(language or language_of(os.environ))
    text = page(found.words(), name, person, words)
    try:
        write_whole(RealDisk(), path.parent, path.name, text.encode())
    except OSError as error:
        raise environment_fault(error, "this command") from error


def in_lines(words: Sequence[str]) -> list[str]:
    """The words of a code or share with their numbers, some a line."""
    numbered = [f"{at:2}. {word:10}" for at, word in enumerate(words, 1)]
    return ["  " + " ".join(numbered[at : at + _PER_LINE]).rstrip() for at in range(0, len(words), _PER_LINE)]


def gives_back(words: Sequence[str]) -> bool:
    """Asks for two words by their numbers; whether both are right."""
    places = sorted(secrets.SystemRandom().sample(range(len(words)), ASKED_WORDS))
    return all(typed(f"Word {at + 1}: ").strip().lower() == words[at] for at in places)


def _recovery(places: Places) -> tuple[Recovery, str, str]:
    """The code of whom this computer belongs to, with the names of the organisation and of the person."""
    from fairwitness.recovering import Recovery
    from fairwitness.sending import enrolment_of

    store = places.key_store()
    founder = None if (places.organisation / "directory.dsse").exists() else Recovery.of_founder(places, store)
    if founder is not None:
        return founder, *founder.named()
    enrolment = enrolment_of(places.home)
    enrolment.close()
    return Recovery.of(enrolment, store), enrolment.organisation.directory().name, enrolment.identity.person


def _agreed(question: str) -> bool:
    return typed(f"{question} [yes/no] ").strip().lower() == "yes"


def typed(prompt: str) -> str:
    """A line that was typed or piped. Raises `InputFault` where nothing comes."""
    try:
        return input(prompt)
    except EOFError as error:
        raise InputFault("Nothing was given. Call this command in a terminal, or give it the answer by a pipe.") from error


def keys(chosen: argparse.Namespace) -> int:
    """Shows where your keys are kept, or moves them between the keyring of this computer and files."""
    from agent.keys.chosen import Kept
    from agent.lifecycle import SpoolLock
    from fairwitness.places import Places

    places = Places(chosen.home)
    store = places.key_store()
    if chosen.action == "move":
        to = Kept(chosen.to) if chosen.to else (store.kept or Kept.FILES).other
        with SpoolLock(places.folder / "lock"):  # who records writes keys
            store.move(to)
    names, unfinished = store.names(""), store.unfinished
    if chosen.json:
        say([json.dumps({"kept": store.kept, "keys": len(names), "unfinished": unfinished, "folder": str(places.keys)})])
        return GOOD
    say([store.described, f"There are {len(names)}."])
    if unfinished and store.kept is not None:
        say([f"A move broke off; copies may lie in the other place. To finish: fairwitness keys move {store.kept}"])
    elif store.kept is Kept.FILES:
        say(["To move them into the keyring of this computer: fairwitness keys move keyring"])
    return GOOD


def add_enrolment(add: Adds) -> None:
    """Adds enroll, recover, recovery, device and fetch."""
    sub = add("enroll", enroll, json_too=False)
    sub.add_argument("link", help="beginning with fairwitness:enrol; between two '")
    sub.add_argument("--yes", action="store_true", help="the six words were compared already, by who rolls this out")
    sub.add_argument("--new-keys", action="store_true", help="make new keys with a recovery code, where yours have none")
    sub = add("recover", recover, json_too=False)
    sub.add_argument("link", help="a fresh one from your organisation, beginning with fairwitness:enrol; between two '")
    sub.add_argument("--yes", action="store_true", help="the six words were compared already, by who rolls this out")
    sub = add("recovery", recovery, json_too=False)
    one = sub.add_mutually_exclusive_group()
    one.add_argument("--show", action="store_true", help="show the code, and ask for two words of it")
    one.add_argument("--check", action="store_true", help="read a code, and say whether it is that of your keys")
    one.add_argument("--page", type=Path, default=None, metavar="FILE", help="write a page to print, readable by you alone")
    sub.add_argument("--language", choices=("en", "it"), default="", help="of the page, instead of the desktop's own")
    sub = add("device", device, json_too=False)
    sub.add_argument("action", choices=("request", "add", "take"))
    sub.add_argument("text", nargs="?", default="", help="of `add`: the request; of `take`: the answer; between two '")
    sub.add_argument("--name", default="", help="of `request`: what this device will be called")
    sub.add_argument("--yes", action="store_true", help="the six words were compared already, by who rolls this out")
    sub = add("fetch", fetch)
    sub.add_argument("session", nargs="?", default="", help="its 32 characters; without it, the list")


def add_keys(add: Adds) -> None:
    """Adds keys."""
    sub = add("keys", keys)
    sub.add_argument("action", nargs="?", choices=("show", "move"), default="show")
    sub.add_argument(
        "to", nargs="?", choices=("files", "keyring"), default=None, help="of a move; the other place without it"
    )
