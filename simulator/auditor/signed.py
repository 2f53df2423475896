"""Signatures: the seats' events (COSE_Sign1, RFC 9052) and the ledger's checkpoints (C2SP note)."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

PRESS = 4
ANSWERS = {1: "for", 2: "against", 3: "abstain"}

_SIGN1 = 18
_EDDSA = b"\xa1\x01\x27"  # {1: -8}


class BadSignatureError(ValueError):
    """Not signed by who should have signed it, or not the expected shape."""


@dataclass(frozen=True)
class Event:
    """What a seat signed. ``digest`` names the whole signed message in the seat's next event."""

    kind: int
    terminal: str
    boot: int
    sequence: int
    previous: bytes
    body: list[Any]
    digest: bytes


@dataclass(frozen=True)
class Note:
    """A checkpoint whose signature is good."""

    size: int
    root: bytes


def named_terminal(message: bytes) -> str:
    """Which terminal the message claims to be from; nothing is proven yet."""
    try:
        return str(cbor2.loads(cbor2.loads(message).value[2])[2])
    except (cbor2.CBORDecodeError, ValueError, TypeError, AttributeError, LookupError) as error:
        raise BadSignatureError(f"not an event: {error}") from error


def open_event(message: bytes, hall: str, terminal: str, key: bytes) -> Event:
    """The event that the terminal of this key signed for this hall; raises BadSignatureError."""
    try:
        envelope = cbor2.loads(message)
        if not isinstance(envelope, cbor2.CBORTag) or envelope.tag != _SIGN1:
            raise BadSignatureError("not a COSE_Sign1")
        protected, _, payload, signature = envelope.value
        if protected != _EDDSA:
            raise BadSignatureError("not signed with EdDSA")
        topic = f"hall/{hall}/seat/{terminal}/up".encode()
        signed = cbor2.dumps(["Signature1", protected, topic, payload])
        Ed25519PublicKey.from_public_bytes(key).verify(signature, signed)
        version, kind, named, boot, sequence, previous, _, body = cbor2.loads(payload)
    except InvalidSignature:
        raise BadSignatureError(f"not signed by the key of {terminal}") from None
    except (cbor2.CBORDecodeError, ValueError, TypeError) as error:
        raise BadSignatureError(f"not an event: {error}") from error
    if version != 1 or named != terminal:
        raise BadSignatureError(f"version {version} of terminal {named!r}")
    return Event(kind, named, boot, sequence, previous, body, sha256(message).digest())


def open_note(note: str, origin: str, key: bytes) -> Note:
    """The checkpoint that this log's key signed; raises BadSignatureError."""
    text, blank, signatures = note.partition("\n\n")
    lines = text.split("\n")
    if not blank or len(lines) != 3 or lines[0] != origin or not lines[1].isdecimal():
        raise BadSignatureError("not a checkpoint of this log")
    key_hash = sha256(origin.encode() + b"\n\x01" + key).digest()[:4]
    for line in signatures.splitlines():
        dash, _, rest = line.partition(" ")
        name, _, encoded = rest.partition(" ")
        if dash != "—" or name != origin:
            continue
        try:
            signature = base64.b64decode(encoded, validate=True)
            root = base64.b64decode(lines[2], validate=True)
            if signature[:4] == key_hash:
                Ed25519PublicKey.from_public_bytes(key).verify(
                    signature[4:], (text + "\n").encode()
                )
                return Note(int(lines[1]), root)
        except (binascii.Error, InvalidSignature) as error:
            raise BadSignatureError("the checkpoint's signature is wrong") from error
    raise BadSignatureError("the checkpoint is not signed by this log's key")
