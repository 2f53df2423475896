"""The ledger in memory, for tests of what stands on it: the same promises, until it ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from controller.ledger import checkpoint as notes
from controller.ledger.codec import leaf_bytes
from controller.ledger.merkle import GrowingTree, leaf_hash
from controller.ledger.port import (
    Draft,
    Entry,
    LedgerDamaged,
    LedgerError,
    LedgerFailed,
    Verified,
    check_drafts,
    entry_of,
    origin_of,
)
from controller.ledger.verify import reverify


class MemoryLedger:
    """See ``port.Ledger``. It is full after ``entries_max`` entries, as a disk would be."""

    def __init__(
        self, hall: str, sitting: str, key: Ed25519PrivateKey, *, entries_max: int | None = None
    ) -> None:
        self._origin = origin_of(hall, sitting)
        self._key = key
        self._entries_max = entries_max
        self._entries: list[Entry] = []
        self._hashes: list[bytes] = []
        self._checkpoints: dict[int, str] = {}
        self._tree = GrowingTree(lambda first, end: self._hashes[first:end])
        self._lock = threading.RLock()
        self._failed = False
        self._closed = False

    @property
    def origin(self) -> str:
        return self._origin

    @property
    def log_key(self) -> bytes:
        return self._key.public_key().public_bytes_raw()

    @property
    def size(self) -> int:
        return len(self._entries)

    def append(self, drafts: Sequence[Draft]) -> list[Entry]:
        check_drafts(drafts)
        with self._lock:
            self._check_usable()
            entries = [entry_of(self.size + index, draft) for index, draft in enumerate(drafts)]
            if self._entries_max is not None and self.size + len(entries) > self._entries_max:
                self._failed = True
                raise LedgerFailed(f"memory is full at {self._entries_max} entries")
            for entry in entries:
                digest = leaf_hash(leaf_bytes(entry))
                self._tree.append(digest)
                self._hashes.append(digest)
            self._entries.extend(entries)
            return entries

    def entries(self, first: int = 0) -> Iterator[Entry]:
        if first < 0:
            raise IndexError(f"no entry {first}")
        for position in range(first, self.size):
            self._check_usable()
            entry = self._entries[position]
            if leaf_hash(leaf_bytes(entry)) != self._hashes[position]:
                raise LedgerDamaged(position, "the entry does not match its hash")
            yield entry

    def root(self) -> bytes:
        with self._lock:
            self._check_usable()
            return self._tree.root()

    def root_at(self, size: int) -> bytes:
        with self._lock:
            self._check_usable()
            return self._tree.root_at(size)

    def sign_checkpoint(self) -> str:
        with self._lock:
            self._check_usable()
            if self.size not in self._checkpoints:
                statement = notes.Checkpoint(self._origin, self.size, self._tree.root())
                self._checkpoints[self.size] = notes.sign(statement, self._key)
            return self._checkpoints[self.size]

    def checkpoints(self) -> list[str]:
        with self._lock:
            self._check_usable()
            return list(self._checkpoints.values())

    def inclusion_proof(self, position: int, size: int) -> list[bytes]:
        with self._lock:
            self._check_usable()
            return self._tree.inclusion_proof(position, size)

    def consistency_proof(self, old_size: int, new_size: int) -> list[bytes]:
        with self._lock:
            self._check_usable()
            return self._tree.consistency_proof(old_size, new_size)

    def verify(self) -> Verified:
        return reverify(self)

    def close(self) -> None:
        self._closed = True

    def _check_usable(self) -> None:
        if self._failed:
            raise LedgerFailed("the ledger failed before")
        if self._closed:
            raise LedgerError("the ledger is closed")
