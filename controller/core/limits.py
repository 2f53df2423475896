"""Every limit of a sitting, with its unit in its name and what happens at the limit beside it.

``refuse`` means that the whole command or plan is refused by name and nothing changes.
"""

from __future__ import annotations

from typing import Final

# --- the plan of a sitting; beyond any of these: refuse (invalid_configuration, with the field)
DEPUTIES_MAX: Final = 500
ESTABLISHED_MAX: Final = 500
SEATS_MAX: Final = 500
FACTIONS_MAX: Final = 50
AGENDA_ITEMS_MAX: Final = 200
RULES_MAX: Final = 50
DEPUTY_NUMBER_MAX: Final = 9_999
COORDINATE_MAX: Final = 1_000
FRACTION_DENOMINATOR_MAX: Final = 1_000
BADGE_BYTES_MIN: Final = 4
BADGE_BYTES_MAX: Final = 10
IDENTIFIER_CHARACTERS_MAX: Final = 16
LABEL_CHARACTERS_MAX: Final = 16
NAME_CHARACTERS_MAX: Final = 120
TITLE_CHARACTERS_MAX: Final = 300
QUESTION_CHARACTERS_MAX: Final = 1_000
TIME_ZONE_CHARACTERS_MAX: Final = 40

# --- terminals, spare ones included; beyond: refuse
TERMINALS_MAX: Final = 1_000
PUBLIC_KEY_BYTES: Final = 32

# --- time of a vote; outside: refuse (duration_out_of_range)
VOTE_DURATION_MS_MIN: Final = 5_000
VOTE_DURATION_MS_MAX: Final = 600_000
EXTENSION_MS_MIN: Final = 5_000
EXTENSION_MS_MAX: Final = 60_000
EXTENSION_STEP_MS: Final = 10_000  # what the chair's page offers
VOTE_WHOLE_MS_MAX: Final = 1_800_000  # opening to deadline, all of the chair's extensions together
RESTART_REMAINING_MS_MIN: Final = 10_000  # what a restarted controller leaves of an open vote

# --- repeated votes on one item; beyond: refuse (wrong_state)
VOTES_PER_ITEM_MAX: Final = 2  # the vote and one repeat

# --- the queue for the floor; when full: the newest request is refused (queue_full)
FLOOR_QUEUE_DEPUTIES_MAX: Final = 100

# --- remembered orders; when full: the oldest is forgotten (its repeat would count as a new order)
REMEMBERED_ORDERS_MAX: Final = 10_000
ORDER_ID_CHARACTERS_MAX: Final = 64
ACTOR_CHARACTERS_MAX: Final = 64

HASH_BYTES: Final = 32

assert VOTE_DURATION_MS_MIN <= EXTENSION_MS_MAX <= VOTE_DURATION_MS_MAX < VOTE_WHOLE_MS_MAX
assert EXTENSION_MS_MIN <= EXTENSION_STEP_MS <= EXTENSION_MS_MAX
assert REMEMBERED_ORDERS_MAX >= 1_000
assert TERMINALS_MAX >= SEATS_MAX
