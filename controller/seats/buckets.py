"""Token buckets: how many messages a source may send. Pure, integer milliseconds."""

from __future__ import annotations

from collections.abc import Hashable

_MILLI = 1_000


class Buckets:
    """One bucket for each key; the caller bounds the number of keys. Not thread-safe."""

    def __init__(self, burst: int, per_s: int) -> None:
        self._full = burst * _MILLI
        self._per_ms = per_s  # thousandths of a token for each millisecond
        self._levels: dict[Hashable, tuple[int, int]] = {}

    def take(self, key: Hashable, now_ms: int) -> bool:
        """Take one token; False when there is none. Time that goes back refills nothing."""
        level, at_ms = self._levels.get(key, (self._full, now_ms))
        level = min(self._full, level + max(0, now_ms - at_ms) * self._per_ms)
        enough = level >= _MILLI
        self._levels[key] = (level - _MILLI if enough else level, max(now_ms, at_ms))
        return enough
