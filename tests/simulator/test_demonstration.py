"""The invented council can hold a sitting at every size, and its names respect languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from controller.core import plan as plans
from simulator.demonstration.agenda import AGENDA
from simulator.demonstration.hall_plan import hall_plan
from simulator.demonstration.people import people, written_out
from simulator.demonstration.sitting import demonstration, write_plan

SIZES = [1, 2, 12, 51, 90, 101, 235, 500]


@pytest.mark.parametrize("seats", SIZES)
def test_the_plan_has_no_fault_at_any_size(seats: int) -> None:
    made = demonstration(seats)
    assert list(plans.faults(made.plan)) == []
    assert len(made.plan.deputies) == len(made.plan.seats) == made.plan.established == seats
    assert sorted(made.usual_seats) == sorted(seat.terminal for seat in made.plan.seats)
    assert len(set(made.usual_seats.values())) == seats


def test_the_same_number_gives_the_same_council() -> None:
    assert demonstration(51) == demonstration(51)


def test_a_smaller_hall_is_the_beginning_of_a_larger_one() -> None:
    assert people(51) == people(500)[:51]


def test_at_least_120_people_are_written_out_by_hand() -> None:
    assert len(written_out()) >= 120


@pytest.mark.parametrize("language", ["ru", "ky", "en"])
@pytest.mark.parametrize("form", ["full", "short", "sort"])
def test_no_two_of_500_people_have_the_same_name(language: str, form: str) -> None:
    names = [getattr(getattr(one.name, language), form) for one in people(500)]
    if form == "sort":
        assert all(names)  # two may sort alike; they must not look alike
    else:
        assert len(set(names)) == 500


def test_every_script_is_used_where_it_belongs() -> None:
    latin, cyrillic = re.compile(r"[A-Za-z]"), re.compile(r"[а-яёА-ЯЁңөүҢӨҮ]")
    for person in people(500):
        for name in (person.name.ru, person.name.ky):
            assert not latin.search(name.full + name.short + name.sort), name
        english = person.name.en
        assert not cyrillic.search(english.full + english.short + english.sort), english
        russian = person.name.ru
        assert not re.search("[ңөүҢӨҮ]", russian.full + russian.short), russian


def test_all_kinds_of_names_are_there() -> None:
    kyrgyz = " ".join(person.name.ky.full for person in written_out())
    english = " ".join(person.name.en.full for person in written_out())
    for word in ("уулу", "кызы", "ң", "ө", "ү"):
        assert word in kyrgyz
    for word in ("uulu", "kyzy", "Gʻ", "oʻgʻli", "qizi"):
        assert word in english
    assert {person.language for person in written_out()} == {"ru", "ky", "en"}


def test_a_name_with_uulu_is_never_shortened_to_an_initial_of_the_father() -> None:
    for person in written_out():
        if person.name.ky.full.endswith((" уулу", " кызы")) and person.name.ky.full.count(" ") == 2:
            own, father, word = person.name.ky.full.split()
            if person.name.ky.sort == f"{father} {word} {own}":
                assert person.name.ky.short == f"{own[0]}. {father} {word}"


@pytest.mark.parametrize("seats", SIZES)
def test_seats_stand_in_the_hall_and_apart_from_one_another(seats: int) -> None:
    places = [place.seat for place in hall_plan(seats)]
    assert all(0 <= seat.x <= 1000 and 100 < seat.y <= 1000 for seat in places)
    assert len({(seat.x, seat.y) for seat in places}) == seats
    assert len({seat.terminal for seat in places}) == seats
    for seat in places:  # a hemicycle is the same from both sides
        mirror = min(places, key=lambda other: abs(1000 - seat.x - other.x) + abs(seat.y - other.y))
        assert abs(1000 - seat.x - mirror.x) <= 1
        assert abs(seat.y - mirror.y) <= 1


def test_factions_sit_together() -> None:
    made = demonstration(101)
    faction = {deputy.id: deputy.faction for deputy in made.plan.deputies}
    by_angle = sorted(hall_plan(101), key=lambda place: place.angle)
    in_order = [faction[made.usual_seats[place.seat.terminal]] for place in by_angle]
    changes = sum(one != other for one, other in zip(in_order, in_order[1:], strict=False))
    assert changes == len(made.plan.factions)


def test_a_question_fits_a_screen_and_has_no_negation() -> None:
    for item in AGENDA:
        for text in (item.question.ru, item.question.ky, item.question.en):
            assert len(text.encode()) <= 150
            assert text.endswith("?")
        assert not re.search(r"\bне\b|\bотклон", item.question.ru.lower())
        assert not re.search(r"\b(not|reject)\b", item.question.en.lower())
        assert re.search("сынбы|синби", item.question.ky)


def test_the_plan_is_written_once_and_kept(tmp_path: Path) -> None:
    first = write_plan(tmp_path, demonstration(12).plan)
    assert write_plan(tmp_path, demonstration(12).plan) == first
    with pytest.raises(ValueError, match="12 seats, not of 13"):
        write_plan(tmp_path, demonstration(13).plan)
