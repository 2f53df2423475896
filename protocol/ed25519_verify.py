"""Strict Ed25519 verification (RFC 8032, 5.1.7) in plain Python.

Promises: accepts only canonical encodings, S below the group order, and points A and R that are
not of small order; without a cofactor, by comparing bytes. Slow (milliseconds), readable and the
same on both interpreters: for enrolment, tests and vectors. A seat does not load it.
"""

from protocol.ed25519 import ORDER, P
from protocol.limits import PUBLIC_KEY_BYTES, SIGNATURE_BYTES
from protocol.sha512 import digest

D = -121665 * pow(121666, P - 2, P) % P
_ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
_NEUTRAL = (0, 1, 1, 0)


def decode_point(data: bytes):
    """The point (x, y, 1, xy) of its canonical encoding, or None where there is none."""
    if len(data) != 32:
        return None
    y = int.from_bytes(data, "little")
    sign = y >> 255
    y &= (1 << 255) - 1
    if y >= P:
        return None
    # x**2 = (y**2 - 1) / (d y**2 + 1)
    over = (y * y - 1) % P
    under = (D * y * y + 1) % P
    x = over * pow(under, 3, P) * pow(over * pow(under, 7, P) % P, (P - 5) // 8, P) % P
    square = under * x * x % P
    if square == (P - over) % P and over:
        x = x * _ROOT_OF_MINUS_ONE % P
    elif square != over:
        return None
    if x == 0 and sign:
        return None
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


def add(one, other):
    """The sum of two points in extended coordinates."""
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c = 2 * D * one[3] * other[3] % P
    d = 2 * one[2] * other[2] % P
    e = b - a
    f = d - c
    g = d + c
    h = b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(scalar: int, point):
    """`scalar` times `point`. Not for secret scalars: its time tells them."""
    result = _NEUTRAL
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


def encode_point(point) -> bytes:
    """The canonical encoding of a point."""
    inverse = pow(point[2], P - 2, P)
    x = point[0] * inverse % P
    y = point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def has_small_order(point) -> bool:
    """Whether eight times the point is the neutral element."""
    eight = times(8, point)
    return eight[0] == 0 and eight[1] == eight[2]


def is_sound_public_key(public: bytes) -> bool:
    """Whether `public` may be enrolled: canonical, on the curve, not of small order."""
    if len(public) != PUBLIC_KEY_BYTES:
        return False
    point = decode_point(public)
    return point is not None and not has_small_order(point)


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` is one of `message` by the holder of `public`'s seed."""
    if len(public) != PUBLIC_KEY_BYTES or len(signature) != SIGNATURE_BYTES:
        return False
    answer = int.from_bytes(signature[32:], "little")
    if answer >= ORDER:
        return False
    key = decode_point(public)
    commitment = decode_point(signature[:32])
    if key is None or commitment is None:
        return False
    if has_small_order(key) or has_small_order(commitment):
        return False
    challenge = int.from_bytes(digest(signature[:32] + public + message), "little") % ORDER
    negative = (P - key[0], key[1], 1, P - key[3])
    found = add(times(answer, BASE), times(challenge, negative))
    return encode_point(found) == signature[:32]


BASE = decode_point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
