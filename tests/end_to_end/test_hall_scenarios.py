"""Whole halls: the program as a person starts it, real firmware, real broker, real ledger.

Each scenario runs through ``python -m simulator run`` and passes only when its auditor, which
shares no code with the controller, proves the result.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from simulator import scenario
from simulator.board.seat_process import interpreter
from simulator.run import free_ports

pytestmark = pytest.mark.hall

BUSY_S = 110  # of the 120 s that one test may take


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The firmware as it is now."""
    try:
        interpreter()
    except FileNotFoundError as missing:
        pytest.skip(f"no hall was started: {missing}")
    folder = tmp_path_factory.mktemp("seat") / "image"
    command = [sys.executable, "-m", "terminal_fw.build_image", "--into", str(folder)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return folder


def play(image: Path, folder: Path, name: str, seats: int) -> dict[str, Any]:
    """The report of a scenario that was proven."""
    file = folder / "report.json"
    command = [sys.executable, "-m", "simulator", "run", name, "--seats", str(seats)]
    command += ["--report", str(file), "--seed", "1", "--image", str(image)]
    command += ["--data", str(folder / "hall")]
    played = subprocess.run(command, capture_output=True, text=True, timeout=BUSY_S, check=False)
    assert played.returncode == 0, played.stdout + played.stderr
    report: dict[str, Any] = json.loads(file.read_text())
    assert report["verdict"] == "proven"
    assert report["violations"] == []
    assert report["counts"]["seat_restarts"] == 0
    return report


def test_51_seats_register_and_vote_within_a_second_and_the_result_is_proven(
    image: Path, tmp_path: Path
) -> None:
    report = play(image, tmp_path, "registration_and_vote", 51)
    counts = report["counts"]
    assert counts["presses"] == counts["confirmed"] == counts["casts"] == 45


def test_the_last_press_counts_when_deputies_change_their_minds(
    image: Path, tmp_path: Path
) -> None:
    counts = play(image, tmp_path, "change_of_vote", 12)["counts"]
    assert counts["casts"] == counts["presses"] == 24


def test_a_late_press_is_refused_and_written_down(image: Path, tmp_path: Path) -> None:
    counts = play(image, tmp_path, "late_press", 12)["counts"]
    assert counts["casts"] + counts["refused_events"] == counts["presses"] == 12
    assert counts["refused_events"] >= 2


def test_a_vote_is_not_opened_without_a_quorum_of_those_present(
    image: Path, tmp_path: Path
) -> None:
    assert play(image, tmp_path, "no_quorum", 12)["counts"]["votes"] == 1


def test_an_open_vote_goes_on_after_the_controller_was_killed(image: Path, tmp_path: Path) -> None:
    counts = play(image, tmp_path, "controller_killed", 12)["counts"]
    assert counts["confirmed"] == counts["casts"] == 12


def test_receipts_stand_when_seats_lose_their_supply(image: Path, tmp_path: Path) -> None:
    assert play(image, tmp_path, "seat_power_cut", 12)["counts"]["casts"] == 12


def test_nothing_is_lost_when_the_broker_freezes_and_dies(image: Path, tmp_path: Path) -> None:
    counts = play(image, tmp_path, "broker_restart", 12)["counts"]
    assert counts["confirmed"] == counts["casts"] == 12


def test_an_expectation_that_is_not_met_ends_with_status_1_and_a_named_violation(
    image: Path, tmp_path: Path
) -> None:
    story = (scenario.FOLDER / "no_quorum.toml").read_text(encoding="utf-8")
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(story.replace('refused = "no_quorum"', 'refused = "unknown_item"'))
    command = [sys.executable, "-m", "simulator", "run", str(wrong), "--seats", "5"]
    command += ["--report", str(tmp_path / "report.json"), "--image", str(image)]
    played = subprocess.run(command, capture_output=True, text=True, timeout=BUSY_S, check=False)
    assert played.returncode == 1
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["verdict"] == "violated"
    assert "open_vote was refused no_quorum" in report["violations"][0]["detail"]


# --- the hall that stays up for people


class Hall:
    """A running ``python -m simulator hall`` of three seats."""

    def __init__(self, process: subprocess.Popen[str], port: int, data: Path) -> None:
        self.process, self.port, self.data = process, port, data
        self.said: list[str] = []

    def read_until(self, word: str) -> None:
        """What it says, up to the line with this word."""
        assert self.process.stdout is not None
        while word not in "".join(self.said):
            line = self.process.stdout.readline()
            assert line, f"it ended; it said: {self.said}"
            self.said.append(line)

    def health(self) -> dict[str, Any]:
        return dict(get_json(f"http://127.0.0.1:{self.port}/api/health"))

    def seats(self) -> list[dict[str, Any]]:
        return list(get_json(f"http://127.0.0.1:{self.port + 1}/api/seats"))

    def touch(self, path: str, body: dict[str, object]) -> None:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port + 1}/api/{path}",
            data=json.dumps(body).encode(),
            headers={"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            assert answer.status == 204

    def children(self) -> list[int]:
        """Every process of the hall."""
        return descendants(self.process.pid)


@contextmanager
def running_hall(image: Path, data: Path, port: int) -> Iterator[Hall]:
    command = [sys.executable, "-u", "-m", "simulator", "hall", "--seats", "3", "--no-browser"]
    command += ["--port", str(port), "--data", str(data), "--image", str(image)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    hall = Hall(process, port, data)
    try:
        hall.read_until("Ctrl-C")
        yield hall
    finally:
        process.terminate()
        process.wait(30)
        assert process.stdout is not None
        process.stdout.close()


def three_ports() -> int:
    """The first of three ports in a row that are free."""
    for _ in range(50):
        (port,) = free_ports(1)
        if port < 65_000 and all(is_free(port + number) for number in range(3)):
            return port
    raise AssertionError("no three free ports in a row")


def is_free(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) != 0


def get_json(address: str) -> Any:
    with urllib.request.urlopen(address, timeout=20) as answer:
        return json.load(answer)


def until(true: Callable[[], bool], timeout_s: float = 40.0) -> None:
    end = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < end, "it did not become so in time"
        time.sleep(0.1)


def answers(hall: Hall) -> dict[str, Any]:
    """The controller's health; empty while it does not answer."""
    try:
        return hall.health()
    except OSError:
        return {}


def descendants(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += [int(child), *descendants(int(child))]
    return found


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_a_hall_keeps_its_data_and_leaves_no_process_behind(image: Path, tmp_path: Path) -> None:
    """Started, used, stopped by Ctrl-C; started again over the same folder, killed, restarted."""
    data, port = tmp_path / "hall", three_ports()
    with running_hall(image, data, port) as hall:
        text = "".join(hall.said)
        assert f"http://127.0.0.1:{port}/board" in text
        assert (data / "simulated-password").read_text().strip() in text
        assert hall.health()["seats_online"] == 3
        hall.touch("crowd", {"action": "arrive_all"})
        until(lambda: all(seat["badge_in"] for seat in hall.seats()))
        keys = [(data / "seats" / name / "sign.pub").read_bytes() for name in ("s01", "s02")]
        size, processes = hall.health()["ledger"]["size"], hall.children()
        assert len(processes) >= 6  # the hall, the controller, the broker and three seats
        hall.process.send_signal(signal.SIGINT)
        assert hall.process.wait(30) == 0
        until(lambda: all(is_gone(pid) for pid in processes))
    with running_hall(image, data, port) as hall:
        assert hall.health()["ledger"]["size"] > size
        assert hall.health()["epoch"] == 2
        for name, key in zip(("s01", "s02"), keys, strict=True):
            assert (data / "seats" / name / "sign.pub").read_bytes() == key
        (controller,) = (
            pid
            for pid in hall.children()
            if b"controller\0--data" in Path(f"/proc/{pid}/cmdline").read_bytes()
        )
        os.kill(controller, signal.SIGKILL)
        until(lambda: answers(hall).get("epoch") == 3)
        processes = hall.children()
        hall.process.terminate()
        assert hall.process.wait(30) == 0
        until(lambda: all(is_gone(pid) for pid in processes))
