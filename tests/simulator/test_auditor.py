"""The auditor finds nothing in an honest hall, and every kind of lie by its name."""

from __future__ import annotations

import cbor2
import pytest

from simulator.auditor import count, log
from simulator.auditor.audit import audit
from simulator.auditor.lamps import steady_lamps
from simulator.auditor.observed import LampWrite, Press
from tests.simulator.small_hall import DEPUTIES, SEATS, SmallHall, root


def names(hall: SmallHall) -> set[str]:
    """What the auditor says about the hall as it tells its story now."""
    export, note = hall.export()
    return {violation.name for violation in audit(export, note, hall.observed)}


def test_an_honest_hall_has_no_violation() -> None:
    assert names(SmallHall()) == set()


# --- a file that was damaged after it was signed


def test_a_flipped_bit_in_any_byte_of_the_export_is_noticed() -> None:
    hall = SmallHall()
    export, note = hall.export()
    missed = []
    for at in range(len(export)):
        damaged = bytearray(export)
        damaged[at] ^= 1 << at % 8
        if not audit(bytes(damaged), note, hall.observed):
            missed.append(at)
    assert missed == []


def test_two_entries_that_changed_places_are_noticed() -> None:
    hall = SmallHall()
    export, note = hall.export()
    leaves = hall.leaves()
    first, second = leaves[hall.find("ballot_cast", 0)], leaves[hall.find("ballot_cast", 1)]
    aside = b"put aside"
    moved = export.replace(first, aside).replace(second, first).replace(aside, second)
    assert len(moved) == len(export)
    found = {violation.name for violation in audit(moved, note, hall.observed)}
    assert {"wrong_position", "wrong_root"} <= found


@pytest.mark.parametrize("cut", [1, 100, 1000])
def test_a_shortened_export_is_noticed(cut: int) -> None:
    hall = SmallHall()
    export, note = hall.export()
    assert audit(export[:-cut], note, hall.observed)


def test_a_checkpoint_of_another_log_is_noticed() -> None:
    hall = SmallHall()
    export, note = hall.export()
    found = audit(export, note.replace("demo", "dema"), hall.observed)
    assert "bad_checkpoint" in {violation.name for violation in found}


def test_a_checkpoint_that_the_export_hides_is_noticed() -> None:
    hall = SmallHall()
    export, _ = hall.export()
    other = hall.note(hall.leaves()[:-1])
    found = audit(export, other, hall.observed)
    assert "unknown_checkpoint" in {violation.name for violation in found}


# --- a controller that lies and signs its lie


def test_a_changed_vote_is_noticed_although_the_ledger_was_signed_again() -> None:
    hall = SmallHall()
    hall.facts[hall.find("ballot_cast")][0]["answer"] = "against"
    assert {"cast_differs", "wrong_value", "confirmed_not_recorded"} <= names(hall)


def test_a_changed_result_is_noticed() -> None:
    hall = SmallHall()
    closed = hall.facts[hall.find("vote_closed")][0]
    closed["votes"][0]["value"] = "against"
    closed["tally"].update(votes_for=1, votes_against=1)
    assert {"wrong_value", "wrong_tally", "confirmed_not_counted"} <= names(hall)


def test_an_added_vote_without_a_signature_is_noticed() -> None:
    hall = SmallHall()
    fact = {"kind": "ballot_cast", "vote": "v1", "deputy": "d3", "terminal": "s3", "answer": "for"}
    hall.facts.insert(hall.find("vote_closed"), (fact, None))
    assert {"cast_without_evidence", "wrong_value"} <= names(hall)


def test_an_added_vote_beside_the_evidence_of_another_is_noticed() -> None:
    hall = SmallHall()
    fact = {"kind": "ballot_cast", "vote": "v1", "deputy": "d3", "terminal": "s3", "answer": "for"}
    hall.facts.insert(hall.find("ballot_cast") + 1, (fact, None))
    assert "cast_without_evidence" in names(hall)


def test_a_vote_that_a_seat_signed_but_no_finger_made_is_noticed() -> None:
    hall = SmallHall()
    hall.facts.pop()
    hall.cast("d3", "for", 15.0)
    hall.observed.presses.pop()
    assert "cast_without_press" in names(hall)


def test_one_press_that_is_counted_twice_is_noticed() -> None:
    hall = SmallHall()
    at = hall.find("ballot_cast")
    hall.facts.insert(at + 1, hall.facts[at])
    assert {"repeated_event", "broken_chain", "cast_without_press"} <= names(hall)


def test_a_dropped_vote_is_noticed() -> None:
    hall = SmallHall()
    del hall.facts[hall.find("ballot_cast")]
    assert {"confirmed_not_recorded", "wrong_value"} <= names(hall)


