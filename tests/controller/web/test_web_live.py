"""The live feed: a full snapshot first, the newest only, time between, and room for so many."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.sse import ServerSentEvent

from controller.core import commands as c
from controller.web.app import create_app
from controller.web.auth import set_password
from controller.web.live import Live
from controller.web.problems import Problem
from controller.web.settings import WebSettings
from tests.controller.web.conftest import PASSWORD
from tests.controller.web.fake_hall import FakeHall
from tests.controller.web.served import free_socket, served

_SOON_S = 5.0


def live_settings(**changes: Any) -> WebSettings:
    names = {"password_file": Path("unused"), "session_file": Path("unused")}
    return WebSettings(**{"snapshot_interval_ms": 1, "keep_alive_ms": 20, **names, **changes})


@asynccontextmanager
async def running(hall: FakeHall, **changes: Any) -> AsyncIterator[Live]:
    live = Live(hall, live_settings(**changes), lambda board: board)
    task = asyncio.create_task(live.run())
    try:
        yield live
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def next_of(events: AsyncIterator[ServerSentEvent], kind: str) -> dict[str, Any]:
    async with asyncio.timeout(_SOON_S):
        async for event in events:
            if event.event == kind:
                return dict(json.loads(event.raw_data or ""))
    raise AssertionError(f"the feed ended without {kind}")


def test_a_viewer_gets_the_whole_snapshot_first_and_then_the_hall_time(hall: FakeHall) -> None:
    async def play() -> None:
        async with running(hall) as live:
            events = live.watch(chair=False)
            first = await next_of(events, "sitting")
            assert first["revision"] == hall.sitting.ledger_size
            assert "steps" not in first
            hall.now_ms += 1_000
            time = await next_of(events, "time")
            time = await next_of(events, "time") if time["hall_ms"] < hall.now_ms else time
            assert time["hall_ms"] == hall.now_ms
            assert time["date"]["ky"].endswith("-ноябры")

    asyncio.run(play())


def test_a_change_reaches_every_viewer(hall: FakeHall) -> None:
    async def play() -> None:
        async with running(hall) as live:
            viewers = [live.watch(chair=False) for _ in range(20)]
            for viewer in viewers:
                await next_of(viewer, "sitting")
            hall.chair(c.OpenRegistration())
            for viewer in viewers:
                assert (await next_of(viewer, "sitting"))["registration"]["open"] is True

    asyncio.run(play())


def test_a_slow_viewer_skips_to_the_newest_snapshot(hall: FakeHall) -> None:
    async def play() -> None:
        async with running(hall) as live:
            slow = live.watch(chair=False)
            quick = live.watch(chair=False)
            await next_of(slow, "sitting")
            await next_of(quick, "sitting")
            for terminal, deputy in hall.plan.usual_seats.items():
                hall.give(c.PresentBadge(terminal, hall.badge(deputy)))
                await next_of(quick, "sitting")
            assert (await next_of(slow, "sitting"))["quorum"]["present"] == 7
            hall.chair(c.OpenRegistration())
            assert (await next_of(slow, "sitting"))["registration"]["open"] is True

    asyncio.run(play())


def test_a_storm_of_changes_is_gathered_into_few_snapshots(hall: FakeHall) -> None:
    boards = []
    original = hall.board

    def board() -> dict[str, Any]:
        boards.append(1)
        return original()

    hall.board = board  # type: ignore[method-assign]

    async def play() -> None:
        async with running(hall, snapshot_interval_ms=100) as live:
            viewer = live.watch(chair=False)
            await next_of(viewer, "sitting")
            for _ in range(500):
                hall.give(c.ReportTerminal("s01", 1, ""))
                await asyncio.sleep(0)
            await next_of(viewer, "sitting")
        assert len(boards) < 10

    asyncio.run(play())


def test_the_chair_sees_the_steps_that_belong_to_the_snapshot(hall: FakeHall) -> None:
    async def play() -> None:
        async with running(hall) as live:
            viewer = live.watch(chair=True)
            assert (await next_of(viewer, "sitting"))["steps"]["primary"]["command"] == (
                "open_registration"
            )
            hall.chair(c.OpenRegistration())
            assert (await next_of(viewer, "sitting"))["steps"]["primary"]["command"] == (
                "close_registration"
            )

    asyncio.run(play())


def test_the_number_of_viewers_is_bounded(hall: FakeHall) -> None:
    live = Live(hall, live_settings(viewers_max=2), lambda board: board)
    live.enter()
    live.enter()
    with pytest.raises(Problem) as refused:
        live.enter()
    assert refused.value.name == "too_many_viewers"
    live.leave()
    live.enter()


def test_viewers_are_let_go_when_the_hall_stops(hall: FakeHall) -> None:
    async def play() -> None:
        async with running(hall) as live:
            viewer = live.watch(chair=False)
            await next_of(viewer, "sitting")
        left = [event async for event in viewer]
        assert len(left) <= 1
        with pytest.raises(Problem):
            live.enter()

    asyncio.run(play())


def test_a_session_that_ends_takes_its_stream_with_it(hall: FakeHall) -> None:
    async def play() -> None:
        signed_in = True
        async with running(hall) as live:
            viewer = live.watch(chair=True, allowed=lambda: signed_in)
            await next_of(viewer, "sitting")
            signed_in = False
            async with asyncio.timeout(_SOON_S):
                assert [event.event async for event in viewer if event.event == "sitting"] == []

    asyncio.run(play())


# --- the same over a real connection


@pytest.fixture
def address(hall: FakeHall, tmp_path: Path) -> Iterator[str]:
    settings = WebSettings(
        password_file=tmp_path / "password",
        session_file=tmp_path / "sessions",
        viewers_max=2,
        keep_alive_ms=50,
    )
    set_password(settings.password_file, PASSWORD)
    with served(create_app(hall, settings), free_socket()) as made:
        yield made


@contextmanager
def stream(client: httpx.Client, path: str) -> Iterator[Iterator[str]]:
    with client.stream("GET", path, timeout=_SOON_S) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        yield answer.iter_lines()


def test_events_arrive_over_http_as_they_happen(hall: FakeHall, address: str) -> None:
    with httpx.Client(base_url=address) as client, stream(client, "/api/live") as lines:
        assert next(lines) == "event: sitting"
        first = json.loads(next(lines).removeprefix("data: "))
        assert first["sitting"]["phase"] == "prepared"
        assert next(lines) == f"id: {first['revision']}"
        assert next(lines) == "retry: 1000"
        hall.chair(c.OpenRegistration())
        data = (line for line in lines if line.startswith("data: {") and '"phase"' in line)
        assert json.loads(next(data).removeprefix("data: "))["registration"]["open"] is True


def test_a_viewer_who_leaves_gives_the_place_back(hall: FakeHall, address: str) -> None:
    with httpx.Client(base_url=address) as client:
        for _ in range(6):
            with stream(client, "/api/live") as one, stream(client, "/api/live") as other:
                next(one)
                next(other)
                refused = client.get("/api/live")
                assert refused.status_code == 503
                assert refused.json()["error"] == "too_many_viewers"
                assert refused.headers["retry-after"] == "10"
            _wait_until_empty(client)
    assert hall.refused == {"too_many_viewers": 6}


def _wait_until_empty(client: httpx.Client) -> None:
    for _ in range(500):
        if client.get("/api/health").json()["viewers"] == 0:
            return
    raise AssertionError("the viewers who left are still counted")


def test_the_chairs_feed_is_closed_to_whoever_is_not_signed_in(address: str) -> None:
    with httpx.Client(base_url=address) as client:
        assert client.get("/api/chair/live").json()["error"] == "not_signed_in"
        assert client.get("/api/health").json()["viewers"] == 0
        client.post("/api/session", json={"password": PASSWORD})
        with stream(client, "/api/chair/live") as lines:
            next(lines)
            assert "steps" in json.loads(next(lines).removeprefix("data: "))
