# SPDX-License-Identifier: Apache-2.0
"""The commands about the platform: serve, renew-keys on its computer, directory on the admin's."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from fairwitness.cli_keys import GOOD, SURROUNDINGS, Adds
from fairwitness.terminal import say
from session import InputFault

KEY_NAMES = ("grant", "receipt", "witness", "log")
_STOLEN = (
    "Stolen keys end now. What the platform signed with them before stands, and as far as it is not yet countersigned:",
    "- a session that runs now is countersigned no more, and its record says so; the next one goes by the new key",
    "- a session under a stolen grant key that was never countersigned does not verify any more",
)
_PLANNED = "Sessions that were granted before go on under the old keys; these end by themselves, and nobody loses anything."


def serve(chosen: argparse.Namespace) -> int:
    """Runs the platform until SIGTERM or Ctrl+C."""
    from agent.clock import SystemClock
    from server.config import ServerConfig
    from server.serve import run as run_server
    from server.settings import FILE, Settings, read_settings

    own = chosen.folder / FILE
    settings = read_settings(chosen.config or own) if chosen.config or own.exists() else Settings()
    config = ServerConfig(
        folder=chosen.folder,
        host=chosen.host,
        port=chosen.port,
        limits=settings.limits,
        trusted_proxies=(*settings.trusted_proxies, *chosen.trusted_proxy),
    )
    run_server(config, SystemClock(), lambda address: say([f"Listening on {address}"]))
    return GOOD


def renew_keys(chosen: argparse.Namespace) -> int:
    """Prepares new keys of the platform, on its computer; they sign once the admin has signed them into the directory."""
    from server.keys import prepare
    from session.crypto.signing import six_words
    from session.trust.directory import platform_fingerprint

    if not (chosen.folder / "keys").is_dir():
        raise InputFault(f"folder: there is no platform in {chosen.folder}.")
    public = prepare(chosen.folder, tuple(dict.fromkeys(chosen.key or KEY_NAMES)))
    words = six_words(platform_fingerprint(public.grant, public.receipt, public.witness, public.log))
    if chosen.json:
        say([json.dumps({"words": list(words), "keys": {name: getattr(public, name).hex() for name in KEY_NAMES}})])
        return GOOD
    say(
        [
            "New keys are prepared. They sign nothing yet, and the platform goes on with those that it has.",
            f"In six words: {' '.join(words)}",
            "On the admin's computer: fairwitness directory keys (and --stolen where somebody else may have the old ones).",
            "It shows six words, too: only where they are these does the admin sign.",
        ]
    )
    return GOOD


def directory(chosen: argparse.Namespace) -> int:
    """Signs the organisation's directory anew on the admin's computer: what ends soon, or the platform's new keys."""
    if chosen.action == "keys":
        return _keys(chosen)
    from fairwitness.office import open_office

    renewed = open_office(chosen.home).renew()
    if chosen.json:
        say([json.dumps({"renewed": renewed})])
    else:
        say(["Signed anew and published." if renewed else "Nothing ends within 30 days."])
    return GOOD


def _keys(chosen: argparse.Namespace) -> int:
    from agent.clock import SystemClock
    from fairwitness import renewing
    from fairwitness.office import admin_desk

    desk = admin_desk(chosen.home, "", SystemClock())
    renewal = renewing.waiting(desk)
    if not chosen.json:
        say([f"New keys wait on the platform: {', '.join(renewal.names)}.", f"In six words: {' '.join(renewal.words)}"])
        say(_STOLEN if chosen.stolen else [_PLANNED])
    if chosen.words:
        if tuple(chosen.words) != renewal.words:
            raise InputFault(
                "words: these are not the six words of the keys that the platform tells of. Nothing was signed."
            )
    elif not sys.stdin.isatty() or chosen.json:
        raise InputFault(
            "words: say the six words that stand on the platform's screen: --words WORD WORD WORD WORD WORD WORD"
        )
    elif input("Do the same six words stand on the platform's screen? [yes/no] ").strip().lower() != "yes":
        say(["Nothing was signed."])
        return SURROUNDINGS
    version = renewing.sign_in(desk, renewal, stolen=chosen.stolen).version
    if chosen.json:
        say([json.dumps({"renewed": list(renewal.names), "version": version})])
    else:
        say([f"Signed and published: version {version} of the directory. The platform signs with the new keys from now on."])
    return GOOD


def add_platform(add: Adds) -> None:
    """Adds serve, renew-keys and directory."""
    sub = add("serve", serve, json_too=False)
    sub.add_argument("--folder", type=Path, required=True, help="the platform's folder")
    sub.add_argument("--host", default="127.0.0.1")
    sub.add_argument("--port", type=int, default=8440, help="0 for any free one")
    sub.add_argument(
        "--trusted-proxy",
        action="append",
        default=[],
        metavar="CIDR",
        help="network of a reverse proxy whose X-Forwarded-For or Forwarded is believed; again for several",
    )
    sub.add_argument(
        "--config", type=Path, default=None, metavar="FILE", help="limits and proxies; FOLDER/platform.toml else"
    )
    sub = add("renew-keys", renew_keys)
    sub.add_argument("--folder", type=Path, required=True, help="the platform's folder; it may serve meanwhile")
    sub.add_argument(
        "--key", action="append", choices=KEY_NAMES, default=None, help="which one, again for several; all four without it"
    )
    sub = add("directory", directory)
    sub.add_argument("action", choices=("renew", "keys"))
    sub.add_argument("--stolen", action="store_true", help="of `keys`: somebody else may have the old ones, so they end now")
    sub.add_argument(
        "--words", nargs=6, default=None, metavar="WORD", help="of `keys`: the six words on the platform's screen, not asked"
    )
