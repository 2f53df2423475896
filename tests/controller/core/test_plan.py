"""A plan with one fault is refused whole, and the answer names the field."""

from __future__ import annotations

import msgspec
import pytest

from controller.core import commands as c
from controller.core import facts as f
from controller.core.plan import faults
from controller.core.refusals import Refused
from controller.core.sitting import Sitting, decide
from tests.controller.halls import plan, text

GOOD = plan(4, items=2)


def with_one(rows: tuple, index: int, **changes) -> tuple:
    changed = msgspec.structs.replace(rows[index], **changes)
    return (*rows[:index], changed, *rows[index + 1 :])


def deputy(index: int, **changes) -> dict:
    return {"deputies": with_one(GOOD.deputies, index, **changes)}


def seat(index: int, **changes) -> dict:
    return {"seats": with_one(GOOD.seats, index, **changes)}


def item(index: int, **changes) -> dict:
    return {"agenda": with_one(GOOD.agenda, index, **changes)}


def rule(index: int, **changes) -> dict:
    return {"rules": with_one(GOOD.rules, index, **changes)}


def fraction(base="established", compare="gt", numerator=1, denominator=2) -> f.Fraction:
    return f.Fraction(base, compare, numerator, denominator)


FAULTS = [
    ({"sitting": "Sitting 1"}, "sitting:"),
    ({"sitting": ""}, "sitting:"),
    ({"hall": "x" * 17}, "hall:"),
    ({"hall": "зал"}, "hall:"),
    ({"hall": "h1\n"}, "hall:"),
    ({"title": f.Text("", "a", "a")}, "title.ru:"),
    ({"hall_name": f.Text("a", " ", "a")}, "hall_name.ky:"),
    ({"title": f.Text("a", "a", "x" * 301)}, "title.en:"),
    ({"title": f.Text("a", "a\x07", "a")}, "title.ky:"),
    ({"time_zone": "../etc"}, "time_zone:"),
    ({"time_zone": ""}, "time_zone:"),
    ({"established": 5}, "established:"),
    ({"vacant": 1}, "established:"),
    ({"vacant": -1, "established": 3}, "vacant:"),
    ({"established": 501, "vacant": 497}, "established:"),
    ({"deputies": (), "established": 1, "vacant": 1}, "deputies:"),
    (deputy(1, id="d1"), "deputies[1].id:"),
    (deputy(1, id="D 1"), "deputies[1].id:"),
    (deputy(2, number=1), "deputies[2].number:"),
    (deputy(2, number=0), "deputies[2].number:"),
    (deputy(3, badge=GOOD.deputies[0].badge), "deputies[3].badge:"),
    (deputy(3, badge=b"abc"), "deputies[3].badge:"),
    (deputy(3, badge=b"a" * 11), "deputies[3].badge:"),
    (deputy(0, faction="zz"), "deputies[0].faction:"),
    (
        deputy(0, name=f.Names(*[f.Name("a", "a", "a")] * 2, f.Name("a", "", "a"))),
        "deputies[0].name.en.short:",
    ),
    ({"factions": (GOOD.factions[0], GOOD.factions[0], GOOD.factions[1])}, "factions[1].id:"),
    ({"factions": with_one(GOOD.factions, 0, short=text("y" * 121))}, "factions[0].short.ru:"),
    ({"seats": ()}, "seats:"),
    (seat(1, terminal="s1"), "seats[1].terminal:"),
    (seat(1, terminal="s/1"), "seats[1].terminal:"),
    (seat(0, x=-1), "seats[0].x:"),
    (seat(0, y=1_001), "seats[0].y:"),
    (seat(2, label=""), "seats[2].label:"),
    ({"rules": ()}, "rules:"),
    (rule(1, id="kr-session"), "rules[1].id:"),
    (rule(0, passes=fraction(numerator=0)), "rules[0].passes.numerator:"),
    (rule(0, passes=fraction(numerator=3)), "rules[0].passes.numerator:"),
    (rule(0, passes=fraction(denominator=0)), "rules[0].passes.denominator:"),
    (rule(0, passes=fraction(numerator=2)), "rules[0].passes:"),
    (rule(0, quorum=fraction("present")), "rules[0].quorum.base:"),
    (rule(0, quorum=fraction(numerator=9)), "rules[0].quorum.numerator:"),
    ({"agenda": ()}, "agenda:"),
    (item(1, id="i1"), "agenda[1].id:"),
    (item(1, number="1"), "agenda[1].number:"),
    (item(0, rule="nothing"), "agenda[0].rule:"),
    (item(0, duration_ms=4_999), "agenda[0].duration_ms:"),
    (item(0, duration_ms=600_001), "agenda[0].duration_ms:"),
    (item(0, question=text("z" * 1_001)), "agenda[0].question.ru:"),
]


@pytest.mark.parametrize(("changes", "field"), FAULTS, ids=[field for _, field in FAULTS])
def test_a_fault_in_the_plan_is_refused_by_its_field(changes, field):
    bad = msgspec.structs.replace(GOOD, **changes)
    sitting = Sitting()
    answer = decide(sitting, c.PrepareSitting(bad), 0)
    assert isinstance(answer, Refused) and answer.reason == "invalid_configuration"
    assert answer.detail.startswith(field)
    assert sitting.phase == "none"


def test_a_badge_is_a_secret_and_is_not_repeated_in_the_answer():
    bad = msgspec.structs.replace(GOOD, **deputy(3, badge=GOOD.deputies[0].badge))
    assert list(faults(bad)) == ["deputies[3].badge: is already used by deputies[0].badge"]


def test_a_plan_with_several_faults_lists_them_all():
    bad = msgspec.structs.replace(GOOD, hall="?", established=9, **seat(0, x=-1))
    assert [one.split(":")[0] for one in faults(bad)] == ["hall", "established", "seats[0].x"]


def test_a_good_plan_is_the_first_fact():
    assert decide(Sitting(), c.PrepareSitting(GOOD), 0) == (GOOD,)
    assert decide(Sitting(), c.PrepareSitting(plan(500)), 0) == (plan(500),)


def test_one_deputy_more_than_the_limit_is_too_many():
    answer = decide(Sitting(), c.PrepareSitting(plan(501)), 0)
    assert isinstance(answer, Refused)
    assert any(one.startswith("deputies:") for one in faults(plan(501)))
    assert any(one.startswith("seats:") for one in faults(plan(501)))


def test_kyrgyz_letters_and_no_break_spaces_are_text():
    name = f.Text("Заседание №\u00a05", "Өкмөттүн отуруму, ң ө ү", "Sitting No.\u00a05")
    assert not list(faults(msgspec.structs.replace(GOOD, title=name)))
