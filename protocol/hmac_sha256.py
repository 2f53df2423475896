"""HMAC-SHA-256 (RFC 2104) over hashlib's SHA-256, which both interpreters have.

MicroPython has no hmac module. `equal` takes the same time wherever two tags differ.
"""

import hashlib

_BLOCK_BYTES = 64


def mac(key: bytes, data: bytes) -> bytes:
    """The 32-byte tag of `data` under `key`."""
    if len(key) > _BLOCK_BYTES:
        key = hashlib.sha256(key).digest()
    inner = bytearray(b"\x36" * _BLOCK_BYTES)
    outer = bytearray(b"\x5c" * _BLOCK_BYTES)
    for index in range(len(key)):
        inner[index] ^= key[index]
        outer[index] ^= key[index]
    digest = hashlib.sha256(inner)
    digest.update(data)
    whole = hashlib.sha256(outer)
    whole.update(digest.digest())
    return whole.digest()


def equal(one: bytes, other: bytes) -> bool:
    """Whether two tags are the same, in a time that does not tell where they differ."""
    if len(one) != len(other):
        return False
    difference = 0
    for index in range(len(one)):
        difference |= one[index] ^ other[index]
    return difference == 0
