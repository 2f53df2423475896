"""Gives every simulated seat its keys, as a technician does at a bench.

The board makes its signing key by itself, in its own flash folder, by running the firmware's
``enrol.py`` under MicroPython; only the public half comes out. The hall then adds certificate, MAC
key and settings. Keys that are there already stay: a second start changes nothing.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from pathlib import Path

from controller.seats import provisioning
from simulator.board import seat_process

_AT_ONCE = 4  # boards that make their keys at the same time
_PUBLIC_KEY = "sign.pub"
_BUNDLE = ("ca.der", "client.der", "client_key.der", "mac.key", "seat.json")

Progress = Callable[[int, int], None]


def flash_folder(data: Path, terminal: str) -> Path:
    """Where the simulated board keeps its files."""
    return data / "seats" / terminal


async def enrol_seats(
    data: Path,
    image: Path,
    terminals: Sequence[tuple[str, provisioning.Language]],
    *,
    hall: str,
    mqtt_port: int,
    progress: Progress,
) -> dict[str, bytes]:
    """Every terminal's public key, as its own board tells it; raises RuntimeError when refused."""
    await asyncio.to_thread(provisioning.prepare, data, hall, mqtt_port)
    keys: dict[str, bytes] = {}
    slots = asyncio.Semaphore(_AT_ONCE)

    async def make_key(terminal: str) -> None:
        flash = flash_folder(data, terminal)
        async with slots:
            if not (flash / _PUBLIC_KEY).exists():
                flash.mkdir(parents=True, exist_ok=True)
                await seat_process.enrol(image, flash)
        keys[terminal] = (flash / _PUBLIC_KEY).read_bytes()
        progress(len(keys), len(terminals))

    async with asyncio.TaskGroup() as boards:
        for terminal, _ in terminals:
            boards.create_task(make_key(terminal))
    missing = [
        provisioning.Enrolment(terminal, keys[terminal], flash_folder(data, terminal), language)
        for terminal, language in terminals
        if not _has_bundle(flash_folder(data, terminal), mqtt_port)
    ]
    for answer in await asyncio.to_thread(provisioning.enrol_many, data, missing):
        if isinstance(answer, provisioning.EnrolmentRefused):
            raise RuntimeError(f"{answer.terminal} was not enrolled: {answer.reason}")
    return keys


def _has_bundle(flash: Path, mqtt_port: int) -> bool:
    """Whether the board has everything, for this broker's port."""
    if not all((flash / name).exists() for name in _BUNDLE):
        return False
    return bool(json.loads((flash / "seat.json").read_text())["broker_port"] == mqtt_port)
