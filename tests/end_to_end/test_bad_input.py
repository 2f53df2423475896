"""Bad input from seats, through the real broker into a real controller.

Each gets a refusal with a name, is counted under that name in ``/api/health``, and changes
nothing: what never reached the rules leaves no trace in the ledger; what the rules refused leaves
exactly its own row. After each of them the same seat is still served.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from controller.seats import provisioning
from protocol import messages, refusal_codes
from tests.contracts.mqtt_person import MqttPerson, pem_pair
from tests.controller.seats.seat_signer import HALL, SeatSigner, bad_events, hello
from tests.controller.seats.small_hall import badge
from tests.end_to_end.real_hall import RealHall, SeatProgram, within

pytestmark = pytest.mark.hall

FAULTS = list(bad_events(SeatSigner("s1")))


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealHall]:
    """Deputies 1 to 4 are seated, registered and have an open vote before them; 5 and 6 are not."""
    hall = RealHall(tmp_path_factory.mktemp("voting"))
    hall.sit(1, 2, 3, 4)
    hall.open_vote()
    yield hall
    hall.stop()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[RealHall]:
    """Deputies 1 to 4 are seated; there was no vote yet."""
    hall = RealHall(tmp_path)
    hall.sit(1, 2, 3, 4)
    yield hall
    hall.stop()


@pytest.fixture
def seat(hall: RealHall) -> SeatProgram:
    return hall.seat("s1")


@contextmanager
def refused_as(hall: RealHall, name: str, *, rows: int = 0) -> Iterator[None]:
    """What happens inside is counted once by this name, writes ``rows`` rows and does no more."""
    count, size, state = hall.refused(name), hall.ledger_size(), hall.state()
    yield
    assert within(lambda: hall.refused(name) == count + 1), hall.health()
    assert hall.ledger_size() == size + rows
    assert hall.state() == state


def refusal_seen(seat: SeatProgram, name: str) -> bool:
    code = refusal_codes.CODES[name]
    return seat.sees(lambda view: view.refusal is not None and view.refusal.reason == code)


# --- messages that never reach the rules


@pytest.mark.parametrize("fault", FAULTS)
def test_a_message_of_another_form_is_refused_by_name(
    hall: RealHall, seat: SeatProgram, fault: str
) -> None:
    """Malformed, oversized, truncated, trailing bytes, wrong signature, foreign name, bad shape."""
    make, name = bad_events(seat.signer)[fault]
    with refused_as(hall, name):
        seat.send(make())
    assert seat.say(messages.ServiceReport(0, "")).refusal is None


def test_a_message_far_too_large_is_stopped_by_the_broker(hall: RealHall) -> None:
    seat = hall.seat("s6")
    with refused_as(hall, "message_too_large"):
        # a seat that is cut for it falls silent, which is a fact: a second client says it instead
        other = MqttPerson(
            hall.mqtt_port, hall.data / "keys/ca.crt", pem_pair(hall.bundles / "s6"), "s6-loud"
        )
        other.publish(seat.signer.up, bytes(100_000))
        assert other.wait(lambda: other.lost)
        other.close()


@pytest.mark.parametrize(
    "topic",
    [
        f"hall/{HALL}/seat/s2/up",
        f"hall/{HALL}/seat/s2/alive",
        f"hall/{HALL}/seat/s2/down",
        f"hall/{HALL}/seat/s1/down",
        "hall/other/seat/s1/up",
        "anything",
    ],
)
def test_another_seats_topic_is_closed_by_the_broker(
    hall: RealHall, seat: SeatProgram, topic: str
) -> None:
    with refused_as(hall, "publish_not_permitted"):
        seat.send(seat.signer.event(messages.FloorRequest()), topic)


def test_another_seats_view_cannot_be_read(hall: RealHall, seat: SeatProgram) -> None:
    with refused_as(hall, "subscribe_not_permitted"):
        assert not seat.mqtt.subscribe(f"hall/{HALL}/seat/s2/down")


Bad = Callable[[SeatSigner], bytes]
OLD: list[tuple[str, str, Bad]] = [
    (
        "a boot before this one",
        "old_boot",
        lambda s: s.event(hello(), boot=s.boot - 1, sequence=0, previous=messages.NO_HASH),
    ),
    (
        "a known number with other bytes",
        "forked_sequence",
        lambda s: s.event(messages.FloorWithdraw(), sequence=s.sequence),
    ),
    (
        "another event before it",
        "broken_chain",
        lambda s: s.event(messages.FloorRequest(), previous=b"x" * 32),
    ),
    (
        "a number too far",
        "broken_chain",
        lambda s: s.event(messages.FloorRequest(), sequence=s.sequence + 2),
    ),
    (
        "a new boot that names no head",
        "broken_chain",
        lambda s: s.event(hello(), boot=s.boot + 1, sequence=0, previous=messages.NO_HASH),
    ),
    (
        "a new boot that does not begin with a hello",
        "broken_chain",
        lambda s: s.event(messages.FloorRequest(), boot=s.boot + 1, sequence=0),
    ),
]


@pytest.mark.parametrize(("name", "make"), [one[1:] for one in OLD], ids=[one[0] for one in OLD])
def test_an_authentic_event_out_of_its_place_is_refused_and_answered_by_the_true_head(
    hall: RealHall, name: str, make: Bad
) -> None:
    seat = hall.seat("s2")
    if seat.signer.boot == 1:
        seat.signer.reboot(seat.signer.head)
        seat.say(hello())
        seat.say(messages.BadgePresent(badge(2)))
    revision = seat.view.revision
    with refused_as(hall, name):
        seat.send(make(seat.signer))
        assert seat.sees(lambda view: view.revision > revision)
    assert seat.view.head_hash == seat.signer.head
    seat.say(messages.ServiceReport(0, ""))


def test_a_number_that_was_passed_long_ago_is_refused(fresh: RealHall) -> None:
    seat = fresh.seat("s1")
    old = seat.signer.next_event(messages.ServiceReport(1, "first"))
    seat.send(old)
    assert seat.settled()
    for number in range(messages.limits.REPLAY_WINDOW_EVENTS + 1):
        body = messages.ServiceReport(1, str(number))
        # more than the rate allows: a refused event keeps its place and is sent again
        data = seat.signer.next_event(body)
        assert within(lambda data=data: seat.send(data) or settles(seat))  # type: ignore[misc]
    with refused_as(fresh, "old_sequence"):
        seat.send(old)


def settles(seat: SeatProgram) -> bool:
    return bool(within(lambda: seat.view.head_hash == seat.signer.head, 0.2))


def test_a_repeat_is_no_refusal_and_changes_nothing(hall: RealHall) -> None:
    seat = hall.seat("s3")
    data = seat.signer.next_event(messages.ServiceReport(0, ""))
    seat.send(data)
    assert seat.settled()
    before = (hall.health()["refused"], hall.ledger_size(), hall.state())
    for _ in range(20):
        revision = seat.view.revision
        seat.send(data)
        assert seat.sees(lambda view, last=revision: view.revision > last)
    assert (hall.health()["refused"], hall.ledger_size(), hall.state()) == before


def test_heartbeats_with_another_mac_or_an_old_counter_are_refused(
    hall: RealHall, seat: SeatProgram
) -> None:
    signer = seat.signer
    with refused_as(hall, "bad_mac"):
        seat.send(signer.heartbeat(mac_key=bytes(32)), signer.alive)
    with refused_as(hall, "old_sequence"):
        seat.send(signer.heartbeat(counter=1), signer.alive)


def test_a_flood_is_refused_by_name_and_the_other_seats_are_served(hall: RealHall) -> None:
    seat, other = hall.seat("s4"), hall.seat("s3")
    before = hall.refused("rate_limited")
    size, state = hall.ledger_size(), hall.state()
    for _ in range(3_000):
        seat.send(b"\xff" * 200)
    assert within(lambda: hall.refused("rate_limited") > before + 2_000)
    assert (hall.ledger_size(), hall.state()) == (size, state)
    other.say(messages.ServiceReport(0, ""))


def test_after_a_kill_the_ledger_alone_still_knows_every_seats_place(fresh: RealHall) -> None:
    ballot = fresh.open_vote()
    seat = fresh.seat("s1")
    receipt = seat.say(messages.Press(ballot, messages.FOR, badge(1))).receipt
    press = seat.signer.event(
        messages.Press(ballot, messages.FOR, badge(1)), sequence=seat.signer.sequence
    )
    other = fresh.seat("s2").signer
    fresh.kill_and_start()
    seat, again = fresh.seat("s1"), fresh.seat("s2")
    assert seat.sees(lambda view: view.receipt == receipt)
    assert seat.view.head_hash == seat.signer.head
    with refused_as(fresh, "forked_sequence"):
        seat.send(press)  # the same words, signed for another place in the chain
    with refused_as(fresh, "broken_chain"):
        again.send(other.event(messages.FloorRequest(), sequence=other.sequence + 2))
    assert again.say(messages.Press(ballot, messages.AGAINST, badge(2))).receipt is not None


# --- events that the rules refuse: counted, written down, and without effect


def test_a_badge_that_nobody_knows(hall: RealHall) -> None:
    seat = hall.seat("s5")
    with refused_as(hall, "unknown_badge", rows=1):
        seat.say(messages.BadgePresent(b"\xde\xad\xbe\xef"))
    assert refusal_seen(seat, "unknown_badge")
    assert seat.view.sitter is None


def test_a_badge_at_two_seats(hall: RealHall) -> None:
    seat = hall.seat("s5")
    with refused_as(hall, "badge_elsewhere", rows=1):
        seat.say(messages.BadgePresent(badge(1)))
    assert refusal_seen(seat, "badge_elsewhere")


def test_a_second_badge_at_a_taken_seat(hall: RealHall, seat: SeatProgram) -> None:
    with refused_as(hall, "seat_occupied", rows=1):
        seat.say(messages.BadgePresent(badge(6)))


def test_a_press_while_there_was_no_vote(fresh: RealHall) -> None:
    seat = fresh.seat("s1")
    with refused_as(fresh, "no_vote_open", rows=1):
        seat.say(messages.Press(bytes(32), messages.FOR, badge(1)))
    assert refusal_seen(seat, "no_vote_open")
    assert seat.view.receipt is None


def test_a_press_for_a_vote_that_is_closed(fresh: RealHall) -> None:
    ballot = fresh.open_vote()
    seat = fresh.seat("s1")
    assert seat.say(messages.Press(ballot, messages.FOR, badge(1))).receipt is not None
    fresh.order("close_vote", vote=fresh.state()["vote"]["id"])
    with refused_as(fresh, "vote_closed", rows=1):
        seat.say(messages.Press(ballot, messages.AGAINST, badge(1)))
    assert refusal_seen(seat, "vote_closed")
    assert seat.view.receipt.answer == messages.FOR


def test_a_press_for_another_ballot(hall: RealHall, seat: SeatProgram) -> None:
    with refused_as(hall, "other_ballot", rows=1):
        seat.say(messages.Press(b"o" * 32, messages.FOR, badge(1)))


@pytest.mark.parametrize("answer", [0, 4, 255])
def test_a_press_with_an_answer_that_is_not_allowed(
    hall: RealHall, seat: SeatProgram, answer: int
) -> None:
    from protocol import canonical_cbor

    signer = seat.signer
    body = [seat.view.ballot.hash, answer, badge(1)]
    head = [1, messages.PRESS, signer.terminal, signer.boot, signer.sequence + 1, signer.head, 0]
    with refused_as(hall, "out_of_range"):
        seat.send(signer.sign(canonical_cbor.encode([*head, body]), signer.up))


def test_a_press_at_a_seat_where_nobody_sits(hall: RealHall, seat: SeatProgram) -> None:
    ballot = seat.view.ballot.hash
    with refused_as(hall, "seat_empty", rows=1):
        hall.seat("s5").say(messages.Press(ballot, messages.FOR, badge(5)))


def test_a_press_by_a_deputy_whose_badge_is_at_another_seat(
    hall: RealHall, seat: SeatProgram
) -> None:
    ballot = seat.view.ballot.hash
    with refused_as(hall, "badge_elsewhere", rows=1):
        hall.seat("s5").say(messages.Press(ballot, messages.FOR, badge(1)))


def test_a_press_by_a_deputy_who_was_not_seen_again_after_the_seats_restart(
    fresh: RealHall,
) -> None:
    ballot = fresh.open_vote()
    seat = fresh.seat("s2")
    seat.signer.reboot(seat.signer.head)
    assert seat.say(hello()).sitter is None
    with refused_as(fresh, "not_present", rows=1):
        seat.say(messages.Press(ballot, messages.FOR, badge(2)))
    assert refusal_seen(seat, "not_present")


# --- clients that the broker does not let in


def test_a_client_without_a_certificate(hall: RealHall) -> None:
    with refused_as(hall, "client_without_certificate"):
        stranger = MqttPerson(hall.mqtt_port, hall.data / "keys/ca.crt", None, "stranger")
        assert not stranger.connected
        stranger.close()


def test_a_client_that_does_not_speak_tls_gets_no_answer(hall: RealHall) -> None:
    """The broker closes it without a line in its log: this one alone has no count."""
    with socket.create_connection(("127.0.0.1", hall.mqtt_port), timeout=5) as plain:
        plain.sendall(b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00")
        assert plain.recv(100) == b""


def test_a_client_with_the_certificate_of_another_hall(hall: RealHall, tmp_path: Path) -> None:
    provisioning.prepare(tmp_path / "other", HALL, hall.mqtt_port)
    key = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    provisioning.enrol(tmp_path / "other", provisioning.Enrolment("s1", key, tmp_path / "s1"))
    with refused_as(hall, "client_not_known"):
        stranger = MqttPerson(
            hall.mqtt_port, hall.data / "keys/ca.crt", pem_pair(tmp_path / "s1"), "s1"
        )
        assert not stranger.connected
        stranger.close()


def test_a_revoked_certificate_is_cut_at_once_and_never_let_in_again(fresh: RealHall) -> None:
    seat = fresh.seat("s4")
    fresh.order("revoke_terminal", terminal="s4")
    assert seat.mqtt.wait(lambda: seat.mqtt.lost)
    deputy = next(one for one in fresh.state()["deputies"] if one["id"] == "d4")
    assert deputy["presence"] == "absent"
    with refused_as(fresh, "client_not_known"):
        again = MqttPerson(
            fresh.mqtt_port, fresh.data / "keys/ca.crt", pem_pair(fresh.bundles / "s4"), "s4"
        )
        assert not again.connected
        again.close()
    fresh.seat("s1").say(messages.ServiceReport(0, ""))
