"""``python -m simulator run``: one scenario in a fresh hall, then the audit and its report."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from controller.seats.provisioning import log_seed
from simulator.auditor import log
from simulator.auditor.audit import audit
from simulator.auditor.observed import Observed, Shown, Violation
from simulator.chair import Chair, HallSilent
from simulator.hall_process import SimulatedHall
from simulator.player import STEADY_S, Player, Unmet
from simulator.report import FORMAT, Counts, Report, Timings, findings
from simulator.scenario import Scenario
from simulator.timing import LagMeter, percentile, press_to_steady_ms

_VALUES = ("for", "against", "abstain", "not_voted", "absent")


class RunOptions(NamedTuple):
    """``data`` of None plays in a folder that is removed afterwards."""

    name: str
    scenario: Scenario
    seats: int
    seed: int
    image: Path
    data: Path | None


class Published(NamedTuple):
    """What the controller tells everybody at the end."""

    export: bytes
    checkpoint: str
    shown: list[Shown]


async def run(options: RunOptions, tell: Callable[[str], None]) -> Report:
    """Play and audit. Raises what the hall raises when it does not come up."""
    if options.data is not None:
        return await _run_in(options, options.data, tell)
    with TemporaryDirectory(prefix="dobush-") as folder:
        return await _run_in(options, Path(folder), tell)


async def _run_in(options: RunOptions, data: Path, tell: Callable[[str], None]) -> Report:
    port, mqtt_port = free_ports(2)
    hall = SimulatedHall(data, options.seats, options.image, port, mqtt_port)
    lag = LagMeter()
    measuring = asyncio.create_task(lag.run())
    try:
        await hall.start(lambda what, done, total: tell(f"{what} {done}/{total}"))
        await hall.chair.sign_in(hall.controller.password)
        player = Player(hall, options.scenario, options.seed)
        lag.max_ms = 0.0  # the boot is over
        begin = time.monotonic()
        unmet = await _play(player)
        play_s = time.monotonic() - begin
        try:
            published = await _fetch(hall.chair, player.votes)
        except HallSilent as silence:
            told = f"{silence}: {hall.controller.last_words()}"
            unmet.append(Violation("hall_silent", "controller", told))
            published = Published(b"", "", [])
    finally:
        measuring.cancel()
        await hall.close()
    violations = [*unmet, *_judge(data, hall, player, published)]
    return _report(options, hall, player, published, violations, play_s, lag.max_ms)


async def _play(player: Player) -> list[Violation]:
    unmet = []
    try:
        await player.play()
    except Unmet as error:
        unmet.append(Violation("expectation_not_met", "scenario", str(error)))
    await asyncio.sleep(STEADY_S)  # a lamp that is steady now has been so long enough to be seen
    player.end_of_windows()
    return unmet


async def _fetch(chair: Chair, votes: list[str]) -> Published:
    shown = []
    for vote in votes:
        result = (await chair.get_json(f"/api/votes/{vote}"))["vote"]["result"]
        if result is not None:
            by_deputy = {one["deputy"]: one["value"] for one in result["by_deputy"]}
            counts = {value: result[value] for value in _VALUES}
            shown.append(Shown(vote, counts, by_deputy, result["adopted"]))
    checkpoint = (await chair.get("/api/ledger/checkpoint")).decode()
    return Published(await chair.get("/api/ledger/export"), checkpoint, shown)


def _judge(
    data: Path, hall: SimulatedHall, player: Player, published: Published
) -> list[Violation]:
    log_key = Ed25519PrivateKey.from_private_bytes(log_seed(data)).public_key()
    observed = Observed(
        log_key.public_bytes_raw(),
        hall.seat_keys,
        hall.witness.presses,
        hall.witness.lamps,
        player.windows,
        published.shown,
    )
    violations = audit(published.export, published.checkpoint, observed)
    return violations + _missing_refusals(player, published.export)


def _missing_refusals(player: Player, export: bytes) -> list[Violation]:
    """The refused events that the scenario expects and the ledger does not hold."""
    refused: dict[tuple[str, str], int] = {}
    for entry in log.read(export).entries if player.expected_refusals else []:
        if entry.kind == "event_refused":
            key = (entry.fact["terminal"], entry.fact["reason"])
            refused[key] = refused.get(key, 0) + 1
    missing = []
    for terminals, step in player.expected_refusals:
        for terminal in terminals:
            count = refused.get((terminal, step.reason), 0)
            if count < step.at_least:
                told = f"{count} events refused for {step.reason}, expected {step.at_least}"
                missing.append(Violation("expectation_not_met", terminal, told))
    return missing


def _report(
    options: RunOptions,
    hall: SimulatedHall,
    player: Player,
    published: Published,
    violations: list[Violation],
    play_s: float,
    lag_ms: float,
) -> Report:
    witness = hall.witness
    waits = press_to_steady_ms(witness.presses, witness.lamps)
    kinds = _kinds(published.export)
    return Report(
        format=FORMAT,
        scenario=options.name,
        title=options.scenario.title,
        seats=options.seats,
        seed=options.seed,
        verdict="violated" if violations else "proven",
        timings=Timings(
            boot_s=round(hall.boot_s, 3),
            play_s=round(play_s, 3),
            press_to_steady_ms_p50=round(percentile(waits, 50), 1),
            press_to_steady_ms_p99=round(percentile(waits, 99), 1),
            press_to_steady_ms_max=round(percentile(waits, 100), 1),
            watch_lag_ms_max=round(lag_ms, 1),
        ),
        counts=Counts(
            votes=len(player.votes),
            presses=len(witness.presses),
            confirmed=len(waits),
            casts=kinds.count("ballot_cast"),
            refused_events=kinds.count("event_refused"),
            ledger_entries=len(kinds),
            export_bytes=len(published.export),
            seat_restarts=sum(seat.restarts for seat in hall.seats.values()),
        ),
        idle=player.idle,
        violations=findings(violations),
    )


def _kinds(export: bytes) -> list[str]:
    try:
        return [entry.kind for entry in log.read(export).entries]
    except log.UnreadableError:
        return []  # the audit has said so


def free_ports(count: int) -> list[int]:
    """Ports that nobody listened on a moment ago."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]
    finally:
        for one in sockets:
            one.close()
