# SPDX-License-Identifier: Apache-2.0
"""The command catalogue: an organisation's own list of AI tools, checked, and handed to its platform."""

from __future__ import annotations

import argparse
import json
import shlex
from pathlib import Path

from fairwitness.cli_keys import GOOD, Adds
from fairwitness.terminal import say


def catalogue(chosen: argparse.Namespace) -> int:
    """Writes this program's list of AI tools to be changed, checks an organisation's own, or hands it to the platform."""
    from fairwitness.catalogues import begin, checked, published  # noqa: PLC0415 - as every command: loaded when asked for

    if chosen.action == "write":
        begin(chosen.file)
        if chosen.json:
            say([json.dumps({"file": str(chosen.file)}, ensure_ascii=False)])
        else:
            say([f"{chosen.file} has the list of this program. Change it, give it a version of your own, and check it:"])
            say([f"    fairwitness catalogue check {shlex.quote(str(chosen.file))}"])
        return GOOD
    one = checked(chosen.file)
    if chosen.action == "publish":
        from agent.clock import SystemClock  # noqa: PLC0415 - as above
        from fairwitness.office import admin_desk  # noqa: PLC0415 - as above

        published(admin_desk(chosen.home, chosen.platform, SystemClock()).client, one)
    if chosen.json:
        told = {"sha256": one.sha256, "version": one.version, "tools": one.tools, "titles": one.titles}
        say([json.dumps(told | {"mistaken": one.mistaken, "published": chosen.action == "publish"}, ensure_ascii=False)])
        return GOOD
    lines = [
        f"Version {one.version}, {one.tools} tools. SHA-256: {one.sha256}",
        f"Of {one.titles} ordinary titles it takes {len(one.mistaken)} for a tool.",
        *(f"    “{title}” for {name}" for title, name in one.mistaken),
    ]
    if chosen.action == "publish":
        lines += ["It is on the platform. A policy names it, and every agent fetches it with the policy:"]
        lines += ["    [ai_tools]", f'    catalogue = "{one.sha256}"']
    say(lines)
    return GOOD


def add_catalogue(add: Adds) -> None:
    """Adds the command to the parser."""
    sub = add("catalogue", catalogue)
    sub.add_argument("action", choices=("write", "check", "publish"), help="publish checks first")
    sub.add_argument("file", type=Path, metavar="FILE", help="the list; write makes it, and takes the place of no file")
    sub.add_argument("--platform", default="", metavar="ADDRESS", help="of your organisation's platform, the first time")
