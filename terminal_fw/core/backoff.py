"""Growing, jittered delays between attempts, so that five hundred seats do not knock together.

Promises delays from `first_ms` that double to at most `most_ms`, each lengthened by up to a half
of itself but never beyond `most_ms`. Randomness is passed in as `draw(n)` -> 0..n-1.
"""


class Backoff:
    """The delays of one thing that is tried again and again."""

    def __init__(self, first_ms: int, most_ms: int, draw) -> None:
        self._first_ms = first_ms
        self._most_ms = most_ms
        self._draw = draw
        self._base_ms = first_ms

    def reset(self) -> None:
        """It worked: the next failure begins with the first delay."""
        self._base_ms = self._first_ms

    def next_ms(self) -> int:
        """How long to wait before the next attempt."""
        base_ms = self._base_ms
        self._base_ms = min(self._most_ms, base_ms * 2)
        return min(self._most_ms, base_ms + self._draw(base_ms // 2 + 1))
