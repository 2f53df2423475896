"""The faults of the soak test, and the limits that the link must keep in each of them."""

from __future__ import annotations

import datetime
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.soak.brokers import Broker, free_port
from tests.soak.certificates import BROKER_NAME, EXPIRED, LATE, Authority
from tests.soak.observer import Observer
from tests.soak.proxy import Proxy
from tests.soak.seat import Seat, build_image, write_flash

BACK_WITHIN_S = 5.0
HEAP_GROWTH_BYTES_MAX = 1024
TIMES_ON_CORE_PER_SECOND_MAX = 200.0
STEP_FAULT = "a step took too long"
REFUSED = "broker_certificate_refused"


@dataclass(frozen=True)
class Effort:
    """How hard a run tries."""

    frozen_s: float = 10.0
    half_open_s: float = 10.0
    restarts: int = 5
    reconnects: int = 1000
    refused_s: float = 8.0
    flood_messages: int = 3000


FULL = Effort()
SHORT = Effort(
    frozen_s=4.0, half_open_s=4.2, restarts=1, reconnects=8, refused_s=1.5, flood_messages=500
)


@dataclass
class Measured:
    """What one scenario showed; ``faults`` is empty when every limit was kept."""

    scenario: str
    broker: str
    back_in_service_s: list[float] = field(default_factory=list)
    step_max_ms: float = 0.0
    step_p99_ms: float = 0.0
    step_max_wall_ms: float = 0.0
    steps: int = 0
    steps_too_long: int = 0
    heap_first_bytes: int = 0
    heap_last_bytes: int = 0
    import_bytes: int = 0
    events: int = 0
    delivered: int = 0
    sent: int = 0
    attempts: int = 0
    connections: int = 0
    wakes_per_s: float = 0.0
    times_on_core_per_s: float = 0.0
    cpu_ms_per_s: float = 0.0
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, object]:
        """For the report: the long list of times as its number, median and maximum."""
        times = self.back_in_service_s
        summary = {
            "count": len(times),
            "median": round(statistics.median(times), 3) if times else None,
            "max": round(max(times), 3) if times else None,
        }
        return {**asdict(self), "back_in_service_s": summary}

    def take(self, seat: Seat, observer: Observer) -> None:
        """Read the seat's numbers and compare them with every limit."""
        last = seat.last()
        self.steps = last["steps"]
        self.step_max_ms = last["max_us"] / 1000
        self.step_max_wall_ms = last["max_wall_us"] / 1000
        self.steps_too_long = last["slow"]
        self.step_p99_ms = _percentile(last["milliseconds"], 0.99)
        self.import_bytes = last["import_bytes"]
        self.events, self.sent = last["produced"], last["sent"]
        self.attempts, self.connections = last["attempts"], last["connections"]
        self.delivered = len(observer.numbers & set(range(1, self.events + 1)))
        self.seconds = last["at_ms"] / 1000
        self.wakes_per_s = round(last["wakes"] / self.seconds, 1)
        self.times_on_core_per_s = round(last["times_on_core"] / self.seconds, 1)
        self.cpu_ms_per_s = round(last["cpu_ms"] / self.seconds, 1)
        # The first samples are left out: buffers of the interpreter itself still grow.
        heaps = [state["heap"] for state in seat.states() if state["connections"] > 0][1:]
        tail = max(1, len(heaps) // 4)
        self.heap_first_bytes = min(heaps[:tail])
        self.heap_last_bytes = min(heaps[-tail:])
        self._judge()

    def _judge(self) -> None:
        self.demand(self.steps_too_long == 0, f"{STEP_FAULT}: {self.step_max_ms} ms")
        self.demand(
            all(seconds <= BACK_WITHIN_S for seconds in self.back_in_service_s),
            f"back in service only after {max(self.back_in_service_s, default=0)} s",
        )
        growth = self.heap_last_bytes - self.heap_first_bytes
        self.demand(growth <= HEAP_GROWTH_BYTES_MAX, f"the heap grew by {growth} bytes")
        self.demand(self.delivered == self.events, "an event was never delivered")
        self.demand(self.events > 0, "no event was produced")
        self.demand(
            self.times_on_core_per_s <= TIMES_ON_CORE_PER_SECOND_MAX, "the program hardly slept"
        )

    def demand(self, kept: bool, fault: str) -> None:
        """Note a fault unless the limit was kept."""
        if not kept:
            self.faults.append(fault)


def _percentile(milliseconds: list[int], share: float) -> float:
    """The upper edge of the bucket in which the given share of all calls is reached."""
    goal, seen = share * sum(milliseconds), 0
    for index, count in enumerate(milliseconds):
        seen += count
        if seen >= goal:
            return index + 1.0
    return float(len(milliseconds))


class Stage:
    """Certificates, an image and a folder, shared by the scenarios of one run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.authority = Authority()
        self.server = self.authority.server()
        self.image = build_image(folder / "image")
        self.flash = write_flash(folder / "flash", self.authority, self.authority.client("s01"))
        self.authority.pair.write_pem(folder, "ca")
        self.authority.client("observer").write_pem(folder, "observer")
        self._runs = 0

    def broker(self, kind: str, port: int | None = None) -> Broker:
        """A good broker, not started yet."""
        return Broker(kind, self._place(kind), self.server, self.authority.pair, port)

    def bad_broker(self, kind: str, badness: str, port: int) -> Broker:
        """A broker that no seat may talk to."""
        authority = Authority("another hall") if badness == "wrong_authority" else self.authority
        name = "another.hall" if badness == "wrong_name" else BROKER_NAME
        not_after: datetime.datetime = EXPIRED if badness == "expired" else LATE
        server = authority.server(name, not_after)
        return Broker(kind, self._place(kind), server, self.authority.pair, port)

    def _place(self, kind: str) -> Path:
        self._runs += 1
        return self.folder / f"{kind}-{self._runs}"


@contextmanager
def _running(broker: Broker) -> Iterator[Broker]:
    broker.start()
    try:
        yield broker
    finally:
        broker.kill()


@contextmanager
def _observing(stage: Stage, port: int) -> Iterator[Observer]:
    observer = Observer(port, stage.folder)
    try:
        yield observer
    finally:
        observer.close()


@contextmanager
def _seated(stage: Stage, port: int, steady_ms: int | None = None) -> Iterator[Seat]:
    seat = Seat(stage.image, stage.flash, port, BROKER_NAME, steady_ms)
    try:
        yield seat
    finally:
        seat.end()


@contextmanager
def _proxied(port: int) -> Iterator[Proxy]:
    proxy = Proxy(port)
    try:
        yield proxy
    finally:
        proxy.close()


def _settle(seat: Seat) -> None:
    """No more events: every one that was produced must come to be settled."""
    seat.order("stop")
    mark = time.monotonic() + 0.3
    seat.wait(
        "every event settled",
        lambda: (
            seat.last()["arrived_s"] > mark and seat.last()["settled"] == seat.last()["produced"]
        ),
        within_s=30,
    )


def frozen_and_killed(stage: Stage, kind: str, effort: Effort) -> Measured:
    """The broker is flooded and sends too much, is frozen and thawed, is killed and restarted."""
    measured = Measured("frozen_and_killed", kind)
    with (
        _running(stage.broker(kind)) as broker,
        _observing(stage, broker.port) as observer,
        _seated(stage, broker.port) as seat,
    ):
        seat.wait("the first connection", seat.connected, within_s=10)
        observer.send_down(bytes(100_000))
        for _ in range(effort.flood_messages):
            observer.send_down(bytes(4))
        observer.send_down(bytes(2_000))
        seat.wait("large packets skipped", lambda: seat.last()["oversized"] == 2, within_s=20)
        measured.demand(len(seat.link_changes()) == 1, "a hostile message cut the link")
        lost_s = time.monotonic()
        broker.freeze()
        time.sleep(effort.frozen_s)
        broker.thaw()
        measured.back_in_service_s.append(seat.wait_connection(lost_s, time.monotonic()))
        for _ in range(effort.restarts):
            time.sleep(1)
            lost_s = time.monotonic()
            broker.kill()
            time.sleep(2)
            broker.start()
            measured.back_in_service_s.append(seat.wait_connection(lost_s, time.monotonic()))
        _settle(seat)
        measured.take(seat, observer)
    return measured


def half_open_and_cut(stage: Stage, kind: str, effort: Effort) -> Measured:
    """The way to the broker swallows everything for a while; then connections are cut, often."""
    measured = Measured("half_open_and_cut", kind)
    with (
        _running(stage.broker(kind)) as broker,
        _observing(stage, broker.port) as observer,
        _proxied(broker.port) as proxy,
        # Pauses start anew after each cut: otherwise a thousand cuts are an hour of waiting.
        _seated(stage, proxy.port, steady_ms=0) as seat,
    ):
        seat.wait("the first connection", seat.connected, within_s=10)
        lost_s = time.monotonic()
        proxy.swallow()
        time.sleep(effort.half_open_s)
        measured.demand(not seat.connected(), "a half-open connection was not noticed")
        proxy.restore()
        measured.back_in_service_s.append(seat.wait_connection(lost_s, time.monotonic()))
        for index in range(effort.reconnects):
            time.sleep(0.01 * (index % 20))  # cut young connections and older ones
            cut_s = time.monotonic()
            proxy.cut()
            measured.back_in_service_s.append(seat.wait_connection(cut_s, cut_s))
        _settle(seat)
        measured.take(seat, observer)
        measured.demand(observer.wills > 0, "no last will was published")
    return measured


def refused(stage: Stage, kind: str, badness: str, effort: Effort) -> Measured:
    """A broker with a bad certificate gets no message; a good one in its place gets them all."""
    measured = Measured(f"refused_{badness}", kind)
    port = free_port()
    with _seated(stage, port) as seat:
        with _running(stage.bad_broker(kind, badness, port)):
            bad_since_s = time.monotonic()
            seat.wait("a refusal", lambda: _last_failure(seat) == REFUSED, within_s=10)
            time.sleep(max(0.0, effort.refused_s - (time.monotonic() - bad_since_s)))
            measured.demand(_last_failure(seat) == REFUSED, "not refused for its certificate")
            measured.demand(not seat.connected(), "a bad broker was believed")
        with _running(stage.broker(kind, port)), _observing(stage, port) as observer:
            returned_s = time.monotonic()
            measured.back_in_service_s.append(seat.wait_connection(bad_since_s, returned_s))
            _settle(seat)
            seat.wait("three samples", lambda: len(_connected_states(seat)) > 3, within_s=10)
            measured.take(seat, observer)
    return measured


def _last_failure(seat: Seat) -> str:
    return str(seat.last()["failure"]) if seat.states() else ""


def _connected_states(seat: Seat) -> list[object]:
    return [state for state in seat.states() if state["connections"] > 0]


BADNESSES = ("wrong_authority", "wrong_name", "expired")
