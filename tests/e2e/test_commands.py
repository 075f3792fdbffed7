# SPDX-License-Identifier: Apache-2.0
"""The commands as people call them: real processes on a real desk."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from desk_pane import pane
from desk_programs import openbox, xdotool
from desk_server import Desk, until, xvfb
from office import office

import detectors
from fairwitness.opening import open_here
from session.events import Gap, Kind, Reason
from session.policy import default_policy_toml

pytestmark = pytest.mark.slow
WATCHED = dict.fromkeys(("new-hardware", "overlay-window"), "clear")
"""Some seconds in which nothing came are an answer."""


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with xvfb() as screen, openbox(screen), pane(screen, "workplace", "ffffff", (40, 40, 400, 200)):
        yield screen


def fairwitness(environment: Mapping[str, str], *arguments: str, timeout_s: float = 90) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "fairwitness", *arguments]
    return subprocess.run(command, env=dict(environment), capture_output=True, text=True, timeout=timeout_s, check=False)


def without_display() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in {"DISPLAY", "WAYLAND_DISPLAY"}}


@pytest.fixture(scope="module")
def personal(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The agent's folder and the session of somebody who is not enrolled."""
    home = tmp_path_factory.mktemp("personal")
    done = fairwitness(desk.environment, "record", "--home", str(home), "--for", "3", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    return home, Path(json.loads(done.stdout.splitlines()[-1])["session"])


def test_a_personal_session_verifies_as_self_signed(personal: tuple[Path, Path]) -> None:
    home, session = personal
    said = fairwitness(without_display(), "verify", str(session), "--home", str(home), "--json")
    told = json.loads(said.stdout)
    assert (said.returncode, told["verified"], told["self_signed"], told["receipt"]) == (0, True, True, False)
    assert told["account"]["worked_us"] >= 3_000_000


def test_verify_names_the_step_and_exits_1(personal: tuple[Path, Path], tmp_path: Path) -> None:
    _, session = personal
    changed = tmp_path / session.name
    subprocess.run(["cp", "-r", str(session), str(changed)], check=True)
    octets = bytearray((changed / "000000.fws").read_bytes())
    octets[len(octets) // 2] ^= 1
    (changed / "000000.fws").write_bytes(octets)
    said = fairwitness(without_display(), "verify", str(changed), "--home", str(tmp_path / "nobody"))
    assert said.returncode == 1
    assert said.stdout.startswith("This session does not verify. Step 2, frames:")


def test_one_record_is_proved_to_somebody_who_has_nothing_else(personal: tuple[Path, Path], tmp_path: Path) -> None:
    home, session = personal
    shown = json.loads(fairwitness(without_display(), "show", str(session), "--home", str(home), "--json").stdout)
    seq = next(one["seq"] for one in shown["records"] if one["type"] == "STATS")
    proof, nobody = tmp_path / "one.tlog-proof", str(tmp_path / "nobody")
    made = fairwitness(without_display(), "prove", str(session), "--home", str(home), "--seq", str(seq), "--out", str(proof))
    assert made.returncode == 0, made.stderr
    assert "Nothing else." in made.stdout
    said = fairwitness(without_display(), "verify", str(proof), "--home", nobody)
    assert said.returncode == 0, said.stderr
    assert said.stdout.startswith(f"This proof holds: record {seq} (STATS) of session {session.name}")
    assert "Compare the six words" in said.stdout
    told = json.loads(fairwitness(without_display(), "verify", str(proof), "--home", nobody, "--json").stdout)
    assert (told["seq"], told["type"], told["by_us"], told["trusted"]) == (seq, "STATS", None, False)
    proof.write_bytes(proof.read_bytes().replace(b"index ", b"index 1", 1))
    said = fairwitness(without_display(), "verify", str(proof), "--home", nobody)
    assert said.returncode == 1
    said = fairwitness(without_display(), "prove", str(session), "--home", nobody, "--seq", str(seq), "--out", str(proof))
    assert said.returncode == 2
    assert "no key on this computer" in said.stderr


def test_records_are_taken_out_of_a_sealed_session_when_the_person_says_yes(
    personal: tuple[Path, Path], tmp_path: Path
) -> None:
    home, session = tmp_path / "home", tmp_path / "home" / "spool" / personal[1].name
    subprocess.run(["cp", "-r", str(personal[0]), str(home)], check=True)
    shown = json.loads(fairwitness(without_display(), "show", str(session), "--home", str(home), "--json").stdout)
    first = {one["type"]: one["seq"] for one in reversed(shown["records"])}
    stats, summary = first["STATS"], first["SUMMARY"]
    octets = (session / "000000.fws").read_bytes()
    asked = ("remove", str(session), "--home", str(home), "--seq", str(stats))

    refused = fairwitness(without_display(), *asked, str(summary), "--yes")
    assert (refused.returncode, "of a type that stays" in refused.stderr) == (2, True)
    command = [sys.executable, "-m", "fairwitness", *asked]
    answered = subprocess.run(command, env=without_display(), input="no\n", capture_output=True, text=True, check=False)
    assert answered.returncode == 0
    assert answered.stdout.startswith("This would go for good: 1 STATS.")
    assert "cannot be unseen" in answered.stdout
    assert answered.stdout.endswith("Nothing was removed.\n")
    assert (session / "000000.fws").read_bytes() == octets

    done = fairwitness(without_display(), *asked, "--reason", "It was lunch.", "--yes", "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["removed"], told["records"], told["sent"]) == (0, True, 1, False)
    said = fairwitness(without_display(), "verify", str(session), "--home", str(home))
    assert said.returncode == 0, said.stdout
    assert "After the seal, the trainer removed 1 STATS, at " in said.stdout
    assert "Reason given: “It was lunch.”" in said.stdout
    assert (session / "000000.fws").stat().st_size < len(octets)
    again = fairwitness(without_display(), *asked, "--yes")
    assert (again.returncode, "nothing is left" in again.stderr) == (2, True)
    stranger = fairwitness(without_display(), "remove", str(session), "--home", str(tmp_path / "x"), "--seq", "9", "--yes")
    assert (stranger.returncode, "Only the person" in stranger.stderr) == (2, True)
    wrong = fairwitness(without_display(), *asked[:-1], "4-x", "--yes")
    assert (wrong.returncode, "a record's number" in wrong.stderr) == (2, True)


def test_show_and_detect_answer_from_the_record_alone(personal: tuple[Path, Path]) -> None:
    home, session = personal
    shown = json.loads(fairwitness(without_display(), "show", str(session), "--home", str(home), "--json").stdout)
    assert shown["opened_as"] == "trainer"
    assert [row["type"] for row in shown["records"][:2]] == ["PERSONAL", "START"]
    found = json.loads(fairwitness(without_display(), "detect", str(session), "--home", str(home), "--json").stdout)
    states = {one["detector"]: one["state"] for one in found}
    assert states == dict.fromkeys((one.id for one in detectors.ALL), "not evaluated") | WATCHED


def test_a_stranger_sees_public_records_only(personal: tuple[Path, Path], tmp_path: Path) -> None:
    _, session = personal
    shown = json.loads(fairwitness(without_display(), "show", str(session), "--home", str(tmp_path), "--json").stdout)
    sealed = [row for row in shown["records"] if row["type"] in {"FOCUS", "STATS", "RAW", "CLOCK", "SUMMARY"}]
    assert sealed
    assert {row["body"] is None for row in sealed} == {True}


def test_replay_paints_without_a_display(personal: tuple[Path, Path], tmp_path: Path) -> None:
    home, session = personal
    picture = tmp_path / "replay.png"
    said = fairwitness(without_display(), "replay", str(session), "--home", str(home), "--png", str(picture))
    assert said.returncode == 0, said.stderr
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("verify", "/nowhere"), 2, "no session folder"),
        (("upload",), 2, "not enrolled"),
        (("record", "--for", "2", "--project", "p"), 2, "--project"),
        (("enroll", "https://example.org", "--yes"), 2, "no enrolment link"),
        (("serve", "--folder", "{home}/p", "--port", "70000"), 2, "port"),
    ],
)
def test_faults_are_told_in_words_with_exit_2(tmp_path: Path, arguments: tuple[str, ...], code: int, words: str) -> None:
    filled = [argument.replace("{home}", str(tmp_path)) for argument in arguments]
    home = [] if arguments[0] == "serve" else ["--home", str(tmp_path)]
    said = fairwitness(without_display(), *filled, *home)
    assert said.returncode == code, said.stdout + said.stderr
    assert words in said.stderr
    assert "Traceback" not in said.stderr


