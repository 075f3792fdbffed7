# SPDX-License-Identifier: Apache-2.0
"""The Merkle tree against RFC 6962's definitions and the well-known eight-leaf vectors."""

from __future__ import annotations

import hashlib
import time

import pytest
from format_independent import naive_path, naive_root, naive_subproof
from hypothesis import given
from hypothesis import strategies as st

from session import IntegrityFault
from session.log.merkle import (
    EMPTY_ROOT,
    MAX_PROOF,
    Frontier,
    Tree,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)

# Source: certificate-transparency-go, merkletree tests; the same eight leaves are in most CT implementations.
ENTRIES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
H_1 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
H_23 = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
H_4 = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
H_45 = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
H_4567 = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
H_67 = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
PATHS = [
    (0, 1, []),
    (0, 8, [H_1, H_23, H_4567]),
    (5, 8, [H_4, H_67, ROOTS[3]]),
    (2, 3, [ROOTS[1]]),
    (1, 5, [ROOTS[0], H_23, H_4]),
]
PROOFS = [
    (1, 1, []),
    (1, 8, [H_1, H_23, H_4567]),
    (6, 8, [H_45, H_67, ROOTS[3]]),
    (2, 5, [H_23, H_4]),
]


def leaves_of(count: int) -> list[bytes]:
    return [hashlib.sha256(count.to_bytes(4, "big") + place.to_bytes(4, "big")).digest() for place in range(count)]


@pytest.fixture
def known() -> Tree:
    return Tree(leaf_hash(entry) for entry in ENTRIES)


def test_roots_are_those_of_the_known_vectors(known: Tree) -> None:
    assert [known.root(size + 1).hex() for size in range(8)] == ROOTS
    assert known.root() == known.root(8)
    assert known.root(0) == EMPTY_ROOT == hashlib.sha256().digest()


@pytest.mark.parametrize(("index", "size", "path"), PATHS)
def test_inclusion_proofs_are_those_of_the_known_vectors(known: Tree, index: int, size: int, path: list[str]) -> None:
    assert [step.hex() for step in known.inclusion(index, size)] == path
    verify_inclusion(index, size, known.leaf(index), [bytes.fromhex(step) for step in path], bytes.fromhex(ROOTS[size - 1]))


@pytest.mark.parametrize(("old", "size", "path"), PROOFS)
def test_consistency_proofs_are_those_of_the_known_vectors(known: Tree, old: int, size: int, path: list[str]) -> None:
    assert [step.hex() for step in known.consistency(old, size)] == path
    hashes = [bytes.fromhex(step) for step in path]
    verify_consistency(old, size, hashes, bytes.fromhex(ROOTS[old - 1]), bytes.fromhex(ROOTS[size - 1]))


@pytest.mark.parametrize("size", [*range(34), 63, 64, 65, 100])
def test_every_root_and_proof_is_that_of_the_recursive_definition(size: int) -> None:
    leaves = leaves_of(size)
    tree, frontier = Tree(leaves), Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    root = naive_root(leaves)
    assert tree.root() == frontier.root() == root
    assert tree.size == frontier.size == size
    for index in range(size):
        proof = tree.inclusion(index, size)
        assert list(proof) == naive_path(index, leaves)
        verify_inclusion(index, size, leaves[index], proof, root)
    for old in range(size + 1):
        proof = tree.consistency(old, size)
        assert list(proof) == (naive_subproof(old, leaves) if old else [])
        verify_consistency(old, size, proof, naive_root(leaves[:old]), root)


@given(st.integers(1, 300), st.data())
def test_proofs_of_an_earlier_size_stay_the_same_when_the_tree_grows(size: int, drawn: st.DataObject) -> None:
    leaves = leaves_of(300)
    small, grown = Tree(leaves[:size]), Tree(leaves)
    index = drawn.draw(st.integers(0, size - 1))
    old = drawn.draw(st.integers(0, size))
    assert grown.root(size) == small.root()
    assert grown.inclusion(index, size) == small.inclusion(index, size)
    assert grown.consistency(old, size) == small.consistency(old, size)


@given(st.integers(0, 200), st.integers(0, 40), st.data())
def test_a_tree_that_was_cut_is_the_one_that_never_had_more(size: int, more: int, drawn: st.DataObject) -> None:
    leaves = [leaf_hash(b"%d" % at) for at in range(size)]
    tree = Tree([*leaves, *(leaf_hash(b"more %d" % at) for at in range(more))])
    tree.cut(size)
    again = leaves + [leaf_hash(b"again")] * drawn.draw(st.integers(0, 20))
    for leaf in again[size:]:
        tree.append(leaf)
    assert tree.size == len(again)
    assert [tree.root(upto) for upto in range(len(again) + 1)] == [Tree(again).root(upto) for upto in range(len(again) + 1)]
    with pytest.raises(ValueError, match="tree"):
        tree.cut(len(again) + 1)


@given(st.integers(1, 80), st.data())
def test_no_changed_inclusion_proof_holds(size: int, drawn: st.DataObject) -> None:
    leaves = leaves_of(size)
    tree = Tree(leaves)
    index = drawn.draw(st.integers(0, size - 1))
    proof, root, leaf = list(tree.inclusion(index, size)), tree.root(), leaves[index]
    change = drawn.draw(st.sampled_from(["leaf", "root", "step", "drop", "add", "index"]))
    if change == "leaf":
        leaf = hashlib.sha256(leaf).digest()
    elif change == "root":
        root = hashlib.sha256(root).digest()
    elif change == "add" or not proof:
        proof.insert(drawn.draw(st.integers(0, len(proof))), leaf)
    elif change == "step":
        place = drawn.draw(st.integers(0, len(proof) - 1))
        proof[place] = hashlib.sha256(proof[place]).digest()
    elif change == "drop":
        del proof[drawn.draw(st.integers(0, len(proof) - 1))]
    else:
        index = (index + drawn.draw(st.integers(1, size - 1))) % size
    with pytest.raises(IntegrityFault):
        verify_inclusion(index, size, leaf, proof, root)


