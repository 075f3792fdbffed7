# SPDX-License-Identifier: Apache-2.0
"""A platform that lies: the real one behind a proxy of ours, which rewrites answers with the platform's own keys at hand.

with lying(platform) as liar:
    liar.says("/v1/log/checkpoint", liar.head(liar.other_history()))     # from now on, until `liar.honest()`
    ... clients speak to liar.address ...
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import msgspec
from server_running import RunningPlatform, sha256
from uploader_proxy import RecordingProxy

from server.core import Core
from server.keys import PlatformKeys, load_keys
from server.orglog import About
from server.store import rows, said, tables
from session.log.checkpoint import CheckpointText, format_checkpoint
from session.log.cosign import cosign
from session.log.merkle import Tree
from session.log.note import note_bytes, sign_note
from session.trust.directory import witness_name
from session.trust.dsse import read_envelope
from session.trust.statements import Decision

Body = Callable[[bytes], bytes]
_PROOF = re.compile(r"GET /v1/log/(?:consistency/(?P<old>\d+)|inclusion/(?P<leaf>[0-9a-f]{64}))/(?P<size>\d+) ")
_UNKNOWN = (404, b'{"error": "unknown", "detail": ""}')


class Liar:
    """See the module. `asked`: request lines that were answered with a lie."""

    def __init__(self, platform: RunningPlatform) -> None:
        self.platform, self.org_fp = platform, platform.organisation.fingerprint
        self.keys: PlatformKeys = load_keys(platform.config.folder)
        self.asked: list[str] = []
        self.address = ""
        self._lies: list[tuple[re.Pattern[str], int, Body]] = []
        self.served = Tree()

    def says(self, path: str, body: bytes | Body, *, status: int = 200) -> None:
        """From now on what matches `path` (a regular expression over "METHOD /path") is answered so."""
        answer = body if callable(body) else lambda _true, told=body: told
        self._lies.append((re.compile(path), status, answer))

    def honest(self) -> None:
        """No more lies."""
        self._lies.clear()
        self.served = Tree()

    def rewrite(self, line: str, status: int, body: bytes) -> tuple[int, bytes]:
        proof = self._proof(line)
        if proof is not None:
            return proof
        for path, told_status, told in self._lies:
            if path.search(line.rpartition(" ")[0]):
                self.asked.append(line)
                return told_status, told(body)
        return status, body

    def tree(self) -> Tree:
        """The true log, as the admin may read it."""
        return Tree(self.platform.leaves())

    def fork(self, since: int, size: int) -> Tree:
        """A log of `size` entries that is the true one up to `since`, and another from there on."""
        true = self.tree()
        leaves = [true.leaf(index) for index in range(since)]
        return Tree([*leaves, *(hashlib.sha256(b"elsewhere %d" % index).digest() for index in range(since, size))])

    def head(self, tree: Tree, *, organisation: str = "", witness: bool = True) -> bytes:
        """The head of that log, signed and cosigned as only the platform can."""
        origin = f"fairwitness/{organisation or self.org_fp}/log"
        text = format_checkpoint(CheckpointText(origin, tree.size, tree.root()))
        time_s = self.platform.clock.read().t_us // 1_000_000
        lines = [sign_note(text, origin, self.keys.log)]
        if witness:
            lines.append(cosign(text, witness_name(self.org_fp), self.keys.witness, time_s))
        return note_bytes(text, *lines)

    def serves(self, tree: Tree) -> None:
        """Shows that log with all its proofs: head, consistency and inclusion."""
        self.says(r"GET /v1/log/checkpoint", self.head(tree))
        self.served = tree

    def _proof(self, line: str) -> tuple[int, bytes] | None:
        """What the log that is served answers to a question for a proof; None for any other question."""
        tree, asked = self.served, _PROOF.search(line)
        if not tree.size or asked is None:
            return None
        size = int(asked["size"])
        if asked["old"]:
            known = int(asked["old"]) <= size <= tree.size
            return _proven(tree.consistency(int(asked["old"]), size)) if known else _UNKNOWN
        leaf = bytes.fromhex(asked["leaf"])
        index = next((at for at in range(min(size, tree.size)) if tree.leaf(at) == leaf), None)
        return _UNKNOWN if index is None else _proven(tree.inclusion(index, size), index=index)

    def enters(self, raw: bytes, session: str, person: str, project: str) -> int:
        """Puts a statement into the log that no honest platform would take, as one with its database at hand can."""
        core = Core(self.platform.config, self.platform.clock)
        kind = "decision" if read_envelope(raw)[0].payload_type == Decision.payload_type else "reply"
        try:
            with core.writing() as connection:
                index = core.log.append(connection, raw, About(kind, session, person, project), core.now_us())
                directory = core.in_force(connection).sha256
                row = said.SaidRow(
                    index=index,
                    sha256=sha256(raw),
                    session=session,
                    kind=kind,
                    finding=0,
                    author="",
                    person=person,
                    project=project,
                    directory=directory,
                )
                rows.put(connection, tables.statements, row)
                return index
        finally:
            core.close()


def _proven(steps: Sequence[bytes], **more: int) -> tuple[int, bytes]:
    return 200, msgspec.json.encode({**more, "proof": [step.hex() for step in steps]})


@contextmanager
def lying(platform: RunningPlatform) -> Iterator[Liar]:
    """A liar in front of `platform`, who says nothing false yet."""
    liar = Liar(platform)
    with RecordingProxy(platform.address, rewrite=liar.rewrite) as proxy:
        liar.address = proxy.address
        yield liar
