"""What the virtual hall's server needs of a hall; tests put a fake in its place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

Button = Literal["for", "against", "abstain", "floor"]
CrowdAction = Literal["arrive_all", "leave_all", "vote_random"]


class Watcher(Protocol):
    """Follows the seats for one page."""

    async def next(self) -> frozenset[str]:
        """Waits for seats to change; names all that did since the last answer."""
        ...

    def close(self) -> None:
        """Stop following."""
        ...


class SeatsPort(Protocol):
    """The seats of one hall as a person in the room sees and touches them. Names are checked."""

    @property
    def terminals(self) -> Sequence[str]:
        """All seats, in the order of the plan."""
        ...

    def seat(self, terminal: str) -> dict[str, object]:
        """One seat as JSON: place, deputy, badge, supply, lamps, screen revision."""
        ...

    def screen_png(self, terminal: str) -> bytes:
        """The picture of the seat's screen."""
        ...

    def press(self, terminal: str, button: Button) -> None:
        """A finger goes down."""
        ...

    def release(self, terminal: str, button: Button) -> None:
        """The finger goes up."""
        ...

    def badge(self, terminal: str, is_in: bool) -> None:
        """The seat's deputy sits down or leaves."""
        ...

    async def power(self, terminal: str, is_on: bool) -> None:
        """The seat's supply is switched."""
        ...

    async def crowd(self, action: CrowdAction) -> None:
        """Everybody does something within a few seconds; returns when it is done."""
        ...

    def watch(self) -> Watcher:
        """A watcher that misses nothing from now on."""
        ...
