"""The board and the record of a vote: their exact shapes, and no choice before the close."""

from __future__ import annotations

import itertools
import json

import msgspec
import pytest

from controller.core import commands as c
from controller.core.refusals import Refused
from controller.records.board import board, wall_time
from controller.records.chair import chair_steps
from controller.records.votes import vote_record
from tests.controller.halls import Hall, plan, rule, text

FIVE = ("for", "against", "abstain", "not_voted", "absent")
WALL_MS = 1_795_000_000_123


def shown(hall: Hall) -> dict:
    """The board as its reader gets it: through JSON."""
    return json.loads(json.dumps(board(hall.sitting, hall.now_ms, WALL_MS)))


def in_three(word: str) -> dict:
    one = text(word)
    return {"ru": one.ru, "ky": one.ky, "en": one.en}


@pytest.fixture
def closed() -> Hall:
    """Four deputies and a vacant seat: one for, one against, one did not vote, one is absent."""
    hall = Hall(plan(4, vacant=1, items=2)).voting(present=3)
    hall.press(1, "for")
    hall.press(2, "against")
    hall.do(c.RequestFloor("s2"))
    hall.order(c.CloseVote("v1"))
    return hall


def test_the_boards_head_tells_hall_sitting_time_and_quorum(closed):
    seen = shown(closed)
    for part in ("deputies", "agenda", "vote", "seats"):
        del seen[part]
    assert seen == {
        "version": 1,
        "revision": len(closed.entries),
        "hall": {"id": "h1", "name": in_three("hall")},
        "sitting": {"id": "2026-11", "title": in_three("sitting"), "phase": "closed"},
        "time": {"hall_ms": closed.now_ms, "wall": "2026-11-18T17:06:40.123+06:00"},
        "established": 5,
        "vacant": 1,
        "quorum": {
            "needed": 3,
            "present": 3,
            "registered": 3,
            "no_connection": 0,
            "reached": True,
        },
        "registration": {"open": False},
        "factions": [
            {"id": "a", "name": in_three("A"), "short": in_three("a")},
            {"id": "b", "name": in_three("B"), "short": in_three("b")},
        ],
        "item": "i1",
        "floor": {"queue": ["d2"]},
        "checkpoint": None,
    }


def test_the_board_tells_of_each_deputy_and_each_seat(closed):
    deputies, seats = shown(closed)["deputies"], shown(closed)["seats"]
    assert deputies[1] == {
        "id": "d2",
        "number": 2,
        "name": {
            language: {"full": f"Deputy 2 {language}", "short": "D. 2", "sort": "0002"}
            for language in ("ru", "ky", "en")
        },
        "faction": None,
        "terminal": "s2",
        "presence": "present",
        "registered": True,
        "voted": True,
        "value": "against",
    }
    assert [(one["presence"], one["voted"], one["value"]) for one in deputies] == [
        ("present", True, "for"),
        ("present", True, "against"),
        ("present", False, "not_voted"),
        ("absent", False, "absent"),
    ]
    assert seats[3] == {
        "terminal": "s4",
        "label": "4",
        "x": 4,
        "y": 0,
        "deputy": None,
        "state": "never",
    }
    assert [one["state"] for one in seats] == ["online", "online", "online", "never"]


def test_the_board_tells_of_each_item(closed):
    assert shown(closed)["agenda"] == [
        {
            "id": "i1",
            "number": "1",
            "title": in_three("item 1"),
            "question": in_three("q 1"),
            "state": "current",
            "vote": "v1",
            "adopted": False,
        },
        {
            "id": "i2",
            "number": "2",
            "title": in_three("item 2"),
            "question": in_three("q 2"),
            "state": "pending",
            "vote": None,
            "adopted": None,
        },
    ]


