"""A real browser and a fake hall on a free port. Without a browser: skipped, with the reason."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from controller.web.app import create_app
from controller.web.auth import set_password
from controller.web.settings import WebSettings
from simulator.virtual_hall.server import Links
from simulator.virtual_hall.server import create_app as create_hall
from tests.browser.fake_seats import FakeSeats
from tests.controller.web.fake_hall import FakeHall
from tests.controller.web.served import free_socket, served

PASSWORD = "right-password"
_CHROMIUM = shutil.which("chromium")
_SIZE = {"width": 1920, "height": 1080}
_DEFAULT_MS = 8_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for each module: two of Playwright's loops cannot be open in one thread."""
    if _CHROMIUM is None:
        pytest.skip("chromium is not installed: no page is tested in a real browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


class Watched:
    """A page of the browser and what went wrong in it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.faults: list[str] = []
        self.hosts: set[str] = set()
        page.set_default_timeout(_DEFAULT_MS)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda said: said.type == "error" and self.faults.append(said.text))
        page.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Watched]]:
    """Opens pages of any size; at the end none may have had a fault or left its own site."""
    opened: list[Watched] = []
    with ExitStack() as stack:

        def make(width: int = 1920, height: int = 1080) -> Watched:
            context = browser.new_context(viewport={"width": width, "height": height})
            stack.callback(context.close)
            opened.append(Watched(context.new_page()))
            return opened[-1]

        yield make
        for watched in opened:
            # the browser itself reports a connection that a test cut on purpose
            faults = [text for text in watched.faults if "net::ERR" not in text]
            assert faults == []
            assert len(watched.hosts) <= 1, watched.hosts


class Served:
    """A fake hall and the address of its pages."""

    def __init__(self, hall: FakeHall, address: str) -> None:
        self.hall = hall
        self.address = address


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Serves a fake hall in a state."""
    with ExitStack() as stack:

        def make(state: str = "prepared", seats: int = 51, **story: bool) -> Served:
            folder = tmp_path / f"hall-{len(list(tmp_path.iterdir()))}"
            folder.mkdir()
            settings = WebSettings(
                password_file=folder / "password",
                session_file=folder / "sessions",
                sign_in_burst_per_address=1_000,
                sign_in_burst_all=1_000,
            )
            set_password(settings.password_file, PASSWORD)
            hall = FakeHall(seats).go(state, **story)
            app = create_app(hall, settings)
            return Served(hall, stack.enter_context(served(app, free_socket())))

        yield make


@pytest.fixture
def virtual_hall() -> Iterator[tuple[FakeSeats, str]]:
    seats = FakeSeats(51)
    socket = free_socket()
    host = f"127.0.0.1:{socket.getsockname()[1]}"
    links = Links(f"http://{host}/board", f"http://{host}/chair", frozenset({host}))
    with served(create_hall(seats, links), socket) as address:
        yield seats, address


def sign_in(page: Page, address: str) -> None:
    """Opens the chair's session of this page's browser."""
    answer = page.context.request.post(f"{address}/api/session", data={"password": PASSWORD})
    assert answer.status == 204, answer.text()
