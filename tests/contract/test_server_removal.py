# SPDX-License-Identifier: Apache-2.0
"""A removal after the seal at the platform: who may ask, what goes, what stays verifiable, and where a crash leaves it."""

from __future__ import annotations

import http.client
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from desk_server import until
from server_running import Member, RunningPlatform, running, sha256
from server_sessions import Sending, short_session
from server_statements import decision, post, refused, removal, sealed_session, seqs_of
from trust_people import signing_key
from verifier_both import both

from server import rewriting
from server.access.tokens import Caller
from server.core import Core
from server.serve import background
from server.statements import take
from session import EnvironmentFault
from session.disk import RealDisk
from session.events import Kind
from session.frames import ABSENT, encode_frame, read_segment
from session.segments import blob_of, session_frames
from session.verify import TrustAnchor

SLICE_BYTES = 24


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPlatform]:
    with running(tmp_path_factory.mktemp("removal")) as started:
        started.put_policy()
        yield started


@pytest.fixture(scope="module")
def trainer(platform: RunningPlatform) -> Member:
    return platform.join("ada", "trainer")


@pytest.fixture(scope="module")
def reviewer(platform: RunningPlatform, trainer: Member) -> Member:
    joined = platform.join("ben", "reviewer")
    platform.issue_review_key()
    return joined


@pytest.fixture(scope="module")
def other(platform: RunningPlatform) -> Member:
    return platform.join("eve", "trainer")


@pytest.fixture
def sent(platform: RunningPlatform, trainer: Member, reviewer: Member, tmp_path: Path) -> Sending:
    return sealed_session(platform, trainer, tmp_path / "spool")


