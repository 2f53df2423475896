"""The frames of the PN532 badge reader (high-speed UART, NXP UM0701-02 chapter 6.2).

Promises to find whole, undamaged frames in whatever pieces the UART gives, and to throw away the
rest; never to keep more than `BUFFER_BYTES_MAX`. Knows no UART.
"""

ACK = b"\x00\x00\xff\x00\xff\x00"
WAKE_UP = b"\x55\x55" + b"\x00" * 14  # the chip hears nothing before this after it was powered
BUFFER_BYTES_MAX = 300

IS_ACK = 1
IS_RESPONSE = 2
IS_ERROR = 3

_TO_CHIP = 0xD4
_TO_HOST = 0xD5
_ERROR_CODE = 0x7F


def command_frame(command: int, data: bytes = b"") -> bytes:
    """A command to the chip as one frame."""
    body = bytes((_TO_CHIP, command)) + data
    length = len(body)
    head = bytes((0, 0, 0xFF, length, -length & 0xFF))
    return head + body + bytes((-sum(body) & 0xFF, 0))


class BadgeFrames:
    """The parser: `feed` takes bytes and gives (kind, command, data) for every whole frame."""

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> list:
        """Every frame that `data` completes; `command` is that of the command answered."""
        self._buffer += data
        found = []
        while True:
            used, item = self._take()
            if used == 0:
                break
            self._buffer = self._buffer[used:]
            if item is not None:
                found.append(item)
        if len(self._buffer) > BUFFER_BYTES_MAX:
            self._buffer = self._buffer[-BUFFER_BYTES_MAX:]
        return found

    def clear(self) -> None:
        """Forgets a part of a frame."""
        self._buffer = b""

    def _take(self):
        """(bytes used, frame or None); nothing used means that more bytes are needed."""
        buffer = self._buffer
        start = buffer.find(b"\x00\xff")
        if start < 0:
            return max(0, len(buffer) - 1), None
        if len(buffer) < start + 4:
            return 0, None
        length = buffer[start + 2]
        if length == 0 and buffer[start + 3] == 0xFF:
            return start + 4, (IS_ACK, 0, b"")
        if (length + buffer[start + 3]) & 0xFF or length == 0:
            return start + 2, None
        end = start + 4 + length
        if len(buffer) < end + 1:
            return 0, None
        body = buffer[start + 4 : end]
        if (sum(body) + buffer[end]) & 0xFF:
            return end + 1, None
        if body[0] == _ERROR_CODE:
            return end + 1, (IS_ERROR, 0, b"")
        if body[0] != _TO_HOST or length < 2:
            return end + 1, None
        return end + 1, (IS_RESPONSE, body[1] - 1, body[2:])
