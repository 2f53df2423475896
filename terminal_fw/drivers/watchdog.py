"""The watchdog: a main loop that stands still is ended by the chip."""

from machine import WDT


class Watchdog:
    """Armed once; cannot be stopped."""

    def __init__(self, timeout_ms: int) -> None:
        self._watchdog = WDT(timeout=timeout_ms)

    def feed(self) -> None:
        """The main loop is alive."""
        self._watchdog.feed()
