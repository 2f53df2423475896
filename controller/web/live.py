"""Carries the newest snapshot to every viewer. A slow viewer skips snapshots; it never queues them.

One task listens to the hall, asks for a snapshot at most once an interval, writes it as JSON once,
and wakes the viewers. A viewer holds one slot: what was not sent when something newer came is gone.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Final

import msgspec
from fastapi.sse import ServerSentEvent

from controller.locale import LANGUAGES, clock_text, date_text
from controller.web.port import HallPort, HallTime, Json
from controller.web.problems import Problem
from controller.web.settings import WebSettings

_RETRY_MS: Final = 1_000


class Snapshot(msgspec.Struct, frozen=True):
    """One state of the hall as JSON; ``number`` grows with every snapshot of this process."""

    number: int
    revision: int
    text: str


class Live:
    """The newest snapshots, public and chair's, and the number of those who watch."""

    def __init__(
        self, hall: HallPort, settings: WebSettings, decorate: Callable[[Json], Json]
    ) -> None:
        self._hall = hall
        self._settings = settings
        self._decorate = decorate
        self._number = 0
        self._public = Snapshot(0, 0, "")
        self._chair = Snapshot(0, 0, "")
        self._changed = asyncio.Condition()
        self._stopping = False
        self.viewers = 0

    async def run(self) -> None:
        """Listens until the hall's feed ends; run it as a task while the pages are served."""
        pending = asyncio.Event()
        listener = asyncio.create_task(self._listen(pending))
        try:
            # it listens before the first snapshot is made: no change falls in between
            await asyncio.sleep(0)
            await self._refresh()
            while not listener.done():
                await pending.wait()
                pending.clear()
                await self._refresh()
                await asyncio.sleep(self._interval_s())
            await listener
        finally:
            listener.cancel()
            await self.stop()

    def _interval_s(self) -> float:
        by_viewers_us = self.viewers * self._settings.snapshot_interval_us_per_viewer
        return max(self._settings.snapshot_interval_ms / 1_000, by_viewers_us / 1_000_000)

    async def stop(self) -> None:
        """Lets every viewer go: their streams end."""
        async with self._changed:
            self._stopping = True
            self._changed.notify_all()

    def enter(self) -> None:
        """Takes a viewer's place; a problem when the hall has no more places."""
        if self._stopping:
            raise Problem("hall_stopping", retry_after_s=1)
        if self.viewers >= self._settings.viewers_max:
            raise Problem("too_many_viewers", retry_after_s=10)
        self.viewers += 1

    def leave(self) -> None:
        """Gives a viewer's place back."""
        self.viewers -= 1

    async def watch(
        self, *, chair: bool, allowed: Callable[[], bool] = lambda: True
    ) -> AsyncIterator[ServerSentEvent]:
        """A full snapshot, then each newer one; between them the hall's time every second."""
        seen = 0  # the number of no snapshot: before the first one there is nothing to send
        keep_alive_s = self._settings.keep_alive_ms / 1_000
        next_time = asyncio.get_running_loop().time()
        while not self._stopping and allowed():
            newest = self._chair if chair else self._public
            if newest.number > seen:
                seen = newest.number
                yield ServerSentEvent(
                    event="sitting", id=str(newest.revision), raw_data=newest.text, retry=_RETRY_MS
                )
            now = asyncio.get_running_loop().time()
            if now >= next_time:
                next_time = now + keep_alive_s
                yield ServerSentEvent(event="time", raw_data=time_event(self._hall.time()))
            await self._wait(seen, next_time, chair=chair)

    async def _wait(self, seen: int, until: float, *, chair: bool) -> None:
        """Returns when there is something newer than ``seen`` or ``until`` has come."""

        def newer() -> bool:
            return self._stopping or (self._chair if chair else self._public).number > seen

        try:
            async with asyncio.timeout_at(until), self._changed:
                await self._changed.wait_for(newer)
        except TimeoutError:
            return

    async def _listen(self, pending: asyncio.Event) -> None:
        try:
            async for _ in self._hall.feed():
                pending.set()
        finally:
            pending.set()

    async def _refresh(self) -> None:
        board = self._decorate(self._hall.board())
        revision = int(board.get("revision", 0))
        public = msgspec.json.encode(board).decode()
        chair = msgspec.json.encode({**board, "steps": self._hall.steps()}).decode()
        async with self._changed:
            self._number += 1
            self._public = Snapshot(self._number, revision, public)
            self._chair = Snapshot(self._number, revision, chair)
            self._changed.notify_all()


def time_event(now: HallTime) -> str:
    """The keep-alive's data: hall time for clocks that count down, the day in three languages."""
    wall = datetime.fromisoformat(now.wall)
    return msgspec.json.encode(
        {
            "hall_ms": now.hall_ms,
            "wall": now.wall,
            "clock": clock_text(wall),
            "date": {language: date_text(wall, language) for language in LANGUAGES},
        }
    ).decode()
