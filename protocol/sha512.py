"""SHA-512 (FIPS 180-4) for both interpreters.

CPython's hashlib has it. MicroPython's has SHA-256 alone, so there the rounds are done here:
by the native emitter where the port has one (`sha512_native`), in plain Python elsewhere.
"""

import hashlib

# the words K and H(0) of FIPS 180-4, big endian
ROUND_CONSTANTS = bytes.fromhex(
    "428a2f98d728ae227137449123ef65cdb5c0fbcfec4d3b2fe9b5dba58189dbbc"
    "3956c25bf348b53859f111f1b605d019923f82a4af194f9bab1c5ed5da6d8118"
    "d807aa98a303024212835b0145706fbe243185be4ee4b28c550c7dc3d5ffb4e2"
    "72be5d74f27b896f80deb1fe3b1696b19bdc06a725c71235c19bf174cf692694"
    "e49b69c19ef14ad2efbe4786384f25e30fc19dc68b8cd5b5240ca1cc77ac9c65"
    "2de92c6f592b02754a7484aa6ea6e4835cb0a9dcbd41fbd476f988da831153b5"
    "983e5152ee66dfaba831c66d2db43210b00327c898fb213fbf597fc7beef0ee4"
    "c6e00bf33da88fc2d5a79147930aa72506ca6351e003826f142929670a0e6e70"
    "27b70a8546d22ffc2e1b21385c26c9264d2c6dfc5ac42aed53380d139d95b3df"
    "650a73548baf63de766a0abb3c77b2a881c2c92e47edaee692722c851482353b"
    "a2bfe8a14cf10364a81a664bbc423001c24b8b70d0f89791c76c51a30654be30"
    "d192e819d6ef5218d69906245565a910f40e35855771202a106aa07032bbd1b8"
    "19a4c116b8d2d0c81e376c085141ab532748774cdf8eeb9934b0bcb5e19b48a8"
    "391c0cb3c5c95a634ed8aa4ae3418acb5b9cca4f7763e373682e6ff3d6b2b8a3"
    "748f82ee5defb2fc78a5636f43172f6084c87814a1f0ab728cc702081a6439ec"
    "90befffa23631e28a4506cebde82bde9bef9a3f7b2c67915c67178f2e372532b"
    "ca273eceea26619cd186b8c721c0c207eada7dd6cde0eb1ef57d4f7fee6ed178"
    "06f067aa72176fba0a637dc5a2c898a6113f9804bef90dae1b710b35131c471b"
    "28db77f523047d8432caab7b40c724933c9ebe0a15c9bebc431d67c49c100d4c"
    "4cc5d4becb3e42b6597f299cfc657e2a5fcb6fab3ad6faec6c44198c4a475817"
)
INITIAL_STATE = bytes.fromhex(
    "6a09e667f3bcc908bb67ae8584caa73b3c6ef372fe94f82ba54ff53a5f1d36f1"
    "510e527fade682d19b05688c2b3e6c1f1f83d9abfb41bd6b5be0cd19137e2179"
)

_MASK = 0xFFFFFFFFFFFFFFFF


def padded(message: bytes) -> bytes:
    """The message with the padding of FIPS 180-4, a whole number of 128-byte blocks."""
    zeros = (-len(message) - 17) % 128
    return message + b"\x80" + bytes(zeros) + (8 * len(message)).to_bytes(16, "big")


def _words(data: bytes) -> list:
    return [int.from_bytes(data[at : at + 8], "big") for at in range(0, len(data), 8)]


def _compress(state: list, block: bytes, constants: list) -> list:
    words = _words(block)
    for index in range(16, 80):
        # a word beside itself makes a rotation one shift; what is too high goes with the last mask
        two = words[index - 15]
        small0 = two >> 7
        two |= two << 64
        small0 ^= (two >> 1) ^ (two >> 8)
        two = words[index - 2]
        small1 = two >> 6
        two |= two << 64
        small1 ^= (two >> 19) ^ (two >> 61)
        words.append((words[index - 16] + small0 + words[index - 7] + small1) & _MASK)
    a, b, c, d, e, f, g, h = state
    for index in range(80):
        two = e | e << 64
        first = (two >> 14) ^ (two >> 18) ^ (two >> 41)
        first += h + (g ^ (e & (f ^ g))) + constants[index] + words[index]
        two = a | a << 64
        second = (two >> 28) ^ (two >> 34) ^ (two >> 39)
        second += (a & b) | (c & (a | b))
        h = g
        g = f
        f = e
        e = (d + first) & _MASK
        d = c
        c = b
        b = a
        a = (first + second) & _MASK
    after = (a, b, c, d, e, f, g, h)
    return [(state[index] + after[index]) & _MASK for index in range(8)]


def portable_digest(message: bytes) -> bytes:
    """SHA-512 of `message` in plain Python: slow, for a port without a native emitter."""
    constants = _words(ROUND_CONSTANTS)
    state = _words(INITIAL_STATE)
    data = padded(message)
    for at in range(0, len(data), 128):
        state = _compress(state, data[at : at + 128], constants)
    return b"".join([word.to_bytes(8, "big") for word in state])


def _hashlib_digest(message: bytes) -> bytes:
    return hashlib.sha512(message).digest()


if hasattr(hashlib, "sha512"):
    digest = _hashlib_digest
else:
    try:
        from protocol.sha512_native import digest
    except (ImportError, SyntaxError, ValueError):  # no file, no emitter, another machine's code
        digest = portable_digest
