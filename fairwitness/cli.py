# SPDX-License-Identifier: Apache-2.0
"""The command line: one function per command. Nothing heavy is imported before a command needs it."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from fairwitness import arguments as taken
from fairwitness import cli_assistance, cli_catalogue, cli_evaluate, cli_keys, cli_platform, cli_rates, cli_root
from fairwitness.cli_keys import GOOD, SURROUNDINGS
from fairwitness.terminal import quoted
from fairwitness.terminal import say as _say
from session import EnvironmentFault, InputFault

DOES_NOT_VERIFY = 1
NEEDED = frozenset({"input", "window", "keys", "disk"})
"""What a session cannot do without, for `doctor`'s exit code."""


def run(arguments: Sequence[str]) -> int:
    """Runs one command; returns the exit code.

    Raises:
        EnvironmentFault, IntegrityFault: for the entry to tell in words.
    """
    chosen = _parser().parse_args(arguments or ["demo"])
    return int(chosen.command(chosen))


def _folder(path: Path) -> Path:
    if not path.is_dir():
        raise InputFault(f"There is no session folder at {path}.")
    return path


def record(chosen: argparse.Namespace) -> int:
    """Records a session until `--for` is over or somebody ends it, then seals it (and queues it, where enrolled)."""
    from fairwitness.logs import log_into
    from fairwitness.places import Places
    from fairwitness.record import Wish, record_session

    log_into(Places(chosen.home).folder)
    done = record_session(
        chosen.home,
        Wish(for_s=chosen.seconds, project=chosen.project),
        lambda line: print(line, file=sys.stderr if chosen.json else sys.stdout, flush=True),
    )
    if chosen.json:
        _say([json.dumps({"session": str(done.folder), "events": done.records, "queued": done.queued})])
    else:
        _say([f"Sealed: {done.folder}"])
    return GOOD


def verify(chosen: argparse.Namespace) -> int:
    """Checks a session in numbered steps, offline."""
    from fairwitness import telling
    from fairwitness.opening import check_proof_here, verify_here

    if chosen.path.is_file():
        proven = check_proof_here(chosen.path, chosen.home, root=chosen.root)
        if chosen.image and proven.image:
            chosen.image.write_bytes(proven.image)
        _say([json.dumps(telling.proven_row(proven))] if chosen.json else telling.proven(proven))
        return GOOD
    result = verify_here(_folder(chosen.path), chosen.home, root=chosen.root)
    _say([result.to_json()] if chosen.json else telling.verification(result))
    return GOOD if result.verified else DOES_NOT_VERIFY


def prove(chosen: argparse.Namespace) -> int:
    """Writes what proves one record to somebody who gets nothing else of the session."""
    from fairwitness.opening import write_proof

    folder = _folder(chosen.path)
    written = chosen.out or Path(f"{folder.name[:8]}-{chosen.seq}.tlog-proof")
    write_proof(folder, chosen.home, chosen.seq, written)
    if chosen.json:
        _say([json.dumps({"proof": str(written), "seq": chosen.seq})])
    else:
        _say([f"Written: {written}", "Whoever has this file can read this one record, and who recorded it. Nothing else."])
    return GOOD


def remove(chosen: argparse.Namespace) -> int:
    """Takes records out of a session of yours that is sealed, for good, here and on the platform."""
    from fairwitness import removing

    def sure(lines: Sequence[str]) -> bool:
        if not chosen.json:
            _say(lines)
        return chosen.yes or input("Take it out for good? [yes/no] ").strip().lower() == "yes"

    done = removing.remove(chosen.home, _folder(chosen.path), chosen.seq, chosen.reason, sure)
    _say([msgspec.json.encode(done).decode()] if chosen.json else [removing.outcome(done)])
    return GOOD


def open_withheld(chosen: argparse.Namespace) -> int:
    """Opens withheld records of a sealed session to its reviewers, after saying what they will be able to read."""
    from fairwitness.appealing import run_open

    def agreed() -> bool:
        return bool(chosen.yes) or input("Open them? [yes/no] ").strip().lower() == "yes"

    folder = _folder(chosen.path)
    opened = run_open(folder, chosen.home, chosen.seq, say=lambda lines: None if chosen.json else _say(lines), agreed=agreed)
    if chosen.json:
        _say([json.dumps({"opened": list(opened.records), "before": opened.before})])
    return GOOD


