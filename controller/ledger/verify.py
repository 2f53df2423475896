"""The full proof of a ledger by its port alone: every entry, every checkpoint, every root."""

from __future__ import annotations

from typing import TYPE_CHECKING

from controller.ledger import checkpoint as notes
from controller.ledger.codec import leaf_bytes
from controller.ledger.merkle import GrowingTree, leaf_hash
from controller.ledger.port import LedgerDamaged, Verified

if TYPE_CHECKING:
    from controller.ledger.port import Ledger


def reverify(ledger: Ledger) -> Verified:
    """Read every entry, build the tree anew, and compare it with every signed checkpoint.

    Raises LedgerDamaged. A wrong checkpoint names the first entry that it covers and the one before
    it does not: between the two lies what was changed.
    """
    statements: dict[int, bytes] = {}
    for note in ledger.checkpoints():
        try:
            statement = notes.verify(note, ledger.origin, ledger.log_key)
        except notes.BadCheckpoint as error:
            raise LedgerDamaged(None, f"checkpoint {len(statements)}: {error}") from error
        if statement.size in statements:
            raise LedgerDamaged(None, f"two checkpoints of size {statement.size}")
        statements[statement.size] = statement.root

    tree = GrowingTree(lambda _first, _end: [])
    proven = 0

    def compare() -> None:
        nonlocal proven
        signed = statements.pop(tree.size, None)
        if signed is not None:
            if signed != tree.root():
                detail = f"the root of {tree.size} entries is not the signed one"
                raise LedgerDamaged(proven, detail)
            proven = tree.size

    count = len(statements)
    compare()
    for position, entry in enumerate(ledger.entries()):
        if entry.position != position:
            raise LedgerDamaged(position, f"entry {entry.position} stands in its place")
        tree.append(leaf_hash(leaf_bytes(entry)))
        compare()
    if statements:
        raise LedgerDamaged(tree.size, f"a checkpoint was signed over {max(statements)} entries")
    if tree.root() != ledger.root():
        raise LedgerDamaged(proven, "the root in use is not the root of the entries")
    return Verified(tree.size, tree.root(), count)
