"""Who may sit and vote: the deputies of one plan, found by identifier and by badge.

Made once from the plan and never changed. The roster's hash is part of every ballot's hash.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import cbor2

from controller.core.facts import Deputy


class Roster:
    """The deputies in the plan's order, which is the order of every named list."""

    def __init__(self, deputies: Iterable[Deputy] = (), established: int = 0) -> None:
        self.deputies = tuple(deputies)
        self.established = established
        self._by_id = {deputy.id: deputy for deputy in self.deputies}
        self._by_badge = {deputy.badge: deputy for deputy in self.deputies}
        self.hash = roster_hash(self.deputies, established)

    @property
    def elected(self) -> int:
        """The established number less the vacant seats."""
        return len(self.deputies)

    def __contains__(self, deputy_id: str) -> bool:
        return deputy_id in self._by_id

    def __getitem__(self, deputy_id: str) -> Deputy:
        return self._by_id[deputy_id]

    def by_badge(self, badge: bytes) -> Deputy | None:
        """Whose badge this is; None: nobody's."""
        return self._by_badge.get(badge)


def roster_hash(deputies: Iterable[Deputy], established: int) -> bytes:
    """SHA-256 of ``["dobush-roster-v1", established, [[id, number, badge, faction], ...]]``."""
    rows = [[one.id, one.number, one.badge, one.faction] for one in deputies]
    return hashlib.sha256(
        cbor2.dumps(["dobush-roster-v1", established, rows], canonical=True)
    ).digest()
