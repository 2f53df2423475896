"""Signing in: slow to guess, bounded, kept over a restart, and never readable from a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from controller.web.app import create_app
from controller.web.auth import (
    AttemptLimit,
    PasswordCreated,
    PasswordKept,
    Sessions,
    create_password,
    password_matches,
    set_password,
)
from controller.web.settings import WebSettings
from tests.controller.web.client import TestClient
from tests.controller.web.conftest import PASSWORD, Clock
from tests.controller.web.fake_hall import FakeHall


def test_the_first_password_is_made_once_and_kept_as_a_hash(tmp_path: Path) -> None:
    file = tmp_path / "password"
    made = create_password(file)
    assert isinstance(made, PasswordCreated)
    assert password_matches(file, made.password)
    assert made.password not in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    assert create_password(file) == PasswordKept()
    assert password_matches(file, made.password)


def test_two_halls_get_two_passwords(tmp_path: Path) -> None:
    made = [create_password(tmp_path / str(number)) for number in range(2)]
    assert isinstance(made[0], PasswordCreated) and isinstance(made[1], PasswordCreated)
    assert made[0].password != made[1].password


@pytest.mark.parametrize("content", ["", "nonsense", "$argon2id$v=19$m=1"])
def test_a_damaged_password_file_opens_to_nobody(tmp_path: Path, content: str) -> None:
    file = tmp_path / "password"
    file.write_text(content)
    assert not password_matches(file, content)
    assert not password_matches(file, "")


def test_no_password_file_opens_to_nobody(tmp_path: Path) -> None:
    assert not password_matches(tmp_path / "none", "")


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client: TestClient) -> None:
    answer = client.post("/api/session", json={"password": PASSWORD})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert client.get("/api/session").json() == {"signed_in": True}


def test_a_wrong_password_is_refused_and_opens_no_session(
    client: TestClient, hall: FakeHall
) -> None:
    answer = client.post("/api/session", json={"password": "wrong"})
    assert (answer.status_code, answer.json()["error"]) == (401, "wrong_password")
    assert "set-cookie" not in answer.headers
    assert client.get("/api/session").json() == {"signed_in": False}
    assert hall.refused == {"wrong_password": 1}


@pytest.mark.parametrize(
    "content", [{}, {"password": ""}, {"password": "x" * 257}, {"password": 1}, {"user": "chair"}]
)
def test_wrong_fields_of_a_sign_in_cost_no_hash(
    client: TestClient, hall: FakeHall, content: dict[str, object]
) -> None:
    answer = client.post("/api/session", json=content)
    assert (answer.status_code, answer.json()["error"]) == (422, "wrong_fields")


def test_guessing_is_stopped_after_five_attempts_even_for_the_right_password(
    client: TestClient, hall: FakeHall, clock: Clock
) -> None:
    for _ in range(5):
        assert client.post("/api/session", json={"password": "wrong"}).status_code == 401
    answer = client.post("/api/session?lang=ru", json={"password": PASSWORD})
    assert (answer.status_code, answer.json()["error"]) == (429, "too_many_attempts")
    assert answer.headers["retry-after"] == "12"
    assert "через 12 секунд." in answer.json()["message"]
    assert hall.refused == {"wrong_password": 5, "too_many_attempts": 1}
    clock.now_s += 12
    assert client.post("/api/session", json={"password": PASSWORD}).status_code == 204


def test_many_addresses_together_are_slowed_down(settings: WebSettings, clock: Clock) -> None:
    limit = AttemptLimit(settings, clock)
    taken = [limit.wait_s(f"10.0.0.{number}") for number in range(40)]
    assert taken[:30] == [0] * 30
    assert all(taken[30:])
    clock.now_s += 1
    assert limit.wait_s("10.0.1.1") == 0


def test_a_clock_set_back_gives_no_attempts(settings: WebSettings, clock: Clock) -> None:
    limit = AttemptLimit(settings, clock)
    for _ in range(5):
        assert limit.wait_s("10.0.0.1") == 0
    clock.now_s -= 86_400
    assert limit.wait_s("10.0.0.1") > 0


def test_signing_out_ends_the_session(chair: TestClient) -> None:
    token = chair.cookies["dobush_session"]
    assert chair.delete("/api/session").status_code == 204
    chair.cookies.set("dobush_session", token)
    assert chair.get("/api/chair").status_code == 401


def test_a_session_survives_a_restart_of_the_controller(
    chair: TestClient, hall: FakeHall, settings: WebSettings, clock: Clock
) -> None:
    token = chair.cookies["dobush_session"]
    assert token not in settings.session_file.read_text()
    assert settings.session_file.stat().st_mode & 0o777 == 0o600
    with TestClient(create_app(hall, settings, clock)) as again:
        again.cookies.set("dobush_session", token)
        assert again.get("/api/chair").status_code == 200


def test_a_damaged_session_file_only_means_signing_in_again(
    settings: WebSettings, clock: Clock
) -> None:
    settings.session_file.write_bytes(b"\x00{")
    sessions = Sessions(settings, clock)
    assert sessions.actor(sessions.open("chair")) == "chair"


def test_sessions_are_bounded_and_the_oldest_goes_first(
    settings: WebSettings, clock: Clock
) -> None:
    sessions = Sessions(settings, clock)
    tokens = []
    for _ in range(settings.sessions_max + 1):
        clock.now_s += 1
        tokens.append(sessions.open("chair"))
    assert sessions.actor(tokens[0]) == ""
    assert all(sessions.actor(token) for token in tokens[1:])


def test_a_changed_password_is_the_only_one_that_opens(tmp_path: Path) -> None:
    file = tmp_path / "password"
    set_password(file, "old")
    set_password(file, "new")
    assert (password_matches(file, "old"), password_matches(file, "new")) == (False, True)
