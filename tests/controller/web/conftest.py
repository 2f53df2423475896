"""One served fake hall for each test: no network, a clock that the test moves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.web.app import create_app
from controller.web.auth import set_password
from controller.web.settings import WebSettings
from tests.controller.web.client import TestClient
from tests.controller.web.fake_hall import FakeHall

PASSWORD = "right-password"


class Clock:
    """Unix time that stands still."""

    def __init__(self) -> None:
        self.now_s = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def hall() -> FakeHall:
    return FakeHall(7)


@pytest.fixture
def settings(tmp_path: Path) -> WebSettings:
    made = WebSettings(
        password_file=tmp_path / "password",
        session_file=tmp_path / "sessions.json",
        virtual_hall_url="http://localhost:9/",
    )
    set_password(made.password_file, PASSWORD)
    return made


@pytest.fixture
def client(hall: FakeHall, settings: WebSettings, clock: Clock) -> Iterator[TestClient]:
    app = create_app(hall, settings, clock)
    with TestClient(app, base_url="http://hall.local", client=("10.0.0.5", 50_000)) as made:
        yield made


@pytest.fixture
def chair(client: TestClient) -> TestClient:
    """A client that is signed in."""
    answer = client.post("/api/session", json={"password": PASSWORD})
    assert answer.status_code == 204, answer.text
    return client
