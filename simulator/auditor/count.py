"""The count, done again from the facts in their order: who was there, who voted, what follows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

VALUES = ("for", "against", "abstain", "not_voted", "absent")


@dataclass
class Vote:
    """One vote as the facts tell it; ``values`` and ``closed`` are set when it is closed."""

    opened: dict[str, Any]
    position: int
    casts: list[tuple[str, str, str]] = field(default_factory=list)  # deputy, terminal, answer
    values: dict[str, str] = field(default_factory=dict)
    closed: dict[str, Any] | None = None
    closed_position: int = -1

    @property
    def counts(self) -> dict[str, int]:
        counted = list(self.values.values())
        return {value: counted.count(value) for value in VALUES}


class Hall:
    """Who sits where and who voted, fact by fact. Unknown kinds of facts change nothing."""

    def __init__(self) -> None:
        self.plan: dict[str, Any] = {}
        self.badges: dict[bytes, str] = {}
        self.keys: dict[str, bytes] = {}
        self.revoked: set[str] = set()
        self.votes: dict[str, Vote] = {}
        self.open: str | None = None
        self._seat_of: dict[str, str] = {}
        self._heard: set[str] = set()
        self._confirmed: set[str] = set()
        self._registered: set[str] = set()

    def take(self, kind: str, fact: dict[str, Any], position: int) -> None:
        """The next fact."""
        known = getattr(self, f"_{kind}", None)
        if known is not None:
            known(fact, position)

    def has_right(self, deputy: str, terminal: str) -> bool:
        """Registered, and present at this terminal now."""
        return self._seat_of.get(deputy) == terminal and self._entitled(deputy)

    def _entitled(self, deputy: str) -> bool:
        seat = self._seat_of.get(deputy)
        return (
            seat in self._heard
            and seat in self._confirmed
            and deputy in self._registered
            and seat not in self.revoked
        )

    def _sitting_prepared(self, fact: dict[str, Any], _: int) -> None:
        self.plan = fact
        self.badges = {deputy["badge"]: deputy["id"] for deputy in fact["deputies"]}

    def _terminal_enrolled(self, fact: dict[str, Any], _: int) -> None:
        self.keys.setdefault(fact["terminal"], fact["public_key"])

    def _terminal_revoked(self, fact: dict[str, Any], _: int) -> None:
        self.revoked.add(fact["terminal"])

    def _terminal_started(self, fact: dict[str, Any], _: int) -> None:
        self._heard.add(fact["terminal"])
        self._confirmed.discard(fact["terminal"])

    def _seat_lost(self, fact: dict[str, Any], _: int) -> None:
        self._heard.discard(fact["terminal"])

    def _seat_restored(self, fact: dict[str, Any], _: int) -> None:
        self._heard.add(fact["terminal"])

    def _badge_seated(self, fact: dict[str, Any], _: int) -> None:
        self._seat_of[fact["deputy"]] = fact["terminal"]
        self._confirmed.add(fact["terminal"])

    def _badge_left(self, fact: dict[str, Any], _: int) -> None:
        self._seat_of.pop(fact["deputy"], None)
        self._confirmed.discard(fact["terminal"])

    def _deputy_registered(self, fact: dict[str, Any], _: int) -> None:
        self._registered.add(fact["deputy"])

    def _vote_opened(self, fact: dict[str, Any], position: int) -> None:
        self.votes[fact["vote"]] = Vote(fact, position)
        self.open = fact["vote"]

    def _ballot_cast(self, fact: dict[str, Any], _: int) -> None:
        vote = self.votes.get(fact["vote"])
        if vote is not None:
            vote.casts.append((fact["deputy"], fact["terminal"], fact["answer"]))

    def _vote_closed(self, fact: dict[str, Any], position: int) -> None:
        self.open = None
        vote = self.votes.get(fact["vote"])
        if vote is None:
            return
        last = {deputy: answer for deputy, _, answer in vote.casts}
        for deputy in self.plan["deputies"]:
            name = deputy["id"]
            missing = "not_voted" if self._entitled(name) else "absent"
            vote.values[name] = last.get(name, missing)
        vote.closed = fact
        vote.closed_position = position


def adopted(plan: dict[str, Any], rule_id: str, counts: dict[str, int]) -> bool:
    """The decision by the sitting's rule, in whole numbers."""
    rule = next(rule for rule in plan["rules"] if rule["id"] == rule_id)["passes"]
    cast = counts["for"] + counts["against"]
    base = {
        "established": plan["established"],
        "elected": plan["established"] - plan["vacant"],
        "present": cast + counts["abstain"] + counts["not_voted"],
        "took_part": cast + counts["abstain"],
        "cast": cast,
    }[rule["base"]]
    left, right = counts["for"] * rule["denominator"], rule["numerator"] * base
    return counts["for"] > 0 and (left > right if rule["compare"] == "gt" else left >= right)