def manifest(reader: Member, sent: Sending) -> dict[str, list[str]]:
    answer = reader.client.get(f"/v1/sessions/{sent.id}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def fetched(reader: Member, sent: Sending, folder: Path) -> Path:
    """The session as the platform gives it now, as a folder."""
    given = manifest(reader, sent)
    for part in ("blobs", "statements"):
        (folder / part).mkdir(parents=True)
    names = {f"{index:06d}.fws": digest for index, digest in enumerate(given["segments"])}
    for name, digest in (names | {f"blobs/{digest}": digest for digest in given["blobs"]}).items():
        octets = reader.client.get(f"/v1/sessions/{sent.id}/blobs/{digest}").content
        assert sha256(octets) == digest
        (folder / name).write_bytes(octets)
    texts = {"seal.dsse": "seal", "receipt.dsse": "receipt", "statements/directory.dsse": "directory"}
    for name, field in (texts | {"statements/policy.toml": "policy"}).items():
        (folder / name).write_text(str(given[field]), encoding="utf-8", newline="")
    for text in given["statements"]:
        (folder / f"statements/{sha256(text.encode())}.dsse").write_text(text, encoding="utf-8", newline="")
    return folder


def flags(folder: Path) -> dict[int, int]:
    return {frame.seq: frame.flags for _, _, frame in session_frames(folder)}


def slices_of(sent: Sending, *seqs: int) -> list[bytes]:
    """A piece out of the middle of each sealed part, and of each picture, as the platform was given them."""
    pieces = []
    for segment in sent.segments.values():
        for frame, _ in read_segment(segment):
            if frame.seq in seqs:
                pieces.append(frame.tail[60 : 60 + SLICE_BYTES])
                if blob_of(frame):
                    pieces.append(sent.captures[blob_of(frame)][5000 : 5000 + SLICE_BYTES])
    return pieces


def holding(folder: Path, pieces: list[bytes]) -> set[str]:
    """Names of all files below `folder` that hold one of these pieces: database, write-ahead log and free pages too."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.name for path in files if any(piece in path.read_bytes() for piece in pieces)}


def test_what_is_removed_is_gone_from_every_file_and_the_rest_verifies_by_both(
    platform: RunningPlatform, trainer: Member, reviewer: Member, sent: Sending, tmp_path: Path
) -> None:
    (capture,) = seqs_of(sent, Kind.CAPTURE)
    focus = seqs_of(sent, Kind.FOCUS)[0]
    pieces, stays = slices_of(sent, capture, focus), slices_of(sent, *seqs_of(sent, Kind.FOCUS)[1:])
    assert all(holding(platform.config.folder, [piece]) for piece in (*pieces, *stays))
    before = manifest(reviewer, sent)
    signed = removal(platform, trainer, sent, capture, focus)

    answer = post(trainer, sent, signed)

    assert answer.status_code == 201, answer.text
    assert holding(platform.config.folder, pieces) == set()
    assert all(holding(platform.config.folder, [piece]) for piece in stays)
    given = manifest(reviewer, sent)
    assert (given["seal"], given["receipt"]) == (before["seal"], before["receipt"])
    assert given["segments"] != before["segments"]
    assert given["blobs"] == []
    assert given["statements"][-1] == signed.decode()
    entry = platform.admin.client.get(f"/v1/log/entries/{answer.json()['index']}").json()
    assert (entry["kind"], entry["statement"]) == ("removal", signed.decode())
    folder = fetched(reviewer, sent, tmp_path / "fetched")
    assert {seq for seq, flag in flags(folder).items() if flag == ABSENT} >= {capture, focus}
    outcome = both(folder, trust=TrustAnchor(platform.organisation.fingerprint))
    (told,) = outcome.removals
    assert (told.by, told.reason, told.kinds) == ("person", "private", ((Kind.FOCUS, 1), (Kind.CAPTURE, 1)))
    assert "removed after the seal" in outcome.steps[10].detail
    for digest in set(before["segments"] + before["blobs"]) - set(given["segments"]):
        for reader in (trainer, reviewer):
            assert reader.client.get(f"/v1/sessions/{sent.id}/blobs/{digest}").status_code == 404


def test_what_is_removed_is_overwritten_where_it_lay_before_its_name_goes(
    platform: RunningPlatform, trainer: Member, sent: Sending, tmp_path: Path
) -> None:
    (capture,) = seqs_of(sent, Kind.CAPTURE)
    blobs = platform.config.folder / "blobs" / sent.id[:2] / sent.id
    names = {*sent.segments, *sent.captures}
    for name in names:
        (tmp_path / name).hardlink_to(blobs / name)  # what a search of the disk's blocks would find
    post(trainer, sent, removal(platform, trainer, sent, capture))
    gone = {name for name in names if not (blobs / name).exists()}
    assert gone == names
    for name in gone:
        assert not any((tmp_path / name).read_bytes())


def test_what_a_try_that_was_cut_left_is_wiped_with_the_next_removal(
    platform: RunningPlatform, trainer: Member, sent: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    (capture,), (focus, *_) = seqs_of(sent, Kind.CAPTURE), seqs_of(sent, Kind.FOCUS)
    pieces = slices_of(sent, focus)
    with monkeypatch.context() as patch:
        patch.setattr(rewriting.rows, "set_files", cut_here)
        assert post(trainer, sent, removal(platform, trainer, sent, capture)).status_code == 503
    assert len(holding(platform.config.folder, pieces)) == 2  # the segment, and the one that the cut try made of it
    assert post(trainer, sent, removal(platform, trainer, sent, focus)).status_code == 201
    assert holding(platform.config.folder, pieces) == set()


def cut_here(*_args: object) -> None:
    raise EnvironmentFault("The machine stops here.")


def test_a_picture_that_arrives_after_the_seal_and_its_removal_stays_nowhere(
    platform: RunningPlatform, trainer: Member, reviewer: Member, tmp_path: Path
) -> None:
    del reviewer  # only has to be there: a session is sealed for somebody
    sent = short_session(platform, trainer, tmp_path / "spool", "late").seal_whole()
    (capture,), (digest,) = seqs_of(sent, Kind.CAPTURE), sent.captures
    pieces = slices_of(sent, capture)
    late = begin(trainer, sent, digest)
    incoming = platform.config.folder / "incoming"
    until(lambda: list(incoming.iterdir()), "a part has arrived")
    sent.put_files()
    assert sent.put_seal().status_code == 201
    assert post(trainer, sent, removal(platform, trainer, sent, capture)).status_code == 201
    assert holding(platform.config.folder, pieces) == set()
    late.send(sent.captures[digest][1:])
    assert late.getresponse().status == 409
    late.close()
    assert holding(platform.config.folder, pieces) == set()


def begin(trainer: Member, sent: Sending, digest: str) -> http.client.HTTPConnection:
    """A PUT of that picture which was let in before the seal, and has sent one byte."""
    connection = http.client.HTTPConnection(trainer.client.address.removeprefix("http://"), timeout=20)
    connection.putrequest("PUT", f"/v1/sessions/{sent.id}/blobs/{digest}")
    connection.putheader("Authorization", f"Bearer {trainer.client.token}")
    connection.putheader("Content-Length", str(len(sent.captures[digest])))
    connection.endheaders(sent.captures[digest][:1])
    return connection


def test_the_same_removal_again_is_one_and_another_of_the_same_records_stands_beside_it(
    platform: RunningPlatform, trainer: Member, reviewer: Member, sent: Sending
) -> None:
    (capture,) = seqs_of(sent, Kind.CAPTURE)
    signed = removal(platform, trainer, sent, capture)
    first = post(trainer, sent, signed)
    given = manifest(reviewer, sent)
    again = post(trainer, sent, signed)
    assert (first.status_code, again.status_code, again.json()) == (201, 200, first.json())
    assert manifest(reviewer, sent) == given
    assert post(trainer, sent, removal(platform, trainer, sent, capture, reason="once more")).status_code == 201
    after = manifest(reviewer, sent)
    assert (after["segments"], after["blobs"]) == (given["segments"], given["blobs"])
    assert len(after["statements"]) == len(given["statements"]) + 1


def test_the_same_seal_again_gets_the_same_receipt_after_a_removal(
    platform: RunningPlatform, trainer: Member, reviewer: Member, sent: Sending
) -> None:
    post(trainer, sent, removal(platform, trainer, sent, *seqs_of(sent, Kind.CAPTURE)))
    again = sent.put_seal()
    assert (again.status_code, again.text) == (200, manifest(reviewer, sent)["receipt"])


WRONG: dict[str, tuple[dict[str, object], tuple[int, str]]] = {
    "the organisation": ({"organisation": "9" * 64}, (422, "input")),
    "session": ({"session": "9" * 32}, (422, "input")),
    "seal": ({"seal_sha256": "9" * 64}, (422, "input")),
    "in the organisation's name": ({"by": "organisation"}, (422, "input")),
    "beyond the record": ({"ranges": ((5, 100_000),)}, (422, "input")),
    "backwards": ({"ranges": ((9, 3),)}, (422, "input")),
    "types that stay": ({"ranges": ((0, 6),)}, (422, "input")),
    "before the seal": ({"at_us": 1}, (422, "input")),
    "to come": ({"at_us": 2**52}, (422, "input")),
    "no such head": ({"log_size": 2**40, "log_root": "9" * 64}, (409, "log")),
    "another root": ({"log_root": "9" * 64}, (409, "log")),
    "pictures of others": ({"blobs": ("9" * 64,)}, (422, "input")),
    "not its pictures": ({"blobs": ()}, (422, "input")),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_removal_that_says_what_is_not_so_is_refused_and_changes_nothing(
    platform: RunningPlatform, trainer: Member, reviewer: Member, sent: Sending, name: str
) -> None:
    changes, expected = WRONG[name]
    given, lying = manifest(reviewer, sent), sorted(platform.config.folder.rglob("blobs/**/*"))
    signed = removal(platform, trainer, sent, *seqs_of(sent, Kind.CAPTURE), **changes)
    assert refused(post(trainer, sent, signed)) == expected
    assert manifest(reviewer, sent) == given
    assert sorted(platform.config.folder.rglob("blobs/**/*")) == lying


def test_only_the_session_s_person_removes_and_by_their_own_key(
    platform: RunningPlatform, trainer: Member, reviewer: Member, other: Member, sent: Sending
) -> None:
    (capture,) = seqs_of(sent, Kind.CAPTURE)
    given = manifest(reviewer, sent)
    assert refused(post(other, sent, removal(platform, other, sent, capture))) == (404, "unknown")
    assert refused(post(other, sent, removal(platform, trainer, sent, capture))) == (404, "unknown")
    assert refused(post(reviewer, sent, removal(platform, reviewer, sent, capture))) == (403, "role")
    assert refused(post(reviewer, sent, removal(platform, trainer, sent, capture))) == (403, "signature")
    for key in (signing_key("nobody"), trainer.device_key, platform.organisation.root):
        assert refused(post(trainer, sent, removal(platform, trainer, sent, capture, key=key))) == (403, "signature")
    assert manifest(reviewer, sent) == given


def test_the_organisation_removes_any_sealed_part_by_its_root_key_alone(
    platform: RunningPlatform, trainer: Member, reviewer: Member, sent: Sending, tmp_path: Path
) -> None:
    acks, root = seqs_of(sent, Kind.ACK), platform.organisation.root
    path = f"/v1/sessions/{sent.id}/retention"
    admin = platform.admin

    def signed(**changes: object) -> bytes:
        key = changes.pop("key", root)
        return removal(platform, admin, sent, *acks, **({"by": "organisation", "key": key} | changes))  # type: ignore[arg-type]

    for member in (trainer, reviewer):
        assert refused(member.client.post(path, data=signed())) == (403, "role")
    assert refused(admin.client.post(f"/v1/sessions/{sent.id}/statements", data=signed())) == (403, "role")
    for key in (admin.person_key, trainer.person_key):
        assert refused(admin.client.post(path, data=signed(key=key))) == (403, "signature")
    assert refused(admin.client.post(path, data=signed(by="person"))) == (422, "input")
    assert refused(admin.client.post(path, data=signed(ranges=((0, 0),)))) == (422, "input")  # public: nothing to remove
    assert refused(admin.client.post(path, data=decision(platform, reviewer, sent))) == (422, "input")
    assert refused(admin.client.post(f"/v1/sessions/{'9' * 32}/retention", data=signed())) == (404, "unknown")
    kept = signed()
    assert admin.client.post(path, data=kept).status_code == 201
    assert admin.client.post(path, data=kept).status_code == 200
    folder = fetched(reviewer, sent, tmp_path / "fetched")
    outcome = both(folder, trust=TrustAnchor(platform.organisation.fingerprint))
    assert (outcome.verified, outcome.removals[0].by) == (True, "organisation")


def test_a_session_that_was_reduced_before_it_was_sent_is_taken_with_its_removal(
    platform: RunningPlatform, trainer: Member, reviewer: Member, tmp_path: Path
) -> None:
    whole = short_session(platform, trainer, tmp_path / "spool", "reduced").seal_whole()
    capture = seqs_of(whole, Kind.CAPTURE)[0]
    pieces = slices_of(whole, capture)
    whole.put_files()  # an earlier try, which broke off before the seal
    signed = removal(platform, trainer, whole, capture)
    apply = {"removals": [signed.decode()]}
    assert refused(whole.put_seal(**apply)) == (422, "input")  # what it names is still in what was sent
    reduced = without_sealed(whole, capture)
    assert refused(reduced.put_seal()) == (422, "verify")
    liar = removal(platform, reviewer, whole, capture, key=signing_key("nobody"))
    assert refused(reduced.put_seal(removals=[liar.decode()])) == (422, "verify")

    answer = reduced.put_seal(**apply)

    assert answer.status_code == 201, answer.text
    assert manifest(reviewer, reduced)["statements"][-1] == signed.decode()
    assert post(trainer, reduced, signed).status_code == 200
    assert reduced.put_seal(**apply).status_code == 200
    assert holding(platform.config.folder, pieces) == set()  # nor what the earlier try had brought
    assert both(fetched(reviewer, reduced, tmp_path / "fetched")).verified


def without_sealed(whole: Sending, *seqs: int) -> Sending:
    """The same session as it is sent once the trainer's machine has dropped these."""
    for digest, segment in list(whole.segments.items()):
        frames = [frame.absent() if frame.seq in seqs else frame for frame, _ in read_segment(segment)]
        octets = segment[:8] + b"".join(encode_frame(frame) for frame in frames)
        del whole.segments[digest]
        whole.segments[sha256(octets)] = octets
        answer = whole.client.put(f"/v1/sessions/{whole.id}/blobs/{sha256(octets)}", data=octets)
        assert answer.status_code in {200, 201}
    whole.body["segments"] = list(whole.segments)
    return whole


class CutError(BaseException):
    """The machine stops here."""


STEPS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "before the new segment is in place": lambda patch: patch.setattr(rewriting, "_kept", cut),
    "before the transaction": lambda patch: patch.setattr(rewriting.rows, "set_files", cut),
    "in the transaction": lambda patch: patch.setattr(rewriting.unwanted, "note", cut),
    "before anything is overwritten": lambda patch: patch.setattr("server.store.blobs_fs.overwrite", cut),
    "overwritten, not unlinked": lambda patch: patch.setattr(RealDisk, "unlink", cut_at_blob),
    "unlinked, still noted": lambda patch: patch.setattr(rewriting.unwanted, "forget", cut_at_second),
}


