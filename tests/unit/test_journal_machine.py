# SPDX-License-Identifier: Apache-2.0
"""A journal under everything that can happen to it, in any order: full disks, failing drives, crashes, torn tails, removals.

What was promised durable is there after any crash, in order, and nothing besides; what was refused is not; what was removed
stays removed. The tree is compared with the definition of RFC 6962, written out.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest
from format_independent import naive_root
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test
from journal_disks import FullDisk
from journal_parts import ORG_FP, append_tick, capture_at, keys_of, new_journal, reading_at

from session import EnvironmentFault, IntegrityFault
from session.events import Checkpoint, Edge, Gap, Kind, Moment, Note, Reason
from session.frames import ABSENT, MAGIC, Frame
from session.journal import Journal
from session.log.checkpoint import origin_of, parse_checkpoint
from session.log.merkle import Tree, verify_consistency, verify_inclusion
from session.log.note import parse_note, verify_note
from session.reader import FolderReader
from session.recovery import recover
from session.redact import is_redactable, redact
from session.segments import segment_paths, session_frames


class JournalMachine(RuleBasedStateMachine):
    """One record, from its creation to whatever comes."""

    def __init__(self) -> None:
        super().__init__()
        self.place = Path(tempfile.mkdtemp(prefix="journal-machine-"))
        self.folder = self.place / "s"
        self.disk = FullDisk()
        self.seconds = 0.0
        self.leaves: list[bytes] = []
        self.kinds: list[int] = []
        self.durable = 0
        self.refused: set[int] = set()
        """Sizes at which a CHECKPOINT was refused, until something is durable behind it."""
        self.asked: set[int] = set()
        self.promised: set[int] = set()
        self.journal: Journal | None = None

    def teardown(self) -> None:
        self.disk.left, self.disk.fail_step = 2**62, -1
        if self.journal is not None:
            self.journal.close()
        shutil.rmtree(self.place)

    @property
    def open(self) -> Journal:
        assert self.journal is not None
        return self.journal

    @initialize()
    def create(self) -> None:
        self.journal = new_journal(self.folder, disk=self.disk)
        self.learn()
        self.settle()

    def learn(self) -> None:
        """Takes over what the journal says that it has; whatever was there before must be as it was."""
        tree = self.open.tree
        assert [tree.leaf(seq) for seq in range(len(self.leaves))] == self.leaves
        self.leaves = [tree.leaf(seq) for seq in range(tree.size)]

    def tried(self, verb: Callable[[], object], *, durable: bool) -> None:
        """Carries `verb` out; refused, it may have added nothing that it did not say."""
        size = self.open.size
        try:
            verb()
        except EnvironmentFault:
            self.leaves = [self.open.tree.leaf(seq) for seq in range(self.open.size)]
            assert self.open.size >= size
            return
        self.learn()
        if durable:
            self.settle()

    def settle(self) -> None:
        """All that there is has become durable, so nothing that was refused can be left."""
        self.durable = self.open.size
        self.refused.clear()

    @rule(by=st.sampled_from([1.0, 5.0, 901.0]))
    def wait(self, by: float) -> None:
        self.seconds += by

    @rule()
    def tick(self) -> None:
        self.tried(lambda: append_tick(self.open, self.seconds), durable=False)

    @rule(words=st.text(max_size=40))
    def note(self, words: str) -> None:
        body = Note(reading_at(self.seconds).t_us, words)
        self.tried(lambda: self.open.append(Kind.NOTE, body), durable=False)

    @rule(image=st.binary(min_size=1, max_size=60))
    def capture(self, image: bytes) -> None:
        self.tried(lambda: self.open.append_blob(capture_at(self.seconds), image), durable=False)

    @rule(moment=st.sampled_from(list(Moment)))
    def checkpoint(self, moment: Moment) -> None:
        def ask() -> None:
            size = self.open.size
            try:
                self.open.checkpoint(reading_at(self.seconds), moment)
            except EnvironmentFault:
                self.refused.add(size)  # also where records waited: they and it are one write
                raise

        self.tried(ask, durable=True)

    @rule()
    def cosign(self) -> None:
        self.tried(lambda: self.open.append_cosign(self.open.size, "line"), durable=False)

    @rule()
    def sync(self) -> None:
        self.tried(self.open.sync, durable=True)

    @rule(choose=st.randoms(use_true_random=False))
    def remove(self, choose: Random) -> None:
        allowed = [frame.seq for frame in self.on_disk() if is_redactable(frame.kind)]
        if not allowed:
            return
        seq = choose.choice(allowed)
        self.asked.add(seq)
        size = self.open.size
        try:
            redact(self.folder, self.open, ((seq, seq),), "private", reading_at(self.seconds))
        except EnvironmentFault:
            self.leaves = [self.open.tree.leaf(one) for one in range(self.open.size)]
            assert self.open.size >= size
            return
        self.promised.add(seq)
        self.learn()
        self.settle()

    @rule(left=st.sampled_from([0, 1, 100, 700, 5000]))
    def fill_the_disk(self, left: int) -> None:
        self.disk.left = left

    @rule()
    def make_room(self) -> None:
        self.disk.left = 2**62

    @rule(after=st.integers(0, 3), fails=st.integers(1, 3))
    def let_the_drive_fail(self, after: int, fails: int) -> None:
        """A write that fails is cut off; where that fails too, it lies there until the next one."""
        self.disk.fail_step, self.disk.fails = self.disk.steps + after, fails

    @rule(tail=st.one_of(st.binary(max_size=80), st.integers(0, 4096).map(bytes), st.just(MAGIC)))
    def crash(self, tail: bytes) -> None:
        """The process is gone with all that waited; something lies behind the last byte."""
        self.disk.left, self.disk.fail_step = 2**62, -1
        before = self.open
        before._waiting.clear()
        before._torn = False
        before.close()
        with segment_paths(self.folder)[-1].open("ab") as file:
            file.write(tail)
        found = recover(self.folder, keys_of(), org_fp=ORG_FP, disk=self.disk)
        self.journal = found.journal
        size = found.journal.size
        said = [found.journal.tree.leaf(seq) for seq in range(size)]
        if size and said != self.leaves[:size]:
            # At most one record besides, which is the CHECKPOINT that was refused, and true: nobody was shown it.
            assert size - 1 in self.refused
            note = found.events[-1].body
            assert isinstance(note, Checkpoint)
            check_note(note, size - 1, naive_root(self.leaves[: size - 1]))
            said.pop()
        assert self.durable <= len(said)
        assert said == self.leaves[: len(said)]
        self.leaves = [found.journal.tree.leaf(seq) for seq in range(size)]
        now = reading_at(self.seconds)
        found.journal.append(Kind.GAP, Gap(now.t_us, now.mono_us, Edge.POINT, Reason.CRASH, "session"))
        found.journal.sync()
        self.learn()
        self.settle()

    def on_disk(self) -> list[Frame]:
        """The records in the folder; where a write broke off and could not be cut, those before it, and readers say so."""
        if not self.open._torn:
            return list(FolderReader(self.folder, keys_of().content).frames())
        frames: list[Frame] = []
        with suppress(IntegrityFault):
            for _, _, frame in session_frames(self.folder):
                frames.append(frame)
            return frames
        with pytest.raises(IntegrityFault):
            FolderReader(self.folder, keys_of().content).events()
        return frames

    @precondition(lambda self: self.journal is not None)
    @invariant()
    def the_tree_is_that_of_the_definition(self) -> None:
        assert self.open.size == len(self.leaves)
        assert self.open.root() == naive_root(self.leaves)

    @precondition(lambda self: self.journal is not None)
    @invariant()
    def what_was_promised_is_on_disk(self) -> None:
        frames = self.on_disk()
        if self.open._torn and len(frames) - 1 in self.refused and frames[-1].kind == Kind.CHECKPOINT:
            frames.pop()  # see `crash`
        assert self.durable <= len(frames)
        assert [frame.leaf for frame in frames] == self.leaves[: len(frames)]
        for frame in frames:
            if frame.seq in self.promised:
                assert frame.flags == ABSENT
            elif frame.seq not in self.asked:
                assert frame.flags != ABSENT


def check_note(body: Checkpoint, size: int, root: bytes) -> None:
    """The session key signed this size and root."""
    note = parse_note(body.note.encode())
    origin = origin_of(ORG_FP, keys_of().session_id)
    verify_note(note, origin, keys_of().signing.public)
    said = parse_checkpoint(note.text)
    assert (said.origin, said.size, said.root) == (origin, size, root)


def test_a_journal_keeps_its_promises_whatever_comes() -> None:
    run_state_machine_as_test(JournalMachine, settings=settings(max_examples=20, stateful_step_count=20))


class LogMachine(RuleBasedStateMachine):
    """A tree that grows, and one who keeps heads and asks for proofs; and another history of the same length."""

    def __init__(self) -> None:
        super().__init__()
        self.tree, self.leaves, self.heads = Tree(), list[bytes](), list[tuple[int, bytes]]()

    @rule(leaf=st.binary(min_size=32, max_size=32))
    def append(self, leaf: bytes) -> None:
        self.tree.append(leaf)
        self.leaves.append(leaf)

    @rule()
    def keep_the_head(self) -> None:
        self.heads.append((self.tree.size, self.tree.root()))

    @rule(data=st.data())
    def prove_a_leaf(self, data: st.DataObject) -> None:
        if not self.leaves:
            return
        size = data.draw(st.integers(1, len(self.leaves)))
        index = data.draw(st.integers(0, size - 1))
        proof = self.tree.inclusion(index, size)
        assert verifies(lambda: verify_inclusion(index, size, self.leaves[index], proof, naive_root(self.leaves[:size])))
        other = hashlib.sha256(self.leaves[index]).digest()
        assert not verifies(lambda: verify_inclusion(index, size, other, proof, naive_root(self.leaves[:size])))

    @rule(data=st.data())
    def prove_that_a_kept_head_goes_on(self, data: st.DataObject) -> None:
        if not self.heads:
            return
        size, root = data.draw(st.sampled_from(self.heads))
        proof = self.tree.consistency(size, self.tree.size)
        assert verifies(lambda: verify_consistency(size, self.tree.size, proof, root, self.tree.root()))
        if 0 < size < self.tree.size:
            forked = Tree([hashlib.sha256(one).digest() for one in self.leaves])
            told = forked.consistency(size, forked.size)
            assert not verifies(lambda: verify_consistency(size, forked.size, told, root, forked.root()))

    @invariant()
    def every_kept_head_is_that_of_the_definition(self) -> None:
        assert self.tree.root() == naive_root(self.leaves)
        for size, root in self.heads:
            assert self.tree.root(size) == root == naive_root(self.leaves[:size])


def verifies(check: Callable[[], None]) -> bool:
    try:
        check()
    except IntegrityFault:
        return False
    return True


def test_a_log_proves_what_it_holds_and_no_other_history() -> None:
    run_state_machine_as_test(LogMachine, settings=settings(max_examples=40, stateful_step_count=25))
