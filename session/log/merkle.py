# SPDX-License-Identifier: Apache-2.0
"""The Merkle tree of a log, and proofs about it.

Leaves come in as 32-byte hashes; what a leaf hashes is for the caller (`session.frames.Frame.leaf`).
`node = SHA256(0x01 | left | right)`; the root over nothing is SHA256 of nothing.

Source: RFC 6962 section 2.1; verification as in RFC 9162 sections 2.1.3.2 and 2.1.4.2.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

from session import IntegrityFault

HASH_BYTES: Final = 32
MAX_PROOF: Final = 63
"""Longest proof of a tree below 2^63 leaves. Source: C2SP tlog-witness."""
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees that stand side by side."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def leaf_hash(entry: bytes) -> bytes:
    """The RFC 6962 leaf of an entry: SHA256(0x00 | entry). The organisation log uses it; a session's leaf is a frame's."""
    return hashlib.sha256(b"\x00" + entry).digest()


class Tree:
    """A tree that grows at its end and keeps its leaves and every complete subtree.

    Appending hashes at most once a level and once in all on average; roots and proofs of any earlier size cost
    O(log² n) look-ups and O(log n) hashes. A leaf takes 64 bytes of hashes.
    """

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        self._levels: list[list[bytes]] = [[]]
        for leaf in leaves:
            self.append(leaf)

    @property
    def size(self) -> int:
        """How many leaves there are."""
        return len(self._levels[0])

    def append(self, leaf: bytes) -> None:
        """Adds a leaf of 32 bytes at the end.

        Raises:
            ValueError: another length; a bug.
        """
        if len(leaf) != HASH_BYTES:
            raise ValueError("a leaf is 32 bytes")
        hashed = leaf
        for hashes in self._levels:
            hashes.append(hashed)
            if len(hashes) & 1:
                return
            hashed = node_hash(hashes[-2], hashed)
        self._levels.append([hashed])

    def cut(self, size: int) -> None:
        """Leaves the first `size` leaves alone. Raises ValueError outside the tree."""
        size = self._checked(size)
        for level, hashes in enumerate(self._levels):
            del hashes[size >> level :]

    def leaf(self, index: int) -> bytes:
        """The leaf at `index`, from 0. Raises ValueError outside the tree."""
        if not 0 <= index < self.size:
            raise ValueError(f"leaf {index} is outside a tree of {self.size}")
        return self._levels[0][index]

    def root(self, size: int | None = None) -> bytes:
        """The root over the first `size` leaves, or over all. Raises ValueError outside the tree."""
        size = self._checked(self.size if size is None else size)
        return self._range(0, size) if size else EMPTY_ROOT

    def inclusion(self, index: int, size: int) -> tuple[bytes, ...]:
        """The hashes, lowest first, that show leaf `index` to be in the root over `size` leaves.

        Raises:
            ValueError: `index` or `size` is outside the tree.
        """
        self._checked(size)
        if not 0 <= index < size:
            raise ValueError(f"leaf {index} is outside a tree of {size}")
        path: list[bytes] = []
        begin, end = 0, size
        while end - begin > 1:
            middle = begin + _split(end - begin)
            if index < middle:
                path.append(self._range(middle, end))
                end = middle
            else:
                path.append(self._range(begin, middle))
                begin = middle
        return tuple(reversed(path))

    def consistency(self, old: int, size: int) -> tuple[bytes, ...]:
        """The hashes that show the root over `old` leaves to be a prefix of the root over `size`; none for 0 or equal.

        Raises:
            ValueError: `old` is larger than `size`, or `size` is outside the tree.
        """
        self._checked(size)
        if not 0 <= old <= size:
            raise ValueError(f"a tree of {old} is no prefix of one of {size}")
        if old in (0, size):
            return ()
        path: list[bytes] = []
        begin, end, whole = 0, size, True
        while old != end:
            middle = begin + _split(end - begin)
            if old <= middle:
                path.append(self._range(middle, end))
                end = middle
            else:
                path.append(self._range(begin, middle))
                begin, whole = middle, False
        if not whole:
            path.append(self._range(begin, end))
        return tuple(reversed(path))

    def _checked(self, size: int) -> int:
        if not 0 <= size <= self.size:
            raise ValueError(f"{size} leaves are outside a tree of {self.size}")
        return size

    def _range(self, begin: int, end: int) -> bytes:
        """The hash over leaves begin..end, one at least, where begin is where RFC 6962 would split.

        Complete subtrees, right to left.
        """
        hashed = b""
        while begin < end:
            level = ((end & -end) if end & -end <= end - begin else _split(end - begin + 1)).bit_length() - 1
            part = self._levels[level][(end >> level) - 1]
            hashed = node_hash(part, hashed) if hashed else part
            end -= 1 << level
        return hashed


class Frontier:
    """The root of a growing log in O(log n) memory, for whoever needs no proofs."""

    def __init__(self) -> None:
        self._peaks: list[bytes] = []
        self._size = 0

    @property
    def size(self) -> int:
        """How many leaves there were."""
        return self._size

    def append(self, leaf: bytes) -> None:
        """Adds a leaf of 32 bytes at the end. Raises ValueError for another length."""
        if len(leaf) != HASH_BYTES:
            raise ValueError("a leaf is 32 bytes")
        hashed, size = leaf, self._size
        while size & 1:
            hashed = node_hash(self._peaks.pop(), hashed)
            size >>= 1
        self._peaks.append(hashed)
        self._size += 1

    def root(self) -> bytes:
        """The root over all leaves so far."""
        if not self._peaks:
            return EMPTY_ROOT
        hashed = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            hashed = node_hash(peak, hashed)
        return hashed


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Returns if `proof` shows `leaf` at `index` in the tree of `size` leaves with this root.

    Raises:
        IntegrityFault: it does not.
    """
    if not 0 <= index < size:
        raise IntegrityFault(f"Leaf {index} cannot be in a tree of {size}.")
    _check_hashes(proof)
    place, last, hashed = index, size - 1, leaf
    for step in proof:
        if last == 0:
            raise IntegrityFault("An inclusion proof is longer than its tree is high.")
        if place & 1 or place == last:
            hashed = node_hash(step, hashed)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            hashed = node_hash(hashed, step)
        place, last = place >> 1, last >> 1
    if last != 0 or hashed != root:
        raise IntegrityFault(f"An inclusion proof does not lead from leaf {index} to the root over {size}.")


