"""A whole ledger as one CBOR sequence (RFC 8742) that a stranger can verify; see README.md.

First the header, then every leaf exactly as the tree hashes it, then the checkpoints as texts.
"""

from __future__ import annotations

from collections.abc import Iterator

import cbor2

from controller.ledger.checkpoint import parse
from controller.ledger.codec import leaf_bytes
from controller.ledger.port import Ledger

FORMAT = "dobush-ledger-1"

_CHUNK_BYTES = 64 * 1024


def export(ledger: Ledger) -> Iterator[bytes]:
    """The export in chunks, with the entries that there are when the first chunk is asked for."""
    size = ledger.size
    checkpoints = [note for note in ledger.checkpoints() if parse(note).size <= size]
    header = {
        "format": FORMAT,
        "origin": ledger.origin,
        "log_key": ledger.log_key,
        "entries": size,
        "checkpoints": len(checkpoints),
    }
    chunk = bytearray(cbor2.dumps(header, canonical=True))
    for entry in ledger.entries():
        if entry.position == size:
            break
        chunk += leaf_bytes(entry)
        if len(chunk) >= _CHUNK_BYTES:
            yield bytes(chunk)
            chunk.clear()
    for note in checkpoints:
        chunk += cbor2.dumps(note, canonical=True)
    yield bytes(chunk)
