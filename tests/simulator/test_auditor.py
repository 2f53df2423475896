"""The auditor finds nothing in an honest hall, and every kind of lie by its name."""

from __future__ import annotations

import cbor2
import pytest

from simulator.auditor import log
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


def test_every_flipped_bit_of_the_export_is_noticed() -> None:
    hall = SmallHall()
    export, note = hall.export()
    missed = []
    for at in range(len(export)):
        for bit in (0x01, 0x80):
            damaged = bytearray(export)
            damaged[at] ^= bit
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


# --- what the eye saw


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