def test_a_dropped_change_of_mind_is_noticed_although_the_result_was_adjusted() -> None:
    hall = SmallHall()
    del hall.facts[hall.find("ballot_cast", 2)]
    closed = hall.facts[hall.find("vote_closed")][0]
    closed["votes"][1]["value"] = "against"
    closed["tally"].update(votes_for=1, votes_against=1)
    closed["adopted"] = False
    assert {"confirmed_not_recorded", "confirmed_not_counted"} <= names(hall)


def test_a_press_on_another_ballot_is_noticed() -> None:
    hall = SmallHall()
    hall.facts[hall.find("vote_opened")][0]["ballot"] = bytes(32)
    assert "cast_differs" in names(hall)


def test_a_vote_after_the_close_is_noticed() -> None:
    hall = SmallHall()
    hall.cast("d3", "against", 15.0)
    assert "cast_outside_vote" in names(hall)


def test_a_vote_of_somebody_who_left_is_noticed() -> None:
    hall = SmallHall()
    left = {"kind": "badge_left", "terminal": "s1", "deputy": "d1", "cause": "taken_away"}
    hall.facts.insert(hall.find("vote_opened"), (left, hall.seats["s1"].sign(3, [])))
    assert "cast_without_right" in names(hall)


def test_a_key_that_the_seat_does_not_hold_is_noticed() -> None:
    hall = SmallHall()
    hall.observed.seat_keys["s2"] = bytes(32)
    assert names(hall) == {"foreign_key"}


def test_a_wrong_sum_and_a_wrong_decision_are_noticed() -> None:
    hall = SmallHall()
    closed = hall.facts[hall.find("vote_closed")][0]
    closed["tally"]["absent"] = 1
    closed["adopted"] = False
    assert {"wrong_sum", "wrong_tally", "wrong_decision"} <= names(hall)


def test_a_published_record_that_is_not_the_count_is_noticed() -> None:
    hall = SmallHall()
    hall.observed.shown[0].by_deputy["d1"] = "against"
    assert names(hall) == {"published_differs"}


def test_a_vote_whose_record_was_not_published_is_noticed() -> None:
    hall = SmallHall()
    hall.observed.shown.clear()
    assert names(hall) == {"not_published"}


def test_time_that_runs_back_is_noticed() -> None:
    hall = SmallHall()
    hall.at_ms = lambda at: 1000 - at
    assert names(hall) == {"time_runs_back"}


def test_a_fact_under_another_kind_is_noticed() -> None:
    hall = SmallHall()
    at = hall.find("registration_opened")
    hall.kinds[at] = "registration_closed"
    assert names(hall) == {"wrong_kind"}


def test_a_result_after_the_newest_checkpoint_is_noticed() -> None:
    hall = SmallHall()
    hall.covered = hall.find("vote_closed")
    assert names(hall) == {"not_covered"}


def test_an_event_of_a_revoked_seat_is_noticed() -> None:
    hall = SmallHall()
    revoked = {"kind": "terminal_revoked", "terminal": "s1"}
    hall.facts.insert(hall.find("vote_opened"), (revoked, None))
    assert {"revoked_terminal", "cast_without_right"} <= names(hall)


def test_an_event_signed_by_another_seat_is_noticed() -> None:
    hall = SmallHall()
    at = hall.find("ballot_cast")
    hall.seats["s2"].terminal = "s1"  # a clone that gives itself another name
    hall.facts[at] = (hall.facts[at][0], hall.seats["s2"].sign(4, [hall.ballot, 1, b"\x04one"]))
    assert {"bad_evidence", "cast_without_evidence"} <= names(hall)


def test_an_event_of_a_seat_that_nobody_enrolled_is_noticed() -> None:
    hall = SmallHall()
    del hall.facts[hall.find("terminal_enrolled")]
    assert "bad_evidence" in names(hall)


def test_a_dropped_event_breaks_the_chain_of_its_seat() -> None:
    hall = SmallHall()
    at = hall.find("badge_seated")
    hall.facts[at] = (hall.facts[at][0], None)
    assert names(hall) == {"broken_chain"}


def test_a_ledger_under_another_key_is_noticed() -> None:
    hall = SmallHall()
    hall.observed.log_key = hall.seats["s1"].public_key
    assert {"wrong_log_key", "bad_checkpoint"} <= names(hall)


def test_a_ballot_that_names_another_ledger_is_noticed() -> None:
    hall = SmallHall()
    hall.facts[hall.find("vote_opened")][0]["checkpoint_size"] -= 1
    export, note = hall.export()
    assert audit(export, note, hall.observed) == []
    hall.lie_about_root = True
    assert names(hall) == {"wrong_root"}


def test_a_fact_without_its_fields_is_noticed() -> None:
    hall = SmallHall()
    del hall.facts[hall.find("vote_closed")][0]["votes"]
    assert "malformed_fact" in names(hall)


# --- what the eye saw


def test_a_lamp_that_is_steady_for_a_badge_of_nobody_is_noticed() -> None:
    hall = SmallHall()
    hall.observed.lamps.append(LampWrite(15.0, "s3", "for", True, b"nobody's"))
    assert names(hall) == {"lamp_without_vote"}


