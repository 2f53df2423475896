"""The PN532 badge reader on a UART: carries bytes between the chip and the pure conversation.

Promises never to wait for the chip.
"""

from machine import UART, Pin

from terminal_fw.core.badge_watch import BadgeWatch

UART_BUFFER_BYTES = 256


class BadgeReader:
    """One reader; `uart` may be registered to wake the seat."""

    def __init__(self, board, now_ms: int, phase_ms: int) -> None:
        self.uart = UART(
            board.READER_UART,
            baudrate=board.READER_BAUD,
            tx=Pin(board.READER_TX),
            rx=Pin(board.READER_RX),
            rxbuf=UART_BUFFER_BYTES,
        )
        self._watch = BadgeWatch(now_ms, phase_ms)

    @property
    def badge(self) -> bytes:
        """The badge in the slot; empty when there is none."""
        return self._watch.badge

    def step(self, now_ms: int) -> list:
        """What happened at the slot, as terminal_fw.core.badge_watch names it."""
        received = self.uart.read() if self.uart.any() else b""
        happened = self._watch.step(received or b"", now_ms)
        if self._watch.output:
            self.uart.write(self._watch.output)
        return happened

    def next_deadline_ms(self, _now_ms: int):
        """When the reader must be stepped without any byte from it."""
        return self._watch.next_deadline_ms()
