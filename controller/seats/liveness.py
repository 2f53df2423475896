"""Which seats are heard. Pure: time is an argument, nothing is sent, nothing is logged.

A seat is heard while fresh authentic messages come from it. Silence for longer than the limit loses
it; the next fresh message brings it back. A last will is a hint that cannot be authenticated: it
makes the silence count from now, with a shorter limit, and one fresh message takes it back.
"""

from __future__ import annotations

import heapq

from controller.core.commands import LoseSeat, RestoreSeat

SILENT_LIMIT_MS = 1_900
# longer than from one heartbeat to the next: the will of a connection that is dead comes when the
# seat has already made a new one
GONE_LIMIT_MS = 1_200
# after the controller's own start: seats find the broker again with a back-off of up to 3 s
START_GRACE_MS = 5_000


class Liveness:
    """The deadline of every heard seat. Not thread-safe: the writer's own."""

    def __init__(
        self, silent_limit_ms: int = SILENT_LIMIT_MS, gone_limit_ms: int = GONE_LIMIT_MS
    ) -> None:
        self._silent_limit_ms = silent_limit_ms
        self._gone_limit_ms = gone_limit_ms
        # a seat that is missing here is lost, or was never heard
        self._deadlines: dict[str, int] = {}
        # when each seat is looked at next: never later than its deadline, which may have moved on
        self._looks: dict[str, int] = {}
        self._heap: list[tuple[int, str]] = []

    def expect(self, terminal: str, now_ms: int, grace_ms: int = START_GRACE_MS) -> None:
        """At the controller's start: the ledger says that this seat was heard."""
        self._set(terminal, now_ms + grace_ms)

    def heard(self, terminal: str, now_ms: int) -> RestoreSeat | None:
        """A fresh authentic message came. The command is there when the seat was not heard before.

        For a hello the command is not needed: saying hello is being heard.
        """
        was_heard = terminal in self._deadlines
        self._set(terminal, now_ms + self._silent_limit_ms)
        return None if was_heard else RestoreSeat(terminal)

    def gone(self, terminal: str, now_ms: int) -> None:
        """The broker says that the seat's connection ended."""
        deadline = self._deadlines.get(terminal)
        if deadline is not None:
            self._set(terminal, min(deadline, now_ms + self._gone_limit_ms))

    def forget(self, terminal: str) -> None:
        """A revoked seat is neither heard nor missed."""
        self._deadlines.pop(terminal, None)

    def is_heard(self, terminal: str) -> bool:
        """Whether the seat counts as heard."""
        return terminal in self._deadlines

    def next_deadline_ms(self) -> int | None:
        """When ``due`` may have something to say; None while no seat is heard."""
        return self._heap[0][0] if self._heap else None

    def due(self, now_ms: int) -> tuple[LoseSeat, ...]:
        """The seats whose silence has become too long, in the order in which it did."""
        lost: list[LoseSeat] = []
        while self._heap and self._heap[0][0] <= now_ms:
            look_ms, terminal = heapq.heappop(self._heap)
            if self._looks.get(terminal) != look_ms:
                continue  # an earlier look took its place
            del self._looks[terminal]
            deadline = self._deadlines.get(terminal)
            if deadline is None:
                continue
            if deadline > now_ms:
                self._set(terminal, deadline)
                continue
            del self._deadlines[terminal]
            lost.append(LoseSeat(terminal))
        return tuple(lost)

    def _set(self, terminal: str, deadline: int) -> None:
        self._deadlines[terminal] = deadline
        look_ms = self._looks.get(terminal)
        if look_ms is None or deadline < look_ms:
            self._looks[terminal] = deadline
            heapq.heappush(self._heap, (deadline, terminal))