def test_a_press_without_a_receipt_before_the_close_is_no_violation() -> None:
    hall = SmallHall()
    hall.press("d3", "against", 16.0, confirmed=False)
    assert names(hall) == set()


def test_a_lamp_that_was_steady_for_a_vote_that_is_not_there_is_noticed() -> None:
    hall = SmallHall()
    hall.press("d3", "against", 16.0)
    assert names(hall) == {"confirmed_not_recorded", "confirmed_not_counted"}


def test_a_receipt_that_is_shown_again_after_a_power_cut_is_no_violation() -> None:
    hall = SmallHall()
    badge = DEPUTIES["d1"]
    hall.observed.lamps += [
        LampWrite(15.0, SEATS["d1"], "for", False, badge),
        LampWrite(17.0, SEATS["d1"], "for", True, badge),
    ]
    assert names(hall) == set()


def test_a_blinking_lamp_is_never_steady_and_a_receipt_in_its_lit_half_is_dated_right() -> None:
    def writes(*steps: tuple[float, bool]) -> list[LampWrite]:
        return [LampWrite(at, "s1", "for", lit, b"") for at, lit in steps]

    blinking = [(number / 8, number % 2 == 0) for number in range(41)]
    assert steady_lamps(writes(*blinking[:-1]), 5.0) == []
    (steady,) = steady_lamps(writes((0.0, True), (0.04, True)), 5.0)
    assert steady.at == 0.04
    (steady,) = steady_lamps(writes((0.0, True), (0.125, False), (0.25, True), (3.0, True)), 5.0)
    assert steady.at == 0.25


@pytest.mark.parametrize("size", range(1, 18))
def test_the_trees_of_auditor_and_test_agree_at_every_size(size: int) -> None:
    leaves = [bytes([number]) for number in range(size)]
    assert log.roots(leaves, {size})[size] == root(leaves)


def test_what_is_no_export_is_unreadable() -> None:
    hall = SmallHall()
    for export in (b"", b"\xff", cbor2.dumps(["x"]), cbor2.dumps({"format": "other"})):
        (violation,) = audit(export, "", hall.observed)
        assert violation.name == "unreadable_export"


def test_more_presses_than_casts_are_no_violation() -> None:
    hall = SmallHall()
    hall.observed.presses.append(Press(12.0, "s1", DEPUTIES["d1"], "for"))
    assert names(hall) == set()


# --- the count itself


@pytest.mark.parametrize(
    ("base", "compare", "fraction", "counts", "adopted"),
    [
        ("established", "gt", (1, 2), (26, 25, 0, 0, 0), True),
        ("established", "gt", (1, 2), (25, 0, 0, 0, 26), False),
        ("established", "ge", (2, 3), (34, 17, 0, 0, 0), True),
        ("established", "ge", (2, 3), (33, 18, 0, 0, 0), False),
        ("elected", "gt", (1, 2), (25, 24, 0, 0, 0), True),
        ("present", "gt", (1, 2), (10, 5, 2, 3, 31), False),
        ("present", "gt", (1, 2), (11, 5, 2, 3, 30), True),
        ("took_part", "gt", (1, 2), (10, 5, 4, 30, 2), True),
        ("cast", "ge", (1, 2), (5, 5, 40, 1, 0), True),
        ("cast", "ge", (1, 2), (0, 0, 40, 11, 0), False),
    ],
)
def test_a_decision_follows_its_rule_in_whole_numbers(
    base: str, compare: str, fraction: tuple[int, int], counts: tuple[int, ...], adopted: bool
) -> None:
    passes = {
        "base": base,
        "compare": compare,
        "numerator": fraction[0],
        "denominator": fraction[1],
    }
    plan = {"established": 51, "vacant": 2, "rules": [{"id": "rule", "passes": passes}]}
    assert count.adopted(plan, "rule", dict(zip(count.VALUES, counts, strict=True))) is adopted


def test_somebody_present_who_never_registered_is_counted_as_absent() -> None:
    hall = SmallHall()
    del hall.facts[hall.find("deputy_registered", 2)]
    assert {"wrong_value", "wrong_tally"} <= names(hall)


def test_a_deputy_who_moved_sees_the_receipt_at_the_new_seat_without_violation() -> None:
    hall = SmallHall()
    badge = DEPUTIES["d2"]
    # between the two presses at s2 the deputy sat at s3, and came back
    hall.observed.lamps += [
        LampWrite(11.5, "s3", "against", True, badge),
        LampWrite(12.5, "s3", "against", False, b""),
    ]
    assert names(hall) == set()


def test_a_receipt_at_a_new_seat_for_what_was_never_cast_is_noticed() -> None:
    hall = SmallHall()
    hall.observed.lamps.append(LampWrite(15.0, "s3", "abstain", True, DEPUTIES["d2"]))
    assert {"confirmed_not_recorded", "confirmed_not_counted"} <= names(hall)
