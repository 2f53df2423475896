"""The rounds of SHA-512 in plain Python, for a port without a native emitter.

Slow: each word is a big integer. `sha512` chooses when to load this; tests hold it to hashlib.
"""

from protocol import sha512_words

_MASK = 0xFFFFFFFFFFFFFFFF


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


def digest(message: bytes) -> bytes:
    """SHA-512 of `message`."""
    constants = _words(sha512_words.ROUND_CONSTANTS)
    state = _words(sha512_words.INITIAL_STATE)
    data = sha512_words.padded(message)
    for at in range(0, len(data), 128):
        state = _compress(state, data[at : at + 128], constants)
    return b"".join([word.to_bytes(8, "big") for word in state])
