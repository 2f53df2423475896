"""What the pages and the API need of a hall. The hall implements it; tests put a fake in its place.

The port carries plain JSON-ready dictionaries outwards (their shapes are in ``models``) and whole
``Order`` values inwards. Nothing here knows how a sitting is kept, sent or stored.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, Protocol

import msgspec

from controller.core.commands import Order
from controller.core.refusals import Refused

Json = dict[str, Any]


class Accepted(msgspec.Struct, frozen=True):
    """The order is in the ledger at ``position``; ``repeated`` if an earlier copy put it there."""

    position: int
    repeated: bool


class HallTime(msgspec.Struct, frozen=True):
    """Hall milliseconds and the wall's time in ISO 8601 with the hall's own offset."""

    hall_ms: int
    wall: str


class HallPort(Protocol):
    """One running hall, seen from its pages."""

    async def order(self, order: Order) -> Accepted | Refused:
        """Carries out a person's order; answers when its facts are on stable storage.

        The same ``order.id`` with the same content may be sent any number of times.
        """
        ...

    def board(self) -> Json:
        """The public snapshot: the body of GET /api/sitting."""
        ...

    def steps(self) -> Json:
        """What the chair can do now: ``{"primary": step | None, "others": [step, ...]}``."""
        ...

    def time(self) -> HallTime:
        """The hall's time now."""
        ...

    def feed(self) -> AsyncIterator[tuple[str, Json]]:
        """Yields after every change of the snapshot, until the hall stops.

        It listens from its first step on, before it waits for anything; changes may be gathered.
        The pages ask ``board()`` themselves, at most once in 50 ms: what is yielded is a hint.
        """
        ...

    def health(self) -> Json:
        """What a technician's monitor reads; the pages add their own counts."""
        ...

    def vote(self, vote: str) -> Json | Refused:
        """The record of one vote; UNKNOWN_VOTE if there is none."""
        ...

    def checkpoint(self) -> str:
        """The newest signed checkpoint as a C2SP note; empty before the first one."""
        ...

    def export(self) -> Iterator[bytes]:
        """The whole ledger in the export format, in pieces."""
        ...

    def count_refusal(self, name: str) -> None:
        """Counts one refused request by its error's name, for the technician."""
        ...
