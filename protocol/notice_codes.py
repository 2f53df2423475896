"""The numbers of the short notices that a view may carry beside its state.

A number once used is never reused; a seat ignores a number that it does not know.
"""

CODES = {
    "vote_extended": 1,  # the chair, or a restart, moved the end of the open vote
    "record_failing": 2,  # nothing can be recorded now: a press will not be receipted
    "seat_revoked": 3,  # this terminal is no longer heard: take another seat
    "seat_needs_service": 4,  # the technician has been told about this seat
}

NAMES = {code: name for name, code in CODES.items()}
