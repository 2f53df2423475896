"""The PN532 badge reader chip as a UART peer (high-speed UART frames, NXP UM0701-02).

Promises the commands that a seat uses: GetFirmwareVersion, SAMConfiguration, RFConfiguration,
InListPassiveTarget and the abort by an ACK frame. While its retries are unlimited and no card is
in the field, InListPassiveTarget waits inside the chip, as the real one does.
"""

from __future__ import annotations

from collections.abc import Callable

ACK = bytes.fromhex("0000ff00ff00")
_ERROR_FRAME = bytes.fromhex("0000ff01ff7f8100")
_TO_CHIP = 0xD4
_TO_HOST = 0xD5
_GET_FIRMWARE = 0x02
_SAM_CONFIGURATION = 0x14
_RF_CONFIGURATION = 0x32
_LIST_TARGET = 0x4A
_RETRIES_ITEM = 0x05
_RETRIES_FOR_EVER = 0xFF
_BUFFER_BYTES_MAX = 300


class Pn532:
    """One reader chip; `send` is called with what it puts on its transmit line."""

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._send = send
        self._card = b""
        self.power_cycle()

    def power_cycle(self) -> None:
        """The chip forgets its settings and sleeps; a card in the field stays there."""
        self._buffer = bytearray()
        self._awake = False
        self._retries = _RETRIES_FOR_EVER
        self._listing = False

    def insert_card(self, uid: bytes) -> None:
        """A card comes into the field; a waiting InListPassiveTarget answers at once."""
        self._card = uid
        if self._listing:
            self._listing = False
            self._respond(_LIST_TARGET, self._target_data())

    def remove_card(self) -> None:
        """The card leaves the field; the chip notices only when it is asked."""
        self._card = b""

    @property
    def card(self) -> bytes:
        return self._card

    def receive(self, data: bytes) -> None:
        """Bytes from the seat's transmit line."""
        if not self._awake:
            start = data.find(b"\x55")
            if start < 0:
                return
            self._awake = True
            data = data[start:]
        self._buffer += data
        while self._take_frame():
            pass
        if len(self._buffer) > _BUFFER_BYTES_MAX:
            del self._buffer[:-2]

    def _take_frame(self) -> bool:
        start = self._buffer.find(b"\x00\xff")
        if start < 0 or len(self._buffer) < start + 4:
            return False
        length, length_check = self._buffer[start + 2], self._buffer[start + 3]
        if (length, length_check) == (0x00, 0xFF):  # ACK: abort what runs
            del self._buffer[: start + 4]
            self._listing = False
            return True
        if (length + length_check) & 0xFF:
            del self._buffer[: start + 2]
            return True
        end = start + 4 + length
        if len(self._buffer) < end + 1:
            return False
        body, check = bytes(self._buffer[start + 4 : end]), self._buffer[end]
        del self._buffer[: end + 1]
        if (sum(body) + check) & 0xFF or len(body) < 2 or body[0] != _TO_CHIP:
            return True  # a damaged frame is not acknowledged
        self._send_command_answer(body[1], body[2:])
        return True

    def _send_command_answer(self, command: int, data: bytes) -> None:
        self._listing = False
        if command == _GET_FIRMWARE:
            self._respond(command, bytes.fromhex("32010607"), ACK)
        elif command == _SAM_CONFIGURATION:
            self._respond(command, b"", ACK)
        elif command == _RF_CONFIGURATION:
            if len(data) == 4 and data[0] == _RETRIES_ITEM:
                self._retries = data[3]
            self._respond(command, b"", ACK)
        elif command == _LIST_TARGET:
            if self._card or self._retries != _RETRIES_FOR_EVER:
                self._respond(command, self._target_data(), ACK)
            else:
                self._listing = True
                self._send(ACK)
        else:
            self._send(ACK + _ERROR_FRAME)

    def _target_data(self) -> bytes:
        if not self._card:
            return b"\x00"
        # one target, number 1, SENS_RES and SEL_RES of an ISO 14443A card, then its identifier
        return bytes((1, 1, 0x00, 0x04, 0x08, len(self._card))) + self._card

    def _respond(self, command: int, data: bytes, before: bytes = b"") -> None:
        body = bytes((_TO_HOST, command + 1)) + data
        checks = bytes((len(body), -len(body) & 0xFF))
        self._send(before + b"\x00\x00\xff" + checks + body + bytes((-sum(body) & 0xFF, 0)))
