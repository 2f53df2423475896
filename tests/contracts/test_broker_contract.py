"""What the hall needs of its broker, asked of NATS and of Mosquitto alike."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from controller.seats import provisioning
from tests.contracts.hall_brokers import HALL, MosquittoHall, NatsHall, mosquitto_program
from tests.contracts.mqtt_person import MqttPerson, pem_pair

Hall = NatsHall | MosquittoHall


def topic(terminal: str, direction: str) -> str:
    return f"hall/{HALL}/seat/{terminal}/{direction}"


@pytest.fixture(params=["nats", "mosquitto"])
def hall(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Hall]:
    if request.param == "mosquitto" and mosquitto_program() is None:
        pytest.skip("mosquitto is not installed: its side of the contract was not tested")
    kind = NatsHall if request.param == "nats" else MosquittoHall
    hall = kind(tmp_path, ("s01", "s02"))
    yield hall
    hall.stop()


@pytest.fixture
def controller(hall: Hall) -> Iterator[MqttPerson]:
    person = hall.controller()
    yield person
    person.close()


@pytest.fixture
def seat(hall: Hall) -> Iterator[MqttPerson]:
    person = hall.seat("s01")
    assert person.connected
    yield person
    person.close()


def test_what_a_seat_says_reaches_the_controller_in_its_order(
    controller: MqttPerson, seat: MqttPerson
) -> None:
    said = [bytes([number]) for number in range(200)]
    for one in said:
        seat.publish(topic("s01", "up"), one)
    assert controller.wait(lambda: len(controller.messages) == 200)
    assert controller.payloads(topic("s01", "up")) == said


def test_a_seat_that_comes_late_is_shown_the_newest_view_and_every_later_one(
    hall: Hall, controller: MqttPerson
) -> None:
    down = topic("s01", "down")
    for view in (b"old", b"v" * 512):
        controller.publish(down, view, retain=True)
    # the view of another seat is behind the ones above, so they are stored when it is delivered
    other = hall.seat("s02")
    other.subscribe(topic("s02", "down"))
    controller.publish(topic("s02", "down"), b"mark", retain=True)
    assert other.wait(lambda: bool(other.messages))
    other.close()
    seat = hall.seat("s01")
    assert seat.subscribe(down)
    assert seat.wait(lambda: len(seat.messages) == 1)
    assert seat.messages == [(down, b"v" * 512, True)]
    controller.publish(down, b"new", retain=True)
    assert seat.wait(lambda: len(seat.messages) == 2)
    assert seat.messages[1] == (down, b"new", False)
    seat.close()


def test_the_last_will_of_a_seat_that_is_cut_is_published_and_not_after_a_goodbye(
    hall: Hall, controller: MqttPerson
) -> None:
    hall.seat("s02").close()
    hall.seat("s01").cut()
    assert controller.wait(lambda: controller.payloads(topic("s01", "alive")) == [b"\0"])
    assert controller.payloads(topic("s02", "alive")) == []


def test_what_a_seat_writes_to_a_topic_that_is_not_its_own_is_dropped(
    controller: MqttPerson, seat: MqttPerson
) -> None:
    for foreign in (topic("s02", "up"), topic("s02", "alive"), topic("s01", "down"), "other"):
        seat.publish(foreign, b"forged", retain=True)
    seat.publish(topic("s01", "up"), b"own")
    assert controller.wait(lambda: bool(controller.messages) or seat.lost)
    assert [payload for _, payload, _ in controller.messages] == [b"own"]


def test_a_seat_that_forges_its_own_view_in_the_broker_changes_nothing(
    hall: Hall, controller: MqttPerson, seat: MqttPerson
) -> None:
    down = topic("s01", "down")
    controller.publish(down, b"true", retain=True)
    assert seat.subscribe(down)
    assert seat.wait(lambda: len(seat.messages) == 1)
    seat.publish(down, b"false", retain=True)
    seat.publish(topic("s01", "up"), b"mark")
    assert controller.wait(lambda: bool(controller.messages) or seat.lost)
    seat.close()
    again = hall.seat("s01")
    assert again.subscribe(down)
    assert again.wait(lambda: len(again.messages) == 1)
    assert again.payloads(down) == [b"true"]
    again.close()


@pytest.mark.parametrize("foreign", ["hall/demo/seat/s02/down", "hall/#", "#", "+/+/+/+/down"])
def test_a_seat_reads_no_view_but_its_own(
    controller: MqttPerson, seat: MqttPerson, foreign: str
) -> None:
    """A broker may refuse the subscription or grant it and deliver nothing foreign."""
    seat.subscribe(foreign)
    controller.publish(topic("s02", "down"), b"secret", retain=True)
    controller.publish(topic("s02", "down"), b"secret", retain=True)
    if not seat.lost:
        seat.subscribe(topic("s01", "down"))
        controller.publish(topic("s01", "down"), b"own", retain=True)
        assert seat.wait(lambda: b"own" in seat.payloads(topic("s01", "down")) or seat.lost)
    assert seat.payloads(topic("s02", "down")) == []


def test_a_seat_that_connects_again_takes_over_from_its_dead_connection(
    hall: Hall, controller: MqttPerson, seat: MqttPerson
) -> None:
    again = hall.seat("s01")
    assert again.connected
    assert seat.wait(lambda: seat.lost)
    again.publish(topic("s01", "up"), b"here")
    assert controller.wait(lambda: controller.payloads(topic("s01", "up")) == [b"here"])
    again.close()


def test_without_a_certificate_of_the_hall_nobody_gets_in(hall: Hall, tmp_path: Path) -> None:
    stranger = MqttPerson(hall.port, hall.keys / "ca.crt", None, "stranger")
    assert not stranger.connected
    stranger.close()
    # another hall's s01, with a good certificate of its own authority
    provisioning.prepare(tmp_path / "other", HALL, hall.port)
    key = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    bundle = tmp_path / "other-s01"
    provisioning.enrol(tmp_path / "other", provisioning.Enrolment("s01", key, bundle))
    foreign = hall.seat("s01", pair=pem_pair(bundle))
    assert not foreign.connected
    foreign.close()


def test_a_revoked_seat_is_cut_and_cannot_come_back_while_others_stay_in_service(
    hall: Hall, seat: MqttPerson
) -> None:
    hall.revoke("s01")
    assert seat.wait(lambda: seat.lost)
    back = hall.seat("s01")
    assert not back.connected
    back.close()
    other = hall.seat("s02")
    assert other.connected
    other.close()


def test_a_message_far_above_the_wires_size_is_not_delivered(
    controller: MqttPerson, seat: MqttPerson
) -> None:
    seat.publish(topic("s01", "up"), b"x" * 5_000)
    seat.publish(topic("s01", "up"), b"after")
    controller.wait(lambda: bool(controller.messages) or seat.lost)
    assert b"x" * 5_000 not in controller.payloads(topic("s01", "up"))
