# SPDX-License-Identifier: Apache-2.0
"""The directories among the later statements: read once, for steps 8, 9, 10 and 12."""

from __future__ import annotations

import hashlib

import msgspec

from session import IntegrityFault
from session.trust.directory import PAYLOAD_TYPE, Directory, open_directory
from session.trust.dsse import DIRECTORY_BYTES, read_envelope
from session.verify.folder import Names, Source
from session.verify.opening import Ground


class LaterDirectories(msgspec.Struct):
    """By their digests. `good` are the root key's; `faults` say what is wrong with others, which step 10 names.

    There may be 32 MiB of them, and many short words in one take ten times its size in memory. So of each is kept what
    steps 8 to 12 ask of all of them: version, platform, ids and keys of people, revocations; and in `texts` the SHA-256 of
    its text. Whoever needs the whole of one reads it again.
    """

    good: dict[str, Directory]
    texts: dict[str, bytes]
    faults: dict[str, str]


def text_sha256(directory: Directory) -> bytes:
    """Equal for two directories where they say the same in every field."""
    return hashlib.sha256(msgspec.json.encode(directory)).digest()


def read_directories(source: Source, names: Names, ground: Ground) -> LaterDirectories:
    """The directories in `statements/` besides START's; none in a personal session, where each is a fault.

    Raises:
        EnvironmentFault: a file cannot be read. Never for what is in it.
    """
    found = LaterDirectories({}, {}, {})
    for digest in names.statements:
        try:
            one = _directory(source, digest, ground)
        except IntegrityFault as fault:
            found.faults[digest] = str(fault)
        else:
            if one is not None:
                found.good[digest], found.texts[digest] = _kept(one), text_sha256(one)
    return found


def _directory(source: Source, digest: str, ground: Ground) -> Directory | None:
    """None where this statement is no directory."""
    raw = source.read(f"statements/{digest}.dsse", DIRECTORY_BYTES)
    outer, _ = read_envelope(raw, max_bytes=DIRECTORY_BYTES)
    if outer.payload_type != PAYLOAD_TYPE:
        return None
    if hashlib.sha256(raw).hexdigest() != digest:
        raise IntegrityFault("it has not the content that its name says")
    if ground.directory is None:
        raise IntegrityFault("it is a directory, and a personal session has none")
    return open_directory(raw, bytes.fromhex(ground.directory.root_key))


def _kept(directory: Directory) -> Directory:
    people = tuple(msgspec.structs.replace(one, name="", roles=(), projects=(), reading_key="") for one in directory.people)
    return msgspec.structs.replace(directory, name="", people=people, projects=(), policies=())
