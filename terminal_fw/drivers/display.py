"""The seat's screen, an SSD1306 on I2C.

Promises that a screen that fails or is missing never stops the vote: its picture is drawn again
when it answers, and the fault is told once. A whole picture takes 23 ms at 400 kHz.
"""

from machine import I2C, Pin

from terminal_fw.core.ticks import is_due, ticks_add
from terminal_fw.vendored.ssd1306 import SSD1306_I2C

RETRY_MS = 5000


class Display:
    """One screen. `draw` takes the places that terminal_fw.core.layout computes."""

    def __init__(self, board, fonts) -> None:
        self.faulty = False
        self._board = board
        self._fonts = fonts
        self._i2c = I2C(
            board.DISPLAY_I2C,
            scl=Pin(board.DISPLAY_SCL),
            sda=Pin(board.DISPLAY_SDA),
            freq=board.DISPLAY_FREQUENCY_HZ,
        )
        self._screen = None
        self._places = ()
        self._retry_ms = None

    def draw(self, places: list, now_ms: int) -> None:
        """Shows these texts instead of what was shown."""
        self._places = places
        if self._retry_ms is None:
            self._show(now_ms)

    def step(self, now_ms: int) -> None:
        """Tries a failed screen again."""
        if self._retry_ms is not None and is_due(self._retry_ms, now_ms):
            self._show(now_ms)

    def next_deadline_ms(self, _now_ms: int):
        """When a failed screen is tried again; None when it works."""
        return self._retry_ms

    def _show(self, now_ms: int) -> None:
        try:
            if self._screen is None:
                self._screen = SSD1306_I2C(
                    self._board.DISPLAY_WIDTH,
                    self._board.DISPLAY_HEIGHT,
                    self._i2c,
                    self._board.DISPLAY_ADDRESS,
                )
            self._screen.fill(0)
            for x, y, font, text in self._places:
                self._fonts.draw(font, text, self._screen, x, y)
            self._screen.show()
        except OSError:
            self._screen = None  # it must be set up again: it may have lost its supply
            self._retry_ms = ticks_add(now_ms, RETRY_MS)
            self.faulty = True
        else:
            self._retry_ms = None
            self.faulty = False
