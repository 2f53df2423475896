"""The SSD1306 screen chip as an I2C peer, with a camera that takes PNG pictures of it.

Promises the picture memory, the addressing window and the on/off switch as the data sheet has
them (Solomon Systech, SSD1306 rev 1.1), and the same picture as the same bytes.
"""

from __future__ import annotations

import struct
import zlib

WIDTH = 128
HEIGHT = 64
PAGES = HEIGHT // 8
PICTURE_SCALE = 3
_AMBER = (255, 191, 64)
_BLACK = (8, 8, 10)
# commands of more than one byte and how many bytes follow them
_ARGUMENTS = {0x20: 1, 0x21: 2, 0x22: 2, 0x81: 1, 0x8D: 1, 0xA8: 1, 0xD3: 1, 0xD5: 1, 0xD9: 1}
_ARGUMENTS |= {0xDA: 1, 0xDB: 1}
_CONTROL_COMMAND = 0x80
_CONTROL_DATA = 0x40


class Ssd1306:
    """One screen; `revision` grows each time the memory or the switch changes."""

    def __init__(self) -> None:
        self.revision = 0
        self.power_cycle()

    def power_cycle(self) -> None:
        """The screen goes dark and its window goes home."""
        self.memory = bytearray(WIDTH * PAGES)
        self.lit = False
        self.inverted = False
        self._command: list[int] = []
        self._columns = (0, WIDTH - 1)
        self._pages = (0, PAGES - 1)
        self._column = self._page = 0
        self.revision += 1

    def receive(self, data: bytes) -> None:
        """One I2C write: a control byte, then a command byte or picture data."""
        if len(data) < 2:
            return
        if data[0] == _CONTROL_DATA:
            self._write_memory(data[1:])
        elif data[0] == _CONTROL_COMMAND:
            self._take_command_byte(data[1])

    def pixel(self, x: int, y: int) -> bool:
        """Whether the point is lit, as a person in front of the screen sees it."""
        if not self.lit:
            return False
        return bool(self.memory[(y >> 3) * WIDTH + x] >> (y & 7) & 1) != self.inverted

    def png(self) -> bytes:
        """A picture of the screen, three picture points for each of its points."""
        rows = bytearray()
        for y in range(HEIGHT):
            row = b"".join(
                (b"\x01" if self.pixel(x, y) else b"\x00") * PICTURE_SCALE for x in range(WIDTH)
            )
            rows += (b"\x00" + row) * PICTURE_SCALE  # filter type 0 before every row
        header = struct.pack(">2I5B", WIDTH * PICTURE_SCALE, HEIGHT * PICTURE_SCALE, 8, 3, 0, 0, 0)
        return (
            b"\x89PNG\r\n\x1a\n"
            + _chunk(b"IHDR", header)
            + _chunk(b"PLTE", bytes(_BLACK + _AMBER))
            + _chunk(b"IDAT", zlib.compress(bytes(rows), 6))
            + _chunk(b"IEND", b"")
        )

    def _take_command_byte(self, byte: int) -> None:
        self._command.append(byte)
        if len(self._command) <= _ARGUMENTS.get(self._command[0], 0):
            return
        command, *arguments = self._command
        self._command = []
        if command == 0x21:
            self._columns = (arguments[0] & 0x7F, arguments[1] & 0x7F)
            self._column = self._columns[0]
        elif command == 0x22:
            self._pages = (arguments[0] & 7, arguments[1] & 7)
            self._page = self._pages[0]
        elif command in (0xAE, 0xAF):
            self.lit = command == 0xAF
            self.revision += 1
        elif command in (0xA6, 0xA7):
            self.inverted = command == 0xA7
            self.revision += 1

    def _write_memory(self, data: bytes) -> None:
        before = bytes(self.memory)
        for byte in data:
            self.memory[self._page * WIDTH + self._column] = byte
            self._column += 1
            if self._column > self._columns[1]:
                self._column = self._columns[0]
                self._page = self._page + 1 if self._page < self._pages[1] else self._pages[0]
        if self.memory != before:
            self.revision += 1


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
