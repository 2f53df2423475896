"""The numbers by which a seat's view says why the newest refused event was refused.

A number once used is never reused. The seat shows a sentence for each in its deputy's language.
"""

CODES = {
    "unknown_badge": 1,
    "badge_elsewhere": 2,
    "seat_occupied": 3,
    "seat_empty": 4,
    "not_present": 5,
    "not_registered": 6,
    "no_vote_open": 7,
    "vote_closed": 8,
    "other_ballot": 9,
    "answer_not_allowed": 10,
    "already_in_queue": 11,
    "not_in_queue": 12,
    "queue_full": 13,
    "floor_not_open": 14,
    "broken_chain": 15,
    "rate_limited": 16,
}

NAMES = {code: name for name, code in CODES.items()}
