"""Ed25519 signing (RFC 8032, 5.1) for a small heap.

Promises: deterministic RFC 8032 signatures; no nonce is ever made ahead of its message. Multiples
of the base point come from a table of 49,152 bytes that is read from a file window by window, so
the heap never holds it. Verifying is `ed25519_verify`, which a seat does not load.

Big integers take a time that depends on their values. Against an observer of time and power: every
window costs one addition, the whole table is read in order whatever the scalar, and the
coordinates start from a secret random-looking factor.
"""

import hashlib

from protocol.limits import SEED_BYTES
from protocol.sha512 import digest

P = (1 << 255) - 19
ORDER = (1 << 252) + 27742317777372353535851937790883648493

# Window i of 64 holds the points 1, 3, 5 ... 15 times 16**i times the base point, each as three
# 32-byte little-endian numbers: y + x, y - x, 2dxy modulo P. make_ed25519_table.py writes it.
TABLE_NAME = "ed25519_table.bin"
# fmt: off
TABLE_SHA256 = (
    b"\x7e\x9d\xca\x4a\x47\x40\x10\x76\xd5\x8d\xc5\x79\x8f\x88\x3e\x89"
    b"\x88\xe7\x6c\xe7\xa3\x6e\xeb\xb6\xaa\x10\x7c\x8d\x12\xed\x90\x55"
)
# fmt: on
_WINDOWS = 64
_POINT_BYTES = 96
_WINDOW_BYTES = 8 * _POINT_BYTES

_TABLE_PATH = __file__.rpartition("/")[0] + "/" + TABLE_NAME
if _TABLE_PATH[0] == "/" and __file__[0] != "/":
    _TABLE_PATH = TABLE_NAME  # imported from the directory itself

_window = bytearray(_WINDOW_BYTES)


class SigningKey:
    """A seed and what is derived from it once: scalar, prefix and public key."""

    def __init__(self, seed: bytes) -> None:
        """Derive the key; takes about as long as one signature."""
        if len(seed) != SEED_BYTES:
            raise ValueError("a seed has %d bytes" % SEED_BYTES)
        check_table()
        expanded = digest(seed)
        scalar = int.from_bytes(expanded[:32], "little")
        scalar = (scalar & ((1 << 254) - 8)) | (1 << 254)
        self._scalar = scalar % ORDER
        self._prefix = expanded[32:]
        self.public = _base_times(self._scalar, self._prefix)

    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature of `message`."""
        nonce = int.from_bytes(digest(self._prefix + message), "little") % ORDER
        commitment = _base_times(nonce, self._prefix)
        challenge = int.from_bytes(digest(commitment + self.public + message), "little") % ORDER
        answer = (nonce + challenge * self._scalar) % ORDER
        return commitment + answer.to_bytes(32, "little")


# a seat has one key for its whole life: remember the last one used instead of deriving it again
_last: list = [b"", None]


def _key(seed: bytes) -> SigningKey:
    if _last[1] is None or _last[0] != seed:
        _last[1] = SigningKey(seed)
        _last[0] = bytes(seed)
    return _last[1]


def public_key(seed: bytes) -> bytes:
    """The 32-byte public key of `seed`."""
    return _key(seed).public


def sign(seed: bytes, message: bytes) -> bytes:
    """The 64-byte signature of `message`."""
    return _key(seed).sign(message)


_checked: list = []


def check_table() -> None:
    """Raise ValueError unless the table is the true one; read once in a run.

    A damaged table is more than a wrong signature: two answers for one message, one of them
    over a wrong point, give the key away.
    """
    if _checked:
        return
    total = hashlib.sha256()
    with open(_TABLE_PATH, "rb") as table:
        for _ in range(_WINDOWS):
            if table.readinto(_window) != _WINDOW_BYTES:
                raise ValueError("the table of base points is cut short")
            total.update(_window)
    if total.digest() != TABLE_SHA256:
        raise ValueError("the table of base points is damaged")
    _checked.append(True)


def _base_times(scalar: int, secret: bytes) -> bytes:
    """The encoding of `scalar` times the base point, for 0 <= scalar < ORDER."""
    # An odd scalar is a sum of 64 odd digits from -15 to 15, one a window: the digits are
    # 2n - 15 over the nibbles n of (scalar + 2**256 - 1) / 2. ORDER is odd, so adding it makes
    # an even scalar odd and changes nothing.
    odd = scalar if scalar & 1 else scalar + ORDER
    nibbles = ((odd >> 1) | (1 << 255)).to_bytes(32, "little")
    # the neutral element (0 : 1 : 1), in coordinates multiplied by a secret factor
    factor = int.from_bytes(hashlib.sha256(secret + nibbles).digest(), "little") % P or 1
    x = 0
    y = factor
    z = factor
    t = 0
    window = _window
    half = memoryview(window)
    number = int.from_bytes
    with open(_TABLE_PATH, "rb") as table:
        for index in range(_WINDOWS):
            if table.readinto(window) != _WINDOW_BYTES:
                raise ValueError("the table of base points is cut short")
            nibble = nibbles[index >> 1]
            nibble = nibble >> 4 if index & 1 else nibble & 15
            at = _POINT_BYTES * (nibble - 8 if nibble > 7 else 7 - nibble)
            plus = number(half[at : at + 32], "little")
            minus = number(half[at + 32 : at + 64], "little")
            both = number(half[at + 64 : at + 96], "little")
            if nibble < 8:  # the negative of a point: x changes its sign
                plus, minus, both = minus, plus, P - both
            # mixed addition on the twisted Edwards curve (Hisil and others, 2008, section 3.1)
            a = (y - x) * minus % P
            b = (y + x) * plus % P
            c = t * both % P
            d = z + z
            e = b - a
            f = d - c
            g = d + c
            h = b + a
            x = e * f % P
            y = g * h % P
            z = f * g % P
            t = e * h % P
    return _encode_point(x, y, z)


def _encode_point(x: int, y: int, z: int) -> bytes:
    inverse = pow(z, P - 2, P)  # pow(z, -1, P) is silently wrong on MicroPython
    x = x * inverse % P
    y = y * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")
