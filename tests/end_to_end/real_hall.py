"""A whole controller as a child process, and seats that are programs with real certificates.

The seats speak the true wire through the real broker; what they send may be good or bad.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import msgspec

from controller.seats import provisioning
from protocol import messages, sealed
from tests.contracts.hall_brokers import free_port
from tests.contracts.mqtt_person import MqttPerson, pem_pair
from tests.controller.seats.seat_signer import HALL, SeatSigner, hello
from tests.controller.seats.small_hall import badge, plan

WITHIN_S = 10.0
_MOVING = ("time", "revision")


def within(condition: Callable[[], bool], seconds: float = WITHIN_S) -> bool:
    """Whether the condition came true in time; a real hall needs real time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


class SeatProgram:
    """One seat: its certificate, its chain, and the newest view that it was shown."""

    def __init__(self, hall: RealHall, terminal: str) -> None:
        self.signer = hall.signers[terminal]
        self.silent = False
        self.mqtt = MqttPerson(
            hall.mqtt_port,
            hall.data / "keys/ca.crt",
            pem_pair(hall.bundles / terminal),
            f"{terminal}-program",
            (self.signer.alive, b"\0"),
        )
        assert self.mqtt.connected
        assert self.mqtt.subscribe(self.signer.down)

    @property
    def view(self) -> messages.View:
        """The newest view; each one is opened and checked as on a seat."""
        payload = self.mqtt.payloads(self.signer.down)[-1]
        return sealed.open_view(payload, self.signer.mac_key, self.signer.down)

    def send(self, data: bytes, topic: str = "") -> None:
        self.mqtt.publish(topic or self.signer.up, data)

    def say(self, body: Any) -> messages.View:
        """The next event of the chain; returns the view that settles it."""
        self.send(self.signer.next_event(body))
        assert self.settled(), "the controller did not answer"
        return self.view

    def settled(self) -> bool:
        return self.mqtt.wait(
            lambda: bool(self.mqtt.messages) and self.view.head_hash == self.signer.head
        )

    def sees(self, condition: Callable[[messages.View], bool]) -> bool:
        return self.mqtt.wait(lambda: bool(self.mqtt.messages) and condition(self.view))

    def close(self) -> None:
        self.mqtt.close()


class RealHall:
    """A prepared folder with one controller on it; deputy n has badge n and sits where he likes."""

    def __init__(self, folder: Path, deputies: int = 6) -> None:
        self.data = folder / "data"
        self.bundles = folder / "bundles"
        self.port, self.mqtt_port = free_port(), free_port()
        self.signers: dict[str, SeatSigner] = {}
        self.seats: dict[str, SeatProgram] = {}
        self._folder = folder
        self._stopping = threading.Event()
        self._enrol(deputies)
        (self.data / "sitting.json").write_bytes(msgspec.json.encode(plan(deputies)))
        self.process = self._start()
        self._http = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", trust_env=False)
        assert within(self._is_ready, 30), self.log()
        password = (folder / "out").read_text().split()[-1]
        answer = self._http.post("/api/session", json={"password": password})
        assert answer.status_code == 204, answer.text
        self._heart = threading.Thread(target=self._beat, daemon=True)
        self._heart.start()

    def _beat(self) -> None:
        """The heartbeats of every seat that is switched on."""
        while not self._stopping.wait(0.5):
            for seat in list(self.seats.values()):
                if not seat.silent and seat.mqtt.messages:
                    beat = seat.signer.heartbeat(view_revision=seat.view.revision)
                    seat.send(beat, seat.signer.alive)

    def _enrol(self, deputies: int) -> None:
        provisioning.prepare(self.data, HALL, self.mqtt_port)
        for number in range(1, deputies + 1):
            signer = SeatSigner(f"s{number}")
            bundle = self.bundles / signer.terminal
            enrolment = provisioning.Enrolment(signer.terminal, signer.public_key, bundle)
            row = provisioning.enrol(self.data, enrolment)
            assert isinstance(row, provisioning.Terminal), row
            signer.mac_key = (bundle / "mac.key").read_bytes()
            self.signers[signer.terminal] = signer

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "controller", "--data", str(self.data)]
        command += ["--port", str(self.port), "--mqtt-port", str(self.mqtt_port)]
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        with (self._folder / "out").open("ab") as out, (self._folder / "log").open("ab") as log:
            return subprocess.Popen(command, stdout=out, stderr=log, env=environment)

    def _is_ready(self) -> bool:
        try:
            return self.health()["status"] == "ok" and b"ready" in self.log().encode()
        except httpx.TransportError:
            assert self.process.poll() is None, self.log()
            return False

    def kill_and_start(self) -> None:
        """A power cut of the controller alone: nothing is said, everything in memory is gone."""
        running = dict(self.seats)
        self.seats.clear()
        self.process.kill()
        self.process.wait()
        for seat in running.values():
            seat.close()
        (self._folder / "log").write_text("")
        self.process = self._start()
        assert within(self._is_ready, 30), self.log()
        # the seats themselves were never off: they connect again and go on in their chains
        for terminal in running:
            self.seats[terminal] = SeatProgram(self, terminal)
            assert self.seats[terminal].sees(lambda view: True)

    def log(self) -> str:
        return (self._folder / "log").read_text()

    def stop(self) -> None:
        self._stopping.set()
        self._heart.join()
        for seat in self.seats.values():
            seat.close()
        self._http.close()
        self.process.terminate()
        assert self.process.wait(20) == 0, self.log()

    # --- what everybody can ask

    def health(self) -> dict[str, Any]:
        answer = self._http.get("/api/health")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def refused(self, name: str) -> int:
        """How often something was refused by this name."""
        return int(self.health()["refused"].get(name, 0))

    def state(self) -> dict[str, Any]:
        """The sitting as everybody sees it, without what moves with time alone."""
        answer = self._http.get("/api/sitting")
        assert answer.status_code == 200, answer.text
        board = dict(answer.json())
        for name in _MOVING:
            board.pop(name, None)
        if board.get("vote"):
            board["vote"].pop("remaining_ms", None)
        return board

    def ledger_size(self) -> int:
        return int(self.health()["ledger"]["size"])

    # --- what makes a sitting go on

    def order(self, name: str, **fields: Any) -> None:
        body = {"id": str(uuid.uuid4()), **fields}
        answer = self._http.post(f"/api/commands/{name}", json=body)
        assert answer.status_code == 200, answer.text

    def seat(self, terminal: str) -> SeatProgram:
        """The running seat; the first time it is switched on and says hello."""
        if terminal not in self.seats:
            seat = self.seats[terminal] = SeatProgram(self, terminal)
            seat.say(hello())
        return self.seats[terminal]

    def sit(self, *numbers: int) -> None:
        """These deputies take the seats of their numbers."""
        for number in numbers:
            view = self.seat(f"s{number}").say(messages.BadgePresent(badge(number)))
            assert view.sitter is not None

    def open_vote(self) -> bytes:
        """The hash of the ballot that is open now; s1 sees it."""
        self.order("open_registration")
        self.order("close_registration")
        self.order("announce_item", item="i1")
        self.order("open_vote", item="i1", duration_ms=600_000)
        assert self.seat("s1").sees(lambda view: view.phase == messages.PHASES.index("voting"))
        return bytes(self.seat("s1").view.ballot.hash)
