"""The broker as a child process: ready, supervised, dead with its controller, and counting."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from controller.seats import broker as module
from controller.seats.broker import Broker, BrokerError
from tests.contracts.hall_brokers import HALL, NatsHall
from tests.contracts.mqtt_person import MqttPerson


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[NatsHall]:
    hall = NatsHall(tmp_path, ("s01", "s02"))
    yield hall
    hall.stop()


def within(condition: Callable[[], bool], seconds: float = 8.0) -> bool:
    """Real processes need real time; the condition is asked until it holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def is_running(pid: int) -> bool:
    return module._is_running(pid)


def test_it_is_ready_when_start_returns_and_gone_when_stop_returns(hall: NatsHall) -> None:
    pid = hall.broker.health().pid
    seat = hall.seat("s01")
    assert seat.connected
    seat.close()
    hall.stop()
    assert not is_running(pid)
    assert not hall.broker.health().running
    assert not (hall.data / "broker/broker.pid").exists()


def test_a_killed_broker_comes_back_and_the_restart_is_counted(hall: NatsHall) -> None:
    first = hall.broker.health().pid
    os.kill(first, signal.SIGKILL)
    assert within(lambda: hall.broker.health().pid not in (0, first))
    assert hall.broker.health().restarts == 1
    assert within(hall.broker._answers)
    seat = hall.seat("s01")
    assert seat.connected
    seat.close()


def test_a_machine_that_has_no_room_for_the_broker_is_asked_again(
    hall: NatsHall, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, failures = module.write_file, [OSError(28, "No space left on device")] * 2

    def full(path: Path, content: bytes, mode: int, *, durable: bool = True) -> None:
        if failures:
            raise failures.pop()
        real(path, content, mode, durable=durable)

    monkeypatch.setattr(module, "write_file", full)
    first = hall.broker.health().pid
    os.kill(first, signal.SIGKILL)
    assert within(lambda: hall.broker.health().restarts == 3 and hall.broker._answers())
    assert hall.counts.snapshot()["broker_error"] == 2


@pytest.mark.filterwarnings(
    # paho leaves the socket of a connection that fails to be collected
    "ignore::ResourceWarning",
    "ignore::pytest.PytestUnraisableExceptionWarning",
)
def test_one_seat_that_opens_every_connection_is_counted_and_ends_with_its_revocation(
    hall: NatsHall,
) -> None:
    greedy = [hall.seat("s01", client_id=f"s01-{number}") for number in range(30)]
    assert within(lambda: hall.counts.snapshot().get("connections_exceeded", 0) > 0)
    hall.revoke("s01")
    assert all(one.wait(lambda one=one: one.lost or one.refused) for one in greedy)
    other = hall.seat("s02")
    assert other.connected
    for one in [*greedy, other]:
        one.close()


def test_a_frozen_broker_is_replaced_on_request(hall: NatsHall) -> None:
    first = hall.broker.health().pid
    os.kill(first, signal.SIGSTOP)
    assert not hall.broker._answers()
    hall.broker.restart()
    assert within(lambda: hall.broker.health().pid not in (0, first) and hall.broker._answers())


def test_a_frozen_broker_is_stopped_in_bounded_time(hall: NatsHall) -> None:
    pid = hall.broker.health().pid
    os.kill(pid, signal.SIGSTOP)
    hall.stop()
    assert not is_running(pid)


def test_a_port_that_another_program_holds_is_an_error_with_the_brokers_own_words(
    hall: NatsHall, tmp_path: Path
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        broker = Broker(hall.data, hall.counts, taken.getsockname()[1])
        with pytest.raises(BrokerError, match="address already in use"):
            broker.start(timeout_s=20)
        assert not broker.health().running


CONTROLLER = """\
import os, signal, sys
from pathlib import Path
import structlog
from controller.seats.broker import Broker
from controller.seats.counts import RefusalCounts
counts = RefusalCounts(structlog.get_logger(), lambda: 0)
broker = Broker(Path(sys.argv[1]), counts, int(sys.argv[2]))
broker.start()
print(broker.health().pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_the_broker_dies_with_a_killed_controller_and_the_next_one_starts_at_once(
    hall: NatsHall,
) -> None:
    hall.stop()
    command = [sys.executable, "-c", CONTROLLER, str(hall.data), str(hall.port)]
    for _ in range(3):
        child = subprocess.run(command, capture_output=True, check=False)
        assert child.returncode == -signal.SIGKILL, child.stderr
        pid = int(child.stdout)
        assert within(lambda pid=pid: not is_running(pid))  # type: ignore[misc] - bound now
    again = Broker(hall.data, hall.counts, hall.port)
    again.start()
    again.stop()


def test_only_a_broker_of_ours_is_ended_as_an_orphan(hall: NatsHall, tmp_path: Path) -> None:
    ours = hall.broker.health().pid
    config = hall.data / "broker/broker.conf"
    pid_file = tmp_path / "pid"
    stranger = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    for text in (str(stranger.pid), "999999999", "", "not a number"):
        pid_file.write_text(text)
        module._end_orphan(pid_file, config)
    assert stranger.poll() is None
    stranger.communicate(b"\n")
    pid_file.write_text(str(ours))
    module._end_orphan(pid_file, tmp_path / "another.conf")
    assert is_running(ours)
    module._end_orphan(pid_file, config)
    assert within(lambda: hall.broker.health().pid not in (0, ours))


def test_everybody_who_was_turned_away_is_counted_by_name(hall: NatsHall) -> None:
    seat = hall.seat("s01")
    seat.publish(f"hall/{HALL}/seat/s02/up", b"forged")
    seat.subscribe(f"hall/{HALL}/seat/s02/down")
    seat.publish(f"hall/{HALL}/seat/s01/up", b"x" * 2_000)
    assert seat.wait(lambda: seat.lost)
    seat.close()
    MqttPerson(hall.port, hall.keys / "ca.crt", None, "stranger").close()
    hall.revoke("s02")
    hall.seat("s02").close()
    first, second = hall.seat("s01"), hall.seat("s01")
    assert first.wait(lambda: first.lost)
    first.close()
    second.close()
    expected = {
        "client_not_known": 1,
        "client_without_certificate": 1,
        "message_too_large": 1,
        "publish_not_permitted": 1,
        "session_taken_over": 1,
        "subscribe_not_permitted": 1,
    }
    assert within(lambda: hall.counts.snapshot() == expected), hall.counts.snapshot()


def test_a_revocation_cuts_one_seat_and_no_other(hall: NatsHall) -> None:
    one, other = hall.seat("s01"), hall.seat("s02")
    hall.revoke("s01")
    assert one.wait(lambda: one.lost)
    assert not other.lost
    assert other.subscribe(f"hall/{HALL}/seat/s02/down")
    one.close()
    other.close()
    assert hall.broker.health().restarts == 0


def test_a_terminal_enrolled_while_the_broker_runs_may_connect_after_a_reload(
    hall: NatsHall,
) -> None:
    hall.enrol("s03")
    hall.broker.reload()
    seat = hall.seat("s03")
    assert seat.connected
    seat.close()


def test_a_broker_that_does_not_confirm_a_revocation_is_replaced_with_the_new_register(
    hall: NatsHall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_RELOAD_S", 0.3)
    seat = hall.seat("s01")
    first = hall.broker.health().pid
    os.kill(first, signal.SIGSTOP)
    hall.revoke("s01")
    assert within(lambda: hall.broker.health().pid not in (0, first) and hall.broker._answers())
    assert seat.wait(lambda: seat.lost)
    seat.close()
    back = hall.seat("s01")
    assert not back.connected
    back.close()
