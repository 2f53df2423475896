"""The controller's own connection, against the real broker."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from controller.seats import bridge as module
from controller.seats.bridge import Bridge
from controller.seats.counts import RefusalCounts
from tests.contracts.hall_brokers import HALL, Mute, NatsHall

UP = f"hall/{HALL}/seat/s01/up"
DOWN = f"hall/{HALL}/seat/s01/down"


class Listener:
    """A bridge with everything that it told."""

    def __init__(self, hall: NatsHall, name: str = HALL) -> None:
        self.counts = RefusalCounts(Mute(), lambda: 0)
        self.heard: list[tuple[str, bytes, int]] = []
        self.connections = 0
        self.losses = 0
        self.fail = False
        self._news = threading.Condition()
        self.bridge = Bridge(
            hall.data,
            name,
            self.counts,
            host="127.0.0.1",
            port=hall.port,
            now_ms=lambda: time.monotonic_ns() // 1_000_000,
            on_message=self._on_message,
            on_connected=lambda: self._tell("connections"),
            on_disconnected=lambda: self._tell("losses"),
        )
        self.bridge.start()

    def _on_message(self, topic: str, payload: bytes, arrival_ms: int) -> None:
        if self.fail:
            raise RuntimeError("the hall's own fault")
        with self._news:
            self.heard.append((topic, payload, arrival_ms))
            self._news.notify_all()

    def _tell(self, name: str) -> None:
        with self._news:
            setattr(self, name, getattr(self, name) + 1)
            self._news.notify_all()

    def wait(self, condition: Callable[[], bool], seconds: float = 12.0) -> bool:
        with self._news:
            return self._news.wait_for(condition, seconds)


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[NatsHall]:
    hall = NatsHall(tmp_path, ("s01", "s02"))
    yield hall
    hall.stop()


@pytest.fixture
def listener(hall: NatsHall) -> Iterator[Listener]:
    listener = Listener(hall)
    assert listener.bridge.wait_connected(8)
    yield listener
    listener.bridge.stop()


def test_messages_come_with_their_arrival_and_views_go_out_retained(
    hall: NatsHall, listener: Listener
) -> None:
    before_ms = time.monotonic_ns() // 1_000_000
    seat = hall.seat("s01")
    seat.publish(UP, b"said")
    assert listener.wait(lambda: len(listener.heard) == 1)
    topic, payload, arrival_ms = listener.heard[0]
    assert (topic, payload) == (UP, b"said")
    assert arrival_ms >= before_ms
    assert listener.bridge.publish_view("s01", b"shown")
    assert seat.subscribe(DOWN)
    assert seat.wait(lambda: bool(seat.messages))
    seat.close()
    again = hall.seat("s01")
    again.subscribe(DOWN)
    assert again.wait(lambda: again.messages == [(DOWN, b"shown", True)])
    again.close()


def test_after_the_broker_died_it_connects_again_and_says_so(
    hall: NatsHall, listener: Listener
) -> None:
    os.kill(hall.broker.health().pid, signal.SIGKILL)
    assert listener.wait(lambda: listener.losses == 1)
    assert listener.wait(lambda: listener.connections == 2)
    seat = hall.seat("s01")
    seat.publish(UP, b"again")
    assert listener.wait(lambda: [p for _, p, _ in listener.heard] == [b"again"])
    seat.close()


def test_a_frozen_broker_is_noticed_and_left(hall: NatsHall, listener: Listener) -> None:
    os.kill(hall.broker.health().pid, signal.SIGSTOP)
    assert listener.wait(lambda: listener.losses == 1)
    assert not listener.bridge.publish_view("s01", b"nobody hears it")
    hall.broker.restart()
    assert listener.wait(lambda: listener.connections == 2, 20)


def test_views_for_a_broker_that_does_not_take_them_are_bounded(
    hall: NatsHall, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_WAITING_VIEWS_MAX", 50)
    pid = hall.broker.health().pid
    os.kill(pid, signal.SIGSTOP)
    sent = 0
    for _ in range(100_000):
        if not listener.bridge.publish_view("s01", bytes(512)):
            break
        sent += 1
    assert sent < 100_000
    os.kill(pid, signal.SIGCONT)


def test_a_message_that_somebody_stored_in_the_broker_is_not_heard(hall: NatsHall) -> None:
    seat = hall.seat("s01")
    seat.publish(UP, b"stored", retain=True)
    seat.publish(UP, b"plain")
    seat.subscribe(DOWN)  # its answer comes after both were taken
    listener = Listener(hall)
    assert listener.bridge.wait_connected(8)
    seat.publish(UP, b"mark")
    assert listener.wait(lambda: bool(listener.heard))
    deadline = time.monotonic() + 8
    while not listener.counts.snapshot() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert listener.counts.snapshot() == {"stored_message": 1}
    assert [payload for _, payload, _ in listener.heard] == [b"mark"]
    listener.bridge.stop()
    seat.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_hall_that_fails_to_take_a_message_is_seen_to_be_deaf(
    hall: NatsHall, listener: Listener
) -> None:
    listener.fail = True
    seat = hall.seat("s01")
    seat.publish(UP, b"x")
    deadline = time.monotonic() + 8
    while listener.bridge.running and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not listener.bridge.running
    seat.close()


def test_without_a_broker_it_waits_and_can_be_stopped(hall: NatsHall) -> None:
    hall.stop()
    listener = Listener(hall)
    assert not listener.bridge.wait_connected(0.5)
    assert listener.counts.snapshot()["bridge_not_connected"] >= 1
    listener.bridge.stop()
    assert not listener.bridge.running


def test_a_bridge_that_may_not_hear_the_seats_never_says_that_it_is_connected(
    hall: NatsHall,
) -> None:
    listener = Listener(hall, "other")
    assert not listener.bridge.wait_connected(1)
    assert listener.connections == 0
    assert listener.counts.snapshot()["bridge_not_connected"] >= 1
    assert not listener.bridge.publish_view("s01", b"")
    listener.bridge.stop()
