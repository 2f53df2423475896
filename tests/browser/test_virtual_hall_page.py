"""The virtual hall in a real browser: fingers, keys, badges and the crowd reach the seats."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Watched
from tests.browser.fake_seats import FakeSeats

pytestmark = pytest.mark.browser
Open = Callable[..., Watched]
Hall = tuple[FakeSeats, str]


def room(watched: Watched, address: str, seat: str = "s07") -> Page:
    page = watched.page
    page.goto(f"{address}/?lang=en#{seat}")
    page.wait_for_selector(".device")
    return page


def test_a_press_begins_with_the_finger_and_ends_with_it(
    virtual_hall: Hall, open_page: Open
) -> None:
    seats, address = virtual_hall
    page = room(open_page(1440, 900), address)
    button = page.locator(".press-against")
    button.hover()
    page.mouse.down()
    lamp = page.locator(".key .lamp-against")
    expect(lamp).to_have_attribute("data-state", "blinking")
    assert seats.touches == [("press", "s07", "against")]
    page.mouse.up()
    expect(lamp).to_have_attribute("data-state", "on")
    assert seats.touches[1:] == [("release", "s07", "against")]


def test_a_finger_that_slides_off_lets_the_button_go(virtual_hall: Hall, open_page: Open) -> None:
    seats, address = virtual_hall
    page = room(open_page(1440, 900), address)
    page.locator(".press-for").hover()
    page.mouse.down()
    page.mouse.move(5, 5)
    page.mouse.up()
    expect(page.locator(".key .lamp-for")).to_have_attribute("data-state", "on")
    assert [touch[0] for touch in seats.touches] == ["press", "release"]


def test_the_seat_is_worked_by_the_keyboard_alone(virtual_hall: Hall, open_page: Open) -> None:
    seats, address = virtual_hall
    page = room(open_page(1440, 900), address)
    page.keyboard.press("b")
    expect(page.locator(".slot")).to_have_attribute("data-in", "true")
    for key in "1234":
        page.keyboard.press(key)
    page.locator(".press-abstain").focus()
    page.keyboard.press("Space")
    expect(page.locator(".key .lamp-abstain")).to_have_attribute("data-state", "on")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".device")).to_have_attribute("data-terminal", "s08")
    # the fifth release is the last touch: a finger stays down for its time
    while sum(touch[0] == "release" for touch in seats.touches) < 5:
        page.wait_for_timeout(20)
    pressed = [touch[2] for touch in seats.touches if touch[0] == "press"]
    assert pressed == ["for", "against", "abstain", "floor", "abstain"]


def test_a_click_of_no_time_holds_the_contact_as_long_as_a_finger(
    virtual_hall: Hall, open_page: Open
) -> None:
    seats, address = virtual_hall
    at_ms: dict[str, float] = {}
    press, release = seats.press, seats.release

    def timed_press(terminal: str, button: str) -> None:
        at_ms["press"] = time.monotonic() * 1_000
        press(terminal, button)

    def timed_release(terminal: str, button: str) -> None:
        at_ms["release"] = time.monotonic() * 1_000
        release(terminal, button)

    seats.press, seats.release = timed_press, timed_release  # type: ignore[method-assign]
    page = room(open_page(1440, 900), address)
    page.keyboard.press("1")
    expect(page.locator(".key .lamp-for")).to_have_attribute("data-state", "on")
    assert at_ms["release"] - at_ms["press"] >= 100


def test_arrows_walk_over_the_plan(virtual_hall: Hall, open_page: Open) -> None:
    _, address = virtual_hall
    page = room(open_page(1440, 900), address, "s04")
    page.locator('.place[data-terminal="s04"]').focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".device")).not_to_have_attribute("data-terminal", "s04")
    chosen = page.locator(".device").get_attribute("data-terminal")
    expect(page.locator(f'.place[data-terminal="{chosen}"]')).to_be_focused()
    assert page.locator('.place[tabindex="0"]').count() == 1


def test_power_and_badge_are_in_the_hand_of_the_person(virtual_hall: Hall, open_page: Open) -> None:
    seats, address = virtual_hall
    page = room(open_page(1440, 900), address)
    page.get_by_role("switch").click()
    expect(page.locator(".screen-off")).to_have_text("Power is off")
    page.get_by_role("switch").click()
    expect(page.locator("img.screen")).to_be_visible()
    page.get_by_role("button", name="Put the badge in").click()
    expect(page.get_by_role("button", name="Take the badge out")).to_be_visible()
    assert seats.touches == [
        ("power", "s07", False),
        ("power", "s07", True),
        ("badge", "s07", True),
    ]


def test_the_crowd_arrives_votes_and_leaves(virtual_hall: Hall, open_page: Open) -> None:
    seats, address = virtual_hall
    page = room(open_page(1440, 900), address)
    for name in ("Everybody arrives", "All vote as they like", "Everybody leaves"):
        page.get_by_role("button", name=name).click()
        expect(page.locator(".crowd-said")).to_contain_text(name)
    assert [touch[1] for touch in seats.touches] == ["arrive_all", "vote_random", "leave_all"]
    expect(page.locator('.place[data-badge="true"]')).to_have_count(0)


def test_a_screen_is_fetched_anew_when_it_changes(virtual_hall: Hall, open_page: Open) -> None:
    seats, address = virtual_hall
    page = room(open_page(1440, 900), address)
    expect(page.locator("img.screen")).to_have_attribute("src", "/api/seats/s07/screen.png?r=1")
    assert page.locator("img.screen").evaluate("image => image.naturalWidth") == 128
    seats.seat("s07")["screen_revision"] = 2
    page.keyboard.press("b")
    expect(page.locator("img.screen")).to_have_attribute("src", "/api/seats/s07/screen.png?r=2")
