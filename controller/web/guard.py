"""Stands before every request: security headers, size of bodies, origin of orders. Pure ASGI.

A request that is refused here never reaches a handler, and is counted by its error's name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from controller.web.problems import Problem

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self';"
    " connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)
SECURITY_HEADERS: Final = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_SITES: Final = frozenset({"same-origin", "none"})


class _TooLarge(Exception):  # noqa: N818 - a limit that was reached, not a fault of the program
    pass


class Guard:
    """Wraps the application; ``refuse`` turns a problem into an answer and counts it."""

    def __init__(
        self,
        app: ASGIApp,
        body_bytes_max: int,
        refuse: Callable[[Request, Problem], Response],
    ) -> None:
        self._app = app
        self._body_bytes_max = body_bytes_max
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        request = Request(scope)
        problem = self._judge(scope)
        if problem is not None:
            await self._refuse(request, problem)(scope, receive, send_with_headers)
            return
        try:
            await self._app(scope, self._bounded(receive), send_with_headers)
        except _TooLarge:
            if started:
                raise
            answer = self._refuse(request, Problem("body_too_large"))
            await answer(scope, receive, send_with_headers)

    def _judge(self, scope: Scope) -> Problem | None:
        headers = Headers(scope=scope)
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit() or int(length) > self._body_bytes_max:
            return Problem("body_too_large")
        if scope["method"] not in _SAFE_METHODS and not _is_own_origin(headers):
            return Problem("foreign_origin")
        return None

    def _bounded(self, receive: Receive) -> Receive:
        received = 0

        async def bounded() -> Message:
            nonlocal received
            message = await receive()
            if message["type"] == "http.request":
                received += len(message.get("body", b""))
                if received > self._body_bytes_max:
                    raise _TooLarge
            return message

        return bounded


def _is_own_origin(headers: Headers) -> bool:
    """Whether an order comes from our own pages, or from a program that is no browser."""
    if headers.get("sec-fetch-site", "none") not in _OWN_SITES:
        return False
    origin = headers.get("origin")
    if origin is None:
        return True
    _, _, site = origin.partition("://")
    return bool(site) and site == headers.get("host")