def test_a_desk_without_a_display_is_recorded_as_not_observed(tmp_path: Path) -> None:
    done = fairwitness(without_display(), "record", "--home", str(tmp_path), "--for", "2", "--json")
    assert done.returncode == 0, done.stderr
    events = open_here(Path(json.loads(done.stdout.splitlines()[-1])["session"]), tmp_path).reader.events()
    gaps = {(event.body.scope, event.body.reason) for event in events if isinstance(event.body, Gap)}
    assert gaps == {("keyboard", Reason.ABSENT), ("pointer", Reason.ABSENT), ("window", Reason.ABSENT)}


def test_doctor_says_what_can_be_seen_here(desk: Desk, tmp_path: Path) -> None:
    here = fairwitness(desk.environment, "doctor", "--home", str(tmp_path), "--json")
    assert here.returncode == 0, here.stdout
    assert {one["sensor"]: one["observes"] for one in json.loads(here.stdout)}["window"] is True
    nowhere = fairwitness(without_display(), "doctor", "--home", str(tmp_path))
    assert nowhere.returncode == 2
    assert "what to do" in nowhere.stdout


def test_only_one_recorder_runs(desk: Desk, tmp_path: Path) -> None:
    first = subprocess.Popen(
        [sys.executable, "-m", "fairwitness", "record", "--home", str(tmp_path), "--for", "60"],
        env=desk.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: list((tmp_path / "spool").glob("*/000000.fws")), "the first has begun")
        second = fairwitness(desk.environment, "record", "--home", str(tmp_path), "--for", "1")
        assert second.returncode == 2
        assert "running already" in second.stderr
        first.send_signal(signal.SIGTERM)
        assert first.wait(20) == 0
    finally:
        first.kill()
        first.wait()
    assert len(list((tmp_path / "spool").glob("*/seal.dsse"))) == 1


