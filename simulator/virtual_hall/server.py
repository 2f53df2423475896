"""The virtual hall's server: its page, the seats as JSON, their changes as events, and hands.

Promises: it serves this machine only, changes something only for its own page, and answers with
nothing but what a person in the hall could see. It casts no vote: a press here moves the contact of
a simulated button, and the seat's firmware does the rest.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final, Literal, NamedTuple, TypeVar

import msgspec
from fastapi import FastAPI, HTTPException, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.middleware.base import RequestResponseEndpoint
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.staticfiles import StaticFiles

from controller.locale import LANGUAGES, Catalogs, Language
from controller.web.guard import SECURITY_HEADERS
from controller.web.pages import STATIC_FOLDER, data_block, request_language
from simulator.virtual_hall.port import Button, CrowdAction, SeatsPort

_HERE: Final = Path(__file__).parent
_CONTROLLER_TEMPLATES: Final = STATIC_FOLDER.parent / "templates"
_PAGE: Final = "hall.html"
_LANGUAGE: Final[Language] = "ru"
_WORDS: Final = ("hall.", "board.", "vote.", "presence.", "live.")
_LANGUAGE_NAMES: Final = {"ru": "Русский", "ky": "Кыргызча", "en": "English"}
_BODY_BYTES_MAX: Final = 1024
_LIVE_INTERVAL_S: Final = 0.05  # changes in between travel together
_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_LOCAL: Final = frozenset({"127.0.0.1", "::1", "testclient"})


class Links(NamedTuple):
    """The controller's pages, and the hosts by which this server may be called."""

    board: str
    chair: str
    hosts: frozenset[str]


class ButtonBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    button: Button


class BadgeBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    is_in: bool = msgspec.field(name="in")


class PowerBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    is_on: bool = msgspec.field(name="on")


class CrowdBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    action: CrowdAction


Shape = TypeVar("Shape", bound=msgspec.Struct)


def create_app(seats: SeatsPort, links: Links) -> FastAPI:
    """The application; mount it on loopback only."""
    app = FastAPI(title="Dobush virtual hall", openapi_url=None, docs_url=None, redoc_url=None)
    hall = _VirtualHall(seats, links)
    app.add_api_route("/", hall.page, methods=["GET"], response_class=HTMLResponse)
    app.add_api_route("/api/seats", hall.all_seats, methods=["GET"])
    app.add_api_route("/api/seats/{terminal}/screen.png", hall.screen, methods=["GET"])
    app.get("/api/live", response_class=EventSourceResponse)(hall.live)
    app.add_api_route("/api/seats/{terminal}/{touch}", hall.touch, methods=["POST"])
    app.add_api_route("/api/crowd", hall.crowd, methods=["POST"])
    app.mount("/static", StaticFiles(directory=STATIC_FOLDER), name="static")
    app.mount("/hall-static", StaticFiles(directory=_HERE / "static"), name="hall-static")

    @app.middleware("http")
    async def guard(request: Request, handle: RequestResponseEndpoint) -> Response:
        refused = hall.refusal(request)
        if refused is not None:
            answer: Response = JSONResponse({"error": refused}, status_code=403)
        else:
            answer = await handle(request)
        for name, value in SECURITY_HEADERS.items():
            answer.headers.setdefault(name, value)
        return answer

    return app


class _VirtualHall:
    def __init__(self, seats: SeatsPort, links: Links) -> None:
        self._seats = seats
        self._links = links
        self._known = frozenset(seats.terminals)
        self._catalogs = Catalogs()
        self._templates = Environment(
            loader=FileSystemLoader([_HERE / "templates", _CONTROLLER_TEMPLATES]),
            autoescape=select_autoescape(default=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def refusal(self, request: Request) -> str | None:
        """Why this request is not served: another machine's, another site's, another name's."""
        if request.client is None or request.client.host not in _LOCAL:
            return "not_local"
        if request.headers.get("host", "") not in self._links.hosts:
            return "foreign_host"
        if request.method in _SAFE_METHODS:
            return None
        origin = request.headers.get("origin")
        if origin is not None and origin != f"http://{request.headers['host']}":
            return "foreign_origin"
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return "foreign_origin"
        kind = request.headers.get("content-type", "").split(";")[0].strip()
        return None if kind == "application/json" else "wrong_content_type"

    async def page(self, request: Request) -> HTMLResponse:
        """The page, in the language that is asked for."""
        language = request_language(request, _LANGUAGE)
        content = self._templates.get_template(_PAGE).render(
            language=language,
            languages=[(code, _LANGUAGE_NAMES[code]) for code in LANGUAGES],
            path=request.url.path,
            board_url=self._links.board,
            chair_url=self._links.chair,
            words=data_block(dict(self._catalogs.words(language, _WORDS))),
            t=lambda key, **values: self._catalogs.text(language, key, **values),
        )
        return HTMLResponse(content, headers={"cache-control": "no-store"})

    async def all_seats(self) -> list[dict[str, object]]:
        return [self._seats.seat(terminal) for terminal in self._seats.terminals]

    async def screen(self, terminal: str) -> Response:
        """The picture; its address carries the revision, so each is asked for once."""
        self._check(terminal)
        headers = {"cache-control": "no-store"}
        return Response(self._seats.screen_png(terminal), media_type="image/png", headers=headers)

    async def live(self) -> AsyncIterator[ServerSentEvent]:
        """All seats first, then those that changed."""
        watcher = self._seats.watch()
        try:
            yield ServerSentEvent(data=await self.all_seats(), event="seats")
            while True:
                changed = await watcher.next()
                seats = [self._seats.seat(terminal) for terminal in sorted(changed)]
                yield ServerSentEvent(data=seats, event="seats")
                await asyncio.sleep(_LIVE_INTERVAL_S)
        finally:
            watcher.close()

    async def touch(
        self,
        terminal: str,
        touch: Literal["press", "release", "badge", "power"],
        request: Request,
    ) -> Response:
        """A hand does something at one seat."""
        self._check(terminal)
        match touch:
            case "press":
                self._seats.press(terminal, (await _read(request, ButtonBody)).button)
            case "release":
                self._seats.release(terminal, (await _read(request, ButtonBody)).button)
            case "badge":
                self._seats.badge(terminal, (await _read(request, BadgeBody)).is_in)
            case "power":
                await self._seats.power(terminal, (await _read(request, PowerBody)).is_on)
        return Response(status_code=204)

    async def crowd(self, request: Request) -> Response:
        """Everybody does something."""
        await self._seats.crowd((await _read(request, CrowdBody)).action)
        return Response(status_code=204)

    def _check(self, terminal: str) -> None:
        if terminal not in self._known:
            raise HTTPException(404, "unknown_terminal")


async def _read(request: Request, shape: type[Shape]) -> Shape:
    content = b""
    async for part in request.stream():
        content += part
        if len(content) > _BODY_BYTES_MAX:
            raise HTTPException(413, "body_too_large")
    try:
        return msgspec.json.decode(content, type=shape)
    except msgspec.DecodeError as error:
        raise HTTPException(422, str(error)) from error
