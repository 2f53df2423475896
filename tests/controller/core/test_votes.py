"""A vote from its opening to its proclamation: rights, presses, deadlines, the five values."""

from __future__ import annotations

import hashlib
import struct

import pytest

from controller.core import commands as c
from controller.core import facts as f
from controller.core.refusals import Refused
from tests.controller.halls import Hall, badge, plan, rule


def reason(answer) -> str:
    assert isinstance(answer, Refused), answer
    return str(answer.reason)


def refused(answer) -> str:
    assert isinstance(answer[-1], f.EventRefused), answer
    return str(answer[-1].reason)


def values(hall: Hall, vote: str = "v1") -> dict[str, str]:
    return {one.deputy: one.value for one in hall.sitting.votes[vote].closed.votes}


# --- opening


def test_a_vote_opens_with_its_number_its_deadline_and_the_votes_needed():
    hall = Hall(plan(5)).at_item()
    (opened,) = hall.order(c.OpenVote("i1"))
    assert (opened.vote, opened.item, opened.rule) == ("v1", "i1", "kr-session")
    assert opened.deadline_ms - opened.opened_ms == 20_000
    assert opened.opened_ms == hall.now_ms
    assert (opened.present, opened.votes_needed) == (5, 3)
    assert opened.answers == ("for", "against", "abstain")
    assert opened.question == hall.sitting.plan.agenda[0].question
    assert opened.checkpoint_size <= len(hall.entries) - 1


def test_without_a_quorum_of_those_present_nothing_opens():
    hall = Hall(plan(5)).at_item()
    hall.do(c.TakeBadgeAway("s1"))
    hall.do(c.LoseSeat("s2"))
    hall.do(c.StartTerminal("s3", "1.1"))
    before = hall.sitting.dump()
    answer = hall.order(c.OpenVote("i1"))
    assert reason(answer) == "no_quorum" and answer.detail == "2 present, 3 needed"
    assert hall.sitting.dump() == before
    hall.do(c.RestoreSeat("s2"))
    assert isinstance(hall.order(c.OpenVote("i1")), tuple)


def test_vacant_seats_count_for_the_established_number():
    hall = Hall(plan(5, vacant=5)).at_item()
    assert reason(hall.order(c.OpenVote("i1"))) == "no_quorum"


@pytest.mark.parametrize(
    ("duration_ms", "good"), [(4_999, False), (5_000, True), (600_000, True), (600_001, False)]
)
def test_a_vote_lasts_five_seconds_to_ten_minutes(duration_ms, good):
    answer = Hall(plan(3)).at_item().order(c.OpenVote("i1", duration_ms))
    assert isinstance(answer, tuple) if good else reason(answer) == "duration_out_of_range"


def test_an_unknown_item_is_neither_announced_nor_voted_on():
    hall = Hall(plan(3)).at_item()
    assert reason(hall.order(c.AnnounceItem("i9"))) == "unknown_item"
    assert reason(hall.order(c.OpenVote("i9"))) == "unknown_item"
    assert reason(hall.order(c.OpenVote("i2"))) == "wrong_state"
    assert reason(hall.order(c.AnnounceItem("i1"))) == "wrong_state"


def test_no_item_is_announced_while_deputies_register():
    hall = Hall(plan(3))
    hall.order(c.OpenRegistration())
    assert reason(hall.order(c.AnnounceItem("i1"))) == "wrong_state"
    hall.order(c.CloseRegistration())
    assert reason(hall.order(c.CloseRegistration())) == "wrong_state"
    assert isinstance(hall.order(c.AnnounceItem("i1")), tuple)


def test_an_order_to_open_a_vote_without_the_ledgers_checkpoint_is_a_fault_of_the_program():
    from controller.core.sitting import decide

    hall = Hall(plan(3)).at_item()
    with pytest.raises(ValueError, match="checkpoint"):
        decide(hall.sitting, c.Order("x", "chair", c.OpenVote("i1")), 5_000)