def show(chosen: argparse.Namespace) -> int:
    """Shows what a session holds, as far as the keys on this computer open it."""
    from fairwitness import telling
    from fairwitness.nearby import nearby
    from fairwitness.opening import open_here, policy_of
    from session.account import account, rules_of

    folder = _folder(chosen.path)
    opened = open_here(folder, chosen.home)
    events = opened.reader.events()
    if chosen.json:
        rows = [telling.event_row(event) for event in events]
        _say([json.dumps({"session": opened.reader.session_id, "opened_as": opened.reads_as, "records": rows})])
        return GOOD
    policy = policy_of(folder)
    accounted = account(events, rules_of(policy))
    beside = nearby(events, notes_runners=policy.notes_runners)
    who = {"trainer": "Opened with the trainer's key.", "reviewer": "Opened as a reviewer of its project."}
    lines = [
        f"Session {opened.reader.session_id}",
        who.get(opened.reads_as, "No key on this computer opens what is private."),
    ]
    lines += [*telling.account(accounted), *telling.applications(events), *beside, *telling.listing(events)]
    lines.append("This command does not check signatures; `fairwitness verify` does.")
    _say(lines)
    return GOOD


def detect(chosen: argparse.Namespace) -> int:
    """Asks every detector of this version again, from the record alone, beside what the session recorded."""
    from fairwitness import telling
    from fairwitness.asking import ask_again
    from ui.strings import LANGUAGES

    told = ask_again(_folder(chosen.path), chosen.home)
    if chosen.json:
        rows = [msgspec.to_builtins(one.finding) | {"standing": one.standing.value} for one in told]
        _say([msgspec.json.encode(rows).decode()])
    else:
        _say(telling.findings(told, dict(LANGUAGES["en"])))
    return GOOD


def replay(chosen: argparse.Namespace) -> int:
    """Shows the replay of a session in a window, or paints it into a PNG file."""
    if chosen.png is None:
        from fairwitness.cases import case_here
        from fairwitness.opening import write_proof
        from ui.replay.main import show_case

        _need_display()
        return show_case(
            case_here(chosen.path, chosen.home),
            os.environ,
            prove=lambda seq, file: write_proof(chosen.path, chosen.home, seq, file),
            dark=chosen.dark or None,
        )
    os.environ["QT_QPA_PLATFORM"] = "offscreen"  # a picture needs no display
    from fairwitness.opening import open_here, opened_here, policy_of, verify_here
    from fairwitness.places import Places
    from ui.replay.render import render_png

    folder = _folder(chosen.path)
    result = verify_here(folder, chosen.home)
    opened = open_here(folder, chosen.home)
    look = {"dark": chosen.dark, "scale": chosen.scale, "opened": opened_here(folder, Places(chosen.home))}
    render_png(opened.reader, result, chosen.png, policy=policy_of(folder), **look)
    _say([f"Painted: {chosen.png}"])
    return GOOD if result.verified else DOES_NOT_VERIFY


def export(chosen: argparse.Namespace) -> int:
    """Writes a session as one self-contained HTML file, as far as your keys open it."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"  # a page needs no display
    from fairwitness.cases import case_here
    from ui.replay.html import write_html
    from ui.strings import Words, language_of

    case = case_here(_folder(chosen.path), chosen.home)
    write_html(case, chosen.html, Words(chosen.language or language_of(os.environ)))
    _say([f"Written: {chosen.html}", "It holds what you can read of this session. Whoever has the file can read it, too."])
    verified = case.verification is not None and case.verification.verified
    return GOOD if verified else DOES_NOT_VERIFY


def tray(chosen: argparse.Namespace) -> int:
    """The trainer's desk: starts in the tray, or in a small window where the desktop has none."""
    from agent.signals import StopSignals
    from fairwitness.logs import log_into
    from fairwitness.places import Places
    from fairwitness.trainer import TrainerAgent
    from ui.trainer.main import run_tray

    _need_display()
    folder = Places(chosen.home).folder
    log_into(folder)
    with StopSignals() as signals:
        return run_tray(
            TrainerAgent(chosen.home), folder=folder, environment=os.environ, link=chosen.link, stop_fileno=signals.fileno()
        )


def review(chosen: argparse.Namespace) -> int:
    """The reviewer's desk: sessions that wait, their replay, and your decisions."""
    from agent.signals import StopSignals
    from fairwitness.logs import log_into
    from fairwitness.places import Places
    from fairwitness.review import open_review_desk
    from ui.desk.main import run_review

    _need_display()
    log_into(Places(chosen.home).folder)
    with StopSignals() as signals:
        return run_review(open_review_desk(chosen.home), os.environ, stop_fileno=signals.fileno())


