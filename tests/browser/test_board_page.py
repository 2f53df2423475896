"""The board in a real browser: every state, every vote, and what it says when it hears nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from controller.core import commands as c
from controller.web.app import create_app
from controller.web.settings import WebSettings
from tests.browser.conftest import Served, Watched
from tests.controller.web.fake_hall import STATES, FakeHall
from tests.controller.web.served import free_socket, served

pytestmark = pytest.mark.browser
Serve = Callable[..., Served]
Open = Callable[..., Watched]

_OVERFLOWING = """() => {
  const inside = (element) => {
    const box = element.getBoundingClientRect();
    return box.left >= -1 && box.top >= -1 && box.right <= innerWidth + 1 && box.bottom <= innerHeight + 1;
  };
  const shown = [...document.querySelectorAll("h1, h2, h3, p, li, dt, dd, strong, .clock-digits, [data-terminal]")];
  const out = shown.filter((one) => one.getClientRects().length && !one.closest(".visually-hidden") && !inside(one));
  return [document.documentElement.scrollHeight > innerHeight, out.map((one) => one.textContent)];
}"""  # noqa: E501 - a script is easier to read whole


def board(watched: Watched, served_hall: Served, language: str = "ru") -> Page:
    page = watched.page
    page.goto(f"{served_hall.address}/board?lang={language}")
    page.wait_for_selector("seat-map svg")
    page.evaluate("document.fonts.ready")
    return page


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(("seats", "width", "height"), [(51, 1920, 1080), (101, 1366, 768)])
def test_everything_fits_without_scrolling(
    serve: Serve, open_page: Open, state: str, seats: int, width: int, height: int
) -> None:
    page = board(open_page(width, height), serve(state, seats), "ky")
    page.wait_for_timeout(150)
    assert page.evaluate(_OVERFLOWING) == [False, []]
    assert page.locator("seat-map [data-terminal]").count() == seats


def test_a_result_fits_a_hall_of_four_thousand_pixels(serve: Serve, open_page: Open) -> None:
    page = board(open_page(3840, 2160), serve("closed", 101))
    page.wait_for_timeout(150)
    assert page.evaluate(_OVERFLOWING) == [False, []]


def test_registration_is_seen_to_grow(serve: Serve, open_page: Open) -> None:
    shown = serve("registration")
    page = board(open_page(), shown)
    before = int(page.locator(".great strong").inner_text())
    absent = next(
        terminal
        for terminal, deputy in shown.hall.plan.usual_seats.items()
        if shown.hall.sitting.attendance.presence(deputy) == "absent"
    )
    deputy = shown.hall.plan.usual_seats[absent]
    shown.hall.give(c.PresentBadge(absent, shown.hall.badge(deputy)))
    expect(page.locator(".great strong")).to_have_text(str(before + 1))
    expect(page.locator(f'[data-terminal="{absent}"]')).to_have_attribute("data-kind", "done")


def test_while_a_vote_is_open_the_board_shows_who_pressed_and_nothing_more(
    serve: Serve, open_page: Open
) -> None:
    shown = serve("voting")
    page = board(open_page(), shown, "en")
    vote = shown.hall.board()["vote"]
    expect(page.locator(".fact strong").first).to_have_text(f"{vote['voted']} of 42")
    kinds = page.locator("seat-map [data-terminal]").evaluate_all(
        "all => [...new Set(all.map((one) => one.dataset.kind))].sort()"
    )
    assert kinds == ["absent", "done", "no_connection", "waiting"]
    assert page.locator("vote-names").count() == 0
    expect(page.locator(".clock-digits")).to_have_text("0:13")


def test_a_press_reaches_the_board_within_a_quarter_of_a_second(
    serve: Serve, open_page: Open
) -> None:
    shown = serve("voting")
    page = board(open_page(), shown)
    waiting = page.locator('[data-kind="waiting"]').first.get_attribute("data-terminal")
    assert waiting is not None
    page.evaluate(
        """terminal => {
          const seat = document.querySelector(`[data-terminal="${terminal}"]`);
          window.seen = new Promise((done) => new MutationObserver(() => done(Date.now()))
            .observe(seat, {attributes: true, attributeFilter: ["data-kind"]}));
        }""",
        waiting,
    )
    pressed_ms = time.time() * 1_000
    shown.hall.press(shown.hall.plan.usual_seats[waiting], "for")
    assert page.evaluate("window.seen") - pressed_ms < 250


def test_the_result_shows_the_decision_the_five_numbers_and_every_vote(
    serve: Serve, open_page: Open
) -> None:
    shown = serve("closed")
    page = board(open_page(), shown, "en")
    result = shown.hall.board()["vote"]["result"]
    expect(page.locator(".decision h1")).to_have_text("Adopted")
    assert page.locator(".five dd").all_inner_texts() == [
        str(result[value]) for value in ("for", "against", "abstain", "not_voted", "absent")
    ]
    expect(page.locator(".decision-why")).to_contain_text(f"{result['for']} for")
    expect(page.locator(".decision-why")).to_contain_text("26 needed")
    assert page.locator("vote-names li").count() == 51
    on_map = page.locator("seat-map [data-terminal]").evaluate_all(
        "all => all.map((one) => one.dataset.kind)"
    )
    for value in ("for", "against", "abstain", "not_voted"):
        assert on_map.count(value) == result[value]
        assert page.locator(f'vote-names li[data-value="{value}"]').count() == result[value]
    expect(page.locator(".checkpoint")).to_contain_text("412")


def test_a_motion_that_fails_is_told_by_word_and_by_shape(serve: Serve, open_page: Open) -> None:
    page = board(open_page(), serve("proclaimed", adopted=False), "ky")
    expect(page.locator(".decision h1")).to_have_text("Кабыл алынган жок")
    assert page.locator(".decision .glyph-against").count() == 1
    expect(page.locator(".board-foot")).to_contain_text("Жыйынтык жарыяланды")


def test_names_of_101_deputies_are_legible(serve: Serve, open_page: Open) -> None:
    page = board(open_page(), serve("closed", 101))
    page.wait_for_timeout(150)
    sizes = page.locator("vote-names .name").evaluate_all(
        "all => all.map((one) => parseFloat(getComputedStyle(one).fontSize))"
    )
    assert len(sizes) == 101
    assert min(sizes) >= 18


def test_the_kyrgyz_letters_come_from_our_own_font(serve: Serve, open_page: Open) -> None:
    page = board(open_page(), serve("item"), "ky")
    loaded = page.evaluate(
        """async () => {
          await document.fonts.ready;
          return [..."ңөүҢӨҮ"].every((letter) => document.fonts.check('700 40px "Golos Text"', letter))
            && [...document.fonts].some((face) => face.status === "loaded" && face.unicodeRange.includes("U+460"));
        }"""  # noqa: E501 - a script is easier to read whole
    )
    assert loaded is True


class Interrupted:
    """A hall whose pages can go away and come back on the same port."""

    def __init__(self, hall: FakeHall, folder: Path) -> None:
        self._settings = WebSettings(
            password_file=folder / "password", session_file=folder / "sessions"
        )
        self._hall = hall
        self._port = 0

    def serving(self) -> AbstractContextManager[str]:
        socket = free_socket(self._port)
        self._port = socket.getsockname()[1]
        return served(create_app(self._hall, self._settings), socket)


def test_a_board_that_hears_nothing_says_so_and_comes_back_whole(
    open_page: Open, tmp_path: Path
) -> None:
    hall = FakeHall(51).go("item")
    interrupted = Interrupted(hall, tmp_path)
    watched = open_page()
    page = watched.page
    with interrupted.serving() as address:
        page.goto(f"{address}/board?lang=ru")
        page.wait_for_selector("seat-map svg")
        expect(page.locator(".stale")).to_have_count(0)
    expect(page.locator(".stale")).to_contain_text("Нет связи с системой", timeout=6_000)
    hall.go("voting")
    with interrupted.serving():
        expect(page.locator(".board")).to_have_attribute("data-phase", "voting", timeout=10_000)
        expect(page.locator(".stale")).to_have_count(0)
        hall.go("closed")
        expect(page.locator(".board")).to_have_attribute("data-phase", "closed")


def test_a_frozen_feed_is_noticed_though_its_connection_stands(
    serve: Serve, open_page: Open
) -> None:
    shown = serve("voting")
    page = board(open_page(), shown)
    frozen = threading.Event()
    original = shown.hall.time

    def stuck() -> object:
        frozen.wait(20)
        return original()

    shown.hall.time = stuck  # type: ignore[method-assign, assignment]
    expect(page.locator(".stale")).to_be_visible(timeout=6_000)
    expect(page.locator(".clock-digits")).to_have_text("–:––")
    shown.hall.time = original  # type: ignore[method-assign]
    frozen.set()
    expect(page.locator(".stale")).to_have_count(0)


def test_the_board_opens_by_itself_on_the_result_when_the_vote_closes(
    serve: Serve, open_page: Open
) -> None:
    shown = serve("voting")
    page = board(open_page(), shown)
    shown.hall.chair(c.CloseVote("v1"))
    expect(page.locator(".decision h1")).to_be_visible()
    expect(page.locator("[role=status]")).to_contain_text("За:")
