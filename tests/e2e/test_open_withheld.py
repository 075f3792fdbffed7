# SPDX-License-Identifier: Apache-2.0
"""On appeal: a real session whose key timing is withheld, two of its records opened by the command, read by the reviewer."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from desk_server import xvfb
from office import Office, as_process, office
from verifier_both import both

from fairwitness.opening import check_proof_here, epoch_keys, open_here, prove_here, reading_keys, verify_here
from fairwitness.places import Places
from session.appeal import opened_before
from session.events import Kind
from session.frames import ABSENT, SEALED
from session.policy import default_policy_toml
from session.segments import session_frames
from session.verify import TrustAnchor

pytestmark = pytest.mark.slow
FOR_S = 17


@dataclass
class Appealed:
    """Before and after: seqs of all RAW records, and what the reviewer was given."""

    desk: Office
    session: Path
    raws: list[int]
    before: dict[int, int]
    copy: Path
    said: subprocess.CompletedProcess[str]


def command(*arguments: str, home: Path, answer: str = "") -> subprocess.CompletedProcess[str]:
    whole = [sys.executable, "-m", "fairwitness", *arguments, "--home", str(home)]
    return subprocess.run(whole, input=answer, text=True, capture_output=True, timeout=60, check=False)


def flags(folder: Path) -> dict[int, int]:
    return {frame.seq: frame.flags for _, _, frame in session_frames(folder) if frame.kind == Kind.RAW}


@pytest.fixture(scope="module")
def appealed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Appealed]:
    folder = tmp_path_factory.mktemp("appeal")
    toml = default_policy_toml()
    assert b'timing = "withheld"' in toml
    with office(folder, toml, as_process) as desk, xvfb() as screen:
        session = desk.ended(desk.start(screen.environment, for_s=FOR_S))
        early = command("open", str(session), "--seq", "3", "--yes", home=desk.trainer)
        assert early.returncode != 0
        assert "has not confirmed this session yet" in early.stdout + early.stderr
        desk.send()
        before = flags(desk.fetched(session))
        raws = sorted(before)
        assert len(raws) >= 3
        seqs = (f"{raws[1]}", f"{raws[2]}-{raws[2]}")
        declined = command("open", str(session), "--seq", *seqs, home=desk.trainer, answer="no\n")
        assert "Nothing was opened" in declined.stdout + declined.stderr
        assert opened_before(session) == frozenset()
        said = command("open", str(session), "--seq", *seqs, home=desk.trainer, answer="yes\n")
        assert said.returncode == 0, said.stdout + said.stderr
        yield Appealed(desk, session, raws, before, desk.fetched(session), said)


def test_the_person_is_told_what_becomes_readable_before_they_say_yes(appealed: Appealed) -> None:
    told, _, rest = appealed.said.stdout.partition("[yes/no]")
    assert "The reviewers of project-1 will be able to read:" in told
    assert "2 of RAW: timing of single keystrokes and pointer movements" in told
    assert "cannot be taken back" in told
    assert "Opened: 2 records" in rest


def test_the_reviewer_reads_exactly_these_two_and_no_other(appealed: Appealed) -> None:
    first, second = appealed.raws[1:3]
    assert set(appealed.before.values()) == {ABSENT}
    now = flags(appealed.copy)
    assert {seq for seq, flag in now.items() if flag == SEALED} == {first, second}
    own = {event.seq: event.body for event in open_here(appealed.session, appealed.desk.trainer).reader.events()}
    opened = open_here(appealed.copy, appealed.desk.reviewer)
    assert opened.reads_as == "reviewer"
    raws = {event.seq: event.body for event in opened.reader.events() if event.kind == Kind.RAW}
    assert raws == dict.fromkeys(appealed.raws) | {first: own[first], second: own[second]}


def test_both_verifiers_agree_and_say_how_many_were_opened_by_whom(appealed: Appealed) -> None:
    desk = appealed.desk
    (own,) = reading_keys(Places(desk.reviewer).key_store())
    epoch = next(epoch_keys(appealed.copy, own))
    outcome = both(appealed.copy, trust=TrustAnchor(desk.organisation), reading_key=epoch)
    assert outcome.verified
    for result in (outcome, verify_here(appealed.copy, desk.reviewer), verify_here(appealed.session, desk.trainer)):
        assert result.verified
        assert result.withheld > 2
        (told,) = result.openings
        assert (told.person, told.kinds) == ("trainer", ((Kind.RAW, 2),))
    said = command("verify", str(appealed.copy), home=desk.reviewer).stdout
    assert f"2 of {outcome.withheld} withheld records opened." in said
    assert "opened 2 RAW." in said


def test_the_reviewer_proves_an_opened_record_and_no_other(appealed: Appealed, tmp_path: Path) -> None:
    first = appealed.raws[1]
    file = tmp_path / "one.tlog-proof"
    file.write_bytes(prove_here(appealed.copy, appealed.desk.reviewer, first))
    proven = check_proof_here(file, appealed.desk.reviewer)
    assert (proven.seq, proven.kind, proven.trusted) == (first, Kind.RAW, True)
    refused = command("prove", str(appealed.copy), "--seq", str(appealed.raws[0]), home=appealed.desk.reviewer)
    assert refused.returncode != 0


def test_the_same_again_opens_nothing_more(appealed: Appealed) -> None:
    said = command(
        "open", str(appealed.session), "--seq", f"{appealed.raws[1]}-{appealed.raws[2]}", "--yes", "--json",
        home=appealed.desk.trainer,
    )  # fmt: skip
    assert json.loads(said.stdout) == {"opened": [], "before": 2}
    assert len(flags(appealed.desk.fetched(appealed.session))) == len(appealed.raws)
    copied = command("open", str(appealed.copy), "--seq", "3", "--yes", home=appealed.desk.trainer)
    assert "This is a copy" in copied.stdout + copied.stderr
