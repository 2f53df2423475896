"""Orders over HTTP: each is carried out once, or refused by name and without any effect."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from controller.core.refusals import RefusalReason, Refused
from controller.web.orders import COMMANDS
from tests.controller.web.client import TestClient
from tests.controller.web.conftest import PASSWORD, Clock
from tests.controller.web.fake_hall import FakeHall

OPEN = "/api/commands/open_registration"
_MEBIBYTE = 1024 * 1024


def body(**fields: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), **fields}


def state(hall: FakeHall) -> tuple[int, int]:
    return hall.sitting.ledger_size, len(hall.orders)


def error(answer: Any) -> str:
    """The name of the error; the answer must be a whole problem."""
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert set(problem) == {"error", "message"}
    assert problem["message"] and problem["message"] != f"error.{problem['error']}"
    return str(problem["error"])


def test_an_order_is_carried_out_and_says_where_it_stands(
    chair: TestClient, hall: FakeHall
) -> None:
    answer = chair.post(OPEN, json=body())
    assert answer.status_code == 200
    assert answer.json() == {
        "position": hall.orders and hall.sitting.orders[hall.orders[0].id].position,
        "repeated": False,
    }
    assert hall.sitting.phase == "registration"
    assert hall.orders[0].actor == "chair"


def test_an_order_sent_three_times_is_one_order_with_one_answer(
    chair: TestClient, hall: FakeHall
) -> None:
    same = body()
    first, *others = [chair.post(OPEN, json=same).json() for _ in range(3)]
    assert [other["position"] for other in others] == [first["position"]] * 2
    assert [first["repeated"], *(other["repeated"] for other in others)] == [False, True, True]
    assert len(hall.orders) == 1


def test_an_id_is_never_used_for_two_orders(chair: TestClient, hall: FakeHall) -> None:
    first = body()
    chair.post(OPEN, json=first)
    answer = chair.post("/api/commands/close_registration", json=first)
    assert (answer.status_code, error(answer)) == (409, "command_id_reused")
    assert hall.sitting.registration_open


def test_a_refusal_of_the_rules_is_409_with_its_name_in_the_language_asked(
    chair: TestClient, hall: FakeHall
) -> None:
    before = state(hall)
    messages = set()
    for language in ("ru", "ky", "en"):
        answer = chair.post(f"/api/commands/close_vote?lang={language}", json=body(vote="v1"))
        assert (answer.status_code, error(answer)) == (409, "no_vote_open")
        messages.add(answer.json()["message"])
    assert len(messages) == 3
    assert state(hall) == before
    assert hall.refused == {"no_vote_open": 3}


def test_the_language_of_a_refusal_comes_from_accept_language_too(chair: TestClient) -> None:
    answer = chair.post(
        "/api/commands/end_sitting", json=body(), headers={"accept-language": "de, ky;q=0.9"}
    )
    assert answer.status_code == 200
    answer = chair.post(
        "/api/commands/end_sitting", json=body(), headers={"accept-language": "de, ky;q=0.9"}
    )
    assert answer.json()["message"] == "Азыр бул кадам мүмкүн эмес."


def test_a_busy_hall_answers_503_so_that_a_page_sends_the_same_order_again(
    chair: TestClient, hall: FakeHall
) -> None:
    hall.answer = Refused(RefusalReason.HALL_BUSY)
    same = body()
    answer = chair.post(OPEN, json=same)
    assert (answer.status_code, error(answer)) == (503, "hall_busy")
    hall.answer = None
    assert chair.post(OPEN, json=same).json()["repeated"] is False


def test_a_whole_sitting_can_be_led_over_http(chair: TestClient, hall: FakeHall) -> None:
    hall.arrive(1.0, lost=0)

    def order(name: str, **fields: Any) -> None:
        answer = chair.post(f"/api/commands/{name}", json=body(**fields))
        assert answer.status_code == 200, answer.text

    order("open_registration")
    order("close_registration")
    item = hall.sitting.agenda.items[0].id
    order("announce_item", item=item)
    order("open_vote", item=item, duration_ms=30_000)
    order("extend_vote", vote="v1", by_ms=10_000)
    hall.vote_share(1.0, share_for=1.1)
    order("close_vote", vote="v1")
    order("proclaim_result", vote="v1")
    order("revoke_terminal", terminal="s01")
    order("end_sitting")
    sitting = chair.get("/api/sitting").json()
    assert sitting["sitting"]["phase"] == "ended"
    assert sitting["agenda"][0]["adopted"] is True
    assert set(COMMANDS) == {order.command.__struct_config__.tag for order in hall.orders}


# --- hostile requests: each refusal has a name, is counted, and changes nothing

_AN_ID = "3d3c1f0a-6c1b-4c57-9d43-5f2b7a9be001"
_FIELDS_WRONG = [
    {},
    {"id": "1"},
    {"id": "00000000-0000-0000-0000-00000000000G"},
    {"id": None},
    {"id": 7},
    {"id": _AN_ID, "actor": "somebody else"},
    {"id": _AN_ID, "name": "end_sitting"},
    [],
    "open",
    None,
]


@pytest.mark.parametrize("content", _FIELDS_WRONG, ids=str)
def test_wrong_fields_are_refused(chair: TestClient, hall: FakeHall, content: Any) -> None:
    before = state(hall)
    answer = chair.post(
        OPEN, content=json.dumps(content), headers={"content-type": "application/json"}
    )
    assert (answer.status_code, error(answer)) == (422, "wrong_fields")
    assert (state(hall), hall.refused) == (before, {"wrong_fields": 1})


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("announce_item", {}),
        ("announce_item", {"item": ""}),
        ("announce_item", {"item": "a" * 33}),
        ("announce_item", {"item": "../etc"}),
        ("announce_item", {"item": 1}),
        ("open_vote", {"item": "i1", "duration_ms": -1}),
        ("open_vote", {"item": "i1", "duration_ms": 1e3}),
        ("open_vote", {"item": "i1", "duration_ms": "30000"}),
        ("extend_vote", {"vote": "v1", "by_ms": 2**63}),
        ("extend_vote", {"vote": "v1", "by_ms": True}),
    ],
)
def test_fields_out_of_their_bounds_are_refused(
    chair: TestClient, hall: FakeHall, name: str, fields: dict[str, Any]
) -> None:
    before = state(hall)
    answer = chair.post(f"/api/commands/{name}", json=body(**fields))
    assert (answer.status_code, error(answer)) == (422, "wrong_fields")
    assert state(hall) == before


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b'{"id": }', b"\xff\xfe", b"[" * 4_000, b'{"a":' * 1_300, b'{"id":"\xed\xa0\x80"}'],
    ids=["empty", "open", "hole", "binary", "deep array", "deep object", "surrogate"],
)
def test_what_is_no_json_is_refused(chair: TestClient, hall: FakeHall, content: bytes) -> None:
    before = state(hall)
    answer = chair.post(OPEN, content=content, headers={"content-type": "application/json"})
    assert error(answer) in ("bad_json", "wrong_fields")
    assert (answer.status_code in (400, 422), state(hall)) == (True, before)
    assert sum(hall.refused.values()) == 1


def test_a_huge_body_is_refused_by_its_announced_length(chair: TestClient, hall: FakeHall) -> None:
    answer = chair.post(
        OPEN, content=b"x" * _MEBIBYTE, headers={"content-type": "application/json"}
    )
    assert (answer.status_code, error(answer)) == (413, "body_too_large")
    assert hall.refused == {"body_too_large": 1}


def test_a_huge_body_without_a_length_is_refused_while_it_comes(
    chair: TestClient, hall: FakeHall
) -> None:
    taken = []

    def parts() -> Any:
        for number in range(1_000):
            taken.append(number)
            yield b"x" * 4_096

    before = state(hall)
    answer = chair.post(OPEN, content=parts(), headers={"content-type": "application/json"})
    assert (answer.status_code, error(answer)) == (413, "body_too_large")
    assert state(hall) == before


@pytest.mark.parametrize("length", ["-1", "1e3", "9" * 30, "12x"])
def test_a_nonsense_length_is_refused(chair: TestClient, hall: FakeHall, length: str) -> None:
    answer = chair.post(
        OPEN, content=b"{}", headers={"content-type": "application/json", "content-length": length}
    )
    assert (answer.status_code, error(answer)) == (413, "body_too_large")


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_a_body_that_does_not_say_json_is_refused(
    chair: TestClient, hall: FakeHall, kind: str
) -> None:
    before = state(hall)
    answer = chair.post(OPEN, content=b'{"id": "x"}', headers={"content-type": kind})
    assert (answer.status_code, error(answer)) == (415, "wrong_content_type")
    assert (state(hall), hall.refused) == (before, {"wrong_content_type": 1})


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_a_wrong_method_is_refused(chair: TestClient, hall: FakeHall, method: str) -> None:
    answer = chair.request(method, OPEN)
    assert (answer.status_code, error(answer)) == (405, "wrong_method")
    assert hall.refused == {"wrong_method": 1}


def test_an_unknown_command_and_an_unknown_address_are_refused(
    chair: TestClient, hall: FakeHall
) -> None:
    assert error(chair.post("/api/commands/drop_everything", json=body())) == "unknown_command"
    assert error(chair.get("/api/nothing")) == "not_found"
    assert error(chair.get("/static/../app.py")) == "not_found"
    assert error(chair.get("/static/%2e%2e/app.py")) == "not_found"
    assert hall.refused == {"unknown_command": 1, "not_found": 3}


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://hall.local.evil.example"},
        {"origin": "http://hall.local:81"},
        {"origin": "http://["},
        {"origin": "//hall.local"},
        {"origin": "null", "host": ""},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": "http://hall.local"},
    ],
    ids=str,
)
def test_an_order_from_another_site_is_refused_even_with_the_chairs_cookie(
    chair: TestClient, hall: FakeHall, headers: dict[str, str]
) -> None:
    before = state(hall)
    answer = chair.post(OPEN, json=body(), headers=headers)
    assert (answer.status_code, error(answer)) == (403, "foreign_origin")
    assert (state(hall), hall.refused) == (before, {"foreign_origin": 1})


def test_an_order_from_our_own_page_is_taken(chair: TestClient) -> None:
    headers = {"origin": "http://hall.local", "sec-fetch-site": "same-origin"}
    assert chair.post(OPEN, json=body(), headers=headers).status_code == 200


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_nobody_gives_an_order_without_signing_in(
    client: TestClient, hall: FakeHall, name: str
) -> None:
    before = state(hall)
    answer = client.post(f"/api/commands/{name}", json=body())
    assert (answer.status_code, error(answer)) == (401, "not_signed_in")
    assert (state(hall), hall.refused) == (before, {"not_signed_in": 1})


def test_an_invented_session_is_refused(client: TestClient, hall: FakeHall) -> None:
    client.cookies.set("dobush_session", "A" * 43)
    answer = client.post(OPEN, json=body())
    assert (answer.status_code, error(answer)) == (401, "session_expired")
    assert hall.orders == []


def test_a_session_ends_after_its_hours(chair: TestClient, hall: FakeHall, clock: Clock) -> None:
    clock.now_s += 12 * 3_600 - 1
    assert chair.get("/api/chair").status_code == 200
    clock.now_s += 1
    answer = chair.post(OPEN, json=body())
    assert (answer.status_code, error(answer)) == (401, "session_expired")
    assert hall.orders == []


def test_what_was_refused_stands_in_health(chair: TestClient) -> None:
    chair.post(OPEN, content=b"{", headers={"content-type": "application/json"})
    chair.post("/api/session", json={"password": "no"})
    assert chair.get("/api/health").json()["refused"] == {"bad_json": 1, "wrong_password": 1}
    assert PASSWORD not in chair.get("/api/health").text
