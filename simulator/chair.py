"""The chair at the controller's HTTP interface: signs in, gives orders, reads what everybody reads.

Only what an outside program can do: requests and answers, one connection for each. Orders carry an
id made here, so an order whose answer was lost is sent again without being given twice.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import time
import uuid
from typing import Any, NamedTuple

HOST = "127.0.0.1"
_TIMEOUT_S = 15.0
_RETRY_S = 0.2


class HallSilent(ConnectionError):  # noqa: N818 - it says what happened
    """No answer: the controller is not there or did not answer in time."""


class Answer(NamedTuple):
    status: int
    body: bytes
    cookie: str

    def json(self) -> Any:
        return json.loads(self.body)


class Chair:
    """One person with a session. ``sign_in`` comes before the first order."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._cookie = ""

    async def sign_in(self, password: str) -> None:
        """Open a session; raises PermissionError when the password is refused."""
        answer = await self._ask("POST", "/api/session", {"password": password})
        if answer.status != 204:
            raise PermissionError(f"sign-in was answered with {answer.status}")
        self._cookie = answer.cookie.split(";")[0]

    async def order(self, name: str, fields: dict[str, Any], timeout_s: float = 20.0) -> str:
        """Give an order until it is answered: "" accepted, else the refusal's name."""
        body = {"id": str(uuid.uuid4()), **fields}
        end = time.monotonic() + timeout_s
        while True:
            try:
                answer = await self._ask("POST", f"/api/commands/{name}", body)
            except HallSilent:
                if time.monotonic() > end:
                    raise
                await asyncio.sleep(_RETRY_S)
                continue
            return "" if answer.status == 200 else str(answer.json().get("error", answer.status))

    async def get(self, path: str) -> bytes:
        """The body of a public address; raises HallSilent for anything but 200."""
        answer = await self._ask("GET", path, None)
        if answer.status != 200:
            raise HallSilent(f"{path} was answered with {answer.status}")
        return answer.body

    async def get_json(self, path: str) -> Any:
        """The same, as JSON."""
        return json.loads(await self.get(path))

    async def _ask(self, method: str, path: str, body: dict[str, Any] | None) -> Answer:
        return await asyncio.to_thread(self._ask_blocking, method, path, body)

    def _ask_blocking(self, method: str, path: str, body: dict[str, Any] | None) -> Answer:
        connection = http.client.HTTPConnection(HOST, self._port, timeout=_TIMEOUT_S)
        headers = {"accept": "application/json"}
        if self._cookie:
            headers["cookie"] = self._cookie
        if body is not None:
            headers |= {
                "content-type": "application/json",
                "origin": f"http://{HOST}:{self._port}",
            }
        try:
            content = None if body is None else json.dumps(body).encode()
            connection.request(method, path, content, headers)
            response = connection.getresponse()
            return Answer(response.status, response.read(), response.getheader("set-cookie", ""))
        except (OSError, http.client.HTTPException) as error:
            raise HallSilent(f"{method} {path}: {error}") from error
        finally:
            connection.close()
