"""The frames between a simulated board and its host: `[kind u8][length u16 BE][payload]`.

Promises to cut a byte stream into frames whatever the pieces it arrives in. The same kinds are
written on the board's side in `micropython/machine.py`.
"""

from __future__ import annotations

# host -> board
POWER = 0x01
PIN_LEVEL = 0x02
UART_INPUT = 0x03
# board -> host
PIN_OUTPUT = 0x11
UART_OUTPUT = 0x12
I2C_WRITE = 0x13
WATCHDOG = 0x14

RESET_EXIT_CODE = 75  # the firmware asked for machine.reset()
PAYLOAD_BYTES_MAX = 0xFFFF
_HEADER_BYTES = 3


def frame(kind: int, payload: bytes) -> bytes:
    """One frame as bytes."""
    return bytes((kind,)) + len(payload).to_bytes(2, "big") + payload


class FrameParser:
    """Collects bytes and gives back whole frames."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """Every frame (kind, payload) that `data` completes, in order."""
        self._buffer += data
        frames = []
        start = 0
        while len(self._buffer) - start >= _HEADER_BYTES:
            end = start + _HEADER_BYTES + int.from_bytes(self._buffer[start + 1 : start + 3], "big")
            if len(self._buffer) < end:
                break
            frames.append((self._buffer[start], bytes(self._buffer[start + _HEADER_BYTES : end])))
            start = end
        del self._buffer[:start]
        return frames