def admin(chosen: argparse.Namespace) -> int:
    """The admin's office: people, roles, projects and policies."""
    from agent.signals import StopSignals
    from fairwitness.logs import log_into
    from fairwitness.office import open_office
    from fairwitness.places import Places
    from ui.admin.main import run_admin

    _need_display()
    log_into(Places(chosen.home).folder)
    office = open_office(chosen.home, chosen.platform)
    with suppress(EnvironmentFault):  # its window says so, and what ends, with a button to try again
        office.renew()  # who opens it once a month never lets the directory or a review key run out
    with StopSignals() as signals:
        return run_admin(office, os.environ, stop_fileno=signals.fileno())


def _need_display() -> None:
    """Qt ends the process where a display is missing; a person wants to know why."""
    if sys.platform == "linux" and not any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    ):
        raise EnvironmentFault(
            "This command opens a window, and there is no display here (DISPLAY is not set). Run it on a desktop, or use "
            "`fairwitness record` and `fairwitness replay PATH --png FILE`."
        )


def has_display() -> bool:
    """Whether a window can open here."""
    named = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return sys.platform != "linux" or any(os.environ.get(name) for name in named)


def upload(chosen: argparse.Namespace) -> int:
    """Sends what waits, and says for each session how it stands."""
    from fairwitness.sending import send_all

    items = send_all(chosen.home, now=chosen.now)
    words = {
        "held": "on hold",
        "waiting": "waiting to send",
        "sending": "being sent",
        "confirmed": "confirmed by the platform",
    }
    if chosen.json:
        _say([msgspec.json.encode({"sessions": items}, enc_hook=str).decode()])
    elif not items:
        _say(["Nothing waits to be sent."])
    for item in items if not chosen.json else ():
        _say(
            [
                f"{item.session_id}: {words.get(item.state, item.state)}"
                + (f" ({item.last_error})" if item.last_error else "")
            ]
        )
    return GOOD if all(item.state in {"confirmed", "held"} for item in items) else SURROUNDINGS


def retain(chosen: argparse.Namespace) -> int:
    """Removes from the platform what the policies no longer keep, signed by the root key on this computer."""
    from fairwitness.retention import Retained, counted
    from fairwitness.retention import retain as carry_out

    verb = "would remove" if chosen.dry_run else "removed"

    def tell(one: Retained) -> None:
        if not chosen.json:
            _say([f"{one.session}: {verb} {counted((one,))}."])

    done = carry_out(chosen.home, chosen.platform, tell, dry_run=chosen.dry_run)
    if chosen.json:
        _say([msgspec.json.encode({"dry_run": chosen.dry_run, "sessions": done}).decode()])
    else:
        _say([f"{len(done)} sessions; {verb} {counted(done)} in all."])
    return GOOD


def demo(chosen: argparse.Namespace) -> int:
    """A whole session, from notice to the reviewer's replay: on your display, or headless on one of its own."""
    if not chosen.headless and has_display():
        from fairwitness.demo_shown import run_shown

        return run_shown(chosen.out, lambda line: print(line, file=sys.stderr, flush=True))
    if not chosen.headless:
        print(
            "There is no display here: this runs on one of its own, and the replay is painted into a file.", file=sys.stderr
        )
    from fairwitness.demo import run_demo

    done = run_demo(chosen.out, chosen.seconds, lambda line: print(line, file=sys.stderr, flush=True))
    if chosen.json:
        _say([json.dumps(done)])
    else:
        outcome = "verifies on both sides" if done["verified"] else "DOES NOT VERIFY"
        _say(
            [
                f"The session {outcome}: {done['events']} records, {done['captures']} screenshots, {done['gaps']} gaps.",
                f"Its replay, as the reviewer sees it: {done['replay_png']}",
                f"Its files: {done['session']}",
                f"Try: fairwitness verify {quoted(str(done['session']))}",
            ]
        )
    return GOOD if done["verified"] else DOES_NOT_VERIFY


def doctor(chosen: argparse.Namespace) -> int:
    """Says what this desktop lets us observe, sensor by sensor, and what to do."""
    from fairwitness.doctor import abilities

    found_abilities = abilities(chosen.home)
    if chosen.json:
        _say([msgspec.json.encode(found_abilities).decode()])
    for one in found_abilities if not chosen.json else ():
        _say([f"{'yes' if one.observes else 'NO ':3} {one.sensor:10} {one.detail}"])
        if one.advice:
            _say([f"    what to do: {one.advice}"])
    return GOOD if all(one.observes for one in found_abilities if one.sensor in NEEDED) else SURROUNDINGS


