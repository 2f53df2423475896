"""What every ledger promises, asked of every store that we have."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from controller.core.facts import BallotCast, RegistrationOpened, SeatLost
from controller.ledger import checkpoint as notes
from controller.ledger.codec import draft_of, leaf_bytes
from controller.ledger.memory import MemoryLedger
from controller.ledger.merkle import (
    EMPTY_ROOT,
    leaf_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from controller.ledger.port import (
    BATCH_ENTRIES_MAX,
    BODY_BYTES_MAX,
    EVIDENCE_BYTES_MAX,
    Draft,
    DraftRefused,
    Ledger,
    LedgerError,
    LedgerFailed,
    Verified,
)
from controller.ledger.sqlite import SqliteLedger

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC_KEY = KEY.public_key().public_bytes_raw()
ORIGIN = "dobush/bishkek/2026-11-23"

Store = Callable[[int | None], Ledger]


def draft(number: int = 0) -> Draft:
    evidence = bytes([number % 256]) * 200 if number % 2 else None
    return draft_of(SeatLost(f"s{number}"), number * 10, 1_800_000_000_000, evidence)


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Makes a fresh ledger with room for so many entries (None: any number)."""
    made: list[Ledger] = []

    def make(entries_max: int | None) -> Ledger:
        if request.param == "memory":
            made.append(MemoryLedger("bishkek", "2026-11-23", KEY, entries_max=entries_max))
        else:
            ledger = SqliteLedger.create_or_open(tmp_path / "l", "bishkek", "2026-11-23", KEY)
            if entries_max is not None:
                # the file may not grow by one page more
                ledger._connection.execute("PRAGMA max_page_count = 1")
            made.append(ledger)
        return made[-1]

    yield make
    for ledger in made:
        ledger.close()


@pytest.fixture
def ledger(store: Store) -> Ledger:
    return store(None)


def test_a_new_ledger_is_empty_and_its_root_is_the_hash_of_nothing(ledger: Ledger) -> None:
    assert ledger.size == 0
    assert list(ledger.entries()) == []
    assert ledger.root() == ledger.root_at(0) == EMPTY_ROOT
    assert ledger.checkpoints() == []
    assert (ledger.origin, ledger.log_key) == (ORIGIN, PUBLIC_KEY)
    assert ledger.verify() == Verified(0, EMPTY_ROOT, 0)


def test_entries_come_back_in_order_as_they_were_appended(ledger: Ledger) -> None:
    drafts = [draft(number) for number in range(7)]
    first = ledger.append(drafts[:3])
    second = ledger.append(drafts[3:])
    assert [entry.position for entry in first + second] == list(range(7))
    for entry, given in zip(first + second, drafts, strict=True):
        assert (entry.fact_kind, entry.body) == (given.fact_kind, given.body)
        assert (entry.at_ms, entry.wall_ms) == (given.at_ms, given.wall_ms)
        assert entry.evidence == given.evidence
    assert list(ledger.entries()) == first + second
    assert list(ledger.entries(5)) == second[2:]
    assert list(ledger.entries(7)) == []
    assert ledger.size == 7


def test_appending_nothing_changes_nothing(ledger: Ledger) -> None:
    assert ledger.append([]) == []
    assert ledger.size == 0


def test_the_root_is_the_tree_hash_of_the_leaves_at_every_size(ledger: Ledger) -> None:
    hashes = []
    for length in (1, 2, 253, 1, 300, 5):
        for entry in ledger.append([draft(number) for number in range(length)]):
            hashes.append(leaf_hash(leaf_bytes(entry)))
        assert ledger.root() == root_of(hashes)
    for size in range(0, len(hashes) + 1, 37):
        assert ledger.root_at(size) == root_of(hashes[:size])


def test_proofs_hold_against_the_roots(ledger: Ledger) -> None:
    entries = ledger.append([draft(number) for number in range(600)])
    for position, size in ((0, 1), (0, 600), (255, 256), (256, 257), (511, 600), (599, 600)):
        proof = ledger.inclusion_proof(position, size)
        leaf = leaf_hash(leaf_bytes(entries[position]))
        assert verify_inclusion(leaf, position, size, proof, ledger.root_at(size))
    for old, new in ((1, 600), (255, 256), (256, 600), (300, 513), (600, 600)):
        proof = ledger.consistency_proof(old, new)
        roots = ledger.root_at(old), ledger.root_at(new)
        assert verify_consistency(old, new, *roots, proof)


