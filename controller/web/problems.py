"""The errors of the API: a stable name for programs, a sentence in their language for people."""

from __future__ import annotations

from typing import Final

from starlette.responses import JSONResponse

from controller.core.refusals import RefusalReason
from controller.locale import Catalogs

# name -> HTTP status; every other refusal of the hall is 409
WEB_ERRORS: Final = {
    "bad_json": 400,
    "not_signed_in": 401,
    "session_expired": 401,
    "wrong_password": 401,
    "foreign_origin": 403,
    "not_found": 404,
    "unknown_command": 404,
    "wrong_method": 405,
    "body_too_large": 413,
    "wrong_content_type": 415,
    "wrong_fields": 422,
    "too_many_attempts": 429,
    "too_many_viewers": 503,
    "hall_stopping": 503,
    "hall_busy": 503,
}
REFUSAL_STATUS: Final = 409


class Problem(Exception):  # noqa: N818 - an answer to a request, not a fault of the program
    """Ends the handling of a request with a named error."""

    def __init__(self, name: str, *, detail: str = "", retry_after_s: int = 0) -> None:
        super().__init__(name)
        self.name = name
        self.detail = detail
        self.retry_after_s = retry_after_s

    @property
    def status(self) -> int:
        """The HTTP status of this error."""
        return WEB_ERRORS.get(self.name, REFUSAL_STATUS)


class ProblemResponse(JSONResponse):
    """``{"error": name, "message": sentence}``."""

    media_type = "application/problem+json"


def problem_response(problem: Problem, catalogs: Catalogs, language: str) -> ProblemResponse:
    """The answer that a program and a person both understand."""
    headers = {"cache-control": "no-store"}
    if problem.retry_after_s:
        headers["retry-after"] = str(problem.retry_after_s)
        message = catalogs.counted(language, "error.try_again_in", problem.retry_after_s)
        message = catalogs.text(language, f"error.{problem.name}") + " " + message
    else:
        message = catalogs.text(language, f"error.{problem.name}")
    body = {"error": problem.name, "message": message}
    return ProblemResponse(body, status_code=problem.status, headers=headers)


def all_error_names() -> tuple[str, ...]:
    """Every name that ``error`` can have."""
    return tuple(dict.fromkeys((*WEB_ERRORS, *(reason.value for reason in RefusalReason))))
