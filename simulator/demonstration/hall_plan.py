"""Where the seats stand: a hemicycle around the presidium.

Coordinates go from 0 to 1000; the presidium is at the middle of ``y = 0`` and the last row is
farthest from it. Seats are numbered row by row from the presidium, each row from left to right.
"""

from __future__ import annotations

import math

import msgspec
from parliamentarch.geometry import get_seats_centers

from controller.core.facts import SeatPlace

SEATS_MAX = 500
_SIDE = 1000
_FIRST_ROW_Y = 110  # room for the presidium


class Place(msgspec.Struct, frozen=True):
    """A seat and how far to the right it stands, as an angle around the presidium (0 is left)."""

    seat: SeatPlace
    angle: float


def terminal_name(number: int, seats: int) -> str:
    """``s07``; three digits in a hall of a hundred seats or more."""
    return f"s{number:0{max(2, len(str(seats)))}d}"


def hall_plan(seats: int) -> tuple[Place, ...]:
    """The places of ``seats`` seats, in the order of their numbers."""
    if not 1 <= seats <= SEATS_MAX:
        raise ValueError(f"{seats} seats: a hall has between 1 and {SEATS_MAX}")
    # the library's canvas is 2 wide and 1 high, the presidium in the middle of its lower edge
    centres = [(x, y) for x, y in get_seats_centers(seats)]
    by_row = sorted(centres, key=lambda centre: (_row(*centre), centre[0]))
    return tuple(
        Place(
            SeatPlace(
                terminal=terminal_name(number, seats),
                label=str(number),
                x=round(x / 2 * _SIDE),
                y=_FIRST_ROW_Y + round(y * (_SIDE - _FIRST_ROW_Y)),
            ),
            angle=math.pi - math.atan2(y, x - 1),
        )
        for number, (x, y) in enumerate(by_row, start=1)
    )


def _row(x: float, y: float) -> int:
    """The row by its distance from the presidium; the library gives no row numbers."""
    return round(1000 * math.hypot(x - 1, y))
