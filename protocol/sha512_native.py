"""The rounds of SHA-512 for MicroPython's native emitter; `sha512` chooses when to load this.

Ten times as fast as plain Python on a board, because no word becomes a big integer: each 64-bit
word is two 32-bit halves, high half first. Never loaded by CPython. mpy-cross needs the board's
architecture (-march) for this file; a port without an emitter refuses it and loses only speed.
"""
# mypy: ignore-errors
# ruff: noqa: F821 - ptr32 and uint are words of the viper emitter

import micropython

from protocol import sha512_words


@micropython.viper
def _schedule(w: ptr32, mask: uint):
    """Fill words 16 to 79 of the message schedule; `mask` is 32 ones (registers may have 64)."""
    i = 32
    while i < 160:
        xh = uint(w[i - 30])
        xl = uint(w[i - 29])
        yh = uint(w[i - 4])
        yl = uint(w[i - 3])
        ah = (((xh >> 1) | (xl << 31)) ^ ((xh >> 8) | (xl << 24)) ^ (xh >> 7)) & mask
        al = (((xl >> 1) | (xh << 31)) ^ ((xl >> 8) | (xh << 24)) ^ ((xl >> 7) | (xh << 25))) & mask
        bh = (((yh >> 19) | (yl << 13)) ^ ((yl >> 29) | (yh << 3)) ^ (yh >> 6)) & mask
        bl = (
            ((yl >> 19) | (yh << 13)) ^ ((yh >> 29) | (yl << 3)) ^ ((yl >> 6) | (yh << 26))
        ) & mask
        # four low halves are added in 16-bit steps, so that the carry shows in any register
        p = uint(w[i - 31])
        q = uint(w[i - 13])
        lo = (al & 0xFFFF) + (bl & 0xFFFF) + (p & 0xFFFF) + (q & 0xFFFF)
        hi = (al >> 16) + (bl >> 16) + (p >> 16) + (q >> 16) + (lo >> 16)
        w[i + 1] = int(((hi << 16) | (lo & 0xFFFF)) & mask)
        w[i] = int((ah + bh + uint(w[i - 32]) + uint(w[i - 14]) + (hi >> 16)) & mask)
        i += 2


@micropython.viper
def _rounds(s: ptr32, w: ptr32, k: ptr32, mask: uint):
    """80 rounds over the state `s` of 16 halves, a to h, with words `w` and constants `k`."""
    i = 0
    while i < 160:
        eh = uint(s[8])
        el = uint(s[9])
        th = (
            ((eh >> 14) | (el << 18)) ^ ((eh >> 18) | (el << 14)) ^ ((el >> 9) | (eh << 23))
        ) & mask
        tl = (
            ((el >> 14) | (eh << 18)) ^ ((el >> 18) | (eh << 14)) ^ ((eh >> 9) | (el << 23))
        ) & mask
        fh = uint(s[10])
        fl = uint(s[11])
        gh = uint(s[12])
        gl = uint(s[13])
        ch = gh ^ (eh & (fh ^ gh))
        cl = gl ^ (el & (fl ^ gl))
        p = uint(s[15])
        q = uint(w[i + 1])
        r = uint(k[i + 1])
        lo = (tl & 0xFFFF) + (cl & 0xFFFF) + (p & 0xFFFF) + (q & 0xFFFF) + (r & 0xFFFF)
        hi = (tl >> 16) + (cl >> 16) + (p >> 16) + (q >> 16) + (r >> 16) + (lo >> 16)
        tl = ((hi << 16) | (lo & 0xFFFF)) & mask
        th = (th + ch + uint(s[14]) + uint(w[i]) + uint(k[i]) + (hi >> 16)) & mask

        ah = uint(s[0])
        al = uint(s[1])
        bh = uint(s[2])
        bl = uint(s[3])
        p = uint(s[4])
        q = uint(s[5])
        uh = (((ah >> 28) | (al << 4)) ^ ((al >> 2) | (ah << 30)) ^ ((al >> 7) | (ah << 25))) & mask
        ul = (((al >> 28) | (ah << 4)) ^ ((ah >> 2) | (al << 30)) ^ ((ah >> 7) | (al << 25))) & mask
        mh = (ah & bh) | (p & (ah | bh))
        ml = (al & bl) | (q & (al | bl))

        s[14] = int(gh)
        s[15] = int(gl)
        s[12] = int(fh)
        s[13] = int(fl)
        s[10] = int(eh)
        s[11] = int(el)
        r = uint(s[7])
        lo = (r & 0xFFFF) + (tl & 0xFFFF)
        hi = (r >> 16) + (tl >> 16) + (lo >> 16)
        s[9] = int(((hi << 16) | (lo & 0xFFFF)) & mask)
        s[8] = int((uint(s[6]) + th + (hi >> 16)) & mask)
        s[6] = int(p)
        s[7] = int(q)
        s[4] = int(bh)
        s[5] = int(bl)
        s[2] = int(ah)
        s[3] = int(al)
        lo = (tl & 0xFFFF) + (ul & 0xFFFF) + (ml & 0xFFFF)
        hi = (tl >> 16) + (ul >> 16) + (ml >> 16) + (lo >> 16)
        s[1] = int(((hi << 16) | (lo & 0xFFFF)) & mask)
        s[0] = int((th + uh + mh + (hi >> 16)) & mask)
        i += 2


@micropython.viper
def _load(words: ptr32, data: ptr8, at: int, count: int):
    """Big-endian bytes from `at` into `count` halves."""
    i = 0
    while i < count:
        words[i] = (data[at] << 24) | (data[at + 1] << 16) | (data[at + 2] << 8) | data[at + 3]
        at += 4
        i += 1


@micropython.viper
def _add(total: ptr32, part: ptr32, mask: uint):
    """Add the eight words of `part` to those of `total`."""
    i = 0
    while i < 16:
        p = uint(total[i + 1])
        q = uint(part[i + 1])
        lo = (p & 0xFFFF) + (q & 0xFFFF)
        hi = (p >> 16) + (q >> 16) + (lo >> 16)
        total[i + 1] = int(((hi << 16) | (lo & 0xFFFF)) & mask)
        total[i] = int((uint(total[i]) + uint(part[i]) + (hi >> 16)) & mask)
        i += 2


@micropython.viper
def _store(data: ptr8, words: ptr32):
    """The sixteen halves of `words` as big-endian bytes."""
    i = 0
    while i < 16:
        half = words[i]
        data[4 * i] = half >> 24
        data[4 * i + 1] = half >> 16
        data[4 * i + 2] = half >> 8
        data[4 * i + 3] = half
        i += 1


_ONES = 0xFFFFFFFF
_constants = bytearray(640)
_load(_constants, sha512_words.ROUND_CONSTANTS, 0, 160)
_schedule_words = bytearray(640)
_state = bytearray(64)


def digest(message: bytes) -> bytes:
    """SHA-512 of `message`. Works in buffers of the module: one caller at a time."""
    total = bytearray(64)
    _load(total, sha512_words.INITIAL_STATE, 0, 16)
    data = sha512_words.padded(message)
    for at in range(0, len(data), 128):
        _load(_schedule_words, data, at, 32)
        _schedule(_schedule_words, _ONES)
        _state[:] = total
        _rounds(_state, _schedule_words, _constants, _ONES)
        _add(total, _state, _ONES)
    _store(_state, total)
    return bytes(_state)
