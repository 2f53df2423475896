"""Seat views: the right content after each fact, only where it changed, never too large."""

from __future__ import annotations

import pytest

from controller.core import commands as c
from controller.core import facts as f
from controller.seats.intake import Head, Repeat, WireRefusal
from controller.seats.views import RESEND_AFTER_MS, SeatViews
from protocol import limits, messages, notice_codes, refusal_codes, sealed
from tests.controller.seats.seat_signer import HALL, SeatSigner, hello
from tests.controller.seats.small_hall import SmallHall, badge


@pytest.fixture
def hall() -> SmallHall:
    hall = SmallHall(3)
    hall.take_seats()
    hall.due()
    return hall


def test_a_terminal_that_was_never_heard_is_told_that_its_chain_begins_with_zeros() -> None:
    view = SmallHall(1).due()["s1"]
    assert (view.seat_boot, view.accepted_sequence, view.head_hash) == (0, 0, messages.NO_HASH)
    assert view.phase == messages.PHASES.index("prepared")
    assert view.sitter is None
    assert view.language == messages.LANGUAGES.index("ru")


def test_an_event_is_answered_to_its_seat_alone_with_the_new_head(hall: SmallHall) -> None:
    hall.say("s1", messages.ServiceReport(0, ""))
    views = hall.due()
    assert list(views) == ["s1"]
    seat = hall.seats["s1"]
    assert views["s1"].head_hash == seat.head
    assert (views["s1"].seat_boot, views["s1"].accepted_sequence) == (1, 2)
    assert views["s1"].sitter == messages.Sitter("Асанова А.", False)
    assert views["s1"].language == messages.LANGUAGES.index("ky")


def test_a_vote_goes_from_press_to_receipt_to_result(hall: SmallHall) -> None:
    ballot = hall.open_vote()
    views = hall.due()
    assert list(views) == ["s1", "s2", "s3"]
    assert views["s1"].phase == messages.PHASES.index("voting")
    assert views["s1"].ballot == messages.ShownBallot(ballot, "Бюджет", 7, 60_000)
    assert views["s1"].receipt is None
    hall.now_ms += 1_500
    (cast,) = hall.say("s1", messages.Press(ballot, messages.FOR, badge(1)))
    assert isinstance(cast, f.BallotCast)
    views = hall.due()
    assert list(views) == ["s1"]
    assert views["s1"].receipt == messages.Receipt(messages.FOR, hall.sitting.ledger_size - 1)
    assert views["s1"].ballot.remaining_ms == 58_500
    hall.now_ms += 60_000
    hall.command(c.Tick())
    views = hall.due()
    assert set(views) == {"s1", "s2", "s3"}
    assert views["s1"].result == messages.ShownResult(False, 1, 0, 0)
    assert views["s1"].ballot.remaining_ms == 0
    assert views["s1"].receipt.answer == messages.FOR
    assert views["s2"].receipt is None


def test_a_refused_press_is_told_with_its_number_and_reason(hall: SmallHall) -> None:
    (refused,) = hall.say("s1", messages.Press(bytes(32), messages.FOR, badge(1)))
    assert isinstance(refused, f.EventRefused)
    view = hall.due()["s1"]
    assert view.refusal == messages.Refusal(2, refusal_codes.CODES["no_vote_open"])
    assert view.accepted_sequence == 2
    hall.say("s1", messages.ServiceReport(0, ""))
    assert hall.due()["s1"].refusal.sequence == 2
    hall.seats["s1"].reboot(hall.seats["s1"].head)
    hall.say("s1", hello())
    assert hall.due()["s1"].refusal is None


def test_a_broken_chain_shows_the_true_head_and_a_good_hello_goes_on_from_it(
    hall: SmallHall,
) -> None:
    seat = hall.seats["s1"]
    head = seat.head
    seat.reboot(bytes(32))
    answer = hall.say("s1", hello())
    assert isinstance(answer, WireRefusal)
    view = hall.due()["s1"]
    assert (view.seat_boot, view.head_hash, view.refusal) == (1, head, None)
    seat.head = view.head_hash
    hall.say("s1", hello())
    view = hall.due()["s1"]
    assert (view.seat_boot, view.accepted_sequence, view.head_hash) == (2, 1, seat.head)


def test_an_event_refused_for_its_rate_is_told_so_until_it_is_admitted(hall: SmallHall) -> None:
    data = b""
    for _ in range(40):
        data = hall.seats["s1"].event(messages.ServiceReport(0, ""))
        if isinstance(hall.send("s1", data), WireRefusal):
            break
        hall.seats["s1"].sequence += 1
        hall.seats["s1"].head = messages.event_hash(data)
    sequence = hall.seats["s1"].sequence + 1
    refusal = messages.Refusal(sequence, refusal_codes.CODES["rate_limited"])
    view = hall.due()["s1"]
    assert (view.refusal, view.accepted_sequence) == (refusal, sequence - 1)
    hall.now_ms += 1_000
    assert isinstance(hall.send("s1", data), tuple)
    view = hall.due()["s1"]
    assert view.accepted_sequence == sequence
    assert view.refusal is None


