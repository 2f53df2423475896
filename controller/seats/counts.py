"""Refusals counted by name, for every thread, and told to the log without flooding it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import Protocol

LOG_INTERVAL_MS = 10_000
_SOURCES_MAX = 2_048


class Log(Protocol):
    """The part of a structlog logger that is used here."""

    def warning(self, event: str, **fields: object) -> object: ...


class RefusalCounts:
    """How often what was refused, in bounded memory: names are from closed lists.

    The first refusal of a source by a name is logged, then at most one an interval, with how many
    were not shown. Safe to call from every thread.
    """

    def __init__(self, log: Log, now_ms: Callable[[], int]) -> None:
        self._log = log
        self._now_ms = now_ms
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._shown: dict[tuple[str, str], tuple[int, int]] = {}

    def count(self, name: str, source: str, detail: str = "") -> None:
        """One refusal more. ``source`` is a terminal or a part of the service."""
        now_ms = self._now_ms()
        key = (name, source)
        with self._lock:
            self._counts[name] += 1
            known = self._shown.get(key)
            if known is not None and now_ms - known[0] < LOG_INTERVAL_MS:
                self._shown[key] = (known[0], known[1] + 1)
                return
            hidden = known[1] if known is not None else 0
            if known is None and len(self._shown) >= _SOURCES_MAX:
                self._shown.pop(next(iter(self._shown)))
            self._shown[key] = (now_ms, 0)
        self._log.warning("refused", refusal=name, source=source, detail=detail, not_shown=hidden)

    def snapshot(self) -> dict[str, int]:
        """All counts since the start, by name."""
        with self._lock:
            return dict(sorted(self._counts.items()))
