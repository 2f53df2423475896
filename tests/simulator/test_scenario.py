"""A scenario file is understood, or refused with its file and key named."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator import scenario
from simulator.scenario import ScenarioError

HEAD = """
version = 1
title = "A test"
seats = 10
[[group]]
name = "some"
percent = 40
[[group]]
name = "others"
rest = true
"""
STEP = '[[step]]\ndo = "arrive"\nwho = ["some"]\n'


def load(folder: Path, text: str) -> scenario.Scenario:
    file = folder / "tested.toml"
    file.write_text(text, encoding="utf-8")
    return scenario.load(file)


@pytest.mark.parametrize("file", sorted(scenario.FOLDER.glob("*.toml")), ids=lambda file: file.stem)
@pytest.mark.parametrize("seats", [0, 12, 51, 500])
def test_every_shipped_scenario_can_be_played_in_every_hall(file: Path, seats: int) -> None:
    shipped = scenario.load(file)
    seats = seats or shipped.seats
    sizes = shipped.sizes(seats)
    assert sum(sizes.values()) == seats
    assert all(size > 0 for size in sizes.values())


def test_groups_share_the_hall_and_the_rest_takes_what_is_left(tmp_path: Path) -> None:
    assert load(tmp_path, HEAD + STEP).sizes(51) == {"some": 20, "others": 31}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("version = 1\ntitle =", "not TOML"),
        (HEAD.replace("version = 1", "version = 2") + STEP, "$.version"),
        (HEAD.replace("seats = 10", 'seats = "ten"') + STEP, "$.seats"),
        (HEAD.replace("seats = 10", "seats = 501") + STEP, "seats: 501"),
        (HEAD + STEP + 'colour = "red"\n', "`colour`"),
        (HEAD + STEP.replace('"arrive"', '"fly"'), "$.step[0]"),
        (HEAD + STEP.replace('who = ["some"]\n', ""), "`who`"),
        (HEAD + STEP.replace('["some"]', '["nobody"]'), "step[0] (arrive).who: no group"),
        (HEAD + STEP.replace('["some"]', "[]"), "step[0] (arrive).who: at least one"),
        (HEAD + STEP + "within_s = -1\n", "step[0] (arrive).within_s"),
        (HEAD + STEP + "pause_s = 1e9\n", "step[0] (arrive).pause_s"),
        (HEAD.replace("percent = 40", "percent = 40\ncount = 2") + STEP, "group[0]: exactly one"),
        (HEAD.replace("percent = 40", "rest = true") + STEP, "group: only one"),
        (HEAD.replace('"others"', '"some"') + STEP, "group[1].name"),
        (HEAD.replace('"others"', '"all"') + STEP, "group[1].name"),
        (HEAD.replace("percent = 40", "percent = 100") + STEP, "nobody is left for 'others'"),
        (HEAD.replace("percent = 40", "count = 11") + STEP, "11 deputies in a hall of 10"),
        (HEAD + '[[step]]\ndo = "order"\nname = "open_vote"\n', "step[0] (order).item"),
        (HEAD + '[[step]]\ndo = "order"\nname = "adjourn"\n', "$.step[0].name"),
        (HEAD + '[[step]]\ndo = "order"\nname = "extend_vote"\n', "step[0] (order).by_s"),
        (HEAD + '[[step]]\ndo = "order"\nname = "revoke_terminal"\n', "step[0] (order).who"),
        (
            HEAD + '[[step]]\ndo = "order"\nname = "end_sitting"\nduration_s = 5\n',
            "step[0] (order).duration_s",
        ),
        (HEAD, "`step`"),
    ],
)
def test_a_fault_is_told_with_its_file_and_key(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        load(tmp_path, text)
    assert "tested.toml" in str(caught.value)
    assert named in str(caught.value)


def test_an_unknown_scenario_is_told_with_those_that_there_are() -> None:
    with pytest.raises(ScenarioError, match="registration_and_vote"):
        scenario.find("no_such_story")


def test_a_scenario_is_found_by_its_name_and_by_its_path(tmp_path: Path) -> None:
    assert scenario.find("late_press") == scenario.FOLDER / "late_press.toml"
    own = tmp_path / "own.toml"
    own.write_text(HEAD + STEP, encoding="utf-8")
    assert scenario.find(str(own)) == own
