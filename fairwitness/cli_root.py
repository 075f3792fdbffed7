# SPDX-License-Identifier: Apache-2.0
"""The commands about the organisation's root key: found, root shares, root restore.

Rules:

1. Shares are read from the terminal or a pipe, never from an argument: those stand in lists of processes.
2. They are shown once, on a terminal, or written to two files readable by their owner alone; nothing else ever holds one.
3. Files that they would be written to are looked at before anything is founded, and none is overwritten.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fairwitness.cli_keys import GOOD, SURROUNDINGS, Adds, gives_back, in_lines, typed
from fairwitness.terminal import say
from session import InputFault

if TYPE_CHECKING:
    from fairwitness.places import Places

_KEEP = (
    "Print or write the two shares on two papers, and have two people keep them, in two places. Either alone says nothing",
    "of the root key; both together are the root key.",
)
_NO_SHARES = (
    "",
    "THERE ARE NO RECOVERY SHARES OF THE ROOT KEY YET. With this computer the organisation would be lost.",
    "Make them now: `fairwitness root shares` in a terminal, or `fairwitness root shares --shares FILE FILE`.",
)
_OTHER_WORD = (
    "That is another word. Once you have both papers right: fairwitness root shares (these shares then do not count)"
)


def found(chosen: argparse.Namespace) -> int:
    """Founds an organisation on a platform in a folder; the root key stays with the admin, here, and in two shares."""
    from agent.clock import SystemClock
    from fairwitness.organisation import found_organisation
    from fairwitness.places import Places
    from server.config import ServerConfig
    from session.crypto.signing import six_words

    _check_free(chosen.shares)
    places = Places(chosen.home)
    config = ServerConfig(folder=chosen.folder)
    store = places.key_store()
    made = found_organisation(config, chosen.name, chosen.admin, keys=store, clock=SystemClock())
    say(
        [
            f"Founded “{chosen.name}”.",
            f"Fingerprint: {made.organisation}",
            f"In six words: {' '.join(six_words(made.organisation))}",
            f"The root key and the admin's token are with your keys. {store.described}",
            "Your own keys have a recovery code, too. Write it down: fairwitness recovery --show",
            f"Start the platform with: fairwitness serve --folder {chosen.folder}",
        ]
    )
    if chosen.shares is None and not sys.stdin.isatty():
        say(_NO_SHARES)
        return GOOD
    return _give_shares(places, chosen.shares)


def root(chosen: argparse.Namespace) -> int:
    """Makes two recovery shares of the root key, or brings the root key back from both on another computer."""
    from fairwitness.places import Places

    places = Places(chosen.home)
    if chosen.action == "restore":
        return _restore(chosen, places)
    _check_free(chosen.shares)
    if chosen.shares is None and not sys.stdin.isatty():
        raise InputFault(
            "shares: this is no terminal. Say which two files to write: fairwitness root shares --shares FILE FILE"
        )
    return _give_shares(places, chosen.shares)


def _restore(chosen: argparse.Namespace, places: Places) -> int:
    from agent.clock import SystemClock
    from fairwitness.restoring import restore
    from session.crypto.shares import share_of
    from session.crypto.signing import six_words

    if not chosen.platform.strip():
        raise InputFault("platform: where is your organisation's platform? Add --platform ADDRESS.")
    first, second = (share_of(typed(f"The 24 words of share {which}, on one line: ")) for which in ("one", "two"))
    done = restore(
        first,
        second,
        platform=chosen.platform,
        places=places,
        store=places.key_store(),
        clock=SystemClock(),
        admin=chosen.admin,
    )
    say(
        [
            f"This is the root key of “{done.directory.name}”: the platform's directory is signed by it.",
            f"In six words: {' '.join(six_words(done.directory.organisation))}",
            f"Kept here, with a token of the admin “{done.person}”; the organisation log says so.",
            "To go on: fairwitness admin",
            "Your own keys come back with your recovery code: invite yourself there, then fairwitness recover 'LINK'",
            "If the computer that had them was lost or stolen, revoke its keys there.",
        ]
    )
    return GOOD


def _give_shares(places: Places, files: Sequence[Path] | None) -> int:
    from fairwitness.restoring import root_shares
    from session.crypto.shares import share_words

    shares = [share_words(one) for one in root_shares(places.key_store())]
    if files is not None:
        for number, (path, words) in enumerate(zip(files, shares, strict=True), 1):
            _write(path, number, words)
        say([f"Written: {files[0]} and {files[1]}", *_KEEP, "Then delete both files: they are together here."])
        return GOOD
    say(["", *_KEEP])
    for number, words in enumerate(shares, 1):
        say(["", f"Share {number} of 2 of the root key:", "", *in_lines(words), ""])
        if not gives_back(words):
            say([_OTHER_WORD])
            return SURROUNDINGS
    say(["Thank you: both are confirmed. They are not shown again; new ones: fairwitness root shares"])
    return GOOD


def _write(path: Path, number: int, words: Sequence[str]) -> None:
    from session.disk import RealDisk, environment_fault, write_whole

    lines = [
        f"Fair Witness: share {number} of 2 of an organisation's root key.",
        "One share alone says nothing. Whoever has both has the root key. Keep this one apart from the other.",
        "To use it: fairwitness root restore --platform ADDRESS",
        "",
        *in_lines(words),
    ]
    try:
        write_whole(RealDisk(), path.absolute().parent, path.name, ("\n".join(lines) + "\n").encode())
    except OSError as error:
        raise environment_fault(error, "writing a recovery share") from error


def _check_free(files: Sequence[Path] | None) -> None:
    if files is None:
        return
    if files[0].absolute() == files[1].absolute():
        raise InputFault("shares: two different files are needed.")
    for path in files:
        if path.exists() or path.is_symlink():
            raise InputFault(f"shares: {path} is there already. Name files that are not.")
        if not path.absolute().parent.is_dir():
            raise InputFault(f"shares: there is no folder {path.absolute().parent}.")


def add_root(add: Adds) -> None:
    """Adds found and root."""
    sub = add("found", found, json_too=False)
    sub.add_argument("name", help="of the organisation")
    sub.add_argument("--admin", default="admin", help="id of its first admin")
    sub.add_argument("--folder", type=Path, required=True, help="the platform's folder")
    _add_shares(sub)
    sub = add("root", root, json_too=False)
    sub.add_argument("action", choices=("shares", "restore"))
    sub.add_argument("--platform", default="", metavar="ADDRESS", help="of `restore`: your organisation's platform")
    sub.add_argument(
        "--admin", default="", help="of `restore`: whose token this computer gets; the first admin's without it"
    )
    _add_shares(sub)


def _add_shares(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "--shares", type=Path, nargs=2, default=None, metavar="FILE", help="write the two recovery shares there, not shown"
    )
