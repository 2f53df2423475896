"""The items of the agenda: which one is current, which votes each had.

An item that was announced and left without a vote is pending again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from controller.core.facts import AgendaItem
from controller.core.invariants import demand

ItemState = Literal["pending", "current", "done"]


class Agenda:
    """The plan's items in their order, the current one, and each item's votes in order."""

    def __init__(self, items: Iterable[AgendaItem] = ()) -> None:
        self.items = tuple(items)
        self._by_id = {item.id: item for item in self.items}
        self._votes: dict[str, tuple[str, ...]] = {item.id: () for item in self.items}
        self.current: str | None = None

    def __contains__(self, item_id: str) -> bool:
        return item_id in self._by_id

    def __getitem__(self, item_id: str) -> AgendaItem:
        return self._by_id[item_id]

    def votes(self, item_id: str) -> tuple[str, ...]:
        """The item's votes, the oldest first."""
        return self._votes[item_id]

    def state(self, item_id: str) -> ItemState:
        if item_id == self.current:
            return "current"
        return "done" if self._votes[item_id] else "pending"

    def next_pending(self) -> AgendaItem | None:
        """The first item that has had no vote and is not the current one; None: all are done."""
        return next((item for item in self.items if self.state(item.id) == "pending"), None)

    def announce(self, item_id: str) -> None:
        demand(item_id in self._by_id, f"item {item_id} is announced and not on the agenda")
        self.current = item_id

    def add_vote(self, item_id: str, vote: str) -> None:
        demand(item_id == self.current, f"vote {vote} on item {item_id}, which is not current")
        self._votes[item_id] += (vote,)

    def dump(self) -> dict[str, object]:
        return {"current": self.current, "votes": {k: list(v) for k, v in self._votes.items()}}
