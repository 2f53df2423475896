"""The screen's fonts from small to huge, as terminal_fw.core.layout measures them.

Promises that a character which a font lacks makes its text too wide for every screen, so that the
layout takes a smaller font; the smallest font shows a question mark instead.
"""

from terminal_fw.drivers.glyph_file import GlyphFile

NAMES = ("small", "medium", "large", "huge")
SMALL = 0
TOO_WIDE = 10000
_UNKNOWN = "?"


class Fonts:
    """All fonts of one folder."""

    def __init__(self, folder: str) -> None:
        self._fonts = [GlyphFile(folder + "/" + name + ".mfont") for name in NAMES]

    def height(self, font: int) -> int:
        return self._fonts[font].height

    def width(self, font: int, text: str) -> int:
        """The width of a text in points."""
        total = 0
        for character in text:
            width = self._fonts[font].width(character)
            if width is None:
                if font != SMALL:
                    return TOO_WIDE
                width = self._fonts[font].width(_UNKNOWN)
            total += width
        return total

    def draw(self, font: int, text: str, screen, x: int, y: int) -> None:
        """Draws a text with its upper left corner at (x, y)."""
        for character in text:
            drawn = self._fonts[font].draw(character, screen, x, y)
            x += drawn or self._fonts[font].draw(_UNKNOWN, screen, x, y)
