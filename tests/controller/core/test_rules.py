"""Decision rules: whole numbers against exact fractions, published tables and real votes."""

from __future__ import annotations

from fractions import Fraction as Exact

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.core.facts import Fraction, Tally
from controller.core.rule_presets import KR_PROCEDURAL, KR_QUALIFIED, KR_SESSION, PRESETS
from controller.core.rules import (
    Numbers,
    base_number,
    numbers_after,
    numbers_before,
    passes,
    votes_needed,
)

# rules of the hall, 5.6: established number, >= 1/2, > 1/2, >= 2/3, >= 3/4
VOTES_NEEDED = [
    (30, 15, 16, 20, 23),
    (31, 16, 16, 21, 24),
    (41, 21, 21, 28, 31),
    (45, 23, 23, 30, 34),
    (51, 26, 26, 34, 39),
    (90, 45, 46, 60, 68),
    (235, 118, 118, 157, 177),
]
BASES = ("established", "elected", "present", "took_part", "cast")


@pytest.mark.parametrize("row", VOTES_NEEDED)
def test_votes_needed_are_those_of_the_published_table(row: tuple[int, ...]) -> None:
    number, *needed = row
    fractions = [("ge", 1, 2), ("gt", 1, 2), ("ge", 2, 3), ("ge", 3, 4)]
    for base_index, base in enumerate(BASES):
        # every other base is far away, so that a mixed-up base is seen
        values = [9_000, 9_100, 9_200, 9_300, 9_400]
        values[base_index] = number
        for (compare, top, bottom), expected in zip(fractions, needed, strict=True):
            fraction = Fraction(base, compare, top, bottom)
            assert votes_needed(fraction, Numbers(*values)) == expected
            assert passes(fraction, expected, Numbers(*values))
            assert not passes(fraction, expected - 1, Numbers(*values))


@given(
    base=st.sampled_from(BASES),
    compare=st.sampled_from(["gt", "ge"]),
    bottom=st.integers(1, 1_000),
    data=st.data(),
)
def test_a_count_passes_exactly_when_the_exact_fraction_says_so(base, compare, bottom, data):
    top = data.draw(st.integers(1, bottom))
    values = data.draw(st.lists(st.integers(0, 500), min_size=5, max_size=5))
    count = data.draw(st.integers(0, 500))
    number = values[BASES.index(base)]
    share = Exact(top, bottom) * number
    enough = count > share if compare == "gt" else count >= share
    fraction = Fraction(base, compare, top, bottom)
    numbers = Numbers(*values)
    assert base_number(fraction, numbers) == number
    assert passes(fraction, count, numbers) == (enough and count > 0)
    assert passes(fraction, count, numbers) == (count >= votes_needed(fraction, numbers))


def test_nothing_is_adopted_without_a_vote_for_it():
    nobody = Numbers(51, 51, 0, 0, 0)
    for base in BASES[2:]:
        assert not passes(Fraction(base, "ge", 2, 3), 0, nobody)
        assert votes_needed(Fraction(base, "ge", 2, 3), nobody) == 1


def test_the_five_bases_are_taken_from_the_count():
    tally = Tally(votes_for=10, votes_against=4, votes_abstain=3, not_voted=2, absent=30)
    assert numbers_after(51, 49, tally) == Numbers(51, 49, 19, 17, 14)
    assert numbers_before(51, 49, 40) == Numbers(51, 49, 40, 40, 40)


@pytest.mark.parametrize(
    ("rule", "established", "tally", "adopted"),
    [
        # Bishkek 2017, the chair: 45 seats, 41 ballots
        (KR_SESSION, 45, (25, 13, 3, 0, 4), True),
        # Tokmok, the mayor: 30 seats
        (KR_SESSION, 30, (19, 11, 0, 0, 0), True),
        # Jogorku Kenesh, 20 October: 106 registered
        (KR_PROCEDURAL, 120, (34, 49, 0, 23, 14), False),
        # State Duma 73508
        (KR_SESSION, 450, (291, 0, 0, 159, 0), True),
        # equal halves are no majority
        (KR_SESSION, 30, (15, 15, 0, 0, 0), False),
        (KR_PROCEDURAL, 51, (20, 10, 10, 0, 11), False),
        (KR_QUALIFIED, 51, (34, 0, 0, 0, 17), True),
        (KR_QUALIFIED, 51, (33, 0, 0, 0, 18), False),
    ],
)
def test_real_votes_come_out_as_they_did(rule, established, tally, adopted):
    numbers = numbers_after(established, established, Tally(*tally))
    assert passes(rule.passes, tally[0], numbers) is adopted


def test_every_preset_names_its_source_and_asks_for_confirmation():
    for rule in PRESETS:
        assert "123" in rule.source.ru and "123" in rule.source.ky and "123" in rule.source.en
        assert rule.quorum == Fraction("established", "gt", 1, 2)
    assert len({rule.id for rule in PRESETS}) == len(PRESETS) == 3