def test_the_board_shows_a_closed_vote_in_full(closed):
    vote = shown(closed)["vote"]
    rule = vote.pop("rule")
    assert rule["id"] == "kr-session" and set(rule) == {"id", "name", "source"}
    opened_ms = closed.sitting.last_vote.opened.opened_ms
    assert vote == {
        "id": "v1",
        "item": "i1",
        "question": in_three("q 1"),
        "state": "closed",
        "answers": ["for", "against", "abstain"],
        "votes_needed": 3,
        "base": {"name": "established", "number": 5},
        "opened_ms": opened_ms,
        "deadline_ms": opened_ms + 20_000,
        "duration_ms": 20_000,
        "remaining_ms": 0,
        "voted": 2,
        "entitled": 3,
        "result": {
            "for": 1,
            "against": 1,
            "abstain": 0,
            "not_voted": 1,
            "absent": 1,
            "adopted": False,
            "by_faction": [
                {"faction": "a", **dict.fromkeys(FIVE, 0), "not_voted": 1},
                {"faction": "b", **dict.fromkeys(FIVE, 0), "for": 1, "absent": 1},
                {"faction": None, **dict.fromkeys(FIVE, 0), "against": 1},
            ],
            "by_deputy": [
                {"deputy": "d1", "value": "for"},
                {"deputy": "d2", "value": "against"},
                {"deputy": "d3", "value": "not_voted"},
                {"deputy": "d4", "value": "absent"},
            ],
        },
    }


def test_while_a_vote_is_open_no_page_depends_on_how_anybody_voted():
    boards, records, steps = set(), set(), set()
    for one, two in itertools.product(("for", "against", "abstain"), repeat=2):
        hall = Hall(plan(4)).voting(present=3)
        hall.press(1, one)
        hall.press(2, two)
        boards.add(json.dumps(shown(hall)))
        records.add(json.dumps(vote_record(hall.sitting, "v1", hall.now_ms)))
        steps.add(json.dumps(chair_steps(hall.sitting, hall.now_ms)))
    assert len(boards) == len(records) == len(steps) == 1
    seen, record = json.loads(boards.pop()), json.loads(records.pop())
    assert [one["voted"] for one in seen["deputies"]] == [True, True, False, False]
    assert {one["value"] for one in seen["deputies"]} == {None}
    assert (seen["vote"]["voted"], seen["vote"]["entitled"]) == (2, 3)
    assert seen["vote"]["result"] is None and seen["agenda"][0]["adopted"] is None
    assert record["by_deputy"] == [] and record["numbers"] is None


def test_the_open_vote_counts_its_time_down_and_never_below_zero():
    hall = Hall(plan(3)).voting()
    deadline_ms = hall.sitting.last_vote.deadline_ms
    for now_ms, left in ((deadline_ms - 1_500, 1_500), (deadline_ms, 0), (deadline_ms + 9, 0)):
        assert board(hall.sitting, now_ms, WALL_MS)["vote"]["remaining_ms"] == left


def test_the_base_of_those_present_is_shown_as_at_the_opening_and_then_as_counted():
    hall = Hall(plan(5, rules=(rule("present"),))).voting(present=4)
    hall.press(1)
    hall.arrive(5)
    assert shown(hall)["vote"]["base"] == {"name": "present", "number": 4}
    assert shown(hall)["vote"]["votes_needed"] == 3
    hall.do(c.TakeBadgeAway("s2"))
    hall.do(c.TakeBadgeAway("s3"))
    hall.order(c.CloseVote("v1"))
    assert shown(hall)["vote"]["base"] == {"name": "present", "number": 3}
    assert shown(hall)["vote"]["votes_needed"] == 2


def test_a_new_item_takes_the_last_result_from_the_board():
    hall = Hall(plan(3)).voting()
    for command in (c.CloseVote("v1"), c.ProclaimResult("v1"), c.AnnounceItem("i2")):
        hall.order(command)
    seen = shown(hall)
    assert seen["vote"] is None and seen["item"] == "i2"
    assert {one["value"] for one in seen["deputies"]} == {None}
    assert not any(one["voted"] for one in seen["deputies"])
    assert [one["state"] for one in seen["agenda"]] == ["done", "current", "pending"]
    assert seen["agenda"][0]["vote"] == "v1" and seen["agenda"][0]["adopted"] is False


