"""The record of one vote, made from the sitting: the two sheets, totals and names, as plain data.

Before the close no choice and no total leaves this file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import msgspec

from controller.core.ballot import Vote
from controller.core.facts import VoteClosed, VoteValue
from controller.core.refusals import RefusalReason, Refused
from controller.core.rules import Numbers, base_number, numbers_after, numbers_before
from controller.core.state import Sitting

VERSION = 1
VALUES: tuple[VoteValue, ...] = ("for", "against", "abstain", "not_voted", "absent")


def vote_record(sitting: Sitting, vote_id: str, now_ms: int = 0) -> dict[str, object] | Refused:
    """The shape of ``GET /api/votes/{id}``: the board's vote, its proof and the named list.

    ``now_ms`` only says how much time an open vote has left.
    """
    vote = sitting.votes.get(vote_id)
    if vote is None:
        return Refused(RefusalReason.UNKNOWN_VOTE, vote_id)
    plan = sitting.plan
    assert plan is not None  # no vote is opened before the plan
    opened = vote.opened
    return {
        "version": VERSION,
        "hall": plan.hall,
        "sitting": plan.sitting,
        "vote": vote_summary(sitting, vote, now_ms),
        "ballot": opened.ballot.hex(),
        "checkpoint": {"size": opened.checkpoint_size, "root": opened.checkpoint_root.hex()},
        "present_at_opening": opened.present,
        "closed_ms": vote.closed_ms,
        "closed_by": None if vote.closed is None else vote.closed.cause,
        "numbers": None if vote.closed is None else msgspec.to_builtins(_numbers_of(sitting, vote)),
        "positions": {
            "opened": vote.opened_position,
            "closed": vote.closed_position,
            "proclaimed": vote.proclaimed_position,
        },
        "by_deputy": [] if vote.closed is None else list(_named(sitting, vote, vote.closed)),
    }


def vote_summary(sitting: Sitting, vote: Vote, now_ms: int) -> dict[str, object]:
    """What the board shows of a vote."""
    opened, closed = vote.opened, vote.closed
    rule = sitting.rules[opened.rule]
    numbers = _numbers_of(sitting, vote)
    return {
        "id": vote.id,
        "item": vote.item,
        "question": msgspec.to_builtins(opened.question),
        "state": vote.state,
        "answers": list(opened.answers),
        "rule": {
            "id": rule.id,
            "name": msgspec.to_builtins(rule.name),
            "source": msgspec.to_builtins(rule.source),
        },
        "votes_needed": opened.votes_needed if closed is None else closed.votes_needed,
        "base": {"name": rule.passes.base, "number": base_number(rule.passes, numbers)},
        "opened_ms": opened.opened_ms,
        "deadline_ms": vote.deadline_ms,
        "duration_ms": vote.deadline_ms - opened.opened_ms,
        "remaining_ms": vote.remaining_ms(now_ms),
        "voted": vote.voted_count,
        "entitled": vote.entitled_count(sitting.attendance.entitled()),
        "result": None if closed is None else _result(sitting, closed),
    }


def _numbers_of(sitting: Sitting, vote: Vote) -> Numbers:
    """The bases of the decision: at the opening while the vote is open, then those of the count."""
    established, elected = sitting.roster.established, sitting.roster.elected
    if vote.closed is None:
        return numbers_before(established, elected, vote.opened.present)
    return numbers_after(established, elected, vote.closed.tally)


def _result(sitting: Sitting, closed: VoteClosed) -> dict[str, object]:
    tally = closed.tally
    return {
        "for": tally.votes_for,
        "against": tally.votes_against,
        "abstain": tally.votes_abstain,
        "not_voted": tally.not_voted,
        "absent": tally.absent,
        "adopted": closed.adopted,
        "by_faction": _by_faction(sitting, closed),
        "by_deputy": [{"deputy": one.deputy, "value": one.value} for one in closed.votes],
    }


def _by_faction(sitting: Sitting, closed: VoteClosed) -> list[dict[str, object]]:
    """The five counts of each faction in the plan's order; last, those of no faction, if any."""
    assert sitting.plan is not None  # no vote is closed before the plan
    factions = sitting.plan.factions
    counts: dict[str | None, Counter[VoteValue]] = {one.id: Counter() for one in factions}
    for one in closed.votes:
        counts.setdefault(sitting.roster[one.deputy].faction, Counter())[one.value] += 1
    return [
        {"faction": faction, **{str(value): count[value] for value in VALUES}}
        for faction, count in counts.items()
    ]


def _named(sitting: Sitting, vote: Vote, closed: VoteClosed) -> Iterator[dict[str, object]]:
    """Every deputy's value, with the ledger position of the counted press: the deputy's receipt."""
    for one in closed.votes:
        deputy, cast = sitting.roster[one.deputy], vote.casts.get(one.deputy)
        yield {
            "deputy": deputy.id,
            "number": deputy.number,
            "name": msgspec.to_builtins(deputy.name),
            "faction": deputy.faction,
            "value": one.value,
            "position": None if cast is None else cast.position,
        }
