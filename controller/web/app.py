"""Puts the pages and the API of one hall together: ``create_app`` is all that the hall needs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from controller.locale import LANGUAGES, Catalogs, sort_key
from controller.web.api import Api
from controller.web.auth import AttemptLimit, Sessions
from controller.web.guard import Guard
from controller.web.live import Live
from controller.web.pages import Pages, mount_static, request_language
from controller.web.port import HallPort, Json
from controller.web.problems import Problem, problem_response
from controller.web.settings import WebSettings

_HTTP_PROBLEMS: Final = {404: "not_found", 405: "wrong_method", 400: "bad_json"}


def create_app(
    hall: HallPort,
    settings: WebSettings,
    now_s: Callable[[], float] = time.time,
    catalogs: Catalogs | None = None,
) -> FastAPI:
    """The application of one hall; ``now_s`` is Unix time, for sessions and sign-in limits."""
    words = catalogs if catalogs is not None else Catalogs()
    sessions = Sessions(settings, now_s)
    attempts = AttemptLimit(settings, now_s)
    ordering = Ordering()
    live = Live(hall, settings, ordering.decorate)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        task = asyncio.create_task(live.run(), name="live-feed")
        yield
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    app = FastAPI(
        title="Dobush",
        summary="Open electronic voting of a council hall",
        version="1",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )

    def refuse(request: Request, problem: Problem) -> Response:
        hall.count_refusal(problem.name)
        language = request_language(request, settings.default_language)
        return problem_response(problem, words, language)

    async def on_problem(request: Request, error: Exception) -> Response:
        return refuse(request, _as_problem(error))

    for kind in (Problem, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, on_problem)
    app.include_router(Api(hall, settings, live, sessions, attempts, ordering.decorate).routes())
    app.include_router(Pages(hall, settings, words, sessions).routes())
    mount_static(app)
    app.add_middleware(Guard, body_bytes_max=settings.body_bytes_max, refuse=refuse)
    app.state.live = live
    return app


def _as_problem(error: Exception) -> Problem:
    if isinstance(error, Problem):
        return error
    if isinstance(error, HTTPException):
        return Problem(_HTTP_PROBLEMS.get(error.status_code, "not_found"))
    return Problem("wrong_fields", detail=str(error)[:200])


class Ordering:
    """Adds the alphabetical order of the deputies; a roster is sorted once, not every time."""

    def __init__(self) -> None:
        self._roster: list[tuple[str, Json]] = []
        self._order: dict[str, list[str]] = {}

    def decorate(self, board: Json) -> Json:
        """``board`` with ``order``: deputies' ids by language."""
        roster = [(deputy["id"], deputy["name"]) for deputy in board["deputies"]]
        if roster != self._roster or not self._order:
            self._roster = roster
            self._order = {
                language: [
                    identifier
                    for identifier, _ in sorted(
                        roster, key=lambda entry: sort_key(entry[1][language]["sort"], language)
                    )
                ]
                for language in LANGUAGES
            }
        return {**board, "order": self._order}
