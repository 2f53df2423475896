"""The closed list of reasons for which the sitting refuses what somebody asked.

A refusal is a value, never an exception. Its name is stable for outside programs; the sentence
that a person reads is made from it in the person's language, at the edge.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec


class RefusalReason(StrEnum):
    """Why a command changed nothing."""

    # a seat's event
    UNKNOWN_BADGE = "unknown_badge"
    BADGE_ELSEWHERE = "badge_elsewhere"
    SEAT_OCCUPIED = "seat_occupied"
    SEAT_EMPTY = "seat_empty"
    NOT_PRESENT = "not_present"
    NOT_REGISTERED = "not_registered"
    NO_VOTE_OPEN = "no_vote_open"
    VOTE_CLOSED = "vote_closed"
    OTHER_BALLOT = "other_ballot"
    ANSWER_NOT_ALLOWED = "answer_not_allowed"
    ALREADY_IN_QUEUE = "already_in_queue"
    NOT_IN_QUEUE = "not_in_queue"
    QUEUE_FULL = "queue_full"
    FLOOR_NOT_OPEN = "floor_not_open"
    # the chair's or the technician's command
    NO_SITTING = "no_sitting"
    SITTING_ALREADY_PREPARED = "sitting_already_prepared"
    WRONG_STATE = "wrong_state"
    NO_QUORUM = "no_quorum"
    UNKNOWN_ITEM = "unknown_item"
    UNKNOWN_VOTE = "unknown_vote"
    UNKNOWN_TERMINAL = "unknown_terminal"
    TERMINAL_REVOKED = "terminal_revoked"
    TERMINAL_ALREADY_ENROLLED = "terminal_already_enrolled"
    DURATION_OUT_OF_RANGE = "duration_out_of_range"
    COMMAND_ID_REUSED = "command_id_reused"
    INVALID_CONFIGURATION = "invalid_configuration"
    # the service itself
    HALL_BUSY = "hall_busy"
    HALL_STOPPING = "hall_stopping"


class Refused(msgspec.Struct, frozen=True):
    """The answer "no": a reason from the closed list and, for the log, what was offending."""

    reason: RefusalReason
    detail: str = ""


class Repeated(msgspec.Struct, frozen=True):
    """The answer to an order that was accepted before under the same id: nothing happens again.

    ``position`` is where that order's ``command_accepted`` stands in the ledger.
    """

    position: int