def cut(*_args: object, **_more: object) -> None:
    raise CutError


def cut_at_blob(_self: RealDisk, path: Path) -> None:
    if path.parent.name != "incoming":
        raise CutError
    path.unlink(missing_ok=True)


def cut_at_second(_connection: object, found: list[tuple[str, str]]) -> None:
    if len(found) > 1:
        raise CutError


@pytest.mark.ci
@pytest.mark.parametrize("step", STEPS)
def test_a_removal_that_is_cut_anywhere_is_finished_by_asking_again_or_by_a_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    with running(tmp_path) as platform:
        platform.put_policy()
        trainer, reviewer = platform.join("ada", "trainer"), platform.join("ben", "reviewer")
        platform.issue_review_key()
        sent = sealed_session(platform, trainer, tmp_path / "spool")
        capture, focus = seqs_of(sent, Kind.CAPTURE)[0], seqs_of(sent, Kind.FOCUS)[0]
        pieces = slices_of(sent, capture, focus)
        signed = removal(platform, trainer, sent, capture, focus)
        before = manifest(reviewer, sent)
    assert holding(platform.config.folder, pieces)
    core = Core(platform.config, platform.clock)
    with core.reading() as connection:
        ada = Caller("ada", core.in_force(connection).directory.person("ada"))
    with monkeypatch.context() as patch:
        STEPS[step](patch)
        with pytest.raises(CutError):
            take(core, ada, sent.id, signed)
    core.close()
    with background(platform.config, platform.clock) as address:
        platform.at(address)
        entered = signed.decode() in manifest(reviewer, sent)["statements"]
        assert entered == bool(holding(platform.config.folder, pieces) == set())  # never one without the other
        assert entered == (step in {"before anything is overwritten", "overwritten, not unlinked", "unlinked, still noted"})
        if not entered:
            given = manifest(reviewer, sent)
            assert (given["segments"], given["blobs"]) == (before["segments"], before["blobs"])
        assert post(trainer, sent, signed).status_code == (200 if entered else 201)
        assert holding(platform.config.folder, pieces) == set()
        assert both(fetched(reviewer, sent, tmp_path / "fetched")).verified
