"""The Merkle tree of RFC 6962 (section 2.1): hashes, proofs and their verification. Pure.

A leaf is hashed with the prefix 0x00 and a node with 0x01, so that neither passes for the other.
The growing tree keeps one hash for every 256 leaves: what a store has to keep to open at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

HASH_BYTES = 32
BLOCK_HEIGHT = 8
BLOCK_LEAVES = 1 << BLOCK_HEIGHT
EMPTY_ROOT = sha256(b"").digest()

LeafHashes = Callable[[int, int], Sequence[bytes]]
"""The leaf hashes from the first position up to, without, the second."""


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of one entry's leaf bytes."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


def root_of(leaf_hashes: Iterable[bytes]) -> bytes:
    """The tree hash over a list of leaf hashes."""
    peaks: list[bytes] = []
    for size, leaf in enumerate(leaf_hashes):
        _push(peaks, leaf, size)
    return _fold(peaks)


class GrowingTree:
    """The tree of an append-only log: root at any time, root and proofs at any earlier size.

    Memory: 32 bytes for every 256 leaves. Older leaf hashes are asked back from ``leaf_hashes``.
    """

    def __init__(self, leaf_hashes: LeafHashes, blocks: Sequence[bytes] = ()) -> None:
        """``blocks``: the roots of the complete blocks of 256 leaves with which the log begins."""
        self._leaf_hashes = leaf_hashes
        self._blocks: list[bytes] = []
        self._peaks: list[bytes] = []
        for number, block in enumerate(blocks):
            _push(self._peaks, block, number)
            self._blocks.append(block)
        self.size = len(self._blocks) * BLOCK_LEAVES

    def append(self, leaf: bytes) -> bytes | None:
        """Add a leaf hash. Returns the root of the block that it completes, if it completes one."""
        node, below, completed = leaf, self.size, None
        height = 0
        while below & 1:
            node = node_hash(self._peaks.pop(), node)
            below >>= 1
            height += 1
            if height == BLOCK_HEIGHT:
                completed = node
                self._blocks.append(node)
        self._peaks.append(node)
        self.size += 1
        return completed

    def root(self) -> bytes:
        """The tree hash of all leaves, in about log2(size) hashes."""
        return _fold(self._peaks)

    def root_at(self, size: int) -> bytes:
        """The tree hash of the first ``size`` leaves."""
        if not 0 <= size <= self.size:
            raise IndexError(f"no root at size {size}: the tree has {self.size} leaves")
        return self._range_root(0, size) if size else EMPTY_ROOT

    def inclusion_proof(self, position: int, size: int) -> list[bytes]:
        """PATH(position, D[size]) of RFC 6962, 2.1.1: from the leaf's sibling up."""
        if not 0 <= position < size <= self.size:
            raise IndexError(f"no proof of entry {position} in {size} of {self.size}")
        path: list[bytes] = []
        first, end = 0, size
        while end - first > 1:
            middle = first + _split(end - first)
            if position < middle:
                path.append(self._range_root(middle, end))
                end = middle
            else:
                path.append(self._range_root(first, middle))
                first = middle
        path.reverse()
        return path

    def consistency_proof(self, old_size: int, new_size: int) -> list[bytes]:
        """PROOF(old_size, D[new_size]) of RFC 6962, 2.1.2; empty for equal sizes."""
        if not 0 < old_size <= new_size <= self.size:
            raise IndexError(f"no proof from size {old_size} to {new_size} of {self.size}")
        path: list[bytes] = []
        first, end, old_is_whole = 0, new_size, True
        while old_size != end:
            middle = first + _split(end - first)
            if old_size <= middle:
                path.append(self._range_root(middle, end))
                end = middle
            else:
                path.append(self._range_root(first, middle))
                first, old_is_whole = middle, False
        if not old_is_whole:
            path.append(self._range_root(first, end))
        path.reverse()
        return path

    def _range_root(self, first: int, end: int) -> bytes:
        """Root of the leaves [first, end), as the splits of the RFC make them."""
        count = end - first
        if count < BLOCK_LEAVES or first % BLOCK_LEAVES:
            return root_of(self._leaf_hashes(first, end))
        peaks: list[bytes] = []
        whole = count // BLOCK_LEAVES
        start = first // BLOCK_LEAVES
        for number, block in enumerate(self._blocks[start : start + whole]):
            _push(peaks, block, number)
        if count % BLOCK_LEAVES:
            peaks.append(root_of(self._leaf_hashes(first + whole * BLOCK_LEAVES, end)))
        return _fold(peaks)


def verify_inclusion(
    leaf: bytes, position: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """Whether ``proof`` shows the leaf hash at ``position`` of the tree (RFC 9162, 2.1.3.2)."""
    if not 0 <= position < size:
        return False
    node, index, last = leaf, position, size - 1
    for sibling in proof:
        if last == 0 or len(sibling) != HASH_BYTES:
            return False
        if index & 1 or index == last:
            node = node_hash(sibling, node)
            while not index & 1 and index:
                index >>= 1
                last >>= 1
        else:
            node = node_hash(node, sibling)
        index >>= 1
        last >>= 1
    return last == 0 and node == root


def verify_consistency(
    old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether ``proof`` shows that the new tree only appended to the old (RFC 9162, 2.1.4.2)."""
    if not 0 < old_size <= new_size or any(len(node) != HASH_BYTES for node in proof):
        return False
    if old_size == new_size:
        return not proof and old_root == new_root
    nodes = list(proof)
    if old_size & (old_size - 1) == 0:
        nodes.insert(0, old_root)
    if not nodes:
        return False
    index, last = old_size - 1, new_size - 1
    while index & 1:
        index >>= 1
        last >>= 1
    old = new = nodes[0]
    for node in nodes[1:]:
        if last == 0:
            return False
        if index & 1 or index == last:
            old = node_hash(node, old)
            new = node_hash(node, new)
            while not index & 1 and index:
                index >>= 1
                last >>= 1
        else:
            new = node_hash(new, node)
        index >>= 1
        last >>= 1
    return last == 0 and old == old_root and new == new_root


def _push(peaks: list[bytes], node: bytes, size: int) -> None:
    """Add the next node of one height to the peaks of ``size`` such nodes."""
    while size & 1:
        node = node_hash(peaks.pop(), node)
        size >>= 1
    peaks.append(node)


def _fold(peaks: Sequence[bytes]) -> bytes:
    if not peaks:
        return EMPTY_ROOT
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node_hash(peak, root)
    return root


def _split(count: int) -> int:
    """The largest power of two below ``count`` (count > 1)."""
    power: int = 1 << ((count - 1).bit_length() - 1)
    return power
