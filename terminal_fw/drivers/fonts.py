"""The screen's fonts from small to huge, as terminal_fw.core.layout measures them.

Promises that a character which a font lacks makes its text too wide for every screen, so that the
layout takes a smaller font; the smallest font shows a question mark instead. Texts are read as code
points: taking characters out of a string would leave each of them in the heap for ever.
"""

from terminal_fw.drivers.glyph_file import GlyphFile

NAMES = ("small", "medium", "large", "huge")
SMALL = 0
TOO_WIDE = 10000
_UNKNOWN = ord("?")


def code_points(text: str):
    """The code points of a text, from its UTF-8 bytes."""
    code = 0
    for byte in text.encode():
        if byte & 0xC0 == 0x80:
            code = code << 6 | byte & 0x3F
            continue
        if code:
            yield code
        if byte < 0x80:
            code = byte
        elif byte < 0xE0:
            code = byte & 0x1F
        else:
            code = byte & (0x0F if byte < 0xF0 else 0x07)
    if code:
        yield code


class Fonts:
    """All fonts of one folder."""

    def __init__(self, folder: str) -> None:
        self._fonts = [GlyphFile(folder + "/" + name + ".mfont") for name in NAMES]

    def height(self, font: int) -> int:
        return self._fonts[font].height

    def width(self, font: int, text: str) -> int:
        """The width of a text in points."""
        glyphs = self._fonts[font]
        total = 0
        for code in code_points(text):
            width = glyphs.width(code)
            if width is None:
                if font != SMALL:
                    return TOO_WIDE
                width = glyphs.width(_UNKNOWN)
            total += width
        return total

    def draw(self, font: int, text: str, screen, x: int, y: int) -> None:
        """Draws a text with its upper left corner at (x, y)."""
        glyphs = self._fonts[font]
        for code in code_points(text):
            x += glyphs.draw(code, screen, x, y) or glyphs.draw(_UNKNOWN, screen, x, y)
