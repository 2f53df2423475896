"""The tree hash of RFC 6962 against published answers and against the definition itself."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.ledger.merkle import (
    BLOCK_LEAVES,
    EMPTY_ROOT,
    GrowingTree,
    leaf_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

# leaves and roots of merkletree/merkle_tree_test.cc in certificate-transparency
CT_LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
CT_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def by_definition(leaves: Sequence[bytes]) -> bytes:
    """MTH of RFC 6962, 2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    middle = split(len(leaves))
    left, right = by_definition(leaves[:middle]), by_definition(leaves[middle:])
    return sha256(b"\x01" + left + right).digest()


def path_by_definition(position: int, leaves: Sequence[bytes]) -> list[bytes]:
    """PATH of RFC 6962, 2.1.1."""
    if len(leaves) == 1:
        return []
    middle = split(len(leaves))
    if position < middle:
        inner = path_by_definition(position, leaves[:middle])
        return [*inner, by_definition(leaves[middle:])]
    inner = path_by_definition(position - middle, leaves[middle:])
    return [*inner, by_definition(leaves[:middle])]


def consistency_by_definition(old: int, leaves: Sequence[bytes], whole: bool = True) -> list[bytes]:
    """PROOF of RFC 6962, 2.1.2."""
    if old == len(leaves):
        return [] if whole else [by_definition(leaves)]
    middle = split(len(leaves))
    if old <= middle:
        inner = consistency_by_definition(old, leaves[:middle], whole)
        return [*inner, by_definition(leaves[middle:])]
    inner = consistency_by_definition(old - middle, leaves[middle:], False)
    return [*inner, by_definition(leaves[:middle])]


def split(count: int) -> int:
    power = 1
    while power * 2 < count:
        power *= 2
    return power


def grown(leaves: Sequence[bytes]) -> GrowingTree:
    hashes = [leaf_hash(leaf) for leaf in leaves]
    tree = GrowingTree(lambda first, end: hashes[first:end])
    for digest in hashes:
        tree.append(digest)
    return tree


def numbered(count: int) -> list[bytes]:
    return [index.to_bytes(4, "big") for index in range(count)]


def test_the_empty_tree_has_the_published_root() -> None:
    published = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert EMPTY_ROOT.hex() == root_of([]).hex() == published


@pytest.mark.parametrize("size", range(1, 9))
def test_the_published_leaves_give_the_published_roots(size: int) -> None:
    tree = grown(CT_LEAVES[:size])
    assert tree.root().hex() == tree.root_at(size).hex() == CT_ROOTS[size - 1]
    assert grown(CT_LEAVES).root_at(size).hex() == CT_ROOTS[size - 1]


def test_the_published_paths_come_out() -> None:
    tree = grown(CT_LEAVES)
    assert [node.hex() for node in tree.inclusion_proof(0, 8)] == [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]
    assert [node.hex() for node in tree.consistency_proof(6, 8)] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


@settings(deadline=None)
@given(st.lists(st.binary(max_size=40), max_size=70))
def test_every_root_and_every_proof_is_that_of_the_definition(leaves: list[bytes]) -> None:
    tree = grown(leaves)
    assert tree.root() == by_definition(leaves)
    for size in range(1, len(leaves) + 1):
        root = by_definition(leaves[:size])
        assert tree.root_at(size) == root
        position = (size * 7) % size
        proof = tree.inclusion_proof(position, size)
        assert proof == path_by_definition(position, leaves[:size])
        assert verify_inclusion(leaf_hash(leaves[position]), position, size, proof, root)
        steps = tree.consistency_proof(size, len(leaves))
        assert steps == consistency_by_definition(size, leaves)
        assert verify_consistency(size, len(leaves), root, tree.root(), steps)


def test_all_positions_of_all_small_trees_are_proven() -> None:
    leaves = numbered(34)
    tree = grown(leaves)
    for size in range(1, 35):
        for position in range(size):
            proof = tree.inclusion_proof(position, size)
            assert proof == path_by_definition(position, leaves[:size])
            root = tree.root_at(size)
            assert verify_inclusion(leaf_hash(leaves[position]), position, size, proof, root)
        for old in range(1, size + 1):
            steps = tree.consistency_proof(old, size)
            roots = tree.root_at(old), tree.root_at(size)
            assert verify_consistency(old, size, *roots, steps)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 1600), st.data())
def test_across_blocks_it_is_the_definition_still(size: int, data: st.DataObject) -> None:
    leaves = numbered(1600)
    tree = grown(leaves)
    position = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(1, size))
    assert tree.root_at(size) == by_definition(leaves[:size])
    assert tree.inclusion_proof(position, size) == path_by_definition(position, leaves[:size])
    assert tree.consistency_proof(old, size) == consistency_by_definition(old, leaves[:size])


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 511, 512, 513, 1000])
def test_a_tree_taken_up_from_its_block_roots_is_the_same_tree(size: int) -> None:
    hashes = [leaf_hash(leaf) for leaf in numbered(size)]
    first = GrowingTree(lambda start, end: hashes[start:end])
    blocks = [block for digest in hashes if (block := first.append(digest)) is not None]
    assert len(blocks) == size // BLOCK_LEAVES
    again = GrowingTree(lambda start, end: hashes[start:end], blocks)
    for digest in hashes[len(blocks) * BLOCK_LEAVES :]:
        assert again.append(digest) is None
    assert again.root() == first.root()
    assert [again.root_at(part) for part in range(size)] == [
        first.root_at(part) for part in range(size)
    ]


@settings(deadline=None)
@given(st.integers(2, 60), st.data())
def test_a_changed_proof_never_holds(size: int, data: st.DataObject) -> None:
    """Any byte changed, any node missing or added, any neighbouring position or size."""
    leaves = numbered(size)
    tree = grown(leaves)
    position = data.draw(st.integers(0, size - 1))
    proof, root = tree.inclusion_proof(position, size), tree.root()
    leaf = leaf_hash(leaves[position])
    at = data.draw(st.integers(0, len(proof) - 1))
    flipped = bytes([proof[at][0] ^ 1]) + proof[at][1:]
    for bad in (
        proof[:at] + [flipped] + proof[at + 1 :],
        proof[:at] + proof[at + 1 :],
        [*proof, root],
        [root, *proof],
    ):
        assert not verify_inclusion(leaf, position, size, bad, root)
    assert not verify_inclusion(leaf, (position + 1) % size, size, proof, root)
    assert not verify_inclusion(leaf, size, size, proof, root)
    assert not verify_inclusion(leaf_hash(b"another"), position, size, proof, root)

    old = data.draw(st.integers(1, size - 1))
    steps, old_root = tree.consistency_proof(old, size), tree.root_at(old)
    at = data.draw(st.integers(0, len(steps) - 1))
    flipped = bytes([steps[at][0] ^ 1]) + steps[at][1:]
    assert not verify_consistency(
        old, size, old_root, root, steps[:at] + [flipped] + steps[at + 1 :]
    )
    assert not verify_consistency(old, size, old_root, root, [*steps, root])
    assert not verify_consistency(old, size, root, root, steps)
    assert not verify_consistency(old, size, old_root, old_root, steps)
    assert not verify_consistency(old, size, old_root, root, [])
