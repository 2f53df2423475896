"""Where the rows of a screen stand: lines wrapped at words, the largest font that fits.

Promises that no line is wider than the screen and nothing stands below it. A line is broken at
spaces, never at a non-breaking one. Fonts are numbers from small to large;
`fonts.width(font, text)` and `fonts.height(font)` measure them.
"""

from terminal_fw.core.screens import BIG, HEAD, NOTE, TIMER, TITLE
from terminal_fw.core.ticks import ticks_add, ticks_diff

WIDTH = 128
HEIGHT = 64
SMALL = 0
PAGE_MS = 2500
TITLE_LINES_MAX = 2
_GAP = 4  # between a number and the text beside it
_MARGIN = 2  # large letters keep off the frame


class Layout:
    """Turns rows into (x, y, font, text); remembers since when a long title is being turned."""

    def __init__(self, fonts, font_count: int) -> None:
        self._fonts = fonts
        self._largest = font_count - 1
        self._rows = None
        self._page = 0
        self._pages = 1
        self._title = None
        self._title_since_ms = 0
        self._title_lines = None

    def place(self, rows: tuple, now_ms: int):
        """The places of all texts, or None when nothing has changed since the last call."""
        page = ticks_diff(now_ms, self._title_since_ms) // PAGE_MS % self._pages
        if rows == self._rows and page == self._page:
            return None
        title = None
        for row in rows:
            if row[0] == TITLE:
                title = row[1]
        if title != self._title:
            self._title = title
            self._title_since_ms = now_ms
            self._pages = 1
            page = 0
        self._rows = rows
        self._page = page
        return self._place(rows)

    def next_deadline_ms(self, now_ms: int):
        """When the title's next page is due; None when it has one."""
        if self._pages == 1:
            return None
        into_ms = ticks_diff(now_ms, self._title_since_ms) % PAGE_MS
        return ticks_add(now_ms, PAGE_MS - into_ms)

    def wrap(self, font: int, text: str, width: int = WIDTH) -> list:
        """The text in lines that fit the width; a word that is wider is cut."""
        lines = []
        line = ""
        for word in text.split(" "):
            longer = line + " " + word if line else word
            if self._fonts.width(font, longer) <= width:
                line = longer
                continue
            if line:
                lines.append(line)
            line = word
            while self._fonts.width(font, line) > width:
                fits = self._fitting(font, line, width)
                lines.append(line[:fits])
                line = line[fits:]
        if line:
            lines.append(line)
        return lines

    def _fitting(self, font: int, text: str, width: int) -> int:
        count = len(text)
        while count > 1 and self._fonts.width(font, text[:count]) > width:
            count -= 1
        return count

    def _place(self, rows: tuple) -> list:
        blocks = []  # (font, lines) or a TIMER row
        used = 0
        big = None
        for row in rows:
            block = self._block(row)
            if block is None:
                big = len(blocks)
            else:
                used += self._height(block)
            blocks.append(block)
        if big is not None:
            blocks[big] = self._largest_fitting(
                rows[big][1], self._largest, WIDTH - 2 * _MARGIN, HEIGHT - used
            )
            used += self._height(blocks[big])
        return self._stack(blocks, max(0, HEIGHT - used))

    def _block(self, row: tuple):
        kind = row[0]
        if kind == BIG:
            return None
        if kind == TIMER:
            return row
        if kind == HEAD:
            return (SMALL, self.wrap(SMALL, row[1])[:1])
        if kind == NOTE:
            return (SMALL, self.wrap(SMALL, row[1])[:2])
        lines = self._wrapped_title(row[1])
        self._pages = max(1, (len(lines) + TITLE_LINES_MAX - 1) // TITLE_LINES_MAX)
        first = self._page % self._pages * TITLE_LINES_MAX
        return (SMALL, lines[first : first + TITLE_LINES_MAX])

    def _wrapped_title(self, title: str) -> list:
        """The lines of the title; wrapped once, not each second while the time runs."""
        if self._title_lines is None or self._title_lines[0] != title:
            self._title_lines = (title, self.wrap(SMALL, title))
        return self._title_lines[1]

    def _largest_fitting(self, text: str, largest: int, width: int, room: int) -> tuple:
        """(font, lines): the largest font that shows the text whole, no word cut."""
        for font in range(largest, SMALL, -1):
            lines = self.wrap(font, text, width)
            if len(lines) * self._fonts.height(font) <= room and " ".join(lines) == text:
                return (font, lines)
        return (SMALL, self.wrap(SMALL, text, width)[: room // self._fonts.height(SMALL)])

    def _height(self, block: tuple) -> int:
        if block[0] == TIMER and len(block) == 3:
            return self._fonts.height(self._largest)
        return self._fonts.height(block[0]) * len(block[1])

    def _stack(self, blocks: list, free: int) -> list:
        """From top to bottom, every line centred, the free room shared out between the rows."""
        places = []
        gap = free // (len(blocks) + 1) if len(blocks) != 2 else free // 3
        y = gap
        for block in blocks:
            if block[0] == TIMER and len(block) == 3:
                self._place_timer(block, y, places)
            else:
                font, lines = block
                for index in range(len(lines)):
                    x = (WIDTH - self._fonts.width(font, lines[index])) // 2
                    places.append((x, y + index * self._fonts.height(font), font, lines[index]))
            y += self._height(block) + gap
        return places

    def _place_timer(self, row: tuple, y: int, places: list) -> None:
        """The number on the left, its text beside it, at most in the second font."""
        number = str(row[1])
        places.append((0, y, self._largest, number))
        left = self._fonts.width(self._largest, number) + _GAP
        room = self._fonts.height(self._largest)
        font, lines = self._largest_fitting(row[2], SMALL + 1, WIDTH - left, room)
        line_height = self._fonts.height(font)
        top = y + (room - len(lines) * line_height) // 2
        for index in range(len(lines)):
            x = left + (WIDTH - left - self._fonts.width(font, lines[index])) // 2
            places.append((max(left, x), top + index * line_height, font, lines[index]))
