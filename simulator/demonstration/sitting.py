"""The whole demonstration sitting as the plan that a controller reads at its first start."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from controller.core.facts import Deputy, SittingPrepared, Text
from controller.core.rule_presets import PRESETS
from simulator.demonstration.agenda import AGENDA
from simulator.demonstration.factions import FACTIONS, faction_of_place
from simulator.demonstration.hall_plan import hall_plan
from simulator.demonstration.people import people

HALL = "demo"
FILE = "sitting.json"
_BADGE_BYTES = 7


class Demonstration(msgspec.Struct, frozen=True):
    """The plan, and at which seat each deputy likes to sit (the system does not know that)."""

    plan: SittingPrepared
    usual_seats: dict[str, str]  # terminal: deputy


def demonstration(seats: int) -> Demonstration:
    """A council of as many deputies as there are seats; factions sit together."""
    places = hall_plan(seats)
    left_to_right = sorted(places, key=lambda place: place.angle)
    faction_of_seat = {
        place.seat.terminal: faction_of_place(index, seats)
        for index, place in enumerate(left_to_right)
    }
    everybody = people(seats)
    deputies = tuple(
        Deputy(
            id=f"d{number:03d}",
            number=number,
            name=person.name,
            faction=faction_of_seat[place.seat.terminal],
            badge=_badge(number),
            language=person.language,
        )
        for number, (person, place) in enumerate(zip(everybody, places, strict=True), start=1)
    )
    plan = SittingPrepared(
        sitting=f"demo-{seats}",
        hall=HALL,
        hall_name=Text(
            "Городской кенеш (пример)", "Шаардык кеңеш (үлгү)", "City council (example)"
        ),
        title=Text("Очередная сессия", "Кезектеги сессия", "Regular session"),
        time_zone="Asia/Bishkek",
        established=seats,
        vacant=0,
        factions=FACTIONS,
        deputies=deputies,
        seats=tuple(place.seat for place in places),
        agenda=AGENDA,
        rules=PRESETS,
    )
    usual = {place.seat.terminal: deputy.id for place, deputy in zip(places, deputies, strict=True)}
    return Demonstration(plan, usual)


def write_plan(data: Path, plan: SittingPrepared) -> SittingPrepared:
    """Write ``sitting.json`` unless it is there; raises ValueError where it is another hall."""
    file = data / FILE
    if file.exists():
        known = msgspec.json.decode(file.read_bytes(), type=SittingPrepared)
        if len(known.seats) != len(plan.seats):
            raise ValueError(
                f"{file} is a hall of {len(known.seats)} seats, not of {len(plan.seats)}"
            )
        return known
    data.mkdir(parents=True, exist_ok=True)
    document = msgspec.json.format(msgspec.json.encode(plan), indent=1)
    partial = file.with_suffix(".partial")
    partial.write_bytes(document + b"\n")
    partial.replace(file)
    return plan


def _badge(number: int) -> bytes:
    """Seven bytes like those of a contactless card, which begin with the maker's number 04."""
    digest = hashlib.sha256(b"dobush demonstration badge %d" % number).digest()
    return b"\x04" + digest[: _BADGE_BYTES - 1]