@given(st.integers(2, 80), st.data())
def test_no_changed_consistency_proof_holds(size: int, drawn: st.DataObject) -> None:
    tree = Tree(leaves_of(size))
    old = drawn.draw(st.integers(1, size - 1))
    proof, old_root, root = list(tree.consistency(old, size)), tree.root(old), tree.root()
    change = drawn.draw(st.sampled_from(["old root", "root", "step", "drop", "add", "old"]))
    if change == "old root":
        old_root = hashlib.sha256(old_root).digest()
    elif change == "root":
        root = hashlib.sha256(root).digest()
    elif change == "step":
        place = drawn.draw(st.integers(0, len(proof) - 1))
        proof[place] = hashlib.sha256(proof[place]).digest()
    elif change == "drop":
        del proof[drawn.draw(st.integers(0, len(proof) - 1))]
    elif change == "add":
        proof.insert(drawn.draw(st.integers(0, len(proof))), root)
    else:
        old = drawn.draw(st.integers(1, size).filter(lambda other: other != old))
    with pytest.raises(IntegrityFault):
        verify_consistency(old, size, proof, old_root, root)


def test_a_shorter_log_never_follows_a_longer_one() -> None:
    tree = Tree(leaves_of(5))
    with pytest.raises(IntegrityFault, match="cannot follow"):
        verify_consistency(5, 4, [], tree.root(5), tree.root(4))


def test_an_equal_size_asks_for_an_equal_root_and_no_proof() -> None:
    tree = Tree(leaves_of(5))
    verify_consistency(5, 5, [], tree.root(), tree.root())
    with pytest.raises(IntegrityFault):
        verify_consistency(5, 5, [], tree.root(4), tree.root())
    with pytest.raises(IntegrityFault):
        verify_consistency(5, 5, [tree.root()], tree.root(), tree.root())


def test_everything_follows_the_empty_log_without_a_proof() -> None:
    tree = Tree(leaves_of(3))
    verify_consistency(0, 3, [], EMPTY_ROOT, tree.root())
    verify_consistency(0, 0, [], EMPTY_ROOT, EMPTY_ROOT)
    with pytest.raises(IntegrityFault):
        verify_consistency(0, 3, [], tree.root(), tree.root())
    with pytest.raises(IntegrityFault):
        verify_consistency(0, 3, [tree.root()], EMPTY_ROOT, tree.root())


@pytest.mark.parametrize("proof", [[b"short"], [bytes(32)] * (MAX_PROOF + 1)])
def test_proofs_are_bounded(proof: list[bytes]) -> None:
    with pytest.raises(IntegrityFault, match="at most 63"):
        verify_inclusion(0, 2, bytes(32), proof, bytes(32))
    with pytest.raises(IntegrityFault, match="at most 63"):
        verify_consistency(1, 2, proof, bytes(32), bytes(32))


@pytest.mark.parametrize("size", [1, 2, 5, 8])
def test_a_proof_that_is_longer_or_shorter_proves_nothing(size: int) -> None:
    tree = Tree(leaves_of(size + 1))
    for index in range(size):
        whole = tree.inclusion(index, size)
        for proof in ([*whole, bytes(32)], whole[:-1]) if whole else ([bytes(32)],):
            with pytest.raises(IntegrityFault, match="inclusion proof"):
                verify_inclusion(index, size, tree.leaf(index), proof, tree.root(size))
    for old in range(1, size + 1):
        whole = tree.consistency(old, size + 1)
        for proof in ([*whole, bytes(32)], [*whole, *[bytes(32)] * 8], whole[:-1], []):
            with pytest.raises(IntegrityFault, match="consistency proof"):
                verify_consistency(old, size + 1, proof, tree.root(old), tree.root())


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3)])
def test_no_leaf_is_included_outside_its_tree(index: int, size: int) -> None:
    with pytest.raises(IntegrityFault, match="cannot be in"):
        verify_inclusion(index, size, bytes(32), [], bytes(32))


def test_a_caller_that_asks_outside_the_tree_has_a_bug() -> None:
    tree = Tree(leaves_of(3))
    for ask in (
        lambda: tree.root(4),
        lambda: tree.root(-1),
        lambda: tree.leaf(3),
        lambda: tree.inclusion(3, 3),
        lambda: tree.inclusion(0, 4),
        lambda: tree.consistency(3, 2),
        lambda: tree.consistency(1, 4),
        lambda: tree.append(b"short"),
        lambda: Frontier().append(b"short"),
    ):
        with pytest.raises(ValueError, match=r"outside|prefix|32 bytes"):
            ask()


def test_a_session_of_eight_hours_is_nothing_to_the_tree() -> None:
    leaves = leaves_of(25_000)
    began = time.process_time()
    tree = Tree(leaves)
    for size in range(1, 25_000, 250):
        verify_consistency(size, 25_000, tree.consistency(size, 25_000), tree.root(size), tree.root())
        verify_inclusion(size, 25_000, leaves[size], tree.inclusion(size, 25_000), tree.root())
    assert time.process_time() - began < 2.0
