# SPDX-License-Identifier: Apache-2.0
"""What each person sees of a session on their own computer, and what a damaged computer says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from trust_builders import DAY_US, ORIGIN_US, Organisation, SealedSession, organisation
from trust_wrongs import put_statement

import detectors
from fairwitness.cli import run
from fairwitness.opening import open_here, opened_here, verify_here
from fairwitness.places import Places
from session import EnvironmentFault
from session.appeal import opening_of
from session.crypto.hpke import ReadingKey
from session.events import Declare, FindingRecord, Kind
from session.policy import default_policy_toml
from session.trust.directory import Revocation
from session.trust.statements import LogHead, sign

ON_TRIAL = default_policy_toml()
FOR_GOOD = ON_TRIAL.replace(b"shadow = true", b"shadow = false")


def home_of(folder: Path, organisation_fp: str, key: ReadingKey) -> Path:
    Places(folder).key_store().put(f"person/{organisation_fp}/reading", key.seed)
    return folder


def sealed_with_a_finding(org: Organisation, folder: Path, *, shadow: int) -> SealedSession:
    session = org.open_session(folder)
    session.tick()
    session.add(Kind.DECLARE, Declare(session.reading.t_us, session.reading.mono_us, "dictation", "always"))
    body = FindingRecord(session.reading.t_us, "injected-input", 1, "raised", "A", 1, 1, "c", (), "e", (), shadow)
    session.add(Kind.FINDING, body)
    return session.seal(receipt=False)


@pytest.mark.parametrize(("policy", "shadow", "shown"), [(ON_TRIAL, 1, False), (FOR_GOOD, 0, True)])
def test_a_reviewer_sees_findings_only_when_they_are_not_on_trial(
    tmp_path: Path, policy: bytes, shadow: int, *, shown: bool
) -> None:
    org = organisation(policy)
    sealed = sealed_with_a_finding(org, tmp_path / "s", shadow=shadow)
    for name, member, sees in (("trainer", org.trainer, True), ("reviewer", org.reviewer, shown)):
        opened = open_here(sealed.folder, home_of(tmp_path / name, org.fp, member.reading))
        assert opened.reads_as == name
        findings = [event for event in opened.reader.events() if event.kind == Kind.FINDING]
        assert [event.body is not None for event in findings] == [sees]


@pytest.mark.parametrize(("after_us", "counts"), [(0, False), (1, True)])
def test_an_opening_by_a_key_that_was_revoked_by_then_opens_nothing_to_a_reviewer(
    tmp_path: Path, after_us: int, *, counts: bool
) -> None:
    org = organisation(ON_TRIAL)
    sealed = sealed_with_a_finding(org, tmp_path / "s", shadow=1)
    seqs = tuple(event.seq for event in sealed.events if event.kind in {Kind.RAW, Kind.FINDING})
    said_us = ORIGIN_US + DAY_US
    opening = opening_of(
        sealed.folder, seqs, sealed.keys.content, directory=org.directory, person="ada", at_us=said_us, head=LogHead()
    )
    put_statement(sealed, sign(opening, org.trainer.person_key))
    home = home_of(tmp_path / "reviewer", org.fp, org.reviewer.reading)
    assert opened_here(sealed.folder, Places(home)) == frozenset(seqs)
    org.version, key = 2, org.trainer.person_key.public.hex()
    org.revocations = (Revocation(revoked_key=key, revoked_us=said_us + after_us),)
    Places(home).organisation.mkdir()
    (Places(home).organisation / "directory.dsse").write_bytes(org.directory_bytes())
    opened = open_here(sealed.folder, home)
    assert opened.reads_as == "reviewer"
    told = {event.seq: event.body is not None for event in opened.reader.events() if event.seq in seqs}
    assert told == dict.fromkeys(seqs, counts)
    assert opened_here(sealed.folder, Places(home)) == (frozenset(seqs) if counts else frozenset())
    assert open_here(sealed.folder, home_of(tmp_path / "trainer", org.fp, org.trainer.reading)).reads_as == "trainer"


def test_the_reason_of_an_abstention_is_told_to_the_trainer_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    org = organisation(FOR_GOOD)
    sealed = sealed_with_a_finding(org, tmp_path / "s", shadow=0)
    told = {}
    for name, member in (("trainer", org.trainer), ("reviewer", org.reviewer)):
        home = home_of(tmp_path / name, org.fp, member.reading)
        assert run(["detect", str(sealed.folder), "--home", str(home), "--json"]) == 0
        told[name] = [one["reason"] for one in json.loads(capsys.readouterr().out)]
        assert run(["detect", str(sealed.folder), "--home", str(home)]) == 0
        told[name].append("assistive tool" in capsys.readouterr().out)
    *trainers, of_sentence = told["trainer"]
    assert (len(trainers), of_sentence) == (len(detectors.ALL), True)
    assert set(trainers) == {"abstain.assistive", "abstain.clipboard-off", "abstain.captures-off", "abstain.runners-off"}
    assert told["reviewer"] == [*[""] * len(detectors.ALL), False]


def test_a_reviewer_is_told_that_an_abstention_is_claimed_and_not_what_the_record_gives(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    org = organisation(FOR_GOOD)
    session = org.open_session(tmp_path / "s")
    session.tick()
    for detector in ("injected-input", "pointer-alone"):
        state = {"injected-input": "not evaluated", "pointer-alone": "clear"}[detector]
        body = FindingRecord(session.reading.t_us, detector, 1, state, "A", 0, 1, "c", (), "e", (), 0)
        session.add(Kind.FINDING, body)
    sealed = session.seal(receipt=False)
    home = home_of(tmp_path / "reviewer", org.fp, org.reviewer.reading)
    assert run(["detect", str(sealed.folder), "--home", str(home), "--json"]) == 0
    told = {one["detector"]: (one["state"], one["standing"]) for one in json.loads(capsys.readouterr().out)}
    assert told["injected-input"] == ("not evaluated", "claimed, not recomputed")
    assert told["pointer-alone"] == ("not evaluated", "claimed, not recomputed")
    assert told["ai-tool"] == ("not evaluated", "not recorded")
    assert run(["detect", str(sealed.folder), "--home", str(home)]) == 0
    assert "beside what the session recorded: claimed, not recomputed" in capsys.readouterr().out


def test_findings_on_trial_are_not_computed_for_a_reviewer(tmp_path: Path) -> None:
    org = organisation(ON_TRIAL)
    sealed = sealed_with_a_finding(org, tmp_path / "s", shadow=1)
    home = home_of(tmp_path / "reviewer", org.fp, org.reviewer.reading)
    with pytest.raises(EnvironmentFault, match="on trial"):
        run(["detect", str(sealed.folder), "--home", str(home)])


def test_a_damaged_computer_is_not_the_sessions_fault(tmp_path: Path) -> None:
    org = organisation()
    sealed = sealed_with_a_finding(org, tmp_path / "s", shadow=1)
    home = tmp_path / "home"
    (home / "organisation").mkdir(parents=True)
    (home / "organisation" / "directory.dsse").write_bytes(b"junk")
    for call in (lambda: verify_here(sealed.folder, home), lambda: run(["upload", "--home", str(home)])):
        with pytest.raises(EnvironmentFault, match="What this computer keeps"):
            call()


def test_no_class_and_no_measured_rate_is_claimed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    org = organisation(FOR_GOOD)
    session = org.open_session(tmp_path / "s")
    session.tick()
    sealed = session.seal(receipt=False)
    run(["detect", str(sealed.folder), "--home", str(home_of(tmp_path / "h", org.fp, org.trainer.reading))])
    said = capsys.readouterr().out
    assert said.startswith("Text from software: not evaluated")
    assert "class" not in said
