"""The virtual hall shows what a person would see, and lets only its own page touch it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest

from simulator.virtual_hall import server
from simulator.virtual_hall.port import Button, CrowdAction
from simulator.virtual_hall.server import Links, create_app

HOST = "127.0.0.1:8081"
LINKS = Links("http://127.0.0.1:8080/board", "http://127.0.0.1:8080/chair", frozenset({HOST}))
JSON = {"content-type": "application/json", "origin": f"http://{HOST}"}


class FakeSeats:
    """Two seats that remember what was done to them."""

    terminals: Sequence[str] = ("s01", "s02")

    def __init__(self) -> None:
        self.done: list[object] = []

    def seat(self, terminal: str) -> dict[str, object]:
        return {"terminal": terminal, "badge_in": False, "screen_revision": 3}

    def screen_png(self, terminal: str) -> bytes:
        return b"\x89PNG" + terminal.encode()

    def press(self, terminal: str, button: Button) -> None:
        self.done.append(("press", terminal, button))

    def release(self, terminal: str, button: Button) -> None:
        self.done.append(("release", terminal, button))

    def badge(self, terminal: str, is_in: bool) -> None:
        self.done.append(("badge", terminal, is_in))

    async def power(self, terminal: str, is_on: bool) -> None:
        self.done.append(("power", terminal, is_on))

    async def crowd(self, action: CrowdAction) -> None:
        self.done.append(("crowd", action))

    def watch(self) -> FakeWatcher:
        return FakeWatcher()


class FakeWatcher:
    """Names one change and then waits for ever."""

    def __init__(self) -> None:
        self.left = [frozenset({"s02"})]

    async def next(self) -> frozenset[str]:
        if not self.left:
            await asyncio.Event().wait()
        return self.left.pop()

    def close(self) -> None:
        self.left.clear()


class Client:
    """A browser on this machine, or on ``machine``; each request is a connection of its own."""

    def __init__(self, seats: FakeSeats, machine: str = "127.0.0.1") -> None:
        self._app = create_app(seats, LINKS)
        self._machine = machine

    def get(self, path: str) -> httpx.Response:
        return asyncio.run(self._ask("GET", path, b"", {}))

    def post(self, path: str, content: bytes, headers: dict[str, str]) -> httpx.Response:
        return asyncio.run(self._ask("POST", path, content, headers))

    async def _ask(
        self, method: str, path: str, content: bytes, headers: dict[str, str]
    ) -> httpx.Response:
        transport = httpx.ASGITransport(self._app, client=(self._machine, 5000))
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}") as client:
            return await client.request(method, path, content=content, headers=headers)


@pytest.fixture
def seats() -> FakeSeats:
    return FakeSeats()


@pytest.fixture
def client(seats: FakeSeats) -> Client:
    return Client(seats)


@pytest.mark.parametrize("language", ["ru", "ky", "en"])
def test_the_page_speaks_every_language_and_carries_every_word_that_it_uses(
    client: Client, language: str
) -> None:
    page = client.get(f"/?lang={language}")
    assert page.status_code == 200
    assert f'<html lang="{language}"' in page.text
    carried = json.loads(page.text.partition('id="words">')[2].partition("</script>")[0])
    used = set()
    for script in (Path(server.__file__).parent / "static").glob("*.js"):
        used |= set(re.findall(r'\bt\("([a-z_.]+)"', script.read_text(encoding="utf-8")))
    assert used
    assert used <= carried.keys()


def test_its_scripts_and_styles_are_served(client: Client) -> None:
    page = client.get("/").text
    addresses = re.findall(r'(?:src|href)="(/(?:hall-)?static/[^"]+)"', page)
    assert len(addresses) >= 4
    for address in addresses:
        assert client.get(address).status_code == 200, address


def test_all_seats_are_told_in_the_order_of_the_plan(client: Client) -> None:
    answer = client.get("/api/seats")
    assert [seat["terminal"] for seat in answer.json()] == ["s01", "s02"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_a_screen_is_a_picture_that_is_not_kept(client: Client) -> None:
    answer = client.get("/api/seats/s02/screen.png?r=3")
    assert answer.content == b"\x89PNGs02"
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["cache-control"] == "no-store"
    assert client.get("/api/seats/s99/screen.png").status_code == 404


@pytest.mark.parametrize(
    ("path", "body", "done"),
    [
        ("seats/s01/press", {"button": "for"}, ("press", "s01", "for")),
        ("seats/s01/release", {"button": "floor"}, ("release", "s01", "floor")),
        ("seats/s02/badge", {"in": True}, ("badge", "s02", True)),
        ("seats/s02/power", {"on": False}, ("power", "s02", False)),
        ("crowd", {"action": "vote_random"}, ("crowd", "vote_random")),
    ],
)
def test_a_hand_does_one_thing(
    client: Client, seats: FakeSeats, path: str, body: dict[str, object], done: object
) -> None:
    assert client.post(f"/api/{path}", json.dumps(body).encode(), JSON).status_code == 204
    assert seats.done == [done]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("seats/s01/press", b'{"button":"all"}', 422),
        ("seats/s01/press", b'{"button":"for","twice":true}', 422),
        ("seats/s01/press", b"for", 422),
        ("seats/s01/press", b" " * 2000 + b'{"button":"for"}', 413),
        ("seats/s99/press", b'{"button":"for"}', 404),
        ("seats/s01/kick", b"{}", 422),
        ("seats/s01/badge", b'{"in":1}', 422),
        ("crowd", b'{"action":"riot"}', 422),
    ],
)
def test_what_is_not_understood_does_nothing(
    client: Client, seats: FakeSeats, path: str, body: bytes, status: int
) -> None:
    assert client.post(f"/api/{path}", body, JSON).status_code == status
    assert seats.done == []


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/plain"},
        {**JSON, "origin": "http://evil.example"},
        {**JSON, "origin": "null"},
        {**JSON, "sec-fetch-site": "cross-site"},
        {**JSON, "host": "evil.example:8081"},
    ],
)
def test_another_site_can_touch_nothing(
    client: Client, seats: FakeSeats, headers: dict[str, str]
) -> None:
    answer = client.post("/api/crowd", b'{"action":"leave_all"}', headers)
    assert answer.status_code == 403
    assert seats.done == []


def test_another_machine_is_not_served(seats: FakeSeats) -> None:
    assert Client(seats, machine="10.0.0.9").get("/api/seats").status_code == 403


def test_the_live_feed_begins_with_all_seats_and_goes_on_with_those_that_changed(
    seats: FakeSeats,
) -> None:
    async def first_two() -> list[list[str]]:
        app = create_app(seats, LINKS)
        told: list[list[str]] = []
        enough = asyncio.Event()

        async def receive() -> dict[str, object]:
            await enough.wait()
            return {"type": "http.disconnect"}

        async def send(message: dict[str, object]) -> None:
            body = message.get("body", b"")
            assert isinstance(body, bytes)
            for line in body.decode().splitlines():
                if line.startswith("data: "):
                    told.append([seat["terminal"] for seat in json.loads(line[6:])])
            if len(told) == 2:
                enough.set()

        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": "/api/live",
            "raw_path": b"/api/live",
            "query_string": b"",
            "root_path": "",
            "headers": [(b"host", HOST.encode())],
            "client": ("127.0.0.1", 5000),
            "server": ("127.0.0.1", 8081),
        }
        async with asyncio.timeout(10):
            await app(scope, receive, send)  # type: ignore[arg-type]
        return told

    assert asyncio.run(first_two()) == [["s01", "s02"], ["s02"]]
