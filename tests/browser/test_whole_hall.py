"""A vote played by people through the three pages, on real seats: nothing here is a fake.

One hall of seven real firmware seats, the real broker and the real controller, as `make run` starts
them; the chair, a deputy at the virtual hall and the public in front of the board are one browser.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from simulator.board.seat_process import interpreter

ROOT = Path(__file__).resolve().parents[2]
SEATS = 7
START_S = 90
PATIENCE_MS = 15_000

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


class RunningHall:
    """`make run`'s program, with what it printed."""

    def __init__(self, data: Path) -> None:
        self.port = _free_ports()
        self.lines: list[str] = []
        self._process = subprocess.Popen(
            [
                sys.executable, "-m", "simulator", "hall", "--seats", str(SEATS),
                "--port", str(self.port), "--data", str(data), "--no-browser",
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )  # fmt: skip
        self._ready = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        if not self._ready.wait(START_S):
            self.stop()
            pytest.fail("the hall did not start:\n" + "".join(self.lines))

    @property
    def board(self) -> str:
        return f"http://127.0.0.1:{self.port}/board?lang=en"

    @property
    def chair(self) -> str:
        return f"http://127.0.0.1:{self.port}/chair?lang=en"

    @property
    def virtual_hall(self) -> str:
        return f"http://127.0.0.1:{self.port + 1}/?lang=en"

    @property
    def password(self) -> str:
        found = re.search(r"\b(?:[a-z0-9]{4}-){3}[a-z0-9]{4}\b", "".join(self.lines))
        assert found, "the first password was not printed"
        return found.group()

    def ask(self, path: str) -> Any:
        """What the API answers to an outside program."""
        return httpx.get(f"http://127.0.0.1:{self.port}{path}").json()

    def stop(self) -> int:
        """Ctrl-C, as a person stops it."""
        self._process.send_signal(signal.SIGINT)
        try:
            status = self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        self._reader.join(5)
        if self._process.stdout is not None:
            self._process.stdout.close()
        return status

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.lines.append(line)
            if "Ctrl-C" in line:
                self._ready.set()


def _free_ports() -> int:
    """A port whose two neighbours are free as well."""
    for port in range(21_000 + os.getpid() % 500 * 10, 32_000, 10):
        try:
            for one in range(port, port + 3):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", one))
        except OSError:
            continue
        return port
    raise AssertionError("no free ports")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHall]:
    if not (ROOT / "build/seat_image/main.py").exists():
        pytest.skip("no firmware image: run `make image`")
    try:
        interpreter()
    except FileNotFoundError as missing:
        pytest.skip(f"no hall was started: {missing}")
    hall = RunningHall(tmp_path_factory.mktemp("hall") / "data")
    yield hall
    hall.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("Chromium is not installed: no page is tested in a real browser")
    with sync_playwright() as playwright:
        one = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield one
        one.close()


def primary(chair: Page, words: str, *, sure: bool = False) -> None:
    """The chair's one next step must be this one; press it, and again if it came too soon.

    The page takes no press in the moment after a step, so that one press too many is no step.
    """
    button = chair.locator("#primary")
    expect(button).to_contain_text(words, timeout=PATIENCE_MS)
    expect(button).to_have_attribute("aria-disabled", "false", timeout=PATIENCE_MS)
    for _ in range(5):
        button.click()
        if sure:
            chair.locator("dialog[open] .button-primary").click()
        try:
            expect(button).not_to_contain_text(words, timeout=2_000)
        except AssertionError:
            continue
        return
    raise AssertionError(f"{words!r} did not happen: {chair.locator('.said').inner_text()}")


def test_a_vote_from_the_first_badge_to_the_proclamation(
    running: RunningHall, browser: Browser
) -> None:
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    context.set_default_timeout(PATIENCE_MS)
    board, hall, chair = context.new_page(), context.new_page(), context.new_page()
    board.goto(running.board)
    hall.goto(running.virtual_hall)

    chair.goto(running.chair)
    chair.get_by_role("textbox", name="Password").fill(running.password)
    chair.keyboard.press("Enter")
    primary(chair, "Open registration")

    hall.get_by_role("button", name="Everybody arrives").click()
    expect(board.locator(".present")).to_contain_text(f"{SEATS} of {SEATS}", timeout=PATIENCE_MS)
    primary(chair, "Close registration")
    primary(chair, "Announce")
    primary(chair, "Start the vote")
    expect(board.locator(".board")).to_have_attribute("data-phase", "voting")

    chair.wait_for_timeout(1_000)  # the page's own pause after a step
    chair.get_by_role("button", name="+30").click()
    expect(chair.locator(".said")).to_have_attribute("data-kind", "done")
    assert running.ask("/api/sitting")["vote"]["duration_ms"] == 50_000

    # one deputy, by hand: blinks, then steady, then on the board
    hall.locator(".press-against").click()
    expect(hall.locator(".press-against")).to_have_attribute(
        "aria-label", re.compile(r"\(on\)"), timeout=PATIENCE_MS
    )
    expect(board.locator(".board")).to_contain_text(f"1 of {SEATS}", timeout=PATIENCE_MS)
    expect(board.locator(".five")).to_have_count(0)  # no totals while it is open
    # the same deputy thinks again; the last press counts
    hall.locator(".press-for").click()
    expect(hall.locator(".press-for")).to_have_attribute(
        "aria-label", re.compile(r"\(on\)"), timeout=PATIENCE_MS
    )
    first = hall.locator(".device").get_attribute("data-terminal")

    primary(chair, "Close the vote", sure=True)
    expect(board.locator(".decision")).to_have_attribute("data-adopted", "false")
    expect(board.locator('.five [data-value="for"] dd')).to_have_text("1")
    expect(board.locator('.five [data-value="not_voted"] dd')).to_have_text(str(SEATS - 1))
    primary(chair, "Proclaim")

    sitting = running.ask("/api/sitting")
    record = running.ask(f"/api/votes/{sitting['vote']['id']}")
    deputy = next(one for one in sitting["deputies"] if one["terminal"] == first)
    values = {one["deputy"]: one["value"] for one in record["vote"]["result"]["by_deputy"]}
    assert values.pop(deputy["id"]) == "for"
    assert set(values.values()) == {"not_voted"}
    health = running.ask("/api/health")
    assert health["seats_online"] == SEATS
    assert health["refused"] == {}
    context.close()


def test_every_page_speaks_three_languages_and_asks_nobody_else(
    running: RunningHall, browser: Browser
) -> None:
    words = {
        "ru": ("Городской кенеш", "Пароль", "Все входят"),
        "ky": ("Шаардык кеңеш", "Сырсөз", "Баары"),
        "en": ("City council", "Password", "Everybody"),
    }
    context = browser.new_context()
    strangers: list[str] = []

    def watch(url: str) -> None:
        if not url.startswith(("http://127.0.0.1:", "data:", "blob:")):
            strangers.append(url)

    page = context.new_page()
    page.on("request", lambda request: watch(request.url))
    for language, (on_board, at_sign_in, in_hall) in words.items():
        for address, word in (
            (running.board, on_board),
            (running.chair, at_sign_in),
            (running.virtual_hall, in_hall),
        ):
            page.goto(address.replace("lang=en", f"lang={language}"))
            expect(page.locator("body")).to_contain_text(word, timeout=PATIENCE_MS)
            assert page.locator("html").get_attribute("lang") == language
    assert strangers == []
    context.close()
