"""A stranger with a CBOR decoder, SHA-256 and Ed25519 proves an exported sitting."""

from __future__ import annotations

import base64
import io
from hashlib import sha256

import cbor2
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from controller.core.facts import BallotCast
from controller.ledger.codec import draft_of
from controller.ledger.export import export
from controller.ledger.memory import MemoryLedger

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def stranger_proves(data: bytes) -> tuple[str, int]:
    """What README.md tells, in code that shares nothing with ours. ValueError: not proven."""
    stream = io.BytesIO(data)
    header = cbor2.load(stream)
    if header["format"] != "dobush-ledger-1":
        raise ValueError("format")
    hashes = []
    for position in range(header["entries"]):
        start = stream.tell()
        leaf = cbor2.load(stream)
        if leaf[0] != position or len(leaf) != 6 or cbor2.loads(leaf[4])["kind"] != leaf[1]:
            raise ValueError(f"leaf {position}")
        hashes.append(sha256(b"\x00" + data[start : stream.tell()]).digest())
    for _ in range(header["checkpoints"]):
        note = cbor2.load(stream)
        if not isinstance(note, str):
            raise ValueError("a checkpoint that is no text")
        text, _, line = note.rpartition("\n\n")
        origin, size, root = text.split("\n")
        raw = base64.b64decode(line.rpartition(" ")[2])
        key_id = sha256(header["origin"].encode() + b"\n\x01" + header["log_key"]).digest()[:4]
        if line != f"— {header['origin']} {base64.b64encode(key_id + raw[4:]).decode()}\n":
            raise ValueError(f"signature line {line!r}")
        key = Ed25519PublicKey.from_public_bytes(header["log_key"])
        key.verify(raw[4:], (text + "\n").encode())
        if origin != header["origin"] or tree_hash(hashes[: int(size)]) != base64.b64decode(root):
            raise ValueError(f"checkpoint {size}")
    if stream.read(1):
        raise ValueError("trailing bytes")
    return header["origin"], header["entries"]


def tree_hash(hashes: list[bytes]) -> bytes:
    if not hashes:
        return sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    middle = 1 << ((len(hashes) - 1).bit_length() - 1)
    return sha256(b"\x01" + tree_hash(hashes[:middle]) + tree_hash(hashes[middle:])).digest()


def filled(count: int) -> MemoryLedger:
    ledger = MemoryLedger("hall", "s1", KEY)
    ledger.sign_checkpoint()
    for number in range(count):
        fact = BallotCast("v1", f"d{number}", "s01", "abstain")
        ledger.append([draft_of(fact, number, number, b"signed" if number % 2 else None)])
    ledger.sign_checkpoint()
    return ledger


def test_an_export_is_proven_by_a_stranger() -> None:
    data = b"".join(export(filled(40)))
    assert stranger_proves(data) == ("dobush/hall/s1", 40)


def test_the_header_is_these_bytes() -> None:
    data = next(iter(export(MemoryLedger("hall", "s1", KEY))))
    assert data == (
        b"\xa5"
        b"\x66format\x6fdobush-ledger-1"
        b"\x66origin\x6edobush/hall/s1"
        b"\x67entries\x00"
        b"\x67log_key\x58\x20" + KEY.public_key().public_bytes_raw() + b"\x6bcheckpoints\x00"
    )


def test_one_changed_byte_anywhere_is_not_proven() -> None:
    data = b"".join(export(filled(5)))
    for index in range(len(data)):
        changed = bytearray(data)
        changed[index] ^= 0x01
        try:
            proven = stranger_proves(bytes(changed))
        except (ValueError, TypeError, KeyError, InvalidSignature, cbor2.CBORDecodeError):
            continue
        pytest.fail(f"byte {index} changed unseen: {proven}")


def test_entries_appended_while_it_is_exported_are_left_out() -> None:
    ledger = filled(3000)
    chunks = export(ledger)
    first = next(chunks)
    ledger.append([draft_of(BallotCast("v1", "late", "s01", "for"), 1, 1)])
    ledger.sign_checkpoint()
    assert stranger_proves(first + b"".join(chunks)) == ("dobush/hall/s1", 3000)
