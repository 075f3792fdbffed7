# SPDX-License-Identifier: Apache-2.0
"""What each person sees of a session on their own computer, and what a damaged computer says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from trust_builders import Organisation, SealedSession, organisation

from fairwitness.cli import run
from fairwitness.opening import open_here, verify_here
from fairwitness.places import Places
from session import EnvironmentFault
from session.crypto.hpke import ReadingKey
from session.events import Declare, FindingRecord, Kind
from session.policy import default_policy_toml

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
    trainers = ["abstain.assistive", "abstain.assistive", "abstain.clipboard-off"]
    assert told == {"trainer": [*trainers, True], "reviewer": ["", "", "", False]}


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