def test_a_repeat_is_answered_by_the_view_again_with_a_greater_revision(hall: SmallHall) -> None:
    data = hall.seats["s1"].next_event(messages.FloorRequest())
    hall.send("s1", data)
    first = hall.due()["s1"]
    assert hall.send("s1", data) == Repeat("s1")
    second = hall.due()["s1"]
    assert second == first._replace(revision=second.revision)
    assert second.revision > first.revision


def test_a_message_that_is_not_authentic_gets_no_answer(hall: SmallHall) -> None:
    hall.views.refused(WireRefusal("bad_signature", "s1"))
    assert hall.due() == {}


def test_the_floor_shows_each_place_and_only_to_those_whose_place_changed(
    hall: SmallHall,
) -> None:
    hall.order(c.OpenRegistration())
    hall.order(c.CloseRegistration())
    hall.order(c.AnnounceItem("i1"))
    for terminal in ("s1", "s2", "s3"):
        hall.say(terminal, messages.FloorRequest())
    hall.due()
    hall.say("s2", messages.FloorWithdraw())
    views = hall.due()
    assert set(views) == {"s2", "s3"}
    assert (views["s2"].floor_place, views["s3"].floor_place) == (None, 2)


def test_an_extension_is_shown_to_everybody_with_a_notice(hall: SmallHall) -> None:
    hall.open_vote()
    hall.due()
    vote = hall.sitting.open_vote
    assert vote is not None
    hall.order(c.ExtendVote(vote.id, 10_000))
    views = hall.due()
    assert len(views) == 3
    assert views["s1"].notices == (notice_codes.CODES["vote_extended"],)
    assert views["s1"].ballot.remaining_ms == 70_000


def test_a_revoked_seat_is_told_to_go_elsewhere(hall: SmallHall) -> None:
    hall.order(c.RevokeTerminal("s1"))
    assert hall.due()["s1"].notices == (notice_codes.CODES["seat_revoked"],)


def test_what_is_lost_on_the_way_is_sent_again_when_the_heartbeat_shows_it(
    hall: SmallHall,
) -> None:
    hall.say("s1", messages.FloorRequest())
    sent = hall.due()["s1"]
    hall.views.heard("s1", sent.revision - 1, hall.now_ms + RESEND_AFTER_MS - 1)
    assert hall.due() == {}
    hall.views.heard("s1", sent.revision, hall.now_ms + RESEND_AFTER_MS)
    assert hall.due() == {}
    hall.views.heard("s1", sent.revision - 1, hall.now_ms + RESEND_AFTER_MS)
    assert list(hall.due()) == ["s1"]


def test_a_new_broker_gets_every_view_and_time_alone_changes_none(hall: SmallHall) -> None:
    hall.open_vote()
    hall.due()
    hall.now_ms += 5_000
    hall.views.touched(hall.sitting, [f.SeatLost("s1"), f.ControllerStarted(1, "")])
    assert hall.due() == {}
    hall.views.request_all()
    assert list(hall.due()) == ["s1", "s2", "s3"]


def test_revisions_of_a_restarted_controller_are_greater_than_every_one_before() -> None:
    hall = SmallHall(1)
    for _ in range(3):
        hall.views.request_all()
        before = hall.due()["s1"].revision
    seat = hall.seats["s1"]
    hall.views = SeatViews(HALL, {"s1": seat.keys}, epoch=2)
    hall.views.restore({"s1": Head(4, 7, b"h" * 32, "seat_empty")})
    view = hall.due()["s1"]
    assert view.revision > before
    assert (view.seat_boot, view.accepted_sequence, view.head_hash) == (4, 7, b"h" * 32)
    assert view.refusal == messages.Refusal(7, refusal_codes.CODES["seat_empty"])


def test_the_largest_view_fits_with_every_field_at_its_maximum() -> None:
    """Longest names of topic and texts, a receipt, a refusal, a place, notices and a result."""
    terminal = "s" * limits.NAME_CHARACTERS_MAX
    hall = SmallHall(1, name="Ң" * 120, title="ө" * 300)
    hall.take_seats()
    ballot = hall.open_vote()
    hall.say("s1", messages.Press(ballot, messages.ABSTAIN, badge(1)))
    view = hall.due()["s1"]
    assert view.sitter.name == "Ң" * (limits.SITTER_NAME_BYTES_MAX // 2)
    assert view.ballot.title == "ө" * (limits.TITLE_BYTES_MAX // 2)
    full = view._replace(
        terminal=terminal,
        revision=limits.UINT64_MAX,
        seat_boot=limits.UINT32_MAX,
        accepted_sequence=limits.UINT32_MAX,
        wall_ms=limits.UINT64_MAX,
        ballot=view.ballot._replace(remaining_ms=limits.UINT32_MAX),
        receipt=messages.Receipt(3, limits.UINT64_MAX),
        refusal=messages.Refusal(limits.UINT32_MAX, limits.UINT8_MAX),
        floor_place=limits.UINT16_MAX,
        speak_left_ms=limits.UINT32_MAX,
        notices=(limits.UINT16_MAX,) * limits.NOTICES_MAX,
        result=messages.ShownResult(True, 65_535, 65_535, 65_535),
    )
    seat = SeatSigner(terminal, hall="h" * limits.NAME_CHARACTERS_MAX)
    data = messages.encode_view(full)
    assert len(sealed.seal_view(seat.mac_key, full, seat.down)) <= limits.VIEW_BYTES_MAX
    assert messages.decode_view(data) == full
