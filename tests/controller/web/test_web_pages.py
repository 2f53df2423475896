"""Pages and public answers: languages, shapes, headers, and no address but our own."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from controller.web import models
from controller.web.app import Ordering, create_app
from controller.web.orders import COMMANDS
from controller.web.pages import STATIC_FOLDER, data_block
from controller.web.problems import all_error_names
from controller.web.settings import WebSettings
from tests.controller.web.client import TestClient
from tests.controller.web.fake_hall import STATES, FakeHall

PAGES = ("/", "/board", "/sign-in")
_OUTSIDE = re.compile(r"""(?:src|href|url\(|import\s[^;]*?from)\s*[=(]?\s*["']?(?:https?:)?//""")


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("seats", [51, 101])
def test_the_snapshot_has_the_promised_shape_in_every_state(state: str, seats: int) -> None:
    board = Ordering().decorate(FakeHall(seats).go(state).board())
    models.Sitting.model_validate(board)


def test_while_a_vote_is_open_no_choice_and_no_total_leaves_the_hall(
    hall: FakeHall, client: TestClient
) -> None:
    hall.go("voting")
    sitting = client.get("/api/sitting").json()
    assert sitting["vote"]["result"] is None
    assert {deputy["value"] for deputy in sitting["deputies"]} == {None}
    assert any(deputy["voted"] for deputy in sitting["deputies"])


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["ru", "ky", "en"])
def test_a_page_speaks_the_language_of_its_address(
    client: TestClient, page: str, language: str
) -> None:
    answer = client.get(f"{page}?lang={language}")
    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.text
    for other in ("ru", "ky", "en"):
        assert f'{page}?lang={other}"' in answer.text


def test_the_chosen_language_is_remembered(client: TestClient) -> None:
    client.get("/?lang=ky")
    assert '<html lang="ky"' in client.get("/board").text


def test_russian_is_spoken_to_those_who_ask_for_nothing_we_know(client: TestClient) -> None:
    answer = client.get("/?lang=xx", headers={"accept-language": "fr, *"})
    assert '<html lang="ru"' in answer.text


def test_the_chair_is_led_to_sign_in_first(client: TestClient) -> None:
    answer = client.get("/chair?lang=ky", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?lang=ky")


def test_the_door_to_the_virtual_hall_is_there_only_if_there_is_one(
    client: TestClient, hall: FakeHall, tmp_path: Path
) -> None:
    assert "http://localhost:9/" in client.get("/").text
    settings = WebSettings(password_file=tmp_path / "p", session_file=tmp_path / "s")
    assert client.get("/").text.count('class="door"') == 3
    assert TestClient(create_app(hall, settings)).get("/").text.count('class="door"') == 2


@pytest.mark.parametrize(
    "address", [*PAGES, "/api/sitting", "/api/none", "/static/base.css", "/api/health"]
)
def test_every_answer_carries_the_security_headers(client: TestClient, address: str) -> None:
    headers = client.get(address).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy and "http" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_no_inline_script_or_style(chair: TestClient, page: str) -> None:
    content = chair.get(page).text
    assert "<style" not in content and 'style="' not in content
    assert not re.search(r"\son[a-z]+=", content)
    for attributes in re.findall(r"<script([^>]*)>", content):
        assert "src=" in attributes or 'type="application/json"' in attributes


def test_no_file_of_the_pages_names_another_site() -> None:
    files = [
        *STATIC_FOLDER.rglob("*.js"),
        *STATIC_FOLDER.rglob("*.css"),
        *(STATIC_FOLDER.parent / "templates").glob("*.html"),
    ]
    assert len(files) > 15
    for file in files:
        assert not _OUTSIDE.search(file.read_text(encoding="utf-8")), file


def test_a_data_block_cannot_end_its_element() -> None:
    block = str(data_block({"a": "</script><script>alert(1)</script>&"}))
    assert "<" not in block and ">" not in block and "&" not in block


def test_names_of_the_hall_are_escaped(hall: FakeHall, client: TestClient) -> None:
    original = hall.board

    def board() -> dict[str, object]:
        made = original()
        made["hall"]["name"] = dict.fromkeys(("ru", "ky", "en"), "<b>&\"'")
        return made

    hall.board = board  # type: ignore[method-assign]
    assert "<b>" not in client.get("/").text


def test_pages_open_before_there_is_a_plan(tmp_path: Path, hall: FakeHall) -> None:
    class Unplanned(FakeHall):
        def give(self, command: object) -> None:
            return None

    settings = WebSettings(password_file=tmp_path / "p", session_file=tmp_path / "s")
    with TestClient(create_app(Unplanned(3), settings)) as client:
        assert client.get("/").status_code == 200
        assert client.get("/board").status_code == 200
        assert client.get("/api/sitting").json()["sitting"]["phase"] == "none"


def test_deputies_are_ordered_by_the_alphabet_of_each_language(client: TestClient) -> None:
    sitting = client.get("/api/sitting").json()
    ids = {deputy["id"] for deputy in sitting["deputies"]}
    for language in ("ru", "ky", "en"):
        assert set(sitting["order"][language]) == ids


def test_one_vote_can_be_read_and_an_unknown_one_is_named(
    hall: FakeHall, client: TestClient
) -> None:
    hall.go("closed")
    assert client.get("/api/votes/v1").json()["vote"]["id"] == "v1"
    answer = client.get("/api/votes/v9")
    assert (answer.status_code, answer.json()["error"]) == (409, "unknown_vote")


def test_the_ledger_is_exported_whole_and_the_checkpoint_is_text(client: TestClient) -> None:
    export = client.get("/api/ledger/export")
    assert (export.content, export.headers["content-type"]) == (
        b"\xa1\x01\x02",
        "application/cbor-seq",
    )
    checkpoint = client.get("/api/ledger/checkpoint")
    assert checkpoint.text.startswith("dobush/")
    assert checkpoint.headers["content-type"].startswith("text/plain")


def test_many_exports_at_once_never_read_the_ledger_at_once(
    client: TestClient, hall: FakeHall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A piece is read under the ledger's lock: a crowd of readers would hold the votes up."""
    reading = threading.Semaphore(1)

    def export() -> Iterator[bytes]:
        for _ in range(20):
            assert reading.acquire(blocking=False), "two pieces at once"
            time.sleep(0.001)
            reading.release()
            yield b"piece"

    monkeypatch.setattr(hall, "export", export)
    with ThreadPoolExecutor(8) as readers:
        answers = list(readers.map(client.get, ["/api/ledger/export"] * 8))
    assert [answer.content for answer in answers] == [b"piece" * 20] * 8


def test_the_openapi_document_names_every_endpoint_and_loads_nothing(client: TestClient) -> None:
    document = client.get("/api/openapi.json").json()
    paths = document["paths"]
    for name in COMMANDS:
        schema = paths[f"/api/commands/{name}"]["post"]["requestBody"]["content"]
        shape = schema["application/json"]["schema"]
        assert shape["additionalProperties"] is False
        assert "id" in shape["required"]
    for path in ("/api/health", "/api/sitting", "/api/live", "/api/votes/{vote}", "/api/chair"):
        assert path in paths
    for path in ("/docs", "/redoc"):
        assert client.get(path).status_code == 404


def test_the_api_document_shows_every_endpoint_and_every_error(client: TestClient) -> None:
    text = (Path(__file__).parents[3] / "docs" / "api.md").read_text(encoding="utf-8")
    for path in client.get("/api/openapi.json").json()["paths"]:
        assert f"`{path}`" in text or path.startswith("/api/commands/"), path
    for name in COMMANDS:
        assert f"`{name}`" in text

    for name in all_error_names():
        assert f"`{name}`" in text, name