def verify_consistency(old: int, size: int, proof: Sequence[bytes], old_root: bytes, root: bytes) -> None:
    """Returns if `proof` shows the tree of `old` leaves to be a prefix of the one of `size` leaves.

    Raises:
        IntegrityFault: it does not.
    """
    if not 0 <= old <= size:
        raise IntegrityFault(f"A log of {size} leaves cannot follow one of {old}.")
    _check_hashes(proof)
    if old in (0, size):
        if proof or old_root != (EMPTY_ROOT if old == 0 else root):
            raise IntegrityFault(f"The root over {old} leaves is not the one that was seen, or came with a proof.")
        return
    steps = [*([] if old & (old - 1) else [old_root]), *proof]
    if not steps or _roots(old, size, steps) != (old_root, root):
        raise IntegrityFault(f"A consistency proof does not lead from the root over {old} to the root over {size}.")


def _roots(old: int, size: int, steps: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """The two roots that the steps of a consistency proof lead to, None where their number does not fit."""
    place, last = old - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old_hashed = hashed = steps[0]
    for step in steps[1:]:
        if last == 0:
            return None
        if place & 1 or place == last:
            old_hashed, hashed = node_hash(step, old_hashed), node_hash(step, hashed)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            hashed = node_hash(hashed, step)
        place, last = place >> 1, last >> 1
    return (old_hashed, hashed) if last == 0 else None


def _check_hashes(proof: Sequence[bytes]) -> None:
    if len(proof) > MAX_PROOF or any(len(step) != HASH_BYTES for step in proof):
        raise IntegrityFault(f"A proof is at most {MAX_PROOF} hashes of 32 bytes.")


def _split(size: int) -> int:
    """The largest power of two below `size`, which is at least 2."""
    return 1 << (size - 1).bit_length() - 1
