"""The chair's desk in a real browser: a whole sitting by the keyboard, and orders that get lost."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from controller.core import commands as c
from tests.browser.conftest import PASSWORD, Served, Watched, sign_in

pytestmark = pytest.mark.browser
Serve = Callable[..., Served]
Open = Callable[..., Watched]
_GUARD_MS = 1_000


def desk(watched: Watched, served_hall: Served, language: str = "en") -> Page:
    page = watched.page
    sign_in(page, served_hall.address)
    page.goto(f"{served_hall.address}/chair?lang={language}")
    page.wait_for_selector("#primary")
    return page


def enter(page: Page, words: str) -> None:
    """Waits for the primary button to say ``words`` and presses Enter."""
    expect(page.locator(".primary-name")).to_have_text(words)
    expect(page.locator("#primary")).to_be_focused()
    page.wait_for_timeout(_GUARD_MS)
    page.keyboard.press("Enter")


def test_a_whole_sitting_is_led_with_the_enter_key_alone(serve: Serve, open_page: Open) -> None:
    shown = serve("prepared")
    shown.hall.arrive(1.0, lost=0)
    page = open_page(1440, 900).page
    page.goto(f"{shown.address}/chair?lang=en")
    expect(page.locator("#password")).to_be_focused()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    enter(page, "Open registration")
    enter(page, "Close registration")
    enter(page, "Announce item 1")
    enter(page, "Start the vote")
    expect(page.locator("vote-clock .clock-digits")).to_be_visible()
    shown.hall.vote_share(1.0)
    enter(page, "Close the vote")
    enter(page, "Proclaim the result")
    enter(page, "Announce item 2")
    expect(page.locator("#now-title")).to_contain_text("school")
    assert [order.command.__struct_config__.tag for order in shown.hall.orders] == [
        "open_registration",
        "close_registration",
        "announce_item",
        "open_vote",
        "close_vote",
        "proclaim_result",
        "announce_item",
    ]
    assert len({order.id for order in shown.hall.orders}) == 7


def test_a_second_enter_right_after_a_step_does_nothing(serve: Serve, open_page: Open) -> None:
    shown = serve("item")
    page = desk(open_page(), shown)
    page.keyboard.press("Enter")
    expect(page.locator(".primary-name")).to_have_text("Close the vote")
    page.keyboard.press("Enter")
    page.wait_for_timeout(200)
    assert shown.hall.sitting.phase == "voting"
    assert page.locator("dialog").count() == 0


def test_closing_a_vote_early_is_asked_about_first(serve: Serve, open_page: Open) -> None:
    shown = serve("voting")
    page = desk(open_page(), shown)
    page.keyboard.press("Enter")
    expect(page.locator("dialog")).to_contain_text("31 of 42")
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    expect(page.locator("#primary")).to_be_focused()
    assert shown.hall.sitting.phase == "voting"
    page.keyboard.press("Enter")
    page.locator("dialog .button-primary").click()
    expect(page.locator(".now-decision")).to_contain_text("20 for · 26 needed")
    assert shown.hall.sitting.phase == "closed"


def test_what_happened_is_said_to_those_who_listen(serve: Serve, open_page: Open) -> None:
    page = desk(open_page(), serve("registration"), "ru")
    page.keyboard.press("Enter")
    said = page.locator(".said [role=status]")
    expect(said).to_contain_text("Выполнено: Закрыть регистрацию. Запись")
    assert said.get_attribute("aria-live") == "polite"


def test_a_step_that_cannot_be_done_is_shown_with_its_reason(serve: Serve, open_page: Open) -> None:
    shown = serve("voting")
    page = desk(open_page(), shown)
    button = page.get_by_role("button", name="End the sitting")
    expect(button).to_have_attribute("aria-disabled", "true")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".said [role=status]")).to_have_text("Why not: A vote is open.")
    assert shown.hall.orders == []


def test_without_a_quorum_the_vote_cannot_start_and_the_desk_says_why(
    serve: Serve, open_page: Open
) -> None:
    shown = serve("item")
    page = desk(open_page(), shown)
    for terminal in list(shown.hall.plan.usual_seats)[:40]:
        shown.hall.give(c.TakeBadgeAway(terminal))
    expect(page.locator("#primary")).to_have_attribute("aria-disabled", "true")
    expect(page.locator("#primary-shows")).to_contain_text("There is no quorum")


def test_time_is_given_in_steps_of_ten_and_thirty_seconds(serve: Serve, open_page: Open) -> None:
    shown = serve("voting")
    page = desk(open_page(), shown)
    before = shown.hall.board()["vote"]["deadline_ms"]
    page.get_by_role("button", name="+30 s").click()
    expect(page.locator(".clock-digits")).to_have_text("0:43")
    page.wait_for_timeout(_GUARD_MS)
    page.get_by_role("button", name="+10 s").click()
    expect(page.locator(".clock-digits")).to_have_text("0:53")
    assert shown.hall.board()["vote"]["deadline_ms"] == before + 40_000


def test_the_desk_lists_who_has_not_voted_and_who_asks_for_the_floor(
    serve: Serve, open_page: Open
) -> None:
    shown = serve("voting")
    page = desk(open_page(), shown)
    waiting = page.locator('.people[data-kind="waiting"]')
    expect(waiting.locator(".count")).to_have_text("11")
    expect(page.locator('.people[data-kind="floor"] li')).to_have_count(2)
    for deputy in shown.hall.deputies:
        shown.hall.press(deputy, "for")
    expect(waiting).to_contain_text("Everybody present has voted")


def test_any_item_of_the_agenda_can_be_announced(serve: Serve, open_page: Open) -> None:
    shown = serve("item")
    page = desk(open_page(), shown)
    page.get_by_role("button", name="Announce item 4").click()
    expect(page.locator("li[aria-current=step]")).to_contain_text("4")
    assert shown.hall.sitting.agenda.current == shown.hall.sitting.agenda.items[3].id


def test_a_terminal_is_revoked_after_a_question(serve: Serve, open_page: Open) -> None:
    shown = serve("item")
    page = desk(open_page(), shown)
    page.get_by_role("button", name="Revoke a terminal").click()
    page.select_option("#terminal", "s09")
    page.locator("dialog .button-primary").click()
    expect(page.locator(".said [role=status]")).to_contain_text("Done: Revoke a terminal")
    assert shown.hall.sitting.attendance.seats["s09"].state == "revoked"


def test_an_order_whose_answer_is_lost_is_sent_again_with_the_same_id(
    serve: Serve, open_page: Open
) -> None:
    shown = serve("registration")
    page = desk(open_page(), shown)
    ids: list[str] = []

    def lose(route: Route) -> None:
        ids.append(json.loads(route.request.post_data or "{}")["id"])
        if len(ids) == 1:
            route.abort()  # it never came
        elif len(ids) == 2:
            route.fetch()  # it came and was done, but its answer is lost
            route.abort()
        else:
            route.continue_()

    page.route("**/api/commands/*", lose)
    page.keyboard.press("Enter")
    expect(page.locator(".said [role=status]")).to_contain_text("Done: Close registration")
    assert len(ids) == 3
    assert len(set(ids)) == 1
    assert len(shown.hall.orders) == 1


def test_a_session_that_ended_leads_back_to_the_sign_in(serve: Serve, open_page: Open) -> None:
    shown = serve("item")
    watched = open_page()
    page = desk(watched, shown)
    page.context.request.delete(f"{shown.address}/api/session")
    page.context.clear_cookies()
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign-in?lang=en")
    assert shown.hall.orders == []
    watched.faults.clear()  # the browser reports the refused request itself


def test_a_wrong_password_is_said_beside_the_field(serve: Serve, open_page: Open) -> None:
    shown = serve("prepared")
    watched = open_page()
    page = watched.page
    page.goto(f"{shown.address}/sign-in?lang=ky")
    page.keyboard.type("nonsense")
    page.keyboard.press("Enter")
    expect(page.locator("[role=alert]")).to_have_text("Сырсөз туура эмес.")
    expect(page.locator("#password")).to_be_focused()
    watched.faults.clear()  # the browser reports the refused request itself


def test_signing_out_closes_the_desk(serve: Serve, open_page: Open) -> None:
    shown = serve("item")
    page = desk(open_page(), shown)
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/?lang=en")
    page.goto(f"{shown.address}/chair?lang=en")
    expect(page).to_have_url(f"{shown.address}/sign-in?lang=en")


def test_the_desk_shows_a_sitting_that_is_over(serve: Serve, open_page: Open) -> None:
    page = desk(open_page(), serve("ended"))
    expect(page.locator(".nothing")).to_contain_text("Nothing is left to do")
