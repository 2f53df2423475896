"""One named open vote: its ballot's hash, who cast what, and the count of the five values.

Until the close a press only replaces the same deputy's press; a vote that was cast stands even when
its deputy leaves. At the close every deputy of the roster gets exactly one value.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence, Set
from typing import Final, Literal

import cbor2
import msgspec

from controller.core.facts import (
    Answer,
    DeputyVote,
    Rule,
    Tally,
    Text,
    VoteClosed,
    VoteOpened,
    VoteValue,
)
from controller.core.roster import Roster
from controller.core.rules import numbers_after, passes, votes_needed

OPEN_NAMED_ANSWERS: Final[tuple[Answer, ...]] = ("for", "against", "abstain")


class Cast(msgspec.Struct, frozen=True):
    """A deputy's counted press and where in the ledger it stands."""

    answer: Answer
    terminal: str
    position: int
    at_ms: int


class Vote:
    """Changed only by facts (through ``Sitting.apply``)."""

    def __init__(self, opened: VoteOpened, position: int) -> None:
        self.opened = opened
        self.opened_position = position
        self.deadline_ms = opened.deadline_ms
        self.casts: dict[str, Cast] = {}
        self.presses = 0
        self.closed: VoteClosed | None = None
        self.closed_ms: int | None = None
        self.closed_position: int | None = None
        self.proclaimed_position: int | None = None

    @property
    def id(self) -> str:
        return self.opened.vote

    @property
    def item(self) -> str:
        return self.opened.item

    @property
    def state(self) -> Literal["open", "closed", "proclaimed"]:
        if self.closed is None:
            return "open"
        return "closed" if self.proclaimed_position is None else "proclaimed"

    @property
    def voted_count(self) -> int:
        return len(self.casts)

    def remaining_ms(self, now_ms: int) -> int:
        """Time left to vote; 0 once it is closed."""
        return max(0, self.deadline_ms - now_ms) if self.closed is None else 0

    def cast(self, deputy: str, cast: Cast) -> None:
        self.casts[deputy] = cast
        self.presses += 1

    def entitled_count(self, entitled: Set[str]) -> int:
        """Who may vote at this moment, and who already did; after the close who then had."""
        if self.closed is not None:
            return self.closed.present
        return len(entitled) + sum(1 for deputy in self.casts if deputy not in entitled)

    def dump(self) -> dict[str, object]:
        return {
            "opened": msgspec.to_builtins(self.opened),
            "deadline_ms": self.deadline_ms,
            "casts": [[who, msgspec.to_builtins(cast)] for who, cast in self.casts.items()],
            "presses": self.presses,
            "closed": msgspec.to_builtins(self.closed),
            "closed_ms": self.closed_ms,
            "positions": [self.opened_position, self.closed_position, self.proclaimed_position],
        }


def ballot_hash(
    *,
    hall: str,
    sitting: str,
    vote: str,
    item: str,
    question: Text,
    answers: Sequence[str],
    rule: str,
    roster: bytes,
    checkpoint_size: int,
    checkpoint_root: bytes,
) -> bytes:
    """SHA-256 of the canonical CBOR array of all that a deputy votes on, and of the moment."""
    parts = [
        "dobush-ballot-v1",
        hall,
        sitting,
        vote,
        item,
        [question.ru, question.ky, question.en],
        list(answers),
        "open_named",
        rule,
        roster,
        checkpoint_size,
        checkpoint_root,
    ]
    return hashlib.sha256(cbor2.dumps(parts, canonical=True)).digest()


def close_vote(
    vote: Vote, cause: Literal["timer", "chair"], roster: Roster, entitled: Set[str], rule: Rule
) -> VoteClosed:
    """The fact that ends the vote: every deputy's value, the count, the decision.

    ``present`` is everybody whose value is not ``absent``: the base "present" of this decision.
    """

    def value(deputy: str) -> VoteValue:
        cast = vote.casts.get(deputy)
        if cast is not None:
            return cast.answer
        return "not_voted" if deputy in entitled else "absent"

    votes = tuple(DeputyVote(deputy.id, value(deputy.id)) for deputy in roster.deputies)
    counts = Counter(one.value for one in votes)
    tally = Tally(
        votes_for=counts["for"],
        votes_against=counts["against"],
        votes_abstain=counts["abstain"],
        not_voted=counts["not_voted"],
        absent=counts["absent"],
    )
    numbers = numbers_after(roster.established, roster.elected, tally)
    return VoteClosed(
        vote=vote.id,
        cause=cause,
        tally=tally,
        votes=votes,
        present=numbers.present,
        votes_needed=votes_needed(rule.passes, numbers),
        adopted=passes(rule.passes, tally.votes_for, numbers),
    )