def _first_line(function: object) -> str:
    return (getattr(function, "__doc__", "") or "").splitlines()[0]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="fairwitness",
        description="A record of paid working hours that neither side can quietly change.",
        epilog="Exit codes: 0 good, 1 does not verify, 2 usage or surroundings.",
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def add(name: str, function: object, *, json_too: bool = True, path: bool = False) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=_first_line(function), description=_first_line(function))
        sub.add_argument("--home", type=Path, default=None, help="the agent's folder instead of the user's own")
        if json_too:
            sub.add_argument("--json", action="store_true", help="one JSON object instead of words")
        if path:
            sub.add_argument("path", type=Path, help="a session's folder")
        sub.set_defaults(command=function)
        return sub

    sub = add("record", record)
    sub.add_argument(
        "--for", dest="seconds", type=taken.seconds, default=None, metavar="S", help="seconds; without it until Ctrl+C"
    )
    sub.add_argument("--project", default="", help="whose work this is, where enrolled")
    sub = add("verify", verify, path=True)
    sub.add_argument("--root", default="", help="fingerprint of the organisation that you trust (64 hexadecimal digits)")
    sub.add_argument("--image", type=Path, default=None, metavar="FILE", help="of a proof: write its screenshot here")
    sub = add("prove", prove, path=True)
    sub.add_argument("--seq", type=int, required=True, help="number of the record, as `show` lists it")
    sub.add_argument("--out", type=Path, default=None, metavar="FILE", help="file to write")
    sub = add("remove", remove, path=True)
    sub.usage = (
        "%(prog)s PATH --seq A[-B] [A[-B] ...] [--reason REASON] [--yes] [--json] [--home HOME]"  # PATH before the list
    )
    sub.add_argument(
        "--seq", type=taken.records, nargs="+", required=True, metavar="A[-B]", help="records, as `show` lists them"
    )
    sub.add_argument("--reason", default="", help="why, for whoever reads the session (at most 128 characters)")
    sub.add_argument("--yes", action="store_true", help="do not ask")
    sub = add("open", open_withheld, path=True)
    sub.usage = "%(prog)s PATH --seq A[-B] [A[-B] ...] [--yes] [--json] [--home HOME]"
    sub.add_argument(
        "--seq", type=taken.records, nargs="+", required=True, metavar="A[-B]", help="records, as `show` lists them"
    )
    sub.add_argument("--yes", action="store_true", help="you know what the reviewers will be able to read")
    add("show", show, path=True)
    add("detect", detect, path=True)
    cli_evaluate.add_evaluate(add)
    cli_rates.add_rates(add)
    sub = add("replay", replay, json_too=False, path=True)
    sub.add_argument("--png", type=Path, default=None, help="paint into this file instead of showing a window")
    sub.add_argument("--dark", action="store_true")
    sub.add_argument("--scale", type=taken.scale, default=1.0, help="from 0.25 to 4")
    sub = add("export", export, json_too=False, path=True)
    sub.add_argument("--html", type=Path, required=True, metavar="FILE", help="file to write")
    sub.add_argument("--language", choices=("en", "it"), default="", help="instead of the desktop's own")
    sub = add("tray", tray, json_too=False)
    sub.add_argument("link", nargs="?", default="", help="an enrolment link to begin with")
    add("review", review, json_too=False)
    sub = add("admin", admin, json_too=False)
    sub.add_argument("--platform", default="", metavar="ADDRESS", help="of your organisation's platform, the first time")
    sub = add("retain", retain)
    sub.add_argument("--dry-run", action="store_true", help="say what would go, and sign nothing")
    sub.add_argument("--platform", default="", metavar="ADDRESS", help="of your organisation's platform, the first time")
    add("upload", upload).add_argument("--now", action="store_true", help="end the hold before sending")
    cli_assistance.add_assistance(add)
    cli_catalogue.add_catalogue(add)
    cli_keys.add_enrolment(add)
    cli_root.add_root(add)
    cli_platform.add_platform(add)
    sub = add("demo", demo)
    sub.add_argument("--headless", action="store_true", help="on a display of its own")
    sub.add_argument("--for", dest="seconds", type=taken.seconds, default=30.0, metavar="S")
    sub.add_argument("--out", type=Path, default=None, help="where to leave everything (a new folder otherwise)")
    cli_keys.add_keys(add)
    add("doctor", doctor)
    return parser