def test_a_killed_recording_is_recovered_sealed_sent_and_verified(desk: Desk, tmp_path: Path) -> None:
    with office(tmp_path, default_policy_toml()) as company:
        killed = company.start(desk.environment, for_s=60)
        until(lambda: list((company.trainer / "spool").glob("*/000000.fws")), "it has begun")
        folder = next((company.trainer / "spool").iterdir())
        begun_bytes = (folder / "000000.fws").stat().st_size
        xdotool(desk, "type", "--delay", "10", "some text before the power goes")
        until(lambda: (folder / "000000.fws").stat().st_size > begun_bytes + 1000, "a tick was written")
        os.kill(killed.pid, signal.SIGKILL)
        killed.communicate()
        later = company.ended(company.start(desk.environment, for_s=2))
        company.send()
        for session in (folder, later):
            assert (session / "receipt.dsse").is_file()
            said = fairwitness(
                without_display(), "verify", str(company.fetched(session)), "--home", str(company.reviewer), "--json"
            )
            assert json.loads(said.stdout)["verified"], said.stdout
        events = open_here(folder, company.trainer).reader.events()
        assert [event.body is not None for event in events if event.kind == Kind.FINDING] == [True] * len(detectors.ALL)
        copy = open_here(company.fetched(folder), company.reviewer)
        assert copy.reads_as == "reviewer"
        assert [event.body for event in copy.reader.events() if event.kind == Kind.FINDING] == [None] * len(detectors.ALL)
        refused = fairwitness(without_display(), "detect", str(company.fetched(folder)), "--home", str(company.reviewer))
        assert (refused.returncode, "on trial" in refused.stderr) == (2, True)
        crash = [event.body for event in events if isinstance(event.body, Gap) and event.body.reason is Reason.CRASH]
        assert len(crash) == 1
        assert crash[0].t_us - crash[0].from_us < 30_000_000


@pytest.mark.ci  # the one on a display is tried on every change
def test_the_demonstration_ends_well(tmp_path: Path) -> None:
    done = fairwitness(
        without_display(), "demo", "--headless", "--for", "15", "--json", "--out", str(tmp_path / "out"), timeout_s=180
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["verified"] is True
    assert told["captures"] >= 2
    states = {one["detector"]: one["state"] for one in told["findings"]}
    # Its policy records no titles and no clipboard, and it is shorter than the others need.
    assert states == dict.fromkeys((one.id for one in detectors.ALL), "not evaluated") | WATCHED | {
        "injected-input": "raised"
    }
    assert {one["class"] for one in told["findings"] if one["state"] == "raised"} == {"A"}
    assert told["recomputed"] is True
    assert Path(told["receipt"]).is_file()
    assert Path(told["replay_png"]).stat().st_size > 20_000
