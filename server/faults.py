# SPDX-License-Identifier: Apache-2.0
"""How the platform says no: a status, a code for the program, words for the person, and nothing of what was sent."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from session import EnvironmentFault, FairWitnessError, InputFault, IntegrityFault

log = logging.getLogger("fairwitness.server.faults")


class RefusalError(FairWitnessError):
    """A request that is refused on purpose.

    Args:
        status: of HTTP.
        code: one word for the client's program, as in docs/architecture.md.
        detail: what the person should do; never repeats what was sent.
        more: further members of the JSON body, such as `missing`.
        headers: further headers, such as `Retry-After`.
        note: a body of its own as `text/plain` instead of JSON (a witness's 409).
    """

    def __init__(  # noqa: PLR0913 - one argument for each part of an answer
        self,
        status: int,
        code: str,
        detail: str,
        *,
        more: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        note: bytes | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.more = dict(more or {})
        self.headers = dict(headers or {})
        self.note = note


def unknown(what: str) -> RefusalError:
    """404 for what is not there, and for what the caller may not know to be there."""
    return RefusalError(404, "unknown", f"There is no such {what} here.")


def answer(refusal: RefusalError) -> Response:
    """The response that says it."""
    if refusal.note is not None:
        return Response(refusal.note, refusal.status, headers=refusal.headers, media_type="text/plain")
    body = json.dumps({"error": refusal.code, "detail": refusal.detail, **refusal.more}, ensure_ascii=False)
    headers = {"Cache-Control": "no-store", **refusal.headers}
    return Response(body, refusal.status, headers=headers, media_type="application/json")


async def _on_refusal(_request: Request, error: Exception) -> Response:
    if not isinstance(error, RefusalError):
        raise error
    return answer(error)


async def _on_input(_request: Request, error: Exception) -> Response:
    return answer(RefusalError(422, "input", str(error)))


async def _on_environment(_request: Request, error: Exception) -> Response:
    log.error("environment kind=%s", type(error).__name__)
    detail = "The platform cannot do this now. Nothing was changed; try again later."
    return answer(RefusalError(503, "environment", detail, headers={"Retry-After": "60"}))


async def _on_integrity(_request: Request, error: Exception) -> Response:
    return answer(RefusalError(422, "integrity", str(error)))


async def _on_parameter(_request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    fields = sorted({".".join(str(part) for part in item["loc"]) for item in error.errors()})
    return answer(RefusalError(422, "input", f"Cannot be taken: {', '.join(fields)}."))


async def _on_http(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    status = HTTPStatus(error.status_code)
    code = {404: "unknown", 405: "method"}.get(status, "http")
    return answer(RefusalError(status, code, f"{status.phrase}.", headers=error.headers))


async def _on_hung_up(_request: Request, _error: Exception) -> Response:
    # Everyday weather: the client went away inside its own request, and nobody reads this answer.
    return answer(RefusalError(400, "incomplete", "The request broke off before its end. Send it again."))


async def _on_bug(request: Request, error: Exception) -> Response:
    # The traceback goes to the log through uvicorn; its statements carry no parameters (see store.engine).
    log.error("bug kind=%s method=%s", type(error).__name__, request.method)
    return answer(RefusalError(500, "fault", "The platform failed. Nothing was changed; try again later."))


def install(app: FastAPI) -> None:
    """Every error of `app` leaves as `{"error", "detail"}`."""
    app.add_exception_handler(RefusalError, _on_refusal)
    app.add_exception_handler(InputFault, _on_input)
    app.add_exception_handler(EnvironmentFault, _on_environment)
    app.add_exception_handler(IntegrityFault, _on_integrity)
    app.add_exception_handler(RequestValidationError, _on_parameter)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(ClientDisconnect, _on_hung_up)
    app.add_exception_handler(Exception, _on_bug)