# --- the ballot's hash, computed here with this file's own CBOR


def cbor(value) -> bytes:
    """Deterministic CBOR of what a ballot's hash holds, written from RFC 8949 for this test."""

    def head(major: int, number: int) -> bytes:
        for size, (limit, form) in enumerate([(24, ""), (1 << 8, ">B"), (1 << 16, ">H")]):
            if number < limit:
                if size == 0:
                    return bytes([major << 5 | number])
                return bytes([major << 5 | 23 + size]) + struct.pack(form, number)
        return bytes([major << 5 | 26]) + struct.pack(">I", number)

    if value is None:
        return b"\xf6"
    if isinstance(value, int):
        return head(0, value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    return head(4, len(value)) + b"".join(cbor(one) for one in value)


def test_the_ballot_names_question_answers_form_rule_roster_and_the_ledger_at_the_opening():
    hall = Hall(plan(40)).voting()
    opened = hall.sitting.last_vote.opened
    prepared = hall.sitting.plan
    question = prepared.agenda[0].question
    deputies = [[d.id, d.number, d.badge, d.faction] for d in prepared.deputies]
    roster = hashlib.sha256(cbor(["dobush-roster-v1", 40, deputies])).digest()
    expected = [
        "dobush-ballot-v1",
        "h1",
        "2026-11",
        "v1",
        "i1",
        [question.ru, question.ky, question.en],
        ["for", "against", "abstain"],
        "open_named",
        "kr-session",
        roster,
        opened.checkpoint_size,
        opened.checkpoint_root,
    ]
    assert opened.ballot == hashlib.sha256(cbor(expected)).digest()
    assert opened.checkpoint_root == hashlib.sha256(b"%d" % opened.checkpoint_size).digest()


# --- pressing


def test_a_press_is_cast_and_the_last_press_counts():
    hall = Hall(plan(3)).voting()
    assert hall.press(1, "for") == (f.BallotCast("v1", "d1", "s1", "for"),)
    first = hall.sitting.last_vote.casts["d1"].position
    hall.press(1, "against")
    cast = hall.sitting.last_vote.casts["d1"]
    assert (cast.answer, cast.position) == ("against", first + 1)
    assert hall.sitting.last_vote.voted_count == 1
    hall.order(c.CloseVote("v1"))
    assert values(hall) == {"d1": "against", "d2": "not_voted", "d3": "not_voted"}


def test_an_answer_that_is_not_on_the_ballot_is_refused():
    hall = Hall(plan(3)).voting()
    assert refused(hall.press(1, "maybe")) == "answer_not_allowed"
    assert hall.sitting.last_vote.casts == {}


def test_a_press_without_a_vote_is_refused_by_what_it_names():
    hall = Hall(plan(3)).at_item()
    assert refused(hall.press(1)) == "no_vote_open"
    hall.order(c.OpenVote("i1"))
    assert refused(hall.press(1, ballot=b"\x01" * 32)) == "other_ballot"
    first = hall.sitting.last_vote.opened.ballot
    hall.order(c.CloseVote("v1"))
    assert refused(hall.press(1)) == "vote_closed"
    hall.order(c.ProclaimResult("v1"))
    assert refused(hall.press(1)) == "vote_closed"
    assert refused(hall.press(1, ballot=b"\x01" * 32)) == "other_ballot"
    hall.order(c.AnnounceItem("i2"))
    hall.order(c.OpenVote("i2"))
    assert refused(hall.press(1, ballot=first)) == "other_ballot"
    assert hall.sitting.last_vote.casts == {}


def test_a_late_press_changes_no_result():
    hall = Hall(plan(3)).voting()
    hall.press(1, "for")
    hall.order(c.CloseVote("v1"))
    before = values(hall)
    assert hall.press(1, "against") == (f.EventRefused("s1", "d1", "vote_closed"),)
    assert hall.press(2, "against") == (f.EventRefused("s2", "d2", "vote_closed"),)
    assert values(hall) == before


def test_a_press_counts_only_from_the_seat_where_the_badge_is():
    hall = Hall(plan(3)).voting()
    assert refused(hall.press(1, seat="s2")) == "badge_elsewhere"
    assert hall.press(1, seat="s4")[-1] == f.EventRefused("s4", "d1", "badge_elsewhere")
    hall.do(c.TakeBadgeAway("s3"))
    assert refused(hall.press(3)) == "seat_empty"
    assert refused(hall.press(3, seat="s2")) == "not_present"
    unknown = c.PressAnswer("s1", b"\x00" * 7, hall.sitting.last_vote.opened.ballot, "for")
    assert refused(hall.do(unknown)) == "unknown_badge"
    hall.do(c.StartTerminal("s1", "1.1"))
    assert refused(hall.press(1)) == "not_present"
    assert hall.sitting.last_vote.casts == {}


def test_a_press_from_a_lost_seat_brings_the_seat_back_and_counts():
    hall = Hall(plan(3)).voting()
    hall.do(c.LoseSeat("s1"))
    assert hall.press(1) == (f.SeatRestored("s1"), f.BallotCast("v1", "d1", "s1", "for"))


def test_who_was_lost_since_before_the_registration_is_registered_and_votes_by_one_press():
    hall = Hall(plan(3))
    hall.arrive(1, 2, 3)
    hall.do(c.LoseSeat("s1"))
    for command in (c.OpenRegistration(), c.CloseRegistration(), c.AnnounceItem("i1")):
        hall.order(command)
    hall.order(c.OpenVote("i1"))
    assert hall.press(1) == (
        f.SeatRestored("s1"),
        f.DeputyRegistered("d1", True),
        f.BallotCast("v1", "d1", "s1", "for"),
    )


def test_who_comes_during_the_vote_is_registered_late_and_votes():
    hall = Hall(plan(3)).voting(present=2)
    hall.arrive(3)
    assert hall.press(3) == (f.BallotCast("v1", "d3", "s3", "for"),)


# --- closing


def test_every_deputy_gets_exactly_one_of_the_five_values():
    hall = Hall(plan(7, vacant=1)).voting(present=6)
    for number, answer in ((1, "for"), (2, "against"), (3, "abstain"), (4, "for")):
        hall.press(number, answer)
    hall.do(c.TakeBadgeAway("s4"))  # voted, then left
    hall.do(c.LoseSeat("s6"))  # did not vote and has no connection
    (closed,) = hall.order(c.CloseVote("v1"))
    assert [one.value for one in closed.votes] == [
        "for",
        "against",
        "abstain",
        "for",
        "not_voted",
        "absent",
        "absent",
    ]
    assert closed.tally == f.Tally(2, 1, 1, 1, 2)
    assert (closed.present, closed.votes_needed, closed.adopted) == (5, 5, False)


def test_the_entitled_are_those_who_may_vote_now_and_those_who_did():
    hall = Hall(plan(5)).voting()
    entitled = hall.sitting.attendance.entitled
    hall.press(1)
    hall.do(c.TakeBadgeAway("s1"))
    hall.do(c.TakeBadgeAway("s2"))
    assert hall.sitting.last_vote.entitled_count(entitled()) == 4
    hall.order(c.CloseVote("v1"))
    hall.do(c.TakeBadgeAway("s3"))
    assert hall.sitting.last_vote.entitled_count(entitled()) == 4, "fixed by the close"


def test_the_base_of_those_present_holds_everybody_whose_vote_counts():
    hall = Hall(plan(5, rules=(rule("present"),))).voting()
    for number in (1, 2):
        hall.press(number, "for")
        hall.do(c.TakeBadgeAway(f"s{number}"))
    (closed,) = hall.order(c.CloseVote("v1"))
    assert (closed.present, closed.votes_needed, closed.adopted) == (5, 3, False)


@pytest.mark.parametrize(
    ("made_by", "votes", "adopted"),
    [
        (rule("established", "gt", 1, 2), "ffaa", False),
        (rule("established", "ge", 1, 2), "ffaa", True),
        (rule("took_part", "gt", 1, 2), "ff.x", True),
        (rule("took_part", "gt", 1, 2), "ffxx", False),
        (rule("cast", "gt", 1, 2), "ffxa", True),
        (rule("cast", "ge", 2, 3), "ffxa", True),
        (rule("cast", "gt", 2, 3), "ffxa", False),
        (rule("elected", "ge", 2, 3), "fff.", True),
        (rule("elected", "ge", 2, 3), "ff..", False),
        (rule("present", "gt", 1, 2), "fff.", True),
        (rule("present", "gt", 1, 2), "ff..", False),
        (rule("took_part", "ge", 1, 2), "....", False),
    ],
)
def test_the_decision_is_made_by_the_items_rule(made_by, votes, adopted):
    hall = Hall(plan(4, rules=(made_by,))).voting()
    for number, letter in enumerate(votes, start=1):
        if letter != ".":
            hall.press(number, {"f": "for", "a": "against", "x": "abstain"}[letter])
    (closed,) = hall.order(c.CloseVote("v1"))
    assert closed.adopted is adopted


def test_the_tick_closes_at_the_deadline_and_not_before():
    hall = Hall(plan(3)).voting()
    deadline_ms = hall.sitting.last_vote.deadline_ms
    hall.now_ms = deadline_ms - 2
    assert hall.do(c.Tick()) == ()
    assert hall.sitting.last_vote.remaining_ms(hall.now_ms) == 1
    (closed,) = hall.do(c.Tick())
    assert closed.cause == "timer" and hall.now_ms == deadline_ms
    assert hall.do(c.Tick()) == ()


def test_a_press_taken_from_the_queue_before_the_tick_counts_after_the_deadline():
    hall = Hall(plan(3)).voting()
    hall.now_ms = hall.sitting.last_vote.deadline_ms + 50
    assert hall.press(1) == (f.BallotCast("v1", "d1", "s1", "for"),)
    (closed,) = hall.do(c.Tick())
    assert closed.tally.votes_for == 1


# --- more time


@pytest.mark.parametrize(
    ("by_ms", "good"), [(4_999, False), (5_000, True), (60_000, True), (60_001, False)]
)
def test_the_chair_extends_a_vote_within_the_limits(by_ms, good):
    hall = Hall(plan(3)).voting()
    deadline_ms = hall.sitting.last_vote.deadline_ms
    answer = hall.order(c.ExtendVote("v1", by_ms))
    if good:
        assert answer == (f.VoteExtended("v1", deadline_ms + by_ms, "chair"),)
        assert hall.sitting.last_vote.deadline_ms == deadline_ms + by_ms
    else:
        assert reason(answer) == "duration_out_of_range"


def test_an_extension_after_the_deadline_and_before_its_tick_counts_from_now():
    hall = Hall(plan(3)).voting()
    hall.now_ms = hall.sitting.last_vote.deadline_ms + 700
    made = hall.order(c.ExtendVote("v1", 10_000))
    assert made == (f.VoteExtended("v1", hall.now_ms + 10_000, "chair"),)


def test_all_extensions_together_are_bounded():
    hall = Hall(plan(3)).at_item()
    hall.order(c.OpenVote("i1", 600_000))
    for _ in range(20):
        assert isinstance(hall.order(c.ExtendVote("v1", 60_000)), tuple)
    assert reason(hall.order(c.ExtendVote("v1", 60_000))) == "duration_out_of_range"


@pytest.mark.parametrize("command", [c.ExtendVote("v7", 10_000), c.CloseVote("v7")])
def test_a_vote_that_is_not_the_open_one_is_named(command):
    hall = Hall(plan(3)).voting()
    assert reason(hall.order(command)) == "unknown_vote"


def test_an_older_vote_cannot_be_closed_or_proclaimed_again():
    hall = Hall(plan(3)).voting()
    for command in (c.CloseVote("v1"), c.ProclaimResult("v1"), c.OpenVote("i1")):
        hall.order(command)
    assert reason(hall.order(c.CloseVote("v1"))) == "vote_closed"
    hall.order(c.CloseVote("v2"))
    assert reason(hall.order(c.ProclaimResult("v1"))) == "vote_closed"


# --- a restart


def test_a_restarted_controller_gives_an_open_vote_its_last_ten_seconds():
    hall = Hall(plan(3)).voting()
    hall.now_ms = hall.sitting.last_vote.deadline_ms + 7_000
    made = hall.do(c.StartController("two"))
    assert made == (
        f.ControllerStarted(2, "two"),
        f.VoteExtended("v1", hall.now_ms + 10_000, "restart"),
    )
    assert hall.do(c.Tick()) == ()


def test_a_restart_with_exactly_ten_seconds_left_extends_nothing_and_one_less_does():
    for short_ms, extended in ((0, False), (1, True)):
        hall = Hall(plan(3)).voting()
        hall.now_ms = hall.sitting.last_vote.deadline_ms - 10_000 + short_ms - 1
        made = hall.do(c.StartController("two"))
        assert isinstance(made[-1], f.VoteExtended) is extended


def test_a_restart_with_time_left_or_without_a_vote_extends_nothing():
    hall = Hall(plan(3)).voting()
    assert hall.do(c.StartController("two")) == (f.ControllerStarted(2, "two"),)
    hall.order(c.CloseVote("v1"))
    assert hall.do(c.StartController("three")) == (f.ControllerStarted(3, "three"),)


# --- repeats and the end


def test_an_item_has_one_repeat_after_the_proclamation_and_no_more():
    hall = Hall(plan(3)).voting()
    hall.press(1, "for")
    hall.order(c.CloseVote("v1"))
    assert reason(hall.order(c.OpenVote("i1"))) == "wrong_state"
    hall.order(c.ProclaimResult("v1"))
    (again,) = hall.order(c.OpenVote("i1"))
    assert again.vote == "v2" and hall.sitting.last_vote.casts == {}
    assert again.ballot != hall.sitting.votes["v1"].opened.ballot
    hall.order(c.CloseVote("v2"))
    hall.order(c.ProclaimResult("v2"))
    assert reason(hall.order(c.OpenVote("i1"))) == "wrong_state"
    assert hall.sitting.agenda.votes("i1") == ("v1", "v2")


def test_an_item_left_without_a_vote_is_pending_again():
    hall = Hall(plan(3)).at_item("i1")
    hall.order(c.AnnounceItem("i2"))
    assert [hall.sitting.agenda.state(f"i{n}") for n in (1, 2, 3)] == [
        "pending",
        "current",
        "pending",
    ]


def test_a_sitting_that_ends_while_deputies_register_closes_the_registration():
    hall = Hall(plan(3))
    hall.order(c.OpenRegistration())
    assert hall.order(c.EndSitting()) == (f.RegistrationClosed(0, 0, False), f.SittingEnded())


def test_after_the_end_badges_still_come_and_go_and_nobody_is_registered():
    hall = Hall(plan(3)).at_item(present=2)
    hall.order(c.EndSitting())
    hall.do(c.StartTerminal("s3", "1.0"))
    assert hall.do(c.PresentBadge("s3", badge(3))) == (f.BadgeSeated("s3", "d3"),)
    assert hall.do(c.TakeBadgeAway("s1")) == (f.BadgeLeft("s1", "d1", "taken_away"),)
    assert refused(hall.press(2)) == "no_vote_open"
    assert refused(hall.do(c.RequestFloor("s2"))) == "floor_not_open"
