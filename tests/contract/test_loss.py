# SPDX-License-Identifier: Apache-2.0
"""Cosigned records that are truly lost: found, said, sealed, taken by the platform, and gone on from, with real files."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from lying_platform import Liar, lying
from review_people import Team
from server_running import PROJECT, running
from server_sessions import LiveSession, session_id_of
from trust_builders import signing_key
from uploader_platform import client_of
from verifier_both import both

from agent.finishing import Stopped, loss_of, seal_session
from agent.lifecycle import LOSS_UNKNOWN, Recovery, recover_spool, stop_there
from agent.witnessed import WitnessedSizes
from fairwitness import telling
from fairwitness.places import Places
from fairwitness.recording import LOST, SET_BACK, Bench, recovered_words
from session.events import Event, Gap, Kind, Moment, Reason, Start, Task
from session.frames import read_segment
from session.log.checkpoint import CheckpointText, format_checkpoint
from session.log.note import note_bytes, sign_note
from session.ports import Outcome
from session.verify import TrustAnchor
from ui.strings import Words
from uploader.client import PlatformClient
from uploader.evidence import kept
from uploader.organisation import Organisation, refresh, top_up
from uploader.transfer import send
from uploader.witness import ask_cosigned

_NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    with running(tmp_path_factory.mktemp("platform")) as platform:
        yield Team.of(platform, tmp_path_factory.mktemp("people"))


class Broken:
    """A session of a trainer that ended without warning, with every size that the platform cosigned."""

    def __init__(self, team: Team, *, cosigned: int = 3, closed: bool = True) -> None:
        self.team = team
        self.said: list[str] = []
        team.platform.clock.advance_s(60)  # enrolments have a rate
        number = next(_NUMBERS)
        self.name = f"ann{number}"
        team.hire(self.name, "trainer")
        self.places = Places(team.home(self.name))
        self.places.spool.mkdir(exist_ok=True)
        title = f"broken {number}"
        self.live = LiveSession(team.platform, team.people[self.name], self.places.spool / session_id_of(title), title)
        self.store = self.places.key_store()
        keys = self.live.keys
        for part, secret in (("signing", keys.signing.seed), ("content-s", keys.content_s), ("content-w", keys.content_w)):
            self.store.put(f"session/{keys.session_id}/{part}", secret)
        reading = self.live.reading
        self.live.add(Kind.TASK, Task(reading.t_us, reading.mono_us, PROJECT))
        self.sizes = []
        for _ in range(cosigned):
            self.live.tick(30)
            self.live.cosigned_checkpoint()
            self.sizes.append(self.live.cosigned_size)
        if closed:
            self.live.journal.close()
        self.segment = self.live.folder / "000000.fws"

    @property
    def id(self) -> str:
        return self.live.id

    @property
    def witnessed(self) -> WitnessedSizes:
        return WitnessedSizes(self.places.witnessed)

    def bench(self, address: str = "") -> Bench:
        (self.places.organisation / "address").write_text(address or self.team.platform.address, "utf-8")
        enrolment = self.team.enrolment(self.name)
        self.team.platform.clock.reach(self.live.reading.t_us + 60_000_000)
        return Bench(self.places, self.store, self.team.platform.clock, enrolment, self.said.append)

    def cut(self, size: int) -> None:
        """The drive forgot all behind the first `size` records, the cosignatures in them too."""
        ends = [end for _, end in read_segment(self.segment.read_bytes())]
        with self.segment.open("r+b") as file:
            file.truncate(ends[size - 1])


@pytest.fixture
def broken(team: Team) -> Broken:
    return Broken(team)


def gaps(events: list[Event]) -> list[tuple[Reason, int]]:
    return [(event.body.reason, event.body.lost) for event in events if isinstance(event.body, Gap)]


def recovered(bench: Bench) -> Recovery:
    try:
        return bench.recover()
    finally:
        assert bench.enrolment is not None
        bench.enrolment.close()


@pytest.mark.ci
def test_a_true_loss_is_said_sealed_taken_and_gone_on_from(broken: Broken, team: Team) -> None:
    size = broken.sizes[1] + 2
    broken.cut(size)
    bench = broken.bench()
    assert bench.enrolment is not None
    (reopened,) = bench.recover().reopened
    cosigned_size = broken.sizes[-1]
    assert gaps(reopened.stopped.events)[-2:] == [(Reason.DAMAGED, cosigned_size - size), (Reason.CRASH, 0)]
    assert reopened.lost == cosigned_size - size
    words = recovered_words(reopened)
    assert words == LOST.format(number=reopened.lost)
    assert "nessuno ne ha colpa" in Words("it").fault(words)

    stopped = stop_there(reopened, bench.clock.read())
    bench.conclude(stopped)
    folder = bench.seal(stopped)
    bench.enrolment.outbox.release(broken.id)
    item = bench.enrolment.outbox.claim()
    assert item is not None
    client = client_of(team.platform, team.people[broken.name])
    assert send(item, client, bench.enrolment.outbox) is Outcome.DONE
    trust = TrustAnchor(team.platform.organisation.fingerprint)
    old = both(folder, trust=trust)
    assert (old.verified, old.lost, old.receipt) == (True, reopened.lost, True), old.failed_step

    assert refresh(client, bench.enrolment.organisation).done
    assert top_up(client, bench.enrolment.organisation, bench.enrolment.shelf).done
    opened = bench.open(PROJECT)
    start = opened.past[1].body
    assert isinstance(start, Start)
    assert start.continues == broken.id
    journal = opened.journal
    reading = bench.clock.read()
    journal.append(Kind.TASK, Task(reading.t_us, reading.mono_us, PROJECT))
    journal.checkpoint(reading, Moment.STOP)
    seal_session(Stopped(journal, [*opened.past], opened.policy), reading, store=broken.store, project=PROJECT)
    new = both(journal.folder, trust=trust)
    assert (new.verified, new.continues, new.lost) == (True, broken.id, 0), new.failed_step
    assert f"It goes on from session {broken.id}" in "\n".join(telling.verification(new))
    assert broken.witnessed.to_continue(trust.root_fingerprint) == ""
    again = bench.open(PROJECT)
    assert again.past[1].body.continues == "", "named once"  # type: ignore[union-attr] # a START
    again.journal.close()
    bench.enrolment.close()


def test_nothing_is_lost_where_the_platform_saw_no_more(broken: Broken) -> None:
    (reopened,) = recovered(broken.bench()).reopened
    assert (reopened.lost, loss_of(reopened.stopped.events)) == (0, None)
    assert broken.witnessed.to_continue(reopened.org_fp) == ""
    reopened.stopped.journal.close()


def test_records_behind_the_last_cosignature_are_no_loss(broken: Broken) -> None:
    broken.cut(broken.sizes[-1] + 1)  # its own COSIGN went: a fault of one disk, and nothing that others can prove
    (reopened,) = recovered(broken.bench()).reopened
    assert reopened.lost == 0
    reopened.stopped.journal.close()


@pytest.mark.parametrize("remembered", [True, False], ids=["remembered", "forgotten here too"])
def test_offline_nothing_is_written_where_a_loss_is_known_and_the_next_start_goes_on(
    broken: Broken, remembered: bool
) -> None:
    size = broken.sizes[0] + 2
    if remembered:  # less than the platform knows: an answer was lost
        broken.witnessed.keep(broken.id, broken.live.journal.origin.split("/")[1], broken.sizes[1])
    broken.cut(size)
    held = broken.segment.read_bytes()
    recovery = recovered(broken.bench("http://127.0.0.1:9"))
    if not remembered:  # nobody here knows of a loss: it ends as any other crash
        (reopened,) = recovery.reopened
        assert reopened.lost == 0
        reopened.stopped.journal.close()
        return
    assert (recovery.reopened, recovery.problems) == ((), ((broken.id, LOSS_UNKNOWN),))
    assert broken.segment.read_bytes() == held
    assert "La piattaforma sa quante" in Words("it").fault(broken.said[-1])
    (reopened,) = recovered(broken.bench()).reopened
    assert reopened.lost == broken.sizes[-1] - size, "as many as the platform saw, not as were remembered"
    reopened.stopped.journal.close()


def test_what_is_remembered_counts_where_no_platform_is_asked(broken: Broken) -> None:
    broken.witnessed.keep(broken.id, "ab" * 32, broken.sizes[-1])
    broken.cut(broken.sizes[0] + 2)
    clock = broken.team.platform.clock
    (reopened,) = recover_spool(broken.places.spool, store=broken.store, clock=clock, witnessed=broken.witnessed).reopened
    assert reopened.lost == broken.sizes[-1] - broken.sizes[0] - 2
    reopened.stopped.journal.close()


# --- other records were countersigned than those that are here


def forked(broken: Broken, *, ticks: int, more: int = 2) -> int:
    """The computer went on until the platform had countersigned `more` records, was set back, and recorded for `ticks`.

    Returns how many records the platform countersigned.
    """
    live = broken.live
    answer = live.cosign_fork(more)
    assert answer.status_code == 200, answer.text
    size = live.journal.size + more
    for _ in range(ticks):
        live.tick()
    live.checkpoint()
    live.journal.sync()
    return size


@pytest.fixture
def went_on(team: Team) -> Broken:
    return Broken(team, closed=False)


@pytest.mark.ci
@pytest.mark.parametrize("ticks", [0, 40], ids=["fewer are here", "more are here"])
def test_a_session_that_was_set_back_and_went_on_ends_behind_the_last_countersignature_and_is_taken(
    went_on: Broken, team: Team, ticks: int
) -> None:
    held = went_on.live.journal.size  # its last record is the countersignature over all before the checkpoint
    cosigned_size = forked(went_on, ticks=ticks, more=20 if not ticks else 2)
    assert (went_on.live.journal.size >= cosigned_size) is bool(ticks)
    went_on.live.journal.close()
    if not ticks:  # no fewer records tell it: the program heard of it while it ran
        went_on.witnessed.keep(went_on.id, team.platform.organisation.fingerprint, cosigned_size, forked=True)
    bench = went_on.bench()
    assert bench.enrolment is not None
    (reopened,) = bench.recover().reopened
    assert (reopened.stopped.journal.size, reopened.forked, reopened.was_stopped) == (held + 2, True, False)
    assert gaps(reopened.stopped.events)[-2:] == [(Reason.DAMAGED, cosigned_size - held), (Reason.CRASH, 0)]
    words = recovered_words(reopened)
    assert words == SET_BACK.format(number=cosigned_size - held)
    assert "nominerà questa" in Words("it").fault(words)
    remembered = went_on.witnessed.of(went_on.id)
    assert remembered is not None
    assert (remembered.cosigned_size, remembered.forked) == (cosigned_size, True), (
        "what goes next is known by the next start"
    )
    reopened.stopped.journal.close()

    (reopened,) = bench.recover().reopened  # the power went: it is said once, and nothing more goes
    assert gaps(reopened.stopped.events)[-3:-1] == [(Reason.DAMAGED, cosigned_size - held), (Reason.CRASH, 0)]
    stopped = stop_there(reopened, bench.clock.read())
    bench.conclude(stopped)
    folder = bench.seal(stopped)
    bench.enrolment.outbox.release(went_on.id)
    item = bench.enrolment.outbox.claim()
    assert item is not None
    assert send(item, client_of(team.platform, team.people[went_on.name]), bench.enrolment.outbox) is Outcome.DONE
    trust = TrustAnchor(team.platform.organisation.fingerprint)
    sealed = both(folder, trust=trust)
    assert (sealed.verified, sealed.lost, sealed.receipt) == (True, cosigned_size - held, True), sealed.failed_step
    assert went_on.witnessed.to_continue(trust.root_fingerprint) == went_on.id
    bench.enrolment.close()


def test_before_the_first_countersignature_the_beginning_up_to_the_task_stays(team: Team) -> None:
    begun = Broken(team, cosigned=0, closed=False)
    task = begun.live.journal.size - 1
    cosigned_size = forked(begun, ticks=40)
    begun.live.journal.close()
    (reopened,) = recovered(begun.bench()).reopened
    assert gaps(reopened.stopped.events)[0] == (Reason.DAMAGED, cosigned_size - task - 1)
    assert reopened.stopped.events[task].kind == Kind.TASK
    assert reopened.stopped.events[task + 1].kind == Kind.GAP
    reopened.stopped.journal.close()


def test_a_power_cut_between_the_cut_and_its_gap_is_recovered_as_the_same_loss(went_on: Broken) -> None:
    held = went_on.live.journal.size
    cosigned_size = forked(went_on, ticks=40)
    went_on.live.journal.close()
    went_on.witnessed.keep(went_on.id, went_on.live.journal.origin.split("/")[1], cosigned_size, forked=True)
    went_on.cut(held)  # as far as the first recovery came
    (reopened,) = recovered(went_on.bench()).reopened
    assert gaps(reopened.stopped.events)[-2:] == [(Reason.DAMAGED, cosigned_size - held), (Reason.CRASH, 0)]
    assert reopened.forked
    reopened.stopped.journal.close()


def test_offline_no_record_goes_that_other_records_took_the_place_of(went_on: Broken) -> None:
    cosigned_size = forked(went_on, ticks=40)
    went_on.live.journal.close()
    went_on.witnessed.keep(went_on.id, went_on.live.journal.origin.split("/")[1], cosigned_size, forked=True)
    held = went_on.segment.read_bytes()
    assert recovered(went_on.bench("http://127.0.0.1:9")).problems == ((went_on.id, LOSS_UNKNOWN),)
    assert went_on.segment.read_bytes() == held


@pytest.mark.parametrize("remembered", [True, False], ids=["remembered", "nothing remembered"])
def test_a_liar_takes_no_record_away_by_a_checkpoint_that_the_session_never_signed(
    broken: Broken, liar: Liar, remembered: bool
) -> None:
    if remembered:
        broken.witnessed.keep(broken.id, broken.live.journal.origin.split("/")[1], broken.sizes[-1])
    size = broken.live.journal.size
    given = foreign(broken, key=signing_key("somebody"), size=2)
    liar.says("POST /v1/sessions/.*/add-checkpoint", given, status=409)
    (reopened,) = recovered(broken.bench(liar.address)).reopened
    assert (reopened.stopped.journal.size, reopened.lost, reopened.forked) == (size + 1, 0, False)
    reopened.stopped.journal.close()
    (place,) = kept(broken.places.organisation)
    assert place.name.startswith("witness-")
    assert (place / "given.note").read_bytes() == given


# --- the question itself


@pytest.fixture
def liar(team: Team) -> Iterator[Liar]:
    with lying(team.platform) as made:
        yield made


def client_at(broken: Broken, address: str) -> PlatformClient:
    return client_of(broken.team.platform, broken.team.people[broken.name], address=address)


def said_size(client: PlatformClient, broken: Broken, note: bytes) -> int | None:
    organisation = Organisation(broken.places.organisation, broken.team.platform.organisation.fingerprint)
    said = ask_cosigned(client, broken.live.journal, note, organisation)
    return None if said is None else said.size


def newest_note(broken: Broken) -> bytes:
    notes = [event.body.note for event in broken.live.events if event.kind == Kind.CHECKPOINT]  # type: ignore[union-attr]
    return notes[0].encode()


def test_an_honest_conflict_tells_the_size_in_our_own_signature(broken: Broken) -> None:
    client = client_at(broken, broken.team.platform.address)
    assert said_size(client, broken, newest_note(broken)) == broken.sizes[-1]


def test_the_checkpoint_that_was_cosigned_last_is_simply_cosigned_again(broken: Broken) -> None:
    client = client_at(broken, broken.team.platform.address)
    notes = [event.body.note for event in broken.live.events if event.kind == Kind.CHECKPOINT]  # type: ignore[union-attr]
    assert said_size(client, broken, notes[-1].encode()) == broken.sizes[-1]


def foreign(broken: Broken, **changes: object) -> bytes:
    """A note over a thousand records that this session never signed, or signed for another."""
    origin = str(changes.get("origin", broken.live.journal.origin))
    key = changes.get("key", broken.live.keys.signing)
    text = format_checkpoint(CheckpointText(origin, changes.get("size", 1000), b"\x07" * 32))  # type: ignore[arg-type]
    return note_bytes(text, sign_note(text, origin, key))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "lie",
    [
        lambda _broken: b"",
        lambda _broken: b"\xff" * 100,
        lambda broken: foreign(broken, key=signing_key("somebody")),
        lambda broken: foreign(broken, origin="fairwitness/" + "ab" * 32 + "/" + "cd" * 16),
    ],
    ids=["nothing", "no note", "another's signature", "another session"],
)
def test_a_conflict_without_our_own_note_proves_no_loss(broken: Broken, liar: Liar, lie: object) -> None:
    liar.says("POST /v1/sessions/.*/add-checkpoint", lie(broken), status=409)  # type: ignore[operator]
    client = client_at(broken, liar.address)
    assert said_size(client, broken, newest_note(broken)) == 0
    (reopened,) = recovered(broken.bench(liar.address)).reopened
    assert reopened.lost == 0
    reopened.stopped.journal.close()


@pytest.mark.parametrize(("status", "said"), [(404, 0), (403, 0), (410, 0), (500, None), (429, None)])
def test_other_answers_tell_nothing_and_a_busy_platform_is_asked_again(
    broken: Broken, liar: Liar, status: int, said: int | None
) -> None:
    liar.says("POST /v1/sessions/.*/add-checkpoint", b"{}", status=status)
    assert said_size(client_at(broken, liar.address), broken, newest_note(broken)) == said
