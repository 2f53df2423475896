"""The witness writes down every write to every lamp once, and every finger."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from simulator.board.lamp_view import LampRecorder
from simulator.witness import Witness


class Seat:
    """The part of a seat that a witness looks at."""

    def __init__(self) -> None:
        self.terminal, self.badge = "s01", b"badge"
        self.board = {"lamps": {"for": 1, "against": 2}}
        self.recorders = {"for": LampRecorder(), "against": LampRecorder()}

    def lamp_recorder(self, lamp: str) -> LampRecorder:
        return self.recorders[lamp]

    @property
    def lamps(self) -> dict[str, Any]:
        return {
            name: SimpleNamespace(level=bool(one.writes and one.writes[-1][1]))
            for name, one in self.recorders.items()
        }


def seen(witness: Witness) -> list[tuple[float, str, bool]]:
    return [(write.at, write.lamp, write.lit) for write in witness.lamps]


def test_every_write_is_seen_once_also_equal_ones() -> None:
    witness, seat = Witness(), Seat()
    for turn in range(3):
        seat.recorders["for"].write(1.0, True)
        seat.recorders["for"].write(1.0, True)
        witness.changed(seat, "lamp")  # type: ignore[arg-type]
        assert len(witness.lamps) == 2 * (turn + 1)
    witness.changed(seat, "lamp")  # type: ignore[arg-type]
    witness.changed(seat, "screen")  # type: ignore[arg-type]
    assert len(witness.lamps) == 6


def test_more_writes_than_a_recorder_keeps_are_followed_to_the_newest() -> None:
    witness, seat = Witness(), Seat()
    for number in range(1000):
        seat.recorders["against"].write(float(number), number % 2 == 0)
        if number % 100 == 99:
            witness.changed(seat, "lamp")  # type: ignore[arg-type]
    assert [at for at, _, _ in seen(witness)] == [float(number) for number in range(1000)]


def test_a_lamp_of_a_frozen_seat_says_nothing_until_the_seat_goes_on() -> None:
    witness, seat = Witness(), Seat()
    seat.recorders["for"].write(1.0, True)
    witness.changed(seat, "lamp")  # type: ignore[arg-type]
    witness.look_away(seat)  # type: ignore[arg-type]
    witness.look_again(seat)  # type: ignore[arg-type]
    levels = [lit for _, lamp, lit in seen(witness) if lamp == "for"]
    assert levels == [True, False, True]


def test_the_last_answer_at_a_seat_is_the_last_press_there() -> None:
    witness, seat = Witness(), Seat()
    assert witness.last_answer("s01") == ""
    witness.press(seat, "for")  # type: ignore[arg-type]
    witness.press(seat, "abstain")  # type: ignore[arg-type]
    assert witness.last_answer("s01") == "abstain"
    assert witness.last_answer("s02") == ""
    assert [press.badge for press in witness.presses] == [b"badge", b"badge"]
