"""The pages that people open: three doors, the board, the chair's desk and its sign-in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, FastAPI, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from controller.locale import LANGUAGES, Catalogs, Language, as_language
from controller.web.api import SESSION_COOKIE
from controller.web.auth import Sessions
from controller.web.port import HallPort
from controller.web.settings import WebSettings

STATIC_FOLDER: Final = Path(__file__).parent / "static"
_TEMPLATES: Final = Path(__file__).parent / "templates"
_LANGUAGE_COOKIE: Final = "dobush_language"
_CHAIR_WORDS: Final = (
    *("chair.", "step.", "shows.", "why."),
    *("board.", "vote.", "presence.", "live.", "error."),
)
_YEAR_S: Final = 365 * 24 * 3_600
_LANGUAGE_NAMES: Final = {"ru": "Русский", "ky": "Кыргызча", "en": "English"}


class Pages:
    """Fills the templates; every page knows its language and carries only the words it needs."""

    def __init__(
        self, hall: HallPort, settings: WebSettings, catalogs: Catalogs, sessions: Sessions
    ) -> None:
        self._hall = hall
        self._settings = settings
        self._catalogs = catalogs
        self._sessions = sessions
        self._templates = Environment(
            loader=FileSystemLoader(_TEMPLATES),
            autoescape=select_autoescape(default=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def routes(self) -> APIRouter:
        """The routes of all pages."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route("/", self.doors, methods=["GET"], response_class=HTMLResponse)
        router.add_api_route("/board", self.board, methods=["GET"], response_class=HTMLResponse)
        router.add_api_route("/chair", self.chair, methods=["GET"], response_class=HTMLResponse)
        router.add_api_route("/sign-in", self.sign_in, methods=["GET"], response_class=HTMLResponse)
        return router

    async def doors(self, request: Request) -> Response:
        """Three doors with one sentence each."""
        return self._page(request, "doors.html", ())

    async def board(self, request: Request) -> Response:
        """The hall's board."""
        return self._page(request, "board.html", ("board.", "vote.", "presence.", "live."))

    async def chair(self, request: Request) -> Response:
        """The chair's desk; whoever is not signed in is led to the sign-in page."""
        if not self._sessions.actor(request.cookies.get(SESSION_COOKIE, "")):
            language = request_language(request, self._settings.default_language)
            return RedirectResponse(f"/sign-in?lang={language}", status_code=303)
        return self._page(request, "chair.html", _CHAIR_WORDS)

    async def sign_in(self, request: Request) -> Response:
        """One field: the hall's password."""
        return self._page(request, "sign_in.html", ("sign_in.", "error."))

    def _page(self, request: Request, template: str, prefixes: tuple[str, ...]) -> Response:
        language = request_language(request, self._settings.default_language)
        board = self._hall.board()
        content = self._templates.get_template(template).render(
            language=language,
            languages=[(code, _LANGUAGE_NAMES[code]) for code in LANGUAGES],
            path=request.url.path,
            # before a plan there is neither a hall's name nor a sitting's title
            hall_name=board["hall"]["name"][language] if board["hall"] else "",
            sitting_title=board["sitting"]["title"][language] if board["hall"] else "",
            virtual_hall_url=self._settings.virtual_hall_url,
            words=data_block(dict(self._catalogs.words(language, prefixes))),
            t=lambda key, **values: self._catalogs.text(language, key, **values),
        )
        response = HTMLResponse(content, headers={"cache-control": "no-store"})
        if as_language(request.query_params.get("lang")) is not None:
            response.set_cookie(
                _LANGUAGE_COOKIE, language, max_age=_YEAR_S, samesite="lax", httponly=True
            )
        return response


def request_language(request: Request, default: Language) -> Language:
    """The language of the address, else the last choice, else the browser's, else the hall's."""
    for asked in (request.query_params.get("lang"), request.cookies.get(_LANGUAGE_COOKIE)):
        language = as_language(asked)
        if language is not None:
            return language
    for part in request.headers.get("accept-language", "")[:200].split(","):
        language = as_language(part.split(";")[0].strip().split("-")[0].lower())
        if language is not None:
            return language
    return default


def data_block(value: Any) -> Markup:
    """``value`` as JSON for a script element of data: no character in it can end the element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character, escaped in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
        text = text.replace(character, escaped)
    return Markup(text)  # noqa: S704 - escaped above; JSON only


def mount_static(app: FastAPI) -> None:
    """Serves our scripts, styles and fonts; the only files that the pages load."""
    app.mount("/static", StaticFiles(directory=STATIC_FOLDER), name="static")
