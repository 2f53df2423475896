"""Who is here: which badge is at which seat, which seat is heard, who is registered.

A deputy is *present* while the badge is at a seat that is heard and that reported the badge since
its last hello. A tied deputy whose seat is silent or has just rebooted has *no connection*.
Registered is another thing: it is written once and never undone by leaving.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from controller.core.invariants import demand

Presence = Literal["present", "absent", "no_connection"]
SeatState = Literal["never", "online", "lost", "revoked"]


class Seat(msgspec.Struct):
    """One enrolled terminal; ``confirmed``: it reported ``deputy``'s badge since its last hello."""

    terminal: str
    public_key: bytes
    state: SeatState = "never"
    deputy: str | None = None
    confirmed: bool = False
    firmware: str = ""
    report_code: int | None = None
    report_detail: str = ""


class Attendance:
    """Changed only by facts; a fact that cannot have happened stops the sitting."""

    def __init__(self) -> None:
        self.seats: dict[str, Seat] = {}
        self._seat_of: dict[str, Seat] = {}
        self._registered: dict[str, bool] = {}

    # --- questions

    def seat_of(self, deputy: str) -> Seat | None:
        """The seat that the deputy is tied to."""
        return self._seat_of.get(deputy)

    def is_present(self, deputy: str) -> bool:
        seat = self._seat_of.get(deputy)
        return seat is not None and seat.confirmed and seat.state == "online"

    def presence(self, deputy: str) -> Presence:
        seat = self._seat_of.get(deputy)
        if seat is None:
            return "absent"
        return "present" if seat.confirmed and seat.state == "online" else "no_connection"

    def sitter(self, terminal: str) -> str | None:
        """Who sits at this terminal by its own last word, heard now or not."""
        seat = self.seats.get(terminal)
        return seat.deputy if seat is not None and seat.confirmed else None

    def is_registered(self, deputy: str) -> bool:
        return deputy in self._registered

    @property
    def registered(self) -> dict[str, bool]:
        """Deputy to ``late``, in the order of registration."""
        return dict(self._registered)

    @property
    def registered_count(self) -> int:
        return len(self._registered)

    @property
    def present_count(self) -> int:
        return len(self.present())

    @property
    def no_connection_count(self) -> int:
        return len(self._seat_of) - self.present_count

    def present(self) -> frozenset[str]:
        """All deputies present now."""
        return frozenset(
            deputy
            for deputy, seat in self._seat_of.items()
            if seat.confirmed and seat.state == "online"
        )

    def entitled(self) -> frozenset[str]:
        """All deputies registered and present now: they may vote."""
        return frozenset(one for one in self.present() if one in self._registered)

    # --- facts about terminals

    def enrol(self, terminal: str, public_key: bytes) -> None:
        demand(terminal not in self.seats, f"terminal {terminal} is enrolled twice")
        self.seats[terminal] = Seat(terminal, public_key)

    def revoke(self, terminal: str) -> None:
        seat = self._living(terminal)
        demand(seat.deputy is None, f"terminal {terminal} is revoked under {seat.deputy}")
        seat.state = "revoked"

    def start(self, terminal: str, firmware: str) -> None:
        seat = self._living(terminal)
        demand(seat.state != "lost", f"lost terminal {terminal} says hello and is not restored")
        seat.state, seat.confirmed, seat.firmware = "online", False, firmware

    def report(self, terminal: str, code: int, detail: str) -> None:
        seat = self._living(terminal)
        seat.report_code, seat.report_detail = code, detail

    def lose(self, terminal: str) -> None:
        seat = self._living(terminal)
        demand(seat.state == "online", f"terminal {terminal} is lost and was {seat.state}")
        seat.state = "lost"

    def restore(self, terminal: str) -> None:
        seat = self._living(terminal)
        demand(seat.state != "online", f"terminal {terminal} is restored and was never lost")
        seat.state = "online"

    # --- facts about deputies

    def seat_badge(self, terminal: str, deputy: str) -> None:
        seat = self._living(terminal)
        other = self._seat_of.get(deputy)
        demand(seat.state == "online", f"a badge at terminal {terminal}, which is {seat.state}")
        demand(seat.deputy in (None, deputy), f"{deputy} on the seat of {seat.deputy}: {terminal}")
        demand(other in (None, seat), f"{deputy} at {terminal} and at another seat")
        seat.deputy, seat.confirmed = deputy, True
        self._seat_of[deputy] = seat

    def take_badge(self, terminal: str, deputy: str) -> None:
        seat = self._living(terminal)
        demand(seat.deputy == deputy, f"{deputy} leaves {terminal}, the seat of {seat.deputy}")
        seat.deputy, seat.confirmed = None, False
        del self._seat_of[deputy]

    def register(self, deputy: str, late: bool) -> None:
        demand(deputy not in self._registered, f"{deputy} is registered twice")
        demand(self.is_present(deputy), f"{deputy} is registered and not present")
        self._registered[deputy] = late

    def _living(self, terminal: str) -> Seat:
        seat = self.seats.get(terminal)
        if seat is None or seat.state == "revoked":
            demand(False, f"terminal {terminal} is unknown or revoked")
        assert seat is not None
        return seat

    def dump(self) -> dict[str, object]:
        return {
            "seats": msgspec.to_builtins(self.seats),
            "registered": [[deputy, late] for deputy, late in self._registered.items()],
        }
