# SPDX-License-Identifier: Apache-2.0
"""A log by itself that says whatever a test wants, under the true witness's key."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from server_running import RunningPlatform, sha256
from uploader_loopback import http

from session.crypto.signing import SigningKey
from session.log.checkpoint import CheckpointText, format_checkpoint
from session.log.cosign import cosign
from session.log.merkle import Tree
from session.log.note import note_bytes, sign_note
from session.trust.directory import witness_name


def answered(body: bytes) -> bytes:
    """Said to be the connection's last: it hangs up, and a client that did not know would ask there again."""
    return http(200, body, headers=[("Connection", "close")])


class LyingLog:
    """A platform whose log is whatever the test says, with the true witness's key: the one who could really do it."""

    def __init__(self, platform: RunningPlatform) -> None:
        self._folder, self.org_fp = platform.config.folder, platform.organisation.fingerprint
        self.trees: list[Tree] = [Tree()]
        self.named = self.org_fp
        self.proof: Callable[[int, int], bytes] | None = None
        self.meanwhile: Callable[[], object] = lambda: None

    def key(self, name: str) -> bytes:
        return (self._folder / "keys" / f"{name}.seed").read_bytes()

    def checkpoint(self, tree: Tree | None = None) -> bytes:
        tree = tree or self.trees[-1]
        origin = f"fairwitness/{self.named}/log"
        text = format_checkpoint(CheckpointText(origin, tree.size, tree.root()))
        log_key, witness_key = SigningKey.from_seed(self.key("log")), SigningKey.from_seed(self.key("witness"))
        line = cosign(text, witness_name(self.org_fp), witness_key, 1_700_000_000)
        return note_bytes(text, sign_note(text, origin, log_key), line)

    def answer(self, method: str, path: str, _body: bytes) -> bytes:
        if path == "checkpoint":
            self.meanwhile()
            return answered(self.checkpoint())
        assert method == "GET"
        if self.proof is not None:
            return self.proof(0, int(path))
        proof = self.trees[-1].consistency(self.trees[-2].size, int(path))
        return answered(msgspec.json.encode({"proof": [step.hex() for step in proof]}))

    def grow(self, *entries: bytes) -> None:
        """The honest next head."""
        tree = Tree([self.trees[-1].leaf(index) for index in range(self.trees[-1].size)])
        for entry in entries:
            tree.append(bytes.fromhex(sha256(entry)))
        self.trees.append(tree)

    def rewrite(self, *entries: bytes) -> None:
        """Another history."""
        self.trees.append(Tree(bytes.fromhex(sha256(entry)) for entry in entries))
