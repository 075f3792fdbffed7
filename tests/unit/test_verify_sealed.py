# SPDX-License-Identifier: Apache-2.0
"""The verifier from the seal on, against sessions that are rightly signed and wrong in one thing."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec
import pytest
import trust_builders
from trust_builders import (
    DAY_US,
    ORIGIN_US,
    POLICY_SENDING_TIMING,
    POLICY_WITHHOLDING_CAPTURES,
    OpenSession,
    Organisation,
    SealedSession,
    organisation,
    personal_session,
    realistic_session,
    signing_key,
    small_session,
    write_receipt,
)
from trust_wrongs import assert_fails, outcome_of, put_frame, put_statement, resealed, without_contents

import session.seal as seal_module
from session.events import Capture, Edge, Gap, Kind, Moment, Reason, Start
from session.policy import default_policy_toml, parse_policy
from session.redact import sent_blobs, sent_segments
from session.seal import PAYLOAD_TYPE, Seal, SealWrap, read_seal
from session.trust.dsse import seal_envelope
from session.trust.statements import (
    Access,
    Decision,
    OpeningStatement,
    Receipt,
    Removal,
    Reply,
    Statement,
    sign,
)
from session.verify import TrustAnchor, verify_session

replace = msgspec.structs.replace


@pytest.fixture
def org() -> Organisation:
    return organisation()


class TestSeal:
    @pytest.mark.parametrize(
        "changes",
        [
            {"organisation": "9" * 64},
            {"session": "9" * 32},
            {"size": 3},
            {"root": "9" * 64},
            {"opening_sha256": "9" * 64},
            {"policy_sha256": "9" * 64},
            {"directory_sha256": "9" * 64},
            {"project": "finch"},
            {"wraps": ()},
            {"redacted": ()},
            {"redacted": ((2, 2),)},
            {"withheld": ()},
            {"withheld": ("RAW", "STATS")},
            {"loss": {"recovered_size": 9, "cosigned_size": 9}},
            {"loss": {"recovered_size": 900, "cosigned_size": 901}},
            {"sealed_us": ORIGIN_US + 400 * DAY_US},
        ],
        ids=lambda changes: str(next(iter(changes.items()))),
    )
    def test_a_seal_that_says_something_else(self, org: Organisation, tmp_path: Path, changes: dict[str, object]) -> None:
        sealed = small_session(org, tmp_path / "s")
        if isinstance(changes.get("loss"), dict):
            changes = {"loss": msgspec.convert(changes["loss"], seal_module.Loss)}
        resealed(sealed, **changes)
        assert_fails(verify_session(sealed.folder), "seal")

    def test_by_another_key(self, org: Organisation, tmp_path: Path) -> None:
        sealed = small_session(org, tmp_path / "s")
        said = read_seal(sealed.seal_raw, sealed.keys.signing.public)
        raw = seal_envelope(PAYLOAD_TYPE, msgspec.json.encode(said), signing_key("another"))
        (sealed.folder / "seal.dsse").write_bytes(raw)
        assert_fails(verify_session(sealed.folder), "seal", "signed by")

    def test_history_made_anew_with_a_loss_that_no_record_tells(self, org: Organisation, tmp_path: Path) -> None:
        """The whole session is cosigned; then the same key records one tick instead and calls the rest lost."""
        honest = org.open_session(tmp_path / "honest", "one")
        for _ in range(5):
            honest.tick()
        honest.stop()
        remade = org.open_session(tmp_path / "remade", "one")
        remade.tick()
        remade.checkpoint(Moment.STOP)
        loss = seal_module.Loss(recovered_size=2, cosigned_size=honest.journal.size)
        outcome = verify_session(remade.seal(loss=loss).folder, trust=org.anchor)
        assert_fails(outcome, "seal", "no GAP with reason damaged")
        assert (outcome.failed_step.number if outcome.failed_step else 0, outcome.lost) == (9, 0)

    def test_a_loss_is_told_by_the_record_and_the_seal_alike(self, org: Organisation, tmp_path: Path) -> None:
        session = org.open_session(tmp_path / "s")
        session.cosigned_checkpoint()
        loss = session.lose(session.journal.size + 7)
        session.stop()
        sealed = session.seal(loss=loss)
        outcome = verify_session(sealed.folder, trust=org.anchor)
        assert (outcome.verified, outcome.lost) == (True, 7), outcome.failed_step
        assert msgspec.json.decode(outcome.to_json())["lost"] == 7
        for other, what in (
            (None, "loss of the seal is null"),
            (replace(loss, recovered_size=loss.recovered_size - 1), "recovered_size"),
            (replace(loss, cosigned_size=loss.cosigned_size + 1), "cosigned_size"),
        ):
            resealed(sealed, loss=other)
            assert_fails(verify_session(sealed.folder, trust=org.anchor), "seal", what)

    def test_two_losses(self, org: Organisation, tmp_path: Path) -> None:
        session = org.open_session(tmp_path / "s")
        loss = session.lose(session.journal.size + 7)
        session.lose(session.journal.size + 7)
        session.checkpoint(Moment.STOP)
        assert_fails(verify_session(session.seal(loss=loss).folder), "seal", "2 GAP records with reason damaged")

    def test_a_loss_of_one_sensor(self, org: Organisation, tmp_path: Path) -> None:
        session = org.open_session(tmp_path / "s")
        now, size = session.reading, session.journal.size
        session.add(Kind.GAP, Gap(now.t_us, now.mono_us, Edge.POINT, Reason.DAMAGED, "pointer", now.t_us, 7))
        session.checkpoint(Moment.STOP)
        loss = seal_module.Loss(recovered_size=size, cosigned_size=size + 7)
        assert_fails(verify_session(session.seal(loss=loss).folder), "seal", "scope session")

    def test_a_loss_of_nothing(self, org: Organisation, tmp_path: Path) -> None:
        session = org.open_session(tmp_path / "s")
        loss = session.lose(session.journal.size)
        session.checkpoint(Moment.STOP)
        assert_fails(verify_session(session.seal(loss=loss).folder), "seal", "names no loss")

    def test_a_personal_session_has_nothing_countersigned_to_lose(self, tmp_path: Path) -> None:
        session = personal_session(tmp_path / "s")
        loss = session.lose(session.journal.size + 7)
        session.stop()
        assert_fails(verify_session(session.seal(loss=loss).folder), "seal", "personal session")

    def test_no_reader_more_than_the_directory_names(self, org: Organisation, tmp_path: Path) -> None:
        sealed = small_session(org, tmp_path / "s")
        wrap = read_seal(sealed.seal_raw, sealed.keys.signing.public).wraps[0]
        spy = SealWrap(recipient="9" * 64, epoch=1, key_class="s", wrapped=wrap.wrapped)
        timing = replace(wrap, key_class="w")
        for wraps in ((wrap, spy), (spy,), (wrap, timing), (timing,), (wrap, wrap), (replace(wrap, epoch=2),)):
            resealed(sealed, wraps=wraps)
            assert_fails(verify_session(sealed.folder), "seal", "lets others read")
        resealed(sealed, wraps=(replace(wrap, wrapped="AAAA"),))
        assert_fails(verify_session(sealed.folder), "seal", "80 bytes")

    def test_a_newer_directory_beside_it(self, org: Organisation, tmp_path: Path) -> None:
        session = org.open_session(tmp_path / "s")
        org.version = 2
        org.review_keys = (org.issue(2, ORIGIN_US, ORIGIN_US + 90 * DAY_US),)
        session.stop()
        sealed = session.seal(directory=org.directory_bytes())
        assert verify_session(sealed.folder, trust=org.anchor, epoch_key=org.epoch_key(2)).verified
        for path in (sealed.folder / "statements").glob("????????*.dsse"):
            if path.name != "directory.dsse":
                path.unlink()
        assert_fails(verify_session(sealed.folder), "seal", "not here")

    def test_a_policy_that_sends_timing_needs_both_wraps(self, tmp_path: Path) -> None:
        org = organisation(POLICY_SENDING_TIMING)
        sealed = small_session(org, tmp_path / "s")
        outcome = verify_session(sealed.folder, epoch_key=org.epoch_key())
        assert (outcome.verified, outcome.withheld) == (True, 0)
        said: Seal = read_seal(sealed.seal_raw, sealed.keys.signing.public)
        resealed(sealed, wraps=said.wraps[:1])
        assert_fails(verify_session(sealed.folder), "seal")


class TestStatements:
    @pytest.fixture
    def sealed(self, org: Organisation, tmp_path: Path) -> SealedSession:
        return small_session(org, tmp_path / "s")

    def common(self, org: Organisation, sealed: SealedSession) -> dict[str, object]:
        return {"organisation": org.fp, "session": sealed.keys.session_id}

    def test_each_kind_by_who_may_make_it(self, org: Organisation, sealed: SealedSession) -> None:
        common, digest = self.common(org, sealed), hashlib.sha256(sealed.seal_raw).hexdigest()
        decision = Decision(
            **common, seal_sha256=digest, finding=7, outcome="not upheld", reason="reads well", person="ben", at_us=1
        )
        made: list[tuple[Statement, object]] = [
            (decision, org.reviewer.person_key),
            (Reply(**common, decision_sha256="1" * 64, text="thanks", person="ada", at_us=1), org.trainer.person_key),
            (Access(**common, person="ben", files=(), at_us=1), org.receipt_key),
        ]
        for statement, key in made:
            put_statement(sealed, sign(statement, key))  # type: ignore[arg-type]
        outcome = verify_session(sealed.folder, trust=org.anchor)
        assert outcome.verified
        assert outcome.steps[9].detail == "3 statements"

    def test_nobody_decides_in_anothers_name(self, org: Organisation, sealed: SealedSession) -> None:
        digest = hashlib.sha256(sealed.seal_raw).hexdigest()
        decision = Decision(
            **self.common(org, sealed), seal_sha256=digest, finding=7, outcome="upheld", reason="", person="ben", at_us=1
        )
        put_statement(sealed, sign(decision, org.trainer.person_key))
        assert_fails(verify_session(sealed.folder), "statements", "the person that it names")

    @pytest.mark.parametrize("signer", ["stranger", "receipt"])
    def test_a_signer_who_may_not(self, org: Organisation, sealed: SealedSession, signer: str) -> None:
        reply = Reply(**self.common(org, sealed), decision_sha256="1" * 64, text="x", person="ada", at_us=1)
        put_statement(sealed, sign(reply, signing_key(signer)))
        assert_fails(verify_session(sealed.folder), "statements", "may not make it")

    def test_one_about_another_session_or_seal(self, org: Organisation, sealed: SealedSession) -> None:
        reply = Reply(organisation=org.fp, session="9" * 32, decision_sha256="1" * 64, text="x", person="ada", at_us=1)
        put_statement(sealed, sign(reply, org.trainer.person_key))
        assert_fails(verify_session(sealed.folder), "statements", "another session")

    def test_one_under_another_name(self, org: Organisation, sealed: SealedSession) -> None:
        reply = Reply(**self.common(org, sealed), decision_sha256="1" * 64, text="x", person="ada", at_us=1)
        path = sealed.folder / "statements" / f"{'9' * 64}.dsse"
        path.write_bytes(sign(reply, org.trainer.person_key))
        assert_fails(verify_session(sealed.folder), "statements", "its name says")

    def test_a_receipt_does_not_lie_among_them(self, sealed: SealedSession) -> None:
        put_statement(sealed, (sealed.folder / "receipt.dsse").read_bytes())
        assert_fails(verify_session(sealed.folder), "statements", "may come after a seal")

    def removal(self, org: Organisation, sealed: SealedSession, seq: int, by: str, seal_sha256: str = "") -> Removal:
        return Removal(
            **self.common(org, sealed),
            seal_sha256=seal_sha256 or hashlib.sha256(sealed.seal_raw).hexdigest(),
            ranges=((seq, seq),),
            blobs=(),
            reason="retention",
            by=by,  # type: ignore[arg-type]
            at_us=1,
        )

    @pytest.mark.parametrize("by", ["person", "organisation"])
    def test_a_removal_explains_what_is_gone(self, org: Organisation, sealed: SealedSession, by: str) -> None:
        seq = next(event.seq for event in sealed.events if event.kind == Kind.FOCUS)
        path = sealed.folder / "000000.fws"
        octets = without_contents(path.read_bytes(), {seq})
        path.write_bytes(octets)
        assert_fails(verify_session(sealed.folder), "presence", "whoever held it is at fault")
        key, other = (org.trainer.person_key, org.root) if by == "person" else (org.root, org.trainer.person_key)
        put_statement(sealed, sign(self.removal(org, sealed, seq, by), key))
        assert verify_session(sealed.folder, trust=org.anchor).verified
        put_statement(sealed, sign(self.removal(org, sealed, seq, by, "9" * 64), key))
        assert_fails(verify_session(sealed.folder), "statements", "another seal")
        put_statement(sealed, sign(self.removal(org, sealed, seq + 1, by), other))
        assert verify_session(sealed.folder).failed_step is not None

    def test_a_removal_in_anothers_name(self, org: Organisation, sealed: SealedSession) -> None:
        put_statement(sealed, sign(self.removal(org, sealed, 2, "organisation"), org.trainer.person_key))
        assert_fails(verify_session(sealed.folder), "statements", "by whom it names")


class TestPresence:
    def sent(self, sealed: SealedSession, org: Organisation) -> None:
        """Makes the folder what the platform has."""
        withheld = parse_policy(org.policy_toml).withheld
        for index, (_, octets) in enumerate(list(sent_segments(sealed.folder, withheld))):
            blobs = sent_blobs(sealed.folder, withheld)
            (sealed.folder / f"{index:06d}.fws").write_bytes(octets)
            for path in (sealed.folder / "blobs").iterdir():
                if path.name not in blobs:
                    path.unlink()

    @pytest.mark.parametrize("policy", [POLICY_SENDING_TIMING, POLICY_WITHHOLDING_CAPTURES, default_policy_toml()])
    def test_what_is_sent_verifies_as_what_stays(self, tmp_path: Path, policy: bytes) -> None:
        org = organisation(policy)
        sealed = realistic_session(org, tmp_path / "s")
        whole = verify_session(sealed.folder, trust=org.anchor)
        self.sent(sealed, org)
        sent = verify_session(sealed.folder, trust=org.anchor, epoch_key=org.epoch_key())
        assert (whole.verified, sent.verified) == (True, True)
        assert whole.withheld == sent.withheld
        assert sent.opened == 0

    def test_one_withheld_record_gone_and_others_here(self, org: Organisation, tmp_path: Path) -> None:
        sealed = realistic_session(org, tmp_path / "s")
        seq = next(event.seq for event in sealed.events if event.kind == Kind.RAW)
        path = sealed.folder / "000000.fws"
        path.write_bytes(without_contents(path.read_bytes(), {seq}))
        assert_fails(verify_session(sealed.folder), "presence", f"withheld record {seq} is missing")

    def test_an_opening_names_the_withheld_records_that_are_here(self, org: Organisation, tmp_path: Path) -> None:
        sealed = realistic_session(org, tmp_path / "s")
        raws = [event.seq for event in sealed.events if event.kind == Kind.RAW]
        path = sealed.folder / "000000.fws"
        path.write_bytes(without_contents(path.read_bytes(), set(raws[2:])))
        assert_fails(verify_session(sealed.folder), "presence")
        opening = OpeningStatement(
            organisation=org.fp,
            session=sealed.keys.session_id,
            seal_sha256=hashlib.sha256(sealed.seal_raw).hexdigest(),
            records=tuple(raws[:2]),
            wraps=(),
            person="ada",
            at_us=1,
        )
        put_statement(sealed, sign(opening, org.trainer.person_key))
        outcome = verify_session(sealed.folder, trust=org.anchor)
        assert (outcome.verified, outcome.opened, outcome.withheld) == (True, 2, 7)

    def test_a_removal_that_was_not_carried_out(self, org: Organisation, tmp_path: Path) -> None:
        session = org.open_session(tmp_path / "s")
        note = session.note("private")
        session.journal.append_redact(((note.seq, note.seq),), "private", session.reading)
        assert_fails(outcome_of(org, session), "presence", "still here")

    def test_a_redact_of_what_may_not_be_removed(self, org: Organisation, tmp_path: Path) -> None:
        session = org.open_session(tmp_path / "s")
        session.checkpoint()
        session.journal.append_redact(((2, 2),), "private", session.reading)
        assert_fails(outcome_of(org, session), "presence", "may not be removed")


class TestReceipt:
    @pytest.mark.parametrize(
        ("changes", "detail"),
        [
            ({"session": "9" * 32}, "another session"),
            ({"organisation": "9" * 64}, "another session"),
            ({"person": "ben"}, "another session"),
            ({"seal_sha256": "9" * 64}, "another session"),
            ({"root": "9" * 64}, "another session"),
            ({"size": 3}, "another session"),
            ({"received_us": ORIGIN_US}, "earlier"),
            ({"log_index": 0}, "inclusion"),
            ({"log_root": "9" * 64}, "inclusion"),
            ({"log_proof": ()}, "inclusion"),
            ({"log_size": 1}, ""),
        ],
    )
    def test_one_about_something_else(
        self, org: Organisation, tmp_path: Path, changes: dict[str, object], detail: str
    ) -> None:
        sealed = small_session(org, tmp_path / "s")
        write_receipt(org, sealed, ORIGIN_US + DAY_US, **changes)
        assert_fails(verify_session(sealed.folder), "receipt", detail)

    def test_by_another_key(self, org: Organisation, tmp_path: Path) -> None:
        sealed = small_session(org, tmp_path / "s")
        org.receipt_key = signing_key("another")
        write_receipt(org, sealed, ORIGIN_US + DAY_US)
        assert_fails(verify_session(sealed.folder), "receipt", "signed by")

    def test_a_platform_without_a_log_yet(self, org: Organisation, tmp_path: Path) -> None:
        sealed = small_session(org, tmp_path / "s")
        plain = {"log_index": -1, "log_proof": (), "log_size": 0, "log_root": hashlib.sha256(b"").hexdigest()}
        write_receipt(org, sealed, ORIGIN_US + DAY_US, **plain)
        assert verify_session(sealed.folder).receipt

    def test_by_a_receipt_key_that_the_reader_knows_from_a_newer_directory(self, org: Organisation, tmp_path: Path) -> None:
        sealed = small_session(org, tmp_path / "s")
        org.receipt_key = signing_key("next receipt key")
        org.version = 2
        write_receipt(org, sealed, ORIGIN_US + DAY_US)
        assert verify_session(sealed.folder, trust=TrustAnchor(org.fp, org.directory_bytes())).verified

    def test_every_kind_of_receipt_is_a_receipt(self) -> None:
        assert Receipt.payload_type == "application/vnd.fairwitness.receipt.v1+json"


class TestContents:
    def test_a_content_key_that_start_did_not_commit_to(self, org: Organisation, tmp_path: Path) -> None:
        begun = org.open_session(tmp_path / "a")
        start = begun.events[1].body
        assert isinstance(start, Start)
        session = org.open_session(tmp_path / "s", start={"wrap_s": start.wrap_w})
        assert_fails(outcome_of(org, session, org.trainer.reading), "contents", "not the one that START commits to")

    def test_a_wrap_that_does_not_open(self, org: Organisation, tmp_path: Path) -> None:
        sealed = small_session(org, tmp_path / "s")
        wrap = read_seal(sealed.seal_raw, sealed.keys.signing.public).wraps[0]
        damaged = "B" + wrap.wrapped[1:] if wrap.wrapped[0] != "B" else "C" + wrap.wrapped[1:]
        resealed(sealed, wraps=(replace(wrap, wrapped=damaged),))
        assert verify_session(sealed.folder).verified
        assert_fails(verify_session(sealed.folder, epoch_key=org.epoch_key()), "contents", "does not open")

    def test_a_record_under_another_key(self, org: Organisation, tmp_path: Path) -> None:
        session = org.open_session(tmp_path / "s")
        put_frame(session, Kind.NOTE, "s", content_key=b"x" * 32)
        assert_fails(outcome_of(org, session, org.trainer.reading), "contents", "committed to")

    @pytest.mark.parametrize("payload", [b"{}", b'[1,"x"]', b"[1", b"\x78\x9c", b"[1,1.5]"])
    def test_a_record_that_breaks_its_schema(self, org: Organisation, tmp_path: Path, payload: bytes) -> None:
        session = org.open_session(tmp_path / "s")
        put_frame(session, Kind.NOTE, "s", payload)
        assert_fails(outcome_of(org, session, org.trainer.reading), "contents")

    @pytest.mark.parametrize(
        ("kind", "payload", "detail"),
        [
            (Kind.ACK, b'[1,1,"' + b"9" * 64 + b'","' + b"9" * 64 + b'","en"]', "another policy"),
            (Kind.ANSWER, b'[1,1,900,"why"]', "not there"),
            (Kind.ANSWER, b'[1,1,0,"why"]', "not there"),
            (Kind.FINDING, b'[1,1,"d",1,"raised","A",1,1,"c",[900],"e",[],0]', "not before it"),
        ],
    )
    def test_a_record_that_refers_to_nothing(
        self, org: Organisation, tmp_path: Path, kind: Kind, payload: bytes, detail: str
    ) -> None:
        session = org.open_session(tmp_path / "s")
        put_frame(session, kind, "s", payload)
        assert_fails(outcome_of(org, session, org.trainer.reading), "contents", detail)

    @pytest.mark.parametrize("same_as", [2, 900])
    def test_a_picture_that_equals_what_is_none(self, org: Organisation, tmp_path: Path, same_as: int) -> None:
        session = org.open_session(tmp_path / "s")
        session.note("record 2")
        now = session.reading
        body = Capture(now.t_us, now.mono_us, 1, 0, 0, 1280, 720, "image/webp", 0, "", "0" * 16, same_as)
        session.events.append(session.journal.append_blob(body, b"one"))
        assert_fails(outcome_of(org, session, org.trainer.reading), "contents", "equals one that is not before it")

    def test_a_picture_of_another_size(self, org: Organisation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        session = org.open_session(tmp_path / "s")
        monkeypatch.setattr("session.journal.seal_blob", wrong_size(session))
        session.capture(b"picture")
        assert_fails(outcome_of(org, session, org.trainer.reading), "contents", "another size")


def wrong_size(session: OpenSession) -> object:
    """`seal_blob` that puts one byte more into the blob than the record says."""
    from session.crypto.aead import seal_blob  # noqa: PLC0415 - before it is replaced

    def seal_more(blob_key: bytes, session_id: bytes, seq: int, image: bytes, *, least: int) -> bytes:
        return seal_blob(blob_key, session_id, seq, image + b"!", least=least)

    return seal_more


class TestTime:
    @pytest.mark.parametrize(
        "field", ["worked_us", "paused_us", "private_us", "trimmed_us", "manual_us", "captures", "gaps", "answers"]
    )
    def test_a_summary_that_is_off_by_one(
        self, org: Organisation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, field: str
    ) -> None:
        honest = trust_builders.summarise

        def off_by_one(*arguments: object) -> object:
            summary = honest(*arguments)  # type: ignore[arg-type]
            return replace(summary, **{field: getattr(summary, field) + 1})

        monkeypatch.setattr(trust_builders, "summarise", off_by_one)
        session = org.open_session(tmp_path / "s")
        session.pause(3)
        assert_fails(outcome_of(org, session, org.trainer.reading), "accounted time", field)

    def test_a_summary_of_other_findings(self, org: Organisation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        honest = trust_builders.summarise
        made_up = (("jiggler", "raised", "A"),)
        monkeypatch.setattr(trust_builders, "summarise", lambda *a: replace(honest(*a), findings=made_up))
        assert_fails(outcome_of(org, org.open_session(tmp_path / "s"), org.trainer.reading), "accounted time", "findings")

    def test_two_summaries(self, org: Organisation, tmp_path: Path) -> None:
        session = org.open_session(tmp_path / "s")
        session.add(Kind.SUMMARY, trust_builders.summarise(session.events, trust_builders.rules_of(session.policy), 1))
        assert_fails(outcome_of(org, session, org.trainer.reading), "contents", "second summary")
