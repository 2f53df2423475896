"""Keys, arrays and envelopes from which the vectors are made, without the code they judge."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SEED = bytes(range(32))
MAC_KEY = bytes(range(64, 96))
OTHER_SEED = bytes(range(1, 33))
KEY = Ed25519PrivateKey.from_private_bytes(SEED)
PUBLIC = KEY.public_key().public_bytes_raw()
UP = "hall/osh/seat/s07/up"
DOWN = "hall/osh/seat/s07/down"
ALIVE = "hall/osh/seat/s07/alive"
EDDSA = bytes.fromhex("a10127")
HMAC256 = bytes.fromhex("a10105")
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
ZEROS = bytes(32)
BALLOT = hashlib.sha256(b"a ballot").digest()
HEAD = hashlib.sha256(b"the event before").digest()
BADGE = bytes.fromhex("04a1b2c3")
Case = dict[str, Any]


def dumps(value: Any) -> bytes:
    return cbor2.dumps(value, canonical=True)


def sign1(
    payload: bytes,
    topic: str = UP,
    *,
    seed: bytes = SEED,
    protected: bytes = EDDSA,
    unprotected: Any = None,
    tag: int = 18,
    spoil: Callable[[bytes], bytes] = bytes,
) -> bytes:
    structure = dumps(["Signature1", protected, topic.encode(), payload])
    signature = spoil(Ed25519PrivateKey.from_private_bytes(seed).sign(structure))
    parts = [protected, {} if unprotected is None else unprotected, payload, signature]
    return dumps(cbor2.CBORTag(tag, parts))


def mac0(
    payload: bytes,
    topic: str,
    *,
    key: bytes = MAC_KEY,
    protected: bytes = HMAC256,
    tag: int = 17,
    spoil: Callable[[bytes], bytes] = bytes,
) -> bytes:
    structure = dumps(["MAC0", protected, topic.encode(), payload])
    code = spoil(hmac.new(key, structure, "sha256").digest())
    return dumps(cbor2.CBORTag(tag, [protected, {}, payload, code]))


def sized(count: int, message: bytes) -> bytes:
    if len(message) != count:
        raise ValueError(f"{len(message)} bytes, not {count}")
    return message


def flip(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


def plus_order(signature: bytes) -> bytes:
    answer = int.from_bytes(signature[32:], "little") + ORDER
    return signature[:32] + answer.to_bytes(32, "little")


def event(kind: int, body: list[Any], **other: Any) -> list[Any]:
    fields = {"version": 1, "terminal": "s07", "boot": 5, "sequence": 3, "previous": HEAD}
    fields |= {"view_revision": (2 << 32) | 9} | other
    return [fields["version"], kind, fields["terminal"], fields["boot"], fields["sequence"],
            fields["previous"], fields["view_revision"], body]  # fmt: skip


PRESS = [BALLOT, 1, BADGE]


def heartbeat(**other: Any) -> list[Any]:
    fields = {"version": 1, "type": 32, "terminal": "s07", "boot": 5, "counter": 17}
    fields |= {"uptime_s": 18, "heap_free_bytes": 91000, "outbox_events": 0}
    fields |= {"view_revision": (2 << 32) | 9, "flags": 1, "last_sequence": 3} | other
    return list(fields.values())


def view(**other: Any) -> list[Any]:
    fields: dict[str, Any] = {"version": 1, "type": 64, "terminal": "s07"}
    fields |= {"revision": (2 << 32) | 9, "seat_boot": 5, "accepted_sequence": 3}
    fields |= {"head_hash": HEAD, "wall_ms": 1_790_000_000_000, "language": 0, "sitter": None}
    fields |= {"phase": 0, "ballot": None, "receipt": None, "refusal": None, "floor_place": None}
    fields |= {"microphone": False, "speak_left_ms": None, "notices": [], "result": None} | other
    return list(fields.values())


def plain(value: Any) -> Any:
    """A CBOR value in JSON: bytes as {"bytes": hex}; integers past 2**53 as {"int": digits}."""
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, cbor2.CBORTag):
        return {"tag": value.tag, "value": plain(value.value)}
    if isinstance(value, dict):
        return {"map": [[plain(key), plain(item)] for key, item in value.items()]}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**53:
        return {"int": str(value)}
    return value


def topic_of(parts: list[Any], direction: str) -> str:
    return f"hall/osh/seat/{parts[2]}/{direction}"
