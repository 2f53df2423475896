"""Reading an exported ledger: a CBOR sequence of header, leaves and checkpoints.

The bytes of each leaf are kept as they are in the file: they are what the tree hashes.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import cbor2

FORMAT = "dobush-ledger-1"
_HEADER = {"format", "origin", "log_key", "entries", "checkpoints"}


class UnreadableError(ValueError):
    """The export is not what its format says."""


@dataclass(frozen=True)
class Entry:
    """One line of the ledger; ``fact`` is its decoded body."""

    position: int
    kind: str
    at_ms: int
    fact: dict[str, Any]
    evidence: bytes | None
    leaf: bytes


@dataclass(frozen=True)
class Log:
    origin: str
    log_key: bytes
    entries: list[Entry]
    notes: list[str]


def read(export: bytes) -> Log:
    """The export, shape checked and nothing believed yet; raises UnreadableError."""
    stream = io.BytesIO(export)
    header = _next(stream, "the header")
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise UnreadableError("the header does not say what this is")
    if header.keys() != _HEADER:
        raise UnreadableError(f"the header has the parts {sorted(map(str, header))}")
    count = header["entries"]
    if not isinstance(count, int) or not 0 <= count <= len(export):
        raise UnreadableError(f"{count!r} entries")
    entries = []
    for number in range(count):
        begin = stream.tell()
        item = _next(stream, f"entry {number}")
        entries.append(_entry(number, item, export[begin : stream.tell()]))
    notes: list[str] = []
    while stream.tell() < len(export):
        note = _next(stream, f"checkpoint {len(notes)}")
        if not isinstance(note, str):
            raise UnreadableError(f"checkpoint {len(notes)} is not a text")
        notes.append(note)
    if header["checkpoints"] != len(notes):
        raise UnreadableError(f"{len(notes)} checkpoints, the header says otherwise")
    origin, log_key = header["origin"], header["log_key"]
    if not isinstance(origin, str) or not isinstance(log_key, bytes):
        raise UnreadableError("no origin or no key in the header")
    return Log(origin, log_key, entries, notes)


def roots(leaves: list[bytes], sizes: set[int]) -> dict[int, bytes]:
    """The tree's root (RFC 6962, 2.1) when it had each of these sizes."""
    hashes = [sha256(b"\0" + leaf).digest() for leaf in leaves]
    return {size: _root(hashes, 0, size) for size in sizes if 0 <= size <= len(hashes)}


def _root(hashes: list[bytes], begin: int, end: int) -> bytes:
    if begin == end:
        return sha256(b"").digest()
    if end - begin == 1:
        return hashes[begin]
    half = 1
    while half * 2 < end - begin:
        half *= 2
    left = _root(hashes, begin, begin + half)
    return sha256(b"\1" + left + _root(hashes, begin + half, end)).digest()


def _entry(number: int, item: Any, leaf: bytes) -> Entry:
    if not isinstance(item, list) or len(item) != 6:
        raise UnreadableError(f"entry {number} is not a leaf of six parts")
    position, kind, at_ms, _, body, evidence = item
    if not isinstance(body, bytes) or not isinstance(evidence, bytes | None):
        raise UnreadableError(f"entry {number} has parts of other types")
    fact = _next(io.BytesIO(body), f"the body of entry {number}")
    if not isinstance(fact, dict) or not isinstance(at_ms, int) or not isinstance(position, int):
        raise UnreadableError(f"entry {number} has parts of other types")
    return Entry(position, str(kind), at_ms, fact, evidence, leaf)


def _next(stream: io.BytesIO, what: str) -> Any:
    try:
        return cbor2.CBORDecoder(stream).decode()
    except (cbor2.CBORDecodeError, ValueError, RecursionError) as error:
        raise UnreadableError(f"{what}: {error}") from error