@pytest.mark.parametrize("ask", ["root", "inclusion", "consistency", "entries"])
def test_what_is_not_there_yet_is_refused(ledger: Ledger, ask: str) -> None:
    ledger.append([draft()])
    with pytest.raises(IndexError):
        {
            "root": lambda: ledger.root_at(2),
            "inclusion": lambda: ledger.inclusion_proof(1, 1),
            "consistency": lambda: ledger.consistency_proof(1, 2),
            "entries": lambda: list(ledger.entries(-1)),
        }[ask]()
    assert ledger.append([draft()])[0].position == 1


def test_a_checkpoint_states_size_and_root_and_is_signed_once_for_each_size(ledger: Ledger) -> None:
    empty = ledger.sign_checkpoint()
    ledger.append([draft(), draft(1)])
    note = ledger.sign_checkpoint()
    assert ledger.sign_checkpoint() == note
    assert notes.verify(empty, ORIGIN, PUBLIC_KEY) == notes.Checkpoint(ORIGIN, 0, EMPTY_ROOT)
    assert notes.verify(note, ORIGIN, PUBLIC_KEY) == notes.Checkpoint(ORIGIN, 2, ledger.root())
    ledger.append([draft()])
    newest = ledger.sign_checkpoint()
    assert ledger.checkpoints() == [empty, note, newest]
    assert ledger.verify() == Verified(3, ledger.root(), 3)


@pytest.mark.parametrize(
    "bad",
    [
        Draft("", b"x", 0, 0),
        Draft("добуш", b"x", 0, 0),
        Draft("k" * 65, b"x", 0, 0),
        Draft("k", b"", 0, 0),
        Draft("k", bytes(BODY_BYTES_MAX + 1), 0, 0),
        Draft("k", b"x", -1, 0),
        Draft("k", b"x", 0, 2**63),
        Draft("k", b"x", 0, 0, b""),
        Draft("k", b"x", 0, 0, bytes(EVIDENCE_BYTES_MAX + 1)),
    ],
    ids=lambda bad: f"{bad.fact_kind[:3]}-{len(bad.body)}-{bad.at_ms}-{bad.wall_ms}",
)
def test_a_draft_beyond_a_limit_is_refused_and_the_ledger_goes_on(
    ledger: Ledger, bad: Draft
) -> None:
    with pytest.raises(DraftRefused):
        ledger.append([draft(), bad])
    assert ledger.size == 0
    assert ledger.append([draft()])[0].position == 0


def test_a_draft_at_every_limit_is_kept(ledger: Ledger) -> None:
    widest = Draft("k" * 64, bytes(BODY_BYTES_MAX), 2**63 - 1, 2**63 - 1, bytes(EVIDENCE_BYTES_MAX))
    (entry,) = ledger.append([widest])
    assert list(ledger.entries()) == [entry]
    with pytest.raises(DraftRefused):
        ledger.append([draft()] * (BATCH_ENTRIES_MAX + 1))


def test_where_there_is_no_room_the_append_fails_and_everything_after_it(store: Store) -> None:
    full = store(0)
    with pytest.raises(LedgerFailed):
        full.append([draft_of(RegistrationOpened(), 1, 1, bytes(4000))] * 100)
    for refused in (
        lambda: full.append([draft()]),
        lambda: full.append([]),
        full.root,
        full.sign_checkpoint,
        full.checkpoints,
        lambda: full.root_at(0),
        full.verify,
    ):
        with pytest.raises(LedgerFailed):
            refused()
    assert full.size == 0


def test_a_closed_ledger_refuses_and_may_be_closed_again(ledger: Ledger) -> None:
    ledger.append([draft()])
    ledger.close()
    ledger.close()
    with pytest.raises(LedgerError, match="closed"):
        ledger.append([draft()])
    with pytest.raises(LedgerError, match="closed"):
        list(ledger.entries())


def test_a_reader_in_another_thread_sees_whole_entries_while_the_writer_appends(
    ledger: Ledger,
) -> None:
    seen: list[int] = []

    def read() -> None:
        for _ in range(30):
            entries = list(ledger.entries())
            assert [entry.position for entry in entries] == list(range(len(entries)))
            seen.append(len(entries))

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(200):
        fact = BallotCast("v1", f"d{number}", "s01", "against")
        ledger.append([draft_of(fact, number, number)] * 3)
    reader.join()
    assert len(seen) == 30
    assert seen == sorted(seen)
