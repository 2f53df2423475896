"""Who asks for the floor, in the order of asking; bounded, each deputy once."""

from __future__ import annotations

from controller.core.invariants import demand
from controller.core.limits import FLOOR_QUEUE_DEPUTIES_MAX


class FloorQueue:
    """The queue of deputies; when it is full the newest request is refused."""

    def __init__(self) -> None:
        self._queue: list[str] = []

    @property
    def queue(self) -> tuple[str, ...]:
        return tuple(self._queue)

    @property
    def is_full(self) -> bool:
        return len(self._queue) >= FLOOR_QUEUE_DEPUTIES_MAX

    def __contains__(self, deputy: str) -> bool:
        return deputy in self._queue

    def place(self, deputy: str) -> int | None:
        """The deputy's place from 1; None: not in the queue."""
        return self._queue.index(deputy) + 1 if deputy in self._queue else None

    def request(self, deputy: str) -> None:
        demand(deputy not in self._queue and not self.is_full, f"{deputy} cannot join the queue")
        self._queue.append(deputy)

    def withdraw(self, deputy: str) -> None:
        demand(deputy in self._queue, f"{deputy} leaves a queue without being in it")
        self._queue.remove(deputy)

    def clear(self) -> None:
        self._queue.clear()
