"""What every store of a sitting's entries promises: append durably, read in order, prove.

An entry exists when ``append`` has returned it, not before: it is then on stable storage. Entries
are numbered from 0 without a gap and are never changed. After ``LedgerFailed`` nobody knows what
the disk holds, so the ledger refuses everything and the process has to end; opening it again
tells the truth. A store knows bytes only; ``codec`` turns facts into bodies and back.
"""

# ruff: noqa: N818 - an error here is named by what happened, as facts are

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Protocol

import msgspec

KIND_CHARACTERS_MAX = 64
BODY_BYTES_MAX = 8 * 1024 * 1024  # a prepared sitting of 500 people takes about 0.5 MiB
EVIDENCE_BYTES_MAX = 4096  # the exact bytes of one seat's event
BATCH_ENTRIES_MAX = 10_000
INTEGER_MAX = 2**63 - 1  # SQLite's; a time or a position above it is a fault

_HALL = re.compile(r"[a-z0-9-]{1,16}")
_SITTING = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Draft(msgspec.Struct, frozen=True):
    """A fact ready to be appended. ``body`` is the fact's deterministic CBOR, made by ``codec``.

    ``at_ms`` is hall time; ``wall_ms`` is Unix time, recorded and never used. ``evidence`` is the
    signed message of a seat from which the fact was decided, byte for byte as received.
    """

    fact_kind: str
    body: bytes
    at_ms: int
    wall_ms: int
    evidence: bytes | None = None


class Entry(msgspec.Struct, frozen=True):
    """One line of the ledger, in its place for ever."""

    position: int
    fact_kind: str
    body: bytes
    at_ms: int
    wall_ms: int
    evidence: bytes | None = None


class Verified(msgspec.Struct, frozen=True):
    """What a full re-read has proven: this many entries under this root, and every checkpoint."""

    entries: int
    root: bytes
    checkpoints: int


class LedgerError(Exception):
    """Base of everything a ledger raises."""


class DraftRefused(LedgerError, ValueError):
    """A draft breaks a named limit. Nothing was written and the ledger goes on."""


class LedgerFailed(LedgerError):
    """Storage failed or is full. Nobody knows whether the last batch is there: end the process."""


class LedgerBusy(LedgerError):
    """Another controller holds this ledger. Two of them must never append."""


class LedgerMismatch(LedgerError):
    """A sound file of another hall, sitting, key or schema version."""


class LedgerDamaged(LedgerError):
    """The content is not what was written. ``position`` is the first entry that cannot be trusted.

    ``position`` is None where the damage lies outside every entry (identity, file header).
    """

    def __init__(self, position: int | None, detail: str) -> None:
        where = "outside the entries" if position is None else f"at entry {position}"
        super().__init__(f"ledger damaged {where}: {detail}")
        self.position = position
        self.detail = detail


class Ledger(Protocol):
    """The port. Every method may be called from any thread; only one process has the ledger."""

    @property
    def origin(self) -> str:
        """The log's name in checkpoints: ``dobush/<hall>/<sitting>``."""

    @property
    def log_key(self) -> bytes:
        """The Ed25519 public key (32 bytes) that verifies the checkpoints."""

    @property
    def size(self) -> int:
        """How many entries are durable. The newest position is one less."""

    def append(self, drafts: Sequence[Draft]) -> list[Entry]:
        """Write all drafts, in order, in one durable commit; all of them or none.

        Raises DraftRefused before anything is written, LedgerFailed when storage fails.
        """

    def entries(self, first: int = 0) -> Iterator[Entry]:
        """Entries from ``first`` on, as many as there are now; each is checked as it is read."""

    def root(self) -> bytes:
        """The RFC 6962 tree hash of all entries."""

    def root_at(self, size: int) -> bytes:
        """The tree hash when the ledger had ``size`` entries."""

    def sign_checkpoint(self) -> str:
        """The signed note over the present size and root, stored durably; one of each size."""

    def checkpoints(self) -> list[str]:
        """All notes ever signed, by growing size."""

    def inclusion_proof(self, position: int, size: int) -> list[bytes]:
        """The audit path of an entry in the tree of ``size`` entries."""

    def consistency_proof(self, old_size: int, new_size: int) -> list[bytes]:
        """The proof that the tree of ``new_size`` only appended to the tree of ``old_size``."""

    def verify(self) -> Verified:
        """Read everything again and prove it; raises LedgerDamaged, naming the position."""

    def close(self) -> None:
        """Give the ledger up; what was appended is durable already. May be called twice."""


def origin_of(hall: str, sitting: str) -> str:
    """The log's origin; raises ValueError for a name that a note could not carry."""
    if not _HALL.fullmatch(hall):
        raise ValueError(f"hall {hall!r} is not 1 to 16 of a-z, 0-9 and -")
    if not _SITTING.fullmatch(sitting):
        raise ValueError(f"sitting {sitting!r} is not 1 to 64 of letters, digits, '.', '_' and '-'")
    return f"dobush/{hall}/{sitting}"


def check_drafts(drafts: Sequence[Draft]) -> None:
    """Every store asks this before it touches anything. Raises DraftRefused."""
    if len(drafts) > BATCH_ENTRIES_MAX:
        raise DraftRefused(f"{len(drafts)} drafts in one batch, at most {BATCH_ENTRIES_MAX}")
    for index, draft in enumerate(drafts):
        kind_length = len(draft.fact_kind)
        if not (1 <= kind_length <= KIND_CHARACTERS_MAX and draft.fact_kind.isascii()):
            raise DraftRefused(f"draft {index}: kind {draft.fact_kind!r}")
        if not 1 <= len(draft.body) <= BODY_BYTES_MAX:
            raise DraftRefused(f"draft {index}: body of {len(draft.body)} bytes")
        if draft.evidence is not None and not 1 <= len(draft.evidence) <= EVIDENCE_BYTES_MAX:
            raise DraftRefused(f"draft {index}: evidence of {len(draft.evidence)} bytes")
        if not (0 <= draft.at_ms <= INTEGER_MAX and 0 <= draft.wall_ms <= INTEGER_MAX):
            raise DraftRefused(f"draft {index}: time {draft.at_ms}, {draft.wall_ms}")


def entry_of(position: int, draft: Draft) -> Entry:
    """The entry that a draft becomes at its position."""
    return Entry(position, draft.fact_kind, draft.body, draft.at_ms, draft.wall_ms, draft.evidence)