def test_registered_present_and_no_connection_are_three_numbers():
    hall = Hall(plan(5)).at_item()
    hall.do(c.LoseSeat("s1"))
    hall.do(c.StartTerminal("s2", "1.1"))
    hall.do(c.TakeBadgeAway("s3"))
    hall.order(c.RevokeTerminal("s4"))
    seen = shown(hall)
    assert seen["quorum"] == {
        "needed": 3,
        "present": 1,
        "registered": 5,
        "no_connection": 2,
        "reached": False,
    }
    assert [one["presence"] for one in seen["deputies"]] == [
        "no_connection",
        "no_connection",
        "absent",
        "absent",
        "present",
    ]
    states = [one["state"] for one in seen["seats"]]
    assert states == ["lost", "online", "online", "revoked", "online"]


def test_the_board_before_a_plan_says_so():
    seen = shown(Hall())
    assert seen["hall"] is None
    assert seen["sitting"] == {"id": None, "title": None, "phase": "none"}
    assert seen["deputies"] == seen["seats"] == seen["agenda"] == seen["factions"] == []
    assert seen["quorum"]["reached"] is False and seen["time"]["wall"].endswith("+00:00")


def test_the_checkpoint_is_shown_as_it_is_given():
    point = {"size": 5, "root": "ab", "text": "dobush/h1/2026-11\n5\nqw==\n"}
    hall = Hall(plan(3))
    assert board(hall.sitting, 0, WALL_MS, point)["checkpoint"] == point


def test_an_unknown_time_zone_is_shown_in_utc():
    strange = msgspec.structs.replace(plan(3), time_zone="Mars/Olympus")
    assert wall_time(WALL_MS, strange) == "2026-11-18T11:06:40.123+00:00"


def test_the_record_of_a_vote_holds_its_proof_and_every_name():
    hall = Hall(plan(4)).voting(present=3)
    hall.press(1, "for")
    hall.press(1, "abstain")
    hall.press(2, "for")
    hall.order(c.CloseVote("v1"))
    hall.order(c.ProclaimResult("v1"))
    record = json.loads(json.dumps(vote_record(hall.sitting, "v1")))
    kinds = [type(fact).__name__ for fact, _ in hall.entries]
    assert record["positions"] == {
        "opened": kinds.index("VoteOpened"),
        "closed": kinds.index("VoteClosed"),
        "proclaimed": kinds.index("ResultProclaimed"),
    }
    opened = hall.sitting.last_vote.opened
    assert record["ballot"] == opened.ballot.hex()
    assert record["checkpoint"] == {
        "size": opened.checkpoint_size,
        "root": opened.checkpoint_root.hex(),
    }
    assert record["numbers"] == {
        "established": 4,
        "elected": 4,
        "present": 3,
        "took_part": 2,
        "cast": 1,
    }
    assert record["closed_by"] == "chair"
    assert record["vote"] == shown(hall)["vote"]
    named = [(one["deputy"], one["value"], one["position"]) for one in record["by_deputy"]]
    casts = [n for n, kind in enumerate(kinds) if kind == "BallotCast"]
    assert named == [
        ("d1", "abstain", casts[1]),
        ("d2", "for", casts[2]),
        ("d3", "not_voted", None),
        ("d4", "absent", None),
    ]


def test_the_record_of_an_unknown_vote_is_refused():
    answer = vote_record(Hall(plan(3)).sitting, "v9")
    assert isinstance(answer, Refused) and answer.reason == "unknown_vote"


def test_the_chairs_steps_are_plain_data_with_the_orders_fields():
    hall = Hall(plan(3)).at_item()
    steps = json.loads(json.dumps(chair_steps(hall.sitting, hall.now_ms)))
    assert steps["primary"]["command"] == "open_vote"
    assert steps["primary"]["fields"] == {"item": "i1", "duration_ms": None}
    assert steps["primary"]["allowed"] is True and steps["primary"]["reason"] is None
    refused = {one["command"]: one["reason"] for one in steps["others"] if not one["allowed"]}
    assert refused["close_vote"] == "no_vote_open"
    assert refused["proclaim_result"] == "wrong_state"


@pytest.mark.parametrize("deputies", [51, 500])
def test_a_board_of_a_full_hall_is_whole(deputies):
    hall = Hall(plan(deputies)).voting()
    for number in range(1, deputies + 1):
        hall.press(number)
    hall.order(c.CloseVote("v1"))
    seen = shown(hall)
    assert len(seen["deputies"]) == len(seen["seats"]) == deputies
    assert seen["vote"]["result"]["for"] == deputies
