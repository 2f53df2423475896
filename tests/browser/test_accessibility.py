"""Every page in every language: no serious fault of accessibility, no request to another site."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import Served, Watched, sign_in
from tests.browser.fake_seats import FakeSeats

pytestmark = pytest.mark.browser
Serve = Callable[..., Served]
Open = Callable[..., Watched]
LANGUAGES = ("ru", "ky", "en")


def serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {node['target']} {node['html'][:120]}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("state", ["prepared", "registration", "item", "voting", "closed", "ended"])
def test_the_board_has_no_serious_fault(serve: Serve, open_page: Open, state: str) -> None:
    shown = serve(state)
    for language in LANGUAGES:
        page = open_page().page
        page.goto(f"{shown.address}/board?lang={language}")
        page.wait_for_selector("seat-map svg")
        assert serious(page) == []


@pytest.mark.parametrize("state", ["prepared", "item", "voting", "closed", "ended"])
def test_the_desk_has_no_serious_fault(serve: Serve, open_page: Open, state: str) -> None:
    shown = serve(state)
    for language in LANGUAGES:
        page = open_page(1440, 900).page
        sign_in(page, shown.address)
        page.goto(f"{shown.address}/chair?lang={language}")
        page.wait_for_selector("#primary")
        assert serious(page) == []


@pytest.mark.parametrize("path", ["/", "/sign-in"])
def test_the_doors_have_no_serious_fault(serve: Serve, open_page: Open, path: str) -> None:
    shown = serve("prepared")
    for language in LANGUAGES:
        page = open_page(1440, 900).page
        page.goto(f"{shown.address}{path}?lang={language}")
        assert serious(page) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_virtual_hall_has_no_serious_fault(
    virtual_hall: tuple[FakeSeats, str], open_page: Open, language: str
) -> None:
    page = open_page(1440, 900).page
    page.goto(f"{virtual_hall[1]}/?lang={language}")
    page.wait_for_selector(".device")
    assert serious(page) == []


def test_a_confirmation_has_no_serious_fault(serve: Serve, open_page: Open) -> None:
    shown = serve("voting")
    page = open_page(1440, 900).page
    sign_in(page, shown.address)
    page.goto(f"{shown.address}/chair?lang=ru")
    page.wait_for_selector("#primary")
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog[open]")
    assert serious(page) == []


def test_no_request_leaves_the_hall(serve: Serve, open_page: Open) -> None:
    shown = serve("closed")
    watched = open_page()
    sign_in(watched.page, shown.address)
    for path in ("/", "/board", "/sign-in", "/chair"):
        watched.page.goto(f"{shown.address}{path}")
        watched.page.wait_for_timeout(300)
    assert watched.hosts == {urlsplit(shown.address).netloc}
