"""A font that stays in flash: index and pictures are read in place from the read-only file system.

File: b"DMF1", height u8, count u16, then for every character its code u16, width u8 and place u16,
by ascending code, then the pictures, each of height rows of (width + 7) // 8 bytes, leftmost point
in the highest bit. Numbers are big-endian. terminal_fw/build_image.py writes it.
"""

import framebuf

MAGIC = b"DMF1"
_ENTRY_BYTES = 5
_HEAD_BYTES = 7


class GlyphFile:
    """One font, opened once."""

    def __init__(self, path: str) -> None:
        data = _in_place(path)
        if bytes(data[:4]) != MAGIC:
            raise ValueError(path)
        self.height = data[4]
        self._count = data[5] << 8 | data[6]
        self._index = data[_HEAD_BYTES : _HEAD_BYTES + self._count * _ENTRY_BYTES]
        self._pictures = data[_HEAD_BYTES + self._count * _ENTRY_BYTES :]

    def width(self, code: int):
        """The width of a code point, None when the font lacks it."""
        entry = self._find(code)
        return None if entry < 0 else self._index[entry + 2]

    def draw(self, code: int, screen, x: int, y: int) -> int:
        """Draws a code point; gives its width, 0 when the font lacks it."""
        entry = self._find(code)
        if entry < 0:
            return 0
        index = self._index
        width = index[entry + 2]
        start = index[entry + 3] << 8 | index[entry + 4]
        picture = bytearray(self._pictures[start : start + (width + 7) // 8 * self.height])
        glyph = framebuf.FrameBuffer(picture, width, self.height, framebuf.MONO_HLSB)
        screen.blit(glyph, x, y, 0)
        return width

    def _find(self, code: int) -> int:
        """The place of a character in the index, -1 when it is not there."""
        index = self._index
        low, high = 0, self._count
        while low < high:
            middle = (low + high) // 2
            entry = middle * _ENTRY_BYTES
            found = index[entry] << 8 | index[entry + 1]
            if found == code:
                return entry
            if found < code:
                low = middle + 1
            else:
                high = middle
        return -1


def _in_place(path: str):
    """The bytes of a file: where they lie, or a copy when the file system cannot show them."""
    file = open(path, "rb")
    try:
        return memoryview(file)
    except TypeError:
        with file:
            return memoryview(file.read())
