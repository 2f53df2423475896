"""The signed head of a ledger: a C2SP tlog-checkpoint, which is a C2SP signed note. Pure.

    dobush/<hall>/<sitting>
    <number of entries>
    <base64 of the root>

    — dobush/<hall>/<sitting> <base64 of key id and Ed25519 signature>

The signature covers the text up to and with the newline after the root. Formats:
c2sp.org/tlog-checkpoint and c2sp.org/signed-note.
"""

from __future__ import annotations

import base64
import binascii
import re
from hashlib import sha256

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from controller.ledger.merkle import HASH_BYTES

NOTE_BYTES_MAX = 16 * 1024  # room for the signatures of many witnesses
SIGNATURES_MAX = 32

_ED25519 = b"\x01"
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_SIGNATURE_LINE = re.compile("— (?P<name>[^\\s+]+) (?P<signature>[A-Za-z0-9+/]+={0,2})")


class Checkpoint(msgspec.Struct, frozen=True):
    """The statement: the log named ``origin`` has ``size`` entries and this root."""

    origin: str
    size: int
    root: bytes


class BadCheckpoint(ValueError):  # noqa: N818 - it says what is bad
    """The note is not a checkpoint of this log signed by this key; the message says why."""


def key_id(name: str, public_key: bytes) -> bytes:
    """The four bytes by which a note names an Ed25519 key."""
    return sha256(name.encode() + b"\n" + _ED25519 + public_key).digest()[:4]


def body(checkpoint: Checkpoint) -> str:
    """The text that is signed."""
    root = base64.b64encode(checkpoint.root).decode()
    return f"{checkpoint.origin}\n{checkpoint.size}\n{root}\n"


def sign(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> str:
    """The whole note, signed under the log's origin as the key's name."""
    text = body(checkpoint)
    public_key = key.public_key().public_bytes_raw()
    signature = key_id(checkpoint.origin, public_key) + key.sign(text.encode())
    return f"{text}\n— {checkpoint.origin} {base64.b64encode(signature).decode()}\n"


def parse(note: str) -> Checkpoint:
    """What the note states, NOT yet verified. Raises BadCheckpoint."""
    return _read(note)[0]


def verify(note: str, origin: str, public_key: bytes) -> Checkpoint:
    """What the note states, signed by this log. Other signatures (witnesses) are passed over."""
    checkpoint, text, signatures = _read(note)
    if checkpoint.origin != origin:
        raise BadCheckpoint(f"it is of {checkpoint.origin!r}, not of {origin!r}")
    wanted = key_id(origin, public_key)
    ours = [raw for name, raw in signatures if name == origin and raw[:4] == wanted]
    if not ours:
        raise BadCheckpoint("no signature by this log's key")
    for raw in ours:
        try:
            Ed25519PublicKey.from_public_bytes(public_key).verify(raw[4:], text.encode())
        except InvalidSignature:
            raise BadCheckpoint("the signature is wrong") from None
    return checkpoint


def _read(note: str) -> tuple[Checkpoint, str, list[tuple[str, bytes]]]:
    if len(note.encode()) > NOTE_BYTES_MAX:
        raise BadCheckpoint(f"longer than {NOTE_BYTES_MAX} bytes")
    if any(character < " " and character != "\n" for character in note):
        raise BadCheckpoint("a control character")
    head, blank, tail = note.rpartition("\n\n")
    if not blank or not tail.endswith("\n"):
        raise BadCheckpoint("no blank line before the signatures, or no newline at the end")
    text = head + "\n"
    signatures = [_read_signature(line) for line in tail[:-1].split("\n")]
    if len(signatures) > SIGNATURES_MAX:
        raise BadCheckpoint(f"more than {SIGNATURES_MAX} signatures")
    lines = head.split("\n")
    if len(lines) != 3 or not lines[0]:
        raise BadCheckpoint(f"{len(lines)} lines of text, not origin, size and root")
    if not _SIZE.fullmatch(lines[1]):
        raise BadCheckpoint(f"size {lines[1]!r}")
    root = _strict_base64(lines[2])
    if len(root) != HASH_BYTES:
        raise BadCheckpoint(f"a root of {len(root)} bytes")
    return Checkpoint(lines[0], int(lines[1]), root), text, signatures


def _read_signature(line: str) -> tuple[str, bytes]:
    match = _SIGNATURE_LINE.fullmatch(line)
    if match is None:
        raise BadCheckpoint(f"signature line {line!r}")
    raw = _strict_base64(match["signature"])
    if len(raw) < 5:
        raise BadCheckpoint("a signature shorter than its key id")
    return match["name"], raw


def _strict_base64(text: str) -> bytes:
    """Standard alphabet, padded, no stray bits: one text for one value."""
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise BadCheckpoint(f"not base64: {text!r}") from None
    if base64.b64encode(raw).decode() != text:
        raise BadCheckpoint(f"base64 that is not canonical: {text!r}")
    return raw
