"""What was seen and done in the hall, written down outside of every program that is judged."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Press:
    """A finger pressed an answer button while this badge was in the seat."""

    at: float
    terminal: str
    badge: bytes
    answer: str


@dataclass(frozen=True)
class LampWrite:
    """A lamp was told to be lit or dark; ``badge`` was in the seat then (empty: none)."""

    at: float
    terminal: str
    lamp: str
    lit: bool
    badge: bytes


@dataclass(frozen=True)
class Window:
    """Lamps that became steady from ``begin`` until ``end`` speak of this vote."""

    vote: str
    begin: float
    end: float


@dataclass(frozen=True)
class Shown:
    """A vote's record as the controller publishes it."""

    vote: str
    counts: dict[str, int]
    by_deputy: dict[str, str]
    adopted: bool


@dataclass
class Observed:
    """Everything that the auditor is told besides the exported ledger. Times are one clock's."""

    log_key: bytes  # the public key that the log was announced with
    seat_keys: dict[str, bytes]  # read from the seats themselves
    presses: list[Press] = field(default_factory=list)
    lamps: list[LampWrite] = field(default_factory=list)
    windows: list[Window] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)


@dataclass(frozen=True)
class Violation:
    """One thing that is not as it has to be. ``where`` names an entry, a vote or a seat."""

    name: str
    where: str
    detail: str
