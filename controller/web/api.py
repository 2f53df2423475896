"""The API for outside programs and for our own pages: snapshots, live feed, orders, session."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, Any, Final

import anyio.to_thread
import msgspec
from fastapi import APIRouter, Depends, Request, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.responses import PlainTextResponse, StreamingResponse

from controller.core.refusals import Refused
from controller.web import models
from controller.web.auth import AttemptLimit, Sessions, password_matches
from controller.web.live import Live
from controller.web.orders import COMMANDS, body_schema, read_json, read_order
from controller.web.port import HallPort, Json
from controller.web.problems import Problem
from controller.web.settings import WebSettings

SESSION_COOKIE: Final = "dobush_session"
_CHAIR: Final = "chair"
_NO_STORE: Final = {"cache-control": "no-store"}


class CredentialsBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the sign-in page sends."""

    password: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]


class Api:
    """The handlers; each asks the hall and adds nothing of its own to what is true."""

    def __init__(
        self,
        hall: HallPort,
        settings: WebSettings,
        live: Live,
        sessions: Sessions,
        attempts: AttemptLimit,
        decorate: Callable[[Json], Json],
    ) -> None:
        self._hall = hall
        self._settings = settings
        self._live = live
        self._sessions = sessions
        self._attempts = attempts
        self._decorate = decorate
        self._guessing = anyio.CapacityLimiter(1)
        self._exporting = anyio.CapacityLimiter(1)

    def routes(self) -> APIRouter:
        """All routes under /api."""
        router = APIRouter(prefix="/api", responses=_PROBLEMS)
        router.get("/health", summary="State of the service and counts of what was refused")(
            self.health
        )
        router.get("/sitting", response_model=None, responses={200: {"model": models.Sitting}})(
            self.sitting
        )
        router.get(
            "/live", response_class=EventSourceResponse, summary="Snapshots as they change (SSE)"
        )(self._live_route(chair=False))
        router.get("/votes/{vote}", response_model=None, summary="The record of one vote")(
            self.vote
        )
        router.get(
            "/ledger/checkpoint",
            response_class=PlainTextResponse,
            summary="Newest signed checkpoint (C2SP note)",
        )(self.checkpoint)
        router.get(
            "/ledger/export",
            response_class=StreamingResponse,
            summary="The whole ledger (CBOR sequence)",
        )(self.export)
        router.get("/chair", response_model=None, summary="Snapshot with the chair's steps")(
            self.chair
        )
        router.get(
            "/chair/live",
            response_class=EventSourceResponse,
            summary="The chair's snapshots as they change (SSE)",
        )(self._live_route(chair=True))
        router.get("/session", response_model=models.SessionState)(self.session)
        router.post(
            "/session",
            response_model=None,
            status_code=204,
            openapi_extra=_body_of(models.Credentials.model_json_schema()),
        )(self.sign_in)
        router.delete("/session", response_model=None, status_code=204)(self.sign_out)
        for name, command in COMMANDS.items():
            router.post(
                f"/commands/{name}",
                response_model=None,
                responses={200: {"model": models.AcceptedOrder}},
                openapi_extra=_body_of(body_schema(name)),
                operation_id=name,
                summary=name.replace("_", " ").capitalize(),
                description=command.__doc__ or "",
                tags=["orders"],
            )(self._order_route(name))
        router.post("/commands/{name}", include_in_schema=False)(self.unknown_command)
        return router

    async def health(self) -> Json:
        """The hall's own health and the number of those who watch."""
        return {**self._hall.health(), "viewers": self._live.viewers}

    async def sitting(self) -> Response:
        """The public snapshot."""
        return _json(self._decorate(self._hall.board()))

    async def vote(self, vote: str) -> Response:
        """One vote's record."""
        found = self._hall.vote(vote)
        if isinstance(found, Refused):
            raise Problem(found.reason.value)
        return _json(found)

    async def checkpoint(self) -> Response:
        """The text that stands on the board and on every printed sheet."""
        return PlainTextResponse(self._hall.checkpoint(), headers=_NO_STORE)

    async def export(self) -> Response:
        """Made in a worker thread, one piece at a time for all readers: the hall goes on."""
        return StreamingResponse(
            self._pieces(),
            media_type="application/cbor-seq",
            headers={
                **_NO_STORE,
                "content-disposition": 'attachment; filename="ledger.cborseq"',
            },
        )

    async def _pieces(self) -> AsyncIterator[bytes]:
        pieces = self._hall.export()
        while piece := await anyio.to_thread.run_sync(next, pieces, b"", limiter=self._exporting):
            yield piece

    async def chair(self, request: Request) -> Response:
        """The snapshot with the steps that are open to the chair now."""
        self._actor(request)
        return _json({**self._decorate(self._hall.board()), "steps": self._hall.steps()})

    async def session(self, request: Request) -> models.SessionState:
        """Whether this browser is signed in."""
        return models.SessionState(signed_in=bool(self._token_actor(request)))

    async def sign_in(self, request: Request) -> Response:
        """Opens a session for whoever knows the password; guessing is slow and counted."""
        credentials = read_json(await _json_body(request), CredentialsBody)
        address = request.client.host if request.client else "unknown"
        wait_s = self._attempts.wait_s(address)
        if wait_s:
            raise Problem("too_many_attempts", retry_after_s=wait_s)
        right = await anyio.to_thread.run_sync(
            password_matches,
            self._settings.password_file,
            credentials.password,
            limiter=self._guessing,
        )
        if not right:
            raise Problem("wrong_password")
        self._attempts.forgive(address)
        response = Response(status_code=204, headers=_NO_STORE)
        response.set_cookie(
            SESSION_COOKIE,
            self._sessions.open(_CHAIR),
            max_age=self._settings.session_hours * 3_600,
            httponly=True,
            samesite="strict",
            secure=self._settings.secure_cookie,
        )
        return response

    async def sign_out(self, request: Request) -> Response:
        """Ends this browser's session."""
        self._sessions.close(request.cookies.get(SESSION_COOKIE, ""))
        response = Response(status_code=204, headers=_NO_STORE)
        response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="strict")
        return response

    async def unknown_command(self, name: str) -> Response:
        """An order that we do not know."""
        raise Problem("unknown_command", detail=name[:64])

    def _order_route(self, name: str) -> Callable[[Request], Awaitable[Response]]:
        async def give_order(request: Request) -> Response:
            actor = self._actor(request)
            order = read_order(name, await _json_body(request), actor)
            answer = await self._hall.order(order)
            if isinstance(answer, Refused):
                raise Problem(answer.reason.value, detail=answer.detail)
            return _json({"position": answer.position, "repeated": answer.repeated})

        return give_order

    def _live_route(self, *, chair: bool) -> Callable[..., AsyncIterator[ServerSentEvent]]:
        async def place(request: Request) -> AsyncIterator[Callable[[], bool]]:
            if chair:
                self._actor(request)
            self._live.enter()
            try:
                # a session that ends takes its stream with it
                yield lambda: not chair or bool(self._token_actor(request))
            finally:
                self._live.leave()

        a_place = Depends(place)

        async def stream(
            allowed: Callable[[], bool] = a_place,
        ) -> AsyncIterator[ServerSentEvent]:
            async for event in self._live.watch(chair=chair, allowed=allowed):
                yield event

        return stream

    def _token_actor(self, request: Request) -> str:
        return self._sessions.actor(request.cookies.get(SESSION_COOKIE, ""))

    def _actor(self, request: Request) -> str:
        actor = self._token_actor(request)
        if not actor:
            raise Problem(
                "session_expired" if SESSION_COOKIE in request.cookies else "not_signed_in"
            )
        return actor


async def _json_body(request: Request) -> bytes:
    """The body, if it says that it is JSON: a form of another site cannot say so."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != "application/json":
        raise Problem("wrong_content_type", detail=kind[:64])
    return await request.body()


def _json(value: Json) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json", headers=_NO_STORE)


def _body_of(schema: Json) -> Json:
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


_PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    "default": {
        "description": "A named error",
        "content": {"application/problem+json": {"schema": models.ProblemBody.model_json_schema()}},
    },
}
